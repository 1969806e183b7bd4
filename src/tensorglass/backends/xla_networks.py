"""Convolutions and pooling for XLA: of the ways to compute them the one that was fastest where it was measured.

On a GPU a convolution and its two transposes are XLA's own, which the vendor's library computes.  On a CPU XLA's own is
best too, but for some: 1×1 filters, and the filter's gradient from few channels or with strides, are products of
matrices; sums of shifted images are quicker from few channels, for the image's gradient with strides, and where no sum
goes over channels.  Shifted images are added by `lax.pad`: XLA makes one loop of that, where additions in place make
one for each cell.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import jax  # pyright: ignore[reportMissingImports]
import jax.numpy as jnp  # pyright: ignore[reportMissingImports]
import numpy as np
from jax import lax  # pyright: ignore[reportMissingImports]

from ..ops import conv, depthwise, pool
from ..ops.windows import Layout, Window, cells, channels_back, channels_last, fit, narrow, wide
from .xla import override

_FEW = 3  # channels: XLA's own convolution is slow where it begins with no more,
_MANY = 64  # and ends with no more than these
_TERMS = 32  # of a sum that is written out
_IMAGES = ("NHWC", "HWIO", "NHWC")


def _on_gpu() -> bool:
    device = jax.config.jax_default_device  # type: ignore[attr-defined]
    return (jax.default_backend() if device is None else device.platform) != "cpu"


def _plain(view: Sequence[Window], *shapes: Sequence[int]) -> bool:
    """Whether there is anything to compute."""
    return all(0 not in shape for shape in shapes) and all(v.number > 0 for v in view)


# Windows


def _shifted(piece: Any, at: Sequence[int], view: Sequence[Window]) -> Any:
    """A `piece` (n, windows..., channels) put where cell `at` of its windows lies in the image."""
    places = []
    for v, i in zip(view, at, strict=True):
        start = i * v.dilation - v.before
        places.append((start, v.size - start - (v.number - 1) * v.stride - 1, v.stride - 1))
    return lax.pad(piece, np.zeros((), piece.dtype), [(0, 0, 0), *places, (0, 0, 0)])


def _padded(x: Any, view: Sequence[Window]) -> Any:
    return fit(jnp, x, [(v.before, v.after) for v in view])


def _rows(x: Any) -> Any:
    return jnp.reshape(x, (-1, x.shape[-1]))


def _pixels(view: Sequence[Window]) -> bool:
    """Whether each window is one pixel."""
    return all(v.cells == 1 for v in view)


def _pixel_rows(x: Any, view: Sequence[Window]) -> Any:
    """What windows of one pixel see, a row each."""
    return _rows(_padded(x, view)[next(cells(view))[1]])


# The three products, channels last


def _library(x: Any, w: Any, groups: int, view: Sequence[Window]) -> Any:
    return lax.conv_general_dilated(
        x, w, [v.stride for v in view], [(v.before, v.after) for v in view], rhs_dilation=[v.dilation for v in view],
        dimension_numbers=_IMAGES, feature_group_count=groups,
    )  # fmt: skip


def _convolve(x: Any, w: Any, view: Sequence[Window]) -> Any:
    *_, depth, out = w.shape
    groups, sizes = x.shape[-1] // depth, [v.number for v in view]
    terms = depth * math.prod(v.cells for v in view)
    if groups > 1 or _on_gpu():
        return _library(x, w, groups, view)
    if depth <= _FEW and out <= _MANY and terms <= _TERMS:
        padded = _padded(x, view)
        parts = (padded[place][..., c, None] * w[(*at, c)] for at, place in cells(view) for c in range(depth))
        return functools.reduce(jnp.add, parts)
    if _pixels(view):
        return jnp.reshape(_pixel_rows(x, view) @ jnp.reshape(w, (depth, out)), (len(x), *sizes, out))
    return _library(x, w, groups, view)


def _to_input(dy: Any, w: Any, groups: int, view: Sequence[Window]) -> Any:
    *_, depth, out = w.shape
    strided = depth > _FEW and any(v.stride > 1 for v in view) and math.prod(v.cells for v in view) <= _TERMS
    if groups == 1 and not _on_gpu() and (_pixels(view) or strided):
        rows, sizes = _rows(dy), dy.shape[:-1]
        return functools.reduce(
            jnp.add, (_shifted(jnp.reshape(rows @ w[at].T, (*sizes, depth)), at, view) for at, _ in cells(view))
        )
    turned = lax.rev(w, range(len(view)))
    if groups > 1:  # (cells, depth, groups · out) -> (cells, out, groups · depth)
        turned = jnp.reshape(turned, (*turned.shape[:-1], groups, out // groups))
        turned = jnp.reshape(jnp.swapaxes(turned, -1, -3), (*w.shape[:-2], out // groups, groups * depth))
    places = []
    for v in view:
        before = v.extent - 1 - v.before
        places.append((before, v.size + v.extent - 2 - (v.number - 1) * v.stride - before))
    return lax.conv_general_dilated(
        dy, turned, [1] * len(view), places, lhs_dilation=[v.stride for v in view],
        rhs_dilation=[v.dilation for v in view], feature_group_count=groups,
        dimension_numbers=("NHWC", "HWOI" if groups == 1 else "HWIO", "NHWC"),
    )  # fmt: skip


def _to_filter(x: Any, dy: Any, sizes: Sequence[int], view: Sequence[Window]) -> Any:
    *_, depth, out = sizes
    groups = x.shape[-1] // depth
    if groups > 1 or _on_gpu():
        return _filter_by_library(x, dy, groups, view)
    if _pixels(view):
        return jnp.reshape(_pixel_rows(x, view).T @ _rows(dy), tuple(sizes))
    if depth <= _FEW:
        padded = jnp.moveaxis(_padded(x, view), -1, 0)
        seen = jnp.stack([padded[(slice(None), *place)] for _, place in cells(view)])
        return jnp.reshape(jnp.reshape(seen, (-1, dy.size // out)) @ _rows(dy), tuple(sizes))
    if any(v.stride > 1 for v in view):
        padded, turned = _padded(x, view), _rows(dy).T
        return jnp.reshape(jnp.stack([(turned @ _rows(padded[place])).T for _, place in cells(view)]), tuple(sizes))
    return _filter_by_library(x, dy, groups, view)


def _filter_by_library(x: Any, dy: Any, groups: int, view: Sequence[Window]) -> Any:
    """XLA's convolution of x with dy: channels and images change places, and so do strides and dilations."""
    places = []
    for v in view:
        seen = (v.number - 1) * v.stride + v.extent  # by all windows together
        places.append((v.before, seen - v.size - v.before))
    return lax.conv_general_dilated(
        x, dy, [v.dilation for v in view], places, rhs_dilation=[v.stride for v in view],
        dimension_numbers=("CHWN", "IHWO", "HWNC"), batch_group_count=groups,
    )  # fmt: skip


