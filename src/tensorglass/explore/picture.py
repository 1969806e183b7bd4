"""Pictures of graphs that have not run, for notebooks: a graph, what a tensor or an operation needs, a plan.

Each is an image with nothing to load, which Jupyter, its exports and previews of notebooks show alike.  Scopes fold
where there is much to show; of graphs too large for that a part is drawn, and a sentence says which.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..graph import Graph, Operation
from ..plan import Plan, needed_ops
from . import encode
from .layout import layout
from .moment import Moment
from .record import source
from .scopes import MOST
from .svg import drawn

_WHOLE = 10_000  # operations: of larger graphs a part is drawn
_NEAR = 24  # operations around one, where no scopes fold
_LINES = 200  # of a plan
_KINDS = {"VariableV2": "variable", "Placeholder": "placeholder", "PlaceholderWithDefault": "placeholder",
          "Const": "constant"}  # fmt: skip


class _Still(Moment):
    """Nothing has run: only constants have values; one node may be marked."""

    def __init__(self, text: str, ops: Iterable[Operation], marked: Operation | None):
        super().__init__({"nodes": []})
        self.text = text
        self.now = None if marked is None else {"phase": "forward", "node": _id(marked)}
        for op in ops:
            value = op.attrs.get("value") if op.type == "Const" else None
            if value is not None and np.size(value) <= encode.FULL:
                self.values[_id(op)] = encode.tensor(value)


def of_graph(graph: Graph) -> str:
    """All of a graph but what only gives variables their first values."""
    ops, hidden = _without_initializers(graph)
    told = [f"{len(graph._ops):,} operations"]
    if hidden:
        told.append(f"without those that give variables their first values ({hidden:,})")
    if len(ops) > _WHOLE:
        told.append(f"the first {_WHOLE:,} are drawn")
        ops = ops[:_WHOLE]
    return _shown(ops, None, "Graph", ", ".join(told) + ".")


def of_operation(op: Operation, text: str = "") -> str:
    """An operation and what it needs."""
    ops = needed_ops([op], ())
    count = f"{len(ops):,} operation{'s' * (len(ops) != 1)}"
    if len(ops) > _WHOLE or (len(ops) > MOST and not _folds(ops)):
        near = _nearest(op)
        told = f"The {len(near):,} nearest to it of the {count} that it needs, with itself; the others are left out."
        return _shown(near, op, text or repr(op), told)
    return _shown(ops, op, text or repr(op), f"{count}, with itself and the reads of variables.")


def of_plan(text: str, plan: Plan) -> str:
    """A plan's source and its picture."""
    lines = text.rstrip("\n").split("\n")
    cut = f"\n… and {len(lines) - _LINES:,} more lines: print it" if len(lines) > _LINES else ""
    code = "".join(
        f'<span style="color:#59636e">{k:>4}</span>  {html.escape(line)}\n' for k, line in enumerate(lines[:_LINES], 1)
    )
    ops = sorted({*plan.ops, *(t.op for t in plan.fed)}, key=lambda op: op._id)
    told = f"{len(plan.steps):,} steps."
    if len(ops) > _WHOLE:
        told += f" The last {_WHOLE:,} of {len(ops):,} operations are drawn."
        ops = ops[-_WHOLE:]
    return f'<pre style="line-height:1.35">{code}{cut}</pre>' + _shown(ops, None, "Plan", told)


def _without_initializers(graph: Graph) -> tuple[list[Operation], int]:
    """The operations of a graph, and how many that only initialize variables are not among them."""
    first = {v._initializer_op.op if hasattr(v._initializer_op, "op") else v._initializer_op for v in graph.variables}
    groups = {
        op for op in graph._ops if op.type == "NoOp" and op.control_inputs and first.issuperset(op.control_inputs)
    }
    needed = {v.op for v in graph.variables}
    for op in reversed(graph._ops):
        ends = not any(t._consumers for t in op.outputs)
        if op in needed or (ends and op not in first and op not in groups):
            needed.add(op)
            needed.update(t.op for t in op.inputs)
            needed.update(c for c in op.control_inputs if c not in first)
    ops = [op for op in graph._ops if op in needed]
    return ops, len(graph._ops) - len(ops)


def _folds(ops: Sequence[Operation]) -> bool:
    """Whether scopes leave few enough boxes."""
    return len({op.name.partition("/")[0] for op in ops}) <= MOST


def _nearest(op: Operation) -> list[Operation]:
    """`op` and those that it needs most directly."""
    found = {op: None}
    waiting = [op]
    for one in waiting:
        for before in (*(t.op for t in one.inputs), *one.control_inputs):
            if before not in found and len(found) < _NEAR:
                found[before] = None
                waiting.append(before)
    return sorted(found, key=lambda op: op._id)


def _id(op: Operation) -> str:
    return f"n{op._id}"


def _shown(ops: Sequence[Operation], marked: Operation | None, title: str, told: str) -> str:
    real = [op for op in ops if op is marked or not op.outputs or source(op.outputs[0]).op is op]
    nodes = [_node(op) for op in real]
    still = _Still(told, real, marked)
    picture = layout(nodes)
    folded = sum(len(group["nodes"]) for group in picture["groups"] if group["collapsed"])
    if folded:
        still.text += f" {folded:,} of them are inside folded boxes."
    data = base64.b64encode(drawn(picture, nodes, still, title, runs=False).encode("utf-8")).decode("ascii")
    alt = html.escape(f"{title}: {still.text}")
    return f'<img alt="{alt}" style="max-width:100%;height:auto" src="data:image/svg+xml;base64,{data}">'


def _node(op: Operation) -> dict[str, Any]:
    out = op.outputs[0] if op.outputs else None
    return {
        "id": _id(op),
        "name": op.name,
        "kind": _KINDS.get(op.type, "op"),
        "type": op.type,
        "inputs": [_id(source(t).op) for t in op.inputs],
        "control": [_id(c) for c in op.control_inputs],
        "scope": op.name.rpartition("/")[0],
        "dtype": None if out is None else out.dtype.base_dtype.name,
        "shape": None if out is None or out._shape is None else list(out._shape),
    }
