"""Samples of ops/indexing.py, ops/gather.py, ops/scatter.py, ops/segment.py and ops/partition.py."""

import numpy as np

from tensorglass.ops import gather, indexing, partition, scatter, segment

from . import Case, sample


def _at(key):
    return lambda x: x[key]


@sample("StridedSlice", "StridedSliceGrad")
def brackets(rng):
    x = rng.normal(size=(4, 3, 2))
    s = slice
    keys = [
        0, -1, (1, 2), s(1, None), s(None, -1), s(None, None, 2), s(None, None, -1), s(3, 0, -2), (..., 0), (0, ...),
        (None, 1), (s(None), None, s(0, 2)), (..., None), (s(1, 1),), (s(None), 1, s(None, 1)), (), (s(-10, 10),),
    ]  # fmt: skip
    for key in keys:
        yield Case(_at(key), [x])
    i = np.array(2, np.int32)
    yield Case(lambda x, i: x[i], [x, i])
    yield Case(lambda x, i: x[1:i, ..., :1], [x, i])
    yield Case(lambda x, i: x[:, i - 1 :: -1], [x, i])
    yield Case(lambda x: indexing.strided_slice(x, [0, 1], [4, 3], [2, 1]), [x])
    yield Case(lambda x, b, e: indexing.strided_slice(x, b, e), [x, np.array([1]), np.array([3])])
    yield Case(_at(s(0, 1)), [np.array(["a", "b"])])
    yield Case(_at(s(None, None, 2)), [np.array([True, False, True])])


@sample("Slice")
def slices(rng):
    x = rng.normal(size=(4, 3))
    yield Case(lambda x: indexing.slice(x, [1, 0], [2, -1]), [x])
    yield Case(indexing.slice, [x, np.array([0, 1], np.int32), np.array([-1, 2], np.int32)])


@sample("GatherV2", "GatherGrad")
def gathers(rng):
    x, i = rng.normal(size=(4, 3, 2)), np.array([[2, 0], [2, 1]], np.int32)
    for axis in (0, 1, -2):
        yield Case(lambda x, i, axis=axis: gather.gather(x, i, axis=axis), [x, i])
    yield Case(lambda x, axis: gather.gather(x, [1, 1, 0], axis=axis), [x, np.array(2, np.int32)])
    yield Case(lambda x: gather.gather(x, 1), [x])
    y, j = rng.normal(size=(2, 3, 4)), np.array([[2, 0, 2], [1, 1, 0]], np.int64)
    yield Case(lambda x, i: gather.gather(x, i, batch_dims=1), [y, j], forget="dims")
    yield Case(lambda x, i: gather.gather(x, i, axis=2, batch_dims=1), [y, j], forget="dims")
    yield Case(gather.batch_gather, [y[0, :2], j[:, :2]], forget="dims")


@sample("GatherNd")
def gathers_nd(rng):
    x = rng.normal(size=(4, 3, 2))
    for i in ([[0, 1], [3, 2], [0, 1]], [[1], [1]], [[[2, 1, 0]]], [0, 2]):
        yield Case(gather.gather_nd, [x, np.array(i, np.int32)])
    yield Case(lambda x: gather.gather_nd(x, [[[1], [1]], [[0], [2]]], batch_dims=1), [x[:2]], forget="dims")


@sample("ScatterNd")
def scatters(rng):
    i = np.array([[1], [3], [1]], np.int32)
    yield Case(lambda i, v: scatter.scatter_nd(i, v, [4, 2]), [i, rng.normal(size=(3, 2))])
    yield Case(scatter.scatter_nd, [np.array([[1, 0], [1, 0]]), rng.normal(size=2), np.array([2, 2])])


@sample("TensorScatterUpdate", "TensorScatterAdd", "TensorScatterSub", "TensorScatterMax", "TensorScatterMin")
def tensor_scatters(rng):
    x, v = rng.normal(size=(4, 2)), rng.normal(size=(2, 2))
    for f in (
        scatter.tensor_scatter_nd_update, scatter.tensor_scatter_nd_add, scatter.tensor_scatter_nd_sub,
        scatter.tensor_scatter_nd_max, scatter.tensor_scatter_nd_min,
    ):  # fmt: skip
        yield Case(f, [x, np.array([[1], [3]], np.int32), v])
    yield Case(scatter.tensor_scatter_nd_add, [x, np.array([[1], [1]], np.int32), v])


@sample("Where")
def masks(rng):
    x, rows = rng.normal(size=(3, 2)), np.array([True, False, True])
    yield Case(lambda x: gather.boolean_mask(x, rows), [x])
    yield Case(gather.boolean_mask, [x, rows], forget="dims")
    yield Case(lambda x: gather.boolean_mask(x, [True, False], axis=1), [x])
    yield Case(lambda x, m: x[m], [x, x > 0], forget="dims")


IDS, MIXED = np.array([0, 0, 2, 2, 2], np.int32), np.array([1, 0, -1, 1, 0], np.int32)


@sample("SegmentSum", "SegmentMean", "SegmentProd", "SegmentMax", "SegmentMin", "SegmentSpread")
def sorted_segments(rng):
    for f in (
        segment.segment_sum, segment.segment_mean, segment.segment_prod, segment.segment_max, segment.segment_min,
    ):  # fmt: skip
        yield Case(f, [rng.uniform(0.5, 2.0, (5, 2)), IDS])
        yield Case(f, [rng.integers(1, 9, 5), IDS])


@sample("UnsortedSegmentSum", "UnsortedSegmentProd", "UnsortedSegmentMax", "UnsortedSegmentMin", "SegmentSpread")
def unsorted_segments(rng):
    for f in (segment.unsorted_segment_sum, segment.unsorted_segment_mean, segment.unsorted_segment_sqrt_n):
        yield Case(lambda x, i, f=f: f(x, i, 4), [rng.normal(size=(5, 2)), MIXED])
    for f in (segment.unsorted_segment_prod, segment.unsorted_segment_max, segment.unsorted_segment_min):
        yield Case(lambda x, i, f=f: f(x, i, 2), [rng.uniform(0.5, 2.0, (5, 2)), MIXED])
        yield Case(lambda x, i, f=f: f(x, i, 2), [rng.uniform(0.5, 2.0, (2, 2)), MIXED[1:].reshape(2, 2)])
    product, zeros = segment.unsorted_segment_prod, np.array([1.0, 0.0, 1.0, 0.0, 1.0])
    yield Case(lambda x: product(x * zeros, MIXED, 2), [rng.uniform(0.5, 2.0, 5)], second=False)


@sample("DynamicPartition", "DynamicStitch")
def partitions(rng):
    x, p = rng.normal(size=(4, 2)), np.array([1, 0, 1, 0], np.int32)
    yield Case(lambda x, p: partition.dynamic_partition(x, p, num_partitions=3), [x, p])
    yield Case(lambda x, p: partition.dynamic_partition(x, p, num_partitions=2)[1], [x, p])
    yield Case(lambda x, y: partition.dynamic_stitch([[2, 0], 1], [x, y]), [x[:2], x[3]])
    yield Case(lambda i, x: partition.dynamic_stitch([i, [3]], [x, x[:1]]), [p[:2] + 1, x[:2]])
