"""Recording: what a session's runs compute, step by step.

While a `Trace` is open each run of a session is a watched one: NumPy runs the plan's steps in a loop, with the same
kernels in the same order as always, so the results are the same to the last bit.  (A session on XLA is run by NumPy
while it is traced.)  When none is open nothing looks.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from .. import context
from ..backends import numpy as host
from ..backends.promotion import from_device, run_on_host
from ..eager import EagerTensor
from ..errors import FailedPreconditionError
from ..graph import Operation, Tensor
from ..op import Op
from ..plan import Plan, Step
from . import encode
from .eagerly import EagerRun
from .inside import Inside
from .sums import Sums, source

MOST_STEPS = 5_000  # of a run: later ones are counted, not kept
MOST_RUNS = 200  # of a trace: likewise


class Run:
    """What one `Session.run` did; with `checked`, its gradients are checked by numbers."""

    def __init__(self, plan: Plan, checked: bool = False):
        self.plan = plan
        self.checks: dict[Any, dict[str, Any]] = {}  # (reverse pass, tensor) -> see check.py
        self._raw: dict[int, Any] | None = {} if checked else None
        self.values: dict[int, dict] = {}  # slot -> TENSOR
        self.order: list[tuple[Step, float, int]] = []  # (step, microseconds, bytes of its results)
        self.before: dict[str, Any] = {}  # state key -> TENSOR, of what the run writes
        self.after: dict[str, Any] = {}
        self.wall = 0.0
        self.peak = 0
        self.error: dict[str, Any] | None = None
        self.left_out = 0
        self.turns: dict[Operation, dict[str, Any]] = {}  # of loops: what they computed inside
        self.sums: dict[tuple[int, Tensor], list[dict[str, Any]]] = {}  # of gradients: see Sums.added
        self._own = set(plan.steps)  # not those of loops' bodies, which are watched too
        self._inside, self._sums = Inside(plan), Sums(plan)
        self._sizes: dict[int, int] = {}
        self._clock = 0.0

    def watch(self, step: Step, operands: Sequence[Any], result: Any) -> None:
        """Called after each step of the plan; steps of a loop's body are part of the loop."""
        if step not in self._own:
            self._inside.note(step, operands, result)
            return
        now = time.perf_counter()
        turns = self._inside.taken(step)
        if len(self.order) >= MOST_STEPS:
            self.left_out += 1
            return
        if turns is not None:
            self.turns[step.op] = turns
        several = len(step.outputs) != 1 or isinstance(result, (list, tuple))
        results = result if several and step.outputs else [result]
        size = 0
        for slot, value in zip(step.outputs, results or (), strict=False):
            if not isinstance(value, tuple):  # the state of a random op is no tensor
                self.values[slot] = encode.tensor(value)
                self._sums.keep(slot, value)
                if self._raw is not None:
                    self._raw[slot] = value
                self._sizes[slot] = getattr(value, "nbytes", 0)
                size += self._sizes[slot]
        for key, slot, variable in step.writes:
            if variable is not None:
                self.after[key] = self.values[slot]
        self.peak = max(self.peak, sum(self._sizes.values()))
        for slot in step.dead:
            self._sizes.pop(slot, None)
        self.order.append((step, (now - self._clock) * 1e6, size))
        self._clock = time.perf_counter()

    def run(self, program: Any, state: dict[str, Any], values: Sequence[Any]) -> Sequence[Any]:
        """Run the plan on NumPy and record it."""
        plan = self.plan
        for slot, value in zip(plan.feeds, values, strict=True):
            self.values[slot] = encode.tensor(value)
        written = {key for step in plan.steps for key, _, v in step.writes if v is not None}
        for key, slot, op, _ in plan.reads:
            if op is not None and state.get(key) is not None:
                self.values[slot] = encode.tensor(np.asarray(state[key]))
                if key in written:
                    self.before[key] = self.values[slot]
        seen = None if self._raw is None else {key: from_device(value) for key, value in state.items()}
        began = self._clock = time.perf_counter()
        try:
            results = run_on_host(functools.partial(program.watched, self.watch), state, values, plan)
        except Exception as error:
            op = getattr(error, "op", None)
            if op is not None and (inside := self._inside.failed(op)) is not None:
                op, turns = inside
                self.turns[op] = turns
            self.error = {"type": type(error).__name__, "message": str(error), "op": op}
            raise
        finally:
            self.wall = time.perf_counter() - began
            self.sums = self._sums.added()
        if self._raw is not None and seen is not None:
            from .check import checks

            with context.untraced():
                self.checks = checks(plan, seen, {**self._raw, **dict(zip(plan.feeds, values, strict=True))})
            self._raw = None
        return results

    def value(self, t: Any) -> dict[str, Any] | None:
        """The recorded value of a tensor, None where the run did not need it."""
        t = source(t)
        slot = self.plan.slots.get(t)
        if slot is None:
            slot = next((s for _, s, op, _ in self.plan.reads if op is t.op), None)
        if slot is None:
            return None
        if slot not in self.values and slot in self.plan.constants:
            self.values[slot] = encode.tensor(self.plan.constants[slot])
        return self.values.get(slot)


