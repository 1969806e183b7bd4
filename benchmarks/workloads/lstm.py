"""An LSTM that reads images line by line: 28 steps of 28 inputs, 128 units, the last state classified, Adam.

i, f, g, o = x W + h R + b;   c ← σ(f) c + σ(i) tanh(g);   h ← σ(o) tanh(c).

Hochreiter and Schmidhuber, Long short-term memory, 1997, with the forget gate of Gers and others, 2000. The products
x W of all steps are one product, outside of the loop; PyTorch has the whole as one function.
"""

from dataclasses import dataclass

import numpy as np

from .frameworks import peers
from .optimizers import Adam
from .training import Training, batches, check as check, jax_cross_entropy, kernel, measure as measure, tf_cross_entropy

TITLE = "LSTM: 28 steps of 28, 128 units, 10 classes, batch 128, Adam, float32: one training step and its loss"
ROUNDS = 9
GOALS = [
    ("step", "tensorglass-xla", "tensorflow", 1.0),
    ("step", "tensorglass-xla", "jax", 1.05),
    ("step", "tensorglass-xla", "jax-tuned", 1.05),
]


@dataclass(frozen=True)
class Work(Training):
    """Sizes of the sequences, of the network and of the batches."""

    steps: int = 28
    inputs: int = 28
    units: int = 128
    batch: int = 128
    count: int = 4

    optimizer = Adam(0.0001)

    def weights(self):
        random = np.random.RandomState(1)
        return {
            "input": 0.7 * kernel(random, (self.inputs, 4 * self.units)),
            "recurrent": 0.7 * kernel(random, (self.units, 4 * self.units)),
            "bias": np.zeros(4 * self.units, np.float32),
            "dense": kernel(random, (self.units, 10)),
            "dense_bias": np.zeros(10, np.float32),
        }

    def batches(self):
        return batches(self.count, self.batch, (self.steps, self.inputs), 10)

    def tf_loss(self, tf, w, x, y):
        def cell(state, gates):
            h, c = state
            i, f, g, o = tf.split(gates + tf.matmul(h, w["recurrent"]), 4, axis=1)
            c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
            return tf.sigmoid(o) * tf.tanh(c), c

        rows = tf.reshape(tf.transpose(x, [1, 0, 2]), [-1, self.inputs])
        gates = tf.reshape(tf.matmul(rows, w["input"]) + w["bias"], [self.steps, self.batch, 4 * self.units])
        zeros = tf.zeros([self.batch, self.units])
        h, _ = tf.scan(cell, gates, (zeros, zeros))
        return tf_cross_entropy(tf, tf.matmul(h[-1], w["dense"]) + w["dense_bias"], y)

    def jax_loss(self, w, x, y):
        import jax

        def cell(state, gates):
            h, c = state
            i, f, g, o = jax.numpy.split(gates + h @ w["recurrent"], 4, axis=1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jax.numpy.tanh(g)
            return (jax.nn.sigmoid(o) * jax.numpy.tanh(c), c), None

        rows = x.transpose(1, 0, 2).reshape(-1, self.inputs)
        gates = (rows @ w["input"] + w["bias"]).reshape(self.steps, self.batch, -1)
        zeros = jax.numpy.zeros((self.batch, self.units))
        (h, _), _ = jax.lax.scan(cell, (zeros, zeros), gates)
        return jax_cross_entropy(h @ w["dense"] + w["dense_bias"], y)

    def torch_loss(self, w, x, y):
        import torch

        zeros = x.new_zeros(1, self.batch, self.units)
        weights = [w["input"], w["recurrent"], w["bias"], torch.zeros_like(w["bias"])]
        # Left out of the compiled part, as torch.nn.LSTM is: PyTorch 2.13 cannot compile its gradient.
        layer = torch.compiler.disable(torch.lstm) if torch.compiler.is_compiling() else torch.lstm
        _, h, _ = layer(x, (zeros, zeros), weights, True, 1, 0.0, True, False, True)
        return torch.nn.functional.cross_entropy(h[0] @ w["dense"] + w["dense_bias"], y)

    def torch_weights(self):
        weights = self.weights()
        return weights | {name: np.ascontiguousarray(weights[name].T) for name in ("input", "recurrent")}


PEERS = peers(Work())
