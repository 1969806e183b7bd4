"""Typical wrong answers to the exercises of chapter 4, and a part of the hint that each should get."""

import numpy as np

from tensorglass.course import library

p, truth = np.array([0.8, 0.4, 0.5, 0.9]), np.array([1, 0, 1, 0])
J = -np.log(0.024)

small = library(4)
placeholder, Session, Graph = small.placeholder, small.Session, small.Graph  # as in a notebook, where answers find them
log, reduce_sum = small.log, small.reduce_sum


def _everything(x, axis=None):
    return sum(x.flat)


def _other_axis(x, axis=None):
    if axis is None:
        return sum(x.flat)
    return sum(np.moveaxis(x, x.ndim - 1 - axis if axis >= 0 else -1 - axis, 0))


def _axis_kept(x, axis=None):
    return sum(x.flat) if axis is None else np.expand_dims(sum(np.moveaxis(x, axis, 0)), axis)


def _first_axis_only(x, axis=None):
    return sum(np.moveaxis(x, axis or 0, 0))


def _into_the_first_slice(x, axis=None):
    if axis is None:
        return sum(x.flat)
    slices = np.moveaxis(x, axis, 0)
    total = slices[0]
    for part in slices[1:]:
        total += part
    return total


def _numpys(x, axis=None):
    return x.sum(axis=axis)


def _sum_of_losses(p, c):
    return -reduce_sum(c * log(p))


def _no_minus(p, c):
    return reduce_sum(c * log(p)) / reduce_sum(c)


def _each(p, c):
    return -reduce_sum(c * log(p), axis=1)


def _sigmoids(p, c):
    return -reduce_sum(c * log(p) + (1 - c) * log(1 - p)) / reduce_sum(c)


def _by_entries(p, c):
    return -reduce_sum(c * log(p)) / reduce_sum(c * 0 + 1)


def _numbers(p, c):
    return 0.5


WRONG = [
    ("4.1", -np.log(p).sum(), "1 − p"),
    ("4.1", -J, "never negative"),
    ("4.1", J / 4, "average"),
    ("4.1", J / np.log(2), "base 2"),
    ("4.1", 0.024, "likelihood"),
    ("4.1", -np.log(0.8) - np.log(0.5), "count as well"),
    ("4.1", ((p - truth) ** 2).sum(), "squared error"),
    ("4.1", 3.73, "round"),
    ("4.2", 0.0, "(1 − p) once more"),
    ("4.2", 1 / 3, "Which score"),
    ("4.2", np.log(2), "sign"),
    ("4.2", -0.7, "Three decimals"),
    ("4.2", -5, "plateau"),
    ("4.2", -8 / 27, "where"),
    ("4.3", _everything, "only that axis"),
    ("4.3", _other_axis, "the other axis"),
    ("4.3", _axis_kept, "the shape is"),
    ("4.3", _first_axis_only, "no axis is left"),
    ("4.3", _into_the_first_slice, "total = 0"),
    ("4.3", _numpys, "Take slices"),
    ("4.4", _sum_of_losses, "the sum of all of c"),
    ("4.4", _no_minus, "minus sign"),
    ("4.4", _each, "losses of the leaves"),
    ("4.4", _sigmoids, "not needed"),
    ("4.4", _by_entries, "number of entries"),
    ("4.4", _numbers, "Use log"),
]
