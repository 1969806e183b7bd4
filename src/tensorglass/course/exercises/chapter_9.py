"""The exercises of chapter 9: multi-layer perceptrons."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np

from ..checking import Wrong, exercise
from ..data import spirals

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR = np.array([0, 1, 1, 0])


def _sigmoid(z: Any) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(z)))  # overflows nowhere


def _weights(found: Any, inputs: int) -> list[np.ndarray]:
    """(W1, b1, W2, b2) as arrays whose shapes fit each other."""
    if found is None or not isinstance(found, (tuple, list)) or len(found) != 4 or any(w is None for w in found):
        raise Wrong("Your function should return the four arrays W1, b1, W2, b2.", hint="return W1, b1, W2, b2")
    try:
        W1, b1, W2, b2 = (np.asarray(w, dtype=np.float64) for w in found)
    except (TypeError, ValueError):
        raise Wrong("W1, b1, W2, b2 should be arrays of numbers.", hint="Write them with np.array([...]).") from None
    hidden = W1.shape[1] if W1.ndim == 2 else None
    wanted = [(inputs, hidden), (hidden,), (hidden, 1), (1,)]
    for name, w, shape in zip(("W1", "b1", "W2", "b2"), (W1, b1, W2, b2), wanted, strict=True):
        if hidden is None or w.shape != shape:
            text = str(shape).replace("None", "hidden")
            raise Wrong(
                f"{name} has the shape {w.shape}; it should be {text}.",
                hint="Column j of W1 holds the weights of hidden unit j, row j of W2 what becomes of its output.",
            )
        if not np.isfinite(w).all():
            raise Wrong(f"{name} has an element that is not a finite number.", hint="Did a division go wrong?")
    return [W1, b1, W2, b2]


@exercise("9.1", "XOR with the fewest hidden units")
def _(answer):
    """A function that returns W1, b1, W2, b2 of a network with two hidden units that is right on the four points."""
    W1, b1, W2, b2 = _weights(answer(), 2)
    h = _sigmoid(CORNERS @ W1 + b1)
    y = _sigmoid(h @ W2 + b2)[:, 0]
    wrong = np.flatnonzero((y > 0.5) != (XOR == 1))
    if len(wrong):
        i = wrong[0]
        inputs = f"({CORNERS[i][0]:g}, {CORNERS[i][1]:g})"
        units = ", ".join(f"{value:.3f}" for value in h[i])
        if W1.shape[1] == 1:
            hint = "One hidden unit is one line, whatever the output makes of it. Use one more."
        elif len(wrong) == 4:
            hint = "All four are the wrong way round. What turns every answer of a sigmoid around?"
        elif abs(y[i] - 0.5) < 1e-3:
            hint = "The sum that goes into the output is almost 0 there. Which bias would decide the matter?"
        elif (np.abs(h - 0.5) < 1e-3).any():
            hint = "A hidden unit of ½ has the sum 0 there: it has not decided. Its bias says where it changes over."
        elif (h > 0.1).all() and (h < 0.9).all():
            hint = "Your hidden units hardly change from point to point. Larger weights make them steeper."
        elif (W1 == 0).any(axis=0).all():
            hint = 'Each of your units looks at one switch only. "Only the first?" depends on both.'
        else:
            hint = "Make a table as in the text: for each point the two hidden units, then the sum that goes into y."
        raise Wrong(f"At {inputs} your hidden units are {units} and y is {y[i]:.3f}; XOR is {XOR[i]} there.", hint=hint)
    if W1.shape[1] > 2:
        raise Wrong(
            f"Your network is right on all four points, with {W1.shape[1]} hidden units.", hint="Two are enough."
        )
    first = h > 0.5
    if any((first[:, j] == (CORNERS.sum(axis=1) > 1)).all() for j in range(2)):
        raise Wrong(
            'Your network is right, but one of its units asks "are both on?", as in the text.',
            hint='"Only the first?" is x1 − x2 > ½. What is the other question, and how do you join the two?',
        )


@exercise("9.2", "A network for spirals", seconds=40)
def _(answer):
    """A function of points and labels that trains, and returns a function that is right on 95 % of new points."""
    points, labels = spirals(300, turns=2.0, seed=1)
    predict = answer(points.copy(), labels.copy())
    if not callable(predict):
        what = "nothing" if predict is None else f"an object of type {type(predict).__name__}"
        raise Wrong(f"Your function returned {what}.", hint="It should return the function `predict` itself.")
    new, truth = spirals(400, turns=2.0, seed=2)
    found = predict(new.copy())
    if found is None or found is ...:
        raise Wrong("Your `predict` returns nothing yet.", hint="It runs the network on the points that it is given.")
    try:
        found = np.asarray(found, dtype=np.float64)
    except (TypeError, ValueError):
        raise Wrong("Your `predict` should return an array of numbers.", hint="Run the node, not the graph.") from None
    if found.size != len(new):
        shape = found.shape
        if shape == (len(new), 2):
            hint = "A softmax gives both probabilities: return column 1."
        elif len(shape) and shape[0] == len(points):
            hint = "`predict` is asked about other points than those you trained on: feed what it is given."
        else:
            hint = "One number for each point."
        raise Wrong(f"For 400 points your `predict` returned an array of the shape {shape}.", hint=hint)
    found = found.reshape(-1)
    if np.isnan(found).any():
        raise Wrong("Some of your probabilities are NaN.", hint="Did the loss become NaN? Try a smaller learning rate.")
    right = (found > 0.5) == (truth == 1)
    share = right.mean()
    if share >= 0.95:
        return
    i = np.flatnonzero(~right)[0]
    message = (
        f"{share:.1%} of 400 new points are right. For example the point ({new[i][0]:.2f}, {new[i][1]:.2f}) is of "
        f"class {truth[i]}, and your network gives class 1 the probability {found[i]:.2f}."
    )
    seen = np.asarray(predict(points.copy()), dtype=np.float64).reshape(-1)
    trained = ((seen > 0.5) == (labels == 1)).mean()
    if share <= 0.1:
        hint = "Almost all are the wrong way round: is this the probability of class 0?"
    elif np.ptp(found) < 0.05:
        hint = "It says nearly the same of every point. Was it trained, and did its weights start at random?"
    elif trained > share + 0.15:
        hint = f"On the points it has seen {trained:.0%} are right: it has learned them by heart. Change the network."
    elif share < 0.72:
        hint = "This is about what a straight line or very few hidden units reach. Use more of them."
    else:
        hint = "On the right way: more hidden units, a second hidden layer, more steps or a larger learning rate."
    raise Wrong(message, hint=hint)


def _train_twins(steps: int) -> np.ndarray:
    """W1 of the network of exercise 9.3 after some steps of gradient descent on XOR's corners, moved a little."""
    x = CORNERS + np.array([0.1, -0.2])
    target = XOR[:, None]
    W1 = np.array([[0.5, -1.0, 0.5, 0.5, -1.0], [0.2, 0.3, 0.2, -0.2, 0.3]])
    b1 = np.array([0.0, 0.1, 0.0, 0.0, 0.1])
    W2 = np.array([[1.0], [0.7], [-1.0], [1.0], [0.7]])
    b2 = np.array([0.0])
    for _ in range(steps):
        h = np.tanh(x @ W1 + b1)
        error = _sigmoid(h @ W2 + b2) - target  # ∂J/∂(the output's sum), J the cross-entropy
        back = error @ W2.T * (1 - h * h)
        W1, b1 = W1 - 0.3 * x.T @ back, b1 - 0.3 * back.sum(axis=0)
        W2, b2 = W2 - 0.3 * h.T @ error, b2 - 0.3 * error.sum(axis=0)
    return W1


