"""Reductions, scans, extremes' places, norms and counts against TensorFlow."""

# ruff: noqa: B023 (a snippet runs before its loop goes on)

import numpy as np
import pytest
from parity.harness import REDUCTION, both, both_eager, both_raise

RNG = np.random.default_rng(6)
X = RNG.normal(size=(2, 3, 4))
INTS = RNG.integers(-9, 9, (3, 4)).astype(np.int32)
BOOLS = X[0] > 0
EMPTY = np.zeros((0, 3))
DTYPES = [np.float32, np.float64]
AXES = [None, 0, -1, [1], [0, 2], [-1, 0], (0, 1, 2)]
REAL = ["reduce_sum", "reduce_mean", "reduce_prod", "reduce_max", "reduce_min", "reduce_logsumexp"]
MATH = ["reduce_euclidean_norm", "reduce_variance", "reduce_std"]


def function(tf, name):
    return getattr(tf, name) if name in REAL else getattr(tf.math, name)


def same(name):
    """How the nodes compare: TensorFlow asks for a shape at run time where ours is a constant."""
    return "outputs" if name == "reduce_logsumexp" else True


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", REAL + MATH)
def test_axes(name, dtype):
    x = X.astype(dtype)
    for keep in (False, True):
        both(lambda tf, x: [function(tf, name)(x, axis, keepdims=keep) for axis in AXES], x, grad=True,
             tolerance=REDUCTION, names=same(name))  # fmt: skip
    for shapes in ("dims", "rank"):
        both(lambda tf, x: [function(tf, name)(x, a) for a in (None, 0, [-1])], x, grad=True, tolerance=REDUCTION,
             shapes=shapes, static="admits")  # fmt: skip


@pytest.mark.parametrize("name", ["reduce_sum", "reduce_max", "reduce_prod"])
def test_axes_given_when_it_runs(name):
    both(lambda tf, x, axis: getattr(tf, name)(x, axis), X, np.array([0, -1], np.int32), static="admits")
    both(lambda tf, x, axis: getattr(tf, name)(x, axis, keepdims=True), X, np.array(1), static="admits")


@pytest.mark.parametrize("name", REAL[:5])
def test_integers(name):
    for dtype in (np.int8, np.int32, np.int64):
        both(lambda tf, x: [getattr(tf, name)(x), getattr(tf, name)(x, 0)], INTS.astype(dtype))
    both(lambda tf, x: getattr(tf, name)(x, 1), np.array([[250, 252, 3]], np.uint8))


def test_means_of_integers_do_not_overflow():
    big = 2**31 - 1
    both(lambda tf, x: tf.reduce_mean(x, 1), np.array([[big, big], [-1, -2], [big, -5], [7, 8]], np.int32))


def test_booleans():
    both(lambda tf, b: [tf.reduce_all(b), tf.reduce_any(b, 0), tf.reduce_all(b, [1], True)], BOOLS, names=True)
    both(lambda tf, b: [tf.reduce_all(b, 0), tf.reduce_any(b, 0)], EMPTY > 0)


@pytest.mark.parametrize("name", REAL + MATH[1:])
def test_nothing_to_reduce(name):
    for axis in (0, 1):
        both(lambda tf, x: function(tf, name)(x, axis), EMPTY.astype(np.float32))
    if name in REAL[:5]:
        both(lambda tf, x: function(tf, name)(x, 0), EMPTY.astype(np.int32))
    both(lambda tf, x: function(tf, name)(x, []), X.astype(np.float32), grad=True, tolerance=REDUCTION)


@pytest.mark.parametrize("values", [[np.inf, 1], [-np.inf, -np.inf], [np.inf, -np.inf], [np.nan, 1], [1000, 1000],
                                    [-1000, -1001], [-np.inf, 2]])  # fmt: skip
def test_logsumexp_of_extremes(values):
    both(lambda tf, x: tf.reduce_logsumexp(x), np.array(values, np.float32), grad=True)


@pytest.mark.parametrize("name", ["reduce_max", "reduce_min"])
def test_ties_and_nan(name):
    both(lambda tf, x: getattr(tf, name)(x, 1), np.float32([[1, 2, 2], [3, 3, 3], [0, 5, 0]]), grad=True)
    both(lambda tf, x: getattr(tf, name)(x, 1), np.float32([[np.nan, 2, 2], [2, 3, np.nan], [-np.inf, np.inf, 0]]))


@pytest.mark.parametrize("zeros", [0, 1, 2, 3])
def test_products_with_zeros(zeros):
    x = RNG.uniform(0.5, 2.0, (3, 4))
    x[0, :zeros] = 0
    for axis in (None, 0, 1):
        both(lambda tf, x: tf.reduce_prod(x, axis), x, grad=True)


