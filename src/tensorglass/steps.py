"""Many steps in one call: what each of them is fed, and the plain loop over them.

`Session.run_steps` brings its arguments into a `Feeding`.  A program that has `run_steps` of its own takes it whole
(XLA compiles the loop); for others `in_turn` runs the program once a step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


class Feeding:
    """What `steps` steps are fed: `fixed` values at each of them, and of each array in `data` the step's own part.

    That is row k at step k, or, where `batches` has indices, the rows ``batches[k]``.
    """

    def __init__(self, steps: int, fixed: Sequence[Any], data: Sequence[Any], batches: np.ndarray | None = None):
        self.steps = steps
        self.fixed = fixed
        self.data = data
        self.batches = batches

    def at(self, k: int) -> list[Any]:
        """The values of the feeds at step `k`."""
        rows = k if self.batches is None else self.batches[k]
        return [*self.fixed, *(d[rows] for d in self.data)]

    def until(self, k: int) -> Feeding:
        """The first `k` steps."""
        return self._part(slice(k), k)

    def after(self, k: int) -> Feeding:
        """All but the first `k` steps."""
        return self._part(slice(k, None), self.steps - k)

    def _part(self, part: slice, steps: int) -> Feeding:
        if self.batches is None:
            return Feeding(steps, self.fixed, [d[part] for d in self.data])
        return Feeding(steps, self.fixed, self.data, self.batches[part])

    def shapes(self) -> list[tuple[int, ...]]:
        """The shapes of the feeds at each step."""
        rows = () if self.batches is None else self.batches.shape[1:]
        return [*(np.shape(f) for f in self.fixed), *((*rows, *d.shape[1:]) for d in self.data)]


def number_of_steps(steps: int | None, data: dict[Any, Any], batches: np.ndarray | None) -> int:
    """How many steps there are, from whatever says so; ValueError when it does not agree."""
    counts = {"steps": steps} if steps is not None else {}
    if batches is not None:
        counts["batches"] = len(batches)
    else:
        counts.update({f"data[{key!r}]": len(value) if value.ndim else 0 for key, value in data.items()})
    if not counts:
        raise ValueError("run_steps must know how many steps to run: give steps=, data= or batches=.")
    if len(set(counts.values())) > 1:
        raise ValueError(f"The numbers of steps do not agree: {counts}.")
    number = next(iter(counts.values()))
    if number < 1:
        raise ValueError(f"run_steps runs at least one step, not {number}.")
    return number


def checked_batches(batches: Any, data: dict[Any, Any]) -> np.ndarray:
    """`batches` as indices from 0 on; IndexError where they point outside the arrays of `data`."""
    if not data:
        raise ValueError("batches says which rows of the arrays in data to feed: give data= too.")
    indices = np.asarray(batches)
    if indices.dtype.kind not in "iu" or indices.ndim < 1:
        raise ValueError(f"batches must be an array of indices, one row a step, not {batches!r}.")
    sizes = {key: value.shape[0] if value.ndim else 0 for key, value in data.items()}
    if len(set(sizes.values())) > 1:
        raise ValueError(f"The arrays in data must have the same number of rows: {sizes}.")
    n = next(iter(sizes.values()))
    if indices.size and not (-n <= indices.min() and indices.max() < n):
        raise IndexError(f"batches has an index out of range: the arrays in data have {n} rows.")
    return np.where(indices < 0, indices + n, indices)


def in_turn(run: Callable[[list[Any]], Sequence[Any]], feeding: Feeding) -> list[Any]:
    """Run a program once a step: each fetched value of all steps, stacked."""
    stacked: list[np.ndarray] = []
    for k in range(feeding.steps):
        results = run(feeding.at(k))
        if k == 0:
            stacked = [np.empty((feeding.steps, *np.shape(r)), np.asarray(r).dtype) for r in results]
        for place, result in zip(stacked, results, strict=True):
            _check_stackable(place.shape[1:], np.shape(result))
            place[k] = result
    return stacked


def joined(first: Sequence[Any], later: Sequence[Any]) -> list[Any]:
    """The stacked values of some steps, and those of the steps after them, in one."""
    for a, b in zip(first, later, strict=True):
        _check_stackable(a.shape[1:], b.shape[1:])
    return [np.concatenate(pair) for pair in zip(first, later, strict=True)]


def _check_stackable(before: tuple[int, ...], now: tuple[int, ...]) -> None:
    if before != now:
        raise ValueError(
            f"A fetched value has shape {now} after it had {before} at an earlier step: values of different shapes do "
            "not stack."
        )


def run(program: Any, state: dict[str, Any], feeding: Feeding) -> Sequence[Any]:
    """The fetched values of all steps, by the program's own loop where it has one."""
    if hasattr(program, "run_steps"):
        return program.run_steps(state, feeding)
    return in_turn(lambda values: program(state, values), feeding)
