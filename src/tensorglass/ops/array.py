"""Shapes of tensors and what changes them: reshape, transpose, concat, stack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import dtypes, shapes
from ..convert import convert_to_tensor
from ..dtypes import as_dtype
from ..graph import Tensor
from ..op import op
from ..static import constant_value, shape_value


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


def _rank_vector(op: Any) -> Any:
    shape = op.inputs[0]._shape
    return (None if shape is None else len(shape),)


@op("Shape", "like T -> out_type", shape=_rank_vector, differentiable=False)
def shape_op(xp, input, *, out_type=dtypes.int32):
    """y = (d₁, ..., dᵣ), the sizes of x when it runs"""
    return np.array(np.shape(input), out_type.np_dtype)


def shape(input: Any, name: str | None = None, out_type: Any = dtypes.int32) -> Any:
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


def size(input: Any, name: str | None = None, out_type: Any = dtypes.int32) -> Any:
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
            raise ValueError(f"Cannot reshape a tensor with {total} elements to shape {shapes.text(target)} ({known} elements)")
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
    return xp.reshape(tensor, tuple(shape))


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
def stack(xp, values, *, axis=0):
    """y = the values side by side along a new axis"""
    return (np if all(isinstance(v, (np.ndarray, np.generic)) for v in values) else xp).stack(values, axis)


@stack.gradient
def _(op, dy):
    return unstack(dy, op.N, op.axis)


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
    return [moved[i] for i in range(num)]


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
    parts = [t._shape[axis] if t._shape is not None else None for t in op.inputs[:-1]]
    return (*whole[:axis], None if None in parts else sum(parts), *whole[axis + 1 :])


@op("ConcatV2", "N*T, host Tidx -> T where Tidx: index", shape=_concatenated, name="concat")
def concat_op(xp, values, axis):
    """y = the values end to end along an axis"""
    if len({v.ndim for v in values}) > 1:
        raise ValueError(f"ConcatOp : Ranks of all input tensors should match: {[list(v.shape) for v in values]}")
    if not -values[0].ndim <= int(axis) < values[0].ndim:
        raise ValueError(f"ConcatOp : Expected concatenating dimensions in range, but got {axis}")
    return xp.concatenate(values, int(axis))


@concat_op.gradient
def _(op, dy):
    parts = op.inputs[:-1]
    return [_part_like(dy, parts, i, op.inputs[-1]) for i in range(len(parts))]


def _part_like(dy: Any, parts: Sequence[Tensor], i: int, axis: Any) -> Any:
    axis = constant_value(axis)
    if axis is None:
        raise NotImplementedError("the gradient of concat needs an axis that is known when the graph is built")
    return concat_part(dy, list(parts), axis=int(axis), index=i)


@op("ConcatPart", "T, N*like_T -> T", shape=lambda op: op.inputs[1 + op.attrs["index"]]._shape)
def concat_part(xp, whole, parts, *, axis, index):
    """y = that stretch of x along an axis which part `index` of a concatenation came to be"""
    start = sum(p.shape[axis] for p in parts[:index])
    place = [slice(None)] * whole.ndim
    place[axis] = slice(start, start + parts[index].shape[axis])
    return whole[tuple(place)]


@concat_part.gradient
def _(op, dy):
    from .constant import zeros_like

    parts = op.inputs[1:]
    return concat([dy if i == op.index else zeros_like(p) for i, p in enumerate(parts)], op.axis)


def concat(values: Any, axis: Any, name: str = "concat") -> Any:
    """y = the values end to end along `axis`; all other sizes must agree.

    >>> import tensorglass as tg
    >>> tg.concat([[[1, 2]], [[3, 4]]], 0).numpy().tolist()
    [[1, 2], [3, 4]]
    """
    values = list(values) if isinstance(values, (list, tuple)) else [values]
    if len(values) == 1:
        return identity(values[0], name=name)
    return concat_op(values, axis, name=name)
