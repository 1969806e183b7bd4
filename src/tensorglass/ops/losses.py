"""Losses on logits: the cross-entropies, each fused with its softmax or sigmoid.

Composed of the separate functions they would lose everything: log softmax(x) is −∞ where softmax rounds to 0.  So the
loss and its derivative come from one kernel that works with the logits themselves.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import shapes
from ..convert import convert_to_tensor
from ..errors import InvalidArgumentError
from ..faults import found
from ..graph import Tensor
from ..names import scope
from ..op import op
from ..shapes import Shape
from .array import expand_dims
from .cast import cast
from .constant import ones_like, zeros_like
from .elementwise import add, exp, log, log1p, real_abs
from .logic import greater_equal, less_equal, logical_and, where
from .nn import check_axis, log_softmax, relu, sigmoid, softmax
from .reduce import reduce_sum, sum_to_like


def _dense_shapes(op: Any) -> list[Shape]:
    logits, labels = (t._shape for t in op.inputs)
    axis = op.attrs["axis"]
    if logits is None or labels is None:
        known = logits if labels is None else labels
        rank = None if known is None else len(known)
        return [None, None] if rank is None else [(None,) * (rank - 1), (None,) * rank]
    if not logits or not labels:
        raise ValueError("Shape must be at least rank 1 but is rank 0")
    whole = shapes.broadcast_shapes(logits, labels)
    assert whole is not None
    check_axis(axis, len(whole))
    axis %= len(whole)
    return [whole[:axis] + whole[axis + 1 :], whole]


@op(
    "SoftmaxCrossEntropyWithLogits",
    "T, T -> T, T where T: float",
    shape=_dense_shapes,
    name="softmax_cross_entropy_with_logits",
    outputs=("loss", "backprop"),
    partial=True,
)
def softmax_cross_entropy_op(xp, features, labels, *, axis=-1):
    """L = −Σⱼ lⱼ ln softmax(x)ⱼ,  and ∂L/∂x = softmax(x) − l (as Σ l = 1) along with it"""
    if features.shape != labels.shape and features.shape[axis] != labels.shape[axis]:
        raise InvalidArgumentError(
            None, None,
            f"logits and labels must be broadcastable: logits_size={list(features.shape)} "
            f"labels_size={list(labels.shape)}",
        )  # fmt: skip
    z = features - xp.max(features, axis=axis, keepdims=True, initial=-np.inf)
    e = xp.exp(z)
    total = xp.sum(e, axis=axis, keepdims=True)
    return xp.sum(labels * (xp.log(total) - z), axis=axis), e / total - labels


@softmax_cross_entropy_op.gradient
def _(op, dloss, dback):
    logits, labels = op.inputs
    dlogits = dlabels = None
    if dloss is not None:
        weight = expand_dims(dloss, op.axis)
        dlogits = weight * op.outputs[1]
        dlabels = -weight * log_softmax(logits, op.axis)
    if dback is not None:  # second order: the derivative of softmax(x) − l
        p = softmax(logits, op.axis)
        through = (dback - reduce_sum(dback * p, op.axis, keepdims=True)) * p
        dlogits = through if dlogits is None else dlogits + through
        dlabels = -dback if dlabels is None else dlabels - dback
    if logits._shape != labels._shape or logits._shape is None or None in logits._shape:
        return sum_to_like(dlogits, logits), sum_to_like(dlabels, labels)
    return dlogits, dlabels


def softmax_cross_entropy_with_logits(labels: Any, logits: Any, axis: int = -1, name: str | None = None) -> Any:
    """L = −Σⱼ lⱼ ln softmax(x)ⱼ along `axis`: how badly the logits x predict the distribution l.

    ``labels`` are probabilities that sum to 1 along `axis`, of the logits' shape and type; gradients flow to both.

    >>> softmax_cross_entropy_with_logits([[0.0, 1.0]], [[0.0, 0.0]]).numpy()
    array([0.6931472], dtype=float32)
    """
    logits = convert_to_tensor(logits, name="logits")
    labels = _as_type_of(logits, labels)
    if axis is None or axis == -1:
        return softmax_cross_entropy_op(logits, labels, name=name)[0]
    return softmax_cross_entropy_op(logits, labels, axis=int(axis), name=name)[0]


def _as_type_of(x: Tensor, labels: Any) -> Any:
    """`labels` in the type of `x`, which numbers of other types are converted to."""

    labels = convert_to_tensor(labels, name="labels")
    return labels if "untyped" in (x.dtype.name, labels.dtype.name) else cast(labels, x.dtype.base_dtype)


def _sparse_shapes(op: Any) -> list[Shape]:
    logits, labels = (t._shape for t in op.inputs)
    if logits is None:
        return [labels, None if labels is None else (*labels, None)]
    if not logits:
        raise ValueError("`logits` cannot be a scalar.")
    if labels is None:
        return [logits[:-1], logits]
    if len(labels) != len(logits) - 1:
        raise ValueError(
            "`labels.shape.rank` must equal `logits.shape.rank - 1`. "
            f"Received: labels.shape={shapes.text(labels)} of rank {len(labels)} and "
            f"logits.shape={shapes.text(logits)} of rank {len(logits)}"
        )
    if not shapes.compatible(labels, logits[:-1]):
        raise ValueError(
            "`labels.shape` must equal `logits.shape` except for the last dimension. "
            f"Received: labels.shape={shapes.text(labels)} and logits.shape={shapes.text(logits)}"
        )
    batch = shapes.merge(labels, logits[:-1])
    return [batch, (*batch, logits[-1])]  # type: ignore[misc]  # both are known


_UNSIGNED = {4: np.uint32, 8: np.uint64}


def check_labels(labels: Any, features: Any) -> None:
    """InvalidArgumentError unless there is one label below the number of classes for each row of `features`."""
    if labels.shape != features.shape[:-1]:
        raise InvalidArgumentError(
            None, None,
            "logits and labels must have the same first dimension, got logits shape "
            f"{list(features.shape)} and labels shape {list(labels.shape)}",
        )  # fmt: skip
    classes = features.shape[-1]
    if not classes:
        raise InvalidArgumentError(
            None, None, f"Must have at least one class, but got logits shape {shapes.text(features.shape)}"
        )
    unsigned = labels.view(_UNSIGNED[labels.dtype.itemsize])  # without its sign a negative label is a huge one
    if labels.size and found(unsigned.max() >= classes):
        wrong = unsigned >= classes
        raise InvalidArgumentError(
            None, None,
            f"Received a label value of {labels[wrong].flat[0]} which is outside the valid range of [0, {classes}).  "
            f"Label values: {' '.join(str(v) for v in np.ravel(labels))}",
        )  # fmt: skip


@op(
    "SparseSoftmaxCrossEntropyWithLogits",
    "T, Tlabels -> T, T where T: float, Tlabels: index",
    shape=_sparse_shapes,
    outputs=("loss", "backprop"),
    partial=True,
)
def sparse_softmax_cross_entropy_op(xp, features, labels):
    """L = −ln softmax(x)ₗ for the class l,  and ∂L/∂x = softmax(x) − eₗ along with it"""
    check_labels(labels, features)
    z = features - xp.max(features, axis=-1, keepdims=True)
    e = xp.exp(z)
    total = xp.sum(e, axis=-1, keepdims=True)
    chosen = xp.take_along_axis(z, labels[..., None], axis=-1)
    hit = labels[..., None] == xp.arange(features.shape[-1])
    return xp.squeeze(xp.log(total) - chosen, -1), e / total - hit.astype(z.dtype)


@sparse_softmax_cross_entropy_op.gradient
def _(op, dloss, dback):
    found = None if dloss is None else expand_dims(dloss, -1) * op.outputs[1]
    if dback is None:
        return found, None
    p = softmax(op.inputs[0])
    through = (dback - reduce_sum(dback * p, -1, keepdims=True)) * p
    return through if found is None else found + through, None


def sparse_softmax_cross_entropy_with_logits(labels: Any, logits: Any, name: str | None = None) -> Any:
    """L = −ln softmax(x)ₗ: `softmax_cross_entropy_with_logits` for labels that are class numbers l.

    ``labels`` has the shape of ``logits`` without its last dimension; InvalidArgumentError at run time for a label
    that is no class.

    >>> sparse_softmax_cross_entropy_with_logits([1], [[0.0, 0.0]]).numpy()
    array([0.6931472], dtype=float32)
    """
    with scope(name, "SparseSoftmaxCrossEntropyWithLogits", [labels, logits]):
        logits = convert_to_tensor(logits, name="logits")
        labels = convert_to_tensor(labels, name="labels")
        return sparse_softmax_cross_entropy_op(logits, labels)[0]


def _logistic_shape(op: Any) -> Shape:
    logits, labels = (t._shape for t in op.inputs)
    if not shapes.compatible(logits, labels):
        raise ValueError(
            "`logits` and `labels` must have the same shape, received "
            f"({shapes.TensorShape(logits)} vs {shapes.TensorShape(labels)})."
        )
    return shapes.merge(logits, labels)


@op("SigmoidCrossEntropyWithLogits", "T, T -> T where T: float", shape=_logistic_shape, name="logistic_loss")
def sigmoid_cross_entropy_op(xp, logits, labels):
    """L = −l ln σ(x) − (1 − l) ln(1 − σ(x))   (as max(x, 0) − x l + ln(1 + e^−|x|))"""
    if logits.shape != labels.shape:
        raise InvalidArgumentError(
            None, None, f"Incompatible shapes: {shapes.text(logits.shape)} vs. {shapes.text(labels.shape)}"
        )
    return xp.maximum(logits, 0) - logits * labels + xp.log1p(xp.exp(-xp.abs(logits)))


@sigmoid_cross_entropy_op.gradient  # ∂L/∂x = σ(x) − l,  ∂L/∂l = −x
def _(op, dy):
    logits, labels = op.inputs
    return dy * (sigmoid(logits) - labels), -dy * logits


def sigmoid_cross_entropy_with_logits(labels: Any = None, logits: Any = None, name: str | None = None) -> Any:
    """L = −l ln σ(x) − (1 − l) ln(1 − σ(x)), element by element: independent yes-or-no questions.

    >>> sigmoid_cross_entropy_with_logits([1.0], [0.0]).numpy()
    array([0.6931472], dtype=float32)
    """
    if labels is None or logits is None:
        raise ValueError(f"Both `labels` and `logits` must be provided. Received: labels={labels} and logits={logits}")
    logits = convert_to_tensor(logits, name="logits")
    labels = convert_to_tensor(labels, None if isinstance(labels, Tensor) else logits.dtype.base_dtype, name="labels")
    return sigmoid_cross_entropy_op(logits, labels, name=name)


def weighted_cross_entropy_with_logits(labels: Any, logits: Any, pos_weight: Any, name: str | None = None) -> Any:
    """L = −q l ln σ(x) − (1 − l) ln(1 − σ(x)): yes counts `pos_weight` = q times as much as no"""

    with scope(name, "logistic_loss", [labels, logits]) as full:
        x = convert_to_tensor(logits, name="logits")
        z = convert_to_tensor(labels, x.dtype.base_dtype, name="labels")
        _same_shape(x, z)
        weight = 1 + (pos_weight - 1) * z
        return add((1 - z) * x, weight * (log1p(exp(-real_abs(x))) + relu(-x)), name=full or None)


def _same_shape(logits: Tensor, labels: Tensor) -> None:
    if not shapes.compatible(logits._shape, labels._shape):
        raise ValueError(
            f"`logits` and `labels` must have the same shape, received ({logits.shape} vs {labels.shape})."
        )


def log_poisson_loss(targets: Any, log_input: Any, compute_full_loss: bool = False, name: str | None = None) -> Any:
    """L = eᶜ − z c: minus the log-likelihood of counts z under a Poisson distribution of mean eᶜ.

    ``compute_full_loss`` adds Stirling's z ln z − z + ½ ln(2πz), where z > 1, in place of the constant ln z!.
    """

    with scope(name, "log_poisson_loss", [targets, log_input]):
        c = convert_to_tensor(log_input, name="log_input")
        z = convert_to_tensor(targets, c.dtype.base_dtype, name="targets")
        if not shapes.compatible(c._shape, z._shape):
            raise ValueError(f"`log_input` and `targets` must have the same shape, received ({c.shape} vs {z.shape}).")
        loss = exp(c) - c * z
        if not compute_full_loss:
            return loss
        stirling = z * log(z) - z + 0.5 * log(2 * np.pi * z)
        small = logical_and(greater_equal(z, zeros_like(z)), less_equal(z, ones_like(z)))
        return loss + where(small, zeros_like(z), stirling)


@op("L2Loss", "T -> T where T: float", shape=shapes.scalar)
def l2_loss(xp, t):
    """y = ½ Σ t²"""
    return xp.sum(t * t) / 2


@l2_loss.gradient
def _(op, dy):
    return dy * op.inputs[0]
