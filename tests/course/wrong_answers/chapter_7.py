"""Typical wrong answers to the exercises of chapter 7, and a part of the hint that each must get."""

import numpy as np

from tensorglass.course import library


def learners(source):
    """The class `softplus` as it would be in the chapter's notebook, with a kernel and a rule."""
    kernel, rule = source
    names = vars(library(7))
    text = "class softplus(Operation):\n    def __init__(self, x, name=None):\n        super().__init__([x], name)\n"
    text += f"    def compute(self, x):\n        return {kernel}\n"
    if rule:
        text += f"@RegisterGradient(softplus)\ndef _(op, grad, z, x):\n    return {rule}\n"
    names["np"] = np
    exec(text, names)
    return names["softplus"]


KERNEL = "np.log(1 + np.exp(x))"


def central(f, x, delta):
    return (f(x + delta) - f(x - delta)) / (2 * delta)


def one_sided(f, x, delta):
    return (f(x + delta) - f(x)) / delta


def lost(f, x, delta):
    return 4 * central(f, x, delta) - central(f, x, 2 * delta)


WRONG = [
    ("7.1", (1.0, 1.0), "Too large"),
    ("7.1", (6e-8, 1.1e-16), "unit roundoff"),
    ("7.1", (1e-5, 1e-2), "each other's place"),
    ("7.1", (6e-3, 1e-10), "Too small"),
    ("7.1", 1e-3, "best_float32"),
    ("7.2", "square", "both signs"),
    ("7.2", "absolute", "kink"),
    ("7.2", "running_sum", "a weight"),
    ("7.2", "?", "as a text"),
    ("7.3", learners(("np.log(np.exp(x))", "(grad,)")), "where is the 1"),
    ("7.3", learners((KERNEL, "")), "@RegisterGradient(softplus)"),
    ("7.3", learners((KERNEL, "(1 / (1 + np.exp(-x)),)")), "This is the derivative alone"),
    ("7.3", learners((KERNEL, "(grad / (1 + np.exp(-z)),)")), "This is σ(z)"),
    ("7.3", learners((KERNEL, "grad / (1 + np.exp(-x))")), "Mind the comma"),
    ("7.3", learners((KERNEL, "(grad / (1 + np.exp(x)),)")), "This is σ(−x)"),
    ("7.3", learners((KERNEL, "(grad * z * (1 - z),)")), "rule of sigmoid"),
    ("7.3", learners((KERNEL, "(grad * sigmoid(x),)")), "This is a node"),
    ("7.4", central, "still there"),
    ("7.4", lambda f, x, delta: central(f, x, delta**2), "another δ"),
    ("7.4", one_sided, "central difference"),
    ("7.4", lost, "add up to 1"),
]
