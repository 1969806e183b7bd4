"""Optimizers by their equations: the same one for each framework, so that all peers make the same steps."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sgd:
    """w ← w − α g"""

    rate: float

    def tf(self, tf):
        """Return it for TensorGlass and TensorFlow."""
        return tf.train.GradientDescentOptimizer(self.rate)

    def torch(self, torch, parameters):
        """Return it for PyTorch."""
        return torch.optim.SGD(parameters, self.rate)

    def slots(self, zeros):
        """Return what JAX's loop has to carry beside the weights; `zeros` makes a tree like them."""
        return ()

    def jax(self, tree_map, w, g, slots):
        """Return new weights and slots for JAX."""
        return tree_map(lambda w, g: w - self.rate * g, w, g), slots


@dataclass(frozen=True)
class Momentum:
    """a ← β a + g,   w ← w − α a"""

    rate: float
    momentum: float = 0.9

    def tf(self, tf):
        """Return it for TensorGlass and TensorFlow."""
        return tf.train.MomentumOptimizer(self.rate, self.momentum)

    def torch(self, torch, parameters):
        """Return it for PyTorch."""
        return torch.optim.SGD(parameters, self.rate, self.momentum)

    def slots(self, zeros):
        """Return what JAX's loop has to carry beside the weights."""
        return zeros()

    def jax(self, tree_map, w, g, slots):
        """Return new weights and slots for JAX."""
        slots = tree_map(lambda a, g: self.momentum * a + g, slots, g)
        return tree_map(lambda w, a: w - self.rate * a, w, slots), slots


@dataclass(frozen=True)
class Adam:
    """m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²,   w ← w − α √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε)

    The rates that the workloads choose are small: where a gradient is almost zero, Adam makes a full step out of
    rounding errors, and the losses of the peers would drift apart.
    """

    rate: float
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def tf(self, tf):
        """Return it for TensorGlass and TensorFlow."""
        return tf.train.AdamOptimizer(self.rate, self.beta1, self.beta2, self.epsilon)

    def torch(self, torch, parameters):
        """Return it for PyTorch."""
        return torch.optim.Adam(parameters, self.rate, (self.beta1, self.beta2), self.epsilon)

    def slots(self, zeros):
        """Return what JAX's loop has to carry beside the weights."""
        return zeros(), zeros(), 0

    def jax(self, tree_map, w, g, slots):
        """Return new weights and slots for JAX."""
        m, v, t = slots
        t = t + 1
        rate = self.rate * (1 - self.beta2**t) ** 0.5 / (1 - self.beta1**t)
        m = tree_map(lambda m, g: m + (1 - self.beta1) * (g - m), m, g)
        v = tree_map(lambda v, g: v + (1 - self.beta2) * (g * g - v), v, g)
        w = tree_map(lambda w, m, v: w - rate * m / (v**0.5 + self.epsilon), w, m, v)
        return w, (m, v, t)
