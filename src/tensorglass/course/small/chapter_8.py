"""The reverse pass is a graph too: gradients as nodes, and a training step as a node."""

import numpy as np


class transpose(Operation):
    """z = xᵀ"""

    def __init__(self, x, name=None):
        super().__init__([x], name)

    def compute(self, x):
        return x.T


Node.T = property(lambda x: transpose(x))


class sum_to(Operation):
    """z = Σ x over the axes along which `like` is repeated to fit x"""

    def __init__(self, x, like, name=None):
        super().__init__([x, like], name)

    def compute(self, x, like):
        new = tuple(range(x.ndim - like.ndim))
        ones = [i for i, n in enumerate(like.shape) if n == 1]
        stretched = tuple(i + len(new) for i in ones)
        return x.sum(axis=new + stretched, keepdims=True).reshape(like.shape)


class spread(Operation):
    """z = x repeated along the axis over which `like` was summed"""

    def __init__(self, x, like, axis, keepdims, name=None):
        super().__init__([x, like], name)
        self.axis, self.keepdims = axis, keepdims

    def compute(self, x, like):
        if self.axis is not None and not self.keepdims:
            x = np.expand_dims(x, self.axis)
        return np.broadcast_to(x, like.shape)


def row_sum(x):
    return reduce_sum(x, axis=-1, keepdims=True)


class ones_like(Operation):
    """z = ones in the shape of x"""

    def __init__(self, x, name=None):
        super().__init__([x], name)

    def compute(self, x):
        return np.ones_like(x, dtype=np.float64)


@RegisterGradient(transpose)
def _(op, grad, z, x):
    return (grad.T,)


@RegisterGradient(sum_to)
def _(op, grad, z, x, like):
    return spread(grad, x, axis=None, keepdims=True), None


@RegisterGradient(spread)
def _(op, grad, z, x, like):
    if op.axis is None:
        return sum_to(grad, x), None
    return reduce_sum(grad, op.axis, op.keepdims), None


@RegisterGradient(ones_like)
def _(op, grad, z, x):
    return (None,)


def gradients(y, xs):
    """A node for each ∂y/∂x; None where y does not depend on x."""
    grad_table = {y: ones_like(y)}
    for node in reversed(postorder([y])):
        if isinstance(node, Operation) and node in grad_table:
            rule = gradient_rules[type(node)]
            sent = rule(node, grad_table[node], node, *node.input_nodes)
            for x, grad in zip(node.input_nodes, sent):
                if grad is not None:
                    known = x in grad_table
                    grad_table[x] = grad_table[x] + grad if known else grad
    return [grad_table.get(x) for x in xs]


def compute_gradient_error(session, loss, node, feed_dict=None, delta=1e-6):
    """How far the gradient's node is from central differences, relatively."""
    exact = session.run(gradients(loss, [node])[0], feed_dict)
    numeric = numeric_gradient(session, loss, node, feed_dict, delta)
    size = max(1.0, np.abs(exact).max(), np.abs(numeric).max())
    return np.abs(exact - numeric).max() / size


del backpropagate, train_step  # they gave arrays to the rules


class assign(Operation):
    """variable ← value, when the run has ended"""

    def __init__(self, variable, value, name=None):
        super().__init__([value], name)
        self.variable = variable

    def compute(self, value):
        return value


class group(Operation):
    """Runs all of its inputs; has no value"""

    def __init__(self, nodes, name=None):
        super().__init__(nodes, name)

    def compute(self, *values):
        return None


class Session(Session):
    """Runs graphs; assignments take effect at the end of a run."""

    def evaluate(self, fetches, feed_dict=None):
        values = super().evaluate(fetches, feed_dict)
        for node, value in values.items():
            if isinstance(node, assign):
                self.state[node.variable] = value
        return values


class GradientDescentOptimizer:
    """w ← w − η ∂J/∂w, as nodes of the graph"""

    def __init__(self, learning_rate):
        self.learning_rate = learning_rate

    def compute_gradients(self, loss):
        behind = postorder([loss])
        variables = [node for node in behind if isinstance(node, Variable)]
        return list(zip(gradients(loss, variables), variables))

    def apply_gradients(self, grads_and_vars):
        rate = self.learning_rate
        steps = [assign(v, v - rate * grad) for grad, v in grads_and_vars]
        return group(steps, name="train")

    def minimize(self, loss):
        return self.apply_gradients(self.compute_gradients(loss))
