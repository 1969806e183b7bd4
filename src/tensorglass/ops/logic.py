"""Comparisons, logic and choice: nothing here but `where` lets a gradient through."""

from __future__ import annotations

from typing import Any

from ..op import op
from ..shapes import broadcast


def _comparison(op_type: str, function: str, sign: str, kinds: str, label: str) -> Any:
    @op(op_type, f"T, T -> bool where T: {kinds}", shape=broadcast, differentiable=False)
    def compare(xp, x, y):
        return getattr(xp, function)(x, y)

    return compare
