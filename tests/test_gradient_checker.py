"""`tf.test.compute_gradient` and its relatives: right gradients pass, wrong ones are seen."""

import numpy as np
import pytest

import tensorglass as tg
from tensorglass.gradient_checker import compute_gradient, compute_gradient_error, compute_gradient_of

X = np.array([[0.5, -1.0], [2.0, 1.5]])


@tg.RegisterGradient("WrongInGradientChecker")
def _(op, dy):
    return dy * 2.0


def test_right_gradient():
    with tg.Graph().as_default(), tg.Session():
        x = tg.placeholder(tg.float64, [2, 2])
        y = tg.matmul(x, tg.exp(x))
        exact, numeric = compute_gradient(x, [2, 2], y, [2, 2], X)
        assert exact.shape == numeric.shape == (4, 4)
        np.testing.assert_allclose(exact, numeric, atol=1e-5)
        assert compute_gradient_error(x, [2, 2], y, [2, 2], X, delta=1e-4) < 1e-6
        assert compute_gradient_error(x, [2, 2], y, [2, 2]) < 1e-4  # at random numbers


def test_wrong_gradient():
    with tg.Graph().as_default() as graph, tg.Session():
        x = tg.placeholder(tg.float64, [2, 2])
        with graph.gradient_override_map({"Exp": "WrongInGradientChecker"}):
            y = tg.exp(x)
        assert compute_gradient_error(x, [2, 2], y, [2, 2], X) > 1.0


def test_several_inputs_extra_feeds_and_variables():
    with tg.Graph().as_default(), tg.Session():
        x, c = tg.placeholder(tg.float64, [2]), tg.placeholder(tg.float64, [])
        v = tg.Variable(np.zeros((2, 2)))
        y = tg.reduce_sum(v * x, axis=1) * c
        found = compute_gradient(
            [x, v], [[2], [2, 2]], y, [2], [[1.0, 2.0], X], init_targets=[v.initializer], extra_feed_dict={c: 3.0}
        )
        for (exact, numeric), shape in zip(found, [(2, 2), (4, 2)], strict=True):
            assert exact.shape == shape
            np.testing.assert_allclose(exact, numeric, atol=1e-8)
        np.testing.assert_allclose(found[0][0], 3 * X.T)


def test_complex_numbers_are_pairs_of_real_ones():
    with tg.Graph().as_default(), tg.Session():
        x = tg.placeholder(tg.complex128, [2])
        exact, numeric = compute_gradient(x, [2], x * x * 1j, [2], [1 + 2j, 3])
        assert exact.tolist() == [[-4, 2, 0, 0], [-2, -4, 0, 0], [0, 0, 0, 6], [0, 0, -6, 0]]
        np.testing.assert_allclose(numeric, exact, atol=1e-8)


def test_of_a_function():
    exact, numeric = compute_gradient_of(lambda x, y: x * tg.reduce_sum(y), [[1.0, 2.0], [3.0, 4.0]])
    assert [m.tolist() for m in exact] == [[[7, 0], [0, 7]], [[1, 1], [2, 2]]]
    for a, b in zip(exact, numeric, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-2)
    exact, numeric = compute_gradient_of(tg.stop_gradient, [3.0])
    assert (exact[0].item(), numeric[0].item()) == (0.0, 1.0)


def test_errors():
    with pytest.raises(ValueError, match="list or tuple"):
        compute_gradient_of(tg.square, np.ones(2))
    with pytest.raises(AssertionError, match="int32"):
        compute_gradient_of(tg.square, [[1, 2]])
    with tg.Graph().as_default():
        x = tg.constant([1.0])
        with pytest.raises(ValueError, match="default session"):
            compute_gradient(x, [1], x * x, [1])
        with tg.Session(), pytest.raises(AssertionError, match="dx = None"):
            compute_gradient(x, [1], tg.stop_gradient(x), [1])


def test_public_names():
    """At the root `tf.test` has TensorFlow 2's form of `compute_gradient`, and the error of tensors of a graph."""
    exact, numeric = tg.test.compute_gradient(tg.exp, [X])
    np.testing.assert_allclose(exact[0], numeric[0], atol=1e-5)
    with tg.Graph().as_default(), tg.Session():
        x = tg.constant(X)
        assert tg.test.compute_gradient_error(x, [2, 2], tg.exp(x), [2, 2], X) < 1e-5
