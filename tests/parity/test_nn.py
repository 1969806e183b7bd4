"""ops/nn.py, losses.py, normalize.py, embedding.py and their TensorFlow 1 forms, against TensorFlow."""

import numpy as np
import pytest
from parity.harness import EXACT, REDUCTION, both, both_eager, both_raise, ours, tensorflow

RNG = np.random.default_rng(5)


def normal(*shape, dtype=np.float32):
    return np.asarray(RNG.normal(size=shape) * 2, dtype)


EDGES = np.array([-np.inf, -1000, -90, -10, -1, -1e-3, -0.0, 0, 1e-3, 1, 6, 10, 90, 1000, np.inf, np.nan])
ACTIVATIONS = [
    "relu",
    "relu6",
    "elu",
    "selu",
    "leaky_relu",
    "softplus",
    "softsign",
    "sigmoid",
    "tanh",
    "crelu",
    "swish",
]


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_activations(name, dtype):
    both(lambda tf, x: getattr(tf.nn, name)(x), EDGES.astype(dtype))
    finite = EDGES[np.abs(EDGES) <= 1000].astype(dtype)
    both(lambda tf, x: getattr(tf.nn, name)(x), finite, grad=True)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_second_derivatives_of_activations(name):
    x = normal(3, 4)
    both(lambda tf, x: getattr(tf.nn, name)(x), x, second=name != "softsign", tolerance=REDUCTION)
    both(lambda tf, x: getattr(tf.nn, name)(x), x, shapes="dims")
    both(lambda tf, x: getattr(tf.nn, name)(x), x, shapes="rank", grad=name != "crelu", static="admits")
    both_eager(lambda tf, x: getattr(tf.nn, name)(x), x)


@pytest.mark.parametrize("name", ["relu", "relu6", "elu", "selu", "leaky_relu", "softplus", "softsign", "crelu"])
def test_names_of_activations(name):
    both(lambda tf, x: getattr(tf.nn, name)(x), normal(3, 4), names=True)


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_activations_of_complex_numbers(name):
    def gradient(tf, x):
        y = getattr(tf.nn, name)(x)
        return y, tf.gradients(y, x, tf.complex(tf.ones(y.shape), 2.0 * tf.ones(y.shape)))[0]

    both(gradient, (normal(3, 4) + 1j * normal(3, 4)).astype(np.complex64), tolerance=REDUCTION)


def test_more_activations():
    x = normal(3, 4)
    both(lambda tf, x: tf.log_sigmoid(x), EDGES.astype(np.float32), names=True)
    both(lambda tf, x: tf.nn.leaky_relu(x, alpha=0.01), x, grad=True)
    both(lambda tf, x: tf.nn.leaky_relu(x, 1.5), x, grad=True)
    both(lambda tf: tf.nn.leaky_relu(tf.constant([1, -2, -10]), alpha=0.5))
    both(lambda tf, x: tf.nn.relu(x), np.array([[-3, 0, 5]], np.int32))
    both(lambda tf, x: tf.nn.swish(x, 2.0), x, second=True, tolerance=REDUCTION)
    both(lambda tf, x: tf.sigmoid(x), (x + 1j * x[::-1]).astype(np.complex64), tolerance=REDUCTION)
    for approximate in (False, True):
        both_eager(lambda tf, x, a=approximate: tf.nn.gelu(x, approximate=a), x, tolerance=REDUCTION)
    both_raise(lambda tf: tf.nn.softmax([1, 2]), TypeError)
    both_raise(lambda tf: tf.nn.sigmoid(tf.constant([1, 2])), TypeError)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax(name):
    f = lambda tf, x: getattr(tf.nn, name)(x)
    both(f, normal(3, 4), second=True, tolerance=REDUCTION, names=True)
    both(f, normal(3, 4, dtype=np.float64), second=True)
    both(f, normal(2, 40), grad=True, tolerance=REDUCTION)
    both(f, normal(2, 3, 4), grad=True, tolerance=REDUCTION)
    both(f, normal(4), grad=True, shapes="dims")
    both(f, normal(3, 4), shapes="rank")
    both(f, np.float32([[0, -np.inf], [np.inf, 0], [-np.inf, -np.inf], [np.nan, 0], [1000, -1000]]))
    both(f, np.zeros((0, 3), np.float32))
    both(f, np.zeros((3, 0), np.float32))
    for axis in (0, 1, -2):
        both(lambda tf, x, a=axis: getattr(tf.nn, name)(x, axis=a), normal(3, 4, 2), grad=True, tolerance=REDUCTION)
    both(lambda tf, x: getattr(tf.nn, name)(x, dim=0), normal(3, 4), grad=True)
    both_raise(lambda tf, x: getattr(tf.nn, name)(x, axis=2), None, normal(3, 4))
    both_raise(lambda tf, x: getattr(tf.nn, name)(x, axis=0, dim=0), ValueError, normal(3, 4))
    both_raise(lambda tf, x: getattr(tf.nn, name)(x), ValueError, normal())
    both_raise(lambda tf, x: getattr(tf.nn, name)(x), None, normal(), shapes="rank")


