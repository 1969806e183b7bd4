"""Small data sets that the course makes itself: points in the plane with labels, and drawn digits.

Each returns (points, labels): float64 and int64, in a shuffled order, the same for the same arguments on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["blobs", "digits", "moons", "rings", "spirals", "xor"]

Arrays = tuple[np.ndarray, np.ndarray]


def xor(n: int = 200, seed: int = 0, noise: float = 0.5) -> Arrays:
    """Four clouds around (±2, ±2): class 1 where exactly one coordinate is positive, else 0.

    >>> points, labels = xor(4, noise=0.0)
    >>> sorted((*map(float, point), int(label)) for point, label in zip(points, labels))
    [(-2.0, -2.0, 0), (-2.0, 2.0, 1), (2.0, -2.0, 1), (2.0, 2.0, 0)]
    """
    random = np.random.RandomState(seed)
    corner = np.arange(n) % 4
    centers = np.array([[-2.0, -2.0], [2.0, 2.0], [-2.0, 2.0], [2.0, -2.0]])
    return _shuffled(random, centers[corner] + noise * random.randn(n, 2), corner // 2)


def blobs(
    n: int = 200, centers: int | Sequence[Sequence[float]] = 2, seed: int = 0, spread: float = 1.0,
) -> Arrays:  # fmt: skip
    """One round cloud a class, of standard deviation `spread`, around each center; a number of them goes on a circle.

    >>> points, labels = blobs(6, centers=[[0, 0], [5, 5]], spread=0.0)
    >>> points[labels == 1].tolist()
    [[5.0, 5.0], [5.0, 5.0], [5.0, 5.0]]
    """
    random = np.random.RandomState(seed)
    if isinstance(centers, int):
        angles = 2 * np.pi * (np.arange(centers) / centers + 1 / 8)
        places = 3 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    else:
        places = np.asarray(centers, dtype=np.float64)
    labels = np.arange(n) % len(places)
    return _shuffled(random, places[labels] + spread * random.randn(n, places.shape[1]), labels)


def moons(n: int = 200, seed: int = 0, noise: float = 0.15) -> Arrays:
    """Two half circles that reach into each other."""
    random = np.random.RandomState(seed)
    labels = np.arange(n) % 2
    angles = np.pi * random.rand(n)
    x = np.where(labels == 0, np.cos(angles), 1 - np.cos(angles))
    y = np.where(labels == 0, np.sin(angles), 0.5 - np.sin(angles))
    return _shuffled(random, np.stack([x - 0.5, y - 0.25], axis=1) + noise * random.randn(n, 2), labels)


def rings(n: int = 200, seed: int = 0, noise: float = 0.15) -> Arrays:
    """A disc of radius 1 (class 0) inside a ring of radius 2 (class 1)."""
    random = np.random.RandomState(seed)
    labels = np.arange(n) % 2
    angles = 2 * np.pi * random.rand(n)
    radii = np.where(labels == 0, np.sqrt(random.rand(n)), 2.0)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return _shuffled(random, radii[:, None] * circle + noise * random.randn(n, 2), labels)


def spirals(n: int = 200, turns: float = 1.0, seed: int = 0, noise: float = 0.05) -> Arrays:
    """Two spirals around the origin, one the other turned by half a circle, out to radius 2."""
    random = np.random.RandomState(seed)
    labels = np.arange(n) % 2
    way = np.sqrt(0.03 + 0.97 * random.rand(n))  # evenly along the spiral, not crowded in the middle
    angles = 2 * np.pi * turns * way + np.pi * labels
    points = 2 * way[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return _shuffled(random, points + noise * random.randn(n, 2), labels)


def _shuffled(random: np.random.RandomState, points: np.ndarray, labels: np.ndarray) -> Arrays:
    order = random.permutation(len(labels))
    return points[order].astype(np.float64), labels[order].astype(np.int64)


# -- digits

_SIZE = 16


def digits(n: int = 2000, seed: int = 0, noise: float = 0.1) -> Arrays:
    """Drawn digits: images (n, 16, 16) with values from 0 (paper) to 1 (ink), and what each shows, 0 to 9.

    Every image is drawn with a pen of its own width, moved, turned, slanted and scaled a little, with noise on it.
    There are as many of each digit as n allows.
    """
    random = np.random.RandomState(seed)
    labels = np.arange(n) % 10
    images = np.empty((n, _SIZE, _SIZE))
    for digit in range(10):
        chosen = np.flatnonzero(labels == digit)
        if len(chosen):
            images[chosen] = _drawn(random, _STROKES[digit], len(chosen), noise)
    return _shuffled(random, images, labels)


def _drawn(random: np.random.RandomState, strokes: Sequence[np.ndarray], n: int, noise: float) -> np.ndarray:
    """n images of the same strokes, each in its own hand."""
    starts = np.concatenate([stroke[:-1] for stroke in strokes])
    ends = np.concatenate([stroke[1:] for stroke in strokes])
    hand = _hand(random, n)
    shift = 0.12 * (2 * random.rand(n, 1, 2) - 1)
    width = 0.09 + 0.07 * random.rand(n, 1, 1)
    # The pen's corners tremble: a joint of two segments moves as one, because its noise depends on where it is.
    wobble = 0.35 * random.randn(n, 2, 2)
    first = _trembling(starts, wobble) @ hand + shift
    last = _trembling(ends, wobble) @ hand + shift
    return np.clip(_ink(first, last, width) + noise * random.randn(n, _SIZE, _SIZE), 0, 1)


def _hand(random: np.random.RandomState, n: int) -> np.ndarray:
    """A linear map for each image: size, slant and angle."""
    angle = 0.15 * random.randn(n)
    slant = 0.2 * random.randn(n)
    wide, high = 0.9 + 0.12 * random.randn(2, n)
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.stack([np.stack([cos, sin], -1), np.stack([-sin, cos], -1)], -2)
    bend = np.stack([np.stack([wide, 0 * wide], -1), np.stack([slant * high, high], -1)], -2)
    return bend @ turn


def _trembling(points: np.ndarray, wobble: np.ndarray) -> np.ndarray:
    return points + 0.1 * np.sin(2.5 * points[None] @ wobble)


def _ink(first: np.ndarray, last: np.ndarray, width: np.ndarray) -> np.ndarray:
    """How dark each pixel is: by its distance from the nearest of the segments first → last."""
    axis = (np.arange(_SIZE) + 0.5) / _SIZE * 2.6 - 1.3
    pixels = np.stack(np.meshgrid(axis, -axis), axis=-1).reshape(1, -1, 2)
    nearest = np.full((len(first), _SIZE * _SIZE), np.inf)
    for i in range(first.shape[1]):
        a, b = first[:, None, i], last[:, None, i]
        along = b - a
        t = np.clip(((pixels - a) * along).sum(-1) / ((along * along).sum(-1) + 1e-12), 0, 1)
        nearest = np.minimum(nearest, np.square(pixels - a - t[..., None] * along).sum(-1))
    ink = np.clip((width[..., 0] + 0.09 - np.sqrt(nearest)) / 0.14, 0, 1)
    return ink.reshape(-1, _SIZE, _SIZE)


def _arc(x: float, y: float, wide: float, high: float, begin: float, end: float, parts: int = 10) -> np.ndarray:
    """A part of an ellipse around (x, y); angles in degrees, 0 to the right, 90 up."""
    angles = np.radians(np.linspace(begin, end, parts + 1))
    return np.stack([x + wide * np.cos(angles), y + high * np.sin(angles)], axis=1)


def _line(*points: tuple[float, float]) -> np.ndarray:
    return np.array(points, dtype=np.float64)


_STROKES: list[list[np.ndarray]] = [
    [_arc(0, 0, 0.55, 0.9, 0, 360)],
    [_line((-0.35, 0.5), (0.05, 0.9), (0.05, -0.9))],
    [np.concatenate([_arc(0, 0.4, 0.52, 0.5, 160, -35), _line((-0.6, -0.9), (0.6, -0.9))])],
    [np.concatenate([_arc(-0.05, 0.45, 0.5, 0.45, 150, -80), _arc(-0.05, -0.45, 0.58, 0.45, 80, -150)])],
    [_line((0.25, -0.9), (0.25, 0.9), (-0.6, -0.25), (0.65, -0.25))],
    [np.concatenate([_line((0.5, 0.9), (-0.4, 0.9), (-0.45, 0.1)), _arc(0, -0.35, 0.55, 0.55, 130, -150)])],
    [np.concatenate([_line((0.4, 0.9), (-0.2, 0.45)), _arc(0, -0.4, 0.5, 0.5, 160, 520)])],
    [_line((-0.55, 0.9), (0.55, 0.9), (-0.15, -0.9))],
    [_arc(0, 0.45, 0.42, 0.43, 0, 360), _arc(0, -0.44, 0.52, 0.47, 0, 360)],
    [_arc(0, 0.4, 0.5, 0.5, 0, 360), _line((0.5, 0.4), (0.45, -0.1), (0.1, -0.9))],
]
