"""Samples of ops/elementwise.py."""

import tensorglass as tg

from . import Case, sample


@sample("AddV2", "Sub", "Mul", "RealDiv", "Maximum", "Minimum", "SquaredDifference")
def binary(rng):
    for f in (tg.add, tg.subtract, tg.multiply, tg.truediv, tg.maximum, tg.minimum, tg.squared_difference):
        yield Case(f, [rng.uniform(0.5, 2.0, (2, 3)), rng.uniform(-2.0, -0.5, (2, 3))])
        yield Case(f, [rng.uniform(0.5, 2.0, (2, 1)), rng.uniform(-2.0, -0.5, (3,))])
