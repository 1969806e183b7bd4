"""The plan: what one `Session.run` has to do, in order, as steps and as printed Python.

Fifth stop of the walk.  From fetches and feeds `build` finds the ops that are needed (walking back from the fetches),
puts them in order of creation, which is a topological order, and gives each value a slot.  Variables become reads and
writes of the session's state, constants are computed once, identities cost nothing.  `Plan.source()` is the same
steps as text; a backend runs that text.  The course tells the story in chapter 2.
"""

from __future__ import annotations

import functools
import keyword
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from . import errors
from .dtypes import untyped
from .graph import Graph, Operation, Tensor

_FLOATS = (np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64))
_FOLD_LIMIT = 1 << 16  # bytes: larger constants are cheaper to make again than to keep


class Step:
    """One op of a plan: which slots go in and out, which state it writes, which slots are dead afterwards."""

    __slots__ = ("attrs", "counts", "dead", "inputs", "op", "outputs", "writes")

    def __init__(
        self, op: Operation, inputs: list[int], attrs: dict[str, Any], outputs: list[int], writes: list,
        counts: dict[str, int] | None = None,
    ):  # fmt: skip
        self.op = op
        self.inputs = inputs
        self.attrs = attrs
        self.outputs = outputs
        self.writes = writes  # (state key, slot, the variable's op or None)
        self.counts = op.attrs if counts is None else counts  # how many inputs each list of operands takes
        self.dead: list[int] = []

    @property
    def bodies(self) -> list[Plan]:
        """The plans of the graphs inside its op."""
        if self.op.stanza is None or not self.op.stanza.holds:
            return []
        found = [self.attrs[k] for k in self.op.stanza.holds if k in self.attrs]
        return [plan for item in found for plan in (item if isinstance(item, tuple) else (item,))]

    def arranged(self, values: Sequence[Any]) -> Sequence[Any]:
        """`values` of the inputs as the kernel takes them: operands that are lists put together."""
        stanza = self.op.stanza
        return values if stanza is None or not stanza.has_lists else stanza.arranged(values, self.counts)


class Plan:
    """The steps of one set of fetches and feeds, or of a graph inside an op (then `label` names the part it plays)."""

    def __init__(self):
        self.label = ""
        self.fillers: set[int] = set()  # slots of values that nobody will look at
        self.names: list[str] = []  # of each slot
        self.constants: dict[int, Any] = {}
        self.feeds: list[int] = []
        self.reads: list[tuple[str, int, Any, bool]] = []  # (state key, slot, op, may be absent)
        self.private: dict[str, Callable[[], Any]] = {}  # state of random ops: how it begins
        self.steps: list[Step] = []
        self.fetches: list[int | None] = []
        # For those who explain a run: what is fetched and fed, all ops in between, and where values are.
        self.fetched: Sequence[Any] = ()
        self.fed: Sequence[Tensor] = ()
        self.ops: list[Operation] = []
        self.slots: dict[Tensor, int] = {}

    def variables(self) -> list[Operation]:
        """The variables whose value this plan needs from the session."""
        return [op for _, _, op, optional in self.reads if op is not None and not optional]

    def source(self, call: Callable[[Step], tuple[str, bool]], bind: Callable[[Any], str]) -> tuple[str, list]:
        """The plan as a Python function, and for each line of it the step or read it came from.

        `call(step)` gives the name of the step's kernel and whether it takes ``xp``; `bind(value)` names a constant.
        """
        names = self.names
        arguments = [names[s] for s in self.feeds]
        lines = [f"def {self.label}({', '.join(arguments)}):"]
        if not self.label:
            lines = [f"def step({', '.join(['state', *arguments])}):"]
        origin: list[Any] = [None]

        def emit(text: str, source: Any, note: str = "") -> None:
            lines.append(f"    {text:<44}  # {note}" if note else f"    {text}")
            origin.append(source)

        used = dict.fromkeys(s for step in self.steps for s in step.inputs if s in self.constants)
        used.update(dict.fromkeys(s for s in self.fetches if s in self.constants))
        literal = {s: _literal_or(self.constants[s], bind) for s in used}
        for key, slot, op, optional in self.reads:
            emit(f"{names[slot]} = state.get({key!r})" if optional else f"{names[slot]} = state[{key!r}]", op)
        for step in self.steps:
            function, takes_xp = call(step)
            args = ["xp"] if takes_xp else []
            inputs = [literal[s] if s in literal else names[s] for s in step.inputs]
            args += [i if isinstance(i, str) else f"[{', '.join(i)}]" for i in step.arranged(inputs)]
            args += [f"{k}={_literal_or(v, bind)}" for k, v in step.attrs.items()]
            targets = ", ".join(names[s] for s in step.outputs)
            if len(step.outputs) == 1 and step.op.stanza is not None and _returns_list(step.op.stanza):
                targets += ","
            emit(f"{targets + ' = ' if targets else ''}{function}({', '.join(args)})", step, _note(step.op))
            for key, slot, variable in step.writes:
                emit(f"state[{key!r}] = {_kept(names[slot], variable, step.op, bind)}", step)
            if step.dead:
                emit("del " + ", ".join(names[s] for s in step.dead), step)
        fetched = [literal.get(s) or names[s] for s in self.fetches if s is not None]
        emit(f"return ({''.join(f + ', ' for f in fetched)})" if fetched else "return ()", None)
        return "\n".join(lines) + "\n", origin

    def find_dead(self) -> None:
        """Note after which step each slot is no longer needed, so that memory is freed at the last use."""
        alive = {s for s in self.fetches if s is not None} | self.constants.keys()
        for step in reversed(self.steps):
            step.dead = []
            for slot in dict.fromkeys([*step.inputs, *step.outputs]):
                if slot not in alive:
                    alive.add(slot)
                    step.dead.append(slot)


