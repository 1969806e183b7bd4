"""Tensors from nothing: constants, placeholders, fills, ranges."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import context, dtypes, errors, shapes
from ..convert import constant_tensor, convert_to_tensor, frozen, to_array
from ..dtypes import as_dtype
from ..graph import Tensor
from ..op import op
from ..static import constant_value, shape_value


@op("Const", "-> dtype", shape=lambda op: op.attrs["value"].shape, differentiable=False)
def const_op(xp, *, value, dtype):
    """y = a value fixed when the graph is built"""
    return value


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None, verify_shape: bool = False) -> Any:
    """y = `value` as a constant tensor.

    ``dtype`` converts it; ``shape`` reshapes it, a single number (TensorFlow 1: a shorter list too) filling the shape.

    >>> import tensorglass as tg
    >>> tg.constant(-1.0, shape=[2, 2])
    <tf.Tensor: shape=(2, 2), dtype=float32, numpy=
    array([[-1., -1.],
           [-1., -1.]], dtype=float32)>
    """
    if hasattr(value, "_to_tensor") or (isinstance(value, Tensor) and not hasattr(value, "_array")):
        raise TypeError(f"tf.constant needs a Python or NumPy value; {value!r} is a tensor already.")
    array = to_array(value, None if dtype is None else as_dtype(dtype).base_dtype)
    if shape is not None:
        array = _fill_shape(array, shapes.as_tuple(shape), verify_shape)
    if context.executing_eagerly():
        return constant_tensor(frozen(array))
    return constant_tensor(frozen(array), name or "Const")


def _fill_shape(array: np.ndarray, shape: Any, verify: bool) -> np.ndarray:
    size = shapes.num_elements(shape)
    if size is None or (verify and array.shape != shape):
        raise TypeError(f"Expected Tensor's shape: {shape}, got {array.shape}.")
    if array.size == size:
        return array.reshape(shape)
    if array.size == 0 or array.size > size or (context.executing_eagerly() and array.size != 1):
        raise ValueError(f"Too many elements provided. Needed at most {size}, but received {array.size}") if (
            array.size > size
        ) else TypeError(f"Eager execution of tf.constant with unsupported shape: {array.size} elements for {shape}")
    flat = array.reshape(-1)
    return np.concatenate([flat, np.full(size - flat.size, flat[-1], flat.dtype)]).reshape(shape)


@op("Placeholder", "-> dtype", shape=lambda op: op.attrs["shape"], differentiable=False)
def placeholder_op(xp, *, dtype, shape=None):
    """y = the value fed for this node"""
    raise errors.InvalidArgumentError(None, None, "You must feed a value for this placeholder")


def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Tensor:
    """y = a value that is given only when the graph runs, through ``feed_dict``.

    ``shape`` may leave dimensions open by None, or be None altogether.  RuntimeError when executing eagerly.
    """
    graph = context.current_graph()
    if graph is None:
        raise RuntimeError(
            "tf.placeholder() is not compatible with eager execution: use it inside `with tf.Graph().as_default():`."
        )
    attrs = {"dtype": as_dtype(dtype).base_dtype, "shape": shapes.as_tuple(shape)}
    return placeholder_op._build(graph, (), attrs, name)


def untyped_placeholder(dtype: Any = None, shape: Any = None, name: str | None = None) -> Tensor:
    """y = a value that is given only when the graph runs, through ``feed_dict``.

    Without ``dtype`` it takes on the type NumPy gives the fed value, and what is computed from it follows NumPy's
    rules.  ``shape`` may leave dimensions open by None, or be None altogether.

    >>> import tensorglass as tg
    >>> with tg.Graph().as_default():
    ...     x = tg.placeholder()
    ...     print(tg.Session().run(x + x, {x: [1, 2]}))
    [2 4]
    """
    return placeholder(dtypes.untyped if dtype is None else dtype, shape, name)


def _default_shape(op: Any) -> Any:
    shape = op.attrs["shape"]
    if not shapes.compatible(shape, op.inputs[0]._shape):
        raise ValueError(f"The default value has shape {op.inputs[0].shape}, not {shape}")
    return shape


@op("PlaceholderWithDefault", "dtype -> dtype", shape=_default_shape, effect=True)
def placeholder_with_default_op(xp, input, *, shape=None):
    """y = the fed value, or `input` where none is fed"""
    return input


@placeholder_with_default_op.gradient
def _(op, dy):
    return dy


def placeholder_with_default(input: Any, shape: Any, name: str | None = None) -> Any:
    """y = the value fed for this tensor, or `input` where none is fed"""
    return placeholder_with_default_op(input, shape=shapes.as_tuple(shape), name=name)


@op("Fill", "host index_type, T -> T where index_type: index", shape=lambda op: shape_value(op.inputs[0]))
def fill(xp, dims, value):
    """y[i, j, ...] = value, of shape `dims`"""
    value = xp.asarray(value)
    if value.ndim:
        raise ValueError(f"value must be a scalar, got shape {value.shape}")
    return xp.full(tuple(dims), value, value.dtype)


@fill.gradient
def _(op, dy):
    from .reduce import reduce_sum

    return None, reduce_sum(dy)


@op("FillLike", "like T, T -> T", shape=shapes.same)
def fill_like_op(xp, like, value):
    """y = `value` everywhere, in the shape of `like`"""
    return xp.full(like.shape, value)


@fill_like_op.gradient
def _(op, dy):
    from .reduce import reduce_sum

    return None, reduce_sum(dy)


def fill_like(x: Tensor, value: float, name: str | None = None) -> Any:
    """A constant where the shape of `x` is known, else filled when it runs."""
    if x._shape is not None and None not in x._shape and x.dtype.np_dtype is not None:
        array = np.full(x._shape, value, x.dtype.np_dtype)
        if array.size < 1024:
            return constant_tensor(array, name)
        return fill(list(x._shape), array.flat[0], name=name)
    return fill_like_op(x, value, name=name)


def _filler(value: Any, label: str) -> Any:
    def make(shape: Any, dtype: Any = dtypes.float32, name: str | None = None) -> Any:
        dtype = as_dtype(dtype).base_dtype
        element = bool(value) if dtype.is_bool else value if dtype is not dtypes.string else ("" if value == 0 else "1")
        known = constant_value(shape) if isinstance(shape, Tensor) else None
        if not isinstance(shape, Tensor):
            try:
                known = to_array(shapes.TensorShape(shape), dtypes.int32)
            except TypeError:  # a list with tensors in it
                shape = convert_to_tensor(shape, dtypes.int32)
        if known is not None and np.prod(known, dtype=np.int64) < 1000:
            return constant(np.full(tuple(known), to_array(element, dtype)), dtype, name=name or label)
        scalar = to_array(element, dtype)
        return fill(shape if known is None else known, scalar, name=name or label)

    make.__name__ = make.__qualname__ = label
    make.__doc__ = f"y[i, j, ...] = {value}, of the given shape (a list or an integer tensor) and dtype"
    return make


zeros = _filler(0, "zeros")
ones = _filler(1, "ones")


def _like(value: Any, label: str) -> Any:
    def make(tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True) -> Any:
        x = convert_to_tensor(tensor, name="tensor")
        target = x.dtype.base_dtype if dtype is None else as_dtype(dtype).base_dtype
        if x._shape is not None and None not in x._shape and target.np_dtype is not None:
            return (zeros if value == 0 else ones)(x._shape, target, name=name or label)
        if target is x.dtype.base_dtype and target is not dtypes.string:
            return fill_like_op(x, value, name=name or label)
        from .array import shape

        return fill(shape(x), to_array("" if target is dtypes.string else value, target), name=name or label)

    make.__name__ = make.__qualname__ = label
    make.__doc__ = f"y = {value} everywhere, in the shape of `tensor` and in its dtype (or `dtype`)"
    return make


zeros_like = _like(0, "zeros_like")
ones_like = _like(1, "ones_like")


def _range_shape(op: Any) -> Any:
    start, limit, delta = (constant_value(t) for t in op.inputs)
    if start is None or limit is None or delta is None:
        return (None,)
    if delta == 0:
        raise ValueError("Requires delta != 0")
    if (start > limit and delta > 0) or (start < limit and delta < 0):
        sign = ("<=", ">") if delta > 0 else (">=", "<")
        raise ValueError(f"Requires start {sign[0]} limit when delta {sign[1]} 0: {start}, {limit}, {delta}")
    return (int(np.ceil((limit - start) / delta)),)


@op("Range", "host Tidx, host Tidx, host Tidx -> Tidx where Tidx: float|int", shape=_range_shape, name="range",
    differentiable=False)  # fmt: skip
def range_op(xp, start, limit, delta, *, Tidx=None):
    """yᵢ = start + i · delta, below (above, for a negative step) the limit"""
    start, limit, delta = (np.asarray(v).item() for v in (start, limit, delta))
    if delta == 0:
        raise InvalidRange("Requires delta != 0")
    if (start > limit and delta > 0) or (start < limit and delta < 0):
        raise InvalidRange(f"Requires start <= limit when delta > 0, start >= limit when delta < 0: {start}/{limit}")
    n = int(np.ceil((limit - start) / delta))
    dtype = None if Tidx is None else Tidx.np_dtype
    if dtype is not None and dtype.kind == "f":  # TensorFlow adds in the tensor's own precision
        return dtype.type(start) + np.arange(n).astype(dtype) * dtype.type(delta)
    return np.arange(n, dtype=dtype) * delta + start if dtype is None else (np.arange(n) * delta + start).astype(dtype)


InvalidRange = ValueError


def range(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str | None = None) -> Any:
    """yᵢ = start + i · delta for as long as it is below `limit`; ``range(n)`` begins at 0.

    >>> import tensorglass as tg
    >>> tg.range(3, 9, 2).numpy()
    array([3, 5, 7], dtype=int32)
    """
    if limit is None:
        start, limit = 0, start
    from ..names import scope
    from .cast import cast

    if isinstance(dtype, str) and name is None and dtype not in dtypes.__dict__:
        dtype, name = None, dtype
    values = (start, limit, delta)
    if dtype is None:
        found = [v.dtype.base_dtype for v in values if hasattr(v, "dtype") and not isinstance(v, np.generic)]
        found += [as_dtype(to_array(v).dtype) for v in values if not hasattr(v, "dtype") or isinstance(v, np.generic)]
        dtype = max(found, key=[dtypes.int32, dtypes.int64, dtypes.float32, dtypes.float64].index)
    dtype = as_dtype(dtype)
    with scope(name, "range", values) as full:
        parts = [
            cast(v, dtype) if hasattr(v, "_to_tensor") or isinstance(v, Tensor)
            else convert_to_tensor(v, dtype, name=label)
            for v, label in zip(values, ("start", "limit", "delta"), strict=True)
        ]  # fmt: skip
        return range_op(*parts, Tidx=dtype, name=full or None)
