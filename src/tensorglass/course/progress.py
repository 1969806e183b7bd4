"""How far a learner is: a small file on this machine, and nowhere else.

TENSORGLASS_PROGRESS=0 keeps none; a path there is the file to use.  Whatever goes wrong with the file, the exercises
work: progress is then shown as nothing.
"""

from __future__ import annotations

import datetime
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any


class Progress:
    """What `progress()` shows: for each chapter how many of its exercises are right."""

    def __init__(self, chapters: list[tuple[int, int, int]], kept: bool):
        self.chapters = chapters  # (number, right, all)
        self.kept = kept

    def lines(self) -> list[str]:
        """One line a chapter."""
        return [f"chapter {n} · {right} of {total} exercises" for n, right, total in self.chapters]

    def __repr__(self) -> str:
        return "\n".join(self.lines() + ([] if self.kept else ["(TENSORGLASS_PROGRESS=0: nothing is kept)"]))

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><td style="text-align:left">chapter {n}</td>'
            f'<td><progress max="{total}" value="{right}" aria-label="chapter {n}"></progress></td>'
            f'<td style="text-align:left">{right} of {total} exercises</td></tr>'
            for n, right, total in self.chapters
        )
        note = "" if self.kept else "<p>TENSORGLASS_PROGRESS=0: nothing is kept.</p>"
        return f"<table>{rows}</table>{note}"


def progress() -> Progress:
    """How many exercises of each chapter are right so far."""
    from .checking import exercises

    right, counts = solved(), {}
    for name in exercises():
        chapter = int(name.split(".")[0])
        done, total = counts.get(chapter, (0, 0))
        counts[chapter] = done + (name in right), total + 1
    return Progress([(n, *counts[n]) for n in sorted(counts)], place() is not None)


def place() -> Path | None:
    """The file that progress is kept in; None where it is not to be kept."""
    wanted = os.environ.get("TENSORGLASS_PROGRESS")
    if wanted is not None:
        return None if wanted.strip().lower() in ("", "0", "no", "off", "false") else Path(wanted).expanduser()
    try:
        return user_directory("data") / "progress.json"
    except RuntimeError:  # no home directory
        return None


def user_directory(kind: str) -> Path:
    """Where this platform keeps programs' files of a kind, "data" or "cache", for one user: a folder of ours there."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
        root = Path(base) if base else Path.home() / "AppData" / "Local"
        return root / "tensorglass" / kind
    if sys.platform == "darwin":
        return Path.home() / "Library" / {"data": "Application Support", "cache": "Caches"}[kind] / "tensorglass"
    variable, usual = {"data": ("XDG_DATA_HOME", ".local/share"), "cache": ("XDG_CACHE_HOME", ".cache")}[kind]
    base = os.environ.get(variable, "")
    return (Path(base) if os.path.isabs(base) else Path.home() / usual) / "tensorglass"


def solved() -> set[str]:
    """The exercises that are right so far."""
    path = place()
    return set() if path is None else set(_read(path))


def record(exercise: str) -> None:
    """Note that an exercise is right."""
    path = place()
    if path is None:
        return
    known = _read(path)
    if exercise in known:
        return
    known[exercise] = datetime.date.today().isoformat()
    text = json.dumps({"version": 1, "right": known}, indent=1)
    name = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            name = file.name
            file.write(text)
        os.replace(name, path)
    except OSError:
        if name is not None:
            Path(name).unlink(missing_ok=True)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["right"]
        return {str(k): v for k, v in found.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}
