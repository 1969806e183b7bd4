"""The convolutional network of the MNIST tutorials: two 5×5 convolutions with max pooling, two dense layers, Adam."""

from dataclasses import dataclass

import numpy as np

from .frameworks import peers
from .images import Images, jax_conv
from .optimizers import Adam
from .training import batches, check as check, jax_cross_entropy, kernel, measure as measure, tf_cross_entropy

TITLE = (
    "LeNet: 28x28x1, convolutions 5x5x32 and 5x5x64 with 2x2 max pooling, dense 1024, 10 classes, batch 64, Adam, "
    "float32: one training step and its loss"
)
ROUNDS = 7
GOALS = [
    ("step", "tensorglass-xla", "tensorflow", 1.3),
    ("step", "tensorglass-xla", "jax", 1.05),
    ("step", "tensorglass-xla", "jax-tuned", 1.05),
]


@dataclass(frozen=True)
class Work(Images):
    """Sizes of the image, of the layers, and of the batches."""

    side: int = 28
    channels: tuple = (32, 64)
    hidden: int = 1024
    batch: int = 64
    count: int = 4

    optimizer = Adam(0.0001)

    def weights(self):
        random = np.random.RandomState(1)
        first, second = self.channels
        shapes = {
            "conv1": (5, 5, 1, first), "conv2": (5, 5, first, second),
            "dense1": ((self.side // 4) ** 2 * second, self.hidden), "dense2": (self.hidden, 10),
        }  # fmt: skip
        weights = {}
        for name, shape in shapes.items():
            weights[name] = kernel(random, shape)
            weights[f"{name}_bias"] = np.zeros(shape[-1], np.float32)
        return weights

    def batches(self):
        return batches(self.count, self.batch, (self.side, self.side, 1), 10)

    def tf_loss(self, tf, w, x, y):
        for layer in ("conv1", "conv2"):
            x = tf.nn.conv2d(x, w[layer], strides=[1, 1, 1, 1], padding="SAME")
            x = tf.nn.relu(tf.nn.bias_add(x, w[f"{layer}_bias"]))
            x = tf.nn.max_pool(x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")
        x = tf.reshape(x, [-1, w["dense1"].shape[0]])
        x = tf.nn.relu(tf.matmul(x, w["dense1"]) + w["dense1_bias"])
        return tf_cross_entropy(tf, tf.matmul(x, w["dense2"]) + w["dense2_bias"], y)

    def jax_loss(self, w, x, y):
        import jax

        for layer in ("conv1", "conv2"):
            x = jax.nn.relu(jax_conv(x, w[layer]) + w[f"{layer}_bias"])
            n, height, width, c = x.shape
            x = x.reshape(n, height // 2, 2, width // 2, 2, c).max((2, 4))  # faster than lax.reduce_window
        x = jax.nn.relu(x.reshape(len(x), -1) @ w["dense1"] + w["dense1_bias"])
        return jax_cross_entropy(x @ w["dense2"] + w["dense2_bias"], y)

    def torch_loss(self, w, x, y):
        import torch.nn.functional as F

        for layer in ("conv1", "conv2"):
            x = F.relu(F.conv2d(x, w[layer], w[f"{layer}_bias"], padding=2))
            x = F.max_pool2d(x, 2)
        x = F.relu(x.flatten(1) @ w["dense1"] + w["dense1_bias"])
        return F.cross_entropy(x @ w["dense2"] + w["dense2_bias"], y)

    def torch_weights(self):
        weights = super().torch_weights()
        rows = (self.side // 4, self.side // 4, self.channels[1], self.hidden)  # of dense1, in the order of NCHW
        weights["dense1"] = weights["dense1"].reshape(rows).transpose(2, 0, 1, 3).reshape(-1, self.hidden)
        return weights


PEERS = peers(Work())
