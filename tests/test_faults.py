"""The known faults of small autodiff engines, each a regression test."""

import sys
import threading

import numpy as np
import pytest

import tensorglass as tg
from tensorglass.session import get_default_session


@pytest.fixture
def graph(_root_mode):
    graph = tg.Graph()
    with graph.as_default():
        yield graph


def run(fetches, feeds=None):
    return tg.Session().run(fetches, feeds)


# The reverse pass


def test_unequal_diamonds(graph):
    """Two ways of different length from x to y: the gradient waits for both before it goes on."""
    x = tg.constant(0.7)
    short = x * 3.0
    long = tg.exp(tg.square(tg.square(short)) * 0.01)
    y = short * long + tg.log(long + short) * x
    (g,) = tg.gradients(y, x)

    def f(x):
        s = 3 * x
        w = np.exp(0.01 * s**4)
        return s * w + np.log(w + s) * x

    h = 1e-6
    assert run(g) == pytest.approx((f(0.7 + h) - f(0.7 - h)) / (2 * h), rel=1e-5)


def test_skip_connections(graph):
    """y = x + f(x), twenty blocks deep: dy/dx = Π (1 + f')."""
    x = tg.constant(0.3)
    y, expected, value = x, 1.0, 0.3
    for _ in range(20):
        y = y + tg.square(y) * 0.1
        expected *= 1 + 0.2 * value
        value += 0.1 * value**2
    assert run(tg.gradients(y, x)[0]) == pytest.approx(expected, rel=1e-5)


def test_consumer_that_does_not_lead_to_the_loss(graph):
    x = tg.constant(2.0)
    loss = x * x
    tg.log(x)  # consumers of x and of the loss that nobody asked for
    tg.exp(loss)
    (tail,) = [x - 1.0]
    assert run(tg.gradients(loss, [x, tail])[0:1]) == [4.0]
    assert tg.gradients(loss, tail) == [None]


