"""Many steps of a plan in one compiled loop: `lax.scan` with the state as what it carries.

State that is read and never written, and values that are fed alike at each step, go in once; batches are picked out
of arrays that stay on the device.  A plan with work for the host, or whose state changes its shape, has no such loop:
it is run step by step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax  # pyright: ignore[reportMissingImports]
import jax.numpy as jnp  # pyright: ignore[reportMissingImports]
import numpy as np

from .. import context
from ..steps import Feeding, in_turn
from .progress import Compiling
from .xla import Piece, Program, to_host
from .xla_control import like

_MANY_LOOPS = 16  # numbers of steps, and shapes of feeds: each means a compilation


class Loop:
    """The loop over a program's plan."""

    def __init__(self, program: Program):
        self.program = program
        self._functions: dict[Any, Any] = {}  # None where there is no loop
        plan = program.plan
        self._carried = [(key, slot) for key, slot, _, _ in plan.reads if key in program.written]
        self._captured = [(key, slot) for key, slot, _, _ in plan.reads if key not in program.written]
        read = {key for key, _ in self._carried}
        self._made = sorted(program.written - read)  # written before anything reads it
        self._shown = [s for s in plan.fetches if s is not None and s not in plan.constants]

    def __call__(self, state: dict[str, Any], feeding: Feeding) -> Sequence[Any]:
        pieces = self.program.pieces
        if len(pieces) == 1 and isinstance(pieces[0], Piece) and not context.checks_numerics():
            results = self._compiled(state, feeding)
            if results is not None:
                return results
        return in_turn(lambda values: self.program(state, values), feeding)

    def _compiled(self, state: dict[str, Any], feeding: Feeding) -> Sequence[Any] | None:
        """All steps at once; None when they have to be run one by one."""
        slots: dict[int, Any] = {}
        self.program.read(state, slots)
        if any(slots[s] is None for _, s in (*self._carried, *self._captured)):
            return None
        device = self.program.pieces[0].device
        key = (feeding.steps, feeding.batches is None, *feeding.shapes())
        new = key not in self._functions
        if (new and len(self._functions) >= _MANY_LOOPS) or self._functions.get(key, "") is None:
            return None
        with device.entered():
            carried = list(device.given([slots[s] for _, s in self._carried]))
            captured = list(device.given([slots[s] for _, s in self._captured]))
            fed = [list(device.given(part)) for part in (feeding.fixed, feeding.data)]
            given = (carried, captured, *fed, feeding.batches)
            if not new:
                finished, shown, faulty = self._functions[key](*given)
            else:
                self._functions[key] = None
                try:
                    with Compiling(len(self.program.plan.steps)) as block:
                        function = self._function(given, device.accelerator, feeding.steps)
                        finished, shown, faulty = function(*given)
                except Exception:  # nothing has run: an op needs values, or fails, and then a single step says how
                    return None
                self.program.compile_seconds += block.seconds
                self._functions[key] = function
        if faulty:
            return None  # the steps in turn raise the error where it belongs
        state.update(zip([*(k for k, _ in self._carried), *self._made], finished, strict=True))
        return self._results(shown, feeding.steps)

    def _results(self, shown: Sequence[Any], steps: int) -> list[Any]:
        plan = self.program.plan
        found = dict(zip(self._shown, map(to_host, shown), strict=True))
        for slot in plan.fetches:
            if slot in plan.constants:
                value = np.asarray(plan.constants[slot])
                found[slot] = np.broadcast_to(value, (steps, *value.shape)).copy()
        return [found[s] for s in plan.fetches if s is not None]

    def _function(self, given: Sequence[Any], accelerator: bool, steps: int) -> Any:
        """The jitted loop for arguments like these.  Old state is given away as memory, as in a single step."""

        def run(carried: list, captured: list, fixed: list, data: list, batches: Any) -> Any:
            def step(carry: Any, row: Any) -> Any:
                values, faulty = carry
                rows = row if batches is None else [jnp.take(d, row, axis=0, mode="clip") for d in data]
                results, shown, fault = self._step(values, captured, fixed, rows)
                if len(values) == len(results):
                    results = [like(r, v) for r, v in zip(results, values, strict=True)]
                return (results, faulty if fault is None else faulty | fault), shown

            carried = [jax.tree.map(lambda v: jax.lax.convert_element_type(v, v.dtype), c) for c in carried]
            rows = data if batches is None else batches
            if self._made:
                first = jax.tree.map(lambda a: a[0], rows)
                (made, _), _ = jax.eval_shape(step, (carried, False), first)
                carried += [jax.tree.map(lambda a: jnp.zeros(a.shape, a.dtype), m) for m in made[len(carried) :]]
            (finished, faulty), shown = jax.lax.scan(step, (carried, jnp.asarray(False)), rows, length=steps)
            return finished, shown, faulty

        twice = len(self._carried) > len({key for key, _ in self._carried})  # what is read twice is handed over twice
        if twice or not (accelerator and self._faultless(given)):
            return jax.jit(run)
        self.program.giving.happens = True
        return jax.jit(run, donate_argnums=0)

    def _faultless(self, given: Sequence[Any]) -> bool:
        """Whether no value can be at fault in a step: then the old state will not be asked for again."""
        carried, captured, fixed, data, batches = given
        rows = [d[0] if batches is None else d[batches[0]] for d in data]
        found = []

        def once(carried: list, captured: list, fixed: list, rows: list) -> Any:
            _, shown, fault = self._step(carried, captured, fixed, rows)
            found.append(fault is None)
            return shown

        jax.eval_shape(once, carried, captured, fixed, rows)
        return found[0]

    def _step(self, values: Sequence[Any], captured: Sequence[Any], fixed: Sequence[Any], rows: Sequence[Any]) -> Any:
        """One step on traced values: (the new state, what is fetched, whether a fault was met)."""
        plan, piece = self.program.plan, self.program.pieces[0]
        slots = dict(zip([s for _, s in self._carried], values, strict=False))
        slots.update(zip([s for _, s in self._captured], captured, strict=True))
        slots.update(zip(plan.feeds, [*fixed, *rows], strict=True))
        results, fault = piece.text.trace([slots[s] for s in piece.plan.feeds])
        slots.update(zip(piece.plan.fetches, results, strict=True))
        new = {key: slots[slot] for step in plan.steps for key, slot, _ in step.writes}
        kept = [new[key] for key in (*(k for k, _ in self._carried), *self._made)]
        return kept, [jnp.asarray(slots[s]) for s in self._shown], fault
