"""Compilation for the whole process (`tf.config.optimizer`)."""

from .process import (
    get_jit as get_jit,
    set_jit as set_jit,
)
