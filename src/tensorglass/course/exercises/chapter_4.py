"""The exercises of chapter 4: the training criterion."""

from __future__ import annotations

import dis
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..checking import Wrong, exercise


def _number(answer: Any) -> float:
    try:
        found = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        raise Wrong(f"The answer is one number, not {answer!r}.") from None
    if found.size != 1:
        raise Wrong(f"The answer is one number, and yours has the shape {found.shape}.")
    return float(found.reshape(()))


@exercise("4.1", "By hand")
def _(answer):
    """The cross-entropy of the four leaves, within 1e-9."""
    found = _number(answer)
    truth, p = np.array([1, 0, 1, 0]), np.array([0.8, 0.4, 0.5, 0.9])
    q = np.where(truth == 1, p, 1 - p)
    right = -np.log(q).sum()
    if abs(found - right) < 1e-9:
        return
    typical = [
        (-right, "A loss is never negative. Where does the minus sign go?"),
        (
            -np.log(p).sum(),
            "You took −ln p for every leaf. Where the truth is 0, the probability of the truth is 1 − p.",
        ),
        (-np.log(1 - q).sum(), "You took the probability of what is not true. For the truth 1 it is p."),
        (right / 4, "This is the average. J is the sum here."),
        (right / np.log(2), "This is the logarithm to the base 2. Here it is the natural one, `np.log`."),
        (right / np.log(10), "This is the logarithm to the base 10. Here it is the natural one, `np.log`."),
        (q.prod(), "This is the likelihood. J is minus its logarithm."),
        (-np.log(p[truth == 1]).sum(), "The leaves with the truth 0 count as well: for them the term is −ln(1 − p)."),
        (((p - truth) ** 2).sum(), "This is the squared error. J is the cross-entropy, with logarithms."),
    ]
    hint = "Write down the four probabilities of the truth, q. J is the sum of −ln q."
    for value, told in typical:
        if abs(found - value) < 1e-6:
            hint = told
    if abs(found - right) < 5e-3:
        hint = "This is close. Do not round on the way: nine decimals are asked for."
    raise Wrong(f"{found!r} is not J.", hint=hint)


@exercise("4.2", "Where the squared error pulls hardest")
def _(answer):
    """The score at which the slope of (σ(s) − 1)² is steepest, within 0.001."""
    found = _number(answer)
    right = -np.log(2.0)
    if abs(found - right) <= 1e-3:
        return

    def slope(s: float) -> float:
        p = 1 / (1 + np.exp(-s))
        return float(-2 * (1 - p) ** 2 * p)

    if abs(found - 1 / 3) <= 1e-3:
        hint = "This is the right probability p. Which score has the probability 1/3?"
    elif abs(found) <= 1e-3:
        hint = "The sigmoid is steepest at 0. The squared error's slope has the factor (1 − p) once more."
    elif abs(found - np.log(2)) <= 1e-3:
        hint = "Look at the sign: for p below 1/2 the score is negative."
    elif abs(found - slope(right)) <= 1e-3:
        hint = "This is how steep it is. The question is where."
    elif abs(found - right) <= 0.05:
        hint = "This is close. Three decimals are asked for."
    elif found < -3:
        hint = "There is the plateau: the slope is almost 0."
    else:
        hint = "Set the derivative of (1 − p)² p with respect to p to 0, and turn p into a score."
    raise Wrong(f"At s = {found:g} the slope is {slope(found):.5f}, and it is steeper elsewhere.", hint=hint)


SUMMING = {
    "sum",
    "nansum",
    "einsum",
    "cumsum",
    "reduce",
    "dot",
    "matmul",
    "tensordot",
    "inner",
    "mean",
    "average",
    "trace",
}


def _code(function: Any) -> Iterator[types.CodeType]:
    waiting = [getattr(function, "__code__", None)]
    while waiting:
        code = waiting.pop()
        if code is not None:
            yield code
            waiting += [c for c in code.co_consts if isinstance(c, types.CodeType)]


def _summing(function: Any) -> str | None:
    """A function of NumPy's in the learner's code that sums by itself.  (Python's own `sum` adds: it may be used.)"""
    for code in _code(function):
        for instruction in dis.get_instructions(code):
            if instruction.opname in ("LOAD_ATTR", "LOAD_METHOD") and instruction.argval in SUMMING:
                return f"`{instruction.argval}`"
            if instruction.opname == "BINARY_MATRIX_MULTIPLY" or instruction.argrepr in ("@", "@="):
                return "`@`"
    return None