def distribution(*shape):
    p = RNG.uniform(0.1, 1, shape).astype(np.float32)
    return p / p.sum(-1, keepdims=True)


def test_dense_cross_entropy():
    f = lambda tf, y, x: tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=x)
    for shape in ((3, 4), (4,), (2, 3, 4), (5, 100)):
        both(f, distribution(*shape), normal(*shape), grad=True, tolerance=REDUCTION)
        both(f, distribution(*shape), normal(*shape), grad=True, tolerance=REDUCTION, shapes="dims")
    both(f, distribution(3, 4), normal(3, 4), grad=True, tolerance=REDUCTION, shapes="rank", static="admits")
    both(f, distribution(3, 4), normal(3, 4) * 500, grad=True, tolerance=REDUCTION)
    both(f, distribution(3, 4).astype(np.float64), normal(3, 4, dtype=np.float64), grad=True)
    both(f, np.float32([[1, 0], [0, 1], [1, 0]]), np.float32([[0, -np.inf], [0, -np.inf], [np.inf, 0]]))
    both(f, np.ones((2, 3), np.float32), normal(2, 3), grad=True)  # labels that sum to 3
    both(f, np.array([[0, 1, 0]], np.int32), normal(1, 3), grad=True)
    both(f, np.array([[0, 1, 0]], np.float64), normal(1, 3))
    both(f, distribution(1, 3), normal(2, 3))
    both(f, np.zeros((3, 0), np.float32), np.zeros((3, 0), np.float32))
    for axis in (0, 1):
        g = lambda tf, y, x, a=axis: tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=x, axis=a)
        both(g, distribution(3, 4, 2), normal(3, 4, 2), grad=True, tolerance=REDUCTION)
    both_raise(f, ValueError, distribution(2, 3), normal(2, 4))
    both_raise(f, None, distribution(2, 3), normal(2, 4), shapes="rank")


def test_second_derivative_of_dense_cross_entropy():
    labels = distribution(3, 4)
    f = lambda tf, x: tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=x)
    both(f, normal(3, 4), second=True, tolerance=REDUCTION)


def test_cross_entropy_of_tensorflow_1():
    f = lambda tf, y, x: tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=x)
    both(f, distribution(3, 4), normal(3, 4), grad=True, tolerance=REDUCTION)  # nothing flows to the labels
    both(
        lambda tf, y, x: tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=x, dim=0), normal(3, 4), normal(3, 4)
    )
    with pytest.raises(ValueError, match="named arguments"):
        ours().nn.softmax_cross_entropy_with_logits([[1.0]], [[1.0]])
    both_raise(lambda tf, x: tf.nn.softmax_cross_entropy_with_logits(labels=x), ValueError, normal(2, 3))


@pytest.mark.parametrize("kind", [np.int32, np.int64])
def test_sparse_cross_entropy(kind):
    f = lambda tf, y, x: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=x)
    for shape in ((3, 4), (4,), (2, 3, 4), (5, 100)):
        labels = RNG.integers(0, shape[-1], shape[:-1]).astype(kind)
        both(f, labels, normal(*shape), second=True, tolerance=REDUCTION)
        both(f, labels, normal(*shape), grad=True, tolerance=REDUCTION, shapes="dims")
    both(f, kind([0, 1]), normal(2, 3), names="outputs")
    both(f, kind([0, 1]), normal(2, 3), shapes="rank", static="admits")
    both(f, np.zeros(0, kind), np.zeros((0, 3), np.float32))


