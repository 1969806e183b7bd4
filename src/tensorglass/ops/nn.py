"""Networks: activations, softmax, biases, dropout, embeddings.

Each activation is numerically right over its whole range: no overflow at ±1000, the limits at infinity.  Where a
function has a kink, its derivative there is TensorFlow's choice.  The losses are in losses.py, the normalizations in
normalize.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..convert import convert_to_tensor
from ..dtypes import float32, int64
from ..errors import InvalidArgumentError
from ..graph import Tensor
from ..names import scope
from ..op import op
from ..shapes import Shape, same, text
from .array import concat, identity, reshape, shape, size
from .cast import cast
from .constant import constant, zeros_like
from .elementwise import exp, multiply, negative, real_abs, real_divide, square, subtract
from .linalg import matmul
from .logic import greater_equal, where
from .measures import count_nonzero
from .random import random_uniform
from .reduce import broadcast_like, reduce_sum
from .special import erfc

# Activations


@op("Sigmoid", "T -> T where T: float|complex", shape=same, analytic=True)
def sigmoid(xp, x):
    """y = 1 / (1 + e⁻ˣ)"""
    return 1 / (1 + xp.exp(-x))


@sigmoid.gradient  # y (1 − y)
def _(op, dy):
    y = op.outputs[0]
    return dy * y * (1 - y)


@op("Tanh", "T -> T where T: float|complex", shape=same, analytic=True)
def tanh(xp, x):
    """y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)"""
    return xp.tanh(x)


@tanh.gradient  # 1 − y²
def _(op, dy):
    return dy * (1 - square(op.outputs[0]))


@op("Relu", "T -> T where T: float|int", shape=same)
def relu(xp, features):
    """y = max(x, 0)"""
    return xp.maximum(features, 0)


@relu.gradient
def _(op, dy):
    return relu_grad(dy, op.outputs[0])


@op("ReluGrad", "T, T -> T where T: float|int", shape=same)
def relu_grad(xp, gradients, features):
    """x̄ = ȳ where y > 0, else 0: the derivative of `relu` at 0 is taken as 0"""
    return gradients * (features > 0)


@relu_grad.gradient
def _(op, d):
    return relu_grad(d, op.inputs[1]), zeros_like(op.inputs[1])


@op("Relu6", "T -> T where T: float|int", shape=same)
def relu6(xp, features):
    """y = min(max(x, 0), 6)"""
    return xp.minimum(xp.maximum(features, 0), 6)


@relu6.gradient
def _(op, dy):
    return relu6_grad(dy, op.outputs[0])


@op("Relu6Grad", "T, T -> T where T: float|int", shape=same)
def relu6_grad(xp, gradients, features):
    """x̄ = ȳ where 0 < y < 6, else 0"""
    return gradients * ((features > 0) & (features < 6))


@relu6_grad.gradient
def _(op, d):
    return relu6_grad(d, op.inputs[1]), zeros_like(op.inputs[1])


@op("LeakyRelu", "T -> T where T: float", shape=same)
def leaky_relu_op(xp, features, *, alpha=0.2):
    """y = x where x > 0, else α x"""
    return xp.where(features > 0, features, features * features.dtype.type(alpha))


@leaky_relu_op.gradient
def _(op, dy):
    return leaky_relu_grad(dy, op.inputs[0], alpha=op.alpha)


@op("LeakyReluGrad", "T, T -> T where T: float", shape=same)
def leaky_relu_grad(xp, gradients, features, *, alpha=0.2):
    """x̄ = ȳ where x > 0, else α ȳ"""
    return xp.where(features > 0, gradients, gradients * gradients.dtype.type(alpha))


@leaky_relu_grad.gradient
def _(op, d):
    return leaky_relu_grad(d, op.inputs[1], alpha=op.alpha), zeros_like(op.inputs[1])


def leaky_relu(features: Any, alpha: float = 0.2, name: str | None = None) -> Any:
    """y = x where x > 0, else α x: a small slope keeps negative units learning; integers become float32.

    Source: Maas, Hannun and Ng, Rectifier Nonlinearities Improve Neural Network Acoustic Models, section 2.
    """
    features = convert_to_tensor(features, name="features")
    if features.dtype.is_integer:
        features = cast(features, "float32")
    alpha = float(np.float32(alpha))  # TensorFlow keeps attributes as float32
    return leaky_relu_op(features, alpha=alpha, name=name)


@op("Elu", "T -> T where T: float", shape=same)
def elu(xp, features):
    """y = x where x ≥ 0, else eˣ − 1"""
    return xp.where(features < 0, xp.expm1(xp.minimum(features, 0)), features)


@elu.gradient  # 1 where y ≥ 0, else eˣ = y + 1
def _(op, dy):
    y = op.outputs[0]
    return where(y < 0, dy * (y + 1), dy)


_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


@op("Selu", "T -> T where T: float", shape=same)
def selu(xp, features):
    """y = λ x where x ≥ 0, else λ α (eˣ − 1), with the constants that keep mean 0 and variance 1

    Source: Klambauer et al., Self-Normalizing Neural Networks, equation 2.
    """
    scale = features.dtype.type(_SELU_SCALE)
    saturated = features.dtype.type(_SELU_SCALE * _SELU_ALPHA)
    return xp.where(features < 0, saturated * xp.expm1(xp.minimum(features, 0)), scale * features)


@selu.gradient  # λ where y ≥ 0, else λ α eˣ = y + λ α
def _(op, dy):
    y = op.outputs[0]
    return where(y < 0, dy * (y + _SELU_SCALE * _SELU_ALPHA), dy * _SELU_SCALE)


@op("Softplus", "T -> T where T: float", shape=same)
def softplus(xp, features):
    """y = ln(1 + eˣ)   (as max(x, 0) + ln(1 + e^−|x|), which neither overflows nor loses small results)"""
    return xp.maximum(features, 0) + xp.log1p(xp.exp(-xp.abs(features)))


@softplus.gradient
def _(op, dy):
    return dy * sigmoid(op.inputs[0])


@op("Softsign", "T -> T where T: float", shape=same)
def softsign(xp, features):
    """y = x / (1 + |x|)"""
    return features / (1 + xp.abs(features))


@softsign.gradient  # 1 / (1 + |x|)²
def _(op, dy):
    return dy / square(1 + real_abs(op.inputs[0]))


def log_sigmoid(x: Any, name: str | None = None) -> Any:
    """y = ln(1 / (1 + e⁻ˣ)) = −softplus(−x)"""

    with scope(name, "LogSigmoid", [x]) as full:
        return negative(softplus(-convert_to_tensor(x, name="x")), name=full or None)


def crelu(features: Any, axis: int = -1, name: str | None = None) -> Any:
    """y = relu of x and −x side by side along `axis`: twice as many features

    Source: Shang et al., Understanding and Improving CNNs via Concatenated Rectified Linear Units, definition 2.2.
    """

    with scope(name, "CRelu", [features]) as full:
        features = convert_to_tensor(features, name="features")
        return relu(concat([features, -features], axis, name=full or "concat"))


def silu(features: Any, beta: Any = 1.0, name: str | None = None) -> Any:
    """y = x · sigmoid(β x)

    Source: Ramachandran, Zoph and Le, Searching for Activation Functions, section 4.
    """
    with scope(name, "swish", [features]):
        features = convert_to_tensor(features, name="features")
        inner = features if isinstance(beta, (int, float)) and beta == 1 else features * beta
        return features * sigmoid(inner)


swish = silu


def gelu(features: Any, approximate: bool = False, name: str | None = None) -> Any:
    """y = x Φ(x), with the normal distribution's Φ; ``approximate`` takes the tanh formula for Φ

    Source: Hendrycks and Gimpel, Gaussian Error Linear Units, section 2.
    """

    with scope(name, "Gelu", [features]):
        x = convert_to_tensor(features, name="features")
        if not x.dtype.is_floating:
            raise ValueError(f"`features.dtype` must be a floating point tensor. Received: {x.dtype!r}")
        if approximate:
            inner = 0.7978845608028654 * (x + 0.044715 * (x * x * x))  # √(2/π)
            return 0.5 * x * (1.0 + tanh(inner))
        return 0.5 * x * erfc(-x * 0.7071067811865476)


# Softmax


def _along_axis(op: Any) -> Shape:
    shape, axis = op.inputs[0]._shape, op.attrs["axis"]
    if shape is not None:
        if not shape:
            raise ValueError("Shape must be at least rank 1 but is rank 0")
        check_axis(axis, len(shape))
    return shape


def check_axis(axis: int, rank: int) -> None:
    """InvalidArgumentError unless `axis` is one of `rank` axes."""
    if not -rank <= axis < rank:
        raise InvalidArgumentError(
            None, None,
            f"`dim` must be in the range [{-rank}, {rank}) where {rank} is the number of dimensions in the input. "
            f"Received: dim={axis}",
        )  # fmt: skip


def _check_rank(logits: Any) -> None:
    if not logits.ndim:
        raise InvalidArgumentError(None, None, "logits must have >= 1 dimension, got []")


@op("Softmax", "T -> T where T: float", shape=_along_axis)
def softmax_op(xp, logits, *, axis=-1):
    """yᵢ = exp xᵢ / Σⱼ exp xⱼ   (the maximum is taken out first: it changes nothing but overflow)"""
    _check_rank(logits)
    e = xp.exp(logits - xp.max(logits, axis=axis, keepdims=True, initial=-np.inf))
    return e / xp.sum(e, axis=axis, keepdims=True)


@softmax_op.gradient  # ∂y/∂x = diag(y) − y yᵀ   ⇒   x̄ = (ȳ − ⟨ȳ, y⟩) y
def _(op, dy):
    y = op.outputs[0]
    return (dy - reduce_sum(dy * y, op.axis, keepdims=True)) * y


def softmax(logits: Any, axis: int | None = None, name: str | None = None) -> Any:
    """yᵢ = exp xᵢ / Σⱼ exp xⱼ along `axis` (the last one): positive numbers that sum to 1.

    >>> softmax([0.0, 0.0]).numpy().tolist()
    [0.5, 0.5]
    """
    if axis is None or axis == -1:
        return softmax_op(logits, name=name)
    return softmax_op(logits, axis=int(axis), name=name)


@op("LogSoftmax", "T -> T where T: float", shape=_along_axis)
def log_softmax_op(xp, logits, *, axis=-1):
    """yᵢ = xᵢ − ln Σⱼ exp xⱼ   (exact where softmax itself would round to 0 or 1)"""
    _check_rank(logits)
    z = logits - xp.max(logits, axis=axis, keepdims=True, initial=-np.inf)
    return z - xp.log(xp.sum(xp.exp(z), axis=axis, keepdims=True))


@log_softmax_op.gradient  # x̄ = ȳ − softmax(x) Σⱼ ȳⱼ
def _(op, dy):
    return dy - reduce_sum(dy, op.axis, keepdims=True) * exp(op.outputs[0])


def log_softmax(logits: Any, axis: int | None = None, name: str | None = None) -> Any:
    """yᵢ = xᵢ − ln Σⱼ exp xⱼ along `axis` (the last one)"""
    return log_softmax_op(logits, axis=-1 if axis is None else int(axis), name=name)


# Biases


def _channel_axis(data_format: str) -> int:
    return 1 if data_format == "NCHW" else -1


def _biased(op: Any) -> Shape:
    value, bias = op.inputs[0]._shape, op.inputs[1]._shape
    least = 3 if op.attrs["data_format"] == "NCHW" else 2
    if value is not None and len(value) < least:
        raise ValueError(f"Shape must be at least rank {least} but is rank {len(value)}")
    if bias is not None and len(bias) != 1:
        raise ValueError(f"Shape must be rank 1 but is rank {len(bias)}")
    if value is None or bias is None:
        return value
    axis = _channel_axis(op.attrs["data_format"]) % len(value)
    if value[axis] != bias[0] and None not in (value[axis], bias[0]):
        raise ValueError(f"Dimensions must be equal, but are {value[axis]} and {bias[0]}")
    return tuple(bias[0] if i == axis and d is None else d for i, d in enumerate(value))


def _unfit(value: tuple[int, ...], bias: tuple[int, ...]) -> str:
    if len(value) < 2:
        return f"Input tensor must be at least 2D: {text(value)}"
    if len(bias) != 1:
        return f"Biases must be 1D: {text(bias)}"
    return f"Must provide as many biases as the last dimension of the input tensor: {text(bias)} vs. {text(value)}"


@op("BiasAdd", "T, T -> T where T: float|complex|int", shape=_biased)
def bias_add_op(xp, value, bias, *, data_format="NHWC"):
    """y = x + b, one number for each channel"""
    axis = _channel_axis(data_format)
    if bias.ndim != 1 or value.ndim < 2 or value.shape[axis] != bias.shape[0]:
        raise InvalidArgumentError(None, None, _unfit(value.shape, bias.shape))
    return value + (bias if axis == -1 else xp.reshape(bias, (-1,) + (1,) * (value.ndim - 2)))


@bias_add_op.gradient
def _(op, dy):
    return dy, bias_add_grad(dy, data_format=op.data_format)


def _channels(op: Any) -> Shape:
    shape = op.inputs[0]._shape
    return (None if shape is None else shape[_channel_axis(op.attrs["data_format"])],)


@op("BiasAddGrad", "T -> T where T: float|complex|int", shape=_channels)
def bias_add_grad(xp, out_backprop, *, data_format="NHWC"):
    """b̄ = Σ ȳ over everything but the channels"""
    axis = _channel_axis(data_format) % out_backprop.ndim
    others = tuple(i for i in range(out_backprop.ndim) if i != axis)
    return xp.sum(out_backprop, axis=others, dtype=out_backprop.dtype)


@bias_add_grad.gradient
def _(op, db):
    dy = op.inputs[0]
    if op.data_format == "NCHW" and dy._shape is None:
        raise NotImplementedError("the second derivative of bias_add in NCHW needs the rank of its value")
    if op.data_format == "NCHW":
        db = reshape(db, [-1] + [1] * (len(dy._shape) - 2))
    return broadcast_like(db, dy)


def bias_add(value: Any, bias: Any, data_format: str | None = None, name: str | None = None) -> Any:
    """y = x + b, where the vector `bias` has one number for each channel.

    Channels are the last dimension (``data_format`` "NHWC" or any "N...C") or the second ("NC...").

    >>> bias_add([[1.0, 2.0], [3.0, 4.0]], [10.0, 20.0]).numpy().tolist()
    [[11.0, 22.0], [13.0, 24.0]]
    """
    if data_format is None or data_format == "NHWC":
        return bias_add_op(value, bias, name=name)
    if data_format.startswith("NC"):
        return bias_add_op(value, bias, data_format="NCHW", name=name)
    if data_format.startswith("N") and data_format.endswith("C"):
        return bias_add_op(value, bias, name=name)
    raise ValueError(f"`data_format` must be of the form `N...C` or `NC...`. Received: data_format={data_format}")


def xw_plus_b(x: Any, weights: Any, biases: Any, name: str | None = None) -> Any:
    """y = x W + b"""

    with scope(name, "xw_plus_b", [x, weights, biases]) as full:
        return bias_add(matmul(x, weights), biases, name=full or None)


def relu_layer(x: Any, weights: Any, biases: Any, name: str | None = None) -> Any:
    """y = relu(x W + b)"""

    with scope(name, "relu_layer", [x, weights, biases]) as full:
        return relu(bias_add(matmul(x, weights), biases), name=full or None)


# Dropout


def dropout(x: Any, rate: Any, noise_shape: Any = None, seed: Any = None, name: str | None = None) -> Any:
    """y = x / (1 − rate) with probability 1 − rate, else 0: the expectation stays x.

    ``noise_shape`` broadcasts against `x`: one decision for every element of that shape.  A rate of 0 gives x itself.

    Source: Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks from Overfitting, section 4.
    """

    number = isinstance(rate, (int, float, np.integer, np.floating))
    if rate is None:
        raise ValueError("`rate` must be provided. Received: rate=None")
    if number and not 0 <= rate < 1:
        raise ValueError(f"`rate` must be a scalar tensor or a float in the range [0, 1). Received: rate={rate}")
    with scope(name, "dropout", [x]):
        x = convert_to_tensor(x, name="x")
        dtype = x.dtype.base_dtype
        if not dtype.is_floating:
            raise ValueError(
                f"`x.dtype` must be a floating point tensor as `x` will be scaled. Received: x_dtype={dtype}"
            )
        if number and rate == 0:
            return x
        if number:
            scaled = multiply(x, constant(1 / (1 - rate), dtype))
        else:
            rate = _rate_tensor(rate, dtype)
            scaled = real_divide(x, subtract(constant(1, dtype), rate))
        drawn = random_uniform(
            shape(x) if noise_shape is None else _noise_shape(x, noise_shape), seed=seed, dtype=dtype
        )
        kept = where(greater_equal(drawn, rate), scaled, constant(0, dtype))
        if kept.__class__ is Tensor:
            kept.set_shape(x.shape)
        return kept


def _rate_tensor(rate: Any, dtype: Any) -> Any:
    rate = convert_to_tensor(rate, name="rate")
    if rate._shape not in (None, ()):
        raise ValueError(f"Shape {rate.shape} must have rank 0")
    return cast(rate, dtype)


def _noise_shape(x: Any, noise_shape: Any) -> Any:
    """`noise_shape` with what it leaves open taken from `x`."""

    sizes = noise_shape.as_list() if hasattr(noise_shape, "as_list") else noise_shape
    if not isinstance(sizes, (list, tuple)) or None not in sizes:
        return noise_shape
    known = x._shape or (None,) * len(sizes)
    return [(shape(x)[i] if known[i] is None else known[i]) if n is None else n for i, n in enumerate(sizes)]


def zero_fraction(value: Any, name: str | None = None) -> Any:
    """y = the share of elements that are 0, as float32

    >>> zero_fraction([0.0, 1.0, 0.0, 2.0]).numpy().item()
    0.5
    """

    with scope(name, "zero_fraction", [value]):
        value = convert_to_tensor(value, name="value")
        n = size(value, out_type=int64)
        zeros = n - count_nonzero(value, dtype=int64)
        return identity(cast(zeros, float32) / cast(n, float32), name="fraction")
