"""The exercises of chapter 11: optimizers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..checking import Wrong, exercise

# TensorFlow 2.21, tf.compat.v1.train.AdamOptimizer(0.2, 0.8, 0.95, 0.1) in float64; J = ½ (w₁² + 0.05 w₂²) from (1, −2)
TENSORFLOWS = np.array([
    [0.861803398875, -1.963451200474], [0.71431766707, -1.916239543475],
    [0.565613838344, -1.862378648486], [0.420167809381, -1.803909256993],
    [0.281763811701, -1.742132713434], [0.154118931685, -1.677981943523],
    [0.040939340717, -1.612175885021], [-0.054330124109, -1.545295822218],
    [-0.128955345094, -1.477827408646], [-0.181397757363, -1.410185584522],
    [-0.211623591898, -1.342730191965], [-0.221103625377, -1.27577620761],
    [-0.212537863182, -1.209600717159], [-0.189455153602, -1.144447851671],
    [-0.155827914099, -1.080532417156], [-0.115762762483, -1.018042670762],
    [-0.073259339408, -0.957142531216], [-0.032003078024, -0.897973409272],
    [0.004833998155, -0.840655779526], [0.034784213891, -0.785290573675],
])  # fmt: skip
SETTINGS = {"rate": 0.2, "beta1": 0.8, "beta2": 0.95, "epsilon": 0.1}


def _adam(form: str) -> np.ndarray:
    """The same 20 steps with a typical mistake."""
    w, m, v = np.array([1.0, -2.0]), np.zeros(2), np.zeros(2)
    rate, b1, b2, epsilon = SETTINGS.values()
    path = []
    for t in range(1, 21):
        g = np.array([1.0, 0.05]) * w
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        if form == "uncorrected":
            w = w - rate * m / (np.sqrt(v) + epsilon)
        elif form == "paper":
            w = w - rate * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + epsilon)
        elif form == "under the root":
            w = w - rate * np.sqrt(1 - b2**t) / (1 - b1**t) * m / np.sqrt(v + epsilon)
        else:  # no root in the rate
            w = w - rate * (1 - b2**t) / (1 - b1**t) * m / (np.sqrt(v) + epsilon)
        path.append(w)
    return np.array(path)


FORMS = {
    "uncorrected": "These are the steps without bias correction.",
    "paper": "This is the form of the paper's algorithm 1. In TensorFlow's form ε stands beside √v, not beside √v̂.",
    "under the root": "This has ε under the root. In Adam it is added to the root.",
    "no root": "In αₜ there is a root over 1 − β₂ᵗ.",
}


@exercise("11.1", "Adam from the formula")
def _(answer):
    """A function (w, gradient, steps, rate, beta1, beta2, epsilon) that returns the points after each step of Adam."""
    steps = len(TENSORFLOWS)
    given = np.array([1.0, -2.0])
    found = answer(given, lambda w: np.array([1.0, 0.05]) * w, steps, **SETTINGS)
    if found is None or found is ... or np.size(found) == 0:
        raise Wrong("Your function returns no points yet.", hint="Append w to the list after each step.")
    try:
        path = np.array(found, dtype=np.float64)
    except (TypeError, ValueError):
        raise Wrong("Your function should return a list of points.", hint="Each point is an array like w.") from None
    if path.shape == (steps + 1, 2):
        raise Wrong("Your list has 21 points for 20 steps.", hint="The starting point does not belong to it.")
    if path.shape != TENSORFLOWS.shape:
        shape = f"Your points have the shape {path.shape}; 20 points of 2 numbers are wanted."
        raise Wrong(shape, hint="Append w to the list after each step.")
    if not np.array_equal(given, [1.0, -2.0]) or (path == path[-1]).all():
        raise Wrong("All your points are the same array, changed in place.", hint="Write `w = w - …` and not `w -= …`.")
    wrong = np.flatnonzero(~(np.abs(path - TENSORFLOWS) < 1e-9).all(axis=1))
    if not len(wrong):
        return
    step = wrong[0]
    message = (
        f"After step {step + 1} TensorFlow is at ({TENSORFLOWS[step][0]:.6f}, {TENSORFLOWS[step][1]:.6f}), and you are "
        f"at ({path[step][0]:.6f}, {path[step][1]:.6f})."
    ).replace("-", "−")
    hint = next((hint for form, hint in FORMS.items() if np.allclose(path, _adam(form), atol=1e-9)), "")
    if not hint:
        if np.isnan(path[0]).any() or np.isinf(path[0]).any():
            hint = "Does t begin with 0? Then 1 − β₁ᵗ is 0, and you divide by it. The first step is t = 1."
        elif np.allclose(path[0], [1.0, -2.0]):
            hint = "Your first point is the one where the walk starts. Append w after the step."
        elif np.sign(path[0] - [1.0, -2.0])[0] > 0:
            hint = "Your first step goes uphill."
        elif step == 0:
            hint = "The first step is wrong already: with m = v = 0, put g into the formula by hand."
        else:
            hint = "The first step is right. Do m, v and t go on from step to step?"
    raise Wrong(message, hint=hint)


@exercise("11.2", "The first step without correction")
def _(answer):
    """One number: the change of the weight in the first step."""
    try:
        value = float(answer)
    except (TypeError, ValueError):
        raise Wrong("The answer is one number.", hint="Such as change = 0.001.") from None
    true = 0.001 * 0.5 / np.sqrt(0.01)
    if np.isclose(value, true, rtol=1e-3):
        return
    if np.isclose(value, -true, rtol=1e-3):
        hint = "The size is right. The weight moves against its gradient, and the gradient is −7."
    elif np.isclose(abs(value), 0.001, rtol=1e-3):
        hint = "This is the step with bias correction."
    elif np.isclose(abs(value), 0.001 * 0.1 / np.sqrt(0.001), rtol=1e-2):
        hint = "This is for β₁ = 0.9 and β₂ = 0.999."
    elif np.isclose(abs(value), 7 * true, rtol=1e-3):
        hint = "The size of the gradient drops out: it is in m and in √v."
    elif np.isclose(abs(value), 0.001 * 0.5 / 0.01, rtol=1e-3) or np.isclose(abs(value), true / 7 / 0.1, rtol=1e-3):
        hint = "There is a root over v."
    elif np.isclose(abs(value), 0.001 * 0.5 / np.sqrt(0.99), rtol=1e-2):
        hint = "v begins with 0 and gets (1 − β₂) g² in the first step."
    else:
        hint = "Write down m and v after the first step, with g = −7, and then α m / √v."
    raise Wrong(f"{value:g} is not the change.", hint=hint)


def valley_of_the_paths(w1: Any, w2: Any) -> Any:
    """J in exercise 11.3."""
    return 0.5 * (w1 * w1 + 12 * w2 * w2)


def _paths() -> dict[str, list[tuple[float, float]]]:
    """Twelve points of each of the five optimizers of exercise 11.3."""

    def walk(step: Any) -> list[tuple[float, float]]:
        w, memory, path = np.array([-3.0, 1.5]), [np.zeros(2), np.zeros(2)], []
        for t in range(12):
            path.append((float(w[0]), float(w[1])))
            w = w - step(np.array([1.0, 12.0]) * w, memory, t + 1)
        return path

    def plain(g, memory, t):
        return 0.15 * g

    def momentum(g, memory, t):
        memory[0] = 0.8 * memory[0] + g
        return 0.03 * memory[0]

    def adagrad(g, memory, t):
        memory[0] = memory[0] + g * g + (0.1 if t == 1 else 0)
        return 0.8 * g / np.sqrt(memory[0])

    def rmsprop(g, memory, t):
        memory[0] = 0.9 * (memory[0] if t > 1 else 1.0) + 0.1 * g * g
        return 0.2 * g / np.sqrt(memory[0])

    def adam(g, memory, t):
        memory[0], memory[1] = 0.9 * memory[0] + 0.1 * g, 0.999 * memory[1] + 0.001 * g * g
        return 0.4 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * memory[0] / np.sqrt(memory[1])

    return {letter: walk(step) for letter, step in zip("ABCDE", (rmsprop, momentum, plain, adam, adagrad), strict=True)}


PATHS = _paths()
TRUTH = {"A": "rmsprop", "B": "momentum", "C": "gradient descent", "D": "adam", "E": "adagrad"}
SIGNS = {
    "gradient descent": "each coordinate is multiplied by the same factor in every step",
    "momentum": "the first step is as in gradient descent, and the second is longer along the valley",
    "adagrad": "the first step is almost equally long in both coordinates, and those along the valley only get shorter",
    "rmsprop": "the steps of both coordinates are of like size but not equal, and there is no swing past the middle",
    "adam": "the first step has exactly the same length in both coordinates, and later it swings past the middle",
}


@exercise("11.3", "Whose path is this?")
def _(answer):
    """A dictionary from A to E to the names of the optimizers, each once."""
    if not isinstance(answer, dict) or set(answer) != set(TRUTH):
        raise Wrong("The answer is a dictionary with the keys A to E.", hint="Keep the form of the stub.")
    given = {letter: " ".join(str(name).lower().split()) for letter, name in answer.items()}
    if all(name is None for name in answer.values()):
        raise Wrong("There is no name in it yet.", hint="Begin with the first steps: which of them are equally long?")
    for letter, name in given.items():
        if name not in SIGNS:
            raise Wrong(f"{letter} is {answer[letter]!r}, which is none of the five.", hint=", ".join(SIGNS))
    wrong = [letter for letter in TRUTH if given[letter] != TRUTH[letter]]
    if not wrong:
        return
    letter = wrong[0]
    name = answer[letter]
    count = "all five" if len(wrong) == 5 else f"{len(wrong)} of five"
    raise Wrong(
        f"Path {letter} is not that of {name} ({count} are not right yet).",
        hint=f"You would know {name} by this: {SIGNS[given[letter]]}.",
    )


@exercise("11.4", "How much does a checkpoint hold?")
def _(answer):
    """One whole number."""
    try:
        value = int(answer)
    except (TypeError, ValueError):
        raise Wrong("The answer is one whole number.", hint="Count weights and biases first.") from None
    weights = 20 * 50 + 50 + 50 * 3 + 3
    if value == 3 * weights + 2:
        return
    hints = {
        weights: "These are the weights and biases. What does Adam remember besides?",
        2 * weights: "Adam has two slots for each weight, and the weight itself must be saved too.",
        3 * weights: "Almost. Adam keeps two more numbers, which do not belong to any weight.",
        3 * weights + 1: "There are two powers, one of β₁ and one of β₂.",
        2 * weights + 2: "That is what Adam remembers. The weights must be saved too.",
        3 * (20 * 50 + 50 * 3) + 2: "The biases are variables with slots as well.",
    }
    hint = hints.get(value, "First the weights and biases of both layers; then the slots of each; then what is left.")
    raise Wrong(f"It is not {value}.", hint=hint)
