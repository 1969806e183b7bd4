"""Plans inside plans: how an op that holds graphs (a `cond`, a loop) becomes one step.

Each graph it holds is planned by itself, for the outputs that are used, and turned into a pure function: the state
its ops touch (variables, random streams) comes in as further arguments and goes out as further results, so a kernel
sees nothing but lists of values and functions of them.  The step then reads and writes the session's state like any
other.  What a plan does not use is left out: unused outputs, loop variables that nothing depends on, unused captures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .graph import Operation, Tensor
from .plan import Plan, Step, _identifier, _is_snapshot, _modes, build, variable_of
from .subgraph import SubGraph, held, reached


def changed(op: Operation) -> set[Operation]:
    """The variables that `op` gives a new value, inside its graphs too."""
    stanza = op.stanza
    if stanza is None:
        return set()
    if stanza.holds:
        found = set()
        for graph in held(op):
            for inner in graph._ops:
                found |= {graph.outer_tensor(v.outputs[0]).op for v in changed(inner)}  # type: ignore[union-attr]
        return found
    if not stanza.has_refs:
        return set()
    modes = zip(op.inputs, _modes(op), strict=True)
    return {variable_of(t) for t, mode in modes if mode in ("ref", "set")}


def lower(builder: Any, op: Operation) -> Step:
    """The step of an op that holds graphs."""
    return _loop(builder, op) if "body" in op.stanza.holds else _branches(builder, op)


class _Part:
    """One of an op's graphs as a plan: a pure function once it is `close`d."""

    def __init__(self, graph: SubGraph, label: str, fetches: Sequence[Tensor | None], evaluate: Any):
        self.graph = graph
        self.label = label
        passed = [t for t in graph.captures.values() if t.op.type == "Placeholder"]
        self.plan = plan = build(graph, [f for f in fetches if f is not None], [*graph.inputs, *passed], evaluate)
        self.slot_of = dict(zip([*graph.inputs, *passed], plan.feeds, strict=True))
        results = iter(plan.fetches)
        self.results: list[Any] = [None if f is None else next(results) for f in fetches]
        self.takes = {s for step in plan.steps for s in step.inputs} | set(plan.fetches)
        self.read = {key: (op, optional) for key, _, op, optional in reversed(plan.reads)}
        self.written = {key: v for step in plan.steps for key, _, v in step.writes}

    def uses(self, t: Tensor | None) -> bool:
        """Whether the value of a placeholder matters."""
        return t is not None and self.slot_of.get(t) in self.takes

    def new_slot(self, stem: str, value: Any = None) -> int:
        """A slot of its own: for an argument that is not used, or with `value` for a constant."""
        slot = len(self.plan.names)
        self.plan.names.append(f"{stem}_{slot}_")
        if value is not None:
            self.plan.constants[slot] = value
        return slot

    def state_slot(self, key: str, snapshots: Iterable[Tensor]) -> int:
        """The one slot where the state `key` comes in; reads of the variable made outside are its value too."""
        slots = [slot for k, slot, _, _ in self.plan.reads if k == key]
        slots += [self.slot_of[t] for t in snapshots if t in self.slot_of]
        first = slots[0] if slots else self.new_slot(_identifier(key))
        for step in self.plan.steps:
            step.inputs = [first if s in slots else s for s in step.inputs]
        self.results = [first if s in slots else s for s in self.results]
        return first

    def last_slot(self, key: str, begun: int) -> int:
        """The slot of the newest value of the state `key`."""
        slots = [slot for step in self.plan.steps for k, slot, _ in step.writes if k == key]
        return slots[-1] if slots else begun

    def close(self, feeds: list[int], fetches: Sequence[Any]) -> Plan:
        """The plan as a function of `feeds` that gives `fetches`."""
        plan = self.plan
        plan.label, plan.feeds, plan.fetches = self.label, feeds, [*fetches]
        plan.reads = []
        for step in plan.steps:
            step.writes = []
        plan.find_dead()
        return plan


