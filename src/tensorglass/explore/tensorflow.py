"""Traces of the real TensorFlow: the same document, filled from a graph and a session of TensorFlow 1's kind.

A traced run is the program's own run, once: beside what the program fetches, that one `session.run` fetches every
value of the program's own graph that it needs.  Variables are read before and after it.  Nothing is added to the
graph, so a finalized one can be traced.  (TensorFlow's optimizer does not merge operations that are looked at; where
it would have merged some, the last bits may differ from a run without a trace.)

Gradients come from a copy of the graph: see tensorflow_gradients.
"""

from __future__ import annotations

import functools
import importlib
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from . import Trace, encode
from .record import MOST_RUNS

# Op types whose outputs may be dead, or belong to a turn of a loop: no value of theirs can be fetched.
_MOVING = {"Switch", "RefSwitch", "_SwitchN", "Enter", "RefEnter", "NextIteration", "RefNextIteration", "LoopCond"}
_READERS = {"ReadVariableOp", "VarIsInitializedOp", "VariableShape", "ResourceGather", "ResourceGatherNd", "Identity"}
_REF_READERS = {"IsVariableInitialized", "RefIdentity", *_MOVING}
VARIABLES = {"Variable", "VariableV2", "VarHandleOp"}
GIVEN = {"Placeholder", "PlaceholderV2"} | VARIABLES  # shown with the program's own values, whatever uses them


def library() -> Any:
    """`tensorflow.compat.v1`; ImportError that names the extra where TensorFlow is not installed."""
    try:
        return importlib.import_module("tensorflow.compat.v1")
    except ImportError as error:
        raise ImportError(
            f"This traces TensorFlow itself, which cannot be imported ({error}): pip install 'tensorglass[parity]'"
        ) from error


# -- the graph


def known(op: Any) -> Any:
    """The operation that `op` is another name of: through identities, and reads of variables."""
    while op.type in ("Identity", "StopGradient", "ReadVariableOp") and not op.control_inputs:
        op = op.inputs[0].op
    return op


def is_read(op: Any) -> bool:
    """Whether `op` only reads a variable, whenever that may be."""
    return known(op) is not op and known(op).type in VARIABLES


def variable_of(t: Any) -> Any:
    """The variable behind a reference or a handle, None for other tensors."""
    op = t.op
    while op.type not in VARIABLES:
        if not op.inputs or not (t.dtype._is_ref_dtype or t.dtype.name == "resource"):
            return None
        t = op.inputs[0]
        op = t.op
    return op


def changed(op: Any) -> list[Any]:
    """The variables that `op` gives a new value."""
    found = []
    if op.type in VARIABLES or op.op_def is None:
        return found
    refs = [argument.is_ref for argument in op.op_def.input_arg]
    for i, t in enumerate(op.inputs):
        by_ref = len(refs) == len(op.inputs) and refs[i] and op.type not in _REF_READERS
        if by_ref or (t.dtype.name == "resource" and op.type not in _READERS):
            found.append(variable_of(t))
    return [v for v in found if v is not None]


def needed(fetched: Iterable[Any], fed: set[str]) -> list[Any]:
    """The operations that `fetched` ones depend on when the tensors named `fed` are given, as they were made."""
    found, given, stack = {}, {}, list(fetched)
    while stack:
        op = stack.pop()
        if op.name not in found:
            found[op.name] = op
            given.update((t.op.name, t.op) for t in op.inputs if t.name in fed)
            stack += [t.op for t in op.inputs if t.name not in fed]
            stack += op.control_inputs
    found |= given
    return sorted(found.values(), key=lambda op: op._id)


def phases(ops: Sequence[Any], fetched: Iterable[Any]) -> tuple[dict[str, str], dict[str, Any]]:
    """By name: what each operation is there for (as in `document`), and the one whose gradient it helps to compute.

    TensorFlow notes the latter on most operations of a reverse pass, though not on the ones and sums it makes there.
    """
    names = {op.name for op in fetched}
    users: dict[str, list[Any]] = {}
    for op in ops:
        for t in op.inputs:
            users.setdefault(t.op.name, []).append(op)
    found: dict[str, str] = {}
    going_back: dict[str, Any] = {op.name: op._original_op for op in ops if op._original_op is not None}
    for op in reversed(ops):
        used_by = users.get(op.name, ())
        used_for = {found.get(user.name, "forward") for user in used_by}
        helper = op.type not in GIVEN and op.name not in names
        goes_with = next((going_back[u.name] for u in used_by if u.name in going_back), None)
        if op.name in going_back:
            found[op.name] = "reverse"
        elif changed(op) or (used_for == {"update"} and helper and not _is_sum_of(op, going_back)):
            found[op.name] = "update"
        elif used_for <= {"reverse", "update"} and helper and goes_with is not None and op._id > goes_with._id:
            found[op.name] = "reverse"
            going_back[op.name] = goes_with
        elif used_for == {"update"} and helper:
            found[op.name] = "reverse"
        else:
            found[op.name] = "forward"
    for op in ops:  # an optimizer's own variables: they change with one that the program itself uses
        if op.type in VARIABLES and op.name not in names and _beside(op, users, found):
            found[op.name] = "update"
    return found, going_back