def _note(op: Operation) -> str:
    """The comment beside an op's line: its name, its type, and the user's line."""
    label = op.name if op.name == op.type else f"{op.name} ({op.type})"
    return " ".join(f"{label} {op.user_line}".split())  # on one line, whatever a file may be called


def _kept(name: str, variable: Operation | None, op: Operation, bind: Callable[[Any], str]) -> str:
    """A new value on its way into the state; what untyped operands gave is brought to the variable's type."""
    if variable is None:
        return name
    loose = any(v is untyped for v in op.attrs.values())
    return f"keep({name}, {bind(variable.outputs[0].dtype.np_dtype)})" if loose else f"keep({name})"


def _returns_list(stanza: Any) -> bool:
    return len(stanza.results) == 1 and bool(stanza.results[0].counter)


def _literal_or(value: Any, bind: Callable[[Any], str]) -> str:
    """An attribute as it is written in the plan: itself when that is short and safe, else a bound name."""
    if value is None or (type(value) in (bool, int, str) and len(repr(value)) < 40):
        return repr(value)
    if type(value) is float and value - value == 0:  # numpy.float64 is a float too, but prints otherwise
        return repr(value)
    if isinstance(value, (tuple, list)) and len(value) < 9 and all(type(v) is int for v in value):
        return repr(tuple(value))
    return bind(value)


def build(
    graph: Graph,
    fetches: Sequence[Tensor | Operation],
    feeds: Sequence[Tensor],
    evaluate: Callable[[Operation, list, dict], Any] | None = None,
) -> Plan:
    """The plan that computes `fetches` when `feeds` are given.

    `evaluate(op, values, attrs)`, where given, computes ops whose inputs are all constant once and for all.
    """
    return _Builder(graph, fetches, feeds, evaluate).plan


def needed_ops(fetches: Iterable[Tensor | Operation], fed: Any) -> list[Operation]:
    """The ops that `fetches` depend on when the tensors in `fed` are given, in order of creation."""
    found: set[Operation] = set()
    stack = [f.op if isinstance(f, Tensor) else f for f in fetches if f not in fed]
    while stack:
        op = stack.pop()
        if op in found:
            continue
        found.add(op)
        stack += [t.op for t in op.inputs if t.op not in found and t not in fed]
        stack += [c for c in op.control_inputs if c not in found]
    return sorted(found, key=lambda op: op._id)


