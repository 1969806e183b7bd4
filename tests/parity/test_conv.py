"""ops/conv.py, depthwise.py, pool.py and batch_norm.py against TensorFlow.

TensorFlow on a CPU knows channels-last images only, no groups in gradients, and second derivatives of all but few; the
tests of every op cover the rest.
"""

import numpy as np
import pytest
from parity.harness import REDUCTION, Tolerance, both, both_eager, both_raise

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


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
def test_conv1d(padding):
    f = lambda tf, x, w: tf.nn.conv1d(x, w, 2, padding)
    both(f, normal(2, 7, 3), normal(3, 3, 4), second=True, tolerance=REDUCTION, names=True)
    both(f, normal(2, 7, 3), normal(3, 3, 4), shapes="dims", tolerance=REDUCTION)
    both_eager(lambda tf, x, w: tf.nn.conv1d(x, w, 1, padding, dilations=2), normal(2, 7, 3), normal(3, 3, 4))
    both_raise(lambda tf, x, w: tf.nn.conv1d(x, w, 2, padding, data_format="NHCW"), ValueError, normal(2, 7, 3),
               normal(3, 3, 4))  # fmt: skip


TRANSPOSES = [
    ([2, 6, 8, 3], {"strides": 2}),
    ([2, 5, 7, 3], {"strides": [1, 2, 2, 1]}),
    ([2, 7, 13, 3], {"strides": [2, 3], "padding": "VALID"}),
    ([2, 8, 15, 3], {"strides": [2, 3], "padding": "VALID"}),
]


@pytest.mark.parametrize(("shape", "options"), TRANSPOSES)
def test_conv2d_transpose(shape, options):
    f = lambda tf, x, w: tf.nn.conv2d_transpose(x, w, shape, **options)
    x, w = normal(2, 3, 4, 5), normal(3, 4, 3, 5)
    both(f, x, w, second=True, tolerance=REDUCTION)
    both(f, x, w, names=True, tolerance=REDUCTION)
    both(f, x, w, grad=True, shapes="rank", tolerance=REDUCTION, static="admits")
    both_eager(f, x, w, tolerance=REDUCTION)
    sizes = lambda tf, x, w: tf.nn.conv2d_transpose(x, w, tf.stack([tf.shape(x)[0], *shape[1:]]), **options)
    both(sizes, x, w, shapes="dims", tolerance=REDUCTION, static="admits")


@pytest.mark.parametrize("shape", [[2, 7, 7, 3], [2, 6, 6, 5], [3, 6, 6, 3], [2, 6, 6], None])
def test_conv2d_transpose_refuses(shape):
    f = lambda tf, x, w: tf.nn.conv2d_transpose(x, w, shape, 2)
    both_raise(f, None, normal(2, 3, 3, 4), normal(2, 2, 3, 4))
    if shape:
        both_raise(f, None, normal(2, 3, 3, 4), normal(2, 2, 3, 4), shapes="rank")
    both_raise(lambda tf, x, w: tf.nn.conv2d_transpose(x, w, [2, 6, 6, 3], 2), ValueError, normal(2, 3, 3, 4),
               normal(2, 2, 3, 5))  # fmt: skip


def test_generic_forms():
    x, w = normal(2, 7, 6, 3), normal(3, 2, 3, 4)
    both(lambda tf, x, w: tf.nn.convolution(x, w, "SAME", strides=[2, 2]), x, w, names=True, tolerance=REDUCTION)
    for padding in ("SAME", "VALID"):
        both(lambda tf, x, w, p=padding: tf.nn.atrous_conv2d(x, w, 2, p), x, w, grad=True, tolerance=REDUCTION)
        both(lambda tf, x, w, p=padding: tf.nn.convolution(x, w, p), normal(2, 7, 3), normal(3, 3, 4), grad=True,
             names=True, tolerance=REDUCTION)  # fmt: skip
    both_eager(lambda tf, x, w: tf.nn.convolution(x, w, 2, "SAME"), x, w, tolerance=REDUCTION)
    both_raise(lambda tf, x, w: tf.nn.convolution(x, w, "SAME", [2, 2], [2, 2]), ValueError, x, w)


DEPTHWISE = [
    {"strides": [1, 1, 1, 1], "padding": "SAME"},
    {"strides": [1, 2, 2, 1], "padding": "VALID"},
    {"strides": [1, 1, 1, 1], "padding": "SAME", "rate": [2, 3]},
    {"strides": [1, 2, 2, 1], "padding": [[0, 0], [1, 2], [0, 2], [0, 0]]},
]


