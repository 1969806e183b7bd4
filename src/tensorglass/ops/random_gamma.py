"""Gamma and Poisson numbers: drawn by rejection, one value at a time in its own part of the stream.

A gamma variable is differentiable in its shape parameter α although it is drawn by accepting and rejecting: with the
probability P(α, x) of a value up to x held fixed, dx/dα = −(∂P/∂α) / (∂P/∂x).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import dtypes, seeds
from ..convert import convert_to_tensor
from ..dtypes import as_dtype
from ..names import scope
from ..op import op
from ..shapes import broadcast
from ..static import shape_value
from . import philox
from .array import size
from .constant import range as _range, zeros_like
from .elementwise import maximum
from .random import _advanced, _begin, _invalid, _number, _rank, _shape_tensor, _sizes, _stream
from .reduce import reduce_sum

__all__ = ["random_gamma", "random_poisson"]

_WHY = "how many numbers a value takes depends on the numbers"


def _samples_of_each(op: Any) -> Any:
    _rank(op.inputs[0], 1)
    shape, each = shape_value(op.inputs[0]), op.inputs[1]._shape
    return None if shape is None or each is None else shape + each


@op("RandomGamma", "host S, T -> T where S: index, T: float", shape=_samples_of_each, draws=_begin, host=_WHY)
def random_gamma_op(xp, state, shape, alpha, *, seed=0, seed2=0):
    """y ~ Gamma(α, 1), `shape` values for each element of alpha: of shape `shape` + alpha.shape"""
    shape = _sizes(shape)
    n = _number(shape)
    y = philox.gamma(xp, n=n, alpha=alpha, dtype=alpha.dtype, **_stream(state))
    return y.reshape(shape + alpha.shape), _advanced(state, philox.consumed(n * alpha.size))


@random_gamma_op.gradient  # ᾱ = Σ over the samples of ȳ ∂y/∂α
def _(op, dy):
    shape, alpha = op.inputs
    dims = shape._shape[0] if shape._shape else None
    axes = list(range(dims)) if dims is not None else _range(size(shape))
    return None, reduce_sum(dy * random_gamma_grad_op(alpha, op.outputs[0]), axes)


@op("RandomGammaGrad", "T, T -> T where T: float", shape=broadcast, differentiable=False, host=_WHY)
def random_gamma_grad_op(xp, alpha, sample):
    """y = ∂x/∂α of a Gamma(α, 1) value x = sample"""
    dtype = sample.dtype
    alpha, x = np.broadcast_arrays(np.asarray(alpha, np.float64), np.asarray(sample, np.float64))
    result = np.where((alpha > 0) & (x == 0), 0.0, np.nan)
    low = (alpha > 0) & (x > 0) & ((x <= 1) | (x <= alpha))
    high = (alpha > 0) & (x > 0) & ~low
    result[low] = _slope_by_series(alpha[low], x[low])
    result[high] = _slope_by_fraction(alpha[high], x[high])
    return xp.asarray(result.astype(dtype))


def _slope_by_series(alpha: np.ndarray, x: np.ndarray) -> np.ndarray:
    """−(x/α) (S (log x − ψ(α + 1)) + S'), S = Σₙ xⁿ / ((α + 1) ⋯ (α + n)), S' = ∂S/∂α."""
    total, slope = np.ones_like(x), np.zeros_like(x)
    term, inverse = np.ones_like(x), np.zeros_like(x)  # xⁿ/…, and Σₖ 1/(α + k)
    for n in range(1, 100_000):
        term = term * (x / (alpha + n))
        inverse = inverse + 1 / (alpha + n)
        total, slope = total + term, slope - term * inverse
        if not (term * inverse > 1e-17 * (total + np.abs(slope))).any():
            break
    return -(x / alpha) * (total * (np.log(x) - _digamma(alpha + 1)) + slope)


def _slope_by_fraction(alpha: np.ndarray, x: np.ndarray) -> np.ndarray:
    """x (h (log x − ψ(α)) + h'), h = 1/(x + 1 − α − 1(1 − α)/(x + 3 − α − 2(2 − α)/(x + 5 − α − …))), h' = ∂h/∂α.

    The fraction p/q and its derivative come from the recurrence pₙ = bₙ pₙ₋₁ + aₙ pₙ₋₂, the same for q.
    """
    zero, one = np.zeros_like(x), np.ones_like(x)
    p, q = [zero, one], [one, x + 1 - alpha]
    dp, dq = [zero, zero], [zero, -one]
    h = dh = zero
    done = zero > 0  # what has converged is left alone: rounding would only make it worse
    for n in range(1, 100_000):
        a, b = n * (alpha - n), x + 2 * n + 1 - alpha
        for values, slopes in ((p, dp), (q, dq)):
            slopes[:] = slopes[1], b * slopes[1] - values[1] + a * slopes[0] + n * values[0]
            values[:] = values[1], b * values[1] + a * values[0]
        scale = 1 / np.maximum(np.abs(q[1]), 1e-300)
        for both in (p, q, dp, dq):
            both[:] = both[0] * scale, both[1] * scale
        new = p[1] / q[1]
        new_slope = (dp[1] - new * dq[1]) / q[1]
        steady = np.abs(new - h) <= 4e-16 * np.abs(new)
        steady &= np.abs(new_slope - dh) <= 1e-15 * (np.abs(new) + np.abs(new_slope))
        h, dh = np.where(done, h, new), np.where(done, dh, new_slope)
        done |= steady
        if done.all():
            break
    return x * (h * (np.log(x) - _digamma(alpha)) + dh)


def _digamma(x: np.ndarray) -> np.ndarray:
    """ψ(x) = d log Γ / dx, x > 0: ψ(x) = ψ(x + 1) − 1/x up to x ≥ 10, then the asymptotic series."""
    x, shifted = x.copy(), np.zeros_like(x)
    while (small := x < 10).any():
        shifted[small] += 1 / x[small]
        x[small] += 1
    y = 1 / (x * x)
    tail = y * (1 / 12 - y * (1 / 120 - y * (1 / 252 - y * (1 / 240 - y * (1 / 132 - y * (691 / 32760 - y / 12))))))
    return np.log(x) - 0.5 / x - tail - shifted


def random_gamma(
    shape: Any,
    alpha: Any,
    beta: Any = None,
    dtype: Any = dtypes.float32,
    seed: Any = None,
    name: str | None = None,
) -> Any:
    """y ~ Gamma(α, β), of density ∝ y^(α − 1) e^(−β y): `shape` values for each element of α and β.

    `alpha` and `beta` (1 unless given) broadcast with each other.  Differentiable in both.
    """
    with scope(name, "random_gamma", (shape, alpha, beta)) as full:
        shape = _shape_tensor(shape)
        alpha, beta, dtype = _parameters(alpha, beta, dtype)
        drawn = random_gamma_op(shape, alpha + zeros_like(beta), **seeds.op_seeds(seed))
        return maximum(np.array(np.finfo(dtype.np_dtype).tiny), drawn / beta, name=full or None)


def _parameters(alpha: Any, beta: Any, dtype: Any) -> tuple[Any, Any, Any]:
    dtype = as_dtype(dtype).base_dtype
    if not dtype.is_floating:
        raise ValueError(f"data type {dtype.as_numpy_dtype} not inexact: gamma numbers are floating")
    alpha = convert_to_tensor(alpha, dtype, name="alpha")
    return alpha, convert_to_tensor(1 if beta is None else beta, dtype, name="beta"), dtype


# -- Poisson


@op("RandomPoissonV2", "host S, R -> dtype where S: index, R: float|int32|int64", shape=_samples_of_each,
    draws=_begin, host=_WHY)  # fmt: skip
def random_poisson_op(xp, state, shape, rate, *, seed=0, seed2=0, dtype=dtypes.int64):
    """y ~ Poisson(λ), `shape` values for each element of rate: of shape `shape` + rate.shape"""
    shape = _sizes(shape)
    n = _number(shape)
    if n and not rate.size:
        raise _invalid("Input rate should have non-zero element count, got: 0")
    y = poisson(n=n, rate=rate, dtype=dtype.np_dtype, **_stream(state))
    return xp.asarray(y.reshape(shape + rate.shape)), _advanced(state, philox.consumed(n * rate.size))


@random_poisson_op.gradient  # a count jumps: refuse, rather than train on silence
def _(op, dy):
    raise LookupError(
        f"No gradient defined for operation '{op.name}' (op type: RandomPoissonV2): counts are whole numbers."
    )


def poisson(key: Any, counter: Any, n: int, rate: np.ndarray, dtype: Any, offset: int = 0) -> np.ndarray:
    """y ~ Poisson(λ): n values for each λ, of any type of number, shape [n] + rate.shape.

    Value s of the r-th λ owns the 256 blocks from 256·(r·n + s) on.  Below 10 it counts the uniform numbers whose
    product stays above e^−λ (Knuth, The art of computer programming, volume 2, section 3.4.1); from there on Hörmann,
    The transformed rejection method for generating Poisson random variables (1993).  All in float64, as TensorFlow
    does it; the functions' last places could change a value only where a comparison is that close.
    """
    each = np.repeat(rate.ravel().astype(np.float64), n)
    first = np.arange(len(each), dtype=np.uint64) * np.uint64(philox.RESERVED) + np.uint64(offset)
    source = philox._Uniforms(key, counter, first)
    result = np.full(len(each), np.nan)
    with np.errstate(all="ignore"):
        small, large = np.flatnonzero(each < 10), np.flatnonzero(each >= 10)
        result[small] = _count(source, small, each[small])
        result[large] = _transformed(source, large, each[large])
        return np.moveaxis(result.astype(dtype).reshape(*rate.shape, n), -1, 0)


def _count(source: Any, which: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """How many uniform numbers can be multiplied before the product is at most e^−λ."""
    bound, product, count = np.exp(-rate), np.ones_like(rate), np.zeros_like(rate)
    here = np.arange(len(which))
    while here.size:
        product[here] *= source.take(which[here])
        here = here[product[here] > bound[here]]
        count[here] += 1
    return count


def _transformed(source: Any, which: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """⌊(2a/(½ − |u|) + b) u + λ + 0.43⌋, u ~ U[−½, ½), kept or not by a second uniform number v."""
    result = np.full_like(rate, np.nan)
    here = np.flatnonzero(np.isfinite(rate))
    slope = 0.931 + 2.53 * np.sqrt(rate)
    while here.size:
        mean, b = rate[here], slope[here]
        a = -0.059 + 0.02483 * b
        u = source.take(which[here]) - 0.5
        v = source.take(which[here])
        edge = 0.5 - np.abs(u)
        k = np.floor((2 * a / edge + b) * u + mean + 0.43)
        kept = (edge >= 0.07) & (v <= 0.9277 - 3.6224 / (b - 2))  # under the curve for certain
        i = np.flatnonzero(~kept & (k >= 0) & ~((edge < 0.013) & (v > edge)))
        ratio = v[i] * (1.1239 + 1.1328 / (b[i] - 3.4)) / (a[i] / edge[i] ** 2 + b[i])
        log_factorial = np.array([math.lgamma(m + 1) for m in k[i].tolist()])
        kept[i] = np.log(ratio) <= k[i] * np.log(mean[i]) - mean[i] - log_factorial
        result[here[kept]] = k[kept]
        here = here[~kept]
    return result


def random_poisson(lam: Any, shape: Any, dtype: Any = dtypes.float32, seed: Any = None, name: str | None = None) -> Any:
    """P(y = k) = λᵏ e^−λ / k!: `shape` values for each element of `lam`, as numbers of type `dtype`."""
    with scope(name, "random_poisson", (lam, shape)):
        shape = _shape_tensor(shape)
        return random_poisson_op(shape, lam, **seeds.op_seeds(seed), dtype=as_dtype(dtype).base_dtype)
