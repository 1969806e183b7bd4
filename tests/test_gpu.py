"""The XLA backend on a GPU: the numbers of NumPy on a CPU.  Skipped where JAX finds no GPU.

TENSORGLASS_TEST_DEVICE names another device to try these tests on, such as CPU:0.
"""

import os

import numpy as np
import pytest

pytest.importorskip("jax")

import samples
from test_every_op import build, derivatives, differentiable, prepared, tensors

import tensorglass as tg
from tensorglass import devices

DEVICE = os.environ.get("TENSORGLASS_TEST_DEVICE", "GPU:0")
if DEVICE not in devices.physical():
    pytest.skip(f"JAX finds no {DEVICE} here; it has {devices.physical()}", allow_module_level=True)


@pytest.fixture(autouse=True)
def _on_the_device(monkeypatch):
    monkeypatch.setattr(devices.Placement, "default", lambda self, there: DEVICE)
    monkeypatch.setattr(devices.settings, "tensor_float_32", False)


def case_of(op_type):
    return next(iter(samples.SAMPLES[op_type][0](np.random.default_rng(0))))


def close(found, expected, rtol=1e-4):
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    if expected.dtype.kind not in "fc":
        np.testing.assert_array_equal(found, expected)
        return
    rtol = 2e-2 if expected.dtype.itemsize == 2 else rtol
    scale = max(np.abs(expected[np.isfinite(expected)]).max(initial=0.0), 0.1)
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol * scale)


@pytest.mark.parametrize("op_type", sorted(samples.SAMPLES))
def test_values_and_gradients(op_type):
    case = case_of(op_type)
    graph, results, feeds = build(case, prepared(case, wide=False), "known")
    fetches = tensors(results)
    if case.first and differentiable(feeds) and differentiable(results):
        fetches = [*fetches, *(g for g in derivatives(case, graph, results, feeds)[2] if g is not None)]
    if not fetches:
        return
    expected = tg.Session(graph=graph, backend="numpy").run(fetches, feeds)
    found = tg.Session(graph=graph, backend="xla").run(fetches, feeds)
    for a, b in zip(found, expected, strict=True):
        if case.exact:
            close(a, b)


def network():
    """A convolutional classifier with dropout and Adam: (feeds, fetches)."""
    tg.compat.v1.set_random_seed(1)
    rng = np.random.default_rng(0)
    x, y = tg.placeholder(tg.float32, [None, 12, 12, 3]), tg.placeholder(tg.int64, [None])
    kernel = tg.compat.v1.get_variable("kernel", [3, 3, 3, 8])
    hidden = tg.nn.max_pool2d(tg.nn.relu(tg.nn.conv2d(x, kernel, 1, "SAME")), 2, 2, "VALID")
    flat = tg.nn.dropout(tg.reshape(hidden, [-1, 6 * 6 * 8]), rate=0.5)
    w = tg.compat.v1.get_variable("w", [6 * 6 * 8, 4])
    loss = tg.reduce_mean(tg.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=tg.linalg.matmul(flat, w)))
    train = tg.train.AdamOptimizer(0.01).minimize(loss)
    return {x: rng.normal(size=(16, 12, 12, 3)).astype("float32"), y: rng.integers(0, 4, 16)}, [loss, train, w]


def trained(backend, run):
    with tg.Graph().as_default():
        feeds, fetches = network()
        session = tg.Session(backend=backend)
        return run(session, feeds, fetches), session.run(tg.get_default_graph().variables)


@pytest.mark.parametrize(
    "run",
    [
        lambda session, feeds, fetches: [session.run(fetches, feeds)[0] for _ in range(15)],
        lambda session, feeds, fetches: session.run_steps(fetches, 15, feeds)[0],
        lambda session, feeds, fetches: session.run_steps(
            fetches, data=feeds, batches=np.arange(90).reshape(15, 6) % 16
        )[0],
    ],
    ids=["run", "run_steps", "batches"],
)
def test_training(run):
    (found, state), (expected, values) = trained("xla", run), trained("numpy", run)
    np.testing.assert_allclose(found, expected, rtol=1e-3)
    for a, b in zip(state, values, strict=True):
        close(a, b, rtol=5e-3)


def test_the_state_lives_on_the_device_and_its_memory_is_used_again():
    with tg.Graph().as_default():
        w = tg.Variable(tg.ones([1000]))
        step = w.assign_add(tg.ones([1000])).op
        session = tg.Session(backend="xla")
        session.run(step)
        old = session._state[w.op.name]
        assert devices.full_name(DEVICE).endswith(old.device.platform.upper() + f":{old.device.id}")
        session.run(step)
        assert old.is_deleted() or not DEVICE.startswith("GPU")
        assert session.run(w)[0] == 3.0


def test_a_part_on_the_cpu():
    with tg.Graph().as_default():
        with tg.device("/cpu:0"):
            table = tg.Variable(np.arange(12.0).reshape(4, 3))
            rows = tg.gather(table, [2, 0])
        with tg.device(f"/device:{DEVICE}"):
            y = tg.reduce_sum(rows * rows)
        session = tg.Session(backend="xla")
        assert session.run(y) == 6 * 6 + 7 * 7 + 8 * 8 + 0 + 1 + 4
        pieces = session._look_up(y, None).program.pieces
        assert [p.device.name for p in pieces] == (["CPU:0", DEVICE] if DEVICE != "CPU:0" else ["CPU:0"])


def test_auto_moves_there(monkeypatch):
    from tensorglass.backends import work

    monkeypatch.setattr(work, "COMPILING", (1e-3, 1e-5))

    def run(session, feeds, fetches):
        losses = [session.run(fetches, feeds)[0] for _ in range(15)]
        assert session._look_up(fetches, feeds).program.xla is not None
        assert f"/device:{DEVICE}" in session.placement(fetches, feeds)
        return losses

    found, _ = trained("auto", run)
    expected, _ = trained("numpy", lambda s, feeds, fetches: [s.run(fetches, feeds)[0] for _ in range(15)])
    np.testing.assert_allclose(found, expected, rtol=1e-3)
