"""Numerical gradient checking: what the definition of the derivative says."""

import numpy as np


def numeric_gradient(session, loss, node, feed_dict=None, delta=1e-6):
    """∂loss/∂node: (J(x + δ) − J(x − δ)) / 2δ for each element."""
    values = session.evaluate([loss, node], feed_dict)
    value = np.array(values[node], dtype=np.float64)
    gradient = np.zeros_like(value)
    for index in np.ndindex(value.shape):
        loss_at = []
        for shift in (delta, -delta):
            moved = value.copy()
            moved[index] += shift
            feeds = {**(feed_dict or {}), node: moved}
            loss_at.append(session.run(loss, feeds))
        gradient[index] = (loss_at[0] - loss_at[1]) / (2 * delta)
    return gradient


def compute_gradient_error(session, loss, node, feed_dict=None, delta=1e-6):
    """How far backpropagation is from central differences, relatively."""
    exact = backpropagate(loss, session.evaluate([loss], feed_dict))[node]
    numeric = numeric_gradient(session, loss, node, feed_dict, delta)
    size = max(1.0, np.abs(exact).max(), np.abs(numeric).max())
    return np.abs(exact - numeric).max() / size
