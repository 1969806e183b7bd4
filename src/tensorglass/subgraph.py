"""Graphs inside an operation: the branches of a `cond`, the body of a loop.

A `SubGraph` is a graph whose ops may use tensors of the graph around it.  Such a tensor is *captured*: a placeholder
in the sub-graph stands for it, and it becomes an input of the operation that holds the sub-graph, which is how values
and gradients pass the border.  Seeds, collections and names are the outermost graph's, so that a program may be moved
into a loop and keep its numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .dtypes import DType
from .graph import Graph, Operation, Tensor
from .shapes import Shape
from .static import constant_value


class SubGraph(Graph):
    """A graph that runs as a part of one operation of the graph `outer`."""

    def __init__(self, outer: Graph):
        super().__init__()
        self.outer = outer
        self._root = outer._root
        self._names_in_use = outer._names_in_use
        self._collections = outer._collections
        self._scope = outer._scope
        self._device, self._device_hints = outer._device, outer._device_hints
        self._gradient_overrides = outer._gradient_overrides
        self.inputs: list[Tensor] = []  # placeholders of what the operation hands in at each turn
        self.outputs: list[Tensor | None] = []  # None: a place that only the sub-graph's siblings fill
        self.captures: dict[Tensor, Tensor] = {}  # tensors of `outer`, and what stands for them here
        self.waits_for: list[Operation] = []  # ops of `outer` that ops here have to come after

    def input(self, like: Tensor, shape: Shape) -> Tensor:
        """A new input of the type of `like`, named after it."""
        t = self._stand_in("Placeholder", like, shape)
        self.inputs.append(t)
        return t

    def capture(self, t: Tensor) -> Tensor:
        """What stands in this graph for `t`, a tensor of this graph or of one around it."""
        return t if t.op.graph is self else self._capture(t)

    def _capture(self, t: Tensor, user: str = "") -> Tensor:
        if t in self.captures:
            return self.captures[t]
        if t.op.graph is not self.outer:
            return self.capture(self.outer._capture(t, user))
        value = None if t.dtype.base_dtype.is_differentiable else constant_value(t)
        if value is not None:  # known here too: shapes stay static, and nothing need be handed in
            found = self._stand_in("Const", t, value.shape, value=value)
        elif t.op.type == "VariableV2":  # the variable itself: ops here may change it
            found = self._stand_in("VariableV2", t, t._shape)
        else:
            found = self._stand_in("Placeholder", t, t._shape)
        self.captures[t] = found
        return found

    def _stand_in(self, op_type: str, t: Tensor, shape: Shape, **attrs: Any) -> Tensor:
        """A node without inputs, named after `t` (a variable's read after the variable)."""
        from .op import REGISTRY

        source = t.op.inputs[0].op if t.op.inputs and t.op.inputs[0].op.type == "VariableV2" else t.op
        node = Operation.__new__(Operation)
        stanza = REGISTRY[op_type]
        dtype: DType = t._dtype if op_type == "VariableV2" else t._dtype.base_dtype
        attrs = {**stanza.defaults, "dtype": dtype.base_dtype, "shape": shape, **attrs}
        node._place(self, op_type, source.name, (), attrs, stanza)
        node.control_inputs = ()
        node.outputs = (Tensor(node, 0, dtype, shape),)
        self._append(node)
        return node.outputs[0]

    def outer_tensor(self, t: Tensor) -> Tensor | None:
        """The tensor of `outer` that `t` of this graph stands for, if it is a capture."""
        return next((o for o, inner in self.captures.items() if inner is t), None)

    def _wait_for(self, op: Operation) -> None:
        """A control input from outside is waited for by the operation that holds this graph."""
        if op.graph is not self.outer:
            self.outer._wait_for(op)
        else:
            self.waits_for.append(op)

    def as_graph_element(self, obj: Any, allow_tensor: bool = True, allow_operation: bool = True) -> Any:
        if isinstance(obj, str) and obj.rpartition(":")[0] not in self._by_name and obj not in self._by_name:
            return self.outer.as_graph_element(obj, allow_tensor, allow_operation)
        found = getattr(obj, "_as_graph_element", lambda: obj)()
        if isinstance(found, Tensor) and found.op.graph is not self and allow_tensor:
            return self.capture(found)
        return super().as_graph_element(obj, allow_tensor, allow_operation)

    @property
    def building_function(self) -> bool:
        return True


def held(op: Operation) -> list[SubGraph]:
    """The graphs inside an op."""
    found = [op.attrs[name] for name in op.stanza.holds]
    return [g for item in found for g in (item if isinstance(item, (list, tuple)) else [item])]


def reached(graph: SubGraph, tensors: Sequence[Any]) -> set[int]:
    """Which of the graph's inputs `tensors` depend on."""
    from .plan import needed_ops

    found = set(tensors)
    for op in needed_ops(tensors, dict.fromkeys(graph.inputs)):
        found.update(op.inputs)
    return {i for i, t in enumerate(graph.inputs) if t in found}
