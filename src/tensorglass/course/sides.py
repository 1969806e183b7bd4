"""Two traces of one program side by side: what chapter 26 shows of TensorGlass and of TensorFlow.

Both explorers are in one frame and go in step: a step in one moves the other to the same node.  The differences of
their values are a table beside them, and in each explorer's own panel.
"""

from __future__ import annotations

import copy
import html
import json
from collections.abc import Sequence
from importlib import resources
from typing import Any

import numpy as np

from ..explore import encode
from ..explore.compare import compare
from ..explore.document import laid_out
from ..explore.formulas import formula
from ..explore.html import STYLE, as_script, bundle, digest, still

Document = dict[str, Any]
_TENSOR = {"shape", "dtype", "data"}
_NO_CODE = {"forward": None, "backward": None}


class SideBySide:
    """Two documents of the explorer (of `Trace.document`, or read from `Trace.to_json`) that show themselves together.

    >>> a = {"shape": [], "dtype": "float32", "size": 1, "data": [1.0]}
    >>> node = {"id": "n0", "name": "x", "kind": "op", "type": "Neg", "inputs": [], "scope": ""}
    >>> one = {"nodes": [node], "runs": [{"steps": [{"phase": "forward", "node": "n0", "value": a}]}]}
    >>> two = copy.deepcopy(one)
    >>> two["runs"][0]["steps"][0]["value"]["data"] = [3.0]
    >>> SideBySide(one, two).differences
    [('x', 2.0, None, None)]
    """

    def __init__(self, one: Document, two: Document, title: str = "Side by side"):
        self.documents = [copy.deepcopy(one), copy.deepcopy(two)]
        self.title = title
        self.text = compare(*self.documents)
        for document in self.documents:  # what is too long for half a page; the chapter says it
            del document["comparison"]["text"]
            document.pop("note", None)
            sources = document.get("sources", {})
            document["sources"] = {key: {**source, **_NO_CODE} for key, source in sources.items()}

    @property
    def differences(self) -> list[tuple[str, Any, Any, Any]]:
        """Of each node that both have: its name, and the largest difference of value, gradient and new value."""
        one = self.documents[0]
        found = one["comparison"]["runs"][0]["nodes"]
        kinds = ("value", "gradient", "change")
        return [(n["name"], *(found[n["id"]][kind] for kind in kinds)) for n in one["nodes"] if n["id"] in found]

    @property
    def agree(self) -> bool:
        """Whether nothing that both have differs by more than rounding may do."""
        return all(node["agrees"] for run in self.documents[0]["comparison"]["runs"] for node in run["nodes"].values())

    @property
    def same(self) -> bool:
        """Whether both have the same nodes and `agree`."""
        alone = self.documents[0]["comparison"]
        return self.agree and not alone["only_here"] and not alone["only_there"]

    def __repr__(self) -> str:
        return f"<{self.title}: {self.text}>"

    def _repr_html_(self) -> str:
        style = "position:absolute;left:0;top:0;width:100%;height:100%;border:0;background:Canvas"
        pictures = "".join(still(document, _name(document)) for document in self.documents)
        return (
            f"<style>{_SIZE}</style>"
            f'<div class="tensorglass-sides" style="position:relative;overflow:hidden">{pictures}'
            f'<iframe title="{html.escape(self.title)}" style="{style}" srcdoc="{html.escape(_page(self))}"></iframe>'
            "</div>"
        )


# On a narrow screen one is below the other.  (Three times the class, to count for more than the site's own heights.)
_SIZE = """
@media screen { div.tensorglass-sides.tensorglass-sides.tensorglass-sides { height: 1000px !important } }
@media screen and (max-width: 720px) {
  div.tensorglass-sides.tensorglass-sides.tensorglass-sides { height: 2520px !important }
}
@media print {
  div.tensorglass-sides { display: flex; gap: 8px }
  div.tensorglass-sides > img { flex: 1; min-width: 0; max-width: 49% !important; object-fit: contain }
}
"""
_LAYOUT = """
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 8px; }
tensorglass-explorer { min-width: 0; }
h2 { font-size: 15px; margin: 0; }
"""
# A step in one explorer moves the other to its step of the same phase and node, where it has one.
_IN_STEP = """
"use strict";
addEventListener("DOMContentLoaded", () => setTimeout(() => {
  const pair = [...document.querySelectorAll("tensorglass-explorer")];
  const name = ({ state }, step) => `${step.phase} ${state.model.node(step.node).name}`;
  let follows = false;
  pair.forEach((here, k) => {
    const there = pair[1 - k], { state } = here, { tell } = state;
    state.tell = (what) => {
      tell.call(state, what);
      if (follows || what !== "step" || !state.step) return;
      const wanted = name(here, state.step);
      const at = there.state.steps.findIndex((step) => name(there, step) === wanted);
      follows = true;
      if (at >= 0) there.state.go(at);
      follows = false;
    };
  });
  new MutationObserver(() => pair[1].toggleAttribute("dark", pair[0].hasAttribute("dark")))
    .observe(pair[0], { attributeFilter: ["dark"] });
}));
"""


