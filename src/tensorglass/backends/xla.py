"""The XLA backend: the plan's printed source, compiled by `jax.jit`.  Only the files xla*.py import JAX.

A plan is cut into pieces where it meets an op that has to run on the host (the user's Python, results whose shape
depends on values).  Each other piece is one compiled function of the state it touches and of what earlier pieces gave;
kernels run with ``xp = jax.numpy``, or with NumPy where all their operands are known while compiling.  An op that turns
out to need a concrete value joins the host's side by itself.  Extra: ``pip install tensorglass[xla]``.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import context, faults
from ..devices import Placement
from ..ops import rows
from ..plan import Plan, Step
from ..steps import Feeding
from . import numpy as host
from .pieces import Giving, cut, host_op
from .progress import Compiling
from .promotion import MANY_SHAPES, run_on_host

try:
    import jax  # pyright: ignore[reportMissingImports]
    import jax.numpy as jnp  # pyright: ignore[reportMissingImports]

    from . import xla_devices
except ImportError as error:
    raise ImportError(
        "The XLA backend needs JAX, which is not installed: pip install 'tensorglass[xla]'. "
        "backend='numpy' runs without it."
    ) from error

_log = logging.getLogger("tensorglass")
_NEEDS_VALUES = (
    jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError, jax.errors.TracerBoolConversionError,
    jax.errors.TracerIntegerConversionError, jax.errors.NonConcreteBooleanIndexError,
)  # fmt: skip

_CHANGES_ROWS = ("Scatter", "SparseApply")  # ops that write into a variable

rows.LOOPS[jnp] = jax.lax.while_loop

# Kernels rewritten for XLA: f(operands..., attributes...), without `xp`; used where an operand is traced.
OVERRIDES: dict[str, Callable] = {}
_TAKES_TRACED: set[str] = set()


def override(op_type: str, traced_values: bool = False) -> Callable[[Callable], Callable]:
    """Decorator: run `op_type` by this function on XLA; it must give what the stanza's kernel gives.

    With `traced_values` it also takes `host` operands whose values are not known while compiling.
    """

    def register(function: Callable) -> Callable:
        OVERRIDES[op_type] = function
        if traced_values:
            _TAKES_TRACED.add(op_type)
        return function

    return register


class Program:
    """A plan made runnable by XLA: ``program(state, feed values)`` returns the fetched values, updates the state."""

    def __init__(self, plan: Plan, placement: Placement | None = None, giving: Giving | None = None):
        self.plan = plan
        self.giving = giving or Giving()
        self.compile_seconds = 0.0  # first calls with feeds of new shapes, until they are done
        placement = placement or Placement()
        self.placed = placement.place([step.op for step in plan.steps], placement.devices())
        sides = ["" if host_op(step) else self.placed[step.op] for step in plan.steps]
        self.written = {key for step in plan.steps for key, _, _ in step.writes}
        self.fetched = _handed_on(plan)
        self.fixed = {s: plan.constants[s] for s in self.fetched if s in plan.constants}
        fetched = set(plan.fetches)
        times = Counter(key for key, *_ in plan.reads)  # what is read twice is handed over twice, and stays
        spare = {
            s: key
            for key, s, op, _ in plan.reads
            if op is not None and key in self.written and s not in fetched and times[key] == 1
        }
        self.pieces = _pieces(plan, sides, spare, self.giving)
        self._shapes: set[tuple] = set()  # each means a compilation
        self._resident: dict[str, tuple[Any, Any]] = {}
        self._fallback: host.Program | None = None
        self._alone: _Alone | None = None
        self._loop: Any = None

    @property
    def writes(self) -> bool:
        """Whether a run must have the state for itself."""
        return bool(self.written) or self.giving.happens

    def __call__(self, state: dict[str, Any], values: Sequence[Any]) -> Sequence[Any]:
        shapes = tuple([v.shape for v in values])
        new = shapes not in self._shapes
        if (new and len(self._shapes) >= MANY_SHAPES) or context.checks_numerics():
            return self._with_numpy(state, values)
        if self._alone is not None and not new:
            return self._alone(state, values)
        results = self.run_pieces(state, values, new)
        self._shapes.add(shapes)
        if len(self.pieces) == 1 and isinstance(self.pieces[0], Piece):
            made = {*self.pieces[0].made, *self.fixed}
            self._alone = _Alone(self, self.pieces[0]) if made.issuperset(self.fetched) else None
        return results

    def _with_numpy(self, state: dict[str, Any], values: Sequence[Any]) -> Sequence[Any]:
        """Feeds of ever new shapes would be compiled for ever: after some number of them NumPy takes the new ones."""
        if self._fallback is None:
            self._fallback = host.Program(self.plan)
            if not context.checks_numerics():
                _log.warning(
                    "The feeds of a plan came in more than %d shapes: NumPy runs it on those that are new.",
                    MANY_SHAPES,
                )
        return run_on_host(self._fallback, state, values, self.plan)

    def run_pieces(self, state: dict[str, Any], values: Sequence[Any], new: bool) -> list[Any]:
        plan = self.plan
        slots: dict[int, Any] = dict(zip(plan.feeds, values, strict=True))
        slots.update(self.fixed)
        self.read(state, slots)
        written: dict[str, Any] = {}
        done, waiting = [], list(self.pieces)
        try:
            while waiting:
                piece = waiting.pop(0)
                try:
                    if new and isinstance(piece, Piece):
                        with Compiling(len(piece.plan.steps)) as block:
                            piece(slots, written)
                        self.compile_seconds += block.seconds
                    else:
                        piece(slots, written)
                    done.append(piece)
                except StepNeedsValues as error:  # found while compiling: nothing of this piece has run
                    waiting[:0] = piece.without(error.op)
        finally:  # what was written before an error stays written; its old value may have been given away
            state.update(written)
        self.pieces = done
        return [to_host(slots[s]) for s in self.fetched]

    def read(self, state: dict[str, Any], slots: dict[int, Any]) -> None:
        """Put the state into its slots; what NumPy has made and nothing here changes goes to the device only once."""
        for key, slot, op, optional in self.plan.reads:
            if not optional and key not in state:
                raise host._wrapped(KeyError(key), op, [])
            value = state.get(key)
            slots[slot] = value if key in self.written else self.resident(key, value)

    def resident(self, key: str, value: Any) -> Any:
        """`value` of a variable that no run of this plan changes, on the device."""
        if value.__class__ is not np.ndarray:
            return value
        kept = self._resident.get(key)
        if kept is None or kept[0] is not value:
            with jax.enable_x64(True):
                kept = self._resident[key] = value, jax.device_put(value)
        return kept[1]

    def run_steps(self, state: dict[str, Any], feeding: Feeding) -> Sequence[Any]:
        """All the steps that `feeding` feeds, in one compiled loop where that can be."""
        if self._loop is None:
            from .xla_steps import Loop

            self._loop = Loop(self)
        return self._loop(state, feeding)

    def source(self) -> str:
        return host.Program(self.plan).source()


class _Alone:
    """Runs a plan that is a single piece, when it is compiled: nothing but the piece is between state and results.

    A small step waits for each line of Python here.
    """

    def __init__(self, program: Program, piece: Piece):
        plan = program.plan
        self.program, self.piece = program, piece
        fed = {slot: i for i, slot in enumerate(plan.feeds)}
        keys = {slot: key for key, slot, _, _ in plan.reads}
        self._from = [(keys.get(slot), fed.get(slot, 0)) for slot in piece.plan.feeds]
        self._unchanged = [(i, key) for i, (key, _) in enumerate(self._from) if key and key not in program.written]
        made = {slot: i for i, slot in enumerate(piece.made)}
        self._kept = [(key, made[slot]) for key, slot in piece.writes]
        self._fetched = [(made.get(slot), slot) for slot in program.fetched]

    def __call__(self, state: dict[str, Any], values: Sequence[Any]) -> list[Any]:
        program = self.program
        try:
            given = [values[i] if key is None else state[key] for key, i in self._from]
        except KeyError:  # one without a value: an error, or optional
            return program.run_pieces(state, values, False)
        for i, key in self._unchanged:
            given[i] = program.resident(key, given[i])
        results = self.piece.compute(given, state)
        for key, i in self._kept:
            state[key] = results[i]
        return [to_host(program.fixed[slot] if i is None else results[i]) for i, slot in self._fetched]


def _pieces(plan: Plan, sides: Sequence[str], spare: dict[int, str], giving: Giving, ragged: bool = False) -> list[Any]:
    """The pieces of a plan whose steps are on these sides: a device, or "" for the host.

    `spare` are the slots whose values nobody needs once the pieces have run, with the variables' keys; `ragged` says
    whether the host has made values that come in, so that their shapes may be other ones at each run.
    """
    parts = cut(plan, sides)
    pieces: list[Any] = []
    for i, (side, part) in enumerate(parts):
        later = {s for _, p in parts[i + 1 :] for s in p.feeds}
        ragged = ragged or (i > 0 and not parts[i - 1][0])
        used_up = {s: spare[s] for s in part.feeds if s in spare and s not in later}
        pieces.append(Piece(part, str(side), used_up, giving, ragged) if side else _HostPiece(part))
    return pieces


class StepNeedsValues(Exception):
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


class Piece:
    """Steps that are compiled together, for one device; `spare` are the slots that it may use up, with their keys."""

    def __init__(self, plan: Plan, device: str, spare: dict[int, str], giving: Giving, ragged: bool):
        self.plan = plan
        self.device = xla_devices.Device(device)
        self.text = _Traced(plan)
        self.made = _handed_on(plan)
        self.writes = [(key, slot) for step in plan.steps for key, slot, _ in step.writes]
        self._spare, self._giving = spare, giving
        self._given_away: list[tuple[str, int, int]] = []  # (key, argument with the old value, result with the new)
        self._ragged = ragged
        self._shapes: set[tuple] = set()  # of what comes in, where it is ragged
        self._function: Any = None
        self._fallback: host.Program | None = None

    def without(self, op: Any) -> list[Any]:
        """This piece as several, with `op` on the host."""
        sides = ["" if step.op is op else self.device.name for step in self.plan.steps]
        return _pieces(self.plan, sides, self._spare, self._giving, self._ragged)

    def _compiled(self, given: list[Any]) -> Any:
        """The jitted function.  Old state may be given away as memory for the new.

        Where values may be at fault it comes back in the place of the new, for NumPy to run the piece again with it.
        """
        text, device = self.text, self.device
        written = {slot for _, slot in self.writes}
        apart = [j for j, slot in enumerate(self.made) if slot in written]
        size = sum(getattr(value, "nbytes", 0) for value in given)
        if self._spare and device.gives_away(size):
            self._given_away = self._replaced(given)
            self._giving.happens = self._giving.happens or bool(self._given_away)

        def run(*values: Any) -> Any:
            results, faulty = text.trace(values)
            results = _apart(results, apart, values)
            if faulty is not None:
                for _, i, j in self._given_away:
                    results[j] = jnp.where(faulty, values[i], results[j])
            return results, faulty

        self._function = jax.jit(
            run, donate_argnums=[i for _, i, _ in self._given_away], compiler_options=device.options(size)
        )
        if not device.accelerator:  # a run that began before may still read these
            for _, i, _ in self._given_away:
                given[i] = np.array(given[i])
        return self._function

    def _replaced(self, given: Sequence[Any]) -> list[tuple[str, int, int]]:
        """Which arguments have a new value of the same kind among the results, so that it may take their memory.

        A table of which a step changes some rows is not among them where there may be a fault: keeping the old rows
        would take a pass over all of it.
        """
        text, new = self.text, dict(self.writes)
        results, faulty = jax.eval_shape(lambda *values: text.trace(values), *given)
        by = {key: step.op.type for step in self.plan.steps for key, _, _ in step.writes}
        found = []
        for i, slot in enumerate(self.plan.feeds):
            key = self._spare.get(slot)
            if key not in new or (faulty is not None and by[key].startswith(_CHANGES_ROWS)):
                continue
            j = self.made.index(new[key])
            old = given[i]  # None where the variable has no value yet
            if old is not None and (old.shape, old.dtype) == (results[j].shape, results[j].dtype):
                found.append((key, i, j))
        return found

    def _with_numpy(self, given: Sequence[Any]) -> Sequence[Any]:
        self._fallback = self._fallback or host.Program(self.plan)
        return self._fallback({}, list(map(to_host, given)))

    def _is_one_too_many(self, given: Sequence[Any]) -> bool:
        """Whether values from the host come in yet another shape, after compilations for many."""
        shapes = tuple(map(np.shape, given))
        if shapes not in self._shapes and len(self._shapes) >= MANY_SHAPES:
            return True
        self._shapes.add(shapes)
        return False

    def __call__(self, slots: dict[int, Any], written: dict[str, Any]) -> None:
        given = [slots[s] for s in self.plan.feeds]
        too_many = self._ragged and self._is_one_too_many(given)
        results = self._with_numpy(given) if too_many else self.compute(given, written)
        slots.update(zip(self.made, results, strict=True))
        for key, slot in self.writes:
            written[key] = slots[slot]

    def compute(self, given: list[Any], written: dict[str, Any]) -> Sequence[Any]:
        """The results for the values of the piece's feeds; NumPy's where a value is at fault, or its error.

        Values that were given away for nothing come back into `written`.
        """
        text = self.text
        try:
            with self.device.entered():
                given = self.device.given(given)
                results, faulty = (self._function or self._compiled(given))(*given)
        except StepNeedsValues:
            raise
        except _NEEDS_VALUES as error:
            step = text.step_of(error)
            if step is None:
                raise
            raise StepNeedsValues(step.op) from error
        except Exception as error:
            self._with_numpy(given)  # raises the same error in TensorFlow's words
            raise text._located(error) from error
        # `bool(faulty)` takes longer than a small step.
        if faulty is not None and np.asarray(faulty):  # NumPy raises the error, or knows better
            for key, i, j in self._given_away:
                given[i] = written[key] = results[j]
            return self._with_numpy(given)
        return results


def _handed_on(plan: Plan) -> list[int]:
    """The slots that a piece fills for those after it, for the state or for the fetches."""
    return [s for s in plan.fetches if s is not None]


def _apart(results: Sequence[Any], which: Sequence[int], values: Sequence[Any]) -> list[Any]:
    """`results`, where those of `which` are no argument and none of them is another: each has memory of its own."""
    results, seen = list(results), set(map(id, values))
    for j in which:
        if id(results[j]) in seen and not isinstance(results[j], tuple):
            results[j] = jnp.copy(results[j])
        seen.add(id(results[j]))
    return results


class _Traced(host.Program):
    """The printed source of a piece with JAX's kernels: what `jax.jit` traces."""

    def trace(self, values: Sequence[Any]) -> Any:
        """The results, and whether a fault was met."""
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
                if mode == "host" and not known(value) and op.type not in _TAKES_TRACED:
                    raise StepNeedsValues(op)
            if all(map(known, values)):
                return kernel(np, *values, **attrs)
            try:
                return rewritten(*values, **attrs) if rewritten is not None else kernel(jnp, *values, **attrs)
            except StepNeedsValues as error:  # of an op in a body: the op that holds the body goes to the host
                raise StepNeedsValues(op) from error

        call.__name__ = kernel.__name__
        return call, False

    def _body(self, plan: Plan) -> Any:
        return _TracedBody(plan)

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


class _TracedBody(_Traced):
    """A graph inside an op, as a function of traced values."""

    def __call__(self, *values: Any) -> Sequence[Any]:  # type: ignore[override]
        if self._function is None:
            self.compile()
        try:
            return self._function(*values)  # type: ignore[misc]
        except (StepNeedsValues, *_NEEDS_VALUES):
            raise
        except Exception as error:
            raise self._located(error) from error


def known(value: Any) -> bool:
    """Whether a kernel's operand has its value while compiling."""
    if isinstance(value, (list, tuple)):
        return all(map(known, value))
    return not isinstance(value, jax.Array)


def to_host(value: Any) -> Any:
    """`value` as NumPy has it: an array, a scalar, or a random op's state."""
    if isinstance(value, tuple):
        return tuple(int(v) for v in value)
    if not isinstance(value, jax.Array):
        return value
    return np.array(value) if value.ndim else np.asarray(value)[()]  # an array of its own, or a scalar


from . import xla_control, xla_indexing, xla_networks  # noqa: E402, F401  (they register their overrides)
