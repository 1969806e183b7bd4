"""What compiled code cannot raise by itself: the errors of wrong values and shapes are NumPy's, word for word."""

import numpy as np
import pytest

pytest.importorskip("jax")

from bad_inputs import BAD

import tensorglass as tg
from tensorglass.backends import xla

v1 = tg.compat.v1


def outcome(snippet, *args):
    try:
        snippet(*args)
    except Exception as error:
        return type(error), str(error)
    return None


@pytest.mark.parametrize("name", BAD)
def test_bad_inputs_raise_the_same(name, v1, monkeypatch):
    told = []
    for backend in ("numpy", "xla"):
        monkeypatch.setenv("TENSORGLASS_BACKEND", backend)
        with v1.Graph().as_default():
            told.append(outcome(BAD[name].snippet, v1))
    assert told[0] is not None
    assert told[1] == told[0]


def ints(*values):
    return np.array(values, np.int32)


def floats(*values):
    return np.array(values, np.float64)


def asserted(x):
    with tg.control_dependencies([v1.assert_positive(x, message="x")]):
        return x * 2.0


SINGULAR, REGULAR = floats([1, 2], [2, 4]), floats([2, 1], [1, 2])
# op type: (function of the placeholders, values that suit it, values that do not)
VALUES = {
    "FloorDiv": (tg.math.floordiv, [ints(7, -7), ints(2, 3)], [ints(7, -7), ints(2, 0)]),
    "FloorMod": (tg.math.floormod, [ints(7, -7), ints(2, 3)], [ints(7, -7), ints(2, 0)]),
    "TruncateDiv": (tg.truncatediv, [ints(7, -7), ints(2, 3)], [ints(7, -7), ints(2, 0)]),
    "TruncateMod": (tg.truncatemod, [ints(7, -7), ints(2, 3)], [ints(7, -7), ints(2, 0)]),
    "Pow": (tg.pow, [ints(2, 3), ints(0, 2)], [ints(2, 3), ints(2, -1)]),
    "GatherV2": (tg.gather, [floats(1, 2, 3), ints(2, 0)], [floats(1, 2, 3), ints(0, 3)]),
    "GatherGrad": (
        lambda x, i: tg.gradients(tg.gather(x, i, axis=1), x)[0],
        [floats([1, 2, 3]), ints(2, 0)],
        [floats([1, 2, 3]), ints(0, 3)],
    ),
    "GatherNd": (tg.gather_nd, [floats([1, 2], [3, 4]), ints([1, 0])], [floats([1, 2], [3, 4]), ints([-1, 0])]),
    "ScatterNd": (
        lambda i, u: tg.scatter_nd(i, u, [3]),
        [ints([1], [1]), floats(1, 2)],
        [ints([1], [3]), floats(1, 2)],
    ),
    "TensorScatterUpdate": (
        tg.tensor_scatter_nd_update,
        [floats(1, 2, 3), ints([0]), floats(5)],
        [floats(1, 2, 3), ints([-4]), floats(5)],
    ),
    "UnsortedSegmentSum": (
        lambda x, i: tg.math.unsorted_segment_sum(x, i, 2),
        [floats(1, 2, 3), ints(0, -1, 1)],
        [floats(1, 2, 3), ints(0, -1, 2)],
    ),
    "ReverseSequence": (
        lambda x, n: tg.reverse_sequence(x, n, seq_axis=1),
        [floats([1, 2], [3, 4]), ints(0, 2)],
        [floats([1, 2], [3, 4]), ints(0, 3)],
    ),
    "SparseSoftmaxCrossEntropyWithLogits": (
        lambda x, y: tg.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=x),
        [floats([1, 2], [3, 4]), ints(0, 1)],
        [floats([1, 2], [3, 4]), ints(0, 2)],
    ),
    "SparseToDense": (
        lambda i, x: v1.sparse_to_dense(i, [3], x),
        [ints([0], [2]), floats(1, 2)],
        [ints([2], [0]), floats(1, 2)],
    ),
    "CheckNumerics": (lambda x: tg.debugging.check_numerics(x, "x"), [floats(1, 2)], [floats(1, np.nan)]),
    "RandomUniformInt": (
        lambda a, b: tg.random.uniform([4], a, b, tg.int32, seed=1),
        [np.int32(0), np.int32(5)],
        [np.int32(5), np.int32(5)],
    ),
    "MatrixInverse": (tg.linalg.inv, [REGULAR], [SINGULAR]),
    "MatrixSolve": (tg.linalg.solve, [REGULAR, floats([1], [2])], [SINGULAR, floats([1], [2])]),
    "MatrixTriangularSolve": (
        tg.linalg.triangular_solve,
        [REGULAR, floats([1], [2])],
        [floats([1, 0], [2, 0]), floats([1], [2])],
    ),
    "Svd": (lambda a: tg.linalg.svd(a, compute_uv=False), [REGULAR], [REGULAR * np.nan]),
    "SelfAdjointEigV2": (tg.linalg.eigvalsh, [REGULAR], [REGULAR * np.nan]),
    "Cholesky": (tg.linalg.cholesky, [REGULAR], [-REGULAR]),
    "InvertPermutation": (tg.math.invert_permutation, [ints(2, 0, 1)], [ints(2, 0, 2)]),
    "HistogramFixedWidth": (
        lambda x, r: tg.histogram_fixed_width(x, r, 3),
        [floats(0, 1, 2, 9), floats(0, 3)],
        [floats(0, 1, 2, 9), floats(3, 3)],
    ),
    "Assert": (asserted, [floats(1, 2)], [floats(1, -2)]),
}


