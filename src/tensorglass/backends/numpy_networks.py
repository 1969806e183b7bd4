"""The hot kernels of networks, written for NumPy: fewer temporaries, and sums along the axis NumPy is fast at.

Each gives what the kernel in ops/ gives, to the last bits.  Reductions over a short last axis (the classes of a
softmax) are what NumPy does slowest: a row at a time.  On the transposed array the same sum adds whole rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ops import array, linalg, losses, nn
from .numpy import override

_FEW = 32  # classes: up to here working on the transposed array wins


def _plain(x: Any) -> bool:
    """Whether `x` is a floating array, of a rank at which NumPy's functions give arrays and not scalars."""
    return x.__class__ is np.ndarray and x.dtype.kind == "f" and x.ndim > 0


@override("MatMul")
def matmul(a, b, transpose_a=False, transpose_b=False):
    """`ops.linalg.matmul_op`; `numpy.dot` starts sooner than `numpy.matmul` does, and checks the inner sizes itself"""
    if a.ndim == 2 == b.ndim:
        try:
            return np.dot(a.T if transpose_a else a, b.T if transpose_b else b)
        except ValueError:
            pass  # sizes that do not agree: told TensorFlow's way
    linalg.check_product(a, b, transpose_a, transpose_b)
    return np.dot(a.T if transpose_a else a, b.T if transpose_b else b)


@override("AnyMatMul")
def any_matmul(a, b):
    """`ops.linalg.any_matmul`; up to matrices `numpy.dot` is the same product"""
    if a.ndim not in (1, 2) or b.ndim not in (1, 2) or a.shape[-1] != b.shape[0]:
        return linalg.any_matmul.kernel(np, a, b)
    return np.dot(a, b)


@override("AnyMatMulRight")
def any_matmul_right(y, a, b):
    """`ops.linalg.any_matmul_right`"""
    if y.ndim == a.ndim == len(b.shape) == 2 and a.shape[0] == y.shape[0]:
        return np.dot(linalg.adjoint_array(np, a), y)
    return linalg.any_matmul_right.kernel(np, y, a, b)


@override("AnyMatMulLeft")
def any_matmul_left(y, a, b):
    """`ops.linalg.any_matmul_left`"""
    if y.ndim == b.ndim == len(a.shape) == 2 and y.shape[1] == b.shape[1]:
        return np.dot(y, linalg.adjoint_array(np, b))
    return linalg.any_matmul_left.kernel(np, y, a, b)


@override("ExpandDims")
def expand_dims(input, dim):
    """`ops.array.expand_dims_op`, without the function's own bookkeeping"""
    if int(dim) != -1:
        return array.expand_dims_op.kernel(np, input, dim)
    return input[..., None]


@override("Sigmoid")
def sigmoid(x):
    """`ops.nn.sigmoid`"""
    if not _plain(x):
        return nn.sigmoid.kernel(np, x)
    y = np.negative(x)
    np.exp(y, y)
    np.add(y, 1, y)
    return np.reciprocal(y, y)


@override("ReluGrad")
def relu_grad(gradients, features):
    """`ops.nn.relu_grad`; the comparison is written as 0.0 and 1.0 at once"""
    if not _plain(features) or gradients.__class__ is not np.ndarray or gradients.dtype != features.dtype:
        return nn.relu_grad.kernel(np, gradients, features)
    y = np.empty_like(features)
    np.greater(features, 0, out=y, casting="unsafe")
    return np.multiply(gradients, y, y)


@override("BiasAddGrad")
def bias_add_grad(out_backprop, data_format="NHWC"):
    """`ops.nn.bias_add_grad`"""
    if out_backprop.ndim == 2 and data_format == "NHWC" and _plain(out_backprop):
        return np.add.reduce(out_backprop, 0)
    return nn.bias_add_grad.kernel(np, out_backprop, data_format=data_format)


@override("Softmax")
def softmax(logits, axis=-1):
    """`ops.nn.softmax_op`"""
    if not _plain(logits) or not logits.size:
        return nn.softmax_op.kernel(np, logits, axis=axis)
    if axis == -1 and logits.ndim == 2 and logits.shape[1] <= _FEW:
        z = np.array(logits.T, order="C")
        z -= np.maximum.reduce(z, 0)
        np.exp(z, z)
        return np.array(np.divide(z, np.add.reduce(z, 0), z).T, order="C")
    e = logits - np.maximum.reduce(logits, axis, keepdims=True)
    np.exp(e, e)
    return np.divide(e, np.add.reduce(e, axis, keepdims=True), e)


@override("SoftmaxCrossEntropyWithLogits")
def softmax_cross_entropy(features, labels, axis=-1):
    """`ops.losses.softmax_cross_entropy_op`"""
    usual = _plain(features) and _plain(labels) and features.ndim == 2 and axis == -1 and features.size
    if not usual or features.shape != labels.shape or features.dtype != labels.dtype:
        return losses.softmax_cross_entropy_op.kernel(np, features, labels, axis=axis)
    if features.shape[1] <= _FEW:
        loss, back = _cross_entropy_by_rows(np.array(features.T, order="C"), np.array(labels.T, order="C"))
        return loss, np.array(back.T, order="C")
    z = features - np.maximum.reduce(features, 1, keepdims=True)
    back = np.exp(z)
    total = np.add.reduce(back, 1, keepdims=True)
    np.divide(back, total, back)
    np.subtract(back, labels, back)
    np.subtract(np.log(total, total), z, z)
    np.multiply(z, labels, z)
    return np.add.reduce(z, 1), back


def _cross_entropy_by_rows(z: Any, labels: Any) -> tuple[Any, Any]:
    """Loss and derivative where each column is one distribution; overwrites `z`."""
    z -= np.maximum.reduce(z, 0)
    back = np.exp(z)
    total = np.add.reduce(back, 0)
    back /= total
    back -= labels
    np.subtract(np.log(total, total), z, z)
    z *= labels
    return np.add.reduce(z, 0), back


@override("SparseSoftmaxCrossEntropyWithLogits")
def sparse_softmax_cross_entropy(features, labels):
    """`ops.losses.sparse_softmax_cross_entropy_op`"""
    if not (_plain(features) and features.ndim == 2) or labels.__class__ is not np.ndarray:
        return losses.sparse_softmax_cross_entropy_op.kernel(np, features, labels)
    losses.check_labels(labels, features)
    n, classes = features.shape
    few = classes <= _FEW
    z = np.array(features.T, order="C") if few else features.copy()
    at = labels * n + np.arange(n) if few else np.arange(0, n * classes, classes) + labels  # the labels' places in z
    axis = 0 if few else 1
    z -= np.maximum.reduce(z, axis, keepdims=True)
    flat = z.reshape(-1)
    chosen = flat[at]
    np.exp(z, z)
    total = np.add.reduce(z, axis, keepdims=True)
    np.divide(z, total, z)
    flat[at] -= 1
    total = total.reshape(-1)
    return np.subtract(np.log(total, total), chosen, chosen), np.array(z.T, order="C") if few else z
