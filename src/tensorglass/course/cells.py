"""A chapter's file as cells: MyST text notebooks, read without any package."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Cell:
    """A code cell: its source, its tags, and the line of the file on which its source begins."""

    source: str
    tags: frozenset[str]
    line: int


def chapters() -> Path:
    """The folder with the course's text: beside this file when installed, in the repository otherwise."""
    installed, checkout = _HERE / "chapters", _HERE.parents[2] / "course"
    for folder in (installed, checkout):
        if (folder / "conf.py").is_file():
            return folder
    raise FileNotFoundError(f"The course's chapters are neither in {installed} nor in {checkout}.")


def files(solutions: bool = False) -> list[Path]:
    """The chapters, or their solutions, in order."""
    folder = chapters() / "solutions" if solutions else chapters()
    return sorted(folder.glob("[0-9][0-9]-*.md"))


def number(path: Path) -> int:
    """The number of the chapter in a file: 6 for 06-backpropagation.md."""
    return int(path.name[:2])


def cells(path: Path) -> list[Cell]:
    """The code cells of a chapter, in order."""
    lines = path.read_text(encoding="utf-8").split("\n")
    found, i = [], 0
    while i < len(lines):
        fence = re.fullmatch(r"(`{3,})\{code-cell\}.*", lines[i])
        if fence is None:
            i += 1
            continue
        end = lines.index(fence[1], i + 1)
        tags: set[str] = set()
        begin = i + 1
        while begin < end and (option := re.fullmatch(r":([\w-]+):\s*(.*)", lines[begin])):
            if option[1] == "tags":
                tags.update(re.findall(r"[\w-]+", option[2]))
            begin += 1
        if begin < end and lines[begin] == "---":  # the options as a block of YAML
            close = lines.index("---", begin + 1)
            block = "\n".join(lines[begin + 1 : close])
            if listed := re.search(r"^tags:\s*(\[[^\]]*\]|(?:\n?\s*-\s*[\w-]+)+)", block, re.MULTILINE):
                tags.update(re.findall(r"[A-Za-z][\w-]*", listed[1]))
            begin = close + 1
        found.append(Cell("\n".join(lines[begin:end]), frozenset(tags), begin + 1))
        i = end + 1
    return found
