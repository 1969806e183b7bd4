"""Random ops: known numbers of TensorFlow's, states, and that what is drawn has the distribution it should have."""

import math

import numpy as np
import pytest

import tensorglass as tg
from tensorglass import initializers, random, seeds


def run(build, seed=None):
    with tg.Graph().as_default() as graph:
        graph.seed = seed
        return tg.Session().run(build())


@pytest.fixture(autouse=True)
def _seeds_put_back():
    yield
    seeds.set_random_seed(None)


@pytest.mark.parametrize(("build", "seed", "expected"), [
    (lambda: tg.random_uniform([4], seed=7), 1234,
     [0.7970261573791504, 0.05996668338775635, 0.3449958562850952, 0.8433007001876831]),
    (lambda: tg.truncated_normal([4], seed=10), 1234,
     [0.4987598955631256, -0.24983462691307068, -0.8161929845809937, 0.46000680327415466]),
    (lambda: tg.random_uniform([5], 0, 10, tg.int32, seed=4), 3, [1, 0, 1, 4, 9]),
    (lambda: tg.random_shuffle([1, 2, 3, 4], seed=1), None, [4, 1, 2, 3]),
    (lambda: random.stateless_uniform([3], [1, 2]), None,
     [0.8440604209899902, 0.19204533100128174, 0.9962232112884521]),
    (lambda: random.stateless_categorical([[0.0, 1.0, 2.0]], 4, [1, 2]), None, [[2, 2, 1, 2]]),
])  # fmt: skip
def test_tensorflows_numbers(build, seed, expected):
    found = run(build, seed)
    np.testing.assert_array_equal(found, np.array(expected, found.dtype))


# States


def test_runs_differ_and_sessions_repeat():
    with tg.Graph().as_default():
        x = tg.random_uniform([3], seed=1)
        first, second = tg.Session(), tg.Session()
        a = [first.run(x) for _ in range(3)]
        b = [second.run(x) for _ in range(3)]
    np.testing.assert_array_equal(a, b)
    assert len(np.unique(a)) == 9


def test_a_stream_belongs_to_its_op_not_to_the_fetches():
    with tg.Graph().as_default():
        x = tg.random_normal([2], seed=1)
        y = x * 2.0
        session = tg.Session()
        runs = [session.run(x), session.run(y) / 2, session.run([x, y])[0]]
        other = tg.Session()
        np.testing.assert_array_equal(runs, [other.run(x) for _ in range(3)])


def test_within_a_run_an_op_draws_once():
    with tg.Graph().as_default():
        x = tg.random_uniform([5])
        a, b, c = tg.Session().run([x, x + 0.0, x - x])
    np.testing.assert_array_equal(a, b)
    assert not c.any()


def test_unseeded_ops_and_sessions_are_unrelated():
    with tg.Graph().as_default():
        x, y = tg.random_uniform([4]), tg.random_uniform([4])
        values = [tg.Session().run([x, y]) for _ in range(2)]
    assert len(np.unique(values)) == 16


def test_eager_seed_repeats_and_streams_go_on():
    def draws():
        seeds.set_random_seed(5)
        return [tg.random_uniform([2], seed=s).numpy() for s in (None, 1, 1, None, 2)]

    first = draws()
    np.testing.assert_array_equal(first, draws())
    assert len(np.unique(first)) == 10


def test_graph_and_eager_seeds_are_apart():
    seeds.set_random_seed(5)
    with tg.Graph().as_default() as graph:
        assert graph.seed is None
        seeds.set_random_seed(6)
        assert graph.seed == 6
    assert seeds.get_seed(3) == (5, 3)


def test_compute_draws():
    with tg.Graph().as_default():
        op = tg.random_uniform([3], seed=1).op
        np.testing.assert_array_equal(op.compute([3]), tg.Session().run(op.outputs[0]))


# Distributions: means and variances of 10⁵ numbers, within five standard errors


N = 100_000


