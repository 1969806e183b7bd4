"""Random numbers without a state: a function of a seed of two integers, the same whenever and wherever it is called."""

from __future__ import annotations

from typing import Any

from .. import dtypes
from ..convert import convert_to_tensor
from ..dtypes import as_dtype
from ..names import scope
from ..op import op
from . import philox
from .array import stack
from .elementwise import add as _add
from .random import (
    _FLOATS,
    _check_dtype,
    _check_interval,
    _checked_samples,
    _classes,
    _drawn,
    _invalid,
    _number,
    _rank,
    _shape_tensor,
    _sizes,
    _text,
)

__all__ = [
    "stateless_categorical",
    "stateless_fold_in",
    "stateless_multinomial",
    "stateless_normal",
    "stateless_split",
    "stateless_truncated_normal",
    "stateless_uniform",
]


def _seeded(rule: Any, index: int) -> Any:
    """The shape rule of a stateless op: `rule`, once its seed (input number `index`) has been checked."""

    def checked(op: Any) -> Any:
        seed = op.inputs[index]
        _rank(seed, 1)
        if seed._shape is not None and seed._shape[0] not in (None, 2):
            raise ValueError(f"Dimension must be 2 but is {seed._shape[0]}")
        return rule(op)

    return checked


def _stream(xp: Any, seed: Any) -> dict[str, Any]:
    if seed.shape != (2,):
        raise _invalid(f"seed must have shape [2], not {_text(seed)}")
    key, counter = philox.stateless_key_counter(xp, seed)
    return {"key": key, "counter": counter}


_TYPES = "where T: index, Tseed: index"


@op("StatelessRandomUniform", f"host T, Tseed -> dtype {_TYPES}", shape=_seeded(_drawn, 1), differentiable=False)
def stateless_random_uniform_op(xp, shape, seed, *, dtype=dtypes.float32):
    """u ~ U[0, 1), of the given shape"""
    shape = _sizes(shape)
    return philox.uniform(xp, n=_number(shape), dtype=dtype.np_dtype, **_stream(xp, seed)).reshape(shape)


@op("StatelessRandomNormal", f"host T, Tseed -> dtype {_TYPES}", shape=_seeded(_drawn, 1), differentiable=False)
def stateless_random_normal_op(xp, shape, seed, *, dtype=dtypes.float32):
    """z ~ N(0, 1), of the given shape"""
    shape = _sizes(shape)
    return philox.normal(xp, n=_number(shape), dtype=dtype.np_dtype, **_stream(xp, seed)).reshape(shape)


@op("StatelessTruncatedNormal", f"host T, Tseed -> dtype {_TYPES}", shape=_seeded(_drawn, 1),
    differentiable=False)  # fmt: skip
def stateless_truncated_normal_op(xp, shape, seed, *, dtype=dtypes.float32):
    """z ~ N(0, 1) given |z| < 2, of the given shape"""
    shape = _sizes(shape)
    return philox.truncated_normal(xp, n=_number(shape), dtype=dtype.np_dtype, **_stream(xp, seed)).reshape(shape)


def _bounded(op: Any) -> Any:
    for label, t in zip(("minval", "maxval"), op.inputs[2:], strict=True):
        if t._shape:
            raise ValueError(f"{label} must be a scalar; got a tensor of shape {list(t._shape)}")
    return _drawn(op)


@op("StatelessRandomUniformInt", "host T, Tseed, dtype, dtype -> dtype where T: index, Tseed: index, dtype: index",
    shape=_seeded(_bounded, 1), differentiable=False)  # fmt: skip
def stateless_random_uniform_int_op(xp, shape, seed, minval, maxval):
    """k ~ U{minval, …, maxval − 1}, of the given shape"""
    shape = _sizes(shape)
    n = _number(shape)
    _check_interval(xp, minval, maxval, n)
    interval = {"minval": minval, "maxval": maxval, "dtype": minval.dtype}
    return philox.uniform_int(xp, n=n, **interval, **_stream(xp, seed)).reshape(shape)


@op("StatelessRandomUniformFullInt", f"host T, Tseed -> dtype {_TYPES}", shape=_seeded(_drawn, 1),
    differentiable=False)  # fmt: skip
def stateless_random_uniform_full_int_op(xp, shape, seed, *, dtype=dtypes.uint64):
    """k ~ U over all values of the type, of the given shape"""
    shape = _sizes(shape)
    return philox.uniform_full_int(xp, n=_number(shape), dtype=dtype.np_dtype, **_stream(xp, seed)).reshape(shape)


@op("StatelessMultinomial", "T, host int32, Tseed -> output_dtype where T: float, Tseed: index",
    shape=_seeded(_classes, 2), differentiable=False)  # fmt: skip
def stateless_multinomial_op(xp, logits, num_samples, seed, *, output_dtype=dtypes.int64):
    """P(yᵢⱼ = k) = exp lᵢₖ / Σ exp lᵢ: `num_samples` classes for each row of logits"""
    samples = _checked_samples(logits, num_samples)
    return philox.multinomial(xp, logits=logits, samples=samples, dtype=output_dtype.np_dtype, **_stream(xp, seed))


