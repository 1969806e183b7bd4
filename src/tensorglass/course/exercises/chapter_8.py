"""The exercises of chapter 8: gradients as nodes."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import numpy as np

from ..checking import Wrong, exercise
from ..library import library


def _names(answer: Any, what: str) -> dict[str, Any]:
    """The notebook's names, from a function written in it."""
    found = getattr(answer, "__globals__", {}) if isinstance(answer, types.FunctionType) else {}
    if any(name not in found for name in ("Graph", "Session", "Variable", "gradients", "assign", "group")):
        raise Wrong(
            f"The answer is a function that you write in this notebook, {what}.",
            hint="Pass the function itself to check.",
        )
    return found


# -- 8.1


@exercise("8.1", "Count first")
def _(answer):
    """The number of nodes that `gradients` adds to the graph of Σ ln σ(x)."""
    if isinstance(answer, bool) or not isinstance(answer, (int, np.integer)):
        raise Wrong(f"The answer is a number of nodes, and not {answer!r}.", hint="Count, and write an integer.")
    small = library(8)
    with small.Graph() as graph:
        x = small.Variable(np.ones((2, 3)))
        loss = small.reduce_sum(small.log(small.sigmoid(x)))
        before = len(graph.nodes)
        small.gradients(loss, [x])
    count = len(graph.nodes) - before
    if answer == count:
        return
    if answer == len(graph.nodes):
        hint = "You have counted the forward graph too. How many are new?"
    elif answer <= 0:
        hint = "Begin with J̄: it is a node. Then take the rules of reduce_sum, log and sigmoid, one after the other."
    elif answer < count:
        hint = "Is the start of the pass, `ones_like`, among them? And 1 − z is more than one node: how is it made?"
    else:
        hint = "Only what the rules of reduce_sum, log and sigmoid call is built. Do these three rules sum to a shape?"
    raise Wrong(f"{answer} is not the number of nodes that are added.", hint=hint)


# -- 8.2


@exercise("8.2", "Curvature")
def _(answer):
    """A function (y, x) that returns a node with the value of d²y/dx²."""
    names = _names(answer, "second_derivative(y, x)")
    cases: list[tuple[str, Callable, float, float, float]] = [
        ("x²", lambda x: x * x, 3.0, 6.0, 2.0),
        ("x³", lambda x: x * x * x, 2.0, 12.0, 12.0),
        ("x⁴", lambda x: x * x * x * x, 1.0, 4.0, 12.0),
        ("ln x", names["log"], 0.5, 2.0, -4.0),
        ("3x", lambda x: 3 * x, 2.0, 3.0, 0.0),
    ]
    for text, build, at, first, second in cases:
        with names["Graph"]():
            x = names["Variable"](at, name="x")
            y = build(x)
            found = answer(y, x)
        if found is None:
            raise Wrong(
                f"For y = {text} your function returns None.",
                hint="`gradients` says None where nothing depends on x. The derivative is 0 then: return a constant.",
            )
        if isinstance(found, (list, tuple)):
            raise Wrong(
                f"For y = {text} your function returns a list.",
                hint="`gradients` returns a list, one node for each x: take its element, `[0]`.",
            )
        if not hasattr(found, "input_nodes"):
            raise Wrong(
                f"For y = {text} your function returns {found!r}, which is no node.",
                hint="Do not run anything: return a node. For a derivative that is 0, `constant(0.0)`.",
            )
        value = float(np.asarray(names["Session"]().run(found)))
        if np.isclose(value, second):
            continue
        hint = "Differentiate the node of the first derivative."
        if np.isclose(value, first):
            hint = "This is the first derivative. It is a node: give it to `gradients`."
        elif np.isclose(value, first**2):
            hint = "This is the square of the first derivative, and not the derivative of it."
        raise Wrong(f"For y = {text} at x = {at:g} your node is {value:g}, and y″ is {second:g}.", hint=hint)


# -- 8.3


