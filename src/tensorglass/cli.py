"""The command `tensorglass`: `tensorglass explore script.py` runs a program and shows what its graph computes."""

from __future__ import annotations

import argparse
import importlib.util
import sys
import textwrap
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .explore import encode, programs, written
from .explore.compare import compare
from .explore.html import page
from .explore.server import Server
from .explore.slices import Store, kept_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="tensorglass", description="TensorFlow's API, small enough to read.")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser(
        "explore", help="run a program and step through its graph", description=_explore.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    command.add_argument("script", help="the Python program to run")
    command.add_argument("arguments", nargs="*", help="what the program is given; after -- where it begins with a dash")
    command.add_argument("--html", metavar="FILE", help="write a page that needs nothing else, instead of showing one")
    command.add_argument("--every", type=int, default=1, metavar="K", help="keep every K-th run of a training loop")
    command.add_argument("--check", action="store_true", help="check every gradient by numbers: slow")
    libraries = command.add_mutually_exclusive_group()
    libraries.add_argument("--tensorflow", action="store_true", help="run it under TensorFlow instead, and show that")
    libraries.add_argument("--compare", action="store_true", help="run it under both, and show where they differ")
    command.add_argument("--no-browser", action="store_true", help="print the address of the page only")
    command.add_argument("--no-source-lines", action="store_true", help="leave the program's own lines out")
    _add_learn(commands)
    options = parser.parse_args(arguments)
    return _learn(options) if options.command == "learn" else _explore(options)


def _add_learn(commands: Any) -> None:
    command = commands.add_parser(
        "learn", help="open the course", description=textwrap.dedent(_learn.__doc__ or ""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    command.add_argument("chapter", nargs="?", type=int, help="the number of a chapter; without one, the first page")
    command.add_argument("--lab", action="store_true", help="open notebooks in JupyterLab instead")
    command.add_argument("--folder", help="with --lab: where the notebooks go (tensorglass-course)")
    command.add_argument("--no-browser", action="store_true", help="print the address of the site only")


def _learn(options: argparse.Namespace) -> int:
    """Open the course that builds this library, at a chapter where one is given.

    Its site is built on first use and served on this machine only; Ctrl-C ends it. Needs the extra [course].
    With --lab its chapters are put into a folder as notebooks, and JupyterLab (pip install jupyterlab) opens them;
    a notebook that is there already is left as it is.
    """
    from .course.learn import learn

    return learn(options.chapter, options.lab, not options.no_browser, options.folder)


def _explore(options: argparse.Namespace) -> int:
    """Run a program, record what its sessions compute, and open a page that steps through it.

    The page is served on this machine only, under an address nobody can guess, and grows while the program runs;
    Ctrl-C ends it. With --html the trace is written to a file when the program has ended. Only a page that is served
    can show any part of a large value: the newest 256 MiB of such values are kept.

    --tensorflow and --compare want a program for graphs and sessions, written for TensorFlow 1 or for TensorGlass:
    whichever of the two it imports, it gets the one that runs it. They need TensorFlow: the extra [parity].
    """
    script = Path(options.script)
    if not script.is_file():
        print(f"tensorglass: there is no file {options.script}", file=sys.stderr)
        return 2
    if options.every < 1:
        print("tensorglass: --every is at least 1", file=sys.stderr)
        return 2
    if (options.tensorflow or options.compare) and importlib.util.find_spec("tensorflow") is None:
        print("tensorglass: TensorFlow is not installed: pip install 'tensorglass[parity]'", file=sys.stderr)
        return 2
    if options.check and options.tensorflow:
        print("tensorglass: --check is for TensorGlass's gradients; with --compare for both", file=sys.stderr)
        return 2
    return _compare(script, options) if options.compare else _show(script, options)


def _show(script: Path, options: argparse.Namespace) -> int:
    """Run a program and show its trace."""
    library = "tensorflow" if options.tensorflow else "tensorglass"
    trace = programs.new_trace(library, script.name, programs.Wanted.of(options))
    if options.html:
        status = programs.run(script, options.arguments, trace, library)
        if not trace.runs:
            return _nothing(script) or status
        trace.to_html(options.html)
        print(f"written: {options.html}", file=sys.stderr)
        return status
    store = Store()
    with encode.keeping(store), Server(trace.document, lambda: trace.version, script.name, store) as server:
        _open(server, options)
        status = programs.run(script, options.arguments, trace, library)
        if not trace.runs:
            return _nothing(script) or status
        print("The program has ended. Ctrl-C closes the explorer.", file=sys.stderr)
        _wait(server)
    return status


def _compare(script: Path, options: argparse.Namespace) -> int:
    """Run a program under both libraries and show both traces, with the differences."""
    documents, status = programs.both(script, options.arguments, programs.Wanted.of(options))
    if not all(found["runs"] for found in documents):
        return _nothing(script) or status
    print(textwrap.fill(compare(*documents), 100, break_long_words=False, break_on_hyphens=False))
    if options.html:
        written(options.html, page(documents, script.name))
        print(f"written: {options.html}", file=sys.stderr)
        return status
    with Server(lambda: documents, None, script.name, kept_of(documents)) as server:
        _open(server, options)
        print("Ctrl-C closes the explorer.", file=sys.stderr)
        _wait(server)
    return status


def _open(server: Server, options: argparse.Namespace) -> None:
    print(f"The explorer is at {server.url}", file=sys.stderr)
    if not options.no_browser:
        webbrowser.open(server.url)


def _wait(server: Server) -> None:
    try:
        server.closed.wait()
    except KeyboardInterrupt:
        print(file=sys.stderr)


def _nothing(script: Path) -> int:
    print(f"tensorglass: {script.name} computed nothing, so there is nothing to show.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