@exercise("9.3", "Who stays a twin?")
def _(answer):
    """A set of pairs (i, j) of units whose columns of W1 are equal after 50 steps, compared with such a run."""
    try:
        given = {tuple(sorted(int(i) for i in pair)) for pair in answer}
    except (TypeError, ValueError):
        raise Wrong("The answer is a set of pairs of numbers from 0 to 4.", hint="Such as {(0, 4), (1, 2)}.") from None
    W1 = _train_twins(50)
    pairs = list(combinations(range(5), 2))
    if any(pair not in pairs for pair in given):
        odd = next(pair for pair in given if pair not in pairs)
        raise Wrong(f"{odd} is not a pair of two different units from 0 to 4.", hint="Units are counted from 0.")
    apart = {pair: np.abs(W1[:, pair[0]] - W1[:, pair[1]]).max() for pair in pairs}
    for i, j in sorted(given):
        if apart[i, j] > 1e-9:
            if (i, j) == (0, 2):
                hint = "Their inputs and outputs are the same at first. What comes back to each of them through W2?"
            elif (i, j) == (0, 3):
                hint = "What they pass on is weighted equally, but do they look at the same thing?"
            else:
                hint = "Twins start with equal columns of W1, equal biases and equal rows of W2: all three."
            raise Wrong(
                f"After 50 steps the columns of units {i} and {j} differ by up to {apart[i, j]:.3f}.", hint=hint
            )
    missing = [pair for pair in pairs if apart[pair] < 1e-9 and pair not in given]
    if missing:
        raise Wrong(
            f"{len(missing)} pair{'s are' if len(missing) > 1 else ' is'} missing from your set.",
            hint="Go through the proof: whose columns, biases and output weights all agree?",
        )


