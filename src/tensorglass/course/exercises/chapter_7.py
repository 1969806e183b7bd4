"""The exercises of chapter 7: numerical gradient checking."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..checking import Wrong, exercise

# -- 7.1

UNITS = {"float32": 2.0**-24, "float64": 2.0**-53}


def _expected_error(delta: float, unit: float) -> float:
    """Equation (7.3) for eˣ at 1, where J, J′ and J′′′ are all e."""
    return math.e * (delta**2 / 6 + 2 * unit / delta)


@exercise("7.1", "The best step")
def _(answer):
    """Two numbers, the best δ in float32 and in float64, by the estimate of the error in equation (7.3)."""
    if isinstance(answer, dict):
        answer = tuple(answer.values())
    try:
        first, second = (float(number) for number in answer)
    except (TypeError, ValueError):
        raise Wrong(f"The answer is two numbers, and not {answer!r}.", hint="(best_float32, best_float64)") from None
    for (kind, unit), delta in zip(UNITS.items(), (first, second), strict=True):
        if not 0 < delta < math.inf:
            raise Wrong(f"{delta:g} cannot be a step.", hint="A step is a positive number.")
        best = (6 * unit) ** (1 / 3)
        error, least = _expected_error(delta, unit), _expected_error(best, unit)
        if error <= 4 * least:
            continue
        other = UNITS["float64" if kind == "float32" else "float32"]
        swapped = _expected_error(first + second - delta, unit) <= 4 * least
        if swapped and _expected_error(delta, other) <= 4 * _expected_error((6 * other) ** (1 / 3), other):
            hint = "Are the two in each other's place? The first is for float32, which has fewer digits."
        elif delta <= 10 * unit:
            hint = "With δ as small as the unit roundoff nearly all digits cancel. The third root of 3u is far larger."
        elif delta < best:
            hint = "Too small: here the rounding error, which grows like 1/δ, is far larger than Taylor's."
        else:
            hint = "Too large: here Taylor's error, which falls like δ², is far larger than the rounding error."
        raise Wrong(
            f"In {kind}, δ = {delta:.1e} has an error of about {error:.0e}; {least:.0e} is possible.", hint=hint
        )


# -- 7.2


def _row(x: np.ndarray) -> np.ndarray:
    return x.sum(axis=-1, keepdims=True)


def _bell(x: np.ndarray) -> np.ndarray:
    return np.exp(-x * x)


# name: (formula, kernel, rule of (z̄, z, x)).  The rule of one of them is wrong for negative x only.
_TWELVE: dict[str, tuple[str, Callable, Callable]] = {
    "square": ("z = x²", lambda x: x * x, lambda grad, z, x: 2 * grad * x),
    "exponential": ("z = eˣ", np.exp, lambda grad, z, x: grad * z),
    "sine": ("z = sin x", np.sin, lambda grad, z, x: grad * np.cos(x)),
    "cosine": ("z = cos x", np.cos, lambda grad, z, x: -grad * np.sin(x)),
    "arctangent": ("z = arctan x", np.arctan, lambda grad, z, x: grad / (1 + x * x)),
    "absolute": ("z = |x|", np.abs, lambda grad, z, x: grad * np.sign(x)),
    "softsign": ("z = x / (1 + |x|)", lambda x: x / (1 + np.abs(x)), lambda grad, z, x: grad / (1 + x) ** 2),
    "length": ("z = √(1 + x²)", lambda x: np.sqrt(1 + x * x), lambda grad, z, x: grad * x / z),
    "bell": ("z = e^(−x²)", _bell, lambda grad, z, x: -2 * grad * x * z),
    "running_sum": (
        "zₖ = x₁ + … + xₖ, in each row",
        lambda x: np.cumsum(x, axis=-1),
        lambda grad, z, x: np.flip(np.cumsum(np.flip(grad, -1), axis=-1), -1),
    ),
    "centred": (
        "z = x minus the mean of its row",
        lambda x: x - x.mean(axis=-1, keepdims=True),
        lambda grad, z, x: grad - grad.mean(axis=-1, keepdims=True),
    ),
    "normalised": (
        "z = x / √(1 + Σ x²), in each row",
        lambda x: x / np.sqrt(1 + _row(x * x)),
        lambda grad, z, x: (grad - z * _row(grad * z)) / np.sqrt(1 + _row(x * x)),
    ),
}


def twelve_operations(Operation: type, RegisterGradient: Callable) -> dict[str, type]:
    """Twelve operations with one input, and their rules registered; one of the rules is wrong."""
    return {name: _made(name, Operation, RegisterGradient) for name in _TWELVE}


def _made(name: str, Operation: Any, RegisterGradient: Callable) -> type:
    formula, kernel, rule = _TWELVE[name]

    def __init__(self: Any, x: Any, name: str | None = None) -> None:
        Operation.__init__(self, [x], name)

    def compute(self: Any, x: Any) -> Any:
        return kernel(np.asarray(x, dtype=np.float64))

    parts: dict[str, Any] = {"__init__": __init__, "compute": compute, "__doc__": formula}
    kind = type(name, (Operation,), parts)
    RegisterGradient(kind)(lambda op, grad, z, x: (rule(grad, z, np.asarray(x, dtype=np.float64)),))
    return kind


@exercise("7.2", "One of twelve")
def _(answer):
    """The name of the operation whose rule is wrong."""
    name = answer.strip().lower() if isinstance(answer, str) else getattr(answer, "__name__", None)
    if name not in _TWELVE:
        raise Wrong(f"{answer!r} is none of the twelve names.", hint="Give the name as a text, such as 'square'.")
    formula, kernel, rule = _TWELVE[name]
    if name == "softsign":
        return
    if name == "absolute":
        hint = (
            "|x| has a kink at 0. A check at 0, or nearer to it than δ, tells nothing. Away from it the rule is right."
        )
    elif name in ("running_sum", "centred", "normalised"):
        hint = "Each result depends on a whole row. Give each element of z a weight in the loss, and try again."
    else:
        hint = (
            "Try random points of both signs, about as large as 1: a rule may be right for x > 0 and wrong for x < 0."
        )
    x = np.array([[-1.3, 0.4, 0.9]])
    weights = np.array([[0.7, 1.2, 0.5]])
    exact = rule(weights, kernel(x), x)
    numeric = np.zeros_like(x)
    for j in range(3):
        moved = 1e-6 * (np.arange(3) == j)
        numeric[0, j] = (weights * (kernel(x + moved) - kernel(x - moved))).sum() / 2e-6
    raise Wrong(
        f"`{name}`, {formula}, is right: at x = {x[0].tolist()}, with the weights {weights[0].tolist()}, its rule "
        f"gives {_text(exact[0])} and central differences {_text(numeric[0])}.",
        hint=hint,
    )


def _text(values: Any) -> str:
    return "[" + ", ".join(f"{v:.4g}" for v in np.ravel(values)) + "]"


# -- 7.3


@exercise("7.3", "An operation of your own")
def _(answer):
    """A class with `compute` for ln(1 + eˣ), and a rule registered for it; both are compared with numbers."""
    if not isinstance(answer, type) or not hasattr(answer, "compute"):
        raise Wrong(
            "The answer is the class, with a method `compute`.", hint='Pass the class itself: check("7.3", softplus).'
        )
    names = getattr(answer.compute, "__globals__", {})
    if any(name not in names for name in ("Graph", "Variable", "gradient_rules")):
        raise Wrong("Your class is not from this notebook.", hint="Write `class softplus(Operation):` with `compute`.")
    with names["Graph"]():
        node = answer(names["Variable"](0.0))
    for x in (0.0, 1.0, -2.0, 5.0):
        found, right = _number(node.compute(np.float64(x))), float(np.logaddexp(0, x))
        if not np.isclose(found, right, rtol=1e-9):
            hint = "ln is `np.log`, and eˣ is `np.exp(x)`."
            if np.isclose(found, x):
                hint = "ln eˣ is x: where is the 1?"
            raise Wrong(f"At x = {x:g} your `compute` gives {found:.6g}, and ln(1 + eˣ) is {right:.6g}.", hint=hint)
    array = np.array([[-1.0, 0.5]])
    if np.shape(node.compute(array)) != array.shape:
        raise Wrong("For an array `compute` gives another shape.", hint="Work element by element, without a sum.")
    rule = names["gradient_rules"].get(answer)
    if rule is None:
        raise Wrong("No rule is registered for your class.", hint="Write @RegisterGradient(softplus) above the rule.")
    for x, grad in [(0.0, 1.0), (1.0, 1.0), (-2.0, 1.0), (1.0, 3.0)]:
        z, right = np.logaddexp(0, x), grad / (1 + np.exp(-x))
        sent = rule(node, np.float64(grad), np.float64(z), np.float64(x))
        if not isinstance(sent, (tuple, list)) or len(sent) != 1:
            raise Wrong("A rule returns a tuple with one gradient for each input.", hint="Mind the comma: (gradient,).")
        found = _number(sent[0])
        if np.isclose(found, right, rtol=1e-7):
            continue
        hint = "With u = 1 + eˣ, the chain rule gives (1/u) · du/dx. Bring it into the form of σ."
        if np.isclose(found, right / grad):
            hint = "This is the derivative alone. What arrives, `grad`, multiplies it."
        elif np.isclose(found, grad / (1 + np.exp(-z))):
            hint = "This is σ(z). The derivative is σ of the input, x."
        elif np.isclose(found, grad * z * (1 - z)):
            hint = "This is the rule of sigmoid. Here z is ln(1 + eˣ), and not σ(x)."
        elif np.isclose(found, grad / (1 + np.exp(x))):
            hint = "This is σ(−x). Is the function rising steeply on the left or on the right?"
        elif np.isclose(found, grad / (1 + np.exp(x)) / (1 + np.exp(-x))):
            hint = "This is the derivative of σ. You want the derivative of softplus, which is σ itself."
        raise Wrong(
            f"At x = {x:g}, with {grad:g} arriving, your rule sends {found:.6g}; central differences say {right:.6g}.",
            hint=hint,
        )


def _number(value: Any) -> float:
    try:
        return float(np.asarray(value))
    except (TypeError, ValueError):
        hint = "For one number in, one number out."
        if hasattr(value, "input_nodes"):
            hint = "This is a node. Kernels and rules get arrays, and compute with NumPy: `np.log`, `np.exp`."
        elif value is None:
            hint = "Does it end with `return`?"
        raise Wrong(f"{value!r} is not a number.", hint=hint) from None


# -- 7.4


class _Noted:
    """A function that notes where it is asked."""

    def __init__(self, f: Callable):
        self.f = f
        self.asked: list[Any] = []

    def __call__(self, t: Any) -> Any:
        self.asked.append(t)
        return self.f(t)


@exercise("7.4", "Cancel one more term")
def _(answer):
    """A function (f, x, δ): its error must fall to about a sixteenth when δ is halved."""
    if not callable(answer):
        raise Wrong(f"The answer is a function (f, x, delta), and not {answer!r}.", hint="Pass the function itself.")
    for name, f, slope, x in [
        ("eˣ", np.exp, math.e, 1.0),
        ("sin x", np.sin, math.cos(0.7), 0.7),
        ("1/x", lambda t: 1 / t, -0.25, 2.0),
    ]:
        errors = []
        for delta in (0.1, 0.05):
            noted = _Noted(f)
            errors.append(abs(_number(answer(noted, x, delta)) - slope))
            nearest = min((abs(t - x) for t in noted.asked if t != x), default=delta)
            if nearest < 0.3 * delta:
                raise Wrong(
                    f"With δ = {delta:g} your function looks at f at a distance of {nearest:.1g} from x.",
                    hint="A smaller step has less of Taylor's error, and more rounding: it is another δ. "
                    "Combine D(δ) and D(2δ).",
                )
        if errors[1] < 1e-9:  # better than asked
            continue
        order = math.log2(max(errors[0], 1e-300) / errors[1])
        if order > 3.5:
            continue
        message = (
            f"For {name} at x = {x:g} your error is {errors[0]:.1e} with δ = 0.1 and {errors[1]:.1e} with δ = 0.05: "
            f"it falls like δ^{order:.1f}."
        )
        if order < 0.5:
            message = (
                f"For {name} at x = {x:g} your error is {errors[0]:.1e} with δ = 0.1, and not smaller with δ = 0.05."
            )
            hint = "The two factors must add up to 1, or J′ itself is lost: a + b = 1, and a + 4b = 0."
        elif order < 1.5:
            hint = "This is the error of a difference to one side. Begin with the central difference."
        else:
            hint = (
                "The term with δ² is still there. In D(2δ) it is four times as large as in D(δ): a + b = 1, a + 4b = 0."
            )
        raise Wrong(message, hint=hint)