class _Builder:
    def __init__(self, graph: Graph, fetches: Sequence[Any], feeds: Sequence[Tensor], evaluate: Any):
        self.plan = Plan()
        self.slots = self.plan.slots
        self.used_names: set[str] = {"state", "xp", "keep"}
        self.read_slots: dict[tuple[Operation, bool], int] = {}
        self.current: dict[Operation, int] = {}  # variable -> slot of its newest value
        self.host_constants: dict[int, int] = {}
        self.evaluate = evaluate
        self.fed = dict.fromkeys(feeds)
        for t in feeds:
            self.slots[t] = self._slot(_identifier(t.op.name))
            self.plan.feeds.append(self.slots[t])
        self.plan.fetched, self.plan.fed = fetches, feeds
        self.ops = self.plan.ops = needed_ops(fetches, self.fed)
        self.reach: dict[Operation, int] | None = None
        for op in self.ops:
            self._add(op)
        for f in fetches:
            self.plan.fetches.append(self._value(f, None) if isinstance(f, Tensor) else None)
        self.plan.find_dead()

    def _slot(self, name: str = "") -> int:
        """A new slot, with `name` or t0, t1, ... in the printed plan."""
        slot = len(self.plan.names)
        if not name or name in self.used_names:
            name = f"{name or 't'}{slot}"
            while name in self.used_names:
                name += "_"
        self.used_names.add(name)
        self.plan.names.append(name)
        return slot

    def _constant(self, value: Any) -> int:
        slot = self._slot(f"c{len(self.plan.names)}")
        self.plan.constants[slot] = value
        return slot

    # -- one op

    def _add(self, op: Operation) -> None:
        stanza = op.stanza
        if op.type == "Const":
            self.slots.setdefault(op.outputs[0], self._constant(op.attrs["value"]))
        elif op.type == "Placeholder":
            if op.outputs[0] not in self.fed:
                raise errors.InvalidArgumentError(
                    op, op,
                    f"You must feed a value for placeholder tensor '{op.name}' with dtype {op.outputs[0].dtype.name} "
                    f"and shape {op.outputs[0].shape}: pass it in feed_dict." + errors.describe(op),
                )  # fmt: skip
        elif op.type in ("VariableV2", "NoOp") or _is_snapshot(op):
            pass  # a variable is read where, and if, something uses its value
        elif stanza is not None and stanza.alias:
            self.slots.setdefault(op.outputs[0], self._value(op.inputs[0], op))
        elif stanza is None or stanza.effect or op.outputs:
            self._step(op)

    def _step(self, op: Operation) -> None:
        stanza = op.stanza
        if stanza is not None and stanza.holds:
            self.plan.steps.append(lowering.lower(self, op))
            return
        modes = _modes(op)
        inputs = [self._operand(t, op, mode) for t, mode in zip(op.inputs, modes, strict=True)]
        attrs = {} if stanza is None else {
            k: op.attrs[k] for k in stanza.attr_names if not _is_default(op.attrs.get(k), stanza.defaults.get(k, _none))
        }  # fmt: skip
        if self._folded(op, inputs, attrs):
            return
        writes: list = []
        if stanza is not None and stanza.draws is not None:
            state = self._slot(_identifier(op.name) + "_state")
            self.plan.reads.append((op.name, state, None, False))
            self.plan.private[op.name] = lambda: stanza.draws(op)
            inputs.insert(0, state)
        if stanza is not None and stanza.has_refs:
            outputs = []
            for t, mode in zip(op.inputs, modes, strict=True):
                if mode in ("ref", "set"):
                    variable = variable_of(t)
                    slot = self._slot(_identifier(variable.name))
                    outputs.append(slot)
                    writes.append((variable.name, slot, variable))
                    self.current[variable] = slot
            if op.outputs and stanza.results[0].mode == "ref":
                self.slots.setdefault(op.outputs[0], outputs[0])
            elif op.outputs:  # a value of its own, which the kernel returns after the new values
                outputs.append(self._slot())
                self.slots.setdefault(op.outputs[0], outputs[-1])
        else:
            outputs = [self._slot() for _ in op.outputs]
            for t, slot in zip(op.outputs, outputs, strict=True):
                self.slots.setdefault(t, slot)
        if stanza is not None and stanza.draws is not None:
            outputs.append(self._slot(_identifier(op.name) + "_state"))
            writes.append((op.name, outputs[-1], None))
        self.plan.steps.append(Step(op, inputs, attrs, outputs, writes))

    def _folded(self, op: Operation, inputs: list[int], attrs: dict[str, Any]) -> bool:
        """Compute `op` now when all its inputs are constant."""
        constants = self.plan.constants
        stanza = op.stanza
        if self.evaluate is None or stanza is None or stanza.effect or stanza.draws or stanza.host:
            return False
        if not all(s in constants for s in inputs):
            return False
        try:
            result = self.evaluate(op, [constants[s] for s in inputs], attrs)
        except Exception:  # it will be raised again, with its context, when the plan runs
            return False
        results = result if isinstance(result, (tuple, list)) else (result,)
        if any(getattr(r, "dtype", None) in _FLOATS and not np.isfinite(r).all() for r in results):
            return False  # `enable_check_numerics` must meet it when it runs
        if sum(getattr(r, "nbytes", 0) for r in results) > _FOLD_LIMIT:
            return False
        for t, value in zip(op.outputs, results, strict=True):
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
            self.slots.setdefault(t, self._constant(value))
        return True

    # -- values

    def _operand(self, t: Tensor, op: Operation, mode: str) -> int:
        if mode in ("ref", "set", "peek"):
            variable = variable_of(t)
            if variable in self.current:
                return self.current[variable]
            return self._read(variable, optional=mode != "ref")
        slot = self._value(t, op)
        if mode == "host" and slot in self.plan.constants:
            return self._host_constant(slot)
        return slot

    def _host_constant(self, slot: int) -> int:
        """Axes, shapes and sizes as Python ints and tuples: kernels need not convert them at every run."""
        value = self.plan.constants[slot]
        if getattr(value, "size", 0) > 64:  # rather something that is made an array again, such as segment ids
            return slot
        if slot not in self.host_constants:
            plain = value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value
            self.host_constants[slot] = self._constant(_as_tuples(plain))
        return self.host_constants[slot]

    def _value(self, t: Tensor, consumer: Operation | None) -> int:
        slot = self.slots.get(t)
        if slot is not None:
            return slot
        variable = t.op  # a variable, or its w/read: the only ops whose outputs have no slot of their own
        if variable.inputs:
            return self._value(variable.inputs[0], consumer)
        if variable in self.current and consumer is not None and self._after_a_write(consumer, variable):
            return self.current[variable]
        return self._read(variable, optional=False)

    def _read(self, variable: Operation, optional: bool) -> int:
        slot = self.read_slots.get((variable, optional))
        if slot is None:
            slot = self._slot(_identifier(variable.name))
            self.read_slots[variable, optional] = slot
            self.plan.reads.append((variable.name, slot, variable, optional))
        return slot

    def _after_a_write(self, op: Operation, variable: Operation) -> bool:
        """Whether `op` is ordered after one of this plan's writes to `variable`."""
        if self.reach is None:
            self.reach, self.writers, writers = {}, {}, 0
            for o in self.ops:
                mask = 0
                for before in (*(t.op for t in o.inputs), *o.control_inputs):
                    mask |= self.reach.get(before, 0)
                changed = lowering.changed(o)
                if changed:
                    bit = 1 << writers
                    writers += 1
                    mask |= bit
                    for v in changed:
                        self.writers[v] = self.writers.get(v, 0) | bit
                if mask:
                    self.reach[o] = mask
        return bool(self.reach.get(op, 0) & self.writers.get(variable, 0))

    @functools.cached_property
    def used(self) -> set[Any]:
        """The tensors that something in this plan takes, and the operations that something waits for."""
        found: set[Any] = set(self.plan.fetched)
        for op in self.ops:
            found.update(op.inputs)
            found.update(op.control_inputs)
        return found


