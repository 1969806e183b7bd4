"""`tf.random`: numbers drawn from TensorFlow's own streams.

Ops with a state draw on from run to run; `seed=` and `set_seed` make them repeat (see seeds.py).  The ``stateless_``
ones are functions of their seed alone.
"""

from __future__ import annotations

from typing import Any

from . import dtypes
from .ops.random import (
    categorical as categorical,
    multinomial as multinomial,
    random_normal as normal,
    random_shuffle as shuffle,
    random_uniform as uniform,
    truncated_normal as truncated_normal,
)
from .ops.random_gamma import random_gamma as gamma, random_poisson
from .ops.random_stateless import (
    stateless_categorical as stateless_categorical,
    stateless_fold_in as fold_in,
    stateless_multinomial as stateless_multinomial,
    stateless_normal as stateless_normal,
    stateless_split as split,
    stateless_truncated_normal as stateless_truncated_normal,
    stateless_uniform as stateless_uniform,
)
from .seeds import get_seed as get_seed, set_random_seed as set_random_seed, set_random_seed as set_seed

__all__ = [
    "categorical",
    "fold_in",
    "gamma",
    "get_seed",
    "multinomial",
    "normal",
    "poisson",
    "set_random_seed",
    "set_seed",
    "shuffle",
    "split",
    "stateless_categorical",
    "stateless_multinomial",
    "stateless_normal",
    "stateless_truncated_normal",
    "stateless_uniform",
    "truncated_normal",
    "uniform",
]


def poisson(shape: Any, lam: Any, dtype: Any = dtypes.float32, seed: Any = None, name: str | None = None) -> Any:
    """P(y = k) = λᵏ e^−λ / k!: `shape` values for each element of `lam`, as numbers of type `dtype`."""
    return random_poisson(lam, shape, dtype, seed, name)
