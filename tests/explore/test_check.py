"""Gradients checked by numbers: right ones agree, wrong ones are told, and the traced run is as it would have been."""

import json
from pathlib import Path

import numpy as np
import pytest

import tensorglass as tg
from tensorglass import explore

SCHEMA = Path(explore.__file__).with_name("graphtrace.schema.json")


class Halved(tg.Operation):
    """x², with a gradient that forgets the 2."""

    def compute(self, x):
        return x * x


@tg.RegisterGradient("Halved")
def _(op, grad):
    return grad * op.inputs[0]


def network(dtype):
    """(feeds, loss, training op, weights) of a classifier with dropout, `relu` and a stopped branch."""
    tg.compat.v1.set_random_seed(4)
    r = np.random.RandomState(0)
    x = tg.placeholder(dtype, [None, 2], name="x")
    w = tg.Variable((0.3 * r.randn(2, 30)).astype(dtype), name="w")
    v = tg.Variable((0.3 * r.randn(30, 2)).astype(dtype), name="v")
    h = tg.nn.dropout(tg.nn.relu(tg.matmul(x, w)), rate=0.3)
    p = tg.nn.softmax(tg.matmul(h, v) + tg.stop_gradient(tg.reduce_sum(tg.square(v))))
    loss = tg.negative(tg.reduce_sum(tg.log(p)[:, 0] * tg.reduce_mean(tg.square(w))), name="loss")
    return {x: r.randn(4, 2)}, loss, tg.train.AdamOptimizer(0.1).minimize(loss), w


def checks(trace, run=0):
    """The checks of a run by the names of nodes."""
    document = trace.document()
    names = {n["id"]: n["name"] for n in document["nodes"]}
    steps = [s for s in document["runs"][run]["steps"] if s["phase"] == "reverse"]
    assert steps
    return {names[s["node"]]: s["check"] for s in steps}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_right_gradients_agree(dtype):
    with tg.Graph().as_default():
        feeds, loss, train, _ = network(dtype)
        session = tg.Session(backend="numpy")
        session.run(tg.compat.v1.global_variables_initializer())
        with tg.trace(check=True) as t:
            session.run([loss, train], feeds)
    found = checks(t)
    assert {"loss", "w", "v", "Relu", "MatMul"} <= set(found)
    for name, check in found.items():
        assert check["numeric_max_abs"] <= check["numeric_tolerance"], (name, check)
        assert "numeric_note" not in check
    worst = max(check["numeric_max_abs"] for check in found.values())
    assert worst < (1e-7 if dtype == "float64" else 2e-4)
    assert found["w"]["numeric_entries"][1] == 60
    assert 8 <= found["w"]["numeric_entries"][0] <= 16


def test_a_wrong_gradient_is_told():
    with tg.Graph().as_default():
        x = tg.placeholder(tg.float64, [3], name="x")
        y = tg.reduce_sum(tg.square(Halved([x], name="halved")), name="y")
        t = tg.trace(tg.gradients(y, x), {x: [1.0, 2.0, 3.0]}, check=True)
    found = checks(t)
    assert found["y"]["numeric_max_abs"] <= found["y"]["numeric_tolerance"]
    assert found["halved"]["numeric_max_abs"] <= found["halved"]["numeric_tolerance"]
    assert found["x"]["numeric_max_abs"] == pytest.approx(2 * 3.0**3), "4x³ it should be, 2x³ it is"
    assert found["x"]["numeric_max_abs"] > found["x"]["numeric_tolerance"]


def test_rows_of_a_table():
    with tg.Graph().as_default():
        table = tg.Variable(np.arange(8.0).reshape(4, 2), name="table")
        y = tg.reduce_sum(tg.square(tg.gather(table, [2, 0, 2])), name="y")
        session = tg.Session(backend="numpy")
        session.run(tg.compat.v1.global_variables_initializer())
        with tg.trace(check=True) as t:
            session.run(tg.train.GradientDescentOptimizer(0.1).minimize(y))
    check = checks(t)["table"]
    assert check["numeric_max_abs"] <= check["numeric_tolerance"]
    assert check["numeric_entries"] == [8, 8]


def test_gradients_that_start_with_other_values_than_one():
    with tg.Graph().as_default():
        x = tg.placeholder(tg.float64, [3], name="x")
        t = tg.trace(tg.gradients(x * x, x, grad_ys=x * 5.0), {x: [1.0, 2.0, 3.0]}, check=True)
    assert checks(t)["x"]["numeric_max_abs"] < 1e-6


def run(check, steps=4):
    """Losses and weights after some steps."""
    with tg.Graph().as_default():
        feeds, loss, train, w = network("float32")
        calls = []
        seen = tg.py_func(lambda v: calls.append(1) or v, [loss], tg.float32)
        session = tg.Session(backend="numpy")
        session.run(tg.compat.v1.global_variables_initializer())
        found = []
        for _ in range(steps):
            with tg.trace(check=check):
                found.append(session.run([loss, seen, train], feeds)[0])
        return found, session.run(w), len(calls)


def test_a_checked_run_is_the_same_to_the_last_bit():
    (a, w, n), (b, v, m) = run(False), run(True)
    assert a == b
    np.testing.assert_array_equal(w, v)
    assert n == m, "Python functions are called by the program's own run only"


def test_without_the_wish_nothing_is_checked(monkeypatch):
    monkeypatch.setattr("tensorglass.explore.check.checks", None)
    run(False, 1)


def test_checks_follow_the_schema():
    jsonschema = pytest.importorskip("jsonschema")
    with tg.Graph().as_default():
        x = tg.placeholder(tg.float64, [3], name="x")
        t = tg.trace(tg.gradients(tg.reduce_sum(x * x), x), {x: [1.0, np.nan, 3.0]}, check=True)
    document = json.loads(t.to_json())
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(document)
    assert checks(t)["x"]["numeric_max_abs"] == "nan"
