"""Normalizations: moments, batch normalization, unit length, local response.

All but one are composed of ops that are already there, in TensorFlow's order, so that they round as TensorFlow's do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..convert import convert_to_tensor
from ..names import scope
from ..op import op
from ..shapes import Shape, same
from . import elementwise
from .array import rank, shape, squeeze, stop_gradient
from .cast import cast
from .complex import complex, imag, real
from .constant import constant, zeros_like
from .elementwise import maximum, multiply, reciprocal, rsqrt, square, squared_difference, subtract
from .gather import gather
from .measures import norm
from .nan import divide_no_nan
from .reduce import reduce_mean, reduce_prod, reduce_sum


def _wide(x: Any) -> Any:
    """float16 as float32: means of many half-precision numbers are worth little."""
    return cast(x, "float32") if x.dtype.base_dtype.name == "float16" else x


def _finished(values: Sequence[Any], axes: Any, keepdims: bool, dtype: Any) -> tuple[Any, ...]:
    axes = None if axes is None else np.atleast_1d(axes).tolist()
    values = values if keepdims else [squeeze(v, axes) for v in values]
    return tuple(cast(v, dtype) for v in values)


def moments(x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    """(μ, σ²): the mean of x over `axes`, and the mean of (x − μ)².

    ``shift`` is accepted and changes nothing.

    >>> [t.numpy().item() for t in moments([1.0, 3.0], [0])]
    [2.0, 1.0]
    """
    with scope(name, "moments", [x]):
        x = convert_to_tensor(x, name="x")
        y = _wide(x)
        mean = reduce_mean(y, axes, keepdims=True, name="mean")
        variance = reduce_mean(squared_difference(y, stop_gradient(mean)), axes, keepdims=True, name="variance")
        return _finished([mean, variance], axes, keepdims, x.dtype.base_dtype)


def weighted_moments(x: Any, axes: Any, frequency_weights: Any, keepdims: bool = False, name: str | None = None) -> Any:
    """(μ, σ²) with each element counted as often as its weight w says: μ = Σ w x / Σ w,  σ² = Σ w (x − μ)² / Σ w"""
    with scope(name, "weighted_moments", [x, frequency_weights]):
        x = convert_to_tensor(x, name="x")
        dtype = x.dtype.base_dtype
        y = _wide(x)
        w = cast(convert_to_tensor(frequency_weights, name="frequency_weights"), y.dtype.base_dtype)
        total = reduce_sum(w * y, axes, name="weighted_input_sum", keepdims=True)
        weight = reduce_sum(w + zeros_like(y), axes, name="sum_of_weights", keepdims=True)
        mean = divide_no_nan(total, weight)
        spread = reduce_sum(w * squared_difference(y, mean), axes, name="weighted_distsq", keepdims=True)
        return _finished([mean, divide_no_nan(spread, weight)], axes, keepdims, dtype)


def sufficient_statistics(
    x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None
) -> tuple[Any, Any, Any, Any]:
    """(n, Σ (x − s), Σ (x − s)², s): what `normalize_moments` needs, and what adds up over batches.

    s is ``shift``, a guess of the mean that keeps the sums small (None for 0).
    """
    axes = list(dict.fromkeys(np.atleast_1d(axes).tolist()))
    with scope(name, "sufficient_statistics", [x, shift]):
        x = convert_to_tensor(x, name="x")
        if x._shape is not None and all(x._shape[a] is not None for a in axes):
            count = constant(np.prod([x._shape[a] for a in axes]), x.dtype.base_dtype)
        else:
            sizes = cast(shape(x), x.dtype.base_dtype)
            count = reduce_prod(gather(sizes, [a if a >= 0 else rank(x) + a for a in axes]), name="count")
        if shift is None:
            moved, squares = x, square(x)
        else:
            shift = convert_to_tensor(shift, x.dtype.base_dtype, name="shift")
            moved, squares = subtract(x, shift), squared_difference(x, shift)
        mean_ss = reduce_sum(moved, axes, keepdims=keepdims, name="mean_ss")
        return count, mean_ss, reduce_sum(squares, axes, keepdims=keepdims, name="var_ss"), shift


def normalize_moments(counts: Any, mean_ss: Any, variance_ss: Any, shift: Any, name: str | None = None) -> Any:
    """(μ, σ²) from `sufficient_statistics`: μ = Σ(x − s)/n + s,  σ² = Σ(x − s)²/n − (Σ(x − s)/n)²"""
    with scope(name, "normalize", [counts, mean_ss, variance_ss, shift]):
        divisor = reciprocal(counts, name="divisor")
        if shift is None:
            mean = moved = multiply(mean_ss, divisor, name="mean")
        else:
            moved = multiply(mean_ss, divisor, name="shifted_mean")
            mean = elementwise.add(moved, shift, name="mean")
        return mean, subtract(multiply(variance_ss, divisor), square(moved), name="variance")


def batch_normalization(
    x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: Any, name: str | None = None
) -> Any:
    """y = γ (x − μ) / √(σ² + ε) + β, with γ = ``scale`` and β = ``offset`` (None leaves either out).

    The statistics broadcast against `x`.  Source: Ioffe and Szegedy, Batch Normalization, algorithm 1.
    """
    with scope(name, "batchnorm", [x, mean, variance, scale, offset]):
        x = convert_to_tensor(x, name="x")
        mean = convert_to_tensor(mean, name="mean")
        factor = rsqrt(convert_to_tensor(variance, name="variance") + variance_epsilon)
        if scale is not None:
            factor = factor * scale
        rest = -mean * factor if offset is None else offset - mean * factor
        return x * cast(factor, x.dtype.base_dtype) + cast(rest, x.dtype.base_dtype)


def batch_norm_with_global_normalization(
    input: Any,
    mean: Any,
    variance: Any,
    beta: Any,
    gamma: Any,
    variance_epsilon: Any,
    scale_after_normalization: bool,
    name: str | None = None,
) -> Any:
    """`batch_normalization`, its scale `gamma` used only where ``scale_after_normalization``"""
    scale = gamma if scale_after_normalization else None
    return batch_normalization(input, mean, variance, beta, scale, variance_epsilon, name)


def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12, name: str | None = None) -> Any:
    """y = x / √max(Σ |x|², ε) over `axis`: vectors of length 1, whatever is very small left small.

    >>> l2_normalize([3.0, 4.0]).numpy()
    array([0.6, 0.8], dtype=float32)
    """
    with scope(name, "l2_normalize", [x]) as full:
        x = convert_to_tensor(x, name="x")
        if x.dtype.is_complex:
            parts = real(x), imag(x)
            inverse = rsqrt(maximum(reduce_sum(square(parts[0]) + square(parts[1]), axis, keepdims=True), epsilon))
            return complex(parts[0] * inverse, parts[1] * inverse, name=full or None)
        inverse = rsqrt(maximum(reduce_sum(square(x), axis, keepdims=True), epsilon))
        return multiply(x, inverse, name=full or None)


def normalize(tensor: Any, ord: Any = "euclidean", axis: Any = None, name: str | None = None) -> tuple[Any, Any]:
    """(x / ‖x‖, ‖x‖) over `axis`, the norm with its axes kept; see `norm` for the kinds of norm"""
    with scope(name, "normalize", [tensor]):
        tensor = convert_to_tensor(tensor)
        size = norm(tensor, ord=ord, axis=axis, keepdims=True)
        size = cast(size, tensor.dtype.base_dtype)
        return tensor / size, size


# Local response normalization


def _rank_4(op: Any) -> Shape:
    shape = op.inputs[0]._shape
    if shape is not None and len(shape) != 4:
        raise ValueError(f"Shape must be rank 4 but is rank {len(shape)}")
    return shape if shape is not None else (None,) * 4


@op("ChannelWindowSum", "T -> T where T: float", shape=same)
def channel_window_sum(xp, x, *, radius):
    """yᵢ = Σ xⱼ over the channels j with |i − j| ≤ radius"""
    if radius < 1:
        return xp.array(x)
    n = x.shape[-1]
    padded = xp.pad(x, [(0, 0)] * (x.ndim - 1) + [(radius, radius)])
    return sum(padded[..., k : k + n] for k in range(1, 2 * radius + 1)) + padded[..., :n]


@channel_window_sum.gradient  # j is in the window of i when i is in the window of j
def _(op, dy):
    return channel_window_sum(dy, radius=op.radius)


@op("LRN", "T -> T where T: float", shape=_rank_4)
def local_response_normalization(xp, input, *, depth_radius=5, bias=1.0, alpha=1.0, beta=0.5):
    """yᵢ = xᵢ / (bias + alpha Σⱼ xⱼ²)ᵝ over the channels j within ``depth_radius`` of i, the last of four dimensions

    Source: Krizhevsky, Sutskever and Hinton, ImageNet Classification with Deep Convolutional Networks, section 3.3.
    """
    number = input.dtype.type
    window = channel_window_sum.kernel(xp, input * input, radius=depth_radius)
    return input * xp.power(number(bias) + number(alpha) * window, number(-beta))


@local_response_normalization.gradient  # with n = bias + α W(x²):  x̄ = n⁻ᵝ ȳ − 2αβ x W(ȳ x n⁻ᵝ⁻¹)
def _(op, dy):
    x = op.inputs[0]
    n = op.bias + op.alpha * channel_window_sum(square(x), radius=op.depth_radius)
    inner = channel_window_sum(dy * x * elementwise.pow(n, -op.beta - 1.0), radius=op.depth_radius)
    return dy * elementwise.pow(n, -op.beta) - (2.0 * op.alpha * op.beta) * x * inner


lrn = local_response_normalization
