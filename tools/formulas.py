"""Render the formulas of all op types to MathML; `src/tensorglass/explore/formulas/mathml.json` holds the result.

python tools/formulas.py            what is missing or out of date
python tools/formulas.py --write    bring mathml.json up to date
python tools/formulas.py --page     a page of all formulas, to look at, on the standard output
"""

from __future__ import annotations

import argparse
import html
import importlib
import json
import pkgutil
import sys
from pathlib import Path
from typing import Any

import tensorglass.ops
from tensorglass.explore.formulas import render
from tensorglass.op import REGISTRY

TARGET = Path(render.__file__).with_name("mathml.json")


def as_text(rendered: dict[str, Any]) -> str:
    """One line an op type, so that a change shows as what it is."""
    lines = [f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in rendered.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def page(rendered: dict[str, Any]) -> str:
    """All formulas as a table."""
    rows = "\n".join(
        f"<tr><th>{html.escape(k)}<td>{v['mathml']}<td>" + "<br>".join(rule["mathml"] for rule in v["vjp"])
        for k, v in rendered.items()
    )
    head = """<!doctype html><meta charset="utf-8"><title>Formulas</title><style>
td, th { padding: .4em 1em; text-align: left; border-top: 1px solid #ccc; font-weight: normal }
math { font-family: "STIX Two Math", "Cambria Math", "Latin Modern Math", "DejaVu Math TeX Gyre", math }
mtd[columnalign="left"] { text-align: left }</style>"""
    return f"{head}<table>\n{rows}\n</table>"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="bring mathml.json up to date")
    parser.add_argument("--page", action="store_true", help="print a page of all formulas")
    options = parser.parse_args()
    for module in pkgutil.iter_modules(tensorglass.ops.__path__):
        importlib.import_module(f"tensorglass.ops.{module.name}")
    known = render.formulas().keys()
    for op_type in sorted(REGISTRY.keys() ^ known):
        print(f"{op_type}: " + ("has no formula" if op_type in REGISTRY else "is not an op type"), file=sys.stderr)
    if REGISTRY.keys() != known:
        return 1
    rendered = render.rendered()
    if options.page:
        print(page(rendered))
    text = as_text(rendered)
    if options.write:
        TARGET.write_text(text, "utf-8")
    elif not TARGET.exists() or TARGET.read_text("utf-8") != text:
        print("mathml.json is out of date: run tools/formulas.py --write", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
