"""Eager code in a trace: the ops in the order of the calls, with their values, and nothing changed by it."""

import json
from pathlib import Path

import numpy as np
import pytest

import tensorglass as tg
from tensorglass import cli, explore
from tensorglass.explore.svg import to_svg

SCHEMA = Path(explore.__file__).with_name("graphtrace.schema.json")


def network(w):
    """A step of a small network, all of it eager."""
    x = tg.constant([[1.0, 2.0], [3.0, -4.0]], name="x")
    with tg.name_scope("layer"):
        h = tg.sigmoid(tg.matmul(x, w) + 0.5, name="h")
    loss = tg.reduce_mean(h * h, name="loss")
    w.assign_sub(0.1 * tg.matmul(x, h, transpose_a=True))
    return loss, tg.reduce_sum(w)


@pytest.fixture
def traced():
    """(document, loss, sum of the new weights)"""
    w = tg.Variable([[0.5, -1.0], [2.0, 0.25]], name="w")
    with tg.trace(title="eager") as t:
        loss, total = network(w)
    return t.document(), loss, total


def node(document, name):
    return next(n for n in document["nodes"] if n["name"] == name)


def names(document):
    known = {n["id"]: n["name"] for n in document["nodes"]}
    return [known[s["node"]] for s in document["runs"][0]["steps"]]


def test_ops_come_in_the_order_of_the_calls(traced):
    document, _, _ = traced
    assert names(document) == [
        "x", "w", "layer/MatMul", "layer/add/y", "layer/add", "layer/h", "mul", "Const", "loss", "MatMul",
        "mul_1/x", "mul_1", "w", "Const_1", "Sum",
    ]  # fmt: skip
    assert [s["i"] for s in document["runs"][0]["steps"]] == list(range(15))


def test_it_follows_the_schema(traced):
    jsonschema = pytest.importorskip("jsonschema")
    document = json.loads(json.dumps(traced[0], allow_nan=False))
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(document)
    assert document["runs"][0]["eager"] is True


def test_values_edges_and_lines_are_those_of_the_program(traced):
    document, loss, _ = traced
    step = next(s for s in document["runs"][0]["steps"] if s["node"] == node(document, "loss")["id"])
    assert step["value"]["data"] == [float(loss)]
    h = node(document, "layer/h")
    assert h["inputs"] == [node(document, "layer/add")["id"]]
    assert node(document, "mul")["inputs"] == [h["id"], h["id"]]
    assert "sigmoid" in h["made_at"]["text"]
    assert h["made_at"]["file"].endswith("test_eager_trace.py")
    assert document["sources"]["op/Sigmoid"]["formula"]["latex"]
    assert [node(document, n)["kind"] for n in ("x", "w", "mul_1/x")] == ["constant", "variable", "constant"]


def test_a_variable_changes_and_is_used_again(traced):
    document, _, total = traced
    w, steps = node(document, "w"), document["runs"][0]["steps"]
    held, change = [s for s in steps if s["node"] == w["id"]]
    assert held["value"]["data"] == [0.5, -1.0, 2.0, 0.25]
    assert (change["phase"], change["rule"]) == ("update", "AssignSub")
    assert change["before"]["data"] == held["value"]["data"]
    assert sum(change["after"]["data"]) == pytest.approx(float(total))
    assert node(document, "Sum")["inputs"][0] == w["id"]
    assert change["by"] == node(document, "AssignSub")["id"]


def test_a_variable_made_inside_has_its_first_value():
    with tg.trace() as t:
        w = tg.Variable([1.0, 2.0], name="fresh")
        w.assign([3.0, 4.0])
        w.assign_add([1.0, 1.0])
    document = t.document()
    steps = [s for s in document["runs"][0]["steps"] if s["node"] == node(document, "fresh")["id"]]
    assert [s["phase"] for s in steps] == ["forward", "update", "update"]
    assert [(s.get("value") or s["after"])["data"] for s in steps] == [[1.0, 2.0], [3.0, 4.0], [4.0, 5.0]]


def test_results_are_the_same_to_the_last_bit(traced):
    w = tg.Variable([[0.5, -1.0], [2.0, 0.25]], name="w")
    loss, total = network(w)
    assert loss.numpy() == traced[1].numpy()
    assert total.numpy() == traced[2].numpy()


def test_what_was_there_before_is_given():
    before = tg.constant([1.0, 2.0])
    with tg.trace() as first:
        once = before * 2.0
    with tg.trace() as second:
        once + once + before
    kinds = {n["name"]: n["kind"] for n in second.document()["nodes"]}
    assert kinds == {"given": "placeholder", "given_1": "placeholder", "add": "op", "add_1": "op"}
    assert first.runs == second.runs == 1


