"""Reductions: sums, means, extremes over axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..convert import convert_to_tensor
from ..op import op
from ..shapes import Shape
from ..static import constant_value


def axes_of(axis: Any) -> tuple[int, ...]:
    """The axes of a host operand, however it comes: an int, a tuple, an array."""
    if axis.__class__ is tuple:
        return axis
    return tuple(np.atleast_1d(axis).tolist())


def reduced(op: Any) -> Shape:
    """The shape that is left when the axes in the second input are reduced."""
    shape, axes = op.inputs[0]._shape, constant_value(op.inputs[1])
    if shape is None:
        return None
    if axes is None:
        return (None,) * len(shape) if op.attrs["keep_dims"] else None
    gone = set()
    for a in axes_of(axes):
        if not -len(shape) <= a < len(shape):
            raise ValueError(f"Invalid reduction dimension {a} for input with {len(shape)} dimensions")
        gone.add(a % len(shape))
    if op.attrs["keep_dims"]:
        return tuple(1 if i in gone else d for i, d in enumerate(shape))
    return tuple(d for i, d in enumerate(shape) if i not in gone)


@op("Sum", "T, host Tidx -> T where T: float|complex|int, Tidx: index", shape=reduced)
def sum_op(xp, input, reduction_indices, *, keep_dims=False):
    """y = Σ x over the given axes"""
    return xp.sum(input, axis=axes_of(reduction_indices), keepdims=keep_dims, dtype=input.dtype)


@sum_op.gradient  # every element has weight 1
def _(op, dy):
    return broadcast_back(dy, op)


@op("Mean", "T, host Tidx -> T where T: float|complex|int, Tidx: index", shape=reduced)
def mean_op(xp, input, reduction_indices, *, keep_dims=False):
    """y = (1/n) Σ x over the given axes"""
    total = xp.sum(input, axis=axes_of(reduction_indices), keepdims=keep_dims, dtype=input.dtype)
    n = input.size // max(total.size, 1)
    return (total / input.dtype.type(n)).astype(input.dtype) if input.dtype.kind in "fc" else (total // max(n, 1))


@mean_op.gradient  # every element has weight 1/n
def _(op, dy):
    from .array import size
    from .cast import cast

    x, y = op.inputs[0], op.outputs[0]
    n = size(x) // size(y)
    return broadcast_back(dy / cast(n, dy.dtype), op)


def broadcast_back(dy: Any, op: Any) -> Any:
    """Repeat the gradient `dy` of a reduction along the axes that `op` reduced."""
    from .array import reshape

    x, kept = op.inputs[0], op.get_attr("keep_dims")
    axes = constant_value(op.inputs[1])
    if not kept:
        if axes is None or x._shape is None:
            return spread_like(dy, x, op.inputs[1])
        gone = {a % len(x._shape) for a in axes_of(axes)}
        if len(gone) < len(x._shape) and gone != set(range(len(gone))):  # leading axes broadcast by themselves
            shape = [1 if i in gone else -1 if d is None else d for i, d in enumerate(x._shape)]
            if shape.count(-1) > 1:
                return spread_like(dy, x, op.inputs[1])
            dy = reshape(dy, shape)
    return broadcast_like(dy, x)


@op("SpreadLike", "T, like U, host Tidx -> T where Tidx: index", shape=lambda op: op.inputs[1]._shape)
def spread_like(xp, y, like, axes):
    """x = y repeated along the axes of `like` that a reduction took away"""
    gone = {a % like.ndim for a in axes_of(axes)}
    return xp.broadcast_to(xp.reshape(y, [1 if i in gone else d for i, d in enumerate(like.shape)]), like.shape)


@spread_like.gradient
def _(op, dx):
    return sum_op(dx, op.inputs[2]), None, None


@op("BroadcastLike", "T, like U -> T", shape=lambda op: op.inputs[1]._shape)
def broadcast_like(xp, x, like):
    """y = x broadcast to the shape of `like`"""
    return xp.broadcast_to(x, like.shape)


@broadcast_like.gradient
def _(op, dy):
    return sum_to_like(dy, op.inputs[0]), None


@op("SumToLike", "T, like U -> T", shape=lambda op: op.inputs[1]._shape)
def sum_to_like(xp, x, like):
    """y = x summed over the axes along which something of the shape of `like` was broadcast"""
    if x.shape == like.shape:
        return xp.asarray(x)
    lead = x.ndim - len(like.shape)
    axes = tuple(i for i in range(x.ndim) if i < lead or (like.shape[i - lead] == 1 and x.shape[i] != 1))
    return xp.reshape(xp.sum(x, axis=axes), like.shape)


@sum_to_like.gradient
def _(op, dy):
    return broadcast_like(dy, op.inputs[0]), None


def _all_axes(x: Any, axis: Any) -> Any:
    """The axes to reduce: what the user gave, or every one."""
    if axis is not None:
        return axis
    if x._shape is not None:
        from .constant import constant

        return constant(np.arange(len(x._shape), dtype=np.int32), name="Const")
    from .array import rank
    from .constant import range

    return range(0, rank(x))


def reduce_sum(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """y = Σ x over `axis` (an int, a list, or None for all axes); ``keepdims`` leaves the reduced axes as size 1.

    >>> import tensorglass as tg
    >>> tg.reduce_sum([[1, 2], [3, 4]], axis=0).numpy().tolist()
    [4, 6]
    """
    x = convert_to_tensor(input_tensor)
    return sum_op(x, _all_axes(x, axis), keep_dims=bool(keepdims), name=name)


def reduce_mean(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """y = (1/n) Σ x over `axis` (an int, a list, or None for all axes); integers divide downwards"""
    x = convert_to_tensor(input_tensor)
    return mean_op(x, _all_axes(x, axis), keep_dims=bool(keepdims), name=name)
