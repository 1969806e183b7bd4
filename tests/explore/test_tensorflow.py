"""Traces of the real TensorFlow: its own run, its own numbers, in our document; and both beside each other."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from parity.harness import tensorflow

import tensorglass as tg
from tensorglass import explore
from tensorglass.explore.compare import compare

pytestmark = [
    pytest.mark.parity,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
]

SCHEMA = Path(explore.__file__).with_name("graphtrace.schema.json")
FEEDS = [np.random.RandomState(k).randn(4, 2).astype(np.float32) for k in range(3)]
CLASSES = np.eye(2, dtype=np.float32)[[0, 1, 1, 0]]


@pytest.fixture(scope="module")
def tf():
    return tensorflow()


def program(tf, trace=None, resource=False, **session_options):
    """Losses and weights of some training steps of a classifier with dropout, in a graph that is finalized."""
    with tf.Graph().as_default() as graph:
        tf.set_random_seed(3)
        x, c = tf.placeholder(tf.float32, [None, 2], name="x"), tf.placeholder(tf.float32, [None, 2], name="c")
        variable = {"use_resource": True} if resource else {}
        w = tf.Variable(np.ones((2, 2), np.float32), name="w", **variable)
        b = tf.Variable(tf.zeros([2]), name="b", **variable)
        p = tf.nn.softmax(tf.nn.dropout(tf.matmul(x, w), rate=0.5) + b)
        cost = tf.negative(tf.reduce_mean(tf.reduce_sum(c * tf.log(p), axis=1)), name="cost")
        loss = tf.add(cost, tf.reduce_sum(w * w), name="loss")
        train = tf.train.AdamOptimizer(0.5).minimize(loss)
        init = tf.global_variables_initializer()
        graph.finalize()
        with tf.Session(**session_options) as session:
            if trace is not None:
                trace.__enter__()
            session.run(init)
            found = [session.run({"loss": loss, "more": [train]}, {x: feed, c: CLASSES})["loss"] for feed in FEEDS]
            if trace is not None:
                trace.__exit__(None, None, None)
            return found, session.run([w, b]), len(graph.get_operations())


def by_name(document, run, phase, field):
    names = {n["id"]: n["name"] for n in document["nodes"]}
    steps = [s for s in document["runs"][run]["steps"] if s["phase"] == phase]
    return {names[s["node"]]: np.reshape(s[field]["data"], s[field]["shape"]) for s in steps if s[field] is not None}


@pytest.mark.parametrize("resource", [False, True])
def test_a_traced_run_is_the_programs_own(tf, resource):
    t = tg.trace_tensorflow()
    (plain, weights, ops), (traced, same, more) = program(tf, None, resource), program(tf, t, resource)
    assert plain == traced, "random numbers were drawn once, variables changed once"
    np.testing.assert_array_equal(weights[0], same[0])
    np.testing.assert_array_equal(weights[1], same[1])
    assert ops == more, "the graph is as it was"
    assert t.runs == 4
    document = t.document()
    assert [by_name(document, k + 1, "forward", "value")["loss"] for k in range(3)] == traced
    np.testing.assert_array_equal(by_name(document, 3, "update", "after")["w"], same[0])
    np.testing.assert_array_equal(
        by_name(document, 2, "update", "after")["w"], by_name(document, 3, "update", "before")["w"]
    )
    assert not np.array_equal(by_name(document, 3, "update", "before")["w"], same[0])
    np.testing.assert_array_equal(
        by_name(document, 3, "forward", "value")["w"], by_name(document, 3, "update", "before")["w"]
    )


@pytest.mark.parametrize("resource", [False, True])
def test_gradients_are_tensorflows_and_add_up(tf, resource):
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [None, 2], name="x")
        w = tf.get_variable("w", initializer=np.float32([[1, 2], [3, 4]]), use_resource=resource)
        table = tf.get_variable("table", initializer=np.float32([[1, 2], [3, 4], [5, 6]]), use_resource=resource)
        h = tf.matmul(x, w) * tf.gather(table, [2, 0, 2])
        y = tf.add(tf.reduce_sum(h * h), tf.reduce_sum(tf.square(w)), name="y")
        want = tf.gradients(y, [w, h])
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            feed = {x: [[1, 2], [0, 1], [2, 2]]}
            numbers = session.run(want, feed)
            t = tg.trace_tensorflow(session, [y, want], feed)
        document = t.document()
    found = by_name(document, 0, "reverse", "grad")
    np.testing.assert_allclose(found["w"], numbers[0], rtol=1e-6)
    np.testing.assert_allclose(found[h.op.name], numbers[1], rtol=1e-6)
    received, pending = {}, {}
    names = {n["id"]: n["name"] for n in document["nodes"]}
    for step in document["runs"][0]["steps"]:
        for send in step.get("sends", ()):
            share = np.reshape(send["contribution"]["data"], send["contribution"]["shape"])
            received[names[send["to"]]] = received.get(names[send["to"]], 0) + share
            pending[names[send["to"]]] = send["pending"]
    assert set(pending.values()) == {0}
    assert {"w", "table", h.op.name} <= received.keys()
    for name, total in received.items():
        np.testing.assert_allclose(found[name], total, rtol=1e-6, err_msg=name)
    jsonschema = pytest.importorskip("jsonschema")
    again = json.loads(t.to_json())
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(again)


def test_nodes_say_where_they_come_from(tf):
    t = tg.trace_tensorflow(title="both")
    program(tf, t)
    document = t.document()
    nodes = {n["name"]: n for n in document["nodes"]}
    assert nodes["cost"]["made_at"]["file"].endswith("test_tensorflow.py")
    assert "cost = tf.negative" in nodes["cost"]["made_at"]["text"]
    assert nodes["w"]["kind"] == "variable"
    assert nodes["x"]["kind"] == "placeholder"
    assert {n["phase"] for n in document["nodes"] if n["name"].startswith("gradients/")} == {"reverse"}
    assert nodes["Adam/learning_rate"]["phase"] == "update"
    assert {n["name"] for n in document["nodes"] if n["kind"] == "variable" and n["phase"] == "forward"} == {"w", "b"}
    source = document["sources"]["op/Softmax"]
    assert source["formula"]["latex"]
    assert source["forward"] is None
    assert "compiled" in source["note"]
    assert "def " in source["backward"]["text"]
    assert "tf.gradients of loss" in document["note"]
    assert document["library"]["name"] == "tensorflow"


def test_an_error_is_recorded_and_raised(tf):
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, name="x")
        y = tf.matmul(x, tf.ones([3, 3]), name="product")
        t = tg.trace_tensorflow()
        with tf.Session() as session, t, pytest.raises(tf.errors.InvalidArgumentError):
            session.run(y, {x: np.ones((2, 2))})
    document = t.document()
    assert document["runs"][0]["error"]["type"] == "InvalidArgumentError"
    names = {n["id"]: n["name"] for n in document["nodes"]}
    assert names[document["runs"][0]["error"]["node"]] == "product"


def test_what_cannot_be_taken_apart_is_said(tf):
    """A loop of TensorFlow 1's kind: its values are fetched as far as they can be, its gradient is not copied."""
    with tf.Graph().as_default():
        w = tf.Variable(2.0, name="w")
        (_, y) = tf.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, v * w), [0, tf.constant(1.0)])
        train = tf.train.GradientDescentOptimizer(0.1).minimize(y)
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            t = tg.trace_tensorflow(session, [y, train])
            assert session.run(w) == pytest.approx(2.0 - 0.1 * 12.0)
    document = t.document()
    assert by_name(document, 0, "update", "after")["w"] == pytest.approx(0.8)
    assert "could not be taken" in document["note"]