def test_several_results_lists_and_no_result():
    with tg.trace() as t:
        a, b = tg.unstack(tg.constant([[1.0, 2.0], [3.0, 4.0]]))
        tg.stack([a, b, [5.0, 6.0]])
        tg.no_op()
    document = t.document()
    unstacked = next(s for s in document["runs"][0]["steps"] if s["node"] == node(document, "unstack")["id"])
    assert [v["data"] for v in unstacked["outputs"]] == [[1.0, 2.0], [3.0, 4.0]]
    assert [n["name"] for n in document["nodes"] if n["id"] in node(document, "stack")["inputs"]] == [
        "unstack", "stack/values_2",
    ]  # fmt: skip


def test_names_that_a_graph_would_not_take_do_no_harm():
    with tg.trace() as t, tg.name_scope("no scope!"):
        assert tg.add(1.0, 2.0, name="a b").numpy() == 3.0
    assert [n["type"] for n in t.document()["nodes"]] == ["Const", "Const", "AddV2"]


def test_an_error_that_ends_the_block_is_recorded():
    with pytest.raises(tg.errors.InvalidArgumentError), tg.trace() as t:
        tg.matmul(tg.ones([2, 3]), tg.ones([2, 3]), name="product")
    document = t.document()
    error = document["runs"][0]["error"]
    assert error["type"] == "InvalidArgumentError"
    assert error["node"] == node(document, "product")["id"]
    assert "product" not in names(document)


def test_an_error_that_the_program_deals_with_leaves_no_mark():
    with tg.trace() as t:
        with pytest.raises(tg.errors.InvalidArgumentError):
            tg.matmul(tg.ones([2, 3]), tg.ones([2, 3]), name="product")
        tg.add(1.0, 2.0)
    document = t.document()
    assert document["runs"][0]["error"] is None
    assert "product" not in [n["name"] for n in document["nodes"]]


def test_graphs_and_eager_code_in_one_trace_do_not_mix():
    """Each graph has ids of its own, and so has what is computed at once."""
    with tg.trace() as t:
        tg.add(1.0, 2.0, name="eager")
        for k in range(2):
            with tg.Graph().as_default():
                tg.Session(backend="numpy").run(tg.add(float(k), 2.0, name=f"graph_{k}"))
    document = t.document()
    ids = [n["id"] for n in document["nodes"]]
    assert len(ids) == len(set(ids)) == 9
    found = [{n["name"]: s["value"]["data"] for n in document["nodes"] for s in run["steps"] if n["id"] == s["node"]}
             for run in document["runs"]]  # fmt: skip
    assert [run[name] for run, name in zip(found, ("eager", "graph_0", "graph_1"), strict=True)] == [
        [3.0],
        [2.0],
        [3.0],
    ]


def test_the_document_grows_with_each_op():
    with tg.trace() as t:
        x = tg.add(1.0, 2.0)
        before = len(t.document()["nodes"])
        x * 2.0
        assert len(t.document()["nodes"]) == before + 2


def test_steps_beyond_the_most_are_counted_and_told(monkeypatch):
    monkeypatch.setattr("tensorglass.explore.record.MOST_STEPS", 6)
    monkeypatch.setattr("tensorglass.explore.document.MOST_STEPS", 6)
    with tg.trace() as t:
        x = tg.constant(1.0, name="x")
        for _ in range(10):
            x = x + x
    document = t.document()
    assert x.numpy() == 1024.0
    assert len(document["runs"][0]["steps"]) == 6
    assert document["runs"][0]["left_out"] == 5
    assert document["note"] == "Of the run only the first 6 steps are kept: 5 came later."


def test_when_none_is_open_nobody_looks(monkeypatch):
    monkeypatch.setattr("tensorglass.explore.eagerly.EagerRun.call", None)
    with tg.name_scope("layer"):
        network(tg.Variable(np.ones([2, 2], np.float32)))


def test_pictures_and_pages_of_eager_code(traced, tmp_path):
    script = tmp_path / "eager.py"
    script.write_text("import tensorglass as tg\ntg.constant(1.0) + 1.0\n")
    assert cli.main(["explore", str(script), "--html", str(tmp_path / "page.html")]) == 0
    assert '"eager":true' in (tmp_path / "page.html").read_text()
    picture = to_svg(traced[0])
    assert "w changes (AssignSub)" in to_svg(traced[0], step=12)
    assert "Sum has its value" in picture
