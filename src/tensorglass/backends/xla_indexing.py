"""Indices that XLA meets only while it runs, as a loop's ``x[i]``: positions may be traced, sizes may not."""

from __future__ import annotations

from typing import Any

import jax  # pyright: ignore[reportMissingImports]
import jax.numpy as jnp  # pyright: ignore[reportMissingImports]
import numpy as np

from .. import faults
from ..ops.indexing import _walk, slice_op, strided_slice_grad, strided_slice_op
from .xla import StepNeedsValues, known, override


def _place(
    shape: tuple, begin: Any, end: Any, strides: Any, *, begin_mask: int = 0, end_mask: int = 0, ellipsis_mask: int = 0,
    new_axis_mask: int = 0, shrink_axis_mask: int = 0,
) -> tuple:  # fmt: skip
    """An index whose single positions may be traced."""
    if not known(strides):
        raise StepNeedsValues(None)
    place: list[Any] = []
    for i, axis in _walk(len(shape), len(begin), ellipsis_mask, new_axis_mask):
        if i is None:
            place.append(slice(None))
        elif axis is None:
            place.append(None)
        elif shrink_axis_mask >> i & 1:
            size, at = shape[axis], begin[i]
            faults.found(jnp.asarray((at < -size) | (at >= size)))
            place.append(jnp.where(at < 0, at + size, at))
        else:
            ends = [None if mask >> i & 1 else v[i] for mask, v in ((begin_mask, begin), (end_mask, end))]
            if not known(ends):
                raise StepNeedsValues(None)
            place.append(slice(ends[0], ends[1], strides[i]))
    return tuple(place)


@override("StridedSlice", traced_values=True)
def _strided_slice(input: Any, begin: Any, end: Any, strides: Any, **masks: int) -> Any:
    if known([begin, end, strides]):
        return strided_slice_op.kernel(jnp, input, begin, end, strides, **masks)
    return jnp.asarray(input)[_place(np.shape(input), begin, end, strides, **masks)]


@override("StridedSliceGrad", traced_values=True)
def _strided_slice_grad(shape: Any, begin: Any, end: Any, strides: Any, dy: Any, **masks: int) -> Any:
    if not known(shape):
        raise StepNeedsValues(None)
    if known([begin, end, strides]):
        return strided_slice_grad.kernel(jnp, shape, begin, end, strides, dy, **masks)
    whole = jnp.zeros(tuple(int(d) for d in shape), dy.dtype)
    if not any(masks.values()) and known(strides) and all(s == 1 for s in strides):  # a block of the size of dy
        return jax.lax.dynamic_update_slice(whole, dy, list(begin))
    return whole.at[_place(whole.shape, begin, end, strides, **masks)].set(dy)


@override("Slice", traced_values=True)
def _slice(input: Any, begin: Any, size: Any) -> Any:
    if known([begin, size]):
        return slice_op.kernel(jnp, input, begin, size)
    if not known(size) or any(n < 0 for n in size):
        raise StepNeedsValues(None)
    room = np.asarray(np.shape(input)) - np.asarray(size)
    begin = jnp.asarray(begin)
    faults.found((begin < 0) | (begin > room))
    return jax.lax.dynamic_slice(jnp.asarray(input), list(begin), [int(n) for n in size])