@pytest.mark.parametrize("options", DEPTHWISE)
def test_depthwise_conv2d(options):
    f = lambda tf, x, w: tf.nn.depthwise_conv2d(x, w, **options)
    x, w = normal(2, 7, 6, 3), normal(3, 2, 3, 2)
    both(f, x, w, second=True, tolerance=REDUCTION)
    names = "outputs" if "rate" not in options else False  # TensorFlow moves the holes into the batch
    if names:
        both(f, x, w, tolerance=REDUCTION, names=names, shapes="dims", static="admits")
    g = lambda tf, x, w, mix: tf.nn.separable_conv2d(x, w, mix, **options)
    both(g, x, w, normal(1, 1, 6, 4), grad=True, tolerance=REDUCTION, names=names)


def test_depthwise_refuses():
    f = lambda tf, x, w: tf.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], "SAME")
    for x, w in (((2, 5, 5, 3), (3, 3, 4, 2)), ((2, 5, 5), (3, 3, 4, 2)), ((2, 5, 5, 3), (3, 3, 4))):
        both_raise(f, None, normal(*x), normal(*w))
        both_raise(f, None, normal(*x), normal(*w), shapes="rank", moment=False)
    g = lambda tf, x, w, mix: tf.nn.separable_conv2d(x, w, mix, [1, 1, 1, 1], "SAME")
    both_raise(g, ValueError, normal(2, 5, 5, 3), normal(3, 3, 3, 2), normal(1, 1, 5, 4))
    both_raise(g, ValueError, normal(2, 5, 5, 3), normal(3, 3, 3, 2), normal(2, 1, 6, 4))


# Pooling

POOLS = [
    {"ksize": 2, "strides": 2, "padding": "VALID"},
    {"ksize": 2, "strides": 2, "padding": "SAME"},
    {"ksize": [1, 3, 2, 1], "strides": [1, 1, 1, 1], "padding": "SAME"},
    {"ksize": 3, "strides": 2, "padding": "SAME"},
    {"ksize": [2, 4], "strides": [3, 1], "padding": "VALID"},
]


@pytest.mark.parametrize("name", ["max_pool", "avg_pool", "max_pool2d", "avg_pool2d"])
@pytest.mark.parametrize("layout", POOLS)
def test_pools(name, layout):
    def f(tf, x):
        return getattr(tf.nn, name)(x, **layout)

    x = normal(2, 7, 6, 3)
    both(f, x, second=True, names=True)
    both(f, x, grad=True, shapes="dims")
    both(f, x, grad=True, shapes="rank", static="admits")
    both(f, np.float64(x))
    both_eager(f, x)


@pytest.mark.parametrize("layout", POOLS)
def test_ties(layout):
    """The first of several maxima takes the gradient."""
    x = RNG.integers(0, 3, (3, 7, 6, 2)).astype(np.float32)
    both(lambda tf, x: tf.nn.max_pool(x, **layout), x, second=True)


def test_pools_of_other_types():
    for dtype in (np.int32, np.int64, np.uint8, np.int8, np.float16):
        both(lambda tf, x: tf.nn.max_pool(x, 2, 1, "SAME"), RNG.integers(0, 99, (1, 4, 4, 2)).astype(dtype))
    both(lambda tf, x: tf.nn.avg_pool(x, 2, 1, "SAME"), normal(1, 4, 4, 2, dtype=np.float16), grad=True)
    both_raise(lambda tf, x: tf.nn.avg_pool(x, 2, 1, "SAME"), TypeError, np.ones((1, 4, 4, 1), np.int32))
    both_raise(lambda tf, x: tf.nn.max_pool(x, 2, 1, "SAME"), TypeError, np.ones((1, 4, 4, 1), np.uint32))


def test_explicit_padding_of_a_maximum():
    pads = [[0, 0], [2, 1], [0, 2], [0, 0]]
    both(lambda tf, x: tf.nn.max_pool(x, 3, 2, pads), normal(2, 5, 6, 2), grad=True)


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("padding", ["SAME", "VALID"])
def test_argmax(batch, padding):
    def f(tf, x):
        return list(tf.nn.max_pool_with_argmax(x, [1, 2, 2, 1], [1, 2, 2, 1], padding, include_batch_in_index=batch))

    both(f, normal(2, 5, 4, 3), grad=True)
    both(f, RNG.integers(0, 3, (2, 5, 4, 3)).astype(np.float32))


