"""Errors: TensorFlow's `OpError` family, so that ``except tf.errors.InvalidArgumentError`` keeps working.

A message says what TensorFlow says and then what a person needs next: the op, the shapes and dtypes that went in,
and the line of their own program that made the op.  `describe` writes that second half.
"""

from __future__ import annotations

from typing import Any


class OpError(Exception):
    """Base of everything an op or a session raises while a graph runs."""

    error_code = 2

    def __init__(self, node_def: Any, op: Any, message: str, *args: Any):
        super().__init__(node_def, op, message, *args)
        self._node_def, self._op, self._message = node_def, op, message

    @property
    def message(self) -> str:
        return self._message

    @property
    def op(self):
        """The `Operation` that failed, where one is known."""
        return self._op

    @property
    def node_def(self):
        return self._node_def

    def __str__(self) -> str:
        return self._message


def _family() -> dict[str, type[OpError]]:
    codes = {
        "CancelledError": 1, "UnknownError": 2, "InvalidArgumentError": 3, "DeadlineExceededError": 4,
        "NotFoundError": 5, "AlreadyExistsError": 6, "PermissionDeniedError": 7, "ResourceExhaustedError": 8,
        "FailedPreconditionError": 9, "AbortedError": 10, "OutOfRangeError": 11, "UnimplementedError": 12,
        "InternalError": 13, "UnavailableError": 14, "DataLossError": 15, "UnauthenticatedError": 16,
    }  # fmt: skip
    return {name: type(name, (OpError,), {"error_code": code}) for name, code in codes.items()}


_classes = _family()
CancelledError = _classes["CancelledError"]
UnknownError = _classes["UnknownError"]
InvalidArgumentError = _classes["InvalidArgumentError"]
DeadlineExceededError = _classes["DeadlineExceededError"]
NotFoundError = _classes["NotFoundError"]
AlreadyExistsError = _classes["AlreadyExistsError"]
PermissionDeniedError = _classes["PermissionDeniedError"]
ResourceExhaustedError = _classes["ResourceExhaustedError"]
FailedPreconditionError = _classes["FailedPreconditionError"]
AbortedError = _classes["AbortedError"]
OutOfRangeError = _classes["OutOfRangeError"]
UnimplementedError = _classes["UnimplementedError"]
InternalError = _classes["InternalError"]
UnavailableError = _classes["UnavailableError"]
DataLossError = _classes["DataLossError"]
UnauthenticatedError = _classes["UnauthenticatedError"]


OK, CANCELLED, UNKNOWN, INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED = range(8)
RESOURCE_EXHAUSTED, FAILED_PRECONDITION, ABORTED, OUT_OF_RANGE, UNIMPLEMENTED, INTERNAL, UNAVAILABLE = range(8, 15)
DATA_LOSS, UNAUTHENTICATED = 15, 16


def exception_type_from_error_code(error_code: int) -> type[OpError]:
    """The class whose `error_code` this is; KeyError for a number that no class has."""
    return {c.error_code: c for c in _classes.values()}[error_code]


def error_code_from_exception_type(cls: type[OpError]) -> int:
    """The number of an error class."""
    return cls.error_code


def describe(op: Any, values: Any = None) -> str:
    """Lines that place `op` for a reader: its name and type, what its inputs are, and who made it.

    `values`, where the op was running, are the arrays it was given; else the static shapes are told.
    """
    lines = [f"\n  op: {op.name} (op type {op.type})" if op.name else f"\n  op: {op.type}"]
    for i, tensor in enumerate(op.inputs):
        shape, dtype = tensor.shape, tensor.dtype.base_dtype.name
        if values is not None and i < len(values) and hasattr(values[i], "dtype"):
            shape, dtype = list(values[i].shape), values[i].dtype.name
        name = "" if op.name == "" else f"{tensor.name}, "  # eager tensors have no names
        lines.append(f"  input {i}: {name}shape {shape}, {dtype}")
    if op.user_line:
        lines.append(f"  created at: {op.user_line}")
    return "\n".join(lines)
