"""`tensorflow.compat.v1.nn` where its forms differ from TensorFlow 2's: older argument names, other orders.

Everything is computed by the functions in ops/; here arguments are only renamed and checked.
"""

from __future__ import annotations

from typing import Any

from ..convert import convert_to_tensor
from ..names import scope
from ..ops import conv, depthwise, embedding, losses, nn, normalize, pool
from ..ops.array import stop_gradient

__all__ = [
    "avg_pool",
    "conv1d",
    "conv2d",
    "conv2d_transpose",
    "convolution",
    "crelu",
    "depthwise_conv2d",
    "dropout",
    "embedding_lookup",
    "in_top_k",
    "l2_normalize",
    "log_softmax",
    "max_pool",
    "max_pool_with_argmax",
    "moments",
    "separable_conv2d",
    "sigmoid_cross_entropy_with_logits",
    "softmax",
    "softmax_cross_entropy_with_logits",
    "softmax_cross_entropy_with_logits_v2",
    "sparse_softmax_cross_entropy_with_logits",
    "sufficient_statistics",
    "weighted_cross_entropy_with_logits",
    "weighted_moments",
]


def _renamed(new_name: str, new: Any, old_name: str, old: Any) -> Any:
    """The value given under a new or an old name, not both."""
    if old is None:
        return new
    if new is not None:
        raise ValueError(f"Cannot specify both '{old_name}' and '{new_name}'.")
    return old


def _named_only(function: str, sentinel: Any, labels: Any, logits: Any) -> None:
    """Logits first or labels first?  Nobody remembers, so both go by name."""
    if sentinel is not None:
        raise ValueError(
            f"Only call `{function}` with named arguments (labels=..., logits=..., ...). Received unnamed argument: "
            f"{sentinel}"
        )
    if labels is None or logits is None:
        raise ValueError(
            f"Both `labels` and `logits` must be provided for {function}. Received: labels={labels} and logits={logits}"
        )


