"""The entries of backends/xla_networks.py give what the kernels they replace give, whatever the geometry."""

import inspect

import numpy as np
import pytest

jax = pytest.importorskip("jax")

from tensorglass.backends import xla, xla_networks  # noqa: E402
from tensorglass.op import REGISTRY  # noqa: E402
from tensorglass.ops import depthwise, pool  # noqa: E402, F401  (their stanzas)

MINE = {t for t, f in xla.OVERRIDES.items() if inspect.getmodule(f) is xla_networks}
EPSILON = {"float16": 2e-3, "float32": 3e-6, "float64": 1e-13, "int32": 0}


def agree(*calls):
    """What overrides give, compiled together, against what the kernels give under NumPy.

    A call is (op type, operands, attributes); operands that are no arrays are known while compiling.
    """
    arrays = [o for _, operands, _ in calls for o in operands if isinstance(o, np.ndarray)]

    def together(*traced):
        given = iter(traced)
        return [
            xla.OVERRIDES[op_type](*[next(given) if isinstance(o, np.ndarray) else o for o in operands], **attrs)
            for op_type, operands, attrs in calls
        ]

    with jax.enable_x64(True):
        found = jax.jit(together)(*arrays)
    for (op_type, operands, attrs), value in zip(calls, map(np.asarray, found), strict=True):
        expected = REGISTRY[op_type].kernel(np, *operands, **attrs)
        assert value.dtype == expected.dtype
        assert value.shape == expected.shape
        finite = expected[np.isfinite(expected)]
        atol = EPSILON[expected.dtype.name] * max(1.0, np.abs(finite).max(initial=0))
        np.testing.assert_allclose(value, expected, rtol=0, atol=atol)


