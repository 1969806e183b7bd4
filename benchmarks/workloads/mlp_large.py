"""Where the arithmetic dominates, and memory counts: 784 - 1024 - 1024 - 10, relu, batches of 256, Adam."""

from importlib import import_module
from itertools import cycle

import numpy as np

from .training import batches, check as check, measure as measure, weights

TITLE = "MLP 784-1024-1024-10, relu, batch 256, Adam, float32: one training step and its loss"
ROUNDS = 9
MEMORY = True  # the peak is recorded too, in processes of its own
GOALS = [("peak memory", "numpy", 1.2), ("peak memory of arrays", "numpy", 1.2)]

# A small rate: where a gradient is almost zero, Adam makes a full step out of rounding errors, and the losses of
# the peers would drift apart.
RATE, BETA1, BETA2, EPSILON = 0.0001, 0.9, 0.999, 1e-8
SIZES = [784, 1024, 1024, 10]


def session(tf):
    """TensorGlass and TensorFlow: a graph, run by a session that is fed one batch a step."""
    tf.disable_v2_behavior()
    x = tf.placeholder(tf.float32, [None, SIZES[0]])
    y = tf.placeholder(tf.int64, [None])
    layer = x
    matrices = weights(SIZES)
    for i, matrix in enumerate(matrices):
        w, b = tf.Variable(matrix), tf.Variable(tf.zeros([SIZES[i + 1]]))
        layer = tf.matmul(layer, w) + b
        if i < len(matrices) - 1:
            layer = tf.nn.relu(layer)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=layer))
    train = tf.train.AdamOptimizer(RATE, BETA1, BETA2, EPSILON).minimize(loss)
    run = tf.Session()
    run.run(tf.global_variables_initializer())
    supply = cycle(batches(4, 256, SIZES[0], SIZES[-1]))

    def step():
        points, classes = next(supply)
        value, _ = run.run([loss, train], {x: points, y: classes})
        return value

    return step


def by_hand():
    """Bare NumPy: the chain rule and Adam written out; what is big is updated in place."""
    ws = weights(SIZES)
    bs = [np.zeros(size, np.float32) for size in SIZES[1:]]
    parameters = [p for pair in zip(ws, bs, strict=True) for p in pair]
    ms = [np.zeros_like(p) for p in parameters]
    vs = [np.zeros_like(p) for p in parameters]
    supply = cycle(batches(4, 256, SIZES[0], SIZES[-1]))
    rows = np.arange(256)
    count = 0

    def adam(gradients):
        nonlocal count
        count += 1
        rate = RATE * (1 - BETA2**count) ** 0.5 / (1 - BETA1**count)
        for p, g, m, v in zip(parameters, gradients, ms, vs, strict=True):
            m += (1 - BETA1) * (g - m)
            v += (1 - BETA2) * (g * g - v)
            p -= rate * m / (np.sqrt(v) + EPSILON)

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


def torch_eager():
    """PyTorch, as its tutorials write it."""
    import torch

    parameters, layers = [], []
    for matrix in weights(SIZES):
        w = torch.from_numpy(matrix).requires_grad_()
        b = torch.zeros(matrix.shape[1], requires_grad=True)
        parameters += [w, b]
        layers.append((w, b))
    optimizer = torch.optim.Adam(parameters, RATE, (BETA1, BETA2), EPSILON)
    arrays = batches(4, 256, SIZES[0], SIZES[-1])
    supply = cycle([(torch.from_numpy(x), torch.from_numpy(y)) for x, y in arrays])

    def step():
        x, classes = next(supply)
        optimizer.zero_grad()
        *inner, (w, b) = layers
        for w_inner, b_inner in inner:
            x = torch.relu(x @ w_inner + b_inner)
        loss = torch.nn.functional.cross_entropy(x @ w + b, classes)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


PEERS = {
    "tensorglass": lambda: session(import_module("tensorglass.v1")),
    "tensorflow": lambda: session(import_module("tensorflow.compat.v1")),
    "numpy": by_hand,
    "torch": torch_eager,
}