def softmax(logits: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Any:
    """`tf.nn.softmax`; ``dim`` is the old name of ``axis``"""
    return nn.softmax(logits, _renamed("axis", axis, "dim", dim), name)


def log_softmax(logits: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Any:
    """`tf.nn.log_softmax`; ``dim`` is the old name of ``axis``"""
    return nn.log_softmax(logits, _renamed("axis", axis, "dim", dim), name)


def softmax_cross_entropy_with_logits_v2(
    labels: Any, logits: Any, axis: Any = None, name: str | None = None, dim: Any = None
) -> Any:
    """L = −Σⱼ lⱼ ln softmax(x)ⱼ, with gradients to the labels too"""
    axis = _renamed("axis", axis, "dim", dim)
    return losses.softmax_cross_entropy_with_logits(labels, logits, -1 if axis is None else axis, name)


def softmax_cross_entropy_with_logits(
    _sentinel: Any = None,
    labels: Any = None,
    logits: Any = None,
    dim: int = -1,
    name: str | None = None,
    axis: Any = None,
) -> Any:
    """L = −Σⱼ lⱼ ln softmax(x)ⱼ, with the labels taken as constants; arguments by name only"""
    _named_only("softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    with scope(name, "softmax_cross_entropy_with_logits_sg", [labels, logits]) as full:
        labels = stop_gradient(convert_to_tensor(labels), name="labels_stop_gradient")
        axis = dim if axis is None else axis
        return losses.softmax_cross_entropy_with_logits(labels, logits, axis, name=full or None)


def sparse_softmax_cross_entropy_with_logits(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, name: str | None = None
) -> Any:
    """L = −ln softmax(x)ₗ for the class l; arguments by name only"""
    _named_only("sparse_softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    return losses.sparse_softmax_cross_entropy_with_logits(labels, logits, name)


def sigmoid_cross_entropy_with_logits(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, name: str | None = None
) -> Any:
    """L = −l ln σ(x) − (1 − l) ln(1 − σ(x)); arguments by name only"""
    _named_only("sigmoid_cross_entropy_with_logits", _sentinel, labels, logits)
    return losses.sigmoid_cross_entropy_with_logits(labels, logits, name)


def weighted_cross_entropy_with_logits(
    labels: Any = None, logits: Any = None, pos_weight: Any = None, name: str | None = None, targets: Any = None
) -> Any:
    """L = −q l ln σ(x) − (1 − l) ln(1 − σ(x)); ``targets`` is the old name of ``labels``"""
    labels = _renamed("labels", labels, "targets", targets)
    return losses.weighted_cross_entropy_with_logits(labels, logits, pos_weight, name)


def dropout(
    x: Any,
    keep_prob: Any = None,
    noise_shape: Any = None,
    seed: Any = None,
    name: str | None = None,
    rate: Any = None,
) -> Any:
    """`tf.nn.dropout` with ``keep_prob`` = 1 − ``rate`` in second place"""
    if keep_prob is not None:
        try:
            old = 1.0 - keep_prob
        except TypeError:
            raise ValueError(
                f"`keep_prob` must be a floating point number or Tensor. Received: keep_prob={keep_prob}"
            ) from None
        rate = _renamed("rate", rate, "keep_prob", old)
    return nn.dropout(x, rate, noise_shape, seed, name)


def crelu(features: Any, name: str | None = None, axis: int = -1) -> Any:
    """y = relu of x and −x side by side along `axis`"""
    return nn.crelu(features, axis, name)


def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12, name: str | None = None, dim: Any = None) -> Any:
    """`tf.nn.l2_normalize`; ``dim`` is the old name of ``axis``"""
    return normalize.l2_normalize(x, _renamed("axis", axis, "dim", dim), epsilon, name)


def moments(
    x: Any, axes: Any, shift: Any = None, name: str | None = None, keep_dims: Any = None, keepdims: Any = None
) -> Any:
    """`tf.nn.moments`; ``keep_dims`` is the old name of ``keepdims``"""
    return normalize.moments(x, axes, shift, bool(_renamed("keepdims", keepdims, "keep_dims", keep_dims)), name)


def weighted_moments(
    x: Any, axes: Any, frequency_weights: Any, name: str | None = None, keep_dims: Any = None, keepdims: Any = None
) -> Any:
    """`tf.nn.weighted_moments`; ``keep_dims`` is the old name of ``keepdims``"""
    kept = bool(_renamed("keepdims", keepdims, "keep_dims", keep_dims))
    return normalize.weighted_moments(x, axes, frequency_weights, kept, name)


def sufficient_statistics(
    x: Any, axes: Any, shift: Any = None, keep_dims: Any = None, name: str | None = None, keepdims: Any = None
) -> Any:
    """`tf.nn.sufficient_statistics`; ``keep_dims`` is the old name of ``keepdims``"""
    kept = bool(_renamed("keepdims", keepdims, "keep_dims", keep_dims))
    return normalize.sufficient_statistics(x, axes, shift, kept, name)


def embedding_lookup(
    params: Any,
    ids: Any,
    partition_strategy: str = "mod",
    name: str | None = None,
    validate_indices: bool = True,
    max_norm: Any = None,
) -> Any:
    """`tf.nn.embedding_lookup`, where a list of tables shares the rows by ``partition_strategy``"""
    return embedding.sharded_lookup(params, ids, partition_strategy, max_norm, name)


def in_top_k(predictions: Any, targets: Any, k: Any, name: str | None = None) -> Any:
    """`tf.nn.in_top_k` with the predictions first"""
    return embedding.in_top_k(targets, predictions, k, name)


def conv2d(
    input: Any,
    filter: Any = None,
    strides: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: bool = True,
    data_format: str | None = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: str | None = None,
    filters: Any = None,
) -> Any:
    """`tf.nn.conv2d`; ``filter`` is the old name of ``filters``"""
    w = _renamed("filters", filters, "filter", filter)
    return conv.conv2d(input, w, strides, padding, data_format, dilations, name)


def max_pool(
    value: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = "NHWC",
    name: str | None = None,
    input: Any = None,
) -> Any:
    """`tf.nn.max_pool2d`; ``value`` is the old name of ``input``"""
    x = _renamed("input", input, "value", value)
    return pool.max_pool2d(x, ksize, strides, padding, data_format, name or "MaxPool")


def avg_pool(
    value: Any,
    ksize: Any,
    strides: Any,
    padding: Any,
    data_format: str | None = "NHWC",
    name: str | None = None,
    input: Any = None,
) -> Any:
    """`tf.nn.avg_pool2d`; ``value`` is the old name of ``input``"""
    x = _renamed("input", input, "value", value)
    return pool.avg_pool2d(x, ksize, strides, padding, data_format, name or "AvgPool")


def max_pool_with_argmax(
    input: Any,
    ksize: Any,
    strides: Any,
    padding: str,
    data_format: str = "NHWC",
    Targmax: Any = None,
    name: str | None = None,
    output_dtype: Any = None,
    include_batch_in_index: bool = False,
) -> Any:
    """`tf.nn.max_pool_with_argmax`; ``Targmax`` is the old name of ``output_dtype``"""
    dtype = _renamed("output_dtype", output_dtype, "Targmax", Targmax) or "int64"
    return pool.max_pool_with_argmax(input, ksize, strides, padding, data_format, dtype, include_batch_in_index, name)


def conv1d(
    value: Any = None,
    filters: Any = None,
    stride: Any = None,
    padding: Any = None,
    use_cudnn_on_gpu: bool | None = None,
    data_format: str | None = None,
    name: str | None = None,
    input: Any = None,
    dilations: Any = None,
) -> Any:
    """`tf.nn.conv1d`; ``value`` is the old name of ``input``"""
    return conv.conv1d(_renamed("input", input, "value", value), filters, stride, padding, data_format, dilations, name)


def conv2d_transpose(
    value: Any = None,
    filter: Any = None,
    output_shape: Any = None,
    strides: Any = None,
    padding: Any = "SAME",
    data_format: str | None = "NHWC",
    name: str | None = None,
    input: Any = None,
    filters: Any = None,
    dilations: Any = None,
) -> Any:
    """`tf.nn.conv2d_transpose`; ``value`` and ``filter`` are the old names of ``input`` and ``filters``"""
    x, w = _renamed("input", input, "value", value), _renamed("filters", filters, "filter", filter)
    return conv.conv2d_transpose(x, w, output_shape, strides, padding, data_format, dilations, name)


def convolution(
    input: Any,
    filter: Any,
    padding: Any,
    strides: Any = None,
    dilation_rate: Any = None,
    name: str | None = None,
    data_format: str | None = None,
    filters: Any = None,
    dilations: Any = None,
) -> Any:
    """`tf.nn.convolution`; ``filter`` and ``dilation_rate`` are the old names of ``filters`` and ``dilations``"""
    w = _renamed("filters", filters, "filter", filter)
    rate = _renamed("dilations", dilations, "dilation_rate", dilation_rate)
    return conv.convolution(input, w, strides, padding, data_format, rate, name)


def depthwise_conv2d(
    input: Any,
    filter: Any,
    strides: Any,
    padding: Any,
    rate: Any = None,
    name: str | None = None,
    data_format: str | None = None,
    dilations: Any = None,
) -> Any:
    """`tf.nn.depthwise_conv2d`; ``rate`` is the old name of ``dilations``"""
    rate = _renamed("dilations", dilations, "rate", rate)
    return depthwise.depthwise_conv2d(input, filter, strides, padding, data_format, rate, name)


def separable_conv2d(
    input: Any,
    depthwise_filter: Any,
    pointwise_filter: Any,
    strides: Any,
    padding: Any,
    rate: Any = None,
    name: str | None = None,
    data_format: str | None = None,
    dilations: Any = None,
) -> Any:
    """`tf.nn.separable_conv2d`; ``rate`` is the old name of ``dilations``"""
    rate = _renamed("dilations", dilations, "rate", rate)
    return depthwise.separable_conv2d(
        input, depthwise_filter, pointwise_filter, strides, padding, data_format, rate, name
    )
