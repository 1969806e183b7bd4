"""Samples for the registry-wide test: for each op type, calls that exercise it.

A module here holds generators marked ``@sample("OpType", ...)``; each yields `Case`s.  tests/test_every_op.py fails
for an op type that no case names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

SAMPLES: dict[str, list[Callable[[np.random.Generator], Any]]] = {}


@dataclass
class Case:
    """One call of a public function, ``function(*arrays)``.

    Floating arrays are given as float64 and are what gradients are checked for (first and second order); the test
    also runs them as float32.  Keep them away from kinks (|x| near 0, ties).
    """

    function: Callable[..., Any]
    arrays: Sequence[Any] = field(default_factory=tuple)
    first: bool = True  # check first-order gradients
    second: bool = True  # and second-order ones
    rtol: float = 1e-5  # of the gradient checks (central differences in float64)
    exact: bool = True  # the result is the same in float32 and when called eagerly (not so for random ops)
    forget: str = "rank"  # what the placeholders may leave open: "rank", only "dims", or "" for nothing
    eager: bool = True  # the function may also be called outside a graph


def sample(*op_types: str) -> Callable:
    """Decorator: the generator ``f(rng)`` yields cases for each of `op_types`."""

    def register(function: Callable[[np.random.Generator], Any]) -> Callable:
        for op_type in op_types:
            SAMPLES.setdefault(op_type, []).append(function)
        return function

    return register
