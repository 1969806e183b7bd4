"""The explorer on a graph of the course's small library: `show` makes the same graph in TensorGlass, and traces a run.

Node by node, with the same names.  A node of the learner's own, or one whose `compute` differs from the small
library's, runs the learner's code; with a rule in `gradient_rules` the reverse pass goes through it.
"""

from __future__ import annotations

import dis
import functools
import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

import tensorglass as tg

from ..explore import Trace, trace
from ..gradients import RegisterGradient
from ..op import REGISTRY
from ..ops.reduce import broadcast_like, sum_to_like
from .library import LAST, library


def show(fetch: Any, feed_dict: dict[Any, Any] | None = None, session: Any = None, title: str = "") -> Trace:
    """Step through a run of `fetch`, a node of the small library (or a list of nodes), in the explorer.

    Variables have the values that they have in `session`, else their initial ones; the session itself is not changed.
    Where `fetch` is one number that depends on variables or on what is fed, its reverse pass is shown too.

    >>> small = library(4)
    >>> x = small.placeholder(name="x")
    >>> show(x * x, {x: 3.0})
    <tensorglass.Trace 'multiply': 1 runs>
    """
    fetches = list(fetch) if isinstance(fetch, (list, tuple)) else [fetch]
    if any(isinstance(node, (tg.Tensor, tg.Operation, tg.Variable)) for node in fetches):
        return trace(fetch, feed_dict, session=session, title=title)
    for node in [*fetches, *(feed_dict or {})]:
        if not hasattr(node, "input_nodes"):
            raise TypeError(f"show steps through nodes of a graph, and {node!r} is none.")
    feeds = {node: _floats(value) for node, value in (feed_dict or {}).items()}
    graph = tg.Graph()
    with graph.as_default():
        made = _translated(fetches, feeds, getattr(session, "state", {}))
        wanted: list[Any] = [made[node] for node in fetches]
        given = {made[node]: value for node, value in feeds.items() if node in made}
        wanted += _reverse_pass(fetches, made, list(given))
        found = trace(title=title or ", ".join(node.name for node in fetches), made_at=False)
        with found:
            tg.Session(backend="numpy").run(wanted, given)
    return found


def _reverse_pass(fetches: list[Any], made: dict[Any, Any], fed: list[Any]) -> list[Any]:
    """The gradients of a single number with respect to variables and what is fed; none for anything else."""
    if len(fetches) != 1 or any(_kind(node) in ("assign", "group") for node in made):
        return []
    sources = [made[node] for node in made if _kind(node) == "Variable"] + fed
    loss = made[fetches[0]]
    if not sources or loss in sources or loss.shape.rank != 0:
        return []
    try:
        gradients = tg.gradients(loss, sources)
    except LookupError:  # a node of the learner's without a rule
        return []
    return [gradient for gradient in gradients if gradient is not None]


def _translated(fetches: list[Any], feeds: dict[Any, Any], state: Any) -> dict[Any, Any]:
    """A table: each node that `fetches` need, in the order they were made, and what it is in TensorGlass."""
    made: dict[Any, Any] = {}
    for node in _needed(fetches, feeds):
        name = re.sub(r"[^A-Za-z0-9_.\\/>-]", "_", node.name)
        name = (name if re.match(r"[A-Za-z0-9.]", name) else "." + name).rstrip("/") + "/"  # as it stands
        kind = _kind(node)
        if node in feeds:
            made[node] = tg.placeholder(tg.float64, feeds[node].shape, name=name)
        elif kind == "placeholder":
            raise ValueError(f"You must feed a value for the placeholder {node.name!r}.")
        elif kind == "constant":
            made[node] = tg.constant(_floats(node.value), name=name)
        elif kind == "Variable":
            made[node] = tg.Variable(_floats(state.get(node, node.initial_value)), name=name)
        elif kind == "assign":
            made[node] = tg.assign(made[node.variable], made[node.input_nodes[0]], name=name)
        elif kind == "group":
            made[node] = tg.group(*[made[x] for x in node.input_nodes], name=name)
        else:
            make = _KINDS.get(kind) if _is_librarys(node) else None
            made[node] = (make or _own)(node, *[made[x] for x in node.input_nodes], name)
    return made


def _needed(fetches: Iterable[Any], feeds: Iterable[Any]) -> list[Any]:
    """The nodes that `fetches` need, each after its inputs."""
    order: list[Any] = []
    seen: set[Any] = set()
    stack = [(node, False) for node in fetches]
    while stack:
        node, inputs_done = stack.pop()
        if inputs_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            if node not in feeds:
                inputs = [*node.input_nodes, *([node.variable] if _kind(node) == "assign" else [])]
                stack.extend((x, False) for x in reversed(inputs))
    return order


def _floats(value: Any) -> np.ndarray:
    """A value as float64: the small library mixes kinds of numbers as NumPy does, and TensorGlass does not."""
    return np.asarray(value, dtype=np.float64)


def _kind(node: Any) -> str:
    return type(node).__name__


# -- the operations of the small library

