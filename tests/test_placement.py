"""`session.placement`, and what is told of long compilations."""

import logging
import re
import time

import numpy as np
import pytest

import tensorglass as tg


def network():
    x = tg.placeholder(tg.float32, [None, 300], name="x")
    y = tg.reduce_sum(tg.linalg.matmul(x, tg.Variable(tg.ones([300, 300]))), name="y")
    doubled = tg.compat.v1.py_func(lambda a: 2 * a, [tg.exp(y * 0.0)], tg.float32, name="twice")
    return x, y, tg.log(tg.reshape(doubled, [1]))


def test_numpy():
    with tg.Graph().as_default():
        x, y, _ = network()
        session = tg.Session(backend="numpy")
        assert session.placement(y) == "NumPy runs 2 ops on /device:CPU:0."
        assert repr(session.placement("y:0", [x])) == "NumPy runs 2 ops on /device:CPU:0."


def test_auto():
    pytest.importorskip("jax")
    with tg.Graph().as_default():
        x, y, z = network()
        session = tg.Session(backend="auto")
        assert "has not run yet" in session.placement(y)
        session.run(y, {x: np.ones((640, 300))})
        assert re.search(r"fed \(\(640, 300\),\): .* ms a run, .*XLA takes over at 1\.5", session.placement(y, [x]))
        session.run(z, {x: np.ones((1, 300))})
        assert "XLA would not be faster" in session.placement(z, [x])
        untyped = tg.placeholder()
        assert "XLA will not run it: untyped" in session.placement(untyped * 2.0)


def test_xla():
    pytest.importorskip("jax")
    with tg.Graph().as_default():
        x, _, z = network()
        session = tg.Session(backend="xla")
        assert "not compiled yet" in session.placement(z)
        session.run(z, {x: np.ones((2, 300))})
        lines = session.placement(z, [x]).splitlines()
    assert re.fullmatch(r"XLA runs \d ops in 3 pieces, compiled in \d+\.\d s\.", lines[0])
    assert [line.split()[0] for line in lines[1:]] == ["XLA", "NumPy", "twice", "XLA"]
    assert re.search(r"twice \(PyFunc at .*test_placement\.py:\d+\): runs Python code", lines[3])


def test_a_long_compilation_is_told(caplog, monkeypatch):
    pytest.importorskip("jax")
    from tensorglass.backends import progress

    with tg.Graph().as_default(), caplog.at_level(logging.WARNING, "tensorglass"):
        y = tg.exp(tg.placeholder_with_default([1.0], [1]))
        tg.Session(backend="xla").run(y)
        assert not caplog.records  # a quick one
        monkeypatch.setattr(progress, "PATIENCE", 0.0)
        with progress.Compiling(1234) as block:
            time.sleep(0.2)
    assert caplog.records[0].message[:49] == "TensorGlass: compiling a plan of 1,234 ops with X"
    assert caplog.records[1].message == f"TensorGlass: compiled in {block.seconds:.1f} s."
