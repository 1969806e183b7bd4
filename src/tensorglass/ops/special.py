"""Special functions: the error function, the gamma function's logarithm and derivatives, and inverses.

NumPy has none of them, so the kernels are published approximations, evaluated in float64 whatever the type of the
operand; each is within a few units of the last place of float64 where its result is not near 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..convert import convert_to_tensor
from ..names import scope
from ..op import op
from ..shapes import broadcast, same
from .elementwise import exp, square, subtract
from .rows import repeat

_SQRT_PI = math.sqrt(math.pi)


def _wide(xp: Any, *xs: Any) -> list:
    return [xp.asarray(x, xp.float64) for x in xs]


def _polynomial(x: Any, *coefficients: float) -> Any:
    """c₀ xⁿ + c₁ xⁿ⁻¹ + ... + cₙ, by Horner's rule."""
    y = coefficients[0]
    for c in coefficients[1:]:
        y = y * x + c
    return y


def _ratio(x: Any, above: Sequence[float], below: Sequence[float]) -> Any:
    return _polynomial(x, *above) / _polynomial(x, *below)


# The error function.  W. J. Cody, "Rational Chebyshev approximations for the error function",
# Mathematics of Computation 23 (1969), 631-637: erf near 0, then erfc on two intervals.

_ERF_NEAR = (
    (1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2, 3.77485237685302021e2,
     3.20937758913846947e3),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3),
)  # fmt: skip
_ERFC_MIDDLE = (
    (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e1,
     2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
     1.23033935479799725e3),
    (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
     3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3),
)  # fmt: skip
_ERFC_FAR = (
    (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
     1.60837851487422766e-2, 6.58749161529837803e-4),
    (1.0, 2.56852019228982242e0, 1.87295284992346725e0, 5.27905102951428412e-1, 6.05183413124413191e-2,
     2.33520497626869185e-3),
)  # fmt: skip


def _erf_parts(xp: Any, x: Any) -> tuple[Any, Any, Any]:
    """(whether |x| is small, erf x where it is, erfc |x| where it is not)"""
    size = xp.abs(x)
    near = size <= 0.46875
    s = xp.where(near, x, 0.0)
    erf = s * _ratio(s * s, *_ERF_NEAR)
    b = xp.clip(size, 0.46875, 4.0)
    c = xp.maximum(size, 4.0)
    i = 1 / (c * c)
    middle = _ratio(b, *_ERFC_MIDDLE)
    far = (1 / _SQRT_PI - i * _ratio(i, *_ERFC_FAR)) / c
    # exp(−x²) with x² = r² + (x − r)(x + r), where r² is exact: an error of x² would be magnified.
    r = xp.trunc(size * 16) / 16
    bell = xp.where(xp.isinf(size), 0.0, xp.exp(-r * r) * xp.exp(-(size - r) * (size + r)))
    return near, erf, xp.where(size > 4.0, far, middle) * bell


@op("Erf", "T -> T where T: float", shape=same)
def erf(xp, x):
    """y = (2/√π) ∫₀ˣ exp(−t²) dt"""
    (wide,) = _wide(xp, x)
    near, small, tail = _erf_parts(xp, wide)
    return xp.where(near, small, xp.sign(wide) * (1 - tail)).astype(x.dtype)


@erf.gradient  # (2/√π) exp(−x²)
def _(op, dy):
    return dy * (2 / _SQRT_PI * exp(-square(op.inputs[0])))


@op("Erfc", "T -> T where T: float", shape=same)
def erfc(xp, x):
    """y = 1 − erf x, exact for large x too"""
    (wide,) = _wide(xp, x)
    near, small, tail = _erf_parts(xp, wide)
    return xp.where(near, 1 - small, xp.where(wide < 0, 2 - tail, tail)).astype(x.dtype)


@erfc.gradient
def _(op, dy):
    return dy * (-2 / _SQRT_PI * exp(-square(op.inputs[0])))


# Quantiles.  M. J. Wichura, "Algorithm AS 241: The percentage points of the normal distribution",
# Applied Statistics 37 (1988), 477-484, routine PPND16.

_QUANTILE_CENTRE = (
    (2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
     1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0),
    (5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
     5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0),
)  # fmt: skip
_QUANTILE_TAIL = (
    (7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
     3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0, 1.42343711074968357734e0),
    (1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
     6.89767334985100004550e-1, 1.67638483018380384940e0, 2.05319162663775882187e0, 1.0),
)  # fmt: skip
_QUANTILE_FAR_TAIL = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
     2.96560571828504891230e-1, 1.78482653991729133580e0, 5.46378491116411436990e0, 6.65790464350110377720e0),
    (2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
     1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0),
)  # fmt: skip


