"""ops/conv.py, depthwise.py, pool.py and batch_norm.py against TensorFlow.

TensorFlow on a CPU knows channels-last images only, no groups in gradients, and second derivatives of all but few; the
tests of every op cover the rest.
"""

import numpy as np
import pytest
from parity.harness import REDUCTION, both, both_eager, both_raise

RNG = np.random.default_rng(17)


def normal(*shape, dtype=np.float32):
    return np.asarray(RNG.normal(size=shape), dtype)


# Convolutions

LAYOUTS = [
    {"strides": 1, "padding": "SAME"},
    {"strides": 1, "padding": "VALID"},
    {"strides": [2, 1], "padding": "SAME"},
    {"strides": [1, 2, 3, 1], "padding": "VALID"},
    {"strides": [1, 1, 1, 1], "padding": "SAME", "dilations": [1, 2, 1, 1]},
    {"strides": 2, "padding": "VALID", "dilations": 2},
    {"strides": 2, "padding": [[0, 0], [1, 2], [0, 3], [0, 0]]},
]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("cells", [(1, 1), (3, 2), (2, 4)])
def test_conv2d(layout, cells):
    def f(tf, x, w):
        return tf.nn.conv2d(x, w, **layout)

    x, w = normal(2, 7, 8, 3), normal(*cells, 3, 4)
    grad = "dilations" not in layout  # TensorFlow cannot on a CPU
    both(f, x, w, second=grad, tolerance=REDUCTION)
    both(f, x, w, grad=grad, tolerance=REDUCTION, shapes="dims")
    both(f, x, w, grad=grad, tolerance=REDUCTION, shapes="rank", static="admits")
    both_eager(lambda tf, x, w: tf.nn.conv2d(x, w, **layout), x, w, tolerance=REDUCTION)


@pytest.mark.parametrize("dtype", [np.float64, np.float16])
def test_types(dtype):
    x, w = normal(1, 5, 5, 2, dtype=dtype), normal(3, 3, 2, 2, dtype=dtype)
    both(lambda tf, x, w: tf.nn.conv2d(x, w, 1, "SAME"), x, w, second=True)


def test_conv2d_of_integers():
    x, w = RNG.integers(-9, 9, (1, 5, 5, 2), np.int32), RNG.integers(-9, 9, (3, 3, 2, 2), np.int32)
    both(lambda tf, x, w: tf.nn.conv2d(x, w, 2, "SAME"), x, w)
    both_raise(lambda tf, x, w: tf.nn.conv2d(x, w, 2, "SAME"), TypeError, np.int64(x), np.int64(w))


def test_conv2d_edges():
    f = lambda tf, x, w: tf.nn.conv2d(x, w, 1, "SAME")
    both(f, normal(0, 3, 3, 2), normal(2, 2, 2, 3), grad=True)
    both(f, normal(1, 4, 4, 4), normal(2, 2, 2, 6), tolerance=REDUCTION)  # groups
    both(lambda tf, x, w: tf.nn.conv2d(x, w, 1, "VALID"), normal(1, 4, 4, 1), normal(5, 5, 1, 1), shapes="rank",
         static="admits")  # fmt: skip
    both(f, normal(2, 2, 3, 3, 1), normal(2, 2, 1, 2), names="outputs", grad=True, tolerance=REDUCTION)
    both(lambda tf, x, w: tf.nn.conv2d(x, filters=w, padding="SAME", data_format=None), normal(1, 3, 3, 1),
         normal(1, 1, 1, 2), tolerance=REDUCTION)  # fmt: skip


def test_conv2d_static_shapes():
    def f(tf):
        x, w, n = tf.placeholder(tf.float32, [None, 7, 8, 3]), tf.zeros([3, 3, 3, 4]), tf.placeholder(tf.float32)
        found = []
        for padding in ("SAME", "VALID"):
            for a, b in ((x, w), (x, n), (n, w), (n, n), (tf.placeholder(tf.float32, [None, None, 5, 3]), w)):
                y = tf.nn.conv2d(a, b, [1, 2, 3, 1], padding)
                found.append(y.shape.as_list())
        return found

    both(f)


def test_conv2d_names():
    both(lambda tf, x: tf.nn.conv2d(x, np.ones((1, 1, 2, 3), np.float32), 1, "SAME"), normal(1, 2, 2, 2), names=True)
    both(lambda tf, x, w: tf.nn.conv2d(x, w, 1, "SAME", name="c"), normal(1, 2, 2, 2), normal(1, 1, 2, 2), names=True)


WRONG = {
    "rank of the image": ((5, 5, 1), (3, 3, 1, 1), {}),
    "rank of the filter": ((1, 5, 5, 1), (3, 3, 1), {}),
    "depth": ((1, 5, 5, 3), (3, 3, 2, 1), {}),
    "groups": ((1, 5, 5, 4), (3, 3, 2, 5), {}),
    "too small": ((1, 3, 3, 1), (5, 5, 1, 1), {"padding": "VALID"}),
    "word": ((1, 3, 3, 1), (1, 1, 1, 1), {"padding": "same"}),
    "EXPLICIT": ((1, 3, 3, 1), (1, 1, 1, 1), {"padding": "EXPLICIT"}),
    "three pairs": ((1, 3, 3, 1), (1, 1, 1, 1), {"padding": [[0, 0]] * 3}),
    "no pairs": ((1, 3, 3, 1), (1, 1, 1, 1), {"padding": [1] * 4}),
    "padded batch": ((1, 3, 3, 1), (1, 1, 1, 1), {"padding": [[1, 1]] * 4}),
    "negative padding": ((1, 3, 3, 1), (1, 1, 1, 1), {"padding": [[0, 0], [-1, 0], [0, 0], [0, 0]]}),
    "stride of 0": ((1, 3, 3, 1), (1, 1, 1, 1), {"strides": 0}),
    "batch stride": ((2, 3, 3, 1), (1, 1, 1, 1), {"strides": [2, 1, 1, 1]}),
    "channel stride": ((2, 3, 3, 1), (1, 1, 1, 1), {"strides": [1, 1, 1, 2]}),
    "three strides": ((1, 3, 3, 1), (1, 1, 1, 1), {"strides": [1, 1, 1]}),
    "dilation of 0": ((1, 3, 3, 1), (1, 1, 1, 1), {"dilations": [1, 0, 1, 1]}),
    "batch dilation": ((1, 3, 3, 1), (1, 1, 1, 1), {"dilations": [2, 1, 1, 1]}),
    "format": ((1, 3, 3, 1), (1, 1, 1, 1), {"data_format": "NWHC"}),
}


@pytest.mark.parametrize("case", WRONG)
def test_conv2d_refuses(case):
    x, w, options = WRONG[case]

    def f(tf, x, w):
        return tf.nn.conv2d(x, w, **{"strides": 1, "padding": "SAME", **options})

    theirs, mine = both_raise(f, None, normal(*x), normal(*w))
    if type(theirs) is ValueError:
        assert str(mine).split(" for '")[0].rstrip(".") == str(theirs).split(" for '")[0].rstrip(".")
    both_raise(f, None, normal(*x), normal(*w), shapes="rank")
    both_raise(f, None, normal(*x), normal(*w), eager=True)
