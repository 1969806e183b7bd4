"""Variables changed in some places only: `scatter_update`, `scatter_add` and their kin.

w[indices[i, ...], ...] ∘= updates[i, ..., ...].  Where an index occurs more than once the updates are applied one
after the other, so sums and products take in all of them and `scatter_update` keeps the last.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import errors, shapes
from ..faults import found
from ..op import Op, op
from ..shapes import Shape
from .rows import concrete, position

_REAL = "float16|float32|float64|bfloat16|int32|int64"


def scattered(xp: Any, ref: Any, index: Any, updates: Any, how: str) -> Any:
    """A copy of `ref` with ``copy[index] ∘= updates``, ∘ being "set", "add", "multiply", "divide", "min" or "max"."""
    if not concrete(ref, index, updates):
        return getattr(ref.at[index], how)(updates)
    out = np.array(ref)
    if how == "set":
        out[index] = updates
        return out
    function = {"min": np.minimum, "max": np.maximum}.get(how) or getattr(np, how)
    if not isinstance(index, tuple) and ref.ndim > 1 and out.size and index.size:
        # Rows: one flat index is several times as fast as rows of them.
        width = ref[:1].size
        flat = (index.astype(np.int64).reshape(-1, 1) * width + np.arange(width)).reshape(-1)
        updates = np.broadcast_to(updates, (*index.shape, *ref.shape[1:])).reshape(-1)
        function.at(out.reshape(-1), flat, updates)
    else:
        function.at(out, index, updates)
    return out


def check_indices(indices: Any, size: int) -> None:
    """InvalidArgumentError for an index that is not a row of a variable with `size` rows."""
    if indices.size and found((indices.min() < 0) | (indices.max() >= size)):
        bad = int(np.argmax((indices < 0) | (indices >= size)))
        raise errors.InvalidArgumentError(
            None, None, f"indices{position(bad, indices.shape)} = {np.ravel(indices)[bad]} is not in [0, {size})"
        )


def _scatter_shape(op: Any) -> Shape:
    ref, indices, updates = (t._shape for t in op.inputs)
    if ref and indices is not None and updates:  # a scalar update suits every shape
        shapes.agreed(updates, (*indices, *ref[1:]))
    return ref


def _kernel(how: str, formula: str, note: str) -> Any:
    def kernel(xp, ref, indices, updates, *, use_locking=False):
        if not ref.ndim:
            raise errors.InvalidArgumentError(None, None, "params must be at least 1-D, got shape []")
        check_indices(indices, ref.shape[0])
        wanted = (*indices.shape, *ref.shape[1:])
        if updates.shape not in (wanted, ()):
            raise errors.InvalidArgumentError(
                None, None,
                "Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = [], got updates.shape "
                f"{list(updates.shape)}, indices.shape {list(indices.shape)}, params.shape {list(ref.shape)}",
            )  # fmt: skip
        if how == "subtract":
            return scattered(xp, ref, indices, -updates, "add")
        if how == "divide" and ref.dtype.kind in "iu":  # towards zero, as C divides
            divisors = scattered(xp, xp.ones_like(ref), indices, updates, "multiply")
            if found((divisors == 0).any()):
                raise errors.InvalidArgumentError(None, None, "Integer division by zero")
            return xp.where((ref < 0) != (divisors < 0), -(abs(ref) // abs(divisors)), abs(ref) // abs(divisors))
        return scattered(xp, ref, indices, updates, how)

    kernel.__doc__ = f"""{formula}   ({note})

    `updates` has the shape of `indices` followed by that of a row, or is a scalar.  InvalidArgumentError for an index
    outside the variable.
    """
    return kernel


def _scatter(op_type: str, name: str, kinds: str, how: str, formula: str, note: str = "duplicates accumulate") -> Op:
    kernel = _kernel(how, formula, note)
    kernel.__name__ = name
    signature = f"ref T, Tindices, T -> ref T where Tindices: index{kinds}"
    return op(op_type, signature, shape=_scatter_shape, differentiable=False)(kernel)


_ANY, _NUMBER, _ORDERED = "", ", T: float|complex|int", f", T: {_REAL}"

scatter_update = _scatter(
    "ScatterUpdate", "scatter_update", _ANY, "set", "w[indices] ← updates", "the last of duplicates stays"
)
scatter_add = _scatter("ScatterAdd", "scatter_add", _NUMBER, "add", "w[indices] ← w[indices] + updates")
scatter_sub = _scatter("ScatterSub", "scatter_sub", _NUMBER, "subtract", "w[indices] ← w[indices] − updates")
scatter_mul = _scatter("ScatterMul", "scatter_mul", _NUMBER, "multiply", "w[indices] ← w[indices] · updates")
scatter_div = _scatter("ScatterDiv", "scatter_div", _NUMBER, "divide", "w[indices] ← w[indices] / updates")
scatter_min = _scatter("ScatterMin", "scatter_min", _ORDERED, "min", "w[indices] ← min(w[indices], updates)")
scatter_max = _scatter("ScatterMax", "scatter_max", _ORDERED, "max", "w[indices] ← max(w[indices], updates)")


# Elements and blocks by whole index vectors


def _nd_shape(op: Any) -> Shape:
    ref, indices, updates = (t._shape for t in op.inputs)
    if ref is None or not indices or updates is None:
        return ref
    depth, outer = indices[-1], indices[:-1]
    if not shapes.compatible(outer, updates[: len(outer)]):
        n = len(outer)
        raise ValueError(
            f"Dimensions [0,{n}) of indices[shape={shapes.text(indices)}] = {shapes.text(outer)} must match dimensions "
            f"[0,{n}) of updates[shape={shapes.text(updates)}] = {shapes.text(updates[:n])}"
        )
    if depth is not None and depth <= len(ref) and not shapes.compatible(ref[depth:], updates[len(outer) :]):
        raise ValueError(
            f"Dimensions [{depth},{len(ref)}) of input[shape={shapes.text(ref)}] = {shapes.text(ref[depth:])} must "
            f"match dimensions [{len(outer)},{len(updates)}) of updates[shape={shapes.text(updates)}] = "
            f"{shapes.text(updates[len(outer) :])}"
        )
    return ref


def _nd_kernel(how: str, formula: str) -> Any:
    def kernel(xp, ref, indices, updates, *, use_locking=False):
        depth = indices.shape[-1]
        if depth > ref.ndim or updates.shape != (*indices.shape[:-1], *ref.shape[depth:]):
            raise errors.InvalidArgumentError(
                None, None,
                f"Dimensions [{depth},{ref.ndim}) of input[shape={shapes.text(ref.shape)}] must match dimensions "
                f"[{indices.ndim - 1},{updates.ndim}) of updates[shape={shapes.text(updates.shape)}]",
            )  # fmt: skip
        _check_index_vectors(indices, ref.shape)
        values = -updates if how == "subtract" else updates
        index = tuple(indices[..., i] for i in range(depth))
        return scattered(xp, ref, index, values, "add" if how == "subtract" else how)

    kernel.__doc__ = f"""{formula}   for each index vector of length ≤ rank w: elements, rows or blocks

    InvalidArgumentError for an index outside the variable.
    """
    return kernel


def _check_index_vectors(indices: Any, shape: tuple[int, ...]) -> None:
    if not indices.size:
        return
    limits = np.array(shape[: indices.shape[-1]])
    wrong = ((indices < 0) | (indices >= limits)).any(-1)
    if found(wrong.any()):
        bad = int(np.argmax(wrong))
        vector = indices.reshape(-1, indices.shape[-1])[bad].tolist()
        raise errors.InvalidArgumentError(
            None, None,
            f"indices{position(bad, indices.shape[:-1])} = {vector} does not index into shape {shapes.text(shape)}",
        )  # fmt: skip


def _scatter_nd(op_type: str, name: str, kinds: str, how: str, formula: str) -> Op:
    kernel = _nd_kernel(how, formula)
    kernel.__name__ = name
    signature = f"ref T, Tindices, T -> ref T where Tindices: index{kinds}"
    return op(op_type, signature, shape=_nd_shape, differentiable=False)(kernel)


scatter_nd_update = _scatter_nd("ScatterNdUpdate", "scatter_nd_update", _ANY, "set", "w[indices[i]] ← updates[i]")
scatter_nd_add = _scatter_nd(
    "ScatterNdAdd", "scatter_nd_add", _NUMBER, "add", "w[indices[i]] ← w[indices[i]] + updates[i]"
)
scatter_nd_sub = _scatter_nd(
    "ScatterNdSub", "scatter_nd_sub", _NUMBER, "subtract", "w[indices[i]] ← w[indices[i]] − updates[i]"
)
