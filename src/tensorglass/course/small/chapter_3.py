"""Perceptrons: a line that separates, and a probability."""

import numpy as np


class sigmoid(Operation):
    """z = 1 / (1 + e⁻ˣ)"""

    def __init__(self, x, name=None):
        super().__init__([x], name)

    def compute(self, x):
        return 1 / (1 + np.exp(-x))


class softmax(Operation):
    """zᵢ = eˣⁱ / Σⱼ eˣʲ, in each row"""

    def __init__(self, x, name=None):
        super().__init__([x], name)

    def compute(self, x):
        powers = np.exp(x)
        return powers / powers.sum(axis=-1, keepdims=True)
