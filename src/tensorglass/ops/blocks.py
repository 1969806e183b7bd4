"""Blocks of an image moved into its depth or its batch, and back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..op import op
from ..shapes import Shape
from ..static import constant_value
from .arrange import padded
from .rows import pairs_of


def _divided(size: int | None, block: int) -> int | None:
    if size is not None and size % block:
        raise ValueError(f"Dimension size must be evenly divisible by {block} but is {size}")
    return None if size is None else size // block


def _times(size: int | None, factor: int) -> int | None:
    return None if size is None else size * factor


def _axes(data_format: str) -> tuple[int, int, int]:
    """Height, width and depth."""
    if data_format not in ("NHWC", "NCHW"):
        raise ValueError(f"data_format must be NHWC or NCHW, not {data_format}")
    return (1, 2, 3) if data_format == "NHWC" else (2, 3, 1)


def _image_shape(op: Any) -> Any:
    shape = op.inputs[0]._shape
    if op.block_size < 2:
        raise ValueError(f"Block size should be > 1, but was: {op.block_size}")
    if shape is not None and len(shape) != 4:
        raise ValueError(f"Shape must be rank 4 but is rank {len(shape)}")
    return [None] * 4 if shape is None else list(shape)


def _to_depth_shape(op: Any) -> Shape:
    sizes, b = _image_shape(op), op.block_size
    h, w, c = _axes(op.data_format)
    sizes[h], sizes[w], sizes[c] = _divided(sizes[h], b), _divided(sizes[w], b), _times(sizes[c], b * b)
    return tuple(sizes)


def _to_space_shape(op: Any) -> Shape:
    sizes, b = _image_shape(op), op.block_size
    h, w, c = _axes(op.data_format)
    sizes[h], sizes[w], sizes[c] = _times(sizes[h], b), _times(sizes[w], b), _divided(sizes[c], b * b)
    return tuple(sizes)


@op("SpaceToDepth", "T -> T", shape=_to_depth_shape)
def space_to_depth(xp, input, *, block_size, data_format="NHWC"):
    """y[n, i, j, (a·b + k)·C + c] = x[n, i·b + a, j·b + k, c] with b the block size: blocks of pixels become depth

    >>> import tensorglass as tg
    >>> tg.nn.space_to_depth([[[[1], [2]], [[3], [4]]]], 2).numpy().tolist()
    [[[[1, 2, 3, 4]]]]
    """
    x, b = input if data_format == "NHWC" else xp.moveaxis(input, 1, -1), block_size
    n, h, w, c = x.shape
    rows, columns = _divided(h, b), _divided(w, b)
    blocks = xp.transpose(xp.reshape(x, (n, rows, b, columns, b, c)), (0, 1, 3, 2, 4, 5))
    y = xp.reshape(blocks, (n, rows, columns, b * b * c))
    return y if data_format == "NHWC" else xp.moveaxis(y, -1, 1)


@op("DepthToSpace", "T -> T", shape=_to_space_shape)
def depth_to_space(xp, input, *, block_size, data_format="NHWC"):
    """y[n, i·b + a, j·b + k, c] = x[n, i, j, (a·b + k)·C + c] with b the block size: depth becomes blocks of pixels

    >>> import tensorglass as tg
    >>> tg.nn.depth_to_space([[[[1, 2, 3, 4]]]], 2).numpy().tolist()
    [[[[1], [2]], [[3], [4]]]]
    """
    x, b = input if data_format == "NHWC" else xp.moveaxis(input, 1, -1), block_size
    n, h, w, depth = x.shape
    c = _divided(depth, b * b)
    blocks = xp.transpose(xp.reshape(x, (n, h, w, b, b, c)), (0, 1, 3, 2, 4, 5))
    y = xp.reshape(blocks, (n, h * b, w * b, c))
    return y if data_format == "NHWC" else xp.moveaxis(y, -1, 1)


@space_to_depth.gradient
def _(op, dy):
    return depth_to_space(dy, block_size=op.block_size, data_format=op.data_format)


@depth_to_space.gradient
def _(op, dy):
    return space_to_depth(dy, block_size=op.block_size, data_format=op.data_format)


# Blocks of space as examples of a batch


def _to_batch_shape(op: Any) -> Shape:
    shape, block, pads = op.inputs[0]._shape, constant_value(op.inputs[1]), constant_value(op.inputs[2])
    if shape is None:
        return None
    if block is None or pads is None:
        return (None,) * len(shape)
    spatial = [
        None if d is None else _divided(d + int(a) + int(c), int(b))
        for d, b, (a, c) in zip(shape[1:], block, pads, strict=False)
    ]
    return (_times(shape[0], math.prod(block.tolist())), *spatial, *shape[1 + len(block) :])


@op("SpaceToBatchND", "T, host Tblock, host Tpad -> T where Tblock: index, Tpad: index", shape=_to_batch_shape)
def space_to_batch_nd(xp, input, block_shape, paddings):
    """y = x, padded with zeros, with each position inside a block of space as examples of their own"""
    block, m = [int(b) for b in block_shape], len(block_shape)
    outside = [(0, 0), *pairs_of(paddings), *[(0, 0)] * (input.ndim - 1 - m)]
    x = padded(xp, input, outside)
    batch, rest = x.shape[0], x.shape[1 + m :]
    counts = [_divided(d, b) for d, b in zip(x.shape[1 : 1 + m], block, strict=True)]
    cut = xp.reshape(x, (batch, *(v for pair in zip(counts, block, strict=True) for v in pair), *rest))
    order = [*range(2, 2 * m + 1, 2), 0, *range(1, 2 * m, 2), *range(2 * m + 1, 2 * m + 1 + len(rest))]
    return xp.reshape(xp.transpose(cut, order), (batch * math.prod(block), *counts, *rest))


def _to_space_batch_shape(op: Any) -> Shape:
    shape, block, crops = op.inputs[0]._shape, constant_value(op.inputs[1]), constant_value(op.inputs[2])
    if shape is None:
        return None
    if block is None or crops is None:
        return (None,) * len(shape)
    spatial = [
        None if d is None else d * int(b) - int(a) - int(c)
        for d, b, (a, c) in zip(shape[1:], block, crops, strict=False)
    ]
    return (_divided(shape[0], math.prod(block.tolist())), *spatial, *shape[1 + len(block) :])


@op("BatchToSpaceND", "T, host Tblock, host Tcrop -> T where Tblock: index, Tcrop: index", shape=_to_space_batch_shape)
def batch_to_space_nd(xp, input, block_shape, crops):
    """y = x with examples laid out again as positions inside blocks of space, and its edges cut off"""
    block, m = [int(b) for b in block_shape], len(block_shape)
    batch, rest = _divided(input.shape[0], math.prod(block)), input.shape[1 + m :]
    counts = input.shape[1 : 1 + m]
    cut = xp.reshape(input, (*block, batch, *counts, *rest))
    order = [m, *(v for k in range(m) for v in (m + 1 + k, k)), *range(2 * m + 1, cut.ndim)]
    whole = [d * b for d, b in zip(counts, block, strict=True)]
    y = xp.reshape(xp.transpose(cut, order), (batch, *whole, *rest))
    inside = tuple(slice(a, d - b) for d, (a, b) in zip(whole, pairs_of(crops), strict=True))
    return y[(slice(None), *inside)]


@space_to_batch_nd.gradient
def _(op, dy):
    return batch_to_space_nd(dy, op.inputs[1], op.inputs[2])


@batch_to_space_nd.gradient
def _(op, dy):
    return space_to_batch_nd(dy, op.inputs[1], op.inputs[2])


def _square(block_size: Any) -> Any:
    return np.array([block_size, block_size]) if isinstance(block_size, int) else block_size


def space_to_batch(input: Any, block_shape: Any, paddings: Any, name: str | None = None) -> Any:
    """y = `input` with each position inside a block of space as examples of their own (TensorFlow 1: `block_size`)."""
    return space_to_batch_nd(input, _square(block_shape), paddings, name=name)


def batch_to_space(input: Any, block_shape: Any, crops: Any, name: str | None = None) -> Any:
    """y = `input` with examples laid out again as positions inside blocks of space, and its edges cut off."""
    return batch_to_space_nd(input, _square(block_shape), crops, name=name)
