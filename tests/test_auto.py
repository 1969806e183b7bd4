"""The backend `auto`: NumPy, and XLA once compiling has paid; always at the same run, with the same state."""

import logging
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("jax")

import tensorglass as tg
from tensorglass.backends import numpy as host, promotion, work


def program(session, fetches, feeds=None):
    return session._look_up(fetches, feeds).program


@pytest.fixture
def cheap(monkeypatch):
    """Compiling costs next to nothing: plans are promoted after a few runs."""
    monkeypatch.setattr(work, "COMPILING", (1e-3, 1e-5))


def classifier():
    """A network with dropout and Adam: (feeds, fetches)."""
    tg.compat.v1.set_random_seed(1)
    rng = np.random.default_rng(0)
    x, y = tg.placeholder(tg.float32, [None, 200]), tg.placeholder(tg.int64, [None])
    w, v = (tg.compat.v1.get_variable(n, s) for n, s in (("w", [200, 300]), ("v", [300, 4])))
    hidden = tg.nn.dropout(tg.nn.relu(tg.linalg.matmul(x, w)), rate=0.5)
    logits = tg.linalg.matmul(hidden, v)
    loss = tg.reduce_mean(tg.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
    train = tg.train.AdamOptimizer(0.01).minimize(loss)
    return {x: rng.normal(size=(64, 200)).astype("float32"), y: rng.integers(0, 4, 64)}, [loss, train, v]


def trained(backend, steps=12):
    with tg.Graph().as_default():
        feeds, fetches = classifier()
        session = tg.Session(backend=backend)
        losses, switched = [], None
        for i in range(steps):
            losses.append(session.run(fetches, feeds)[0])
            if switched is None and getattr(program(session, fetches, feeds), "xla", None) is not None:
                switched = i
        state = session.run(tg.get_default_graph().variables)
    return losses, switched, state


def test_it_switches_at_the_same_run_and_keeps_the_numbers(cheap):
    losses, switched, state = trained("auto")
    again, switched_again, _ = trained("auto")
    assert 1 <= switched < 10
    assert switched == switched_again
    assert losses == again
    expected, _, values = trained("numpy")
    assert losses[:switched] == expected[:switched]
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    for a, b in zip(state, values, strict=True):
        assert isinstance(a, (np.ndarray, np.generic))
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_short_programs_stay_on_numpy_and_import_no_jax():
    code = (
        "import sys, numpy as np, tensorglass as tg\n"
        "with tg.Graph().as_default():\n"
        "    x = tg.placeholder(tg.float32, [None, 50])\n"
        "    w = tg.Variable(tg.ones([50, 50]))\n"
        "    y = tg.reduce_sum(tg.tanh(tg.linalg.matmul(x, w)))\n"
        "    s = tg.Session()\n"
        "    for _ in range(50): s.run(y, {x: np.ones((20, 50))})\n"
        "print('jax' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_state_goes_both_ways(cheap):
    with tg.Graph().as_default():
        w = tg.Variable(tg.ones([300, 300]))
        double = w.assign(tg.linalg.matmul(w, tg.eye(300)) * 2.0).op
        few = tg.reduce_sum(w[0, :2])
        reset = w.assign(tg.ones([300, 300])).op
        session = tg.Session()
        for i in range(1, 9):
            session.run(double)
            assert session.run(few) == 2.0 * 2**i
        assert program(session, double).xla is not None
        assert program(session, few).xla is None
        assert type(session._state[w.op.name]).__module__.startswith("jax")
        session.run(reset)
        assert isinstance(session._state[w.op.name], np.ndarray)
        session.run(double)
        assert session.run(few) == 4.0
        value = session.run(w)
        value += 1  # the caller's own
        assert session.run(few) == 4.0


def test_feeds_of_another_shape_have_an_account_of_their_own(cheap):
    with tg.Graph().as_default():
        x = tg.placeholder(tg.float32, [None, 300])
        y = tg.reduce_sum(tg.linalg.matmul(x, tg.ones([300, 300])))
        session = tg.Session()
        big, small = np.ones((200, 300), np.float32), np.ones((3, 300), np.float32)
        for _ in range(20):
            session.run(y, {x: big})
        assert session.run(y, {x: small}) == 3 * 300 * 300
        accounts = program(session, y, {x: big}).accounts
        assert accounts[(200, 300),].paid
        assert not accounts[(3, 300),].paid


def test_what_never_goes_to_xla(cheap):
    with tg.Graph().as_default():
        session = tg.Session()
        untyped = tg.placeholder()
        y = tg.reduce_sum(untyped * 2.0)
        assert session.run(y, {untyped: np.ones(100_000)}) == 200_000
        assert "untyped" in program(session, y, {untyped: 0}).never
        python = tg.compat.v1.py_func(lambda a: a, [tg.constant(np.ones(10))], tg.float64)
        session.run(python)
        assert "host" in program(session, python).never


def test_turns_of_a_loop_are_counted():
    with tg.Graph().as_default():
        x = tg.placeholder(tg.float32, [100, 100])
        y = tg.while_loop(lambda i, a: i < 30, lambda i, a: (i + 1, tg.linalg.matmul(a, x)), (0, x))[1]
        session = tg.Session()
        for _ in range(2):
            session.run(y, {x: np.eye(100)})
        account = program(session, y, {x: 0}).accounts[(100, 100),]
    assert account.numpy > 30 * 2 * 100**3 * work._PRODUCT[0]
    assert account.saving > 0.25 * account.numpy


def test_without_jax_there_is_only_numpy(monkeypatch):
    monkeypatch.setattr(promotion, "xla_installed", lambda: False)
    with tg.Graph().as_default():
        x = tg.constant(1.0) + tg.placeholder_with_default(2.0, [])
        session = tg.Session(backend="auto")
        assert session.run(x) == 3.0
        assert type(program(session, x)) is host.Program


def test_a_plan_that_xla_refuses_goes_on(cheap, monkeypatch, caplog):
    from tensorglass.backends import xla

    def fail(self, state, values):
        raise NotImplementedError("no such instruction")

    monkeypatch.setattr(xla.Program, "__call__", fail)
    with tg.Graph().as_default(), caplog.at_level(logging.WARNING, "tensorglass"):
        y = tg.reduce_sum(tg.linalg.matmul(tg.placeholder_with_default(np.ones((300, 300)), None), np.ones((300, 300))))
        session = tg.Session()
        assert [session.run(y) for _ in range(20)] == [300.0**3] * 20
        assert "NotImplementedError" in program(session, y).never
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    ("make", "flops"),
    [
        (lambda: tg.linalg.matmul(p([5, 7]), p([7, 3])), 2 * 5 * 7 * 3),
        (lambda: tg.linalg.matmul(p([4, 5, 7]), p([4, 7, 3])), 2 * 4 * 5 * 7 * 3),
        (lambda: tg.linalg.einsum("bij,bjk->bik", p([4, 5, 7]), p([4, 7, 3])), 2 * 4 * 5 * 7 * 3),
        (lambda: tg.linalg.einsum("...ij,jk->...ik", p([2, 4, 5, 7]), p([7, 3])), 2 * 8 * 5 * 7 * 3),
        (lambda: tg.nn.conv2d(p([2, 8, 8, 3]), p([3, 3, 3, 5]), 1, "SAME"), 2 * 2 * 64 * 5 * 27),
        (lambda: tg.nn.depthwise_conv2d(p([2, 8, 8, 3]), p([3, 3, 3, 2]), [1, 1, 1, 1], "SAME"), 2 * 2 * 64 * 6 * 9),
    ],
)
def test_products_and_their_gradients_are_counted(make, flops):
    with tg.Graph().as_default():
        y = make()
        inputs = y.graph.placeholders
        gradients = tg.gradients(y, inputs)
        counted = []

        def watch(step, operands, result):
            counted.append(work._products(step, operands, result if isinstance(result, tuple) else (result,)))

        session = tg.Session(backend="numpy")
        feeds = {t: np.ones(t.shape.as_list(), np.float32) for t in inputs}
        prepared = session._look_up([y, *gradients], feeds)
        prepared.program.watched(watch, {}, list(feeds.values()))
    assert [c for c in counted if c] == pytest.approx([flops] * 3)


def p(shape):
    return tg.placeholder(tg.float32, shape)


def test_without_jax_xla_is_an_error_that_names_the_extra():
    code = (
        "import sys; sys.modules['jax'] = None\n"
        "import tensorglass as tg\n"
        "with tg.Graph().as_default():\n"
        "    x = tg.constant(1.0)\n"
        "    try: tg.Session(backend='xla')\n"
        "    except ImportError as error: print(error)\n"
        "    print(tg.config.list_physical_devices())\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "pip install 'tensorglass[xla]'" in found
    assert "PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')" in found