_KINDS: dict[str, Callable[..., Any]] = {
    "add": lambda node, x, y, name: tg.add(x, y, name=name),
    "divide": lambda node, x, y, name: tg.divide(x, y, name=name),
    "log": lambda node, x, name: tg.log(x, name=name),
    "matmul": lambda node, x, y, name: tg.matmul(x, y, name=name),
    "multiply": lambda node, x, y, name: tg.multiply(x, y, name=name),
    "negative": lambda node, x, name: tg.negative(x, name=name),
    "ones_like": lambda node, x, name: tg.ones_like(x, name=name),
    "positive": lambda node, x, name: tg.cast(tg.greater(x, 0.0, name=name + "greater/"), tg.float64, name=name),
    "reduce_sum": lambda node, x, name: tg.reduce_sum(x, axis=_axes(node, x), keepdims=node.keepdims, name=name),
    "relu": lambda node, x, name: tg.nn.relu(x, name=name),
    "sigmoid": lambda node, x, name: tg.sigmoid(x, name=name),
    "softmax": lambda node, x, name: tg.nn.softmax(x, name=name),
    "sum_to": lambda node, x, like, name: sum_to_like(x, like, name=name),
    "tanh": lambda node, x, name: tg.tanh(x, name=name),
    "transpose": lambda node, x, name: tg.transpose(x, name=name),
}


def _spread(node: Any, x: Any, like: Any, name: str) -> Any:
    if node.axis is not None and not node.keepdims:
        x = tg.expand_dims(x, node.axis, name=name + "expand/")
    return broadcast_like(x, like, name=name)


_KINDS["spread"] = _spread


def _axes(node: Any, x: Any) -> Any:
    return list(range(x.shape.rank)) if node.axis is None and x.shape.rank is not None else node.axis


def _is_librarys(node: Any) -> bool:
    """Whether a node computes what the small library's node of that name computes."""
    code = getattr(getattr(type(node), "compute", None), "__code__", None)
    return code is not None and _deeds(code) == _codes().get(_kind(node))


@functools.cache
def _codes() -> dict[str, list]:
    return {kind: _deeds(vars(library(LAST))[kind].compute.__code__) for kind in _KINDS}


def _deeds(code: Any) -> list[tuple[str, Any]]:
    """What code does, the same for the same source.

    (Python calls ``np.log`` by other instructions where ``np`` is imported in the same file than in a cell of its own.)
    """
    jumps = {*dis.hasjrel, *dis.hasjabs}
    return [
        (i.opname.replace("LOAD_METHOD", "LOAD_ATTR"), None if i.opcode in jumps else i.argval)
        for i in dis.get_instructions(code)
        if i.opname not in ("PUSH_NULL", "PRECALL")
    ]


# -- a learner's own operations


def _own(node: Any, *inputs_and_name: Any) -> Any:
    """An operation of TensorGlass that runs the node's own `compute`."""
    *inputs, name = inputs_and_name
    return _own_type(_kind(node))(node, inputs, name).outputs[0]


@functools.cache
def _own_type(kind: str) -> type:
    return type(kind + "_" if kind in REGISTRY else kind, (_Own,), {})


class _Own(tg.Operation):
    """An operation that runs the `compute`, and in reverse the rule in `gradient_rules`, of the node it stands for."""

    output_dtype = tg.float64

    def __init__(self, node: Any, inputs: list[Any], name: str):
        self.node = node
        self.output_shape = _shape(node, inputs)
        super().__init__(inputs, name)
        self._gradient_type = "CourseOperation"

    def compute(self, *values: Any) -> Any:
        return _floats(self.node.compute(*values))


def _shape(node: Any, inputs: list[Any]) -> Any:
    """The shape that a node of the learner's has, found by trying; None where that fails."""
    if not all(x.shape.is_fully_defined() for x in inputs):
        return None
    try:
        with np.errstate(all="ignore"):
            return np.shape(node.compute(*[np.ones(tuple(x.shape)) for x in inputs]))
    except Exception:  # the run will tell
        return None


class gradient_rule(tg.Operation):
    """One input's gradient, by the rule that the learner has registered for a kind of node."""

    output_dtype = tg.float64

    def __init__(self, node: Any, index: int, grad: Any, output: Any, inputs: Iterable[Any]):
        self.node, self.index = node, index
        super().__init__([grad, output, *inputs], _kind(node) + "_gradient")

    def compute(self, *values: Any) -> Any:
        grad, output, *inputs = values
        names = _namespace(self.node)
        with names["Graph"]():  # from chapter 8 on a rule makes nodes: not among the learner's own
            found = names["gradient_rules"][type(self.node)](self.node, grad, output, *inputs)[self.index]
            if hasattr(found, "input_nodes"):
                found = names["Session"]().run(found)
        return np.zeros_like(inputs[self.index]) if found is None else _floats(found)


@RegisterGradient("CourseOperation")
def _(op: Any, grad: Any) -> list[Any]:
    if type(op.node) not in _namespace(op.node).get("gradient_rules", {}):
        raise LookupError(f"No gradient is registered for {_kind(op.node)}.")
    return [gradient_rule(op.node, i, grad, op.outputs[0], op.inputs) for i in range(len(op.inputs))]


def _namespace(node: Any) -> dict[str, Any]:
    """The learner's: the one in which the node's `compute` was written."""
    return type(node).compute.__globals__