class _Noted:
    """A session that notes what it is fed."""

    def __init__(self, session: Any):
        self.session = session
        self.feeds: list[dict] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.session, name)

    def run(self, fetches: Any, feed_dict: dict | None = None) -> Any:
        if len(self.feeds) > 10_000:
            raise Wrong("Your loop has run more than 10,000 steps.", hint="Does it end?")
        self.feeds.append(dict(feed_dict or {}))
        return self.session.run(fetches, feed_dict)


@exercise("8.3", "Epochs")
def _(answer):
    """A function that runs a train op on shuffled mini-batches; what it feeds is looked at, and the loss at the end."""
    names = _names(answer, "train_epochs(session, train, X, c, points, targets, size, epochs, random)")
    for n, size, epochs in [(4, 2, 1), (5, 2, 2), (12, 4, 3)]:
        points = np.arange(2.0 * n).reshape(n, 2)
        targets = 100 + np.arange(n * 1.0).reshape(n, 1)
        with names["Graph"]():
            X, c = names["placeholder"](name="X"), names["placeholder"](name="c")
            train = names["group"]([X, c], name="train")
        session = _Noted(names["Session"]())
        answer(session, train, X, c, points.copy(), targets.copy(), size, epochs, np.random.RandomState(3))
        where = f"With {n} points, batches of {size} and epochs = {epochs}"
        _look_at_feeds(session.feeds, X, c, n, size, epochs, where)
    _look_at_loss(answer, names)


def _look_at_feeds(feeds: list[dict], X: Any, c: Any, n: int, size: int, epochs: int, where: str) -> None:
    if not feeds:
        raise Wrong(
            f"{where} your function never runs `train` in the session that it is given.",
            hint="session.run(train, {X: ..., c: ...})",
        )
    rows: list[int] = []
    for feed in feeds:
        if X not in feed or c not in feed:
            raise Wrong(f"{where} a step is fed without {'X' if X not in feed else 'c'}.", hint="Feed both, each time.")
        x, target = np.asarray(feed[X]), np.asarray(feed[c])
        if x.ndim != 2 or target.ndim != 2 or len(x) != len(target):
            raise Wrong(
                f"{where} a step is fed X of shape {x.shape} and c of shape {target.shape}.",
                hint="Take rows of both with the same indices: points[batch] and targets[batch].",
            )
        here = (x[:, 0] / 2).astype(int)
        if not np.array_equal(target[:, 0] - 100, here):
            raise Wrong(
                f"{where} points {here.tolist()} are fed with the targets of points "
                f"{(target[:, 0] - 100).astype(int).tolist()}.",
                hint="Points and targets have to be shuffled together: one order of indices for both.",
            )
        if len(here) > size:
            raise Wrong(f"{where} a step is fed {len(here)} points.", hint="Take `size` indices at a time.")
        rows += here.tolist()
    if len(rows) < n * epochs:
        hint = "The last batch of an epoch may be smaller: do not leave it out."
        if len(rows) <= n:
            hint = "Is there a loop over the epochs, around the loop over the batches?"
        raise Wrong(f"{where} {len(rows)} points are fed in all, and should be {n * epochs}.", hint=hint)
    for epoch in range(epochs):
        seen = rows[epoch * n : (epoch + 1) * n]
        if len(set(seen)) < n:
            raise Wrong(
                f"{where} epoch {epoch + 1} feeds the points {seen}: not every point once.",
                hint="Draw an order, not points: random.permutation(len(points)) has each index once.",
            )
    if len(rows) > n * epochs:
        raise Wrong(
            f"{where} {len(rows)} points are fed in all, and should be {n * epochs}.",
            hint="Every point once in each epoch, and no step more.",
        )
    orders = [rows[epoch * n : (epoch + 1) * n] for epoch in range(epochs)]
    if n > 4 and all(order == sorted(order) for order in orders):
        raise Wrong(f"{where} the points always come in the order of the array.", hint="Shuffle: random.permutation.")
    if n > 4 and all(order == orders[0] for order in orders[1:]):
        raise Wrong(f"{where} every epoch has the same order.", hint="Draw a new order at the beginning of each epoch.")


