"""Running the course's cells in this process: quick, and with Python's own errors."""

import ast
import linecache
from dataclasses import dataclass, field

import tensorglass.course as course
from tensorglass.course.cells import cells


@dataclass
class Ran:
    """What a chapter did: its namespace, what `check` found, what the cells showed."""

    names: dict
    results: list = field(default_factory=list)
    shown: list = field(default_factory=list)


def run(path, monkeypatch):
    """Run all cells of a chapter or of its solutions in one namespace.

    A cell tagged raises-exception has to raise; any other may neither raise nor warn (pytest makes warnings errors).
    """
    plt = _quiet_figures(monkeypatch)
    ran = Ran({"__name__": "__main__", "__doc__": None})
    ran.names["display"] = lambda *things: ran.shown.extend(things)

    def check(name, answer=...):
        ran.results.append(original(name, answer))
        return ran.results[-1]

    original = course.check
    monkeypatch.setattr(course, "check", check)
    for cell in cells(path):
        code = "\n" * (cell.line - 1) + cell.source + "\n"
        file = f"{path}#{cell.line}"
        linecache.cache[file] = len(code), None, code.splitlines(keepends=True), file
        error = None
        try:
            execute(ast.parse(code, str(path)), file, ran)
        except Exception as raised:
            error = raised
            if "raises-exception" not in cell.tags:
                raise AssertionError(f"{path.name}:{cell.line}: {type(raised).__name__}: {raised}") from raised
        if "raises-exception" in cell.tags:
            assert error is not None, f"{path.name}:{cell.line} is tagged raises-exception and raises none"
        plt.close("all")
    return ran


def execute(tree, file, ran):
    """Run statements; the value of a last expression is shown, as in a notebook."""
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, file, "exec"), ran.names)
    if last is not None:
        value = eval(compile(ast.Expression(last.value), file, "eval"), ran.names)
        if value is not None:
            ran.shown.append(value)
            html = getattr(value, "_repr_html_", None)
            assert html() if html else repr(value)


def _quiet_figures(monkeypatch):
    """matplotlib without a screen."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    mpl.use("agg")
    monkeypatch.setattr(plt, "show", lambda *args, **kwargs: None)
    return plt
