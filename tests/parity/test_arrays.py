"""ops/array.py, ops/arrange.py, ops/blocks.py and ops/sets.py against TensorFlow."""

import numpy as np
import pytest
from parity.harness import both, both_eager, both_raise

X = np.arange(6, dtype=np.float32).reshape(2, 3) - 2.5
IMAGE = np.arange(48, dtype=np.float32).reshape(1, 4, 6, 2)
FORMS = pytest.mark.parametrize("shapes", ["known", "dims", "rank"])


@FORMS
def test_shape_functions(shapes):
    both(lambda tf, x: [tf.shape(x), tf.size(x), tf.rank(x), tf.shape(x, out_type=tf.int64)], X, shapes=shapes)
    both(lambda tf, x: tf.shape_n([x, x]), X, shapes=shapes)
    both(lambda tf, x: [tf.reshape(x, [-1]), tf.reshape(x, [3, 2])], X, shapes=shapes, grad=True, names=True)
    both(lambda tf, x: tf.reshape(x, [tf.shape(x)[1], -1]), X, shapes=shapes, grad=True)


@FORMS
def test_stack_and_concat(shapes):
    both(lambda tf, x: [tf.stack([x, 2 * x]), tf.stack([x, x * x], axis=-1)], X, shapes=shapes, second=True)
    both(lambda tf, x: tf.unstack(x, 3, axis=1)[::2], X, shapes=shapes, grad=True, names="outputs")
    both(lambda tf, x: [tf.concat([x, x * x], 0), tf.concat([x, x], -1)], X, shapes=shapes, second=True)
    both(lambda tf, x: tf.concat([x, x], 1), X, names=True)
    both(lambda tf: [tf.stack([1, 2]), tf.stack([[1.0, 2.0], [3.0, 4.0]], axis=1)])


@FORMS
def test_split(shapes):
    static = True if shapes == "known" else "admits"
    both(lambda tf, x: tf.split(x, 3, 1)[:2], X, shapes=shapes, second=True, names="outputs")
    both(lambda tf, x: tf.split(x, [1, -1], axis=-1), X, shapes=shapes, grad=True, names="outputs", static=static)
    both(lambda tf, x, n: tf.split(x, n, 1, num=2), X, np.array([2, 1]), shapes=shapes, grad=True)


@FORMS
def test_axes(shapes):
    x = X.reshape(2, 1, 3, 1)
    both(lambda tf, x: [tf.expand_dims(x, a) for a in (0, 2, -1)], x, shapes=shapes, grad=True, names=True)
    both(lambda tf, x: [tf.squeeze(x), tf.squeeze(x, [1]), tf.squeeze(x, axis=-1)], x, shapes=shapes, grad=True)
    both(lambda tf, x: tf.squeeze(x, 1), x, names=True)
    both(lambda tf, x: [tf.transpose(x), tf.transpose(x, [3, 2, 0, 1])], x, shapes=shapes, second=True)
    both(lambda tf, x: tf.transpose(x), X, names=True)
    both(lambda tf, x: tf.transpose(x, [1, 0], conjugate=True), X + 1j * X)


@FORMS
def test_moves(shapes):
    both(lambda tf, x: [tf.reverse(x, [0]), tf.reverse(x, [-1, 0])], X, shapes=shapes, grad=True, names=True)
    both(lambda tf, x: [tf.roll(x, 1, 1), tf.roll(x, [1, -2], [0, 1])], X, shapes=shapes, grad=True, names=True)
    both(
        lambda tf, x: tf.reverse_sequence(x, [3, 2], seq_axis=1, batch_axis=0), X, shapes=shapes, grad=True, names=True
    )
    both(lambda tf, x: [tf.tile(x, [2, 3]), tf.tile(x, [1, 0])], X, shapes=shapes, second=True, names=True)
    both(lambda tf, x: tf.broadcast_to(x, [4, 2, 3]), X, shapes=shapes, grad=True, names=True)
    both(lambda tf, x: tf.broadcast_dynamic_shape(tf.shape(x), [4, 1, 1]), X)
    both(lambda tf, x: [x, tf.broadcast_static_shape(tf.TensorShape([None, 1]), tf.TensorShape([3, 5]))], X)


@FORMS
def test_pad(shapes):
    pads = [[1, 2], [0, 2]]
    both(lambda tf, x: [tf.pad(x, pads), tf.pad(x, [[0, 0], [3, 1]])], X, shapes=shapes, second=True, names=True)
    both(lambda tf, x: tf.pad(x, pads, constant_values=7), X, shapes=shapes, grad=True, names=True)
    both(lambda tf, x: tf.pad(x, [[1, 0], [2, 2]], "REFLECT"), X, shapes=shapes, second=True, names=True)
    both(lambda tf, x: tf.pad(x, [[1, 2], [3, 2]], "symmetric"), X, shapes=shapes, second=True, names=True)
    both(lambda tf, x, p: tf.pad(x, p), X, np.array(pads), shapes=shapes, grad=True)


def test_blocks():
    both(lambda tf, x: tf.space_to_depth(x, block_size=2), IMAGE, second=True, names=True)
    both(lambda tf, x: tf.depth_to_space(tf.space_to_depth(x, block_size=2) ** 2, block_size=2), IMAGE, grad=True)
    both(lambda tf, x: tf.space_to_batch_nd(x, [2, 3], [[1, 1], [0, 0]]), IMAGE, second=True, names=True)
    both(lambda tf, x: tf.batch_to_space_nd(x, [2, 2], [[0, 1], [1, 0]]), IMAGE.reshape(4, 2, 3, 2), second=True)