def _widened(x: Any) -> Any:
    """Half precision as float32, but for a GPU, whose library sums up in float32 itself."""
    return x if _on_gpu() else wide(x)


@override("Conv2D")
def conv2d(input, filter, *, strides, padding, use_cudnn_on_gpu=True, explicit_paddings=(), data_format="NHWC",
           dilations=(1, 1, 1, 1)):  # fmt: skip
    """`ops.conv.conv2d_op`"""
    layout = Layout("Conv2D", strides, padding, explicit_paddings, data_format, dilations)
    view = conv.checked_view(layout, input.shape, filter.shape)
    if input.dtype.kind == "i" or not _plain(view, input.shape, filter.shape):
        return conv.conv2d_op.kernel(jnp, input, filter, **_attrs(layout))
    x = _widened(channels_last(jnp, input, data_format))
    return channels_back(jnp, narrow(_convolve(x, _widened(filter), view), input.dtype), data_format)


@override("Conv2DBackpropInput")
def conv2d_backprop_input(input_sizes, filter, out_backprop, *, strides, padding, use_cudnn_on_gpu=True,
                          explicit_paddings=(), data_format="NHWC", dilations=(1, 1, 1, 1)):  # fmt: skip
    """`ops.conv.conv2d_backprop_input`"""
    layout = Layout("Conv2DBackpropInput", strides, padding, explicit_paddings, data_format, dilations)
    sizes = tuple(int(n) for n in input_sizes)
    view = conv.transposed_view(layout, sizes, filter.shape, out_backprop.shape)
    if filter.dtype.kind == "i" or not _plain(view, sizes, filter.shape):
        return conv.conv2d_backprop_input.kernel(jnp, sizes, filter, out_backprop, **_attrs(layout))
    dy = _widened(channels_last(jnp, out_backprop, data_format))
    dx = _to_input(dy, _widened(filter), sizes[layout.channel] // filter.shape[-2], view)
    return channels_back(jnp, narrow(dx, out_backprop.dtype), data_format)


@override("Conv2DBackpropFilter")
def conv2d_backprop_filter(input, filter_sizes, out_backprop, *, strides, padding, use_cudnn_on_gpu=True,
                           explicit_paddings=(), data_format="NHWC", dilations=(1, 1, 1, 1)):  # fmt: skip
    """`ops.conv.conv2d_backprop_filter`"""
    layout = Layout("Conv2DBackpropFilter", strides, padding, explicit_paddings, data_format, dilations)
    sizes = tuple(int(n) for n in filter_sizes)
    view = conv.transposed_view(layout, input.shape, sizes, out_backprop.shape)
    if not _plain(view, input.shape, sizes):
        return conv.conv2d_backprop_filter.kernel(jnp, input, sizes, out_backprop, **_attrs(layout))
    x, dy = (_widened(channels_last(jnp, t, data_format)) for t in (input, out_backprop))
    return narrow(_to_filter(x, dy, sizes, view), input.dtype)


def _attrs(layout: Layout) -> dict[str, Any]:
    """The attributes of a convolution, for its kernel."""
    return {
        "strides": layout.strides, "padding": layout.padding, "explicit_paddings": layout.explicit,
        "data_format": layout.data_format, "dilations": layout.dilations,
    }  # fmt: skip


# Channel by channel


@override("DepthwiseConv2dNativeBackpropInput")
def depthwise_backprop_input(input_sizes, filter, out_backprop, *, strides, padding, explicit_paddings=(),
                             data_format="NHWC", dilations=(1, 1, 1, 1)):  # fmt: skip
    """`ops.depthwise.depthwise_conv2d_backprop_input`"""
    layout = Layout("DepthwiseConv2dNativeBackpropInput", strides, padding, explicit_paddings, data_format, dilations)
    sizes = tuple(int(n) for n in input_sizes)
    view = depthwise.checked_view(layout, sizes, filter.shape, out_backprop.shape)
    if not _plain(view, sizes, filter.shape):
        return depthwise.depthwise_conv2d_backprop_input.kernel(jnp, sizes, filter, out_backprop, **_attrs(layout))
    dy, w = wide(channels_last(jnp, out_backprop, data_format)), wide(filter)
    dy = jnp.reshape(dy, (*dy.shape[:-1], *w.shape[-2:]))
    dx = functools.reduce(jnp.add, (_shifted(jnp.sum(dy * w[at], -1), at, view) for at, _ in cells(view)))
    return channels_back(jnp, narrow(dx, out_backprop.dtype), data_format)


def _tiles(view: Sequence[Window]) -> bool:
    """Whether each pixel is in one window at most, and windows leave no gaps."""
    return all(v.cells == v.stride for v in view)


class _Tiles:
    """Images as tiles, (n, rows, cells of a row, columns, cells of a column, channels), where windows are tiles."""

    def __init__(self, view: Sequence[Window]):
        self.view = view
        counts = [v.cells for v in view]
        self.cells = math.prod(counts)
        self.inner = tuple(2 * i + 2 for i in range(len(view)))
        numbers = np.arange(self.cells, dtype=np.int32)  # of the cells of a window
        self.numbers = numbers.reshape([n for k in counts for n in (1, k)])[..., None]

    def split(self, x: Any, fill: Any) -> Any:
        """An image in tiles."""
        whole = fit(jnp, x, [(v.before, v.number * v.cells - v.size - v.before) for v in self.view], fill)
        return jnp.reshape(whole, (len(x), *[n for v in self.view for n in (v.number, v.cells)], x.shape[-1]))

    def each(self, y: Any) -> Any:
        """What belongs to a window, for each of its cells."""
        return jnp.expand_dims(y, self.inner)

    def joined(self, tiles: Any) -> Any:
        """What `split` did, undone; tiles may be given once for all cells."""
        n, c = tiles.shape[0], tiles.shape[-1]
        tiles = jnp.broadcast_to(tiles, (n, *[m for v in self.view for m in (v.number, v.cells)], c))
        whole = jnp.reshape(tiles, (n, *[v.number * v.cells for v in self.view], c))
        return fit(jnp, whole, [(-v.before, v.size + v.before - v.number * v.cells) for v in self.view])


@override("MaxPoolGrad")
def max_pool_grad(orig_input, orig_output, grad, *, ksize, strides, padding, explicit_paddings=(), data_format="NHWC"):
    """`ops.pool.max_pool_grad`; of windows that are tiles first the number of the cell that is chosen"""
    layout = Layout("MaxPoolGrad", strides, padding, explicit_paddings, data_format)
    view = pool.checked_view(layout, orig_input.shape, ksize)
    if not _tiles(view) or not _plain(view, orig_input.shape):
        attrs = {"ksize": ksize, "strides": strides, "padding": padding, "explicit_paddings": explicit_paddings}
        return pool.max_pool_grad.kernel(jnp, orig_input, orig_output, grad, **attrs, data_format=data_format)
    pool.check_sizes(layout, orig_input.shape, orig_output.shape, grad.shape, view)
    maxima, tiles = pool.Maxima.of(jnp, layout, orig_input, ksize), _Tiles(view)
    y, dy = (channels_last(jnp, t, data_format) for t in (orig_output, grad))
    if tiles.cells <= _TERMS:
        chosen = jnp.full(y.shape, tiles.cells, np.int32)
        for i, x in reversed(list(enumerate(maxima.seen()))):
            chosen = jnp.where(x == y, i, chosen)
        chosen = tiles.each(chosen)
    else:
        hit = tiles.split(channels_last(jnp, orig_input, data_format), maxima.least) == tiles.each(y)
        chosen = jnp.min(jnp.where(hit, tiles.numbers, tiles.cells), tiles.inner, keepdims=True)
    dx = tiles.joined(jnp.where(chosen == tiles.numbers, tiles.each(dy), dy.dtype.type(0)))
    return channels_back(jnp, dx, data_format)


@override("AvgPoolGrad")
def avg_pool_grad(orig_input_shape, grad, *, ksize, strides, padding, data_format="NHWC"):
    """`ops.pool.avg_pool_grad`; of windows that are tiles in one piece"""
    layout, sizes = Layout("AvgPoolGrad", strides, padding, (), data_format), tuple(int(n) for n in orig_input_shape)
    view = pool.checked_view(layout, sizes, ksize)
    if not _tiles(view) or not _plain(view, sizes):
        attrs = {"ksize": ksize, "strides": strides, "padding": padding, "data_format": data_format}
        return pool.avg_pool_grad.kernel(jnp, sizes, grad, **attrs)
    pool.check_share(layout, sizes, grad.shape, view)
    tiles, dy = _Tiles(view), wide(channels_last(jnp, grad, data_format))
    dx = tiles.joined(tiles.each(dy / pool.real_cells(view, dy.dtype)))
    return channels_back(jnp, narrow(dx, grad.dtype), data_format)
