"""Gradient descent: a small step downhill, many times."""


class GradientDescentOptimizer:
    """w ← w − η ∂J/∂w"""

    def __init__(self, learning_rate):
        self.learning_rate = learning_rate

    def apply(self, session, gradients):
        """Move each variable in the table `gradients` against its gradient."""
        for variable, gradient in gradients.items():
            old = session.run(variable)
            session.state[variable] = old - self.learning_rate * gradient
