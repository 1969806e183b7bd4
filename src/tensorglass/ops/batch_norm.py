"""Batch normalization of images in one op: statistics, normalization and scale together, as networks use it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..convert import convert_to_tensor
from ..errors import InvalidArgumentError
from ..op import op
from ..shapes import Shape, merge, text
from .array import reshape
from .cast import cast
from .constant import constant
from .elementwise import rsqrt, square
from .reduce import reduce_mean, reduce_sum
from .windows import channels_back, channels_last

# Source: Ioffe and Szegedy, Batch Normalization, algorithms 1 and 2.

_RESULTS = ("y", "batch_mean", "batch_variance", "reserve_space_1", "reserve_space_2", "reserve_space_3")


def _channel(data_format: str) -> int:
    if data_format not in ("NHWC", "NCHW"):
        raise ValueError(f"Attr 'data_format' of 'FusedBatchNormV3' Op passed string '{data_format}' not in: "
                         '"NHWC", "NCHW".')  # fmt: skip
    return data_format.index("C")


def _channels(x: Shape, vectors: list[Shape], channel: int) -> tuple[Any, Any]:
    """The image's shape and its number of channels, as far as the operands tell."""
    if x is not None and len(x) != 4:
        raise ValueError(f"Shape must be rank 4 but is rank {len(x)}")
    x = x or (None,) * 4
    c = x[channel]
    for v in vectors:
        if v is not None and len(v) != 1:
            raise ValueError(f"Shape must be rank 1 but is rank {len(v)}")
        if v is not None and v[0] is not None:
            if c not in (None, v[0]):
                raise ValueError(f"Dimensions must be equal, but are {c} and {v[0]}")
            c = v[0]
    return tuple(c if i == channel else d for i, d in enumerate(x)), c


def _normalized(op: Any) -> list[Shape]:
    x, scale, offset, mean, variance = (t._shape for t in op.inputs)
    given = [scale, offset] + ([] if op.attrs["is_training"] else [mean, variance])
    x, c = _channels(x, given, _channel(op.attrs["data_format"]))
    return [x, (c,), (c,), (c,), (c,), (0,)]


def _check(x: Any, scale: Any, offset: Any, mean: Any, variance: Any, channel: int, given: bool) -> None:
    if len(x.shape) != 4:
        raise InvalidArgumentError(None, None, f"input must be 4-dimensional{text(x.shape)}")
    named = {"scale": scale, "offset": offset} | ({"mean": mean, "variance": variance} if given else {})
    for name, v in named.items():
        if v.shape != (x.shape[channel],):
            raise InvalidArgumentError(
                None, None,
                f"{name} must have the same number of elements as the channels of x, got {text(v.shape)} "
                f"and {x.shape[channel]}",
            )  # fmt: skip


@op("FusedBatchNormV3", "T, U, U, U, U -> T, U, U, U, U, U where T: float, U: float32|float64", shape=_normalized,
    outputs=_RESULTS)  # fmt: skip
def fused_batch_norm_op(xp, x, scale, offset, mean, variance, *, epsilon=0.0001, exponential_avg_factor=1.0,
                        data_format="NHWC", is_training=True):  # fmt: skip
    """y = γ (x − μ) / √(σ² + ε) + β channel by channel, with the batch's own μ and σ² when training

    Also gives μ and σ² (that of the sample, over n − 1), mixed with those given: (1 − f) · given + f · found.  The last
    results keep what the gradient needs.
    """
    channel, number = _channel(data_format), scale.dtype.type
    averages = is_training and exponential_avg_factor != 1
    _check(x, scale, offset, mean, variance, channel, averages or not is_training)
    image = channels_last(xp, x, data_format).astype(scale.dtype)
    rows = xp.reshape(image, (-1, image.shape[-1])) if image.size else image.reshape(0, image.shape[-1])
    if not is_training:
        found, spread, sample = mean, variance, variance
    elif not len(rows):
        found = spread = sample = xp.full(scale.shape, np.nan, scale.dtype)
    else:
        found = xp.mean(rows, 0)
        spread = xp.mean(xp.square(rows - found), 0)
        sample = spread * number(len(rows) / max(len(rows) - 1, 1))
    inverse = scale / xp.sqrt(spread + number(epsilon))
    y = channels_back(xp, ((image - found) * inverse + offset).astype(x.dtype), data_format)
    shown = found, sample
    if averages:
        f = number(exponential_avg_factor)
        shown = tuple((1 - f) * old + f * new for old, new in zip((mean, variance), shown, strict=True))
    return y, *shown, found, spread, xp.zeros(0, scale.dtype)


def _gradient_shapes(op: Any) -> list[Shape]:
    dy, x, scale, mean, variance, _ = (t._shape for t in op.inputs)
    x, c = _channels(merge(dy, x), [scale, mean, variance], _channel(op.attrs["data_format"]))
    return [x, (c,), (c,), (0,), (0,)]


@op("FusedBatchNormGradV3", "T, T, U, U, U, U -> T, U, U, U, U where T: float, U: float32|float64",
    shape=_gradient_shapes,
    outputs=("x_backprop", "scale_backprop", "offset_backprop", "reserve_space_4", "reserve_space_5"))  # fmt: skip