def _check_algorithm(alg: Any) -> None:
    if alg not in ("auto_select", "philox", 1, 3):
        raise ValueError(f"Argument `alg` got unsupported value {alg!r}: there is 'philox' (what 'auto_select' takes).")


def stateless_uniform(
    shape: Any,
    seed: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = dtypes.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Any:
    """y = minval + (maxval − minval) u, u ~ U[0, 1), a function of `seed`; for integers y ~ U{minval, …, maxval − 1}.

    With ``minval=None, maxval=None`` an integer type gives all its values alike.

    >>> import tensorglass as tg
    >>> stateless_uniform([3], seed=[1, 2])
    <tf.Tensor: shape=(3,), dtype=float32, numpy=array([0.8440604 , 0.19204533, 0.9962232 ], dtype=float32)>
    """
    _check_algorithm(alg)
    dtype = as_dtype(dtype).base_dtype
    integers = (dtypes.int32, dtypes.int64, dtypes.uint32, dtypes.uint64)
    _check_dtype(dtype, (*_FLOATS, *integers))
    if dtype.is_integer:
        if (minval is None) != (maxval is None):
            raise ValueError(
                f"For integer `dtype` argument {dtype}, argument `minval` and `maxval` must be both None or not None. "
                f"Got `minval`={minval} and `maxval`={maxval}."
            )
        if minval is not None and dtype.is_unsigned:
            raise ValueError(
                f"Argument `dtype` got invalid value {dtype} when argument `minval` is not None. Please don't use "
                "unsigned integers in this case."
            )
    elif maxval is None:
        maxval = 1
    with scope(name, "stateless_random_uniform", (shape, seed, minval, maxval)) as full:
        shape = _shape_tensor(shape)
        if dtype.is_integer and minval is None:
            return stateless_random_uniform_full_int_op(shape, seed, dtype=dtype, name=full or None)
        low = convert_to_tensor(minval, dtype, name="min")
        high = convert_to_tensor(maxval, dtype, name="max")
        if dtype.is_integer:
            return stateless_random_uniform_int_op(shape, seed, low, high, name=full or None)
        u = stateless_random_uniform_op(shape, seed, dtype=dtype)
        return _add(u * (high - low), low, name=full or None)


def stateless_normal(
    shape: Any,
    seed: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Any:
    """y = mean + stddev · z, z ~ N(0, 1), a function of `seed`"""
    _check_algorithm(alg)
    return _scaled(stateless_random_normal_op, "stateless_random_normal", shape, seed, mean, stddev, dtype, name)


def stateless_truncated_normal(
    shape: Any,
    seed: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    name: str | None = None,
    alg: Any = "auto_select",
) -> Any:
    """y = mean + stddev · z, z ~ N(0, 1) given |z| < 2, a function of `seed`"""
    _check_algorithm(alg)
    return _scaled(stateless_truncated_normal_op, "stateless_truncated_normal", shape, seed, mean, stddev, dtype, name)


def _scaled(draw: Any, label: str, shape: Any, seed: Any, mean: Any, stddev: Any, dtype: Any, name: Any) -> Any:
    dtype = as_dtype(dtype).base_dtype
    with scope(name, label, (shape, seed, mean, stddev)) as full:
        shape = _shape_tensor(shape)
        mean = convert_to_tensor(mean, dtype, name="mean")
        stddev = convert_to_tensor(stddev, dtype, name="stddev")
        _check_dtype(dtype, _FLOATS)
        return _add(draw(shape, seed, dtype=dtype) * stddev, mean, name=full or None)


def stateless_categorical(
    logits: Any, num_samples: Any, seed: Any, dtype: Any = dtypes.int64, name: str | None = None
) -> Any:
    """P(yᵢⱼ = k) = exp lᵢₖ / Σ exp lᵢ: `num_samples` classes for each row of `logits`, a function of `seed`"""
    with scope(name, "stateless_categorical", (logits, seed)):
        return _draw_classes(logits, num_samples, seed, dtype)


def stateless_multinomial(
    logits: Any, num_samples: Any, seed: Any, output_dtype: Any = dtypes.int64, name: str | None = None
) -> Any:
    """`stateless_categorical` under TensorFlow 1's name"""
    with scope(name, "stateless_multinomial", (logits, seed)):
        return _draw_classes(logits, num_samples, seed, output_dtype)


def _draw_classes(logits: Any, num_samples: Any, seed: Any, dtype: Any) -> Any:
    logits = convert_to_tensor(logits, name="logits")
    return stateless_multinomial_op(logits, num_samples, seed, output_dtype=as_dtype(dtype).base_dtype)


def stateless_split(seed: Any, num: int = 2, alg: Any = "auto_select") -> Any:
    """`num` new seeds made of one, [num, 2]: for as many stateless calls that must not give the same numbers"""
    seed = convert_to_tensor(seed)
    return stateless_uniform([num, 2], seed, None, None, seed.dtype.base_dtype, alg=alg)


def stateless_fold_in(seed: Any, data: Any, alg: Any = "auto_select") -> Any:
    """A new seed made of one and of an integer, such as the number of the step"""
    data = convert_to_tensor(data)
    first = stateless_uniform([], seed, None, None, data.dtype.base_dtype, alg=alg)
    return stack([first, data])
