"""Ops that hold graphs: what the registry-wide and the parity tests do not see."""

import importlib.util

import numpy as np
import pytest

import tensorglass as tg

BACKENDS = ["numpy"] + (["xla"] if importlib.util.find_spec("jax") else [])
each_backend = pytest.mark.parametrize("backend", BACKENDS)


def run(fetches, feeds=None, backend="numpy", runs=1):
    session = tg.Session(backend=backend)
    for _ in range(runs):
        found = session.run(fetches, feeds)
    return found


def lstm(x, units):
    """The last output of an LSTM over the first axis of x, which has shape [time, batch, features]."""
    w = tg.compat.v1.get_variable("w", [x.shape[2] + units, 4 * units])
    b = tg.Variable(tg.zeros([4 * units]))

    def step(state, x):
        c, h = state
        i, j, f, o = tg.split(tg.linalg.matmul(tg.concat([x, h], 1), w) + b, 4, axis=1)
        c = tg.sigmoid(f + 1.0) * c + tg.sigmoid(i) * tg.tanh(j)
        return c, tg.sigmoid(o) * tg.tanh(c)

    start = tg.zeros([tg.shape(x)[1], units])
    return tg.scan(step, x, initializer=(start, start))[1][-1]


def recurrent_network(steps):
    """(feeds, loss, train) of an LSTM that learns the sign of the first input of a sequence."""
    tg.compat.v1.set_random_seed(1)
    x, y = tg.placeholder(tg.float32, [steps, None, 2]), tg.placeholder(tg.float32, [None])
    h = lstm(x, 4)
    loss = tg.reduce_mean(tg.squared_difference(tg.reduce_sum(h, 1), y))
    train = tg.train.AdamOptimizer(0.02).minimize(loss)
    rng = np.random.default_rng(0)
    data = rng.normal(size=(steps, 3, 2)).astype("f")
    return {x: data, y: np.sign(data[0, :, 0])}, loss, train


@each_backend
def test_an_lstm_over_a_thousand_steps_learns(backend):
    with tg.Graph().as_default():
        feeds, loss, train = recurrent_network(1000)
        session = tg.Session(backend=backend)
        losses = [session.run([loss, train], feeds)[0] for _ in range(5)]
    assert losses[4] < losses[0]


def test_a_plan_does_not_grow_with_the_steps():
    lines = []
    for steps in (3, 1000):
        with tg.Graph().as_default():
            feeds, _, train = recurrent_network(steps)
            lines.append(str(tg.Session().plan(train, feeds)).count("\n"))
    assert lines[0] == lines[1]


