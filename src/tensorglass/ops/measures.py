"""What is computed of a whole tensor: where its extreme is, log Σ exp, variance, norms, counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtypes
from ..convert import convert_to_tensor
from ..dtypes import as_dtype
from ..faults import found
from ..names import scope
from ..op import op
from ..shapes import Shape
from ..static import constant_value
from .complex import abs, conj, real
from .elementwise import add, add_n, exp, log, maximum, minimum, multiply, pow, sqrt, square, subtract
from .reduce import reduce_max, reduce_mean, reduce_sum
from .rows import add_rows

# The place of an extreme


def _without_axis(op: Any) -> Shape:
    shape, axis = op.inputs[0]._shape, constant_value(op.inputs[1])
    if shape is None or shape == ():
        return shape
    if axis is None:
        return (None,) * (len(shape) - 1)
    rank = len(shape)
    if not -rank <= axis < rank:
        raise ValueError(
            f"Dimension ({int(axis)}) must be in the range [-{rank}, {rank}), where {rank} is the number of dimensions "
            "in the input."
        )
    axis = int(axis) % rank
    return shape[:axis] + shape[axis + 1 :]


def _place(xp: Any, name: str, x: Any, axis: Any, output_type: Any) -> Any:
    """The index of the first extreme along an axis; NaN is never one (unlike in NumPy)."""
    axis = int(axis)
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"Expected dimension in the range [{-x.ndim}, {x.ndim}), but got {axis}")
    if x.shape[axis] == 0 and x.size == 0 and all(x.shape[:axis] + x.shape[axis % x.ndim + 1 :]):
        raise ValueError(f"Reduction axis {axis} is empty in shape {list(x.shape)}")
    if x.dtype.kind == "f":
        x = xp.where(xp.isnan(x), -xp.inf if name == "argmax" else xp.inf, x)
    return getattr(xp, name)(x, axis).astype(output_type.np_dtype)


@op("ArgMax", "T, host Tidx -> output_type where T: float|int|bool, Tidx: index", shape=_without_axis,
    differentiable=False)  # fmt: skip
def argmax_op(xp, input, dimension, *, output_type):
    """y = the index of the (first) largest element along an axis"""
    return _place(xp, "argmax", input, dimension, output_type)


@op("ArgMin", "T, host Tidx -> output_type where T: float|int|bool, Tidx: index", shape=_without_axis,
    differentiable=False)  # fmt: skip
def argmin_op(xp, input, dimension, *, output_type):
    """y = the index of the (first) smallest element along an axis"""
    return _place(xp, "argmin", input, dimension, output_type)


def _one_axis(axis: Any) -> Any:
    if isinstance(axis, (list, tuple)) or (isinstance(axis, np.ndarray) and axis.ndim):
        raise TypeError("axis must be int or Tensor with integer datatype")
    return 0 if axis is None else axis


def argmax(input: Any, axis: Any = None, output_type: Any = dtypes.int64, name: str | None = None) -> Any:
    """y = the index of the largest element of `input` along `axis` (None means 0); the first one if there are several

    >>> import tensorglass as tg
    >>> tg.argmax([[3, 1, 2], [0, 5, 5]], axis=1).numpy()
    array([0, 1])
    """
    return argmax_op(input, _one_axis(axis), output_type=as_dtype(output_type), name=name)


def argmin(input: Any, axis: Any = None, output_type: Any = dtypes.int64, name: str | None = None) -> Any:
    """y = the index of the smallest element of `input` along `axis` (None means 0); the first of several"""
    return argmin_op(input, _one_axis(axis), output_type=as_dtype(output_type), name=name)


# Sums of functions of the elements


def reduce_logsumexp(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """y = log Σ exp x over `axis`  (the maximum is taken out first: it changes nothing but overflow)

    >>> import tensorglass as tg
    >>> tg.reduce_logsumexp([1000.0, 1000.0]).numpy()
    np.float32(1000.6932)
    """
    from .array import reshape, shape, stop_gradient
    from .logic import where
    from .nan import is_finite

    with scope(name, "ReduceLogSumExp", [input_tensor]) as full:
        x = convert_to_tensor(input_tensor, name="input")
        top = reduce_max(x, axis, keepdims=True)
        top = stop_gradient(where(is_finite(top), top, 0))  # ∞ − ∞ would be NaN
        y = log(reduce_sum(exp(subtract(x, top)), axis, keepdims))
        if not keepdims:
            top = reshape(top, shape(y))
        return add(y, top, name=full or None)


def reduce_variance(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """y = (1/n) Σ |x − mean x|² over `axis`"""
    with scope(name, "reduce_variance", [input_tensor]):
        x = convert_to_tensor(input_tensor)
        if x.dtype.base_dtype.is_integer:
            raise TypeError(f"Input must be either real or complex. Received integer type {x.dtype}.")
        d = x - reduce_mean(x, axis, keepdims=True)
        squares = real(multiply(d, conj(d))) if x.dtype.base_dtype.is_complex else square(d)
        return reduce_mean(squares, axis, keepdims)


def reduce_std(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """y = √ of `reduce_variance`: the standard deviation, of the elements as the whole population"""
    with scope(name, "reduce_std", [input_tensor]):
        return sqrt(reduce_variance(input_tensor, axis, keepdims))


def count_nonzero(
    input: Any, axis: Any = None, keepdims: bool = False, dtype: Any = dtypes.int64, name: str | None = None
) -> Any:
    """y = how many elements along `axis` are not 0 (not False, not the empty string)"""
    from .cast import cast
    from .constant import constant
    from .logic import not_equal

    with scope(name, "count_nonzero", [input]):
        x = convert_to_tensor(input, name="input")
        kind = x.dtype.base_dtype
        zero = constant("" if kind.name == "string" else False if kind.is_bool else 0, kind, name="zeros")
        return reduce_sum(cast(not_equal(x, zero), dtype), axis, keepdims)


# Sums and multiples of tensors


def accumulate_n(inputs, shape=None, tensor_dtype=None, name: str | None = None) -> Any:
    """y = Σᵢ xᵢ over a list of tensors of one shape: `add_n`, with the shape and dtype stated."""
    if not isinstance(inputs, (list, tuple)) or not inputs:
        raise ValueError("inputs must be a list of at least one Tensor with the same dtype and shape")
    dtype = None if tensor_dtype is None else as_dtype(tensor_dtype)
    inputs = [convert_to_tensor(x) for x in inputs]
    if any(dtype is not None and x.dtype.base_dtype is not dtype for x in inputs):
        raise TypeError(f"tensor_dtype is {dtype!r}, but input is of type {[x.dtype for x in inputs]}")
    total = add_n(inputs, name=name)
    if shape is not None:
        total.set_shape(shape)
    return total


def scalar_mul(scalar: Any, x: Any, name: str | None = None) -> Any:
    """y = scalar · x, where `scalar` has rank 0; of an `IndexedSlices` only the rows that are there are multiplied."""
    from ..indexed_slices import IndexedSlices

    scalar = convert_to_tensor(scalar, x.dtype.base_dtype if hasattr(x, "dtype") else None, name="scalar")
    if scalar._shape is not None and scalar._shape != ():
        raise ValueError(f"The input scalar must be a 0-D value. Received shape {scalar.shape}.")
    if isinstance(x, IndexedSlices):
        return IndexedSlices(multiply(scalar, x.values, name=name), x.indices, x.dense_shape)
    return multiply(scalar, x, name=name)


# Norms


def norm(tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """‖x‖ of vectors or matrices: of the whole tensor, of vectors along one axis, of matrices along two.

    ``ord`` p gives (Σ |xᵢ|ᵖ)^(1/p), and ``np.inf`` max |xᵢ|.  Of matrices: "euclidean" or "fro" √Σ |xᵢⱼ|², 1 the
    largest column sum, ``np.inf`` the largest row sum, 2 the largest singular value.

    >>> import tensorglass as tg
    >>> tg.norm([3.0, 4.0]).numpy(), tg.norm([3.0, 4.0], ord=1).numpy()
    (np.float32(5.0), np.float32(7.0))
    """
    axes = tuple(axis) if isinstance(axis, (list, tuple)) else (axis,)
    pair = isinstance(axis, (list, tuple))
    if axis is not None and (
        not all(isinstance(a, int) for a in axes) or (pair and (len(axes) != 2 or axes[0] == axes[1]))
    ):
        raise ValueError(f"'axis' must be None, an integer, or a tuple of 2 unique integers, got {axis}")
    known = ["euclidean", "fro", 1, 2, np.inf] if pair else ["euclidean", 1, 2, np.inf]
    if ord not in known and (pair or isinstance(ord, str) or not np.isreal(ord) or ord <= 0):
        if pair:
            raise ValueError(f"'ord' must be a supported matrix norm in {known}, got {ord}")
        raise ValueError(f"'ord' must be a supported vector norm, got {ord}")
    with scope(name, "norm", [tensor]):
        x = convert_to_tensor(tensor)
        return (_matrix_norm if pair else _vector_norm)(x, ord, axis, keepdims)


def _vector_norm(x: Any, ord: Any, axis: Any, keepdims: bool) -> Any:
    if ord in ("euclidean", "fro", 2):
        return sqrt(reduce_sum(x * conj(x), axis, keepdims))
    size = abs(x)
    if ord == 1:
        return reduce_sum(size, axis, keepdims)
    if ord == np.inf:
        return reduce_max(size, axis, keepdims)
    return pow(reduce_sum(pow(size, ord), axis, keepdims), 1.0 / ord)


def _matrix_norm(x: Any, ord: Any, axis: Any, keepdims: bool) -> Any:
    if ord in ("euclidean", "fro"):
        return _vector_norm(x, ord, list(axis), keepdims)
    rows, columns = axis
    if ord != 2:
        if ord == np.inf:
            rows, columns = columns, rows
        sums = reduce_sum(abs(x), rows, keepdims=True)
        largest = reduce_max(sums, columns, keepdims=True)
    else:
        largest = _largest_singular_value(x, rows, columns)
    if keepdims:
        return largest
    from .array import squeeze

    return squeeze(largest, [rows, columns])


def _largest_singular_value(x: Any, rows: int, columns: int) -> Any:
    from .arrange import transpose
    from .array import expand_dims
    from .decompositions import svd

    if x._shape is None:
        raise ValueError("The norm of matrices needs a tensor of known rank.")
    rank = len(x._shape)
    order = [i for i in range(rank) if i not in (rows % rank, columns % rank)] + [rows % rank, columns % rank]
    values = svd(transpose(x, order), compute_uv=False)
    largest = expand_dims(reduce_max(abs(values), -1, keepdims=True), -1)
    return transpose(largest, np.argsort(order).tolist())


# Counts


def _counts_shape(op: Any) -> Shape:
    shape, size = op.inputs[0]._shape, constant_value(op.inputs[1])
    if shape is None:
        return None
    if len(shape) > 2:
        raise ValueError(f"Shape must be at most rank 2 but is rank {len(shape)}")
    return (*shape[:-1], None if size is None else int(size))


@op("DenseBincount", "Tidx, host Tidx, T -> T where Tidx: index, T: int32|int64|float32|float64", shape=_counts_shape,
    differentiable=False, host="the shape of its result depends on values")  # fmt: skip
def dense_bincount(xp, input, size, weights, *, binary_output=False):
    """yⱼ = Σ wᵢ over the i with xᵢ = j, for j < size; for a matrix, row by row; without weights each counts 1"""
    size = int(size)
    if size < 0:
        raise ValueError("size must be non-negative")
    if input.size and input.min() < 0:
        raise ValueError("Input arr must be non-negative!")
    if weights.size and weights.shape != input.shape:
        raise ValueError(
            "`weights` must be the same shape as `arr` or a length-0 `Tensor`, in which case it acts as all weights "
            f"equal to 1. Received weights of shape {list(weights.shape)}, arr of shape {list(input.shape)}"
        )
    rows = xp.atleast_2d(input)
    shares = xp.atleast_2d(weights) if weights.size and not binary_output else [None] * len(rows)
    counts = [np.bincount(row, share, size)[:size] for row, share in zip(rows, shares, strict=True)]
    counts = np.array(counts).reshape(*input.shape[:-1], size)
    return (counts > 0 if binary_output else counts).astype(weights.dtype)


def bincount(
    arr: Any,
    weights: Any = None,
    minlength: Any = None,
    maxlength: Any = None,
    dtype: Any = dtypes.int32,
    name: str | None = None,
    axis: int | None = None,
    binary_output: bool = False,
) -> Any:
    """yⱼ = how often j occurs in `arr`, or Σ of its `weights` there, for j = 0 ... max(arr)

    `minlength` and `maxlength` bound the number of counts; ``axis=-1`` counts each row of a matrix by itself;
    ``binary_output`` gives 1 for what occurs at all.

    >>> import tensorglass as tg
    >>> tg.math.bincount([1, 1, 3]).numpy()
    array([0, 2, 0, 1], dtype=int32)
    """
    from .array import reshape, size
    from .cast import cast
    from .constant import constant
    from .logic import greater

    with scope(name, "bincount", [arr, weights]):
        array = cast(convert_to_tensor(arr, name="arr"), dtypes.int32)
        length = cast(greater(size(array), 0), dtypes.int32) * (reduce_max(array) + 1)
        if minlength is not None:
            length = maximum(convert_to_tensor(minlength, dtypes.int32, name="minlength"), length)
        if maxlength is not None:
            length = minimum(convert_to_tensor(maxlength, dtypes.int32, name="maxlength"), length)
        if axis is None:
            array = reshape(array, [-1])
            weights = None if weights is None else reshape(weights, [-1])
        weights = constant([], as_dtype(dtype)) if weights is None else convert_to_tensor(weights, name="weights")
        return dense_bincount(array, length, weights, binary_output=bool(binary_output))


@op("HistogramFixedWidth", "T, T, host int32 -> dtype where T: int32|int64|float32|float64",
    shape=lambda op: (constant_value(op.inputs[2]),), differentiable=False)  # fmt: skip
def histogram_op(xp, values, value_range, nbins, *, dtype):
    """yⱼ = how many values fall into the j-th of `nbins` equal parts of the range, or beyond its end there"""
    n = int(nbins)
    if value_range.shape != (2,):
        raise ValueError(f"value_range should be a vector of 2 elements, got shape {list(value_range.shape)}")
    low, high = value_range[0], value_range[1]
    if found(~(low < high)):
        raise ValueError(f"value_range should satisfy value_range[0] < value_range[1], but got '[{low}, {high}]'")
    if n <= 0:
        raise ValueError(f"nbins should be a positive number, but got '{n}'")
    bins = xp.floor((values.reshape(-1) - low) / ((high - low) / n))
    places = xp.clip(bins, 0, n - 1).astype(np.int32)
    return add_rows(xp, n, places, xp.ones(places.shape, dtype.np_dtype))


def histogram_fixed_width(
    values: Any, value_range: Any, nbins: Any = 100, dtype: Any = dtypes.int32, name: str | None = None
) -> Any:
    """yⱼ = how many `values` fall into the j-th of `nbins` equal parts of `value_range` [low, high]

    >>> import tensorglass as tg
    >>> tg.histogram_fixed_width([-1.0, 0.0, 1.5, 2.0, 5.0, 15.0], [0.0, 5.0], nbins=5).numpy()
    array([2, 1, 1, 0, 2], dtype=int32)
    """
    return histogram_op(values, value_range, nbins, dtype=as_dtype(dtype), name=name or "histogram_fixed_width")


def histogram_fixed_width_bins(
    values: Any, value_range: Any, nbins: Any = 100, dtype: Any = dtypes.int32, name: str | None = None
) -> Any:
    """y = the number of the part of `value_range` that each value falls into, as in `histogram_fixed_width`"""
    from .cast import cast
    from .elementwise import clip_by_value, floor, truediv

    with scope(name, "histogram_fixed_width_bins", [values]):
        values = convert_to_tensor(values, name="values")
        limits = convert_to_tensor(value_range, values.dtype.base_dtype, name="value_range")
        low, high = limits[0], limits[1]
        scaled = truediv(values - low, high - low, name="scaled_values")
        n = cast(nbins, scaled.dtype)
        return cast(clip_by_value(floor(n * scaled), 0, n - 1), dtype)