_none = object()


def _is_default(value: Any, default: Any) -> bool:
    return value is default or (
        type(value) is type(default) and isinstance(value, (int, float, str)) and value == default
    )


def _modes(op: Operation) -> list[str]:
    """The signature's mode of each input tensor."""
    if op.stanza is None:
        return [""] * len(op.inputs)
    modes = []
    for spec in op.stanza.operands:
        modes += [spec.mode] * (op.attrs[spec.counter] if spec.counter else 1)
    return modes


def _is_snapshot(op: Operation) -> bool:
    """Whether `op` is the w/read of a variable w, which all the ops that are given w share.

    It is no moment of its own: each of them sees w as it is at its turn, as TensorFlow's share one buffer.
    """
    return op.type == "Identity" and op.inputs[0].op.type == "VariableV2" and op.name == f"{op.inputs[0].op.name}/read"


def variable_of(t: Tensor) -> Operation:
    """The variable that a reference tensor stands for, through the ops that hand it on."""
    while t.op.type != "VariableV2":
        t = t.op.inputs[0]
    return t.op


def _as_tuples(value: Any) -> Any:
    return tuple(_as_tuples(v) for v in value) if isinstance(value, list) else value


def _identifier(name: str) -> str:
    """A node's name as a Python name, for the printed plan: its last component."""
    last = re.sub(r"\W", "_", name.rpartition("/")[2])
    return f"v_{last}" if not last or last[0].isdigit() or keyword.iskeyword(last) else last


from . import lowering  # noqa: E402  (it builds plans of its own)
