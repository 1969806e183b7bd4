"""Typical wrong answers to the exercises of chapter 10, and a part of the hint that each should get."""

import numpy as np

import tensorglass as tg


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def of_chapter_3(x):
    e = np.exp(x)
    return e / e.sum(axis=-1, keepdims=True)


def one_maximum(x):
    e = np.exp(x - x.max())
    return e / e.sum(axis=-1, keepdims=True)


def one_sum(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum()


def cut_off(x):
    return of_chapter_3(np.clip(x, -80, 80))


def in_place(x):
    x -= x.max(axis=-1, keepdims=True)
    return of_chapter_3(x)


def log_of_the_branch(x):
    return tg.where(x > 0, tg.log(x), tg.zeros_like(x))


def log_of_something_small(x):
    return tg.log(tg.maximum(x, 1e-30))


def without_gradient(x):
    harmless = tg.where(x > 0, x, tg.ones_like(x))
    return tg.stop_gradient(tg.where(x > 0, tg.log(harmless), tg.zeros_like(x)))


def f64(x):
    x = x.astype(np.float64)
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


WRONG = [
    ("10.1", of_chapter_3, "may be subtracted from a row"),
    ("10.1", one_maximum, "its own maximum"),
    ("10.1", one_sum, "its own sum"),
    ("10.1", cut_off, "Cutting the logits off"),
    ("10.1", in_place, "works in place"),
    ("10.2", lambda x, c: softmax(x) - c, "mean over the batch"),
    ("10.2", lambda x, c: (c - softmax(x)) / len(x), "The sign"),
    ("10.2", lambda x, c: softmax(x) / len(x), "What should it say?"),
    ("10.2", lambda x, c: (softmax(x) - c) / x.size, "not over the classes"),
    ("10.2", lambda x, c: -c / softmax(x) / len(x), "one more step back"),
    ("10.2", lambda x, c: (of_chapter_3(x) - c) / len(x), "overflows"),
    ("10.3", lambda x: np.log(1 / (1 + np.exp(-x))), "NumPy has a function"),
    ("10.3", lambda x: -np.log1p(np.exp(-x)), "powers be of −|x| only"),
    ("10.3", lambda x: np.minimum(x, 0) - np.log(1 + np.exp(-np.abs(x))), "NumPy has a function"),
    ("10.3", lambda x: np.maximum(-x, 0) + np.log1p(np.exp(-np.abs(x))), "its logarithm is negative"),
    ("10.3", f64, "which take the type of x"),
    ("10.4", log_of_the_branch, "before"),
    ("10.4", log_of_something_small, "is not 0"),
    ("10.4", without_gradient, "No gradient comes back"),
]
