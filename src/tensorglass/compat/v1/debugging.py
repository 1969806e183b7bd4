"""Checks (`tf.debugging`, in TensorFlow 1's forms)."""

from ...context import (
    disable_check_numerics as disable_check_numerics,
    enable_check_numerics as enable_check_numerics,
)
from ...ops.nan import (
    is_finite as is_finite,
    is_inf as is_inf,
    is_nan as is_nan,
)
