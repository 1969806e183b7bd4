"""A classifier of the size of the first MNIST tutorials: 784 - 128 - 10, relu, batches of 100, SGD."""

from dataclasses import dataclass
from itertools import cycle

import numpy as np

from .frameworks import peers
from .optimizers import Sgd
from .training import Training, batches, check as check, dense, jax_cross_entropy, measure as measure, tf_cross_entropy

TITLE = "MLP 784-128-10, relu, batch 100, SGD, float32: one training step and its loss"
ROUNDS = 15
GOALS = [
    ("step", "tensorglass-xla", "tensorflow", 1.0),
    ("step", "tensorglass-xla", "torch", 1.0),
    ("step", "tensorglass-xla", "jax", 1.05),
    ("step", "tensorglass-xla", "jax-tuned", 1.05),
]


@dataclass(frozen=True)
class Work(Training):
    """One hidden layer."""

    sizes: tuple = (784, 128, 10)
    batch: int = 100
    count: int = 10

    optimizer = Sgd(0.05)

    def weights(self):
        return dense(self.sizes)

    def batches(self):
        return batches(self.count, self.batch, self.sizes[0], self.sizes[-1])

    def tf_loss(self, tf, w, x, y):
        hidden = tf.nn.relu(tf.matmul(x, w["w1"]) + w["b1"])
        return tf_cross_entropy(tf, tf.matmul(hidden, w["w2"]) + w["b2"], y)

    def jax_loss(self, w, x, y):
        import jax

        hidden = jax.nn.relu(x @ w["w1"] + w["b1"])
        return jax_cross_entropy(hidden @ w["w2"] + w["b2"], y)

    def torch_loss(self, w, x, y):
        import torch

        hidden = torch.relu(x @ w["w1"] + w["b1"])
        return torch.nn.functional.cross_entropy(hidden @ w["w2"] + w["b2"], y)

    def numpy_step(self):
        """Bare NumPy: the chain rule written out."""
        w1, b1, w2, b2 = self.weights().values()
        supply = cycle(self.batches())
        rows = np.arange(self.batch)
        rate = np.float32(self.optimizer.rate)

        def step():
            nonlocal w1, b1, w2, b2
            x, classes = next(supply)
            hidden = x @ w1
            hidden += b1
            np.maximum(hidden, 0, out=hidden)
            logits = hidden @ w2 + b2
            logits -= logits.max(axis=1, keepdims=True)
            p = np.exp(logits)
            total = p.sum(axis=1, keepdims=True)
            loss = (np.log(total[:, 0]) - logits[rows, classes]).mean()
            p /= total
            p[rows, classes] -= 1
            p /= len(x)
            d_hidden = p @ w2.T
            d_hidden *= hidden > 0
            w2 -= rate * (hidden.T @ p)
            b2 -= rate * p.sum(axis=0)
            w1 -= rate * (x.T @ d_hidden)
            b1 -= rate * d_hidden.sum(axis=0)
            return loss

        return step


PEERS = peers(Work())
