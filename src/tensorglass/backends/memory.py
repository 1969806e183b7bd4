"""Keeping memory: what a step frees stays with the process, for the next step.

A training step needs large arrays for a moment, the same ones every time.  The GNU C library gives large blocks back to
the system as soon as they are free, and the system hands them out again page by page, each cleared first: up to half of
a step's time.  Here the library is told to keep them, up to a limit.  Elsewhere nothing happens; see
docs/adr/0008-keeping-memory.md for figures.  ``TENSORGLASS_KEEP_MEMORY`` is the limit in MiB, 0 for none.
"""

from __future__ import annotations

import ctypes
import functools
import os
from typing import Any

_LIMIT = 1024  # MiB
_LARGEST = 2047  # MiB: mallopt takes a C int
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # of malloc.h
_USERS_OWN = ("GLIBC_TUNABLES", "MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_ARENA_MAX")


class _Kept:
    limit = 0  # MiB
    asked = False  # whether somebody has chosen a limit


@functools.cache
def _library() -> Any:
    """The GNU C library, None where the process has another one."""
    try:
        library = ctypes.CDLL(None)
        library.gnu_get_libc_version  # noqa: B018  (AttributeError elsewhere)
        return library if library.mallopt and library.malloc_trim else None
    except (AttributeError, OSError, TypeError):
        return None


def get_kept_memory() -> int:
    """Up to how many MiB of free memory the process keeps for later steps; 0 where the system's own rules hold."""
    return _Kept.limit


def set_kept_memory(mebibytes: int) -> None:
    """Keep up to so many MiB of freed memory in the process for later steps; 0 gives all of it back and keeps little.

    The first session of a process sets 1024, or what TENSORGLASS_KEEP_MEMORY says, unless the environment already tunes
    malloc.  It holds for the whole process, and works with the GNU C library; elsewhere it changes nothing.
    ValueError below 0 and above 2047.
    """
    mebibytes = int(mebibytes)
    if not 0 <= mebibytes <= _LARGEST:
        raise ValueError(f"The memory to keep must be 0 to {_LARGEST} MiB, but got {mebibytes}")
    _Kept.asked = True
    library = _library()
    if library is None:
        return
    # Blocks above the one limit are the system's; free memory above the other goes back to it. Without us malloc
    # moves the limits by itself, up to 32 and 64 MiB.
    library.mallopt(_MMAP_THRESHOLD, (mebibytes or 32) << 20)
    library.mallopt(_TRIM_THRESHOLD, (mebibytes or 64) << 20)
    if not mebibytes:
        library.malloc_trim(0)
    _Kept.limit = mebibytes


def keep_by_default() -> None:
    """What the first session does: keep memory unless somebody has decided otherwise."""
    if _Kept.asked:
        return
    _Kept.asked = True
    text = os.environ.get("TENSORGLASS_KEEP_MEMORY")
    if text is None and any(name in os.environ for name in _USERS_OWN):
        return
    try:
        limit = _LIMIT if text is None else int(text)
    except ValueError:
        raise ValueError(f"TENSORGLASS_KEEP_MEMORY is a number of MiB, 0 for none, but got {text!r}") from None
    if limit or text is None:
        set_kept_memory(limit)


def keep_for_threads() -> None:
    """To be called before a library starts threads that run steps: they share the memory of the first thread.

    Memory that malloc has apart for a thread comes in pieces of 64 MiB, and what does not fit in goes back at once.
    """
    keep_by_default()
    if _Kept.limit:
        _library().mallopt(_ARENA_MAX, 1)
