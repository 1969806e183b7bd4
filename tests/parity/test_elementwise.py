"""Arithmetic, complex numbers, angles, special functions, logic and operators against TensorFlow."""

import numpy as np
import pytest
from parity.harness import REDUCTION, both, both_eager, both_raise

RNG = np.random.default_rng(5)
X = RNG.normal(size=(3, 4))
Y = RNG.uniform(0.5, 2.0, (3, 4))
Z = (X + 1j * Y).astype(np.complex64)
INTS = RNG.integers(-20, 20, (3, 4)).astype(np.int32)
COUNTS = np.array([3, -4, 7, 5], np.int32)
ODD = np.array([0.0, -0.0, 1.0, -2.5, np.inf, -np.inf, np.nan, 1e-30, 88.0])
BOOLS = X > 0
DTYPES = [np.float32, np.float64]

UNARY = [
    "negative",
    "abs",
    "sign",
    "square",
    "sqrt",
    "rsqrt",
    "reciprocal",
    "exp",
    "expm1",
    "log",
    "log1p",
    "floor",
    "ceil",
    "rint",
    "round",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "asinh",
    "acosh",
    "atanh",
    "erf",
    "erfc",
]
BINARY = [
    "add",
    "subtract",
    "multiply",
    "divide",
    "truediv",
    "realdiv",
    "div",
    "floordiv",
    "floor_div",
    "floormod",
    "mod",
    "truncatemod",
    "pow",
    "maximum",
    "minimum",
    "squared_difference",
    "atan2",
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", UNARY)
def test_unary(name, dtype):
    inside = 0.8 * np.tanh(X) if name in ("asin", "acos", "atanh") else Y + 1 if name == "acosh" else None
    x = (Y if name in ("sqrt", "rsqrt", "log", "log1p") else X if inside is None else inside).astype(dtype)
    both(lambda tf, x: getattr(tf, name)(x), x, grad=name not in ("floor", "ceil", "rint", "round"), names=True)
    both(lambda tf, x: getattr(tf, name)(x), x[0, 0], shapes="rank")


@pytest.mark.parametrize("name", UNARY)
def test_unary_at_the_edges(name):
    both(lambda tf, x: getattr(tf, name)(x), ODD.astype(np.float32))
    # TensorFlow's erf of ±∞ is NaN in float64 (and right in float32)
    both(lambda tf, x: getattr(tf, name)(x), ODD[~np.isinf(ODD)] if name == "erf" else ODD)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", BINARY)
def test_binary(name, dtype):
    flat = name in ("floordiv", "floor_div", "truncatemod")
    for x, y in ((Y, X), (Y, X[0]), (Y[:, :1], X[0]), (Y[0, 0], X)):
        both(lambda tf, x, y: getattr(tf, name)(x, y), x.astype(dtype), y.astype(dtype), grad=not flat, names=True)
    both(lambda tf, x, y: getattr(tf, name)(x, y), Y.astype(dtype), X[0].astype(dtype), grad=not flat, shapes="dims")
    both(lambda tf, x, y: getattr(tf, name)(x, y), Y.astype(dtype), X[0].astype(dtype), grad=not flat, shapes="rank")


@pytest.mark.parametrize("name", BINARY)
def test_binary_at_the_edges(name):
    edges = np.array([0.0, 1.0, -2.5, np.inf, -np.inf, np.nan], np.float32)
    both(lambda tf, x, y: getattr(tf, name)(x, y), edges[:, None], edges)


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.int64, np.uint8])
@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "truediv", "div", "floordiv", "floormod",
                                  "truncatediv", "maximum", "minimum"])  # fmt: skip
def test_integers(name, dtype):
    x, y = np.abs(INTS) if dtype is np.uint8 else INTS, np.abs(COUNTS) if dtype is np.uint8 else COUNTS
    both(lambda tf, x, y: getattr(tf, name)(x, y), x.astype(dtype), y.astype(dtype), names=True)


@pytest.mark.parametrize("name", ["negative", "abs", "sign", "square", "round"])
def test_integers_alone(name):
    both(lambda tf, x: getattr(tf, name)(x), INTS)
    both(lambda tf, x: getattr(tf, name)(x), INTS.astype(np.int64))


def test_powers_of_integers():
    both(lambda tf, x: tf.pow(x, [2, 0, 3, 31]), INTS)
    both_raise(lambda tf, x, y: tf.pow(x, y), None, INTS, COUNTS)


