"""The session: runs plans, and holds the values of variables between runs.

Sixth stop of the walk.  `Session.run` takes apart the structure of the fetches, finds or builds the plan for these
fetches and feeds, checks the fed values, runs the plan and puts the results back into the structure.  A graph only
grows, so a plan once built stays right.  Values live in a run and in the session's state, never on nodes, so two
sessions on one graph do not meet.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from . import context, errors
from .backends import promotion, report
from .backends.memory import keep_by_default
from .backends.numpy import Program, evaluate
from .devices import Placement
from .dtypes import string, untyped
from .fetches import flatten, is_structure, with_nones
from .graph import Graph, Operation, Tensor, get_default_graph
from .plan import Plan, build, needed_ops
from .shapes import compatible
from .steps import Feeding, checked_batches, number_of_steps, run as run_steps


class _Prepared:
    """What one (fetches, feeds) pair needs at every run."""

    __slots__ = ("feeds", "program", "rebuild")

    def __init__(self, program: Program, feeds: list[Tensor], rebuild: Callable[[Sequence[Any]], Any]):
        self.program = program
        self.feeds = [_Feed(t) for t in feeds]
        self.rebuild = rebuild


class _Feed:
    """One fed tensor: what its values must be, and the shapes that were found to fit."""

    __slots__ = ("dtype", "fitting", "tensor")

    def __init__(self, tensor: Tensor):
        self.tensor = tensor
        dtype = tensor.dtype.base_dtype
        self.dtype = None if dtype is string else dtype.np_dtype  # strings are looked at one by one
        self.fitting: set[tuple[int, ...]] = set()

    def check(self, shape: tuple[int, ...]) -> None:
        """ValueError unless a value of `shape` may be fed."""
        t = self.tensor
        if not compatible(t._shape, shape):
            raise ValueError(
                f"Cannot feed value of shape {shape} for Tensor {t.name}, which has shape {t.shape}"
                + (f"\n  created at: {t.op.user_line}" if t.op.user_line else "")
            )
        if len(self.fitting) < 64:  # ragged batches must not pile up here
            self.fitting.add(shape)


def program_maker(backend: str | None, placement: Placement) -> Callable[[Plan], Any]:
    """What makes plans runnable: the backend asked for, else the environment's TENSORGLASS_BACKEND, else `auto`."""
    name = backend or os.environ.get("TENSORGLASS_BACKEND") or placement.backend()
    if name == "numpy" or (name == "auto" and not promotion.xla_installed()):
        return Program
    if name == "auto":
        return promotion.Programs(placement)
    if name == "xla":
        from .backends import xla  # imports JAX

        return functools.partial(xla.Program, placement=placement, giving=xla.Giving())
    raise ValueError(f"Unknown backend {name!r}: it is 'auto', 'numpy' or 'xla'.")


