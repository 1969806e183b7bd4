"""The cost of building a graph: 1,000 calls of common operations, then their gradients."""

import time
from importlib import import_module

import numpy as np

TITLE = "Building a graph: 200 layers of matmul, add, relu, multiply, tanh (1,000 calls), time a call"
ROUNDS = 9
GOALS = [
    ("forward, a call", "tensorglass", "tensorflow", 1 / 5),
    ("gradient, a call", "tensorglass", "tensorflow", 1 / 5),
]

LAYERS = 200
CALLS = 5 * LAYERS


def build(tf, layers):
    """Build the layers; return the loss, the variables and the time of the layers alone."""
    x = tf.placeholder(tf.float32, [None, 8])
    w = tf.Variable(np.eye(8, dtype=np.float32) * 0.9 + 0.01)
    b = tf.Variable(np.full(8, 0.1, np.float32))
    began = time.perf_counter()
    y = x
    for _ in range(layers):
        y = tf.matmul(y, w)
        y = tf.add(y, b)
        y = tf.nn.relu(y)
        y = tf.multiply(y, y)
        y = tf.tanh(y)
    seconds = time.perf_counter() - began
    return x, tf.reduce_sum(y), [w, b], seconds


def session(name):
    """Return the module: each round builds a new graph with it."""
    tf = import_module(name)
    tf.disable_v2_behavior()
    return tf


def check(tf):
    """Return a loss and the sums of its gradients, from a short stack of the same layers."""
    with tf.Graph().as_default(), tf.Session() as run:
        x, loss, variables, _ = build(tf, 5)
        sums = [tf.reduce_sum(gradient) for gradient in tf.gradients(loss, variables)]
        run.run(tf.global_variables_initializer())
        return [float(value) for value in run.run([loss, *sums], {x: np.ones([4, 8], np.float32)})]


def measure(tf):
    """Build the forward part and its gradient ten times; return the time of each, a forward call."""
    forward = backward = 0.0
    repeats = 10
    for _ in range(repeats):
        with tf.Graph().as_default():
            _, loss, variables, seconds = build(tf, LAYERS)
            forward += seconds
            began = time.perf_counter()
            tf.gradients(loss, variables)
            backward += time.perf_counter() - began
    return {"forward, a call": forward / repeats / CALLS, "gradient, a call": backward / repeats / CALLS}


PEERS = {
    "tensorglass": lambda: session("tensorglass.v1"),
    "tensorflow": lambda: session("tensorflow.compat.v1"),
}