def test_sets():
    x = np.array([3, 1, 3, 2, 1], np.int32)
    both(lambda tf, x: {**tf.unique(x)._asdict(), **tf.unique_with_counts(x, tf.int64)._asdict()}, x, names=True)
    both(lambda tf, x: tf.unique(x), X.reshape(-1).astype(np.float32) ** 2)
    both(lambda tf, x: tf.unique(x), np.array([np.nan, 1.0, np.nan, 1.0], np.float32))
    both(lambda tf: tf.unique(["b", "a", "b"]))
    both(lambda tf, x: tf.setdiff1d(x, [3, 5]), x, names="outputs")
    both(lambda tf: tf.invert_permutation([2, 0, 1]), names=True)
    for side in ("left", "right"):
        both(lambda tf, side=side: tf.searchsorted([[1, 3, 3], [0, 2, 4]], [[3, 0, 9], [2, 4, -1]], side))
        both(lambda tf, side=side: tf.searchsorted([1.0, 3.0, 5.0], [0.0, 3.0], side, out_type=tf.int64))


BUILDING = {
    "expand": lambda tf, x: tf.expand_dims(x, 4),
    "squeeze": lambda tf, x: tf.squeeze(x, [1]),
    "squeeze far": lambda tf, x: tf.squeeze(x, [3]),
    "transpose": lambda tf, x: tf.transpose(x, [1, 0, 2]),
    "split": lambda tf, x: tf.split(x, 2, 1),
    "split sizes": lambda tf, x: tf.split(x, [1, 1], 1),
    "tile": lambda tf, x: tf.tile(x, [1]),
    "pad": lambda tf, x: tf.pad(x, [[0, 1]]),
    "pad mode": lambda tf, x: tf.pad(x, [[0, 1], [0, 1]], "ROUND"),
    "reverse": lambda tf, x: tf.reverse(x, [0, 0]),
    "reverse far": lambda tf, x: tf.reverse(x, [2]),
    "broadcast": lambda tf, x: tf.broadcast_to(x, [4, 2, 4]),
    "reshape": lambda tf, x: tf.reshape(x, [4]),
    "stack": lambda tf, x: tf.stack([x, x], axis=3),
    "concat": lambda tf, x: tf.concat([x, x], 2),
    "unstack": lambda tf, x: tf.unstack(x, 4),
}
RUNNING = {
    "reshape": lambda tf, x: tf.reshape(x, [4]),
    "reshape -1": lambda tf, x: tf.reshape(x, [4, -1]),
    "squeeze": lambda tf, x: tf.squeeze(x, [1]),
    "transpose": lambda tf, x: tf.transpose(x, [1, 0, 2]),
    "permutation": lambda tf, x: tf.transpose(x, [1, 1]),
    "split": lambda tf, x: tf.split(x, 2, 1),
    "split sizes": lambda tf, x: tf.split(x, [1, 1], 1),
    "stack": lambda tf, x: tf.stack([x, tf.transpose(x)]),
    "concat": lambda tf, x: tf.concat([x, tf.transpose(x)], 0),
    "unstack": lambda tf, x: tf.unstack(x, 4),
    "tile": lambda tf, x: tf.tile(x, [1]),
    "tile < 0": lambda tf, x: tf.tile(x, [1, -1]),
    "pad": lambda tf, x: tf.pad(x, [[0, 1]]),
    "reflect": lambda tf, x: tf.pad(x, [[0, 2], [0, 0]], "REFLECT"),
    "reverse": lambda tf, x: tf.reverse(x, [2]),
    "roll": lambda tf, x: tf.roll(x, 1, 2),
    "broadcast": lambda tf, x: tf.broadcast_to(x, [4, 2, 4]),
    "reverse_sequence": lambda tf, x: tf.reverse_sequence(x, [1, 4], seq_axis=1, batch_axis=0),
    "invert_permutation": lambda tf, x: tf.invert_permutation(tf.cast(x, tf.int32)[0]),
}


@pytest.mark.parametrize("case", BUILDING)
def test_errors_when_building(case):
    both_raise(BUILDING[case], ValueError, X)


@pytest.mark.parametrize("case", RUNNING)
def test_errors_when_running(case):
    both_raise(RUNNING[case], "InvalidArgumentError", X, shapes="rank")


def test_eagerly():
    both_eager(
        lambda tf, x: [tf.transpose(x), tf.squeeze(x[None]), *tf.split(x, [1, -1], 1), tf.pad(x, [[1, 1], [0, 1]])], X
    )
    both_eager(lambda tf, x: [tf.tile(x, [1, 2]), tf.stack([x, x]), *tf.unstack(x), tf.reverse(x, [1])], X)


def test_bits():
    both(lambda tf, x: [tf.bitcast(x, tf.int32), tf.bitcast(x, tf.uint8)], X, names="outputs")
    both(lambda tf, x: tf.bitcast(x, tf.int64), np.arange(6, dtype=np.int32).reshape(3, 2))


def test_boolean_mask_has_a_dense_gradient():
    def build(tf):
        x, y = tf.constant([[1.0, 2.0], [3.0, 4.0]]), tf.placeholder_with_default([5.0, 6.0], [None])
        parts = tf.boolean_mask(x, [True, False]), tf.boolean_mask(y, y > 5.5), x[tf.constant([False, True])]
        return *parts, *(g for p, t in zip(parts, (x, y, x), strict=True) for g in tf.gradients(p, t))

    both(build)
