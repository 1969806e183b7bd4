"""What the convolutional workloads have in common: TensorFlow's layouts (NHWC, HWIO), which PyTorch gets turned."""

from .frameworks import GPU
from .training import Training


class Images(Training):
    """A network of images."""

    def torch_weights(self):
        return {name: w.transpose(3, 2, 0, 1) if w.ndim == 4 else w for name, w in self.weights().items()}

    def torch_batches(self):
        return [(x.transpose(0, 3, 1, 2).copy(), y) for x, y in self.batches()]


def jax_conv(x, w, stride=1):
    """Return the convolution with padding SAME in JAX; where that is faster on a CPU, as a product of matrices."""
    import jax

    size, _, channels, out = w.shape
    if GPU or (stride == 1 and size > 1 and channels > 3):
        return jax.lax.conv_general_dilated(x, w, (stride, stride), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
    span = (-(-x.shape[1] // stride) - 1) * stride + 1  # between the first and the last window, of square images
    missing = max(span + size - 1 - x.shape[1], 0)
    place = (missing // 2, missing - missing // 2)
    x = jax.numpy.pad(x, ((0, 0), place, place, (0, 0)))
    seen = [x[:, i : i + span : stride, j : j + span : stride] for i in range(size) for j in range(size)]
    return jax.numpy.concatenate(seen, -1) @ w.reshape(-1, out)