class _State:
    """The state that the parts of an op touch, and how the surrounding plan hands it in and takes it back."""

    def __init__(self, builder: Any, op: Operation, parts: Sequence[_Part], captured: Sequence[Tensor]):
        self.builder, self.op, self.parts = builder, op, parts
        self.written = dict.fromkeys(key for part in parts for key in part.written)
        self.only_read = dict.fromkeys(key for part in parts for key in part.read if key not in self.written)
        for part in parts:
            builder.plan.private.update(part.plan.private)
        # A read that was made outside, of a variable that is written inside, sees what was written.
        self.snapshots = {
            key: [t for t in captured if _is_snapshot(t.op) and t.op.inputs[0].op.name == key] for key in self.written
        }
        shadowed = {t for ts in self.snapshots.values() for t in ts}
        self.passed = [t for t in captured if t not in shadowed and any(p.uses(p.graph.captures.get(t)) for p in parts)]

    def _variable(self, key: str) -> Tensor | None:
        """The surrounding graph's variable, None for a random op's state."""
        for part in self.parts:
            inner = part.written.get(key) or part.read.get(key, (None,))[0]
            if inner is not None:
                return part.graph.outer_tensor(inner.outputs[0])
        return None

    def inputs(self, keys: Iterable[str]) -> list[int]:
        """The surrounding plan's slots with the present values."""
        slots = []
        for key in keys:
            t = self._variable(key)
            if t is not None:
                optional = all(part.read.get(key, (None, True))[1] for part in self.parts)
                slots.append(self.builder._operand(t, self.op, "set" if optional else "ref"))
                continue
            slots.append(self.builder._slot(_identifier(key) + "_state"))
            self.builder.plan.reads.append((key, slots[-1], None, False))
        return slots

    def outputs(self) -> tuple[list[int], list]:
        """New slots of the surrounding plan for what is written, and the writes of the step."""
        slots, writes = [], []
        for key in self.written:
            t = self._variable(key)
            variable = None if t is None else variable_of(t)
            slots.append(self.builder._slot(_identifier(key)))
            writes.append((key, slots[-1], variable))
            if variable is not None:
                self.builder.current[variable] = slots[-1]
        return slots, writes

    def begun(self, part: _Part, keys: Iterable[str]) -> list[int]:
        """The part's own slots where the state `keys` comes in."""
        inner = part.graph.captures
        return [part.state_slot(k, [inner[t] for t in self.snapshots.get(k, ()) if t in inner]) for k in keys]

    def captures(self, part: _Part) -> list[int]:
        """The part's own slots for what is handed in from outside."""
        slots = []
        for t in self.passed:
            inner = part.graph.captures.get(t)
            slots.append(part.new_slot("unused") if inner is None else part.slot_of[inner])
        return slots


def _label(op: Operation, role: str) -> str:
    return f"{_identifier(op.name)}_{role}"


def _is_used(builder: Any, op: Operation, i: int) -> bool:
    """Whether output `i` is wanted; an op that others wait for does all that it was built for."""
    return op.outputs[i] in builder.used or (op in builder.used and i < len(op.attrs["Tout"]))


# -- branches


def _branches(builder: Any, op: Operation) -> Step:
    graphs = held(op)
    used = [i for i in range(len(op.outputs)) if _is_used(builder, op, i)]
    roles = op.stanza.holds if len(op.stanza.holds) == len(graphs) else [f"branch_{i}" for i in range(len(graphs))]
    parts = [
        _Part(g, _label(op, role), [g.outputs[i] for i in used], builder.evaluate)
        for g, role in zip(graphs, roles, strict=True)
    ]
    state = _State(builder, op, parts, op.inputs[1:])
    keys = [*state.written, *state.only_read]
    selector = builder._value(op.inputs[0], op)
    handed = [*(builder._value(t, op) for t in state.passed), *state.inputs(keys)]
    plans = []
    for part in parts:
        begun = state.begun(part, keys)
        results = [_filler(part, op.outputs[i]) if r is None else r for i, r in zip(used, part.results, strict=True)]
        results += [part.last_slot(key, slot) for key, slot in zip(state.written, begun, strict=False)]
        plans.append(part.close([*state.captures(part), *begun], results))
    outputs = [builder._slot() for _ in used]
    for i, slot in zip(used, outputs, strict=True):
        builder.slots.setdefault(op.outputs[i], slot)
    new, writes = state.outputs()
    listed = isinstance(op.attrs[op.stanza.holds[0]], (list, tuple))
    attrs = {op.stanza.holds[0]: tuple(plans)} if listed else dict(zip(op.stanza.holds, plans, strict=True))
    return Step(op, [selector, *handed], attrs, outputs + new, writes, {"N": len(handed)})