@pytest.mark.parametrize(("draw", "mean", "variance"), [
    (lambda: tg.random_uniform([N], -1.0, 3.0, seed=1), 1.0, 16 / 12),
    (lambda: tg.random_uniform([N], 0, 10, tg.int32, seed=1), 4.5, 99 / 12),
    (lambda: tg.random_normal([N], 2.0, 3.0, seed=1), 2.0, 9.0),
    (lambda: tg.random_normal([N], dtype=tg.float64, seed=1), 0.0, 1.0),
    (lambda: tg.truncated_normal([N], seed=1), 0.0, 0.87962566**2),
    (lambda: tg.random_gamma([N], 0.4, seed=1), 0.4, 0.4),
    (lambda: tg.random_gamma([N], 6.0, 2.0, seed=1), 3.0, 1.5),
    (lambda: tg.random_poisson(3.5, [N], seed=1), 3.5, 3.5),
    (lambda: tg.random_poisson(80.0, [N], seed=1), 80.0, 80.0),
    (lambda: tg.multinomial([[0.0, math.log(3.0)]], N, seed=1)[0], 0.75, 3 / 16),
])  # fmt: skip
def test_moments(draw, mean, variance):
    x = np.asarray(run(draw), np.float64)
    assert abs(x.mean() - mean) < 5 * math.sqrt(variance / N)
    fourth = np.mean((x - x.mean()) ** 4)
    assert abs(x.var() - variance) < 5 * math.sqrt((fourth - variance**2) / N)


def test_ranges():
    assert np.abs(run(lambda: tg.truncated_normal([N], 1.0, 2.0, seed=1)) - 1.0).max() <= 4.0
    u = run(lambda: tg.random_uniform([N], seed=1))
    assert u.min() >= 0.0
    assert u.max() < 1.0
    k = run(lambda: tg.random_uniform([N], -2, 3, tg.int64, seed=1))
    assert np.array_equal(np.unique(k), [-2, -1, 0, 1, 2])


def test_shuffle_is_a_permutation_and_every_one_turns_up():
    with tg.Graph().as_default():
        x = tg.random_shuffle([0, 1, 2], seed=1)
        session = tg.Session()
        seen = {tuple(session.run(x).tolist()) for _ in range(100)}
    assert len(seen) == 6
    assert all(sorted(p) == [0, 1, 2] for p in seen)


def test_crop_covers_every_place():
    with tg.Graph().as_default():
        x = tg.random_crop(tg.reshape(tg.range(20), [4, 5]), [2, 3], seed=1)
        session = tg.Session()
        corners = {int(session.run(x)[0, 0]) for _ in range(200)}
    assert corners == {0, 1, 2, 5, 6, 7, 10, 11, 12}


@pytest.mark.parametrize("distribution", ["truncated_normal", "untruncated_normal", "uniform"])
def test_variance_scaling_has_the_variance_it_says(distribution):
    make = initializers.VarianceScaling(2.0, "fan_in", distribution, seed=1)
    w = run(lambda: make([400, 300]))
    assert abs(w.var() * 400 / 2.0 - 1.0) < 0.02


@pytest.mark.parametrize("uniform", [True, False])
def test_contrib_xavier(uniform):
    w = run(lambda: initializers.xavier_initializer(uniform, seed=1)([300, 200]))
    assert w.dtype == np.float32
    assert abs(w.var() * 250 - 1.0) < 0.02
    with pytest.raises(TypeError, match="non-floating"):
        initializers.xavier_initializer(dtype=tg.int32)


@pytest.mark.parametrize("alpha", [0.05, 1.0, 7.0, 1e5])
def test_gradient_of_a_gamma_number_keeps_its_quantile(alpha):
    """d/dα E[y] = E[∂y/∂α] = 1."""

    def build():
        a = tg.constant(alpha, tg.float64)
        return tg.gradients(tg.random_gamma([N // 4], a, dtype=tg.float64, seed=1), a)[0] / (N // 4)

    assert abs(run(build) - 1.0) < 0.1
