"""Initial values of variables: objects that make a tensor of a given shape.

``tf.get_variable("w", [784, 10], initializer=tf.glorot_uniform_initializer())``.  These are TensorFlow 1's forms: the
element type may come with the object or with the call, and the numbers are those of the random ops they are made of.
The scaled ones keep the variance of what flows through a layer the same: with n inputs of variance 1 a sum of n
products has variance 1 when the weights have variance 1/n.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import dtypes, shapes
from .dtypes import as_dtype
from .ops import random
from .ops.constant import constant as _constant, ones as _ones, zeros as _zeros

__all__ = [
    "constant_initializer",
    "glorot_normal_initializer",
    "glorot_uniform_initializer",
    "ones_initializer",
    "orthogonal_initializer",
    "random_normal_initializer",
    "random_uniform_initializer",
    "truncated_normal_initializer",
    "uniform_unit_scaling_initializer",
    "variance_scaling_initializer",
    "zeros_initializer",
]

# The standard deviation of a standard normal number that was redrawn until it fell into [−2, 2].
_TRUNCATED_STDDEV = 0.87962566103423978


class Initializer:
    """Base: ``initializer(shape, dtype)`` gives the tensor, ``get_config`` the arguments that made the object."""

    _fields: tuple[str, ...] = ()  # the arguments besides `dtype`
    dtype: Any

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain values."""
        config = {field: getattr(self, field) for field in self._fields}
        return {**config, "dtype": self.dtype.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        """The object that `get_config` describes."""
        return cls(**config)


class Zeros(Initializer):
    """y = 0"""

    def __init__(self, dtype: Any = dtypes.float32):
        self.dtype = as_dtype(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        return _zeros(shape, self.dtype if dtype is None else dtype)


class Ones(Initializer):
    """y = 1"""

    def __init__(self, dtype: Any = dtypes.float32):
        self.dtype = as_dtype(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        return _ones(shape, self.dtype if dtype is None else dtype)


class Constant(Initializer):
    """y = `value`: a number, or an array or list whose elements fill the shape row by row.

    A list that is too short repeats its last element, unless ``verify_shape=True``.
    """

    _fields = ("value",)

    def __init__(self, value: Any = 0, dtype: Any = dtypes.float32, verify_shape: bool = False):
        if not (np.isscalar(value) or isinstance(value, (list, tuple, np.ndarray))):
            raise TypeError(
                f"Invalid type for initial value={value} of type: {type(value).__name__}. Expected Python scalar, "
                "list or tuple of values, or numpy.ndarray."
            )
        self.value = value
        self.dtype = as_dtype(dtype)
        self._verify_shape = verify_shape

    def __call__(
        self, shape: Any, dtype: Any = None, partition_info: Any = None, verify_shape: bool | None = None
    ) -> Any:
        verify = self._verify_shape if verify_shape is None else verify_shape
        dtype = self.dtype if dtype is None else as_dtype(dtype)
        return _constant(self.value, dtype=dtype, shape=shape, verify_shape=verify)


class RandomUniform(Initializer):
    """y ~ U[minval, maxval); `maxval` is 1 for floats and must be given for integers."""

    _fields = ("minval", "maxval", "seed")

    def __init__(self, minval: Any = 0.0, maxval: Any = None, seed: int | None = None, dtype: Any = dtypes.float32):
        self.minval, self.maxval, self.seed = minval, maxval, seed
        self.dtype = as_dtype(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        dtype = self.dtype if dtype is None else dtype
        return random.random_uniform(shape, self.minval, self.maxval, dtype, seed=self.seed)


class RandomNormal(Initializer):
    """y ~ N(mean, stddev²)"""

    _fields = ("mean", "stddev", "seed")
    _draw: Callable = staticmethod(random.random_normal)

    def __init__(self, mean: Any = 0.0, stddev: Any = 1.0, seed: int | None = None, dtype: Any = dtypes.float32):
        self.mean, self.stddev, self.seed = mean, stddev, seed
        self.dtype = _floating(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        dtype = self.dtype if dtype is None else dtype
        return self._draw(shape, self.mean, self.stddev, dtype, seed=self.seed)


class TruncatedNormal(RandomNormal):
    """y ~ N(mean, stddev²) given |y − mean| < 2 stddev"""

    _draw = staticmethod(random.truncated_normal)


class UniformUnitScaling(Initializer):
    """y ~ U(−a, a), a = factor · √(3 / n), n the product of all sizes but the last.

    Keeps the scale of a linear layer's input; for ReLU take factor = √2 (for tanh about 1.15).
    Source: Sussillo, Abbott, Random walk initialization for training very deep feedforward networks (2014).
    """

    _fields = ("factor", "seed")

    def __init__(self, factor: float = 1.0, seed: int | None = None, dtype: Any = dtypes.float32):
        self.factor, self.seed = factor, seed
        self.dtype = _floating(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        n = 1.0
        for size in _known(_full_shape(shape, partition_info))[:-1]:
            n *= float(size)
        limit = math.sqrt(3 / max(n, 1.0)) * self.factor
        return random.random_uniform(shape, -limit, limit, self.dtype if dtype is None else dtype, seed=self.seed)


class VarianceScaling(Initializer):
    """y of mean 0 and variance scale / n, n the number of inputs, of outputs, or their mean.

    ``mode`` is "fan_in", "fan_out" or "fan_avg"; ``distribution`` is "truncated_normal" (or "normal", the same),
    "untruncated_normal" or "uniform".  For a matrix the fans are its two sizes, for a convolution's kernel the
    number of channels times the size of the window.
    """

    _fields: tuple[str, ...] = ("scale", "mode", "distribution", "seed")

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: int | None = None,
        dtype: Any = dtypes.float32,
    ):
        if scale <= 0.0:
            raise ValueError(f"Argument `scale` must be a positive float. Received: {scale}")
        modes = ("fan_in", "fan_out", "fan_avg")
        if mode not in modes:
            raise ValueError(f"Argument `mode` should be one of {modes}. Received: {mode}")
        distribution = distribution.lower()
        distributions = ("normal", "uniform", "truncated_normal", "untruncated_normal")
        if distribution not in distributions:
            raise ValueError(f"Argument `distribution` should be one of {distributions}. Received: {distribution}")
        self.scale, self.mode, self.distribution, self.seed = scale, mode, distribution, seed
        self.dtype = _floating(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        dtype = self.dtype if dtype is None else dtype
        fan_in, fan_out = _fans(_full_shape(shape, partition_info))
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2.0}[self.mode]
        variance = self.scale / max(1.0, n)
        if self.distribution == "uniform":
            limit = math.sqrt(3.0 * variance)
            return random.random_uniform(shape, -limit, limit, dtype, seed=self.seed)
        if self.distribution == "untruncated_normal":
            return random.random_normal(shape, 0.0, math.sqrt(variance), dtype, seed=self.seed)
        stddev = math.sqrt(variance) / _TRUNCATED_STDDEV
        return random.truncated_normal(shape, 0.0, stddev, dtype, seed=self.seed)


class GlorotUniform(VarianceScaling):
    """y ~ U(−a, a), a = √(6 / (fan_in + fan_out)): what `get_variable` uses unless told otherwise.

    As in TensorFlow the element type is the call's, or float32: `dtype` here has no effect.
    Source: Glorot, Bengio, Understanding the difficulty of training deep feedforward neural networks (2010).
    """

    _fields = ("seed",)

    def __init__(self, seed: int | None = None, dtype: Any = dtypes.float32):
        super().__init__(1.0, "fan_avg", "uniform", seed)


class GlorotNormal(VarianceScaling):
    """y truncated normal of variance 2 / (fan_in + fan_out).

    As in TensorFlow the element type is the call's, or float32: `dtype` here has no effect.
    Source: Glorot, Bengio, Understanding the difficulty of training deep feedforward neural networks (2010).
    """

    _fields = ("seed",)

    def __init__(self, seed: int | None = None, dtype: Any = dtypes.float32):
        super().__init__(1.0, "fan_avg", "truncated_normal", seed)


class Orthogonal(Initializer):
    """y = gain · Q, QᵀQ = 1 (QQᵀ = 1 where there are more columns than rows).

    Q comes from A = QR, A normal, each column turned so that R's diagonal is positive: Q is then uniformly
    distributed among the orthogonal matrices.  A shape of more than two dimensions is taken as the matrix of all but
    the last by the last.  Source: Saxe, McClelland, Ganguli, Exact solutions to the nonlinear dynamics of learning
    in deep linear neural networks (2014).
    """

    _fields = ("gain", "seed")

    def __init__(self, gain: float = 1.0, seed: int | None = None, dtype: Any = dtypes.float32):
        self.gain, self.seed = gain, seed
        self.dtype = _floating(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        from .ops.array import reshape
        from .ops.complex import sign
        from .ops.decompositions import qr
        from .ops.diag import diag_part
        from .ops.linalg import matrix_transpose

        dtype = self.dtype if dtype is None else dtype
        sizes = _known(shape)
        if len(sizes) < 2:
            raise ValueError(
                "The tensor to initialize, specified by argument `shape` must be at least two-dimensional. "
                f"Received shape={shape}"
            )
        rows, columns = math.prod(sizes[:-1]), sizes[-1]
        tall = max(rows, columns), min(rows, columns)
        q, r = qr(random.random_normal(tall, dtype=dtype, seed=self.seed), full_matrices=False)
        q = q * sign(diag_part(r))
        if rows < columns:
            q = matrix_transpose(q)
        return self.gain * reshape(q, sizes)


class Identity(Initializer):
    """y = gain · 1, for matrices, square or not."""

    _fields = ("gain",)

    def __init__(self, gain: float = 1.0, dtype: Any = dtypes.float32):
        self.gain = gain
        self.dtype = _floating(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        from .ops.patterns import eye

        sizes = _known(_full_shape(shape, partition_info))
        if len(sizes) != 2:
            raise ValueError(
                "The tensor to initialize, specified by argument `shape` must be at least two-dimensional. "
                f"Received shape={shape}"
            )
        return self.gain * eye(*sizes, dtype=as_dtype(self.dtype if dtype is None else dtype))


# tf.zeros_initializer and tf.initializers.zeros are the same class.
zeros = zeros_initializer = Zeros
ones = ones_initializer = Ones
constant = constant_initializer = Constant
random_uniform = random_uniform_initializer = RandomUniform
random_normal = random_normal_initializer = RandomNormal
truncated_normal = truncated_normal_initializer = TruncatedNormal
uniform_unit_scaling = uniform_unit_scaling_initializer = UniformUnitScaling
variance_scaling = variance_scaling_initializer = VarianceScaling
glorot_uniform = glorot_uniform_initializer = GlorotUniform
glorot_normal = glorot_normal_initializer = GlorotNormal
orthogonal = orthogonal_initializer = Orthogonal
identity = identity_initializer = Identity


def he_normal(seed: int | None = None) -> VarianceScaling:
    """y truncated normal of variance 2 / fan_in, for ReLU: half of whose outputs are 0.

    Source: He, Zhang, Ren, Sun, Delving deep into rectifiers (2015).
    """
    return VarianceScaling(2.0, "fan_in", "truncated_normal", seed)


def he_uniform(seed: int | None = None) -> VarianceScaling:
    """y ~ U(−a, a), a = √(6 / fan_in), for ReLU.  Source: He, Zhang, Ren, Sun (2015)."""
    return VarianceScaling(2.0, "fan_in", "uniform", seed)


def lecun_normal(seed: int | None = None) -> VarianceScaling:
    """y truncated normal of variance 1 / fan_in.  Source: LeCun, Bottou, Orr, Müller, Efficient backprop (1998)."""
    return VarianceScaling(1.0, "fan_in", "truncated_normal", seed)


def lecun_uniform(seed: int | None = None) -> VarianceScaling:
    """y ~ U(−a, a), a = √(3 / fan_in).  Source: LeCun, Bottou, Orr, Müller, Efficient backprop (1998)."""
    return VarianceScaling(1.0, "fan_in", "uniform", seed)


# -- tf.contrib.layers


def contrib_variance_scaling_initializer(
    factor: float = 2.0,
    mode: str = "FAN_IN",
    uniform: bool = False,
    seed: int | None = None,
    dtype: Any = dtypes.float32,
) -> Callable:
    """y of variance factor / n: `tf.contrib.layers.variance_scaling_initializer`.

    ``mode`` is "FAN_IN", "FAN_OUT" or "FAN_AVG".  The truncated normal is widened by √1.3, about what cutting it off
    takes away; `VarianceScaling` does that exactly.
    """
    if not as_dtype(dtype).is_floating:
        raise TypeError("Cannot create initializer for non-floating point type.")
    if mode not in ("FAN_IN", "FAN_OUT", "FAN_AVG"):
        raise TypeError(f"Unknown mode {mode} [FAN_IN, FAN_OUT, FAN_AVG]")

    def initializer(shape: Any, dtype: Any = dtype, partition_info: Any = None) -> Any:
        if not as_dtype(dtype).is_floating:
            raise TypeError("Cannot create initializer for non-floating point type.")
        sizes = _known(shape)
        fan_in = fan_out = float(sizes[-1]) if sizes else 1.0
        if len(sizes) > 1:
            fan_in = float(sizes[-2])
        for size in sizes[:-2]:
            fan_in *= float(size)
            fan_out *= float(size)
        n = {"FAN_IN": fan_in, "FAN_OUT": fan_out, "FAN_AVG": (fan_in + fan_out) / 2.0}[mode]
        if uniform:
            limit = math.sqrt(3.0 * factor / n)
            return random.random_uniform(shape, -limit, limit, dtype, seed=seed)
        return random.truncated_normal(shape, 0.0, math.sqrt(1.3 * factor / n), dtype, seed=seed)

    return initializer


def xavier_initializer(uniform: bool = True, seed: int | None = None, dtype: Any = dtypes.float32) -> Callable:
    """y of variance 2 / (fan_in + fan_out): `tf.contrib.layers.xavier_initializer`; see `GlorotUniform`."""
    return contrib_variance_scaling_initializer(1.0, "FAN_AVG", uniform, seed, dtype)


# -- shared


def _floating(dtype: Any) -> Any:
    dtype = as_dtype(dtype)
    if not dtype.is_floating:
        raise ValueError(f"Argument `dtype` is expected to be floating point. Received: {dtype}.")
    return dtype


def _full_shape(shape: Any, partition_info: Any) -> Any:
    """The whole variable's shape where `shape` is only the part that one device holds."""
    return shape if partition_info is None else partition_info.full_shape


def _known(shape: Any) -> tuple[int, ...]:
    sizes = shapes.as_tuple(shape)
    if sizes is None or None in sizes:
        raise TypeError(f"An initializer needs a fully known shape, got {shapes.TensorShape(sizes)}")
    return sizes


def _fans(shape: Sequence[int] | Any) -> tuple[float, float]:
    """(inputs, outputs) of a layer whose weights have this shape: [..., inputs, outputs]."""
    sizes = _known(shape)
    if len(sizes) < 2:
        n = float(sizes[0]) if sizes else 1.0
        return n, n
    window = math.prod(sizes[:-2])
    return float(sizes[-2] * window), float(sizes[-1] * window)
