"""The code that chapters 1 to 9 show is the small library's code: cell by cell, in order, nothing left out."""

import ast

import pytest

from tensorglass.course.cells import cells, files, number
from tensorglass.course.library import LAST, SMALL

CHAPTERS = [path for path in files() if 1 <= number(path) <= LAST]


def statements(source):
    """The statements of a program, imports and its docstring aside, each as text that compares."""
    body = ast.parse(source).body
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return [ast.unparse(node) for node in body if not isinstance(node, (ast.Import, ast.ImportFrom))]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_the_library_cells_are_the_small_library(path):
    shown = [line for cell in cells(path) if "library" in cell.tags for line in statements(cell.source)]
    kept = statements((SMALL / f"chapter_{number(path)}.py").read_text(encoding="utf-8"))
    assert shown == kept


def test_a_cell_is_not_both_the_library_and_a_simplified_one():
    for path in files():
        assert not any({"library", "simplified"} <= cell.tags for cell in cells(path)), path.name
