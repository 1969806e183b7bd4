"""Data types: what one element of a tensor is.

First stop for whoever wonders why ``float32 + int32`` is an error: nothing here promotes.  A `DType` names a NumPy
type the way TensorFlow does, knows its class (floating, integer, ...), and has a `_ref` twin for the tensors that
stand for a variable itself rather than for its value.
"""

from __future__ import annotations

import builtins
from contextlib import suppress
from typing import Any

import numpy as np


class DType:
    """The type of a tensor's elements, such as ``tf.float32``; compares equal to NumPy's type of the same name."""

    __slots__ = ("_ref", "as_datatype_enum", "as_numpy_dtype", "base_dtype", "name", "np_dtype")

    def __init__(self, name: str, numpy_type: Any, enum: int, base: DType | None = None):
        self.name = name
        self.as_numpy_dtype = numpy_type
        self.np_dtype = None if numpy_type is None else np.dtype(numpy_type)
        self.as_datatype_enum = enum
        self.base_dtype: DType = base or self
        self._ref: DType | None = None if base is None else self

    @property
    def _as_ref(self) -> DType:
        """The reference twin (``float32_ref``): the type of a variable's own tensor."""
        if self._ref is None:
            self._ref = DType(self.name + "_ref", self.as_numpy_dtype, self.as_datatype_enum + 100, self)
        return self._ref

    @property
    def _is_ref_dtype(self) -> builtins.bool:
        return self.base_dtype is not self

    @property
    def _kind(self) -> str:
        return "" if self.np_dtype is None else self.np_dtype.kind

    @property
    def is_floating(self) -> builtins.bool:
        return self._kind == "f" or self.base_dtype is bfloat16

    @property
    def is_integer(self) -> builtins.bool:
        return self._kind in ("i", "u")

    @property
    def is_unsigned(self) -> builtins.bool:
        return self._kind == "u"

    @property
    def is_complex(self) -> builtins.bool:
        return self._kind == "c"

    @property
    def is_bool(self) -> builtins.bool:
        return self._kind == "b"

    @property
    def is_numpy_compatible(self) -> builtins.bool:
        return self.np_dtype is not None

    @property
    def is_differentiable(self) -> builtins.bool:
        """Whether a gradient can flow through tensors of this type (untyped ones are given the benefit)."""
        return self.is_floating or self.is_complex or self.base_dtype is untyped

    @property
    def real_dtype(self) -> DType:
        return {complex64: float32, complex128: float64}.get(self.base_dtype, self.base_dtype)

    @property
    def size(self) -> int:
        """Bytes of one element."""
        return 1 if self.np_dtype is None or self._kind == "O" else self.np_dtype.itemsize

    def _limit(self, which: str):
        if self.is_floating:
            return getattr(np.finfo(self.np_dtype), which)
        if self.is_integer:
            return getattr(np.iinfo(self.np_dtype), which)
        if self.is_bool:
            return which == "max"
        raise TypeError(f"Cannot find {which}imum value of {self!r}.")

    @property
    def min(self):
        return self._limit("min")

    @property
    def max(self):
        return self._limit("max")

    @property
    def limits(self):
        """(min, max) of what this type can hold; for floats the range of pictures, (0, 1), as in TensorFlow."""
        return (0.0, 1.0) if self.is_floating else (self.min, self.max)

    def is_compatible_with(self, other: Any) -> builtins.bool:
        return self.base_dtype is as_dtype(other).base_dtype

    def __eq__(self, other: object) -> builtins.bool:
        if self is other:
            return True
        if other is None:
            return False
        try:
            return self is as_dtype(other)
        except TypeError:
            return False

    def __ne__(self, other: object) -> builtins.bool:
        return not self == other

    def __hash__(self) -> int:
        return self.as_datatype_enum

    def __repr__(self) -> str:
        return f"tf.{self.name}"

    def __str__(self) -> str:
        return f"<dtype: '{self.name}'>"

    def __reduce__(self):
        return as_dtype, (self.name,)


try:  # the same bfloat16 that JAX and TensorFlow use, where somebody installed it
    from ml_dtypes import bfloat16 as _np_bfloat16  # type: ignore[import-not-found]
except ImportError:
    _np_bfloat16 = None

float32 = DType("float32", np.float32, 1)
float64 = double = DType("float64", np.float64, 2)
int32 = DType("int32", np.int32, 3)
uint8 = DType("uint8", np.uint8, 4)
int16 = DType("int16", np.int16, 5)
int8 = DType("int8", np.int8, 6)
string = DType("string", np.object_, 7)
complex64 = DType("complex64", np.complex64, 8)
int64 = DType("int64", np.int64, 9)
bool = DType("bool", np.bool_, 10)  # TensorFlow's name for it
bfloat16 = DType("bfloat16", _np_bfloat16, 14)
uint16 = DType("uint16", np.uint16, 17)
complex128 = DType("complex128", np.complex128, 18)
float16 = half = DType("float16", np.float16, 19)
uint32 = DType("uint32", np.uint32, 22)
uint64 = DType("uint64", np.uint64, 23)
untyped = DType("untyped", None, 99)  # ours: a root `placeholder()` takes whatever NumPy makes of the feed

_ALL = (
    *(float32, float64, int32, uint8, int16, int8, string, complex64, int64, bool, bfloat16, uint16),
    *(complex128, float16, uint32, uint64, untyped),
)
_BY_KEY: dict[Any, DType] = {}
for _d in _ALL:
    for _one in (_d, _d._as_ref):
        _BY_KEY[_one.name] = _BY_KEY[_one.as_datatype_enum] = _one
    if _d.np_dtype is not None:
        _BY_KEY[_d.as_numpy_dtype] = _BY_KEY[_d.np_dtype] = _d
_BY_KEY.update({"half": float16, "float": float32, "double": float64})
_BY_KEY.update({float: float32, builtins.bool: bool, str: string, bytes: string})

# The classes of types that op signatures name in their `where` clause.
KINDS: dict[str, tuple[DType, ...]] = {
    "float": (bfloat16, float16, float32, float64),
    "complex": (complex64, complex128),
    "int": (int8, int16, int32, int64, uint8, uint16, uint32, uint64),
    "signed": (int8, int16, int32, int64),
    "index": (int32, int64),
    "bool": (bool,),
    "string": (string,),
}


def as_dtype(type_value: Any) -> DType:
    """The `DType` that `type_value` names: a DType, NumPy type, Python type, name or TensorFlow's enum number.

    >>> as_dtype("float32"), as_dtype(np.int64), as_dtype(np.dtype("bool"))
    (tf.float32, tf.int64, tf.bool)
    """
    if isinstance(type_value, DType):
        return type_value
    try:
        found = _BY_KEY.get(type_value)
    except TypeError:
        found = None
    if found is None:
        if isinstance(type_value, np.dtype) and type_value.kind in "SUO":
            return string
        with suppress(TypeError):
            found = _BY_KEY.get(np.dtype(type_value))
    if found is None:
        raise TypeError(f"Cannot convert the argument `type_value`: {type_value!r} to a TensorFlow DType.")
    return found
