"""The backend `auto`: NumPy runs a plan until compiling it would have paid for itself, and XLA from then on.

A plan's first run on feeds of some shapes walks its steps one by one, and `work.seconds` says of each what it takes on
NumPy and what it would take compiled.  Every later run adds the difference to an account; when it holds what a
compilation costs, XLA takes over for these shapes.  So at most about twice the time is spent that the better choice in
hindsight would have taken (the rule for renting skis), and the same program always switches at the same run: no clock
is asked.  The two backends differ in the last bits, so a program that needs one of them alone says so:
``Session(backend="numpy")``.
"""

from __future__ import annotations

import functools
import importlib.util
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from .. import context
from ..devices import Placement
from ..dtypes import untyped
from ..plan import Plan, Step
from ..steps import Feeding, in_turn, joined
from . import numpy as host, work
from .pieces import Giving, cut, host_op

_log = logging.getLogger("tensorglass")
MANY_SHAPES = 16  # feeds of more shapes than these are NumPy's
_WORTH = 0.25  # of a run's time: less is within the estimate's error


@functools.cache
def xla_installed() -> bool:
    """Whether JAX could be imported; asking does not import it."""
    return importlib.util.find_spec("jax") is not None


class Programs:
    """Makes the programs of one session, which share its state."""

    def __init__(self, placement: Placement):
        self.placement = placement
        self.promoted = False  # whether the state may hold arrays of JAX
        self.giving = Giving()

    def __call__(self, plan: Plan) -> Program:
        return Program(plan, self)


class Account:
    """The runs of one plan on feeds of one shape: what each would save by being compiled, and what all have."""

    def __init__(self, cost: float):
        self.numpy = self.compiled = 0.0  # estimated seconds of a run
        self.saving = self.saving_in_a_loop = 0.0
        self.saved = 0.0
        self.cost = cost

    def close(self, launches: int, arrays: int) -> None:
        """The first run is over: `launches` compiled pieces would have taken its place."""
        if launches == 1:
            self.saving_in_a_loop = self._worth()
        self.compiled += launches * work.LAUNCH[0] + arrays * work.LAUNCH[1]
        self.saving = self._worth()

    def _worth(self) -> float:
        saving = self.numpy - self.compiled
        return saving if saving > _WORTH * self.numpy else 0.0

    @property
    def paid(self) -> bool:
        return self.saved >= self.cost


