"""Branches and loops: ops that hold graphs of their own.

`cond` holds one graph a branch, `while_loop` one for its condition and one for its body; a kernel is a Python ``if`` or
``for`` over functions of arrays.  Tensors from outside are captured, variables and random streams too (subgraph.py,
lowering.py).  `case` and `switch_case` are in case.py, `scan` and what sits on it in loops.py, gradients in
control_gradients.py.
Executing eagerly there is nothing to hold: Python's own control flow runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .. import context, nest, shapes
from ..convert import convert_to_tensor
from ..dtypes import bool as bool_, int32
from ..graph import Graph, Operation, Tensor
from ..names import scope
from ..op import op
from ..shapes import Shape
from ..static import constant_value
from ..subgraph import SubGraph, held, reached
from .array import identity, stop_gradient
from .constant import constant


def _branch_shapes(node: Operation) -> list[Shape]:
    """What the branches' shapes have in common, for each result."""
    found = []
    for outputs in zip(*(g.outputs for g in held(node)), strict=True):
        known = [t._shape for t in outputs if t is not None]
        found.append(_in_common(known))
    return found


def _in_common(known: Sequence[Shape]) -> Shape:
    first = known[0]
    if first is None or any(s is None or len(s) != len(first) for s in known):
        return None
    return tuple(d if all(s[i] == d for s in known) else None for i, d in enumerate(first))  # type: ignore[index]


@op("If", "bool, N*any -> M*Tout", shape=_branch_shapes, holds=("then_branch", "else_branch"), partial=True)
def if_op(xp, cond, input, *, then_branch, else_branch, Tout=()):
    """y = then(x) where `cond` holds, else(x) where it does not"""
    return (then_branch if cond else else_branch)(*input)


@op("Case", "int32, N*any -> M*Tout", shape=_branch_shapes, holds=("branches",), partial=True)
def case_op(xp, branch_index, input, *, branches, Tout=()):
    """y = branchᵢ(x) for i = `branch_index`; the last branch for an index that no branch has"""
    last = len(branches) - 1
    return branches[branch_index if 0 <= branch_index <= last else last](*input)


def _loop_shapes(node: Operation) -> list[Shape]:
    n = node.attrs["N"]
    variables = [t._shape for t in node.attrs["body"].inputs[:n]]
    return [*variables, ()]


@op("While", "host int32, N*any, K*any -> M*Tout", shape=_loop_shapes, holds=("cond", "body"), partial=True)
def while_op(xp, maximum_iterations, input, captured, *, cond, body, Tout=(), counter=None, elements=()):
    """v ← body(v) while cond(v), at most `maximum_iterations` times unless that is negative

    Gives the loop variables, the number of turns, and what the body gives besides them, stacked over the turns.
    """
    n, turns, rows = len(input), 0, []
    while turns != maximum_iterations and cond(*input, *captured)[0]:
        results = body(*input, *captured)
        input = results[:n]
        rows.append(results[n:])
        turns += 1
    return [*input, np.int32(turns), *(stacked([r[i] for r in rows], *e) for i, e in enumerate(elements))]


def stacked(rows: list, dtype: Any, shape: Shape) -> np.ndarray:
    """`rows` as one array; `shape` says what a row would be where there is none."""
    if rows:
        return np.stack(rows)
    return np.zeros((0, *(d or 0 for d in shape or ())), dtype)


# -- building graphs


def traced(graph: SubGraph, function: Callable, arguments: Sequence[Any]) -> Any:
    """What `function` returns, called inside `graph`."""
    with graph.as_default():
        return function(*arguments)


def as_outputs(graph: SubGraph, values: Sequence[Any], dtypes: Sequence[Any] | None = None) -> list[Tensor]:
    """`values` as tensors of `graph`."""
    types: Sequence[Any] = dtypes or [None] * len(values)
    with graph.as_default():
        return [graph.capture(convert_to_tensor(v, d)) for v, d in zip(values, types, strict=True)]


def captured_by(graphs: Sequence[SubGraph]) -> list[Tensor]:
    """The tensors from outside that `graphs` use, those whose value is known there already left out."""
    found = dict.fromkeys(t for g in graphs for t, inner in g.captures.items() if inner.op.type != "Const")
    return list(found)


