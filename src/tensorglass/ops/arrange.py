"""The same elements in another place: transpose, reverse, roll, tile, broadcast, pad, blocks of space to depth."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..convert import convert_to_tensor
from ..faults import found
from ..op import op
from ..shapes import Shape, TensorShape, as_tuple, broadcast_shapes, merge, same
from ..static import constant_value, partial_value, shape_value
from .array import reshape, reshape_like, shape, stack
from .reduce import reduce_sum, sum_to_like
from .rows import add_rows, pairs_of, put

# Transpose


def _transposed(op: Any) -> Shape:
    shape, perm = op.inputs[0]._shape, partial_value(op.inputs[1])
    if perm is None:
        return None if shape is None else (None,) * len(shape)
    if shape is None:
        return (None,) * len(perm)
    if len(shape) != len(perm):
        raise ValueError(f"Dimension must be {len(shape)} but is {len(perm)}")
    for p in perm:
        if p is not None and not -len(shape) <= p < len(shape):
            raise ValueError(f"perm dim {p} is out of range of input rank {len(shape)}")
    return tuple(None if p is None else shape[p] for p in perm)


def _permuted(xp: Any, x: Any, perm: Any) -> Any:
    if len(perm) != np.ndim(x):
        raise ValueError(
            f"transpose expects a vector of size {np.ndim(x)}. But input(1) is a vector of size {len(perm)}"
        )
    axes = [int(p) % len(perm) for p in perm]
    if len(set(axes)) != len(axes):
        missing = min(set(range(len(axes))) - set(axes))
        raise ValueError(f"{missing} is missing from {{{','.join(str(int(p)) for p in perm)}}}")
    return xp.transpose(x, axes)


@op("Transpose", "T, host Tperm -> T where Tperm: index", shape=_transposed, name="transpose")
def transpose_op(xp, x, perm):
    """y[i₁, i₂, ...] = x with its axes in the order `perm`: axis k of y is axis perm[k] of x"""
    return _permuted(xp, x, perm)


@op("ConjugateTranspose", "T, host Tperm -> T where Tperm: index", shape=_transposed, name="transpose")
def conjugate_transpose_op(xp, x, perm):
    """y = the complex conjugate of x with its axes in the order `perm`"""
    return xp.conj(_permuted(xp, x, perm))


def _inverse(perm: Any) -> Any:
    """The permutation that undoes `perm`."""
    known = constant_value(perm)
    if known is not None:
        return np.argsort(known % max(len(known), 1)).astype(known.dtype)
    from .sets import invert_permutation

    return invert_permutation(perm)


@transpose_op.gradient
def _(op, dy):
    return transpose_op(dy, _inverse(op.inputs[1]))


@conjugate_transpose_op.gradient
def _(op, dy):
    return conjugate_transpose_op(dy, _inverse(op.inputs[1]))


def transpose(a: Any, perm: Any = None, conjugate: bool = False, name: str = "transpose") -> Any:
    """y = `a` with its axes in the order `perm`, reversed where that is None; `conjugate` for complex `a`.

    >>> import tensorglass as tg
    >>> tg.transpose([[1, 2, 3], [4, 5, 6]]).numpy().tolist()
    [[1, 4], [2, 5], [3, 6]]
    """
    a = convert_to_tensor(a, name="a")
    function = conjugate_transpose_op if conjugate and a.dtype.is_complex else transpose_op
    if perm is None:
        perm = _reversed_axes(a)
    return function(a, perm, name=name)


def _reversed_axes(a: Any) -> Any:
    if a._shape is not None:
        return np.arange(len(a._shape), dtype=np.int32)[::-1]
    from .array import rank
    from .constant import range as range_tensor

    return rank(a) - 1 - range_tensor(rank(a))


# Reverse and roll


def _reversed_shape(op: Any) -> Shape:
    shape, axes = op.inputs[0]._shape, constant_value(op.inputs[1])
    if shape is not None and axes is not None:
        _reverse_axes(axes, len(shape))
    return shape


def _reverse_axes(axes: Any, rank: int) -> tuple[int, ...]:
    found: list[int] = []
    for i, axis in enumerate(int(a) for a in axes):
        if not -rank <= axis < rank:
            raise ValueError(f"'axis'[{i}] = {axis} is out of valid range [0, {rank - 1}]")
        if axis % rank in found:
            raise ValueError(f"axis {axis % rank} specified more than once.")
        found.append(axis % rank)
    return tuple(found)


@op("ReverseV2", "T, host Tidx -> T where Tidx: index", shape=_reversed_shape)
def reverse(xp, tensor, axis):
    """y = x backwards along each axis in the list `axis`"""
    return xp.flip(tensor, _reverse_axes(axis, np.ndim(tensor)))


@reverse.gradient
def _(op, dy):
    return reverse(dy, op.inputs[1])


def _sequences_shape(op: Any) -> Shape:
    shape, lengths = (t._shape for t in op.inputs)
    if shape is None:
        return None
    for label in ("seq_dim", "batch_dim"):
        if not -len(shape) <= op.attrs[label] < len(shape):
            raise ValueError(f"{label} must be < input rank: {op.attrs[label]} vs. {len(shape)}")
    batch = op.batch_dim % len(shape)
    return merge(shape, tuple(lengths[0] if lengths and i == batch else None for i in range(len(shape))))


@op("ReverseSequence", "T, Tlen -> T where Tlen: index", shape=_sequences_shape)
def reverse_sequence_op(xp, input, seq_lengths, *, seq_dim, batch_dim=0):
    """y = x with the first seq_lengths[b] elements of each sequence b backwards, the rest where they are"""
    seq, batch = seq_dim % input.ndim, batch_dim % input.ndim
    size, lengths = input.shape[seq], xp.asarray(seq_lengths)[:, None]
    if lengths.shape[0] != input.shape[batch]:
        raise ValueError(f"Length of seq_lengths != input.dims({batch}), ({lengths.shape[0]} vs. {input.shape[batch]})")
    if lengths.size and found((lengths.max() > size) | (lengths.min() < 0)):
        bad = int(np.argmax((lengths > size) | (lengths < 0)))
        reason = f"> input.dims({seq})" if lengths[bad, 0] > size else "< 0"
        raise ValueError(f"seq_lens({bad}) {reason}")
    steps = np.arange(size)
    order = xp.where(steps < lengths, lengths - 1 - steps, steps)  # [batch, steps]
    place = [1] * input.ndim
    place[batch], place[seq] = order.shape
    return xp.take_along_axis(input, xp.reshape(order if batch < seq else order.T, place), seq)


@reverse_sequence_op.gradient
def _(op, dy):
    return reverse_sequence_op(dy, op.inputs[1], seq_dim=op.seq_dim, batch_dim=op.batch_dim)


def reverse_sequence(
    input: Any, seq_lengths: Any, seq_axis: int | None = None, batch_axis: int | None = None, name: str | None = None
) -> Any:
    """y = `input` with the first seq_lengths[b] steps of each sequence b backwards, padding left where it is.

    >>> import tensorglass as tg
    >>> tg.reverse_sequence([[1, 2, 3], [4, 5, 6]], [2, 3], seq_axis=1).numpy().tolist()
    [[2, 1, 3], [6, 5, 4]]
    """
    seq_dim = 0 if seq_axis is None else seq_axis
    return reverse_sequence_op(input, seq_lengths, seq_dim=seq_dim, batch_dim=batch_axis or 0, name=name)


@op("Roll", "T, host Tshift, host Taxis -> T where Tshift: index, Taxis: index", shape=same)
def roll(xp, input, shift, axis):
    """y[i + shift] = x[i] along an axis (or several), around the end"""
    shifts, axes = (tuple(int(v) for v in np.atleast_1d(v)) for v in (shift, axis))
    if len(shifts) != len(axes):
        raise ValueError("shift and axis must have the same size")
    for a in axes:
        if not -np.ndim(input) <= a < np.ndim(input):
            raise ValueError(f"axis {a} is out of range")
    return xp.roll(input, shifts, axes)


@roll.gradient
def _(op, dy):
    return roll(dy, -op.inputs[1], op.inputs[2])


# Tile and broadcast


def _tiled(op: Any) -> Shape:
    shape, multiples = op.inputs[0]._shape, partial_value(op.inputs[1])
    rank = next((len(v) for v in (shape, multiples) if v is not None), None)
    if rank is None:
        return None
    shape, multiples = (v or (None,) * rank for v in (shape, multiples))
    if len(shape) != len(multiples):
        raise ValueError(f"Shape must be rank {len(shape)} but is rank {len(multiples)}")
    pairs = zip(shape, multiples, strict=True)
    return tuple(0 if 0 in (d, m) else None if d is None or m is None else d * m for d, m in pairs)


@op("Tile", "T, host Tmultiples -> T where Tmultiples: index", shape=_tiled)
def tile(xp, input, multiples):
    """y = x repeated multiples[k] times along each axis k"""
    if len(multiples) != np.ndim(input):
        raise ValueError(
            f"Expected multiples argument to be a vector of length {np.ndim(input)} but got length {len(multiples)}"
        )
    for i, m in enumerate(multiples):
        if m < 0:
            raise ValueError(f"Expected multiples[{i}] >= 0, but got {m}")
    return xp.tile(input, tuple(multiples))


@tile.gradient  # the copies of an element add up
def _(op, dy):
    x, multiples = op.inputs
    many, sizes = constant_value(multiples), x._shape
    if many is not None and sizes is not None and None not in sizes:
        pairs: Any = [v for m, d in zip(many.tolist(), sizes, strict=True) for v in (m, d)]
        axes: Any = list(range(0, len(pairs), 2))
    else:
        from .array import size
        from .constant import range as range_tensor

        index = multiples.dtype.base_dtype
        pairs = reshape(stack([multiples, shape(x, out_type=index)], 1), [-1])
        axes = range_tensor(0, size(pairs), 2)
    return reshape_like(reduce_sum(reshape(dy, pairs), axes), x)


def _broadcast_to(op: Any) -> Shape:
    source, target = op.inputs[0]._shape, shape_value(op.inputs[1])
    if source is None or target is None:
        return target
    if len(source) > len(target):
        raise ValueError(f"Shape must be at most rank {len(target)} but is rank {len(source)}")
    for d, t in zip(source[::-1], target[::-1], strict=False):
        if d not in (1, None, t) and t is not None:
            raise ValueError(f"Dimensions must be equal, but are {d} and {t}")
    return target


@op("BroadcastTo", "T, host Tidx -> T where Tidx: index", shape=_broadcast_to)
def broadcast_to(xp, input, shape):
    """y = x repeated along axes of size 1, and along new leading axes, to a shape"""
    target = tuple(int(d) for d in shape)
    try:
        return xp.broadcast_to(input, target)
    except ValueError:
        raise ValueError(f"Incompatible shapes: {list(np.shape(input))} vs. {list(target)}") from None


@broadcast_to.gradient
def _(op, dy):
    return sum_to_like(dy, op.inputs[0])


def _args_shape(op: Any) -> Shape:
    lengths: list[Any] = [None if t._shape is None else t._shape[0] for t in op.inputs]
    return (None if None in lengths else max(lengths),)


@op("BroadcastArgs", "host T, host T -> T where T: index", shape=_args_shape, differentiable=False)
def broadcast_args(xp, s0, s1):
    """y = the shape that arrays of shapes s0 and s1 have together"""
    a, b = (tuple(int(d) for d in s) for s in (s0, s1))
    dtype = next((s.dtype for s in (s0, s1) if isinstance(s, np.ndarray)), np.dtype(np.int32))
    try:
        return np.array(np.broadcast_shapes(a, b), dtype)
    except ValueError:
        raise ValueError(f"Incompatible shapes: {list(a)} vs. {list(b)}") from None


def broadcast_dynamic_shape(shape_x: Any, shape_y: Any) -> Any:
    """The shape tensor that tensors of two shape tensors have after broadcasting."""
    return broadcast_args(shape_x, shape_y)


def broadcast_static_shape(shape_x: Any, shape_y: Any) -> TensorShape:
    """The static shape that two static shapes have after broadcasting; ValueError where they do not fit."""
    try:
        return TensorShape(broadcast_shapes(as_tuple(shape_x), as_tuple(shape_y)))
    except ValueError:
        raise ValueError(f"Incompatible shapes for broadcasting: {shape_x} and {shape_y}.") from None


# Padding


def _padded(op: Any) -> Shape:
    shape, pads = op.inputs[0]._shape, constant_value(op.inputs[1])
    if shape is not None and op.inputs[1]._shape not in (None, (len(shape), 2)):
        known = op.inputs[1]._shape
        if len(known) != 2 or known[0] not in (None, len(shape)) or known[1] not in (None, 2):
            raise ValueError(f"Shape must be rank {known[0] if known else 0} but is rank {len(shape)}")
    if pads is None:
        rank = len(shape) if shape is not None else (op.inputs[1]._shape or (None,))[0]
        return None if rank is None else (None,) * rank
    if shape is None:
        return (None,) * len(pads)
    return tuple(None if d is None else d + int(a) + int(b) for d, (a, b) in zip(shape, pads, strict=True))


def padded(xp: Any, x: Any, paddings: Any, fill: Any = None) -> Any:
    """x with zeros, or `fill`, around it."""
    pairs = pairs_of(paddings, np.ndim(x))
    whole = tuple(d + a + b for d, (a, b) in zip(np.shape(x), pairs, strict=True))
    place = tuple(slice(a, a + d) for d, (a, _) in zip(np.shape(x), pairs, strict=True))
    return put(xp, whole, place, xp.asarray(x), fill)


@op("Pad", "T, host Tpaddings -> T where Tpaddings: index", shape=_padded)
def pad_op(xp, input, paddings):
    """y = x with paddings[k, 0] zeros before it and paddings[k, 1] behind it along each axis k"""
    return padded(xp, input, paddings)


@op("PadV2", "T, host Tpaddings, T -> T where Tpaddings: index", shape=_padded)
def pad_value_op(xp, input, paddings, constant_values):
    """y = x with a number around it: paddings[k, 0] times before and paddings[k, 1] times behind along each axis k"""
    return padded(xp, input, paddings, constant_values)


@pad_op.gradient
@pad_value_op.gradient  # ȳ without its edges (what the constant would get, TensorFlow leaves out)
def _(op, dy):
    from .indexing import slice_op

    x, paddings = op.inputs[:2]
    return slice_op(dy, paddings[:, 0], shape(x, out_type=paddings.dtype.base_dtype))


def _mirrored(xp: Any, size: int, before: int, after: int, mode: str) -> np.ndarray:
    """Where along an axis each element of the padded axis comes from."""
    most = size - 1 if mode == "REFLECT" else size
    if before > most or after > most:
        bound = "less than" if mode == "REFLECT" else "no greater than"
        raise ValueError(f"paddings must be {bound} the dimension size: {before}, {after} not {bound} {size}")
    return np.pad(np.arange(size), (before, after), "reflect" if mode == "REFLECT" else "symmetric")


@op("MirrorPad", "T, host Tpaddings -> T where Tpaddings: index", shape=_padded)
def mirror_pad(xp, input, paddings, *, mode):
    """y = x and around it its mirror image, without the edge itself (REFLECT) or with it (SYMMETRIC)"""
    for axis, (a, b) in enumerate(pairs_of(paddings, np.ndim(input))):
        if a or b:
            input = xp.take(input, _mirrored(xp, input.shape[axis], a, b, mode), axis)
    return input


@mirror_pad.gradient
def _(op, dy):
    return mirror_pad_grad(dy, op.inputs[1], mode=op.mode)


def _unpadded(op: Any) -> Shape:
    shape, pads = op.inputs[0]._shape, constant_value(op.inputs[1])
    if shape is None or pads is None:
        return None if shape is None else (None,) * len(shape)
    return tuple(None if d is None else d - int(a) - int(b) for d, (a, b) in zip(shape, pads, strict=True))


@op("MirrorPadGrad", "T, host Tpaddings -> T where Tpaddings: index", shape=_unpadded)
def mirror_pad_grad(xp, input, paddings, *, mode):
    """x = y folded back along its mirrors, images added to what they are images of"""
    for axis, (a, b) in enumerate(pairs_of(paddings, np.ndim(input))):
        if a or b:
            size = input.shape[axis] - a - b
            rows = add_rows(xp, size, _mirrored(xp, size, a, b, mode), xp.moveaxis(input, axis, 0))
            input = xp.moveaxis(rows, 0, axis)
    return input


@mirror_pad_grad.gradient
def _(op, dx):
    return mirror_pad(dx, op.inputs[1], mode=op.mode)


def pad(tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: Any = 0, name: str | None = None) -> Any:
    """y = `tensor` with paddings[k, 0] elements before it and paddings[k, 1] behind it along each axis k.

    `mode`: "CONSTANT" pads by `constant_values`, "REFLECT" by the mirror image without the edge, "SYMMETRIC" by the
    mirror image with it.

    >>> import tensorglass as tg
    >>> tg.pad([1, 2, 3], [[2, 1]], "REFLECT").numpy().tolist()
    [3, 2, 1, 2, 3, 2]
    """
    mode = mode.upper()
    if mode == "CONSTANT":
        if isinstance(constant_values, (int, float)) and constant_values == 0:
            return pad_op(tensor, paddings, name=name)
        return pad_value_op(tensor, paddings, constant_values, name=name)
    if mode not in ("REFLECT", "SYMMETRIC"):
        raise ValueError(
            'Value of argument `mode` expected to be one of "CONSTANT", "REFLECT", or "SYMMETRIC". '
            f"Received `mode` = {mode}"
        )
    return mirror_pad(tensor, paddings, mode=mode, name=name)