class BaseSession:
    """Runs operations and evaluates tensors of one graph.

    ``graph`` defaults to the current default graph.  ``backend`` is "numpy", "xla", or "auto" (the default): NumPy,
    until a plan has run so often that compiling it pays; see `backends.promotion`.  ``target`` and ``config`` are
    accepted as TensorFlow's; there is one process.
    """

    _initializes = False  # root sessions initialize a variable when it is first used

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None, backend: str | None = None):
        if graph is not None and not isinstance(graph, Graph):
            raise TypeError(f"graph must be a tf.Graph, but got {type(graph)}")
        if not isinstance(target, (str, bytes)):
            raise TypeError(f"target must be a string, but got {type(target)}")
        self._graph = graph if graph is not None else get_default_graph()
        self._state: dict[str, Any] = {}
        self._prepared: dict[Any, _Prepared] = {}
        self._programs: dict[Any, Program] = {}
        self._lock = threading.RLock()  # held by runs that write: their steps are atomic for other writers
        self._placement = Placement(config)
        self._program = program_maker(backend, self._placement)
        keep_by_default()
        self._closed = False
        self._entered: list[Any] = []

    @property
    def graph(self) -> Graph:
        return self._graph

    # -- running

    def run(self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None):
        """The values of `fetches`, in the structure they come in.

        ``fetches`` is a tensor, operation, variable or name, or lists, tuples and dicts of them; an operation gives
        None.  ``feed_dict`` maps tensors (or names) to the values that stand in for them in this run.
        """
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        prepared = self._look_up(fetches, feed_dict)
        values = []
        if feed_dict:
            for feed, value in zip(prepared.feeds, feed_dict.values(), strict=True):
                if value.__class__ is not ndarray or value.dtype is not feed.dtype:
                    value = _converted(feed.tensor, feed.dtype, value)
                if value.shape not in feed.fitting:
                    feed.check(value.shape)
                values.append(value)
        if prepared.program.writes:
            with self._lock:
                results = self._execute(prepared, values)
        else:
            results = self._execute(prepared, values)
        return prepared.rebuild([r if r.__class__ is not ndarray else _owned(r, values) for r in results])

    def _look_up(self, fetches: Any, feed_dict: Any) -> _Prepared:
        """The prepared plan for these fetches and feeds, from the cache where it was met before."""
        feeds = tuple(feed_dict) if feed_dict else ()
        try:
            kind = fetches.__class__
            key = (kind, tuple(fetches), feeds) if kind is list or kind is tuple else (kind, fetches, feeds)
            found = self._prepared.get(key)
        except TypeError:  # something unhashable inside: a nested list or a dict
            return self._prepare(fetches, feeds, feed_dict)
        if found is None:
            found = self._prepared[key] = self._prepare(fetches, feeds, feed_dict)
        return found

    def _prepare(self, fetches: Any, feed_keys: Sequence[Any], feed_dict: Any) -> _Prepared:
        if feed_dict is not None and not hasattr(feed_dict, "items"):
            raise TypeError(f"feed_dict must be a dictionary, not {type(feed_dict).__name__}: {feed_dict!r}")
        flat: list[Any] = []
        rebuild = flatten(fetches, flat, self._element)
        if fetches.__class__ is list and len(flat) == len(fetches) and not any(map(is_structure, fetches)):
            rebuild = list  # a plain list: its values come in place
        feeds = [self._feed_key(k) for k in feed_keys]
        key = (tuple(flat), tuple(feeds))
        program = self._programs.get(key)
        if program is None:
            program = self._programs[key] = self._program(build(self._graph, flat, feeds, evaluate))
            self._placement.check(program, flat, feeds)
            for name, begin in program.plan.private.items():
                self._state.setdefault(name, begin())
        return _Prepared(program, feeds, with_nones(flat, rebuild))

    def _execute(self, prepared: _Prepared, values: list[Any]) -> Sequence[Any]:
        program = prepared.program if context.tracer is None else context.tracer.running(prepared.program)
        try:
            return program(self._state, values)
        except errors.FailedPreconditionError as error:
            self._remedy(error, prepared)
        return program(self._state, values)

    def _remedy(self, error: errors.FailedPreconditionError, prepared: _Prepared) -> None:
        """Initialize the plan's variables, if `error` says that one has no value and this session does so itself."""
        if not (self._initializes and error.op is not None and error.op.type == "VariableV2"):
            raise error
        self._initialize(prepared.program.plan.variables())

    def _initialize(self, variables: list[Operation]) -> None:
        """Run the initializers of those of `variables` that have no value yet."""
        by_op = {v.op: v for v in self._graph.variables}
        missing = [op for op in variables if op.name not in self._state]
        for op in missing:
            if op not in by_op:
                raise errors.FailedPreconditionError(op, op, f"Variable {op.name} has no initializer.")
        with context.untraced():
            self.run([by_op[op].initializer for op in missing])

    # -- names to tensors

    def _element(self, fetch: Any) -> Any:
        """The tensor or operation that one fetch stands for."""
        graph = self._graph
        if not graph._ops and isinstance(fetch, str):
            raise RuntimeError("The Session graph is empty. Add operations to the graph before calling run().")
        try:
            element = graph.as_graph_element(fetch)
        except TypeError:
            raise TypeError(
                f"Fetch argument {fetch!r} has invalid type {type(fetch).__name__}, must be a string or Tensor. "
                f"(Can not convert a {type(fetch).__name__} into a Tensor or Operation.)"
            ) from None
        except ValueError as error:
            raise ValueError(
                f"Fetch argument {fetch!r} cannot be interpreted as a Tensor. ({error}) This session runs another "
                "graph: create it inside that graph's `as_default()`, or pass graph=."
            ) from None
        except KeyError as error:
            raise ValueError(f"Fetch argument {fetch!r} cannot be interpreted as a Tensor. ({error.args[0]})") from None
        if isinstance(element, Operation) and element.stanza is None:
            element = element._to_tensor()
        if not graph.is_fetchable(element):
            raise ValueError(f"Tensor {element!r} may not be fetched.")
        return element

    def _feed_key(self, key: Any) -> Tensor:
        try:
            if isinstance(key, Operation) and key.stanza is None:  # a user's operation stands for its value
                key = key._to_tensor()
            t: Any = self._graph.as_graph_element(key, allow_operation=False)
        except (TypeError, ValueError, KeyError) as error:
            text = error.args[0] if isinstance(error, KeyError) else error
            raise TypeError(f"Cannot interpret feed_dict key as Tensor: {text}") from None
        if not self._graph.is_feedable(t):
            raise ValueError(f"Tensor {t!r} may not be fed.")
        return t

    # -- other ways to run

    def run_steps(
        self, fetches: Any, steps: int | None = None, feed_dict: Any = None, data: Any = None, batches: Any = None
    ):
        """Many runs of `fetches` in one call: their values of all steps, stacked along a new first axis.

        ``feed_dict`` is fed alike at each step.  ``data`` maps tensors to arrays of which each step takes its own part:
        row k at step k, or, with ``batches``, an array of indices, the rows ``batches[k]``.  The number of steps is
        ``steps``, or the number of rows of ``data`` or of ``batches``.  The numbers are those of as many calls of
        `run`.  XLA compiles the whole loop, once for each number of steps, and nothing interrupts it; NumPy runs it
        step by step.

        >>> import tensorglass as tg
        >>> import numpy as np
        >>> with tg.Graph().as_default():
        ...     x, w = tg.placeholder(tg.float64, [None]), tg.Variable(np.float64(0.0))
        ...     add = w.assign_add(tg.reduce_sum(x))
        ...     print(tg.Session().run_steps(add, data={x: np.arange(6.0)}, batches=[[0, 1], [4, 5], [2, 2]]))
        [ 1. 10. 14.]
        """
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        fixed, parts = dict(feed_dict or {}), dict(data or {})
        prepared = self._look_up(fetches, {**fixed, **parts})
        if len(prepared.feeds) < len(fixed) + len(parts):
            raise ValueError("A tensor is fed by feed_dict or by data, not by both.")
        given = [*fixed.values(), *parts.values()]
        arrays = [_typed(feed, value) for feed, value in zip(prepared.feeds, given, strict=True)]
        named = {feed.tensor.name: a for feed, a in [*zip(prepared.feeds, arrays, strict=True)][len(fixed) :]}
        indices = None if batches is None else checked_batches(batches, named)
        number = number_of_steps(steps, named, indices)
        feeding = Feeding(number, arrays[: len(fixed)], arrays[len(fixed) :], indices)
        for feed, shape in zip(prepared.feeds, feeding.shapes(), strict=True):
            feed.check(shape)
        with self._lock:
            program = prepared.program
            if context.tracer is not None:  # what is traced is run step by step
                program = lambda state, values: context.tracer.running(prepared.program)(state, values)  # noqa: E731
            try:
                results = run_steps(program, self._state, feeding)
            except errors.FailedPreconditionError as error:
                self._remedy(error, prepared)
                results = run_steps(program, self._state, feeding)
        return prepared.rebuild(results)

    def make_callable(self, fetches: Any, feed_list: Sequence[Any] | None = None, accept_options: bool = False):
        """A function of the values of `feed_list` that runs `fetches`: the plan is looked up only once."""
        keys = list(feed_list or ())

        def call(*values: Any, **kwargs: Any):
            if len(values) != len(keys):
                raise TypeError(f"Expected {len(keys)} arguments, got {len(values)}")
            return self.run(fetches, dict(zip(keys, values, strict=True)))

        self._look_up(fetches, dict.fromkeys(keys))
        return call

    def plan(self, fetches: Any, feed_dict: Any = None) -> PlanText:
        """What ``run(fetches, feed_dict)`` would do, as Python source: ``print(session.plan(loss))``.

        ``feed_dict`` may be a dict or just the list of tensors that would be fed; placeholders that are needed and
        not listed are taken as fed.
        """
        flat, feeds = self._named(fetches, feed_dict)
        plan = build(self._graph, flat, feeds, evaluate)
        text = PrintedPlan(Program(plan).source())
        text.plan = plan
        return text

    def placement(self, fetches: Any, feed_dict: Any = None) -> PlanText:
        """Which backend runs ``run(fetches, feed_dict)`` on which device, and why not another: a text to print.

        ``feed_dict`` may be a list of tensors, as for `plan`.

        >>> import tensorglass as tg
        >>> with tg.Graph().as_default():
        ...     y = 2.0 * tg.placeholder(tg.float32, [])
        ...     print(tg.Session(backend="numpy").placement(y))
        NumPy runs 1 op on /device:CPU:0.
        """
        flat, feeds = self._named(fetches, feed_dict)
        program = self._programs.get((tuple(flat), tuple(feeds)))
        return PlanText(report.placement(program or self._program(build(self._graph, flat, feeds, evaluate))))

    def _named(self, fetches: Any, feed_dict: Any) -> tuple[list[Any], list[Tensor]]:
        """The tensors and operations to fetch, and the tensors to feed: those given and those that have to be."""
        flat: list[Any] = []
        flatten(fetches, flat, self._element)
        feeds = [self._feed_key(k) for k in feed_dict or ()]
        for op in needed_ops(flat, dict.fromkeys(feeds)):
            if op.type == "Placeholder" and op.outputs[0] not in feeds:
                feeds.append(op.outputs[0])
        return flat, feeds

    # -- life

    def close(self) -> None:
        """Forget all values; running afterwards raises RuntimeError."""
        self._closed = True
        self._state.clear()
        self._prepared.clear()
        self._programs.clear()

    def as_default(self) -> _AsDefaultSession:
        """Make this the session of ``t.eval()`` and ``op.run()`` inside a ``with`` block, without closing it."""
        return _AsDefaultSession(self)

    def __enter__(self):
        contexts = (self._graph.as_default(), self.as_default())
        for c in contexts:
            c.__enter__()
        self._entered.append(contexts)
        return self

    def __exit__(self, *exc: Any) -> None:
        for c in reversed(self._entered.pop()):
            c.__exit__(*exc)
        self.close()


