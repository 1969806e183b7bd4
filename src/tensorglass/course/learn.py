"""The command `tensorglass learn`: the course's site in the browser, or its notebooks in JupyterLab."""

from __future__ import annotations

import functools
import http.server
import importlib.util
import subprocess
import sys
import tempfile
import webbrowser
from pathlib import Path

from . import build
from .cells import files, number
from .progress import user_directory


def learn(chapter: int | None = None, lab: bool = False, browser: bool = True, folder: str | None = None) -> int:
    """Open the course, at a chapter where one is given; the exit status.

    The site is built on first use (some minutes: every chapter is run) into this user's cache, and again when the
    course has changed.  It is served on this machine only; Ctrl-C ends it.  With `lab`, notebooks are put into
    `folder`, where none of yours is overwritten, and JupyterLab opens them.
    """
    try:
        known = {number(path): path.stem for path in files()}
    except FileNotFoundError as error:
        return _fail(str(error))
    if chapter is not None and chapter not in known:
        return _fail(f"there is no chapter {chapter}; the course has {', '.join(map(str, known))}")
    stem = None if chapter is None else known[chapter]
    return _lab(stem, Path(folder or "tensorglass-course")) if lab else _site(stem, browser)


def _site(stem: str | None, browser: bool) -> int:
    place = user_directory("cache") / "course"
    try:
        if not _is_built(place):
            if lacking := build.missing():
                what = f"building the course's site needs packages that are not installed ({', '.join(lacking)})"
                return _fail(f"{what}: pip install 'tensorglass[course]'")
            print(f"Building the course into {place}: every chapter is run once, which takes some minutes.", flush=True)
            build.site(place, lambda line: print(f"  {line}", flush=True))
            build.write(place / "built", build.digest())
    except OSError as error:
        return _fail(f"the course's site cannot be kept in {place}: {error}")
    except RuntimeError as error:
        return _fail(str(error))
    handler = functools.partial(_Quiet, directory=str(place / "html"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        url = f"http://127.0.0.1:{server.server_port}/{stem or 'index'}.html"
        print(f"The course is at {url}\nCtrl-C closes it.", flush=True)
        if browser:
            webbrowser.open(url)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


def _lab(stem: str | None, folder: Path) -> int:
    lacking = [name for name in ("jupytext", "ipykernel") if importlib.util.find_spec(name) is None]
    if lacking:
        return _fail(f"the notebooks need {', '.join(lacking)}: pip install 'tensorglass[course]'")
    if importlib.util.find_spec("jupyterlab") is None:
        return _fail("JupyterLab is not installed: pip install jupyterlab")
    try:
        with tempfile.TemporaryDirectory() as temporary:
            made = build.notebooks(Path(temporary))
            for path in sorted(made.rglob("*.ipynb")):
                target = folder / path.relative_to(made)
                if not target.exists():
                    build.write(target, path.read_text(encoding="utf-8"))
    except OSError as error:
        return _fail(f"the notebooks cannot be written into {folder}: {error}")
    print(f"The notebooks are in {folder.resolve()}", flush=True)
    opened = folder / f"{stem}.ipynb" if stem else folder
    return subprocess.call([sys.executable, "-m", "jupyterlab", str(opened)])


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without a line for each."""

    def log_message(self, format: str, *args: object) -> None:
        pass


def _is_built(place: Path) -> bool:
    try:
        built = (place / "built").read_text(encoding="utf-8")
    except OSError:
        return False
    return (place / "html" / "index.html").is_file() and built == build.digest()


def _fail(message: str) -> int:
    print(f"tensorglass: {message}", file=sys.stderr)
    return 2
