"""What the course quotes of TensorGlass's source is the source (`tools/course.py --write` sees to it)."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
spec = importlib.util.spec_from_file_location("tools_course", ROOT / "tools" / "course.py")
tool = sys.modules["tools_course"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tool)

QUOTES = list(tool.quotes())


@pytest.mark.parametrize("quote", QUOTES, ids=[f"{q.path.stem}:{q.name}" for q in QUOTES])
def test_a_quote_is_the_source(quote):
    assert quote.is_true(), "run `python tools/course.py --write` and read the text around it again"
    assert len(quote.code.splitlines()) <= 40


def test_a_changed_quote_is_found_and_mended():
    quote = next(q for q in QUOTES if "return" in q.code)
    stale = quote.code.replace("return", "return not", 1)
    assert not tool.same(stale, quote.source())
    assert tool.same(tool.without_docstring(quote.source()), quote.source())
