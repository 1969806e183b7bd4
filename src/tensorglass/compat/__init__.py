"""Other shapes of the same library: `compat.v1` has TensorFlow 1's names and rules."""

from . import v1 as v1