@pytest.mark.parametrize("name", ["floordiv", "floormod"])
def test_integers_by_zero(name):
    both_raise(lambda tf, x, y: getattr(tf, name)(x, y), None, INTS, np.zeros(4, np.int32))


@pytest.mark.parametrize("build", [
    lambda tf: tf.add(tf.zeros([2, 3]), tf.zeros([4])), lambda tf: tf.constant(1) + tf.constant(1.0),
    lambda tf: tf.constant(1) + 1.5, lambda tf: tf.negative(tf.constant([1], tf.uint8)), lambda tf: tf.square(True),
    lambda tf: tf.sqrt(tf.constant(2)), lambda tf: tf.constant(1.0) + None, lambda tf: tf.less(True, False),
    lambda tf: tf.constant(True) & tf.constant(1),
    lambda tf: tf.constant(1.0) & tf.constant(1.0), lambda tf: ~tf.constant(1.0),
    lambda tf: tf.constant([1]) / 2.5, lambda tf: tf.is_nan(tf.constant(1)), lambda tf: tf.complex(1.0, 2),
    lambda tf: tf.add_n([]), lambda tf: tf.add_n([tf.zeros([2]), tf.zeros([3])]),
    lambda tf: tf.add_n([1.0, tf.constant(1)]),
    lambda tf: tf.clip_by_value([[1.0]], [0.0, 2.0], 3.0), lambda tf: tf.logical_and(1, True), lambda tf: tf.abs(True),
])  # fmt: skip
def test_refused(build):
    both_raise(build)


@pytest.mark.parametrize("name", ["add", "less", "equal", "maximum"])
def test_shapes_refused_when_they_run(name):
    both_raise(lambda tf, x, y: getattr(tf, name)(x, y), None, np.ones(2), np.ones(3), shapes="rank")


def test_clip_by_value():
    x = np.array([-2.0, -1.0, 0.0, 1.0, 3.0], np.float32)
    both(lambda tf, x: tf.clip_by_value(x, -1.0, 1.0), x, grad=True, names=True)
    both(lambda tf, x, a, b: tf.clip_by_value(x, a, b), x, np.float32(-1), np.float32(1), grad=True)
    both(lambda tf, x: tf.clip_by_value(x, 0, 3), INTS)
    both(lambda tf, x: tf.clip_by_value(x, 3.0, 0.0), x)


def test_add_n():
    both(lambda tf, x, y: tf.add_n([x, y, x]), X, Y, grad=True, names=True)
    both(lambda tf, x: tf.add_n([x]), X, names=True)
    both_raise(lambda tf, x, y: tf.add_n([x, y]), None, np.ones(2), np.ones(1), shapes="rank")


def complex_parts(tf, function, *parts):
    """A real loss of a complex function, for gradients with respect to real and imaginary parts."""
    z = function(tf, *[tf.complex(a, b) for a, b in zip(parts[::2], parts[1::2], strict=True)])
    return [tf.real(z), tf.imag(z)]


@pytest.mark.parametrize("name", ["square", "sqrt", "rsqrt", "reciprocal", "exp", "expm1", "log", "log1p", "sin", "cos",
                                  "tan", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh", "conj",
                                  "negative", "sign"])  # fmt: skip
def test_complex(name):
    a, b = RNG.uniform(0.2, 0.8, (2, 5))
    both(lambda tf, a, b: complex_parts(tf, lambda tf, z: getattr(tf, name)(z), a, b), a, b, grad=True)


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "truediv", "pow", "squared_difference", "div_no_nan"])
def test_complex_pairs(name):
    parts = RNG.uniform(0.2, 0.8, (4, 5))
    both(lambda tf, *p: complex_parts(tf, lambda tf, z, w: getattr(tf, name)(z, w), *p), *parts, grad=True)


def test_parts_of_complex_numbers():
    both(lambda tf, z: [tf.real(z), tf.imag(z), tf.conj(z), tf.angle(z), tf.abs(z)], Z, names=True)
    both(lambda tf, x: [tf.real(x), tf.imag(x), tf.conj(x), tf.angle(x)], np.float32([1, -1, 0, np.nan]))
    both(lambda tf, a, b: [tf.abs(tf.complex(a, b)), tf.angle(tf.complex(a, b))], X, Y, grad=True)
    both(lambda tf, z: tf.equal(z, z), Z)
    both_raise(lambda tf: tf.gradients(tf.constant(1j) * 2, tf.constant(1j)))


