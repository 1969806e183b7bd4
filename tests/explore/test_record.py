"""Recording runs: the numbers are those of the run, and the run is the one that would have been."""

import json
from pathlib import Path

import numpy as np
import pytest

import tensorglass as tg
from tensorglass import explore

SCHEMA = Path(explore.__file__).with_name("graphtrace.schema.json")


def network():
    """(feeds, loss, train, hidden, weights) of a small classifier with dropout."""
    tg.compat.v1.set_random_seed(4)
    r = np.random.RandomState(0)
    x, c = tg.placeholder(tg.float64, [None, 2], name="x"), tg.placeholder(tg.float64, [None, 2], name="c")
    w, v = tg.Variable(r.randn(2, 3), name="w"), tg.Variable(r.randn(3, 2), name="v")
    h = tg.nn.dropout(tg.sigmoid(tg.matmul(x, w)), rate=0.3)
    loss = tg.negative(tg.reduce_sum(c * tg.log(tg.nn.softmax(tg.matmul(h, v)))), name="loss")
    train = tg.train.GradientDescentOptimizer(0.1).minimize(loss)
    return {x: r.randn(4, 2), c: np.eye(2)[[0, 1, 1, 0]]}, loss, train, h, w


def losses(traced, backend="numpy", steps=3):
    with tg.Graph().as_default():
        feeds, loss, train, _, w = network()
        session = tg.Session(backend=backend)
        found = []
        for k in range(steps):
            if traced and k:
                with tg.trace():
                    found.append(session.run([loss, train], feeds)[0])
            else:
                found.append(session.run([loss, train], feeds)[0])
        return found, session.run(w)


def test_a_traced_run_is_the_same_to_the_last_bit():
    (a, w), (b, v) = losses(False), losses(True)
    assert a == b
    np.testing.assert_array_equal(w, v)


def test_when_none_is_open_nobody_looks(monkeypatch):
    monkeypatch.setattr("tensorglass.explore.record.Run.run", None)
    losses(False)


@pytest.fixture
def traced():
    """(document, numbers of the same run) of one training step."""
    with tg.Graph().as_default():
        feeds, loss, train, h, w = network()
        session = tg.Session(backend="numpy")
        session.run(tg.compat.v1.global_variables_initializer())
        with tg.trace(title="step") as t:
            numbers = session.run([loss, h, train], feeds)
        return t.document(), numbers, session.run(w)


def node(document, name):
    return next(n for n in document["nodes"] if n["name"] == name)


def steps(document, phase, name=None, run=0):
    wanted = None if name is None else node(document, name)["id"]
    return [s for s in document["runs"][run]["steps"] if s["phase"] == phase and wanted in (None, s["node"])]


def test_the_document_follows_its_schema(traced):
    jsonschema = pytest.importorskip("jsonschema")
    document, _, _ = traced
    again = json.loads(json.dumps(document, allow_nan=False))
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(again)


def test_values_are_those_of_the_run(traced):
    document, (loss, _, _), w = traced
    (found,) = steps(document, "forward", "loss")
    assert found["value"]["data"] == [loss]
    assert found["stack"] == [], "the loss was asked for itself"
    (hidden,) = steps(document, "forward", "Sigmoid")
    assert hidden["stack"][0] == found["node"]
    assert hidden["stack"][-1] in [n["id"] for n in document["nodes"] if hidden["node"] in n["inputs"]]
    (update,) = steps(document, "update", "w")
    assert update["after"]["data"] == w.reshape(-1).tolist()
    assert update["before"]["data"] != update["after"]["data"]
    assert update["rule"] == "ApplyGradientDescent"


