"""Exercises: a checker looks at a learner's answer and says "right", or shows a counter-example and a hint.

@exercise("6.2", "Repair a breadth-first reverse pass")
def _(answer):
    '''What is checked, in one sentence.'''
    ...
    raise Wrong("On this graph your gradient of a is 3.0, and central differences say 5.0.", hint="...")

`check` never raises for a wrong answer.  An exception in the learner's code is told with the line it came from, and
code that does not end is stopped.
"""

from __future__ import annotations

import contextlib
import ctypes
import html
import importlib
import io
import linecache
import re
import sysconfig
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .progress import record

PACKAGE = Path(__file__).parent
SECONDS = 20.0  # how long a learner's code may run in one check


class Wrong(Exception):
    """What a checker raises for an answer that is not right: what was seen, and a hint that fits the mistake.

    `figure` is anything that shows itself in a notebook, such as a trace of the graph where it goes wrong.
    """

    def __init__(self, message: str, hint: str = "", figure: Any = None):
        super().__init__(message)
        self.message, self.hint, self.figure = message, hint, figure


@dataclass(frozen=True)
class Exercise:
    """An exercise: its number, such as "6.2", its title, and its checker."""

    name: str
    title: str
    checker: Callable[[Any], object]
    seconds: float = SECONDS

    @property
    def chapter(self) -> int:
        return int(self.name.split(".")[0])


@dataclass(frozen=True, repr=False)
class Result:
    """What `check` found.  It shows itself in a notebook; `if check(...)` is true for a right answer."""

    exercise: Exercise
    ok: bool
    message: str
    hint: str = ""
    printed: str = ""
    figure: Any = field(default=None, compare=False)

    def __bool__(self) -> bool:
        return self.ok

    def _title(self) -> str:
        return f"{'✓ Right' if self.ok else '✗ Not yet'} · {self.exercise.name} {self.exercise.title}"

    def __repr__(self) -> str:
        lines = [self._title()]
        lines += [self.message] if self.message else []
        lines += [f"Hint: {self.hint}"] if self.hint else []
        lines += ["Your code printed:", self.printed] if self.printed else []
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        # Colours that can be read on white and on black; the words and the mark say the same without them.
        colour = "#0a8f5b" if self.ok else "#c8641b"
        parts = [f'<p style="margin:0"><strong>{html.escape(self._title())}</strong></p>']
        if self.message:
            parts.append(f'<p style="margin:.4em 0 0;white-space:pre-wrap">{_marked(self.message)}</p>')
        if self.hint:
            hint = f"<em>Hint:</em> {_marked(self.hint)}"
            parts.append(f'<p style="margin:.4em 0 0;white-space:pre-wrap">{hint}</p>')
        if self.printed:
            parts.append('<p style="margin:.4em 0 0">Your code printed:</p>')
            parts.append(f'<pre style="margin:.2em 0 0;overflow-x:auto">{html.escape(self.printed)}</pre>')
        shown = getattr(self.figure, "_repr_html_", None)
        if shown is not None:
            parts.append(f'<div style="margin-top:.6em">{shown()}</div>')
        style = f"border-left:.35em solid {colour};padding:.5em .8em;margin:.6em 0;max-width:50em"
        return f'<div class="tensorglass-result" role="status" style="{style}">{"".join(parts)}</div>'


def exercise(name: str, title: str, seconds: float = SECONDS) -> Callable[[Callable[[Any], object]], Exercise]:
    """Register a checker: a function of the answer that returns when it is right, and raises `Wrong` when not."""
    if not re.fullmatch(r"\d+\.\d+", name):
        raise ValueError(f'an exercise is called after its chapter, such as "6.2", not {name!r}')

    def register(checker: Callable[[Any], object]) -> Exercise:
        known = _registry.get(name)
        if known is not None and known.checker.__module__ != checker.__module__:
            raise ValueError(f"there are two exercises {name}: {known.title!r} and {title!r}")
        _registry[name] = Exercise(name, title, checker, seconds)
        return _registry[name]

    return register


_registry: dict[str, Exercise] = {}


def exercises() -> dict[str, Exercise]:
    """Every exercise of the course by its number, in order."""
    for path in sorted((PACKAGE / "exercises").glob("chapter_*.py")):
        importlib.import_module(f"{__package__}.exercises.{path.stem}")
    return {name: _registry[name] for name in sorted(_registry, key=_order)}


def check(name: str, answer: Any = ...) -> Result:
    """Check an answer to the exercise `name`.

    The result shows itself; its `ok` says whether the answer is right.  Nothing leaves this machine.
    """
    found = _find(name)
    if answer is None or answer is ...:
        return Result(found, False, "There is no answer here yet.", "Put your answer where the exercise says so.")
    printed = _Printed()
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"), contextlib.redirect_stdout(printed):
            warnings.simplefilter("ignore")
            with time_limit(found.seconds):
                found.checker(answer)
    except Wrong as wrong:
        return Result(found, False, wrong.message, wrong.hint, printed.text(), wrong.figure)
    except TimeLimit:
        message = f"After {found.seconds:g} seconds your code was still running, so it was stopped."
        return Result(found, False, message, "Is there a loop whose condition never becomes false?", printed.text())
    except KeyboardInterrupt:
        raise
    except NotImplementedError as error:
        if (told := _learners_line(error)) is None:
            told = "Something that your answer needs is not written yet."
        return Result(found, False, told, "", printed.text())
    except BaseException as error:  # the learner's: SystemExit, RecursionError, whatever it may be
        return Result(found, False, *_kindly(error, found), printed.text())
    record(found.name)
    return Result(found, True, "", "", printed.text())