@pytest.mark.parametrize("name", ["divide_no_nan", "xlogy", "xdivy", "xlog1py", "multiply_no_nan"])
def test_zero_wins(name):
    x, y = np.float32([0, 0, 1, 2, 0, 3]), np.float32([0, np.nan, 0, 3, 2, 4])
    both(lambda tf, x, y: getattr(tf.math, name)(x, y), x, y, grad=True)
    both(lambda tf, x, y: getattr(tf.math, name)(x, y), Y, Y[0] + 1, grad=True)


def test_tests():
    both(lambda tf, x: [tf.is_nan(x), tf.is_inf(x), tf.is_finite(x)], ODD, names=True)


GAMMA = np.array([0.0, -1.0, -0.5, 1.0, 2.0, 100.0, np.inf, -np.inf, np.nan, 1e-10, -1.5, 0.3, 3.7, -7.3])


@pytest.mark.parametrize("dtype", DTYPES)
def test_gamma(dtype):
    both(lambda tf, x: [tf.lgamma(x), tf.digamma(x)], GAMMA.astype(dtype), names=True, tolerance=REDUCTION)
    both(lambda tf, x: [tf.lgamma(x), tf.digamma(x)], np.abs(X).astype(dtype) + 0.1, grad=True, tolerance=REDUCTION)
    orders = np.array([0.0, 1.0, 2.0, 1.5, -1.0], dtype)
    both(lambda tf, a, x: tf.polygamma(a, x), orders, np.array([1.0, 1.0, 0.5, 1.0, 1.0], dtype))
    q = np.array([1.0, 2.0, 7.5, 0.3], dtype)
    both(lambda tf, s, q: tf.zeta(s, q), np.array([[2.0], [3.5], [20.0]], dtype), q)
    both(lambda tf, s, q: tf.zeta(s, q), np.array([1.0, 0.5, 2.0], dtype), np.array([1.0, 2.0, -1.5], dtype))
    both(lambda tf, x: tf.lbeta(x), Y.astype(dtype), grad=True, tolerance=REDUCTION)


@pytest.mark.parametrize("dtype", DTYPES)
def test_quantiles(dtype):
    p = np.array([0.0, 0.5, 1.0, -1.0, 0.1, np.nan, 0.999, 1e-6], dtype)
    both(lambda tf, p: [tf.math.ndtri(p), tf.math.erfinv(p), tf.math.erfcinv(p)], p, tolerance=REDUCTION)
    both(lambda tf, p: [tf.math.ndtri(p), tf.math.erfinv(p)], np.array([0.1, 0.4, 0.5, 0.9], dtype), grad=True)


# Logic


@pytest.mark.parametrize("name", ["less", "less_equal", "greater", "greater_equal", "equal", "not_equal"])
def test_comparisons(name):
    both(lambda tf, x, y: getattr(tf, name)(x, y), ODD, ODD[::-1].copy(), names=True)
    both(lambda tf, x: getattr(tf, name)(x, 3), INTS, names=True)
    if "equal" in (name, name[4:]):
        both(lambda tf, x: getattr(tf, name)(x, "b"), np.array(["a", "b"], object))
        both(lambda tf, x: getattr(tf, name)(x, True), BOOLS)


def test_logic():
    both(lambda tf, a, b: [tf.logical_and(a, b), tf.logical_or(a, b), tf.logical_xor(a, b), tf.logical_not(a)],
         BOOLS, BOOLS[0], names=True)  # fmt: skip


def bits(tf):
    """`tf.bitwise`."""
    return tf.bitwise if hasattr(tf, "bitwise") else tf


def test_bits():
    both(lambda tf, x, y: [x & y, x | y, x ^ y, ~x], INTS, COUNTS, names=True)
    for name in ("bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift"):
        both(lambda tf, x, y, n=name: getattr(bits(tf), n)(x, y), INTS, np.array([0, 1, 33, -1], np.int32), names=True)


def where(tf, *args):
    """`where` as TensorFlow 1 has it."""
    return (tf.where_v1 if hasattr(tf, "where_v1") else tf.where)(*args)


