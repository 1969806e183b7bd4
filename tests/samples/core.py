"""Samples of ops that live outside of ops/, and of those that only look at bytes."""

import numpy as np

import tensorglass as tg

from . import Case, sample


@sample("IdentityN")
def identity_n(rng):
    yield Case(lambda a, b: tg.identity_n([a, b]), [rng.normal(size=(2, 3)), rng.normal(size=(3,))])
    yield Case(lambda a, b: tg.identity_n([a, b]), [rng.normal(size=(2,)), np.arange(3)])


@sample("Bitcast")
def bitcast(rng):
    numbers = rng.integers(-9, 9, (2, 4))
    yield Case(lambda x: tg.bitcast(x, tg.int64), [numbers.astype(np.int64)])
    yield Case(lambda x: tg.bitcast(x, tg.int32), [numbers.astype(np.int64)])
    yield Case(lambda x: tg.bitcast(x, tg.int64), [numbers.reshape(4, 2).astype(np.int32)])
    yield Case(lambda x: tg.bitcast(x, tg.float32), [numbers.astype(np.int32)], exact=False)
