"""The exercises of chapter 10: numerical stability."""

from __future__ import annotations

from typing import Any

import numpy as np

import tensorglass as tg

from ..checking import Wrong, exercise


def _array(found: Any, shape: tuple[int, ...], what: str) -> np.ndarray:
    """`found` as an array of a shape."""
    if found is None or found is ...:
        raise Wrong("Your function returns nothing yet.", hint=f"It should return {what}.")
    try:
        array = np.asarray(found, dtype=np.float64)
    except (TypeError, ValueError):
        raise Wrong(f"Your function returned {type(found).__name__}, not numbers.", hint=f"Return {what}.") from None
    if array.shape != shape:
        hint = f"Return {what}: an array of the shape {shape}."
        raise Wrong(f"Your result has the shape {array.shape}.", hint=hint)
    return array


def _text(values: Any) -> str:
    return "(" + ", ".join(f"{float(v):.4g}".replace("-", "−") for v in np.ravel(values)) + ")"


def _softmax(x: Any) -> np.ndarray:
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@exercise("10.1", "A softmax that survives")
def _(answer):
    """A function of an array (rows, classes) that gives the softmax of each row, compared at small and large logits."""
    random = np.random.default_rng(0)
    batches = [
        np.array([[0.0, 0.0]]),
        np.array([[0.0, 1.0], [2.0, -1.0]]),
        random.normal(size=(4, 3)),
        np.array([[1000.0, 1001.0, 1002.0]]),
        np.array([[-1000.0, -1001.0]]),
        np.array([[1000.0, 999.0], [-1000.0, -1001.0]]),
        np.array([[10000.0, -10000.0], [3.0, 1.0]]),
        10.0 ** random.uniform(0, 4, size=(5, 4)) * random.choice([-1, 1], size=(5, 4)),
    ]
    for x in batches:
        given = x.copy()
        found, true = _array(answer(given), x.shape, "the softmax of each row"), _softmax(x)
        if not np.array_equal(given, x):
            raise Wrong(
                "Your function changes the array that it is given.", hint="`x -= m` works in place; write `x = x - m`."
            )
        rows = np.flatnonzero(~np.isclose(found, true, rtol=1e-9, atol=1e-12).all(axis=1))
        if not len(rows):
            continue
        r = rows[0]
        message = f"The row {_text(x[r])} should give {_text(true[r])}, and your result is {_text(found[r])}."
        if len(x) > 1:
            message += f" (It was row {r} of a batch of {len(x)}.)"
        alone = np.ravel(answer(x[r : r + 1].copy()))
        if len(alone) == len(true[r]) and np.allclose(alone, true[r]) and len(x) > 1:
            hint = "By itself this row comes out right. Every row needs its own maximum and its own sum: axis=-1."
        elif np.isnan(found[r]).any():
            hint = "Some power is ∞, or all of them are 0. Which number may be subtracted from a row beforehand?"
        elif np.allclose(found[r].sum(), 1) and np.abs(x[r]).max() > 50:
            hint = "Cutting the logits off changes their differences, and softmax depends on nothing else."
        elif not np.allclose(found[r].sum(), 1):
            hint = f"Your row adds up to {found[r].sum():.4g}; probabilities add up to 1."
        else:
            hint = "Compare with the formula for small logits first."
        raise Wrong(message, hint=hint)


@exercise("10.2", "Says minus should say")
def _(answer):
    """A function of logits and labels, both (n, classes), compared with the slopes of the mean of the losses."""
    random = np.random.default_rng(1)
    cases = [(np.array([[0.0, 0.0]]), np.array([[1.0, 0.0]]))]
    cases += [(random.normal(size=(n, k)), random.dirichlet(np.ones(k), size=n)) for n, k in ((1, 3), (2, 2), (4, 3))]
    cases += [(np.array([[1000.0, -1000.0], [-2000.0, -2001.0]]), np.array([[0.0, 1.0], [1.0, 0.0]]))]
    for x, c in cases:
        found = _array(answer(x.copy(), c.copy()), x.shape, "the gradient, one number for each logit")
        true = (_softmax(x) - c) / len(x)
        if np.allclose(found, true, rtol=1e-7, atol=1e-9):
            continue
        r = np.flatnonzero(~np.isclose(found, true, rtol=1e-7, atol=1e-9).all(axis=1))[0]
        how = "central differences give" if np.abs(x).max() < 50 else "the gradient is"
        shown = _differences(x, c) if np.abs(x).max() < 50 else true
        message = (
            f"For the logits {_text(x[r])} and labels {_text(c[r])}, in a batch of {len(x)}, {how} {_text(shown[r])}, "
            f"and your gradient is {_text(found[r])}."
        )
        p = _softmax(x)
        if np.isnan(found).any():
            hint = "For large logits your softmax overflows, or you divide by a probability that is 0."
        elif np.allclose(found, -true):
            hint = "The sign is the other way round: following your gradient downhill makes the loss larger."
        elif np.allclose(found, p - c):
            hint = "J is the mean over the batch."
        elif np.allclose(found, (p - c) / x.shape[1]) or np.allclose(found, (p - c) / x.size):
            hint = "The mean is over the rows, not over the classes."
        elif np.allclose(found, p) or np.allclose(found, p / len(x)):
            hint = "This is what the network says. What should it say?"
        elif np.allclose(found, -c / p / len(x)) or np.allclose(found, -c / p):
            hint = "This is the gradient at the probabilities. There is one more step back, through softmax."
        else:
            hint = "Begin with L = LSE(x) − Σ c x for one row, and differentiate each of the two terms."
        raise Wrong(message, hint=hint)


