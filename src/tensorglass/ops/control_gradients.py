"""Gradients of ops that hold graphs: a branch's reverse pass is a branch, a loop's is a loop that runs backwards.

The reverse pass of a body is built by the same driver as any other, in a graph of its own.  Whatever values of the
forward graph its rules ask for become further results of the forward op (of a loop: stacked over the turns), which
cost nothing in plans that do not use them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..context import current_graph
from ..gradients import _between, _reverse_pass, dense_gradient
from ..graph import Graph, Operation, Tensor
from ..static import constant_value
from ..subgraph import SubGraph, held
from .array import reshape
from .constant import zeros_like
from .control_flow import awaited, captured_by, case_op, if_op, types_of, while_op
from .linalg import matmul
from .loops import scan_op

# Integers such as shapes are computed again rather than handed over: so they stay known while XLA compiles.
_CHEAP = {
    "Shape", "Size", "Rank", "Pack", "ConcatV2", "StridedSlice", "AddV2", "Add", "Sub", "Mul", "Maximum", "Range",
    "Prod", "Reshape", "ExpandDims", "Squeeze", "GatherV2", "Cast", "FloorDiv", "FloorMod", "Identity",
}  # fmt: skip


class _Backward(SubGraph):
    """The graph of a reverse pass: values of the `forward` graph come from the op that holds it."""

    _first = 0  # from which output on the forward op gives what its graph gives

    def __init__(self, outer: Graph, node: Operation, forward: SubGraph):
        super().__init__(outer)
        self.node = node
        self.forward = forward
        self.saved: dict[Tensor, Tensor] = {}

    def _capture(self, t: Tensor, user: str = "") -> Tensor:
        if t.op.graph is not self.forward:
            return super()._capture(t, user)
        if t not in self.saved:
            self.saved[t] = self._saved(t)
        return self.saved[t]

    def _saved(self, t: Tensor) -> Tensor:
        outside = self.forward.outer_tensor(t)
        if outside is not None:  # the same at every turn
            return self.capture(outside)
        value = constant_value(t)
        if value is not None and (t.op.type == "Const" or not t.dtype.is_differentiable):
            return self._stand_in("Const", t, value.shape, value=value)
        if t.op.type in _CHEAP and not t.dtype.is_differentiable:
            with self.as_default():
                copy = t.op.stanza._build(self, _operands(t.op), dict(t.op.attrs), None)
                return copy if isinstance(copy, Tensor) else copy[t.value_index]
        return self._from_forward(t)

    def _from_forward(self, t: Tensor) -> Tensor:
        return super()._capture(self._exposed(t))

    def _exposed(self, t: Tensor) -> Tensor:
        """The output of the forward op that carries `t` out."""
        node, forward = self.node, self.forward
        others = [g for g in held(node) if g is not forward and len(g.outputs) == len(forward.outputs)]
        shift = len(node.outputs) - len(forward.outputs)
        for i, known in enumerate(forward.outputs):
            if known is t and i >= self._first:
                return node.outputs[i + shift]
        forward.outputs.append(t)
        for g in others:
            g.outputs.append(None)
        new = Tensor(node, len(node.outputs), t.dtype.base_dtype, self._shape_outside(t))
        node.outputs = (*node.outputs, new)
        return new

    def _shape_outside(self, t: Tensor) -> Any:
        return t._shape


class _BackwardLoop(_Backward):
    """The body of a loop's reverse pass: values of the forward body come as one slice a turn."""

    def __init__(self, outer: Graph, node: Operation, forward: SubGraph):
        super().__init__(outer, node, forward)
        self._first = node.attrs["N"]
        self.slices: dict[Tensor, Tensor] = {}  # stacked tensor outside -> its slice here

    def _from_forward(self, t: Tensor) -> Tensor:
        return self.slice_of(self._exposed(t))

    def slice_of(self, stacked: Tensor) -> Tensor:
        shape = stacked._shape
        if stacked not in self.slices:
            self.slices[stacked] = self.input(stacked, None if shape is None else shape[1:])
        return self.slices[stacked]

    def _shape_outside(self, t: Tensor) -> Any:
        return None if t._shape is None else (None, *t._shape)


