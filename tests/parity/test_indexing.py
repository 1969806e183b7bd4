"""ops/indexing.py, ops/gather.py, ops/scatter.py, ops/segment.py and ops/partition.py against TensorFlow."""

import itertools

import numpy as np
import pytest
from parity.harness import both, both_eager, both_raise

X = np.arange(24, dtype=np.float32).reshape(4, 3, 2) / 4 - 2
ROWS = np.array([[0.5, 2.0], [1.5, -1.0], [2.5, 3.0], [2.5, 0.0], [-4.0, 1.0]], np.float32)
FORMS = pytest.mark.parametrize("shapes", ["known", "dims", "rank"])
KEYS = {
    "row": lambda x: x[1],
    "last": lambda x: x[-1],
    "element": lambda x: x[1, 2, 0],
    "range": lambda x: x[1:3],
    "open": lambda x: x[:, 1:],
    "steps": lambda x: x[::2, ::-1],
    "backwards": lambda x: x[3:0:-2],
    "far": lambda x: x[-10:10],
    "empty": lambda x: x[3:1],
    "ellipsis": lambda x: x[..., 0],
    "new axis": lambda x: x[:, None, 1],
    "everything": lambda x: x[1:, ..., None, ::-1],
    "nothing": lambda x: x[()],
    "list": lambda x: x[[1, 0]],
    "numpy": lambda x: x[np.int64(1), np.array(2)],
}


@FORMS
@pytest.mark.parametrize("key", KEYS)
def test_brackets(key, shapes):
    both(lambda tf, x: KEYS[key](x), X, shapes=shapes, second=True, names=True)


@FORMS
def test_brackets_with_tensors(shapes):
    i = np.array(2, np.int32)
    both(lambda tf, x, i: [x[i], x[i:], x[:, i - 1]], X, i, shapes=shapes, grad=True)
    both(lambda tf, x: x[: tf.shape(x)[0] - 1, ..., :-1], X, shapes=shapes, grad=True, static="admits")
    both(lambda tf, x: x[tf.constant(1, tf.int64)], X, shapes=shapes)
    both(lambda tf, x: [x[x > 0], x[np.array([True, False, True, True])]], X, grad=True, shapes="known")
    both(lambda tf: tf.Variable([1.0, 2.0, 3.0])[1:], names="outputs")
    both(lambda tf: [tf.constant(["a", "b", "c"])[1:], tf.constant([True, False])[0]])


BAD_KEYS = {
    "float": (lambda x: x[1.5], TypeError),
    "text": (lambda x: x["a"], TypeError),
    "vector": (lambda x: x[np.array([1])], TypeError),
    "many": (lambda x: x[1, 1, 1, 1], ValueError),
    "bounds": (lambda x: x[1, 3], ValueError),
    "below": (lambda x: x[-5], ValueError),
    "step": (lambda x: x[::0], ValueError),
    "ellipses": (lambda x: x[..., ...], ValueError),
    "mask": (lambda x: x[True], ValueError),
}


@pytest.mark.parametrize("key", BAD_KEYS)
def test_bad_brackets(key):
    build, error = BAD_KEYS[key]
    theirs, mine = both_raise(lambda tf, x: build(x), error, X)
    assert str(theirs)[:30] == str(mine)[:30]


def test_bad_brackets_at_run_time():
    for build in (lambda tf, x: x[5], lambda tf, x: x[0, 0, 0, 0], lambda tf, x: x[..., 0, ...]):
        both_raise(build, "InvalidArgumentError", X, eager=True)
        both_raise(build, "InvalidArgumentError", X, shapes="rank")
    theirs, mine = both_raise(lambda tf, x: x[0, 3], "InvalidArgumentError", X, shapes="rank")
    assert "slice index 3 of dimension 1 out of bounds" in str(theirs)
    assert "slice index 3 of dimension 1 out of bounds" in str(mine)
    both_raise(lambda tf, x: _assign(x), TypeError, X)


def _assign(x):
    x[0] = 1