@each_backend
def test_a_scan_is_the_unrolled_loop(backend):
    x = np.random.default_rng(0).normal(size=(5, 3, 2))

    def gradients(unrolled):
        with tg.Graph().as_default():
            xs, w = tg.constant(x), tg.Variable(np.linspace(-1, 1, 4).reshape(2, 2))
            step = lambda a, x: tg.tanh(tg.linalg.matmul(a, w) + x)
            a = tg.zeros([3, 2], tg.float64)
            if unrolled:
                for t in range(5):
                    a = step(a, xs[t])
            else:
                a = tg.scan(step, xs, initializer=a)[-1]
            first = tg.gradients(a * a, [xs, w])
            return run([a, *first, *tg.gradients(tg.reduce_sum(first[1] ** 2.0), [xs, w])], backend=backend)

    for a, b in zip(gradients(True), gradients(False), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


@each_backend
def test_the_number_of_turns_may_depend_on_values(backend):
    with tg.Graph().as_default():
        x, limit = tg.placeholder(tg.float64, []), tg.placeholder(tg.float64, [])
        _, y = tg.while_loop(lambda i, y: y < limit, lambda i, y: (i + 1, y * x), (0, tg.constant(1.0, tg.float64)))
        g = tg.gradients(y, x)[0]
        session = tg.Session(backend=backend)
        for bound, turns in ((9.0, 4), (100.0, 7), (0.5, 0)):
            found = session.run([y, g, tg.gradients(g, x)[0]], {x: 2.0, limit: bound})
            np.testing.assert_allclose(
                found, [2.0**turns, turns * 2.0 ** (turns - 1), turns * (turns - 1) * 2.0 ** (turns - 2)]
            )


@each_backend
def test_the_other_branch_is_not_computed(backend):
    calls = []
    with tg.Graph().as_default():
        p = tg.placeholder(tg.bool, [])

        def branch(label, value):
            return tg.compat.v1.py_func(lambda: (calls.append(label), np.float32(value))[1], [], tg.float32)

        y = tg.cond(p, lambda: branch("then", 1.0), lambda: branch("else", 2.0))
        session = tg.Session(backend=backend)
        assert [session.run(y, {p: v}) for v in (True, False, True)] == [1.0, 2.0, 1.0]
    assert calls == ["then", "else", "then"]


@each_backend
def test_a_fault_in_a_body_names_its_op_and_line(backend):
    with tg.Graph().as_default():
        x, n = tg.placeholder(tg.float32, [3]), tg.placeholder(tg.int32, [])
        _, y = tg.while_loop(lambda i, s: i < n, lambda i, s: (i + 1, s + tg.gather(x, i, name="pick")), (0, 0.0))
        session = tg.Session(backend=backend)
        feed = {x: np.ones(3, "f"), n: 3}
        assert session.run(y, feed) == 3.0
        with pytest.raises(tg.errors.InvalidArgumentError, match=r"(?s)pick.*test_control_flow.py"):
            session.run(y, {**feed, n: 5})
        assert session.run(y, feed) == 3.0


def test_what_is_not_used_is_not_computed():
    with tg.Graph().as_default():
        x = tg.Variable([1.0, 2.0])
        a, b = tg.scan(lambda v, x: (v[0] + x, v[1] * tg.exp(x)), x, initializer=(0.0, 1.0))
        tg.gradients(a, x)  # saves values for the way back, which no plan below uses
        source = str(tg.Session().plan(a))
        assert "exp" not in source
        assert "exp" in str(tg.Session().plan(b))


def test_names_are_those_of_tensorflow():
    with tg.Graph().as_default() as graph:
        x = tg.constant(1.0)
        inner = []
        tg.while_loop(lambda x: x < 3.0, lambda x: inner.append(x * 2.0) or inner[0], [x])
        tg.cond(x < 2.0, lambda: inner.append(x + 1.0) or inner[1], lambda: x)
        assert [t.name for t in inner] == ["while/mul:0", "cond/add:0"]
        assert graph.get_operation_by_name("while").type == "While"
        assert graph.get_operation_by_name("cond").input_nodes[1] is x.op
        with pytest.raises(ValueError, match="not an element of this graph"):
            tg.Session().run(inner[0])


def test_compute_of_an_op_that_holds_graphs():
    with tg.Graph().as_default():
        x = tg.constant(3.0)
        op = tg.cond(x > 1.0, lambda: x * x, lambda: x).op
        assert op.compute(np.bool_(True), np.float32(4.0)) == [16.0]
        assert op.compute(np.bool_(False), np.float32(4.0)) == [4.0]


def test_tensors_of_a_foreign_graph_are_refused():
    with tg.Graph().as_default():
        foreign = tg.constant(1.0)
    with tg.Graph().as_default(), pytest.raises(ValueError, match="must be from the same graph"):
        tg.cond(tg.constant(True), lambda: foreign + 1.0, lambda: tg.constant(2.0))


def test_two_sessions_do_not_meet():
    with tg.Graph().as_default():
        w = tg.Variable(0.0)
        grown = tg.while_loop(lambda i: i < 3.0, lambda i: i + 0.0 * w.assign_add(1.0) + 1.0, [0.0])[0]
        one, two = tg.Session(), tg.Session()
        one.run(grown)
        one.run(grown)
        two.run(grown)
        assert (one.run(w), two.run(w)) == (6.0, 3.0)


def test_a_condition_that_changes_a_variable_is_refused():
    with tg.Graph().as_default():
        w = tg.Variable(0.0)
        y = tg.while_loop(lambda i: w.assign_add(1.0) < 3.0, lambda i: i + 1.0, [0.0])
        with pytest.raises(NotImplementedError, match="do it in the body"):
            tg.Session().run(y)


@each_backend
def test_dropout_in_a_loop_draws_anew_at_each_turn(backend):
    with tg.Graph().as_default():
        tg.compat.v1.set_random_seed(5)
        masks = tg.map_fn(lambda x: tg.nn.dropout(x, rate=0.5), tg.ones([4, 20]))
        session = tg.Session(backend=backend)
        first, second = session.run(masks), session.run(masks)
    rows = np.concatenate([first, second])
    assert len({row.tobytes() for row in rows}) == 8


@each_backend
def test_checks_of_numerics_reach_into_bodies(backend):
    with tg.Graph().as_default():
        x = tg.placeholder(tg.float32, [])
        y = tg.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, tg.log(y, name="the_log")), (0, x))[1]
        tg.debugging.enable_check_numerics()
        try:
            with pytest.raises(tg.errors.InvalidArgumentError, match="the_log"):
                run(y, {x: 0.5}, backend)
        finally:
            tg.debugging.disable_check_numerics()


@each_backend
@pytest.mark.parametrize("kind", ["a limit that grows", "a counter of floats", "a counter that stands still"])
def test_what_only_looks_like_a_counter_bounds_nothing(backend, kind):
    """The room for a gradient's values must fit the turns there really are."""
    with tg.Graph().as_default():
        x = tg.Variable(1.5)
        if kind == "a limit that grows":  # 3, 4, 5, 6, 7: seven turns and not three
            cond, body = (lambda i, n, y: i < n), (lambda i, n, y: (i + 1, tg.minimum(n + 1, 7), y * x))
            start = (0, 3, 1.0)
        elif kind == "a counter of floats":
            cond, body, start = (lambda i, y: i < 7.0), (lambda i, y: (i + 1.0, y * x)), (0.0, 1.0)
        else:
            cond, body = (lambda i, y: i < 1), (lambda i, y: (i + tg.cast(y > 15.0, tg.int32), y * x))
            start = (0, 1.0)
        y = tg.while_loop(cond, body, start)[-1]
        turns = 8 if kind == "a counter that stands still" else 7
        found = run([y, tg.gradients(y, x)[0]], backend=backend)
    np.testing.assert_allclose(found, [1.5**turns, turns * 1.5 ** (turns - 1)], rtol=1e-5)
