"""Faults that only values show: an index out of range, a division of integers by zero, a matrix without an inverse.

A kernel asks ``if found(bad): raise ...``.  With NumPy that is a plain ``if``.  Compiled code cannot raise: there
`found` notes the condition, the compiled piece returns whether any of those it noted holds, and when one does the
XLA backend runs the piece again with NumPy, whose kernels raise the error with its full message.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np


class _Noted(threading.local):
    def __init__(self):
        self.lists: list[list[Any]] = []


_noted = _Noted()


def found(bad: Any) -> bool:
    """Whether any element of `bad` is true; while XLA traces nobody knows yet: it is noted, and the answer is no."""
    if bad.__class__ is np.bool_ or bad.__class__ is bool:  # this is asked at each step
        return bool(bad)
    if isinstance(bad, np.ndarray):
        return bool(bad.any())
    if _noted.lists:
        _noted.lists[-1].append(bad.any())
    return False


@contextmanager
def noted() -> Iterator[list[Any]]:
    """The scalar conditions noted inside the block, as they come; each trace (a loop's body, say) needs its own."""
    _noted.lists.append([])
    try:
        yield _noted.lists[-1]
    finally:
        _noted.lists.pop()


def any_of(xp: Any, conditions: list[Any]) -> Any:
    """Whether one of the noted conditions holds, as a scalar; None where there are none."""
    if len(conditions) < 2:
        return conditions[0] if conditions else None
    return xp.any(xp.stack(conditions))