def _look_at_loss(answer: Any, names: dict[str, Any]) -> None:
    from ..data import blobs

    points, labels = blobs(200, centers=[[-1, -1], [1, 1]], seed=8)
    targets = labels[:, None].astype(np.float64)
    with names["Graph"]():
        X, c = names["placeholder"](name="X"), names["placeholder"](name="c")
        w, b = names["Variable"](np.zeros((2, 1))), names["Variable"](np.zeros(1))
        p = names["sigmoid"](X @ w + b)
        surprise = -(c * names["log"](p) + (1 - c) * names["log"](1 - p))
        loss = names["reduce_sum"](surprise) / names["reduce_sum"](c + (1 - c))
        train = names["GradientDescentOptimizer"](0.5).minimize(loss)
    session = names["Session"]()
    answer(session, train, X, c, points, targets, 20, 5, np.random.RandomState(0))
    after = float(session.run(loss, {X: points, c: targets}))
    if after > 0.3:
        raise Wrong(
            f"After 5 epochs with batches of 20 the loss of a perceptron is {after:.2f}; below 0.3 is expected.",
            hint="Is it the session that you were given which runs `train`, with its variables?",
        )


# -- 8.4


@exercise("8.4", "Newton's method")
def _(answer):
    """A function (J, x) that returns a node; running it must move x by one step of Newton's method."""
    names = _names(answer, "newton_step(J, x)")
    cases: list[tuple[str, Callable, float, float, float]] = [  # J, J at x, x, J′, J″
        ("(x − 3)²", lambda x: (x - 3) * (x - 3), 5.0, 4.0, 2.0),
        ("x⁴", lambda x: x * x * x * x, 3.0, 108.0, 108.0),
        ("x − ln x", lambda x: x - names["log"](x), 0.5, -1.0, 4.0),
    ]
    for text, build, at, first, second in cases:
        with names["Graph"]():
            x = names["Variable"](at, name="x")
            loss = build(x)
            step = answer(loss, x)
        if isinstance(step, (list, tuple)) and len(step) == 1:
            step = step[0]
        if not hasattr(step, "input_nodes"):
            raise Wrong(
                f"Your function returns {type(step).__name__}, and should return a node.",
                hint="Build the new value as a node, and an `assign` of it to x.",
            )
        session = names["Session"]()
        session.run(step)
        found, right = float(np.asarray(session.run(x))), at - first / second
        if np.isclose(found, right):
            continue
        message = (
            f"For J = {text} at x = {at:g}, where J′ = {first:g} and J″ = {second:g}, x is {found:.6g} after a step"
        )
        if np.isclose(found, at):
            hint = "x has not moved. Only an `assign` moves a variable: return assign(x, new value)."
        elif np.isclose(found, -first / second) or np.isclose(found, first / second):
            hint = "You have assigned the step d itself. The new value is x + d."
        elif np.isclose(found, at + first / second):
            hint = "It goes uphill. Set the derivative with respect to d to zero, J′ + J″ d = 0, and mind the sign."
        elif np.isclose(found, at - first * second):
            hint = "J′ + J″ d = 0: J″ divides."
        elif np.isclose(found, at - first / second / 2):
            hint = (
                "Half the way. d is −J′/J″, without another factor. (And −J/J′ would look for a zero of J, not of J′.)"
            )
        elif np.isclose(found, at - first) or np.isclose(found, at - 0.1 * first):
            hint = "This is a step of gradient descent. How long a step is comes from J″."
        else:
            hint = "The parabola J + J′ d + ½ J″ d² is smallest where its derivative with respect to d is 0."
        raise Wrong(f"{message}, and should be {right:.6g}.", hint=hint)
