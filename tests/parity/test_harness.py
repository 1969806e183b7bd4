"""The harness itself: it must see a difference, or nothing else here proves anything."""

import numpy as np
import pytest
from parity.harness import REDUCTION, both, both_eager, both_raise

X = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, 2.5]], np.float32)


def test_values_gradients_and_names():
    both(lambda tf, x: {"y": tf.exp(x) * x, "two": [tf.square(x), x.shape]}, X, second=True, names=True)
    both(lambda tf, x, y: tf.matmul(x, y), X, X.T, grad=True, tolerance=REDUCTION, shapes="dims")
    both(lambda tf, x, y: x * y, X, X[:1], grad=True, shapes="rank", static="admits")


def test_variables_and_runs():
    def build(tf):
        v = tf.Variable([1.0, 2.0], name="v")
        return v.assign_add([1.0, 1.0])

    assert both(build, runs=3, names="outputs").tolist() == [2.0, 3.0]


def test_eager():
    both_eager(lambda tf, x: [tf.exp(x), x + 1, x.shape, x.dtype], X)


def test_errors():
    theirs, mine = both_raise(lambda tf: tf.constant([1.0, 2.0]) + tf.constant([1.0, 2.0, 3.0]), ValueError)
    assert "Dimensions must be equal" in str(theirs)
    assert "Dimensions must be equal" in str(mine)
    both_raise(lambda tf, x, y: x + y, "InvalidArgumentError", X, X[:, :2], shapes="rank")
    both_raise(lambda tf, x, y: x + y, "InvalidArgumentError", X, X[:, :2], eager=True)


def _differs(check):
    with pytest.raises(AssertionError):
        check()


def test_sees_differences():
    def theirs(tf):
        return "tensorflow" in tf.__name__

    _differs(lambda: both(lambda tf: tf.constant(1.0 if theirs(tf) else 1.00001)))
    _differs(lambda: both(lambda tf: tf.constant(1, tf.int32 if theirs(tf) else tf.int64)))
    _differs(lambda: both(lambda tf: tf.zeros([2, 1] if theirs(tf) else [2])))
    _differs(lambda: both(lambda tf: tf.zeros([2], name="a" if theirs(tf) else "b"), names="outputs"))
    _differs(lambda: both(lambda tf, x: x if theirs(tf) else tf.stop_gradient(x), X, grad=True))
    _differs(lambda: both(lambda tf: {"a": tf.zeros(1)} if theirs(tf) else [tf.zeros(1)]))
    _differs(lambda: both_raise(lambda tf: tf.zeros(1) if theirs(tf) else tf.zeros("x")))
    _differs(lambda: both_raise(lambda tf: tf.zeros(1)))
