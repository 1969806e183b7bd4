"""Running somebody's program to trace it: under TensorGlass, under TensorFlow, or under both.

A program may import either library; what it gets is the one that is asked for.  ``tensorglass.v1`` and the root of
TensorGlass stand for `tensorflow.compat.v1` in graph mode, and TensorFlow's modules for ours of the same names.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import json
import os
import pickle
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from . import Trace, encode

_OURS = {"tensorglass": "", "tensorglass.v1": "", "tensorglass.compat": "compat", "tensorglass.compat.v1": ""}
_THEIRS = {"tensorflow": "", "tensorflow.v1": "v1", "tensorflow.compat": "compat", "tensorflow.compat.v1": "compat.v1"}
_INSIDE = ("tensorglass", "tensorflow", "keras")


class Wanted(NamedTuple):
    """What is asked of the traces of a program."""

    every: int = 1
    made_at: bool = True
    check: bool = False

    @classmethod
    def of(cls, options: Any) -> Wanted:
        return cls(options.every, not options.no_source_lines, options.check)


def new_trace(library: str, title: str, wanted: Wanted) -> Trace:
    """A trace of the sessions of the library of that name."""
    if library == "tensorflow":
        from .tensorflow import TensorFlowTrace

        return TensorFlowTrace(title, wanted.every, wanted.made_at)
    return Trace(title, wanted.every, wanted.made_at, wanted.check)


def run(script: Path, arguments: Sequence[str], trace: Any, library: str) -> int:
    """Run `script` as the main program with the library of that name, traced; its exit status."""
    saved_arguments, saved_path = sys.argv, sys.path[:]
    sys.argv = [str(script), *arguments]
    sys.path.insert(0, os.path.abspath(script.parent))
    try:
        with importing(library), trace:
            runpy.run_path(str(script), run_name="__main__")
        return 0
    except SystemExit as stop:
        if isinstance(stop.code, str):
            print(stop.code, file=sys.stderr)
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except KeyboardInterrupt:
        return 130
    except Exception:  # the program's own: told as Python tells it, and the trace up to there is shown
        import traceback

        traceback.print_exc()
        return 1
    finally:
        sys.argv, sys.path[:] = saved_arguments, saved_path


@contextlib.contextmanager
def importing(library: str) -> Iterator[None]:
    """Inside, `import` statements of the user's modules give `library` ("tensorglass" or "tensorflow") for both."""
    real = builtins.__import__
    if library == "tensorflow":
        from .tensorflow import library as tensorflow

        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # what it found on this machine
        names, top = _OURS, tensorflow()
    else:
        names, top = _THEIRS, importlib.import_module("tensorglass")
    told: list[str] = []

    def find(name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:
        importer = str((globals or {}).get("__name__", "")).partition(".")[0]
        if level or name not in names or importer in _INSIDE:
            return real(name, globals, locals, fromlist, level)
        if library == "tensorflow" and not told:
            told.append(name)
            _graph_mode(top)
        found = top
        for part in filter(None, names[name].split(".")):
            found = getattr(found, part)
        return found if fromlist or "." not in name else _Top(top)

    builtins.__import__ = find
    try:
        yield
    finally:
        builtins.__import__ = real


def _graph_mode(tf: Any) -> None:
    """What a program imports as TensorGlass is in graph mode, with no call that says so."""
    before = tf.logging.get_verbosity()
    tf.logging.set_verbosity(tf.logging.ERROR)  # that variables are to be used in another way is not its concern
    try:
        tf.disable_v2_behavior()
    finally:
        tf.logging.set_verbosity(before)


class _Top(ModuleType):
    """What ``import tensorglass.v1 as tf`` takes its `v1` from: all of the other library, and itself as `v1`."""

    def __init__(self, module: Any):
        super().__init__(module.__name__)
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name, self._module) if name == "v1" else getattr(self._module, name)


def both(script: Path, arguments: Sequence[str], wanted: Wanted) -> tuple[list[dict[str, Any]], int]:
    """The documents of `script` under TensorGlass and under TensorFlow, each in a process of its own; its status.

    A program that fails, or that runs no session, gives what there is: a document may be without runs.
    """
    found, worst = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for library in ("tensorglass", "tensorflow"):
            place = Path(folder, library)
            told = json.dumps([str(script), library, str(place), *wanted])
            print(f"-- {script.name} under {library}", file=sys.stderr, flush=True)
            done = subprocess.run([sys.executable, "-c", _CHILD, told, *arguments], check=False)
            worst = worst or done.returncode
            found.append(pickle.loads(place.read_bytes()) if place.exists() else {"runs": []})  # our own process's
    return found, worst


_CHILD = f"import sys; from {__name__} import child; sys.exit(child(*sys.argv[1:]))"


def child(told: str, *arguments: str) -> int:
    """What a process of `both` does."""
    name, library, to, *wanted = json.loads(told)
    encode.keep_arrays()
    script = Path(name)
    trace = new_trace(library, script.name, Wanted(*wanted))
    status = run(script, arguments, trace, library)
    Path(to).write_bytes(pickle.dumps(trace.document() if trace.runs else {"runs": []}))
    return status
