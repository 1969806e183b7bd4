"""The NumPy backend: kernels called with ``xp = numpy``, no compiler, starts at once.

A `Program` is a plan made runnable.  Its first run (its first few, for a long plan) walks the steps in a loop; later
it runs the plan's printed source, compiled by Python.  The two do the same calls in the same order.  `DIRECT` and
`OVERRIDES` replace a kernel by something NumPy does faster with the same result; tests run each against the kernel.
"""

from __future__ import annotations

import functools
import linecache
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import context, errors
from ..dtypes import string
from ..plan import Plan, Step, build

_LOOP_LIMIT = 20_000  # steps: beyond, compiling the text takes seconds
_STEPS_A_RUN = 100  # compiling a step costs as much as looping over it some twenty times: long plans earn it first

# Kernels that are one call of a NumPy function on the same operands.
DIRECT: dict[str, Callable] = {}
# Kernels rewritten for NumPy: f(operands..., attributes...), without `xp`.
OVERRIDES: dict[str, Callable] = {}


def override(op_type: str) -> Callable[[Callable], Callable]:
    """Decorator: run `op_type` by this function on NumPy; it must give what the stanza's kernel gives."""

    def register(function: Callable) -> Callable:
        OVERRIDES[op_type] = function
        return function

    return register


def kernel(op: Any) -> tuple[Callable, bool]:
    """The function that computes `op` here, and whether it takes ``xp`` first."""
    if op.stanza is None:
        return _user_kernel(op), False
    found = DIRECT.get(op.type) or OVERRIDES.get(op.type)
    if found is None or op.attrs.get("T") is string:  # NumPy joins two strings to one that is no array
        return op.stanza.kernel, True
    return found, False


def _user_kernel(op: Any) -> Callable:
    """A user's `compute`, its result brought to the declared dtype."""
    dtype = op.outputs[0].dtype.np_dtype

    def compute(*values: Any) -> Any:
        return np.asarray(op.compute(*values), dtype)

    compute.__name__ = op.type
    return compute


def evaluate(op: Any, values: Sequence[Any], attrs: dict[str, Any]) -> Any:
    function, takes_xp = kernel(op)
    values = values if op.stanza is None else op.stanza.arranged(values, op.attrs)
    with np.errstate(all="ignore"):
        return function(np, *values, **attrs) if takes_xp else function(*values, **attrs)


def compute(op: Any, values: Sequence[Any]) -> Any:
    """`Operation.compute`: the op's kernel on arrays."""
    if op.stanza is None:
        raise NotImplementedError(f"{op.type} has no compute method: define `def compute(self, ...)` in the subclass.")
    arrays = [
        np.asarray(v, None if t.dtype.name == "untyped" else t.dtype.np_dtype)
        for v, t in zip(values, op.inputs, strict=True)
    ]
    if op.stanza.holds:
        given = dict(zip(op.inputs, arrays, strict=True))
        plan = build(op.graph, op.outputs, list(given), evaluate)
        return Program(plan)({key: begin() for key, begin in plan.private.items()}, list(given.values()))
    if op.stanza.draws is not None:
        return call(op, [op.stanza.draws(op), *arrays])[0]
    return call(op, arrays)


def call(op: Any, values: Sequence[Any]) -> Any:
    """One kernel on values, its errors told TensorFlow's way."""
    attrs = {k: op.attrs[k] for k in op.stanza.attr_names}
    try:
        result = evaluate(op, values, attrs)
        if context.checks_numerics():
            _check_finite(op, result if isinstance(result, (tuple, list)) else [result])
        return result
    except Exception as error:
        raise _wrapped(error, op, values) from error


def keep(value: Any, dtype: Any = None) -> Any:
    """A kernel's new value as part of the state: read-only, so that nobody changes it behind the session's back."""
    if dtype is not None:
        value = np.asarray(value, dtype)
    if value.__class__ is np.ndarray:
        value.flags.writeable = False
    return value


