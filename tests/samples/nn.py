"""Samples of ops/nn.py, ops/losses.py and ops/normalize.py."""

import numpy as np

from tensorglass.ops import embedding, losses, nn, normalize

from . import Case, sample


def away_from_kinks(rng, shape=(4, 5)):
    """Numbers on both sides of 0 and of 6, none close to either."""
    x = rng.uniform(0.2, 4.0, shape) * rng.choice([-1.0, 1.0], shape)
    x.flat[:2] = 7.0, 8.5
    return x


@sample("Sigmoid", "Tanh", "Relu", "ReluGrad", "Relu6", "Relu6Grad", "Elu", "Selu", "Softplus", "Softsign")
def activations(rng):
    functions = (
        *(nn.sigmoid, nn.tanh, nn.relu, nn.relu6, nn.elu, nn.selu, nn.softplus, nn.softsign),
        *(nn.log_sigmoid, nn.crelu, nn.silu, nn.gelu),
    )
    for f in functions:
        yield Case(f, [away_from_kinks(rng)])
    yield Case(nn.relu_grad, [rng.normal(size=(4, 5)), away_from_kinks(rng)])
    yield Case(nn.relu, [rng.integers(-5, 5, (3, 4))])


@sample("LeakyRelu", "LeakyReluGrad")
def leaky(rng):
    yield Case(nn.leaky_relu, [away_from_kinks(rng)])
    yield Case(lambda x: nn.leaky_relu(x, alpha=0.01), [away_from_kinks(rng)])


@sample("Softmax", "LogSoftmax")
def softmaxes(rng):
    for f in (nn.softmax, nn.log_softmax):
        yield Case(f, [rng.normal(size=(4, 5))])
        yield Case(lambda x, f=f: f(x, axis=0), [rng.normal(size=(4, 5))])
        yield Case(f, [rng.normal(size=5)])
        yield Case(lambda x, f=f: f(x, 1), [rng.normal(size=(2, 4, 5))])


@sample("BiasAdd", "BiasAddGrad")
def biases(rng):
    yield Case(nn.bias_add, [rng.normal(size=(4, 3)), rng.normal(size=3)])
    yield Case(nn.bias_add, [rng.normal(size=(2, 4, 3)), rng.normal(size=3)])


@sample("BiasAdd")
def biases_in_the_second_dimension(rng):
    def nchw(x, b):
        return nn.bias_add(x, b, data_format="NCHW")

    yield Case(nchw, [rng.normal(size=(2, 3, 4)), rng.normal(size=3)])
    yield Case(nchw, [rng.normal(size=(2, 3, 4, 5)), rng.normal(size=3)])


def distribution(rng, shape):
    p = rng.uniform(0.1, 1.0, shape)
    return p / p.sum(-1, keepdims=True)


@sample("SoftmaxCrossEntropyWithLogits")
def dense_cross_entropy(rng):
    def loss(labels, logits):
        return losses.softmax_cross_entropy_with_logits(nn.softmax(labels), logits)

    yield Case(loss, [rng.normal(size=(4, 5)), rng.normal(size=(4, 5))])
    yield Case(loss, [rng.normal(size=5), rng.normal(size=5)])
    yield Case(loss, [rng.normal(size=(2, 4, 5)), rng.normal(size=(2, 4, 5))])

    def columns(labels, logits):
        return losses.softmax_cross_entropy_with_logits(nn.softmax(labels, 0), logits, axis=0)

    yield Case(columns, [rng.normal(size=(4, 5)), rng.normal(size=(4, 5))])
    one = distribution(rng, (1, 5))
    yield Case(lambda x: losses.softmax_cross_entropy_with_logits(one, x), [rng.normal(size=(4, 5))])


@sample("SparseSoftmaxCrossEntropyWithLogits")
def sparse_cross_entropy(rng):
    f = losses.sparse_softmax_cross_entropy_with_logits
    yield Case(f, [np.array([0, 4, 2], np.int32), rng.normal(size=(3, 5))])
    yield Case(f, [np.array([[0, 4], [2, 1]], np.int64), rng.normal(size=(2, 2, 5))])
    yield Case(f, [np.array(3, np.int32), rng.normal(size=5)])


@sample("SigmoidCrossEntropyWithLogits", "L2Loss")
def elementwise_losses(rng):
    yield Case(losses.sigmoid_cross_entropy_with_logits, [rng.uniform(size=(3, 4)), away_from_kinks(rng, (3, 4))])
    yield Case(
        lambda z, x: losses.weighted_cross_entropy_with_logits(z, x, 2.5),
        [rng.uniform(size=(3, 4)), away_from_kinks(rng, (3, 4))],
    )
    for full in (False, True):
        yield Case(
            lambda z, c, full=full: losses.log_poisson_loss(z, c, full),
            [rng.uniform(1.5, 4.0, (3, 4)), rng.normal(size=(3, 4))],
        )
    yield Case(losses.l2_loss, [rng.normal(size=(3, 4))])


@sample("LRN", "ChannelWindowSum")
def normalizations(rng):
    image = rng.uniform(0.5, 1.5, (2, 2, 2, 6))
    yield Case(normalize.lrn, [image])
    yield Case(lambda x: normalize.lrn(x, 2, 1.5, 0.7, 0.75), [image])
    x = rng.normal(size=(4, 3))
    # To second order TensorFlow takes the mean inside the variance for a constant, and so do we.
    yield Case(lambda x: normalize.moments(x, [0]), [x], second=False)
    yield Case(lambda x: normalize.moments(x, [0, 1], keepdims=True), [x], second=False)
    yield Case(lambda x, w: normalize.weighted_moments(x, 0, w), [x, rng.uniform(0.5, 1.5, (4, 1))])
    yield Case(lambda x: normalize.sufficient_statistics(x, [0], 0.5)[1:3], [x], forget="dims")
    yield Case(
        lambda x, m, v, b, g: normalize.batch_normalization(x, m, v, b, g, 1e-3),
        [x, x[0], rng.uniform(0.5, 1.5, 3), x[1], x[2]],
    )
    yield Case(lambda x: normalize.l2_normalize(x, 1), [x])
    yield Case(lambda x: normalize.normalize(x, axis=1), [x])


@sample("InTopKV2")
def top_classes(rng):
    def f(predictions, targets):
        return embedding.in_top_k(targets, predictions, 2)

    yield Case(f, [rng.normal(size=(4, 5)).astype(np.float32), np.array([0, 4, 7, -1], np.int32)])


@sample("RandomUniform")
def dropouts(rng):
    yield Case(lambda x: nn.dropout(x, 0.4, seed=3), [rng.normal(size=(4, 5))], first=False, second=False, exact=False)


@sample("GatherV2")
def embeddings(rng):
    ids = np.array([[0, 3], [2, 1]], np.int32)
    yield Case(embedding.embedding_lookup, [rng.normal(size=(4, 3)), ids])
    for strategy in ("mod", "div"):
        yield Case(
            lambda a, b, i, s=strategy: embedding.sharded_lookup([a, b], i, s),
            [rng.normal(size=(2, 3)), rng.normal(size=(2, 3)), ids],
        )
    yield Case(
        lambda t, i: embedding.embedding_lookup(t, i, max_norm=1.0), [rng.normal(size=(4, 3)), ids], forget="dims"
    )
