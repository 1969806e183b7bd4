"""Checks (`tf.debugging`)."""

from .context import (
    disable_check_numerics as disable_check_numerics,
    enable_check_numerics as enable_check_numerics,
)