def _beside(variable: Any, users: dict[str, list[Any]], found: dict[str, str]) -> bool:
    """Whether a variable is only changed, and in some operation together with a variable that has other uses."""

    def used(op: Any) -> bool:
        return op.type in VARIABLES and any(found[user.name] == "forward" for user in users.get(op.name, ()))

    mine = [u for user in users.get(variable.name, ()) for u in (users.get(user.name, ()) if is_read(user) else [user])]
    together = any(used(known(t.op)) for user in mine for t in user.inputs)
    return all(found[user.name] == "update" for user in mine) and together


def _is_sum_of(op: Any, going_back: dict[str, Any]) -> bool:
    return op.type == "AddN" and all(t.op.name in going_back for t in op.inputs)


class Plan:
    """What a run with these fetches and feeds needs, and what of it is looked at."""

    def __init__(self, graph: Any, fetched: Sequence[Any], fed: Sequence[Any], loss: Any, wrt: Any):
        self.graph = graph
        self.fetched, self.fed = list(fetched), list(fed)
        given = {t.name for t in fed}
        self.ops = needed(self.fetched, given)
        self.phases, self.going_back = phases(self.ops, self.fetched)
        self.variables = [op for op in self.ops if op.type in VARIABLES]
        self.reads = {v.name: t for v in self.variables if (t := self._reading(v)) is not None}
        self.writes = [(op, v) for op in self.ops for v in changed(op)]
        self.watched = [
            t for op in self.ops if self.phases[op.name] == "forward" and not is_read(op) and op.type not in _MOVING
            for t in op.outputs if t.name not in given and _fetchable(t)
        ]  # fmt: skip
        self._loss, self._wrt = loss, wrt

    @functools.cached_property
    def gradients(self) -> Any:
        """The copy of the graph that gives the gradients."""
        from .tensorflow_gradients import Gradients

        return Gradients(self, self._loss, self._wrt)

    def uses(self, variable: Any) -> bool:
        """Whether the run uses a variable's value for the program's own values."""
        forward = (op for op in self.ops if self.phases[op.name] == "forward")
        return variable in self.fetched or any(known(t.op) is variable for op in forward for t in op.inputs)

    def _reading(self, variable: Any) -> Any:
        """A tensor with the variable's value, which no other operation has to run for."""
        t = variable.outputs[0]
        if variable.type != "VarHandleOp":
            return t if self.graph.is_fetchable(t) else None
        for op in t.consumers():
            if op.type == "ReadVariableOp" and not op.control_inputs and self.graph.is_fetchable(op.outputs[0]):
                return op.outputs[0]
        return None


def _fetchable(t: Any) -> bool:
    dtype = t.dtype
    plain = dtype.is_floating or dtype.is_integer or dtype.is_complex or dtype.name in ("bool", "string")
    return plain and not dtype._is_ref_dtype and not dtype.is_quantized and t.graph.is_fetchable(t)


# -- runs


class Run:
    """What one `session.run` of TensorFlow did, its values as the document has them."""

    def __init__(self, plan: Plan):
        self.plan = plan
        self.values: dict[str, dict[str, Any]] = {}  # by the tensor's name
        self.before: dict[str, Any] = {}  # by the variable's name
        self.after: dict[str, Any] = {}
        self.reverse: list[dict[str, Any]] = []  # steps, their nodes as operations
        self.note = ""
        self.wall = 0.0
        self.error: dict[str, Any] | None = None

    def run(self, call: Callable, fetches: Any, feed_dict: Any, fed: dict[str, np.ndarray], more: Sequence[Any]) -> Any:
        """The results of `fetches`; `call` is the session's own `run`, and `more` what else the program gives it."""
        plan = self.plan
        arrays: dict[str, Any] = dict(fed)
        before = self._variables(call)
        began = time.perf_counter()
        try:
            result, values = call((fetches, plan.watched), feed_dict, *more)
        except Exception as error:
            op = getattr(error, "op", None)
            self.error = {"type": type(error).__name__, "message": str(error), "op": op}
            raise
        else:
            arrays.update(zip((t.name for t in plan.watched), values, strict=True))
            self.after = {name: encode.tensor(v) for name, v in self._variables(call).items()} if plan.writes else {}
        finally:
            self.wall = time.perf_counter() - began
            self.before = {name: encode.tensor(v) for name, v in before.items()}
            self.values = {name: encode.tensor(v) for name, v in arrays.items()}
        if plan.gradients.ys:
            try:
                self.reverse = plan.gradients.steps(arrays, before)
            except Exception as error:  # the program's run is done, and is shown
                plan.gradients.failed(error)
        self.note = plan.gradients.note
        return result

    def _variables(self, call: Callable) -> dict[str, Any]:
        """The present values of the plan's variables, without those that have none."""
        reads = self.plan.reads
        unset = library().errors.FailedPreconditionError
        try:
            return dict(zip(reads, call(list(reads.values()), None), strict=True)) if reads else {}
        except unset:
            found = {}
            for name, t in reads.items():
                try:
                    found[name] = call(t, None)
                except unset:
                    continue
            return found


