"""A classifier of the size of the first MNIST tutorials: 784 - 128 - 10, relu, batches of 100, SGD."""

from importlib import import_module
from itertools import cycle

import numpy as np

from .training import batches, check as check, measure as measure, weights

TITLE = "MLP 784-128-10, relu, batch 100, SGD, float32: one training step and its loss"
ROUNDS = 15
GOALS = []

RATE = 0.05
SIZES = [784, 128, 10]


def session(tf):
    """TensorGlass and TensorFlow: a graph, run by a session that is fed one batch a step."""
    tf.disable_v2_behavior()
    first, second = weights(SIZES)
    x = tf.placeholder(tf.float32, [None, SIZES[0]])
    y = tf.placeholder(tf.int64, [None])
    w1, b1 = tf.Variable(first), tf.Variable(tf.zeros([SIZES[1]]))
    w2, b2 = tf.Variable(second), tf.Variable(tf.zeros([SIZES[2]]))
    hidden = tf.nn.relu(tf.matmul(x, w1) + b1)
    logits = tf.matmul(hidden, w2) + b2
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
    train = tf.train.GradientDescentOptimizer(RATE).minimize(loss)
    run = tf.Session()
    run.run(tf.global_variables_initializer())
    supply = cycle(batches(10, 100, SIZES[0], SIZES[2]))

    def step():
        points, classes = next(supply)
        value, _ = run.run([loss, train], {x: points, y: classes})
        return value

    return step


def by_hand():
    """Bare NumPy: the chain rule written out."""
    w1, w2 = weights(SIZES)
    b1, b2 = (np.zeros(size, np.float32) for size in SIZES[1:])
    supply = cycle(batches(10, 100, SIZES[0], SIZES[2]))
    rows = np.arange(100)
    rate = np.float32(RATE)

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


def torch_eager():
    """PyTorch, as its tutorials write it."""
    import torch

    first, second = map(torch.from_numpy, weights(SIZES))
    parameters = [first, torch.zeros(SIZES[1]), second, torch.zeros(SIZES[2])]
    w1, b1, w2, b2 = [parameter.requires_grad_() for parameter in parameters]
    optimizer = torch.optim.SGD(parameters, RATE)
    arrays = batches(10, 100, SIZES[0], SIZES[2])
    supply = cycle([(torch.from_numpy(x), torch.from_numpy(y)) for x, y in arrays])

    def step():
        x, classes = next(supply)
        optimizer.zero_grad()
        hidden = torch.relu(x @ w1 + b1)
        loss = torch.nn.functional.cross_entropy(hidden @ w2 + b2, classes)
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
