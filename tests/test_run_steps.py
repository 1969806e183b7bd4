"""`Session.run_steps`: many steps in one call give what as many runs give, on each backend."""

import numpy as np
import pytest

import tensorglass as tg


@pytest.fixture(params=["numpy", "xla", "auto"])
def backend(request):
    if request.param != "numpy":
        pytest.importorskip("jax")
    return request.param


def loop_of(session, fetches, feeds):
    """The compiled loop that `session` uses for a plan, if it has made one."""
    return session._look_up(fetches, feeds).program._loop


ROWS = np.random.default_rng(0).normal(size=(40, 20)).astype("float32")
LABELS = np.random.default_rng(1).integers(0, 4, 40)


def network():
    """A classifier with dropout and Adam: (x, y, rate, fetches)."""
    tg.compat.v1.set_random_seed(1)
    x, y = tg.placeholder(tg.float32, [None, 20]), tg.placeholder(tg.int64, [None])
    rate = tg.placeholder(tg.float32, [])
    w, v = (tg.compat.v1.get_variable(n, s) for n, s in (("w", [20, 30]), ("v", [30, 4])))
    hidden = tg.nn.dropout(tg.nn.relu(tg.linalg.matmul(x, w)), rate=0.5)
    loss = tg.reduce_mean(tg.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=tg.linalg.matmul(hidden, v)))
    step = tg.Variable(np.int64(0))
    train = tg.train.AdamOptimizer(rate).minimize(loss, global_step=step)
    return x, y, rate, {"loss": loss, "train": train, "w": w, "pair": [v, tg.constant([1, 2])], "step": step}


def test_batches_from_resident_arrays(backend):
    order = np.random.default_rng(2).integers(-40, 40, (12, 8))
    with tg.Graph().as_default():
        x, y, rate, fetches = network()
        session, other = tg.Session(backend=backend), tg.Session(backend="xla" if backend == "xla" else "numpy")
        feeds = {rate: 0.01}
        first = session.run_steps(fetches, feed_dict=feeds, data={x: ROWS, y: LABELS}, batches=order[:7])
        second = session.run_steps(fetches, 5, feeds, {x: ROWS, y: LABELS}, order[7:])
        runs = [other.run(fetches, {x: ROWS[i], y: LABELS[i], **feeds}) for i in order]
        last = session.run(fetches, {x: ROWS, y: LABELS, rate: 0.1})
        expected = other.run(fetches, {x: ROWS, y: LABELS, rate: 0.1})
    rtol = 0 if backend != "xla" else 1e-5
    for k, run in enumerate(runs):
        part, i = (first, k) if k < 7 else (second, k - 7)
        assert part["train"] is None
        np.testing.assert_allclose(part["loss"][i], run["loss"], rtol=rtol)
        np.testing.assert_allclose(part["w"][i], run["w"], rtol=rtol, atol=rtol)
        np.testing.assert_array_equal(part["pair"][1][i], [1, 2])
        assert part["step"][i] == run["step"] == k
    assert first["loss"].dtype == np.float32
    assert first["step"].dtype == np.int64
    assert isinstance(first["pair"], list)
    np.testing.assert_allclose(last["loss"], expected["loss"], rtol=rtol)


def test_a_row_a_step_and_the_same_at_each(backend):
    with tg.Graph().as_default():
        x, a = tg.placeholder(tg.float64, [2]), tg.placeholder(tg.int64, [])
        w = tg.compat.v1.Variable(np.zeros(2), name="w")
        add = w.assign_add(x * tg.cast(a, tg.float64))
        session = tg.Session(backend=backend)
        rows = np.arange(10.0).reshape(5, 2)
        np.testing.assert_array_equal(session.run_steps(add, None, {a: 2}, {x: rows}), 2 * np.cumsum(rows, 0))
        before, after = session.run_steps([w, add], feed_dict={x: [1.0, 1.0], a: 1}, steps=3)
        np.testing.assert_array_equal(before[:, 0], [40, 41, 42])
        np.testing.assert_array_equal(after[:, 0], [41, 42, 43])
        np.testing.assert_array_equal(session.run(w), [43, 53])
        after[:] = 0  # the caller's own
        assert session.run(w)[0] == 43


def test_one_compiled_loop():
    pytest.importorskip("jax")
    with tg.Graph().as_default():
        x, y, rate, fetches = network()
        session = tg.Session(backend="xla")
        feeds = {x: ROWS, y: LABELS, rate: 0.01}
        session.run_steps(fetches, 4, feeds)
        assert len(loop_of(session, fetches, feeds)._functions) == 1
        assert None not in loop_of(session, fetches, feeds)._functions.values()


def test_what_is_written_and_never_read(backend):
    with tg.Graph().as_default():
        x = tg.placeholder(tg.float32, [None])
        w = tg.Variable([0.0, 0.0])
        session = tg.Session(backend=backend)
        session.run(tg.compat.v1.global_variables_initializer())
        values = session.run_steps(w.assign(2.0 * x), data={x: [[1, 2], [3, 4], [5, 6]]})
        np.testing.assert_array_equal(values, [[2, 4], [6, 8], [10, 12]])
        np.testing.assert_array_equal(session.run(w), [10, 12])


