"""What the convolutional workloads have in common: TensorFlow's layouts (NHWC, HWIO), which PyTorch gets turned."""

from .training import Training


class Images(Training):
    """A network of images."""

    def torch_weights(self):
        return {name: w.transpose(3, 2, 0, 1) if w.ndim == 4 else w for name, w in self.weights().items()}

    def torch_batches(self):
        return [(x.transpose(0, 3, 1, 2).copy(), y) for x, y in self.batches()]


def jax_conv(x, w, stride=1):
    """Return the convolution with padding SAME in JAX."""
    import jax

    return jax.lax.conv_general_dilated(x, w, (stride, stride), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
