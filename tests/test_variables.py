"""Variables and optimizers where TensorFlow has no reference: eager training, chains of initial values, plans."""

import numpy as np
import pytest

import tensorglass as tg
from tensorglass import errors, train
from tensorglass.indexed_slices import IndexedSlices
from tensorglass.ops.control import control_dependencies, group, tuple, with_dependencies
from tensorglass.variable_scope import AUTO_REUSE, get_variable, get_variable_scope, variable_scope
from tensorglass.variables import global_variables_initializer

OPTIMIZERS = {
    "gradient_descent": lambda: train.GradientDescentOptimizer(0.1),
    "momentum": lambda: train.MomentumOptimizer(0.1, 0.9),
    "adagrad": lambda: train.AdagradOptimizer(0.1),
    "adadelta": lambda: train.AdadeltaOptimizer(0.1),
    "adam": lambda: train.AdamOptimizer(0.1),
    "rms_prop": lambda: train.RMSPropOptimizer(0.1),
    "centered": lambda: train.RMSPropOptimizer(0.1, centered=True),
    "ftrl": lambda: train.FtrlOptimizer(0.1),
    "proximal_adagrad": lambda: train.ProximalAdagradOptimizer(0.1),
    "proximal_gradient_descent": lambda: train.ProximalGradientDescentOptimizer(0.1),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("sparse", [False, True])
def test_an_eager_step_is_the_graphs(name, sparse):
    optimizer = OPTIMIZERS[name]()
    rows = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], np.float32)
    grad = np.array([[0.1, -0.2], [0.3, 0.4]], np.float32)

    def steps():
        w = tg.Variable(rows, name="w")
        g = IndexedSlices(tg.constant(grad), tg.constant([2, 0]), tg.constant([3, 2])) if sparse else tg.constant(
            np.concatenate([grad, grad[:1]])
        )  # fmt: skip
        return w, lambda: optimizer.apply_gradients([(g, w)])

    w, step = steps()
    for _ in range(3):
        step()
    with tg.Graph().as_default():
        v, step = steps()
        change = step()
        session = tg.Session()
        for _ in range(3):
            session.run(change)
        np.testing.assert_array_equal(session.run(v), w.numpy())
        slots = [session.run(s) for s in optimizer.variables()]
    for a, b in zip(slots, optimizer.variables(), strict=True):
        np.testing.assert_array_equal(a, b.numpy())


def test_an_eager_loss_is_refused():
    w = tg.Variable(1.0)
    for loss in (w * w, lambda: w * w):
        with pytest.raises(RuntimeError, match="nodes of a graph"):
            train.GradientDescentOptimizer(0.1).minimize(loss, var_list=[w])


def test_minimize_outside_the_graph_it_was_built_in():
    with tg.Graph().as_default() as graph:
        w = tg.Variable(2.0)
        loss = w * w
    change = train.AdamOptimizer(0.1).minimize(loss)
    session = tg.Session(graph=graph)
    session.run(change)
    assert session.run(w) == pytest.approx(1.9, abs=1e-5)


def test_initial_values_in_a_chain():
    """One run of all initializers works however many variables lie between."""
    with tg.Graph().as_default():
        a = tg.Variable(tg.random_normal([3], seed=1), name="a")
        b = tg.Variable(a * 2.0, name="b")
        c = tg.Variable(b + a, name="c")
        d = tg.Variable(c.initialized_value() - a.initialized_value(), name="d")
        session = tg.Session()
        session.run(global_variables_initializer())
        start, *found = session.run([a, b, c, d])
        for value, factor in zip(found, (2, 3, 2), strict=True):
            np.testing.assert_allclose(value, factor * start, rtol=1e-6)


def test_gradients_reach_a_variable_by_any_of_its_reads():
    with tg.Graph().as_default():
        w = tg.Variable(3.0)
        loss = w * w.read_value() + tg.stop_gradient(w)
        assert tg.Session().run(tg.gradients(loss, w)) == [6.0]
        change = train.GradientDescentOptimizer(0.5).minimize(loss)
        session = tg.Session()
        session.run(change)
        assert session.run(w) == 0.0


def test_rows_stay_rows_through_a_read():
    with tg.Graph().as_default():
        table = tg.Variable(np.ones((1000, 2)))
        loss = tg.reduce_sum(tg.gather(table, [3, 3]) * 2.0)
        ((grad, _),) = train.GradientDescentOptimizer(0.1).compute_gradients(loss)
        assert isinstance(grad, IndexedSlices)


def test_a_failed_update_changes_nothing():
    with tg.Graph().as_default():
        w = tg.Variable([1.0, 2.0])
        x = tg.placeholder(tg.float32)
        change = train.MomentumOptimizer(0.1, 0.9).apply_gradients([(x, w)])
        session = tg.Session()
        session.run(change, {x: [1.0, 1.0]})
        before = session.run(tg.get_default_graph().variables)
        with pytest.raises(errors.InvalidArgumentError, match=r"var and grad do not have the same shape\[2\] \[3\]"):
            session.run(change, {x: [1.0, 1.0, 1.0]})
        for a, b in zip(before, session.run(tg.get_default_graph().variables), strict=True):
            np.testing.assert_array_equal(a, b)


def test_state_shares_no_memory_with_what_is_fed_or_fetched():
    with tg.Graph().as_default():
        w = tg.Variable(np.zeros(4, np.float32))
        x = tg.placeholder(tg.float32, [4])
        session = tg.Session()
        fed = np.ones(4, np.float32)
        found = session.run(w.assign(x), {x: fed})
        fed[:] = 7
        found[:] = 8
        np.testing.assert_array_equal(session.run(w), np.ones(4))


def test_scopes_execute_eagerly():
    with variable_scope("a") as outer, variable_scope("b", reuse=AUTO_REUSE):
        w, again = get_variable("w", [2]), get_variable("w", [2])
    assert w is not again
    assert w.name == "a/b/w:0"
    assert outer.name == "a"
    assert get_variable_scope().name == ""
    with variable_scope("a", reuse=True), pytest.raises(RuntimeError, match="looked up by name"):
        get_variable("w", [2])


def test_an_exception_leaves_the_scope():
    with tg.Graph().as_default():
        with pytest.raises(KeyError), variable_scope("a"), variable_scope("b"):
            raise KeyError
        assert get_variable_scope().name == ""
        assert get_variable("w", [1]).name == "w:0"


def test_control_flow_is_plain_order_when_eager():
    x = tg.constant(1.0)
    assert group(x) is None
    assert tuple([x, None]) == [x, None]
    assert with_dependencies([x], x) is x
    with control_dependencies([x]):
        assert (x + 1.0).numpy() == 2.0


def test_schedules_are_functions_when_eager():
    step = tg.Variable(0)
    rate = train.exponential_decay(1.0, step, 1, 0.5)
    w = tg.Variable(0.0)
    optimizer = train.GradientDescentOptimizer(rate)
    for _ in range(3):
        optimizer.apply_gradients([(tg.constant(-1.0), w)], global_step=step)
    assert w.numpy() == 1.75
    assert step.numpy() == 3
