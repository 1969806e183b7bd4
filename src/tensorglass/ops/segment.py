"""Rows summed, multiplied and compared by group: segment reductions."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..convert import convert_to_tensor
from ..faults import found
from ..names import scope
from ..op import Op, op
from ..shapes import Shape, compatible, merge, text
from ..static import constant_value
from .rows import add_rows, concrete, fold_rows, position

_ADDABLE = "T: float|complex|int, Tindices: index"
_ORDERED = "T: float|int, Tindices: index"


def _lowest(dtype: Any) -> Any:
    return np.finfo(dtype).min if dtype.kind == "f" else np.iinfo(dtype).min


def _highest(dtype: Any) -> Any:
    return np.finfo(dtype).max if dtype.kind == "f" else np.iinfo(dtype).max


# Sorted segments: the ids rise, and the last one tells how many segments there are


def _segments_shape(op: Any) -> Shape:
    data, ids = (t._shape for t in op.inputs)
    if ids is not None and len(ids) != 1:
        raise ValueError(f"Shape must be rank 1 but is rank {len(ids)}")
    if data is None:
        return None
    if not data:
        raise ValueError("Shape must be at least rank 1 but is rank 0")
    if ids is not None:
        merge(data[:1], ids)
    known = constant_value(op.inputs[1])
    return (None if known is None or not known.size else int(known[-1]) + 1, *data[1:])


def _counted(data: Any, segment_ids: Any) -> tuple[np.ndarray, int]:
    """The ids and the number of segments; ValueError where the ids are not what they should be."""
    ids = np.asarray(segment_ids, np.int64)
    if ids.ndim != 1 or ids.shape[0] != data.shape[0]:
        raise ValueError("segment_ids should be the same size as dimension 0 of input.")
    if not ids.size:
        return ids, 0
    if ids[0] < 0:
        raise ValueError(
            f"Segment id {ids[0]} out of range [0, {ids[-1] + 1}), possibly because 'segment_ids' input is not sorted."
        )
    if (np.diff(ids) < 0).any():
        raise ValueError("segment ids are not increasing")
    return ids, int(ids[-1]) + 1


@op("SegmentSum", f"T, host Tindices -> T where {_ADDABLE}", shape=_segments_shape)
def segment_sum(xp, data, segment_ids):
    """yₛ = Σ xᵢ over the rows i of segment s; 0 for an empty segment

    `segment_ids` has one id for each row of `data`, in rising order.

    >>> import tensorglass as tg
    >>> tg.math.segment_sum([1, 2, 3, 4], [0, 0, 1, 1]).numpy().tolist()
    [3, 7]
    """
    ids, count = _counted(data, segment_ids)
    return add_rows(xp, count, ids, data)


@op("SegmentMean", f"T, host Tindices -> T where {_ADDABLE}", shape=_segments_shape)
def segment_mean(xp, data, segment_ids):
    """yₛ = the mean of xᵢ over the rows i of segment s; 0 for an empty segment"""
    ids, count = _counted(data, segment_ids)
    sizes = np.maximum(np.bincount(ids, minlength=count), 1).astype(data.dtype)
    sizes = sizes.reshape(-1, *[1] * (data.ndim - 1))
    total = add_rows(xp, count, ids, data)
    return total / sizes if data.dtype.kind in "fc" else total // sizes


@op("SegmentProd", f"T, host Tindices -> T where {_ADDABLE}", shape=_segments_shape)
def segment_prod(xp, data, segment_ids):
    """yₛ = Π xᵢ over the rows i of segment s; 1 for an empty segment"""
    ids, count = _counted(data, segment_ids)
    return fold_rows(xp, "multiply", xp.ones((count, *data.shape[1:]), data.dtype), ids, data)


@op("SegmentMax", f"T, host Tindices -> T where {_ORDERED}", shape=_segments_shape)
def segment_max(xp, data, segment_ids):
    """yₛ = max xᵢ over the rows i of segment s; 0 for an empty segment"""
    return _extreme(xp, data, segment_ids, "max", _lowest(data.dtype))


@op("SegmentMin", f"T, host Tindices -> T where {_ORDERED}", shape=_segments_shape)
def segment_min(xp, data, segment_ids):
    """yₛ = min xᵢ over the rows i of segment s; 0 for an empty segment"""
    return _extreme(xp, data, segment_ids, "min", _highest(data.dtype))


def _extreme(xp: Any, data: Any, segment_ids: Any, verb: str, start: Any) -> Any:
    ids, count = _counted(data, segment_ids)
    y = fold_rows(xp, verb, xp.full((count, *data.shape[1:]), start, data.dtype), ids, data)
    empty = (np.bincount(ids, minlength=count) == 0).reshape(-1, *[1] * (data.ndim - 1))
    return xp.where(empty, xp.zeros((), data.dtype), y)


# Unsorted segments: ids in any order and of any shape, negative ones are left out


def _unsorted_shape(op: Any) -> Shape:
    data, ids, count = op.inputs[0]._shape, op.inputs[1]._shape, constant_value(op.inputs[2])
    if data is None or ids is None:
        return None
    if len(ids) > len(data) or not compatible(data[: len(ids)], ids):
        raise ValueError(f"data.shape = {text(data)} does not start with segment_ids.shape = {text(ids)}")
    return (None if count is None else int(count), *data[len(ids) :])


def _folded(xp: Any, verb: str, data: Any, ids: Any, count: Any, start: Any) -> Any:
    """`count` rows of `start` combined with those rows of `data` whose id is not negative."""
    count, rank = int(count), np.ndim(ids)
    if data.shape[:rank] != np.shape(ids):
        raise ValueError(
            f"data.shape = {list(data.shape)} does not start with segment_ids.shape = {list(np.shape(ids))}"
        )
    rows, flat = xp.reshape(data, (-1, *data.shape[rank:])), xp.reshape(ids, (-1,))
    if flat.size and found(flat.max() >= count):
        bad = int(np.argmax(flat >= count))
        raise ValueError(f"segment_ids{position(bad, np.shape(ids))} = {flat[bad]} is out of range [0, {count})")
    if not concrete(ids):
        flat = xp.where(flat < 0, count, flat)  # XLA drops what lies outside
    elif flat.size and flat.min() < 0:
        rows, flat = rows[flat >= 0], flat[flat >= 0]
    return fold_rows(xp, verb, xp.full((count, *rows.shape[1:]), start, data.dtype), flat, rows)


_UNSORTED = "T, Tindices, host Tnumsegments -> T where {}, Tnumsegments: index"


@op("UnsortedSegmentSum", _UNSORTED.format(_ADDABLE), shape=_unsorted_shape)
def unsorted_segment_sum(xp, data, segment_ids, num_segments):
    """yₛ = Σ xᵢ over the rows i with id s; 0 where there is none

    `segment_ids` has the shape of the leading axes of `data`; rows with a negative id are left out.
    InvalidArgumentError for an id of `num_segments` or more.

    >>> import tensorglass as tg
    >>> tg.math.unsorted_segment_sum([1, 2, 3, 4], [1, 0, 1, -1], 3).numpy().tolist()
    [2, 4, 0]
    """
    return _folded(xp, "add", data, segment_ids, num_segments, 0)


@op("UnsortedSegmentProd", _UNSORTED.format(_ADDABLE), shape=_unsorted_shape)
def unsorted_segment_prod(xp, data, segment_ids, num_segments):
    """yₛ = Π xᵢ over the rows i with id s; 1 where there is none"""
    return _folded(xp, "multiply", data, segment_ids, num_segments, 1)


@op("UnsortedSegmentMax", _UNSORTED.format(_ORDERED), shape=_unsorted_shape)
def unsorted_segment_max(xp, data, segment_ids, num_segments):
    """yₛ = max xᵢ over the rows i with id s; the lowest number there is where there is none"""
    return _folded(xp, "max", data, segment_ids, num_segments, _lowest(data.dtype))


@op("UnsortedSegmentMin", _UNSORTED.format(_ORDERED), shape=_unsorted_shape)
def unsorted_segment_min(xp, data, segment_ids, num_segments):
    """yₛ = min xᵢ over the rows i with id s; the highest number there is where there is none"""
    return _folded(xp, "min", data, segment_ids, num_segments, _highest(data.dtype))


def _spread_shape(op: Any) -> Shape:
    y, ids = (t._shape for t in op.inputs)
    return None if y is None or ids is None else ids + y[1:]


@op("SegmentSpread", "T, Tindices -> T where Tindices: index", shape=_spread_shape)
def segment_spread(xp, y, segment_ids):
    """xᵢ = the row of y that id i names, 0 for a negative id: what undoes a segment sum"""
    ids = xp.asarray(segment_ids)
    rows = xp.take(y, xp.maximum(ids, 0), 0)
    if concrete(ids) and not (ids < 0).any():
        return rows
    keep = xp.reshape(ids >= 0, (*ids.shape, *[1] * (y.ndim - 1)))
    return xp.where(keep, rows, xp.zeros((), y.dtype))


@segment_spread.gradient
def _(op, dx):
    from .array import shape

    y, ids = op.inputs
    return unsorted_segment_sum(dx, ids, shape(y)[0]), None


# Gradients, the same for sorted and unsorted segments


@segment_sum.gradient
@unsorted_segment_sum.gradient  # every row of a segment gets that segment's ȳ
def _(op, dy):
    return segment_spread(dy, op.inputs[1])


@segment_mean.gradient
def _(op, dy):
    from .constant import ones_like
    from .elementwise import maximum

    data, ids = op.inputs
    sizes = segment_sum(ones_like(data), ids)
    return segment_spread(dy / maximum(sizes, ones_like(sizes)), ids)


def _again(op: Any, reduction: Op, data: Any) -> Any:
    """Another reduction over the segments of `op`."""
    return reduction(data, *op.inputs[1:])


@segment_max.gradient
@segment_min.gradient
@unsorted_segment_max.gradient
@unsorted_segment_min.gradient  # to the rows that are the extreme, shared between equals
def _(op, dy):
    from .cast import cast
    from .constant import ones_like
    from .elementwise import maximum
    from .logic import equal

    data, ids = op.inputs[:2]
    total = segment_sum if len(op.inputs) == 2 else unsorted_segment_sum
    chosen = cast(equal(data, segment_spread(op.outputs[0], ids)), dy.dtype)
    shares = _again(op, total, chosen)
    return chosen * segment_spread(dy / maximum(shares, ones_like(shares)), ids)


@segment_prod.gradient
@unsorted_segment_prod.gradient  # ȳ times the product of the other rows: y / x, but where x is 0
def _(op, dy):
    from .cast import cast
    from .constant import ones_like, zeros_like
    from .logic import equal, where

    data, ids = op.inputs[:2]
    total, product = (
        (segment_sum, segment_prod) if len(op.inputs) == 2 else (unsorted_segment_sum, unsorted_segment_prod)
    )
    is_zero = equal(data, zeros_like(data))
    nonzero = where(is_zero, ones_like(data), data)
    zeros = segment_spread(_again(op, total, cast(is_zero, dy.dtype)), ids)  # how many, in each row's segment
    others = segment_spread(_again(op, product, nonzero), ids) / nonzero
    alone = equal(zeros, cast(is_zero, dy.dtype))  # no zero but this row itself
    return segment_spread(dy, ids) * where(alone, others, zeros_like(others))


def _sizes(data: Any, segment_ids: Any, num_segments: Any) -> Any:
    """How many rows each segment has, at least 1, shaped to divide them."""
    from .array import concat, rank, reshape, shape
    from .constant import fill, ones_like
    from .elementwise import maximum

    data, ids = convert_to_tensor(data), convert_to_tensor(segment_ids)
    count = unsorted_segment_sum(ones_like(ids, dtype=data.dtype.base_dtype), ids, num_segments)
    count = maximum(count, ones_like(count))
    if data._shape is not None and ids._shape is not None:
        return reshape(count, [-1] + [1] * (len(data._shape) - len(ids._shape)))
    return reshape(count, concat([shape(count), fill(reshape(rank(data) - rank(ids), [1]), 1)], 0))


def unsorted_segment_mean(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    """yₛ = the mean of xᵢ over the rows i with id s; 0 where there is none"""
    with scope(name, "UnsortedSegmentMean"):
        total = unsorted_segment_sum(data, segment_ids, num_segments)
        return total / _sizes(data, segment_ids, num_segments)


def unsorted_segment_sqrt_n(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
    """yₛ = Σ xᵢ / √n over the n rows i with id s; 0 where there is none"""
    from .elementwise import sqrt

    with scope(name, "UnsortedSegmentSqrtN"):
        total = unsorted_segment_sum(data, segment_ids, num_segments)
        return total / sqrt(_sizes(data, segment_ids, num_segments))
