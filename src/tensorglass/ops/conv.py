"""Convolutions: y[n, t, o] = Σ x[n, t·stride + i·dilation, c] w[i, c, o] over the filter's cells i and channels c.

As a product of matrices: the rows of one are what each window sees, the other is the filter.  A convolution is linear
in the image and in the filter; its two transposes give the gradients, and theirs are made of the same three ops.
Filters with fewer input channels than the image has make groups: each part of the output sees its own channels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..convert import convert_to_tensor
from ..errors import InvalidArgumentError
from ..names import scope
from ..op import op
from ..shapes import Shape, text
from ..static import shape_value
from .array import concat, expand_dims, reshape, shape, squeeze
from .windows import Layout, Window, channels_back, channels_last, fit, narrow, patches, spread, wide

# The three products, channels last


def _grouped(xp: Any, seen: Any, groups: int) -> Any:
    """(windows, cells, channels) -> (groups, windows, cells · channels of the group)"""
    rows, k, c = seen.shape
    parts = xp.transpose(xp.reshape(seen, (rows, k, groups, c // groups)), (2, 0, 1, 3))
    return xp.reshape(parts, (groups, rows, k * (c // groups)))


def convolve(xp: Any, x: Any, w: Any, view: Sequence[Window]) -> Any:
    """The convolution of an image with a filter."""
    padded = fit(xp, wide(x), [(v.before, v.after) for v in view])
    seen = patches(xp, padded, view)
    *outer, k, c = seen.shape
    depth, out = w.shape[-2:]
    rows, groups, w = math.prod(outer), c // depth, wide(w)
    if groups == 1:
        y = xp.dot(xp.reshape(seen, (rows, k * c)), xp.reshape(w, (k * c, out)))
    else:
        parts = xp.transpose(xp.reshape(w, (k, depth, groups, out // groups)), (2, 0, 1, 3))
        y = _grouped(xp, xp.reshape(seen, (rows, k, c)), groups) @ xp.reshape(parts, (groups, k * depth, -1))
        y = xp.transpose(y, (1, 0, 2))
    return narrow(xp.reshape(y, (*outer, out)), x.dtype)


def to_filter(xp: Any, x: Any, dy: Any, w_shape: Sequence[int], view: Sequence[Window]) -> Any:
    """The filter's gradient: what each window saw, weighted by the gradient of what came of it."""
    padded = fit(xp, wide(x), [(v.before, v.after) for v in view])
    seen = patches(xp, padded, view)
    *outer, k, c = seen.shape
    depth, out = w_shape[-2:]
    rows, groups = math.prod(outer), c // depth
    dy = xp.reshape(wide(dy), (rows, out))
    if groups == 1:
        dw = xp.dot(xp.reshape(seen, (rows, k * c)).T, dy)
    else:
        parts = xp.transpose(xp.reshape(dy, (rows, groups, out // groups)), (1, 0, 2))
        dw = xp.transpose(_grouped(xp, xp.reshape(seen, (rows, k, c)), groups), (0, 2, 1)) @ parts
        dw = xp.transpose(xp.reshape(dw, (groups, k, depth, out // groups)), (1, 2, 0, 3))
    return narrow(xp.reshape(dw, tuple(w_shape)), x.dtype)


def to_input(xp: Any, dy: Any, w: Any, groups: int, view: Sequence[Window]) -> Any:
    """The image's gradient: without strides dy convolved with the filter turned round, else cell by cell."""
    depth = w.shape[-2]
    if 0 in dy.shape or 0 in w.shape:
        return xp.zeros((dy.shape[0], *[v.size for v in view], groups * depth), dy.dtype)
    if any(v.stride > 1 for v in view):
        return _by_cells(xp, dy, w, groups, view)
    *sizes, _, out = w.shape
    turned = xp.reshape(xp.flip(w, tuple(range(len(sizes)))), (*sizes, depth, groups, out // groups))
    turned = xp.swapaxes(turned, -1, -3)  # (cells, outputs of a group, groups, depth)
    turned = xp.reshape(turned, (*sizes, out // groups, groups * depth))
    back = []
    for v, m in zip(view, dy.shape[1:-1], strict=True):
        before = v.extent - 1 - v.before
        back.append(Window(m, v.cells, 1, v.dilation, before, v.size + v.extent - 1 - before - m, v.size))
    return convolve(xp, dy, turned, back)


def _by_cells(xp: Any, dy: Any, w: Any, groups: int, view: Sequence[Window]) -> Any:
    """What comes of dy for each cell, added to the pixels that the cell saw."""
    *outer, out = dy.shape
    depth, k, rows = w.shape[-2], math.prod(w.shape[:-2]), math.prod(outer)
    parts, turned = xp.reshape(wide(dy), (rows, out)), wide(w)
    if groups == 1:
        pieces = xp.dot(parts, xp.reshape(turned, (k * depth, out)).T)
        pieces = xp.swapaxes(xp.reshape(pieces, (rows, k, depth)), 0, 1)
    else:
        turned = xp.transpose(xp.reshape(turned, (k, depth, groups, out // groups)), (0, 2, 3, 1))
        pieces = xp.transpose(xp.reshape(parts, (rows, groups, -1)), (1, 0, 2)) @ turned
        pieces = xp.swapaxes(pieces, 1, 2)
    images = [xp.reshape(piece, (*outer, groups * depth)) for piece in pieces]
    return narrow(spread(xp, images, view), dy.dtype)


# Shapes and errors


def _check_rank(shape: Shape, rank: int) -> None:
    if shape is not None and len(shape) != rank:
        raise ValueError(f"Shape must be rank {rank} but is rank {len(shape)}")


def _convolved(op: Any) -> Shape:
    layout = Layout.of(op)
    rank = layout.rank
    x, w = (t._shape for t in op.inputs)
    _check_rank(x, rank)
    _check_rank(w, rank)
    x, w = x or (None,) * rank, w or (None,) * rank
    channels, depth, out = x[layout.channel], w[-2], w[-1]
    if None not in (channels, depth):
        if not depth or channels % depth:
            raise ValueError(f"Depth of input ({channels}) is not a multiple of input depth of filter ({depth})")
        if out is not None and channels and out % (channels // depth):
            raise ValueError(f"Depth of output ({out}) is not a multiple of the number of groups ({channels // depth})")
    return layout.image(x[0], layout.static(x, w[:-2]), out)


def _of_filter(op: Any) -> Shape:
    layout = Layout.of(op)
    _check_rank(op.inputs[0]._shape, layout.rank)
    _check_rank(op.inputs[2]._shape, layout.rank)
    return shape_value(op.inputs[1]) or (None,) * layout.rank


def _of_input(op: Any) -> Shape:
    layout = Layout.of(op)
    w, dy = op.inputs[1]._shape, op.inputs[2]._shape
    _check_rank(w, layout.rank)
    _check_rank(dy, layout.rank)
    if w is not None and dy is not None and None not in (w[-1], dy[layout.channel]) and w[-1] != dy[layout.channel]:
        raise ValueError(f"Dimensions must be equal, but are {dy[layout.channel]} and {w[-1]}")
    sizes = shape_value(op.inputs[0]) or (None,) * layout.rank
    if len(sizes) != layout.rank:
        raise ValueError(f"{op.type} requires input_sizes to contain {layout.rank} values, but got: {len(sizes)}")
    if dy is not None and None not in (sizes[0], dy[0]) and sizes[0] != dy[0]:
        raise ValueError(f"Dimensions must be equal, but are {sizes[0]} and {dy[0]}")
    return sizes


def _bad(message: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, message)


def checked_view(layout: Layout, x: Sequence[int], w: Sequence[int]) -> list[Window]:
    """The windows of a convolution of actual shapes; an error where they do not go together."""
    for what, sizes in (("input", x), ("filter", w)):
        if len(sizes) != layout.rank:
            raise _bad(f"convolution {what} must be {layout.rank}-dimensional: {text(tuple(sizes))}")
    channels, depth, out = x[layout.channel], w[-2], w[-1]
    if not depth:
        raise _bad("filter depth must be strictly positive, got 0")
    if channels % depth:
        raise _bad(f"input depth must be evenly divisible by filter depth: {channels} vs {depth}")
    if channels and out % (channels // depth):
        raise _bad(f"output depth must be evenly divisible by number of groups: {out} vs {channels // depth}")
    return layout.view(x, w[:-2])


def transposed_view(layout: Layout, x: Sequence[int], w: Sequence[int], dy: Sequence[int]) -> list[Window]:
    """The same for a transpose, where the output's gradient has to fit too."""
    view, name = checked_view(layout, x, w), layout.op_type
    if len(dy) != layout.rank:
        raise _bad(f"{name}: out_backprop must be {layout.rank}-dimensional: {text(tuple(dy))}")
    if dy[0] != x[0]:
        raise _bad(f"{name}: input and out_backprop must have the same batch size. Input batch: {x[0]}, "
                   f"outbackprop batch: {dy[0]}")  # fmt: skip
    if dy[layout.channel] != w[-1]:
        raise _bad(f"{name}: filter and out_backprop must have the same out_depth: {w[-1]} vs {dy[layout.channel]}")
    for axis, v in zip(layout.axes, view, strict=True):
        if dy[axis] != v.number:
            raise _bad(
                f"{name}: Size of out_backprop doesn't match computed: actual = {dy[axis]}, computed = {v.number} "
                f"spatial_dim: {axis} input: {v.size} filter: {v.cells} output: {dy[axis]} stride: {v.stride} "
                f"dilation: {v.dilation}"
            )
    return view


# The ops

_FLAT = (1, 1, 1, 1)


@op("Conv2D", "T, T -> T where T: float|int32", shape=_convolved)
def conv2d_op(xp, input, filter, *, strides, padding, use_cudnn_on_gpu=True, explicit_paddings=(), data_format="NHWC",
              dilations=_FLAT):  # fmt: skip
    """y[n, t, o] = Σ x[n, t·stride + i·dilation, c] w[i, c, o] over the filter's cells i and the channels c"""
    layout = Layout("Conv2D", strides, padding, explicit_paddings, data_format, dilations)
    view = checked_view(layout, input.shape, filter.shape)
    return channels_back(xp, convolve(xp, channels_last(xp, input, data_format), filter, view), data_format)


@op("Conv2DBackpropInput", "host int32, T, T -> T where T: float|int32", shape=_of_input)
def conv2d_backprop_input(xp, input_sizes, filter, out_backprop, *, strides, padding, use_cudnn_on_gpu=True,
                          explicit_paddings=(), data_format="NHWC", dilations=_FLAT):  # fmt: skip
    """x̄[n, u, c] = Σ ȳ[n, t, o] w[i, c, o] over all t and i with t·stride + i·dilation = u: the transpose of x ↦ y"""
    layout = Layout("Conv2DBackpropInput", strides, padding, explicit_paddings, data_format, dilations)
    sizes = tuple(int(n) for n in input_sizes)
    view = transposed_view(layout, sizes, filter.shape, out_backprop.shape)
    dy, groups = channels_last(xp, out_backprop, data_format), sizes[layout.channel] // filter.shape[-2]
    return channels_back(xp, to_input(xp, dy, filter, groups, view), data_format)


@op("Conv2DBackpropFilter", "T, host int32, T -> T where T: float", shape=_of_filter)
def conv2d_backprop_filter(xp, input, filter_sizes, out_backprop, *, strides, padding, use_cudnn_on_gpu=True,
                           explicit_paddings=(), data_format="NHWC", dilations=_FLAT):  # fmt: skip
    """w̄[i, c, o] = Σ x[n, t·stride + i·dilation, c] ȳ[n, t, o] over all n and t: the transpose of w ↦ y"""
    layout = Layout("Conv2DBackpropFilter", strides, padding, explicit_paddings, data_format, dilations)
    sizes = tuple(int(n) for n in filter_sizes)
    view = transposed_view(layout, input.shape, sizes, out_backprop.shape)
    x, dy = (channels_last(xp, t, data_format) for t in (input, out_backprop))
    return to_filter(xp, x, dy, sizes, view)


def _attrs(node: Any) -> dict[str, Any]:
    """The attributes of a convolution, for the ops in its gradient."""
    return {k: node.attrs[k] for k in conv2d_op.attr_names}


@conv2d_op.gradient
def _(op, dy):
    x, w = op.inputs
    attrs = _attrs(op)
    return conv2d_backprop_input(shape(x), w, dy, **attrs), conv2d_backprop_filter(x, shape(w), dy, **attrs)


@conv2d_backprop_input.gradient
def _(op, d):
    _, w, dy = op.inputs
    attrs = _attrs(op)
    return None, conv2d_backprop_filter(d, shape(w), dy, **attrs), conv2d_op(d, w, **attrs)


@conv2d_backprop_filter.gradient
def _(op, d):
    x, _, dy = op.inputs
    attrs = _attrs(op)
    return conv2d_backprop_input(shape(x), d, dy, **attrs), None, conv2d_op(x, d, **attrs)


# What users call


def sequence(value: Any, n: int, data_format: str, name: str) -> tuple[int, ...]:
    """Strides or dilations for every axis, from one number, one for each of `n` spatial axes, or all."""
    values = [1] if value is None else list(value) if isinstance(value, (list, tuple)) else [value]
    if len(values) == n + 2:
        return tuple(int(v) for v in values)
    if len(values) not in (1, n):
        raise ValueError(f"{name} should be of length 1, {n} or {n + 2}. "
                         f"Received: {name}={value} of length {len(values)}")  # fmt: skip
    inner = tuple(int(v) for v in (values * n if len(values) == 1 else values))
    return (1, 1, *inner) if data_format.startswith("NC") else (1, *inner, 1)


def paddings(padding: Any, rank: int = 4) -> dict[str, Any]:
    """The attributes of "SAME", "VALID" or a list of (before, after) for every axis."""
    if padding == "EXPLICIT":
        raise ValueError(
            "'EXPLICIT' is not a valid value for `padding`. To use explicit padding, `padding` must be a list."
        )
    if not isinstance(padding, (list, tuple)):
        return {"padding": padding}
    for i, pair in enumerate(padding):
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise ValueError(
                "When `padding` is a list, each element of `padding` must be a list/tuple of size 2. "
                f"Received: padding={padding} with element at index {i} of type {type(pair)}"
            )
    if len(padding) != rank:
        raise ValueError(
            f"When padding is a list, it must be of size {rank}. Received: padding={padding} of size {len(padding)}"
        )
    return {"padding": "EXPLICIT", "explicit_paddings": tuple(int(n) for pair in padding for n in pair)}


def _over_batches(x: Any, w: Any, attrs: dict[str, Any], name: str | None) -> Any:
    """`conv2d_op`, more than one leading axis counting as one batch."""
    if x._shape is None or len(x._shape) <= 4:
        return conv2d_op(x, w, **attrs, name=name)
    with scope(name, "squeeze_batch_dims", [x]):
        inner = [-1 if n is None else n for n in x._shape[-3:]]
        sizes = shape(x)
        y = conv2d_op(reshape(x, [-1, *inner] if inner.count(-1) == 0 else concat([[-1], sizes[-3:]], 0)), w, **attrs)
        return reshape(y, concat([sizes[:-3], shape(y)[-3:]], 0))


def conv2d(
    input: Any,
    filters: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """y[n, t, o] = Σ x[n, t·stride + i·dilation, c] w[i, c, o]: images (n, h, w, c), filters (kh, kw, c, o).

    `padding` is "SAME" (as many windows as pixels, over the stride), "VALID" (windows inside the image only) or a list
    of (before, after) for each axis; strides and dilations one number, two, or one for each axis.

    >>> import tensorglass as tg
    >>> tg.nn.conv2d(tg.ones([1, 4, 4, 1]), tg.ones([3, 3, 1, 1]), 1, "VALID").numpy().ravel().tolist()
    [9.0, 9.0, 9.0, 9.0]
    """
    form = data_format or "NHWC"
    attrs = {
        "strides": sequence(strides, 2, form, "strides"),
        **paddings(padding),
        "data_format": form,
        "dilations": sequence(dilations, 2, form, "dilations"),
    }
    return _over_batches(convert_to_tensor(input, name="input"), filters, attrs, name)


def conv1d(
    input: Any,
    filters: Any,
    stride: Any,
    padding: Any,
    data_format: str | None = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """y[n, t, o] = Σ x[n, t·stride + i·dilation, c] w[i, c, o]: `conv2d` of sequences (n, w, c), filters (k, c, o)"""
    form = {None: "NHWC", "NHWC": "NHWC", "NWC": "NHWC", "NCHW": "NCHW", "NCW": "NCHW"}.get(data_format)
    if form is None:
        raise ValueError(f"`data_format` must be 'NWC' or 'NCW'. Received: data_format={data_format}")
    axis = form.index("H")
    with scope(name, "conv1d", [input, filters]) as full:
        steps = (sequence(v, 1, form, n) for v, n in ((stride, "stride"), (dilations, "dilations")))
        strides, rates = ((*v[:axis], 1, *v[axis:]) for v in steps)
        attrs = {"strides": strides, "dilations": rates, **paddings(padding), "data_format": form}
        x = expand_dims(convert_to_tensor(input, name="input"), axis)
        return squeeze(conv2d_op(x, expand_dims(filters, 0), **attrs, name=full or None), [axis])


def conv2d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: str | None = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """y[n, u, c] = Σ x[n, t, o] w[i, c, o] over all t and i with t·stride + i·dilation = u: the transpose of `conv2d`.

    The filter is (kh, kw, c, o): what `conv2d` would take from `output_shape` back to the shape of `input`.

    >>> import tensorglass as tg
    >>> tg.nn.conv2d_transpose([[[[1.0]]]], tg.ones([2, 2, 1, 1]), [1, 2, 2, 1], 2).numpy().ravel().tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    form = data_format or "NHWC"
    attrs = {
        "strides": sequence(strides, 2, form, "strides"),
        **paddings(padding),
        "data_format": form,
        "dilations": sequence(dilations, 2, form, "dilations"),
    }
    with scope(name, "conv2d_transpose", [input, filters, output_shape]) as full:
        return conv2d_backprop_input(output_shape, filters, input, **attrs, name=full or None)


def convolution(
    input: Any,
    filters: Any,
    strides: Any = None,
    padding: Any = "VALID",
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """`conv2d` of images or `conv1d` of sequences, by the rank of the filter; strides or dilations, not both"""
    w = convert_to_tensor(filters, name="filter")
    rank = None if w._shape is None else len(w._shape)
    if rank not in (3, 4):
        raise ValueError(f"`filters` must be of rank 3 or 4. Received: filters={w}")
    if np.max(dilations or 1) > 1 and np.max(strides or 1) > 1:
        raise ValueError(
            "`strides > 1` not supported in conjunction with `dilation_rate > 1`. "
            f"Received: strides={strides} and dilation_rate={dilations}"
        )
    with scope(name, "convolution", [input, w]) as full:
        function = conv1d if rank == 3 else conv2d
        return function(input, w, strides, padding, data_format, dilations, full or None)


def atrous_conv2d(value: Any, filters: Any, rate: int, padding: Any, name: str | None = None) -> Any:
    """y[n, t, o] = Σ x[n, t + i·rate, c] w[i, c, o]: `conv2d` with holes of `rate` − 1 pixels in the filter

    Source: Chen et al., DeepLab: Semantic Image Segmentation with Atrous Convolution, section 3.1.
    """
    return convolution(value, filters, padding=padding, dilations=[rate, rate], name=name)
