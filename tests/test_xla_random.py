"""Random numbers on XLA: the integer stream exactly, normal numbers within two units in the last place."""

import numpy as np
import pytest

pytest.importorskip("jax")

import tensorglass as tg

N = 100_000
FLOATS = [tg.float16, tg.float32, tg.float64]
LOGITS = np.random.default_rng(0).normal(size=(50, 20))


def draws(build, runs=2):
    """What `runs` runs of one session give on NumPy, and on XLA."""
    found = []
    for backend in ("numpy", "xla"):
        with tg.Graph().as_default():
            tg.compat.v1.set_random_seed(3)
            seed = tg.placeholder(tg.int64, [2])  # fed, so that nothing is computed while compiling
            fetch, session = build(seed), tg.Session(backend=backend)
            found.append([session.run(fetch, {seed: [5 + i, -(2**40)]}) for i in range(runs)])
    return zip(*found, strict=True)


def places_apart(a, b):
    """How many floating-point numbers lie between a and b, element by element."""
    bits = {2: np.int16, 4: np.int32, 8: np.int64}[a.dtype.itemsize]
    rank = [np.where(v < 0, np.iinfo(bits).min - v, v).astype(np.int64) for v in (a.view(bits), b.view(bits))]
    return np.abs(rank[0] - rank[1])


EXACT = {
    "uniform": lambda seed, t: tg.random.uniform([N], dtype=t, seed=4),
    "stateless_uniform": lambda seed, t: tg.random.stateless_uniform([N], seed, dtype=t),
    "gamma": lambda seed, t: tg.random.gamma([500], [0.5, 2.0], dtype=t, seed=4),
}
WHOLE = {
    "uniform": lambda seed, t: tg.random.uniform([N], -7, 1_000_003, dtype=t, seed=4),
    "all integers": lambda seed, t: tg.random.stateless_uniform([N], seed, minval=None, maxval=None, dtype=t),
    "stateless_uniform": lambda seed, t: tg.random.stateless_uniform([N], seed, minval=-7, maxval=10**6, dtype=t),
    "shuffle": lambda seed, t: tg.random.shuffle(tg.range(1000, dtype=t), seed=4),
    "categorical": lambda seed, t: tg.random.categorical(tg.constant(LOGITS), 2000, dtype=t, seed=4),
    "stateless_categorical": lambda seed, t: tg.random.stateless_categorical(tg.constant(LOGITS), 2000, seed, dtype=t),
    "poisson": lambda seed, t: tg.random.poisson([500], [0.5, 20.0], dtype=t, seed=4),
}
NORMAL = {
    "normal": lambda seed, t: tg.random.normal([N], dtype=t, seed=4),
    "truncated_normal": lambda seed, t: tg.random.truncated_normal([N], dtype=t, seed=4),
    "stateless_normal": lambda seed, t: tg.random.stateless_normal([N], seed, dtype=t),
    "stateless_truncated_normal": lambda seed, t: tg.random.stateless_truncated_normal([N], seed, dtype=t),
}


@pytest.mark.parametrize(
    ("build", "dtype"),
    [pytest.param(f, t, id=f"{name}-{t.name}") for name, f in EXACT.items() for t in FLOATS]
    + [pytest.param(f, t, id=f"{name}-{t.name}") for name, f in WHOLE.items() for t in (tg.int32, tg.int64)],
)
def test_the_same_numbers(build, dtype):
    for a, b in draws(lambda seed: build(seed, dtype)):
        assert a.dtype == b.dtype == dtype.as_numpy_dtype
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("dtype", FLOATS, ids=lambda t: t.name)
@pytest.mark.parametrize("name", NORMAL)
def test_normal_numbers_within_two_places(name, dtype):
    for a, b in draws(lambda seed: NORMAL[name](seed, dtype)):
        assert a.dtype == b.dtype == dtype.as_numpy_dtype
        assert places_apart(a, b).max() <= 2


def test_dropout_drops_the_same():
    x = np.linspace(1.0, 2.0, N, dtype=np.float32)
    for a, b in draws(lambda seed: tg.nn.dropout(tg.constant(x), rate=0.3, seed=4)):
        np.testing.assert_array_equal(a, b)