def test_the_reverse_pass_adds_up(traced):
    """Each node's gradient is the sum of what its consumers sent, and none is pending at the end."""
    document, _, _ = traced
    received, last = {}, {}
    for step in steps(document, "reverse"):
        for sent in step["sends"]:
            share = np.reshape(sent["contribution"]["data"], sent["contribution"]["shape"])
            received[sent["to"]] = received.get(sent["to"], 0) + share
            last[sent["to"]] = sent["pending"]
    assert set(last.values()) == {0}
    for step in steps(document, "reverse"):
        if step["node"] in received:
            np.testing.assert_allclose(np.reshape(step["grad"]["data"], step["grad"]["shape"]), received[step["node"]])
    assert node(document, "w")["id"] in received


def test_phases_and_lines(traced):
    document, _, _ = traced
    assert {n["phase"] for n in document["nodes"]} == {"forward", "reverse", "update"}
    back = [n for n in document["nodes"] if n["grad_of"] == node(document, "Sigmoid")["id"]]
    assert back
    assert all(n["phase"] == "reverse" for n in back)
    made_at = node(document, "Sigmoid")["made_at"]
    assert made_at["file"].endswith("test_record.py")
    assert "sigmoid" in made_at["text"]
    assert not any(n["made_at"] and n["made_at"]["file"].startswith("/") for n in document["nodes"])
    assert "def " in document["sources"]["op/Sigmoid"]["forward"]["text"]


def test_lines_can_be_left_out():
    with tg.Graph().as_default():
        t = tg.trace(tg.constant(1.0) + 2.0, made_at=False)
    assert all(n["made_at"] is None for n in t.document()["nodes"])


def test_every_kth_run_of_a_loop():
    with tg.Graph().as_default():
        feeds, loss, train, _, _ = network()
        session = tg.Session(backend="numpy")
        with tg.trace(every=3) as t:
            numbers = [session.run([loss, train], feeds)[0] for _ in range(7)]
    document = t.document()
    kept = [steps(document, "forward", "loss", run=k)[0]["value"]["data"][0] for k in range(t.runs)]
    assert kept == numbers[::3]


def test_an_error_is_recorded_and_raised():
    with tg.Graph().as_default():
        x = tg.placeholder(tg.float32, name="x")
        y = tg.linalg.matmul(x, tg.ones([3, 3]), name="product")
        with tg.trace() as t, pytest.raises(tg.errors.InvalidArgumentError):
            tg.Session(backend="numpy").run(y, {x: np.ones((2, 2))})
        document = t.document()
    error = document["runs"][0]["error"]
    assert error["type"] == "InvalidArgumentError"
    assert error["node"] == node(document, "product")["id"]


def test_large_and_odd_values():
    large = explore.encode.tensor(np.arange(1000.0).reshape(10, 100))
    assert "data" not in large
    assert sum(large["hist"]["counts"]) == 1000
    assert large["sample"]["rows"][-1] == 9
    assert large["sample"]["data"][-1] == 999.0
    odd = explore.encode.tensor(np.array([np.nan, np.inf, -np.inf, 1.5], np.float32))
    assert odd["data"] == ["nan", "inf", "-inf", 1.5]
    assert (odd["stats"]["nan"], odd["stats"]["inf"], odd["stats"]["max"]) == (1, 2, 1.5)
    assert explore.encode.tensor(np.array([b"a", "é"], object))["data"] == ["a", "é"]
    assert explore.encode.tensor(np.float32(0.1))["data"] == [float(np.float32(0.1))]
    assert explore.encode.tensor(np.zeros((0, 3)))["data"] == []
    json.dumps(explore.encode.tensor(np.full(100, np.nan)), allow_nan=False)


def test_a_session_on_xla_is_traced_by_numpy():
    pytest.importorskip("jax")
    with tg.Graph().as_default():
        feeds, loss, train, _, _ = network()
        session = tg.Session(backend="xla")
        first = session.run([loss, train], feeds)[0]
        with tg.trace() as t:
            second = session.run([loss, train], feeds)[0]
        third = session.run([loss, train], feeds)[0]
    assert len({first, second, third}) == 3
    np.testing.assert_allclose([first, second, third], losses(False)[0], rtol=1e-6)
    assert steps(t.document(), "update", "w")
