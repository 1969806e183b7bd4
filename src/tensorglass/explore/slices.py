"""Parts of large values on demand, for as long as the program's own page is open.

A trace has statistics and a sample of a large value; its elements stay here, the newest values first, up to a number
of bytes.  What is asked for is an index as Python writes it, and is never evaluated.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from typing import Any

import numpy as np

MOST = 1 << 28  # bytes of values that are kept: older ones make room for newer ones
_LONGEST = 200  # characters of an index
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_SLICE = re.compile(r"([+-]?[0-9]{1,18})?\s*:\s*([+-]?[0-9]{1,18})?\s*(?::\s*([+-]?[0-9]{1,18})?)?", re.ASCII)


class Store:
    """The newest large values in full, up to `most` bytes, each under a number."""

    def __init__(self, most: float = MOST):
        self.most = most
        self._arrays: dict[int, np.ndarray] = {}
        self._numbered = 0
        self._size = 0
        self._lock = threading.Lock()

    def keep(self, array: np.ndarray) -> int | None:
        """The number of a copy of `array`; None where it alone is too large."""
        if array.nbytes > self.most:
            return None
        copy = array.copy()
        with self._lock:
            number, self._numbered = self._numbered, self._numbered + 1
            self._arrays[number] = copy
            self._size += copy.nbytes
            while self._size > self.most:
                self._size -= self._arrays.pop(next(iter(self._arrays))).nbytes
        return number

    def part(self, number: int, index: str) -> dict[str, Any]:
        """The elements at `index` of a value as a TENSOR object in full, with the numbers of its rows and columns.

        LookupError where the value is not kept (any more), ValueError with a sentence where the index is wrong.
        """
        with self._lock:
            array = self._arrays.get(number)
        if array is None:
            raise LookupError(f"This value is not kept any more: the newest {_bytes(self.most)} are.")
        return part(array, index)


def kept_of(documents: Iterable[dict[str, Any]]) -> Store:
    """A store of the arrays that finished documents still have; their TENSOR objects get the numbers."""
    store = Store(float("inf"))

    def number(found: Any) -> None:
        if isinstance(found, list):
            for one in found:
                number(one)
        elif isinstance(found, dict):
            if "dtype" in found and "size" in found:
                array = getattr(found, "array", None)
                if "data" not in found and "kept" not in found:
                    found["kept"] = None if array is None else store.keep(array)
                return
            for one in found.values():
                number(one)

    for document in documents:
        number(document["runs"])
    return store


def part(array: np.ndarray, index: str) -> dict[str, Any]:
    """``array[index]`` as a TENSOR object with all its elements; ValueError where it is wrong or too much.

    >>> part(np.arange(200).reshape(20, 10), "3, 4:6")
    {'shape': [2], 'dtype': 'int64', 'size': 2, 'stats': ..., 'data': [34, 35], 'cols': [4, 5]}
    """
    from . import encode

    keys = parsed(index, array.shape)
    found = array[keys]
    if found.size > encode.FULL:
        shown = ", ".join(str(n) for n in found.shape)
        most = f"at most {encode.FULL} are shown, such as {window(array.shape)}"
        raise ValueError(f"That is {found.size:,} elements ({shown}); {most}.")
    tensor = encode.tensor(found)
    names = [list(range(*key.indices(n))) for key, n in zip(keys, array.shape, strict=True) if isinstance(key, slice)]
    labels = {"rows": names[-2]} if len(names) > 1 else {}
    return {**tensor, **labels, **({"cols": names[-1]} if names else {})}


def parsed(index: str, shape: tuple[int, ...]) -> tuple[int | slice, ...]:
    """The integers and slices that `index` names, one for each axis of `shape`; what is left out is whole.

    >>> parsed("0, :, 8:16, -1", (2, 3, 20, 4))
    (0, slice(None, None, None), slice(8, 16, None), -1)
    >>> parsed("..., 1", (2, 3))
    (slice(None, None, None), 1)
    """
    if len(index) > _LONGEST:
        raise ValueError(f"An index has at most {_LONGEST} characters.")
    texts = [text.strip() for text in index.strip().removeprefix("[").removesuffix("]").split(",")]
    if texts[-1] == "":
        texts.pop()
    if texts.count("...") > 1:
        raise ValueError("An index has at most one '...'.")
    given = len(texts) - texts.count("...")
    if given > len(shape):
        raise ValueError(f"The value has {_axes(len(shape))}, and the index has {given} parts.")
    at = texts.index("...") if "..." in texts else len(texts)
    texts[at : at + 1] = [":"] * (len(shape) - given)
    return tuple(_key(text, axis, n) for axis, (text, n) in enumerate(zip(texts, shape, strict=True)))


def _key(text: str, axis: int, size: int) -> int | slice:
    if _INTEGER.fullmatch(text):
        number = int(text)
        if not -size <= number < size:
            raise ValueError(f"Axis {axis} has {size} elements: there is no number {number}.")
        return number
    found = _SLICE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is neither a number nor a slice such as 8:16.")
    start, stop, step = (None if one is None else int(one) for one in found.groups())
    if step == 0:
        raise ValueError(f"The step of {text!r} is 0.")
    return slice(start, stop, step)


def window(shape: tuple[int, ...]) -> str:
    """An index that is small enough: eight rows and columns of the last two axes.

    >>> window((10, 28, 28, 3)), window((100,))
    ('0, 0, 0:8, 0:8', '0:8')
    """
    return ", ".join("0" if axis < len(shape) - 2 else "0:8" for axis in range(len(shape)))


def _axes(n: int) -> str:
    return "1 axis" if n == 1 else f"{n} axes"


def _bytes(n: float) -> str:
    return f"{n / 2**20:,.0f} MiB"
