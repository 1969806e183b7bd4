"""Networks: activations, cross-entropies, normalization, embeddings (`tf.nn`, in TensorFlow 1's forms)."""

from ...compat.forms import (
    depth_to_space as depth_to_space,
    space_to_batch as space_to_batch,
    space_to_depth as space_to_depth,
)
from ...compat.nn import (
    avg_pool as avg_pool,
    avg_pool as avg_pool2d,
    conv1d as conv1d,
    conv2d as conv2d,
    conv2d_transpose as conv2d_transpose,
    convolution as convolution,
    crelu as crelu,
    depthwise_conv2d as depthwise_conv2d,
    dropout as dropout,
    embedding_lookup as embedding_lookup,
    in_top_k as in_top_k,
    l2_normalize as l2_normalize,
    log_softmax as log_softmax,
    max_pool as max_pool,
    max_pool_with_argmax as max_pool_with_argmax,
    moments as moments,
    separable_conv2d as separable_conv2d,
    sigmoid_cross_entropy_with_logits as sigmoid_cross_entropy_with_logits,
    softmax as softmax,
    softmax_cross_entropy_with_logits as softmax_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits_v2 as softmax_cross_entropy_with_logits_v2,
    sparse_softmax_cross_entropy_with_logits as sparse_softmax_cross_entropy_with_logits,
    sufficient_statistics as sufficient_statistics,
    weighted_cross_entropy_with_logits as weighted_cross_entropy_with_logits,
    weighted_moments as weighted_moments,
)
from ...ops.batch_norm import fused_batch_norm as fused_batch_norm
from ...ops.conv import atrous_conv2d as atrous_conv2d
from ...ops.losses import (
    l2_loss as l2_loss,
    log_poisson_loss as log_poisson_loss,
)
from ...ops.nn import (
    bias_add as bias_add,
    elu as elu,
    leaky_relu as leaky_relu,
    relu as relu,
    relu6 as relu6,
    relu_layer as relu_layer,
    selu as selu,
    sigmoid as sigmoid,
    silu as silu,
    softplus as softplus,
    softsign as softsign,
    swish as swish,
    tanh as tanh,
    xw_plus_b as xw_plus_b,
    zero_fraction as zero_fraction,
)
from ...ops.normalize import (
    batch_norm_with_global_normalization as batch_norm_with_global_normalization,
    batch_normalization as batch_normalization,
    lrn as local_response_normalization,
    lrn as lrn,
    normalize_moments as normalize_moments,
)
from ...ops.pool import (
    avg_pool as avg_pool_v2,
    avg_pool1d as avg_pool1d,
    max_pool as max_pool_v2,
    max_pool1d as max_pool1d,
    max_pool2d as max_pool2d,
)
from ...ops.sort import top_k as top_k
