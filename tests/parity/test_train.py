"""Optimizers, decays and moving averages against TensorFlow: a hundred steps of training, names, and the edges."""

import numpy as np
import pytest
from modes import mode
from parity.harness import REDUCTION, Tolerance, _quiet, both, both_raise, ours, tensorflow

RNG = np.random.default_rng(12)
X = RNG.normal(size=(20, 5)).astype(np.float32)
T = np.tanh(X @ RNG.normal(size=(5, 2))).astype(np.float32)
W1 = (0.5 * RNG.normal(size=(5, 7))).astype(np.float32)
W2 = (0.5 * RNG.normal(size=(7, 2))).astype(np.float32)
TABLE = (0.5 * RNG.normal(size=(6, 3))).astype(np.float32)
WORDS = RNG.choice([0, 1, 1, 2, 4, 4, 4, 5], (20, 3))  # word 3 never comes
TRAINED = Tolerance(1e-5, 1e-5, 1e-10)

OPTIMIZERS = {
    "gradient_descent": lambda tf: tf.train.GradientDescentOptimizer(0.1),
    "momentum": lambda tf: tf.train.MomentumOptimizer(0.05, 0.9),
    "nesterov": lambda tf: tf.train.MomentumOptimizer(0.05, 0.9, use_nesterov=True),
    "adagrad": lambda tf: tf.train.AdagradOptimizer(0.1),
    "adagrad_da": lambda tf: tf.train.AdagradDAOptimizer(
        0.1, tf.train.get_or_create_global_step(), l1_regularization_strength=0.001, l2_regularization_strength=0.01
    ),
    "adadelta": lambda tf: tf.train.AdadeltaOptimizer(1.0, epsilon=1e-4),
    "adam": lambda tf: tf.train.AdamOptimizer(0.01),
    "rms_prop": lambda tf: tf.train.RMSPropOptimizer(0.01, momentum=0.5),
    "centered_rms_prop": lambda tf: tf.train.RMSPropOptimizer(0.01, centered=True, epsilon=1e-3),
    "ftrl": lambda tf: tf.train.FtrlOptimizer(0.1, l1_regularization_strength=0.01, l2_regularization_strength=0.01),
    "ftrl_power": lambda tf: tf.train.FtrlOptimizer(0.1, learning_rate_power=-0.7),
    "ftrl_shrinkage": lambda tf: tf.train.FtrlOptimizer(0.1, l2_shrinkage_regularization_strength=0.01),
    "proximal_gradient_descent": lambda tf: tf.train.ProximalGradientDescentOptimizer(
        0.1, l1_regularization_strength=0.001, l2_regularization_strength=0.01
    ),
    "proximal_adagrad": lambda tf: tf.train.ProximalAdagradOptimizer(
        0.1, l1_regularization_strength=0.001, l2_regularization_strength=0.01
    ),
}
each_optimizer = pytest.mark.parametrize("optimizer", OPTIMIZERS)


def dense_loss(tf, dtype=np.float32):
    hidden = tf.tanh(tf.matmul(X.astype(dtype), tf.Variable(W1.astype(dtype), name="w1")))
    output = tf.matmul(hidden, tf.Variable(W2.astype(dtype), name="w2")) + tf.Variable(np.zeros(2, dtype), name="b")
    return tf.reduce_mean(tf.square(output - T.astype(dtype)))


def sparse_loss(tf, dtype=np.float32):
    """Rows of a table, some of them several times and one never, beside a dense weight."""
    table = tf.Variable(TABLE.astype(dtype), name="table")
    rows = tf.reduce_sum(tf.gather(table, WORDS), 1) + tf.gather(table, WORDS[:, 0])
    output = tf.matmul(rows, tf.Variable(W1[:3, :2].astype(dtype), name="w"))
    return tf.reduce_mean(tf.square(output - T.astype(dtype)))


def trained(tf, build, steps):
    """Losses of each step, and the variables at its end by name."""
    graph = tf.Graph()
    with graph.as_default():
        train, loss = build(tf)
        variables = {v.name: v for v in tf.global_variables()}
        initialize = tf.global_variables_initializer()
        with tf.Session(graph=graph) as session:
            session.run(initialize)
            losses = [session.run([loss, train])[0] for _ in range(steps)]
            return np.array(losses), session.run(variables)


def same_training(build, steps=100, rtol=1e-5):
    with _quiet():
        losses, variables = trained(tensorflow(), build, steps)
    with mode("v1"):
        mine, my_variables = trained(ours(), build, steps)
    assert losses[-1] < losses[0]
    np.testing.assert_allclose(mine, losses, rtol=rtol)
    assert list(my_variables) == list(variables)
    for name, value in variables.items():
        assert my_variables[name].dtype == value.dtype
        atol = rtol * max(20 * np.max(np.abs(value), initial=0.0), 0.1)  # some slots are almost zero at the end
        np.testing.assert_allclose(my_variables[name], value, rtol=20 * rtol, atol=atol, err_msg=name)


