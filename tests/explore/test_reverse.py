"""The reverse pass in a trace: sums while shares come in, values of its own nodes, a document that says things once."""

import json

import numpy as np
import pytest

import tensorglass as tg
from tensorglass.explore import compact, html
from tensorglass.explore.moment import Moment


@pytest.fixture(scope="module", params=[3, 100])
def shares(request):
    """(document, size) of a run where x has five consumers, and the sum of what they send is known at each moment."""
    n = request.param
    with tg.Graph().as_default():
        x = tg.Variable(np.linspace(0.5, 2.0, n), name="x")
        y = tg.sin(x) + tg.exp(x) * 2.0 + tg.log(x) - tg.square(x) + x * 3.0
        loss = tg.reduce_sum(y)
        dx = tg.gradients(loss, [x])
        session = tg.Session(backend="numpy")
        with tg.trace() as t:
            session.run([loss, dx])
    return t.document(), n


def array(tensor):
    return np.reshape(tensor["data"], tensor["shape"])


def test_totals_grow_share_by_share(shares):
    document, n = shares
    x = next(node["id"] for node in document["nodes"] if node["name"] == "x")
    sends = [s for step in document["runs"][0]["steps"] for s in step.get("sends", ()) if s["to"] == x]
    assert [s["pending"] for s in sends] == [5, 4, 3, 2, 1, 0] or [s["pending"] for s in sends] == [4, 3, 2, 1, 0]
    means = np.cumsum([s["contribution"]["stats"]["mean"] for s in sends])
    np.testing.assert_allclose([s["total"]["stats"]["mean"] for s in sends], means)
    if n < 64:
        np.testing.assert_allclose(
            [array(s["total"]) for s in sends], np.cumsum([array(s["contribution"]) for s in sends], axis=0)
        )


def test_a_moment_knows_the_sum_so_far(shares):
    document, _ = shares
    x = next(node["id"] for node in document["nodes"] if node["name"] == "x")
    steps = document["runs"][0]["steps"]
    seen = set()
    for i, step in enumerate(steps):
        mine = [s for s in step.get("sends", ()) if s["to"] == x]
        if mine:
            assert Moment(document, step=i).grads[x] == mine[-1]["total"]
            seen.add(mine[-1]["total"]["stats"]["mean"])
    assert len(seen) > 2


def test_nodes_of_the_reverse_pass_have_values_of_their_own(shares):
    document, _ = shares
    own = {found["node"]: found for found in document["runs"][0]["own"]}
    back = [node for node in document["nodes"] if node["phase"] == "reverse"]
    assert back
    assert {node["id"] for node in back} == set(own)
    steps = document["runs"][0]["steps"]
    for node in back:
        assert steps[own[node["id"]]["after"]]["node"] in (node["grad_of"], steps[-1]["node"])
    cos = next(node for node in back if node["type"] == "Cos")
    mean = float(np.mean(np.cos(np.linspace(0.5, 2.0, own[cos["id"]]["value"]["size"]))))
    assert own[cos["id"]]["value"]["stats"]["mean"] == pytest.approx(mean)


def resolved(document):
    """`document` with what each pointer points to in its place."""

    def found(part):
        if isinstance(part, list):
            return [found(v) for v in part]
        if not isinstance(part, dict):
            return part
        if "same_as" in part:
            target = document
            for key in part["same_as"].removeprefix("#/").split("/"):
                target = target[int(key)] if isinstance(target, list) else target[key]
            return target
        return {key: found(v) for key, v in part.items()}

    return found(document)


def test_what_is_said_twice_is_pointed_to(shares):
    document, n = shares
    text = html.as_script(document)
    assert ("same_as" in text) == (n > 4)
    assert resolved(json.loads(text)) == json.loads(json.dumps(document))
    assert len(text) < len(json.dumps(document, separators=(",", ":"))) or n <= 4


def test_compact_leaves_equal_but_separate_values_alone():
    value = {"shape": [9], "dtype": "int64", "size": 9, "data": [0] * 9}
    document = {"runs": [{"steps": [{"value": value}, {"value": dict(value)}]}]}
    assert compact.compact(document) == document


def test_an_optimizers_own_variables_are_not_in_the_picture_of_the_program():
    with tg.Graph().as_default():
        w = tg.Variable([1.0, 2.0], name="w")
        steps = tg.Variable(0, name="steps")
        loss = tg.reduce_sum(tg.square(w))
        train = tg.train.AdamOptimizer(0.1).minimize(loss)
        count = tg.compat.v1.assign_add(steps, 1)
        session = tg.Session(backend="numpy")
        with tg.trace() as t:
            session.run([loss, train, count])
    document = t.document()
    phases = {node["name"]: node["phase"] for node in document["nodes"] if node["kind"] == "variable"}
    assert {name for name, phase in phases.items() if phase == "forward"} == {"w", "steps"}
    names = {node["id"]: node["name"] for node in document["nodes"]}
    changed = {names[step["node"]] for step in document["runs"][0]["steps"] if step["phase"] == "update"}
    assert {"w", "steps", "w/Adam", "w/Adam_1"} <= changed
