"""Typical wrong answers to the exercises of chapter 9, and a part of the hint that each should get."""

import numpy as np

from tensorglass.course import library


def one_unit():
    return np.array([[20.0], [20.0]]), np.array([-10.0]), np.array([[20.0]]), np.array([-10.0])


def three_units():
    W1 = np.array([[20.0, -20.0, 0.0], [-20.0, 20.0, 0.0]])
    return W1, np.array([-10.0, -10.0, 0.0]), np.array([[20.0], [20.0], [0.0]]), np.array([-10.0])


def as_in_the_text():
    W1, b1 = np.array([[20.0, 20.0], [20.0, 20.0]]), np.array([-10.0, -30.0])
    return W1, b1, np.array([[20.0], [-20.0]]), np.array([-10.0])


def upside_down():
    W1, b1 = np.array([[20.0, -20.0], [-20.0, 20.0]]), np.array([-10.0, -10.0])
    return W1, b1, np.array([[-20.0], [-20.0]]), np.array([10.0])


def not_steep():
    W1, b1 = np.array([[1.0, -1.0], [-1.0, 1.0]]), np.array([-0.5, -0.5])
    return W1, b1, np.array([[1.0], [1.0]]), np.array([-0.5])


def without_biases():
    W1, b1 = np.array([[20.0, -20.0], [-20.0, 20.0]]), np.zeros(2)
    return W1, b1, np.array([[20.0], [20.0]]), np.array([-10.0])


def one_switch_each():
    W1, b1 = np.array([[20.0, 0.0], [0.0, 20.0]]), np.array([-10.0, -10.0])
    return W1, b1, np.array([[20.0], [20.0]]), np.array([-10.0])


def rows_for_columns():
    W1, b1 = np.array([[20.0, -20.0], [-20.0, 20.0]]), np.array([[-10.0, -10.0]])
    return W1, b1, np.array([[20.0], [20.0]]), np.array([-10.0])


def trained(hidden, column, steps=150):
    """An answer to 9.2: no hidden layer where `hidden` is 0."""

    def learn(points, labels):
        small, random = library(9), np.random.default_rng(0)
        x, c = small.placeholder(), small.placeholder()
        h = small.dense(x, 2, hidden, small.tanh, random) if hidden else x
        p = small.dense(h, hidden or 2, 2, small.softmax, random)
        loss = -small.reduce_sum(c * small.log(p)) / len(points)
        train = small.GradientDescentOptimizer(1.0).minimize(loss)
        session = small.Session()
        for _ in range(steps):
            session.run(train, {x: points, c: np.eye(2)[labels]})
        return lambda new: session.run(p, {x: new})[:, column]

    return learn


def nearest(opposite, both=False, by_heart=False):
    """No network: the label of the nearest point that was seen."""

    def learn(points, labels):
        def predict(new):
            if by_heart:
                return labels * 1.0
            near = np.square(new[:, None] - points).sum(axis=-1).argmin(axis=1)
            found = np.eye(2)[labels[near]]
            return found if both else found[:, 0 if opposite else 1]

        return predict

    return learn


def staircase(high=2.0, steep=8.0, begin=True, sign=1):
    """An answer to 9.4, with something wrong."""

    def follow(f, units):
        parts = units + 1
        edges = high * np.arange(1, parts) / parts
        stairs = f(high * (np.arange(parts) + 0.5) / parts)
        k = steep * parts
        return np.full((1, units), k), -k * edges, sign * np.diff(stairs)[:, None], stairs[:1] * begin

    return follow


def too_many(f, units):
    return staircase()(f, units + 1)


WRONG = [
    ("9.1", one_unit, "One hidden unit is one line"),
    ("9.1", three_units, "Two are enough"),
    ("9.1", as_in_the_text, "Only the first?"),
    ("9.1", upside_down, "wrong way round"),
    ("9.1", rows_for_columns, "Column j of W1"),
    ("9.1", not_steep, "make them steeper"),
    ("9.1", without_biases, "it has not decided"),
    ("9.1", one_switch_each, "one switch only"),
    ("9.1", lambda: None, "return W1, b1, W2, b2"),
    ("9.2", trained(0, 1), "straight line"),
    ("9.2", nearest(opposite=True), "probability of class 0"),
    ("9.2", nearest(opposite=False, both=True), "return column 1"),
    ("9.2", nearest(opposite=False, by_heart=True), "feed what it is given"),
    ("9.2", lambda points, labels: None, "the function `predict` itself"),
    ("9.3", {(0, 2), (1, 4)}, "comes back"),
    ("9.3", {(0, 3)}, "look at the same thing"),
    ("9.3", set(), "Go through the proof"),
    ("9.3", {(1, 5)}, "counted from 0"),
    ("9.4", staircase(high=1.0), "x goes up to 2"),
    ("9.4", staircase(steep=0.5), "not steep enough"),
    ("9.4", staircase(begin=False), "too high or too low"),
    ("9.4", staircase(sign=-1), "goes down where f goes up"),
    ("9.4", too_many, "n − 1 edges"),
]
