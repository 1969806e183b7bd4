"""Bring the course's quotes of TensorGlass's source up to date (tests/course/test_quotes.py compares them).

python tools/course.py            list the quotes that differ
python tools/course.py --write    put the source of today into the chapters

A quote is a block of Python directly below a line such as `<!-- source: tensorglass.gradients.gradients -->`: the
source of what that name leads to by import and attributes, with or without its docstring.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import inspect
import os
import re
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^<!-- source: (?P<name>[\w.]+) -->\n```python\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = re.compile(r"^.*<!-- source:.*$", re.MULTILINE)


@dataclass(frozen=True)
class Quote:
    """A block in a chapter: what it quotes and what stands there."""

    path: Path
    line: int
    name: str
    code: str

    def source(self) -> str:
        """The source of what is quoted."""
        return textwrap.dedent(inspect.getsource(found(self.name)))

    def is_true(self) -> bool:
        """Whether the block says what the source says; comments and docstrings may differ."""
        return same(self.code, self.source())


def quotes() -> Iterator[Quote]:
    """The quotes of all chapters."""
    for path in sorted((ROOT / "course").rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        blocks = list(BLOCK.finditer(text))
        marks = list(MARK.finditer(text))
        if len(blocks) != len(marks):
            lost = {m.start() for m in marks} - {b.start() for b in blocks}
            lines = ", ".join(str(text.count("\n", 0, at) + 1) for at in sorted(lost))
            raise ValueError(f"{path.name}: no block of Python directly below the mark in line {lines}")
        for m in blocks:
            yield Quote(path, text.count("\n", 0, m.start()) + 1, m["name"], m["code"])


def found(name: str) -> Any:
    """What a dotted name leads to."""
    parts = name.split(".")
    for n in reversed(range(1, len(parts) + 1)):
        try:
            value: Any = importlib.import_module(".".join(parts[:n]))
        except ModuleNotFoundError:
            continue
        for part in parts[n:]:
            value = getattr(value, part)
        return inspect.unwrap(value) if callable(value) else value
    raise LookupError(f"nothing is called {name}")


def same(quoted: str, source: str) -> bool:
    """Whether two pieces of code are the same program, docstrings aside."""
    return dumped(quoted) == dumped(source)


def dumped(code: str) -> str:
    """A program as text that compares: without docstrings, comments and layout."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and body and is_docstring(body[0]) and len(body) > 1:
            del body[0]
    return ast.dump(tree)


def is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def without_docstring(source: str) -> str:
    """Source with the docstring of its first definition taken out."""
    body = getattr(ast.parse(source).body[0], "body", [])
    if len(body) < 2 or not is_docstring(body[0]):
        return source
    lines = source.splitlines(keepends=True)
    first, last = body[0].lineno - 1, body[0].end_lineno
    while last < len(lines) and not lines[last].strip():
        last += 1
    return "".join(lines[:first] + lines[last:])


def write() -> list[Path]:
    """Bring every quote up to date; the files that changed."""
    changed = []
    for path in sorted({quote.path for quote in quotes()}):
        text = path.read_text(encoding="utf-8")

        def replace(m: re.Match, path: Path = path) -> str:
            quote = Quote(path, 0, m["name"], m["code"])
            if quote.is_true():
                return m[0]
            has_docstring = '"""' in quote.code
            source = quote.source() if has_docstring else without_docstring(quote.source())
            return f"<!-- source: {quote.name} -->\n```python\n{source.rstrip()}\n```"

        new = BLOCK.sub(replace, text)
        if new != text:
            temporary = path.with_suffix(".tmp")
            temporary.write_text(new, encoding="utf-8")
            os.replace(temporary, path)
            changed.append(path)
    return changed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the chapters")
    if parser.parse_args().write:
        for path in write():
            print(path.relative_to(ROOT))
        return 0
    untrue = [quote for quote in quotes() if not quote.is_true()]
    for quote in untrue:
        print(f"{quote.path.relative_to(ROOT)}:{quote.line}: {quote.name} reads differently now")
    return bool(untrue)


if __name__ == "__main__":
    sys.exit(main())