def test_errors_of_sparse_cross_entropy():
    f = lambda tf, y, x: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=x)
    for labels in ([0, 3], [-1, 0]):
        theirs, mine = both_raise(f, None, np.int32(labels), normal(2, 3))
        sentence = "which is outside the valid range of [0, 3).  Label values: "
        assert sentence in theirs.message
        assert sentence in mine.message
    both_raise(f, ValueError, np.int32([[0, 1]]), normal(2, 3))
    both_raise(f, ValueError, np.int32([0, 1, 2]), normal(2, 3))
    both_raise(f, TypeError, normal(2), normal(2, 3))
    both_raise(f, ValueError, np.int32(0), normal())
    both_raise(f, None, np.int32([0, 1, 2]), normal(2, 3), shapes="rank")
    both_raise(f, None, np.int32([0, 1]), np.zeros((2, 0), np.float32))


def test_sigmoid_cross_entropy():
    f = lambda tf, y, x: tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=x)
    labels = RNG.uniform(size=(3, 4)).astype(np.float32)
    both(f, labels, normal(3, 4), second=True, tolerance=REDUCTION)
    x = np.float32([-1000, -1, -0.0, 0, 1, 1000])
    both(f, np.float32([0, 1, 0.5, 0.25, 0, 1]), x, grad=True, tolerance=REDUCTION)
    both(f, labels, normal(3, 4), grad=True, shapes="dims", tolerance=REDUCTION)
    both_raise(f, ValueError, normal(4), normal(3, 4))
    both_raise(lambda tf, x: tf.nn.sigmoid_cross_entropy_with_logits(logits=x), ValueError, normal(3))


def test_other_losses():
    labels = RNG.uniform(size=(3, 4)).astype(np.float32)
    x = np.append(normal(3, 3), np.zeros((3, 1), np.float32), 1)
    f = lambda tf, y, x: tf.nn.weighted_cross_entropy_with_logits(labels=y, logits=x, pos_weight=2.5)
    both(f, labels, x, grad=True, tolerance=REDUCTION)
    both(lambda tf, y, x: tf.nn.weighted_cross_entropy_with_logits(targets=y, logits=x, pos_weight=2.0), labels, x)
    for full in (False, True):
        g = lambda tf, y, c, full=full: tf.nn.log_poisson_loss(y, c, compute_full_loss=full)
        both(g, labels * 5 + 0.1, normal(3, 4), grad=True, tolerance=REDUCTION)
    both(lambda tf, x: tf.nn.l2_loss(x), x, second=True, tolerance=REDUCTION, names=True)


def test_bias_add():
    f = lambda tf, x, b: tf.nn.bias_add(x, b)
    both(f, normal(4, 3), normal(3), second=True, names=True, tolerance=REDUCTION)
    both(f, normal(2, 4, 3), normal(3), grad=True, shapes="dims", tolerance=REDUCTION)
    both(f, normal(2, 4, 5, 3), normal(3), grad=True, shapes="rank", static="admits", tolerance=REDUCTION)
    for layout, shape in (("NHWC", (2, 4, 5, 3)), ("NCHW", (2, 3, 4, 5)), ("NCW", (2, 3, 4)), ("NWC", (2, 4, 3))):
        g = lambda tf, x, b, layout=layout: tf.nn.bias_add(x, b, data_format=layout)
        if layout[1] == "C":
            both(g, normal(*shape), normal(3), tolerance=REDUCTION)
        else:
            both(g, normal(*shape), normal(3), grad=True, tolerance=REDUCTION)
    both(f, np.int32([[1, 2]]), np.int32([3, 4]))
    for shape in ((2,), (3, 1)):
        both_raise(f, ValueError, normal(4, 3), normal(*shape))
        both_raise(f, None, normal(4, 3), normal(*shape), shapes="rank")
    both_raise(f, ValueError, normal(3), normal(3))
    both_raise(lambda tf, x, b: tf.nn.bias_add(x, b, data_format="XX"), ValueError, normal(4, 3), normal(3))
    both(lambda tf, x, w, b: tf.nn.xw_plus_b(x, w, b), normal(2, 3), normal(3, 2), normal(2), names=True,
         tolerance=REDUCTION)  # fmt: skip
    both(lambda tf, x, w, b: tf.nn.relu_layer(x, w, b), normal(2, 3), normal(3, 2), normal(2), names=True,
         grad=True, tolerance=REDUCTION)  # fmt: skip


