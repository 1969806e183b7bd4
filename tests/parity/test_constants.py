"""ops/constant.py and ops/patterns.py against TensorFlow."""

import numpy as np
import pytest
from parity.harness import both, both_eager, both_raise

X = np.arange(6, dtype=np.float32).reshape(2, 3) - 2.5
FORMS = pytest.mark.parametrize("shapes", ["known", "dims", "rank"])


def test_constants():
    values = [1, 2**40, 1.5, [1, 2.5], True, "a", ["a", "bc"], [[1], [2]], 1 + 2j, np.float64(1), np.int8(3), []]
    both(lambda tf: [tf.constant(v) for v in values], names=True)
    both(lambda tf: [tf.constant(1, t) for t in ("float16", "float64", "int8", "uint8", "int64", "complex64")])
    both(lambda tf: [tf.constant([1, 2], shape=[5]), tf.constant(7, shape=[2, 2]), tf.constant([], shape=[3])])
    both_raise(lambda tf: tf.constant([1, 2, 3, 4], shape=[3]), ValueError)
    both_raise(lambda tf: tf.constant([1, 2], shape=[3], verify_shape=True), TypeError)
    both_raise(lambda tf: tf.constant(1.5, tf.int32), TypeError)
    both_raise(lambda tf: tf.constant(None), ValueError)
    both_raise(lambda tf: tf.constant([[1], [1, 2]]), ValueError)
    both_raise(lambda tf, x: tf.constant(x), TypeError, X)
    both_eager(lambda tf: [tf.constant(v) for v in values[:-1]] + [tf.constant(2.0, shape=[3])])
    both_raise(lambda tf: tf.constant([1, 2], shape=[3]), TypeError, eager=True)
    both_raise(lambda tf: tf.constant([1, 2, 3, 4], shape=[3]), TypeError, eager=True)


@FORMS
def test_fills(shapes):
    n = np.array(2, np.int32)
    both(lambda tf, x: [tf.zeros_like(x), tf.ones_like(x), tf.zeros_like(x, tf.int32)], X, shapes=shapes, grad=True)
    both(lambda tf, x: tf.fill([2, 3], x[0, 0]), X, shapes=shapes, grad=True)
    both(lambda tf, n: [tf.zeros([n, 3]), tf.ones([2, n], tf.int32), tf.fill([n], True)], n, shapes=shapes)
    both(lambda tf, n: tf.zeros(n), n)
    both(lambda tf, x: tf.zeros(tf.shape(x)), X, shapes=shapes, static="admits")


def test_fills_of_known_shape():
    both(lambda tf: [tf.zeros([]), tf.zeros([2], tf.string), tf.ones([2, 2], tf.bool), tf.fill([2], "a")], names=True)
    both(lambda tf: [tf.zeros(3), tf.ones(tf.TensorShape([2, 1])), tf.zeros([0, 2]), tf.zeros((2,), tf.int64)])
    both(lambda tf: tf.zeros([1500]), names="outputs")
    both(lambda tf: [tf.zeros_like([1, 2]), tf.ones_like([1.0]), tf.zeros_like(["a"])])
    both_raise(lambda tf: tf.zeros([-2]), ValueError)
    both_raise(lambda tf: tf.zeros([None, 3]), TypeError)
    both_raise(lambda tf: tf.ones([2], tf.string), TypeError)
    both_raise(lambda tf: tf.fill([2], [1]), ValueError)
    both_raise(lambda tf: tf.fill([-2], 1), ValueError)
    both_raise(lambda tf, n: tf.fill([n], 1), "InvalidArgumentError", np.array(-1, np.int32))


def test_ranges():
    both(lambda tf: [tf.range(3), tf.range(5, 0, -2), tf.range(0.0, 1.0, 0.1), tf.range(2, 2)], names="outputs")
    both(lambda tf: [tf.range(0, 2.5), tf.range(3, dtype=tf.int64), tf.range(0, 1, 0.25, dtype=tf.float64)])
    both(lambda tf: [tf.range(3), tf.range(1, 5, 2, tf.float32, "steps"), tf.range(np.int64(3))])
    both(lambda tf, n: [tf.range(n), tf.range(n, 5.0)], np.array(2, np.int32))
    both_raise(lambda tf: tf.range(3, 1), ValueError)
    both_raise(lambda tf: tf.range(1, 3, 0), ValueError)
    both_raise(lambda tf, n: tf.range(n, 1), "InvalidArgumentError", np.array(2, np.int32))
    both_raise(lambda tf, n: tf.range(1, 4, n), "InvalidArgumentError", np.array(0, np.int32))


