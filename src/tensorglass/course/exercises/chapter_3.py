"""The exercises of chapter 3: perceptrons."""

from __future__ import annotations

import dis
import itertools
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..checking import Wrong, exercise

CORNERS = list(itertools.product((0, 1), (0, 1)))  # the inputs of a truth table, in the order of the text
TABLES = {"AND": (0, 0, 0, 1), "OR": (0, 1, 1, 1), "NAND": (1, 1, 1, 0)}


def _sigmoid(score: float) -> float:
    return float(1 / (1 + np.exp(-score)))


@exercise("3.1", "Logic by hand")
def _(answer):
    """A dictionary with (w1, w2, b) for AND, OR and NAND: each probability above 0.9 or below 0.1, as it should be."""
    if not isinstance(answer, dict) or not set(TABLES) <= set(answer):
        raise Wrong("The answer is a dictionary with the keys AND, OR and NAND.", hint="Keep the form of the stub.")
    for name, table in TABLES.items():
        w1, w2, b = _three_numbers(name, answer[name])
        if w1 == w2 == b == 0:
            raise Wrong(
                f"{name} still has the weights (0, 0, 0): every probability is 0.5.",
                hint="At (0, 0) the score is b alone. Should it be positive or negative there?",
            )
        scores = [w1 * x1 + w2 * x2 + b for x1, x2 in CORNERS]
        wrong = [
            i for i in range(4) if not (_sigmoid(scores[i]) > 0.9 if table[i] else _sigmoid(scores[i]) < 0.1)
        ]  # fmt: skip
        if not wrong:
            continue
        i = wrong[0]
        true = "true" if table[i] else "false"
        message = (
            f"{name} at {CORNERS[i]} should be {true}, and your score there is {scores[i]:g}: "
            f"the probability is {_sigmoid(scores[i]):.3f}."
        )
        sides = [score > 0 for score in scores]
        if b == 0:
            hint = "With b = 0 the score at (0, 0) is 0 whatever the weights are."
        elif sides == [bool(t) for t in table]:
            hint = "Your line is in the right place. What makes the probabilities surer and leaves the line there?"
        elif sides == [not t for t in table]:
            hint = "Every answer is the opposite of what it should be. What swaps the two sides of a line?"
        else:
            hint = "Write down the four scores, b, w2 + b, w1 + b and w1 + w2 + b, and the sign that each should have."
        raise Wrong(message, hint=hint)


def _three_numbers(name: str, value: Any) -> list[float]:
    try:
        numbers = [float(v) for v in value]
    except (TypeError, ValueError):
        raise Wrong(f"{name} is {value!r}, and should be three numbers.", hint="Write (w1, w2, b).") from None
    if len(numbers) != 3 or not np.all(np.isfinite(numbers)):
        raise Wrong(f"{name} is {value!r}, and should be three finite numbers.", hint="Write (w1, w2, b).")
    return numbers


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def _text(array: Any) -> str:
    return np.array2string(np.asarray(array), precision=3, separator=", ", suppress_small=True)