FUNCTIONS: list[tuple[str, Callable[[np.ndarray], np.ndarray], float]] = [
    ("f(x) = x", lambda x: x, 1.0),
    ("f(x) = 2 + |x − 0.7|", lambda x: 2 + np.abs(x - 0.7), 1.0),
    ("f(x) = sin 3x", lambda x: np.sin(3 * x), 3.0),
    ("f(x) = −x²", lambda x: -x * x, 4.0),
]


@exercise("9.4", "Follow a function")
def _(answer):
    """A function of f and a number of units that returns W1, b1, W2, b2 of a network that follows f from 0 to 2."""
    xs = np.linspace(0, 2, 2001)
    for units in (8, 40):
        for name, f, slope in FUNCTIONS:
            weights = _weights(answer(f, units), 1)
            W1, b1, W2, b2 = weights
            if W1.shape[1] > units:
                raise Wrong(
                    f"Your network has {W1.shape[1]} hidden units where {units} are allowed.",
                    hint="n parts have n − 1 edges.",
                )
            follows = (_sigmoid(xs[:, None] @ W1 + b1) @ W2 + b2)[:, 0]
            error, bound = np.abs(follows - f(xs)), 2 * slope / units
            if error.max() <= bound * (1 + 1e-9):
                continue
            i = int(error.argmax())
            message = (
                f"For {name} and {units} units your network is {follows[i]:.3f} at x = {xs[i]:.3f}, where f is "
                f"{f(xs[i]):.3f}. The error may be {bound:.3f} at most."
            )
            offset = follows - f(xs)
            after = np.abs(offset[xs > 1.05]).max() > bound
            if np.ptp(offset) < bound and abs(offset.mean()) > bound:
                hint = "The shape is right, but all of it is too high or too low. Where does the staircase begin? (b2)"
            elif after and np.ptp(follows[xs > 1.3]) < 1e-3:
                hint = "Your staircase ends at 1, and x goes up to 2."
            elif np.abs(W1).max() < 4 * units / 2:
                hint = "Your steps are not steep enough: each should be over before the next one begins."
            elif np.sign(np.sum(np.diff(follows) * np.diff(f(xs)))) < 0:
                hint = "Your staircase goes down where f goes up. Look at the sign of a step, and of k."
            else:
                hint = (
                    "Which value should each stair have, and where are its edges? Draw it for two units and f(x) = x."
                )
            raise Wrong(message, hint=hint)
