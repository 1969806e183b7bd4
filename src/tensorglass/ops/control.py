"""Order without values: group, tuple, control dependencies."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from typing import Any

from .. import context
from ..graph import Operation
from ..indexed_slices import IndexedSlices
from ..names import scope
from ..tensor import Tensor
from .array import identity
from .state import no_op


def flat(structure: Any) -> list[Any]:
    """The tensors and operations in nested lists, tuples and dicts, in order."""
    found, stack = [], [structure]
    while stack:
        item = stack.pop()
        if isinstance(item, (list, builtins.tuple)):
            stack += reversed(item)
        elif isinstance(item, dict):
            stack += [item[key] for key in sorted(item, reverse=True)]
        else:
            found.append(item)
    return found


def group(*inputs: Any, name: str | None = None) -> Any:
    """An operation that is done when all `inputs` (operations, tensors, structures of them) are done; it has no value.

    Eagerly everything is done already: it returns None.

    >>> import tensorglass as tg
    >>> with tg.Graph().as_default():
    ...     a, b = tg.Variable(1.0), tg.Variable(2.0)
    ...     session = tg.Session()
    ...     session.run(group(a.assign_add(1.0), b.assign_add(1.0)))
    ...     print(*session.run([a, b]))
    2.0 3.0
    """
    items = flat(inputs)
    graph = context.current_graph()
    if graph is None:
        graph = next((i.graph for i in items if i.__class__ is Tensor or isinstance(i, Operation)), None)
        if graph is None:
            return None
    for item in items:
        if not hasattr(item, "graph"):
            raise TypeError(
                f"'inputs' should be zero or more (nested) Tensors. Received '{item}' with type '{type(item)}'."
            )
    with graph.as_default(), graph.control_dependencies(items):
        return no_op(name=name or "group_deps")


def control_dependencies(control_inputs: Iterable[Any] | None) -> Any:
    """``with control_dependencies([a, b]):`` ops made inside run after `a` and `b`; None forgets outer blocks.

    A plain ``w`` made before the block still stands for the value before the step; ``w.read_value()`` inside reads
    what `a` and `b` have written.  Eagerly the order is the program's own: nothing to do.

    >>> import tensorglass as tg
    >>> with tg.Graph().as_default():
    ...     w = tg.Variable(1.0)
    ...     with control_dependencies([w.assign(5.0)]):
    ...         y = w.read_value() * 2.0
    ...     print(tg.Session().run(y))
    10.0
    """
    graph = context.current_graph()
    return nullcontext() if graph is None else graph.control_dependencies(control_inputs)


def with_dependencies(dependencies: Iterable[Any], output_tensor: Any, name: str | None = None) -> Any:
    """y = `output_tensor`, once all `dependencies` are done"""
    if context.executing_eagerly():
        return output_tensor
    with scope(name, "control_dependency") as full, control_dependencies(dependencies):
        if isinstance(output_tensor, IndexedSlices):
            values = identity(output_tensor.values, name=full)
            return IndexedSlices(values, output_tensor.indices, output_tensor.dense_shape)
        return identity(output_tensor, name=full)


def tuple(tensors: Sequence[Any], control_inputs: Sequence[Any] | None = None, name: str | None = None) -> list:
    """yᵢ = xᵢ, each handed on only once all of them, and all `control_inputs`, are there; None stays None.

    ValueError when there is no tensor among them.
    """
    if context.executing_eagerly():
        return list(tensors)
    with scope(name, "tuple"):
        gates = [t if isinstance(t, Operation) else t.op for t in tensors if t is not None]
        for item in control_inputs or ():
            if not hasattr(item, "graph"):
                raise TypeError(f"'control_inputs' must only contain Operation or Tensor. Received: {type(item)}")
            gates.append(item if isinstance(item, Operation) else item.op)
        if not gates:
            raise ValueError(f"'tensors' must have at least one Tensor. Received: {tensors}.")
        gate = group(*dict.fromkeys(gates))
        return [
            t if t is None else group(gate, t) if isinstance(t, Operation) and not t.outputs
            else with_dependencies([gate], t)
            for t in tensors
        ]  # fmt: skip
