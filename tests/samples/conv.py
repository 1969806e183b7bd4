"""Samples of ops/conv.py, ops/depthwise.py, ops/pool.py and ops/batch_norm.py."""

import numpy as np

import tensorglass as tg
from tensorglass.ops import batch_norm, conv, depthwise, pool

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


@sample("Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter")
def transposed_convolutions(rng):
    x, w = rng.normal(size=(2, 3, 2, 3)), rng.normal(size=(2, 3, 2, 3))
    for f in layers(
        conv.conv2d_transpose,
        same={"output_shape": [2, 6, 4, 2], "strides": 2},
        valid={"output_shape": [2, 7, 6, 2], "strides": [2, 3], "padding": "VALID"},
        dilated={"output_shape": [2, 3, 2, 2], "strides": 1, "dilations": 2},
    ):
        yield Case(f, [x, w])
    yield Case(lambda x, w: conv.conv1d(x, w, 2, "SAME"), [rng.normal(size=(2, 5, 2)), rng.normal(size=(3, 2, 2))])
    yield Case(
        lambda x, w: conv.conv1d(x, w, 2, "VALID", "NCW"), [rng.normal(size=(2, 2, 5)), rng.normal(size=(3, 2, 2))]
    )
    yield Case(
        lambda x, w: conv.atrous_conv2d(x, w, 2, "SAME"),
        [rng.normal(size=(1, 5, 4, 2)), rng.normal(size=(2, 2, 2, 1))],
        forget="dims",
    )
    yield Case(
        lambda x, w: conv.convolution(x, w, padding="SAME"),
        [rng.normal(size=(1, 5, 2)), rng.normal(size=(3, 2, 1))],
        forget="dims",
    )


@sample("DepthwiseConv2dNative", "DepthwiseConv2dNativeBackpropInput", "DepthwiseConv2dNativeBackpropFilter")
def depthwise_convolutions(rng):
    for f in layers(
        depthwise.depthwise_conv2d,
        same={"strides": 1, "padding": "SAME"},
        strided={"strides": [1, 2, 3, 1], "padding": "VALID"},
        dilated={"strides": 1, "padding": "SAME", "dilations": [2, 1]},
        explicit={"strides": 2, "padding": [[0, 0], [3, 0], [1, 2], [0, 0]]},
    ):
        yield Case(f, [rng.normal(size=(2, 5, 4, 3)), rng.normal(size=(3, 2, 3, 2))])
    for f in layers(depthwise.depthwise_conv2d, nchw={"strides": 2, "padding": "SAME", "data_format": "NCHW"}):
        yield Case(f, [rng.normal(size=(2, 3, 5, 4)), rng.normal(size=(3, 2, 3, 2))])

    def separable(x, w, mix):
        return depthwise.separable_conv2d(x, w, mix, [1, 1, 1, 1], "SAME")

    yield Case(separable, [rng.normal(size=(2, 4, 3, 2)), rng.normal(size=(2, 2, 2, 2)), rng.normal(size=(1, 1, 4, 3))])


def distinct(rng, *shape):
    """Numbers in random order, no two closer than 0.1: no ties, and no tie near."""
    return 0.1 * rng.permutation(np.prod(shape)).reshape(shape) + rng.uniform(0, 0.05, shape)


POOLS = {
    "halves": {"ksize": 2, "strides": 2, "padding": "VALID"},
    "same": {"ksize": 2, "strides": 2, "padding": "SAME"},
    "overlapping": {"ksize": [3, 2], "strides": 1, "padding": "SAME"},
    "gaps": {"ksize": [1, 2], "strides": 3, "padding": "VALID"},
}


def pools(function, layouts):
    for name, options in layouts.items():

        def f(x, options=options):
            return function(x, **options)

        f.__name__ = name
        yield f


@sample("MaxPool", "MaxPoolGrad", "MaxPoolGradGrad")
def maxima(rng):
    explicit = {"explicit": {"ksize": 3, "strides": 2, "padding": [[0, 0], [2, 1], [0, 2], [0, 0]]}}
    for f in pools(pool.max_pool2d, POOLS | explicit):
        yield Case(f, [distinct(rng, 2, 5, 4, 2)])
    for f in pools(pool.max_pool2d, {"nchw": {**POOLS["overlapping"], "data_format": "NCHW"}}):
        yield Case(f, [distinct(rng, 2, 2, 5, 4)])
    yield Case(lambda x: pool.max_pool1d(x, 3, 2, "SAME"), [distinct(rng, 2, 5, 2)])
    yield Case(lambda x: pool.max_pool1d(x, 3, 2, "SAME", "NCW"), [distinct(rng, 2, 5, 2)])
    yield Case(lambda x: pool.max_pool(x, 2, 2, "SAME"), [distinct(rng, 2, 5, 4, 1)], forget="dims")
    yield Case(lambda x: pool.max_pool2d(x, 2, 1, "SAME"), [rng.integers(-5, 5, (1, 3, 3, 2), np.int32)])
    layout = {"ksize": (1, 2, 2, 1), "strides": (1, 2, 2, 1), "padding": "VALID"}
    x = distinct(rng, 1, 4, 4, 1)
    y = x.reshape(1, 2, 2, 2, 2, 1).max((2, 4))
    yield Case(lambda d: pool.max_pool_grad_grad(x, y, d, **layout), [rng.normal(size=(1, 4, 4, 1))])


@sample("MaxPoolWithArgmax")
def places_of_maxima(rng):
    yield Case(lambda x: pool.max_pool_with_argmax(x, 2, 2, "SAME"), [distinct(rng, 2, 5, 4, 2)])
    yield Case(
        lambda x: pool.max_pool_with_argmax(x, 3, 1, "VALID", output_dtype="int32", include_batch_in_index=True),
        [distinct(rng, 2, 5, 4, 2)],
    )


@sample("AvgPool", "AvgPoolGrad")
def means(rng):
    for f in pools(pool.avg_pool2d, POOLS):
        yield Case(f, [rng.normal(size=(2, 5, 4, 2))])
    for f in pools(pool.avg_pool2d, {"nchw": {**POOLS["overlapping"], "data_format": "NCHW"}}):
        yield Case(f, [rng.normal(size=(2, 2, 5, 4))])
    yield Case(lambda x: pool.avg_pool1d(x, 3, 2, "SAME"), [rng.normal(size=(2, 5, 2))])
    yield Case(lambda x: pool.avg_pool(x, 2, 2, "SAME"), [rng.normal(size=(2, 5, 4, 1))], forget="dims")


@sample("FusedBatchNormV3", "FusedBatchNormGradV3")
def batch_norms(rng):
    def training(x, scale, offset, **options):
        return batch_norm.fused_batch_norm(x, scale, offset, **options)[0]

    def nchw(x, scale, offset):
        return training(x, scale, offset, data_format="NCHW")

    def inference(x, scale, offset, **options):
        given = [tg.cast(v, x.dtype) for v in vectors[2:]]
        return batch_norm.fused_batch_norm(x, scale, offset, *given, is_training=False, **options)[0]

    def nchw_inference(*args):
        return inference(*args, data_format="NCHW")

    x, y, vectors = rng.normal(size=(2, 3, 2, 3)), rng.normal(size=(2, 3, 2, 2)), rng.uniform(0.5, 1.5, (4, 3))
    for f in (training, inference):
        yield Case(f, [x, *vectors[:2]])
    for f in (nchw, nchw_inference):
        yield Case(f, [y, *vectors[:2]])
    yield Case(lambda *a: batch_norm.fused_batch_norm(*a, exponential_avg_factor=0.25), [x, *vectors], first=False)
