"""Gradients checked by numbers: central differences of what was differentiated, with respect to each node's value.

(s(x + h) − s(x − h)) / 2h, entry by entry, beside the gradient that the reverse pass found; of large tensors some
entries.  It is done after the run and on the side, with copies of what the run saw: its feeds, the variables as they
were, the numbers that random ops drew, and what `stop_gradient` and Python functions returned all stay as they were.
Everything is computed in float64 where the kernels allow it.

Where the difference to the left is another than that to the right there is a kink (`relu` at 0): any slope in between
is right there.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..backends import numpy as host
from ..dtypes import DType, as_dtype
from ..gradients import ReversePass
from ..graph import Tensor
from ..plan import Plan, build
from . import encode
from .record import source

MOST = 300  # gradients of a run
_ENTRIES = 16  # of a tensor
# Step, relative to x; and the difference that is rounding's, relative to the gradient and to s.
_DOUBLE = (6e-6, 1e-6, 1e-9)  # all in float64
_MIXED = (6e-6, 1e-4, 1e-9)  # the gradient itself is of lower precision
_SINGLE = (1e-2, 2e-2, 1e-4)  # a kernel that computes in lower precision whatever it is given
_KINK = 1e-3


def checks(plan: Plan, state: dict[str, Any], raw: dict[int, Any]) -> dict[tuple[ReversePass, Tensor], dict[str, Any]]:
    """For each gradient that a run of `plan` found, the fields of a step's "check".

    `state` is the session's state before the run, `raw` the values of the run's slots.
    """
    found: dict[tuple[ReversePass, Tensor], dict[str, Any]] = {}
    if any(op.grad_of is not None for op in plan.ops):
        for note in plan.ops[0].graph.reverse_passes:
            one = _Pass(plan, note, state, raw)
            for t in gradients_of(note):
                if (g := one.gradient(t)) is not None:
                    more = len(found) < MOST
                    found[note, t] = one.check(t, g) if more else _unchecked(f"only {MOST} gradients of a run are")
    return found


def gradients_of(note: ReversePass) -> Iterator[Tensor]:
    """The tensors whose gradients are shown: what operations gave, and what the pass ends at."""
    for op in note.path:
        yield from (t for t in op.outputs if note.totals.get(t) is not None and source(t) is t)
    yield from (t for t, g in note.totals.items() if g is not None and t.op not in note.sent and source(t) is t)


def _unchecked(why: str) -> dict[str, Any]:
    return {"numeric_note": f"not checked: {why}"}


class _Pass:
    """One reverse pass, with what its run saw."""

    def __init__(self, plan: Plan, note: ReversePass, state: dict[str, Any], raw: dict[int, Any]):
        self._plan = plan
        self._note = note
        self._state = state
        self._raw = raw
        self._fixed: dict[Tensor, Any] = {}
        for t in (*plan.fed, *note.stops, *(t for op in plan.ops if _held(op) for t in op.outputs)):
            value = self._known(t)
            if value is not None and t.op.graph is plan.ops[0].graph:
                self._fixed[t] = value
        # A random op that has a gradient follows its distribution, not the numbers that it drew.
        self._drawn = {op for op in note.path if op.stanza is not None and op.stanza.draws is not None}
        self._weights: list[Any] | None = None

    def gradient(self, t: Tensor) -> np.ndarray | None:
        """The gradient of `t` that the run found, None where it did not need it."""
        total = self._note.totals[t]
        if isinstance(total, Tensor):
            value = self._known(total)
            return None if value is None else np.asarray(value)
        rows, places = self._known(total.values), self._known(total.indices)
        if rows is None or places is None or (x := self._value(t)) is None:
            return None
        dense = np.zeros(x.shape, rows.dtype)
        np.add.at(dense, places, rows)
        return dense

    def check(self, t: Tensor, g: np.ndarray) -> dict[str, Any]:
        """Compare the gradient `g` of `t` with central differences."""
        x = self._value(t)
        if x is None or x.dtype.kind != "f" or g.dtype.kind != "f":
            return _unchecked("complex numbers" if g.dtype.kind == "c" else "its value is not known")
        if self._above_drawn(t):
            return _unchecked("it reaches a random op, whose gradient is that of its distribution")
        try:
            with contextlib.redirect_stderr(io.StringIO()), np.errstate(all="ignore"):
                return self._checked(t, x, g)
        except Exception as error:  # the run itself is done: this is an extra
            return _unchecked(" ".join(str(error).split())[:200])

    def _checked(self, t: Tensor, x: np.ndarray, g: np.ndarray) -> dict[str, Any]:
        program = _Program(self, t)
        wide = x.astype(np.float64)
        middle, single = program.first(wide)
        step, relative, floor = _SINGLE if single else _DOUBLE if g.dtype == np.float64 else _MIXED
        places = _places(g)
        flat = g.reshape(-1).astype(np.float64)
        worst = 0.0
        for i in places:
            h = step * max(1.0, abs(float(wide.reshape(-1)[i])))
            left, right = (program(_moved(wide, i, by)) for by in (-h, h))
            apart = _apart(float(flat[i]), (middle - left) / h, (right - middle) / h, single)
            worst = max(worst, apart, key=_order)
        size = float(np.max(np.abs(flat[np.isfinite(flat)]), initial=1.0))
        height = min(abs(middle), 1e12) if np.isfinite(middle) else 0.0
        found = {
            "numeric_max_abs": encode.scalar(worst),
            "numeric_tolerance": relative * size + floor * height,
            "numeric_entries": [len(places), g.size],
        }
        return {**found, "numeric_note": "computed in lower precision than float64"} if single else found

    # -- what the run saw

    def _known(self, t: Tensor) -> Any:
        """The value of `t` in the run, None where it did not need it."""
        if t.op.type == "VariableV2" and t not in self._plan.slots:
            return self._state.get(t.op.name)
        slot = self._plan.slots.get(t)
        if slot is None:
            return None
        return self._plan.constants.get(slot) if slot in self._plan.constants else self._raw.get(slot)

    def _value(self, t: Tensor) -> np.ndarray | None:
        value = self._known(t)
        if value is None:
            (value,) = self.computed([t])
        return None if value is None else np.asarray(value)

    def computed(self, tensors: Sequence[Tensor]) -> Sequence[Any]:
        """Values of tensors that the run may not have needed, from what it saw."""
        plan = self.plan(tensors, list(self._fixed))
        return host.Program(plan)(self.state(plan), list(self._fixed.values()))

    def plan(self, fetches: Sequence[Tensor], feeds: list[Tensor]) -> Plan:
        """A plan without the steps that only do something outside: printing, asserting."""
        plan = build(self._plan.ops[0].graph, fetches, feeds, host.evaluate)
        plan.steps = [step for step in plan.steps if step.outputs or step.writes]
        return plan

    def state(self, plan: Plan) -> dict[str, Any]:
        return {**{name: begin() for name, begin in plan.private.items()}, **self._state}

    @property
    def fixed(self) -> dict[Tensor, Any]:
        return self._fixed

    @property
    def ys(self) -> list[Tensor]:
        return [y for y, _ in self._note.starts]

    def weights(self) -> list[Any]:
        """The gradients that the pass starts with: s = Σ seed · y."""
        if self._weights is None:
            self._weights = [np.asarray(v, np.float64) for v in self.computed([seed for _, seed in self._note.starts])]
        return self._weights

    def _above_drawn(self, t: Tensor) -> bool:
        seen, stack = set(), list(self._drawn)
        while stack:
            op = stack.pop()
            if op not in seen:
                seen.add(op)
                stack += [i.op for i in op.inputs]
        return t.op in seen - self._drawn


class _Program:
    """s as a function of one tensor's value, in float64."""

    def __init__(self, seen: _Pass, t: Tensor):
        self._t = t
        self._variable = t.op.type == "VariableV2"
        self._seen = seen
        given = {k: _wide(v) for k, v in seen.fixed.items() if k is not t}
        plan = seen.plan(seen.ys, [*([] if self._variable else [t]), *given])
        _widen(plan)
        self._given = list(given.values())
        self._state = {name: _wide(v) for name, v in seen.state(plan).items()}
        self._program = host.Program(plan)

    def __call__(self, x: np.ndarray) -> float:
        state, values = self._at(x)
        return self._sum(self._program(state, values))

    def first(self, x: np.ndarray) -> tuple[float, bool]:
        """s(x), and whether a kernel left float64 on the way."""
        narrowed = []

        def watch(step: Any, operands: Sequence[Any], result: Any) -> None:
            results = result if isinstance(result, (list, tuple)) else [result]
            if any(_is(v, 8) for v in _flat(operands)) and any(_is(v, 2, 4) for v in _flat(results)):
                narrowed.append(step)

        state, values = self._at(x)
        found = self._sum(self._program.watched(watch, state, values))
        return found, bool(narrowed)

    def _at(self, x: np.ndarray) -> tuple[dict[str, Any], list[Any]]:
        if self._variable:
            return {**self._state, self._t.op.name: x}, self._given
        return dict(self._state), [x, *self._given]

    def _sum(self, ys: Sequence[Any]) -> float:
        return float(sum(np.sum(w * np.asarray(y, np.float64)) for w, y in zip(self._seen.weights(), ys, strict=True)))


