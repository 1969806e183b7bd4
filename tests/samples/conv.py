"""Samples of ops/conv.py, ops/depthwise.py, ops/pool.py and ops/batch_norm.py."""

import numpy as np

from tensorglass.ops import conv

from . import Case, sample


def layers(function, **layouts):
    """Calls of a convolution with each layout, named after it."""
    for name, options in layouts.items():

        def f(x, w, options=options):
            return function(x, w, **options)

        f.__name__ = name
        yield f


@sample("Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter")
def convolutions(rng):
    x, w = rng.normal(size=(2, 5, 4, 2)), rng.normal(size=(3, 2, 2, 3))
    explicit = [[0, 0], [3, 0], [1, 2], [0, 0]]
    for f in layers(
        conv.conv2d,
        same={"strides": 1, "padding": "SAME"},
        valid={"strides": 1, "padding": "VALID"},
        strided={"strides": [2, 3], "padding": "SAME"},
        strided_valid={"strides": 2, "padding": "VALID"},
        dilated={"strides": 1, "padding": "SAME", "dilations": [2, 3]},
        explicit={"strides": 2, "padding": explicit},
    ):
        yield Case(f, [x, w])
    for f in layers(conv.conv2d, nchw={"strides": [1, 2], "padding": "SAME", "data_format": "NCHW"}):
        yield Case(f, [rng.normal(size=(2, 2, 5, 4)), w])
    for f in layers(conv.conv2d, groups={"strides": 1, "padding": "SAME"}, gaps={"strides": 3, "padding": "SAME"}):
        yield Case(f, [rng.normal(size=(2, 4, 3, 4)), rng.normal(size=(2, 2, 2, 6))])
    yield Case(
        lambda x, w: conv.conv2d(x, w, 1, "SAME"),
        [rng.integers(-5, 5, (1, 3, 3, 2), np.int32), rng.integers(-5, 5, (2, 2, 2, 1), np.int32)],
    )
    yield Case(
        lambda x, w: conv.conv2d(x, w, 1, "SAME"),
        [rng.normal(size=(2, 2, 4, 4, 1)), rng.normal(size=(2, 2, 1, 1))],
        forget="dims",
    )