@pytest.mark.parametrize("op_type", VALUES)
def test_values(op_type):
    function, good, bad = VALUES[op_type]
    told = []
    with tg.Graph().as_default() as graph:
        inputs = [tg.placeholder(a.dtype, np.shape(a)) for a in good]
        y = function(*inputs)
        feeds = [dict(zip(inputs, arrays, strict=True)) for arrays in (good, bad)]
        assert op_type in {op.type for op in graph.get_operations()}
        for backend in ("numpy", "xla"):
            session = tg.Session(backend=backend)
            first = session.run(y, feeds[0])
            with pytest.raises(tg.errors.InvalidArgumentError) as caught:
                session.run(y, feeds[1])
            again = session.run(y, feeds[0])
            told.append((str(caught.value), caught.value.op, first, again))
        pieces = session._look_up(y, feeds[0]).program.pieces
    assert told[1][:2] == told[0][:2]
    for a, b in zip(told[0][2:], told[1][2:], strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-12)
    compiled = {step.op.type for piece in pieces if isinstance(piece, xla.Piece) for step in piece.plan.steps}
    assert (op_type in compiled) == (op_type != "Assert"), "it ran where no fault could be missed"


VARIABLES = {
    "ScatterAdd": lambda w, i: v1.scatter_add(w, i, tg.ones([1], tg.int32)),
    "ScatterNdUpdate": lambda w, i: v1.scatter_nd_update(w, tg.expand_dims(i, 1), tg.ones([1], tg.int32)),
    "ScatterDiv": lambda w, i: v1.scatter_div(w, i * 0, i - 3),
}


@pytest.mark.parametrize("name", VARIABLES)
def test_a_fault_leaves_the_variables(name):
    with tg.Graph().as_default():
        w = v1.Variable([4, 6])
        i = tg.placeholder(tg.int32, [1])
        with tg.control_dependencies([w.assign_add([1, 1])]):
            change = VARIABLES[name](w, i)
        session = tg.Session(backend="xla")
        session.run(v1.global_variables_initializer())
        session.run(change, {i: [1]})
        before = session.run(w)
        with pytest.raises(tg.errors.InvalidArgumentError):
            session.run(change, {i: [3]})
        np.testing.assert_array_equal(session.run(w), before)


def test_a_counter_ends():
    with tg.Graph().as_default():
        n = v1.Variable(0)
        count = n.count_up_to(2)
        session = tg.Session(backend="xla")
        assert [session.run(count), session.run(count)] == [0, 1]
        with pytest.raises(tg.errors.OutOfRangeError, match="Reached limit of 2"):
            session.run(count)
        assert session.run(n) == 2


def test_rows_of_a_sparse_gradient():
    with tg.Graph().as_default():
        table = v1.Variable(np.ones((4, 2), np.float32))
        i = tg.placeholder(tg.int32, [None])
        step = tg.train.MomentumOptimizer(0.1, 0.9).minimize(tg.reduce_sum(tg.gather(table, i)))
        session = tg.Session(backend="xla")
        session.run(step, {i: [0, 3, 3]})
        with pytest.raises(tg.errors.InvalidArgumentError, match="4"):
            session.run(step, {i: [0, 4, 3]})
        np.testing.assert_allclose(session.run(table)[:, 0], [0.9, 1, 1, 0.8], rtol=1e-6)


@pytest.mark.parametrize("place", ["branch", "body", "condition"])
def test_inside_control_flow(place):
    def divided(x, y):
        return tg.math.floordiv(x, y)

    with tg.Graph().as_default():
        x, y = tg.placeholder(tg.int32, []), tg.placeholder(tg.int32, [])
        if place == "branch":
            z = tg.cond(x > 0, lambda: divided(x, y), lambda: x)
        elif place == "body":
            z = tg.while_loop(lambda i: i > 0, lambda i: [divided(i, y)], [x])
        else:
            z = tg.while_loop(lambda i: divided(i, y) > 0, lambda i: [i - 1], [x])
        session = tg.Session(backend="xla")
        reference = tg.Session(backend="numpy").run(z, {x: 9, y: 2})
        np.testing.assert_array_equal(session.run(z, {x: 9, y: 2}), reference)
        with pytest.raises(tg.errors.InvalidArgumentError, match="division by zero"):
            session.run(z, {x: 9, y: 0})


def test_a_result_that_is_not_finite_but_right():
    """NumPy looks again where XLA found an infinity, and has the last word."""
    with tg.Graph().as_default():
        a = tg.placeholder(tg.float64, [1, 1])
        y = tg.linalg.inv(a)
        session = tg.Session(backend="xla")
        np.testing.assert_array_equal(session.run(y, {a: [[1e-310]]}), [[np.inf]])
        np.testing.assert_array_equal(session.run(y, {a: [[2.0]]}), [[0.5]])
