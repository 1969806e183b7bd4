"""Pooling: the maximum or the mean of what each window sees, channel by channel.

Everything is done cell by cell: one slice of the image holds what all windows see in one of their cells.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..convert import convert_to_tensor
from ..dtypes import as_dtype, int64
from ..errors import InvalidArgumentError, UnimplementedError
from ..names import scope
from ..op import op
from ..shapes import Shape, same, text
from ..static import shape_value
from .array import expand_dims, shape, squeeze
from .constant import zeros_like
from .conv import paddings, sequence
from .windows import Layout, Window, cells, channels_back, channels_last, fit, narrow, spread, wide

# Shapes and errors


def _pooled(op: Any) -> Shape:
    layout, x = Layout.of(op), op.inputs[0]._shape
    rank, ksize = layout.rank, op.attrs["ksize"]
    if x is not None and len(x) != rank:
        raise ValueError(f"Shape must be rank {rank} but is rank {len(x)}")
    if len(ksize) != rank:
        raise ValueError(f"Sliding window ksize field must specify {rank} dimensions, but got: {len(ksize)}")
    x = x or (None,) * rank
    sizes = layout.static(x, [ksize[a] for a in layout.axes])
    return layout.image(x[0], sizes, x[layout.channel])


def checked_view(layout: Layout, x: Sequence[int], ksize: Sequence[int]) -> list[Window]:
    """The windows over an actual image; an error where they are not to be had."""
    if len(x) != layout.rank:
        raise InvalidArgumentError(
            None, None, f"tensor_in_shape must have {layout.rank - 2} spatial dimensions: {text(tuple(x))}"
        )
    if ksize[0] != 1:
        raise UnimplementedError(None, None, "Pooling is not yet supported on the batch dimension.")
    if ksize[layout.channel] != 1:
        raise UnimplementedError(None, None, "Non-spatial pooling is not yet supported.")
    if min(ksize) < 1:
        raise InvalidArgumentError(None, None, f"ksize must be a positive int32 value, got:{min(ksize)}")
    view = layout.view(x, [ksize[a] for a in layout.axes])
    for w in view:
        if w.cells and max(w.before, w.after) >= w.cells:
            raise InvalidArgumentError(
                None, None,
                f"Padding {max(w.before, w.after)} needs to be smaller than the window size {w.cells}",
            )  # fmt: skip
    return view


# The maximum


class Maxima(NamedTuple):
    """What the kernels of the maximum work on: the windows, and the image padded with the least number there is."""

    view: list[Window]
    padded: Any
    least: Any = 0

    @classmethod
    def of(cls, xp: Any, layout: Layout, x: Any, ksize: Sequence[int]) -> Maxima:
        view = checked_view(layout, x.shape, ksize)
        least = -math.inf if x.dtype.kind not in "iu" else np.iinfo(x.dtype).min
        x = channels_last(xp, x, layout.data_format)
        return cls(view, fit(xp, x, [(w.before, w.after) for w in view], least), least)

    def seen(self) -> Iterator[Any]:
        return (self.padded[place] for _, place in cells(self.view))

    def chosen(self, y: Any) -> Iterator[Any]:
        """Cell by cell, whether it is the first of its window to hold the maximum y."""
        taken = None
        for x in self.seen():
            hit = x == y
            yield hit if taken is None else hit & ~taken
            taken = hit if taken is None else taken | hit


_POOLED = "float|int8|int16|int32|int64|uint8|uint16"


@op("MaxPool", f"T -> T where T: {_POOLED}", shape=_pooled)
def max_pool_op(xp, input, *, ksize, strides, padding, explicit_paddings=(), data_format="NHWC"):
    """y[n, t, c] = max x[n, t·stride + i, c] over the window's cells i"""
    layout = Layout("MaxPool", strides, padding, explicit_paddings, data_format)
    y = functools.reduce(xp.maximum, Maxima.of(xp, layout, input, ksize).seen())
    return channels_back(xp, y, data_format)


