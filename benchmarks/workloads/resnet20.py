"""ResNet-20 for CIFAR: 3×3 convolutions in blocks of two with shortcuts, batch normalization, momentum.

He, Zhang, Ren, Sun, Deep residual learning for image recognition, CVPR 2016, section 4.2; the shortcuts that change
the size are 1×1 convolutions with stride 2 (their option B). The statistics are the batch's own throughout.
"""

from dataclasses import dataclass

import numpy as np

from .frameworks import peers
from .images import Images, jax_conv
from .optimizers import Momentum
from .training import batches, check as check, jax_cross_entropy, kernel, measure as measure, tf_cross_entropy

TITLE = (
    "ResNet-20: 32x32x3, 19 convolutions with batch normalization, 10 classes, batch 32, momentum, float32: "
    "one training step and its loss"
)
ROUNDS = 7
GOALS = [
    ("step", "tensorglass-xla", "tensorflow", 1.3),
    ("step", "tensorglass-xla", "jax", 1.05),
    ("step", "tensorglass-xla", "jax-tuned", 1.05),
]

EPSILON = 1e-3


@dataclass(frozen=True)
class Work(Images):
    """Sizes of the image, of the stages and of the batches."""

    side: int = 32
    channels: tuple = (16, 32, 64)
    blocks: int = 3
    batch: int = 32
    count: int = 4

    optimizer = Momentum(0.002)

    def layers(self):
        """Return [(name, channels, stride)] of the blocks."""
        return [
            (f"stage{i}_block{j}", c, 2 if i and not j else 1)
            for i, c in enumerate(self.channels)
            for j in range(self.blocks)
        ]

    def weights(self):
        random = np.random.RandomState(1)
        weights = {}

        def conv(name, size, m, n):
            weights[name] = kernel(random, (size, size, m, n))
            weights[f"{name}_scale"] = np.ones(n, np.float32)
            weights[f"{name}_offset"] = np.zeros(n, np.float32)

        last = self.channels[0]
        conv("first", 3, 3, last)
        for name, c, stride in self.layers():
            conv(f"{name}_a", 3, last, c)
            conv(f"{name}_b", 3, c, c)
            if stride > 1:
                conv(f"{name}_shortcut", 1, last, c)
            last = c
        weights["dense"] = kernel(random, (last, 10))
        weights["dense_bias"] = np.zeros(10, np.float32)
        return weights

    def batches(self):
        return batches(self.count, self.batch, (self.side, self.side, 3), 10)

    def network(self, conv, relu, x):
        """Return the last block's images; `conv` is convolution and normalization, the rest is the same for all."""
        x = relu(conv(x, "first", 1))
        for name, _, stride in self.layers():
            y = conv(relu(conv(x, f"{name}_a", stride)), f"{name}_b", 1)
            x = relu(y + (conv(x, f"{name}_shortcut", stride) if stride > 1 else x))
        return x

    def tf_loss(self, tf, w, x, y):
        def conv(x, name, stride):
            x = tf.nn.conv2d(x, w[name], strides=[1, stride, stride, 1], padding="SAME")
            return tf.nn.fused_batch_norm(x, w[f"{name}_scale"], w[f"{name}_offset"], epsilon=EPSILON)[0]

        x = tf.reduce_mean(self.network(conv, tf.nn.relu, x), axis=[1, 2])
        return tf_cross_entropy(tf, tf.matmul(x, w["dense"]) + w["dense_bias"], y)

    def jax_loss(self, w, x, y):
        import jax

        def conv(x, name, stride):
            x = jax_conv(x, w[name], stride)
            mean = x.mean((0, 1, 2))
            variance = ((x - mean) ** 2).mean((0, 1, 2))
            factor = w[f"{name}_scale"] * jax.lax.rsqrt(variance + EPSILON)
            return (x - mean) * factor + w[f"{name}_offset"]

        x = self.network(conv, jax.nn.relu, x).mean((1, 2))
        return jax_cross_entropy(x @ w["dense"] + w["dense_bias"], y)

    def torch_loss(self, w, x, y):
        import torch.nn.functional as F

        def conv(x, name, stride):
            size = w[name].shape[-1]
            if stride == 2 and size == 3:  # TensorFlow's SAME: of an even size, the odd cell is at the end
                x = F.conv2d(F.pad(x, (0, 1, 0, 1)), w[name], stride=2)
            else:
                x = F.conv2d(x, w[name], stride=stride, padding=size // 2)
            scale, offset = w[f"{name}_scale"], w[f"{name}_offset"]
            return F.batch_norm(x, None, None, scale, offset, training=True, eps=EPSILON)

        x = self.network(conv, F.relu, x).mean((2, 3))
        return F.cross_entropy(x @ w["dense"] + w["dense_bias"], y)


PEERS = peers(Work())