def _quantile(xp: Any, q: Any, tail: Any) -> Any:
    """Where the normal distribution function is ½ + q; `tail` = ½ − |q|, given apart because it may be tiny."""
    centre = xp.abs(q) <= 0.425
    mid = xp.where(centre, q, 0.0)
    inner = mid * _ratio(0.180625 - mid * mid, *_QUANTILE_CENTRE)
    r = xp.sqrt(-xp.log(xp.where(centre | ~(tail > 0), 0.5, tail)))
    near = _ratio(xp.minimum(r, 5.0) - 1.6, *_QUANTILE_TAIL)
    far = _ratio(xp.maximum(r, 5.0) - 5.0, *_QUANTILE_FAR_TAIL)
    outer = xp.where(tail > 0, xp.where(r <= 5.0, near, far), xp.where(tail == 0, xp.inf, xp.nan))
    return xp.where(centre, inner, xp.sign(q) * outer)


@op("Ndtri", "T -> T where T: float", shape=same)
def ndtri_op(xp, x):
    """y = Φ⁻¹(x), where Φ is the distribution function of the standard normal"""
    (p,) = _wide(xp, x)
    return _quantile(xp, p - 0.5, xp.minimum(p, 1 - p)).astype(x.dtype)


@ndtri_op.gradient  # √(2π) exp(y²/2)
def _(op, dy):
    return dy * (math.sqrt(2 * math.pi) * exp(square(op.outputs[0]) / 2))


@op("Erfinv", "T -> T where T: float", shape=same)
def erfinv_op(xp, x):
    """y with erf y = x"""
    (wide,) = _wide(xp, x)
    return (_quantile(xp, wide / 2, (1 - xp.abs(wide)) / 2) / math.sqrt(2)).astype(x.dtype)


@erfinv_op.gradient  # (√π/2) exp(y²)
def _(op, dy):
    return dy * (_SQRT_PI / 2 * exp(square(op.outputs[0])))


def ndtri(x: Any, name: str | None = None) -> Any:
    """y = Φ⁻¹(x): below y lies the part x of a standard normal distribution"""
    with scope(name, "ndtri", [x]):
        return ndtri_op(x)


def erfinv(x: Any, name: str | None = None) -> Any:
    """y with erf y = x, for −1 < x < 1"""
    with scope(name, "erfinv", [x]):
        return erfinv_op(x)


def erfcinv(x: Any, name: str | None = None) -> Any:
    """y with erfc y = x, for 0 < x < 2"""
    with scope(name, "erfcinv", [x]):
        x = convert_to_tensor(x, name="x")
        return -ndtri(0.5 * x) * math.sqrt(0.5)


# The gamma function.  Abramowitz and Stegun, Handbook of Mathematical Functions, chapters 6 and 23.

# B₂ₖ / (2k)!, k = 1, 2, ...: of the Euler-Maclaurin sum of the zeta function (23.1.30)
_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330)
_STEPS = 10_000  # how far below 0 the zeta function's argument may lie


@op("Zeta", "T, T -> T where T: float32|float64", shape=broadcast)
def zeta(xp, x, q):
    """z = ζ(x, q) = Σ 1/(q + n)ˣ over n = 0, 1, 2, ..., for x > 1 (Hurwitz)"""
    return _zeta(xp, *_wide(xp, x, q)).astype(x.dtype)


def _zeta(xp: Any, x: Any, q: Any) -> Any:
    """The first terms one by one until q is large, the rest by Euler and Maclaurin."""
    whole = x == xp.floor(x)
    defined = (x > 1) & ((q > 0) | (whole & (q != xp.floor(q)) & (q > -_STEPS)))
    s, a = xp.where(defined, x, 2.0), xp.where(defined, q, 10.0)
    total = xp.zeros(xp.broadcast_shapes(s.shape, a.shape))
    enough = 10 + xp.minimum(s, 100.0)  # the series is good from where a is larger than s

    def one_more(state: tuple) -> tuple:
        a, total = state
        below = a < enough
        return xp.where(below, a + 1, a), total + xp.where(below, xp.power(a, -s), 0.0)

    a, total = repeat(xp, lambda state: (state[0] < enough).any(), one_more, (a, total))
    power = xp.power(a, -s)
    total = total + power * (a / (s - 1) + 0.5)
    factor, term = 1.0, s / a
    for k, b in enumerate(_BERNOULLI, 1):
        factor = factor * (2 * k) * (2 * k - 1)
        total = total + b / factor * term * power
        term = term * (s + 2 * k - 1) * (s + 2 * k) / (a * a)
    pole = (x == 1) | ((x > 1) & (q <= 0) & (q == xp.floor(q)))
    return xp.where(defined, total, xp.where(pole, xp.inf, xp.nan))


@zeta.gradient  # ∂z/∂q = −x ζ(x + 1, q); there is none for x
def _(op, dz):
    x, q = op.inputs
    return None, dz * -x * zeta(x + 1, q)


