"""The trace as a document: nodes, edges, runs and sources in the JSON form `graphtrace`, version 1.

The graph shown first is the program's own; the reverse pass is shown on it, as what each node receives and sends on.
The nodes that compute gradients are in the document too, marked ``"phase": "reverse"``.
"""

from __future__ import annotations

import functools
import inspect
import linecache
import os
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import numpy as np

from .. import __version__
from ..graph import Graph, Operation, Tensor
from ..lowering import changed
from ..plan import Step
from . import encode
from .eagerly import EagerRun
from .formulas import formula
from .growing import Written
from .highlight import tokens
from .layout import layout
from .record import MOST_STEPS, Run
from .sums import source

_KINDS = {"VariableV2": "variable", "Placeholder": "placeholder", "PlaceholderWithDefault": "placeholder",
          "Const": "constant"}  # fmt: skip
_NEAR, _FAR = 12, 4  # of a long stack
_GIVEN = ("VariableV2", "Placeholder")  # shown with the program's own values, whatever they are used for


_APART = 1_000_000  # of several graphs in a trace each has its ids to itself
_numbered: ContextVar[dict[Graph, int]] = ContextVar("numbered", default={})  # noqa: B039  (nobody changes it)


def document(
    runs: Sequence[Run | EagerRun], title: str, made_at: bool = True, left_out: int = 0, written: Written | None = None
) -> dict[str, Any]:
    """The whole trace as one JSON-able object; `left_out` runs are in none of `runs`.

    `written` is what was written of the same trace before, and is used again.
    """
    graphs = dict.fromkeys(op.graph for run in runs for op in run.plan.ops)
    token = _numbered.set({graph: _APART * k for k, graph in enumerate(graphs)})
    try:
        return _document(runs, title, made_at, left_out, written or Written())
    finally:
        _numbered.reset(token)


def _document(
    runs: Sequence[Run | EagerRun], title: str, made_at: bool, left_out: int, written: Written
) -> dict[str, Any]:
    ops = _shown(runs)
    phases = _phases(ops, runs)
    found = {
        "format": "graphtrace",
        "version": 1,
        "title": title,
        "library": {"name": "tensorglass", "version": __version__, "backend": f"numpy {np.__version__}"},
        **written.head(_numbered.get(), phases, lambda: _graph(ops, phases, made_at)),
        "runs": written.runs(runs, lambda run: _run(run, phases)),
    }
    note = _note(runs, left_out)
    return {**found, "note": note} if note else found


def _graph(ops: Sequence[Operation], phases: dict[Operation, str], made_at: bool) -> dict[str, Any]:
    """The nodes with their places, the lines between them, and what they compute."""
    return {
        **_placed([_node(op, phases[op], made_at) for op in ops]),
        "sources": {f"op/{op_type}": _source(op) for op_type, op in {op.type: op for op in ops}.items()},
    }