@exercise("4.3", "Summing along an axis")
def _(answer):
    """A function (x, axis=None) that equals NumPy's sum, for every axis of arrays with up to three axes."""
    random = np.random.default_rng(43)
    cases: list[tuple[tuple[int, ...], int | None]] = [((2,), None), ((2,), 0), ((2, 1), 0), ((2, 3), 0), ((2, 3), 1)]
    cases += [((2, 3), None), ((2, 3), -1), ((2, 3), -2), ((3, 3), 0), ((3, 3), 1)]
    cases += [((2, 3, 2), axis) for axis in (0, 1, 2, -1, -2, None)]
    for shape, axis in cases:
        x = random.integers(0, 10, shape).astype(float)
        given = x.copy()
        found = answer(given) if axis is None else answer(given, axis)
        expected = x.sum(axis=axis)
        if found is None:
            raise Wrong("Your function returned None.", hint="It should end with `return`, and the sums after it.")
        if not isinstance(found, (np.ndarray, np.generic, int, float, list)):
            raise Wrong(f"Your function returned a {type(found).__name__}.", hint="Use NumPy arrays, not nodes.")
        found = np.asarray(found, dtype=float)
        question = f"For x = {x.tolist()} and axis={axis}"
        if found.shape != expected.shape or not np.allclose(found, expected):
            if x.ndim > 1 and found.size == 1 and axis is not None and np.isclose(found, x.sum()).all():
                hint = "You added up everything. With an axis, only that axis goes away."
            elif found.size == expected.size and np.allclose(found.ravel(), expected.ravel()):
                hint = f"The sums are right, and the shape is {found.shape} where it should be {expected.shape}."
            elif axis is None:
                hint = (
                    "With axis=None all numbers are added up: sum along axis 0 until no axis is left, or use `x.flat`."
                )
            elif (
                x.ndim == 2
                and found.shape == x.sum(axis=1 - axis % 2).shape
                and np.allclose(found, x.sum(axis=1 - axis % 2))
            ):
                hint = (
                    "This is the sum along the other axis. Axis 0 counts the rows: adding along it leaves the columns."
                )
            elif axis < 0:
                hint = "A negative axis counts from the end: −1 is the last one."
            else:
                hint = "Bring the axis to the front with `np.moveaxis`, and add up the slices."
            raise Wrong(f"{question} you get {found.tolist()}, and it should be {expected.tolist()}.", hint=hint)
        if not np.array_equal(given, x):
            raise Wrong(
                f"{question} the sums are right, but x itself was changed to {given.tolist()}.",
                hint="`total += ...` writes into the first slice if `total` is that slice. Start with `total = 0`.",
            )
    used = _summing(answer)
    if used is not None:
        raise Wrong(f"The sums are right, but {used} adds up by itself.", hint="Take slices, and add them with `+`.")


@exercise("4.4", "Cross-entropy for many trees")
def _(answer):
    """A function of two nodes whose value is the average cross-entropy of a leaf, for any number of leaves."""
    names = getattr(answer, "__globals__", {})
    if not {"placeholder", "Session", "Graph"} <= set(names):
        raise Wrong("The answer is a function that uses the notebook's operations.", hint="Write it in this notebook.")
    random = np.random.default_rng(44)
    with names["Graph"]().as_default():
        p, c = names["placeholder"](name="p"), names["placeholder"](name="c")
        node = answer(p, c)
        if node is None:
            raise Wrong("Your function returned None.", hint="It should end with `return`, and a node after it.")
        if not hasattr(node, "input_nodes"):
            raise Wrong(
                f"Your function returned a {type(node).__name__}, not a node.",
                hint="Use log, reduce_sum, and the signs.",
            )
        session = names["Session"]()
        for n, k in [(1, 3), (2, 3), (3, 4), (5, 2)]:
            if n == 1:
                p_value, c_value = np.array([[0.25, 0.5, 0.25]]), np.array([[0.0, 1.0, 0.0]])
            else:
                p_value = random.dirichlet(np.ones(k), n).round(2) * 0.9 + 0.1 / k
                c_value = np.eye(k)[random.integers(0, k, n)]
            found = np.asarray(session.run(node, {p: p_value, c: c_value}), dtype=float)
            _compare(found, p_value, c_value)


def _compare(found: np.ndarray, p: np.ndarray, c: np.ndarray) -> None:
    losses = -np.sum(c * np.log(p), axis=1)
    right = losses.mean()
    if found.shape == () and np.isclose(found, right):
        return
    given = f"For p = {p.round(4).tolist()} and c = {c.tolist()} your node is {found.round(4).tolist()}"
    if found.shape != ():
        hint = "J is one number: sum along both axes."
        if found.shape == losses.shape and np.allclose(found, losses):
            hint = "These are the losses of the leaves. Their average is asked for."
        raise Wrong(f"{given}, with the shape {found.shape}, and should be {right:.4f}.", hint=hint)
    typical = [
        (losses.sum(), "This is the sum of the losses. Divide by the number of leaves: what is the sum of all of c?"),
        (-right, "A loss is never negative. A minus sign is missing, or is there twice."),
        (-losses.sum(), "A minus sign is missing, and so is the division by the number of leaves."),
        (losses.sum() / p.size, "You divided by the number of entries, not by the number of leaves."),
        (
            right - np.sum((1 - c) * np.log(1 - p)) / len(p),
            "With one-hot rows the term (1 − c) ln(1 − p) is not needed: the row itself has all cases.",
        ),
    ]
    hint = "Sum c · ln p over everything, change the sign, and divide by the number of leaves."
    for value, told in typical:
        if np.isclose(found, value):
            hint = told
            break
    raise Wrong(f"{given}, and should be {right:.4f}.", hint=hint)
