"""Gradients of a TensorFlow graph, taken apart: what each operation receives, and what it sends to each input.

A program's own reverse pass does not say which of its nodes is the gradient of what.  So `tf.gradients` is asked
again, in a copy of the part of the graph that the loss depends on.  In the copy an identity stands on each edge: the
gradient there is what one consumer sends.  The copy is run at the values of the traced run, every one of them fed, so
that nothing is computed or drawn again but the gradients.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from . import encode
from .tensorflow import VARIABLES, Plan, is_read, known, library


class Gradients:
    """The copy for one plan.

    `loss` is differentiated with respect to `wrt`; by default what the program's own reverse pass in this run starts
    from, and the variables below it (the placeholders, where there is no variable).
    """

    def __init__(self, plan: Plan, loss: Any = None, wrt: Any = None):
        self._plan = plan
        self.note = ""
        starts = self._starts()
        self.ys = starts if loss is None else _tensors(plan.graph, loss)
        if not self.ys:
            return
        above = self._above()
        self.xs = self._ends(above) if wrt is None else [_variable_or(t) for t in _tensors(plan.graph, wrt)]
        below = _below(above, self.xs)
        self._path = [op for op in above if op.name in below]
        names = ", ".join(t.op.name for t in self.ys)
        self.note = (
            f"Gradients are TensorFlow's, by tf.gradients of {names} in a copy of the graph at this run's values: what "
            "each consumer sends is not kept by the program's own reverse pass."
        )

    def _starts(self) -> list[Any]:
        """Where the program's reverse pass starts: the last of the operations it goes back through."""
        plan = self._plan
        users: dict[str, list[Any]] = {}
        forward = [op for op in plan.ops if plan.phases[op.name] == "forward"]
        for op in forward:
            for t in op.inputs:
                users.setdefault(t.op.name, []).append(op)
        self._through = {op.name for op in plan.going_back.values()} & {op.name for op in forward}
        leads: set[str] = set()  # to one of them
        last = []
        for op in reversed(forward):
            onward = any(user.name in leads for user in users.get(op.name, ()))
            if onward or op.name in self._through:
                leads.add(op.name)
            if op.name in self._through and not onward:
                last.append(op)
        return [t for op in last for t in op.outputs if t.dtype.is_floating]

    def _above(self) -> list[Any]:
        """The operations that the loss depends on."""
        given = {t.name for t in self._plan.fed}
        found, stack = {}, [t.op for t in self.ys]
        while stack:
            op = stack.pop()
            if op.name not in found:
                found[op.name] = op
                stack += [t.op for t in op.inputs if not any(o.name in given for o in op.outputs)]
        return sorted(found.values(), key=lambda op: op._id)

    def _ends(self, above: Sequence[Any]) -> list[Any]:
        """The variables that the loss depends on; and the placeholders, where the program went back to more."""

        def given(types: set[str]) -> list[Any]:
            tf = library()
            return [op.outputs[0] for op in above if op.type in types and tf.as_dtype(op.get_attr("dtype")).is_floating]

        variables = given(VARIABLES)
        if variables and self._through <= _below(above, variables):
            return variables
        return variables + given({"Placeholder", "PlaceholderV2"})

    # -- the copy

    @functools.cached_property
    def _session(self) -> Any:
        """A session on the copy of what leads to the loss, with an identity on every edge, differentiated."""
        tf = library()
        above = self._above()
        on_path = {op.name for op in self._path}
        given = {t.name for t in self._plan.fed}
        definition = tf.GraphDef()
        original = self._plan.graph.as_graph_def()
        definition.versions.CopyFrom(original.versions)
        definition.library.CopyFrom(original.library)
        self._edges: list[tuple[Any, int, str]] = []  # operation, slot, the identity's name
        for op in above:
            node = definition.node.add()
            node.CopyFrom(op.node_def)
            node.device = ""
            node.attr.pop("_class", None)
            if any(t.name in given for t in op.outputs):
                _as_placeholder(node, op)
                continue
            inputs = [_input_name(t) for t in op.inputs]  # without control inputs: all that counts is fed
            if op.name in on_path:
                for slot, t in enumerate(op.inputs):
                    if t.op.name in on_path and _carries(t):
                        name = f"tensorglass_edge_{len(self._edges)}"
                        between = definition.node.add(name=name, op="Identity", input=[inputs[slot]])
                        between.attr["T"].type = t.dtype.base_dtype.as_datatype_enum
                        self._edges.append((op, slot, name))
                        inputs[slot] = name
            del node.input[:]
            node.input.extend(inputs)
        self._copy = copy = tf.Graph()
        with copy.as_default():
            tf.import_graph_def(definition, name="")
            ys = [copy.get_tensor_by_name(t.name) for t in self.ys]
            self._tensors = [t for op in self._path for t in op.outputs if t.dtype.is_floating or op.type in VARIABLES]
            targets = [copy.get_tensor_by_name(f"{name}:0") for _, _, name in self._edges]
            targets += [copy.get_tensor_by_name(t.name) for t in self._tensors]
            self._found = [_rows(g) for g in tf.gradients(ys, targets)]
        options = tf.GraphOptions(rewrite_options=None)
        options.rewrite_options.disable_meta_optimizer = True
        return tf.Session(graph=copy, config=tf.ConfigProto(graph_options=options))

    def failed(self, error: Exception) -> None:
        """Say why there are no gradients, and do not try again."""
        words = " ".join(str(error).split())
        self.note = f"TensorFlow's gradients could not be taken in a copy of the graph: {words[:300]}"
        self.ys = []

    def steps(self, values: dict[str, Any], variables: dict[str, Any]) -> list[dict[str, Any]]:
        """The steps of the reverse pass at these values; nodes are operations still."""
        session = self._session
        feeds = {}
        for op in self._above():
            for t in op.outputs:
                value = variables.get(known(op).name) if is_read(op) else values.get(t.name)
                copied = self._copy.get_tensor_by_name(t.name)
                if value is not None and op.type != "Const" and self._copy.is_feedable(copied):
                    feeds[copied] = value
        wanted = [g for g in self._found if g is not None]
        results = iter(session.run(wanted, feeds))
        found = [None if g is None else next(results) for g in self._found]
        shares = {(op, slot): g for (op, slot, _), g in zip(self._edges, found, strict=False)}
        totals = dict(zip((t.name for t in self._tensors), found[len(self._edges) :], strict=True))
        return self._told(shares, totals)

    def _told(self, shares: dict[tuple[Any, int], Any], totals: dict[str, Any]) -> list[dict[str, Any]]:
        """Steps as the document has them, newest operation first, and at the end what has no inputs."""

        def total(op: Any) -> Any:
            found = (totals.get(t.name) for t in op.outputs)
            return next((encode.tensor(g) for g in found if g is not None), None)

        real = {key: g for key, g in shares.items() if g is not None and known(key[0]) is key[0]}
        waiting: dict[str, int] = {}
        for op, slot in real:
            target = known(op.inputs[slot].op).name
            waiting[target] = waiting.get(target, 0) + 1
        steps = []
        for op in reversed(self._path):
            if known(op) is not op:
                continue
            sends = []
            for slot, t in enumerate(op.inputs):
                if (op, slot) not in real:
                    continue
                target = known(t.op)
                waiting[target.name] -= 1
                sends.append({"to": target, "slot": slot, "contribution": encode.tensor(real[op, slot]),
                              "total": total(target), "pending": waiting[target.name]})  # fmt: skip
            grad = total(op)
            if sends and grad is not None:
                steps.append({"phase": "reverse", "node": op, "grad": grad, "sends": sends})
        went = {step["node"].name for step in steps}
        steps += [
            {"phase": "reverse", "node": op, "grad": total(op), "sends": []}
            for op in self._path if known(op) is op and op.name not in went and total(op) is not None
        ]  # fmt: skip
        return steps


