"""Conversions between element types, and the parts of complex numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..convert import convert_to_tensor
from ..dtypes import as_dtype
from ..op import op
from ..shapes import same


@op("Cast", "SrcT -> DstT", shape=same)
def cast_op(xp, x, *, DstT):
    """y = x as numbers of type DstT: floats are cut towards zero to become integers, anything but 0 is True;
    complex numbers leave their imaginary part behind"""
    x = xp.asarray(x)
    if x.dtype.kind == "c" and not DstT.is_complex:
        x = xp.real(x)
    return x.astype(DstT.np_dtype)


@cast_op.gradient  # back to the type it came from; nothing passes through integers
def _(op, dy):
    source, target = op.inputs[0].dtype.base_dtype, op.outputs[0].dtype.base_dtype
    return cast(dy, source) if source.is_differentiable and target.is_differentiable else None


def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """y = x as elements of type `dtype`; x itself where it has that type.

    >>> import tensorglass as tg
    >>> tg.cast([1.8, -1.8], tg.int32)
    <tf.Tensor: shape=(2,), dtype=int32, numpy=array([ 1, -1], dtype=int32)>
    """
    from ..indexed_slices import IndexedSlices

    target = as_dtype(dtype).base_dtype
    if isinstance(x, IndexedSlices):
        return IndexedSlices(cast(x.values, target), x.indices, x.dense_shape)
    x = convert_to_tensor(x, name="x")
    if x.dtype.base_dtype is target:
        return x
    return cast_op(x, DstT=target, name=name or "Cast")


def saturate_cast(value: Any, dtype: Any, name: str | None = None) -> Any:
    """y = value clipped to the range of `dtype`, then cast"""
    from .elementwise import maximum, minimum

    dtype = as_dtype(dtype)
    value = convert_to_tensor(value, name="value")
    source = value.dtype.base_dtype
    if source.min < dtype.min:
        value = maximum(value, np.array(dtype.min, source.np_dtype))
    if source.max > dtype.max:
        value = minimum(value, np.array(dtype.max, source.np_dtype))
    return cast(value, dtype, name=name)


def _caster(target: str, label: str) -> Any:
    def convert(x: Any, name: str | None = None) -> Any:
        return cast(x, target, name=name or label)

    convert.__name__ = convert.__qualname__ = label
    convert.__doc__ = f"y = x cast to {target} (TensorFlow 1's short form of `cast`)"
    return convert


to_float = _caster("float32", "ToFloat")
to_double = _caster("float64", "ToDouble")
to_int32 = _caster("int32", "ToInt32")
to_int64 = _caster("int64", "ToInt64")
to_complex64 = _caster("complex64", "ToComplex64")
to_complex128 = _caster("complex128", "ToComplex128")


def is_complex(x: Any) -> bool:
    """Whether the tensor `x` holds complex numbers."""
    return as_dtype(x.dtype).is_complex


@op("Bitcast", "T -> type", shape=lambda op: _bitcast_shape(op), differentiable=False)
def bitcast(xp, input, *, type):
    """y = the same bytes read as another type"""
    x, to = xp.array(input), type.np_dtype
    if xp is np:
        x = np.ascontiguousarray(x)
    if to.itemsize > x.dtype.itemsize:
        return x.view(to).reshape(x.shape[:-1])
    if to.itemsize < x.dtype.itemsize:
        return x.reshape((*x.shape, 1)).view(to)
    return x.view(to).reshape(np.shape(input))


def _bitcast_shape(op: Any) -> Any:
    shape, old, new = op.inputs[0]._shape, op.inputs[0].dtype.size, as_dtype(op.attrs["type"]).size
    if shape is None or old == new:
        return shape
    return (*shape, old // new) if old > new else shape[:-1]
