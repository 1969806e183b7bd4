"""Initializers and `get_variable` against TensorFlow: the same weights, nodes and errors."""

import numpy as np
import pytest
from parity.harness import EXACT, REDUCTION, both, both_raise, ours, tensorflow

pytestmark = pytest.mark.parity

INITIALIZERS = {
    "default": lambda tf: None,
    "zeros": lambda tf: tf.zeros_initializer(),
    "zeros, the class": lambda tf: tf.zeros_initializer,
    "ones": lambda tf: tf.ones_initializer(),
    "constant": lambda tf: tf.constant_initializer(3),
    "constant list": lambda tf: tf.constant_initializer([1, 2, 3]),
    "constant array": lambda tf: tf.constant_initializer(np.arange(12).reshape(4, 3)),
    "uniform": lambda tf: tf.random_uniform_initializer(),
    "uniform between": lambda tf: tf.random_uniform_initializer(-0.05, 0.05, seed=3),
    "normal": lambda tf: tf.random_normal_initializer(),
    "normal of": lambda tf: tf.random_normal_initializer(1.0, stddev=0.1, seed=3),
    "truncated": lambda tf: tf.truncated_normal_initializer(stddev=0.1),
    "unit scaling": lambda tf: tf.uniform_unit_scaling_initializer(factor=1.43),
    "glorot uniform": lambda tf: tf.glorot_uniform_initializer(seed=5),
    "glorot normal": lambda tf: tf.glorot_normal_initializer(),
    "variance": lambda tf: tf.variance_scaling_initializer(),
}
SCALED = [
    (mode, distribution)
    for mode in ("fan_in", "fan_out", "fan_avg")
    for distribution in ("normal", "truncated_normal", "untruncated_normal", "uniform")
]
SHAPES = [(4, 3), (4,), (), (3, 3, 2, 4), (40, 30), (0, 3)]


def variable(tf, initializer, shape=(4, 3), dtype="float32"):
    return tf.get_variable("w", shape, tf.as_dtype(dtype), initializer=initializer)


@pytest.mark.parametrize("make", INITIALIZERS.values(), ids=INITIALIZERS)
def test_get_variable(make):
    both(lambda tf: variable(tf, make(tf)).read_value(), seed=11, tolerance=EXACT)


@pytest.mark.parametrize("make", INITIALIZERS.values(), ids=INITIALIZERS)
def test_names(make):
    def nodes(tf):
        variable(tf, make(tf))
        return [(o.name, o.type) for o in tf.get_default_graph().get_operations()]

    both(nodes)


@pytest.mark.parametrize("make", INITIALIZERS.values(), ids=INITIALIZERS)
def test_float64(make):
    both(lambda tf: variable(tf, make(tf), dtype="float64").read_value(), seed=11, tolerance=EXACT)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["default", "variance", "unit scaling", "truncated"])
def test_shapes(name, shape):
    both(lambda tf: variable(tf, INITIALIZERS[name](tf), shape).read_value(), seed=1, tolerance=EXACT)


@pytest.mark.parametrize(("mode", "distribution"), SCALED)
def test_variance_scaling(mode, distribution):
    def snippet(tf):
        initializer = tf.variance_scaling_initializer(2.0, mode, distribution)
        return initializer([3, 5]), initializer([2, 3, 4, 5]), initializer([7])

    both(snippet, seed=2, tolerance=EXACT)


@pytest.mark.parametrize("name", ["he_normal", "he_uniform", "lecun_normal", "lecun_uniform"])
def test_he_and_lecun(name):
    both(lambda tf: getattr(tf.initializers, name)(5)([6, 4]), seed=2, tolerance=EXACT)


@pytest.mark.parametrize("shape", [(4, 3), (3, 5), (2, 3, 5), (6, 6)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_orthogonal(shape, dtype):
    def snippet(tf):
        return tf.orthogonal_initializer(2.0, seed=4)(shape, tf.as_dtype(dtype))

    w = both(snippet, seed=1, tolerance=REDUCTION)
    w = w.reshape(-1, shape[-1]).astype(np.float64)
    product = w.T @ w if w.shape[0] >= w.shape[1] else w @ w.T
    np.testing.assert_allclose(product, 4.0 * np.eye(len(product)), atol=1e-5)


def test_identity():
    both(lambda tf: (tf.initializers.identity(2.0)([3, 4]), tf.initializers.identity()([2, 2], tf.float64)))


def test_element_types():
    """Some of TensorFlow's forget the `dtype` they were made with; ours do as they do."""

    def snippet(tf):
        made = [
            tf.zeros_initializer(tf.int32), tf.constant_initializer(2, tf.float64), tf.glorot_normal_initializer(),
            tf.glorot_uniform_initializer(dtype=tf.float64), tf.random_normal_initializer(dtype=tf.float64),
            tf.variance_scaling_initializer(dtype=tf.float64), tf.random_uniform_initializer(0, 9, dtype=tf.int32),
        ]  # fmt: skip
        return [i([3, 2]) for i in made], [i([2], dtype=tf.float32) for i in made[:-1]]

    both(snippet, seed=3, tolerance=EXACT)


NAMES = ("zeros", "ones", "constant", "random_uniform", "random_normal", "truncated_normal", "uniform_unit_scaling",
         "variance_scaling", "glorot_uniform", "glorot_normal", "orthogonal")  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_config(name):
    def configs(tf):
        kind = getattr(tf, f"{name}_initializer")
        again = kind.from_config(kind().get_config())
        return kind().get_config(), again.get_config(), kind.__name__

    assert configs(ours()) == configs(tensorflow())


WRONG = {
    "mode": lambda tf: tf.variance_scaling_initializer(2.0, "x"),
    "distribution": lambda tf: tf.variance_scaling_initializer(2.0, distribution="x"),
    "scale": lambda tf: tf.variance_scaling_initializer(-2.0),
    "integers": lambda tf: tf.random_uniform_initializer(dtype=tf.int32)([2]),
    "text": lambda tf: tf.random_normal_initializer(dtype=tf.string),
    "constant of text": lambda tf: tf.constant_initializer("a")([2]),
    "constant too long": lambda tf: variable(tf, tf.constant_initializer(list(range(13)))),
    "constant verified": lambda tf: variable(tf, tf.constant_initializer([1, 2, 3], verify_shape=True)),
    "constant of an object": lambda tf: tf.constant_initializer(object()),
    "unknown size": lambda tf: tf.glorot_uniform_initializer()([None, 3]),
    "unknown size, normal": lambda tf: tf.random_normal_initializer()([None, 3]),
    "orthogonal vector": lambda tf: tf.orthogonal_initializer()([5]),
    "identity of rank 3": lambda tf: tf.initializers.identity()([3, 3, 3]),
}


@pytest.mark.parametrize("snippet", WRONG.values(), ids=WRONG)
def test_errors(snippet):
    both_raise(snippet)
