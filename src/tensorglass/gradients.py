"""Differentiation: `tf.gradients` adds the reverse pass to the graph, as ordinary nodes.

Fourth stop of the walk.  Every op type has a gradient rule (beside its kernel in the stanza, or registered here by
`RegisterGradient`); a rule gets the operation and the gradients of its outputs and returns those of its inputs, built
of public ops.  The pass below visits the operations between xs and ys once each, newest first, which is a reverse
topological order, so all contributions to a tensor are there before they are passed on.  Because the result is graph
nodes, differentiating twice needs nothing more.  The course tells the story in chapters 6 to 8.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from . import context, shapes
from .graph import Graph, Operation, Tensor
from .indexed_slices import IndexedSlices
from .op import REGISTRY, convert_to_tensor, op

_registered: dict[str, tuple[Callable | None, str]] = {}  # op type -> (rule or None, where it was registered)


class RegisterGradient:
    """Decorator that registers the gradient of an op type: ``f(op, *output_gradients)`` -> gradient of each input.

    Use it for operations of your own (the type is the class name), or under a new name for `gradient_override_map`.

    >>> @RegisterGradient("ThriceForDoctest")
    ... def _thrice(op, grad):
    ...     return 3 * grad
    """

    def __init__(self, op_type: str):
        if not isinstance(op_type, str):
            raise TypeError("op_type must be a string")
        self._op_type = op_type

    def __call__(self, rule: Callable) -> Callable:
        _register(self._op_type, rule, f"{rule.__code__.co_filename}:{rule.__code__.co_firstlineno}")
        return rule


def NotDifferentiable(op_type: str) -> None:
    """Declare that ops of this type have no gradient: nothing flows back through them."""
    _register(op_type, None, "NotDifferentiable")


NoGradient = NotDifferentiable


def _register(op_type: str, rule: Callable | None, where: str) -> None:
    if op_type in _registered or op_type in REGISTRY:
        previous = _registered[op_type][1] if op_type in _registered else f"the stanza {REGISTRY[op_type]!r}"
        raise KeyError(f"Registering two gradient with name '{op_type}'! (Previous registration was in {previous})")
    _registered[op_type] = (rule, where)


def _rule_of(node: Operation) -> Callable | None:
    """The gradient rule of `node`, None where it has none on purpose; LookupError where nobody gave one."""
    name = node._gradient_type or node.type
    if name in _registered:
        return _registered[name][0]
    stanza = node.stanza if name == node.type else REGISTRY.get(name)
    if stanza is not None:
        if stanza.grad is not None:
            return stanza.grad
        if not stanza.differentiable:
            return None
    raise LookupError(
        f"No gradient defined for operation '{node.name}' (op type: {node.type}). Write one with "
        f'@tf.RegisterGradient("{name}"), or tf.NotDifferentiable("{name}") if nothing should flow through it.'
        + (f"\n  created at: {node.user_line}" if node.user_line else "")
    )


def gradients(
    ys: Any,
    xs: Any,
    grad_ys: Any = None,
    name: str = "gradients",
    colocate_gradients_with_ops: bool = False,
    gate_gradients: bool = False,
    aggregation_method: Any = None,
    stop_gradients: Any = None,
    unconnected_gradients: Any = "none",
) -> list:
    """x̄ = Σ_y (∂y/∂x)ᵀ ȳ for each x in `xs`: tensors of the shapes of `xs`, None where no y depends on x.

    ``grad_ys`` are the ȳ (ones by default), ``stop_gradients`` tensors taken as constants, and
    ``unconnected_gradients="zero"`` asks for zeros instead of None.  ValueError when executing eagerly; LookupError
    for an op on the way that has no gradient.

    >>> import tensorglass as tg
    >>> with tg.Graph().as_default():
    ...     x = tg.constant(3.0)
    ...     (dx,) = tg.gradients(x * x, x)
    ...     print(tg.Session().run(dx))
    6.0

    Source: Griewank and Walther, Evaluating Derivatives, section 3.2 (the reverse mode).
    """
    ys, xs = _as_list(ys), _as_list(xs)
    mode = getattr(unconnected_gradients, "value", unconnected_gradients)
    if mode not in ("none", "zero"):
        raise ValueError(f"Unknown value for unconnected_gradients: {unconnected_gradients!r}")
    graph = next((t.graph for t in (*ys, *xs) if hasattr(t, "graph")), None) if _symbolic(ys + xs) else None
    if graph is None:
        raise RuntimeError(
            "tf.gradients is not supported when eager execution is enabled. Use tf.GradientTape instead."
        )
    graph = graph._here()
    with graph.as_default(), graph.name_scope(name), graph.control_dependencies(None):
        handles = [_handle(x) for x in xs]
        targets = [convert_to_tensor(y, name="y") for y in ys]
        stops = {_handle(t) for t in _as_list(stop_gradients)} if stop_gradients is not None else set()
        seeds = _initial_gradients(targets, _as_list(grad_ys) if grad_ys is not None else [None] * len(targets))
        level = targets[0].op.graph if targets else graph
        if any(y.op.graph is not level for y in targets):
            level, targets = graph, [y if y.op.graph is graph else graph._capture(y) for y in targets]
        found = _through_borders(graph, level, targets, handles, seeds, stops)
        if mode == "zero":
            from .ops.constant import zeros_like

            found = [zeros_like(x) if g is None else g for g, x in zip(found, handles, strict=True)]
    return found


def _through_borders(graph: Graph, level: Any, ys: list, xs: list, seeds: list, stops: set) -> list:
    """The reverse pass, built in `graph`, from ys in the graph `level` to xs in it or in graphs around it.

    Inside a loop or a branch the gradient first runs back to what the sub-graph captured, and from there on in the
    graph around it.
    """
    inside = [x for x in xs if x.op.graph is level]
    if len(inside) == len(xs) or level is level._root:
        return _reverse_pass(graph, ys, xs, seeds, stops)
    border = {o: t for o, t in level.captures.items() if t.dtype.is_differentiable}
    found = _reverse_pass(graph, ys, [*inside, *border.values()], seeds, stops)
    gs = dict(zip(inside, found, strict=False))
    crossed = {o: dense_gradient(g) for o, g in zip(border, found[len(inside) :], strict=True) if g is not None}
    if crossed:
        outside = [x for x in xs if x.op.graph is not level]
        more = _through_borders(graph, level.outer, list(crossed), outside, list(crossed.values()), stops)
        gs |= dict(zip(outside, more, strict=True))
    return [gs.get(x) for x in xs]


def _handle(x: Any) -> Tensor:
    """The tensor that stands for `x`: a variable's own, whichever of its reads are used."""
    return x._to_tensor() if isinstance(x, Operation) else getattr(x, "_handle", lambda: x)()


