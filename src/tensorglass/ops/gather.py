"""Rows, elements and blocks picked by index: `gather`, `gather_nd`, `boolean_mask`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..convert import convert_to_tensor
from ..faults import found
from ..graph import Tensor
from ..indexed_slices import IndexedSlices
from ..names import scope
from ..op import op
from ..shapes import Shape, compatible, merge, num_elements
from ..static import constant_value
from .rows import add_rows, boxed, position


def _gathered(op: Any) -> Shape:
    params, indices, axis = op.inputs[0]._shape, op.inputs[1]._shape, constant_value(op.inputs[2])
    n = op.batch_dims
    if params is None or indices is None:
        return None
    if n > len(indices):
        raise ValueError(f"batch_dims ({n}) must be less than or equal to ndims(indices) ({len(indices)})")
    if axis is None:
        return (None,) * (len(params) + len(indices) - 1 - n)
    axis = _axis(int(axis), len(params))
    batch = merge(params[:n], indices[:n])
    return (*batch, *params[n:axis], *indices[n:], *params[axis + 1 :])  # type: ignore[misc]


def _axis(axis: int, rank: int) -> int:
    if not -rank <= axis < rank:
        raise ValueError(f"Expected axis in the range [{-rank}, {rank}), but got {axis}")
    return axis % rank


def _check_indices(indices: Any, size: int) -> None:
    """InvalidArgumentError, by way of ValueError, for an index that is not in [0, size)."""
    if indices.size and found((indices.min() < 0) | (indices.max() >= size)):
        bad = int(np.argmax((indices < 0) | (indices >= size)))
        raise ValueError(f"indices{position(bad, indices.shape)} = {np.ravel(indices)[bad]} is not in [0, {size})")


def _folded(shape: tuple[int, ...], axis: int, batch_dims: int) -> tuple[int, int, int, int]:
    """`shape` as (batch, outer, size of the axis, inner)."""
    return (
        math.prod(shape[:batch_dims]),
        math.prod(shape[batch_dims:axis]),
        shape[axis],
        math.prod(shape[axis + 1 :]),
    )


@op("GatherV2", "Tparams, Tindices, host Taxis -> Tparams where Tindices: index, Taxis: index", shape=_gathered)
def gather_op(xp, params, indices, axis, *, batch_dims=0):
    """y[..., i, ...] = x[..., indices[i], ...] along an axis, batch by batch for the first `batch_dims` axes"""
    axis = _axis(int(axis), params.ndim)
    _check_indices(indices, params.shape[axis])
    if not batch_dims:
        return boxed(xp.take(params, indices, axis))
    if params.shape[:batch_dims] != indices.shape[:batch_dims]:
        raise ValueError(
            f"params.shape[:batch_dims] {list(params.shape)} should be equal to indices.shape[:batch_dims] "
            f"{list(indices.shape)}"
        )
    batch, outer, size, inner = _folded(params.shape, axis, batch_dims)
    x = xp.reshape(params, (batch, outer, size, inner))
    picked = x[np.arange(batch)[:, None], :, xp.reshape(indices, (batch, -1))]  # [batch, indices, outer, inner]
    shape = params.shape[:axis] + indices.shape[batch_dims:] + params.shape[axis + 1 :]
    return xp.reshape(xp.moveaxis(picked, 1, 2), shape)


@gather_op.gradient  # the rows of ȳ go back to where they came from; rows picked twice add up
def _(op, dy):
    params, indices, axis = op.inputs
    if constant_value(axis) == 0 and not op.batch_dims:
        return _slices(params, indices, dy), None, None
    return gather_grad(params, indices, axis, dy, batch_dims=op.batch_dims), None, None


def _slices(params: Any, indices: Any, dy: Any) -> IndexedSlices:
    """The gradient of rows picked from `params`: only these rows, not the zeros between them."""
    from .array import concat, reshape, shape, size

    dense_shape = shape(params)
    rest = None if params._shape is None else params._shape[1:]
    count = num_elements(indices._shape)
    if rest is not None and None not in rest and 0 not in rest:
        values = reshape(dy, [-1, *rest])
    else:
        first = reshape(size(indices), [1]) if count is None else [count]
        values = reshape(dy, concat([first, dense_shape[1:]], 0))
    return IndexedSlices(values, reshape(indices, [-1]), dense_shape)


@op("GatherGrad", "like T, Tindices, host Taxis, T -> T where Tindices: index, Taxis: index",
    shape=lambda op: op.inputs[0]._shape)  # fmt: skip
def gather_grad(xp, params, indices, axis, dy, *, batch_dims=0):
    """x[..., indices[i], ...] += dy[..., i, ...], all else zero"""
    axis = _axis(int(axis), len(params.shape))
    batch, outer, size, inner = _folded(params.shape, axis, batch_dims)
    _check_indices(indices, size)
    rows = xp.moveaxis(xp.reshape(dy, (batch, outer, -1, inner)), 2, 1)
    ids = xp.reshape(indices, (batch, -1)) + np.arange(batch, dtype=indices.dtype)[:, None] * size
    total = add_rows(xp, batch * size, xp.reshape(ids, (-1,)), xp.reshape(rows, (-1, outer, inner)))
    return xp.reshape(xp.moveaxis(xp.reshape(total, (batch, size, outer, inner)), 1, 2), params.shape)


@gather_grad.gradient
def _(op, dx):
    _, indices, axis, _ = op.inputs
    return None, None, None, gather_op(dx, indices, axis, batch_dims=op.batch_dims)


def gather(
    params: Any,
    indices: Any,
    validate_indices: Any = None,
    axis: Any = None,
    batch_dims: int = 0,
    name: str | None = None,
) -> Any:
    """y = the slices of `params` along `axis` that `indices` name, in their order and shape.

    The result has the shape of `params` with axis `axis` replaced by the shape of `indices`.  The first `batch_dims`
    axes of both are walked together.  InvalidArgumentError for an index outside [0, size).

    >>> import tensorglass as tg
    >>> tg.gather([10, 20, 30], [2, 0, 2]).numpy().tolist()
    [30, 10, 30]
    """
    if isinstance(batch_dims, int) and batch_dims < 0:
        indices = convert_to_tensor(indices, name="indices")
        if indices._shape is None:
            raise ValueError("a negative batch_dims needs indices of known rank")
        batch_dims += len(indices._shape)
    return gather_op(params, indices, batch_dims if axis is None else axis, batch_dims=batch_dims, name=name)


def batch_gather(params: Any, indices: Any, name: str | None = None) -> Any:
    """y[b..., i] = params[b..., indices[b..., i]]: `gather` with all axes of `indices` but the last as batch axes."""
    indices = convert_to_tensor(indices, name="indices")
    if indices._shape is None:
        raise ValueError("batch_gather does not allow indices with unknown shape.")
    return gather(params, indices, batch_dims=len(indices._shape) - 1, name=name or "BatchGather")


# Elements and blocks by coordinates


def _gathered_nd(op: Any) -> Shape:
    params, indices = (t._shape for t in op.inputs)
    if indices is None or params is None or (indices and indices[-1] is None):
        return None
    if not indices:
        raise ValueError("Shape must be at least rank 1 but is rank 0")
    if indices[-1] > len(params):
        raise ValueError(f"indices.shape[-1] must be <= params.rank, but saw indices shape: {list(indices)} and "
                         f"params shape: {list(params)}")  # fmt: skip
    return indices[:-1] + params[indices[-1] :]


def check_coordinates(indices: Any, shape: tuple[int, ...], says: str) -> None:
    """ValueError for the first row of `indices` that points outside of `shape`; `says` ends its sentence."""
    depth = indices.shape[-1]
    if not depth or not indices.size:
        return
    bad = ((indices < 0) | (indices >= np.array(shape[:depth], indices.dtype))).any(-1)
    if found(bad.any()):
        at = int(np.argmax(bad))
        row = ", ".join(str(i) for i in indices.reshape(-1, depth)[at])
        raise ValueError(f"indices{position(at, bad.shape)} = [{row}] does not index into {says} {_text(shape)}")


def _text(shape: Any) -> str:
    return "[" + ",".join(str(int(d)) for d in shape) + "]"


@op("GatherNd", "Tparams, Tindices -> Tparams where Tindices: index", shape=_gathered_nd)
def gather_nd_op(xp, params, indices):
    """y[i...] = x[indices[i..., 0], indices[i..., 1], ...]"""
    depth = indices.shape[-1]
    if depth > np.ndim(params):
        raise ValueError(f"index innermost dimension length must be <= params rank; saw: {depth} vs. {np.ndim(params)}")
    check_coordinates(indices, params.shape, "param shape")
    if not depth:
        return xp.broadcast_to(params, indices.shape[:-1] + params.shape)
    return params[(*(indices[..., k] for k in range(depth)), ...)]


@gather_nd_op.gradient  # each element goes back to where it came from
def _(op, dy):
    from .array import reshape, shape
    from .scatter import scatter_nd

    params, indices = op.inputs
    if indices._shape is not None and len(indices._shape) == 2 and indices._shape[1] == 1:
        return IndexedSlices(dy, reshape(indices, [-1]), shape(params)), None
    return scatter_nd(indices, dy, shape(params, out_type=indices.dtype.base_dtype)), None


def gather_nd(params: Any, indices: Any, batch_dims: int = 0, name: str | None = None) -> Any:
    """y[i...] = params[indices[i..., 0], indices[i..., 1], ...]: the last axis of `indices` holds coordinates.

    Shape: ``indices.shape[:-1] + params.shape[indices.shape[-1]:]``.  The first `batch_dims` axes of both are walked
    together.  InvalidArgumentError for coordinates outside.

    >>> import tensorglass as tg
    >>> tg.gather_nd([[1, 2], [3, 4]], [[0, 1], [1, 0]]).numpy().tolist()
    [2, 3]
    """
    if not batch_dims:
        return gather_nd_op(params, indices, name=name)
    with scope(name, "GatherNd"):
        return gather_nd_op(params, _with_batches(convert_to_tensor(indices), batch_dims))


def _with_batches(indices: Any, batch_dims: int) -> Any:
    """`indices` with the position in the first `batch_dims` axes put before each row of coordinates."""
    from .array import concat, reshape, shape
    from .constant import range as range_tensor
    from .reduce import broadcast_like

    if indices._shape is None:
        raise ValueError("a negative batch_dims, or one above 0, needs indices of known rank")
    rank = len(indices._shape)
    if not 0 < batch_dims % rank < rank:
        raise ValueError(f"batch_dims = {batch_dims} must be less than rank(indices) = {rank}")
    sizes, index = shape(indices, out_type=indices.dtype.base_dtype), indices.dtype.base_dtype
    column = indices[..., :1]
    parts = [
        broadcast_like(reshape(range_tensor(sizes[k], dtype=index), [-1] + [1] * (rank - 1 - k)), column)
        for k in range(batch_dims % rank)
    ]
    return concat([*parts, indices], -1)


# By a mask


def boolean_mask(tensor: Any, mask: Any, axis: Any = None, name: str = "boolean_mask") -> Any:
    """y = the slices of `tensor` at which `mask` is True, in order.

    The axes of `mask` are those of `tensor` from `axis` on (0 by default); they become one.  ValueError for a scalar
    mask or one of another shape.

    >>> import tensorglass as tg
    >>> tg.boolean_mask([[1, 2], [3, 4], [5, 6]], [True, False, True]).numpy().tolist()
    [[1, 2], [5, 6]]
    """
    with scope(name, "boolean_mask"):
        tensor, mask = convert_to_tensor(tensor, name="tensor"), convert_to_tensor(mask, name="mask")
        if mask._shape is None:
            raise ValueError(
                "Number of mask dimensions must be specified, even if some dimensions are None.  "
                "E.g. shape=[None] is ok, but shape=None is not."
            )
        if not mask._shape:
            raise ValueError("mask cannot be scalar.")
        axis = 0 if axis is None else int(constant_value(axis))  # type: ignore[arg-type]
        if tensor._shape is not None and axis < 0:
            axis += len(tensor._shape)
        return _masked(tensor, mask, axis)


def _masked(tensor: Tensor, mask: Tensor, axis: int) -> Any:
    from .array import concat, reshape, shape, squeeze
    from .logic import where

    n = len(mask._shape)  # type: ignore[arg-type]
    known = None if tensor._shape is None else tensor._shape[axis : axis + n]
    if not compatible(known, mask._shape):
        raise ValueError(f"Shapes {known} and {mask._shape} are incompatible")
    sizes = shape(tensor)
    tensor = reshape(tensor, concat([sizes[:axis], [-1], sizes[axis + n :]], 0))  # also for n = 1: a dense gradient
    mask = reshape(mask, [-1])
    chosen = squeeze(where(mask), [1])
    return gather(tensor, chosen, axis=axis)
