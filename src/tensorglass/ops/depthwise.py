"""Convolutions channel by channel: y[n, t, c·M + m] = Σ x[n, t·stride + i·dilation, c] w[i, c, m] over the cells i.

Cell by cell there is no sum over channels, so nothing is gained by a product of matrices: slices of the image are
multiplied by the filter's numbers and added up.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from ..convert import convert_to_tensor
from ..errors import InvalidArgumentError
from ..names import scope
from ..op import op
from ..shapes import Shape, text
from ..static import shape_value
from .array import shape
from .conv import conv2d_op, paddings, sequence
from .windows import Layout, Window, cells, channels_back, channels_last, fit, narrow, spread, wide


def checked_view(layout: Layout, x: Sequence[int], w: Sequence[int], dy: Sequence[int] | None = None) -> list[Window]:
    """The windows over an actual image; an error where shapes do not go together."""
    for what, sizes in (("input", x), ("filter", w), ("out_backprop", dy)):
        if sizes is not None and len(sizes) != 4:
            raise InvalidArgumentError(None, None, f"{what} must be 4-dimensional{text(tuple(sizes))}")
    if x[layout.channel] != w[2]:
        raise InvalidArgumentError(
            None, None, f"input and filter must have the same depth: {x[layout.channel]} vs {w[2]}"
        )
    view = layout.view(x, w[:2])
    expected = layout.image(x[0], [v.number for v in view], w[2] * w[3])
    if dy is not None and tuple(dy) != expected:
        raise InvalidArgumentError(
            None, None,
            f"{layout.op_type}: Size of out_backprop doesn't match computed: actual = {text(tuple(dy))}, "
            f"computed = {text(expected)}",
        )  # fmt: skip
    return view


def _split(xp: Any, dy: Any, depth: int) -> Any:
    """(..., c·M) -> (..., c, M)"""
    return xp.reshape(dy, (*dy.shape[:-1], depth, dy.shape[-1] // depth if depth else 0))


def _check_rank(shape: Shape) -> Any:
    if shape is not None and len(shape) != 4:
        raise ValueError(f"Shape must be rank 4 but is rank {len(shape)}")
    return shape if shape is not None else (None,) * 4


def _convolved(op: Any) -> Shape:
    layout = Layout.of(op)
    x, w = (_check_rank(t._shape) for t in op.inputs)
    channels = x[layout.channel]
    if None not in (channels, w[2]) and channels != w[2]:
        raise ValueError(f"Dimensions must be equal, but are {channels} and {w[2]}")
    depth = w[2] if channels is None else channels
    out = None if None in (depth, w[3]) else depth * w[3]
    return layout.image(x[0], layout.static(x, w[:2]), out)


def _sizes(position: int) -> Any:
    """The shape that operand number `position` gives."""

    def rule(op: Any) -> Shape:
        Layout.of(op)
        for i, t in enumerate(op.inputs):
            if i != position:
                _check_rank(t._shape)
        return shape_value(op.inputs[position]) or (None,) * 4

    return rule


_FLAT = (1, 1, 1, 1)


@op("DepthwiseConv2dNative", "T, T -> T where T: float", shape=_convolved)
def depthwise_conv2d_op(xp, input, filter, *, strides, padding, explicit_paddings=(), data_format="NHWC",
                        dilations=_FLAT):  # fmt: skip
    """y[n, t, c·M + m] = Σ x[n, t·stride + i·dilation, c] w[i, c, m] over the filter's cells i"""
    layout = Layout("DepthwiseConv2dNative", strides, padding, explicit_paddings, data_format, dilations)
    view = checked_view(layout, input.shape, filter.shape)
    padded = fit(xp, wide(channels_last(xp, input, data_format)), [(v.before, v.after) for v in view])
    w = wide(filter)
    y = functools.reduce(xp.add, (padded[place][..., None] * w[at] for at, place in cells(view)))
    flat = (*y.shape[:-2], y.shape[-2] * y.shape[-1])
    return channels_back(xp, narrow(xp.reshape(y, flat), input.dtype), data_format)


@op("DepthwiseConv2dNativeBackpropInput", "host int32, T, T -> T where T: float", shape=_sizes(0))
def depthwise_conv2d_backprop_input(xp, input_sizes, filter, out_backprop, *, strides, padding, explicit_paddings=(),
                                    data_format="NHWC", dilations=_FLAT):  # fmt: skip
    """x̄[n, u, c] = Σ ȳ[n, t, c·M + m] w[i, c, m] over m and all t and i with t·stride + i·dilation = u"""
    layout = Layout("DepthwiseConv2dNativeBackpropInput", strides, padding, explicit_paddings, data_format, dilations)
    view = checked_view(layout, [int(n) for n in input_sizes], filter.shape, out_backprop.shape)
    dy = _split(xp, wide(channels_last(xp, out_backprop, data_format)), filter.shape[2])
    w = wide(filter)
    pieces = [xp.sum(dy * w[at], -1) for at, _ in cells(view)]
    return channels_back(xp, narrow(spread(xp, pieces, view), out_backprop.dtype), data_format)