def awaited(graph: Graph, graphs: Sequence[SubGraph]) -> Any:
    """The ops that `graphs` wait for, as control inputs of the op that will hold them."""
    return graph.control_dependencies(list(dict.fromkeys(op for g in graphs for op in g.waits_for)))


def no_gradient(values: list[Tensor], back_prop: bool) -> list[Tensor]:
    return values if back_prop else [stop_gradient(t) for t in values]


# -- cond


def cond(pred: Any, true_fn: Any = None, false_fn: Any = None, name: str | None = None) -> Any:
    """y = true_fn() if `pred` else false_fn(): only one of the two is computed.

    Both return tensors (or structures of them) of the same types; what they use from outside is computed in any case.
    TypeError for a `pred` that is a Python bool in a graph, ValueError where the results differ in structure or type.

    >>> import tensorglass as tg
    >>> with tg.Graph().as_default():
    ...     x = tg.placeholder(tg.float32, [])
    ...     y = tg.cond(x < 0.0, lambda: -x, lambda: x * x)
    ...     session = tg.Session()
    ...     print(*session.run([y, tg.gradients(y, x)[0]], {x: 3.0}))
    9.0 6.0
    """
    for label, function in (("true_fn", true_fn), ("false_fn", false_fn)):
        if not callable(function):
            raise TypeError(f"'{label}' must be callable.")
    if executes(pred):
        return true_fn() if convert_to_tensor(pred) else false_fn()
    if isinstance(pred, bool):
        raise TypeError("'pred' must not be a Python bool.")
    with scope(name, "cond") as full:
        pred = convert_to_tensor(pred, name="pred")
        if pred.dtype.base_dtype is not bool_:
            raise TypeError(f"Input 'pred' of 'If' Op has type {pred.dtype.name} that does not match type of bool.")
        if not shapes.compatible(pred._shape, ()):
            raise ValueError(f"Shape must be rank 0 but is {pred.shape} for the predicate of {full[:-1]}.")
        graph = pred.graph._here()
        structure, branches = traced_branches(graph, {"true_fn": true_fn, "false_fn": false_fn})
        captured = captured_by(branches)
        with awaited(graph, branches):
            found = if_op(
                pred, captured, then_branch=branches[0], else_branch=branches[1], Tout=types_of(branches[0]), name=full
            )  # fmt: skip
        return nest.pack_sequence_as(structure, found)


def executes(value: Any) -> bool:
    return context.executing_eagerly() and (value.__class__ is not Tensor)


def unpacking(function: Any, strict: bool = False) -> Any:
    """`function`, its result that thing itself where it is a list of one, as TensorFlow 1 has it; unless `strict`."""
    if strict or not callable(function):
        return function

    def call() -> Any:
        result = function()
        return result[0] if isinstance(result, (list, tuple)) and len(result) == 1 else result

    return call


def types_of(graph: SubGraph) -> tuple:
    return tuple(t.dtype.base_dtype for t in graph.outputs)  # type: ignore[union-attr]


def traced_branches(graph: Graph, functions: Mapping[str, Callable]) -> tuple[Any, list[SubGraph]]:
    """The graphs of the branches, and the structure that all of them return."""
    branches, structures = [], []
    for label, function in functions.items():
        branch = SubGraph(graph)
        result = traced(branch, function, ())
        if result is None:
            raise ValueError(f"'{label}' must have a return value.")
        flat = nest.flatten(result)
        if not flat:
            raise ValueError("'true_fn' and 'false_fn' must return at least one result.")
        branch.outputs = [*as_outputs(branch, [_value(branch, v, len(branches) == 0) for v in flat])]
        branches.append(branch)
        structures.append(result)
    first, *others = functions
    for label, structure, branch in zip(others, structures[1:], branches[1:], strict=True):
        nest.assert_same_structure(structures[0], structure)
        if types_of(branch) != types_of(branches[0]):
            (a, b) = next((a, b) for a, b in zip(types_of(branches[0]), types_of(branch), strict=True) if a is not b)
            raise ValueError(
                f"Outputs of '{first}' and '{label}' must have the same type(s). Received {a.name} from '{first}' "
                f"and {b.name} from '{label}'."
            )
    return structures[0], branches


def _value(branch: SubGraph, result: Any, first: bool) -> Any:
    """A branch's result; an operation counts as whether the first branch was taken, once it is done."""
    if isinstance(result, Operation) and result.stanza is not None:
        with branch.as_default(), branch.control_dependencies([result]):
            return identity(constant(first))
    return result


