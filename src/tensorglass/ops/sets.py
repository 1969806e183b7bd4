"""Vectors as sets and orders: distinct elements, differences, places in a sorted row, inverse permutations."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtypes
from ..dtypes import as_dtype
from ..faults import found
from ..op import op

_WHY = "the shape of its result depends on values"


def _first_seen(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct elements in order of first appearance, where each element of x is among them, and how often."""
    if x.ndim != 1:
        raise ValueError("unique expects a 1D vector.")
    _, first, which, count = np.unique(x, return_index=True, return_inverse=True, return_counts=True, equal_nan=False)
    order = np.argsort(first, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    return x[first[order]], place[which.reshape(-1)], count[order]


@op("Unique", "T -> T, out_idx", shape=lambda op: [(None,), op.inputs[0]._shape], outputs=("y", "idx"),
    differentiable=False, host=_WHY)  # fmt: skip
def unique_op(xp, x, *, out_idx=dtypes.int32):
    """y = the distinct elements of x in order of first appearance; x = y[idx]"""
    y, idx, _ = _first_seen(x)
    return y, idx.astype(out_idx.np_dtype)


def unique(x: Any, out_idx: Any = dtypes.int32, name: str | None = None) -> Any:
    """y, idx: the distinct elements of the vector `x` in order of first appearance, and x = y[idx].

    >>> import tensorglass as tg
    >>> y, idx = tg.unique([3, 1, 3, 2])
    >>> y.numpy().tolist(), idx.numpy().tolist()
    ([3, 1, 2], [0, 1, 0, 2])
    """
    return unique_op(x, out_idx=as_dtype(out_idx), name=name)


@op("UniqueWithCounts", "T -> T, out_idx, out_idx", shape=lambda op: [(None,), op.inputs[0]._shape, (None,)],
    outputs=("y", "idx", "count"), differentiable=False, host=_WHY)  # fmt: skip
def unique_with_counts_op(xp, x, *, out_idx=dtypes.int32):
    """y = the distinct elements of x in order of first appearance; x = y[idx]; count says how often each occurs"""
    y, idx, count = _first_seen(x)
    return y, idx.astype(out_idx.np_dtype), count.astype(out_idx.np_dtype)


def unique_with_counts(x: Any, out_idx: Any = dtypes.int32, name: str | None = None) -> Any:
    """y, idx, count: as `unique`, and how often each element of y occurs in `x`"""
    return unique_with_counts_op(x, out_idx=as_dtype(out_idx), name=name)


@op("ListDiff", "T, T -> T, out_idx", shape=lambda op: [(None,), (None,)], outputs=("out", "idx"),
    differentiable=False, host=_WHY)  # fmt: skip
def setdiff1d_op(xp, x, y, *, out_idx=dtypes.int32):
    """out = the elements of x that are not in y, in order; out = x[idx]"""
    keep = np.flatnonzero(~np.isin(x, y))
    return x[keep], keep.astype(out_idx.np_dtype)


def setdiff1d(x: Any, y: Any, index_dtype: Any = dtypes.int32, name: str | None = None) -> Any:
    """out, idx: the elements of the vector `x` that are not in `y`, in order and with repetitions, and out = x[idx].

    >>> import tensorglass as tg
    >>> tg.compat.v1.setdiff1d([1, 2, 3, 2], [2]).out.numpy().tolist()
    [1, 3]
    """
    return setdiff1d_op(x, y, out_idx=as_dtype(index_dtype), name=name)


def _permutation_shape(op: Any) -> Any:
    shape = op.inputs[0]._shape
    if shape is not None and len(shape) != 1:
        raise ValueError(f"Shape must be rank 1 but is rank {len(shape)}")
    return (None,) if shape is None else shape


@op("InvertPermutation", "T -> T where T: index", shape=_permutation_shape, differentiable=False)
def invert_permutation(xp, x):
    """y[x[i]] = i

    >>> import tensorglass as tg
    >>> tg.math.invert_permutation([2, 0, 1]).numpy().tolist()
    [1, 2, 0]
    """
    y = xp.argsort(x)
    if found((x[y] != np.arange(x.size)).any()):
        for i, place in enumerate(x.tolist()):
            if not 0 <= place < x.size:
                raise ValueError(f"{place} is not between 0 and {x.size}")
            if place in x[:i]:
                raise ValueError(f"{place} is duplicated in the input.")
    return y.astype(x.dtype)


def _places(xp: Any, sorted_inputs: Any, values: Any, side: Any, out_type: Any) -> Any:
    """Row by row, where each of `values` goes."""
    dtype = out_type.np_dtype
    if sorted_inputs.shape[:-1] != values.shape[:-1]:
        raise ValueError("Leading dim_size of both tensors must match.")
    lines = sorted_inputs.reshape(-1, sorted_inputs.shape[-1]), values.reshape(-1, values.shape[-1])
    if xp is not np:  # all rows at once: compiled, the comparisons are never stored
        rows, wanted = lines[0][:, None, :], lines[1][:, :, None]
        return (~(rows >= wanted if side == "left" else rows > wanted)).sum(-1, dtype=dtype).reshape(values.shape)
    places = [np.searchsorted(row, wanted, side) for row, wanted in zip(*lines, strict=True)]
    return np.array(places, dtype).reshape(values.shape)


@op("LowerBound", "T, T -> out_type", shape=lambda op: op.inputs[1]._shape, differentiable=False)
def lower_bound(xp, sorted_inputs, values, *, out_type=dtypes.int32):
    """y[..., i] = how many elements of the sorted row are < values[..., i]"""
    return _places(xp, sorted_inputs, values, "left", out_type)


@op("UpperBound", "T, T -> out_type", shape=lambda op: op.inputs[1]._shape, differentiable=False)
def upper_bound(xp, sorted_inputs, values, *, out_type=dtypes.int32):
    """y[..., i] = how many elements of the sorted row are ≤ values[..., i]"""
    return _places(xp, sorted_inputs, values, "right", out_type)


def searchsorted(
    sorted_sequence: Any, values: Any, side: str = "left", out_type: Any = dtypes.int32, name: str | None = None
) -> Any:
    """y[..., i] = where values[..., i] would go into the sorted row sorted_sequence[...] to keep it sorted.

    `side` "left" takes the first such place, "right" the last.

    >>> import tensorglass as tg
    >>> tg.searchsorted([1, 3, 5], [0, 3, 9]).numpy().tolist()
    [0, 1, 3]
    """
    if side not in ("left", "right"):
        raise ValueError(f"Argument `side` must be either 'right' or 'left'. Received: `side` = '{side}'.")
    bound = lower_bound if side == "left" else upper_bound
    return bound(sorted_sequence, values, out_type=as_dtype(out_type), name=name)