def _as_list(value: Any) -> list:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _symbolic(values: Sequence[Any]) -> bool:
    return not context.executing_eagerly() or any(v.__class__ is Tensor or isinstance(v, Operation) for v in values)


def _initial_gradients(ys: list[Tensor], grad_ys: list[Any]) -> list[Tensor | None]:
    from .ops.constant import fill_like

    if len(ys) != len(grad_ys):
        raise ValueError(f"`ys` and `grad_ys` should have the same length: {len(ys)} and {len(grad_ys)}")
    seeds = []
    for i, (y, g) in enumerate(zip(ys, grad_ys, strict=True)):
        if not y.dtype.is_differentiable:  # nothing flows back from an integer
            seeds.append(None)
            continue
        if g is None and y.dtype.is_complex:
            raise TypeError(f"Gradients of complex tensors ({y!r}) must set grad_ys (y.dtype = {y.dtype.name})")
        if g is None:
            with y.op.graph._here().going_back(y.op):
                seeds.append(fill_like(y, 1.0, name=f"grad_ys_{i}"))
            continue
        g = convert_to_tensor(g, None if y.dtype.name == "untyped" else y.dtype.base_dtype, name=f"grad_ys_{i}")
        if not shapes.compatible(g._shape, y._shape):
            raise ValueError(f"grad_ys[{i}] has shape {g.shape}, but {y.name} has shape {y.shape}")
        seeds.append(g)
    return seeds


class ReversePass:
    """What one reverse pass did, for those who want to show it: the graph keeps these in `reverse_passes`."""

    def __init__(self, starts: list[tuple[Tensor, Tensor]], stops: set[Tensor]):
        self.starts = starts  # what was differentiated, and the gradient it starts with
        self.stops = stops  # tensors that count as constant
        self.path: list[Operation] = []  # the operations gone back through, in that order
        self.sent: dict[Operation, list] = {}  # to each input that takes part: (slot, its share of the gradient)
        self.totals: dict[Tensor, Any] = {}  # the sum of the shares, for each tensor that got any