@op("DepthwiseConv2dNativeBackpropFilter", "T, host int32, T -> T where T: float", shape=_sizes(1))
def depthwise_conv2d_backprop_filter(xp, input, filter_sizes, out_backprop, *, strides, padding, explicit_paddings=(),
                                     data_format="NHWC", dilations=_FLAT):  # fmt: skip
    """w̄[i, c, m] = Σ x[n, t·stride + i·dilation, c] ȳ[n, t, c·M + m] over all n and t"""
    layout = Layout("DepthwiseConv2dNativeBackpropFilter", strides, padding, explicit_paddings, data_format, dilations)
    sizes = tuple(int(n) for n in filter_sizes)
    view = checked_view(layout, input.shape, sizes, out_backprop.shape)
    padded = fit(xp, wide(channels_last(xp, input, data_format)), [(v.before, v.after) for v in view])
    dy = _split(xp, wide(channels_last(xp, out_backprop, data_format)), sizes[2])
    found = [xp.sum(padded[place][..., None] * dy, (0, 1, 2)) for _, place in cells(view)]
    return narrow(xp.reshape(xp.stack(found), sizes), input.dtype)


def _attrs(node: Any) -> dict[str, Any]:
    return {k: node.attrs[k] for k in depthwise_conv2d_op.attr_names}


@depthwise_conv2d_op.gradient
def _(op, dy):
    (x, w), attrs = op.inputs, _attrs(op)
    return (
        depthwise_conv2d_backprop_input(shape(x), w, dy, **attrs),
        depthwise_conv2d_backprop_filter(x, shape(w), dy, **attrs),
    )


@depthwise_conv2d_backprop_input.gradient
def _(op, d):
    (_, w, dy), attrs = op.inputs, _attrs(op)
    return None, depthwise_conv2d_backprop_filter(d, shape(w), dy, **attrs), depthwise_conv2d_op(d, w, **attrs)


@depthwise_conv2d_backprop_filter.gradient
def _(op, d):
    (x, _, dy), attrs = op.inputs, _attrs(op)
    return depthwise_conv2d_backprop_input(shape(x), d, dy, **attrs), None, depthwise_conv2d_op(x, d, **attrs)


# What users call


def _options(strides: Any, padding: Any, data_format: str | None, dilations: Any) -> dict[str, Any]:
    form = data_format or "NHWC"
    return {
        "strides": sequence(strides, 2, form, "strides"),
        **paddings(padding),
        "data_format": form,
        "dilations": sequence(dilations, 2, form, "dilations"),
    }


def depthwise_conv2d(
    input: Any,
    filter: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """y[n, t, c·M + m] = Σ x[n, t·stride + i·dilation, c] w[i, c, m]: M outputs for each channel, from it alone.

    Images are (n, h, w, c), the filter (kh, kw, c, M); layouts as in `conv2d`.

    >>> import tensorglass as tg
    >>> x, w = tg.constant([[[[1.0, 10.0]]]]), tg.constant([[[[1.0, 2.0], [3.0, 4.0]]]])
    >>> tg.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], "VALID").numpy().ravel().tolist()
    [1.0, 2.0, 30.0, 40.0]
    """
    with scope(name, "depthwise", [input, filter]) as full:
        x = convert_to_tensor(input, name="tensor_in")
        w = convert_to_tensor(filter, x.dtype.base_dtype, name="filter_in")
        return depthwise_conv2d_op(x, w, **_options(strides, padding, data_format, dilations), name=full or None)


def separable_conv2d(
    input: Any,
    depthwise_filter: Any,
    pointwise_filter: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """y = `depthwise_conv2d` of x, then at each pixel a product with the (1, 1, c·M, o) filter that mixes channels.

    Source: Chollet, Xception: Deep Learning with Depthwise Separable Convolutions, section 1.
    """
    with scope(name, "separable_conv2d", [input, depthwise_filter, pointwise_filter]) as full:
        x = convert_to_tensor(input, name="tensor_in")
        dtype = x.dtype.base_dtype
        w = convert_to_tensor(depthwise_filter, dtype, name="depthwise_filter")
        mix = convert_to_tensor(pointwise_filter, dtype, name="pointwise_filter")
        for size in (mix._shape or ())[:2]:
            if size not in (None, 1):
                raise ValueError(f"Dimensions {size} and 1 are not compatible")
        options = _options(strides, padding, data_format, dilations)
        seen = depthwise_conv2d_op(x, w, **options, name="depthwise")
        return conv2d_op(
            seen, mix, strides=_FLAT, padding="VALID", data_format=options["data_format"], name=full or None
        )