def _tensors(graph: Any, given: Any) -> list[Any]:
    """`given`, one or several tensors, variables or names, as tensors."""
    several = given if isinstance(given, (list, tuple)) else [given]
    return [graph.as_graph_element(g if not hasattr(g, "handle") else g.handle, allow_operation=False) for g in several]


def _below(ops: Sequence[Any], tensors: Sequence[Any]) -> set[str]:
    """The names of those of `ops` that depend on `tensors`, and of the tensors' own."""
    found = {t.op.name for t in tensors}
    for op in ops:
        if any(t.op.name in found for t in op.inputs):
            found.add(op.name)
    return found


def _variable_or(t: Any) -> Any:
    """The variable itself, where `t` is a read of it."""
    return known(t.op).outputs[0] if is_read(t.op) else t


def _carries(t: Any) -> bool:
    """Whether a gradient may flow along `t`, and an identity can stand there."""
    return (t.dtype.is_floating or t.dtype.name == "resource") and not t.dtype._is_ref_dtype


def _input_name(t: Any) -> str:
    return t.op.name if t.value_index == 0 else t.name


def _as_placeholder(node: Any, op: Any) -> None:
    """Let a fed operation be a placeholder, whatever it was."""
    dtype = op.outputs[0].dtype.base_dtype.as_datatype_enum
    node.op = "Placeholder"
    del node.input[:]
    node.attr.clear()
    node.attr["dtype"].type = dtype
    node.attr["shape"].shape.CopyFrom(op.outputs[0].shape.as_proto())


def _rows(g: Any) -> Any:
    """A gradient as a tensor: of one that has only the rows that are not zero, these."""
    return g.values if g is not None and hasattr(g, "indices") else g
