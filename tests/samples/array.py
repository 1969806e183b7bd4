"""Samples of ops/array.py, ops/arrange.py, ops/blocks.py, ops/cast.py and ops/sets.py."""

import numpy as np

import tensorglass as tg
from tensorglass.gradients import identity_n
from tensorglass.ops import arrange, array, blocks, cast, sets

from . import Case, sample


@sample("Identity")
def copies(rng):
    yield Case(array.identity, [rng.normal(size=(2, 3))])
    yield Case(array.identity, [np.array(["a", "b"])])


@sample("IdentityN")
def many_copies(rng):
    yield Case(lambda x, y: identity_n([x, y * y]), [rng.normal(size=3), rng.normal(size=2)])


@sample("Bitcast")
def bits(rng):
    yield Case(lambda x: cast.bitcast(x, tg.uint8), [rng.integers(0, 99, (2, 3)).astype(np.int32)])
    yield Case(lambda x: cast.bitcast(x, tg.float32), [rng.integers(0, 99, 3).astype(np.int32)])
    yield Case(lambda x: cast.bitcast(x, tg.int64), [rng.integers(0, 99, (3, 2)).astype(np.int32)])


@sample("StopGradient")
def stopped(rng):
    yield Case(lambda x: x * array.stop_gradient(x), [rng.normal(size=3)], first=False)


@sample("Shape", "Size", "Rank", "ShapeN")
def measures(rng):
    x = rng.normal(size=(2, 3))
    yield Case(array.shape, [x])
    yield Case(lambda x: array.shape(x, out_type=tg.int64), [x])
    yield Case(array.size, [x])
    yield Case(array.rank, [x])
    yield Case(lambda x, y: array.shape_n([x, y]), [x, x[0]])


@sample("Reshape", "ReshapeLike")
def reshapes(rng):
    x = rng.normal(size=(2, 3))
    yield Case(lambda x: array.reshape(x, [3, -1]), [x])
    yield Case(lambda x: array.reshape(x, [6]), [x])
    yield Case(lambda x: array.reshape(x, array.shape(x)[::-1]), [x])
    yield Case(array.reshape_like, [x, np.zeros((3, 2), np.int32)])


@sample("Pack", "Unpack")
def stacks(rng):
    x, y = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    for axis in (0, 1, -1):
        yield Case(lambda x, y, axis=axis: array.stack([x, y], axis), [x, y])
    yield Case(lambda x: array.stack([x[0, 0], 1.0]), [x])
    yield Case(lambda x: array.unstack(x, 3, axis=1), [x])
    yield Case(lambda x: array.unstack(x, 2)[1], [x])


@sample("ConcatV2", "SplitV", "Split")
def concats(rng):
    x, y = rng.normal(size=(2, 3)), rng.normal(size=(2, 1))
    yield Case(lambda x, y: array.concat([x, y], 1), [x, y])
    yield Case(lambda x, y: array.concat([x, y, x], -1), [x, y])
    yield Case(lambda x: array.concat([x], 0), [x])
    yield Case(lambda x, axis: array.concat([x, x], axis), [x, np.array(1, np.int32)])
    yield Case(lambda x: array.split(x, [1, -1], 1), [x])
    yield Case(lambda x: array.split(x, [1, 2], 1)[1], [x])
    yield Case(lambda x, sizes: array.split(x, sizes, -1, num=2), [x, np.array([2, 1], np.int32)])
    yield Case(lambda x: array.split(x, 3, 1), [x])
    yield Case(lambda x: array.split(x, 2)[0], [x])


@sample("ExpandDims", "Squeeze")
def ones(rng):
    x = rng.normal(size=(2, 1, 3, 1))
    for axis in (0, 2, -1):
        yield Case(lambda x, axis=axis: array.expand_dims(x, axis), [x])
    yield Case(array.squeeze, [x])
    yield Case(lambda x: array.squeeze(x, [-1]), [x])
    yield Case(lambda x: array.squeeze(x, 1), [x])


@sample("Transpose", "ConjugateTranspose")
def transposes(rng):
    x = rng.normal(size=(2, 3, 4))
    yield Case(arrange.transpose, [x])
    yield Case(lambda x: arrange.transpose(x, [2, 0, 1]), [x])
    yield Case(arrange.transpose, [x, np.array([1, 2, 0], np.int32)])
    yield Case(lambda x: arrange.transpose(x, conjugate=True), [x + 1j * x])