@exercise("3.2", "What softmax does not see")
def _(answer):
    """A function of a batch of scores whose result has the same softmax, and the maximum 0 in every row."""
    random = np.random.default_rng(32)
    cases = [np.array([[1.0, 2.0]]), np.array([[-1.0, -2.0]]), np.array([[0.0, 1.0], [2.0, 5.0]])]
    cases += [random.normal(0, 3, (n, k)) for n, k in [(1, 3), (3, 2), (4, 4), (5, 1)]]
    for scores in cases:
        given = scores.copy()
        found = answer(given)
        if found is None:
            raise Wrong("Your function returned None.", hint="It should end with `return`, and an array after it.")
        found = np.asarray(found, dtype=float)
        before = f"For the scores\n{_text(scores)}\nyour function returned\n{_text(found)}\n"
        if found.shape != scores.shape:
            raise Wrong(
                f"{before}Its shape is {found.shape}, and should be {scores.shape}.",
                hint="One new score for each old one: subtract a column from the batch.",
            )
        if not np.allclose(_softmax(found), _softmax(scores)):
            wanted = f"whose softmax is\n{_text(_softmax(found))}\ninstead of\n{_text(_softmax(scores))}"
            row = scores.max(axis=-1, keepdims=True)
            if np.any(row) and np.allclose(found, scores / np.where(row == 0, 1, row)):
                hint = "You divided by the maximum. Softmax sees a factor; what does it not see?"
            elif np.allclose(found, scores - scores.max(axis=0)):
                hint = "You subtracted the maximum of each column. The scores of one point are a row."
            elif scores.shape[0] == scores.shape[1] and np.allclose(found, scores - scores.max(axis=1)):
                hint = "The maxima are right, but NumPy puts them beside the columns. `keepdims=True` keeps a column."
            elif np.allclose(found, np.log(_softmax(scores)) - np.log(_softmax(scores)).max()):
                hint = "The numbers of one row may all be shifted by one number, which may be another for each row."
            else:
                hint = "Which change of the scores cancels in the fraction of the softmax?"
            raise Wrong(before + wanted, hint=hint)
        top = found.max(axis=-1)
        if not np.allclose(top, 0, atol=1e-12):
            if np.allclose(found, scores):
                hint = "These are the scores that came in. By how much must a row be shifted for its maximum to be 0?"
            elif np.isclose(found.max(), 0) and len(scores) > 1:
                hint = "You subtracted the maximum of the whole batch. Each row has its own: axis, keepdims."
            elif np.allclose(found, scores - scores.mean(axis=-1, keepdims=True)):
                hint = "You subtracted each row's mean. The softmax is right, but the largest number should be 0."
            else:
                hint = "The softmax is right. Choose the shift so that the largest number of each row becomes 0."
            raise Wrong(f"{before}The maxima of its rows are {_text(top)}, and should all be 0.", hint=hint)
        if not np.array_equal(given, scores):
            raise Wrong(
                f"Your function changed the array that it was given, from\n{_text(scores)}\nto\n{_text(given)}",
                hint="`scores -= ...` writes into the caller's array. Make a new one: `scores - ...`.",
            )


LOOPS = {"FOR_ITER", "GET_ITER", "GET_YIELD_FROM_ITER"}
HIDDEN_LOOPS = {"map", "vectorize", "apply_along_axis", "fromiter", "frompyfunc"}


def _code(function: Any) -> Iterator[types.CodeType]:
    """The code of a function and of the functions and comprehensions inside it."""
    waiting = [getattr(function, "__code__", None)]
    while waiting:
        code = waiting.pop()
        if code is not None:
            yield code
            waiting += [c for c in code.co_consts if isinstance(c, types.CodeType)]


def _loop(function: Any) -> str | None:
    """What makes a function go through its points one by one, None where nothing does."""
    for code in _code(function):
        for found in HIDDEN_LOOPS.intersection(code.co_names):
            return f"`{found}` (which is a loop inside)"
        for instruction in dis.get_instructions(code):
            backwards = "JUMP" in instruction.opname and "BACKWARD" in instruction.opname
            if instruction.opname in LOOPS or backwards:
                return "a loop or a comprehension"
    return None


