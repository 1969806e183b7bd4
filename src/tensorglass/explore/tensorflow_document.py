"""The document of a trace of TensorFlow: nodes, runs and sources from its operations."""

from __future__ import annotations

import functools
import linecache
import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from . import encode
from .document import _code, _placed, _relative
from .formulas import formula
from .growing import Written
from .tensorflow import VARIABLES, Run, changed, known, library

# Op types that are another's under resource variables, or by TensorFlow 2's name: they share its formula.
_SAME = {"VarHandleOp": "VariableV2", "Variable": "VariableV2", "AssignVariableOp": "Assign", "Add": "AddV2",
         "AssignAddVariableOp": "AssignAdd", "AssignSubVariableOp": "AssignSub", "ResourceGather": "GatherV2",
         "PlaceholderV2": "Placeholder"}  # fmt: skip
_LEFT_OUT = {"value", "dtype", "shape", "_class", "_output_shapes", "container", "shared_name"}
_APART = 1_000_000  # of several graphs each has its ids to itself
_KERNELS = "TensorFlow's kernels are compiled: the package does not have their source."


def document(
    runs: Sequence[Run], title: str, made_at: bool = True, left_out: int = 0, written: Written | None = None
) -> dict[str, Any]:
    """The whole trace as one JSON-able object, as `document.document` gives it for runs of TensorGlass."""
    graphs = list(dict.fromkeys(run.plan.graph for run in runs))
    ops = [op for graph in graphs for op in _shown([run for run in runs if run.plan.graph is graph])]
    phases = _phases(runs)
    number = {op: f"n{_APART * graphs.index(op.graph) + op._id}" for op in ops}
    written = written or Written()

    def graph() -> dict[str, Any]:
        going_back = {op: run.plan.going_back.get(op.name) for run in runs for op in run.plan.ops}
        return {
            **_placed([_node(op, phases[op], going_back.get(op), number, made_at) for op in ops]),
            "sources": {f"op/{op_type}": _source(op) for op_type, op in {op.type: op for op in ops}.items()},
        }

    notes = [f"Only the first {len(runs):,} runs are kept: {left_out:,} came later."] if left_out else []
    notes += dict.fromkeys(run.note for run in runs if run.note)
    tf = library()
    return {
        "format": "graphtrace",
        "version": 1,
        "title": title,
        "library": {"name": "tensorflow", "version": tf.__version__, "backend": "TensorFlow's own kernels"},
        **written.head(graphs, phases, graph),
        "runs": written.runs(runs, lambda run: _run(run, phases, number)),
        **({"note": " ".join(notes)} if notes else {}),
    }


def _shown(runs: Sequence[Run]) -> list[Any]:
    """The operations that the runs needed, without those that only give a value another name."""
    found = {known(op) for run in runs for op in run.plan.ops}
    return sorted((op for op in found if op.outputs or changed(op)), key=lambda op: op._id)


def _phases(runs: Sequence[Run]) -> dict[Any, str]:
    """The phase of each operation over all runs: of the program's own graph where one run has it so."""
    found: dict[Any, str] = {}
    for run in runs:
        for op in run.plan.ops:
            phase = run.plan.phases[op.name]
            found[op] = phase if found.get(op, phase) == phase else "forward"
    for op in {op for run in runs for op in run.plan.variables}:  # such as an optimizer's, also where they begin
        mine = [run.plan for run in runs if run.plan.graph is op.graph and op.name in run.plan.phases]
        if any(plan.phases[op.name] == "update" for plan in mine) and not any(plan.uses(op) for plan in mine):
            found[op] = "update"
    return found


def _node(op: Any, phase: str, grad_of: Any, number: dict[Any, str], made_at: bool) -> dict[str, Any]:
    out = op.outputs[0] if op.outputs else None
    dtype, shape = (None, None) if out is None else (out.dtype.base_dtype, out.shape)
    if op.type == "VarHandleOp":
        tf = library()
        dtype, shape = tf.as_dtype(op.get_attr("dtype")), tf.TensorShape(op.get_attr("shape"))
    kind = "variable" if op.type in VARIABLES else "constant" if op.type == "Const" else "op"
    return {
        "id": number[op],
        "name": op.name,
        "kind": "placeholder" if op.type.startswith("Placeholder") else kind,
        "type": op.type,
        "inputs": [number[known(t.op)] for t in op.inputs if known(t.op) in number],
        "control": [number[c] for c in op.control_inputs if c in number],
        "scope": op.name.rpartition("/")[0],
        "attrs": {k: v for k in op.node_def.attr if k not in _LEFT_OUT and (v := _attribute(op, k)) is not None},
        "src": f"op/{op.type}",
        "made_at": _made_at(op) if made_at else None,
        "grad_of": None if grad_of is None else number.get(known(grad_of)),
        "phase": phase,
        "dtype": None if dtype is None else dtype.name,
        "shape": None if shape is None or shape.rank is None else shape.as_list(),
        "box": None,
    }