@FORMS
def test_linspace(shapes):
    both(
        lambda tf: [
            tf.linspace(0.0, 1.0, 7),
            tf.linspace(3.0, 1.0, 1),
            tf.linspace(0, 10, 5),
            tf.lin_space(0.0, 9.0, 0),
        ]
    )
    both(lambda tf, x: tf.linspace(x[0, 0], x[1, 1], 4), X, shapes=shapes, grad=True)
    both(lambda tf, x: [tf.linspace(x, x * x, 3), tf.linspace(x, 2 * x, 3, axis=-1)], X, shapes=shapes, static="admits")


@FORMS
def test_one_hot(shapes):
    i = np.array([[0, 2], [-1, 5]], np.int32)
    both(lambda tf, i: tf.one_hot(i, 3), i, shapes=shapes, names=True)
    both(lambda tf, i: [tf.one_hot(i, 3, axis=a) for a in (0, 1, 2)], i, shapes=shapes)
    both(lambda tf, i: [tf.one_hot(i, 3, 5, -1), tf.one_hot(i, 3, dtype=tf.int64)], i, shapes=shapes)
    both(lambda tf, i: [tf.one_hot(i, 3, True, False), tf.one_hot(i, 2, "on", "off")], i, shapes=shapes)
    both(lambda tf, i: tf.one_hot(i, tf.size(i)), i.astype(np.uint8), shapes=shapes)


def test_one_hot_errors():
    both_raise(lambda tf: tf.one_hot([0, 1], 2, on_value=1.0, dtype=tf.int32), TypeError)
    both_raise(lambda tf: tf.one_hot([0, 1], 2, on_value=1.0, off_value=0), TypeError)
    both_raise(lambda tf: tf.one_hot([0.0, 1.0], 2), TypeError)
    both_raise(lambda tf: tf.one_hot([0, 1], [2]), ValueError)


def test_patterns():
    both(lambda tf: [tf.eye(2), tf.eye(2, 3), tf.eye(3, 2, dtype=tf.int32), tf.eye(2, batch_shape=[2, 1])])
    both(lambda tf, n: [tf.eye(n), tf.eye(n, 3)], np.array(2, np.int32), static="admits")
    both(lambda tf: [tf.sequence_mask([1, 3]), tf.sequence_mask([[1, 2], [0, 3]], 4, tf.float32)])
    both(lambda tf, n: tf.sequence_mask([1, 2], n), np.array(3, np.int32), static="admits")
    both(lambda tf, x: tf.meshgrid(x[0], x[1]), X, grad=True)
    both(lambda tf, x: tf.meshgrid(x[0], x[:, 1], [1.0, 2.0], indexing="ij"), X, grad=True)
    both(lambda tf: tf.sparse_to_dense([[0, 1], [2, 0]], [3, 2], [5, 6], -1), names=True)
    both(lambda tf, x: [tf.sparse_to_dense([1, 2], [4], x[0, 0], x[0, 1]), tf.sparse_to_dense(1, [3], x[1, 1])], X)
    both(lambda tf: tf.sparse_to_dense([2, 1], [3], 5.0, validate_indices=False))
    both_raise(lambda tf: tf.sparse_to_dense([2, 1], [3], 5.0), "InvalidArgumentError")
    both_raise(lambda tf: tf.sparse_to_dense([4], [3], 5.0), "InvalidArgumentError")
    both_raise(lambda tf: tf.meshgrid([1.0], indexing="zz"), ValueError)
    both_raise(lambda tf: tf.sequence_mask([1, 2], [3]), ValueError)


def test_placeholder_with_default():
    both(lambda tf, x: tf.placeholder_with_default(x * 2, [None, 3]), X, grad=True, names="outputs")
    both_raise(lambda tf: tf.placeholder_with_default([1, 2], [3]), ValueError)


def test_eagerly():
    both_eager(
        lambda tf, x: [tf.zeros_like(x), tf.range(3), tf.one_hot([0, 1], 3), tf.eye(2, 3), tf.linspace(0.0, 1.0, 5)], X
    )
    both_eager(lambda tf, x: [tf.zeros([2, 3]), tf.ones(2, tf.int32), *tf.meshgrid([1, 2], [3, 4]), tf.fill([2], 7)], X)