class Program:
    """A plan made runnable: ``program(state, feed values)`` returns the fetched values and updates the state."""

    def __init__(self, plan: Plan):
        self.plan = plan
        self.writes = any(step.writes for step in plan.steps)
        self._runs = 0
        self._function: Callable | None = None
        self._origin: list[Any] = []
        self._calls: list[tuple] = []
        self._bodies: dict[int, Body] = {}
        self._watch: Callable | None = None

    def __call__(self, state: dict[str, Any], values: Sequence[Any]) -> Sequence[Any]:
        function = self._function
        if context.checks_numerics():
            return self._loop(state, values)
        if function is not None:
            try:
                with np.errstate(all="ignore"):
                    return function(state, *values)
            except Exception as error:
                raise self._located(error) from error
        return self(state, values) if self._earned() else self._loop(state, values)

    def _earned(self) -> bool:
        """Whether the printed source is there to run: it is compiled once enough runs have walked the steps."""
        if self._function is None:
            self._runs += 1
            steps = len(self.plan.steps)
            if self._runs > 1 + steps // _STEPS_A_RUN and steps <= _LOOP_LIMIT:
                self.compile()
        return self._function is not None

    def watched(self, watch: Callable, state: dict[str, Any], values: Sequence[Any]) -> Sequence[Any]:
        """A run of which `watch(step, operands, result)` sees every step, those of loops at each turn."""
        self._runs += 1
        self._watch = watch
        try:
            return self._loop(state, values, watch)
        finally:
            self._watch = None

    def _loop(self, state: dict[str, Any], values: Sequence[Any], watch: Callable | None = None) -> Sequence[Any]:
        """Run the steps one by one: what `source` says, without compiling it."""
        plan = self.plan
        slots: list[Any] = [None] * len(plan.names)
        for slot, value in plan.constants.items():
            slots[slot] = value
        for slot, value in zip(plan.feeds, values, strict=True):
            slots[slot] = value
        checked = context.checks_numerics()
        self._calls = self._calls or [self._call_of(step) for step in plan.steps]
        op, args = None, []
        try:
            for key, slot, op, optional in plan.reads:  # noqa: B007  (op: for the error below)
                slots[slot] = state.get(key) if optional else state[key]
            with np.errstate(all="ignore"):
                for step, function, inputs, output, dead in self._calls:
                    op = step.op
                    args = [slots[s] for s in inputs]
                    result = function(*args)
                    if watch is not None:
                        watch(step, args, result)
                    if output is not None:
                        slots[output] = result
                    else:
                        _spread(step, result, slots)
                    if checked:
                        _check_finite(op, [slots[s] for s in step.outputs])
                    for key, slot, variable in step.writes:
                        state[key] = slots[slot] = _kept(slots[slot], variable)
                    result = args = None
                    for slot in dead:
                        slots[slot] = None
        except Exception as error:
            raise _wrapped(error, op, args or []) from error
        return [slots[s] for s in plan.fetches if s is not None]

    def _call_of(self, step: Step) -> tuple:
        """What the loop needs of a step: (step, function of the inputs, their slots, one output's slot, dead slots)."""
        function, takes_xp = kernel(step.op)
        stanza = step.op.stanza
        if takes_xp or step.attrs:
            attrs = {k: self._ready(v) for k, v in step.attrs.items()}
            function = functools.partial(function, *((np,) if takes_xp else ()), **attrs)
        call = function
        if stanza is not None and stanza.has_lists:

            def call(*values: Any) -> Any:
                return function(*step.arranged(values))

        one = len(step.outputs) == 1 and not (stanza is not None and stanza.results and stanza.results[0].counter)
        return step, call, step.inputs, step.outputs[0] if one else None, step.dead

    def _ready(self, value: Any) -> Any:
        """An attribute as the kernel takes it: plans of the graphs inside an op as functions."""
        if isinstance(value, Plan):
            if id(value) not in self._bodies:
                self._bodies[id(value)] = self._body(value)
            return self._bodies[id(value)]
        if isinstance(value, tuple) and value and isinstance(value[0], Plan):
            return tuple(map(self._ready, value))
        return value

    def _body(self, plan: Plan) -> Body:
        return Body(plan, self)

    # -- the printed plan

    _kernel = staticmethod(kernel)
    _keep = staticmethod(keep)

    def _render(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Source, what each line came from, and the names the source uses."""
        namespace: dict[str, Any] = {"xp": np, "keep": self._keep}
        taken = {*self.plan.names, *namespace, self.plan.label or "step"}
        by_id: dict[int, str] = {}

        def named(value: Any, stem: str) -> str:
            if id(value) not in by_id:
                name, i = stem, 1
                while name in taken:
                    i += 1
                    name = f"{stem}_{i}"
                taken.add(name)
                by_id[id(value)] = name
                namespace[name] = value
            return by_id[id(value)]

        def bind(value: Any) -> str:
            if isinstance(value, Plan):
                return named(self._ready(value), value.label)
            if isinstance(value, tuple) and value and isinstance(value[0], Plan):
                return f"({', '.join(map(bind, value))},)"
            return named(value, f"k{len(by_id)}")

        def called(step: Step) -> tuple[str, bool]:
            function, takes_xp = self._kernel(step.op)
            return named(function, getattr(function, "__name__", step.op.type).strip("<>")), takes_xp

        source, origin = self.plan.source(called, bind)
        return source, origin, namespace

    def compile(self) -> None:
        source, self._origin, namespace = self._render()
        filename = f"<plan {id(self.plan):x}>"
        exec(compile(source, filename, "exec"), namespace)  # our own text: names are sanitized, values are bound
        self._function = namespace[self.plan.label or "step"]
        # Let tracebacks and debuggers show the plan's lines.
        linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        self._filename = filename

    def __del__(self):
        linecache.cache.pop(getattr(self, "_filename", None), None)  # type: ignore[arg-type]

    def source(self) -> str:
        """The plan as readable Python, constants listed on top."""
        source, _, namespace = self._render()
        shown = [body.source() for body in self._bodies.values()]
        for name, value in namespace.items():
            if isinstance(value, (np.ndarray, np.generic)):
                text = " ".join(repr(value.tolist() if value.size < 9 else value).split())
                shown.append(
                    f"{name} = {text[:60] + ' ...' if len(text) > 64 else text}  # {value.dtype} {value.shape}"
                )
        return "\n".join([*shown, source]) if shown else source

    def _located(self, error: Exception) -> Exception:
        """`error`, told as the failure of the op whose line of the plan raised it."""
        tb = error.__traceback__
        code = self._function.__code__ if self._function is not None else None
        while tb is not None and tb.tb_frame.f_code is not code:
            tb = tb.tb_next
        if tb is None:
            return error
        source = self._origin[tb.tb_lineno - 1]
        if isinstance(source, Step):
            found = tb.tb_frame.f_locals
            constants = self.plan.constants
            values = [constants.get(s, found.get(self.plan.names[s])) for s in source.inputs]
            return _wrapped(error, source.op, values)
        return _wrapped(error, source, [])


class Body(Program):
    """A graph inside an op, made runnable: a function of its inputs' values, called at each turn of a loop."""

    def __init__(self, plan: Plan, owner: Program):
        super().__init__(plan)
        self._owner = owner

    def __call__(self, *values: Any) -> Sequence[Any]:  # type: ignore[override]
        if self._owner._watch is not None:
            return self.watched(self._owner._watch, {}, values)
        if context.checks_numerics() or not self._earned():
            return self._loop({}, values)
        try:
            return self._function(*values)  # type: ignore[misc]
        except Exception as error:
            raise self._located(error) from error


def _spread(step: Step, result: Any, slots: list[Any]) -> None:
    """Put several results, or none, into their slots."""
    if step.outputs:
        for slot, value in zip(step.outputs, result, strict=True):
            slots[slot] = value


def _kept(value: Any, variable: Any) -> Any:
    return value if variable is None else keep(value, variable.outputs[0].dtype.np_dtype)


def _check_finite(op: Any, values: Sequence[Any]) -> None:
    """The check of `enable_check_numerics`."""
    for value in values:
        if getattr(value, "dtype", None) is not None and value.dtype.kind == "f" and not np.isfinite(value).all():
            what = "NaN" if np.isnan(value).any() else "Inf"
            raise errors.InvalidArgumentError(
                op,
                op,
                f"{op.name or op.type} : Tensor had {what} values: the first op whose result is not finite.",
            )


def _wrapped(error: Exception, op: Any, values: Sequence[Any]) -> Exception:
    """The `OpError` that tells what `error`, raised by `op`'s kernel, means to the user."""
    if op is None or (isinstance(error, errors.OpError) and error.op is not None and error.op is not op):
        return error
    if isinstance(error, KeyError) and op.type == "VariableV2":
        return errors.FailedPreconditionError(
            op, op,
            f"Attempting to use uninitialized value {op.name}: run tf.global_variables_initializer() first."
            + errors.describe(op),
        )  # fmt: skip
    if op.stanza is not None and op.stanza.draws is not None:
        values = values[1:]
    where = errors.describe(op, values)
    if isinstance(error, errors.OpError):
        return error if error.op is op and "\n  op: " in error.message else type(error)(op, op, error.message + where)
    if isinstance(error, (FileNotFoundError, StopIteration, KeyboardInterrupt)) or not isinstance(error, Exception):
        return error
    kind = errors.ResourceExhaustedError if isinstance(error, MemoryError) else errors.InvalidArgumentError
    if op.stanza is None or op.stanza.host == "python":  # the user's own code failed: tell its own words
        kind = errors.InvalidArgumentError if isinstance(error, (ValueError, TypeError)) else errors.UnknownError
        return kind(op, op, f"{type(error).__name__}: {error}" + where)
    text = str(error).rstrip(".")
    if text.startswith("operands could not be broadcast together"):  # NumPy's words for it
        sizes = (str(list(v.shape)).replace(" ", "") for v in values if hasattr(v, "shape"))
        text = f"Incompatible shapes: {' vs. '.join(sizes)}"
    return kind(op, op, f"{text} [Op:{op.type}]" + where)


from . import numpy_basic, numpy_networks, numpy_training  # noqa: E402, F401  (they register their overrides)

__all__ = ["DIRECT", "OVERRIDES", "Program", "call", "compute", "keep", "override"]
