"""Random ops, seeds and initializers against TensorFlow: the same numbers, names, types and errors."""

import numpy as np
import pytest
from parity.harness import EXACT, Tolerance, both, both_eager, both_raise, ours, tensorflow

pytestmark = pytest.mark.parity

GAMMA = Tolerance(5e-5, 1e-6, 1e-11)  # TensorFlow adds the series up in float32

DRAWS = {
    "uniform": lambda tf, **k: tf.random_uniform([2, 5], **k),
    "uniform between": lambda tf, **k: tf.random_uniform([2, 5], -1.5, 2.5, **k),
    "uniform below": lambda tf, **k: tf.random_uniform([7], 0, 3.0, **k),
    "uniform rows": lambda tf, **k: tf.random_uniform([4], [[5.0], [6.0]], tf.constant(10.0), **k),
    "uniform float16": lambda tf, **k: tf.random_uniform([9], -1, 1, tf.float16, **k),
    "uniform float64": lambda tf, **k: tf.random_uniform([9], -1, 1, tf.float64, **k),
    "int32": lambda tf, **k: tf.random_uniform([5], 0, 10, tf.int32, **k),
    "int64": lambda tf, **k: tf.random_uniform([5], -3, tf.constant(10, tf.int64), tf.int64, **k),
    "normal": lambda tf, **k: tf.random_normal([2, 5], **k),
    "normal of": lambda tf, **k: tf.random_normal([7], 1.0, [2.0, 1, 1, 3, 4, 5, 6], **k),
    "normal float16": lambda tf, **k: tf.random_normal([9], dtype=tf.float16, **k),
    "normal float64": lambda tf, **k: tf.random_normal([9], dtype=tf.float64, **k),
    "truncated": lambda tf, **k: tf.truncated_normal([3, 7], 0.5, 0.1, **k),
    "truncated float64": lambda tf, **k: tf.truncated_normal([9], dtype=tf.float64, **k),
    "shuffle": lambda tf, **k: tf.random_shuffle([1, 2, 3, 4, 5], **k),
    "shuffle rows": lambda tf, **k: tf.random_shuffle(tf.reshape(tf.range(12.0), [6, 2]), **k),
    "shuffle strings": lambda tf, **k: tf.random_shuffle(["a", "b", "c"], **k),
    "shuffle one": lambda tf, **k: tf.random_shuffle([7], **k),
    "shuffle scalar": lambda tf, **k: tf.random_shuffle(7, **k),
    "multinomial": lambda tf, **k: tf.multinomial([[0.0, 1.0, 2.0], [1.0, 0.0, -5.0]], 6, **k),
    "multinomial int32": lambda tf, **k: tf.multinomial([[0.0, 1.0]], 3, output_dtype=tf.int32, **k),
    "gamma": lambda tf, **k: tf.random_gamma([5], [0.3, 1.0, 2.5], **k),
    "gamma beta": lambda tf, **k: tf.random_gamma([5], [0.3, 1.0], [[2.0], [4.0]], **k),
    "gamma float64": lambda tf, **k: tf.random_gamma([], 1.5, dtype=tf.float64, **k),
    "gamma edges": lambda tf, **k: tf.random_gamma([2], [0.0, 1e-3, 1e4], **k),
    "poisson": lambda tf, **k: tf.random_poisson([0.0, 0.5, 9.0, 12.0, 900.0], [20], **k),
    "poisson, in its namespace": lambda tf, **k: tf.random.poisson([0.5, 30.0], [4], **k),
    "poisson int32": lambda tf, **k: tf.random_poisson(tf.constant(3.5, tf.float64), [2, 2], tf.int32, **k),
    "crop": lambda tf, **k: tf.random_crop(tf.reshape(tf.range(24), [4, 6]), [2, 3], **k),
    "empty": lambda tf, **k: (tf.random_uniform([0, 3], **k), tf.truncated_normal([0], **k)),
    "scalar": lambda tf, **k: (tf.random_uniform([], **k), tf.random_normal((), **k)),
}  # fmt: skip


# Seeds: of the graph, of the op, of both


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_graph_seed(draw):
    both(draw, seed=1234, runs=3, tolerance=EXACT)


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_op_seed(draw):
    both(lambda tf: draw(tf, seed=42), runs=3, tolerance=EXACT)


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_both_seeds(draw):
    both(lambda tf: draw(tf, seed=7), seed=1234, runs=3, tolerance=EXACT)


