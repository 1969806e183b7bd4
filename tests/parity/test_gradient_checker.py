"""The gradient checker's theoretical and numeric Jacobians are TensorFlow's."""

import numpy as np
from modes import mode
from parity.harness import tensorflow

import tensorglass as tg
from tensorglass import gradient_checker

X = np.array([[0.5, -1.0], [2.0, 1.5]])


def jacobians(tf, compute, x_init, dtype, build):
    with tf.Graph().as_default(), tf.Session():
        x = tf.placeholder(dtype, x_init.shape)
        y = build(tf, x)
        return compute(x, list(x_init.shape), y, y.shape.as_list(), x_init_value=x_init, delta=0.01)


def test_compute_gradient():
    for dtype, point, build in [
        ("float64", X, lambda tf, x: tf.matmul(x, tf.exp(x))),
        ("float64", X, lambda tf, x: tf.reduce_sum(tf.tanh(x), axis=0)),
        ("complex128", X + 1j, lambda tf, x: x * x * 2.0),
    ]:
        tf = tensorflow()
        theirs = jacobians(tf, tf.test.compute_gradient, point, dtype, build)
        with mode("root"):
            ours = jacobians(tg, gradient_checker.compute_gradient, point, dtype, build)
        for a, b in zip(ours, theirs, strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)