class Program:
    """A plan made runnable by NumPy, and later by XLA."""

    def __init__(self, plan: Plan, programs: Programs):
        self.plan = plan
        self.programs = programs
        self.numpy = host.Program(plan)
        self.xla: Any = None
        self.accounts: dict[tuple, Account] = {}
        sides = [host_op(step) for step in plan.steps]
        self._launches = sum(not side for side, _ in cut(plan, sides))
        self._on_host = dict(_with_bodies(plan.steps, sides))
        self.never = _why_never(plan, sides)

    def __call__(self, state: dict[str, Any], values: Sequence[Any]) -> Sequence[Any]:
        account = self.accounts.get(tuple([v.shape for v in values]))  # (small steps wait for each line of this)
        if account is None:
            return self._first(state, values)
        if account.saving and not self.never:
            account.saved += account.saving
            if account.saved >= account.cost:
                if self.xla is not None:
                    return self.xla(state, values)
                return self._promote(lambda xla: xla(state, values), lambda: self._with_numpy(state, values))
        return self._with_numpy(state, values)

    @property
    def writes(self) -> bool:
        """Whether a run must have the state for itself."""
        return self.numpy.writes or self.programs.giving.happens

    def run_steps(self, state: dict[str, Any], feeding: Feeding) -> Sequence[Any]:
        """All the steps that `feeding` feeds.  What they will save is known beforehand and counts at once."""
        shapes = tuple(feeding.shapes())
        if not (self.never or context.checks_numerics() or shapes in self.accounts):
            first = in_turn(lambda values: self(state, values), feeding.until(1))
            if feeding.steps == 1:
                return first
            feeding = feeding.after(1)
            rest = self.run_steps(state, feeding) if shapes in self.accounts else self._in_turn(state, feeding)
            return joined(first, rest)
        account = self.accounts.get(shapes)
        if account is not None and not self.never:
            saving = max(account.saving, account.saving_in_a_loop)
            account.saved += saving * feeding.steps
            if saving and account.paid:
                return self._promote(lambda xla: xla.run_steps(state, feeding), lambda: self._in_turn(state, feeding))
        return self._in_turn(state, feeding)

    def _in_turn(self, state: dict[str, Any], feeding: Feeding) -> list[Any]:
        return in_turn(lambda values: self._with_numpy(state, values), feeding)

    def _with_numpy(self, state: dict[str, Any], values: Sequence[Any]) -> Sequence[Any]:
        if self.programs.promoted or not self.numpy.writes:  # one that reads keeps to the values it began with
            return run_on_host(self.numpy, state, values, self.plan)
        return self.numpy(state, values)

    def _first(self, state: dict[str, Any], values: Sequence[Any]) -> Sequence[Any]:
        """A run on feeds of new shapes: its steps are looked at one by one."""
        if self.never or context.checks_numerics() or len(self.accounts) >= MANY_SHAPES:
            return self._with_numpy(state, values)
        start, each = work.COMPILING
        account = Account((0.0 if self.programs.promoted else start) + each * len(self._on_host))

        def watch(step: Step, operands: Sequence[Any], result: Any) -> None:
            numpy, compiled = work.seconds(step, operands, result)
            account.numpy += numpy
            account.compiled += numpy if self._on_host[step.op] else compiled

        result = run_on_host(functools.partial(self.numpy.watched, watch), state, values, self.plan)
        account.close(self._launches, len(self.plan.reads) + len(values) + sum(len(s.writes) for s in self.plan.steps))
        self.accounts[tuple([v.shape for v in values])] = account
        return result

    def _promote(self, by_xla: Callable[[Any], Any], by_numpy: Callable[[], Any]) -> Any:
        """Let XLA run the plan from here on; where it cannot, NumPy goes on."""
        if self.xla is not None:
            return by_xla(self.xla)
        try:
            from .xla import Program as Compiled  # imports JAX

            compiled = Compiled(self.plan, self.programs.placement, self.programs.giving)
        except ImportError as error:
            self.never = f"JAX cannot be imported ({error})"
            return by_numpy()
        self.programs.promoted = True
        self.xla = compiled
        if self.programs.placement.logs:
            self.programs.placement.log(compiled.placed)
        if any(self._on_host.values()):  # what a second try might do twice
            return by_xla(compiled)
        try:
            return by_xla(compiled)
        except Exception as error:
            result = by_numpy()  # where the values are at fault, NumPy says the same
            self.never = f"XLA could not run it ({type(error).__name__})"
            _log.warning("XLA could not run a plan, NumPy goes on with it: %s", error)
            return result

    def compile(self) -> None:
        """Let NumPy run the printed plan from its next run on."""
        self.numpy.compile()

    def source(self) -> str:
        return self.numpy.source()


def _with_bodies(steps: Sequence[Step], sides: Sequence[bool]) -> Iterator[tuple[Any, bool]]:
    """Each operation and whether it runs on the host; what an operation holds goes with it."""
    for step, side in zip(steps, sides, strict=True):
        yield step.op, side
        for body in step.bodies:
            yield from _with_bodies(body.steps, [side] * len(body.steps))


def _why_never(plan: Plan, on_host: list[bool]) -> str:
    """Why XLA will not run `plan` however often it runs; "" when it may."""
    if any(t.dtype.base_dtype is untyped for step in plan.steps for t in (*step.op.inputs, *step.op.outputs)):
        return "untyped values follow NumPy's rules"
    if not on_host:
        return "there is nothing to compute"
    return "its ops run on the host" if 2 * sum(on_host) >= len(on_host) else ""


def run_on_host(
    program: Callable[[dict[str, Any], Sequence[Any]], Sequence[Any]],
    state: dict[str, Any],
    values: Sequence[Any],
    plan: Plan,
) -> Sequence[Any]:
    """Run a NumPy program on a state that may hold JAX's arrays: it sees them as NumPy's."""
    own = {key: from_device(state[key]) for key, _, _, _ in plan.reads if key in state}
    given = dict(own)
    try:
        return program(own, values)
    finally:  # what was written before an error stays written, as when it runs on the state itself
        state.update({key: value for key, value in own.items() if value is not given.get(key)})


def from_device(value: Any) -> Any:
    """A value of the state as NumPy has it; arrays in the computer's own memory are not copied."""
    if value.__class__ is tuple:
        return tuple(map(int, value))
    return value if isinstance(value, (np.ndarray, np.generic)) else np.asarray(value)[()]
