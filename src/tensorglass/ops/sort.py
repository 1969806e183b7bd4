"""Order: `sort`, `argsort`, `top_k`, `nth_element`.

Equal elements keep their order (the lower index first), upwards and downwards.  NaN comes last either way.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..convert import convert_to_tensor
from ..names import scope
from ..op import op
from ..shapes import Shape
from ..static import constant_value
from .rows import add_rows

_ORDERED = "T: float|int"


def _order(xp: Any, x: Any, axis: int, descending: bool) -> Any:
    """The stable order of x along an axis."""
    if not descending:
        return xp.argsort(x, axis, stable=True)
    if x.dtype.kind == "f":
        return xp.argsort(-x, axis, stable=True)
    backwards = xp.argsort(xp.flip(x, axis), axis, stable=True)  # integers: −x may overflow
    return x.shape[axis] - 1 - xp.flip(backwards, axis)


def _sorted_shape(op: Any) -> Shape:
    shape = op.inputs[0]._shape
    if shape is not None and not -len(shape) <= op.axis < len(shape):
        raise ValueError(f"axis = {op.axis} is not in [{-len(shape)}, {len(shape)})")
    return shape


@op("ArgSort", f"T -> int32 where {_ORDERED}", shape=_sorted_shape, name="argsort", differentiable=False)
def argsort_op(xp, values, *, axis=-1, descending=False):
    """y = the indices that put x in order along an axis"""
    return _order(xp, values, axis, descending).astype(np.int32)


@op("TakeAlongAxis", "T, Tindices -> T where Tindices: index", shape=lambda op: op.inputs[1]._shape)
def take_along_axis(xp, x, indices, *, axis=-1):
    """y[..., i, ...] = x[..., indices[..., i, ...], ...], line by line along an axis"""
    return xp.take_along_axis(x, indices, axis)


@take_along_axis.gradient
def _(op, dy):
    x, indices = op.inputs
    return add_along_axis(x, indices, dy, axis=op.axis), None


@op("AddAlongAxis", "like T, Tindices, T -> T where Tindices: index", shape=lambda op: op.inputs[0]._shape)
def add_along_axis(xp, like, indices, dy, *, axis=-1):
    """x[..., indices[..., i, ...], ...] += dy[..., i, ...], all else zero"""
    lines = (xp.moveaxis(a, axis, -1) for a in (indices, dy))
    indices, dy = (xp.reshape(a, (-1, a.shape[-1])) for a in lines)
    outer = list(like.shape)
    size = outer.pop(axis)
    ids = indices + np.arange(indices.shape[0], dtype=indices.dtype)[:, None] * size
    total = add_rows(xp, indices.shape[0] * size, xp.reshape(ids, (-1,)), xp.reshape(dy, (-1,)))
    return xp.moveaxis(xp.reshape(total, (*outer, size)), -1, axis)


@add_along_axis.gradient
def _(op, dx):
    return None, None, take_along_axis(dx, op.inputs[1], axis=op.axis)


def _descending(direction: str) -> bool:
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(
            f"Argument `direction` should be one of ASCENDING, DESCENDING. Received: direction={direction}"
        )
    return direction == "DESCENDING"


def _constant_axis(axis: Any) -> int:
    known = constant_value(axis)
    if known is None:
        raise ValueError("axis must be a constant scalar")
    return int(known)


def argsort(
    values: Any, axis: Any = -1, direction: str = "ASCENDING", stable: bool = False, name: str | None = None
) -> Any:
    """y = the indices that put `values` in order along `axis`: ``take_along_axis(values, y)`` is sorted.

    Equal elements keep their order, whatever `stable` says.

    >>> import tensorglass as tg
    >>> tg.argsort([3, 1, 2], direction="DESCENDING").numpy().tolist()
    [0, 2, 1]
    """
    return argsort_op(values, axis=_constant_axis(axis), descending=_descending(direction), name=name)


def sort(values: Any, axis: Any = -1, direction: str = "ASCENDING", name: str | None = None) -> Any:
    """y = `values` in order along `axis`; `direction` is "ASCENDING" or "DESCENDING".

    >>> import tensorglass as tg
    >>> tg.sort([3, 1, 2]).numpy().tolist()
    [1, 2, 3]
    """
    axis, descending = _constant_axis(axis), _descending(direction)
    with scope(name, "sort", [values]):
        x = convert_to_tensor(values, name="values")
        return take_along_axis(x, argsort_op(x, axis=axis, descending=descending), axis=axis)


def _top_shapes(op: Any) -> list[Shape]:
    shape, k = op.inputs[0]._shape, constant_value(op.inputs[1])
    if k is not None and int(k) < 0:
        raise ValueError(f"Dimension size, given by scalar input 1, must be non-negative but is {int(k)}")
    if shape is None:
        return [None, None]
    if not shape:
        raise ValueError("Shape must be at least rank 1 but is rank 0")
    if k is not None and shape[-1] is not None and shape[-1] < int(k):
        raise ValueError(f"input must have last dimension >= k = {int(k)} but is {shape[-1]}")
    return [(*shape[:-1], None if k is None else int(k))] * 2


@op("TopKV2", f"T, host Tk -> T, int32 where {_ORDERED}, Tk: index", shape=_top_shapes, outputs=("values", "indices"))
def top_k_op(xp, input, k, *, sorted=True):
    """values, indices = the k largest elements of each row, the largest first"""
    k = int(k)
    if k < 0:
        raise ValueError(f"Need k >= 0, got {k}")
    if input.ndim < 1:
        raise ValueError("input must be >= 1-D, got shape []")
    if input.shape[-1] < k:
        raise ValueError(f"input must have at least k columns. Had {input.shape[-1]}, needed {k}")
    indices = _order(xp, input, -1, True)[..., :k].astype(np.int32)
    return xp.take_along_axis(input, indices, -1), indices


@top_k_op.gradient
def _(op, dvalues, dindices):
    return add_along_axis(op.inputs[0], op.outputs[1], dvalues), None


def top_k(input: Any, k: Any = 1, sorted: bool = True, name: str | None = None) -> Any:
    """values, indices: the `k` largest elements of each row (the last axis) of `input`, the largest first.

    Of equal elements the one with the lower index comes first.  InvalidArgumentError where rows have fewer elements.

    >>> import tensorglass as tg
    >>> values, indices = tg.nn.top_k([3, 9, 5], 2)
    >>> values.numpy().tolist(), indices.numpy().tolist()
    ([9, 5], [1, 2])
    """
    return top_k_op(input, k, sorted=sorted, name=name)


def _nth_shape(op: Any) -> Shape:
    shape, n = op.inputs[0]._shape, constant_value(op.inputs[1])
    if shape is None:
        return None
    if not shape:
        raise ValueError("Shape must be at least rank 1 but is rank 0")
    if n is not None and shape[-1] is not None and int(n) >= shape[-1]:
        raise ValueError(f"Input must have last dimension > n = {int(n)} but is {shape[-1]}")
    return shape[:-1]


@op("NthElement", f"T, host int32 -> T where {_ORDERED}", shape=_nth_shape)
def nth_element(xp, input, n, *, reverse=False):
    """y = the element at place n (from 0) of each row in rising order, or in falling order with `reverse`

    >>> int(nth_element([30, 10, 20], 1))
    20
    """
    n, size = int(n), input.shape[-1]
    if not 0 <= n < size:
        raise ValueError(f"Input must have at least n+1 columns: {size}, n = {n}")
    n = size - 1 - n if reverse else n
    return xp.partition(input, n, -1)[..., n]


@nth_element.gradient  # to the element that was chosen, shared between equals
def _(op, dy):
    from .array import expand_dims
    from .cast import cast
    from .logic import equal
    from .reduce import reduce_sum

    chosen = cast(equal(op.inputs[0], expand_dims(op.outputs[0], -1)), dy.dtype)
    return chosen * expand_dims(dy / reduce_sum(chosen, -1), -1), None
