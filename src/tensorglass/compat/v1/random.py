"""Random tensors, TensorFlow's own streams (`tf.random`, in TensorFlow 1's forms)."""

from ...ops.random import (
    categorical as categorical,
    multinomial as multinomial,
    random_normal as normal,
    random_shuffle as shuffle,
    random_uniform as uniform,
    truncated_normal as truncated_normal,
)
from ...ops.random_gamma import (
    random_gamma as gamma,
    random_poisson as poisson,
)
from ...ops.random_stateless import (
    stateless_categorical as stateless_categorical,
    stateless_fold_in as fold_in,
    stateless_multinomial as stateless_multinomial,
    stateless_normal as stateless_normal,
    stateless_split as split,
    stateless_truncated_normal as stateless_truncated_normal,
    stateless_uniform as stateless_uniform,
)
from ...seeds import (
    get_seed as get_seed,
    set_random_seed as set_random_seed,
)