def test_one_node_used_twice_by_an_op(graph):
    a = tg.constant([[1.0, 2.0], [3.0, 4.0]])
    x = tg.constant(3.0)
    g, dx, d2x, dz, ds = run([
        tg.gradients(tg.matmul(a, a), a)[0],
        tg.gradients(x * x, x)[0],
        tg.gradients(tg.gradients(x * x * x, x), x)[0],
        tg.gradients(x - x, x)[0],
        tg.gradients(tg.stack([x, x, x]), x)[0],
    ])  # fmt: skip
    ones, m = np.ones((2, 2)), np.array([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_allclose(g, ones @ m.T + m.T @ ones)
    assert (dx, d2x, dz, ds) == (6.0, 18.0, 0.0, 3.0)


def test_y_that_is_x_and_ys_that_depend_on_each_other(graph):
    x = tg.constant(2.0)
    a = x * x
    b = a * x
    assert run(tg.gradients(x, x)) == [1.0]
    assert run(tg.gradients([a, b], x)) == [16.0]  # 2x + 3x²
    assert run(tg.gradients([a, b], [a, x])) == [3.0, 16.0]  # ∂a/∂a + ∂b/∂a
    assert run(tg.gradients([a, a], x)) == [8.0]


def test_gradient_with_respect_to_an_intermediate(graph):
    x = tg.constant(2.0)
    middle = x * x
    y = middle * 5.0 + x
    assert run(tg.gradients(y, [middle, x])) == [5.0, 21.0]


def test_shared_nodes_are_visited_once(graph):
    """Forty doublings have 2⁴⁰ ways from the end to the beginning."""
    x = y = tg.constant(1.0, tg.float64)
    for _ in range(40):
        y = y + y
    g = tg.gradients(y, x)[0]
    assert run([y, g]) == [2.0**40, 2.0**40]
    assert len(graph.operations) < 400


def test_traversal_of_shared_nodes_in_initializers(graph):
    """So do initial values that are computed from other variables."""
    v = tg.Variable(1.0, name="v")
    y = v.read_value() if hasattr(v, "read_value") else v
    for _ in range(40):
        y = y + y
    w = tg.Variable(y)
    assert run(w) == 2.0**40


def test_broadcast_gradients(graph):
    shapes = [((2, 3), (3,)), ((2, 1), (1, 3)), ((), (2, 3)), ((4, 1, 3), (2, 1)), ((1,), (1, 1)), ((0, 3), (3,))]
    for function in (tg.add, tg.subtract, tg.multiply, tg.truediv):
        for a, b in shapes:
            for known in (True, False):
                va, vb = np.full(a, 2.0), np.full(b, 4.0)
                x = tg.placeholder(tg.float64, a if known else None)
                y = tg.placeholder(tg.float64, b if known else [None] * len(b))
                z = function(x, y)
                gx, gy, value = run([*tg.gradients(z, [x, y]), z], {x: va, y: vb})
                assert gx.shape == a
                assert gy.shape == b
                each = {tg.add: (1, 1), tg.subtract: (1, -1), tg.multiply: (4, 2), tg.truediv: (0.25, -0.125)}
                times = [value.size / max(v.size, 1) for v in (va, vb)]
                np.testing.assert_allclose(gx, each[function][0] * times[0] * np.ones(a))
                np.testing.assert_allclose(gy, each[function][1] * times[1] * np.ones(b))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_softmax_at_a_thousand(graph, dtype):
    z = tg.placeholder(dtype, [None, 3])
    p = tg.softmax(z)
    fed = np.array([[1000, 0, -1000], [-1000, -1000, -1000], [1000, 1000, 1000]], dtype)
    value, slope = run([p, tg.gradients(tg.log(p + 1e-30), z)[0]], {z: fed})
    np.testing.assert_allclose(value, [[1, 0, 0], [1 / 3] * 3, [1 / 3] * 3], rtol=1e-6)
    assert np.isfinite(slope).all()


# Depth


@pytest.fixture
def shallow():
    """A recursion limit that no traversal of a long chain could live with."""
    depth, frame = 0, sys._getframe()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + 120)
    yield
    sys.setrecursionlimit(limit)


def chain(n):
    x = y = tg.placeholder(tg.float64, [])
    for _ in range(n):
        y = y + 1.0
    return x, y, tg.gradients(y, x)[0]


def test_chain_of_ten_thousand_ops(graph, shallow):
    x, y, g = chain(10_000)
    session = tg.Session()
    for _ in range(3):  # interpreted, compiled, again
        assert session.run([y, g], {x: 2.0}) == [10_002.0, 1.0]
    assert session.run(y, {graph.operations[5000].outputs[0]: 0.0}) < 10_000


def test_chain_of_products_of_ten_thousand_ops(graph, shallow):
    x = y = tg.placeholder(tg.float64, [])
    for _ in range(10_000):
        y = y * 1.0001
    (g,) = tg.gradients(y, x)
    assert run([y, g], {x: 1.0}) == pytest.approx([1.0001**10_000] * 2)


@pytest.mark.slow
def test_chain_of_a_hundred_thousand_ops(graph, shallow):
    x, y, g = chain(100_000)
    assert run([y, g], {x: 2.0}) == [100_002.0, 1.0]


def test_deep_control_dependencies(graph, shallow):
    v = tg.Variable(0.0)
    last = v.initializer
    for _ in range(2000):
        with graph.control_dependencies([last]):
            last = v.assign_add(1.0).op
    with graph.control_dependencies([last]):
        end = v.read_value()
    assert run(end) == 2000.0


def test_deep_nesting_of_fetches(graph):
    fetches = x = tg.constant(1.0)
    for _ in range(50):
        fetches = [fetches]
    value = run(fetches)
    for _ in range(50):
        (value,) = value
    assert value == 1.0
    assert x.op.type == "Const"


# Feeding, fetching, stale values


def test_training_op_uses_its_feeds_every_time(graph):
    x = tg.placeholder(tg.float64, [])
    w = tg.Variable(np.float64(0.0))
    loss = w * x
    train = w.assign_sub(tg.gradients(loss, w)[0])
    session = tg.Session()
    expected = 0.0
    for value in (1.0, 2.0, -5.0, 0.5, 0.25):
        session.run(train.op, {x: value})
        expected -= value
        assert session.run(w) == expected
        assert session.run(loss, {x: 2.0}) == 2 * expected


def test_fetch_beside_a_training_op_sees_the_value_before_the_step(graph):
    w = tg.Variable(10.0)
    twice = w * 2.0
    step = w.assign_sub(1.0)
    session = tg.Session()
    for k in range(4):
        before, after, product = session.run([w.value(), step, twice])
        assert (before, after, product) == (10.0 - k, 9.0 - k, 2 * (10.0 - k))


def test_order_of_fetches_does_not_matter(graph):
    w = tg.Variable(1.0)
    old = w.value() + 0.0
    step = w.assign(5.0)
    assert run([step, old]) == [5.0, 1.0]
    assert run([old, step]) == [1.0, 5.0]


def test_read_value_under_control_dependencies_sees_the_new_value(graph):
    w = tg.Variable(1.0)
    step = w.assign_add(1.0)
    with graph.control_dependencies([step]):
        new = w.read_value()
    old = w.value() * 1.0
    session = tg.Session()
    assert session.run([old, new]) == [1.0, 2.0]
    assert session.run([new, old]) == [3.0, 2.0]
    assert session.run(old) == 3.0


def test_an_operation_prints_as_in_a_graph_def(graph):
    w = tg.Variable(1.0, name="w")
    assert str(tg.group(w.initializer, name="g")) == 'name: "g"\nop: "NoOp"\ninput: "^w/Assign"\n'
    assert str(tg.split([1.0, 2.0], 2)[1].op).splitlines()[2:] == ['input: "split/split_dim"', 'input: "split/value"']


def test_control_dependencies_and_groups_order_assignments(graph):
    from tensorglass.ops.control import group

    w = tg.Variable(1.0)
    double = w.assign(w * 2.0)
    with graph.control_dependencies([double]):
        add = w.assign_add(10.0)
    with graph.control_dependencies([group(double, add)]):
        result = w.read_value()
    session = tg.Session()
    assert session.run(result) == 12.0
    assert session.run(result) == 34.0


def test_assignments_run_in_order_of_creation(graph):
    w = tg.Variable(1.0)
    first = w.assign_add(1.0)
    second = w.assign_add(10.0)
    session = tg.Session()
    session.run([second, first])
    assert session.run(w) == 12.0


def test_feeding_an_intermediate_cuts_the_graph(graph):
    x = tg.placeholder(tg.float32, [])
    middle = tg.log(x)  # never computed when it is fed, so x need not be
    y = middle * 2.0
    session = tg.Session()
    assert session.run(y, {middle: 21.0}) == 42.0
    assert session.run([y, middle], {middle: 1.5}) == [3.0, 1.5]
    assert session.run(y, {x: 1.0}) == 0.0
    with pytest.raises(tg.errors.InvalidArgumentError):
        session.run(y)


def test_feeding_a_constant_a_variable_and_a_gradient(graph):
    c = tg.constant(2.0)
    w = tg.Variable(3.0)
    y = c * w
    (g,) = tg.gradients(y * y, w)
    session = tg.Session()
    assert session.run([y, g]) == [6.0, 24.0]
    assert session.run([y, g], {c: 1.0}) == [3.0, 6.0]
    assert session.run(y, {w: 5.0}) == 10.0
    assert session.run([w, y]) == [3.0, 6.0]  # a fed variable is back after the run
    doubled = g * 2.0
    assert session.run(doubled, {g: 1.0}) == 2.0


def test_feed_and_fetch_the_same_tensor(graph):
    x = tg.placeholder(tg.float32, [2])
    fed = np.array([1.0, 2.0], np.float32)
    session = tg.Session()
    for _ in range(3):
        got = session.run(x, {x: fed})
        np.testing.assert_array_equal(got, fed)
        assert not np.shares_memory(got, fed)
        got[:] = 9.0
        assert fed.tolist() == [1.0, 2.0]
        a, b = session.run([x, x], {x: fed})
        assert a.tolist() == b.tolist() == [1.0, 2.0]


def test_different_feeds_of_one_fetch_are_different_plans(graph):
    x = tg.placeholder(tg.float32, [])
    a = x + 1.0
    b = a * 10.0
    session = tg.Session()
    for _ in range(2):
        assert session.run(b, {x: 1.0}) == 20.0
        assert session.run(b, {a: 1.0}) == 10.0
        assert session.run(b, {b: 1.0}) == 1.0
        assert session.run(b, {x: 5.0, a: 1.0}) == 10.0


def test_graph_grows_between_runs(graph):
    x = tg.constant(1.0)
    session = tg.Session()
    assert session.run(x) == 1.0
    y = x + 1.0
    assert session.run(y) == 2.0
    assert session.run(tg.gradients(y * y, x)) == [4.0]


# What the user does with arrays


def test_changing_fetched_arrays_changes_nothing(graph):
    w = tg.Variable(np.ones((2, 2)))
    c = tg.constant(np.ones((2, 2)))
    views = [w, c, w.value(), tg.identity(c), tg.reshape(w, [4]), tg.reshape(c, [4]), tg.matmul(c, c), c + 0.0]
    step = w.assign(w * 1.0)
    session = tg.Session()
    for fetches in (views, [*views, step], [step], [w], [c]):
        for _ in range(3):
            for value in session.run(fetches):
                value[...] = 77.0
    assert session.run(w).tolist() == [[1.0, 1.0], [1.0, 1.0]]
    assert session.run(c).tolist() == [[1.0, 1.0], [1.0, 1.0]]


def test_changing_fed_arrays_changes_nothing(graph):
    x = tg.placeholder(tg.float64, [2])
    w = tg.Variable(np.zeros(2))
    step = w.assign(x)
    viewed = w.assign(tg.reshape(tg.identity(x), [2]))
    session = tg.Session()
    for op in (step, viewed):
        for fetches in (op, op.op, [op, x]):
            for _ in range(3):
                fed = np.array([1.0, 2.0])
                session.run(fetches, {x: fed})
                assert fed.flags.writeable, "the user's array was made read-only"
                fed[:] = 99.0
                assert session.run(w).tolist() == [1.0, 2.0]


def test_changing_the_source_of_a_constant_changes_nothing(graph):
    source = np.ones(3)
    c = tg.constant(source)
    w = tg.Variable(source)
    y = c + source
    session = tg.Session()
    session.run(w.initializer)
    source[:] = 5.0
    assert session.run(c).tolist() == session.run(w).tolist() == [1.0, 1.0, 1.0]
    assert session.run(y).tolist() == [2.0, 2.0, 2.0]
    assert source.flags.writeable


def test_changing_views_of_a_source_changes_nothing(graph):
    base = np.ones((3, 3))
    view = base[1]
    view.flags.writeable = False  # read-only, yet not the owner of its memory
    c = tg.constant(view)
    base[:] = 5.0
    assert run(c).tolist() == [1.0, 1.0, 1.0]


def test_changing_eager_results_and_sources_changes_nothing():
    source = np.ones(3)
    t = tg.constant(source)
    same = tg.identity(t)
    source[:] = 5.0
    t.numpy()[:] = 7.0
    np.asarray(t)[:] = 8.0
    assert t.numpy().tolist() == same.numpy().tolist() == [1.0, 1.0, 1.0]
    flat = tg.reshape(t, [3, 1])
    flat.numpy()[:] = 9.0
    assert t.numpy().tolist() == [1.0, 1.0, 1.0]
    kept = np.ones(3)
    computed = tg.reshape(kept, [3, 1])
    kept[:] = 4.0
    assert computed.numpy().ravel().tolist() == [1.0, 1.0, 1.0]
    v = tg.Variable(np.ones(2))
    before = tg.identity(v)
    v.assign_add([1.0, 1.0])
    assert before.numpy().tolist() == [1.0, 1.0]
    assert v.numpy().tolist() == [2.0, 2.0]


def test_assigning_one_variable_to_another_does_not_tie_them(graph):
    a, b = tg.Variable([1.0, 1.0]), tg.Variable([2.0, 2.0])
    tie = a.assign(b)
    step = b.assign_add([1.0, 1.0])
    session = tg.Session()
    session.run(tie)
    session.run(step)
    assert session.run([a, b])[0].tolist() == [2.0, 2.0]


# Sessions and threads


def test_two_sessions_on_one_graph_do_not_meet(graph):
    w = tg.Variable(0.0)
    step = w.assign_add(1.0)
    one, two = tg.Session(), tg.Session()
    for _ in range(3):
        one.run(step)
    two.run(step)
    assert one.run(w) == 3.0
    assert two.run(w) == 1.0


def in_threads(functions):
    errors = []

    def guarded(function):
        try:
            function()
        except BaseException as error:  # told by the main thread
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(f,)) for f in functions]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if errors:
        raise errors[0]