@op("MaxPoolGrad", f"T, T, T -> T where T: {_POOLED}", shape=same)
def max_pool_grad(xp, orig_input, orig_output, grad, *, ksize, strides, padding, explicit_paddings=(),
                  data_format="NHWC"):  # fmt: skip
    """x̄ = ȳ at the first maximum of each window in row-major order, windows that share it added up"""
    layout = Layout("MaxPoolGrad", strides, padding, explicit_paddings, data_format)
    maxima = Maxima.of(xp, layout, orig_input, ksize)
    check_sizes(layout, orig_input.shape, orig_output.shape, grad.shape, maxima.view)
    y, dy = (channels_last(xp, t, data_format) for t in (orig_output, grad))
    pieces = [xp.where(first, dy, dy.dtype.type(0)) for first in maxima.chosen(y)]
    return channels_back(xp, spread(xp, pieces, maxima.view), data_format)


@op("MaxPoolGradGrad", f"T, T, T -> T where T: {_POOLED}", shape=lambda op: op.inputs[1]._shape)
def max_pool_grad_grad(xp, orig_input, orig_output, grad, *, ksize, strides, padding, explicit_paddings=(),
                       data_format="NHWC"):  # fmt: skip
    """y = for each window the number in `grad` where its first maximum is: `max_pool_grad` transposed"""
    layout = Layout("MaxPoolGradGrad", strides, padding, explicit_paddings, data_format)
    maxima = Maxima.of(xp, layout, orig_input, ksize)
    check_sizes(layout, orig_input.shape, orig_output.shape, orig_output.shape, maxima.view)
    d = channels_last(xp, grad, data_format)
    seen = Maxima(maxima.view, fit(xp, d, [(w.before, w.after) for w in maxima.view])).seen()
    y = channels_last(xp, orig_output, data_format)
    total = sum(xp.where(first, x, x.dtype.type(0)) for first, x in zip(maxima.chosen(y), seen, strict=True))
    return channels_back(xp, total, data_format)


def check_sizes(layout: Layout, x: Any, y: Any, dy: Any, view: Sequence[Window]) -> None:
    expected = layout.image(x[0], [w.number for w in view], x[layout.channel])
    if tuple(y) != expected:
        raise ValueError(f"Expected orig_output shape to be {text(expected)}, but got {text(tuple(y))}")
    if tuple(dy) != expected:
        raise ValueError(f"Expected grad shape to be {text(expected)}, but got {text(tuple(dy))}")


def _attrs(node: Any) -> dict[str, Any]:
    return {k: node.attrs[k] for k in max_pool_op.attr_names}


@max_pool_op.gradient
def _(op, dy):
    return max_pool_grad(op.inputs[0], op.outputs[0], dy, **_attrs(op))


@max_pool_grad.gradient  # which cell is chosen does not move
def _(op, d):
    x, y, _ = op.inputs
    return zeros_like(x), zeros_like(y), max_pool_grad_grad(x, y, d, **_attrs(op))


@max_pool_grad_grad.gradient
def _(op, d):
    x, y, _ = op.inputs
    return zeros_like(x), zeros_like(y), max_pool_grad(x, y, d, **_attrs(op))


def _two(op: Any) -> list[Shape]:
    return [_pooled(op)] * 2


@op("MaxPoolWithArgmax", f"T -> T, Targmax where T: {_POOLED}", shape=_two, outputs=("output", "argmax"))
def max_pool_with_argmax_op(xp, input, *, ksize, strides, padding, Targmax=int64, include_batch_in_index=False,
                            data_format="NHWC"):  # fmt: skip
    """(y, a): the maximum of each window, and the place of the first one in the image as a flat index (y, x, c)"""
    layout = Layout("MaxPoolWithArgmax", strides, padding, (), data_format)
    maxima = Maxima.of(xp, layout, input, ksize)
    y = functools.reduce(xp.maximum, maxima.seen())
    n, h, w, c = input.shape
    flat = np.arange(h * w, dtype=np.int64).reshape(1, h, w, 1)
    places = fit(np, flat, [(v.before, v.after) for v in maxima.view])
    seen = Maxima(maxima.view, places).seen()
    at = sum(xp.where(first, place, 0) for first, place in zip(maxima.chosen(y), seen, strict=True)) * c + np.arange(c)
    if include_batch_in_index:
        at = at + np.arange(n).reshape(n, 1, 1, 1) * (h * w * c)
    return y, at.astype(as_dtype(Targmax).np_dtype)