def _operands(op: Operation) -> list[Any]:
    return list(op.stanza.arranged(op.inputs, op.attrs))


# -- branches


def _branch_gradients(node: Operation, dys: Sequence[Any], wanted: Sequence[bool]) -> tuple[list, Any, list]:
    """(a reverse graph for each branch, what they capture, the inputs whose gradients they give)"""
    graph: Any = current_graph()
    xs = [i for i, w in enumerate(wanted) if w]
    graphs = []
    for forward in held(node):
        back = _Backward(graph, node, forward)
        inner = [forward.captures.get(node.inputs[i]) for i in xs]
        pairs = [(y, dy) for y, dy in zip(list(forward.outputs), dys, strict=False) if dy is not None and y is not None]
        with back.as_default():
            targets = list(dict.fromkeys(t for t in inner if t is not None))
            found = _reverse_pass(back, [y for y, _ in pairs], targets, [back.capture(dy) for _, dy in pairs], set())
            by_target = dict(zip(targets, found, strict=True))
            gs = [None if t is None else by_target.get(t) for t in inner]
            back.outputs = [
                back.capture(zeros_like(node.inputs[i]) if g is None else dense_gradient(g))
                for i, g in zip(xs, gs, strict=True)
            ]
        graphs.append(back)
    return graphs, captured_by(graphs), xs


def _spread_out(node: Operation, xs: Sequence[int], found: Sequence[Any]) -> list:
    gradients: list[Any] = [None] * len(node.inputs)
    for i, g in zip(xs, found, strict=True):
        gradients[i] = g
    return gradients


@if_op.gradient  # the branch that was taken is the one to go back through
def _(node, dys, wanted):
    (then, otherwise), captured, xs = _branch_gradients(node, dys, wanted)
    with awaited(current_graph(), [then, otherwise]):  # type: ignore[arg-type]
        found = if_op(node.inputs[0], captured, then_branch=then, else_branch=otherwise, Tout=types_of(then))
    return _spread_out(node, xs, found)


@case_op.gradient
def _(node, dys, wanted):
    graphs, captured, xs = _branch_gradients(node, dys, wanted)
    with awaited(current_graph(), graphs):  # type: ignore[arg-type]
        found = case_op(node.inputs[0], captured, branches=tuple(graphs), Tout=types_of(graphs[0]))
    return _spread_out(node, xs, found)


# -- loops


