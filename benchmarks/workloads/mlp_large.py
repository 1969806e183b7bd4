"""Where the arithmetic dominates, and memory counts: 784 - 1024 - 1024 - 10, relu, batches of 256, Adam."""

from dataclasses import dataclass
from itertools import cycle

import numpy as np

from .frameworks import peers
from .optimizers import Adam
from .training import Training, batches, check as check, dense, jax_cross_entropy, measure as measure, tf_cross_entropy

TITLE = "MLP 784-1024-1024-10, relu, batch 256, Adam, float32: one training step and its loss"
ROUNDS = 9
MEMORY = True  # the peak is recorded too, in processes of its own
GOALS = [
    ("step", "tensorglass-xla", "tensorflow", 1.0),
    ("step", "tensorglass-xla", "torch", 1.0),
    ("step", "tensorglass-xla", "jax", 1.05),
    ("step", "tensorglass-xla", "jax-tuned", 1.05),
    ("peak memory", "tensorglass", "numpy", 1.2),
    ("peak memory of arrays", "tensorglass", "numpy", 1.2),
]


@dataclass(frozen=True)
class Work(Training):
    """Two hidden layers."""

    sizes: tuple = (784, 1024, 1024, 10)
    batch: int = 256
    count: int = 4

    optimizer = Adam(0.0001)

    def weights(self):
        return dense(self.sizes)

    def batches(self):
        return batches(self.count, self.batch, self.sizes[0], self.sizes[-1])

    def tf_loss(self, tf, w, x, y):
        x = tf.nn.relu(tf.matmul(x, w["w1"]) + w["b1"])
        x = tf.nn.relu(tf.matmul(x, w["w2"]) + w["b2"])
        return tf_cross_entropy(tf, tf.matmul(x, w["w3"]) + w["b3"], y)

    def jax_loss(self, w, x, y):
        import jax

        x = jax.nn.relu(x @ w["w1"] + w["b1"])
        x = jax.nn.relu(x @ w["w2"] + w["b2"])
        return jax_cross_entropy(x @ w["w3"] + w["b3"], y)

    def torch_loss(self, w, x, y):
        import torch

        x = torch.relu(x @ w["w1"] + w["b1"])
        x = torch.relu(x @ w["w2"] + w["b2"])
        return torch.nn.functional.cross_entropy(x @ w["w3"] + w["b3"], y)

    def numpy_step(self):
        """Bare NumPy: the chain rule and Adam written out; what is big is updated in place."""
        parameters = list(self.weights().values())
        ms = [np.zeros_like(p) for p in parameters]
        vs = [np.zeros_like(p) for p in parameters]
        supply = cycle(self.batches())
        rows = np.arange(self.batch)
        rule = self.optimizer
        count = 0

        def adam(gradients):
            nonlocal count
            count += 1
            rate = rule.rate * (1 - rule.beta2**count) ** 0.5 / (1 - rule.beta1**count)
            for p, g, m, v in zip(parameters, gradients, ms, vs, strict=True):
                m += (1 - rule.beta1) * (g - m)
                v += (1 - rule.beta2) * (g * g - v)
                p -= rate * m / (np.sqrt(v) + rule.epsilon)

        def step():
            x, classes = next(supply)
            w1, b1, w2, b2, w3, b3 = parameters
            h1 = x @ w1
            h1 += b1
            np.maximum(h1, 0, out=h1)
            h2 = h1 @ w2
            h2 += b2
            np.maximum(h2, 0, out=h2)
            logits = h2 @ w3 + b3
            logits -= logits.max(axis=1, keepdims=True)
            p = np.exp(logits)
            total = p.sum(axis=1, keepdims=True)
            loss = (np.log(total[:, 0]) - logits[rows, classes]).mean()
            p /= total
            p[rows, classes] -= 1
            p /= len(x)
            d2 = p @ w3.T
            d2 *= h2 > 0
            d1 = d2 @ w2.T
            d1 *= h1 > 0
            adam([x.T @ d1, d1.sum(0), h1.T @ d2, d2.sum(0), h2.T @ p, p.sum(0)])
            return loss

        return step


PEERS = peers(Work())
