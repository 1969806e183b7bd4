"""Multi-layer perceptrons: layers of perceptrons, and what they need besides."""

import numpy as np


class tanh(Operation):
    """z = tanh x"""

    def __init__(self, x, name=None):
        super().__init__([x], name)

    def compute(self, x):
        return np.tanh(x)


class positive(Operation):
    """z = 1 where x > 0, else 0"""

    def __init__(self, x, name=None):
        super().__init__([x], name)

    def compute(self, x):
        return (x > 0).astype(np.float64)


class relu(Operation):
    """z = max(x, 0)"""

    def __init__(self, x, name=None):
        super().__init__([x], name)

    def compute(self, x):
        return np.maximum(x, 0)


@RegisterGradient(tanh)
def _(op, grad, z, x):
    return (grad * (1 - z * z),)


@RegisterGradient(positive)
def _(op, grad, z, x):
    return (None,)  # flat on both sides of 0


@RegisterGradient(relu)
def _(op, grad, z, x):
    return (grad * positive(x),)


def dense(x, inputs, outputs, activation, random):
    """activation(x W + b): a layer of `outputs` perceptrons that all see the same `inputs`."""
    W = Variable(random.standard_normal((inputs, outputs)) / np.sqrt(inputs), name="W")
    b = Variable(np.zeros(outputs), name="b")
    return activation(x @ W + b)
