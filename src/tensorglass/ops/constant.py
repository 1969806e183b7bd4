"""Tensors from nothing: constants, placeholders, fills, ranges."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import context, dtypes, errors, shapes
from ..convert import constant_tensor, convert_to_tensor, frozen, holds_tensor, to_array
from ..dtypes import as_dtype
from ..graph import Operators, Tensor
from ..op import op
from ..static import constant_value, shape_value


@op("Const", "-> dtype", shape=lambda op: op.attrs["value"].shape, differentiable=False)
def const_op(xp, *, value, dtype):
    """y = a value fixed when the graph is built"""
    return value


def constant(
    value: Any, dtype: Any = None, shape: Any = None, name: str | None = None, verify_shape: bool = False
) -> Any:
    """y = `value` as a constant tensor.

    ``dtype`` converts it; ``shape`` reshapes it, a single number filling the shape (in a graph a shorter list too: its
    last element is repeated).

    >>> import tensorglass as tg
    >>> tg.constant(-1.0, shape=[2, 2])
    <tf.Tensor: shape=(2, 2), dtype=float32, numpy=
    array([[-1., -1.],
           [-1., -1.]], dtype=float32)>
    """
    if hasattr(value, "_to_tensor") or (isinstance(value, Tensor) and not hasattr(value, "_array")):
        raise TypeError(f"Expected any non-tensor type, but got a tensor instead: {value!r} needs no tf.constant.")
    array = to_array(value, None if dtype is None else as_dtype(dtype).base_dtype)
    if shape is not None:
        array = _shaped(array, shapes.as_tuple(shape), verify_shape)
    return constant_tensor(frozen(array), name or "Const")


def _shaped(array: np.ndarray, shape: Any, verify: bool) -> np.ndarray:
    """`array` in `shape`, filled up by its last element as far as the mode allows."""
    size = shapes.num_elements(shape)
    if size is None or (verify and array.shape != shape):
        raise TypeError(f"Expected Tensor's shape: {shape}, but got {array.shape}.")
    if array.size == size:
        return array.reshape(shape)
    if array.size == 1:
        return np.full(shape, array.reshape(()), array.dtype)
    if context.executing_eagerly():
        raise TypeError(
            "Eager execution of tf.constant with unsupported shape. "
            f"Tensor {array.tolist()} has {array.size} elements, but got `shape` {shape} with {size} elements."
        )
    if array.size > size:
        raise ValueError(f"Too many elements provided. Takes at most {size}, but got {array.size}.")
    last = array.reshape(-1)[-1:] if array.size else np.zeros(1, array.dtype)
    return np.concatenate([array.reshape(-1), np.repeat(last, size - array.size)]).reshape(shape)


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


untyped_placeholder.__name__ = untyped_placeholder.__qualname__ = "placeholder"  # the root namespace's name for it


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


def _filled(op: Any) -> Any:
    dims, value = constant_value(op.inputs[0]), op.inputs[1]._shape
    if value:
        raise ValueError(f"Shape must be rank 0 but is rank {len(value)}")
    if dims is not None and dims.size and dims.min() < 0:
        raise ValueError(f"Invalid value in tensor used for shape: {dims.min()}")
    return shape_value(op.inputs[0])


@op("Fill", "host index_type, T -> T where index_type: index", shape=_filled)
def fill(xp, dims, value):
    """y[i, j, ...] = value, of shape `dims`

    >>> import tensorglass as tg
    >>> tg.fill([2, 2], 7).numpy().tolist()
    [[7, 7], [7, 7]]
    """
    if np.ndim(value):
        raise ValueError(f"value must be a scalar, got shape {list(value.shape)}")
    shape = tuple(int(d) for d in dims)
    if min(shape, default=0) < 0:
        raise ValueError(f"Dimension {min(shape)} must be >= 0")
    return xp.full(shape, value, getattr(value, "dtype", object))


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


_INLINE = 1000  # elements: up to here a fill is written out as a constant


def _filler(value: int, label: str) -> Any:
    empty = {"bool": bool(value), **({} if value else {"string": ""})}

    def make(shape: Any, dtype: Any = dtypes.float32, name: str | None = None) -> Any:
        dtype = as_dtype(dtype).base_dtype
        element = to_array(empty.get(dtype.name, value), dtype)
        known, shape = _known_shape(shape)
        if known is not None and math.prod(known) < _INLINE:
            return constant_tensor(frozen(np.full(known, element, element.dtype)), name or label)
        return fill(shape if known is None else np.array(known, np.int32), element, name=name or label)

    make.__name__ = make.__qualname__ = label
    make.__doc__ = f"""y[i, j, ...] = {value}, of the given shape (a list or an integer tensor) and dtype.

    >>> import tensorglass as tg
    >>> tg.{label}([2]).numpy().tolist()
    [{value}.0, {value}.0]
    """
    return make


def _known_shape(shape: Any) -> tuple[tuple[int, ...] | None, Any]:
    """`shape` as a tuple where it is known, else as a vector that an op takes."""
    if isinstance(shape, Operators) or (isinstance(shape, (list, tuple)) and holds_tensor(shape)):
        t = convert_to_tensor(shape)
        if not t._shape:
            from .array import reshape

            t = reshape(t, [-1])
        known = constant_value(t) if t.__class__ is not Tensor or t.op.type == "Const" else None
        return None if known is None else tuple(known.tolist()), t
    if isinstance(shape, (list, tuple)) and any(v is None for v in shape):
        raise TypeError("Expected int32, but got None of type 'NoneType': the shape to fill must be known.")
    sizes = to_array(shape, dtypes.int32)
    if sizes.size and sizes.min() < 0:
        raise ValueError(f"Invalid value in tensor used for shape: {sizes.min()}")
    return tuple(sizes.reshape(-1).tolist()), shape


zeros = _filler(0, "zeros")
ones = _filler(1, "ones")


def _like(value: Any, label: str) -> Any:
    def make(input: Any, dtype: Any = None, name: str | None = None) -> Any:
        x = convert_to_tensor(input, name="tensor")
        target = x.dtype.base_dtype if dtype is None else as_dtype(dtype).base_dtype
        if x._shape is not None and None not in x._shape and target.np_dtype is not None:
            return (zeros if value == 0 else ones)(x._shape, target, name=name or label)
        if target is x.dtype.base_dtype and target is not dtypes.string:
            return fill_like_op(x, value, name=name or label)
        from .array import shape

        return fill(shape(x), to_array("" if target is dtypes.string else value, target), name=name or label)

    make.__name__ = make.__qualname__ = label
    make.__doc__ = f"y = {value} everywhere, in the shape of `input` and in its dtype (or `dtype`)"
    return make


zeros_like = _like(0, "zeros_like")
ones_like = _like(1, "ones_like")


def _count(start: Any, limit: Any, delta: Any) -> int:
    """How many elements a range has; ValueError where it has no meaning."""
    if delta == 0:
        raise ValueError("Requires delta != 0")
    if delta > 0 and start > limit:
        raise ValueError(f"Requires start <= limit when delta > 0: {start}/{limit}")
    if delta < 0 and start < limit:
        raise ValueError(f"Requires start >= limit when delta < 0: {start}/{limit}")
    return -((start - limit) // delta) if isinstance(start, int) else math.ceil((limit - start) / delta)


def _range_shape(op: Any) -> Any:
    for t in op.inputs:
        if t._shape:
            raise ValueError(f"Shape must be rank 0 but is rank {len(t._shape)}")
    start, limit, delta = (constant_value(t) for t in op.inputs)
    if start is None or limit is None or delta is None:
        return (None,)
    return (_count(start.item(), limit.item(), delta.item()),)


@op("Range", "host Tidx, host Tidx, host Tidx -> Tidx where Tidx: float|int", shape=_range_shape, name="range",
    differentiable=False)  # fmt: skip
def range_op(xp, start, limit, delta, *, Tidx):
    """yᵢ = start + i · delta, below (above, for a negative step) the limit"""
    start, limit, delta = (np.asarray(v).item() for v in (start, limit, delta))
    steps = np.arange(_count(start, limit, delta), dtype=Tidx.np_dtype)
    return steps * steps.dtype.type(delta) + steps.dtype.type(start)


_HIERARCHY = (dtypes.int32, dtypes.int64, dtypes.float32, dtypes.float64)


def range(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str | None = None) -> Any:
    """yᵢ = start + i · delta for as long as it is below `limit`; ``range(n)`` begins at 0.

    ValueError (InvalidArgumentError when it runs) for a step of 0 or in the wrong direction.

    >>> import tensorglass as tg
    >>> tg.range(3, 9, 2).numpy()
    array([3, 5, 7], dtype=int32)
    """
    from ..names import scope
    from .cast import cast

    if limit is None:
        start, limit = 0, start
    values = (start, limit, delta)
    if dtype is None:
        found = [getattr(v, "dtype", None) if isinstance(v, Operators) else to_array(v).dtype for v in values]
        kinds = [as_dtype(d).base_dtype for d in found]
        if not set(kinds) <= set(_HIERARCHY):
            raise TypeError(f"range needs a dtype: its arguments are of types {', '.join(d.name for d in kinds)}")
        dtype = max(kinds, key=_HIERARCHY.index)
    dtype = as_dtype(dtype)
    with scope(name, "range", values) as full:
        parts = [
            cast(v, dtype) if isinstance(v, Operators) else convert_to_tensor(v, dtype, name=label)
            for v, label in zip(values, ("start", "limit", "delta"), strict=True)
        ]
        return range_op(*parts, Tidx=dtype, name=full or None)