@exercise("3.3", "A batch without a loop")
def _(answer):
    """A function (X, W, b) that gives the softmax probabilities of a whole batch, and has no loop."""
    random = np.random.default_rng(33)
    for n, d, k in [(1, 1, 2), (2, 1, 2), (1, 2, 3), (3, 3, 3), (5, 2, 4), (4, 3, 2)]:
        X, W, b = (np.round(random.normal(0, 1, shape), 1) for shape in [(n, d), (d, k), (k,)])
        expected = _softmax(X @ W + b)
        found = answer(X.copy(), W.copy(), b.copy())
        if found is None:
            raise Wrong("Your function returned None.", hint="It should end with `return`, and an array after it.")
        if not isinstance(found, (np.ndarray, list, tuple, float)):
            raise Wrong(
                f"Your function returned a {type(found).__name__}.",
                hint="Use NumPy and its arrays, not the graph's nodes.",
            )
        found = np.asarray(found, dtype=float)
        given = f"For X =\n{_text(X)}\nW =\n{_text(W)}\nb = {_text(b)}\n"
        if found.shape == (n, k) and np.allclose(found, expected):
            continue
        with np.errstate(all="ignore"):
            hint = _what_went_wrong(found, X @ W + b, X @ W)
        raise Wrong(f"{given}your function returned\n{_text(found)}\ninstead of\n{_text(expected)}", hint=hint)
    loop = _loop(answer)
    if loop is not None:
        raise Wrong(
            f"All values are right, and your function has {loop}.",
            hint="`X @ W` has the scores of all points at once, and adding b repeats it for every row.",
        )


def _what_went_wrong(found: np.ndarray, scores: np.ndarray, without_bias: np.ndarray) -> str:
    powers = np.exp(scores)
    typical = [
        (scores, "These are the scores. The probabilities are their softmax."),
        (powers, "These are the powers. Divide each row by its sum."),
        (powers / powers.sum(), "You divided by the sum over the whole batch. Each row has a sum of its own: axis=1."),
        (powers / powers.sum(axis=0), "You divided by the sums of columns. The probabilities of a point are a row."),
        (_softmax(without_bias), "The bias is missing."),
        (1 / (1 + np.exp(-scores)), "This is the sigmoid. Here the rows should be softmax probabilities."),
    ]
    for values, hint in typical:
        if found.shape == values.shape and np.allclose(found, values):
            return hint
    if found.shape != scores.shape:
        return f"The result needs one row a point and one column a class: its shape should be {scores.shape}."
    return "Scores first, then powers, then divide each row by its sum. `keepdims=True` keeps the sums in a column."


def _weights(table: tuple[int, ...]) -> tuple[int, int, int] | None:
    """Small whole numbers w1, w2, b whose step computes a truth table, doubled so that no score is 0; None without."""
    numbers = sorted(itertools.product(range(-4, 5), repeat=3), key=lambda ns: sum(n * n for n in ns))
    for w1, w2, b in numbers:
        scores = [w1 * x1 + w2 * x2 + b for x1, x2 in CORNERS]
        if 0 not in scores and tuple(int(s > 0) for s in scores) == table:
            return w1, w2, b
    return None


@exercise("3.4", "Which truth tables are out of reach?")
def _(answer):
    """A set of truth tables, each four numbers 0 or 1: exactly those that no perceptron computes."""
    if isinstance(answer, dict) and not answer:
        answer = set()  # what {} is
    try:
        given = {tuple(int(v) for v in table) for table in answer}
    except (TypeError, ValueError):
        raise Wrong("The answer is a set of truth tables.", hint="Write {(0, 0, 0, 1), ...}.") from None
    for table in sorted(given):
        if len(table) != 4 or not set(table) <= {0, 1}:
            raise Wrong(f"{table} is no truth table.", hint="Four results, each 0 or 1, in the order of the text.")
    for table in sorted(given):
        weights = _weights(table)
        if weights is not None:
            w1, w2, b = weights
            scores = [w1 * x1 + w2 * x2 + b for x1, x2 in CORNERS]
            raise Wrong(
                f"{table} is within reach: w1 = {w1}, w2 = {w2}, b = {b} has the scores {scores}.",
                hint="Draw the four corners of the square. Can one line have all the 1s on one side?",
            )
    missing = [t for t in itertools.product((0, 1), repeat=4) if _weights(t) is None and t not in given]
    if missing and not given:
        raise Wrong("There is at least one that no perceptron computes.", hint="The text proves it for one of them.")
    if missing:
        raise Wrong(
            "What you have is right, and something is missing.",
            hint="If weights computed a table, what would −w1, −w2, −b compute? So what else is out of reach?",
        )
