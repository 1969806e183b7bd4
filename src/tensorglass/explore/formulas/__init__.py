r"""The formula of each op type, forward and reverse, as LaTeX and as MathML.

One file an area, one entry an op type: the forward formula, and for each operand that gets a gradient what is added to
it.  ``"x": r"x += \bar z \odot y"`` reads x̄ ← x̄ + z̄ ⊙ y.  `tools/formulas.py` turns them all into `mathml.json`, which
is what is read here: every browser draws MathML by itself.

How to read them.  x̄ is the gradient of x; ⊙ is the product element by element, fractions and powers are element by
element too; [c] is 1 where c holds, else 0.  What broadcasting repeated is summed.  The formulas are those of the
default attributes, of real numbers and of first derivatives; where numbers are complex, the derivative (or the
transpose) is conjugated.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

__all__ = ["formula"]


def formula(op_type: str, declared: Any = None) -> dict[str, Any] | None:
    """``{"latex", "mathml", "vjp": [{"slot", "operand", "list", "latex", "mathml"}, ...]}`` of an op type.

    ``vjp`` has an entry for each operand that gets a gradient; ``slot`` is the operand's place among the operands of
    the op, and ``list`` says that it is a list of tensors, which shares one entry.  An operation of your own
    (`declared` is its class) gives what its attributes ``latex`` and ``latex_gradient`` say, the latter one text for
    each input, None for an input without a gradient; without them there is no formula: None.

    >>> formula("Mul")["latex"]
    'z = x \\\\odot y'
    >>> formula("Mul")["vjp"][1]["latex"]
    '\\\\bar{y} \\\\leftarrow \\\\bar{y} + \\\\bar z \\\\odot x'
    """
    if declared is None:
        return _rendered().get(op_type)
    latex, gradient = getattr(declared, "latex", None), getattr(declared, "latex_gradient", None)
    if latex is None and gradient is None:
        return None
    return {**_both(latex), "vjp": [
        {"slot": i, "operand": "", "list": False, **_both(text)}
        for i, text in enumerate(_texts(gradient)) if text is not None
    ]}  # fmt: skip


@cache
def _rendered() -> dict[str, Any]:
    """What `tools/formulas.py` wrote."""
    return json.loads(files("tensorglass.explore.formulas").joinpath("mathml.json").read_text("utf-8"))


def _texts(gradient: str | Iterable[str | None] | None) -> Iterable[str | None]:
    return () if gradient is None else (gradient,) if isinstance(gradient, str) else gradient


def _both(latex: str | None) -> dict[str, str | None]:
    """A user's LaTeX, and its MathML where the converter is installed and can read it: else it is shown as text."""
    if latex is None:
        return {"latex": None, "mathml": None}
    try:
        from .render import mathml

        return {"latex": latex, "mathml": mathml(latex)}
    except Exception:  # whatever the converter makes of a user's text, a trace is not lost by it
        return {"latex": latex, "mathml": None}