def _find(name: Any) -> Exercise:
    known = exercises()
    if name in known:
        return known[name]
    same = [key for key in known if key.split(".")[0] == str(name).split(".")[0]]
    chapter = f"chapter {same[0].split('.')[0]} has {', '.join(same)}" if same else f"the course has {', '.join(known)}"
    raise ValueError(f"There is no exercise {name!r}: {chapter}.")


def _order(name: str) -> tuple[int, int]:
    chapter, number = name.split(".")
    return int(chapter), int(number)


# -- exceptions, told kindly


def _kindly(error: BaseException, found: Exercise) -> tuple[str, str]:
    """A message and a hint for an exception that came while an answer was checked."""
    told = _learners_line(error)
    if told is not None:
        hint = ""
        if isinstance(error, RecursionError):
            hint = "A function calls itself without an end, or a graph is deeper than Python's stack: use a loop."
        elif isinstance(error, SystemExit):
            hint = "An answer returns its value; it does not end the program."
        return told, hint
    what = f"{type(error).__name__}: {error}"
    checked = (found.checker.__doc__ or "").strip()
    hint = "Is it of the kind that the exercise asks for?"
    return f"Your answer could not be used ({what}).", f"{hint} What is checked: {checked}" if checked else hint


def _learners_line(error: BaseException) -> str | None:
    """The exception with the last line of the learner's own code on its way; None where there was none."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_learners(frame.filename)]
    if not frames:
        return None
    frame = frames[-1]
    line = (frame.line or linecache.getline(frame.filename, frame.lineno or 0)).strip()
    where = f"In your code, line {frame.lineno} of `{frame.name}`" if frame.name != "<module>" else "In your code"
    return f"{where}:\n    {line}\n{type(error).__name__}: {error}".rstrip(": ")


def _is_learners(filename: str) -> bool:
    """Whether a file is neither ours, nor Python's, nor an installed package's."""
    if filename.startswith("<frozen") or filename == "<string>":
        return False
    path = Path(filename)
    if path.is_relative_to(PACKAGE.parent):
        return False
    return not any(path.is_relative_to(folder) for folder in _installed()) and "site-packages" not in path.parts


def _installed() -> list[str]:
    paths = sysconfig.get_paths()
    return [paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")]


def _marked(text: str) -> str:
    """Text as HTML: what stands between backquotes is code."""
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", html.escape(text, quote=False))


class _Printed(io.StringIO):
    """Takes what an answer prints while it is checked, and keeps the first lines."""

    LINES, CHARACTERS = 8, 600

    def write(self, text: str) -> int:
        if self.tell() < 10 * self.CHARACTERS:
            super().write(text)
        return len(text)

    def text(self) -> str:
        whole = self.getvalue().rstrip("\n")
        lines = whole[: self.CHARACTERS].split("\n")[: self.LINES]
        shown = "\n".join(lines)
        return shown + ("\n…" if shown != whole else "")


# -- a time limit


class TimeLimit(BaseException):
    """Ends code that runs too long.  Not an `Exception`: `except Exception` in a loop does not keep it going."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Stop the code of the block with `TimeLimit` when it runs longer than that.

    A second thread waits, and then asks the interpreter to raise the exception in this one, which happens between two
    bytecodes.  So it works on every platform and in every thread (signals do neither), but has to wait for the end of a
    single long call into compiled code.  It asks again until it is heard: a bare `except:` may swallow one.
    """
    here = threading.get_ident()
    begin, over, gone = (threading.Lock() for _ in range(3))
    for lock in (begin, over, gone):
        lock.acquire()

    def watch() -> None:
        begin.acquire()
        wait = seconds
        while not over.acquire(timeout=wait):
            _raise_in(here, TimeLimit)
            wait = 0.2
        _raise_in(here, None)  # takes back what has not been delivered
        gone.release()

    threading.Thread(target=watch, name="tensorglass-time-limit", daemon=True).start()
    try:
        begin.release()
        yield
    finally:
        # The exception may come after any call, here too. After the first one the thread is on its way out.
        try:
            over.release()
            gone.acquire()
        except TimeLimit:
            gone.acquire()


def _raise_in(thread: int, exception: type[BaseException] | None) -> None:
    target = ctypes.c_ulong(thread)
    kind = ctypes.py_object(exception) if exception is not None else ctypes.py_object()
    ctypes.pythonapi.PyThreadState_SetAsyncExc(target, kind)
