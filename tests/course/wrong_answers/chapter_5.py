"""Typical wrong answers to the exercises of chapter 5, and a part of the hint that each should get."""

import numpy as np


class Optimizer:
    def __init__(self, learning_rate):
        self.learning_rate = learning_rate


class Uphill(Optimizer):
    def apply(self, session, gradients):
        for variable, gradient in gradients.items():
            session.state[variable] = session.run(variable) + self.learning_rate * gradient


class NoRate(Optimizer):
    def apply(self, session, gradients):
        for variable, gradient in gradients.items():
            session.state[variable] = session.run(variable) - gradient


class FromTheTable(Optimizer):
    def apply(self, session, gradients):
        for variable, gradient in gradients.items():
            session.state[variable] = session.state[variable] - self.learning_rate * gradient


class ANode(Optimizer):
    def apply(self, session, gradients):
        for variable, gradient in gradients.items():
            session.state[variable] = variable - self.learning_rate * gradient


class NotStored(Optimizer):
    def apply(self, session, gradients):
        for variable, gradient in gradients.items():
            value = session.run(variable)
            value = value - self.learning_rate * gradient


class InPlace(Optimizer):
    def apply(self, session, gradients):
        for variable, gradient in gradients.items():
            session.run(variable)
            session.state[variable] -= self.learning_rate * gradient


class InitialValue(Optimizer):
    def apply(self, session, gradients):
        for variable, gradient in gradients.items():
            variable.initial_value = variable.initial_value - self.learning_rate * gradient


class FromTheStart(Optimizer):
    def apply(self, session, gradients):
        for variable, gradient in gradients.items():
            session.state[variable] = variable.initial_value - self.learning_rate * gradient


class FirstOnly(Optimizer):
    def apply(self, session, gradients):
        for variable, gradient in gradients.items():
            session.state[variable] = session.run(variable) - self.learning_rate * gradient
            return


RIGHT = {
    "A": ("rate too large", -1.5),
    "B": ("wrong sign", 1.2),
    "C": ("rate too small", 0.999),
    "D": ("all is well", -0.5),
}


def _gradient(force):
    def gradient(X, c, w, b):
        p = 1 / (1 + np.exp(-(X @ w + b)))
        s_bar = force(p, c)
        return X.T @ s_bar, s_bar.sum()

    return gradient


def _bias_not_summed(X, c, w, b):
    p = 1 / (1 + np.exp(-(X @ w + b)))
    s_bar = 2 * (p - c) * p * (1 - p)
    return X.T @ s_bar, s_bar


def _bias_averaged(X, c, w, b):
    w_bar, s_bar = _bias_not_summed(X, c, w, b)
    return w_bar, s_bar.mean()


WRONG = [
    ("5.1", (0, 0.5), "twice that"),
    ("5.1", (0, 2 / 3), "smallest eigenvalue"),
    ("5.1", (0, 1 / 8), "jumping is allowed"),
    ("5.1", (0, 2 / 7), "diagonal"),
    ("5.1", (0, 2 / 11), "best rate"),
    ("5.1", (0, 0.2499), "Very nearly"),
    ("5.1", (-0.25, 0.25), "small positive rate"),
    ("5.1", 0.25, "form of the stub"),
    ("5.2", Uphill, "way up"),
    ("5.2", NoRate, "rate is missing"),
    ("5.2", NotStored, "session.state[variable]"),
    ("5.2", InPlace, "Do not write into it"),
    ("5.2", InitialValue, "belongs to the graph"),
    ("5.2", FromTheTable, "in any case"),
    ("5.2", ANode, "builds a node"),
    ("5.2", FromTheStart, "present value"),
    ("5.2", FirstOnly, "several variables"),
    ("5.2", Uphill(0.1), "MyOptimizer"),
    ("5.3", {**RIGHT, "A": ("rate too large", 1.5)}, "signs"),
    ("5.3", {**RIGHT, "A": ("wrong sign", -1.5)}, "changes its side"),
    ("5.3", {**RIGHT, "B": ("rate too large", 1.2)}, "above 1"),
    ("5.3", {**RIGHT, "B": ("wrong sign", 1 / 1.2)}, "old value by the new"),
    ("5.3", {**RIGHT, "C": ("all is well", 0.999)}, "How many steps"),
    ("5.3", {**RIGHT, "D": ("rate too large", -0.5)}, "happens to the distance"),
    ("5.3", {**RIGHT, "D": ("fine", -0.5)}, "Copy one"),
    ("5.4", _gradient(lambda p, c: p - c), "cross-entropy"),
    ("5.4", _gradient(lambda p, c: 2 * (p - c)), "slope of the sigmoid"),
    ("5.4", _gradient(lambda p, c: (p - c) * p * (1 - p)), "2 of the square"),
    ("5.4", _gradient(lambda p, c: 2 * (c - p) * p * (1 - p)), "sign"),
    ("5.4", _gradient(lambda p, c: 2 * (p - c) * p * (1 - p) / len(c)), "average"),
    ("5.4", _bias_not_summed, "shape of its variable"),
    ("5.4", _bias_averaged, "w̄ is right"),
]
