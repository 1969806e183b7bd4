"""LaTeX to MathML, ahead of time: what `tools/formulas.py` runs.  It needs latex2mathml (the extra [dev])."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

from ...op import REGISTRY
from . import arrays, control, elementwise, linalg, logic, nn, random, reduce, state

AREAS = (elementwise, logic, arrays, reduce, linalg, nn, control, state, random)

# What latex2mathml takes for identifiers, which browsers then set without an operator's space around it; and the
# other way round.
_SIGNS = {"~": "∼", "⧵": "∖", **{sign: sign for sign in ":¬⌊⌋⌈⌉⟨⟩"}}
_NOT_SIGNS = "⊤*∞…⋯"
_OPENING, _CLOSING = "⌊⌈⟨", "⌋⌉⟩"
_THIN = "0.1667em"


def formulas() -> dict[str, tuple[str, dict[str, str]]]:
    """Op type -> (LaTeX, operand -> LaTeX of its reverse rule), written out, of all areas."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    for area in AREAS:
        for op_type, (latex, rules) in area.FORMULAS.items():
            if op_type in found:
                raise ValueError(f"{op_type} has two formulas")
            found[op_type] = _spaced(latex), {operand: rule(text) for operand, text in rules.items()}
    return found


def rule(text: str) -> str:
    r"""``x_i += \bar y`` written out: x̄ᵢ ← x̄ᵢ + ȳ.

    >>> print(rule(r"x_i += -\bar y"))
    \bar{x}_i \leftarrow \bar{x}_i - \bar y
    """
    start, text = re.fullmatch(r"(\\begin\{array\}\{l\} )?(.*)", _spaced(text)).groups("")  # type: ignore[union-attr]
    left, sign, right = text.partition(" += ")
    if not sign:
        raise ValueError(f"a reverse rule reads `x += ...`, not {text!r}")
    symbol, places = re.fullmatch(r"([^_\[]+)(.*)", left).groups()  # type: ignore[union-attr]
    gradient = rf"\bar{{{symbol}}}{places}"
    sign, right = ("-", right[1:]) if right.startswith("-") else ("+", right)
    return rf"{start}{gradient} \leftarrow {gradient} {sign} {right}"


def rendered() -> dict[str, Any]:
    """Op type -> what `formula` returns, in alphabetical order."""
    found = {}
    for op_type, (latex, rules) in sorted(formulas().items()):
        operands = REGISTRY[op_type].operands
        found[op_type] = {"latex": latex, "mathml": mathml(latex), "vjp": [
            {"slot": i, "operand": o.name, "list": bool(o.counter), "latex": rules[o.name],
             "mathml": mathml(rules[o.name])}
            for i, o in enumerate(operands) if o.name in rules
        ]}  # fmt: skip
    return found


def mathml(latex: str) -> str:
    """MathML of a formula, large sums with their limits below and above."""
    from latex2mathml.converter import convert

    text = convert(latex, display="block").replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")
    root = _plain(ET.fromstring(text))
    root.attrib = {"displaystyle": "true"}
    for element in root.iter():
        _space(element)
    return ET.tostring(root, encoding="unicode")


def _plain(e: ET.Element) -> ET.Element:
    """Without rows of one element and empty operators, signs as operators, and no attribute that could do anything."""
    e[:] = [_plain(child) for child in e if len(child) or child.tag != "mo" or (child.text or "").strip()]
    if e.tag == "mrow" and len(e) == 1:
        return e[0]
    for name in [a for a in e.attrib if a == "href" or a == "style" or a.startswith("on")]:
        del e.attrib[name]
    if e.tag == "mi" and e.text in _SIGNS:
        e.tag, e.text = "mo", _SIGNS[e.text]
        if e.text in _OPENING + _CLOSING:
            e.attrib = {"stretchy": "false", "form": "prefix" if e.text in _OPENING else "postfix"}
    elif e.tag == "mo" and (e.text or " ") in _NOT_SIGNS:
        e.tag, e.attrib = "mi", {}
    elif e.tag == "mtable":
        e.set("displaystyle", "true")
    elif e.tag == "mover" and e[1].text in ("¯", "^"):
        e.set("accent", "false")  # as an accent it runs into the letter where the font is not made for mathematics
        e[1].attrib = {"stretchy": "false", "scriptlevel": "0"}
    return e


def _space(row: ET.Element) -> None:
    """Around the names of functions among the children of `row`, and |x| as a pair."""
    inside = False
    for child, after in zip(row, [*row[1:], None], strict=False):
        name = child[0] if child.tag in ("msub", "msup", "munder", "msubsup") else child
        if child.tag == "mo" and child.text == "|":
            child.set("form", "postfix" if inside else "prefix")
            inside = not inside
        elif name.tag in ("mi", "mo") and len(name.text or "") > 1:
            followed = "" if after is None else "".join(after.itertext())[:1]
            name.tag = "mo"
            name.attrib = {"lspace": _THIN, "rspace": "0" if followed in ("(", "[", "") else _THIN}


def _spaced(text: str) -> str:
    """The text on one line."""
    return " ".join(text.split())