@FORMS
def test_slices(shapes):
    both(
        lambda tf, x: [tf.slice(x, [0, 1, 0], [-1, 2, 1]), tf.slice(x, [4, 0, 0], [0, 3, 2])],
        X,
        shapes=shapes,
        grad=True,
    )
    both(lambda tf, x, b: tf.slice(x, b, [2, -1, 1]), X, np.array([1, 1, 1]), shapes=shapes, grad=True, static="admits")
    both(lambda tf, x: tf.strided_slice(x, [0, 1], [4, 3], [2, 1]), X, shapes=shapes, second=True)
    both(lambda tf, x: tf.strided_slice(x, [0, 1], [4, 3], begin_mask=2, shrink_axis_mask=1), X, shapes=shapes)
    both_raise(lambda tf, x: tf.slice(x, [0, 2, 0], [1, 2, 1]), "InvalidArgumentError", X, shapes="rank")
    both_raise(lambda tf, x: tf.slice(x, [5, 2, 0], [-1, 2, 1]), ValueError, X)


@FORMS
def test_gather(shapes):
    i = np.array([[2, 0], [2, 1]], np.int32)
    for axis in (0, 1, -1):
        both(lambda tf, x, axis=axis: tf.gather(x, [1, 0, 1], axis=axis), X, shapes=shapes, second=True, names=True)
        both(lambda tf, x, i, axis=axis: tf.gather(x, i % 2, axis=axis), X, i, shapes=shapes, grad=True)
    both(lambda tf, x: tf.gather(x, 1), X, shapes=shapes, grad=True)
    both(lambda tf, x: tf.gradients(tf.gather(x, [1, 0, 1]), x)[0], X, shapes=shapes)
    both(lambda tf: tf.gather(["a", "b"], [[1], [0]]))


def test_gather_batches():
    x, i = X.transpose(2, 1, 0).copy(), np.array([[2, 0, 2], [1, 1, 0]], np.int32)
    both(lambda tf, x, i: tf.gather(x, i, batch_dims=1), x, i, second=True)
    both(lambda tf, x, i: tf.gather(x, i, axis=2, batch_dims=1), x, i, grad=True)
    both(lambda tf, x, i: tf.gather(x, i, axis=2, batch_dims=-1), x, i, grad=True)
    both(lambda tf, x, i: tf.batch_gather(x, i), x, i, grad=True, shapes="dims", static="admits")
    both(lambda tf, x: tf.gather_nd(x, [[[1], [1]], [[0], [2]]], batch_dims=1), x, grad=True)


@FORMS
def test_gather_nd(shapes):
    for i in ([[0, 1], [3, 2], [0, 1]], [[1], [1]], [[[2, 1, 0]]]):
        both(lambda tf, x, i=i: tf.gather_nd(x, i), X, shapes=shapes, second=True, names=True)
    both(lambda tf, x: tf.gather_nd(x, [0, 2]), X, shapes=shapes)
    both(lambda tf, x: tf.gradients(tf.gather_nd(x, [[1], [1]]), x)[0], X)


@FORMS
def test_scatter(shapes):
    both(lambda tf, v: tf.scatter_nd([[1], [3], [1]], v, [4, 2]), ROWS[:3], shapes=shapes, second=True, names=True)
    both(lambda tf, v: tf.scatter_nd([[1, 0], [1, 0]], v, [2, 2]), ROWS[0], shapes=shapes, grad=True)
    for f in ("update", "add", "sub", "max", "min"):
        both(
            lambda tf, x, v, f=f: getattr(tf, f"tensor_scatter_nd_{f}")(x, [[1], [3]], v),
            ROWS, ROWS[:2] * 1.5 - 1, shapes=shapes, grad=True, names=True,
        )  # fmt: skip
    both(lambda tf, x, v: tf.tensor_scatter_nd_add(x, [[1, 0], [1, 0]], v), ROWS, ROWS[0], shapes=shapes, grad=True)


def test_boolean_mask():
    mask = np.array([True, False, True, True])
    both(lambda tf, x: tf.boolean_mask(x, mask), X, grad=True)
    both(lambda tf, x, m: tf.boolean_mask(x, m), X, mask, shapes="dims", grad=True)
    both(lambda tf, x: tf.boolean_mask(x, [True, False, True], axis=1), X, grad=True)
    both(lambda tf, x: tf.boolean_mask(x, x[..., 0] > 0), X, grad=True)
    both(lambda tf, x: tf.boolean_mask(x, x[0] > -1.9, axis=1), X, grad=True)
    both_raise(lambda tf, x: tf.boolean_mask(x, True), ValueError, X)
    both_raise(lambda tf, x: tf.boolean_mask(x, [True, False]), ValueError, X)


