"""The exercises of chapter 5: gradient descent."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..checking import Wrong, exercise
from ..library import library

HESSIAN = np.array([[4.0, 2.0], [2.0, 7.0]])  # of 2 w1² + 2 w1 w2 + 7/2 w2²: the eigenvalues are 3 and 8
LIMIT = 2 / 8


def _height(w: np.ndarray) -> float:
    return float(0.5 * w @ HESSIAN @ w)


def _descend(rate: float, w: np.ndarray, steps: int = 200) -> float:
    for _ in range(steps):
        w = w - rate * HESSIAN @ w
    return _height(w)


@exercise("5.1", "The largest stable rate")
def _(answer):
    """A pair (from, to): the open interval of rates at which gradient descent converges."""
    try:
        low, high = (float(v) for v in answer)
    except (TypeError, ValueError):
        raise Wrong("The answer is a pair of numbers, (from, to).", hint="Keep the form of the stub.") from None
    if low > high:
        raise Wrong(f"({low:g}, {high:g}) is empty: the first number is the larger one.", hint="Swap them.")
    if abs(low) > 1e-9:
        where = "With a negative rate the steps go up." if low < 0 else "Every positive rate below the limit converges."
        hint = "The criterion falls with every sufficiently small positive rate. How small may it be?"
        raise Wrong(f"The interval does not begin at {low:g}. {where}", hint=hint)
    if abs(high - LIMIT) <= 1e-6:
        return
    typical = [
        (2 / 4, "You took the matrix with 2 and 7/2 on its diagonal. In J = ½ w · A w, A is twice that."),
        (2 / 3, "This is 2 divided by the smallest eigenvalue. Which direction becomes unstable first?"),
        (1 / 8, "Below 1/λ nothing jumps from side to side. But jumping is allowed, as long as it comes nearer."),
        (2 / 11, "This is the best rate. The question is which rates converge at all."),
        (
            2 / 7,
            "You used the entries on the diagonal. The term with w1 w2 makes one direction steeper than both axes.",
        ),
        (8.0, "This is the largest eigenvalue. How does the limit depend on it?"),
    ]
    hint = "Write J as ½ w · A w, and find the eigenvalues of A."
    if abs(high - LIMIT) < 2e-3:
        hint = "Very nearly. The exact limit is 2 divided by an eigenvalue of A: a whole number, here."
    for value, told in typical:
        if abs(high - value) < 2e-3:
            hint = told
            break
    rate = (high + LIMIT) / 2  # between the answer and the truth
    w = np.array([1.0, 2.0])  # the steepest direction
    after = _descend(rate, w)
    if high > LIMIT:
        message = f"From (1, 2), where J is {_height(w):g}, at the rate {rate:.4g}, J is {after:.3g} after 200 steps."
        raise Wrong(f"At {rate:.4g}, inside your interval, it does not converge.\n{message}", hint=hint)
    message = f"From (1, 2), where J is {_height(w):g}, J is {after:.3g} after 200 steps."
    raise Wrong(f"At {rate:.4g}, outside your interval, it converges, too.\n{message}", hint=hint)


@exercise("5.2", "Write the optimizer")
def _(answer):
    """A class with `apply(session, gradients)` that takes the steps of gradient descent in one session only."""
    if not isinstance(answer, type):
        raise Wrong(f"The answer is a class, not {answer!r}.", hint='Write `check("5.2", MyOptimizer)`.')
    small: Any = library(5)
    with small.Graph().as_default():
        w, b = small.Variable([4.0, 1.0], name="w"), small.Variable(-2.0, name="b")
    _one_step(small, answer, w)
    session, other = small.Session(), small.Session()
    optimizer = answer(0.1)
    w_right, b_right = np.array([4.0, 1.0]), -2.0
    for step in range(1, 6):
        w_old, b_old = session.run([w, b])
        optimizer.apply(session, {w: np.array([1.0, 10.0]) * w_old, b: 3.0 * b_old})
        w_right, b_right = w_right - 0.1 * np.array([1.0, 10.0]) * w_right, b_right - 0.1 * 3.0 * b_right
        w_new, b_new = session.run([w, b])
        if not (np.allclose(w_new, w_right) and np.allclose(b_new, b_right)):
            raise Wrong(
                f"After step {step} the variables are {_text(w_new)} and {_text(b_new)}, "
                f"and should be {_text(w_right)} and {_text(b_right)}.",
                hint="The table may have several variables: each of them has to move."
                if step == 1
                else "The first step is right. Does the next one start at the present value, `session.run(variable)`?",
            )
    if not np.array_equal(other.run(w), [4.0, 1.0]):
        raise Wrong(
            f"Another session should still see w = [4, 1], and sees {_text(other.run(w))}.",
            hint="Only `session.state[variable]` of the session that is given may change.",
        )


def _one_step(small: Any, answer: type, w: Any) -> None:
    """One variable, one step: the smallest counter-example to most mistakes."""
    session = small.Session()
    before, gradient = np.array([4.0, 1.0]), np.array([1.0, 2.0])
    array = w.initial_value
    try:
        answer(0.5).apply(session, {w: gradient.copy()})
    except KeyError as error:
        if error.args != (w,):
            raise
        raise Wrong(
            "At the first step `session.state` has no value of the variable yet (KeyError).",
            hint="`session.run(variable)` gives the value in any case: before the first step, the initial one.",
        ) from None
    stored = session.run(w)
    if hasattr(stored, "input_nodes"):
        raise Wrong(
            f"After a step `session.state` has {stored!r} for w: a node, and no number.",
            hint="`variable - ...` builds a node. The variable's value is `session.run(variable)`.",
        )
    found = np.asarray(stored, dtype=float)
    initial = np.asarray(w.initial_value)
    question = (
        f"w is {_text(before)}, its gradient {_text(gradient)}, and the rate 0.5. After a step w is {_text(found)}"
    )
    if not np.array_equal(initial, before):
        raise Wrong(
            f"After a step the variable's initial value is {_text(initial)}, and was {_text(before)}.",
            hint="The initial value belongs to the graph, and all sessions start from it. "
            "The new value belongs in `session.state[variable]`."
            if w.initial_value is not array
            else "Where a session has no value yet, `session.run(variable)` is the initial array itself. "
            "Do not write into it (`-=`): make a new array, and put it in `session.state`.",
        )
    if found.shape == before.shape and np.allclose(found, before - 0.5 * gradient):
        return
    typical = [
        (before, "Nothing has moved. The new value belongs in `session.state[variable]`."),
        (before + 0.5 * gradient, "That is the way up."),
        (before - gradient, "The learning rate is missing."),
        (-0.5 * gradient, "The step starts at the old value, `session.run(variable)`."),
        (0.5 * gradient, "The step starts at the old value, `session.run(variable)`."),
        (before - gradient / 0.5, "The gradient is multiplied by the rate, not divided."),
    ]
    hint = "new value = old value − rate · gradient"
    for value, told in typical:
        if found.shape == value.shape and np.allclose(found, value):
            hint = told
            break
    raise Wrong(f"{question}, and should be {_text(before - 0.5 * gradient)}.", hint=hint)


def _text(value: Any) -> str:
    return np.array2string(np.asarray(value, dtype=float), precision=4, separator=", ")


RUNS = {
    "A": ("rate too large", -1.5, (2, -3)),
    "B": ("wrong sign", 1.2, (2, 2.4)),
    "C": ("rate too small", 0.999, (2, 1.998)),
    "D": ("all is well", -0.5, (2, -1)),
}


@exercise("5.3", "What is wrong with these runs?")
def _(answer):
    """A dictionary with a pair (diagnosis, factor) for each of the four runs."""
    if not isinstance(answer, dict) or not set(RUNS) <= set(answer):
        raise Wrong("The answer is a dictionary with the keys A, B, C and D.", hint="Keep the form of the stub.")
    known = sorted(told for told, _, _ in RUNS.values())
    for run, (told, factor, (first, second)) in RUNS.items():
        try:
            given, evidence = answer[run]
            evidence = float(evidence)
        except (TypeError, ValueError):
            raise Wrong(
                f"{run} needs a pair: a diagnosis and a number.", hint='Such as ("all is well", 0.5).'
            ) from None
        if abs(evidence - factor) > 1e-6:
            hint = "Divide each value by the one before."
            if abs(evidence + factor) < 1e-6:
                hint = "Look at the signs of the two values."
            elif abs(evidence * factor - 1) < 1e-6:
                hint = "You divided the old value by the new one."
            raise Wrong(f"Run {run}: {first} times {evidence:g} is {first * evidence:g}, not {second}.", hint=hint)
        if given not in known:
            raise Wrong(f"{given!r} is none of the diagnoses {', '.join(known)}.", hint="Copy one of the four.")
        if given == told:
            continue
        rule = f"Run {run} has the factor {factor:g}, and the factor is 1 − η a with a > 0."
        hint = {
            "A": "It changes its side in every step, and the distance grows. Which rates do that?",
            "B": "It never changes its side, and goes away from 0. With a positive rate, can 1 − η a be above 1?",
            "C": "It goes the right way. How many steps will it take?",
            "D": "It changes its side in every step. What happens to the distance?",
        }[run]
        raise Wrong(f"{rule} So it is not {given!r}.", hint=hint)


def _squared_error(X: np.ndarray, c: np.ndarray, w: np.ndarray, b: float) -> float:
    return float(np.sum((1 / (1 + np.exp(-(X @ w + b))) - c) ** 2))


@exercise("5.4", "The gradient of the squared error")
def _(answer):
    """A function (X, c, w, b) that returns the gradients of Σ (p − c)² with respect to w and b."""
    random = np.random.default_rng(54)
    for n, d in [(1, 1), (1, 2), (3, 1), (3, 2), (5, 3)]:
        X, w = np.round(random.normal(0, 1, (n, d)), 1), np.round(random.normal(0, 1, d), 1)
        b, c = round(float(random.normal()), 1), random.integers(0, 2, n)
        found = answer(X.copy(), c.copy(), w.copy(), b)
        if found is None:
            raise Wrong("Your function returned None.", hint="It should end with `return`, and a pair after it.")
        try:
            w_bar, b_bar = found
            w_bar, b_bar = np.asarray(w_bar, dtype=float), np.asarray(b_bar, dtype=float)
        except (TypeError, ValueError):
            raise Wrong("The result is a pair, (w̄, b̄).", hint="`return w_bar, b_bar`") from None
        given = f"For X = {X.tolist()}, c = {c.tolist()}, w = {w.tolist()}, b = {b}"
        if w_bar.shape != w.shape or b_bar.shape != ():
            raise Wrong(
                f"{given} your gradients have the shapes {w_bar.shape} and {b_bar.shape}, not {w.shape} and ().",
                hint="A gradient has the shape of its variable: X.T @ ... for the weights, and a sum for the bias.",
            )
        small = 1e-6
        w_slope = np.array([
            (_squared_error(X, c, w + h, b) - _squared_error(X, c, w - h, b)) / (2 * small) for h in np.eye(d) * small
        ])  # fmt: skip
        b_slope = (_squared_error(X, c, w, b + small) - _squared_error(X, c, w, b - small)) / (2 * small)
        if np.allclose(w_bar, w_slope, rtol=1e-5, atol=1e-8) and np.isclose(b_bar, b_slope, rtol=1e-5, atol=1e-8):
            continue
        p = 1 / (1 + np.exp(-(X @ w + b)))
        typical = [
            (p - c, "This is the gradient of the cross-entropy."),
            (2 * (p - c), "The slope of the sigmoid is missing: the chain rule gives a factor p (1 − p)."),
            ((p - c) * p * (1 - p), "The 2 of the square is missing."),
            (-2 * (p - c) * p * (1 - p), "The sign: dE/ds has the sign of p − c."),
            (2 * (p - c) * p * (1 - p) / n, "This is the gradient of the average. E is the sum."),
        ]
        hint = "Chapter 4 has dE/ds. Multiply by ds/dw and ds/db, and add up the leaves."
        if np.allclose(w_bar, w_slope, rtol=1e-5, atol=1e-8):
            hint = "w̄ is right. For b̄, ds/db is 1 for every leaf: it is the sum of the dE/ds."
        for force, told in typical:
            if np.allclose(w_bar, X.T @ force) and np.isclose(b_bar, force.sum()):
                hint = told
                break
        raise Wrong(
            f"{given} your gradients are {_text(w_bar)} and {_text(b_bar)}, "
            f"and central differences say {_text(w_slope)} and {_text(b_slope)}.",
            hint=hint,
        )
