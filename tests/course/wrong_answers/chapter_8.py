"""Typical wrong answers to the exercises of chapter 8, and a part of the hint that each must get."""
# ruff: noqa: F821

import types

import numpy as np

from tensorglass.course import library

NAMES = {**vars(library(8)), "np": np}


def learners(function):
    """The function as it would be in the chapter's notebook."""
    return types.FunctionType(function.__code__, NAMES, function.__name__, function.__defaults__)


@learners
def all_at_once(session, train, X, c, points, targets, size, epochs, random):
    for _ in range(epochs):
        session.run(train, {X: points, c: targets})


@learners
def never_shuffled(session, train, X, c, points, targets, size, epochs, random):
    for _ in range(epochs):
        for i in range(0, len(points), size):
            session.run(train, {X: points[i : i + size], c: targets[i : i + size]})


@learners
def shuffled_once(session, train, X, c, points, targets, size, epochs, random):
    order = random.permutation(len(points))
    for _ in range(epochs):
        for i in range(0, len(points), size):
            batch = order[i : i + size]
            session.run(train, {X: points[batch], c: targets[batch]})


@learners
def with_replacement(session, train, X, c, points, targets, size, epochs, random):
    for _ in range(epochs):
        for _ in range(-(-len(points) // size)):
            batch = random.randint(len(points), size=size)
            session.run(train, {X: points[batch], c: targets[batch]})


@learners
def last_batch_lost(session, train, X, c, points, targets, size, epochs, random):
    for _ in range(epochs):
        order = random.permutation(len(points))
        for i in range(len(points) // size):
            batch = order[i * size : (i + 1) * size]
            session.run(train, {X: points[batch], c: targets[batch]})


@learners
def targets_left_behind(session, train, X, c, points, targets, size, epochs, random):
    for _ in range(epochs):
        order = random.permutation(len(points))
        for i in range(0, len(points), size):
            session.run(train, {X: points[order[i : i + size]], c: targets[i : i + size]})


@learners
def second_as_list(y, x):
    return gradients(gradients(y, [x])[0], [x])


@learners
def without_zero(y, x):
    return gradients(gradients(y, [x])[0], [x])[0]


@learners
def squared(y, x):
    return gradients(y, [x])[0] * gradients(y, [x])[0]


@learners
def first_only(y, x):
    return gradients(y, [x])[0]


def newton(change):
    """A wrong Newton step: `change` makes it from x, J′ and J″."""
    return types.FunctionType(_newton.__code__, {**NAMES, "change": change}, "newton_step")


def _newton(J, x):
    first = gradients(J, [x])[0]
    return change(x, first, gradients(first, [x])[0])


assign = NAMES["assign"]

WRONG = [
    ("8.1", 12, "forward graph too"),
    ("8.1", 6, "more than one node"),
    ("8.1", 0, "Begin with"),
    ("8.1", 10, "Do these three rules"),
    ("8.1", "eight", "an integer"),
    ("8.2", first_only, "This is the first derivative"),
    ("8.2", second_as_list, "take its element"),
    ("8.2", without_zero, "return a constant"),
    ("8.2", squared, "square of the first"),
    ("8.3", all_at_once, "`size` indices at a time"),
    ("8.3", never_shuffled, "Shuffle"),
    ("8.3", shuffled_once, "new order"),
    ("8.3", with_replacement, "Draw an order"),
    ("8.3", last_batch_lost, "may be smaller"),
    ("8.3", targets_left_behind, "shuffled together"),
    ("8.4", newton(lambda x, first, second: assign(x, x - first)), "gradient descent"),
    ("8.4", newton(lambda x, first, second: assign(x, x + first / second)), "uphill"),
    ("8.4", newton(lambda x, first, second: assign(x, x - first * second)), "J″ divides"),
    ("8.4", newton(lambda x, first, second: x - first / second), "Only an `assign`"),
    ("8.4", newton(lambda x, first, second: assign(x, -first / second)), "the step d itself"),
    ("8.4", newton(lambda x, first, second: assign(x, x - first / (2 * second))), "Half the way"),
]
