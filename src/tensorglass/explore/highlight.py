"""Python source cut into keywords, strings, comments, decorators and numbers, so that the view need not know Python."""

from __future__ import annotations

import keyword
import re

_TOKEN = re.compile(
    r"(?P<c>\#[^\n]*)"
    r"|(?P<s>[rbfRBF]{0,2}(?:\"\"\"[\s\S]*?\"\"\"|'''[\s\S]*?'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'))"
    rf"|(?P<k>\b(?:{'|'.join(keyword.kwlist)})\b)"
    r"|(?P<d>@[\w.]+)"
    r"|(?P<n>\b\d[\w.]*)"
)


def tokens(text: str) -> list[int | str]:
    """Three entries a token: how many plain characters come first, how long it is, and its kind's letter.

    >>> tokens("return f(1)  # one")
    [0, 6, 'k', 3, 1, 'n', 3, 5, 'c']
    """
    found: list[int | str] = []
    at = 0
    for match in _TOKEN.finditer(text):
        found += [_units(text[at : match.start()]), _units(match[0]), match.lastgroup or ""]
        at = match.end()
    return found


def _units(text: str) -> int:
    """The length as a browser counts it: characters beyond the first 65,536 are two."""
    return len(text) + sum(ord(c) > 0xFFFF for c in text)