@each_optimizer
@pytest.mark.parametrize("loss", [dense_loss, sparse_loss])
def test_training(optimizer, loss):
    def build(tf):
        step, value = tf.train.get_or_create_global_step(), loss(tf)
        return OPTIMIZERS[optimizer](tf).minimize(value, global_step=step), value

    same_training(build)


@pytest.mark.parametrize("optimizer", ["gradient_descent", "momentum", "adam", "rms_prop"])
@pytest.mark.parametrize("loss", [dense_loss, sparse_loss])
def test_training_in_float64(optimizer, loss):
    """The settings are float32 first, as in TensorFlow."""

    def build(tf):
        value = loss(tf, np.float64)
        return OPTIMIZERS[optimizer](tf).minimize(value), value

    same_training(build, 30, rtol=1e-11)


def test_training_with_clipped_gradients_and_a_falling_rate():
    def build(tf):
        step, loss = tf.train.get_or_create_global_step(), dense_loss(tf)
        rate = tf.train.exponential_decay(0.5, step, 10, 0.8, staircase=True)
        optimizer = tf.train.GradientDescentOptimizer(rate)
        grads, variables = zip(*optimizer.compute_gradients(loss), strict=True)
        clipped, _ = tf.clip_by_global_norm(grads, 0.3)
        train = optimizer.apply_gradients(zip(clipped, variables, strict=True), global_step=step)
        average = tf.train.ExponentialMovingAverage(0.9, num_updates=step)
        with tf.control_dependencies([train]):
            return average.apply(tf.trainable_variables()), loss

    same_training(build)


def test_clipped_rows():
    def build(tf):
        loss = sparse_loss(tf)
        optimizer = tf.train.MomentumOptimizer(0.1, 0.5)
        pairs = [(tf.clip_by_norm(g, 0.2), v) for g, v in optimizer.compute_gradients(loss)]
        return optimizer.apply_gradients(pairs), loss

    same_training(build)


def test_constraint():
    """The constraint sees the updated value, in every run."""

    def build(tf):
        w = tf.Variable([3.0, -2.0], name="w", constraint=lambda v: tf.clip_by_value(v, -1.5, 2.5))
        loss = tf.reduce_sum(tf.square(w))
        return tf.train.GradientDescentOptimizer(0.1).minimize(loss), loss

    same_training(build, 10)


# Names


def nodes(tf, build):
    """Names, types, inputs and control inputs of the nodes besides the gradient's own."""
    with tf.Graph().as_default() as graph:
        build(tf)
        return {
            op.name: (op.type, [t.name for t in op.inputs], sorted(c.name for c in op.control_inputs))
            for op in graph.get_operations()
            if "gradients/" not in op.name
        }, [v.name for v in tf.global_variables()]


# FTRL's settings and start values are made differently in newer TensorFlow; AdagradDA's are constants of other names.
@pytest.mark.parametrize("optimizer", [o for o in OPTIMIZERS if not o.startswith(("ftrl", "adagrad_da"))])
@pytest.mark.parametrize("options", ["", "named", "twice"])
def test_nodes(optimizer, options):
    def build(tf):
        with tf.variable_scope("net"):
            w = tf.Variable([1.0, 2.0], name="w")
        loss = tf.reduce_sum(w * w)
        step = tf.train.get_or_create_global_step() if options else None
        OPTIMIZERS[optimizer](tf).minimize(loss, global_step=step, name="train" if options == "named" else None)
        if options == "twice":
            with tf.variable_scope("again"):
                OPTIMIZERS[optimizer](tf).minimize(loss)

    with _quiet():
        theirs, their_variables = nodes(tensorflow(), build)
    with mode("v1"):
        mine, my_variables = nodes(ours(), build)
    assert my_variables == their_variables
    assert {n: t for n, (t, *_) in mine.items()} == {n: t for n, (t, *_) in theirs.items()}
    assert {n: c for n, (_, _, c) in mine.items()} == {n: c for n, (_, _, c) in theirs.items()}


@each_optimizer
def test_slots(optimizer):
    def build(tf):
        w = tf.Variable([1.0, 2.0], name="w")
        made = OPTIMIZERS[optimizer](tf)
        before = made.get_slot_names(), made.get_slot(w, "m"), made.variables()
        made.minimize(tf.reduce_sum(w * w))
        names = made.get_slot_names()
        slots = [made.get_slot(w, n).name for n in names]
        return str((before, names, slots, [v.name for v in made.variables()], made.get_name()))

    both(build)


