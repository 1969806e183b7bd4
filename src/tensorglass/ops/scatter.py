"""Values put at coordinates: `scatter_nd`, `tensor_scatter_nd_update` and its relatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..op import op
from ..shapes import Shape, compatible, text
from ..static import shape_value
from .gather import check_coordinates, gather_nd
from .rows import add_rows, fold_rows


def _check_updates(indices: Shape, updates: Shape, target: Shape) -> None:
    """ValueError where `updates` cannot have one block for each row of `indices`."""
    if indices is None or updates is None or target is None or not indices or indices[-1] is None:
        return
    depth = indices[-1]
    if depth > len(target):
        raise ValueError(
            f"The inner {depth} dimensions of indices must be at most the rank of the output, {len(target)}"
        )
    if not compatible(updates, indices[:-1] + target[depth:]):
        raise ValueError(
            f"Dimensions [0,{len(indices) - 1}) of indices[shape={text(indices)}] must match dimensions "
            f"[0,{len(indices) - 1}) of updates[shape={text(updates)}], and the other dimensions of updates those of "
            f"the output[shape={text(target)}] from {depth} on"
        )


def _flat(xp: Any, shape: tuple[int, ...], indices: Any, updates: Any) -> tuple[Any, Any]:
    """Row numbers in an array of `shape` whose indexed axes are folded into one, and the rows of `updates`."""
    depth = indices.shape[-1]
    _check_updates(indices.shape, updates.shape, shape)
    check_coordinates(indices, shape, "shape")
    steps = np.array([int(np.prod(shape[k + 1 : depth])) for k in range(depth)], indices.dtype)
    ids = xp.reshape(xp.sum(indices * steps, -1, dtype=indices.dtype), (-1,))
    return ids, xp.reshape(updates, (-1, *shape[depth:]))


def _rows(shape: tuple[int, ...], depth: int) -> int:
    return int(np.prod(shape[:depth], dtype=np.int64))


def _scattered(op: Any) -> Shape:
    indices, updates, target = op.inputs[0]._shape, op.inputs[1]._shape, shape_value(op.inputs[2])
    _check_updates(indices, updates, target)
    return target


@op("ScatterNd", "Tindices, T, host Tindices -> T where Tindices: index", shape=_scattered)
def scatter_nd(xp, indices, updates, shape):
    """y = zeros of `shape` with updates[i...] added at coordinates indices[i...]; duplicates add up

    Shape of updates: ``indices.shape[:-1] + shape[indices.shape[-1]:]``.  InvalidArgumentError for coordinates outside.

    >>> import tensorglass as tg
    >>> tg.scatter_nd([[1], [3], [1]], [10, 20, 30], [5]).numpy().tolist()
    [0, 40, 0, 20, 0]
    """
    shape = tuple(int(d) for d in shape)
    ids, rows = _flat(xp, shape, indices, updates)
    return xp.reshape(add_rows(xp, _rows(shape, indices.shape[-1]), ids, rows), shape)


@scatter_nd.gradient
def _(op, dy):
    return None, gather_nd(dy, op.inputs[0]), None


def _updated(op: Any) -> Shape:
    target, indices, updates = (t._shape for t in op.inputs)
    _check_updates(indices, updates, target)
    return target


def _changed(xp: Any, tensor: Any, indices: Any, updates: Any, verb: str) -> Any:
    """`tensor` with its elements at `indices` combined with `updates` by `verb` (a method of ``x.at[i]``)."""
    ids, rows = _flat(xp, tensor.shape, indices, updates)
    z = xp.array(tensor).reshape(_rows(tensor.shape, indices.shape[-1]), *rows.shape[1:])
    return fold_rows(xp, verb, z, ids, rows).reshape(tensor.shape)


@op("TensorScatterUpdate", "T, Tindices, T -> T where Tindices: index", shape=_updated)
def tensor_scatter_nd_update(xp, tensor, indices, updates):
    """y = x, but updates[i...] at coordinates indices[i...]; of duplicates the last one counts

    >>> import tensorglass as tg
    >>> tg.tensor_scatter_nd_update([1, 2, 3], [[1]], [9]).numpy().tolist()
    [1, 9, 3]
    """
    return _changed(xp, tensor, indices, updates, "set")


@tensor_scatter_nd_update.gradient
def _(op, dy):
    from .constant import zeros_like

    _, indices, updates = op.inputs
    return tensor_scatter_nd_update(dy, indices, zeros_like(updates)), None, gather_nd(dy, indices)


@op("TensorScatterAdd", "T, Tindices, T -> T where Tindices: index", shape=_updated)
def tensor_scatter_nd_add(xp, tensor, indices, updates):
    """y = x with updates[i...] added at coordinates indices[i...]; duplicates add up"""
    return _changed(xp, tensor, indices, updates, "add")


@tensor_scatter_nd_add.gradient
def _(op, dy):
    return dy, None, gather_nd(dy, op.inputs[1])


@op("TensorScatterSub", "T, Tindices, T -> T where Tindices: index", shape=_updated)
def tensor_scatter_nd_sub(xp, tensor, indices, updates):
    """y = x with updates[i...] subtracted at coordinates indices[i...]; duplicates add up"""
    return _changed(xp, tensor, indices, updates, "subtract")


@tensor_scatter_nd_sub.gradient
def _(op, dy):
    return dy, None, -gather_nd(dy, op.inputs[1])


@op("TensorScatterMax", "T, Tindices, T -> T where Tindices: index, T: float|int", shape=_updated)
def tensor_scatter_nd_max(xp, tensor, indices, updates):
    """y = x with the maximum of x and updates[i...] at coordinates indices[i...]"""
    return _changed(xp, tensor, indices, updates, "max")


@op("TensorScatterMin", "T, Tindices, T -> T where Tindices: index, T: float|int", shape=_updated)
def tensor_scatter_nd_min(xp, tensor, indices, updates):
    """y = x with the minimum of x and updates[i...] at coordinates indices[i...]"""
    return _changed(xp, tensor, indices, updates, "min")


@tensor_scatter_nd_max.gradient
@tensor_scatter_nd_min.gradient  # to whatever became the value; shared between equals
def _(op, dy):
    from .cast import cast
    from .logic import equal

    x, indices, updates = op.inputs
    y = op.outputs[0]
    kept, put = cast(equal(x, y), dy.dtype), cast(equal(gather_nd(y, indices), updates), dy.dtype)
    share = dy / tensor_scatter_nd_add(kept, indices, put)
    return share * kept, None, gather_nd(share, indices) * put