def _reverse_pass(graph: Graph, ys: list, xs: list, seeds: list, stops: set) -> list:
    """Accumulate gradients from `ys` back to `xs`; see the module's docstring."""
    pending: dict[Tensor, list] = {}
    note = ReversePass([(y, seed) for y, seed in zip(ys, seeds, strict=True) if seed is not None], stops)
    graph.reverse_passes.append(note)
    for y, seed in zip(ys, seeds, strict=True):
        if seed is not None:
            pending.setdefault(y, []).append(seed)
    path, carries = _between(ys, xs, stops)
    sums = note.totals

    def total(t: Tensor) -> Any:
        if t not in sums:
            contributions = pending.pop(t, None)
            if contributions is None:
                return None
            with graph.going_back(t.op):
                sums[t] = _added(contributions)
        return sums[t]

    for node in path:
        outs = [total(t) for t in node.outputs]
        if all(g is None for g in outs):
            continue
        rule = _rule_of(node)
        if rule is None:
            continue
        with graph.going_back(node):
            found = _input_gradients(graph, node, rule, outs, carries)
        note.path.append(node)
        note.sent[node] = [(i, g) for i, g in enumerate(found) if g is not None]
        for i, g in note.sent[node]:
            pending.setdefault(node.inputs[i], []).append(g)
    return [total(x) for x in xs]


def _between(ys: Sequence[Tensor], xs: Sequence[Tensor], stops: set) -> tuple[list[Operation], set[Tensor]]:
    """The operations on the ways from `xs` to `ys`, newest first, and the tensors that depend on an x."""
    oldest = min((x.op._id for x in xs), default=0)
    above: set[Operation] = set()
    stack = [y.op for y in ys]
    while stack:
        node = stack.pop()
        if node in above or node._id < oldest:
            continue
        above.add(node)
        stack += [t.op for t in node.inputs if t.op not in above]
    carries = set(xs)
    path = []
    for node in sorted(above, key=lambda n: n._id):
        if any(t in carries for t in node.inputs) and not any(t in stops for t in node.outputs):
            path.append(node)
            carries.update(t for t in node.outputs if t.dtype.is_differentiable)
    path.reverse()
    return path, carries


def _input_gradients(graph: Graph, node: Operation, rule: Callable, outs: list, carries: set[Tensor]) -> list:
    """The gradient of each input of `node` in `carries`, summed over the axes that broadcasting repeated."""
    passes = node.type == "Identity"  # rows of a gradient go through a variable's read as they are
    dense = [g if g is None or passes else dense_gradient(g) for g in outs]
    with graph.name_scope(f"{node.name.rpartition('/')[2]}_grad"):
        if any(g is None for g in dense) and not (node.stanza is not None and node.stanza.partial):
            from .ops.constant import zeros_like

            dense = [zeros_like(t) if g is None else g for g, t in zip(dense, node.outputs, strict=True)]
        if node.stanza is not None and node.stanza.holds:
            found = rule(node, dense, [t in carries and t.dtype.is_differentiable for t in node.inputs])
        else:
            found = _conjugated(rule, node, dense) if _analytic(node) else rule(node, *dense)
        found = list(found) if isinstance(found, (list, tuple)) else [found]
        if node.stanza is not None and rule is node.stanza.grad:
            found += [None] * (len(node.inputs) - len(found))  # host operands at the end have no gradient
        if len(found) != len(node.inputs):
            raise ValueError(
                f"Num gradients {len(found)} generated for op {node.name} ({node.type}) do not match num inputs "
                f"{len(node.inputs)}"
            )
        for i, (t, g) in enumerate(zip(node.inputs, found, strict=True)):
            if g is None or t not in carries or not t.dtype.is_differentiable:
                found[i] = None
                continue
            if not isinstance(g, (Tensor, IndexedSlices)):
                g = convert_to_tensor(g)
            if node.stanza is not None and node.stanza.shape_rule is shapes.broadcast and isinstance(g, Tensor):
                g = _unbroadcast(g, i, node.inputs)
            if isinstance(g, Tensor) and not shapes.compatible(g._shape, t._shape):
                raise ValueError(
                    f"The gradient of {node.name} ({node.type}) for input {i} has shape {g.shape}, "
                    f"but the input has shape {t.shape}"
                )
            found[i] = g
    return found


def _analytic(node: Operation) -> bool:
    """Whether `node` is an analytic function of complex numbers, its rule written as for real ones."""
    return node.stanza is not None and node.stanza.analytic and node.outputs[0].dtype.is_complex


def _conjugated(rule: Callable, node: Operation, outs: list) -> list:
    """x̄ = conj(f′(x)) ȳ = conj(f′(x) conj(ȳ)), from a rule that gives f′(x) ȳ."""
    from .ops.complex import conj

    found = rule(node, *[conj(g) for g in outs])
    found = list(found) if isinstance(found, (list, tuple)) else [found]
    return [g if g is None else conj(g) for g in found]


