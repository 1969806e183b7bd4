"""Random numbers: uniform, normal, truncated normal, classes, gamma, permutations.

The numbers are TensorFlow's own for the same seeds: philox.py computes them, seeds.py chooses the seeds.  A random op
has a state, kept by the session that runs it: the stream (two words of key, two of counter) and how many blocks of it
are used up.  Its kernel takes that state first and returns it, advanced, beside the value.  A stateless op takes its
seed as an operand and always gives the same numbers for it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtypes, errors, seeds
from ..convert import convert_to_tensor
from ..dtypes import as_dtype
from ..faults import found
from ..names import scope
from ..op import op
from ..static import constant_value, shape_value
from . import philox
from .array import shape as _shape
from .elementwise import add as _add, multiply
from .indexing import slice as _slice

__all__ = [
    "categorical",
    "multinomial",
    "random_crop",
    "random_normal",
    "random_shuffle",
    "random_uniform",
    "truncated_normal",
]

_FLOATS = (dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64)
State = tuple[int, int, int, int, Any]  # two words of key, the two upper words of the counter, blocks used


# -- the state, and what the stanzas share


def _begin(op: Any) -> State:
    """The state a session begins with: the stream that the op's seeds name, or one nobody can foresee."""
    seed, seed2 = op.attrs["seed"], op.attrs["seed2"]
    if seed == 0 and seed2 == 0:
        seed, seed2 = seeds.entropy()
    (k0, k1), (_, _, c2, c3) = philox.key_counter(seed, seed2)
    return k0, k1, c2, c3, 0


def _stream(state: State) -> dict[str, Any]:
    k0, k1, c2, c3, used = state
    return {"key": (k0, k1), "counter": (0, 0, c2, c3), "offset": used}


def _advanced(state: State, blocks: int) -> State:
    return (*state[:4], state[4] + blocks)


def _sizes(shape: Any) -> tuple[int, ...]:
    """A shape operand as a tuple, checked."""
    if not isinstance(shape, tuple):
        shape = np.asarray(shape)
        if shape.ndim != 1:
            raise _invalid(f"shape must be a vector of {{int32,int64}}, got shape {_text(shape)}")
        shape = tuple(shape.tolist())
    for d in shape:
        if not isinstance(d, int):
            raise _invalid(f"shape must be a vector of {{int32,int64}}, got shape {_text(np.asarray(shape))}")
        if d < 0:
            raise _invalid(f"Dimension {d} must be >= 0")
    return shape


def _number(shape: tuple[int, ...]) -> int:
    n = 1
    for d in shape:
        n *= d
    return n


def _invalid(message: str) -> errors.InvalidArgumentError:
    return errors.InvalidArgumentError(None, None, message)


def _text(array: Any) -> str:
    return str(list(np.shape(array))).replace(" ", "")


def _rank(t: Any, rank: int) -> None:
    if t._shape is not None and len(t._shape) != rank:
        raise ValueError(f"Shape must be rank {rank} but is rank {len(t._shape)}")


def _drawn(op: Any) -> Any:
    """The output of an op whose first operand is a shape."""
    _rank(op.inputs[0], 1)
    return shape_value(op.inputs[0])


# -- uniform and normal, with a state


@op("RandomUniform", "host T -> dtype where T: index", shape=_drawn, draws=_begin, differentiable=False)
def random_uniform_op(xp, state, shape, *, seed=0, seed2=0, dtype=dtypes.float32):
    """u ~ U[0, 1), of the given shape"""
    shape = _sizes(shape)
    n = _number(shape)
    u = philox.uniform(xp, n=n, dtype=dtype.np_dtype, **_stream(state))
    return u.reshape(shape), _advanced(state, philox.consumed(n))


def _between(op: Any) -> Any:
    for label, t in zip(("minval", "maxval"), op.inputs[1:3], strict=True):
        if t._shape:
            raise ValueError(f"{label} must be a scalar; got a tensor of shape {list(t._shape)}")
    return _drawn(op)


@op("RandomUniformInt", "host T, Tout, Tout -> Tout where T: index, Tout: index", shape=_between, draws=_begin,
    differentiable=False)  # fmt: skip
def random_uniform_int_op(xp, state, shape, minval, maxval, *, seed=0, seed2=0):
    """k ~ U{minval, …, maxval − 1}, of the given shape"""
    shape = _sizes(shape)
    n = _number(shape)
    _check_interval(xp, minval, maxval, n)
    k = philox.uniform_int(xp, n=n, minval=minval, maxval=maxval, dtype=minval.dtype, **_stream(state))
    return k.reshape(shape), _advanced(state, philox.consumed(n))