@op("Polygamma", "T, T -> T where T: float32|float64", shape=broadcast)
def polygamma(xp, a, x):
    """z = ψ⁽ᵃ⁾(x), the a-th derivative of `digamma`, for a = 0, 1, 2, ..."""
    n, wide = _wide(xp, a, x)
    defined = (n >= 0) & (n == xp.floor(n))
    order = xp.where(defined & (n > 0), n, 1.0)
    sign = xp.where(order % 2 == 0, -1.0, 1.0)
    higher = sign * xp.exp(_lgamma(xp, order + 1)) * _zeta(xp, order + 1, wide)
    return xp.where(defined, xp.where(n == 0, _digamma(xp, wide), higher), xp.nan).astype(x.dtype)


@polygamma.gradient
def _(op, dz):
    a, x = op.inputs
    return None, dz * polygamma(a + 1, x)


def _lgamma_coefficients() -> list[float]:
    """Of z², z³, ... in ln Γ(2 + z) = (1 − γ) z + Σ (−1)ᵏ (ζ(k) − 1) zᵏ/k, for |z| < 2 (6.1.33)."""
    k = np.arange(2.0, 32.0)
    return ((-1) ** k * _zeta(np, k, np.full(30, 2.0)) / k).tolist()


_LGAMMA = [*reversed(_lgamma_coefficients()), 1 - np.euler_gamma, 0.0]


def _lgamma(xp: Any, x: Any) -> Any:
    """By the series about 2 in [½, 2½], by Stirling's above, by Γ(x) Γ(1 − x) = π / sin πx below."""
    low = x < 0.5
    y = xp.where(low, 1 - x, x)
    small = xp.where(y < 2.5, y, 2.0)
    first = small < 1.5
    series = _polynomial(small - xp.where(first, 1.0, 2.0), *_LGAMMA) - xp.where(first, xp.log(small), 0.0)
    large = xp.where(y < 2.5, 2.5, y)
    product = xp.ones_like(large)
    for _ in range(8):
        below = large < 10
        product = xp.where(below, product * large, product)
        large = xp.where(below, large + 1, large)
    i = 1 / (large * large)
    rest = _polynomial(i, -3617 / 122400, 1 / 156, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12)
    stirling = (large - 0.5) * xp.log(large) - large + 0.5 * math.log(2 * math.pi) + rest / large - xp.log(product)
    above = xp.where(y < 2.5, series, xp.where(xp.isinf(y), xp.inf, stirling))
    turn = xp.where(low, xp.abs(x - xp.rint(x)), 0.5)  # from the nearest pole, in half turns
    below = xp.log(math.pi / xp.sin(math.pi * turn)) - above
    return xp.where(low, xp.where((turn == 0) | xp.isinf(x), xp.inf, below), above)


@op("Lgamma", "T -> T where T: float", shape=same)
def lgamma(xp, x):
    """y = ln |Γ(x)|"""
    return _lgamma(xp, *_wide(xp, x)).astype(x.dtype)


@lgamma.gradient
def _(op, dy):
    return dy * digamma(op.inputs[0])


def _digamma(xp: Any, x: Any) -> Any:
    """ψ(x) = ψ(x + 1) − 1/x up to 10, then the asymptotic series (6.3.18); ψ(1 − x) = ψ(x) + π cot πx below 0."""
    low = x <= 0
    y = xp.where(low, 1 - x, x)
    total = xp.zeros_like(y)
    for _ in range(10):
        below = y < 10
        total = total - xp.where(below, 1 / y, 0.0)
        y = xp.where(below, y + 1, y)
    i = 1 / (y * y)
    rest = _polynomial(i, 1 / 12, -691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12)
    total = total + xp.log(y) - 0.5 / y - i * rest
    turn = x - xp.rint(x)
    return xp.where(low, xp.where(turn == 0, xp.nan, total - math.pi / xp.tan(math.pi * turn)), total)


@op("Digamma", "T -> T where T: float", shape=same)
def digamma(xp, x):
    """y = ψ(x) = d/dx ln Γ(x)"""
    return _digamma(xp, *_wide(xp, x)).astype(x.dtype)


@digamma.gradient
def _(op, dy):
    from .constant import ones_like

    x = op.inputs[0]
    return dy * polygamma(ones_like(x), x)


def lbeta(x: Any, name: str | None = None) -> Any:
    """y = Σ ln Γ(xᵢ) − ln Γ(Σ xᵢ) over the last axis: the logarithm of the Beta function"""
    from .reduce import reduce_sum

    with scope(name, "lbeta", [x]):
        x = convert_to_tensor(x, name="x")
        return subtract(reduce_sum(lgamma(x), axis=[-1]), lgamma(reduce_sum(x, axis=[-1])), name="sub")
