"""Samples of ops/logic.py."""

import numpy as np

from tensorglass.ops import logic

from . import Case, sample

BOOLS = np.array([[True, False, True], [False, False, True]])
INTS = np.array([[6, -3, 0], [1, 12, 5]], np.int32)


@sample("Less", "LessEqual", "Greater", "GreaterEqual", "Equal", "NotEqual")
def comparisons(rng):
    functions = logic.less, logic.less_equal, logic.greater, logic.greater_equal, logic.equal, logic.not_equal
    for f in functions:
        yield Case(f, [np.array([[1.0, 2.0], [3.0, np.nan]]), np.array([1.0, 3.0])])
        yield Case(f, [INTS, np.int32(1)])
    for f in functions[4:]:
        yield Case(f, [np.array([["a", "b"]]), np.array("a")])
        yield Case(f, [BOOLS, np.array([True, False, False])])
        yield Case(f, [np.array([1 + 2j, 2.0]), np.array([1 + 2j, 1.0])])


@sample("LogicalAnd", "LogicalOr", "LogicalNot")
def booleans(rng):
    for f in (logic.logical_and, logic.logical_or, logic.logical_xor):
        yield Case(f, [BOOLS, np.array([True, True, False])])
    yield Case(logic.logical_not, [BOOLS])


@sample("BitwiseAnd", "BitwiseOr", "BitwiseXor", "Invert", "LeftShift", "RightShift")
def bits(rng):
    for f in (logic.bitwise_and, logic.bitwise_or, logic.bitwise_xor, logic.left_shift, logic.right_shift):
        yield Case(f, [INTS, np.array([3, 1, 40], np.int32)])
        yield Case(f, [np.array([200, 7], np.uint8), np.array([3, 1], np.uint8)])
    yield Case(logic.invert, [INTS])


@sample("SelectV2")
def choice(rng):
    a, b = rng.normal(size=(2, 2, 3))
    yield Case(logic.where, [BOOLS, a, b])
    yield Case(logic.where, [BOOLS[:, :1], a[0], b])
    yield Case(logic.where, [BOOLS, a, np.array(2.0)])
    yield Case(logic.where, [np.array(True), a, b])
    yield Case(logic.where, [BOOLS, np.array("yes"), np.array("no")])


@sample("Select")
def choice_of_rows(rng):
    a, b = rng.normal(size=(2, 2, 3))
    for condition in (BOOLS, BOOLS[:, 1], np.array(False)):
        yield Case(logic.where_v1, [condition, a, b])


@sample("Where")
def places(rng):
    yield Case(logic.where, [BOOLS])
    yield Case(logic.where, [np.array([0.0, 2.0, np.nan])])
    yield Case(logic.where, [np.zeros((2, 0), bool)])