def test_dropout():
    x = normal(20, 30)
    both(lambda tf, x: tf.nn.dropout(x, 0.7, seed=3), x, seed=1, runs=3, names=True, tolerance=EXACT)
    both(lambda tf, x: tf.nn.dropout(x, rate=0.3, seed=3), x, seed=1, shapes="dims", tolerance=EXACT)
    both(lambda tf, x: tf.nn.dropout(x, rate=0.3, seed=3), x, shapes="rank", static=True, tolerance=EXACT)
    both(lambda tf, x: tf.nn.dropout(x, rate=0.3, noise_shape=[20, 1], seed=3), x, tolerance=EXACT)
    both(lambda tf, x: tf.nn.dropout(x, rate=0.3, noise_shape=[None, 1], seed=3), x, tolerance=EXACT)
    both(lambda tf, x, r: tf.nn.dropout(x, rate=r, seed=3), x, np.float32(0.25), tolerance=EXACT)
    both(lambda tf, x, k: tf.nn.dropout(x, k, seed=3), x, np.float32(0.25), tolerance=EXACT)
    both(lambda tf, x: tf.nn.dropout(x, rate=0.3, seed=3), normal(5, dtype=np.float64), tolerance=EXACT)
    both(lambda tf, x: tf.nn.dropout(x, keep_prob=1.0), x, names=True)
    both(lambda tf, x: tf.nn.dropout(tf.nn.dropout(x, rate=0.1), rate=0.2), x, seed=7, tolerance=EXACT)
    # The gradient goes where the same draw let the value through.
    both(lambda tf, x: tf.gradients(tf.reduce_sum(tf.nn.dropout(x, rate=0.3, seed=3) * 2.0), x)[0], x, tolerance=EXACT)
    for options in ({"rate": 1.0}, {"keep_prob": 0.0}, {}, {"keep_prob": 0.5, "rate": 0.3}, {"rate": -0.1}):
        both_raise(lambda tf, x, o=options: tf.nn.dropout(x, **o), ValueError, x)
    both_raise(lambda tf: tf.nn.dropout(tf.constant([1, 2]), rate=0.3), ValueError)


def test_zero_fraction():
    both(lambda tf, x: tf.nn.zero_fraction(x), np.float32([[0, 1, 0], [2, 0, -0.0]]))
    both(lambda tf, x: tf.nn.zero_fraction(x), np.int32([[0, 1, 0]]), shapes="rank")


def test_moments():
    x = normal(4, 3, 2)
    for axes in ([0], [0, 1], [-1], [0, 1, 2]):
        both(lambda tf, x, a=axes: tf.nn.moments(x, a), x, second=True, tolerance=REDUCTION, names=True)
        both(lambda tf, x, a=axes: tf.nn.moments(x, a, keep_dims=True), x, grad=True, tolerance=REDUCTION)
        both(lambda tf, x, a=axes: tf.nn.moments(x, a), x, shapes="dims", tolerance=REDUCTION)
    both(lambda tf, x: tf.nn.moments(x, [0]), x.astype(np.float16))
    w = RNG.uniform(0.5, 1.5, (4, 1, 1)).astype(np.float32)
    both(lambda tf, x, w: tf.nn.weighted_moments(x, [0], w), x, w, grad=True, tolerance=REDUCTION)
    both(lambda tf, x, w: tf.nn.weighted_moments(x, [0, 2], w, keepdims=True), x, w, tolerance=REDUCTION)
    for shift in (None, 0.5):
        f = lambda tf, x, s=shift: tf.nn.sufficient_statistics(x, [0, -1], shift=s)[:3]
        both(f, x, tolerance=REDUCTION)
        both(f, x, shapes="dims", tolerance=REDUCTION)
        g = lambda tf, x, s=shift: tf.nn.normalize_moments(*tf.nn.sufficient_statistics(x, [0], shift=s))
        both(g, x, grad=True, tolerance=REDUCTION)


