"""Array verbs that NumPy and jax.numpy spell differently: kernels that put values into places use these."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def blank(xp: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """Zeros of `shape`; empty byte strings where elements are strings."""
    return np.full(shape, b"", object) if np.dtype(dtype).kind == "O" else xp.zeros(shape, dtype)


def put(xp: Any, shape: tuple[int, ...], index: Any, values: Any, fill: Any = None) -> Any:
    """Zeros (or `fill`) of `shape` with `values` at `index`; ValueError unless the place has their shape."""
    z = blank(xp, shape, values.dtype) if fill is None else xp.full(shape, fill, values.dtype)
    if hasattr(z, "at"):
        return z.at[index].set(values)
    room = z[index].shape
    if room != values.shape:
        raise ValueError(f"shape of dy was {list(values.shape)} instead of {list(room)}")
    z[index] = values
    return z


def add_rows(xp: Any, count: int, ids: Any, rows: Any) -> Any:
    """z of `count` rows with z[ids[i]] += rows[i], in that order; duplicates add up."""
    return fold_rows(xp, "add", xp.zeros((count, *rows.shape[1:]), rows.dtype), ids, rows)


_VERBS = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply, "min": np.minimum, "max": np.maximum}


def fold_rows(xp: Any, verb: str, z: Any, ids: Any, rows: Any) -> Any:
    """z, which nobody else holds, with its rows ids[i] combined with rows[i], one after the other."""
    if hasattr(z, "at"):
        return getattr(z.at[ids], verb)(rows)
    if verb == "set":
        z[ids] = rows
    elif rows.ndim == 1:
        _VERBS[verb].at(z, ids, rows)
    elif rows.size:  # one flat index is three to five times as fast as rows of them
        width = rows[:1].size
        flat = (np.asarray(ids, np.int64)[:, None] * width + np.arange(width)).reshape(-1)
        _VERBS[verb].at(z.reshape(-1), flat, rows.reshape(-1))
    return z


LOOPS: dict[Any, Callable] = {}  # of backends: f(going, step, state), for use while tracing


def repeat(xp: Any, going: Callable, step: Callable, state: Any) -> Any:
    """step(step(... state)), once more as long as going(state): a loop whose end depends on values."""
    if xp in LOOPS:
        return LOOPS[xp](going, step, state)
    while going(state):
        state = step(state)
    return state


def concrete(*arrays: Any) -> bool:
    """Whether all are arrays with values that may be looked at (not XLA's traced ones)."""
    return all(isinstance(a, (np.ndarray, np.generic, int, tuple)) for a in arrays)


def position(flat: int, shape: tuple[int, ...]) -> str:
    """The index of element number `flat`, as error messages write it: ``[1,0]``, nothing for a scalar."""
    return "[" + ",".join(str(i) for i in np.unravel_index(flat, shape)) + "]" if shape else ""


def pairs_of(paddings: Any, rank: int | None = None) -> list[tuple[int, int]]:
    """Paddings as pairs of ints; ValueError unless there is one of numbers ≥ 0 for each of `rank` axes."""
    pairs = [(int(a), int(b)) for a, b in paddings]
    if rank is not None and len(pairs) != rank:
        raise ValueError(
            f"The first dimension of paddings must be the rank of inputs [{len(pairs)},2] [{rank} dimensions]"
        )
    for a, b in pairs:
        if a < 0 or b < 0:
            raise ValueError(f"Paddings must be non-negative: {a} {b}")
    return pairs


def boxed(value: Any) -> Any:
    """What was taken out of an array, as an array: NumPy gives a single string as bare bytes."""
    return np.array(value, object) if isinstance(value, bytes) else value
