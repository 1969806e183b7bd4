"""Typical wrong answers to the exercises of chapter 16, and a part of the hint that each should get."""

import numpy as np

from tensorglass.course.data import digits

RIGHT = {"a": (24, 24, 6), "b": (28, 28, 6), "c": (6, 4, 16), "d": (8, 5, 16), "e": (3, 3, 4)}
SOBEL = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])


def gradient(x, y_bar, k, s):
    m1, m2 = y_bar.shape
    w = np.zeros((k, k))
    for i, j in np.ndindex(k, k):
        w[i, j] = (x[i : i + (m1 - 1) * s + 1 : s, j : j + (m2 - 1) * s + 1 : s] * y_bar).sum()
    return w


def without_stride(x, y_bar, k, s):
    m1, m2 = y_bar.shape
    return np.array([[(x[i : i + m1, j : j + m2] * y_bar).sum() for j in range(k)] for i in range(k)])


def nearest_mean(images):
    known, labels = digits(300, seed=0)
    means = np.stack([known[labels == c].mean(axis=0) for c in range(10)]).reshape(10, -1)
    return np.square(images.reshape(-1, 1, 256) - means).sum(axis=2).argmin(axis=1)


WRONG = [
    ("16.1", RIGHT | {"a": (24, 24, 1)}, "How many kernels"),
    ("16.1", RIGHT | {"a": (28, 28, 6)}, "other padding"),
    ("16.1", RIGHT | {"a": (23, 23, 6)}, "counted from 0"),
    ("16.1", RIGHT | {"c": (7, 5, 16)}, "other padding"),
    ("16.1", RIGHT | {"c": (12, 8, 16)}, "2 pixels at a time"),
    ("16.1", RIGHT | {"d": (15, 10, 16)}, "2 pixels at a time"),
    ("16.1", {"a": (24, 24, 6)}, "five rows"),
    ("16.2", -SOBEL, "turned kernel"),
    ("16.2", SOBEL.T, "vertical edges"),
    ("16.2", np.sign(SOBEL), "counts twice"),
    ("16.2", np.abs(SOBEL), "same all over"),
    ("16.3", without_stride, "With stride 2"),
    ("16.3", lambda x, d, k, s: gradient(x, d, k, s)[::-1, ::-1], "180 degrees"),
    ("16.3", lambda x, d, k, s: gradient(x, d, k, s).T, "changed places"),
    ("16.3", lambda x, d, k, s: gradient(x, d, k, s) / d.size, "their sum"),
    ("16.2", SOBEL.ravel(), "three rows of three numbers"),
    ("16.3", lambda x, d, k, s: x[:k, :k] * d[0, 0], "Multiply by y_bar of that place"),
    ("16.4", lambda images: np.zeros(len(images)), "guessing"),
    ("16.4", nearest_mean, "Train longer"),
    ("16.4", lambda images: np.zeros((len(images), 10)), "argmax"),
]
