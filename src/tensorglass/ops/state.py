"""State: variables and what changes them.

A state op's kernel is a pure function too: it takes the variable's present value and returns the new one (marked
`ref` or `set` in the signature), a fresh array that shares no memory with an operand; the plan reads and writes the
session's state around it.  The updates of optimizers are in training.py, `scatter_add` and its kin in
state_scatter.py.
"""

from __future__ import annotations

from typing import Any

from .. import errors, shapes
from ..faults import found
from ..op import op


@op("VariableV2", "-> ref dtype", shape=lambda op: op.attrs["shape"], name="Variable", effect=True)
def variable_op(xp, *, shape, dtype, container="", shared_name=""):
    """y = the variable's value in the session that runs it"""
    raise errors.FailedPreconditionError(None, None, "Attempting to use uninitialized value")


def _assigned(op: Any) -> Any:
    target, value = op.inputs[0]._shape, op.inputs[1]._shape
    return shapes.agreed(target, value) if op.attrs["validate_shape"] else value


@op("Assign", "set T, T -> ref T", shape=_assigned, differentiable=False)
def assign_op(xp, ref, value, *, validate_shape=True, use_locking=True):
    """w ← value"""
    if validate_shape and ref is not None and ref.shape != value.shape:
        raise errors.InvalidArgumentError(
            None, None,
            "Assign requires shapes of both tensors to match. "
            f"lhs shape= {list(ref.shape)} rhs shape= {list(value.shape)}",
        )  # fmt: skip
    return xp.array(value)


def _check_same_size(ref: Any, value: Any) -> None:
    if ref.shape != value.shape:
        raise errors.InvalidArgumentError(None, None, "Parameters and update must be the same size")


@op("AssignAdd", "ref T, T -> ref T where T: float|complex|int", shape=shapes.merged, differentiable=False)
def assign_add_op(xp, ref, value, *, use_locking=False):
    """w ← w + value"""
    _check_same_size(ref, value)
    return xp.add(ref, value)


@op("AssignSub", "ref T, T -> ref T where T: float|complex|int", shape=shapes.merged, differentiable=False)
def assign_sub_op(xp, ref, value, *, use_locking=False):
    """w ← w − value"""
    _check_same_size(ref, value)
    return xp.subtract(ref, value)


@op("CountUpTo", "ref T -> T where T: int32|int64", shape=shapes.scalar, differentiable=False)
def count_up_to_op(xp, ref, *, limit):
    """w ← w + 1 while w < limit; y = the value before"""
    if found(ref >= limit):
        raise errors.OutOfRangeError(None, None, f"Reached limit of {limit}")
    return ref + ref.dtype.type(1), xp.array(ref)


@op("IsVariableInitialized", "peek T -> bool", shape=shapes.scalar, differentiable=False, effect=True)
def is_variable_initialized_op(xp, ref):
    """y = whether the variable has a value in this session"""
    return xp.bool_(ref is not None)


@op("InitializedValue", "peek T, T -> T", shape=lambda op: op.inputs[1]._shape, differentiable=False, effect=True)
def initialized_value_op(xp, ref, initial_value):
    """y = the variable's value, or `initial_value` where it has none yet"""
    return initial_value if ref is None else ref


@op("NoOp", "", effect=True)
def no_op(xp):
    """Does nothing: a place for control dependencies to meet."""


def assign(
    ref: Any, value: Any, validate_shape: bool | None = None, use_locking: bool | None = None, name: str | None = None
) -> Any:
    """w ← value; its own value is the new one.

    ``validate_shape=False`` lets the variable change its shape.
    """
    return assign_op(
        ref, value, validate_shape=validate_shape is not False, use_locking=use_locking is not False, name=name
    )


def assign_add(ref: Any, value: Any, use_locking: bool | None = None, name: str | None = None) -> Any:
    """w ← w + value, both of one shape; its own value is the new one"""
    return assign_add_op(ref, value, use_locking=bool(use_locking), name=name)


def assign_sub(ref: Any, value: Any, use_locking: bool | None = None, name: str | None = None) -> Any:
    """w ← w − value, both of one shape; its own value is the new one"""
    return assign_sub_op(ref, value, use_locking=bool(use_locking), name=name)


def count_up_to(ref: Any, limit: int, name: str | None = None) -> Any:
    """w ← w + 1 while w < limit, for a scalar integer variable; y = the value before.

    OutOfRangeError once the limit is reached: a loop of runs ends by it.
    """
    return count_up_to_op(ref, limit=limit, name=name)