def test_batch_normalization():
    x, m, v = normal(4, 3), normal(3), np.abs(normal(3)) + 0.1
    f = lambda tf, x, m, v, b, g: tf.nn.batch_normalization(x, m, v, b, g, 1e-3)
    both(f, x, m, v, m[::-1], v[::-1], grad=True, tolerance=REDUCTION, names=True)
    both(lambda tf, x, m, v: tf.nn.batch_normalization(x, m, v, None, None, 1e-3), x, m, v, tolerance=REDUCTION)
    both(lambda tf, x, m, v: tf.nn.batch_normalization(x, m, v, m, None, 1e-3), x, m, v, tolerance=REDUCTION)


def test_lrn():
    x = normal(2, 3, 2, 8)
    both(lambda tf, x: tf.nn.lrn(x), x, grad=True, tolerance=REDUCTION, names=True)
    both(lambda tf, x: tf.nn.lrn(x, 2, 1.5, 0.7, 0.75), x, grad=True, tolerance=REDUCTION)
    both(lambda tf, x: tf.nn.local_response_normalization(x, depth_radius=1), x, tolerance=REDUCTION)
    both_raise(lambda tf, x: tf.nn.lrn(x), ValueError, normal(3, 8))


def test_unit_length():
    x = normal(4, 3)
    both(lambda tf, x: tf.nn.l2_normalize(x, 1), x, second=True, tolerance=REDUCTION, names=True)
    both(lambda tf, x: tf.nn.l2_normalize(x, dim=[0, 1]), x, grad=True, tolerance=REDUCTION)
    both(lambda tf, x: tf.nn.l2_normalize(x, 0), np.zeros((2, 2), np.float32), grad=True)
    both(lambda tf, x: tf.nn.l2_normalize(x, 0), (x + 1j * x[::-1]).astype(np.complex64), tolerance=REDUCTION)
    both(lambda tf, x: tf.linalg.normalize(x, axis=1), x, grad=True, tolerance=REDUCTION)
    both(lambda tf, x: tf.linalg.normalize(x, ord=1, axis=0), x, tolerance=REDUCTION)


def test_embedding_lookup():
    table, ids = normal(5, 2), np.int32([[4, 0], [2, 2]])
    both(lambda tf, t, i: tf.nn.embedding_lookup(t, i), table, ids, grad=True, names="outputs")
    both(lambda tf, t, i: tf.nn.embedding_lookup(t, i), table, ids.astype(np.int64), shapes="dims")
    for strategy in ("mod", "div"):
        f = lambda tf, a, b, i, s=strategy: tf.nn.embedding_lookup([a, b], i, partition_strategy=s)
        both(f, table[:3], table[3:], ids, grad=True, static="admits")
    both(lambda tf, t, i: tf.nn.embedding_lookup(t, i, max_norm=1.0), table, ids, grad=True, tolerance=REDUCTION)
    both_raise(lambda tf, t: tf.nn.embedding_lookup(t, [5]), None, table, moment=False)
    both_eager(lambda tf, t, i: tf.nn.embedding_lookup(t, i), table, ids)


def test_in_top_k():
    x = np.float32([[1, 2, 2, 3], [np.inf, 1, 2, 3], [1, 2, np.nan, 4], [1, 2, 3, 4], [1, 2, 3, 4], [5, 5, 5, 5]])
    for k in (1, 2, 4):
        both(lambda tf, x, t, k=k: tf.nn.in_top_k(x, t, k), x, np.int32([1, 1, 1, 7, 3, 0]), names="outputs")
    both(lambda tf, x, t: tf.nn.in_top_k(x, t, 2), normal(4, 5), np.int64([0, 1, 2, -1]), shapes="dims")
    both_raise(lambda tf, x, t: tf.nn.in_top_k(x, t, 2), ValueError, normal(2, 3), np.int32([[0], [1]]))
    both_raise(lambda tf, x, t: tf.nn.in_top_k(x, t, 2), None, normal(2, 3), np.int32([0, 1, 2]), shapes="rank")


def test_old_and_new_names_together():
    for f in (
        lambda tf, x: tf.nn.moments(x, [0], keep_dims=True, keepdims=True),
        lambda tf, x: tf.nn.l2_normalize(x, axis=1, dim=1),
    ):
        with pytest.raises(ValueError, match="Cannot specify both"):
            f(ours(), normal(2, 3))
        with pytest.raises(ValueError, match="Cannot specify both"):
            f(tensorflow(), normal(2, 3))
