"""Learning rates that fall as training goes on: tensors to be passed to an optimizer as its learning rate.

In a graph each function returns a tensor that follows ``global_step``, the variable that `minimize` counts steps in.
Eagerly it returns a function without arguments, which an optimizer calls at each step.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

from .. import context, dtypes
from ..convert import convert_to_tensor
from ..names import scope
from ..ops.cast import cast
from ..ops.constant import constant
from ..ops.elementwise import add, ceil, exp, floor, log, minimum, multiply, pow, truediv
from ..ops.logic import equal, greater, where
from ..ops.trig import cos


def _schedule(default_name: str) -> Callable:
    """Decorator: `f` gets its rate as a tensor, the step as a number of the rate's type, and as `name` the full one."""

    def decorate(function: Callable) -> Callable:
        signature = inspect.signature(function)

        def build(given: dict[str, Any]) -> Any:
            with scope(given["name"], default_name, [given["learning_rate"], given["global_step"]]) as full:
                rate = convert_to_tensor(given["learning_rate"], name="initial_learning_rate")
                step = cast(given["global_step"], rate.dtype.base_dtype)
                return function(**{**given, "learning_rate": rate, "global_step": step, "name": full or None})

        @functools.wraps(function)
        def decayed(*args: Any, **kwargs: Any) -> Any:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            if (step := bound.arguments["global_step"]) is None:
                raise ValueError(f"global_step is required for {function.__name__}. None values not supported.")
            if context.executing_eagerly() and not hasattr(step, "graph"):
                return lambda: build(bound.arguments)
            return build(bound.arguments)

        return decayed

    return decorate


def _number(value: Any, like: Any) -> Any:
    """A setting as the type of `like`."""
    return cast(value() if callable(value) else value, like.dtype.base_dtype)


@_schedule("ExponentialDecay")
def exponential_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Any:
    """αₜ = α · r^(t / T), T being ``decay_steps`` and r ``decay_rate``; with ``staircase`` t / T is rounded down.

    >>> import tensorglass as tg
    >>> with tg.Graph().as_default():
    ...     print(tg.Session().run(exponential_decay(1.0, 4, 2, 0.5)))
    0.25
    """
    p = global_step / _number(decay_steps, learning_rate)
    p = floor(p) if staircase else p
    return multiply(learning_rate, pow(_number(decay_rate, learning_rate), p), name=name)


@_schedule("PolynomialDecay")
def polynomial_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    end_learning_rate: Any = 0.0001,
    power: Any = 1.0,
    cycle: bool = False,
    name: str | None = None,
) -> Any:
    """αₜ = (α − β) (1 − t / T)ᵖ + β, β being ``end_learning_rate``; for t above T it stays β.

    With ``cycle`` T grows instead to the next multiple of itself.
    """
    end, p = _number(end_learning_rate, learning_rate), _number(power, learning_rate)
    total = _number(decay_steps, learning_rate)
    if cycle:
        turns = where(equal(global_step, 0.0), constant(1.0, learning_rate.dtype), ceil(global_step / total))
        done = global_step / (total * turns)
    else:
        done = minimum(global_step, total) / total
    return add(multiply(learning_rate - end, pow(1 - done, p)), end, name=name)


@_schedule("InverseTimeDecay")
def inverse_time_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Any:
    """αₜ = α / (1 + r t / T), T being ``decay_steps`` and r ``decay_rate``; with ``staircase`` t / T is rounded down"""
    p = global_step / _number(decay_steps, learning_rate)
    p = floor(p) if staircase else p
    return truediv(learning_rate, 1 + _number(decay_rate, learning_rate) * p, name=name)


def natural_exp_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    decay_rate: Any,
    staircase: bool = False,
    name: str | None = None,
) -> Any:
    """αₜ = α · exp(−r t / T), T being ``decay_steps`` and r ``decay_rate``; with ``staircase`` t / T is rounded down"""
    factor = exp(-convert_to_tensor(decay_rate))
    return exponential_decay(learning_rate, global_step, decay_steps, factor, staircase=staircase, name=name)


@_schedule("CosineDecay")
def cosine_decay(
    learning_rate: Any, global_step: Any, decay_steps: Any, alpha: Any = 0.0, name: str | None = None
) -> Any:
    """αₜ = α ((1 − a) ½ (1 + cos π t/T) + a): half a cosine from α down to a·α in T = ``decay_steps`` steps

    Loshchilov, Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017.
    """
    total = _number(decay_steps, learning_rate)
    wave = 0.5 * (1.0 + cos(math.pi * (minimum(global_step, total) / total)))
    return multiply(learning_rate, (1 - alpha) * wave + alpha)


