"""The command `tensorglass`: `tensorglass explore script.py` runs a program and shows what its graph computes."""

from __future__ import annotations

import argparse
import os
import runpy
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from . import explore
from .explore.server import Server


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
    command.add_argument("--no-browser", action="store_true", help="print the address of the page only")
    command.add_argument("--no-source-lines", action="store_true", help="leave the program's own lines out")
    options = parser.parse_args(arguments)
    return _explore(options)


def _explore(options: argparse.Namespace) -> int:
    """Run a program, record what its sessions compute, and open a page that steps through it.

    The page is served on this machine only, under an address nobody can guess, and grows while the program runs;
    Ctrl-C ends it. With --html the trace is written to a file when the program has ended.
    """
    script = Path(options.script)
    if not script.is_file():
        print(f"tensorglass: there is no file {options.script}", file=sys.stderr)
        return 2
    if options.every < 1:
        print("tensorglass: --every is at least 1", file=sys.stderr)
        return 2
    trace = explore.Trace(script.name, options.every, not options.no_source_lines)
    if options.html:
        status = _run(script, options.arguments, trace)
        if not trace.runs:
            return _nothing(script) or status
        trace.to_html(options.html)
        print(f"written: {options.html}", file=sys.stderr)
        return status
    with Server(trace.document, lambda: trace.runs, script.name) as server:
        print(f"The explorer is at {server.url}", file=sys.stderr)
        if not options.no_browser:
            webbrowser.open(server.url)
        status = _run(script, options.arguments, trace)
        if not trace.runs:
            return _nothing(script) or status
        print("The program has ended. Ctrl-C closes the explorer.", file=sys.stderr)
        try:
            server.closed.wait()
        except KeyboardInterrupt:
            print(file=sys.stderr)
    return status


def _nothing(script: Path) -> int:
    print(f"tensorglass: {script.name} ran no session, so there is nothing to show.", file=sys.stderr)
    return 1


def _run(script: Path, arguments: Sequence[str], trace: explore.Trace) -> int:
    """Run `script` as the main program; its exit status."""
    saved_arguments, saved_path = sys.argv, sys.path[:]
    sys.argv = [str(script), *arguments]
    sys.path.insert(0, os.path.abspath(script.parent))
    try:
        with trace:
            runpy.run_path(str(script), run_name="__main__")
        return 0
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except KeyboardInterrupt:
        return 130
    except Exception:  # the program's own: told as Python tells it, and the trace up to there is shown
        import traceback

        traceback.print_exc()
        return 1
    finally:
        sys.argv, sys.path[:] = saved_arguments, saved_path


if __name__ == "__main__":
    sys.exit(main())
