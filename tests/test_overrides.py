"""The entries of backends/numpy_basic.py give the very bits of the kernels they replace."""

import inspect

import numpy as np
import pytest

import tensorglass as tg
from tensorglass.backends import numpy as backend, numpy_basic
from tensorglass.dtypes import as_dtype
from tensorglass.op import REGISTRY
from tensorglass.ops import nan, trig  # noqa: F401  (their stanzas)

DTYPES = ["float16", "float32", "float64", "complex64", "complex128", "int8", "uint8", "int32", "int64", "bool"]
SHAPES = [((), ()), ((3,), ()), ((0,), (1,)), ((2, 3), (3,)), ((4, 1), (1, 5)), ((2, 3, 4), (2, 3, 4))]
AXES = [(), (0,), (-1,), (0, 1), (-1, 0), 0, 1, np.array([1]), np.array(0), np.int32(1)]
MINE = [t for t, f in backend.OVERRIDES.items() if inspect.getmodule(f) is numpy_basic]


def values(rng, shape, dtype):
    """Integers and halves of both signs, with NaN, infinities and both zeros among the floating ones."""
    x = np.asarray(rng.integers(-6, 7, shape) / 2)
    if dtype[0] in "fc" and x.ndim:
        special = rng.choice([np.nan, np.inf, -np.inf, -0.0], shape)
        x = np.where(rng.uniform(size=shape) < 0.2, special, x)
    with np.errstate(all="ignore"):
        return (np.abs(x) if dtype[0] == "u" else x).astype(dtype)


def same(found, expected):
    for f, e in zip(*(v if isinstance(v, tuple) else (v,) for v in (found, expected)), strict=True):
        assert f.dtype == e.dtype
        assert f.shape == e.shape
        np.testing.assert_array_equal(f, e)
        if f.dtype.kind == "f":
            np.testing.assert_array_equal(np.signbit(f)[~np.isnan(f)], np.signbit(e)[~np.isnan(e)])


def outcome(function, *args, **kwargs):
    """The result, or the message of the error."""
    with np.errstate(all="ignore"):
        try:
            return function(*args, **kwargs)
        except ValueError as error:
            return str(error)


def agree(op_type, *args, **kwargs):
    found = outcome(backend.OVERRIDES[op_type], *args, **kwargs)
    expected = outcome(REGISTRY[op_type].kernel, np, *args, **kwargs)
    if isinstance(expected, str):
        assert found == expected
    else:
        same(found, expected)


@pytest.mark.parametrize("op_type", sorted(backend.DIRECT))
def test_direct(op_type):
    stanza = REGISTRY[op_type]
    rng = np.random.default_rng(1)
    tried = 0
    for dtype in DTYPES:
        fixed = [o.fixed.name if o.fixed else dtype for o in stanza.operands]
        if "T" in stanza.allowed and as_dtype(dtype) not in stanza.allowed["T"]:
            continue
        for pair in SHAPES:
            shapes = [pair[i % 2] for i in range(stanza.n)]
            args = [values(rng, s, d) for s, d in zip(shapes, fixed, strict=True)]
            for one in (args, [a[()] for a in args]):  # arrays, and NumPy scalars for rank 0
                with np.errstate(all="ignore"):
                    same(backend.DIRECT[op_type](*one), stanza.kernel(np, *one))
                tried += 1
    assert tried


def test_strings_are_joined_by_the_kernel():
    assert tg.add("a", "b").numpy() == b"ab"
    assert tg.add(["a", "b"], "c").numpy().tolist() == [b"ac", b"bc"]
    with tg.Graph().as_default():
        assert tg.Session().run(tg.constant("a") + "b") == b"ab"


@pytest.mark.parametrize("op_type", ["Sum", "Mean", "Max", "Min"])
@pytest.mark.parametrize("dtype", DTYPES[:-1])
def test_reductions(op_type, dtype):
    if as_dtype(dtype) not in REGISTRY[op_type].allowed["T"]:
        pytest.skip("not of this type")
    rng = np.random.default_rng(2)
    for shape in ((), (5,), (3, 4), (0, 3), (2, 3, 4), (40, 50)):
        x = values(rng, shape, dtype)
        for axes in AXES:
            for keep in (False, True):
                agree(op_type, x, axes, keep_dims=keep)
    agree(op_type, values(rng, (), dtype)[()], (), keep_dims=False)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int32", "uint8", "bool"])
def test_argmax(dtype):
    rng = np.random.default_rng(3)
    for shape in ((), (5,), (6, 7), (0, 3), (2, 3, 4)):
        for axis in (0, 1, -1, -2, np.array(0)):
            for kind in ("int64", "int32"):
                agree("ArgMax", values(rng, shape, dtype), axis, output_type=as_dtype(kind))
    agree("ArgMax", np.full((2, 3), np.nan, "float32"), 1, output_type=as_dtype("int64"))


def test_like():
    rng = np.random.default_rng(5)
    for dtype in ("float32", "float64", "int32"):
        for small, large in (((), (2, 3)), ((3,), (2, 3)), ((2, 1), (2, 3)), ((2, 3), (2, 3)), ((1, 1), (70, 80))):
            x, y = values(rng, small, dtype), values(rng, large, dtype)
            agree("BroadcastLike", x, y)
            agree("SumToLike", y, x)
    agree("BroadcastLike", np.float32(2.0), np.zeros((3, 2)))


def test_every_override_of_this_file_is_tested():
    assert set(MINE) == {"Sum", "Mean", "Max", "Min", "ArgMax", "BroadcastLike", "SumToLike"}


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("op_type", ["Sum", "Mean"])
def test_columns_of_a_tall_matrix(op_type, dtype):
    x = np.random.default_rng(3).normal(size=(200, 4)).astype(dtype)
    for one in (x, x[::2], np.asfortranarray(x)):
        found = backend.OVERRIDES[op_type](one, (0,))
        expected = REGISTRY[op_type].kernel(np, one, (0,))
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=0, atol=400 * np.finfo(dtype).eps)
