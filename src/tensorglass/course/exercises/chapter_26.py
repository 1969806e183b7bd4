"""The exercises of chapter 26: the same script in TensorFlow."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from ..checking import Wrong, exercise
from ..library import library

POINTS = np.array([[1.0, 2.0], [-1.0, 0.5], [0.0, -2.0]])
TARGETS = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
WEIGHTS = np.array([[0.5, -0.5], [0.25, 0.75]])


def _reference() -> tuple[float, np.ndarray]:
    """The loss and its gradient, by the small library."""
    small = library(9)
    x = small.placeholder(name="x")
    W = small.Variable(WEIGHTS, name="W")
    J = -small.reduce_sum(small.constant(TARGETS) * small.log(small.softmax(x @ W)))
    [gradient] = small.gradients(J, [W])
    loss, slope = small.Session().run([J, gradient], {x: POINTS})
    return float(loss), slope


def _compared(found: Any, where: str) -> None:
    loss, slope = _reference()
    if not isinstance(found, (list, tuple)) or len(found) != 2:
        raise Wrong(
            f"With {where} your function returned {type(found).__name__}, not two values.",
            hint="session.run([J, gradient], {x: points}) gives both.",
        )
    if isinstance(found[1], (list, tuple)) and len(found[1]) == 1:
        raise Wrong(
            "The gradient comes as a list with one element.",
            hint="tf.gradients gives a list, one gradient for each variable: take its first element.",
        )
    try:
        own_loss, own_slope = float(found[0]), np.asarray(found[1])
    except (TypeError, ValueError):
        raise Wrong(
            "The loss and the gradient should be numbers.", hint="Return what session.run gives, not the tensors."
        ) from None
    if own_slope.dtype == np.float32:
        raise Wrong(
            "The gradient is in float32: it cannot agree to 1e-9.",
            hint="Say the type: tf.placeholder(tf.float64, ...), tf.Variable(..., dtype=tf.float64).",
        )
    if abs(own_loss - loss) > 1e-9:
        hint = "Which sums does the small library's J have, and which sign?"
        if abs(own_loss * len(POINTS) - loss) < 1e-6:
            hint = "You have the mean over the points; the small program has their sum."
        elif abs(own_loss + loss) < 1e-6:
            hint = "The sign is the other one: J is minus the sum."
        raise Wrong(f"With {where} your loss is {own_loss:.9f}; the small library has {loss:.9f}.", hint=hint)
    if own_slope.shape != slope.shape or np.abs(own_slope - slope).max() > 1e-9:
        raise Wrong(
            f"With {where} the loss is right, and the gradient is not: it has the shape {own_slope.shape}.",
            hint="It is the gradient of J with respect to W: tf.gradients(J, [W]).",
        )


@exercise("26.1", "Port ten lines", seconds=90)
def _(answer):
    """A function of the module `tf` that returns the loss and its gradient, as the small library has them."""
    _compared(answer(importlib.import_module("tensorglass.v1")), "TensorGlass")
    try:
        tf = importlib.import_module("tensorflow.compat.v1")
    except ImportError:
        return
    _compared(answer(tf), "TensorFlow")


_TYPES = {
    "tf.matmul(a, b)": ("MatMul",),
    "a + b": ("AddV2", "Add"),  # Add in programs of TensorFlow before 1.15
    "a * b": ("Mul",),
    "a / b": ("RealDiv",),
    "-a": ("Neg",),
    "tf.reduce_sum(a)": ("Sum",),
    "tf.transpose(a)": ("Transpose",),
    "tf.placeholder(tf.float32)": ("Placeholder",),
}
_USUAL = {
    "Multiply": "The names of types are older, and shorter, than those of the functions.",
    "Div": "Div is division as Python 2 had it: whole numbers stayed whole. Which word says that it is not?",
    "Divide": "The names of types are older, and shorter, than those of the functions.",
    "ReduceSum": "The function says that it reduces; the type only says what it computes.",
    "Negative": "The names of types are older, and shorter, than those of the functions.",
}


@exercise("26.2", "What are they called?")
def _(answer):
    """A dictionary from each expression to the type of its operation."""
    if not isinstance(answer, dict):
        raise Wrong(
            "The answer should be the dictionary, filled in.", hint='types = {"tf.matmul(a, b)": "MatMul", ...}'
        )
    for expression, names in _TYPES.items():
        found = answer.get(expression)
        if found in names:
            continue
        if not found:
            raise Wrong(
                f"{expression} has no answer yet.",
                hint="Build it in a graph and look: tf.get_default_graph().get_operations()[-1].type",
            )
        exact = (
            f"Upper and lower case count: MatMul, not {found}." if str(found).lower() in map(str.lower, names) else ""
        )
        raise Wrong(
            f"{expression} does not make an operation of type {found!r}.",
            hint=_USUAL.get(str(found)) or exact or "Build it in a graph and look at the last operation's type.",
        )


def _in_scope() -> int:
    """How many operations the second hidden layer has."""
    tf = importlib.import_module("tensorglass.v1")
    with tf.Graph().as_default() as graph:
        h = tf.placeholder(tf.float32, [None, 4])
        with tf.name_scope("hidden2"):
            U = tf.Variable(tf.random_normal([4, 4]), name="U")
            e = tf.Variable(tf.zeros([4]), name="e")
            tf.tanh(tf.matmul(h, U) + e)
        return sum(op.name.startswith("hidden2/") for op in graph.get_operations())


@exercise("26.3", "Count before you look")
def _(answer):
    """The number of operations in the scope of the second hidden layer."""
    right = _in_scope()
    if isinstance(answer, bool) or not isinstance(answer, (int, np.integer)):
        raise Wrong("The answer should be a whole number.", hint="How many operations does a variable have?")
    if answer == right:
        return
    hint = "Go through it line by line: tf.random_normal, tf.Variable (twice), tf.zeros, tf.matmul, +, tf.tanh."
    if answer == 5:
        hint = "You counted U, e and the three operations of the layer. A variable is more than one operation."
    elif answer == right - 6:
        hint = "tf.random_normal is six operations: they are in this scope too."
    elif answer in (right - 1, right + 1):
        hint = "One off. The initial value of e is one operation; that of U is the last of random_normal's six."
    raise Wrong(f"The scope does not have {answer} operations.", hint=hint)