def _held(op: Any) -> bool:
    """Whether the results of `op` count as given: they were drawn, or nothing is to flow through."""
    stanza = op.stanza
    return stanza is not None and (stanza.draws is not None or stanza.host == "python" or op.type == "StopGradient")


def _wide(value: Any) -> Any:
    return np.asarray(value, np.float64) if _is(value, 2, 4) else value


def _is(value: Any, *sizes: int) -> bool:
    """Whether a value is of floating numbers of one of these sizes."""
    dtype = getattr(value, "dtype", None)
    return dtype is not None and dtype.kind == "f" and dtype.itemsize in sizes


def _flat(values: Sequence[Any]) -> Iterator[Any]:
    for v in values:
        if isinstance(v, (list, tuple)):
            yield from _flat(v)
        else:
            yield v


def _widen(plan: Plan) -> None:
    """Let a plan of our own, and those inside it, compute in float64: its constants, and the types it casts to."""
    plan.constants = {slot: _wide(v) for slot, v in plan.constants.items()}
    for step in plan.steps:
        for name, value in step.attrs.items():
            if isinstance(value, DType) and value.is_floating and value.np_dtype is not None:
                step.attrs[name] = as_dtype(np.float64)
        for body in step.bodies:
            _widen(body)


def _places(g: np.ndarray) -> list[int]:
    """Which entries to look at: all of a few, else the largest ones and others spread evenly."""
    if g.size <= _ENTRIES:
        return list(range(g.size))
    half = _ENTRIES // 2
    largest = np.argsort(np.abs(g.reshape(-1)), kind="stable")[-half:].tolist()
    return sorted({*largest, *(round(k * (g.size - 1) / (half - 1)) for k in range(half))})


def _moved(x: np.ndarray, i: int, by: float) -> np.ndarray:
    moved = x.copy()
    moved.reshape(-1)[i] += by
    return moved


def _apart(g: float, left: float, right: float, single: bool) -> float:
    """How far `g` is from the slope; at a kink from what lies between the slopes on both sides."""
    slope = (left + right) / 2
    if abs(left - right) > (20 if single else 1) * _KINK * max(1.0, abs(slope)):
        low, high = min(left, right), max(left, right)
        return max(low - g, g - high, 0.0)
    return abs(g - slope)


def _order(v: float) -> float:
    return np.inf if np.isnan(v) else v