@_schedule("SGDRDecay")
def cosine_decay_restarts(
    learning_rate: Any,
    global_step: Any,
    first_decay_steps: Any,
    t_mul: Any = 2.0,
    m_mul: Any = 1.0,
    alpha: Any = 0.0,
    name: str | None = None,
) -> Any:
    """`cosine_decay` again and again: each run ``t_mul`` times as long as the last, from ``m_mul`` times as high.

    The first run takes ``first_decay_steps`` steps.
    Loshchilov, Hutter, SGDR: stochastic gradient descent with warm restarts, ICLR 2017, section 3.
    """
    done = global_step / _number(first_decay_steps, learning_rate)
    t_mul, m_mul = _number(t_mul, learning_rate), _number(m_mul, learning_rate)
    # Runs of lengths 1, t, t², ...: the first i of them end at (1 − tⁱ) / (1 − t), or at i for t = 1.
    even = equal(t_mul, 1.0)
    ratio = where(even, constant(2.0, t_mul.dtype), t_mul)  # any number but 1, where it goes unused
    restarts = where(even, floor(done), floor(log(1.0 - done * (1.0 - ratio)) / log(ratio)))
    length = pow(t_mul, restarts)
    start = where(even, restarts, (1.0 - pow(ratio, restarts)) / (1.0 - ratio))
    wave = 0.5 * pow(m_mul, restarts) * (1.0 + cos(math.pi * ((done - start) / length)))
    return multiply(learning_rate, (1 - alpha) * wave + alpha, name=name)


def _linear_and_wave(step: Any, total: Any, num_periods: Any) -> tuple[Any, Any]:
    step = minimum(step, total)
    return (total - step) / total, 0.5 * (1.0 + cos(math.pi * (2.0 * num_periods * (step / total))))


@_schedule("LinearCosineDecay")
def linear_cosine_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    num_periods: Any = 0.5,
    alpha: Any = 0.0,
    beta: Any = 0.001,
    name: str | None = None,
) -> Any:
    """αₜ = α ((a + 1 − t/T) ½ (1 + cos 2π k t/T) + b), k being ``num_periods``, a ``alpha`` and b ``beta``

    Bello, Zoph, Vasudevan, Le, Neural optimizer search with reinforcement learning, ICML 2017.
    """
    line, wave = _linear_and_wave(global_step, _number(decay_steps, learning_rate), num_periods)
    return multiply(learning_rate, (alpha + line) * wave + beta, name=name)


@_schedule("NoisyLinearCosineDecay")
def noisy_linear_cosine_decay(
    learning_rate: Any,
    global_step: Any,
    decay_steps: Any,
    initial_variance: Any = 1.0,
    variance_decay: Any = 0.55,
    num_periods: Any = 0.5,
    alpha: Any = 0.0,
    beta: Any = 0.001,
    name: str | None = None,
) -> Any:
    """`linear_cosine_decay` with normal noise of variance σ² / (1 + t)ᵛ added to the line

    Bello, Zoph, Vasudevan, Le, Neural optimizer search with reinforcement learning, ICML 2017.
    """
    from ..ops.elementwise import sqrt
    from ..ops.random import random_normal

    total = _number(decay_steps, learning_rate)
    line, wave = _linear_and_wave(global_step, total, num_periods)
    variance = _number(initial_variance, learning_rate) / pow(
        1.0 + minimum(global_step, total), _number(variance_decay, learning_rate)
    )
    noise = random_normal([], stddev=sqrt(variance), dtype=learning_rate.dtype.base_dtype)
    return multiply(learning_rate, (alpha + line + noise) * wave + beta, name=name)


def piecewise_constant(x: Any, boundaries: Sequence[Any], values: Sequence[Any], name: str | None = None) -> Any:
    """y = values[0] for x ≤ boundaries[0], values[1] for x ≤ boundaries[1], ..., values[-1] above all boundaries.

    ``boundaries`` ascend and have the type of ``x``; ``values`` have one type and are one more.

    >>> import tensorglass as tg
    >>> with tg.Graph().as_default():
    ...     print(*tg.Session().run([piecewise_constant(s, [5, 7], [1.0, 0.5, 0.1]) for s in (5, 6, 8)]))
    1.0 0.5 0.1
    """
    if len(boundaries) != len(values) - 1:
        raise ValueError("The length of boundaries should be 1 less than the length of values")
    if x is None:
        raise ValueError("None values not supported.")
    if context.executing_eagerly() and not hasattr(x, "graph"):
        return lambda: _piece(x, boundaries, values, name)
    return _piece(x, boundaries, values, name)


piecewise_constant_decay = piecewise_constant


def _piece(x: Any, boundaries: Sequence[Any], values: Sequence[Any], name: str | None) -> Any:
    x = convert_to_tensor(x)
    dtype = x.dtype.base_dtype
    limits = [convert_to_tensor(b) for b in boundaries]
    for i, b in enumerate(limits):
        if b.dtype.base_dtype is dtypes.int32 and dtype is dtypes.int64:
            limits[i] = cast(b, dtype)
        elif b.dtype.base_dtype is not dtype:
            raise ValueError(f"Boundaries ({b.dtype.base_dtype!r}) must have the same dtype as x ({dtype!r}).")
    found = [convert_to_tensor(v) for v in values]
    for v in found:
        if v.dtype.base_dtype is not found[0].dtype.base_dtype:
            raise ValueError(
                f"Values must have elements all with the same dtype ({found[0].dtype.base_dtype!r} vs "
                f"{v.dtype.base_dtype!r})."
            )
    with scope(name, "PiecewiseConstant", [x]):
        result = found[0]
        for limit, value in zip(limits, found[1:], strict=True):
            result = where(greater(x, limit), value, result)
        return result
