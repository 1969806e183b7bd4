"""Comparisons, logic and choice: nothing here but `where` lets a gradient through."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..op import Op, op
from ..shapes import Shape, broadcast, merge, same

# Comparisons


def _comparison(op_type: str, label: str, sign: str, kinds: str) -> Op:
    """The stanza of one comparison; the kernel is `xp`'s function of that name."""

    def compare(xp, x, y):
        return getattr(xp, label)(x, y)

    compare.__name__ = label
    compare.__doc__ = f"z = whether x {sign} y"
    return op(op_type, f"T, T -> bool where T: {kinds}", shape=broadcast, differentiable=False)(compare)


less = _comparison("Less", "less", "<", "float|int")
less_equal = _comparison("LessEqual", "less_equal", "≤", "float|int")
greater = _comparison("Greater", "greater", ">", "float|int")
greater_equal = _comparison("GreaterEqual", "greater_equal", "≥", "float|int")
equal = _comparison("Equal", "equal", "=", "float|complex|int|bool|string")
not_equal = _comparison("NotEqual", "not_equal", "≠", "float|complex|int|bool|string")


# Logic


@op("LogicalAnd", "bool, bool -> bool", shape=broadcast, differentiable=False)
def logical_and(xp, x, y):
    """z = x ∧ y"""
    return xp.logical_and(x, y)


@op("LogicalOr", "bool, bool -> bool", shape=broadcast, differentiable=False)
def logical_or(xp, x, y):
    """z = x ∨ y"""
    return xp.logical_or(x, y)


@op("LogicalNot", "bool -> bool", shape=same, differentiable=False)
def logical_not(xp, x):
    """y = ¬x"""
    return xp.logical_not(x)


def logical_xor(x: Any, y: Any, name: str = "LogicalXor") -> Any:
    """z = (x ∨ y) ∧ ¬(x ∧ y): exactly one of the two"""
    return logical_and(logical_or(x, y), logical_not(logical_and(x, y)), name=name)


# Bits of integers


def _bitwise(op_type: str, label: str, text: str) -> Op:
    def combine(xp, x, y):
        return getattr(xp, label)(x, y)

    combine.__name__ = label
    combine.__doc__ = f"z = {text}, bit by bit"
    return op(op_type, "T, T -> T where T: int", shape=broadcast, differentiable=False)(combine)


bitwise_and = _bitwise("BitwiseAnd", "bitwise_and", "x ∧ y")
bitwise_or = _bitwise("BitwiseOr", "bitwise_or", "x ∨ y")
bitwise_xor = _bitwise("BitwiseXor", "bitwise_xor", "x ⊕ y")


@op("Invert", "T -> T where T: int", shape=same, differentiable=False)
def invert(xp, x):
    """y = ¬x, bit by bit"""
    return xp.invert(x)


@op("LeftShift", "T, T -> T where T: int", shape=broadcast, differentiable=False)
def left_shift(xp, x, y):
    """z = x · 2ʸ; y is brought into 0 ... bits − 1"""
    return xp.left_shift(x, _shift(xp, x, y))


@op("RightShift", "T, T -> T where T: int", shape=broadcast, differentiable=False)
def right_shift(xp, x, y):
    """z = ⌊x / 2ʸ⌋; y is brought into 0 ... bits − 1"""
    return xp.right_shift(x, _shift(xp, x, y))


def _shift(xp: Any, x: Any, y: Any) -> Any:
    return xp.clip(y, 0, 8 * x.dtype.itemsize - 1).astype(x.dtype)


# Choice


@op("SelectV2", "bool, T, T -> T", shape=broadcast)
def select_v2(xp, condition, t, e):
    """y = t where the condition holds, else e"""
    return xp.where(condition, t, e)


@select_v2.gradient
def _(op, dy):
    condition = op.inputs[0]
    return None, select_v2(condition, dy, 0), select_v2(condition, 0, dy)


def _selected(op: Any) -> Shape:
    condition, shape = op.inputs[0]._shape, merge(op.inputs[1]._shape, op.inputs[2]._shape)
    if condition is None or shape is None or condition == ():
        return shape
    if len(condition) == 1 and shape:
        merge(condition, shape[:1])
        return shape
    return merge(condition, shape)


@op("Select", "bool, T, T -> T", shape=_selected)
def select(xp, condition, t, e):
    """y = t where the condition holds, else e, all of one shape; a vector condition chooses whole rows"""
    if t.shape != e.shape:
        raise ValueError(_unequal(t, 2, e))
    if condition.ndim == 1 and t.ndim > 1 and condition.shape[0] == t.shape[0]:
        condition = condition.reshape((-1,) + (1,) * (t.ndim - 1))
    elif condition.ndim and condition.shape != t.shape:
        raise ValueError(_unequal(condition, 1, t))
    return xp.where(condition, t, e)


def _unequal(first: Any, i: int, other: Any) -> str:
    shapes = [str(list(a.shape)).replace(" ", "") for a in (first, other)]
    return (
        "Inputs to operation Select of type Select must have the same size and shape.  "
        f"Input 0: {shapes[0]} != input {i}: {shapes[1]}"
    )


@select.gradient
def _(op, dy):
    from .constant import zeros_like

    condition, zeros = op.inputs[0], zeros_like(dy)
    return None, select(condition, dy, zeros), select(condition, zeros, dy)


def _places(op: Any) -> Shape:
    shape = op.inputs[0]._shape
    return (None, None if shape is None else len(shape))


@op("Where", "T -> int64 where T: float|complex|int|bool", shape=_places, differentiable=False,
    host="the shape of its result depends on values")  # fmt: skip
def where_true(xp, condition):
    """y = the indices of the elements that are true (or not 0), one row each, in row-major order"""
    if condition.ndim == 0:
        raise ValueError("WhereOp : Unhandled input dimensions: 0")
    return np.argwhere(condition)


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """z = x where `condition` holds, else y, all three broadcast.

    With `condition` alone: the indices of its true elements, one row each.

    >>> import tensorglass as tg
    >>> tg.where([True, False, True], [1, 2, 3], 0).numpy()
    array([1, 0, 3], dtype=int32)
    >>> tg.where([[True, False], [False, True]]).numpy().tolist()
    [[0, 0], [1, 1]]
    """
    return _where(select_v2, condition, x, y, name)


def where_v1(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """`where` of TensorFlow 1: nothing is broadcast; `condition` has the shape of x and y, or chooses their rows."""
    return _where(select, condition, x, y, name)


def _where(choose: Op, condition: Any, x: Any, y: Any, name: str | None) -> Any:
    if x is None and y is None:
        return where_true(condition, name=name)
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    return choose(condition, x, y, name=name)
