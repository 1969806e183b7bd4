"""The XLA backend: the plan's printed source, compiled by `jax.jit`.  The only file that imports JAX.

A plan is cut into pieces where it meets an op that has to run on the host (the user's Python, results whose shape
depends on values).  Each other piece is one compiled function of the state it touches and of what earlier pieces gave;
kernels run with ``xp = jax.numpy``, or with NumPy where all their operands are known while compiling.  An op that turns
out to need a concrete value joins the host's side by itself.  Extra: ``pip install tensorglass[xla]``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import context, faults
from ..ops import rows
from ..plan import Plan, Step
from . import numpy as host
from .pieces import cut, host_op

try:
    import jax  # pyright: ignore[reportMissingImports]
    import jax.numpy as jnp  # pyright: ignore[reportMissingImports]
except ImportError as error:
    raise ImportError(
        "The XLA backend needs JAX, which is not installed: pip install 'tensorglass[xla]'. "
        "backend='numpy' runs without it."
    ) from error

_log = logging.getLogger("tensorglass")
_MANY_SHAPES = 16
_NEEDS_VALUES = (
    jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError, jax.errors.TracerBoolConversionError,
    jax.errors.TracerIntegerConversionError, jax.errors.NonConcreteBooleanIndexError,
)  # fmt: skip

rows.LOOPS[jnp] = jax.lax.while_loop

# Kernels rewritten for XLA: f(operands..., attributes...), without `xp`; used where an operand is traced.
OVERRIDES: dict[str, Callable] = {}


def override(op_type: str) -> Callable[[Callable], Callable]:
    """Decorator: run `op_type` by this function on XLA; it must give what the stanza's kernel gives."""

    def register(function: Callable) -> Callable:
        OVERRIDES[op_type] = function
        return function

    return register


class Program:
    """A plan made runnable by XLA: ``program(state, feed values)`` returns the fetched values, updates the state."""

    def __init__(self, plan: Plan):
        self.plan = plan
        self.writes = any(step.writes for step in plan.steps)
        self._pieces = _pieces(plan, [host_op(step) for step in plan.steps])
        self._shapes: set[tuple] = set()  # each means a compilation
        self._fallback: host.Program | None = None

    def __call__(self, state: dict[str, Any], values: Sequence[Any]) -> Sequence[Any]:
        self._shapes.add(tuple(np.shape(v) for v in values))
        if len(self._shapes) > _MANY_SHAPES or context.checks_numerics():
            return self._with_numpy(state, values)
        return self._run(state, values)

    def _with_numpy(self, state: dict[str, Any], values: Sequence[Any]) -> Sequence[Any]:
        """Feeds of ever new shapes would be compiled for ever, so from some number of them on NumPy runs the plan."""
        if self._fallback is None:
            self._fallback = host.Program(self.plan)
            if not context.checks_numerics():
                _log.warning(
                    "The feeds of a plan came in more than %d shapes: NumPy runs it from here on.", _MANY_SHAPES
                )
        for key, _, _, _ in self.plan.reads:
            if key in state:
                state[key] = to_host(state[key])
        return self._fallback(state, values)

    def _run(self, state: dict[str, Any], values: Sequence[Any]) -> list[Any]:
        plan = self.plan
        slots: dict[int, Any] = {**plan.constants, **dict(zip(plan.feeds, values, strict=True))}
        for key, slot, op, optional in plan.reads:
            if not optional and key not in state:
                raise host._wrapped(KeyError(key), op, [])
            slots[slot] = state.get(key)
        written: dict[str, Any] = {}
        done, waiting = [], list(self._pieces)
        while waiting:
            piece = waiting.pop(0)
            try:
                piece(slots, written)
                done.append(piece)
            except _StepNeedsValues as error:  # found while compiling: nothing of this piece has run
                waiting[:0] = _pieces(piece.plan, [step.op is error.op for step in piece.plan.steps])
        self._pieces = done
        state.update(written)
        return [to_host(slots[s]) for s in plan.fetches if s is not None]

    def source(self) -> str:
        return host.Program(self.plan).source()