def _unbroadcast(g: Tensor, i: int, inputs: Sequence[Tensor]) -> Tensor:
    """Sum `g` over the axes along which input `i` was repeated to the shape of the result."""
    shape = inputs[i]._shape
    if shape == g._shape and shape is not None and None not in shape:
        return g
    from .ops.array import reshape
    from .ops.reduce import reduce_sum, sum_to_like

    known = shapes.broadcast_axes(shape, [t._shape for j, t in enumerate(inputs) if j != i])
    if known is None or shape is None:
        return sum_to_like(g, inputs[i])
    axes, keeps_rank = known
    if not axes:
        return g
    if keeps_rank:
        return reduce_sum(g, axes)
    if all(d is not None for d in shape):
        return reshape(reduce_sum(g, axes), shape)
    return sum_to_like(g, inputs[i])


def _added(contributions: list) -> Any:
    """Σ of the contributions to one tensor's gradient: `AddN`, or rows side by side where all are sparse."""
    if len(contributions) == 1:
        return contributions[0]
    if all(isinstance(g, IndexedSlices) for g in contributions):
        from .ops.array import concat

        values = concat([g.values for g in contributions], 0)
        indices = concat([g.indices for g in contributions], 0)
        return IndexedSlices(values, indices, contributions[0].dense_shape)
    from .ops.elementwise import add_n

    return add_n([dense_gradient(g) for g in contributions])


def dense_gradient(g: Any) -> Tensor:
    """A gradient as a tensor, whether its rule returned one or only the rows that are not zero."""
    return g._to_tensor() if isinstance(g, IndexedSlices) else g


def hessians(ys: Any, xs: Any, name: str = "hessians", **options: Any) -> list:
    """H[i, j] = ∂²y / ∂xᵢ∂xⱼ for each x in `xs`: shape of x twice.

    >>> import tensorglass as tg
    >>> with tg.Graph().as_default():
    ...     x = tg.constant([1.0, 2.0])
    ...     print(tg.Session().run(tg.hessians(tg.reduce_sum(x**3), x)[0]))
    [[ 6.  0.]
     [ 0. 12.]]
    """
    from .ops.array import concat, reshape, shape, size, stack

    xs = _as_list(xs)
    found = []
    for x, g in zip(xs, gradients(ys, xs, name=name, **options), strict=True):
        x = convert_to_tensor(x)
        if g is None:
            raise ValueError(f"No path from {x.name} to what is differentiated: its Hessian is undefined.")
        n = x.shape.num_elements()
        if n is None:
            raise ValueError(f"tf.hessians needs the full static shape of {x.name}; it has {x.shape}. Use set_shape.")
        flat = reshape(g, [-1])
        rows = [gradients(flat[i], x, unconnected_gradients="zero")[0] for i in range(n)]
        square = stack([reshape(r, [-1]) for r in rows]) if n else reshape(flat, [0, size(x)])
        found.append(reshape(square, concat([shape(x), shape(x)], 0)))
    return found


@op("IdentityN", "N*any -> N*any", shape=lambda op: [t._shape for t in op.inputs])
def identity_n(xp, input):
    """yᵢ = xᵢ: the values pass as they are; `custom_gradient` hangs its rule here."""
    return list(input)


@identity_n.gradient
def _(op, *dys):
    return list(dys)


def custom_gradient(f: Callable) -> Callable:
    """Decorator: `f(*args)` returns (value, gradient function); the gradient function replaces differentiation.

    The gradient function takes the gradient of each output and returns that of each argument.

    >>> import tensorglass as tg
    >>> @tg.custom_gradient
    ... def clipped(x):
    ...     return tg.identity(x), lambda dy: tg.clip_by_value(dy, -1.0, 1.0)
    >>> with tg.Graph().as_default():
    ...     x = tg.constant(2.0)
    ...     print(tg.Session().run(tg.gradients(10.0 * clipped(x), x)[0]))
    1.0
    """

    @functools.wraps(f)
    def call(*args: Any, **kwargs: Any):
        tensors = [convert_to_tensor(a) for a in args]
        result, grad = f(*tensors, **kwargs)
        if context.executing_eagerly() and not _symbolic(tensors):
            return result
        many = isinstance(result, (list, tuple))
        outs = [convert_to_tensor(r) for r in (result if many else [result])]
        graph = outs[0].graph._here()
        name = f"CustomGradient-{id(grad)}-{graph.version}"
        n = len(outs)

        @RegisterGradient(name)
        def rule(node: Operation, *dys: Tensor):
            found = grad(*dys[:n])
            return [None] * n + (list(found) if isinstance(found, (list, tuple)) else [found])

        with graph.as_default(), graph.gradient_override_map({"IdentityN": name}):
            passed = REGISTRY["IdentityN"](outs + tensors)
        return type(result)(passed[:n]) if many else passed[0]

    return call