def _attribute(op: Any, name: str) -> Any:
    try:
        value = op.get_attr(name)
    except ValueError:
        return None
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, (bool, int, float, str, bytes)):
        return encode.scalar(value)
    if isinstance(value, (list, tuple)) and len(value) <= encode.FULL:
        return [_plain(v) for v in value]
    return getattr(value, "name", None)


def _made_at(op: Any) -> dict[str, Any] | None:
    """The last line of the program itself on the way to `op`."""
    inside = tuple(str(folder) + os.sep for folder in _packages())
    frames = [f for f in op.traceback or () if not f.filename.startswith(inside)]
    if not frames:
        return None
    frame = frames[-1]
    text = linecache.getline(frame.filename, frame.lineno).strip()
    return {"file": _relative(frame.filename), "line": frame.lineno, "text": text}


@functools.cache
def _packages() -> list[Path]:
    """Where TensorFlow and this package are."""
    theirs = Path(import_module("tensorflow.python").__file__ or "").parents[1]
    return [theirs, theirs.parent / "keras", Path(__file__).parents[1]]


# -- runs


def _run(run: Run, phases: dict[Any, str], number: dict[Any, str]) -> dict[str, Any]:
    plan = run.plan
    forward = _forward(run, phases, number)
    reverse = [
        {**step, "node": number[step["node"]],
         "sends": [{**send, "to": number[send["to"]]} for send in step["sends"]]}
        for step in run.reverse
    ]  # fmt: skip
    steps = [*forward, *reverse, *_updates(run, number)]
    for i, step in enumerate(steps):
        step["i"] = i
    failed = run.error and run.error["op"] is not None and known(run.error["op"])
    return {
        "fetch": [number[known(op)] for op in plan.fetched if known(op) in number],
        "feed": [number[t.op] for t in plan.fed if t.op in number],
        "wall_us": round(run.wall * 1e6, 1),
        "order": {
            "forward": [s["node"] for s in forward],
            "reverse": [s["node"] for s in reverse],
            "algorithm": "creation order; TensorFlow computes what is ready, in an order of its own",
        },
        "steps": steps,
        "left_out": 0,
        "error": run.error and {**run.error, "op": None, "node": number.get(failed) if failed else None},
    }


def _forward(run: Run, phases: dict[Any, str], number: dict[Any, str]) -> list[dict[str, Any]]:
    asked = _asked_by(run)
    steps = []
    for op in run.plan.ops:
        if op not in number or phases[op] != "forward" or not op.outputs:
            continue
        outputs = [run.values.get(t.name) for t in op.outputs]
        value = run.before.get(op.name) if op.type in VARIABLES else next((v for v in outputs if v), None)
        if value is None:
            continue
        found: dict[str, Any] = {"phase": "forward", "node": number[op], "value": value}
        found["stack"] = _stack(op, asked, number)
        if len(outputs) > 1:
            found["outputs"] = outputs
        steps.append(found)
    return steps


def _asked_by(run: Run) -> dict[Any, Any]:
    """For each operation the consumer that asked for it first, walking back from what is fetched."""
    asked: dict[Any, Any] = {}
    stack: list[tuple[Any, Any]] = [(op, None) for op in reversed(run.plan.fetched)]
    wanted = set(run.plan.ops)
    while stack:
        op, by = stack.pop()
        if op in asked or op not in wanted:
            continue
        asked[op] = by
        stack += [(t.op, op) for t in reversed(op.inputs)]
        stack += [(c, op) for c in op.control_inputs]
    return asked


def _stack(op: Any, asked: dict[Any, Any], number: dict[Any, str]) -> list[str]:
    waiting, by = [], asked.get(op)
    while by is not None and len(waiting) < encode.FULL:
        if by in number:
            waiting.append(number[by])
        by = asked.get(by)
    return waiting[::-1]


def _updates(run: Run, number: dict[Any, str]) -> list[dict[str, Any]]:
    """How variables changed; what is between several changes of one variable nobody knows."""
    if run.error:
        return []
    writes = run.plan.writes
    steps = []
    for i, (op, variable) in enumerate(writes):
        first = all(v is not variable for _, v in writes[:i])
        last = all(v is not variable for _, v in writes[i + 1 :])
        steps.append({
            "phase": "update", "node": number[variable], "by": number[op], "rule": op.type,
            "before": run.before.get(variable.name) if first else None,
            "after": run.after.get(variable.name) if last else None,
        })  # fmt: skip
    return steps


# -- sources


def _source(op: Any) -> dict[str, Any]:
    """The formula from our own registry, and TensorFlow's Python rule for the gradient."""
    op_type: str = op.type
    plain = op_type.removeprefix("Resource")
    found = formula(_SAME.get(op_type, op_type)) or formula(_SAME.get(plain, plain)) or {}
    return {
        "formula": {k: found.get(k) for k in ("latex", "mathml")},
        "vjp": found.get("vjp", []),
        "forward": None,
        "backward": _rule(op),
        "note": _KERNELS,
    }


def _rule(op: Any) -> dict[str, Any] | None:
    try:
        rule = import_module("tensorflow.python.framework.ops").get_gradient_function(op)
    except LookupError:
        return None
    return None if rule is None else _code(rule)