def test_complex_numbers():
    def loss(tf, a, b):
        z = tf.complex(a, b)
        kinds = [tf.reduce_sum(z, 0), tf.reduce_mean(z), tf.reduce_prod(z, 1), tf.cumsum(z)]
        return [part(k) for k in kinds for part in (tf.real, tf.imag)]

    both(loss, X[0], X[1], grad=True, tolerance=REDUCTION)
    # the gradient of TensorFlow's cumprod forgets to conjugate
    both(lambda tf, z: tf.cumprod(z, 1), X[0] + 1j * X[1])
    both(lambda tf, z: [tf.norm(z), tf.math.reduce_std(z)], (X[0] + 1j * X[1]), tolerance=REDUCTION)


@pytest.mark.parametrize("build", [
    lambda tf: tf.reduce_sum([[1.0, 2.0]], 2), lambda tf: tf.reduce_sum([[1.0, 2.0]], [-3]),
    lambda tf: tf.reduce_sum(5.0, 0),
    lambda tf: tf.reduce_max([[1.0, 2.0]], [0, 0]), lambda tf: tf.reduce_sum([[1.0, 2.0]], [0, -2]),
    lambda tf: tf.reduce_sum(True), lambda tf: tf.reduce_max(["a"]), lambda tf: tf.reduce_max(1j),
    lambda tf: tf.reduce_all(1.0), lambda tf: tf.argmax([[1.0]], 2), lambda tf: tf.argmax([1.0], [0]),
    lambda tf: tf.argmax([1j]), lambda tf: tf.argmax(tf.zeros([0, 3])), lambda tf: tf.argmax(1.0),
    lambda tf: tf.cumsum([1.0], 1), lambda tf: tf.cumsum([[1.0]], [1, 0]), lambda tf: tf.cumsum(1.0),
    lambda tf: tf.cumsum(True),
    lambda tf: tf.norm([1.0], "fro"), lambda tf: tf.norm([1.0], -1), lambda tf: tf.norm([1.0], 0),
    lambda tf: tf.norm([1, 2]),
    lambda tf: tf.norm([[1.0]], "nuc", [0, 1]), lambda tf: tf.norm([1.0], axis=[0, 0]),
    lambda tf: tf.norm([1.0], axis=[]),
    lambda tf: tf.norm([1.0], axis=[0, 1, 2]), lambda tf: tf.math.reduce_variance([1, 2]),
    lambda tf: tf.bincount([1, -1]), lambda tf: tf.histogram_fixed_width([1.0], [5.0, 0.0]),
])  # fmt: skip
def test_refused(build):
    both_raise(build)


@pytest.mark.parametrize("name", ["reduce_sum", "reduce_max", "argmax", "cumsum"])
def test_axes_refused_when_they_run(name):
    both_raise(lambda tf, x, axis: getattr(tf, name)(x, axis), None, np.ones((2, 3)), np.array(2), shapes="rank")


@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_places(name):
    for dtype in (np.float32, np.int32, np.uint8):
        x = np.abs(INTS).astype(dtype)
        both(lambda tf, x: [getattr(tf, name)(x), getattr(tf, name)(x, 1), getattr(tf, name)(x, -1)], x, names=True)
    both(lambda tf, x: getattr(tf, name)(x, 0, output_type=tf.int32), X, names=True)
    both(lambda tf, x: getattr(tf, name)(x), np.float32([[2, np.nan, np.nan], [np.nan, np.nan, 1], [3, np.nan, 0]]))
    both(lambda tf, x: getattr(tf, name)(x, 1), X, shapes="dims")
    both(lambda tf, x: getattr(tf, name)(x, 1), X, shapes="rank")
    both(lambda tf, x, a: getattr(tf, name)(x, a), X, np.array(1, np.int32), static="admits")
    both(lambda tf, x: getattr(tf, name)(x), BOOLS)
    both(lambda tf, x: getattr(tf, name)(x, 1), EMPTY.astype(np.float32))


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("exclusive", [False, True])
def test_scans(exclusive, reverse):
    for name in ("cumsum", "cumprod"):
        both(lambda tf, x: getattr(tf, name)(x, 1, exclusive, reverse), X, grad=True, names=True, tolerance=REDUCTION)
        both(lambda tf, x: getattr(tf, name)(x, -1, exclusive, reverse), INTS)
        both(lambda tf, x: getattr(tf, name)(x, 0, exclusive, reverse), EMPTY)
        both(lambda tf, x: getattr(tf, name)(x, 1, exclusive, reverse), X, grad=True, shapes="rank")
    both(lambda tf, x: tf.math.cumulative_logsumexp(x, 1, exclusive, reverse), X, grad=not exclusive, names=True,
         tolerance=REDUCTION)  # fmt: skip