def _page(sides: SideBySide) -> str:
    script, style = bundle(), STYLE + _LAYOUT
    policy = (
        f"default-src 'none'; script-src '{digest(script)}' '{digest(_IN_STEP)}'; style-src '{digest(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )
    explorers = "".join(
        f'<tensorglass-explorer><h2 slot="title">{html.escape(_name(document))}</h2>'
        f'<script type="application/json">{as_script(document)}</script></tensorglass-explorer>'
        for document in sides.documents
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}">'
        f"<title>{html.escape(sides.title)}</title><style>{style}</style></head>"
        f"<body><main>{explorers}</main><script>{script}</script><script>{_IN_STEP}</script></body></html>"
    )


def _name(document: Document) -> str:
    return str(document.get("title") or "trace")


# -- a trace that is kept


def slim(document: Document) -> Document:
    """What has to be kept of a trace: not the layout, statistics and formulas, which `full` makes again.

    Nor the other library's source code, which is not ours to pass on.
    """

    def kept(found: Any) -> Any:
        if isinstance(found, dict):
            if found.keys() >= _TENSOR:
                return {key: found[key] for key in ("shape", "dtype", "data")}
            return {key: kept(value) for key, value in found.items()}
        return [kept(value) for value in found] if isinstance(found, list) else found

    runs = [{**run, "wall_us": 0.0} for run in document["runs"]]
    nodes = [
        {**node, "attrs": dict(sorted(node["attrs"].items())), "box": None, "made_at": None}
        for node in document["nodes"]
    ]
    found = {**document, "runs": runs, "nodes": nodes}
    for made_again in ("sources", "edges", "groups", "layouts", "comparison"):
        found.pop(made_again, None)
    return kept(found)


def full(slimmed: Document) -> Document:
    """The trace that `slim` has been given, as the explorer wants it."""

    def whole(found: Any) -> Any:
        if isinstance(found, dict):
            if found.keys() == _TENSOR:
                return encode.tensor(np.array(found["data"], found["dtype"]).reshape(found["shape"]))
            return {key: whole(value) for key, value in found.items()}
        return [whole(value) for value in found] if isinstance(found, list) else found

    found = {**slimmed, "runs": whole(slimmed["runs"])}
    nodes = found["nodes"] = copy.deepcopy(slimmed["nodes"])
    layouts = {"forward": laid_out([n for n in nodes if n["phase"] == "forward"]), "full": laid_out(nodes)}
    for node in nodes:
        node["box"] = layouts["forward"]["nodes"].get(node["id"]) or layouts["full"]["nodes"].get(node["id"])
    types = dict.fromkeys(node["type"] for node in nodes)
    found |= {"edges": layouts["forward"]["edges"], "groups": layouts["forward"]["groups"], "layouts": layouts}
    return found | {"sources": {f"op/{kind}": _source(kind) for kind in types}}


def _source(kind: str) -> dict[str, Any]:
    found = formula(kind) or {}
    return {
        "formula": {key: found.get(key) for key in ("latex", "mathml")},
        "vjp": found.get("vjp", []),
        **_NO_CODE,
        "note": "TensorFlow's kernels are compiled: the package does not have their source.",
    }


def recorded(name: str) -> Document:
    """A trace that has been kept with the course, such as "xor_tensorflow"."""
    text = (resources.files("tensorglass.course") / "recorded" / f"{name}.json").read_text(encoding="utf-8")
    return full(json.loads(text))


def as_text(document: Document) -> str:
    """A slim trace as the text of its file: a node or a step a line."""

    def line(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))

    def lines(values: Sequence[Any]) -> str:
        return "[\n" + ",\n".join(line(value) for value in values) + "\n]"

    [run] = document["runs"]
    parts = {key: line(value) for key, value in document.items()}
    parts["nodes"] = lines(document["nodes"])
    steps = {key: lines(value) if key == "steps" else line(value) for key, value in run.items()}
    parts["runs"] = "[{" + ",\n".join(f'"{key}":{value}' for key, value in steps.items()) + "}]"
    return "{" + ",\n".join(f'"{key}":{value}' for key, value in parts.items()) + "}\n"
