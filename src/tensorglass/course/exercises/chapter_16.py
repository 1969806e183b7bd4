"""The exercises of chapter 16: convolution."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..checking import Wrong, exercise
from ..data import digits


def _array(found: Any, shape: tuple[int, ...], what: str) -> np.ndarray:
    """`found` as an array of a shape."""
    if found is None or found is ...:
        raise Wrong("Your function returns nothing yet.", hint=f"It should return {what}.")
    try:
        array = np.asarray(found, dtype=np.float64)
    except (TypeError, ValueError):
        raise Wrong(f"This is {type(found).__name__}, not numbers.", hint=f"It should be {what}.") from None
    if array.shape != shape:
        raise Wrong(f"Your result has the shape {array.shape}.", hint=f"It should be {what}, of the shape {shape}.")
    return array


_TABLE = {
    "a": ((28, 28, 1), (5, 5, 1, 6), 1, "VALID"),
    "b": ((28, 28, 1), (5, 5, 1, 6), 1, "SAME"),
    "c": ((14, 10, 6), (3, 3, 6, 16), 2, "VALID"),
    "d": ((15, 10, 6), (3, 3, 6, 16), 2, "SAME"),
    "e": ((7, 7, 16), (1, 1, 16, 4), 3, "VALID"),
}


@exercise("16.1", "Output shapes")
def _(answer):
    """A dictionary from the rows a to e of the table to three whole numbers: height, width, channels."""
    if not isinstance(answer, dict):
        raise Wrong(f"This is {type(answer).__name__}, not a dictionary.", hint='Such as {"a": (3, 3, 1), …}.')
    for row, (image, kernel, s, padding) in _TABLE.items():
        if row not in answer:
            raise Wrong(f"The row {row} is missing.", hint="There are five rows, a to e.")
        try:
            found = tuple(int(v) for v in answer[row])
        except (TypeError, ValueError):
            found = ()
        if len(found) != 3:
            raise Wrong(f"Row {row}: that is not three whole numbers.", hint="Height, width, channels.")
        sizes = tuple(zip(image[:2], kernel[:2], strict=True))
        valid = tuple((n - k) // s + 1 for n, k in sizes)
        same = tuple(-(-n // s) for n, _ in sizes)
        true = (*(valid if padding == "VALID" else same), kernel[3])
        if found == true:
            continue
        if found[:2] == true[:2]:
            hint = "Height and width are right. How many kernels are there, each giving one channel?"
        elif found[:2] == (same if padding == "VALID" else valid):
            hint = f"This would be right for the other padding. The row says {padding}."
        elif padding == "SAME" and found[:2] == tuple(n // s for n, _ in sizes):
            hint = "With SAME the quotient is rounded up."
        elif padding == "VALID" and found[:2] == tuple((n - k) // s for n, k in sizes):
            hint = "Places are counted from 0: when the last is number 3, there are 4."
        elif padding == "VALID" and found[:2] == tuple(-(-(n - k) // s) + 1 for n, k in sizes):
            hint = "The last window must lie inside the image: round down."
        elif s > 1 and found[:2] in (tuple(n - k + 1 for n, k in sizes), image[:2]):
            hint = f"The window moves {s} pixels at a time."
        else:
            hint = "VALID: where does the last window begin? SAME: one place for every s-th pixel."
        raise Wrong(f"Row {row}: the output is not {' × '.join(map(str, found))}.", hint=hint)


@exercise("16.2", "A kernel by hand")
def _(answer):
    """Nine numbers, 3 × 3: tried on images with a single bright pixel, where each number shows by itself."""
    w = _array(answer, (3, 3), "three rows of three numbers")
    true = np.array([[-1.0, -2.0, -1.0], [0.0, 0.0, 0.0], [1.0, 2.0, 1.0]])
    if np.array_equal(w, true):
        return
    if not w.any():
        raise Wrong("All nine numbers are 0: this kernel answers 0 to every image.", hint="Begin with the row below.")
    i, j = (int(v) for v in np.argwhere(w != true)[0])
    message = (
        f"When the only bright pixel (of value 1) is in row {i}, column {j} of the window, the answer should be "
        f"{true[i, j]:g}, and yours is {w[i, j]:g}."
    ).replace("-", "−")
    if np.array_equal(w, -true):
        hint = "This is the row above minus the row below: it would be right for a convolution with a turned kernel."
    elif np.array_equal(w, true.T) or np.array_equal(w, -true.T):
        hint = "This kernel finds vertical edges. Rows and columns have changed places."
    elif np.array_equal(np.sign(w), np.sign(true)) and w[0, 1] == w[0, 0]:
        hint = "The signs are right. The middle column counts twice."
    elif w.sum() != 0:
        hint = f"Your numbers add up to {w.sum():g}, so the kernel answers even to an image that is the same all over."
    else:
        hint = "Write down the three rows one by one: the row above (minus), the middle row, the row below (plus)."
    raise Wrong(message, hint=hint)


def _correlation(x: np.ndarray, w: np.ndarray, s: int) -> np.ndarray:
    return (np.lib.stride_tricks.sliding_window_view(x, w.shape)[::s, ::s] * w).sum(axis=(2, 3))


def _of_kernel(x: np.ndarray, y_bar: np.ndarray, k: int, s: int) -> np.ndarray:
    """The gradient of Σ ȳ·y with respect to the kernel by central differences; y is linear in it."""
    gradient = np.zeros((k, k))
    for index in np.ndindex(k, k):
        shift = np.zeros((k, k))
        shift[index] = 0.5
        gradient[index] = (y_bar * (_correlation(x, shift, s) - _correlation(x, -shift, s))).sum()
    return gradient


@exercise("16.3", "The gradient of the kernel")
def _(answer):
    """A function of x, ȳ, k and s that returns the kernel's gradient, compared with central differences."""
    random = np.random.default_rng(3)
    for h, w, k, s in (
        (2, 2, 1, 1),
        (3, 3, 2, 1),
        (3, 5, 3, 1),
        (5, 5, 2, 1),
        (5, 5, 2, 2),
        (6, 8, 3, 2),
        (7, 5, 1, 3),
    ):
        whole = h * w < 10  # small cases have small numbers
        x = random.integers(-3, 4, size=(h, w)).astype(float) if whole else random.normal(size=(h, w))
        m = _correlation(x, np.zeros((k, k)), s).shape
        y_bar = random.integers(1, 4, size=m).astype(float) if whole else random.normal(size=m)
        found = _array(answer(x.copy(), y_bar.copy(), k, s), (k, k), "one number for each weight")
        true = _of_kernel(x, y_bar, k, s)
        if np.allclose(found, true, rtol=1e-7, atol=1e-9):
            continue
        i, j = (int(v) for v in np.argwhere(~np.isclose(found, true, rtol=1e-7, atol=1e-9))[0])
        message = (
            f"For an image of {h} × {w}, k = {k} and stride {s}, central differences give {true[i, j]:.4g} for "
            f"w[{i}, {j}], and your gradient is {found[i, j]:.4g}."
        )
        if whole:
            message += f" (x = {x.tolist()}, y_bar = {y_bar.tolist()})"
        close = np.corrcoef(x[:k, :k].ravel(), found.ravel())[0, 1] if k > 1 else 0
        if np.allclose(found * y_bar.size, true):
            hint = "This is the mean over all places. The gradient is their sum."
        elif np.allclose(found, true[::-1, ::-1]):
            hint = "Your result is turned by 180 degrees. It is the gradient of the image that has the turned kernel."
        elif np.allclose(found, true.T):
            hint = "Rows and columns have changed places."
        elif np.allclose(found, -true):
            hint = "The sign is the other way round."
        elif s > 1:
            hint = f"With stride {s}, place (t, u) of the output has its cell (i, j) on pixel ({s}t + i, {s}u + j)."
        elif np.isclose(close, 1):
            hint = "A weight is used in all places of the window: add up over all of them."
        else:
            hint = "What did cell (i, j) see in each place? Multiply by y_bar of that place, and add up."
        raise Wrong(message, hint=hint)


@exercise("16.4", "Read digits", seconds=30)
def _(answer):
    """A function of images (n, 16, 16) that returns n classes, right for 97 % of 500 new digits."""
    images, labels = digits(500, seed=12345)
    found = answer(images.copy())
    if found is not None and np.shape(found) == (500, 10):
        raise Wrong("Your result has ten numbers for each image.", hint="Return the class: `.argmax(axis=1)`.")
    found = _array(found, labels.shape, "one class for each image")
    right = float(np.mean(found == labels))
    if right >= 0.97:
        return
    i = int(np.flatnonzero(found != labels)[0])
    message = f"{right:.1%} of 500 new digits are right. Image {i}, a {labels[i]}, is read as {found[i]:g}."
    if right < 0.2:
        hint = "This is no better than guessing. Is the network trained, and are pixels fed in the same order?"
    elif right < 0.92:
        hint = "Train longer, or with a convolution: two layers of them, ReLU, and pooling."
    else:
        hint = "Nearly. Train longer, and draw more images with other seeds: the network then sees more hands."
    raise Wrong(message, hint=hint)