def test_ops_without_a_seed_are_counted():
    """The k-th random op without a seed gets k; ops with a seed, and other ops, do not count."""

    def snippet(tf):
        first = tf.random_uniform([3])
        seeded = tf.random_uniform([3], seed=5)
        tf.constant(1.0)
        return first, seeded, tf.random_normal([3]), tf.random_shuffle(tf.range(9)), tf.random_uniform([3])

    both(snippet, seed=9, runs=2, tolerance=EXACT)


def attributes(tf):
    graph = tf.get_default_graph()
    ops = [o for o in graph.get_operations() if o.type == "RandomUniform"]
    return [(o.get_attr("seed"), o.get_attr("seed2")) for o in ops]


def test_which_seeds():
    def snippet(tf):
        graph = tf.get_default_graph()
        tf.random_uniform([1])
        for program in (9, 9, None, 0, -3, 2**40, 2**31 - 1):
            tf.set_random_seed(program)
            for own in (None, None, 3, 0, -4, 2**31 + 5, 2**31 - 1):
                tf.random_uniform([1], seed=own)
        return attributes(tf), graph.seed, tf.get_seed(5), tf.get_seed(None)

    both(snippet)


def test_new_session_begins_anew_and_sessions_do_not_mix():
    def runs(tf):
        with tf.Graph().as_default():
            tf.set_random_seed(3)
            a, b = tf.random_uniform([2]), tf.random_normal([2], seed=1)
            found = []
            with tf.Session() as first, tf.Session() as second:
                for session, fetch in [(first, a), (first, b), (second, [a, b]), (first, [b, a]), (second, a)]:
                    found += np.ravel(session.run(fetch)).tolist()
            with tf.Session() as third:
                found += third.run(a).tolist()
        return found

    theirs = runs(tensorflow())
    assert runs(ours()) == theirs


def test_without_any_seed():
    tf = ours()
    with tf.Graph().as_default():
        a, b = tf.random_uniform([4]), tf.random_uniform([4])
        runs = [tf.Session().run([a, b]) for _ in range(2)]
        values = np.concatenate([np.ravel(r) for r in runs])
        assert len(set(values.tolist())) == 16


@pytest.mark.parametrize("options", [{}, {"seed": 7}, {"noise_shape": [4, 1]}, {"name": "mine"}])
def test_dropout(options):
    x = np.arange(1, 21, dtype=np.float32).reshape(4, 5)
    for rate in (0.3, 0.5):
        both(lambda tf, x, r=rate: tf.nn.dropout(x, rate=r, **options), x, runs=2, seed=3)
    both_eager(lambda tf, x: (tf.random.set_seed(3), tf.nn.dropout(x, 0.3, **options))[1], x)


# Names, static shapes and gradients


@pytest.mark.parametrize("draw", ["uniform", "uniform between", "uniform below", "int32", "normal", "truncated",
                                  "shuffle", "multinomial", "poisson"])  # fmt: skip
def test_names(draw):
    both(lambda tf: (DRAWS[draw](tf), DRAWS[draw](tf), DRAWS[draw](tf, name="mine")), names=True, seed=1)


def test_names_of_composed_shapes():
    both(lambda tf: tf.random_uniform([tf.constant(2), 3]), names=True, seed=1, tolerance=EXACT)
    both(lambda tf: tf.random_normal(tf.constant([2, 3])), names=True, seed=1, tolerance=EXACT)


@pytest.mark.parametrize("shapes", ["known", "dims", "rank"])
def test_static_shapes(shapes):
    def snippet(tf, x, n):
        return (
            tf.random_uniform(tf.shape(x)),
            tf.random_normal(n),
            tf.random_shuffle(x),
            tf.multinomial(x, n[0]),
            tf.random_gamma(n, x),
            tf.random_poisson(x, [3]),
            tf.random_uniform([tf.shape(x)[0], 3]),
        )

    both(snippet, np.ones((2, 3), np.float32), np.array([4, 2], np.int32), shapes=shapes, seed=5, static="admits",
         tolerance=EXACT)  # fmt: skip