def test_python_code_runs_at_each_step(backend):
    calls = []
    with tg.Graph().as_default():
        n = tg.Variable(0.0)
        seen = tg.compat.v1.py_func(lambda v: calls.append(float(v)) or v, [n.assign_add(1.0)], tg.float32)
        session = tg.Session(backend=backend)
        np.testing.assert_array_equal(session.run_steps(tg.exp(seen) * 0.0 + seen, 4), [1, 2, 3, 4])
    assert calls == [1, 2, 3, 4]


def test_a_state_that_grows(backend):
    with tg.Graph().as_default():
        w = tg.compat.v1.Variable(np.ones(1), validate_shape=False)
        grow = tg.compat.v1.assign(w, tg.concat([w, [2.0]], 0), validate_shape=False)
        session = tg.Session(backend=backend)
        np.testing.assert_array_equal(session.run_steps(tg.reduce_sum(grow), 3), [3, 5, 7])
        with pytest.raises(ValueError, match="do not stack"):
            session.run_steps(grow, 2)


def test_a_fault_at_one_step_stops_there(backend):
    with tg.Graph().as_default():
        i, n = tg.placeholder(tg.int32, []), tg.Variable(0.0)
        step = n.assign_add(tg.gather(tg.constant(np.arange(5, dtype=np.float32)), i, name="look"))
        session = tg.Session(backend=backend)
        np.testing.assert_array_equal(session.run_steps(step, data={i: [1, 2]}), [1, 3])
        with pytest.raises(tg.errors.InvalidArgumentError, match=r"look(.|\n)*test_run_steps\.py"):
            session.run_steps(step, data={i: [1, 7, 1]})
        assert session.run(n) == 4.0


def test_loops_and_branches_inside(backend):
    with tg.Graph().as_default():
        n = tg.Variable(np.int32(1))
        doubled = tg.cond(n > 100, lambda: n * 0 + 1, lambda: n * 2)
        session = tg.Session(backend=backend)
        values = session.run_steps(n.assign(doubled), 9)
    np.testing.assert_array_equal(values, [2, 4, 8, 16, 32, 64, 128, 1, 2])


def test_random_numbers_go_on(backend):
    with tg.Graph().as_default():
        tg.compat.v1.set_random_seed(3)
        draw = tg.random.uniform([3], seed=4)
        a, b = tg.Session(backend=backend), tg.Session(backend="numpy")
        found = [*a.run_steps(draw, 4), a.run(draw), *a.run_steps(draw, 2)]
        np.testing.assert_array_equal(found, [b.run(draw) for _ in range(7)])


def test_auto_counts_the_steps_beforehand(monkeypatch):
    pytest.importorskip("jax")
    from tensorglass.backends import work

    monkeypatch.setattr(work, "COMPILING", (1e-2, 1e-5))
    with tg.Graph().as_default():
        x, y, rate, fetches = network()
        feeds = {x: ROWS, y: LABELS, rate: 0.01}
        session, other = tg.Session(), tg.Session(backend="numpy")
        first = session.run_steps(fetches, 3, feeds)
        assert session._look_up(fetches, feeds).program.xla is None
        many = session.run_steps(fetches, 300, feeds)
        assert session._look_up(fetches, feeds).program.xla is not None
        expected = other.run_steps(fetches, 303, feeds)
    np.testing.assert_array_equal(first["loss"], expected["loss"][:3])
    np.testing.assert_allclose(many["loss"][:20], expected["loss"][3:23], rtol=1e-4)


def test_variables_without_a_value():
    with tg.Graph().as_default():
        w = tg.compat.v1.Variable(1.0, name="w")
        with pytest.raises(tg.errors.FailedPreconditionError, match="uninitialized value w"):
            tg.compat.v1.Session().run_steps(w.assign_add(1.0), 2)
        np.testing.assert_array_equal(tg.Session().run_steps(w.assign_add(1.0), 2), [2, 3])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({}, ValueError, "must know how many steps"),
        ({"steps": 0}, ValueError, "at least one step"),
        ({"steps": 3, "data": True}, ValueError, "do not agree"),
        ({"steps": 2, "batches": [[0]]}, ValueError, "give data="),
        ({"data": True, "batches": [[0, 1], [1, 4]]}, IndexError, "have 4 rows"),
        ({"data": True, "batches": [[0.5]]}, ValueError, "array of indices"),
        ({"steps": 4, "data": True, "feed_dict": True}, ValueError, "not by both"),
        ({"data": True, "batches": [0, 1]}, ValueError, "Cannot feed value of shape"),
    ],
)
def test_what_makes_no_sense(arguments, error, message):
    with tg.Graph().as_default():
        x = tg.placeholder(tg.float32, [None, 2])
        y = tg.reduce_sum(x)
        rows = (
            np.ones((4, 2), np.float32)
            if "batches" in arguments and "data" in arguments
            else np.ones((4, 1, 2), np.float32)
        )
        given = {k: {x: rows} if v is True else v for k, v in arguments.items()}
        if "data" not in given:
            given["feed_dict"] = {x: rows[0]}
        with pytest.raises(error, match=message):
            tg.Session(backend="numpy").run_steps(y, **given)
