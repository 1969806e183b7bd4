"""Convolutions and pooling of any geometry against loops over every window."""

import itertools

import numpy as np
from hypothesis import HealthCheck, given, settings, strategies as st

from tensorglass.ops import conv, depthwise, pool

RNG = np.random.default_rng(3)


@st.composite
def geometries(draw, dilated=True):
    """(size, cells, stride, dilation) for height and width, and a padding."""
    axes = [
        (draw(st.integers(1, 7)), draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(st.integers(1, 3)))
        for _ in range(2)
    ]
    if not dilated:
        axes = [(n, k, s, 1) for n, k, s, _ in axes]
    explicit = [[0, 0], *[[draw(st.integers(0, 5)), draw(st.integers(0, 5))] for _ in range(2)], [0, 0]]
    fits = all(n >= (k - 1) * d + 1 for n, k, _, d in axes)
    room = all(n + a + b >= (k - 1) * d + 1 for (n, k, _, d), (a, b) in zip(axes, explicit[1:3], strict=True))
    choices = ["SAME"] + ["VALID"] * fits + [explicit] * room
    return axes, draw(st.sampled_from(choices))


def lengths(axis, padding, i):
    """(output size, padding before) by TensorFlow's documented formulas."""
    n, k, s, d = axis
    if padding == "SAME":
        count = -(-n // s)
        return count, max((count - 1) * s + (k - 1) * d + 1 - n, 0) // 2
    before, after = (0, 0) if padding == "VALID" else padding[1 + i]
    return (n + before + after - (k - 1) * d - 1) // s + 1, before


def looked_at(axes, padding):
    """For each window, its place and the (cell, pixel) pairs that lie in the image."""
    (h, top), (w, left) = (lengths(a, padding, i) for i, a in enumerate(axes))
    (m, kh, sh, dh), (n, kw, sw, dw) = axes
    for p, q in itertools.product(range(h), range(w)):
        pixels = []
        for i, j in itertools.product(range(kh), range(kw)):
            y, x = p * sh + i * dh - top, q * sw + j * dw - left
            if 0 <= y < m and 0 <= x < n:
                pixels.append(((i, j), (y, x)))
        yield (p, q), pixels


def output(axes, padding, channels):
    return np.zeros((2, *(lengths(a, padding, i)[0] for i, a in enumerate(axes)), channels))


def agrees(tensor, expected):
    np.testing.assert_allclose(tensor.numpy(), expected, rtol=1e-10, atol=1e-10)


each_geometry = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@each_geometry
@given(geometries(), st.sampled_from([(1, 1), (3, 1), (6, 1), (4, 2)]))
def test_convolutions(geometry, channels):
    """The convolution and its two transposes; with groups too."""
    (axes, padding), (c, groups) = geometry, channels
    x = RNG.normal(size=(2, axes[0][0], axes[1][0], c))
    w = RNG.normal(size=(axes[0][1], axes[1][1], c // groups, 2 * groups))
    y = output(axes, padding, 2 * groups)
    dy = RNG.normal(size=y.shape)
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for place, pixels in looked_at(axes, padding):
        for (cell, pixel), g in itertools.product(pixels, range(groups)):
            ins, outs = slice(g * c // groups, (g + 1) * c // groups), slice(2 * g, 2 * g + 2)
            seen, back = x[:, *pixel, ins], dy[:, *place, outs]
            y[:, *place, outs] += seen @ w[*cell, :, outs]
            dx[:, *pixel, ins] += back @ w[*cell, :, outs].T
            dw[*cell, :, outs] += seen.T @ back
    options = {"strides": [a[2] for a in axes], "padding": padding, "dilations": [a[3] for a in axes]}
    agrees(conv.conv2d(x, w, **options), y)
    attrs = {
        "strides": (1, axes[0][2], axes[1][2], 1),
        "dilations": (1, axes[0][3], axes[1][3], 1),
        **conv.paddings(padding),
    }
    agrees(conv.conv2d_backprop_filter(x, w.shape, dy, **attrs), dw)
    agrees(conv.conv2d_backprop_input(x.shape, w, dy, **attrs), dx)


@each_geometry
@given(geometries())
def test_depthwise(geometry):
    axes, padding = geometry
    x, w = RNG.normal(size=(2, axes[0][0], axes[1][0], 3)), RNG.normal(size=(axes[0][1], axes[1][1], 3, 2))
    y = output(axes, padding, 6)
    for place, pixels in looked_at(axes, padding):
        for cell, pixel in pixels:
            y[:, *place] += (x[:, *pixel][..., None] * w[*cell]).reshape(2, 6)
    options = {"strides": [a[2] for a in axes], "padding": padding, "dilations": [a[3] for a in axes]}
    agrees(depthwise.depthwise_conv2d(x, w, **options), y)


@each_geometry
@given(geometries(dilated=False).filter(lambda g: isinstance(g[1], str)), st.booleans())
def test_pools(geometry, ties):
    axes, padding = geometry
    x = RNG.normal(size=(2, axes[0][0], axes[1][0], 3))
    x = np.round(x) if ties else x
    largest, mean, argmax = (output(axes, padding, 3) for _ in range(3))
    dy = RNG.normal(size=mean.shape)
    to_largest, to_mean = np.zeros_like(x), np.zeros_like(x)
    for place, pixels in looked_at(axes, padding):
        seen = np.stack([x[:, *pixel] for _, pixel in pixels])
        largest[:, *place], mean[:, *place] = seen.max(0), seen.mean(0)
        for b, c in itertools.product(range(2), range(3)):
            row, column = pixels[int(np.argmax(seen[:, b, c]))][1]
            argmax[b, *place, c] = (row * x.shape[2] + column) * 3 + c
            to_largest[b, row, column, c] += dy[b, *place, c]
        for _, pixel in pixels:
            to_mean[:, *pixel] += dy[:, *place] / len(pixels)
    options = {"ksize": (1, axes[0][1], axes[1][1], 1), "strides": (1, axes[0][2], axes[1][2], 1), "padding": padding}
    agrees(pool.max_pool2d(x, **options), largest)
    agrees(pool.avg_pool2d(x, **options), mean)
    agrees(pool.max_pool_with_argmax(x, **options)[1], argmax)
    agrees(pool.max_pool_grad(x, largest, dy, **options), to_largest)
    agrees(pool.avg_pool_grad(x.shape, dy, **options), to_mean)
