"""Reductions: sums, means, products and extremes over axes.

The stanzas take the axes as an operand; the public functions at the end fill in "all of them".  A gradient goes back
by `broadcast_back`, and what broadcasting repeated is summed by `sum_to_like`: each is the other's gradient.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..convert import convert_to_tensor
from ..op import Op, op
from ..shapes import Shape, num_elements, scalar
from ..static import constant_value


def axes_of(axis: Any, rank: int | None = None) -> tuple[int, ...]:
    """The axes of a host operand, however it comes: an int, a tuple, an array; checked where `rank` is given."""
    axes = axis if axis.__class__ is tuple else tuple(np.atleast_1d(axis).tolist())
    if rank is not None:
        for a in axes:
            if not -rank <= a < rank:
                raise ValueError(f"Invalid reduction dimension ({a} for input with {rank} dimension(s)")
        if len({a % rank for a in axes}) < len(axes):
            twice = next(a % rank for i, a in enumerate(axes) if a % rank in {b % rank for b in axes[:i]})
            raise ValueError(f"Invalid reduction arguments: Axes contains duplicate dimension: {twice}")
    return axes


def reduced(op: Any) -> Shape:
    """The shape that is left when the axes in the second input are reduced."""
    shape, axes = op.inputs[0]._shape, constant_value(op.inputs[1])
    if shape is None:
        return None
    if axes is None:
        return (None,) * len(shape) if op.attrs["keep_dims"] else None
    gone = set()
    for a in axes_of(axes):
        if not -len(shape) <= a < len(shape):
            raise ValueError(f"Invalid reduction dimension {a} for input with {len(shape)} dimensions.")
        gone.add(a % len(shape))
    if op.attrs["keep_dims"]:
        return tuple(1 if i in gone else d for i, d in enumerate(shape))
    return tuple(d for i, d in enumerate(shape) if i not in gone)


# Sums


@op("Sum", "T, host Tidx -> T where T: float|complex|int, Tidx: index", shape=reduced)
def sum_op(xp, input, reduction_indices, *, keep_dims=False):
    """y = Σ x over the given axes"""
    axes = axes_of(reduction_indices, input.ndim)
    return xp.sum(input, axis=axes, keepdims=keep_dims, dtype=input.dtype)


@sum_op.gradient  # every element has weight 1
def _(op, dy):
    return broadcast_back(dy, op)


@op("Mean", "T, host Tidx -> T where T: float|complex|int, Tidx: index", shape=reduced)
def mean_op(xp, input, reduction_indices, *, keep_dims=False):
    """y = (1/n) Σ x over the given axes; integers are divided towards zero"""
    axes = axes_of(reduction_indices, input.ndim)
    whole = input.dtype.kind in "iu"
    total = xp.sum(input, axis=axes, keepdims=keep_dims, dtype=np.int64 if whole else input.dtype)
    n = math.prod([input.shape[a] for a in axes])
    if not whole:
        return (total / input.dtype.type(n)).astype(input.dtype)
    return (xp.sign(total) * (xp.abs(total) // max(n, 1))).astype(input.dtype)


@mean_op.gradient  # every element has weight 1/n
def _(op, dy):
    x, y = op.inputs[0], op.outputs[0]
    total, left = num_elements(x._shape), num_elements(y._shape)
    if total is not None and left is not None:
        return broadcast_back(dy / (total // max(left, 1)), op)
    return broadcast_back(dy / count_ratio(x, y, dtype=dy.dtype.base_dtype), op)


@op("CountRatio", "like T, like U -> dtype", shape=scalar, differentiable=False)
def count_ratio(xp, whole, part, *, dtype):
    """n = how many elements of `whole` there are for each of `part`, as a number of type `dtype`"""
    return (dtype.as_numpy_dtype or np.float64)(whole.size // max(part.size, 1))


@op("EuclideanNorm", "T, host Tidx -> T where T: float|complex|int, Tidx: index", shape=reduced)
def euclidean_norm_op(xp, input, reduction_indices, *, keep_dims=False):
    """y = √Σ |x|² over the given axes"""
    axes = axes_of(reduction_indices, input.ndim)
    squares = xp.real(input * xp.conj(input)) if input.dtype.kind == "c" else xp.square(input)
    return xp.sqrt(xp.sum(squares, axis=axes, keepdims=keep_dims, dtype=squares.dtype)).astype(input.dtype)


@euclidean_norm_op.gradient  # x / y
def _(op, dy):
    return op.inputs[0] * broadcast_back(dy / op.outputs[0], op)


# Products


@op("Prod", "T, host Tidx -> T where T: float|complex|int, Tidx: index", shape=reduced, analytic=True)
def prod_op(xp, input, reduction_indices, *, keep_dims=False):
    """y = Π x over the given axes"""
    axes = axes_of(reduction_indices, input.ndim)
    return xp.prod(input, axis=axes, keepdims=keep_dims, dtype=input.dtype)


@prod_op.gradient  # the product of all the others, from the left and from the right: right where elements are 0, too
def _(op, dy):
    from .scan import cumprod

    x, axes = op.inputs
    line = axes_to_front(x, axes)
    others = cumprod(line, exclusive=True) * cumprod(line, exclusive=True, reverse=True)
    return broadcast_back(dy, op) * axes_from_front(others, x, axes)


@op("AxesToFront", "T, host Tidx -> T where Tidx: index")
def axes_to_front(xp, x, axes):
    """y = x with the given axes moved to the front and flattened into one"""
    axes = axes_of(axes, x.ndim)
    moved = xp.moveaxis(x, axes, range(len(axes)))
    return xp.reshape(moved, (math.prod(moved.shape[: len(axes)]), *moved.shape[len(axes) :]))


@axes_to_front.gradient
def _(op, dy):
    return axes_from_front(dy, *op.inputs)


@op("AxesFromFront", "T, like T, host Tidx -> T where Tidx: index", shape=lambda op: op.inputs[1]._shape)
def axes_from_front(xp, y, like, axes):
    """x in the shape of `like`, from y = `axes_to_front(x, axes)`"""
    rank = len(like.shape)
    axes = axes_of(axes, rank)
    sizes = [like.shape[a] for a in axes]
    return xp.moveaxis(xp.reshape(y, (*sizes, *y.shape[1:])), range(len(axes)), axes)


@axes_from_front.gradient
def _(op, dx):
    return axes_to_front(dx, op.inputs[2]), None, None


# Extremes


def _extreme(xp: Any, name: str, input: Any, axis: Any, keep_dims: bool) -> Any:
    """The largest or smallest elements; of none at all, that which every other one would beat."""
    axes = axes_of(axis, input.ndim)
    options = {}
    if input.size == 0:
        limits = np.finfo(input.dtype) if input.dtype.kind == "f" else np.iinfo(input.dtype)
        worst = limits.min if name == "max" else limits.max
        options["initial"] = input.dtype.type(worst * np.inf if input.dtype.kind == "f" else worst)
    return getattr(xp, name)(input, axis=axes, keepdims=keep_dims, **options)


@op("Max", "T, host Tidx -> T where T: float|int, Tidx: index", shape=reduced)
def max_op(xp, input, reduction_indices, *, keep_dims=False):
    """y = max x over the given axes; −∞ (the least integer) where there is nothing"""
    return _extreme(xp, "max", input, reduction_indices, keep_dims)


@op("Min", "T, host Tidx -> T where T: float|int, Tidx: index", shape=reduced)
def min_op(xp, input, reduction_indices, *, keep_dims=False):
    """y = min x over the given axes; ∞ (the greatest integer) where there is nothing"""
    return _extreme(xp, "min", input, reduction_indices, keep_dims)


@max_op.gradient  # to the elements that attain it, in equal shares
@min_op.gradient
def _(op, dy):
    from .cast import cast
    from .logic import equal

    x, axes = op.inputs
    attains = cast(equal(x, broadcast_back(op.outputs[0], op)), dy.dtype)
    count = sum_op(attains, axes, keep_dims=op.keep_dims)
    return attains * broadcast_back(dy / count, op)


@op("All", "bool, host Tidx -> bool where Tidx: index", shape=reduced, differentiable=False)
def all_op(xp, input, reduction_indices, *, keep_dims=False):
    """y = whether all are true along the given axes"""
    return xp.all(input, axis=axes_of(reduction_indices, input.ndim), keepdims=keep_dims)


@op("Any", "bool, host Tidx -> bool where Tidx: index", shape=reduced, differentiable=False)
def any_op(xp, input, reduction_indices, *, keep_dims=False):
    """y = whether any is true along the given axes"""
    return xp.any(input, axis=axes_of(reduction_indices, input.ndim), keepdims=keep_dims)


# Back to the shape before


def broadcast_back(dy: Any, op: Any) -> Any:
    """Repeat the gradient `dy` of a reduction along the axes that `op` reduced."""
    from .array import reshape

    x, kept = op.inputs[0], op.get_attr("keep_dims")
    axes = constant_value(op.inputs[1])
    if not kept:
        if axes is None or x._shape is None:
            return spread_like(dy, x, op.inputs[1])
        gone = {a % len(x._shape) for a in axes_of(axes)}
        if len(gone) < len(x._shape) and gone != set(range(len(gone))):  # leading axes broadcast by themselves
            shape = [1 if i in gone else -1 if d is None else d for i, d in enumerate(x._shape)]
            if shape.count(-1) > 1:
                return spread_like(dy, x, op.inputs[1])
            dy = reshape(dy, shape)
    return broadcast_like(dy, x)


@op("SpreadLike", "T, like U, host Tidx -> T where Tidx: index", shape=lambda op: op.inputs[1]._shape)
def spread_like(xp, y, like, axes):
    """x = y repeated along the axes of `like` that a reduction took away"""
    gone = {a % like.ndim for a in axes_of(axes)}
    return xp.broadcast_to(xp.reshape(y, [1 if i in gone else d for i, d in enumerate(like.shape)]), like.shape)


@spread_like.gradient
def _(op, dx):
    return sum_op(dx, op.inputs[2]), None, None


@op("BroadcastLike", "T, like U -> T", shape=lambda op: op.inputs[1]._shape)
def broadcast_like(xp, x, like):
    """y = x broadcast to the shape of `like`"""
    return xp.broadcast_to(x, like.shape)


@broadcast_like.gradient
def _(op, dy):
    return sum_to_like(dy, op.inputs[0]), None


@op("SumToLike", "T, like U -> T", shape=lambda op: op.inputs[1]._shape)
def sum_to_like(xp, x, like):
    """y = x summed over the axes along which something of the shape of `like` was broadcast"""
    if x.shape == like.shape:
        return xp.asarray(x)
    lead = x.ndim - len(like.shape)
    axes = tuple(i for i in range(x.ndim) if i < lead or (like.shape[i - lead] == 1 and x.shape[i] != 1))
    return xp.reshape(xp.sum(x, axis=axes), like.shape)


@sum_to_like.gradient
def _(op, dy):
    return broadcast_like(dy, op.inputs[0]), None


# What users call


def _all_axes(x: Any, axis: Any) -> Any:
    """The axes to reduce: what the user gave, or every one."""
    if axis is not None:
        return axis
    if x._shape is not None:
        from .constant import constant

        return constant(np.arange(len(x._shape), dtype=np.int32), name="Const")
    from .array import rank
    from .constant import range

    return range(0, rank(x))


def _reduction(definition: Op, label: str, doc: str) -> Any:
    """The public form of a reduction: `axis` may be None, an int, a list or a tensor."""

    def reduce(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
        x = convert_to_tensor(input_tensor, name="input")
        y = definition(x, _all_axes(x, axis), keep_dims=bool(keepdims), name=name)
        if axis is None and x._shape is None and not keepdims:
            y.set_shape(())
        return y

    reduce.__name__ = reduce.__qualname__ = label
    reduce.__doc__ = doc
    return reduce


reduce_sum = _reduction(
    sum_op,
    "reduce_sum",
    """y = Σ x over `axis` (an int, a list, or None for all axes); ``keepdims`` leaves the reduced axes as size 1.

    >>> import tensorglass as tg
    >>> tg.reduce_sum([[1, 2], [3, 4]], axis=0).numpy().tolist()
    [4, 6]
    """,
)
reduce_mean = _reduction(
    mean_op, "reduce_mean", "y = (1/n) Σ x over `axis` (as in `reduce_sum`); integers are divided towards zero"
)
reduce_prod = _reduction(prod_op, "reduce_prod", "y = Π x over `axis` (as in `reduce_sum`)")
reduce_max = _reduction(max_op, "reduce_max", "y = max x over `axis` (as in `reduce_sum`); ties share the gradient")
reduce_min = _reduction(min_op, "reduce_min", "y = min x over `axis` (as in `reduce_sum`); ties share the gradient")
reduce_all = _reduction(all_op, "reduce_all", "y = whether all booleans along `axis` are true")
reduce_any = _reduction(any_op, "reduce_any", "y = whether any boolean along `axis` is true")
reduce_euclidean_norm = _reduction(
    euclidean_norm_op, "reduce_euclidean_norm", "y = √Σ |x|² over `axis` (as in `reduce_sum`)"
)