def _differences(x: np.ndarray, c: np.ndarray, delta: float = 1e-6) -> np.ndarray:
    """The gradient of the mean cross-entropy by central differences."""

    def loss(x: np.ndarray) -> float:
        return float(np.mean(-(c * np.log(_softmax(x))).sum(axis=-1)))

    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        shift = np.zeros_like(x)
        shift[index] = delta
        gradient[index] = (loss(x + shift) - loss(x - shift)) / (2 * delta)
    return gradient


@exercise("10.3", "Log-sigmoid at the extremes")
def _(answer):
    """A function of float32 numbers from −1000 to 80, right to a relative error of 1e-5, in float32."""
    near = [0.0, 1.0, -1.0, 5.0, -5.0, 15.0, -15.0, 17.0, 20.0, -50.0, 50.0, 80.0, -80.0, -90.0, -110.0, -1000.0]
    random = np.random.default_rng(2)
    for values in ([value] for value in near), [random.uniform(-1000, 80, size=50)]:
        for given in values:
            x = np.array(given, dtype=np.float32)
            result = answer(x.copy())
            found = _array(result, x.shape, "ln σ(x) for each element")
            if np.asarray(result).dtype != np.float32:
                raise Wrong(
                    f"Your result is of the type {np.asarray(result).dtype}, and x is float32.",
                    hint="Use numbers such as 1 and 0, which take the type of x, and no float64 arrays.",
                )
            exact = x.astype(np.float64)
            true = np.minimum(exact, 0) - np.log1p(np.exp(-np.abs(exact)))
            with np.errstate(invalid="ignore"):
                bad = ~(np.abs(found - true) <= 1e-5 * np.abs(true))
            if not bad.any():
                continue
            i = int(np.flatnonzero(bad)[0])
            message = f"ln σ({x[i]:g}) is {true[i]:.6g}, and your result is {found[i]:.6g}."
            if np.allclose(found[i], -true[i], rtol=1e-4):
                hint = "The sign: σ(x) is below 1, so its logarithm is negative."
            elif x[i] > 10 and np.isfinite(found[i]):
                hint = "1 + y is 1 in float32 when y is small. NumPy has a function for ln(1 + y)."
            elif not np.isfinite(found[i]):
                hint = "A power overflows, or σ(x) has become 0 before the logarithm. Let powers be of −|x| only."
            else:
                hint = "ln σ(x) = −softplus(−x), and softplus(x) = max(x, 0) + ln(1 + exp(−|x|))."
            raise Wrong(message.replace("-", "−"), hint=hint)


@exercise("10.4", "A logarithm that may be asked anything")
def _(answer):
    """A function of a TensorGlass tensor: ln x where x > 0, else 0, and its gradient 1/x where x > 0, else 0."""
    for values in ([1.0, 2.0], [0.0, 1.0], [-1.0, 3.0], [1e-20, 1e20, -5.0, 0.0]):
        true = np.array([np.log(v) if v > 0 else 0.0 for v in values])
        slope = np.array([1 / v if v > 0 else 0.0 for v in values])
        with tg.Graph().as_default():
            x = tg.constant(values, tg.float64, name="x")
            y = answer(x)
            if y is None or y is ...:
                raise Wrong("Your function returns nothing yet.", hint="It should return the node for y.")
            if not isinstance(y, tg.Tensor):
                raise Wrong(f"Your function returned {type(y).__name__}, not a node.", hint="Use tg.where and tg.log.")
            (dx,) = tg.gradients(y, [x])
            found = tg.Session().run([y, tg.zeros_like(x) if dx is None else dx])
        y_value, dx_value = (np.asarray(value, dtype=np.float64) for value in found)
        y_value = _array(y_value, true.shape, "one number for each x")
        for i, v in enumerate(values):
            if not np.isclose(y_value[i], true[i], rtol=1e-9, atol=1e-12):
                hint = "Where x is not positive, y is 0." if v <= 0 else "Where x is positive, y is ln x itself."
                if v <= 0 and np.isfinite(y_value[i]):
                    hint += " The logarithm of some small number is not 0."
                raise Wrong(f"For x = {v:g} y should be {true[i]:.6g}, and yours is {y_value[i]:.6g}.", hint=hint)
        for i, v in enumerate(values):
            if not np.isclose(dx_value[i], slope[i], rtol=1e-9, atol=1e-12):
                if np.isnan(dx_value[i]):
                    hint = "The logarithm still sees that x. Choose with a `where` *before* it too, what it is asked."
                elif dx is None:
                    hint = "No gradient comes back to x at all: is there a constant, or a stop_gradient, in between?"
                else:
                    hint = "What is the slope of the constant 0, and of ln x?"
                raise Wrong(
                    f"For x = {v:g} the gradient should be {slope[i]:.6g}, and yours is {dx_value[i]:.6g}.", hint=hint
                )