class TensorFlowTrace(Trace):
    """A `Trace` of TensorFlow's sessions: while it is open it records what `Session.run` of TensorFlow computes."""

    def __init__(self, title: str = "", every: int = 1, made_at: bool = True, loss: Any = None, wrt: Any = None):
        super().__init__(title, every, made_at)
        self._asked = loss, wrt
        self._runs: list[Run] = []
        self._plans: dict[Any, Plan] = {}
        self._seen: dict[Any, int] = {}
        self._inside = False
        self._left_out = 0
        self._shown: tuple[int, dict[str, Any]] | None = None

    @property
    def runs(self) -> int:
        return len(self._runs)

    def document(self) -> dict[str, Any]:
        runs = list(self._runs)
        if self._shown is None or self._shown[0] != len(runs):
            from .tensorflow_document import document

            found = document(runs, self.title or "trace", self._made_at, self._left_out, self._written)
            self._shown = len(runs), found
        return self._shown[1]

    @property
    def version(self) -> str:
        return str(len(self._runs))

    def __enter__(self) -> TensorFlowTrace:
        tf = library()
        self._class = next(c for c in tf.Session.__mro__ if "run" in vars(c))
        self._original = original = self._class.run
        trace = self

        @functools.wraps(original)
        def run(session: Any, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None):
            def call(fetches: Any, feed_dict: Any, *more: Any) -> Any:
                return original(session, fetches, feed_dict, *more)

            return trace._traced(session.graph, call, fetches, feed_dict, options, run_metadata)

        self._class.run = run
        return self

    def __exit__(self, *exc: Any) -> None:
        self._class.run = self._original

    def _traced(self, graph: Any, call: Callable, fetches: Any, feed_dict: Any, *more: Any) -> Any:
        """One run of the program, recorded where it is its turn."""
        prepared = None if self._inside else self._plan(graph, fetches, feed_dict)
        if prepared is None:
            return call(fetches, feed_dict, *more)
        plan, fed = prepared
        run = Run(plan)
        self._inside = True
        try:
            return run.run(call, fetches, feed_dict, fed, more)
        finally:
            self._inside = False
            self._runs.append(run)

    def _plan(self, graph: Any, fetches: Any, feed_dict: Any) -> tuple[Plan, dict[str, np.ndarray]] | None:
        """The plan of a run and the values it is fed; None where it is not to be recorded, or cannot be."""
        try:
            fetched = [_element(graph, f) for f in _flat(fetches)]
            fed = {}
            for key, value in (feed_dict or {}).items():
                for t, v in zip(_flat(key), _flat(value) if len(_flat(key)) > 1 else [value], strict=True):
                    t = graph.as_graph_element(t, allow_operation=False)
                    fed[t] = np.asarray(v, t.dtype.base_dtype.as_numpy_dtype)
            named = {t.name: v for t, v in fed.items()}
        except Exception:  # the session itself says best what is wrong with them
            return None
        ops = [f if hasattr(f, "outputs") else f.op for f in fetched]
        key = (id(graph), tuple(getattr(f, "name", "") for f in fetched), tuple(named))
        count = self._seen[key] = self._seen.get(key, -1) + 1
        if count % self._recorder.every:
            return None
        if len(self._runs) >= MOST_RUNS:
            self._left_out += 1
            return None
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = Plan(graph, ops, list(fed), *self._asked)
        return plan, named


def _flat(value: Any) -> list[Any]:
    return library().nest.flatten(value, expand_composites=True)


def _element(graph: Any, fetch: Any) -> Any:
    found = graph.as_graph_element(fetch)
    return found if hasattr(found, "outputs") else found.op
