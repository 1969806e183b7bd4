"""Every random stream against TensorFlow, bit for bit: sizes, seeds, two draws of one op in one session."""

import os

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
tf = pytest.importorskip("tensorflow")

from parity.harness import tensorflow_2  # noqa: E402

from tensorglass.ops import philox  # noqa: E402

pytestmark = pytest.mark.parity

SIZES = [1, 3, 7, 1000, 100_000]
SEEDS = [(1, 2), (87654321, 42), (2**31 - 2, 0), (-5, 2**40 + 7)]
FLOATS = ["float16", "float32", "float64"]
R = tf.raw_ops


@pytest.fixture
def eager():
    """Other tests switch TensorFlow 2's behaviour off."""
    with tensorflow_2():
        yield


def two_runs(build):
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tensor = build()
        return session.run(tensor), session.run(tensor)


def compare(build, draw, used):
    """`build` makes TensorFlow's op; draw(offset) must give its first run at 0 and its second at `used`."""
    for theirs, offset in zip(two_runs(build), (0, used), strict=True):
        ours = draw(offset)
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(
    ("draw", "op"),
    [
        (philox.uniform, R.RandomUniform),
        (philox.normal, R.RandomStandardNormal),
        (philox.truncated_normal, R.TruncatedNormal),
    ],
)
def test_floating_streams(draw, op, dtype, n):
    for seed, seed2 in SEEDS:
        stream = philox.key_counter(seed, seed2)
        compare(
            lambda s=seed, t=seed2: op(shape=[n], dtype=dtype, seed=s, seed2=t),
            lambda offset, stream=stream: draw(np, *stream, n, dtype, offset),
            philox.consumed(n),
        )


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_integer_streams(dtype, n):
    full = np.iinfo(dtype)
    for seed, seed2 in SEEDS:
        stream = philox.key_counter(seed, seed2)
        for low, high in [(0, 10), (-7, 3000), (full.min, full.max)]:
            compare(
                lambda s=seed, t=seed2, a=low, b=high: R.RandomUniformInt(
                    shape=[n], minval=tf.constant(a, dtype), maxval=tf.constant(b, dtype), seed=s, seed2=t
                ),
                lambda offset, a=low, b=high, stream=stream: philox.uniform_int(np, *stream, n, a, b, dtype, offset),
                philox.consumed(n),
            )


@pytest.mark.parametrize("n", SIZES)
def test_shuffles(n):
    for seed, seed2 in SEEDS:
        stream = philox.key_counter(seed, seed2)
        compare(
            lambda s=seed, t=seed2: R.RandomShuffle(value=np.arange(n), seed=s, seed2=t),
            lambda offset, stream=stream: philox.shuffle(np, *stream, n, offset),
            philox.consumed_by_shuffle(n),
        )


def test_shuffle_of_rows():
    value = np.arange(60).reshape(20, 3)
    compare(
        lambda: R.RandomShuffle(value=value, seed=1, seed2=2),
        lambda offset: value[philox.shuffle(np, *philox.key_counter(1, 2), 20, offset)],
        philox.consumed_by_shuffle(20),
    )


@pytest.mark.parametrize("out", ["int32", "int64"])
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(("rows", "n"), [(3, 1), (3, 3), (3, 7), (100, 1), (1, 1000), (1, 100_000)])
def test_multinomial(rows, n, dtype, out):
    """One row, or a batch small enough for one thread: what a split batch draws depends on the threads."""
    logits = np.random.RandomState(0).randn(rows, 17).astype(dtype)
    logits[0, 4] = -np.inf
    for seed, seed2 in SEEDS:
        stream = philox.key_counter(seed, seed2)
        compare(
            lambda s=seed, t=seed2: R.Multinomial(
                logits=tf.constant(logits), num_samples=n, seed=s, seed2=t, output_dtype=out
            ),
            lambda offset, stream=stream: philox.multinomial(np, *stream, logits, n, out, offset),
            philox.consumed_by_multinomial(rows, n),
        )


