"""Samples of ops/random.py, ops/random_gamma.py and ops/random_stateless.py."""

import numpy as np

import tensorglass as tg
from tensorglass.ops import random, random_gamma, random_stateless

from . import Case, sample


@sample("RandomUniform", "RandomStandardNormal", "TruncatedNormal")
def floats(rng):
    for draw in (random.random_uniform, random.random_normal, random.truncated_normal):
        for dtype in (tg.float16, tg.float32, tg.float64):
            yield Case(lambda n, draw=draw, dtype=dtype: draw([n, 3], dtype=dtype, seed=1), [np.int32(4)], exact=False)
        yield Case(lambda a, b, f=draw: f([2, 3], a, b, a.dtype), [rng.normal(size=3), rng.normal(size=(2, 1))],
                   first=False, exact=False)  # fmt: skip
        yield Case(lambda n, f=draw: f([0, n]), [np.int32(4)], exact=False)


@sample("RandomUniformInt")
def integers(rng):
    for dtype in (np.int32, np.int64):
        yield Case(lambda n, a, b: random.random_uniform([n, 2], a, b, b.dtype), [np.int32(4), dtype(-3), dtype(7)],
                   exact=False)  # fmt: skip


@sample("RandomShuffle")
def shuffles(rng):
    for x in (rng.normal(size=(7, 2)), np.arange(5), np.array(3), np.array(["a", "b", "c"])):
        yield Case(random.random_shuffle, [x], first=False, exact=False)


@sample("Multinomial")
def classes(rng):
    logits = rng.normal(size=(3, 4))
    yield Case(lambda x, n: random.multinomial(x, n), [logits, np.int32(5)], first=False, exact=False)
    yield Case(lambda x: random.categorical(x, 5, tg.int32), [logits], first=False, exact=False)


@sample("RandomGamma", "RandomGammaGrad")
def gammas(rng):
    alpha, beta = rng.uniform(0.3, 3.0, (2, 1)), rng.uniform(0.5, 2.0, 3)
    yield Case(lambda a, b: random_gamma.random_gamma([4], a, b, a.dtype), [alpha, beta], first=False, exact=False)
    yield Case(lambda a: tg.gradients(random_gamma.random_gamma([4, 2], a, dtype=a.dtype), a), [alpha], first=False,
               exact=False, eager=False)  # fmt: skip


@sample("RandomPoissonV2")
def poissons(rng):
    rate = np.array([0.0, 0.5, 9.0, 40.0])
    yield Case(lambda r: random_gamma.random_poisson(r, [5]), [rate], first=False, exact=False)
    yield Case(lambda r: random_gamma.random_poisson(r, [5, 2], tg.int64), [rate], first=False, exact=False)


SEED = np.array([3, -4])


@sample("StatelessRandomUniform", "StatelessRandomNormal", "StatelessTruncatedNormal")
def stateless_floats(rng):
    mean, stddev = rng.normal(size=3), rng.uniform(0.5, 2.0, (2, 1))
    for draw in (
        random_stateless.stateless_uniform,
        random_stateless.stateless_normal,
        random_stateless.stateless_truncated_normal,
    ):
        yield Case(lambda n, s, f=draw: f([n, 3], s), [np.int32(4), SEED])
        yield Case(lambda a, b, s, f=draw: f([2, 3], s, a, b, a.dtype), [mean, stddev, SEED], exact=False)


@sample("StatelessRandomUniformInt", "StatelessRandomUniformFullInt")
def stateless_integers(rng):
    uniform = random_stateless.stateless_uniform
    for dtype in (np.int32, np.int64):
        yield Case(lambda s, a, b: uniform([4, 2], s, a, b, b.dtype), [SEED, dtype(-3), dtype(7)])
    for dtype in (tg.int32, tg.uint32, tg.int64, tg.uint64):
        yield Case(lambda s, dtype=dtype: uniform([4, 2], s, None, None, dtype), [SEED.astype(np.int32)])


@sample("StatelessMultinomial")
def stateless_classes(rng):
    yield Case(lambda x, s: random_stateless.stateless_categorical(x, 5, s), [rng.normal(size=(3, 4)), SEED],
               first=False)  # fmt: skip
