"""From Python values to arrays and tensors: `to_array` (the dtype rules for literals) and `convert_to_tensor`."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import context, dtypes
from .dtypes import DType, as_dtype
from .graph import Operation, Operators, Tensor
from .names import scope
from .shapes import Dimension, TensorShape

_ACCEPTS = {
    "i": "iub",
    "u": "iub",
    "f": "iubf",
    "c": "iubfc",
    "b": "b",
    "O": "USO",
}  # target kind <- literal kinds
_INT32 = np.iinfo(np.int32)


def to_array(value: Any, dtype: DType | None = None, default: DType | None = None) -> np.ndarray:
    """`value` as an array that may become a constant, with TensorFlow's dtypes for literals.

    Python floats are float32, ints int32 (int64 where they do not fit), str bytes; arrays keep theirs.  `default` is
    the type of an empty list.  TypeError when a literal does not suit an explicit `dtype`.

    >>> to_array([1, 2]).dtype, to_array(1.5).dtype, to_array(2, dtypes.float64)
    (dtype('int32'), dtype('float32'), array(2.))
    """
    if value is None:
        raise ValueError("None values not supported.")
    if isinstance(value, (np.ndarray, np.generic)):
        if value.dtype.kind in "USO":
            return _bytes(np.asarray(value), dtype)
        if not value.dtype.isnative:
            value = value.astype(value.dtype.newbyteorder("="))
        if dtype is None or dtype.np_dtype is None or value.dtype == dtype.np_dtype:
            return np.asarray(value)
        if dtype is dtypes.string or (value.dtype.kind == "c" and not dtype.is_complex):
            raise TypeError(f"Expected {dtype.name}, got {value!r} of type '{type(value).__name__}' instead.")
        with np.errstate(all="ignore"):
            return np.asarray(value).astype(dtype.np_dtype)
    value = _plain(value)
    try:
        array = np.array(value)
    except ValueError:
        raise ValueError(
            f"Can't convert non-rectangular Python sequence to Tensor: {value!r}. Every row needs the same length."
        ) from None
    if array.dtype.kind == "O" and array.size and all(isinstance(v, int) for v in array.flat):
        array = _huge(array, dtype)
    if array.dtype.kind in "USO":
        return _bytes(np.array(value, object), dtype)
    if dtype is dtypes.untyped:
        return array  # NumPy's own rules
    if dtype is None:
        if array.size == 0 and default is not None:
            return array.astype(default.np_dtype)
        if array.dtype == np.float64:
            with np.errstate(over="ignore"):
                return array.astype(np.float32)
        if array.dtype == np.int64 and not (array.size and (array.min() < _INT32.min or array.max() > _INT32.max)):
            return array.astype(np.int32)
        return array
    kind = dtype.np_dtype.kind if dtype.np_dtype is not None else "f"
    if array.size and array.dtype.kind not in _ACCEPTS.get(kind, "iubf"):
        raise TypeError(f"Expected {dtype.name}, got {value!r} of type '{type(value).__name__}' instead.")
    if dtype.is_integer and array.size and (int(array.min()) < dtype.min or int(array.max()) > dtype.max):
        raise TypeError(f"Value {value!r} is outside the range of {dtype.name} ({dtype.min} to {dtype.max}).")
    with np.errstate(over="ignore"):
        return array.astype(dtype.np_dtype)


def _plain(value: Any) -> Any:
    """`value` with TensorShapes, Dimensions and eager tensors replaced by plain numbers and arrays."""
    if isinstance(value, TensorShape):
        if not value.is_fully_defined():
            raise ValueError(f"Cannot convert a partially known TensorShape to a Tensor: {value}")
        return np.array(value.as_list(), np.int32)
    if isinstance(value, Dimension):
        if value.value is None:
            raise ValueError("Cannot convert an unknown Dimension to a Tensor: ?")
        return value.value
    if isinstance(value, DType):
        return value.as_datatype_enum
    if isinstance(value, (list, tuple)):
        if any(v is None for v in value):
            raise _unsupported(value)
        return [v if v.__class__ in (int, float) else _plain(v) for v in value]
    if isinstance(value, Operators):
        return value._array() if hasattr(value, "_array") else value  # type: ignore[attr-defined]
    return value


def _bytes(array: np.ndarray, dtype: DType | None) -> np.ndarray:
    """An object array of bytes from an array of text."""
    for item in array.flat:
        if not isinstance(item, (str, bytes)):
            raise _unsupported(item)
    if dtype not in (None, dtypes.string, dtypes.untyped):
        first = array.flat[0] if array.size else array
        raise TypeError(f"Expected {dtype.name}, got {first!r} of type 'str' instead.")
    out = np.empty(array.shape, object)
    for index in np.ndindex(array.shape):
        item = array[index]
        out[index] = item.encode() if isinstance(item, str) else bytes(item)
    return out


def _huge(array: np.ndarray, dtype: DType | None) -> np.ndarray:
    """Integers beyond 64 bits: only a floating tensor can hold them."""
    if dtype is not None and (dtype.is_floating or dtype.is_complex):
        return array.astype(np.float64)
    if dtype is not None and dtype.is_integer and not context.executing_eagerly():
        raise OverflowError(f"Python int too large to convert to {dtype.name}: {array.tolist()}")
    raise _unsupported(array.tolist())


def _unsupported(value: Any) -> Exception:
    """The error for something that no tensor can hold: TensorFlow's class depends on the mode."""
    kind = ValueError if context.executing_eagerly() else TypeError
    what = "None values not supported" if isinstance(value, (list, tuple)) and None in value else (
        f"Failed to convert elements of type {type(value).__name__} to Tensor"
    )  # fmt: skip
    return kind(f"{what}: {value!r}")


