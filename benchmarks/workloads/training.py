"""What the training workloads have in common: there, the thing to be measured is step() -> loss."""

import math
import time
from itertools import pairwise

import numpy as np

ROUND_SECONDS = 0.4  # long enough for the CPU accounting of /proc, which counts in hundredths of a second


class Training:
    """A network with its data and optimizer, written once a framework; `frameworks.peers` makes the peers of it.

    Sizes are fields of the subclass, so that the tests can make it small. `x` is a batch of inputs and `y` its class
    numbers; `w` is a dictionary like `weights()`, of the framework's own variables.
    """

    optimizer = None

    def weights(self):
        """Return {name: array}, the weights that all peers begin with."""
        raise NotImplementedError

    def batches(self):
        """Return a list of pairs (x, y); the steps take them in turn."""
        raise NotImplementedError

    def tf_loss(self, tf, w, x, y):
        """Return the loss as a TensorFlow 1 program writes it: for TensorGlass and for TensorFlow."""
        raise NotImplementedError

    def jax_loss(self, w, x, y):
        """Return the loss with jax.numpy and jax.lax, in the form that XLA runs best."""
        raise NotImplementedError

    def torch_loss(self, w, x, y):
        """Return the loss with PyTorch's functions."""
        raise NotImplementedError

    def torch_weights(self):
        """Return the weights in PyTorch's layout."""
        return self.weights()

    def torch_batches(self):
        """Return the batches in PyTorch's layout."""
        return self.batches()


def check(step):
    """Yield the losses of the first ten steps."""
    for _ in range(10):
        yield float(step())


def measure(step):
    """Return the seconds a step takes, the mean over a round."""
    began = time.perf_counter()
    step()
    step()
    once = (time.perf_counter() - began) / 2
    steps = max(3, math.ceil(ROUND_SECONDS / once))
    began = time.perf_counter()
    for _ in range(steps):
        step()
    return {"step": (time.perf_counter() - began) / steps}


def batches(count, size, inputs, classes):
    """Return `count` batches of random inputs in [0, 1) and class numbers, the same for every peer.

    `inputs` is the shape of one input, or its length.
    """
    random = np.random.RandomState(0)
    return [
        (random.random_sample((size, *np.atleast_1d(inputs))).astype(np.float32), random.randint(0, classes, size))
        for _ in range(count)
    ]


def dense(sizes, seed=1):
    """Return {w1, b1, w2, ...} of layers of these sizes: He-scaled matrices and zeros."""
    random = np.random.RandomState(seed)
    weights = {}
    for i, (m, n) in enumerate(pairwise(sizes), 1):
        weights[f"w{i}"] = kernel(random, (m, n))
        weights[f"b{i}"] = np.zeros(n, np.float32)
    return weights


def kernel(random, shape):
    """Return a He-scaled matrix or convolution kernel, whose last axis counts outputs."""
    return (random.standard_normal(shape) * (2 / math.prod(shape[:-1])) ** 0.5).astype(np.float32)


def jax_cross_entropy(logits, classes):
    """Return the mean cross-entropy of rows of logits with class numbers, in JAX."""
    import jax

    chosen = jax.numpy.take_along_axis(jax.nn.log_softmax(logits), classes[:, None], 1)
    return -chosen.mean()


def tf_cross_entropy(tf, logits, classes):
    """Return the mean cross-entropy of rows of logits with class numbers, in TensorGlass and TensorFlow."""
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=classes, logits=logits))