class Recorder:
    """Notes every `every`-th run of each plan while it is the context's tracer."""

    def __init__(self, every: int = 1, checked: bool = False):
        self.every = every
        self.checked = checked
        self.runs: list[Run | EagerRun] = []
        self.left_out = 0  # runs beyond the most that are kept
        self._seen: dict[int, int] = {}
        self._at_once: EagerRun | None = None
        self.listeners: list[Callable[[bool], None]] = []  # called when there is more; with True, when it was the last

    def running(self, program: Any) -> Callable:
        """What to call in the place of `program`."""
        count = self._seen[id(program)] = self._seen.get(id(program), -1) + 1
        if count % self.every:
            return program
        if len(self.runs) >= MOST_RUNS:
            self.left_out += 1
            return program
        on_numpy = getattr(program, "numpy", program)
        if not isinstance(on_numpy, host.Program):
            on_numpy = host.Program(program.plan)

        def call(state: dict[str, Any], values: Sequence[Any]) -> Sequence[Any]:
            run = Run(program.plan, self.checked)
            try:
                return run.run(on_numpy, state, values)
            except FailedPreconditionError:  # a session may mend it and run again
                run = None
                raise
            finally:
                if run is not None:
                    self.runs.append(run)
                    self._tell(False)

        return call

    def __enter__(self) -> Recorder:
        self._outer, context.tracer = context.tracer, self
        return self

    def __exit__(self, *exc: Any) -> None:
        context.tracer = self._outer
        if self._at_once is not None:
            self._at_once.ended(exc[1])
        self._tell(True)

    def _tell(self, last: bool) -> None:
        for listener in self.listeners:
            listener(last)

    @property
    def version(self) -> str:
        """Another text whenever more is recorded: the number of runs, and what else grows."""
        more = self.left_out + sum(len(run.steps) + run.left_out for run in self.runs if isinstance(run, EagerRun))
        return f"{len(self.runs)}" + (f"+{more}" if more else "")

    # -- what is computed at once, outside any graph

    @property
    def _eager(self) -> EagerRun:
        """The run that it belongs to: one for the whole trace, from its first op on."""
        if self._at_once is None:
            self._at_once = EagerRun(MOST_STEPS)
        return self._at_once

    def executed(self, op: Op, operands: Sequence[Any], attrs: dict[str, Any], name: str | None) -> Any:
        """Compute `op` and note it."""
        run = self._eager
        if run not in self.runs:
            self.runs.append(run)
        try:
            return run.call(op, operands, attrs, name)
        finally:
            if self.listeners:
                self._tell(False)

    def given(self, t: EagerTensor, name: str) -> None:
        """Notes a constant that the program makes."""
        if not self._eager.full:
            self._eager.given(t, "Const", name)

    def reads(self, variable: Any, t: EagerTensor) -> None:
        """Notes that `t` is the value of a variable."""
        if not self._eager.full:
            t.__dict__["_traced"] = self._eager.variable(variable)

    def scoped(self, name: str | None) -> AbstractContextManager:
        return self._eager.scope(name)