def test_two_threads_on_two_sessions(graph):
    x = tg.placeholder(tg.float64, [8, 8])
    w = tg.Variable(np.eye(8))
    step = w.assign(tg.matmul(w, x))
    results = {}

    def work(k):
        session = tg.Session(graph=graph)
        for _ in range(50):
            session.run(step, {x: np.eye(8) * k})
        results[k] = session.run(w)

    in_threads([lambda k=k: work(k) for k in (0.5, 2.0)])
    for k in (0.5, 2.0):
        np.testing.assert_array_equal(results[k], np.eye(8) * k**50)


def test_many_threads_increment_one_counter(graph):
    """No increment is lost, whichever plan makes it."""
    counter = tg.Variable(0, name="counter")
    steps = [counter.assign_add(1), counter.assign_add(1).op, counter.assign(counter + 1)]
    session = tg.Session()
    session.run(counter.initializer)
    old = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        in_threads([lambda s=s: [session.run(s) for _ in range(200)] for s in steps * 3])
    finally:
        sys.setswitchinterval(old)
    assert session.run(counter) == 9 * 200


def test_threads_meet_a_new_plan_at_once(graph):
    x = tg.placeholder(tg.float64, [])
    y = tg.exp(x) * x
    session = tg.Session()
    barrier = threading.Barrier(8)

    def work(k):
        barrier.wait()
        for _ in range(20):
            assert session.run(y, {x: float(k)}) == np.exp(float(k)) * k

    in_threads([lambda k=k: work(k) for k in range(8)])


