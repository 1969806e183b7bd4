"""Samples of ops/elementwise.py, ops/trig.py, ops/complex.py and ops/nan.py."""

import numpy as np

import tensorglass as tg
from tensorglass.ops import complex as c, elementwise as e, nan, trig

from . import Case, sample

INTS = np.array([[7, -7, 5], [-5, 0, 9]], np.int32)
DIVISORS = np.array([2, -2, 3], np.int32)


def pairs(function, rng, low=0.5, high=2.0):
    """Two operands of one shape, broadcast ones, and a scalar beside an array."""
    a, b = rng.uniform(low, high, (2, 3)), rng.uniform(high + 0.2, high + 1.5, (2, 3))
    yield Case(function, [a, b])
    yield Case(function, [a[:, :1], b[0]])
    yield Case(function, [b, a[0, 0]])


@sample("AddV2", "Sub", "Mul", "RealDiv", "Maximum", "Minimum", "SquaredDifference")
def binary(rng):
    for f in (e.add, e.subtract, e.multiply, e.truediv, e.maximum, e.minimum, e.squared_difference):
        yield from pairs(f, rng)
        yield Case(f, [INTS, DIVISORS])
    yield Case(e.add, [np.array(["a", "b"]), np.array("c")])


@sample("Pow")
def powers(rng):
    yield from pairs(e.pow, rng)
    yield Case(lambda x: e.pow(x, 3.0), [rng.uniform(-2, -1, (2, 3))])
    yield Case(e.pow, [INTS, np.array([2, 0, 3], np.int32)])


@sample("FloorDiv", "FloorMod", "TruncateDiv", "TruncateMod")
def remainders(rng):
    for f in (e.floordiv, e.floormod, e.truncatediv, e.truncatemod):
        # the quotients are far from the whole numbers, where these functions jump
        yield Case(f, [np.array([7.3, -7.3, 5.6]), np.array([[2.0], [-2.0]])], second=False)
        yield Case(f, [INTS, DIVISORS])


@sample("AddN")
def sums(rng):
    yield Case(lambda *xs: e.add_n(list(xs)), list(rng.normal(size=(3, 2, 4))))
    yield Case(lambda x, y: e.add_n([x, y]), [INTS, INTS])


@sample("Neg", "Abs", "Sign", "Square")
def signed(rng):
    for f in (e.negative, c.abs, c.sign, e.square):
        yield Case(f, [rng.uniform(0.5, 2.0, (2, 3)) * [1, -1, 1]])
        yield Case(f, [np.array(-1.5)])
        yield Case(f, [INTS])


@sample("Sqrt", "Rsqrt", "Reciprocal", "Exp", "Expm1", "Log", "Log1p")
def smooth(rng):
    for f in (e.sqrt, e.rsqrt, e.reciprocal, e.exp, e.expm1, e.log, e.log1p):
        yield Case(f, [rng.uniform(0.3, 2.0, (2, 3))])


@sample("Floor", "Ceil", "Rint", "Round")
def rounding(rng):
    for f in (e.floor, e.ceil, e.rint, e.round):
        yield Case(f, [np.array([-1.7, -0.2, 0.3, 2.8])])


@sample("Maximum", "Minimum")
def clipped(rng):
    yield Case(lambda t: e.clip_by_value(t, -1.0, 1.0), [np.array([[-2.0, -0.5], [0.5, 3.0]])])


@sample("Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh", "Atan2")
def angles(rng):
    functions = (trig.sin, trig.cos, trig.tan, trig.asin, trig.acos, trig.atan, trig.sinh, trig.cosh, trig.asinh)
    for f in (*functions, trig.atanh):
        yield Case(f, [rng.uniform(-0.8, 0.8, (2, 3))])
    yield Case(trig.acosh, [rng.uniform(1.3, 3.0, (2, 3))])
    yield from pairs(trig.atan2, rng)


ANALYTIC = (
    e.square, e.sqrt, e.rsqrt, e.reciprocal, e.exp, e.expm1, e.log, e.log1p, trig.sin, trig.cos, trig.tan, trig.asin,
    trig.acos, trig.atan, trig.sinh, trig.cosh, trig.asinh, trig.acosh, trig.atanh, c.conj, c.sign,
)  # fmt: skip


def of_parts(function):
    """Both parts of an image, as a function of both parts of each operand."""

    def parts(*xs):
        z = function(*[c.complex(a, b) for a, b in zip(xs[::2], xs[1::2], strict=True)])
        return [c.real(z), c.imag(z)]

    parts.__name__ = function.__name__
    return parts


@sample("Complex", "Real", "Imag", "Conj")
def complex_numbers(rng):
    for f in ANALYTIC:
        yield Case(of_parts(f), [rng.uniform(0.2, 0.8, 3), rng.uniform(0.3, 0.9, 3)], rtol=1e-4)
    for f in (e.add, e.subtract, e.multiply, e.truediv, e.pow, nan.divide_no_nan, nan.xlogy):
        yield Case(of_parts(f), [rng.uniform(0.5, 1.5, 3) for _ in range(4)], rtol=1e-4)
    yield Case(c.complex, [rng.normal(size=(2, 1)), rng.normal(size=3)])


@sample("ComplexAbs", "Angle")
def polar(rng):
    for f in (c.abs, c.angle):
        yield Case(lambda a, b, f=f: f(c.complex(a, b)), [rng.uniform(0.5, 2, (2, 3)), rng.uniform(-2, -0.5, (2, 3))])
    yield Case(c.angle, [np.array([-2.0, 3.0])])


@sample("IsNan", "IsInf", "IsFinite")
def tests(rng):
    for f in (nan.is_nan, nan.is_inf, nan.is_finite):
        yield Case(f, [np.array([1.0, np.nan, np.inf, -np.inf])])


@sample("DivNoNan", "MulNoNan", "Xlogy", "Xlog1py", "Xdivy")
def zero_wins(rng):
    for f in (nan.divide_no_nan, nan.multiply_no_nan, nan.xlogy, nan.xlog1py, nan.xdivy):
        yield from pairs(f, rng)
    yield Case(nan.divide_no_nan, [np.array([1.0, 2.0]), np.array([0.0, 2.0])], first=False)
    yield Case(nan.multiply_no_nan, [np.array([np.nan, np.inf, 2.0]), np.array([0.0, 0.0, 2.0])], first=False)
    for f in (nan.xlogy, nan.xlog1py, nan.xdivy):
        yield Case(f, [np.array([0.0, 0.0, 2.0]), np.array([0.0, -1.0, 2.0])], first=False)


@sample("RealDiv", "Cast")
def quotients(rng):
    yield Case(tg.truediv, [INTS, DIVISORS])
    yield Case(e.div, [INTS, DIVISORS])
    yield Case(nan.reciprocal_no_nan, [rng.uniform(0.5, 2.0, 3)])
