"""A tiny step, where a library's own cost per operation shows: 200 points, 2-4-2, sigmoid, softmax, SGD."""

import numpy as np

from .frameworks import peers
from .optimizers import Sgd
from .training import Training, check as check, dense, jax_cross_entropy, measure as measure, tf_cross_entropy

TITLE = "XOR clusters: one training step and its loss; 200 x 2 points, 2-4-2, sigmoid, softmax, SGD, float32"
ROUNDS = 15
GOALS = [
    ("step", "tensorglass", "numpy", 1.3),
    ("step", "tensorglass", "tensorflow", 1 / 3),
    ("step", "tensorglass-xla", "tensorflow", 1 / 5),
    ("step", "tensorglass-xla", "jax", 1.05),
    ("step", "tensorglass-xla", "jax-tuned", 1.05),
]


class Work(Training):
    """Two products, a sigmoid and a softmax."""

    optimizer = Sgd(0.1)

    def weights(self):
        return dense([2, 4, 2])

    def batches(self):
        """Return 200 points in four clusters, and their class numbers."""
        random = np.random.RandomState(0)
        centres = [(2, 2), (-2, -2), (-2, 2), (2, -2)]
        points = np.concatenate([0.7 * random.randn(50, 2) + centre for centre in centres])
        return [(points.astype(np.float32), np.repeat(np.array([0, 0, 1, 1]), 50))]

    def tf_loss(self, tf, w, x, y):
        hidden = tf.sigmoid(tf.matmul(x, w["w1"]) + w["b1"])
        return tf_cross_entropy(tf, tf.matmul(hidden, w["w2"]) + w["b2"], y)

    def jax_loss(self, w, x, y):
        import jax

        hidden = jax.nn.sigmoid(x @ w["w1"] + w["b1"])
        return jax_cross_entropy(hidden @ w["w2"] + w["b2"], y)

    def torch_loss(self, w, x, y):
        import torch

        hidden = torch.sigmoid(x @ w["w1"] + w["b1"])
        return torch.nn.functional.cross_entropy(hidden @ w["w2"] + w["b2"], y)

    def numpy_step(self):
        """Bare NumPy: the chain rule written out."""
        [(x, classes)] = self.batches()
        w1, b1, w2, b2 = self.weights().values()
        n = len(x)
        rows = np.arange(n)
        rate = np.float32(self.optimizer.rate)

        def step():
            nonlocal w1, b1, w2, b2
            hidden = 1 / (1 + np.exp(-(x @ w1 + b1)))
            logits = hidden @ w2 + b2
            logits -= logits.max(axis=1, keepdims=True)
            p = np.exp(logits)
            total = p.sum(axis=1, keepdims=True)
            loss = (np.log(total[:, 0]) - logits[rows, classes]).mean()
            p /= total
            p[rows, classes] -= 1
            p /= n
            d_hidden = p @ w2.T
            d_hidden *= hidden * (1 - hidden)
            w2 -= rate * (hidden.T @ p)
            b2 -= rate * p.sum(axis=0)
            w1 -= rate * (x.T @ d_hidden)
            b1 -= rate * d_hidden.sum(axis=0)
            return loss

        return step


PEERS = peers(Work())