def _pieces(plan: Plan, on_host: Sequence[bool]) -> list[Any]:
    return [(_HostPiece if host_side else _Piece)(part) for host_side, part in cut(plan, on_host)]


class _StepNeedsValues(Exception):
    """While compiling, an op asked for a value that is not known before it runs."""

    def __init__(self, op: Any):
        self.op = op


class _HostPiece:
    """Steps that run with NumPy."""

    def __init__(self, plan: Plan):
        self.plan = plan
        self._program = host.Program(plan)

    def __call__(self, slots: dict[int, Any], written: dict[str, Any]) -> None:
        results = self._program(written, [to_host(slots[s]) for s in self.plan.feeds])
        slots.update(zip(_handed_on(self.plan), results, strict=True))


class _Piece:
    """Steps that are compiled together."""

    def __init__(self, plan: Plan):
        self.plan = plan
        self._text = text = _Traced(plan)
        self._function = jax.jit(lambda *values: text.trace(values))

    def __call__(self, slots: dict[int, Any], written: dict[str, Any]) -> None:
        plan, text = self.plan, self._text
        try:
            with jax.enable_x64(True):
                results, faulty = self._function(*[slots[s] for s in plan.feeds])
        except _StepNeedsValues:
            raise
        except _NEEDS_VALUES as error:
            step = text.step_of(error)
            if step is None:
                raise
            raise _StepNeedsValues(step.op) from error
        except Exception as error:
            raise text._located(error) from error
        if faulty is not None and faulty:  # NumPy raises the error, or knows better
            results = host.Program(plan)({}, [to_host(slots[s]) for s in plan.feeds])
        slots.update(zip(_handed_on(plan), results, strict=True))
        for step in plan.steps:
            for key, slot, _ in step.writes:
                written[key] = slots[slot]


def _handed_on(plan: Plan) -> list[int]:
    """The slots that a piece fills for those after it, for the state or for the fetches."""
    return [s for s in plan.fetches if s is not None]


class _Traced(host.Program):
    """The printed source of a piece with JAX's kernels: what `jax.jit` traces."""

    def trace(self, values: Sequence[Any]) -> Any:
        if self._function is None:
            self.compile()
        with faults.noted() as conditions:
            results = self._function({}, *values)  # type: ignore[misc]
        return results, faults.any_of(jnp, conditions)

    def _kernel(self, op: Any) -> tuple[Callable, bool]:
        kernel = op.stanza.kernel
        rewritten = OVERRIDES.get(op.type)
        modes = [""] * (op.stanza.draws is not None) + [spec.mode for spec in op.stanza.operands]

        def call(*values: Any, **attrs: Any) -> Any:
            for value, mode in zip(values, modes, strict=True):
                if mode == "host" and not _known(value):
                    raise _StepNeedsValues(op)
            if all(map(_known, values)):
                return kernel(np, *values, **attrs)
            return rewritten(*values, **attrs) if rewritten is not None else kernel(jnp, *values, **attrs)

        call.__name__ = kernel.__name__
        return call, False

    def _keep(self, value: Any, dtype: Any = None) -> Any:
        return value if dtype is None else jnp.asarray(value, dtype)

    def step_of(self, error: Exception) -> Step | None:
        """The step whose kernel raised `error` while it was traced."""
        tb = error.__traceback__
        code = self._function.__code__ if self._function is not None else None
        found = None
        while tb is not None:
            if tb.tb_frame.f_code is code:
                found = self._origin[tb.tb_lineno - 1]
            tb = tb.tb_next
        return found if isinstance(found, Step) else None


def _known(value: Any) -> bool:
    """Whether a kernel's operand has its value while compiling."""
    if isinstance(value, (list, tuple)):
        return all(map(_known, value))
    return not isinstance(value, jax.Array)


def to_host(value: Any) -> Any:
    """`value` as NumPy has it: an array, a scalar, or a random op's state."""
    if isinstance(value, tuple):
        return tuple(int(v) for v in value)
    return np.array(value)[()] if isinstance(value, jax.Array) else value