def _loop_gradient(node: Operation, dys: Sequence[Any], wanted: Sequence[bool]) -> list:
    """v̄ₜ, x̄ₜ = (∂body/∂(v, xₜ))ᵀ (v̄ₜ₊₁, ȳₜ) from the last turn back, and Σₜ over the turns for what was captured.

    Source: Griewank and Walther, Evaluating Derivatives, section 4.6 (reversal of a loop with saved values).
    """
    graph: Any = current_graph()
    body: SubGraph = node.attrs["body"]
    n, is_while = node.attrs["N"], node.type == "While"
    outer = node.inputs[1:]  # what the loop is given, and what stands for it in the body
    inner = [*body.inputs, *(body.captures.get(t) for t in outer[len(body.inputs) :])]
    starts = {t for t, w in zip(inner, wanted[1:], strict=True) if w and t is not None}
    carried, carries = _carried(body, n, starts)
    rows = [(y, dy) for y, dy in zip(body.outputs[n:], dys[n + is_while :], strict=False) if dy is not None]

    back = _BackwardLoop(graph, node, body)
    with back.as_default():
        ends = [back.input(node.outputs[i], body.inputs[i]._shape) for i in carried]
        targets = [t for t in dict.fromkeys(inner) if t in carries]
        ys: list[Any] = [*(body.outputs[i] for i in carried), *(y for y, _ in rows)]
        found = _reverse_pass(back, ys, targets, [*ends, *(back.slice_of(dy) for _, dy in rows)], set())
        gs = {t: back.capture(dense_gradient(g)) for t, g in zip(targets, found, strict=True) if g is not None}
        before = [gs[body.inputs[i]] if body.inputs[i] in gs else zeros_like(end)
                  for i, end in zip(carried, ends, strict=True)]  # fmt: skip
        captured = [i for i in range(len(body.inputs), len(inner)) if inner[i] in gs]
        products = [i for i in captured if _factors(gs[inner[i]])]
        summed = [i for i in captured if i not in products]
        sums = [back.input(outer[i], outer[i]._shape) for i in summed]
        totals = [s + gs[inner[i]] for s, i in zip(sums, summed, strict=True)]
        sliced = [i for i in range(n, len(body.inputs)) if body.inputs[i] in gs]
    if not gs and not carried:
        return [None] * len(node.inputs)
    factors = _Stacks(back, [t for i in products for t in _factors(gs[inner[i]])])
    back.inputs = [*ends, *sums, *back.slices.values()]
    back.outputs = [*before, *totals, *(gs[body.inputs[i]] for i in sliced), *factors.made]

    begin = [zeros_like(node.outputs[i]) if dys[i] is None else dys[i] for i in carried]
    begin += [zeros_like(outer[i]) for i in summed]
    with awaited(graph, [back]):
        results = scan_op(
            node.outputs[n] if is_while else node.inputs[0], begin, list(back.slices), captured_by([back]), body=back,
            Tout=types_of(back), reverse=not node.attrs.get("reverse", False),
        )  # fmt: skip
    places = [*carried, *summed, *sliced]
    factors.stacked.update(zip(factors.made, results[len(places) :], strict=True))
    results = [*results[: len(places)], *(factors.product(*_factors(gs[inner[i]])) for i in products)]
    return _spread_out(node, [1 + i for i in (*places, *products)], results)


def _factors(g: Tensor) -> tuple[Tensor, ...]:
    """(a, b) of a gradient g = aᵀ b with known columns: then Σₜ aₜᵀ bₜ is one product of stacked matrices."""
    attrs, ts = g.op.attrs, g.op.inputs
    if g.op.type != "MatMul" or not attrs["transpose_a"] or attrs["transpose_b"]:
        return ()
    return ts if all(t._shape is not None and t._shape[1] is not None for t in ts) else ()


class _Stacks:
    """Factors of products in a reverse loop, stacked over its turns: what came as slices is stacked already."""

    def __init__(self, back: _BackwardLoop, factors: Sequence[Tensor]):
        self.stacked = {inner: t for t, inner in back.slices.items()}
        self.made = [t for t in dict.fromkeys(factors) if t not in self.stacked]

    def product(self, a: Tensor, b: Tensor) -> Tensor:
        """Σₜ aₜᵀ bₜ"""
        tall = [reshape(self.stacked[t], [-1, t._shape[1]]) for t in (a, b)]  # type: ignore[index]
        return matmul(*tall, transpose_a=True)


def _carried(body: SubGraph, n: int, starts: set[Tensor]) -> tuple[list[int], set[Tensor]]:
    """Which loop variables depend on `starts` at some turn, and all tensors of the body that do."""
    outputs: list[Any] = [t for t in body.outputs if t is not None]
    variables = [t for t in body.inputs[:n] if t.dtype.is_differentiable]
    while True:
        carries = _between(outputs, list(starts), set())[1] if starts else set()
        more = {t for t, after in zip(body.inputs[:n], body.outputs, strict=False) if after in carries}
        more = starts | more.intersection(variables)
        if more == starts:
            return [i for i in range(n) if body.inputs[i] in starts], carries
        starts = more


while_op.gradient(_loop_gradient)
scan_op.gradient(_loop_gradient)
