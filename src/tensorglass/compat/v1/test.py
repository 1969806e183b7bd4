"""Help for testing (`tf.compat.v1.test`)."""

from ...gradient_checker import compute_gradient as compute_gradient, compute_gradient_error as compute_gradient_error
