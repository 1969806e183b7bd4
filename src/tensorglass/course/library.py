"""The small library that chapters 1 to 9 build: `start` gives it as a chapter begins, `library` as a chapter ends.

A chapter's part is a file in small/.  It is not a module: each is written to be run in the namespace that the chapters
before have left, exactly as in a notebook, and may replace names of theirs (chapter 8 makes `sum_to` a node).
"""

from __future__ import annotations

import functools
import inspect
import sys
import types
from pathlib import Path
from typing import Any

SMALL = Path(__file__).parent / "small"
LAST = 9  # the chapter that completes the small library
CHAPTERS = range(27 + 1)


def library(chapter: int) -> types.ModuleType:
    """The small library at the end of a chapter, as a new module: two calls share nothing.

    >>> small = library(2)
    >>> x = small.constant(3.0)
    >>> float(small.Session().run(x + x))
    6.0
    """
    module = types.ModuleType(f"small_library_{_number(chapter)}", f"As it stands at the end of chapter {chapter}.")
    _fill(vars(module), chapter)
    return module


def start(chapter: int) -> None:
    """Put the small library, as it stands where `chapter` begins, into the namespace of the caller."""
    before = _number(chapter) - 1
    names = _fill(_callers_globals(), before)
    if not names:
        print(f"Chapter {chapter} begins with an empty page: there is nothing to load.")
    else:
        end = min(before, LAST)
        print(f"Loaded: the small library as it stands at the end of chapter {end} ({len(names)} names).")


def names(chapter: int) -> list[str]:
    """The names that the small library has at the end of a chapter."""
    return _fill({}, chapter)


def _fill(namespace: dict[str, Any], chapter: int) -> list[str]:
    """Run the parts of chapters 1 to `chapter` in `namespace`; the names they define."""
    before = {key: namespace[key] for key in ("__name__", "__doc__", "_") if key in namespace}
    known = dict(namespace)
    try:
        for n in range(1, min(chapter, LAST) + 1):
            namespace["__name__"] = _listed(n).__name__
            exec(_compiled(n), namespace)
    finally:
        for key in ("__name__", "__doc__", "_"):  # `_` is what the gradient rules are called
            namespace.pop(key, None)
        namespace.update(before)
    return [
        key for key, value in namespace.items()
        if not key.startswith("_") and value is not known.get(key) and not isinstance(value, types.ModuleType)
    ]  # fmt: skip


@functools.cache
def _compiled(chapter: int) -> types.CodeType:
    path = SMALL / f"chapter_{chapter}.py"
    return compile(path.read_text(encoding="utf-8"), str(path), "exec")


@functools.cache
def _listed(chapter: int) -> types.ModuleType:
    """A module that says where a chapter's classes come from, so that `inspect.getsource` finds them."""
    name = f"{__package__}.small.chapter_{chapter}"
    module = types.ModuleType(name, f"The part of the small library that chapter {chapter} builds; see `library`.")
    module.__file__ = str(SMALL / f"chapter_{chapter}.py")
    sys.modules[name] = module
    return module


def _number(chapter: Any) -> int:
    if not isinstance(chapter, int) or isinstance(chapter, bool) or chapter not in CHAPTERS:
        raise ValueError(f"The course has the chapters 0 to {CHAPTERS[-1]}, not {chapter!r}.")
    return chapter


def _callers_globals() -> dict[str, Any]:
    """The namespace of whoever called the function that calls this."""
    frame = inspect.currentframe()
    for _ in range(2):
        assert frame is not None
        frame = frame.f_back
    assert frame is not None
    return frame.f_globals
