"""What loops and branches compute inside, turn by turn."""

import json
from pathlib import Path

import numpy as np
import pytest

import tensorglass as tg
from tensorglass import explore
from tensorglass.explore import inside

SCHEMA = Path(explore.__file__).with_name("graphtrace.schema.json")


def traced(build, feed=0.5):
    with tg.Graph().as_default():
        x = tg.placeholder(tg.float64, [], name="x")
        fetched = build(x)
        with tg.trace() as t:
            numbers = tg.Session(backend="numpy").run(fetched, {x: feed})
    return t.document(), numbers


def turns(document, op_type):
    nodes = [n["id"] for n in document["nodes"] if n["type"] == op_type]
    (found,) = [s["turns"] for s in document["runs"][0]["steps"] if s["node"] in nodes and "turns" in s]
    return found


def values(steps, name):
    return [s["value"]["data"][0] for s in steps if s["name"].endswith(name)]


def power(n):
    """r = xⁿ, by a loop that multiplies."""
    return lambda x: tg.while_loop(
        lambda i, r: tg.less(i, n), lambda i, r: (i + 1, tg.multiply(r, x, name="product")), [0, tg.ones_like(x)]
    )[1]


def test_the_turns_of_a_loop():
    document, number = traced(power(3))
    found = turns(document, "While")
    assert found["count"] == 4, "three turns, and the condition that ends them"
    assert [k for k, _ in found["kept"]] == [0, 1, 2, 3]
    products = [value for _, steps in found["kept"] for value in values(steps, "product")]
    assert products == [0.5, 0.25, 0.125]
    assert products[-1] == number
    first, last = found["kept"][0][1], found["kept"][-1][1]
    assert [s["part"] for s in first if s["type"] == "Less"] == ["cond"]
    assert values(last, "Less") == [False]
    (given,) = [s for s in first if s["type"] == "given" and s["name"] == "x"]
    assert given["value"]["data"] == [0.5]
    jsonschema = pytest.importorskip("jsonschema")
    again = json.loads(json.dumps(document, allow_nan=False))
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(again)


def test_of_a_long_loop_the_first_and_the_last_turns_are_kept():
    document, _ = traced(power(1000), feed=1.001)
    found = turns(document, "While")
    assert found["count"] == 1001
    first = [*range(inside.FIRST)]
    assert [k for k, _ in found["kept"]] == [*first, *range(1001 - inside.LAST, 1001)]
    np.testing.assert_allclose(values(found["kept"][3][1], "product"), 1.001**4)
    np.testing.assert_allclose(values(found["kept"][-2][1], "product"), 1.001**1000)


def test_the_branch_that_was_taken():
    document, _ = traced(lambda x: tg.cond(x > 0.0, lambda: tg.sin(x) + 1.0, lambda: tg.cos(x)))
    found = turns(document, "If")
    assert found["count"] == 1
    steps = found["kept"][0][1]
    assert {s["part"] for s in steps} == {"then"}
    assert values(steps, "Sin") == [np.sin(0.5)]


def test_a_branch_inside_a_loop_and_the_loop_of_the_gradient():
    def build(x):
        def body(i, r):
            return i + 1, tg.cond(tg.equal(i % 2, 0), lambda: tg.sin(r), lambda: r * x)

        r = tg.while_loop(lambda i, r: tg.less(i, 4), body, [0, x])[1]
        return r, tg.gradients(r, [x])

    document, _ = traced(build)
    found = turns(document, "While")
    inner = [next(s for s in steps if s["type"] == "If")["turns"] for _, steps in found["kept"][:4]]
    assert [t["kept"][0][1][-1]["type"] for t in inner] == ["Sin", "Mul", "Sin", "Mul"]
    assert all(t["count"] == 1 for t in inner)
    back = [own for own in document["runs"][0]["own"] if "turns" in own]
    assert [own["turns"]["count"] for own in back] == [4]


def test_what_is_inside_is_bounded():
    def build(x):
        def outer(i, r):
            return i + 1, tg.while_loop(lambda k, s: tg.less(k, 300), lambda k, s: (k + 1, tg.sin(s)), [0, r])[1]

        return tg.while_loop(lambda i, r: tg.less(i, 60), outer, [0, x])[1]

    document, _ = traced(build)

    def count(found):
        return sum(1 + count(s["turns"]) if "turns" in s else 1 for _, steps in found["kept"] for s in steps)

    assert count(turns(document, "While")) < 1.2 * inside.MOST


def failing(build, feed=0.5, error=tg.errors.OpError):
    """The document of a run that ends with an error, and the error."""
    with tg.Graph().as_default():
        x = tg.placeholder(tg.float64, [], name="x")
        fetched = build(x)
        trace = tg.trace()
        with trace, pytest.raises(error) as caught:
            tg.Session(backend="numpy").run(fetched, {x: feed})
    document = json.loads(json.dumps(trace.document(), allow_nan=False))
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(document)
    return document, caught.value


def smaller(limit):
    """A function of a graph that takes only numbers below `limit`."""

    def check(r):
        if r >= limit:
            raise ValueError(f"{r} is too much")
        return r

    return lambda r: tg.py_func(check, [r], tg.float64, name="small")