def test_gradients_flow_through_what_scales():
    a, b = np.array([1.0, 2.0, 3.0], np.float32), np.array([[2.0], [3.0]], np.float32)
    for f in (
        lambda tf, a, b: tf.random_normal([3], a, b, seed=1),
        lambda tf, a, b: tf.random_uniform([3], a, b + 5.0, seed=1),
        lambda tf, a, b: tf.truncated_normal([2, 3], a, b, seed=1),
    ):
        both(lambda tf, a, b, f=f: tf.gradients(f(tf, a, b), [a, b]), a, b)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gradient_of_gamma(dtype):
    alpha = np.array([[0.05, 0.3, 1.0], [2.5, 20.0, 500.0]], dtype)
    for f in (
        lambda tf, a: tf.random_gamma([50], a, dtype=a.dtype, seed=3),
        lambda tf, a: tf.random_gamma([5, 4], a, a + 1, dtype=a.dtype, seed=3),
        lambda tf, a: tf.random_gamma([], a, dtype=a.dtype, seed=3),
    ):
        theirs = both(lambda tf, a, f=f: tf.gradients(f(tf, a), a), alpha, tolerance=GAMMA)
        assert np.isfinite(theirs).all()


def test_no_gradient_through_what_is_drawn():
    x = np.ones((2, 3), np.float32)
    both(lambda tf, x: [tf.gradients(y, x) for y in (tf.random_shuffle(x), tf.random_uniform(tf.shape(x)))], x)
    both_raise(lambda tf, x: tf.gradients(tf.random_poisson(x, [2]), x), LookupError, x)


# Stateless


STATELESS = {
    "uniform": lambda tf, s: tf.random.stateless_uniform([5], s),
    "uniform between": lambda tf, s: tf.random.stateless_uniform([2, 3], s, -1.0, 4.0, tf.float64),
    "int32": lambda tf, s: tf.random.stateless_uniform([5], s, 0, 10, tf.int32),
    "int64": lambda tf, s: tf.random.stateless_uniform([5], s, -5, 10, tf.int64),
    "all int32": lambda tf, s: tf.random.stateless_uniform([5], s, None, None, tf.int32),
    "all uint64": lambda tf, s: tf.random.stateless_uniform([5], s, None, None, tf.uint64),
    "normal": lambda tf, s: tf.random.stateless_normal([2, 3], s, 1.0, 2.0),
    "normal float16": lambda tf, s: tf.random.stateless_normal([2, 3], s, dtype=tf.float16),
    "truncated": lambda tf, s: tf.random.stateless_truncated_normal([20], s, 1.0, 2.0),
    "categorical": lambda tf, s: tf.random.stateless_categorical([[0.0, 1.0, 2.0]], 8, s),
    "categorical int32": lambda tf, s: tf.random.stateless_categorical([[0.0, 1.0, 2.0]], 8, s, tf.int32),
    "multinomial": lambda tf, s: tf.random.stateless_multinomial([[0.0, 1.0, 2.0]], 8, s),
    "split": lambda tf, s: tf.random.split(s, 3),
    "fold_in": lambda tf, s: tf.random.fold_in(s, tf.constant(5, s.dtype)),
}


@pytest.mark.parametrize("draw", STATELESS.values(), ids=STATELESS)
@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_stateless(draw, dtype):
    for seed in ([1, 2], [0, 0], [-3, 2**31 - 1]):
        both(draw, np.array(seed, dtype), runs=2, tolerance=EXACT)


# Eager


def test_eager_seeds():
    def snippet(tf):
        r = tf.random
        found = []
        for program in (7, 7, 0, 2**40, 1.5):
            r.set_seed(program)
            found += [r.uniform([2]), r.normal([2]), r.uniform([2], seed=5), r.uniform([3], seed=5)]
            found += [r.uniform([2], seed=0), r.uniform([2], 0, 9, tf.int32), r.shuffle([1, 2, 3, 4, 5])]
        r.set_seed(None)
        found += [r.uniform([2], seed=5), r.uniform([2], seed=5), r.uniform([2], seed=5, dtype=tf.float64)]
        r.set_seed(3)
        with tf.Graph().as_default() as graph:
            found.append(graph.seed)
        return found

    both_eager(snippet, tolerance=EXACT)


