"""Values as JSON: all elements of small ones, statistics, a histogram and a sample of large ones."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from .slices import Store
from .thumb import thumbnail

FULL = 64  # elements: up to here all are kept
_KEPT = 1 << 28  # bytes of large arrays that are kept at most, where they are
_BINS = 16
_SIDE = 8  # of the sample


class Encoded(dict):
    """A TENSOR object; `array` has all elements of a large one where they are kept."""

    array: np.ndarray | None = None


_room = 0  # bytes
_store: Store | None = None


def keep_arrays() -> None:
    """From now on keep the elements of large values, up to a limit: to compare them one by one."""
    global _room
    _room = _KEPT


@contextlib.contextmanager
def keeping(store: Store) -> Iterator[None]:
    """Inside, large values are kept in `store`, and say under which number: ``"kept"``, null where it is too large."""
    global _store
    before, _store = _store, store
    try:
        yield
    finally:
        _store = before


def tensor(value: Any) -> dict[str, Any]:
    """`value` as a TENSOR object of the trace format."""
    global _room
    array = np.asarray(value)
    encoded = Encoded({"shape": list(array.shape), "dtype": _dtype(array), "size": int(array.size)})
    numeric = array.dtype.kind in "biuf"
    if numeric:
        encoded["stats"] = statistics(array)
    if array.size <= FULL:
        encoded["data"] = [scalar(v) for v in array.reshape(-1).tolist()]
        return encoded
    if _room >= array.nbytes:
        encoded.array = array.copy()
        _room -= array.nbytes
    if _store is not None:
        encoded["kept"] = _store.keep(array)
    if numeric:
        encoded["hist"] = histogram(array)
    encoded["sample"] = sample(array)
    if (thumb := thumbnail(array)) is not None:
        encoded["thumb"] = thumb
    return encoded


def _dtype(array: np.ndarray) -> str:
    return "string" if array.dtype.kind in "OSU" else array.dtype.name


def scalar(value: Any) -> Any:
    """One element: numbers as they are, what JSON has no number for as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if value != value else "inf" if value > 0 else "-inf"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def statistics(array: np.ndarray) -> dict[str, Any]:
    """Least, greatest, mean, deviation and norm of the finite elements, and how many zeros, NaN and infinities."""
    values = array.astype(np.float64, copy=False).reshape(-1)
    finite = values[np.isfinite(values)] if array.dtype.kind == "f" else values
    counts = {
        "zeros": int(values.size - np.count_nonzero(values)),
        "nan": int(np.isnan(values).sum()),
        "inf": int(np.isinf(values).sum()),
    }
    if not finite.size:
        return {"min": None, "max": None, "mean": None, "std": None, "l2": None, **counts}
    with np.errstate(all="ignore"):
        found = {"min": finite.min(), "max": finite.max(), "mean": finite.mean(), "std": finite.std(),
                 "l2": np.sqrt(np.sum(finite * finite))}  # fmt: skip
    return {**{k: scalar(float(v)) for k, v in found.items()}, **counts}


def histogram(array: np.ndarray) -> dict[str, Any] | None:
    """How many finite elements lie in each of sixteen equal parts of their range."""
    values = array.astype(np.float64, copy=False).reshape(-1)
    values = values[np.isfinite(values)]
    if not values.size or not math.isfinite(float(values.max() - values.min())):
        return None
    low, high = float(values.min()), float(values.max())
    counts, _ = np.histogram(values, _BINS, (low, high) if high > low else (low - 0.5, low + 0.5))
    return {"lo": low, "hi": high, "counts": counts.tolist()}


def sample(array: np.ndarray) -> dict[str, Any]:
    """Elements of the last two axes at evenly spread rows and columns; of several matrices the first."""
    matrix = array.reshape(-1, array.shape[-1]) if array.ndim > 1 else array.reshape(1, -1)
    if array.ndim > 2:
        matrix = matrix[: array.shape[-2]]
    rows, columns = _spread(matrix.shape[0]), _spread(matrix.shape[1])
    picked = matrix[np.ix_(rows, columns)].reshape(-1)
    if array.dtype in (np.float16, np.float32):  # as many digits as tell it from its neighbours
        picked = np.array([float(str(v)) for v in picked])
    data = [scalar(v) for v in picked.tolist()]
    return {"rows": rows, "cols": columns, "data": data}


def _spread(n: int) -> list[int]:
    return list(range(n)) if n <= _SIDE else [round(i * (n - 1) / (_SIDE - 1)) for i in range(_SIDE)]