@max_pool_with_argmax_op.gradient
def _(op, dy, _):
    return max_pool_grad(op.inputs[0], op.outputs[0], dy, ksize=op.ksize, strides=op.strides, padding=op.padding)


# The mean


def real_cells(view: Sequence[Window], dtype: Any) -> np.ndarray:
    """How many cells of each window lie in the image, (1, windows..., 1): what the mean divides by."""
    total = np.ones((1,) * (len(view) + 2), dtype)
    for i, w in enumerate(view):
        start = np.arange(w.number) * w.stride - w.before
        inside = np.minimum(start + w.cells, w.size) - np.maximum(start, 0)
        total = total * inside.astype(dtype).reshape([-1 if j == i + 1 else 1 for j in range(len(view) + 2)])
    return total


@op("AvgPool", "T -> T where T: float", shape=_pooled)
def avg_pool_op(xp, value, *, ksize, strides, padding, data_format="NHWC"):
    """y[n, t, c] = the mean of x[n, t·stride + i, c] over those of the window's cells i that lie in the image"""
    view = checked_view(Layout("AvgPool", strides, padding, (), data_format), value.shape, ksize)
    x = wide(channels_last(xp, value, data_format))
    padded = fit(xp, x, [(w.before, w.after) for w in view])
    total = functools.reduce(xp.add, (padded[place] for _, place in cells(view)))
    return channels_back(xp, narrow(total / real_cells(view, x.dtype), value.dtype), data_format)


def check_share(layout: Layout, x: Sequence[int], dy: Sequence[int], view: Sequence[Window]) -> None:
    """ValueError where the gradient of a mean does not fit the image."""
    expected = layout.image(x[0], [w.number for w in view], x[layout.channel])
    if tuple(dy) != expected:
        raise ValueError(f"Expected grad shape to be {text(expected)}, but got {text(tuple(dy))}")


@op("AvgPoolGrad", "host int32, T -> T where T: float", shape=lambda op: shape_value(op.inputs[0]))
def avg_pool_grad(xp, orig_input_shape, grad, *, ksize, strides, padding, data_format="NHWC"):
    """x̄ = each window's share ȳ / (its cells in the image), added up over the windows that see a pixel"""
    layout, sizes = Layout("AvgPoolGrad", strides, padding, (), data_format), tuple(int(n) for n in orig_input_shape)
    view = checked_view(layout, sizes, ksize)
    check_share(layout, sizes, grad.shape, view)
    dy = wide(channels_last(xp, grad, data_format))
    share = dy / real_cells(view, dy.dtype)
    pieces = [share] * math.prod(w.cells for w in view)
    return channels_back(xp, narrow(spread(xp, pieces, view), grad.dtype), data_format)


@avg_pool_op.gradient
def _(op, dy):
    return avg_pool_grad(shape(op.inputs[0]), dy, **{k: op.attrs[k] for k in avg_pool_op.attr_names})


@avg_pool_grad.gradient
def _(op, d):
    return None, avg_pool_op(d, **{k: op.attrs[k] for k in avg_pool_op.attr_names})


# What users call


def _options(ksize: Any, strides: Any, n: int, data_format: str) -> dict[str, Any]:
    return {
        "ksize": sequence(ksize, n, data_format, "ksize"),
        "strides": sequence(strides, n, data_format, "strides"),
        "data_format": data_format,
    }


def max_pool2d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NHWC", name: str | None = "MaxPool2d"
) -> Any:
    """y[n, t, c] = the maximum of x over each window of `ksize` pixels, `strides` apart.

    `padding` is "SAME", "VALID" or a list of (before, after) for each axis.  Of several equal maxima the first takes
    the whole gradient.  A NaN makes the maximum NaN.

    >>> import tensorglass as tg
    >>> tg.nn.max_pool2d(tg.reshape(tg.range(16.0), [1, 4, 4, 1]), 2, 2, "VALID").numpy().ravel().tolist()
    [5.0, 7.0, 13.0, 15.0]
    """
    options = _options(ksize, strides, 2, data_format or "NHWC")
    if 0 in options["ksize"]:
        raise ValueError(f"`ksize` cannot be zero. Received: ksize={list(options['ksize'])}")
    return max_pool_op(input, **options, **paddings(padding), name=name)