@FORMS
def test_segments(shapes):
    for f in ("sum", "mean", "prod", "max", "min"):
        both(lambda tf, x, f=f: getattr(tf, f"segment_{f}")(x, [0, 0, 2, 2, 2]), ROWS, shapes=shapes, static="admits",
             names=True, grad=f != "prod")  # fmt: skip
        both(lambda tf, x, f=f: getattr(tf, f"unsorted_segment_{f}")(x, [2, 0, -1, 2, 0], 4), ROWS, shapes=shapes,
             grad=True, names="outputs")  # fmt: skip
    both(lambda tf, x: tf.unsorted_segment_sqrt_n(x, [2, 0, -1, 2, 0], 4), ROWS, shapes=shapes, grad=True)
    both(lambda tf, x: tf.unsorted_segment_sum(x, [[1, 0], [1, 1]], 3), X[:2, :2], shapes=shapes, second=True)
    both(lambda tf, x: tf.unsorted_segment_prod(x, [0, 0, 1, 1, 1], 2), ROWS, shapes=shapes, grad=True)
    both(lambda tf, x: tf.segment_max(x, [0, 0, 3]), np.array([1, 5, -2]), shapes=shapes, static="admits")


@FORMS
def test_partitions(shapes):
    both(lambda tf, x: tf.dynamic_partition(x, [1, 0, 1, 0, 0], 3), ROWS, shapes=shapes, grad=True, names=True)
    both(lambda tf, x: tf.dynamic_stitch([[2, 0], 1], [x[:2], x[3]]), ROWS, shapes=shapes, grad=True, static="admits")
    both(lambda tf, x: tf.dynamic_stitch([[2, 0], [0, 1]], [x[:2], x[2:4]]), ROWS, grad=True)


RUNNING = {
    "gather": lambda tf, x: tf.gather(x, [0, 7]),
    "gather deep": lambda tf, x: tf.gather(x, [[0], [-1]], axis=1),
    "gather one": lambda tf, x: tf.gather(x, 4),
    "gather_nd": lambda tf, x: tf.gather_nd(x, [[0, 0], [0, 3]]),
    "scatter_nd": lambda tf, x: tf.scatter_nd([[1], [4]], x[:2], [4, 3, 2]),
    "update": lambda tf, x: tf.tensor_scatter_nd_update(x, [[1], [4]], x[:2]),
    "segments": lambda tf, x: tf.segment_sum(x, [0, 2, 1, 1]),
    "segments < 0": lambda tf, x: tf.segment_sum(x, [-1, 0, 1, 1]),
    "unsorted": lambda tf, x: tf.unsorted_segment_sum(x, [0, 1, 2, 3], 3),
    "partition": lambda tf, x: tf.dynamic_partition(x, [0, 1, 2, 0], 2),
}


@pytest.mark.parametrize("case", RUNNING)
def test_errors_when_running(case):
    theirs, mine = both_raise(RUNNING[case], "InvalidArgumentError", X, shapes="rank")
    lines = str(theirs).splitlines()
    sentence = next(after for line, after in itertools.pairwise(lines) if line.startswith("Node: "))
    if case not in ("scatter_nd", "update"):
        assert str(mine).startswith(sentence[:40]), f"{str(mine).splitlines()[0]!r}: TensorFlow says {sentence!r}"


def test_eagerly():
    both_eager(lambda tf, x: [x[1:, ..., 0], x[x > 0], x[-1][None], tf.gather(x, [1, 1]), tf.gather_nd(x, [[0, 1]])], X)
    both_eager(lambda tf, x: [tf.slice(x, [0, 1, 0], [-1, 2, 1]), *tf.dynamic_partition(x, [1, 0, 1, 0], 2)], X)
    both_eager(lambda tf, x: list(x), X)


def test_one_string_of_many():
    def build(tf):
        x = tf.constant(["a", "b"])
        return x[1], tf.gather(x, 1), tf.gather_nd(x, [1]), tf.gather_nd(x, [[1], [0]]), *tf.unstack(x), x[:1]

    both(build)
    both(build, runs=3)