def test_cumprod_of_zeros():
    """TensorFlow divides by the element and so drops what flows to a zero; the sum 1 + x₁ + x₁x₂ tells who is right."""
    import tensorglass as tg
    from tensorglass.ops.scan import cumprod

    with tg.Graph().as_default():
        x = tg.constant([1.0, 0.0, 2.0])
        assert tg.Session().run(tg.gradients(cumprod(x), x))[0].tolist() == [1.0, 3.0, 0.0]


@pytest.mark.parametrize("dtype", DTYPES)
def test_norms(dtype):
    x = X.astype(dtype)
    for order in ("euclidean", 1, 2, np.inf, 3, 0.5):
        for axis in (None, 0, -1):
            for keep in (False, True):
                both(lambda tf, x: tf.norm(x, order, axis, keep), x, grad=True, tolerance=REDUCTION)
    for order in ("euclidean", "fro", 1, np.inf):
        for axis in ([0, 1], (-1, 0)):
            both(lambda tf, x: tf.norm(x, order, axis), x, grad=True, tolerance=REDUCTION)
            both(lambda tf, x: tf.norm(x, order, axis, True), x, tolerance=REDUCTION)
    both(lambda tf, x: tf.norm(x, 2, [1, 2]), x, tolerance=REDUCTION, static="admits")
    both(lambda tf, x: tf.norm(x, 2, (0, -1), True), x, tolerance=REDUCTION, static="admits")


def test_counts():
    both(lambda tf, x: [tf.count_nonzero(x), tf.count_nonzero(x, 1), tf.count_nonzero(x, 0, True)], INTS, names=True)
    both(lambda tf, x: tf.count_nonzero(x, dtype=tf.int32), X)
    both(lambda tf, x: tf.count_nonzero(x), np.array(["", "a", "bc"], object))
    both(lambda tf, x: tf.count_nonzero(x), BOOLS)


def test_bincount():
    arr = np.array([1, 1, 3], np.int32)
    for options in ({}, {"minlength": 6}, {"maxlength": 2}, {"dtype": "float32"}, {"minlength": 2, "maxlength": 3}):
        both(lambda tf, a: tf.bincount(a, **{k: getattr(tf, v) if k == "dtype" else v for k, v in options.items()}),
             arr, names=True)  # fmt: skip
    both(lambda tf, a, w: tf.bincount(a, weights=w), arr, np.float32([0.5, 0.5, 2]))
    both(lambda tf, a: tf.bincount(a), arr.astype(np.int64))
    both(lambda tf, a: tf.bincount(a), arr[:0])
    matrix = np.array([[1, 1, 3], [2, 2, 2]], np.int32)
    both_eager(lambda tf, a: [tf.math.bincount(a), tf.math.bincount(a, axis=-1)], matrix)
    both_eager(lambda tf, a: tf.math.bincount(a, binary_output=True), arr)


def test_histograms():
    x = np.float32([-1, 0, 1.5, 2, 5, 15])
    both(lambda tf, x: tf.histogram_fixed_width(x, [0.0, 5.0], nbins=5), x, names=True)
    both(lambda tf, x: tf.histogram_fixed_width(x, [0, 5], nbins=5), np.array([1, 2, 7], np.int32))
    both(lambda tf, x: tf.histogram_fixed_width_bins(x, [0.0, 5.0], nbins=5), x)


def test_sums_of_tensors():
    both(lambda tf, x, y: tf.accumulate_n([x, y], shape=[3, 4]), X[0], X[1], grad=True, names=True)
    both(lambda tf, x: tf.scalar_mul(2.0, x), X[0], grad=True)
    both_raise(lambda tf: tf.accumulate_n([]))
    both_raise(lambda tf: tf.accumulate_n([1.0], tensor_dtype=tf.int32))
    both_raise(lambda tf: tf.scalar_mul([2.0], tf.constant([1.0])))


def test_eagerly():
    both_eager(lambda tf, x: [tf.reduce_sum(x, 0), tf.reduce_mean(x), tf.reduce_max(x, [0, 1], True)], X)
    both_eager(lambda tf, x: [tf.argmax(x, 1), tf.cumsum(x, 1), tf.norm(x, axis=1), tf.reduce_logsumexp(x, 1)], X[0],
               tolerance=REDUCTION)  # fmt: skip
    for build in (lambda tf: tf.reduce_sum([1.0], 1), lambda tf: tf.argmax([1.0, 2.0], 3),
                  lambda tf: tf.reduce_sum([1.0], [0, 0]),
                  lambda tf: tf.cumsum([1.0], 3)):  # fmt: skip
        both_raise(build, eager=True)