def _check_interval(xp: Any, minval: Any, maxval: Any, n: int) -> None:
    for label, value in (("minval", minval), ("maxval", maxval)):
        if value.ndim:
            raise _invalid(f"{label} must be 0-D, got shape {_text(value)}")
    if n and found(minval >= maxval):
        raise _invalid(f"Need minval < maxval, got {minval} >= {maxval}")


@op("RandomStandardNormal", "host T -> dtype where T: index", shape=_drawn, draws=_begin, differentiable=False)
def random_standard_normal_op(xp, state, shape, *, seed=0, seed2=0, dtype=dtypes.float32):
    """z ~ N(0, 1), of the given shape"""
    shape = _sizes(shape)
    n = _number(shape)
    z = philox.normal(xp, n=n, dtype=dtype.np_dtype, **_stream(state))
    return z.reshape(shape), _advanced(state, philox.consumed(n))


@op("TruncatedNormal", "host T -> dtype where T: index", shape=_drawn, draws=_begin, differentiable=False)
def truncated_normal_op(xp, state, shape, *, seed=0, seed2=0, dtype=dtypes.float32):
    """z ~ N(0, 1) given |z| < 2, of the given shape"""
    shape = _sizes(shape)
    n = _number(shape)
    z = philox.truncated_normal(xp, n=n, dtype=dtype.np_dtype, **_stream(state))
    return z.reshape(shape), _advanced(state, philox.consumed(n))


def random_uniform(
    shape: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = dtypes.float32,
    seed: Any = None,
    name: str | None = None,
) -> Any:
    """y = minval + (maxval − minval) u,  u ~ U[0, 1); for integers y ~ U{minval, …, maxval − 1}.

    `maxval` is 1 for floats and must be given for integers.  `minval` and `maxval` may be tensors: any shape that
    broadcasts for floats, scalars for int32 and int64.

    >>> import tensorglass as tg
    >>> tg.random_uniform([5], 0, 10, tg.int32, seed=1).shape
    TensorShape([5])
    """
    dtype = as_dtype(dtype).base_dtype
    _check_dtype(dtype, (*_FLOATS, dtypes.int32, dtypes.int64))
    maxval = _default_maxval(maxval, dtype)
    whole = _is(minval, 0) and _is(maxval, 1) and not dtype.is_integer
    with scope(name, "random_uniform", (shape, minval, maxval)) as full:
        shape = _shape_tensor(shape)
        if whole:
            return random_uniform_op(shape, **seeds.op_seeds(seed), dtype=dtype)
        low = convert_to_tensor(minval, dtype, name="min")
        high = convert_to_tensor(maxval, dtype, name="max")
        pair = seeds.op_seeds(seed)
        if dtype.is_integer:
            return random_uniform_int_op(shape, low, high, **pair, name=full or None)
        u = random_uniform_op(shape, **pair, dtype=dtype)
        return multiply(u, high) if _is(minval, 0) else _add(u * (high - low), low, name=full or None)


def _is(value: Any, number: int) -> bool:
    """Whether a bound is that Python int: then there is nothing to compute."""
    return value.__class__ is int and value == number


def _check_dtype(dtype: Any, accepted: tuple) -> None:
    if dtype not in accepted:
        listed = ", ".join(map(repr, accepted))
        raise ValueError(f"Argument `dtype` got invalid value {dtype}. Accepted dtypes are ({listed}).")


def _default_maxval(maxval: Any, dtype: Any) -> Any:
    if maxval is None and dtype.is_integer:
        raise ValueError(f"Must specify maxval for integer dtype {dtype!r}")
    return 1 if maxval is None else maxval


def _shape_tensor(shape: Any) -> Any:
    """A shape argument as an integer vector, named as an operand of the composed function."""
    if isinstance(shape, (list, tuple)):
        if any(d is None for d in shape):
            raise TypeError(f"Failed to convert elements of {tuple(shape)} to Tensor: every dimension must be known.")
        if not shape:
            return convert_to_tensor(shape, dtypes.int32, name="shape")
    return convert_to_tensor(shape, name="shape")


def random_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    seed: Any = None,
    name: str | None = None,
) -> Any:
    """y = mean + stddev · z,  z ~ N(0, 1); `mean` and `stddev` may be tensors that broadcast with `shape`."""
    return _scaled(random_standard_normal_op, "random_normal", shape, mean, stddev, dtype, seed, name)


def truncated_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    seed: Any = None,
    name: str | None = None,
) -> Any:
    """y = mean + stddev · z,  z ~ N(0, 1) given |z| < 2: nothing further out than two standard deviations."""
    return _scaled(truncated_normal_op, "truncated_normal", shape, mean, stddev, dtype, seed, name)