def test_where_of_tensorflow_1():
    both(lambda tf, c, x, y: where(tf, c, x, y), BOOLS, X, Y, grad=True, names=True)
    both(lambda tf, c, x, y: where(tf, c, x, y), BOOLS[:, 0], X, Y, grad=True, shapes="dims", static="admits")
    both(lambda tf, c, x, y: where(tf, c, x, y), np.array(True), X, Y, grad=True)
    both(lambda tf, c: where(tf, c), BOOLS, names=True)
    both(lambda tf, x: where(tf, x), ODD)
    both_raise(lambda tf, c, x: where(tf, c, x, 1.0), None, BOOLS, X.astype(np.float32))
    both_raise(lambda tf, c, x: where(tf, c, x), None, BOOLS, X)
    both_raise(lambda tf, c, x, y: where(tf, c, x, y), None, BOOLS[:1], X, Y, shapes="rank")
    both_raise(lambda tf: where(tf, True))
    both_raise(lambda tf: where(tf, [1, 0], [1, 2], [3, 4]))


def test_where_of_tensorflow_2():
    both_eager(lambda tf, c, x, y: tf.where(c, x, y), BOOLS, X, Y)
    both_eager(lambda tf, c, x, y: tf.where(c, x, y), BOOLS[:, :1], X[0], np.float64(2))
    both_eager(lambda tf, c: tf.where(c, "yes", "no"), BOOLS)
    both_eager(lambda tf, c: tf.where(c), BOOLS)
    both_raise(lambda tf: tf.where([True, False, True], [1.0, 2.0], [3.0, 4.0]), eager=True)


# Operators

OPERATORS = {
    "arithmetic": lambda tf, x, y: [x + y, x - y, x * y, x / y, x // y, x % y, x**y, -x, abs(x)],
    "beside numbers": lambda tf, x, y: [x + 1, 1 - x, 2 * x, x / 2, 1 / x, 2 // x, x % 2, 3 % x, 2**x, x**2],
    "comparisons": lambda tf, x, y: [x < y, x <= y, x > y, x >= y, x > 1, x >= 2],
    "beside arrays": lambda tf, x, y: [np.ones((3, 4)) + x, x * np.ones(4), np.ones(4) - x, np.float32(2) * x],
}


@pytest.mark.parametrize("what", OPERATORS)
def test_operators(what):
    both(OPERATORS[what], Y, X + 3, names=True)
    both(OPERATORS[what], Y.astype(np.float32), X.astype(np.float32) + 3, names=True)


def test_operators_of_integers_and_booleans():
    both(lambda tf, i: [i / 2, 2 / i, i // 3, 7 % i, i % 5, i * i, -i, abs(i)], COUNTS, names=True)
    both(lambda tf, b: [b & b, b | True, False ^ b, ~b], BOOLS, names=True)
    both(lambda tf, i: i / i, COUNTS.astype(np.int8), names=True)


def test_equality_of_tensorflow_1_is_identity():
    both(lambda tf, x, y: [x == y, x == x, x != y, x != x, x == None, x != None, {x: 1}[x], x in [y, x]], X, Y)  # noqa: E711


def test_equality_of_tensorflow_2():
    def compare(tf, x):
        return [x == x, x != x, x == X[0], x == 1, x == None, x != None, x == tf.zeros([5], x.dtype),  # noqa: E711
                x != tf.zeros([5], x.dtype)]  # fmt: skip

    both_eager(compare, X)
    both_raise(lambda tf: tf.constant(1) == tf.constant(1.0), eager=True)
    both_raise(lambda tf: tf.constant(1) == 1.5, eager=True)


def test_operators_eagerly():
    for build in OPERATORS.values():
        both_eager(build, Y, X + 3)
    both_eager(lambda tf, i: [i / 2, 2 / i, i // 3, 7 % i, i & 6, i ^ 3, ~i], COUNTS)
    both_eager(lambda tf, s: [s + "b", "b" + s], np.array(["a", "c"], object))


@pytest.mark.parametrize("build", [
    lambda tf: tf.constant(1.0) + None, lambda tf: tf.constant(1) * 1.5, lambda tf: tf.constant(1.0) + tf.constant(1),
    lambda tf: -tf.constant(True), lambda tf: tf.constant([1.0, 2.0]) + tf.constant([1.0, 2.0, 3.0]),
    lambda tf: tf.constant(True) & 1, lambda tf: tf.constant(1) // 0, lambda tf: tf.constant(True) < True,
])  # fmt: skip
def test_operators_refuse_eagerly(build):
    both_raise(build, eager=True)


def test_div_no_nan_of_integers():
    i = np.array([7, -8, 9])
    both(lambda tf: [tf.div_no_nan(tf.constant(i, t), [2, 0, -3]) for t in ("int16", "int32", "int64")])