def numbers(shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(-9, 9, shape).astype(dtype) if dtype == "int32" else rng.normal(size=shape).astype(dtype)


# image (n, h, w, c), filter (kh, kw, depth, out), strides, dilations, padding
EXPLICIT = ("EXPLICIT", (0, 0, 2, 1, 0, 3, 0, 0))
CONVOLUTIONS = [
    ((2, 6, 5, 1), (5, 5, 1, 4), (1, 1), (1, 1), ("SAME", ())),
    ((2, 6, 5, 3), (3, 3, 3, 2), (1, 1), (1, 1), ("VALID", ())),
    ((2, 9, 8, 3), (7, 7, 3, 2), (2, 2), (1, 1), ("SAME", ())),
    ((2, 5, 4, 3), (2, 1, 3, 2), (2, 1), (1, 2), ("SAME", ())),
    ((2, 5, 4, 8), (1, 1, 8, 3), (1, 1), (1, 1), ("SAME", ())),
    ((2, 5, 4, 8), (1, 1, 8, 3), (2, 3), (1, 1), ("VALID", ())),
    ((2, 5, 4, 8), (1, 1, 8, 3), (1, 1), (1, 1), EXPLICIT),
    ((2, 7, 6, 4), (3, 2, 4, 5), (1, 1), (1, 1), ("SAME", ())),
    ((2, 7, 6, 4), (3, 2, 4, 5), (1, 1), (1, 1), ("VALID", ())),
    ((2, 7, 6, 4), (3, 2, 4, 5), (1, 1), (2, 3), ("SAME", ())),
    ((2, 7, 6, 4), (3, 2, 4, 5), (1, 1), (1, 2), EXPLICIT),
    ((2, 7, 6, 4), (3, 3, 4, 5), (2, 2), (1, 1), ("SAME", ())),
    ((2, 7, 6, 4), (3, 3, 4, 5), (2, 3), (1, 1), ("VALID", ())),
    ((2, 7, 6, 4), (1, 2, 4, 5), (3, 3), (1, 1), EXPLICIT),
    ((2, 7, 6, 4), (2, 3, 4, 5), (2, 1), (1, 2), ("SAME", ())),
    ((2, 7, 6, 6), (3, 2, 3, 4), (1, 1), (1, 1), ("SAME", ())),
    ((2, 7, 6, 6), (3, 2, 2, 9), (2, 1), (1, 2), EXPLICIT),
    ((1, 1, 6, 4), (1, 3, 4, 2), (1, 1), (1, 1), ("SAME", ())),
    ((0, 4, 4, 4), (2, 2, 4, 2), (1, 1), (1, 1), ("SAME", ())),
    ((2, 2, 2, 4), (3, 3, 4, 2), (1, 1), (1, 1), ("VALID", ())),
    ((2, 4, 4, 4), (2, 2, 4, 0), (1, 1), (1, 1), ("SAME", ())),
]


def layouts(x, strides, dilations, padding):
    """The attributes and the image's shape for both data formats."""
    n, *sizes, c = x
    mode, pads = padding
    yield x, {"strides": (1, *strides, 1), "dilations": (1, *dilations, 1), "padding": mode, "explicit_paddings": pads,
              "data_format": "NHWC"}  # fmt: skip
    pads = (0, 0, 0, 0, *pads[2:6]) if pads else ()
    yield (n, c, *sizes), {"strides": (1, 1, *strides), "dilations": (1, 1, *dilations), "padding": mode,
                           "explicit_paddings": pads, "data_format": "NCHW"}  # fmt: skip


def typed(cases):
    """Each case with a type, all in float32 and in float64."""
    return zip(cases, ("float32", "float64"), strict=True)


def three(x_shape, w_shape, dtype, attrs):
    x, w = numbers(x_shape, dtype), numbers(w_shape, dtype, 1)
    dy = numbers(REGISTRY["Conv2D"].kernel(np, x, w, **attrs).shape, dtype, 2)
    yield "Conv2D", (x, w), attrs
    yield "Conv2DBackpropInput", (x_shape, w, dy), attrs
    if dtype != "int32":
        yield "Conv2DBackpropFilter", (x, w_shape, dy), attrs


@pytest.mark.parametrize("gpu", [False, True])
@pytest.mark.parametrize("geometry", CONVOLUTIONS, ids=str)
def test_convolutions(geometry, gpu, monkeypatch):
    monkeypatch.setattr(xla_networks, "_on_gpu", lambda: gpu)  # what a GPU gets is right on a CPU too
    image, filter, *rest = geometry
    for (shape, attrs), dtype in typed(layouts(image, *rest)):
        agree(*three(shape, filter, dtype, attrs))


@pytest.mark.parametrize("dtype", ["float16", "int32"])
def test_convolutions_of_other_types(dtype):
    attrs = {"strides": (1, 1, 1, 1), "padding": "SAME"}
    for depth in (2, 5):
        agree(*three((2, 4, 4, depth), (3, 3, depth, 2), dtype, attrs))


@pytest.mark.parametrize("geometry", CONVOLUTIONS[3::3], ids=str)
def test_depthwise(geometry):
    image, filter, *rest = geometry
    for (shape, attrs), dtype in typed(layouts(image, *rest)):
        calls = []
        for many in (1, 2):
            w = numbers((*filter[:2], image[-1], many), dtype)
            y = REGISTRY["DepthwiseConv2dNative"].kernel(np, numbers(shape, dtype), w, **attrs)
            calls.append(("DepthwiseConv2dNativeBackpropInput", (shape, w, numbers(y.shape, dtype, 2)), attrs))
        agree(*calls)


POOLS = [
    ((2, 6, 4, 3), (2, 2), (2, 2), "VALID"),
    ((2, 7, 5, 3), (2, 2), (2, 2), "VALID"),
    ((2, 7, 5, 3), (2, 2), (2, 2), "SAME"),
    ((2, 7, 8, 3), (3, 3), (3, 3), "SAME"),
    ((2, 7, 8, 3), (3, 2), (2, 1), "SAME"),
    ((2, 7, 8, 3), (1, 2), (3, 3), "VALID"),
    ((2, 7, 7, 2), (7, 7), (7, 7), "VALID"),
    ((0, 4, 4, 2), (2, 2), (2, 2), "VALID"),
]


def pools(geometry):
    image, ksize, strides, padding = geometry
    for shape, attrs in layouts(image, strides, ksize, (padding, ())):
        del attrs["explicit_paddings"]
        attrs["ksize"] = attrs.pop("dilations")
        yield shape, attrs


def max_pool_grad(x, attrs):
    y = REGISTRY["MaxPool"].kernel(np, x, **attrs)
    return "MaxPoolGrad", (x, y, numbers(y.shape, x.dtype.name, 1)), attrs


@pytest.mark.parametrize("geometry", POOLS, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
def test_max_pooling_with_ties(geometry, dtype):
    calls = []
    for shape, attrs in pools(geometry):
        x = np.random.default_rng(0).integers(-2, 2, shape).astype(dtype)
        if dtype != "int32":
            x[:, :1] = -np.inf  # as the padding
            x[..., 1:2] = np.nan
        calls.append(max_pool_grad(x, attrs))
    agree(*calls)


def test_max_pooling_with_explicit_padding():
    attrs = {"ksize": (1, 3, 3, 1), "strides": (1, 3, 3, 1), "padding": "EXPLICIT",
             "explicit_paddings": (0, 0, 2, 1, 0, 2, 0, 0)}  # fmt: skip
    agree(max_pool_grad(numbers((2, 7, 8, 3), "float32"), attrs))


@pytest.mark.parametrize("geometry", POOLS, ids=str)
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_mean_pooling(geometry, dtype):
    calls = []
    for shape, attrs in pools(geometry):
        y = REGISTRY["AvgPool"].kernel(np, numbers(shape, dtype), **attrs)
        calls.append(("AvgPoolGrad", (shape, numbers(y.shape, dtype, 1)), attrs))
    agree(*calls)


@pytest.mark.parametrize("op_type", ["MaxPoolGrad", "AvgPoolGrad"])
def test_gradients_that_do_not_fit(op_type):
    attrs = {"ksize": (1, 2, 2, 1), "strides": (1, 2, 2, 1), "padding": "VALID"}
    x, wrong = np.zeros((1, 4, 4, 1), "float32"), np.zeros((1, 3, 2, 1), "float32")
    operands = [x, x[:, ::2, ::2], wrong] if op_type == "MaxPoolGrad" else [x.shape, wrong]
    with pytest.raises(ValueError, match=r"Expected grad shape to be \[1,2,2,1\], but got \[1,3,2,1\]"):
        xla.OVERRIDES[op_type](*operands, **attrs)


def test_every_override_of_this_file_is_tested():
    assert {
        "Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter", "DepthwiseConv2dNativeBackpropInput", "MaxPoolGrad",
        "AvgPoolGrad",
    } == MINE  # fmt: skip