def holds_tensor(value: Any) -> bool:
    """Whether a list has a tensor (or a variable) somewhere inside."""
    return any(isinstance(v, Operators) or (isinstance(v, (list, tuple)) and holds_tensor(v)) for v in value)


def convert_to_tensor(value: Any, dtype: Any = None, dtype_hint: Any = None, name: str | None = None):
    """`value` as a tensor: tensors pass, variables are read, Python and NumPy values become constants.

    ``dtype`` demands an element type (ValueError for a tensor of another one); ``dtype_hint`` only suggests one.

    >>> convert_to_tensor([1.0, 2.0])
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([1., 2.], dtype=float32)>
    """
    wanted = None if dtype is None else as_dtype(dtype).base_dtype
    if hasattr(value, "_to_tensor"):
        value = value._to_tensor(wanted)
    if isinstance(value, Tensor):
        if wanted is not None and wanted is not value.dtype.base_dtype and dtypes.untyped not in (wanted, value.dtype):
            raise ValueError(
                f"Tensor conversion requested dtype {wanted.name} for Tensor with dtype {value.dtype.name}: {value!r}"
            )
        graph = context.current_graph()
        if graph is None or value.__class__ is Tensor:
            return value
        value = value._array()  # type: ignore[attr-defined]  # an eager tensor enters the graph as a constant
    if isinstance(value, (list, tuple)) and holds_tensor(value):
        return _pack(value, wanted, name)
    if wanted is None and dtype_hint is not None:
        try:
            array = to_array(value, as_dtype(dtype_hint).base_dtype)
        except (TypeError, ValueError):
            array = to_array(value)
    else:
        array = to_array(value, wanted)
    return constant_tensor(array, name)


def _pack(values: Any, dtype: DType | None, name: str | None):
    """A list with tensors in it becomes their stack; its numbers take the tensors' type."""
    from .ops.array import stack

    if dtype is None:
        dtype = _first_dtype(values)
    with scope(name, "packed") as full:
        rows = [
            v if isinstance(v, Operators) else _pack(v, dtype, str(i))
            if isinstance(v, (list, tuple)) and holds_tensor(v) else constant_tensor(to_array(v, dtype), str(i))
            for i, v in enumerate(values)
        ]  # fmt: skip
        rows = [v._to_tensor() if isinstance(v, Operation) else v for v in rows]
        return stack(rows, name=full or "packed")


def _first_dtype(values: Any) -> DType | None:
    for v in values:
        if isinstance(v, Operators):
            return v.dtype.base_dtype  # type: ignore[attr-defined]
        if isinstance(v, (list, tuple)) and (found := _first_dtype(v)) is not None:
            return found
    return None


def constant_tensor(array: np.ndarray, name: str | None = None):
    """A constant of the current mode that holds `array` (copied when it could be changed from outside)."""
    graph = context.current_graph()
    if graph is None:
        from .eager import EagerTensor

        made = EagerTensor(frozen(array))
        if context.tracer is not None:
            context.tracer.given(made, name or "Const")
        return made
    from .op import REGISTRY

    return REGISTRY["Const"]._build(
        graph, (), {"value": frozen(array), "dtype": as_dtype(array.dtype)}, name or "Const"
    )


def is_tensor(x: Any) -> bool:
    """Whether `x` is a tensor, a variable or slices of a tensor, and not a value that could become one

    >>> is_tensor(convert_to_tensor(1.0)), is_tensor(np.ones(2))
    (True, False)
    """
    return isinstance(x, Tensor) or (hasattr(x, "_to_tensor") and not isinstance(x, Operation))


def frozen(array: Any) -> np.ndarray:
    """A read-only array with `array`'s values that nobody else can write to."""
    if not isinstance(array, np.ndarray):
        array = np.asarray(array)
    if array.flags.writeable or array.base is not None:
        array = array.copy()
        array.flags.writeable = False
    return array
