"""The NumPy overrides of backends/numpy_networks.py against the kernels they replace."""

import numpy as np
import pytest

from tensorglass import errors
from tensorglass.backends.numpy import OVERRIDES
from tensorglass.op import REGISTRY

RNG = np.random.default_rng(7)


def agree(op_type, *arrays, rtol=2e-6, **attrs):
    """Override and kernel give the same values, dtypes and shapes, and leave their operands alone."""
    kept = [np.array(a) for a in arrays]
    with np.errstate(all="ignore"):
        expected = REGISTRY[op_type].kernel(np, *arrays, **attrs)
        found = OVERRIDES[op_type](*arrays, **attrs)
    many = isinstance(expected, tuple)
    for e, f in zip(expected if many else [expected], found if many else [found], strict=True):
        assert f.dtype == e.dtype
        assert f.shape == e.shape
        np.testing.assert_allclose(f, e, rtol=1e-12 if e.dtype == np.float64 else rtol, atol=1e-14)
    for a, k in zip(arrays, kept, strict=True):
        np.testing.assert_array_equal(a, k)


def normal(*shape, dtype=np.float32):
    return np.asarray(RNG.normal(size=shape) * 3, dtype)


@pytest.mark.parametrize("ta", [False, True])
@pytest.mark.parametrize("tb", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32, np.complex64])
def test_matmul(ta, tb, dtype):
    a, b = normal(5, 3), normal(3, 4)
    a, b = a.T if ta else a, b.T if tb else b
    agree("MatMul", a.astype(dtype), b.astype(dtype), rtol=1e-5, transpose_a=ta, transpose_b=tb)


@pytest.mark.parametrize(("a", "b"), [((3,), (3, 2)), ((2, 3), (2, 3)), ((1, 2, 3), (3, 2))])
def test_matmul_refuses(a, b):
    for function in (OVERRIDES["MatMul"], lambda *x: REGISTRY["MatMul"].kernel(np, *x)):
        with pytest.raises(errors.InvalidArgumentError, match="In"):
            function(np.ones(a), np.ones(b))


@pytest.mark.parametrize(
    ("a", "b"),
    [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4))],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64])
def test_products_with_vectors(a, b, dtype):
    x, y = normal(*a).astype(dtype), normal(*b).astype(dtype)
    z = np.matmul(x, y)
    agree("AnyMatMul", x, y, rtol=1e-5)
    agree("AnyMatMulLeft", z, x, y, rtol=1e-5)
    agree("AnyMatMulRight", z, x, y, rtol=1e-5)
    with pytest.raises(errors.InvalidArgumentError, match="size-incompatible"):
        OVERRIDES["AnyMatMul"](np.ones((2, 3)), np.ones((2, 3)))


@pytest.mark.parametrize("x", [normal(4, 5), normal(), normal(0), normal(3, dtype=np.float64), np.float32(1000.0)])
def test_sigmoid(x):
    agree("Sigmoid", x)
    agree("Sigmoid", np.float32([-np.inf, -1000, 0, 1000, np.inf, np.nan]))


@pytest.mark.parametrize("x", [normal(4, 5), normal(), normal(4, 5).T, np.int32([[-1, 0, 2]])])
def test_relu_grad(x):
    agree("ReluGrad", np.ones_like(x) * 2, np.maximum(x, 0))
    agree("ReluGrad", np.float32([1, np.inf, np.nan, 2]), np.float32([0, 1, 2, np.nan]))


@pytest.mark.parametrize("x", [normal(4, 5), normal(2, 4, 5), np.int8([[100, 1], [100, 2]])])
def test_bias_add_grad(x):
    agree("BiasAddGrad", x)
    agree("BiasAddGrad", x, data_format="NCHW")


CLASSES = [(6, 3), (6, 50), (1, 1), (0, 4), (3, 0)]


@pytest.mark.parametrize("shape", [*CLASSES, (4,), (2, 3, 4)])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_softmax(shape, dtype):
    x = normal(*shape, dtype=dtype)
    rtol = 2e-3 if dtype == np.float16 else 2e-6
    agree("Softmax", x, rtol=rtol)
    agree("Softmax", x + dtype(1000), rtol=rtol)
    agree("Softmax", x, rtol=rtol, axis=0)


@pytest.mark.parametrize("shape", [*CLASSES, (2, 3, 4)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cross_entropy(shape, dtype):
    x = normal(*shape, dtype=dtype)
    labels = RNG.dirichlet(np.ones(max(shape[-1], 1)), shape[:-1]).astype(dtype)[..., : shape[-1]]
    agree("SoftmaxCrossEntropyWithLogits", x, labels, rtol=1e-5)
    agree("SoftmaxCrossEntropyWithLogits", x * 300, labels, rtol=1e-5)
    if len(x) and x.size:
        agree("SoftmaxCrossEntropyWithLogits", x, labels[:1], rtol=1e-5)


@pytest.mark.parametrize("shape", [*CLASSES[:-1], (2, 3, 4)])
@pytest.mark.parametrize("labels", [np.int32, np.int64])
def test_sparse_cross_entropy(shape, labels):
    classes = RNG.integers(0, shape[-1], shape[:-1]).astype(labels)
    agree("SparseSoftmaxCrossEntropyWithLogits", normal(*shape), classes, rtol=1e-5)
    agree("SparseSoftmaxCrossEntropyWithLogits", normal(*shape, dtype=np.float64) * 300, classes)


@pytest.mark.parametrize("label", [-1, 3])
def test_a_label_that_is_no_class(label):
    function = OVERRIDES["SparseSoftmaxCrossEntropyWithLogits"]
    with pytest.raises(errors.InvalidArgumentError, match=f"label value of {label} which is outside"):
        function(normal(2, 3), np.array([0, label], np.int32))
