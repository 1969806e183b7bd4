"""Backpropagation: the chain rule, from the end of the graph to its beginning."""

import numpy as np

gradient_rules = {}


def RegisterGradient(kind):
    """Register a rule (op, z̄, z, inputs …) → gradients of the inputs."""

    def register(rule):
        gradient_rules[kind] = rule
        return rule

    return register


def sum_to(grad, x):
    """Σ z̄ over the axes along which x was repeated to fit its partner."""
    new = tuple(range(grad.ndim - x.ndim))
    ones = [i for i, n in enumerate(x.shape) if n == 1]
    stretched = tuple(i + len(new) for i in ones)
    return grad.sum(axis=new + stretched, keepdims=True).reshape(x.shape)


def spread(grad, x, axis, keepdims):
    """z̄ repeated along the axis over which x was summed."""
    if axis is not None and not keepdims:
        grad = np.expand_dims(grad, axis)
    return np.broadcast_to(grad, x.shape)


def row_sum(x):
    return x.sum(axis=-1, keepdims=True)


@RegisterGradient(add)
def _(op, grad, z, x, y):
    return sum_to(grad, x), sum_to(grad, y)


@RegisterGradient(negative)
def _(op, grad, z, x):
    return (-grad,)


@RegisterGradient(multiply)
def _(op, grad, z, x, y):
    return sum_to(grad * y, x), sum_to(grad * x, y)


@RegisterGradient(divide)
def _(op, grad, z, x, y):
    return sum_to(grad / y, x), sum_to(-grad * z / y, y)


@RegisterGradient(matmul)
def _(op, grad, z, x, y):
    return grad @ y.T, x.T @ grad


@RegisterGradient(log)
def _(op, grad, z, x):
    return (grad / x,)


@RegisterGradient(reduce_sum)
def _(op, grad, z, x):
    return (spread(grad, x, op.axis, op.keepdims),)


@RegisterGradient(sigmoid)
def _(op, grad, z, x):
    return (grad * z * (1 - z),)


@RegisterGradient(softmax)
def _(op, grad, z, x):
    return ((grad - row_sum(grad * z)) * z,)


def backpropagate(loss, values):
    """A table with ∂loss/∂node for each node that the loss depends on."""
    grad_table = {loss: np.ones_like(values[loss])}
    for node in reversed(postorder([loss])):
        if isinstance(node, Operation):
            rule = gradient_rules[type(node)]
            inputs = [values[x] for x in node.input_nodes]
            sent = rule(node, grad_table[node], values[node], *inputs)
            for x, grad in zip(node.input_nodes, sent):
                grad_table[x] = grad_table.get(x, 0) + grad
    return grad_table


def train_step(session, loss, optimizer, feed_dict=None):
    """Move all variables behind `loss` by a step; the loss before it."""
    values = session.evaluate([loss], feed_dict)
    grad_table = backpropagate(loss, values)
    variables = [node for node in grad_table if isinstance(node, Variable)]
    optimizer.apply(session, {v: grad_table[v] for v in variables})
    return values[loss]
