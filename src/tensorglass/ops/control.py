"""Order without values: group, tuple, control dependencies."""

from __future__ import annotations

from typing import Any

from .. import context
from .state import no_op


def group(*inputs: Any, name: str | None = None):
    """An operation that is done when all `inputs` (operations, tensors, lists of them) are done; it has no value."""
    graph = context.current_graph()
    flat: list[Any] = []
    stack = list(reversed(inputs))
    while stack:
        item = stack.pop()
        if isinstance(item, (list, tuple)):
            stack += reversed(item)
        elif item is not None:
            flat.append(item)
    if graph is None and not any(hasattr(item, "graph") for item in flat):
        return None
    graph = graph or flat[0].graph
    with graph.as_default(), graph.control_dependencies(flat):
        return no_op(name=name or "group_deps")