def _filler(part: _Part, t: Tensor) -> int:
    """What a branch gives in the place of a value that only another branch has, and nobody will look at."""
    slot = part.new_slot("other", np.zeros([d or 0 for d in t._shape or ()], t.dtype.base_dtype.np_dtype))
    part.plan.fillers.add(slot)
    return slot


# -- loops


def _kept_variables(op: Operation, body: SubGraph, cond: SubGraph | None, used: list[int], ys: list[Tensor]) -> list:
    """Those of the loop's variables that the used results depend on."""
    n = op.attrs["N"]
    conditions = [] if cond is None else [cond.outputs[0]]
    kept = set(used) if cond is None else set(used) | reached(cond, conditions)
    while True:
        more = kept | {i for i in reached(body, [body.outputs[i] for i in kept] + ys) if i < n}
        if more == kept:
            return sorted(kept)
        kept = more


def _loop(builder: Any, op: Operation) -> Step:
    body: SubGraph = op.attrs["body"]
    cond: SubGraph | None = op.attrs.get("cond")
    n, m = op.attrs["N"], op.attrs.get("M", 0)
    first_y = n if cond is None else n + 1  # a while loop's results have the number of turns in between
    kept_ys = [j for j in range(n, len(body.outputs)) if _is_used(builder, op, first_y + j - n)]
    ys: list[Any] = [body.outputs[j] for j in kept_ys]
    kept = _kept_variables(op, body, cond, [i for i in range(n) if _is_used(builder, op, i)], ys)
    parts = [_Part(body, _label(op, "body"), [*(body.outputs[i] for i in kept), *ys], builder.evaluate)]
    if cond is not None:
        parts.append(_Part(cond, _label(op, "cond"), cond.outputs, builder.evaluate))
        if parts[1].written:
            raise NotImplementedError(
                f"{op.name}: the condition of a while_loop changes {', '.join(parts[1].written)}: do it in the body."
            )
    state = _State(builder, op, parts, op.inputs[1 + n + m :])
    slices = [j for j in range(m) if parts[0].uses(body.inputs[n + j])]

    def arguments(part: _Part, sliced: Sequence[int]) -> tuple[list[int], list[int]]:
        begun = state.begun(part, state.written)
        variables = [part.slot_of[part.graph.inputs[i]] for i in kept]
        elements = [part.slot_of[part.graph.inputs[n + j]] for j in sliced]
        return [*variables, *begun, *elements, *state.captures(part), *state.begun(part, state.only_read)], begun

    attrs: dict[str, Any] = {}
    if cond is not None:
        feeds, _ = arguments(parts[1], ())
        attrs["cond"] = parts[1].close(feeds, parts[1].results)
    feeds, begun = arguments(parts[0], slices)
    new_values = [parts[0].last_slot(key, slot) for key, slot in zip(state.written, begun, strict=True)]
    results = [*parts[0].results[: len(kept)], *new_values, *parts[0].results[len(kept) :]]
    attrs["body"] = parts[0].close(feeds, results)
    attrs["elements"] = tuple((t.dtype.base_dtype.np_dtype, t._shape) for t in ys)
    attrs |= {k: op.attrs[k] for k in op.stanza.attr_names if k not in attrs and k not in ("cond", "body", "Tout")}

    if attrs.get("counter") is not None:
        variable, by = attrs["counter"]
        attrs["counter"] = (kept.index(variable), by)

    carried = [*(builder._value(op.inputs[1 + i], op) for i in kept), *state.inputs(state.written)]
    sequences = [builder._value(op.inputs[1 + n + j], op) for j in slices]
    handed = [*(builder._value(t, op) for t in state.passed), *state.inputs(state.only_read)]
    wanted = [*kept, None, *([n] if cond is not None else []), *(first_y + j - n for j in kept_ys)]
    new, writes = state.outputs()
    outputs: list[int] = []
    for i in wanted:
        if i is None:
            outputs += new
            continue
        outputs.append(builder._slot())
        builder.slots.setdefault(op.outputs[i], outputs[-1])
    inputs = [builder._operand(op.inputs[0], op, "host"), *carried, *sequences, *handed]
    return Step(op, inputs, attrs, outputs, writes, {"N": len(carried), "M": len(sequences), "K": len(handed)})
