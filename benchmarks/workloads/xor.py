"""A tiny step, where a library's own cost per operation shows: 200 points, 2-4-2, sigmoid, softmax, SGD."""

from importlib import import_module

import numpy as np

from .training import check as check, measure as measure, weights

TITLE = "XOR clusters: one training step and its loss; 200 x 2 points, 2-4-2, sigmoid, softmax, SGD, float32"
ROUNDS = 15
GOALS = [("step", "numpy", 1.3), ("step", "tensorflow", 1 / 3)]

RATE = 0.1
HIDDEN = 4


def data():
    """Return 200 points in four clusters, and their class numbers."""
    random = np.random.RandomState(0)
    centres = [(2, 2), (-2, -2), (-2, 2), (2, -2)]
    points = np.concatenate([0.7 * random.randn(50, 2) + centre for centre in centres])
    return points.astype(np.float32), np.repeat(np.array([0, 0, 1, 1]), 50)


def session(tf):
    """TensorGlass and TensorFlow: a graph, run by a session that is fed the points."""
    tf.disable_v2_behavior()
    points, classes = data()
    first, second = weights([2, HIDDEN, 2])
    x = tf.placeholder(tf.float32, [None, 2])
    y = tf.placeholder(tf.int64, [None])
    w1, b1 = tf.Variable(first), tf.Variable(tf.zeros([HIDDEN]))
    w2, b2 = tf.Variable(second), tf.Variable(tf.zeros([2]))
    hidden = tf.sigmoid(tf.matmul(x, w1) + b1)
    logits = tf.matmul(hidden, w2) + b2
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
    train = tf.train.GradientDescentOptimizer(RATE).minimize(loss)
    run = tf.Session()
    run.run(tf.global_variables_initializer())
    feed = {x: points, y: classes}

    def step():
        value, _ = run.run([loss, train], feed)
        return value

    return step


def by_hand():
    """Bare NumPy: the chain rule written out."""
    x, classes = data()
    w1, w2 = weights([2, HIDDEN, 2])
    b1, b2 = np.zeros(HIDDEN, np.float32), np.zeros(2, np.float32)
    n = len(x)
    rows = np.arange(n)
    rate = np.float32(RATE)

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


def torch_eager():
    """PyTorch, as its tutorials write it."""
    import torch

    x, classes = map(torch.from_numpy, data())
    first, second = map(torch.from_numpy, weights([2, HIDDEN, 2]))
    parameters = [first, torch.zeros(HIDDEN), second, torch.zeros(2)]
    w1, b1, w2, b2 = [parameter.requires_grad_() for parameter in parameters]
    optimizer = torch.optim.SGD(parameters, RATE)

    def step():
        optimizer.zero_grad()
        hidden = torch.sigmoid(x @ w1 + b1)
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