def test_eager_streams_go_on():
    def snippet(tf):
        r = tf.random
        r.set_seed(11)
        found = []
        for _ in range(3):
            found += [r.shuffle([1, 2, 3, 4], seed=3), r.shuffle([1.0, 2, 3, 4, 5], seed=3)]
            found += [r.categorical([[1.0, 2.0, 3.0]], 5, seed=3), r.gamma([2], [2.5, 0.5], seed=3)]
            found += [r.truncated_normal([5], 1.0, 3.0, seed=3), r.poisson([3], [2.0, 30.0], seed=3)]
            found += [r.uniform([2], 0, 10, tf.int32, seed=5), r.uniform([2], 0, 20, tf.int32, seed=5)]
        return found

    both_eager(snippet, tolerance=EXACT)


@pytest.mark.parametrize("draw", STATELESS.values(), ids=STATELESS)
def test_eager_stateless(draw):
    if draw is STATELESS["multinomial"]:
        pytest.skip("TensorFlow 1's name")
    both_eager(draw, np.array([5, 6], np.int32), tolerance=EXACT)


# Errors


WRONG = {
    "no maxval": lambda tf: tf.random_uniform([4], dtype=tf.int32),
    "empty interval": lambda tf: tf.random_uniform([4], 5, 5, tf.int32, seed=1),
    "maxval of rank 1": lambda tf: tf.random_uniform([4], 5, [6, 7, 8, 9], tf.int32),
    "unsigned": lambda tf: tf.random_uniform([4], 0, 10, tf.uint8),
    "bool": lambda tf: tf.random_uniform([4], dtype=tf.bool),
    "scalar shape": lambda tf: tf.random_uniform(5),
    "matrix shape": lambda tf: tf.random_normal([[5]]),
    "negative shape": lambda tf: tf.random_normal([-1]),
    "unknown in shape": lambda tf: tf.random_normal([None, 2]),
    "floating shape": lambda tf: tf.random_normal([2.0]),
    "integer normal": lambda tf: tf.random_normal([2], dtype=tf.int32),
    "integer truncated": lambda tf: tf.truncated_normal([2], dtype=tf.int32),
    "logits of rank 1": lambda tf: tf.multinomial([1.0, 2.0], 3),
    "negative samples": lambda tf: tf.multinomial([[1.0, 2.0]], -3),
    "no classes": lambda tf: tf.multinomial(tf.zeros([2, 0]), 3),
    "integer gamma": lambda tf: tf.random_gamma([2], 1, dtype=tf.int32),
    "crop too large": lambda tf: tf.random_crop(tf.ones([3, 3]), [4, 1]),
    "three seeds": lambda tf: tf.random.stateless_uniform([2], [1, 2, 3]),
    "floating seeds": lambda tf: tf.random.stateless_uniform([2], [1.0, 2.0]),
    "one bound": lambda tf: tf.random.stateless_uniform([2], [1, 2], 5, None, tf.int32),
    "unsigned bounds": lambda tf: tf.random.stateless_uniform([2], [1, 2], 0, 5, tf.uint32),
    "seed is text": lambda tf: tf.random_uniform([2], seed="a"),
}


@pytest.mark.parametrize("snippet", WRONG.values(), ids=WRONG)
def test_errors(snippet):
    both_raise(snippet)


@pytest.mark.parametrize("snippet", [
    lambda tf: tf.random.uniform([4], dtype=tf.int32),
    lambda tf: tf.random.uniform([4], 5, 5, tf.int32),
    lambda tf: tf.random.uniform([4], [1, 2], 5, tf.int32),
    lambda tf: tf.random.uniform([-1]),
    lambda tf: tf.random.uniform(3),
    lambda tf: tf.random.uniform([2.0]),
    lambda tf: tf.random.uniform([2], dtype=tf.uint8),
    lambda tf: tf.random.normal([2], dtype=tf.int32),
    lambda tf: tf.random.categorical([1.0, 2.0], 3),
    lambda tf: tf.random.categorical([[1.0, 2.0]], -3),
    lambda tf: tf.random.categorical(tf.zeros([2, 0]), 3),
    lambda tf: tf.random.stateless_uniform([2], [1, 2, 3]),
    lambda tf: tf.random.stateless_uniform([2], [1.0, 2.0]),
])  # fmt: skip
def test_eager_errors(snippet):
    both_raise(snippet, eager=True)
