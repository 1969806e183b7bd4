"""ops/sort.py and ops/diag.py against TensorFlow."""

import numpy as np
import pytest
from parity.harness import both, both_eager, both_raise

X = np.array([[3.0, 1.0, 3.5, -2.0], [0.5, 7.0, -1.0, 2.0], [9.0, -4.0, 5.0, 1.5]], np.float32)
TIES = np.array([[3, 1, 3, 2], [-(2**31), 0, 0, 7]], np.int32)
FORMS = pytest.mark.parametrize("shapes", ["known", "dims", "rank"])


@FORMS
def test_sort(shapes):
    both(lambda tf, x: [tf.sort(x), tf.sort(x, 0), tf.sort(x, direction="DESCENDING")], X, shapes=shapes, grad=True)
    both(lambda tf, x: [tf.argsort(x), tf.argsort(x, 0), tf.argsort(x, direction="DESCENDING")], TIES, shapes=shapes)
    both(lambda tf, x: tf.sort(x), TIES, shapes=shapes)
    both(lambda tf, x: tf.argsort(x), np.array([1, 0, 255], np.uint8), shapes=shapes)


@FORMS
def test_top_k(shapes):
    both(lambda tf, x: tf.nn.top_k(x, 2)._asdict(), X, shapes=shapes, second=True, names=True)
    both(lambda tf, x: tf.nn.top_k(x, 3), TIES, shapes=shapes)
    both(lambda tf, x, k: tf.nn.top_k(x, k), X, np.array(4, np.int32), shapes=shapes, grad=True)
    both(lambda tf, x: tf.nn.top_k(x), X, shapes=shapes)


def test_errors():
    both_raise(lambda tf, x: tf.nn.top_k(x, 6), ValueError, X)
    both_raise(lambda tf, x: tf.nn.top_k(x, -1), ValueError, X)
    both_raise(lambda tf: tf.nn.top_k(1.0), ValueError)
    both_raise(lambda tf, x: tf.nn.top_k(x, 6), "InvalidArgumentError", X, shapes="rank")
    both_raise(lambda tf, x: tf.sort(x, direction="UP"), ValueError, X)
    both_raise(lambda tf, x: tf.sort(x, axis=3), ValueError, X)
    both_raise(lambda tf: tf.sort(["b", "a"]), TypeError)
    both_raise(lambda tf: tf.diag(1.0), ValueError)
    both_raise(lambda tf, x: tf.diag_part(x), ValueError, X)
    both_raise(lambda tf, x: tf.matrix_band_part(x, 5, 1), "InvalidArgumentError", X)
    both_raise(lambda tf, x: tf.matrix_set_diag(x, [1.0, 2.0]), "InvalidArgumentError", X, shapes="rank")


@FORMS
def test_diag(shapes):
    both(lambda tf, x: tf.diag(x), X, shapes=shapes, second=True, names=True)
    both(lambda tf, x: tf.diag_part(tf.reshape(x, [2, 2, 2, 2]) ** 2), np.arange(16.0), shapes=shapes, grad=True)


@FORMS
def test_matrix_diag(shapes):
    cube = np.arange(24.0).reshape(2, 3, 4)
    both(lambda tf, x: tf.matrix_diag(x), X, shapes=shapes, second=True, names=True)
    both(lambda tf, x: tf.matrix_diag_part(x), cube, shapes=shapes, second=True, names=True)
    both(lambda tf, x, d: tf.matrix_set_diag(x, d), cube, cube[..., 0], shapes=shapes, second=True, names=True)
    both(lambda tf, x: tf.matrix_diag(x, k=1), X, shapes=shapes, static="admits")  # TensorFlow: 0 for unknown sizes
    both(lambda tf, x: tf.matrix_diag(x, k=-2, num_cols=5, padding_value=9.0), X, shapes=shapes, static="admits")
    form = "known" if shapes == "dims" else shapes  # TensorFlow's own bands go wrong where sizes are unknown
    for align in ("LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT"):
        band = {"k": (-1, 2), "align": align}
        both(lambda tf, x, band=band: tf.matrix_diag_part(x, padding_value=-9.0, **band), cube, shapes=form, grad=True)
        both(
            lambda tf, x, band=band: tf.matrix_diag(x, num_cols=4, **band),
            cube.reshape(2, 4, 3),
            shapes=form,
            grad=True,
        )
        both(
            lambda tf, x, d, band=band: tf.matrix_set_diag(x, d, **band), cube, cube.reshape(2, 4, 3) - 9,
            shapes=form, grad=True,
        )  # fmt: skip
    for lower, upper in ((-1, 0), (1, 1), (0, -1)):
        both(lambda tf, x, a=lower, b=upper: tf.matrix_band_part(x, a, b), cube, shapes=shapes, second=True, names=True)


def test_eagerly():
    both_eager(lambda tf, x: [tf.sort(x), *tf.nn.top_k(x, 2), tf.argsort(x)], X)