# -- while_loop


def while_loop(
    cond: Callable,
    body: Callable,
    loop_vars: Any,
    shape_invariants: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    maximum_iterations: Any = None,
    name: str | None = None,
) -> Any:
    """v ← body(v) while cond(v): the loop variables when it ends, in the structure of `loop_vars`.

    The body gives new values in the same structure and of the same types; their shapes stay what they were, unless
    ``shape_invariants`` says what they have in common.  ``maximum_iterations`` bounds the turns; a loop with a bound,
    or one that counts up to a limit, is differentiated inside XLA too, any other on the host.  ``parallel_iterations``
    and ``swap_memory`` are accepted.  ValueError where structures or shapes change, TypeError where types do.

    >>> import tensorglass as tg
    >>> with tg.Graph().as_default():
    ...     x = tg.constant(2.0)
    ...     i, y = tg.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * x), (0, 1.0))
    ...     print(*tg.Session().run([i, y, tg.gradients(y, x)[0]]))
    3 8.0 12.0
    """
    _check_loop(cond, body, loop_vars, parallel_iterations)
    variables = nest.flatten(loop_vars)
    if context.executing_eagerly() and not any(v.__class__ is Tensor for v in variables):
        return _loop_eagerly(cond, body, loop_vars, maximum_iterations)
    with scope(name, "while", variables) as full:
        variables = [convert_to_tensor(v) for v in variables]
        graph: Any = context.current_graph() or variables[0].graph
        variables = [v if v.op.graph is graph else graph._capture(v) for v in variables]
        limit = _limit(maximum_iterations)
        condition, loop = SubGraph(graph), SubGraph(graph)
        invariants = _invariants(variables, loop_vars, shape_invariants)
        for v, shape in zip(variables, invariants, strict=True):
            condition.input(v, shape)
            loop.input(v, shape)
        condition.outputs = [_condition(condition, cond, loop_vars, full)]
        loop.outputs = _next_values(loop, body, loop_vars, variables)
        for v, inner, after in zip(variables, loop.inputs, loop.outputs, strict=True):
            _check_variable(v, inner, after)
        with awaited(graph, [condition, loop]):
            found = while_op(
                limit, variables, captured_by([condition, loop]), cond=condition, body=loop, name=full,
                counter=_counter(condition, loop), Tout=(*types_of(loop), int32),
            )  # fmt: skip
        values = no_gradient(found[: len(variables)], back_prop)
        return nest.pack_sequence_as(loop_vars, values)


def _check_loop(cond: Any, body: Any, loop_vars: Any, parallel_iterations: Any) -> None:
    for label, function in (("cond", cond), ("body", body)):
        if not callable(function):
            raise TypeError(f"'{label}' must be callable.")
    if not nest.is_nested(loop_vars) or not nest.flatten(loop_vars):
        raise ValueError("'loop_vars' must be provided: a list, tuple or dict of values.")
    if not isinstance(parallel_iterations, int) or parallel_iterations < 1:
        raise TypeError("'parallel_iterations' must be a positive integer.")


def _call(function: Callable, loop_vars: Any) -> Any:
    return function(**loop_vars) if isinstance(loop_vars, Mapping) else function(*loop_vars)


def _loop_eagerly(cond: Callable, body: Callable, loop_vars: Any, maximum_iterations: Any) -> Any:
    values = nest.map_structure(convert_to_tensor, loop_vars)
    left = None if maximum_iterations is None else int(np.asarray(convert_to_tensor(maximum_iterations)))
    while left != 0 and _call(cond, values):
        found = _call(body, values)
        if len(values) == 1 and not nest.is_nested(found):
            found = [found]
        nest.assert_same_structure(list(values), list(found))
        values = nest.pack_sequence_as(loop_vars, [convert_to_tensor(v) for v in nest.flatten(found)])
        left = None if left is None else left - 1
    return values


def _limit(maximum_iterations: Any) -> Tensor:
    limit = convert_to_tensor(
        -1 if maximum_iterations is None else maximum_iterations, int32, name="maximum_iterations"
    )
    if not shapes.compatible(limit._shape, ()):
        raise ValueError(f"'maximum_iterations' must be a scalar. Received shape: {limit.shape}")
    return limit