def test_default_graphs_and_sessions_are_per_thread(graph):
    seen = []
    with tg.Session() as session:
        in_threads([lambda: seen.append((tg.get_default_graph() is graph, get_default_session()))])
        assert get_default_session() is session
    assert seen == [(False, None)]


# Errors leave things as they were


def test_error_in_a_run_leaves_state_and_session_usable(graph):
    x = tg.placeholder(tg.float32, None)
    w = tg.Variable([1.0, 2.0])
    total = w + x  # fails for a fed vector of three
    step = w.assign(total)
    session = tg.Session()
    for _ in range(3):  # interpreted and compiled
        with pytest.raises(tg.errors.InvalidArgumentError):
            session.run(step, {x: [1.0, 2.0, 3.0]})
        assert session.run(w).tolist() == [1.0, 2.0]
    assert session.run(step, {x: [1.0, 1.0]}).tolist() == [2.0, 3.0]
    with pytest.raises(ValueError):
        session.run(step, {total: 1.0, x: 0.0, w.value(): [1.0]})
    assert session.run(w).tolist() == [2.0, 3.0]


def test_error_after_an_assignment_in_the_same_run(graph):
    """What ran before the failure in one run happened, as in TensorFlow; the session goes on from there."""
    x = tg.placeholder(tg.float32, None)
    w = tg.Variable([0.0, 0.0])
    step = w.assign_add([1.0, 1.0])
    with graph.control_dependencies([step]):
        bad = w.read_value() + x
    session = tg.Session()
    session.run(w.initializer)
    for _ in range(3):
        with pytest.raises(tg.errors.InvalidArgumentError):
            session.run(bad, {x: [1.0, 2.0, 3.0]})
    assert session.run(bad, {x: [0.0, 0.0]}).tolist() == [4.0, 4.0]


def test_failed_build_leaves_the_graph_usable(graph):
    a, b = tg.zeros([2]), tg.zeros([3])
    before = len(graph.operations)
    with pytest.raises(ValueError):
        tg.add(a, b)
    assert len(graph.operations) == before
    assert run(a + 1.0).tolist() == [1.0, 1.0]


def test_interrupted_blocks_restore_their_stacks(graph):
    with pytest.raises(ZeroDivisionError), graph.name_scope("a"), graph.control_dependencies([tg.constant(1.0).op]):
        raise ZeroDivisionError
    y = tg.constant(2.0) * 2.0
    assert y.op.name == "mul"
    assert list(y.op.control_inputs) == []
    with pytest.raises(ZeroDivisionError), tg.Session():
        raise ZeroDivisionError
    assert get_default_session() is None
    assert tg.get_default_graph() is graph


def test_folded_scalars_in_the_compiled_plan(graph):
    """numpy.float64 is a Python float as well, and prints as np.float64(...)."""
    x = tg.placeholder(tg.float64, [])
    half = tg.exp(tg.constant(np.float64(0.0))) / 2.0  # computed when the plan is built
    session = tg.Session()
    assert [session.run(x * half, {x: 3.0}) for _ in range(3)] == [1.5] * 3
