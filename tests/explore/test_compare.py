"""Two traces beside each other: what differs, where, and how it is told."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

import tensorglass as tg
from tensorglass import cli, explore
from tensorglass.explore import encode, programs
from tensorglass.explore.compare import compare, difference

SCHEMA = Path(explore.__file__).with_name("graphtrace.schema.json")


def trace(weight=2.0, size=3, more=False):
    """The document of a training step; with `more` of a graph with a node that the other has not."""
    with tg.Graph().as_default():
        x = tg.placeholder(tg.float64, [None], name="x")
        w = tg.Variable(np.float64(weight), name="w")
        y = tg.square(w * x, name="y")
        loss = tg.reduce_sum(tg.identity(y) + 0.0 if more else y, name="loss")
        train = tg.train.GradientDescentOptimizer(0.01).minimize(loss)
        session = tg.Session(backend="numpy")
        session.run(tg.compat.v1.global_variables_initializer())
        with tg.trace(title="step") as t:
            session.run([loss, train], {x: np.arange(size) + 1.0})
    return t.document()


def named(document, entries):
    names = {n["id"]: n["name"] for n in document["nodes"]}
    return {names[i]: entry for i, entry in entries.items()}


def test_the_same_program_twice():
    a, b = trace(), trace()
    text = compare(a, b)
    assert "All agree within rounding" in text
    assert "Only in" not in text
    found = named(a, a["comparison"]["runs"][0]["nodes"])
    assert found["loss"]["value"] == 0
    assert found["w"] == {"value": 0, "gradient": 0, "change": 0, "agrees": True, "part": False}


def test_what_differs_is_found_and_told():
    a, b = trace(2.0), trace(2.5)
    text = compare(a, b)
    found = named(a, a["comparison"]["runs"][0]["nodes"])
    assert found["w"]["value"] == 0.5
    assert found["loss"]["value"] == pytest.approx(14 * (2.5**2 - 2.0**2))
    assert found["w"]["gradient"] == pytest.approx(2 * 14 * 0.5)
    assert not found["loss"]["agrees"]
    assert found["loss"]["differs"] == ["value"]
    assert found["x"]["agrees"]
    assert "first the value of w in run 1: 0.5" in text
    assert b["comparison"]["runs"][0]["nodes"].keys() == a["comparison"]["runs"][0]["nodes"].keys()


def test_nodes_of_one_side_only():
    a, b = trace(), trace(more=True)
    text = compare(a, b)
    assert "add" in b["comparison"]["only_here"] or "add" in a["comparison"]["only_there"]
    assert named(b, dict.fromkeys(b["comparison"]["only_here"])).keys() >= {"add", "add/y"}
    assert a["comparison"]["only_here"] == []
    assert "Only in tensorglass: add" in text


def test_documents_follow_the_schema():
    jsonschema = pytest.importorskip("jsonschema")
    a, b = trace(), trace(np.nan, more=True)
    compare(a, b)
    for document in (a, b):
        again = json.loads(json.dumps(document, allow_nan=False))
        jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(again)


def test_large_tensors_by_all_elements_where_they_are_kept(monkeypatch):
    x = np.zeros(1000)
    y = x.copy()
    y[501] = 0.25  # not in the sample
    part = difference(encode.tensor(x), encode.tensor(y))
    assert part.part
    assert not part.agrees, "its statistics tell"
    monkeypatch.setattr(encode, "_room", 1 << 20)
    found = difference(encode.tensor(x), encode.tensor(y))
    assert (found.most, found.part) == (0.25, False)


@pytest.mark.parametrize(
    ("a", "b", "most", "agrees"),
    [
        (np.float32([1, 2]), np.float32([1, 2.00001]), 1e-5, True),
        (np.float64([1, 2]), np.float64([1, 2.00001]), 1e-5, False),
        ([1, 2], [1, 3], 1.0, False),
        ([True], [False], 1.0, False),
        ([np.nan, np.inf], [np.nan, np.inf], 0.0, True),
        ([np.nan], [1.0], np.nan, False),
        ([1.0], [np.inf], np.inf, False),
        ([[1.0]], [1.0], None, False),
        (["a"], ["a"], 0.0, True),
        (["a"], ["b"], None, False),
    ],
)
def test_differences(a, b, most, agrees):
    found = difference(encode.tensor(a), encode.tensor(b))
    assert found.most == (most if most is None else pytest.approx(most, rel=0.1, nan_ok=True))
    assert found.agrees is agrees


def test_the_command_without_tensorflow(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name, *_: None)
    script = tmp_path / "program.py"
    script.write_text("raise SystemExit('it must not run')")
    for option in ("--compare", "--tensorflow"):
        assert cli.main(["explore", option, str(script)]) == 2
        assert "tensorglass[parity]" in capsys.readouterr().err


def test_tensorflow_missing_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow.compat.v1", None)
    with pytest.raises(ImportError, match=r"tensorglass\[parity\]"), tg.trace_tensorflow():
        pass


def test_programs_written_for_tensorflow_get_ours():
    with programs.importing("tensorglass"):
        namespace = {"__name__": "__main__"}
        exec("import tensorflow.compat.v1 as a\nfrom tensorflow.compat import v1 as b", namespace)
        exec("import tensorflow as c", namespace)
    import tensorglass.compat.v1 as v1

    assert namespace["a"] is namespace["b"] is v1
    assert namespace["c"] is tg