# Refusals


def refusal(snippet):
    return pytest.param(snippet, id=snippet)


@pytest.mark.parametrize(
    "snippet",
    [
        refusal("GradientDescentOptimizer(.1).minimize(c)"),
        refusal("GradientDescentOptimizer(.1).minimize(c, var_list=[])"),
        refusal("GradientDescentOptimizer(.1).apply_gradients([])"),
        refusal("GradientDescentOptimizer(.1).apply_gradients([(None, v)])"),
        refusal("GradientDescentOptimizer(.1).apply_gradients([(object(), v)])"),
        refusal("GradientDescentOptimizer(.1).apply_gradients([(c, c)])"),
        refusal("GradientDescentOptimizer(.1).apply_gradients([(c, v)])"),
        refusal("GradientDescentOptimizer(None).minimize(tf.reduce_sum(v))"),
        refusal("GradientDescentOptimizer(.1).compute_gradients(tf.reduce_sum(v), gate_gradients=7)"),
        refusal("GradientDescentOptimizer(.1).compute_gradients(tf.constant(1))"),
        refusal("GradientDescentOptimizer(.1, name='').minimize(tf.reduce_sum(v))"),
        refusal("AdagradOptimizer(.1, initial_accumulator_value=0.)"),
        refusal("ProximalAdagradOptimizer(.1, initial_accumulator_value=-1.)"),
        refusal("FtrlOptimizer(.1, learning_rate_power=.5)"),
        refusal("FtrlOptimizer(.1, l1_regularization_strength=-.5)"),
        refusal("exponential_decay(.1, None, 10, .5)"),
        refusal("piecewise_constant(c, [1.], [1., 2., 3.])"),
        refusal("piecewise_constant(tf.constant(1), [1.], [1., 2.])"),
        refusal("piecewise_constant(c, [1.], [1., 2])"),
        refusal("assert_global_step(c)"),
        refusal("assert_global_step(tf.constant([1]))"),
        refusal("ExponentialMovingAverage(.9).apply([tf.constant(1)])"),
    ],
)
def test_refuses(snippet):
    def build(tf):
        names = {"tf": tf, "c": tf.constant(1.0), "v": tf.Variable([1.0, 2.0], name="v")}
        return eval("tf.train." + snippet, names)

    theirs, mine = both_raise(build, moment=False)
    assert type(mine).__name__ == type(theirs).__name__


def test_no_gradient_names_variables_and_loss():
    def build(tf):
        tf.Variable([1.0, 2.0], name="v")
        return tf.train.GradientDescentOptimizer(0.1).minimize(tf.constant(1.0))

    theirs, mine = both_raise(build, ValueError)
    assert str(mine) == str(theirs)


# Decays


DECAYS = [
    "exponential_decay(.1, s, 4, .5)",
    "exponential_decay(.1, s, 4, .5, staircase=True)",
    "exponential_decay(.1, s, 4, .5, True, 'name')",
    "polynomial_decay(.1, s, 10, .01)",
    "polynomial_decay(.1, s, 10, .01, power=2.)",
    "polynomial_decay(.1, s, 3, .01, power=.5, cycle=True)",
    "inverse_time_decay(.1, s, 4, .5)",
    "inverse_time_decay(.1, s, 4, .5, staircase=True)",
    "natural_exp_decay(.1, s, 4, .5)",
    "natural_exp_decay(.1, s, 4, .5, staircase=True)",
    "cosine_decay(.1, s, 10)",
    "cosine_decay(.1, s, 10, alpha=.1)",
    "cosine_decay_restarts(.1, s, 4)",
    "cosine_decay_restarts(.1, s, 4, t_mul=1.)",
    "cosine_decay_restarts(.1, s, 2, t_mul=1.5, m_mul=.8, alpha=.1)",
    "linear_cosine_decay(.1, s, 10)",
    "linear_cosine_decay(.1, s, 10, num_periods=2., alpha=.1, beta=.01)",
    "piecewise_constant(s, [3, 7], [.1, .05, .01])",
    "piecewise_constant(s, [3, 7, 9], [5, 6, 7, 8])",
]


@pytest.mark.parametrize("step_type", ["int32", "int64"])
def test_decay(step_type):
    def build(tf):
        steps = [tf.constant(i, tf.as_dtype(step_type)) for i in (0, 1, 3, 4, 7, 9, 10, 12)]
        return {d: [eval("tf.train." + d, {"tf": tf, "s": s}) for s in steps] for d in DECAYS}

    both(build, tolerance=Tolerance(2e-6, 2e-6))


