"""Help for testing (`tf.test`): `compute_gradient` of a function, `compute_gradient_error` of nodes of a graph."""

from .config.listing import (
    gpu_device_name as gpu_device_name,
    is_built_with_cuda as is_built_with_cuda,
    is_built_with_cuda as is_built_with_gpu_support,
    is_built_with_xla as is_built_with_xla,
    is_gpu_available as is_gpu_available,
)
from .gradient_checker import (
    compute_gradient_error as compute_gradient_error,
    compute_gradient_of as compute_gradient,
)