def fused_batch_norm_grad(xp, y_backprop, x, scale, reserve_space_1, reserve_space_2, reserve_space_3, *,
                          epsilon=0.0001, data_format="NHWC", is_training=True):  # fmt: skip
    """β̄ = Σ ȳ,  γ̄ = Σ ȳ x̂,  x̄ = γ / √(σ² + ε) (ȳ − β̄/n − x̂ γ̄/n) with x̂ = (x − μ) / √(σ² + ε)

    Not training, μ and σ² do not depend on x: x̄ = ȳ γ / √(σ² + ε).
    """
    number = scale.dtype.type
    image, dy = (channels_last(xp, t, data_format).astype(scale.dtype) for t in (x, y_backprop))
    n = image.size // max(image.shape[-1], 1)
    inverse = 1 / xp.sqrt(reserve_space_2 + number(epsilon))
    moved = image - reserve_space_1
    d_offset, d_scale = xp.sum(dy, (0, 1, 2)), xp.sum(dy * moved, (0, 1, 2)) * inverse
    dx = dy * (scale * inverse)
    if is_training and n:
        share = scale * inverse * number(1 / n)
        dx = dx - (moved * (share * inverse * d_scale) + share * d_offset)
    dx = channels_back(xp, dx.astype(x.dtype), data_format)
    none = xp.zeros(0, scale.dtype)
    return dx, d_scale, d_offset, none, none


def _gradient_of(dy: Any, x: Any, scale: Any, mean: Any, variance: Any, attrs: dict[str, Any]) -> Any:
    """What `fused_batch_norm_grad` computes, written in ops that can be differentiated."""
    axes = [i for i, letter in enumerate(attrs["data_format"]) if letter != "C"]
    dtype = scale.dtype.base_dtype
    x, dy = cast(x, dtype), cast(dy, dtype)
    across = (lambda v: reshape(v, [1, -1, 1, 1])) if attrs["data_format"] == "NCHW" else (lambda v: v)
    if attrs["is_training"]:
        mean = reduce_mean(x, axes, keepdims=True)
        moved = x - mean
        variance = reduce_mean(square(moved), axes, keepdims=True)
    else:
        moved, variance = x - across(mean), across(variance)
    inverse = rsqrt(variance + attrs["epsilon"])
    normal = moved * inverse
    d_offset, d_scale = reduce_sum(dy, axes), reduce_sum(dy * normal, axes)
    if attrs["is_training"]:
        dy = dy - reduce_mean(dy, axes, keepdims=True) - normal * reduce_mean(dy * normal, axes, keepdims=True)
    return dy * (inverse * across(scale)), d_scale, d_offset


@fused_batch_norm_op.gradient  # as in TensorFlow, nothing flows to or from statistics
def _(op, dy, *_):
    x, scale, _, mean, variance = op.inputs
    attrs = {k: op.attrs[k] for k in fused_batch_norm_grad.attr_names}
    kept = op.outputs[3:5] if op.is_training else (mean, variance)
    dx, d_scale, d_offset, *_ = fused_batch_norm_grad(dy, x, scale, *kept, op.outputs[5], **attrs)
    return dx, d_scale, d_offset, None, None


@fused_batch_norm_grad.gradient
def _(op, d_dx, d_scale, d_offset, *_):
    from ..gradients import gradients

    dy, x, scale, mean, variance, _ = op.inputs
    found = _gradient_of(dy, x, scale, mean, variance, op.attrs)
    weights = [cast(d_dx, scale.dtype.base_dtype), d_scale, d_offset]
    return [*gradients(list(found), [dy, x, scale], weights), None, None, None]


def fused_batch_norm(
    x: Any,
    scale: Any,
    offset: Any,
    mean: Any = None,
    variance: Any = None,
    epsilon: float = 0.001,
    data_format: str = "NHWC",
    is_training: bool = True,
    name: str | None = None,
    exponential_avg_factor: float = 1.0,
) -> tuple[Any, Any, Any]:
    """(y, μ, σ²) with y = γ (x − μ) / √(σ² + ε) + β channel by channel, γ = ``scale`` and β = ``offset``.

    Training, μ and σ² are the batch's own; given out is the variance over n − 1, and both mixed with ``mean`` and
    ``variance`` where ``exponential_avg_factor`` is not 1.  Otherwise ``mean`` and ``variance`` are used.

    >>> import tensorglass as tg
    >>> y, mean, variance = tg.compat.v1.nn.fused_batch_norm([[[[1.0]], [[3.0]]]], [1.0], [0.0], epsilon=1.0)
    >>> mean.numpy().tolist(), variance.numpy().tolist()
    ([2.0], [2.0])

    Source: Ioffe and Szegedy, Batch Normalization, algorithm 1.
    """
    if (not is_training or exponential_avg_factor != 1) and (mean is None or variance is None):
        raise ValueError(
            "Both `mean` and `variance` must be a 1D tensor when `is_training` is False or `exponential_avg_factor` "
            f"!= 1.0. Received: `mean` {mean!r} and `variance` {variance!r}"
        )
    x = convert_to_tensor(x, name="input")
    scale = convert_to_tensor(scale, name="scale")
    offset = convert_to_tensor(offset, scale.dtype.base_dtype, name="offset")
    mean = constant([], scale.dtype.base_dtype) if mean is None else mean
    variance = constant([], scale.dtype.base_dtype) if variance is None else variance
    y, *shown, _, _, _ = fused_batch_norm_op(
        x, scale, offset, mean, variance, epsilon=float(np.float32(epsilon)),
        exponential_avg_factor=float(np.float32(exponential_avg_factor)), data_format=data_format,
        is_training=bool(is_training), name=name,
    )  # fmt: skip
    return y, *shown
