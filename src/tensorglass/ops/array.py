"""Shapes of tensors and what changes them: reshape, stack, concat, split, squeeze (transpose: see arrange.py)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import dtypes, shapes
from ..convert import convert_to_tensor, holds_tensor
from ..dtypes import as_dtype
from ..graph import Tensor
from ..op import op
from ..shapes import Dimension
from ..static import constant_value, shape_value
from .cast import cast


@op("Identity", "T -> T", shape=shapes.same, alias=True)
def identity(xp, input):
    """y = x"""
    return input


@identity.gradient
def _(op, dy):
    return dy


@op("StopGradient", "T -> T", shape=shapes.same, alias=True)
def stop_gradient(xp, input):
    """y = x, a constant to differentiation: nothing flows back"""
    return input


@stop_gradient.gradient
def _(op, dy):
    return None


def _rank_of(t: Tensor) -> Any:
    return (None if t._shape is None else len(t._shape),)


@op("Shape", "like T -> out_type", shape=lambda op: _rank_of(op.inputs[0]), differentiable=False)
def shape_op(xp, input, *, out_type=dtypes.int32):
    """y = (d₁, ..., dᵣ), the sizes of x when it runs"""
    return np.array(np.shape(input), out_type.np_dtype)


def shape(input: Any, out_type: Any = dtypes.int32, name: str | None = None) -> Any:
    """y = (d₁, ..., dᵣ), the sizes of `input` as a tensor; a constant where they are known.

    >>> import tensorglass as tg
    >>> tg.shape([[1, 2, 3]]).numpy()
    array([1, 3], dtype=int32)
    """
    x, out_type = convert_to_tensor(input), as_dtype(out_type)
    if x._shape is not None and None not in x._shape:
        from .constant import constant

        return constant(np.array(x._shape, out_type.np_dtype), out_type, name=name or "Shape")
    return shape_op(x, out_type=out_type, name=name)


@op("Size", "like T -> out_type", shape=shapes.scalar, differentiable=False)
def size_op(xp, input, *, out_type=dtypes.int32):
    """y = d₁ · d₂ ⋯ dᵣ, the number of elements"""
    return out_type.as_numpy_dtype(np.size(input))


def size(input: Any, out_type: Any = dtypes.int32, name: str | None = None) -> Any:
    """y = the number of elements of `input`; a constant where it is known"""
    x, out_type = convert_to_tensor(input), as_dtype(out_type)
    known = shapes.num_elements(x._shape)
    if known is not None:
        from .constant import constant

        return constant(known, out_type, name=name or "Size")
    return size_op(x, out_type=out_type, name=name)


@op("Rank", "like T -> int32", shape=shapes.scalar, differentiable=False)
def rank_op(xp, input):
    """y = the number of dimensions"""
    return np.int32(np.ndim(input))


def rank(input: Any, name: str | None = None) -> Any:
    """y = the number of dimensions of `input`; a constant where it is known"""
    x = convert_to_tensor(input)
    if x._shape is not None:
        from .constant import constant

        return constant(len(x._shape), dtypes.int32, name=name or "Rank")
    return rank_op(x, name=name)


def _reshaped(op: Any) -> Any:
    source, target = op.inputs[0]._shape, shape_value(op.inputs[1])
    if target is None:
        return None
    wanted = constant_value(op.inputs[1])
    total = shapes.num_elements(source)
    if wanted is None or -1 not in wanted:
        known = shapes.num_elements(target)
        if known is not None and total is not None and known != total:
            raise ValueError(
                f"Cannot reshape a tensor with {total} elements to shape {shapes.text(target)} ({known} elements)"
            )
        return target
    if (wanted == -1).sum() > 1:
        raise ValueError(f"Only one dimension of a shape may be -1: {wanted.tolist()}")
    rest = int(np.prod([d for d in wanted if d != -1], dtype=np.int64))
    if total is None:
        return target
    if rest == 0 or total % rest:
        raise ValueError(f"Dimension size must be evenly divisible by {rest} but is {total}")
    return tuple(total // rest if d is None else d for d in target)


@op("Reshape", "T, host Tshape -> T where Tshape: index", shape=_reshaped)
def reshape(xp, tensor, shape):
    """y = the elements of x, in row-major order, in another shape; one size may be -1 and is worked out"""
    try:
        return xp.reshape(tensor, tuple(shape))
    except ValueError:
        raise _unshapable(tensor.size, [int(d) for d in shape]) from None


def _unshapable(n: int, shape: list[int]) -> ValueError:
    """What is wrong with a reshape of n elements to `shape`."""
    if shape.count(-1) > 1:
        first, second, *_ = (i for i, d in enumerate(shape) if d == -1)
        return ValueError(f"Only one input size may be -1, not both {first} and {second}")
    if any(d < -1 for d in shape):
        return ValueError(f"Size {shape.index(min(shape))} must be non-negative, not {min(shape)}")
    known = math.prod(d for d in shape if d != -1)
    more = "requires a multiple of" if -1 in shape else "has"
    return ValueError(f"Input to reshape is a tensor with {n} values, but the requested shape {more} {known}")


@reshape.gradient
def _(op, dy):
    return reshape_like(dy, op.inputs[0])


@op("ReshapeLike", "T, like U -> T", shape=lambda op: op.inputs[1]._shape)
def reshape_like_op(xp, tensor, like):
    """y = the elements of x in the shape of `like`"""
    return xp.reshape(tensor, like.shape)


@reshape_like_op.gradient
def _(op, dy):
    return reshape_like(dy, op.inputs[0]), None


def reshape_like(x: Any, like: Any) -> Any:
    """`x` in the shape of `like`: by a constant shape where that is known."""
    known = like._shape
    if known is not None and known == x._shape and None not in known:
        return x
    if known is not None and sum(d is None for d in known) <= 1 and 0 not in known:
        return reshape(x, [-1 if d is None else d for d in known])
    return reshape_like_op(x, like)


def _stacked_shape(op: Any) -> Any:
    shape = shapes.merged(op)
    if shape is None:
        return None
    axis = op.attrs["axis"]
    if not -len(shape) - 1 <= axis <= len(shape):
        raise ValueError(f"axis = {axis} not in [{-len(shape) - 1}, {len(shape) + 1})")
    axis += len(shape) + 1 if axis < 0 else 0
    return (*shape[:axis], op.attrs["N"], *shape[axis:])


@op("Pack", "N*T -> T", shape=_stacked_shape, name="stack")
def stack_op(xp, values, *, axis=0):
    """y = the values side by side along a new axis"""
    if len({np.shape(v) for v in values}) > 1:
        first, other = next((values[0].shape, v.shape) for v in values if v.shape != values[0].shape)
        raise ValueError(f"Shapes of all inputs must match: values[0].shape = {list(first)} != {list(other)}")
    return (np if all(isinstance(v, (np.ndarray, np.generic)) for v in values) else xp).stack(values, axis)


@stack_op.gradient
def _(op, dy):
    return unstack_op(dy, num=op.N, axis=op.axis)


def stack(values: Any, axis: int = 0, name: str = "stack") -> Any:
    """y = the tensors of the list `values` side by side along a new axis; they have one shape.

    >>> import tensorglass as tg
    >>> tg.stack([[1, 2], [3, 4]], axis=1).numpy().tolist()
    [[1, 3], [2, 4]]
    """
    if axis == 0 and not (isinstance(values, (list, tuple)) and holds_tensor(values)):
        return convert_to_tensor(values, name=name)
    values = [convert_to_tensor(v) if isinstance(v, (list, tuple)) and holds_tensor(v) else v for v in values]
    first = values[0]._shape if isinstance(values[0], Tensor) else np.shape(values[0])
    if first is not None and not -len(first) - 1 <= axis <= len(first):
        raise ValueError(f"Argument `axis` = {axis} not in range [{-len(first) - 1}, {len(first) + 1})")
    return stack_op(values, axis=axis, name=name)


def _unstacked_shapes(op: Any) -> Any:
    shape, num, axis = op.inputs[0]._shape, op.attrs["num"], op.attrs["axis"]
    if shape is None:
        return [None] * num
    if not -len(shape) <= axis < len(shape):
        raise ValueError(f"axis = {axis} not in [{-len(shape)}, {len(shape)})")
    axis %= len(shape)
    if shape[axis] not in (None, num):
        raise ValueError(f"Dimension must be {num} but is {shape[axis]}")
    return [shape[:axis] + shape[axis + 1 :]] * num


@op("Unpack", "T -> num*T", shape=_unstacked_shapes, name="unstack")
def unstack_op(xp, value, *, num, axis=0):
    """y₁, y₂, ... = the slices of x along an axis"""
    if value.shape[axis] != num:
        raise ValueError(f"Input shape axis {axis} must equal {num}, got shape {list(value.shape)}")
    moved = xp.moveaxis(value, axis, 0)
    return [moved[i, ...] for i in range(num)]


@unstack_op.gradient
def _(op, *dys):
    return stack(list(dys), op.axis)


def unstack(value: Any, num: int | None = None, axis: int = 0, name: str | None = None) -> list:
    """y₁, y₂, ... = the slices of `value` along `axis`, as a list; `num` where the shape does not tell how many.

    >>> import tensorglass as tg
    >>> [t.numpy().tolist() for t in tg.unstack([[1, 2], [3, 4]], axis=1)]
    [[1, 3], [2, 4]]
    """
    value = convert_to_tensor(value)
    if num is None:
        if value._shape is None:
            raise ValueError(f"Cannot infer argument `num` from shape {value.shape}")
        if not -len(value._shape) <= axis < len(value._shape):
            raise ValueError(f"Argument `axis` = {axis} not in range [{-len(value._shape)}, {len(value._shape)})")
        num = value._shape[axis]
        if num is None:
            raise ValueError(f"Cannot infer argument `num` from shape {value.shape}")
    return unstack_op(value, num=num, axis=axis, name=name)


def _concatenated(op: Any) -> Any:
    axis = constant_value(op.inputs[-1])
    known = [t._shape for t in op.inputs[:-1] if t._shape is not None]
    if not known:
        return None
    rank = len(known[0])
    if any(len(s) != rank for s in known):
        raise ValueError(f"Shapes must be of equal rank, but are {' and '.join(str(len(s)) for s in known)}")
    if axis is None:
        return (None,) * rank
    axis = int(axis)
    if not -rank <= axis < rank:
        raise ValueError(f"ConcatOp : Expected concatenating dimensions in the range [{-rank}, {rank}), but got {axis}")
    axis %= rank
    whole: Any = (None,) * rank
    for s in known:
        whole = shapes.merge(whole, (*s[:axis], None, *s[axis + 1 :]))
    parts: list[Any] = [t._shape[axis] if t._shape is not None else None for t in op.inputs[:-1]]
    return (*whole[:axis], None if None in parts else sum(parts), *whole[axis + 1 :])


@op("ConcatV2", "N*T, host Tidx -> T where Tidx: index", shape=_concatenated, name="concat")
def concat_op(xp, values, axis):
    """y = the values end to end along an axis"""
    if len({v.ndim for v in values}) > 1:
        raise ValueError(f"ConcatOp : Ranks of all input tensors should match: {[list(v.shape) for v in values]}")
    if not -values[0].ndim <= int(axis) < values[0].ndim:
        raise ValueError(f"ConcatOp : Expected concatenating dimensions in range, but got {axis}")
    return xp.concatenate(values, int(axis))


@concat_op.gradient  # each value gets its stretch of ȳ
def _(op, dy):
    *parts, axis = op.inputs
    return split_sizes(dy, _sizes_along(parts, axis), cast(axis, dtypes.int32), num_split=len(parts))


def _sizes_along(parts: Sequence[Tensor], axis: Tensor) -> Any:
    """The size of each of `parts` along `axis`: numbers where they are known, else a tensor."""
    at = constant_value(axis)
    if at is not None:
        sizes = [None if p._shape is None else p._shape[int(at)] for p in parts]
        if None not in sizes:
            return sizes
    return stack([shape(p)[axis] for p in parts])


def concat(values: Any, axis: Any, name: str = "concat") -> Any:
    """y = the tensors of the list `values` end to end along `axis`; all other sizes must agree.

    >>> import tensorglass as tg
    >>> tg.concat([[[1, 2]], [[3, 4]]], 0).numpy().tolist()
    [[1, 2], [3, 4]]
    """
    values = list(values) if isinstance(values, (list, tuple)) else [values]
    if len(values) == 1:
        return identity(values[0], name=name)
    return concat_op(values, axis, name=name)


# Split


def _split_shapes(op: Any) -> Any:
    shape, axis, n = op.inputs[1]._shape, constant_value(op.inputs[0]), op.num_split
    if shape is None:
        return [None] * n
    if axis is None:
        return [(None,) * len(shape)] * n
    axis = _split_axis(int(axis), len(shape))
    size = shape[axis]
    if size is not None and size % n:
        raise ValueError(
            f"Dimension size must be evenly divisible by {n} but is {size}\n"
            "\tNumber of ways to split should evenly divide the split dimension"
        )
    return [(*shape[:axis], None if size is None else size // n, *shape[axis + 1 :])] * n


def _split_axis(axis: int, rank: int) -> int:
    if not -rank <= axis < rank:
        raise ValueError(f"-input rank(-{rank}) <= split_dim < input rank ({rank}), but got {axis}")
    return axis % rank


@op("Split", "host int32, T -> num_split*T", shape=_split_shapes, name="split")
def split_op(xp, split_dim, value, *, num_split):
    """y₁, y₂, ... = x cut into parts of one size along an axis"""
    axis = _split_axis(int(split_dim), value.ndim)
    if value.shape[axis] % num_split:
        raise ValueError(
            "Number of ways to split should evenly divide the split dimension, but got split_dim "
            f"{axis} (size = {value.shape[axis]}) and num_split {num_split}"
        )
    return list(xp.split(value, num_split, axis))


@split_op.gradient
def _(op, *dys):
    return None, concat(list(dys), op.inputs[0])


def _split_sizes_shapes(op: Any) -> Any:
    shape, sizes, axis = op.inputs[0]._shape, constant_value(op.inputs[1]), constant_value(op.inputs[2])
    if shape is None:
        return [None] * op.num_split
    if axis is None:
        return [(None,) * len(shape)] * op.num_split
    axis = _split_axis(int(axis), len(shape))
    found = [None] * op.num_split
    if sizes is not None:
        found = [None if s < 0 else s for s in sizes.tolist()]
        if shape[axis] is not None:
            found = _completed(sizes.tolist(), shape[axis])
    return [(*shape[:axis], size, *shape[axis + 1 :]) for size in found]


def _completed(sizes: Sequence[int], whole: int) -> list[int]:
    """`sizes` with a -1 replaced by what is left of `whole`."""
    known = sum(s for s in sizes if s >= 0)
    open_ended = sum(s < 0 for s in sizes)
    if open_ended > 1:
        raise ValueError("There can only be one -1 in the input.")
    if known > whole or (known != whole and not open_ended):
        raise ValueError(f"can't split axis of size {whole} into pieces of size [{','.join(str(s) for s in sizes)}]")
    return [whole - known if s < 0 else s for s in sizes]


@op("SplitV", "T, host Tlen, host int32 -> num_split*T where Tlen: index", shape=_split_sizes_shapes, name="split")
def split_sizes(xp, value, size_splits, split_dim, *, num_split):
    """y₁, y₂, ... = x cut into parts of the given sizes along an axis; one size may be -1: what is left"""
    axis = _split_axis(int(split_dim), value.ndim)
    sizes = _completed([int(s) for s in size_splits], value.shape[axis])
    return list(xp.split(value, list(itertools.accumulate(sizes[:-1])), axis))


@split_sizes.gradient
def _(op, *dys):
    return concat(list(dys), op.inputs[2]), None, None


def split(value: Any, num_or_size_splits: Any, axis: Any = 0, num: int | None = None, name: str = "split") -> list:
    """y₁, y₂, ... = `value` cut along `axis`: into a number of equal parts, or into parts of the sizes in a list.

    One of the sizes may be -1: what is left.  `num` says how many parts there are where the list is a tensor that
    does not tell.

    >>> import tensorglass as tg
    >>> [t.numpy().tolist() for t in tg.split([1, 2, 3, 4, 5], [1, -1])]
    [[1], [2, 3, 4, 5]]
    """
    if isinstance(num_or_size_splits, Dimension):
        num_or_size_splits = num_or_size_splits.value
    if isinstance(num_or_size_splits, (int, np.integer)):
        return split_op(axis, value, num_split=int(num_or_size_splits), name=name)
    sizes = convert_to_tensor(num_or_size_splits)
    if sizes._shape == ():
        raise ValueError("Rank-0 tensors are not supported as the num_or_size_splits argument to split.")
    if num is None:
        num = None if sizes._shape is None else sizes._shape[0]
        if num is None:
            raise ValueError(f"Cannot infer argument `num` from shape {sizes.shape}")
    return split_sizes(value, sizes, axis, num_split=num, name=name)


# Axes of size 1


def _expanded(op: Any) -> Any:
    shape, axis = op.inputs[0]._shape, constant_value(op.inputs[1])
    if shape is None:
        return None
    if axis is None:
        return (None,) * (len(shape) + 1)
    axis = _new_axis(axis, len(shape))
    return (*shape[:axis], 1, *shape[axis:])


def _new_axis(axis: Any, rank: int) -> int:
    if np.size(axis) != 1:
        raise ValueError(f"'dim' input must be a tensor with a single value, got {np.size(axis)}")
    axis = int(np.asarray(axis).reshape(()))
    if not -rank - 1 <= axis <= rank:
        raise ValueError(f"dim {axis} not in the interval [{-rank - 1}, {rank}].")
    return axis + rank + 1 if axis < 0 else axis


@op("ExpandDims", "T, host Tdim -> T where Tdim: index", shape=_expanded)
def expand_dims_op(xp, input, dim):
    """y = x with an axis of size 1 put in"""
    return xp.expand_dims(input, _new_axis(dim, np.ndim(input)))


@expand_dims_op.gradient
def _(op, dy):
    return reshape_like(dy, op.inputs[0])


def expand_dims(input: Any, axis: Any, name: str | None = None) -> Any:
    """y = `input` with an axis of size 1 put in before `axis`; -1 puts it last.

    >>> import tensorglass as tg
    >>> tg.expand_dims([1, 2, 3], -1).shape.as_list()
    [3, 1]
    """
    return expand_dims_op(input, axis, name=name)


def _squeezed(op: Any) -> Any:
    shape, dims = op.inputs[0]._shape, op.squeeze_dims
    if shape is None:
        return None
    if not dims:
        return None if None in shape else tuple(d for d in shape if d != 1)
    gone = _removable(dims, shape)
    return tuple(d for i, d in enumerate(shape) if i not in gone)


def _removable(dims: Sequence[int], shape: Sequence[int | None]) -> set[int]:
    """The axes in `dims`; ValueError where one has a size other than 1."""
    rank, gone = len(shape), set()
    for i, dim in enumerate(dims):
        if not -rank <= dim < rank:
            raise ValueError(f"squeeze_dims[{i}] not in [{-rank},{rank}).")
        if shape[dim] not in (1, None):
            raise ValueError(f"Can not squeeze dim[{dim % rank}], expected a dimension of 1, got {shape[dim]}")
        gone.add(dim % rank)
    return gone


@op("Squeeze", "T -> T", shape=_squeezed)
def squeeze_op(xp, input, *, squeeze_dims=()):
    """y = x without axes of size 1: those in `squeeze_dims`, or all"""
    gone = _removable(squeeze_dims, np.shape(input))
    shape = [d for i, d in enumerate(np.shape(input)) if (i not in gone if squeeze_dims else d != 1)]
    return xp.reshape(input, shape)


@squeeze_op.gradient
def _(op, dy):
    return reshape_like(dy, op.inputs[0])


def squeeze(input: Any, axis: Any = None, name: str | None = None) -> Any:
    """y = `input` without its axes of size 1: all of them, or those in `axis` (an int or a list).

    InvalidArgumentError (ValueError where shapes are known) for an axis of another size.

    >>> import tensorglass as tg
    >>> tg.squeeze([[[1], [2]]], [2]).numpy().tolist()
    [[1, 2]]
    """
    dims = () if axis is None else tuple(int(a) for a in np.atleast_1d(np.asarray(axis, object)))
    return squeeze_op(input, squeeze_dims=dims, name=name)


def shape_n(input: Any, out_type: Any = dtypes.int32, name: str | None = None) -> list:
    """The shape of each tensor in a list, as tensors."""
    return shape_n_op(input, out_type=as_dtype(out_type), name=name)


@op("ShapeN", "N*like T -> N*out_type", shape=lambda op: [_rank_of(t) for t in op.inputs], differentiable=False)
def shape_n_op(xp, input, *, out_type=dtypes.int32):
    """yᵢ = the sizes of xᵢ when it runs"""
    return [np.array(np.shape(x), out_type.np_dtype) for x in input]
