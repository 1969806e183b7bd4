"""Arithmetic and reductions as NumPy does them fastest: plain ufuncs, and `ufunc.reduce` without its wrappers.

On small arrays a call costs more than its arithmetic; `numpy.sum` alone takes longer than `numpy.add.reduce` does.
Every entry gives the very bits of the kernel it replaces (tests/test_overrides.py); but where a tall matrix is summed
over its rows the additions come in another order.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ops import measures, reduce
from .numpy import DIRECT, override

_SMALL = 4096  # elements: up to here filling an array is faster than making a view by numpy.broadcast_to

DIRECT.update(
    {
        "AddV2": np.add, "Sub": np.subtract, "Mul": np.multiply, "RealDiv": np.divide,
        "Maximum": np.maximum, "Minimum": np.minimum,
        "Neg": np.negative, "Abs": np.abs, "Sign": np.sign, "Square": np.square, "Sqrt": np.sqrt,
        "Reciprocal": np.reciprocal, "Conj": np.conj,
        "Exp": np.exp, "Expm1": np.expm1, "Log": np.log, "Log1p": np.log1p, "Tanh": np.tanh,
        "Floor": np.floor, "Ceil": np.ceil, "Rint": np.rint, "Round": np.rint,
        "Sin": np.sin, "Cos": np.cos, "Tan": np.tan, "Asin": np.arcsin, "Acos": np.arccos, "Atan": np.arctan,
        "Sinh": np.sinh, "Cosh": np.cosh, "Asinh": np.arcsinh, "Acosh": np.arccosh, "Atanh": np.arctanh,
        "Atan2": np.arctan2,
        "Less": np.less, "LessEqual": np.less_equal, "Greater": np.greater, "GreaterEqual": np.greater_equal,
        "Equal": np.equal, "NotEqual": np.not_equal,
        "LogicalAnd": np.logical_and, "LogicalOr": np.logical_or, "LogicalNot": np.logical_not,
        "BitwiseAnd": np.bitwise_and, "BitwiseOr": np.bitwise_or, "BitwiseXor": np.bitwise_xor, "Invert": np.invert,
        "IsNan": np.isnan, "IsInf": np.isinf, "IsFinite": np.isfinite,
        "SelectV2": np.where,
    }
)  # fmt: skip


def _reduced(ufunc: Any, kernel: Any, x: Any, axes: Any, dtype: Any, keep_dims: bool) -> Any:
    """`ufunc.reduce`, or the kernel for what that refuses (an array of axes, wrong axes, nothing to reduce)."""
    if x.ndim:
        try:
            return ufunc.reduce(x, axes, dtype, None, keep_dims)
        except (TypeError, ValueError):
            pass
    return kernel(np, x, axes, keep_dims=keep_dims)


@override("Sum")
def reduce_sum(input, reduction_indices, keep_dims=False):
    """`ops.reduce.sum_op`; the columns of a tall matrix are added as rows of its transpose, which NumPy does faster"""
    tall = reduction_indices.__class__ is tuple and reduction_indices == (0,) and input.ndim == 2 and not keep_dims
    if tall and input.dtype.kind == "f" and 0 < input.shape[1] <= 32 < input.shape[0]:
        return np.add.reduce(np.array(input.T, order="C"), 1)
    return _reduced(np.add, reduce.sum_op.kernel, input, reduction_indices, input.dtype, keep_dims)


@override("Mean")
def reduce_mean(input, reduction_indices, keep_dims=False):
    """`ops.reduce.mean_op`"""
    dtype = input.dtype
    if dtype.kind != "f" or not input.size or not input.ndim:
        return reduce.mean_op.kernel(np, input, reduction_indices, keep_dims=keep_dims)
    total = reduce_sum(input, reduction_indices, keep_dims)
    n = dtype.type(input.size // total.size)
    return np.divide(total, n, total) if total.__class__ is np.ndarray else total / n


@override("Max")
def reduce_max(input, reduction_indices, keep_dims=False):
    """`ops.reduce.max_op`"""
    return _reduced(np.maximum, reduce.max_op.kernel, input, reduction_indices, None, keep_dims)


@override("Min")
def reduce_min(input, reduction_indices, keep_dims=False):
    """`ops.reduce.min_op`"""
    return _reduced(np.minimum, reduce.min_op.kernel, input, reduction_indices, None, keep_dims)


@override("ArgMax")
def argmax(input, dimension, output_type):
    """`ops.measures.argmax_op`; where there is no NaN (so that no sum is NaN), NumPy's own answer is right"""
    if input.size and dimension.__class__ is int and -input.ndim <= dimension < input.ndim:
        total = np.add.reduce(input, None) if input.dtype.kind == "f" else 0
        if total == total:
            return input.argmax(dimension).astype(output_type.np_dtype, copy=False)
    return measures.argmax_op.kernel(np, input, dimension, output_type=output_type)


@override("BroadcastLike")
def broadcast_like(x, like):
    """`ops.reduce.broadcast_like`"""
    if like.size > _SMALL:
        return np.broadcast_to(x, like.shape)
    y = np.empty(like.shape, x.dtype)
    y[...] = x
    return y


@override("SumToLike")
def sum_to_like(x, like):
    """`ops.reduce.sum_to_like`"""
    return x if x.shape == like.shape else reduce.sum_to_like.kernel(np, x, like)