@pytest.mark.parametrize("name", ["max_pool1d", "avg_pool1d"])
def test_pools_of_sequences(name):
    both(lambda tf, x: getattr(tf.nn, name)(x, 3, 2, "SAME"), normal(2, 7, 3), grad=True, names="outputs")
    both_eager(lambda tf, x: getattr(tf.nn, name[:-2])(x, 3, 2, "VALID"), normal(2, 7, 3))


@pytest.mark.parametrize("name", ["max_pool_v2", "avg_pool_v2"])
def test_second_forms_of_pools(name):
    both(lambda tf, x: getattr(tf.nn, name)(x, 3, 2, "SAME"), normal(2, 7, 6, 3), names="outputs")
    both_raise(lambda tf, x: getattr(tf.nn, name)(x, 3, 2, "SAME"), ValueError, normal(2, 7))


WRONG_POOLS = {
    "rank": ((2, 5, 1), {}),
    "too small": ((1, 2, 2, 1), {"ksize": 5, "padding": "VALID", "strides": 1}),
    "word": ((1, 4, 4, 1), {"padding": "same"}),
    "three sizes": ((1, 4, 4, 1), {"ksize": [1, 1, 1]}),
    "window of 0": ((1, 4, 4, 1), {"ksize": 0}),
    "stride of 0": ((1, 4, 4, 1), {"strides": 0}),
    "batch": ((2, 4, 4, 1), {"ksize": [2, 1, 1, 1]}),
}


@pytest.mark.parametrize("name", ["max_pool", "avg_pool"])
@pytest.mark.parametrize("case", WRONG_POOLS)
def test_pools_refuse(name, case):
    shape, options = WRONG_POOLS[case]

    def f(tf, x):
        return getattr(tf.nn, name)(x, **{"ksize": 2, "strides": 2, "padding": "SAME", **options})

    theirs, mine = both_raise(f, None, normal(*shape))
    if type(theirs) is ValueError:
        assert str(mine).split(" for '")[0].rstrip(".") == str(theirs).split(" for '")[0].rstrip(".")
    both_raise(f, None, normal(*shape), shapes="rank")


# Batch normalization


def vectors(n, dtype=np.float32):
    return [RNG.uniform(0.5, 1.5, n).astype(dtype) for _ in range(4)]


def test_fused_batch_norm():
    f = lambda tf, x, a, b: list(tf.nn.fused_batch_norm(x, a, b))
    only = lambda tf, x, a, b: tf.nn.fused_batch_norm(x, a, b)[0]
    x, (a, b, *_) = normal(3, 4, 5, 2), vectors(2)
    both(f, x, a, b, tolerance=REDUCTION, names=True)
    both(only, x, a, b, second=True, tolerance=Tolerance(2e-5, 2e-5))
    both(f, x, a, b, grad=True, tolerance=REDUCTION, shapes="dims")
    both(f, x, a, b, grad=True, tolerance=REDUCTION, shapes="rank", static="admits")
    both(only, x.astype(np.float16), a, b, grad=True)
    both(lambda tf, x, a, b: list(tf.nn.fused_batch_norm(x, a, b, epsilon=0.0)), x * 1e-2, a, b, tolerance=REDUCTION)
    both(f, x[:1, :1, :1], a, b, tolerance=REDUCTION)
    both(f, x[:0], a, b)


def test_fused_batch_norm_of_given_moments():
    def f(tf, x, *given):
        return tf.nn.fused_batch_norm(x, *given, is_training=False)[0]

    both(f, normal(3, 4, 5, 2), *vectors(2), second=True, tolerance=REDUCTION)
    for factor in (1.0, 0.25, 0.0):
        both(
            lambda tf, x, *given, f=factor: list(tf.nn.fused_batch_norm(x, *given, exponential_avg_factor=f)),
            normal(3, 4, 5, 2), *vectors(2), tolerance=REDUCTION,
        )  # fmt: skip


def test_fused_batch_norm_refuses():
    x, (a, b, *_) = normal(3, 4, 5, 2), vectors(2)
    f = lambda tf, x, a, b: list(tf.nn.fused_batch_norm(x, a, b))
    for bad in ((x, vectors(3)[0], b), (x, a, vectors(3)[0]), (x[0], a, b), (x, a[:, None], b)):
        both_raise(f, None, *bad)
        both_raise(f, None, *bad, shapes="rank")
    both_raise(lambda tf, x, a, b: tf.nn.fused_batch_norm(x, a, b, is_training=False), ValueError, x, a, b)
    both_raise(lambda tf, x, a, b: tf.nn.fused_batch_norm(x, a, b, data_format="NWHC"), ValueError, x, a, b)
