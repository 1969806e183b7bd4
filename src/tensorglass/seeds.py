"""Which two seeds a random op gets: one of the program (graph or eager), one of the op itself.

A stream of random numbers is named by a pair of integers.  Given both seeds they are the pair; given only the op's, the
program's is a fixed number; given only the program's, the op's is counted (in a graph) or drawn (eagerly), so that
every op has a stream of its own and the whole program repeats; given neither, the operating system chooses.
"""

from __future__ import annotations

import os
import random
from typing import Any

from . import context

__all__ = ["get_seed", "set_random_seed"]

_DEFAULT = 87654321  # the program's seed where only the op has one
_MODULUS = 2**31 - 1


class _Eager:
    """The program's seed when ops execute eagerly, and the generator that draws op seeds from it."""

    seed: Any = None
    generator = random.Random()


def set_random_seed(seed: Any) -> None:
    """Make random ops repeat their numbers from one run of the program to the next.

    In a graph it is the seed of that graph, for ops built from here on; executing eagerly it is the process's, and
    every stream begins anew.  None takes the seed back.

    >>> import tensorglass as tg
    >>> tg.random.set_seed(1234)
    >>> tg.random_uniform([2])
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([0.5380393 , 0.36461866], dtype=float32)>
    >>> tg.random.set_seed(None)
    """
    graph = context.current_graph()
    if graph is not None:
        graph._root.seed = seed
        return
    from .eager import reset_random_states

    _Eager.seed = seed
    _Eager.generator = random.Random(seed)
    reset_random_states()


def get_seed(op_seed: Any) -> tuple[int | None, int | None]:
    """(program's seed, op's seed) for a random op made here with `op_seed`; (None, None) where neither is set.

    Each is taken modulo 2³¹ − 1, and (0, 0), which would mean "none", becomes (0, 2³¹ − 1).

    >>> get_seed(7)
    (87654321, 7)
    """
    graph = context.current_graph()
    program_seed = _Eager.seed if graph is None else graph._root.seed
    if program_seed is None:
        return (None, None) if op_seed is None else (_DEFAULT, _reduced(op_seed))
    if op_seed is None:
        if graph is None:
            op_seed = _Eager.generator.randint(0, _MODULUS)
        else:
            op_seed = graph._root.random_ops
            graph._root.random_ops += 1
    pair = _reduced(program_seed), _reduced(op_seed)
    return (0, _MODULUS) if pair == (0, 0) else pair


def op_seeds(op_seed: Any) -> dict[str, int]:
    """The attributes ``seed`` and ``seed2`` of a random op made here with `op_seed`; both 0 for "none"."""
    seed, seed2 = get_seed(op_seed)
    return {"seed": seed or 0, "seed2": seed2 or 0}


def entropy() -> tuple[int, int]:
    """Two 64-bit numbers from the operating system."""
    return int.from_bytes(os.urandom(8), "little"), int.from_bytes(os.urandom(8), "little")


def _reduced(seed: Any) -> int:
    try:
        return int(seed % _MODULUS)
    except (TypeError, ValueError):
        raise TypeError(f"A seed is an integer or None; got {seed!r}") from None
