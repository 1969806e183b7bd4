"""Slots: the variables that optimizers and moving averages keep beside another one, with its name as prefix."""

from __future__ import annotations

from typing import Any

from .. import context
from ..graph import get_default_graph
from ..ops.constant import zeros
from ..variable_scope import get_variable, variable_scope
from ..variables import Variable


def create_slot(primary: Any, initial_value: Any, name: str, shape: Any = None, dtype: Any = None) -> Any:
    """A variable named ``<primary>/<name>``, not trainable.

    ``initial_value`` is a value, a tensor, or an initializer called with `shape` and `dtype`.
    """
    if context.executing_eagerly() and not hasattr(primary, "op"):
        value = initial_value(shape, dtype) if callable(initial_value) else initial_value
        return Variable(value, trainable=False, name=f"{primary._shared_name}/{name}")
    with variable_scope(None, f"{primary.op.name}/{name}"):
        if callable(initial_value):
            return get_variable("", shape, dtype, initial_value, trainable=False)
        known = getattr(initial_value, "shape", None)
        validate = known is None or not hasattr(known, "is_fully_defined") or known.is_fully_defined()
        return get_variable("", initializer=initial_value, trainable=False, validate_shape=validate)


def create_zeros_slot(primary: Any, name: str) -> Any:
    """A slot of the shape and type of `primary` that starts at zero."""
    from ..initializers import Zeros

    dtype = primary.dtype.base_dtype
    if primary.shape.is_fully_defined():
        return create_slot(primary, Zeros(), name, primary.shape, dtype)
    from ..ops.array import shape

    source = primary.initialized_value() if hasattr(primary, "initialized_value") else primary
    return create_slot(primary, zeros(shape(source), dtype), name)


def in_current_graph(variable: Any) -> bool:
    """Whether `variable` is of the graph that ops join here (or eager, where there is none)."""
    if context.executing_eagerly():
        return not hasattr(variable, "op") or getattr(variable, "_eager", False)
    return not getattr(variable, "_eager", False) and variable.graph is get_default_graph()