def avg_pool2d(
    input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NHWC", name: str | None = "AvgPool2D"
) -> Any:
    """y[n, t, c] = the mean of x over each window of `ksize` pixels, `strides` apart; padding does not count.

    >>> import tensorglass as tg
    >>> tg.nn.avg_pool2d(tg.reshape(tg.range(9.0), [1, 3, 3, 1]), 2, 2, "SAME").numpy().ravel().tolist()
    [2.0, 3.5, 6.5, 8.0]
    """
    return avg_pool_op(input, **_options(ksize, strides, 2, data_format or "NHWC"), padding=padding, name=name)


def _in_one_dimension(pool: Any, default: str) -> Any:
    """The pooling of sequences (n, w, c): an axis of height 1 is put in for it."""

    def call(
        input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NWC", name: str | None = None
    ) -> Any:
        form = data_format or "NWC"
        if form not in ("NWC", "NCW"):
            raise ValueError(f"`data_format` must be 'NWC' or 'NCW'. Received: data_format={data_format}")
        with scope(name, default, [input]) as full:
            x = expand_dims(convert_to_tensor(input, name="input"), axis := form.index("W"))
            k, s = (sequence(v, 1, form, n) for v, n in ((ksize, "ksize"), (strides, "strides")))
            k, s = (v[:axis] + (1,) + v[axis:] for v in (k, s))
            y = pool(x, k, s, padding, "NHWC" if form == "NWC" else "NCHW", name=full or None)
            return squeeze(y, [axis])

    return call


max_pool1d = _in_one_dimension(max_pool2d, "MaxPool1d")
max_pool1d.__doc__ = "`max_pool2d` of sequences (n, w, c)"
avg_pool1d = _in_one_dimension(avg_pool2d, "AvgPool1D")
avg_pool1d.__doc__ = "`avg_pool2d` of sequences (n, w, c); padding does not count"
max_pool1d.__name__, avg_pool1d.__name__ = "max_pool1d", "avg_pool1d"


def _by_rank(ones: Any, twos: Any, default: str) -> Any:
    """`tf.nn.max_pool` and `avg_pool`: for sequences or images, by the rank of what they are given."""

    def call(
        input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = None, name: str | None = None
    ) -> Any:
        x = convert_to_tensor(input, name="input")
        rank = len(x._shape) if x._shape is not None else len(data_format or "")
        if rank == 3:
            return ones(x, ksize, strides, padding, data_format or "NWC", name)
        if rank != 4:
            raise ValueError(f"`input.shape.rank` must be 3 or 4. Received: input.shape={x.shape} of rank {rank}")
        return twos(x, ksize, strides, padding, data_format or "NHWC", name or default)

    return call


max_pool = _by_rank(max_pool1d, max_pool2d, "MaxPool2d")
max_pool.__name__, max_pool.__doc__ = "max_pool", "`max_pool2d`, or `max_pool1d` for tensors of rank 3"
avg_pool = _by_rank(avg_pool1d, avg_pool2d, "AvgPool")
avg_pool.__name__, avg_pool.__doc__ = "avg_pool", "`avg_pool2d`, or `avg_pool1d` for tensors of rank 3"


def max_pool_with_argmax(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: str,
    data_format: str = "NHWC",
    output_dtype: Any = int64,
    include_batch_in_index: bool = False,
    name: str | None = None,
) -> Any:
    """(y, a): `max_pool2d`, and where in the image each maximum is: a = (row · width + column) · channels + channel"""
    if data_format != "NHWC":
        raise ValueError(f"`data_format` values other than 'NHWC' are not supported. Received: {data_format}")
    options = _options(ksize, strides, 2, "NHWC")
    return max_pool_with_argmax_op(
        input, **options, padding=padding, Targmax=as_dtype(output_dtype),
        include_batch_in_index=include_batch_in_index, name=name,
    )  # fmt: skip
