"""Are these gradients right?  The Jacobian by `gradients`, and the same by central differences.

What `tf.test` offers to check a gradient of your own: `compute_gradient` and `compute_gradient_error` in TensorFlow 1's
form (tensors of the default graph, the default session), `compute_gradient_of` in TensorFlow 2's (a function).
Complex tensors count as twice as many real numbers, real and imaginary part in turn.  Chapter 7 tells the story.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import context
from .gradients import gradients
from .graph import Graph
from .indexed_slices import IndexedSlices
from .op import convert_to_tensor
from .tensor import Tensor


def compute_gradient(
    x: Any,
    x_shape: Any,
    y: Any,
    y_shape: Any,
    x_init_value: Any = None,
    delta: float = 1e-3,
    init_targets: Any = None,
    extra_feed_dict: dict | None = None,
) -> Any:
    """(∂yⱼ/∂xᵢ by `gradients`, the same by central differences), two matrices of shape (size of x, size of y).

    ``x`` is one tensor or a list of them (then `x_shape`, `x_init_value` and the result are lists too); ``y`` is
    computed from it.  x is tried at `x_init_value`, or at random numbers in [0, 1); `init_targets` are run first in
    the default session.

    >>> import tensorglass as tg
    >>> with tg.Graph().as_default(), tg.Session():
    ...     x = tg.constant([3.0, 4.0], tg.float64)
    ...     exact, numeric = compute_gradient(x, [2], tg.square(x), [2], np.array([3.0, 4.0]))
    >>> exact.tolist(), numeric.round(6).tolist()
    ([[6.0, 0.0], [0.0, 8.0]], [[6.0, 0.0], [0.0, 8.0]])
    """
    session = context.default_session()
    if session is None:
        raise ValueError("compute_gradient needs a default session: call it inside `with tf.Session():`.")
    many = isinstance(x, list)
    xs, shapes = (x, x_shape) if many else ([x], [x_shape])
    given = x_init_value if many and x_init_value is not None else [x_init_value] * len(xs)
    for target in [] if init_targets is None else init_targets if isinstance(init_targets, list) else [init_targets]:
        session.run(target)
    with session.graph.as_default():
        tensors = [convert_to_tensor(t) for t in xs]
    points = [_point(t, shape, v) for t, shape, v in zip(tensors, shapes, given, strict=True)]
    feeds = {**(extra_feed_dict or {}), **dict(zip(tensors, points, strict=True))}
    size = int(np.prod(y_shape, dtype=np.int64))
    found = []
    for t, dx in zip(tensors, _weighted_gradients(y, tensors), strict=True):
        if dx is None:
            raise AssertionError(f"dx = None: {y.name} does not depend on {t.name}, or the gradient is cut off between")
        exact = _theoretical(session, feeds, t, dx, y, y_shape)
        found.append((exact, _numeric(session, feeds, t, y, size, delta)))
    return found if many else found[0]


def compute_gradient_error(
    x: Any,
    x_shape: Any,
    y: Any,
    y_shape: Any,
    x_init_value: Any = None,
    delta: float = 1e-3,
    init_targets: Any = None,
    extra_feed_dict: dict | None = None,
) -> float:
    """maxᵢⱼ |∂yⱼ/∂xᵢ by `gradients` − by central differences|: small where the gradient is right.

    The arguments are those of `compute_gradient`.
    """
    found = compute_gradient(x, x_shape, y, y_shape, x_init_value, delta, init_targets, extra_feed_dict)
    pairs = found if isinstance(found, list) else [found]
    return max((np.fabs(a - b).max() for a, b in pairs if a.size), default=0)


def compute_gradient_of(f: Callable[..., Any], x: Sequence[Any], delta: float | None = None) -> tuple[Any, Any]:
    """The Jacobians ∂fⱼ/∂xᵢ of `f(*x)`, by `gradients` and by central differences (step `delta`, 1/1024 by default).

    A pair of tuples with one matrix of shape (size of f, size of x[k]) for each argument.  This is
    `tf.test.compute_gradient` of TensorFlow 2.

    >>> import tensorglass as tg
    >>> exact, numeric = compute_gradient_of(tg.square, [[1.0, 2.0]])
    >>> exact[0].tolist(), numeric[0].tolist()
    ([[2.0, 0.0], [0.0, 4.0]], [[2.0, 0.0], [0.0, 4.0]])
    """
    if not isinstance(x, (list, tuple)):
        raise ValueError(
            "`x` must be a list or tuple of values convertible to a Tensor (arguments to `f`), not a "
            f"{type(x)}"
        )  # fmt: skip
    from .ops.constant import placeholder
    from .session import LenientSession

    with Graph().as_default():
        values = [np.array(v.numpy() if hasattr(v, "numpy") else _as_array(v)) for v in x]
        inputs = [placeholder(v.dtype, v.shape) for v in values]
        for i, t in enumerate(inputs):
            if not t.dtype.is_differentiable:
                raise AssertionError(f"Cannot compute gradient for unsupported type {t.dtype.name} of argument {i}")
        y = convert_to_tensor(f(*inputs))
        session = LenientSession()
        feeds = dict(zip(inputs, values, strict=True))
        result = np.asarray(session.run(y, feeds))
        exact, numeric = [], []
        for t, dx in zip(inputs, _weighted_gradients(y, inputs), strict=True):
            empty = np.zeros((_size(feeds[t]), _size(result)), _real(feeds[t].dtype))
            exact.append((empty if dx is None else _theoretical(session, feeds, t, dx, y, result.shape)).T)
            numeric.append(_numeric(session, feeds, t, y, result.size, delta or 1 / 1024).T)
    return tuple(exact), tuple(numeric)


def _as_array(value: Any) -> np.ndarray:
    from .convert import to_array

    return to_array(value)


def _point(t: Tensor, shape: Any, value: Any) -> np.ndarray:
    """Where the derivative is taken: a fresh array that we may change."""
    dtype: Any = t.dtype.base_dtype.np_dtype
    if value is None:
        value = np.random.random_sample(tuple(shape))
        if t.dtype.is_complex:
            value = value + 1j * np.random.random_sample(tuple(shape))
    return np.array(value, dtype, order="C").reshape(tuple(shape))


def _weighted_gradients(y: Tensor, xs: list[Tensor]) -> list[Any]:
    """For each x a pair of ȳ, a placeholder, and Σⱼ ȳⱼ ∂yⱼ/∂x; None where y does not depend on x."""
    from .ops.constant import placeholder

    with y.graph.as_default():
        weight = placeholder(y.dtype.base_dtype, y._shape, name="dy")
        found = gradients(y, xs, [weight])
    dense = [g._to_tensor() if isinstance(g, IndexedSlices) else g for g in found]
    return [None if g is None else (weight, g) for g in dense]


def _theoretical(session: Any, feeds: dict, x: Tensor, dx: Any, y: Tensor, y_shape: Any) -> np.ndarray:
    """One column a run: the gradient when ȳ is 1 at one element of y and 0 elsewhere."""
    weight, gradient = dx
    dy = np.zeros(tuple(y_shape), y.dtype.base_dtype.np_dtype)
    flat = dy.reshape(-1).view(_real(dy.dtype))
    jacobian = np.zeros((_size(feeds[x]), flat.size), _real(feeds[x].dtype))
    for j in range(flat.size):
        flat[j] = 1
        value = np.ascontiguousarray(session.run(gradient, {**feeds, weight: dy}))
        jacobian[:, j] = value.reshape(-1).view(jacobian.dtype)
        flat[j] = 0
    return jacobian


def _numeric(session: Any, feeds: dict, x: Tensor, y: Tensor, y_size: int, delta: float) -> np.ndarray:
    """One row a pair of runs: (y(x + δ eᵢ) − y(x − δ eᵢ)) / 2δ."""
    point = feeds[x]
    flat = point.reshape(-1).view(_real(point.dtype))
    real = _real(y.dtype.base_dtype.np_dtype)
    jacobian = np.zeros((flat.size, y_size * (2 if y.dtype.is_complex else 1)), real)
    for i in range(flat.size):
        middle = flat[i]
        ends = []
        for shifted in (middle + delta, middle - delta):
            flat[i] = shifted
            ends.append(np.ascontiguousarray(session.run(y, feeds)).reshape(-1).view(real).copy())
        flat[i] = middle
        jacobian[i] = (ends[0] - ends[1]) / (2 * delta)
    return jacobian


def _real(dtype: Any) -> Any:
    """The type of the real and imaginary parts, or the type itself."""
    return np.zeros((), dtype).real.dtype


def _size(array: np.ndarray) -> int:
    return array.size * (2 if array.dtype.kind == "c" else 1)
