"""Every op and its first and second gradients: XLA gives NumPy's numbers, and nothing lands on the host unsaid."""

from collections import Counter

import numpy as np
import pytest

pytest.importorskip("jax")

from test_every_op import CASES, build, derivatives, differentiable, prepared, tensors

import tensorglass as tg
from tensorglass.backends import xla, xla_devices
from tensorglass.backends.pieces import host_op
from tensorglass.op import REGISTRY
from tensorglass.plan import _modes

TOLERANCE = {"f2": 2e-2, "f4": 2e-5, "f8": 1e-10, "c8": 2e-5, "c16": 1e-10}

VALUES, COUNTS, PYTHON = "the shape of its result depends on values", "how many numbers a value takes", "python"
ON_HOST = {
    "Assert": "its error tells values",
    "DenseBincount": VALUES,
    "ListDiff": VALUES,
    "Print": "it prints",
    "PrintV2": "it prints",
    "PyFunc": PYTHON,
    "PyFuncStateless": PYTHON,
    "RandomGamma": COUNTS,
    "RandomGammaGrad": COUNTS,
    "RandomPoissonV2": COUNTS,
    "RandomShuffle": "each swap depends on the one before",
    "Unique": VALUES,
    "UniqueWithCounts": VALUES,
    "Where": VALUES,
}


def test_the_ops_that_stay_on_the_host():
    """Who adds one adds it here, with its reason: all else is compiled."""
    declared = {op_type: stanza.host for op_type, stanza in REGISTRY.items() if stanza.host}
    assert declared.keys() == ON_HOST.keys()
    for op_type, reason in ON_HOST.items():
        assert declared[op_type].startswith(reason)


def shape_feeds(graph, feeds):
    """The places in `feeds` of what a `host` operand (an axis, a size, a shape) is computed from."""
    found, stack = set(), []
    for op in graph.operations:
        stack += [t for t, mode in zip(op.inputs, _modes(op), strict=True) if mode == "host"]
    while stack:
        t = stack.pop()
        if t not in found:
            found.add(t)
            stack += [u for u, mode in zip(t.op.inputs, _modes(t.op), strict=True) if mode != "like"]
    return {i for i, x in enumerate(feeds) if x in found}


def close(found, expected, rtol):
    found, expected = np.asarray(found), np.asarray(expected)
    if expected.dtype.kind not in "fc":
        np.testing.assert_array_equal(found, expected)
        return
    finite = expected[np.isfinite(expected)]
    scale = max(np.abs(finite).max(initial=0.0), 0.1)
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol * scale)


# The same operations as machine code that takes a quarter of the time to make, and more to run.
QUICK = {
    "xla_backend_optimization_level": 0,
    "xla_llvm_disable_expensive_passes": True,
    "xla_cpu_use_fusion_emitters": False,
    "xla_cpu_parallel_codegen_split_count": 1,
}


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(xla_devices.Device, "options", lambda device, size: QUICK)


def compare(case, wide, orders):
    """`case` on both backends, in float64 or float32, with its gradients up to second order or first."""
    arrays = prepared(case, wide)
    graph, results, feeds = build(case, arrays, "known")
    axes = shape_feeds(graph, feeds)
    if axes:  # known when the plan is compiled, as in programs; fed ones are another test's
        graph, results, feeds = build(case, arrays, "known", axes)
    fetches = tensors(results)
    if case.first and differentiable(results) and differentiable(feeds):
        _, _, slopes, _, _, curves = derivatives(case, graph, results, feeds)
        fetches += [g for g in (*slopes, *(curves if curves and orders > 1 else ())) if g is not None]
    if not fetches:
        fetches = results
    expected = tg.Session(graph=graph).run(fetches, feeds)
    session = tg.Session(graph=graph, backend="xla")
    found = session.run(fetches, feeds)
    for t, a, b in zip(fetches, found, expected, strict=True):
        if b is None:
            assert a is None
            continue
        a, b = np.asarray(a), np.asarray(b)
        assert a.dtype == b.dtype, t
        assert a.shape == b.shape, t
        if case.exact:  # what is ill-conditioned says so by a larger tolerance
            close(a, b, TOLERANCE.get(b.dtype.str[1:], 0.0) * max(1.0, case.rtol / 1e-5))
    landed = Counter(step.op.type for step in host_steps(session, fetches, feeds) if not stays(step))
    assert not landed, f"{dict(landed)} ran with NumPy: make the kernel trace, or say host='why it cannot'"


def stays(step):
    """Whether it is said that a step runs on the host.

    A loop may also: its gradient needs the values of all its turns, and the room for them must have a bound.
    """
    return host_op(step) or (step.op.type == "While" and step.attrs.get("elements"))


def host_steps(session, fetches, feeds):
    program = session._look_up(fetches, feeds).program
    return [step for piece in program.pieces if not isinstance(piece, xla.Piece) for step in piece.plan.steps]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("wide", [True, False], ids=["float64", "float32"])
@pytest.mark.usefixtures("quick")
def test_every_case(case, wide):
    compare(case, wide, orders=2)


# XLA's optimizer is not ours to test, but the code that programs get is looked at too: a case of each sample.
SOME = {case.id.rsplit("-", 2)[0]: case for case in reversed(CASES)}


@pytest.mark.parametrize("case", SOME.values())
def test_optimized(case):
    compare(case, wide=False, orders=1)