@sample("ReverseV2", "ReverseSequence", "Roll")
def moves(rng):
    x = rng.normal(size=(2, 3, 4))
    yield Case(lambda x: arrange.reverse(x, [0, -1]), [x])
    yield Case(arrange.reverse, [x, np.array([1], np.int32)])
    lengths = np.array([2, 3], np.int32)
    yield Case(lambda x, n: arrange.reverse_sequence(x, n, seq_axis=1), [x, lengths])
    yield Case(lambda x, n: arrange.reverse_sequence(x, n, seq_axis=1, batch_axis=2), [x, np.array([0, 1, 2, 3])])
    yield Case(lambda x, n: arrange.reverse_sequence(x, n, seq_axis=0, batch_axis=1), [x, np.array([2, 1, 0])])
    yield Case(lambda x: arrange.roll(x, 2, 1), [x])
    yield Case(lambda x: arrange.roll(x, [1, -2], [0, 2]), [x])


@sample("Tile", "BroadcastTo", "BroadcastArgs")
def repeats(rng):
    x = rng.normal(size=(2, 1))
    yield Case(lambda x: arrange.tile(x, [2, 3]), [x])
    yield Case(arrange.tile, [x, np.array([1, 2], np.int64)])
    yield Case(lambda x: arrange.tile(x, [0, 2]), [x])
    yield Case(lambda x: arrange.broadcast_to(x, [3, 2, 2]), [x])
    yield Case(arrange.broadcast_to, [x, np.array([2, 3], np.int32)])
    yield Case(lambda x, y: arrange.broadcast_dynamic_shape(array.shape(x), array.shape(y)), [x, rng.normal(size=3)])


@sample("Pad", "PadV2", "MirrorPad", "MirrorPadGrad")
def pads(rng):
    x, pads = rng.normal(size=(2, 3)), np.array([[1, 0], [2, 1]], np.int32)
    yield Case(lambda x: arrange.pad(x, [[1, 1], [0, 2]]), [x])
    yield Case(arrange.pad, [x, pads])
    yield Case(lambda x: arrange.pad(x, pads, constant_values=7.0), [x])
    yield Case(lambda x: arrange.pad(x, pads, "REFLECT"), [x])
    yield Case(lambda x, p: arrange.pad(x, p, "symmetric"), [x, pads])
    yield Case(lambda x: arrange.pad(x, [[1, 0]], constant_values="-"), [np.array(["a", "b"])])


@sample("SpaceToDepth", "DepthToSpace", "SpaceToBatchND", "BatchToSpaceND")
def moved_blocks(rng):
    image, deep = rng.normal(size=(1, 4, 6, 2)), rng.normal(size=(2, 2, 1, 8))
    for data_format in ("NHWC", "NCHW"):
        order = (0, 1, 2, 3) if data_format == "NHWC" else (0, 3, 1, 2)
        yield Case(
            lambda x, f=data_format: blocks.space_to_depth(x, block_size=2, data_format=f), [image.transpose(order)]
        )
        yield Case(
            lambda x, f=data_format: blocks.depth_to_space(x, block_size=2, data_format=f), [deep.transpose(order)]
        )
    pads = [[1, 1], [0, 0]]
    yield Case(lambda x: blocks.space_to_batch(x, [2, 3], pads), [image])
    yield Case(lambda x, p: blocks.space_to_batch_nd(x, [2], p), [image, np.array([[1, 3]])])
    yield Case(lambda x: blocks.batch_to_space(x, 2, pads), [rng.normal(size=(4, 3, 1, 2))])


@sample("Unique", "UniqueWithCounts", "ListDiff", "InvertPermutation", "LowerBound", "UpperBound")
def sets_of_numbers(rng):
    x = np.array([3, 1, 3, 2, 1], np.int32)
    yield Case(sets.unique, [x])
    yield Case(lambda x: sets.unique_with_counts(x, tg.int64), [x])
    yield Case(lambda x: sets.unique(x), [np.array(["b", "a", "b"])])
    yield Case(sets.setdiff1d, [x, np.array([3], np.int32)])
    yield Case(sets.invert_permutation, [np.array([2, 0, 1], np.int32)])
    yield Case(lambda x: arrange.transpose(x, sets.invert_permutation([1, 2, 0])), [rng.normal(size=(2, 3, 4))])
    line, values = np.array([[1.0, 3.0, 3.0], [0.0, 2.0, 4.0]]), np.array([[3.0, 0.5], [5.0, 2.0]])
    for side in ("left", "right"):
        yield Case(lambda a, v, side=side: sets.searchsorted(a, v, side), [line, values])
