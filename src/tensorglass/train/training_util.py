"""The global step: the variable that counts training steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtypes
from ..graph import get_default_graph
from ..graph_keys import GraphKeys
from ..initializers import Zeros
from ..tensor import Tensor
from ..variable_scope import get_variable
from ..variables import Variable


def get_global_step(graph: Any = None) -> Any:
    """The global step of the graph, None where it has none: what was filed as such, or a tensor of that name."""
    graph = graph or get_default_graph()
    filed = graph.get_collection(GraphKeys.GLOBAL_STEP)
    if len(filed) > 1:
        return None
    if filed:
        found = filed[0]
    else:
        named = [v for v in graph.get_collection(GraphKeys.GLOBAL_VARIABLES) if v.name == "global_step:0"]
        try:
            found = named[0] if named else graph.get_tensor_by_name("global_step:0")
        except KeyError:
            return None
    assert_global_step(found)
    return found


def create_global_step(graph: Any = None) -> Any:
    """A new global step: an int64 variable named global_step that starts at 0; ValueError where there is one."""
    graph = graph or get_default_graph()
    if get_global_step(graph) is not None:
        raise ValueError('"global_step" already exists.')
    with graph.as_default(), graph.name_scope(None):
        return get_variable(
            GraphKeys.GLOBAL_STEP,
            shape=[],
            dtype=dtypes.int64,
            initializer=Zeros(),
            trainable=False,
            collections=[GraphKeys.GLOBAL_VARIABLES, GraphKeys.GLOBAL_STEP],
        )


def get_or_create_global_step(graph: Any = None) -> Any:
    """`get_global_step`, or where there is none `create_global_step`"""
    graph = graph or get_default_graph()
    found = get_global_step(graph)
    return create_global_step(graph) if found is None else found


def global_step(sess: Any, global_step_tensor: Any) -> int:
    """The value of the global step in a session, as an int; eagerly (``sess`` None) the value of the variable."""
    if sess is None:
        return int(np.asarray(global_step_tensor))
    return int(sess.run(global_step_tensor))


def assert_global_step(global_step_tensor: Any) -> None:
    """TypeError unless it is a scalar integer variable or tensor."""
    if not isinstance(global_step_tensor, (Variable, Tensor)):
        raise TypeError(f'Existing "global_step" must be a Variable or Tensor: {global_step_tensor}.')
    if not global_step_tensor.dtype.base_dtype.is_integer:
        raise TypeError(f'Existing "global_step" does not have integer type: {global_step_tensor.dtype!r}')
    shape = global_step_tensor.shape
    if shape.ndims not in (0, None):
        raise TypeError(f'Existing "global_step" is not scalar: {shape}')