class Session(BaseSession):
    """`BaseSession` under TensorFlow's name: variables must be initialized before they are used."""


class LenientSession(Session):
    """The root namespace's session: a variable that has no value yet is initialized when a run needs it."""

    _initializes = True


class InteractiveSession(Session):
    """A session that is the default one from its construction on (shells and notebooks)."""

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None, backend: str | None = None):
        super().__init__(target, graph, config, backend)
        self._stack = [self._graph.as_default(), self.as_default()]
        for c in self._stack:
            c.__enter__()

    def close(self) -> None:
        for c in reversed(self._stack):
            c.__exit__(None, None, None)
        self._stack = []
        super().close()


LenientSession.__name__ = LenientSession.__qualname__ = "Session"  # what the root namespace calls it


class LenientInteractiveSession(InteractiveSession):
    """The root namespace's `InteractiveSession`."""

    _initializes = True


LenientInteractiveSession.__name__ = LenientInteractiveSession.__qualname__ = "InteractiveSession"


class PlanText(str):
    """A plan's source; shows itself as text in a notebook cell too."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class PrintedPlan(PlanText):
    """The source of a plan; in a notebook a picture stands below it."""

    plan: Plan

    def _repr_html_(self) -> str:
        from .explore.picture import of_plan

        return of_plan(self, self.plan)


class _AsDefaultSession:
    def __init__(self, session: BaseSession):
        self._session = session

    def __enter__(self):
        context.stacks.sessions.append(self._session)
        return self._session

    def __exit__(self, *exc: Any) -> None:
        sessions = context.stacks.sessions
        for i in reversed(range(len(sessions))):
            if sessions[i] is self._session:
                del sessions[i]
                return


def get_default_session():
    """The session entered by the innermost ``with session:``, or None."""
    return context.default_session()


def _typed(feed: _Feed, value: Any) -> np.ndarray:
    if value.__class__ is not ndarray or value.dtype is not feed.dtype:
        return _converted(feed.tensor, feed.dtype, value)
    return value


def _converted(t: Tensor, dtype: Any, value: Any) -> np.ndarray:
    if value.__class__ is Tensor or (isinstance(value, (Tensor, Operation)) and not hasattr(value, "_array")):
        raise TypeError(
            "The value of a feed cannot be a tf.Tensor object. Acceptable feed values include Python scalars, "
            f"strings, lists, numpy ndarrays, or TensorHandles. For reference, the tensor object was {value!r} which "
            f"was passed to the feed with key {t!r}."
        )
    if t.dtype.base_dtype is untyped:
        return np.asarray(value)
    target = t.dtype.base_dtype
    if (isinstance(value, int) and target.is_integer and not target.min <= value <= target.max) or (
        isinstance(value, int) and target.is_bool and value not in (0, 1)
    ):
        raise TypeError(
            f"Type of feed value {value} with type {type(value)} is not compatible with Tensor type {t.dtype.name}. "
            "Try explicitly setting the type of the feed tensor to a larger type (e.g. int64)."
        )
    try:
        if target is string:
            from .convert import to_array

            return to_array(value, string)
        with np.errstate(over="ignore"):
            return np.asarray(value, dtype)
    except (ValueError, TypeError, OverflowError) as error:
        kind = TypeError if isinstance(error, OverflowError) or target is string else type(error)
        raise kind(f"Cannot feed {value!r} for Tensor {t.name} of type {t.dtype.name}: {error}") from None


def _owned(array: np.ndarray, fed: list[Any]) -> Any:
    """A fetched array that is the caller's own: never a view of the state, of a constant or of a fed array."""
    if array.ndim == 0:
        return array[()]
    if array.base is not None or not array.flags.writeable:
        return array.copy()
    for f in fed:
        if array is f:
            return array.copy()
    return array