def doubled(x, limit, n=9):
    """A loop that doubles x, and at each turn then looks whether it is below `limit`."""
    small = smaller(limit)

    def body(i, r):
        r = small(tg.multiply(r, 2.0, name="twice"))
        r.set_shape([])
        return i + 1, r

    return tg.while_loop(lambda i, r: tg.less(i, n), body, [0, x])[1]


def last_turn(found):
    number, steps = found["kept"][-1]
    return number, steps


def test_the_turns_until_an_error():
    document, error = failing(lambda x: doubled(x, 4.0))
    found = turns(document, "While")
    assert found["count"] == 3, "0.5 becomes 1, 2, and then 4, which is too much"
    assert [k for k, _ in found["kept"]] == [0, 1, 2]
    _, steps = last_turn(found)
    assert values(steps, "twice") == [4.0]
    assert steps[-1] == {"part": "body", "name": error.op.name, "type": error.op.type, "inputs": ["while/twice"],
                         "value": None, "failed": True}  # fmt: skip
    assert not any(s.get("failed") for _, steps in found["kept"][:-1] for s in steps)
    run = document["runs"][0]
    (loop,) = [n["id"] for n in document["nodes"] if n["type"] == "While"]
    assert run["error"]["node"] == loop, "the node of the picture in which it went wrong"
    assert "4.0 is too much" in run["error"]["message"]
    (step,) = [s for s in run["steps"] if s["node"] == loop]
    assert step["value"] is None


def test_the_turns_until_an_error_late_in_a_long_loop():
    document, _ = failing(lambda x: doubled(x, 2.0**40, n=100))
    found = turns(document, "While")
    assert found["count"] == 41
    assert [k for k, _ in found["kept"]] == [*range(inside.FIRST), 39, 40]
    assert last_turn(found)[1][-1]["failed"]


def test_an_error_in_the_first_step_of_the_first_turn():
    small = smaller(0.1)

    def cond(r):
        return tg.less(small(r), 1.0)

    document, error = failing(
        lambda x: tg.while_loop(cond, lambda r: r * 2.0, [x], shape_invariants=[tg.TensorShape([])])
    )
    found = turns(document, "While")
    assert found["count"] == 1
    assert [s["name"] for s in found["kept"][0][1] if s.get("failed")] == [error.op.name]


def test_an_error_in_a_loop_inside_a_branch_inside_a_loop():
    def build(x):
        def body(i, r):
            r = tg.cond(tg.equal(i, 2), lambda: doubled(r, 8.0, n=3), lambda: r + 0.25)
            r.set_shape([])
            return i + 1, r

        return tg.while_loop(lambda i, r: tg.less(i, 4), body, [0, x])[1]

    document, error = failing(build, feed=1.0)
    (outer,) = [n for n in document["nodes"] if n["type"] == "While"]
    (found,) = [s["turns"] for s in document["runs"][0]["steps"] if s["node"] == outer["id"]]
    types = []
    while True:
        number, steps = last_turn(found)
        types.append((steps[-1]["type"], number))
        assert steps[-1]["failed"]
        if "turns" not in steps[-1]:
            break
        found = steps[-1]["turns"]
    assert types == [("If", 2), ("While", 0), (error.op.type, 2)], (
        "the third turn, its branch, and in it the third turn"
    )


def test_an_error_after_more_than_is_kept():
    """The turn that the error ended is kept, whatever came before it."""

    def build(x):
        def outer(i, r):
            inner = tg.while_loop(lambda k, s: tg.less(k, 20), lambda k, s: (k + 1, tg.sin(s)), [0, r])[1]
            r = smaller(200.0)(inner + tg.cast(i, tg.float64))
            r.set_shape([])
            return i + 1, r

        return tg.while_loop(lambda i, r: tg.less(i, 300), outer, [0, x])[1]

    document, _ = failing(build)
    found = turns(document, "While")
    number, steps = last_turn(found)
    assert number == found["count"] - 1 >= 199
    assert steps[-1]["failed"]


def test_an_error_in_the_loop_of_a_gradient():
    @tg.custom_gradient
    def exact(r):
        return tg.identity(r), lambda dy: smaller(1.0)(dy)

    def build(x):
        def body(i, r):
            r = exact(r) * 2.0
            r.set_shape([])
            return i + 1, r

        return tg.gradients(tg.while_loop(lambda i, r: tg.less(i, 3), body, [0, x])[1], [x])

    document, _ = failing(build)
    (found,) = [own["turns"] for own in document["runs"][0]["own"] if own.get("turns")]
    assert last_turn(found)[1][-1]["failed"]
    assert document["runs"][0]["error"]["node"] in {n["id"] for n in document["nodes"]}


def test_an_error_outside_of_loops_is_where_it_was():
    document, error = failing(lambda x: smaller(0.1)(x) + 1.0)
    (node,) = [n for n in document["nodes"] if n["id"] == document["runs"][0]["error"]["node"]]
    assert node["name"] == error.op.name
    assert not any("turns" in s for s in document["runs"][0]["steps"])