def _invariants(variables: Sequence[Tensor], loop_vars: Any, given: Any) -> list[Shape]:
    if given is None:
        return [v._shape for v in variables]
    found = [shapes.as_tuple(s) for s in _flat_shapes(given)]
    if len(found) != len(variables):
        raise ValueError(f"'shape_invariants' has {len(found)} shapes for {len(variables)} loop variables.")
    for v, shape in zip(variables, found, strict=True):
        if not shapes.compatible(v._shape, shape):
            raise ValueError(
                f"The shape invariant specified for {v.name} is not compatible with the initial shape of the loop "
                f"variable. It enters the loop with shape {v.shape}, but the specified shape invariant is "
                f"{shapes.TensorShape(shape)}."
            )
    return found


def _flat_shapes(given: Any) -> list:
    """The shapes in a structure of them; a `TensorShape` is one, though it is a sequence."""
    if isinstance(given, shapes.TensorShape) or given is None:
        return [given]
    items = [given[k] for k in sorted(given)] if isinstance(given, Mapping) else given
    return [shape for item in items for shape in _flat_shapes(item)]


def _condition(graph: SubGraph, cond: Callable, loop_vars: Any, name: str) -> Tensor:
    arguments = nest.pack_sequence_as(loop_vars, graph.inputs)
    found = traced(graph, lambda: convert_to_tensor(_call(cond, arguments)), ())
    if found.dtype.base_dtype is not bool_:
        raise TypeError(f"The condition of {name[:-1]} is of type {found.dtype.name}: it has to be a bool.")
    if not shapes.compatible(found._shape, ()):
        raise ValueError(f"The condition of {name[:-1]} has shape {found.shape}: Shape must be rank 0.")
    return graph.capture(found)


def _next_values(graph: SubGraph, body: Callable, loop_vars: Any, variables: Sequence[Tensor]) -> list:
    arguments = nest.pack_sequence_as(loop_vars, graph.inputs)
    found = traced(graph, lambda: _call(body, arguments), ())
    if len(loop_vars) == 1 and not (nest.is_nested(found) and len(found) == 1):
        found = [found]
    if isinstance(loop_vars, Mapping):
        nest.assert_same_structure(loop_vars, found)
    else:
        nest.assert_same_structure(list(loop_vars), list(found) if nest.is_nested(found) else found)
    flat = nest.flatten(found)
    kinds = [v.dtype.base_dtype for v in variables]
    return as_outputs(graph, flat, [None if hasattr(v, "dtype") else k for v, k in zip(flat, kinds, strict=True)])


def _check_variable(v: Tensor, inner: Tensor, after: Any) -> None:
    """A loop variable keeps its type and its shape."""
    if after.dtype.base_dtype is not v.dtype.base_dtype:
        raise TypeError(
            f"Loop var {v.name} enters the loop with type {v.dtype.name} but has type {after.dtype.base_dtype.name} "
            "after 1 iteration. Convert it in the body with tf.cast."
        )
    if not _as_specific(after._shape, inner._shape):
        raise ValueError(
            f"Input tensor '{v.name}' enters the loop with shape {inner.shape}, but has shape {after.shape} after one "
            "iteration. To allow the shape to vary across iterations, use the `shape_invariants` argument of "
            "tf.while_loop to specify a less-specific shape."
        )


def _as_specific(found: Shape, wanted: Shape) -> bool:
    """Whether `found` says all that `wanted` says."""
    if wanted is None or found is None:
        return wanted is None
    return len(found) == len(wanted) and all(w is None or w == f for f, w in zip(found, wanted, strict=True))


def _counter(cond: SubGraph, body: SubGraph) -> tuple[int, int] | None:
    """(which variable, its step) of a loop that counts: the condition is ``i < limit``, the body gives ``i + step``.

    i is an integer, and the limit, the second operand of the condition, is the same at every turn.
    """
    test = cond.outputs[0].op  # type: ignore[union-attr]
    k = next((i for i, t in enumerate(cond.inputs) if test.inputs and t is test.inputs[0]), None)
    if test.type != "Less" or k is None or not cond.inputs[k].dtype.is_integer:
        return None
    if reached(cond, [test.inputs[1]]):
        return None
    after: Any = body.outputs[k]
    if after.op.type not in ("AddV2", "Add") or after.op.inputs[0] is not body.inputs[k]:
        return None
    step = constant_value(after.op.inputs[1])
    return (k, int(step)) if step is not None and step.ndim == 0 and step > 0 else None
