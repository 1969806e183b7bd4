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