def test_decay_names():
    def build(tf):
        step = tf.Variable(5, name="step")
        return [
            tf.train.exponential_decay(0.1, step, 4, 0.5),
            tf.train.polynomial_decay(0.1, step, 4, 0.5, name="fall"),
            tf.train.inverse_time_decay(0.1, step, 4, 0.5),
        ]

    both(build, names="outputs")


def test_decay_of_a_tensor_in_float64():
    def build(tf):
        rate = tf.constant(0.1, tf.float64)
        return tf.train.exponential_decay(rate, tf.constant(3), 4, 0.5), tf.train.polynomial_decay(rate, 3, 4, 0.01)

    both(build)


# Moving averages


def test_moving_averages():
    def build(tf):
        v, n = tf.Variable([1.0, 2.0], name="v"), tf.Variable(3, name="n", trainable=False)
        x = tf.multiply(v, 2.0, name="x")
        found = []
        for options in ({}, {"num_updates": n}, {"zero_debias": True, "name": "E"}):
            average = tf.train.ExponentialMovingAverage(0.9, **options)
            with tf.control_dependencies([average.apply([v, x])]):
                found += [average.average(v).read_value(), average.average(x).read_value()]
            assert average.average(tf.constant(1.0)) is None
            names = [average.average_name(v), average.average_name(x), average.average_name(tf.identity(x, name="y"))]
            found += [str(names), str(sorted(average.variables_to_restore())), average.name]
        return [*found, str([v.name for v in tf.global_variables()]), str(len(tf.moving_average_variables()))]

    both(build, runs=4)


# The global step


def test_global_step():
    def build(tf):
        train = tf.train
        assert train.get_global_step() is None
        step = train.get_or_create_global_step()
        assert train.get_or_create_global_step() is step
        assert train.get_global_step() is step
        assert tf.get_collection(tf.GraphKeys.GLOBAL_STEP) == [step]
        with tf.Session() as session:
            session.run(step.initializer)
            counts = [train.global_step(session, step)]
            session.run(step.assign_add(5))
            counts.append(train.global_step(session, step))
        assert all(type(c) is int for c in counts)
        return str((step.name, step.dtype.name, counts, [v.name for v in tf.trainable_variables()]))

    both(build)


def test_a_second_global_step_is_refused():
    both_raise(lambda tf: [tf.train.create_global_step(), tf.train.create_global_step()], ValueError)


# Clipping


ROWS = RNG.normal(size=(3, 4)).astype(np.float32)


@pytest.mark.parametrize("limit", [0.1, 1.0, 100.0])
def test_clipping(limit):
    def build(tf, x):
        several = [x, None, 2.0 * x[0]]
        return [
            tf.clip_by_norm(x, limit),
            tf.clip_by_norm(x, limit, axes=[1]),
            tf.clip_by_norm(x, limit, 0),
            tf.clip_by_average_norm(x, limit),
            *tf.clip_by_global_norm(several, limit),
            *tf.clip_by_global_norm(several, limit, use_norm=tf.constant(3.0)),
            tf.global_norm(several),
        ]

    both(build, ROWS, grad=True, tolerance=REDUCTION, static="admits")


def test_clipping_rows_zeros_and_infinities():
    def build(tf):
        rows = tf.IndexedSlices(tf.constant(ROWS), tf.constant([1, 4, 1]), tf.constant([6, 4]))
        wild = tf.clip_by_global_norm([tf.constant([np.inf, 1.0])], 1.0)
        zeros = tf.zeros([2])
        return [
            tf.clip_by_norm(rows, 1.0), tf.global_norm([rows]), tf.clip_by_global_norm([rows, None], 1.0)[0][0],
            wild[0][0], tf.clip_by_norm(zeros, 1.0), tf.gradients(tf.clip_by_norm(zeros, 1.0), zeros)[0],
        ]  # fmt: skip

    both(build, tolerance=REDUCTION)
    both_raise(lambda tf: tf.clip_by_global_norm(tf.constant(1.0), 1.0), TypeError)


def test_adam_need_not_know_which_rows_there_are():
    """An op whose result has a size that depends on values would cut a compiled step in two."""

    class Lazy(ours().train.AdamOptimizer):
        def _apply_sparse(self, grad, var):
            return tf.scatter_sub(var, grad.indices, grad.values)

    with mode("v1"):
        tf = ours()
        for optimizer, expected in (tf.train.AdamOptimizer(0.1), False), (Lazy(0.1), True):
            with tf.Graph().as_default() as graph:
                optimizer.minimize(sparse_loss(tf))
            assert ("Unique" in {op.type for op in graph.get_operations()}) is expected