def ours(tf):
    """The same program under TensorGlass."""
    import tensorglass.compat.v1 as v1

    t = tg.trace(title="ours")
    return t, program(v1, t, backend="numpy")[0]


@pytest.mark.usefixtures("v1")
def test_both_agree_node_by_node(tf):
    theirs = tg.trace_tensorflow()
    losses = program(tf, theirs)[0]
    mine, same = ours(tf)
    np.testing.assert_allclose(losses, same, rtol=1e-5)
    a, b = mine.document(), theirs.document()
    text = compare(a, b)
    assert "All agree within rounding" in text, text
    names = {n["id"]: n["name"] for n in a["nodes"]}
    found = {names[i]: entry for i, entry in a["comparison"]["runs"][3]["nodes"].items()}
    assert {"x", "w", "b", "MatMul", "Softmax", "cost", "loss", "dropout/random_uniform/RandomUniform"} <= found.keys()
    for name in ("MatMul", "Softmax", "cost", "loss", "w", "b"):
        assert found[name]["gradient"] is not None, name
    assert found["w"]["change"] is not None
    steps = [s for s in a["runs"][3]["steps"] if s["phase"] == "reverse"]
    assert all(s["check"]["tensorflow_max_abs"] <= s["check"]["tensorflow_tolerance"] for s in steps if "check" in s)
    assert sum("check" in s for s in steps) >= 8


PROGRAM = """
import tensorglass.v1 as tf

x = tf.placeholder(tf.float32, [None], name="x")
w = tf.Variable(2.0, name="w")
loss = tf.reduce_sum(tf.square(w * x), name="loss")
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    print(tf.__name__.partition(".")[0], session.run([loss, train], {x: [1.0, 2.0]})[0])
"""


def test_the_command_compares(tf, tmp_path):
    script, page = tmp_path / "program.py", tmp_path / "page.html"
    script.write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, "-m", "tensorglass", "explore", "--compare", "--check", script, "--html", page],
        capture_output=True, encoding="utf-8", timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [line.split() for line in done.stdout.splitlines()[:2]] == [["tensorglass", "20.0"], ["tensorflow", "20.0"]]
    assert "All agree within rounding" in " ".join(done.stdout.split())
    texts = re.findall(r'<script type="application/json">(.*?)</script>', page.read_text(), re.DOTALL)
    ours, theirs = map(json.loads, texts)
    assert (ours["library"]["name"], theirs["library"]["name"]) == ("tensorglass", "tensorflow")
    checks = [s["check"] for s in ours["runs"][1]["steps"] if s["phase"] == "reverse"]
    assert checks
    for check in checks:
        assert check["numeric_max_abs"] <= check["numeric_tolerance"]
        assert check["tensorflow_max_abs"] <= check["tensorflow_tolerance"]