def test_multinomial_without_finite_logits():
    logits = np.zeros((4, 5), np.float32)
    logits[0], logits[1], logits[2, 1], logits[3, 2] = -np.inf, np.nan, np.nan, np.inf
    compare(
        lambda: R.Multinomial(logits=tf.constant(logits), num_samples=6, seed=1, seed2=2),
        lambda offset: philox.multinomial(np, *philox.key_counter(1, 2), logits, 6, np.int64, offset),
        philox.consumed_by_multinomial(4, 6),
    )


@pytest.mark.parametrize("n", [1, 3, 7, 1000, 16_667])
@pytest.mark.parametrize("dtype", FLOATS)
def test_gamma(dtype, n):
    """Shape parameters below, at and above 1, and one whose values run into the subnormal numbers."""
    alpha = np.array([[0.3, 1.0, 2.5], [0.9, 20.0, 0.003]], dtype)
    for seed, seed2 in SEEDS[:2]:
        stream = philox.key_counter(seed, seed2)
        compare(
            lambda s=seed, t=seed2: R.RandomGamma(shape=[n], alpha=tf.constant(alpha), seed=s, seed2=t),
            lambda offset, stream=stream: philox.gamma(np, *stream, n, alpha, dtype, offset),
            philox.consumed(alpha.size * n),
        )


STATELESS_SEEDS = [[3, -4], [0, 0], [2**31 - 1, 7]]


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("seed_dtype", ["int32", "int64"])
def test_stateless_streams(seed_dtype, n):
    """The V1 op forms (StatelessRandomUniform, ...), for both dtypes of the seed."""
    ops = [
        (philox.uniform, R.StatelessRandomUniform),
        (philox.normal, R.StatelessRandomNormal),
        (philox.truncated_normal, R.StatelessTruncatedNormal),
    ]
    for seed in STATELESS_SEEDS:
        stream, s = philox.stateless_key_counter(np, seed), tf.constant(seed, seed_dtype)
        for draw, op in ops:
            for dtype in FLOATS:
                theirs = op(shape=[n], seed=s, dtype=dtype).numpy()
                np.testing.assert_array_equal(draw(np, *stream, n, dtype), theirs)
        for dtype in ("int32", "int64"):
            low, high = tf.constant(-7, dtype), tf.constant(3000, dtype)
            theirs = R.StatelessRandomUniformInt(shape=[n], seed=s, minval=low, maxval=high).numpy()
            np.testing.assert_array_equal(philox.uniform_int(np, *stream, n, -7, 3000, dtype), theirs)
        for dtype in ("int32", "int64", "uint32", "uint64"):
            theirs = R.StatelessRandomUniformFullInt(shape=[n], seed=s, dtype=dtype).numpy()
            np.testing.assert_array_equal(philox.uniform_full_int(np, *stream, n, dtype), theirs)


@pytest.mark.usefixtures("eager")
def test_stateless_public_functions():
    """tf.random.stateless_*: what a user calls today, with the generator TensorFlow chooses on a CPU."""
    seed, n = [11, 12], 1001
    stream = philox.stateless_key_counter(np, seed)
    logits, alpha = np.random.RandomState(0).randn(3, 5), np.array([0.4, 1.0, 6.0])
    r = tf.random
    for theirs, ours in [
        (r.stateless_uniform([n], seed), philox.uniform(np, *stream, n)),
        (r.stateless_uniform([n], seed, 5, 99, tf.int64), philox.uniform_int(np, *stream, n, 5, 99, "int64")),
        (
            r.stateless_uniform([n], seed, None, None, tf.int32),
            philox.uniform_full_int(np, *stream, n, "int32"),
        ),
        (r.stateless_normal([n], seed), philox.normal(np, *stream, n)),
        (r.stateless_truncated_normal([n], seed), philox.truncated_normal(np, *stream, n)),
        (r.stateless_categorical(logits, 50, seed), philox.multinomial(np, *stream, logits, 50)),
        (
            r.stateless_gamma([n, 3], seed, alpha, dtype=tf.float64),
            philox.gamma(np, *stream, n, alpha, "float64"),
        ),
    ]:
        assert theirs.dtype == ours.dtype
        np.testing.assert_array_equal(ours, theirs.numpy())