def _placed(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    """`nodes`, with their boxes in them, and the pictures of them."""
    whole = {"forward": laid_out([n for n in nodes if n["phase"] == "forward"]), "full": laid_out(nodes)}
    for node in nodes:
        node["box"] = whole["forward"]["nodes"].get(node["id"]) or whole["full"]["nodes"].get(node["id"])
    forward = whole["forward"]
    return {"nodes": nodes, "edges": forward["edges"], "groups": forward["groups"], "layouts": whole}


def _note(runs: Sequence[Run | EagerRun], left_out: int) -> str:
    """What the trace does not have because it would be too much."""
    told = [f"Only the first {len(runs):,} runs are kept: {left_out:,} came later."] if left_out else []
    for k, run in enumerate(runs):
        if run.left_out:
            whole = f"run {k + 1}" if len(runs) > 1 else "the run"
            told.append(f"Of {whole} only the first {MOST_STEPS:,} steps are kept: {run.left_out:,} came later.")
    return " ".join(told[:3]) + (f" So it is with {len(told) - 3:,} more runs." if len(told) > 3 else "")


def _number(op: Operation) -> int:
    return op._id + _numbered.get().get(op.graph, 0)


def name_of(op: Operation) -> str:
    return f"n{_number(op)}"


# -- nodes


def _shown(runs: Iterable[Run | EagerRun]) -> list[Operation]:
    """The operations that the runs needed, without those that only give a value another name."""
    found: set[Operation] = set()
    for run in runs:
        for op in run.plan.ops:
            real = bool(op.outputs) and source(op.outputs[0]).op is op
            found.update([op] if real else [])
        found.update(op for _, _, op, _ in run.plan.reads if op is not None)
        found.update(t.op for t in run.plan.fed)
        if isinstance(run, Run):
            found.update(_gone_through(run))
    return sorted(found, key=_number)


def _gone_through(run: Run) -> Iterable[Operation]:
    """What has a gradient in a run, though the run may not have needed its value: a sum that is differentiated."""
    if any(op.grad_of is not None for op in run.plan.ops):
        for note in run.plan.ops[0].graph.reverse_passes:
            for op, sent in note.sent.items():
                if source(op.outputs[0]).op is op and any(_value(run, share) is not None for _, share in sent):
                    yield op


def _phases(ops: Sequence[Operation], runs: Iterable[Run | EagerRun]) -> dict[Operation, str]:
    """What each operation is there for: the program's own values, the reverse pass, or the change of variables."""
    fetched = {source(f).op if isinstance(f, Tensor) else f for run in runs for f in run.plan.fetched}
    users: dict[Operation, list[Operation]] = {}
    for op in ops:
        for t in op.inputs:
            users.setdefault(source(t).op, []).append(op)
    phases: dict[Operation, str] = {}
    for op in reversed(ops):
        used_for = {phases[user] for user in users.get(op, ())}
        if op.grad_of is not None:
            phases[op] = "reverse"
        elif changed(op) or (used_for == {"update"} and op not in fetched and op.type not in _GIVEN):
            phases[op] = "update"
        else:
            phases[op] = "forward"
    for op in ops:  # an optimizer's own variables: they change with one that the program itself uses
        if op.type == "VariableV2" and op not in fetched and _beside(op, users, phases):
            phases[op] = "update"
    return phases


def _beside(variable: Operation, users: dict[Operation, list[Operation]], phases: dict[Operation, str]) -> bool:
    """Whether a variable is only changed, and in some operation together with a variable that has other uses."""

    def used(op: Operation) -> bool:
        return op.type == "VariableV2" and any(phases[user] == "forward" for user in users.get(op, ()))

    mine = users.get(variable, ())
    together = any(used(source(t).op) for user in mine for t in user.inputs)
    return all(phases[user] == "update" for user in mine) and together


def _node(op: Operation, phase: str, made_at: bool) -> dict[str, Any]:
    out = op.outputs[0] if op.outputs else None
    scope, _, _ = op.name.rpartition("/")
    return {
        "id": name_of(op),
        "name": op.name,
        "kind": _KINDS.get(op.type, "op"),
        "type": op.type,
        "inputs": [name_of(source(t).op) for t in op.inputs],
        "control": [name_of(c) for c in op.control_inputs],
        "scope": scope,
        "attrs": {k: _attribute(v) for k, v in op.attrs.items() if k not in ("value", "dtype", "shape")},
        "src": f"op/{op.type}",
        "made_at": _made_at(op) if made_at else None,
        "grad_of": None if op.grad_of is None else name_of(op.grad_of),
        "phase": phase,
        "dtype": None if out is None else out.dtype.base_dtype.name,
        "shape": None if out is None or out._shape is None else list(out._shape),
        "box": None,
    }


def _attribute(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return encode.scalar(value) if isinstance(value, float) else value
    if isinstance(value, (list, tuple)) and len(value) <= encode.FULL:
        return [_attribute(v) for v in value]
    return getattr(value, "name", None) or type(value).__name__


def _made_at(op: Operation) -> dict[str, Any] | None:
    file, _, line = op.user_line.rpartition(":")
    if not file:
        return None
    text = linecache.getline(file, int(line)).strip()
    return {"file": _relative(file), "line": int(line), "text": text}


def _relative(file: str) -> str:
    """A path as the reader of a trace may know it: from the working directory on, or the last name only."""
    here = os.getcwd() + os.sep
    return file[len(here) :] if file.startswith(here) else os.path.basename(file)


def laid_out(nodes: list[dict]) -> dict[str, Any]:
    """The picture of these nodes and of the edges between them."""
    known = {n["id"] for n in nodes}
    edges = [
        {"from": i, "to": n["id"], "slot": slot} for n in nodes for slot, i in enumerate(n["inputs"]) if i in known
    ]
    return layout(nodes, edges)


# -- runs


def _run(run: Run | EagerRun, phases: dict[Operation, str]) -> dict[str, Any]:
    if isinstance(run, EagerRun):
        return _run_at_once(run)
    plan = run.plan
    forward = _forward(run, phases)
    reverse = _reverse(run)
    steps = [*forward, *reverse, *_updates(run)]
    for i, step in enumerate(steps):
        step["i"] = i
    return {
        "fetch": [name_of(source(f).op if isinstance(f, Tensor) else f) for f in plan.fetched],
        "feed": [name_of(t.op) for t in plan.fed],
        "wall_us": round(run.wall * 1e6, 1),
        "peak_bytes": run.peak,
        "order": {
            "forward": [s["node"] for s in forward],
            "reverse": [s["node"] for s in reverse],
            "algorithm": "creation order, which is topological",
        },
        "steps": steps,
        "own": _own(run, phases, steps),
        "left_out": run.left_out,
        "error": _error(run),
    }


def _error(run: Run | EagerRun) -> dict[str, Any] | None:
    if run.error is None:
        return None
    return {**run.error, "op": None, "node": name_of(run.error["op"]) if run.error["op"] else None}


def _run_at_once(run: EagerRun) -> dict[str, Any]:
    """Ops outside any graph: nothing was fetched or fed, and steps come as the program called them."""
    steps = []
    for i, noted in enumerate(run.steps[:]):  # others may come while this is written
        more = {"by": name_of(noted["by"])} if "by" in noted else {"stack": []}  # nobody waits for it
        steps.append({"i": i, **noted, "node": name_of(noted["node"]), **more})
    return {
        "fetch": [],
        "feed": [],
        "eager": True,
        "wall_us": round(run.wall * 1e6, 1),
        "order": {
            "forward": [s["node"] for s in steps if s["phase"] == "forward"],
            "reverse": [],
            "algorithm": "as the program called them",
        },
        "steps": steps,
        "left_out": run.left_out,
        "error": _error(run),
    }


def _forward(run: Run, phases: dict[Operation, str]) -> list[dict[str, Any]]:
    """Values in the order of computation: what was given first, then each operation."""
    times = {step.op: (step, us, size) for step, us, size in run.order}
    owners = {slot: t.op for t, slot in run.plan.slots.items()}
    asked = _asked_by(run)
    steps = []
    for op in _shown([run]):
        if phases[op] != "forward" or not op.outputs:
            continue
        value = run.value(op.outputs[0])
        if value is None and op not in run.turns:  # a loop that an error ended has no value, though turns
            continue
        found: dict[str, Any] = {"phase": "forward", "node": name_of(op), "value": value, "stack": _stack(op, asked)}
        if op in times:
            step, us, size = times[op]
            found |= {"t_us": round(us, 2), "bytes": size, "frees": _frees(step, owners)}
        if op in run.turns:
            found["turns"] = run.turns[op]
        if len(op.outputs) > 1:
            found["outputs"] = [run.value(t) for t in op.outputs]
        steps.append(found)
    return steps


def _asked_by(run: Run) -> dict[Operation, Operation | None]:
    """For each operation the consumer that asked for it first, walking back from what is fetched."""
    asked: dict[Operation, Operation | None] = {}
    stack: list[tuple[Operation, Operation | None]] = [
        (source(f).op if isinstance(f, Tensor) else f, None) for f in reversed(run.plan.fetched)
    ]
    while stack:
        op, by = stack.pop()
        if op in asked:
            continue
        asked[op] = by
        stack += [(source(t).op, op) for t in reversed(op.inputs)]
        stack += [(c, op) for c in op.control_inputs]
    return asked


def _stack(op: Operation, asked: dict[Operation, Operation | None]) -> list[str]:
    """The operations that wait for `op`, from what is fetched down to it: of many the first and the last ones."""
    waiting, by = [], asked.get(op)
    while by is not None:
        waiting.append(name_of(by))
        by = asked.get(by)
    near, far = waiting[:_NEAR], waiting[_NEAR:][-_FAR:]
    return [*near, *far][::-1]


def _frees(step: Step, owners: dict[int, Operation]) -> list[str]:
    return list(dict.fromkeys(name_of(owners[s]) for s in step.dead if s in owners))


def _reverse(run: Run) -> list[dict[str, Any]]:
    """What each node of the forward graph receives in the reverse pass, and what it sends to its inputs."""
    steps: list[dict[str, Any]] = []
    if not any(op.grad_of is not None for op in run.plan.ops):
        return steps
    for note in run.plan.ops[0].graph.reverse_passes:
        waiting: dict[Tensor, int] = {}
        come: dict[Tensor, int] = {}
        for op, sent in note.sent.items():
            for slot, _ in sent:
                target = source(op.inputs[slot])
                if source(op.outputs[0]).op is op:
                    waiting[target] = waiting.get(target, 0) + 1
        for op in note.path:
            if source(op.outputs[0]).op is not op:  # a variable's read: its share belongs to the variable
                continue
            grad, whose = None, None
            for t in op.outputs:
                if (grad := _value(run, note.totals.get(t))) is not None:
                    whose = t
                    break
            sends = []
            for slot, share in note.sent[op]:
                target = source(op.inputs[slot])
                waiting[target] -= 1
                k = come[target] = come.get(target, 0) + 1
                found = _value(run, share)
                if found is None:
                    continue
                if not waiting[target]:
                    total = _value(run, note.totals.get(target)) or _value(run, note.totals.get(op.inputs[slot]))
                elif k == 1:
                    total = found
                else:
                    sums = run.sums.get((id(note), target), [])
                    total = sums[k - 2] if k - 2 < len(sums) else None
                sends.append({
                    "to": name_of(target.op), "slot": slot, "contribution": found, "total": total,
                    "pending": waiting[target],
                })  # fmt: skip
            if grad is not None or sends:
                steps.append({"phase": "reverse", "node": name_of(op), "grad": grad, "sends": sends})
                _add_check(steps[-1], run, note, whose)
        for t, total in note.totals.items():
            if source(t) is t and t.op not in note.sent and (grad := _value(run, total)) is not None:
                steps.append({"phase": "reverse", "node": name_of(t.op), "grad": grad, "sends": []})
                _add_check(steps[-1], run, note, t)
    return steps


def _add_check(step: dict[str, Any], run: Run, note: Any, t: Tensor | None) -> None:
    if (note, t) in run.checks:
        step["check"] = run.checks[note, t]


def _value(run: Run, g: Any) -> dict[str, Any] | None:
    """The recorded value of a gradient: a tensor, or rows of one."""
    if g is None:
        return None
    return run.value(g if isinstance(g, Tensor) else g.values)


def _own(run: Run, phases: dict[Operation, str], steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Values of the nodes that compute gradients and updates, each with the step after which it is known."""
    last: dict[str, int] = {}
    for step in steps:
        if step["phase"] != "forward":
            last[step["node"]] = last[step.get("by", "")] = step["i"]
    found = []
    for op in _shown([run]):
        known = phases[op] != "forward" and op.outputs
        value = run.value(op.outputs[0]) if known else None
        if (
            not known or (value is None and op not in run.turns) or op.type == "VariableV2"
        ):  # a step of its own says how a variable changes
            continue
        after = last.get(name_of(op.grad_of) if op.grad_of is not None else name_of(op), len(steps) - 1)
        turns = {"turns": run.turns[op]} if op in run.turns else {}
        found.append({"node": name_of(op), "after": after, "value": value, **turns})
    return found


def _updates(run: Run) -> list[dict[str, Any]]:
    steps = []
    for step, us, _ in run.order:
        for key, _, variable in step.writes:
            if variable is not None:
                steps.append({
                    "phase": "update", "node": name_of(variable), "by": name_of(step.op), "rule": step.op.type,
                    "before": run.before.get(key), "after": run.after.get(key), "t_us": round(us, 2),
                })  # fmt: skip
    return steps


# -- sources


def _source(op: Operation) -> dict[str, Any]:
    """The formula of an op type, and the code of its kernel and its gradient rule."""
    stanza = op.stanza
    found = formula(op.type, type(op) if stanza is None else None) or {}
    entry: dict[str, Any] = {"formula": {k: found.get(k) for k in ("latex", "mathml")}, "vjp": found.get("vjp", [])}
    entry["forward"] = _code(type(op).compute if stanza is None else stanza.kernel)
    entry["backward"] = None if stanza is None or stanza.grad is None else _code(stanza.grad)
    return entry


@functools.lru_cache(2048)
def _code(function: Any) -> dict[str, Any] | None:
    try:
        lines, first = inspect.getsourcelines(function)
        file = inspect.getsourcefile(function) or ""
    except (OSError, TypeError):
        return None
    package = Path(__file__).parents[2]
    shown = Path(file).relative_to(package).as_posix() if Path(file).is_relative_to(package) else _relative(file)
    text = "".join(lines)
    return {"file": shown, "line": first, "text": text, "tokens": tokens(text)}
