"""Help for testing (`tf.test`): `compute_gradient` of a function, `compute_gradient_error` of nodes of a graph."""

from .gradient_checker import (
    compute_gradient_error as compute_gradient_error,
    compute_gradient_of as compute_gradient,
)