def _scaled(draw: Any, label: str, shape: Any, mean: Any, stddev: Any, dtype: Any, seed: Any, name: Any) -> Any:
    dtype = as_dtype(dtype).base_dtype
    with scope(name, label, (shape, mean, stddev)) as full:
        shape = _shape_tensor(shape)
        mean = convert_to_tensor(mean, dtype, name="mean")
        stddev = convert_to_tensor(stddev, dtype, name="stddev")
        _check_dtype(dtype, _FLOATS)
        z = draw(shape, **seeds.op_seeds(seed), dtype=dtype)
        return _add(z * stddev, mean, name=full or None)


# -- permutations and classes


@op("RandomShuffle", "T -> T", shape=lambda op: op.inputs[0]._shape, draws=_begin, differentiable=False,
    host="each swap depends on the one before")  # fmt: skip
def random_shuffle_op(xp, state, value, *, seed=0, seed2=0):
    """yᵢ = x_p(i), p a random permutation of the first axis"""
    n = value.shape[0] if value.ndim else 0
    if n < 2:
        return value, state
    order = philox.shuffle(xp, n=n, **_stream(state))
    return value[order], _advanced(state, philox.consumed_by_shuffle(n))


def random_shuffle(value: Any, seed: Any = None, name: str | None = None) -> Any:
    """yᵢ = x_p(i): the slices of `value` along its first axis in random order; the slices stay whole."""
    return random_shuffle_op(value, **seeds.op_seeds(seed), name=name)


def _classes(op: Any) -> Any:
    logits, samples = op.inputs[:2]
    _rank(logits, 2)
    _rank(samples, 0)
    known = constant_value(samples)
    if known is not None and known < 0:
        raise ValueError(f"Dimension size, given by scalar input 1, must be non-negative but is {int(known)}")
    rows = None if logits._shape is None else logits._shape[0]
    return (rows, None if known is None else int(known))


def _checked_samples(logits: Any, num_samples: Any) -> int:
    if logits.ndim != 2:
        raise _invalid(f"logits should be a matrix, got shape {_text(logits)}")
    if np.ndim(num_samples):
        raise _invalid(f"num_samples should be a scalar, got shape {_text(num_samples)}")
    if int(num_samples) < 0:
        raise _invalid(f"num_samples should be non-negative, got {int(num_samples)}")
    if logits.shape[1] < 1 and logits.shape[0]:
        raise _invalid(f"num_classes should be positive, got {logits.shape[1]}")
    return int(num_samples)


@op("Multinomial", "T, host int32 -> output_dtype where T: float", shape=_classes, draws=_begin, differentiable=False)
def multinomial_op(xp, state, logits, num_samples, *, seed=0, seed2=0, output_dtype=dtypes.int64):
    """P(yᵢⱼ = k) = exp lᵢₖ / Σ exp lᵢ: `num_samples` classes for each row of logits"""
    samples = _checked_samples(logits, num_samples)
    y = philox.multinomial(xp, logits=logits, samples=samples, dtype=output_dtype.np_dtype, **_stream(state))
    return y, _advanced(state, philox.consumed_by_multinomial(logits.shape[0], samples))


def multinomial(
    logits: Any, num_samples: Any, seed: Any = None, name: str | None = None, output_dtype: Any = None
) -> Any:
    """P(yᵢⱼ = k) = exp lᵢₖ / Σ exp lᵢ: `num_samples` classes for each row of `logits`, [batch, num_samples].

    `output_dtype` is int64 unless given.
    """
    with scope(name, "multinomial", (logits,)):
        return _draw_classes(logits, num_samples, output_dtype, seed)


def categorical(logits: Any, num_samples: Any, dtype: Any = None, seed: Any = None, name: str | None = None) -> Any:
    """P(yᵢⱼ = k) = exp lᵢₖ / Σ exp lᵢ: `num_samples` classes for each row of `logits`, [batch, num_samples]."""
    with scope(name, "categorical", (logits,)):
        return _draw_classes(logits, num_samples, dtype, seed)


def _draw_classes(logits: Any, num_samples: Any, dtype: Any, seed: Any) -> Any:
    dtype = as_dtype(dtypes.int64 if dtype is None else dtype).base_dtype
    logits = convert_to_tensor(logits, name="logits")
    return multinomial_op(logits, num_samples, **seeds.op_seeds(seed), output_dtype=dtype)


def random_crop(value: Any, size: Any, seed: Any = None, name: str | None = None) -> Any:
    """y = a block of `value` of the given `size`, every place in it as likely.

    To keep an axis whole give its full size.  InvalidArgumentError where `value` is smaller than `size`.
    """
    with scope(name, "random_crop", (value, size)) as full:
        value = convert_to_tensor(value, name="value")
        size = convert_to_tensor(size, dtypes.int32, name="size")
        room = _shape(value) - size + 1
        draws = random_uniform(_shape(room), 0, dtypes.int32.max, dtypes.int32, seed=seed)
        return _slice(value, draws % room, size, name=full or None)
