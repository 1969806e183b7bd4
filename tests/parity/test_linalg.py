"""ops/linalg.py, einsum.py, solvers.py and decompositions.py against TensorFlow."""

import numpy as np
import pytest
from parity.harness import REDUCTION, Tolerance, both, both_eager, both_raise
from samples.einsum import EQUATIONS

import tensorglass as tg
from tensorglass.ops import linalg

RNG = np.random.default_rng(11)
SOLVED = Tolerance(1e-4, 1e-5, 1e-11)  # a condition number of about 10


def normal(*shape, dtype=np.float32):
    return np.asarray(RNG.normal(size=shape), dtype)


def regular(*shape, dtype=np.float32):
    """Square matrices far from singular."""
    return np.asarray(RNG.normal(size=shape) + 3 * np.eye(shape[-1]), dtype)


def positive(*shape, dtype=np.float32):
    x = RNG.normal(size=shape)
    return np.asarray(x @ np.swapaxes(x, -1, -2) + shape[-1] * np.eye(shape[-1]), dtype)


# Products

PAIRS = [((2, 3), (3, 4)), ((5, 2, 3), (5, 3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((2, 1, 2, 3), (5, 3, 4))]


OPTIONS = [{}, {"transpose_a": True}, {"adjoint_b": True}, {"adjoint_a": True, "transpose_b": True}]


@pytest.mark.parametrize(("a", "b"), PAIRS)
@pytest.mark.parametrize(
    "options", [{}, {"transpose_a": True}, {"adjoint_b": True}, {"adjoint_a": True, "transpose_b": True}]
)
def test_matmul(a, b, options):
    def flags(side):
        return options.get(f"transpose_{side}") or options.get(f"adjoint_{side}")

    x, y = normal(*a), normal(*b)
    x, y = np.swapaxes(x, -1, -2) if flags("a") else x, np.swapaxes(y, -1, -2) if flags("b") else y
    f = lambda tf, x, y: tf.matmul(x, y, **options)
    both(f, x, y, grad=True, tolerance=REDUCTION, names=True)
    both(f, x.astype(np.float64), y.astype(np.float64), second=True)
    both(f, x, y, shapes="dims", grad=True, tolerance=REDUCTION)
    both(f, x, y, shapes="rank", tolerance=REDUCTION)
    both(f, (x + 1j * x[::-1]).astype(np.complex64), (y - 2j * y).astype(np.complex64), tolerance=REDUCTION)
    both_eager(f, x, y, tolerance=REDUCTION)


@pytest.mark.parametrize("shapes", PAIRS)
@pytest.mark.parametrize(
    "options", [{}, {"transpose_a": True}, {"adjoint_b": True}, {"adjoint_a": True, "transpose_b": True}]
)
def test_gradients_of_complex_matmul(shapes, options):
    def gradient(tf, x, y):
        z = tf.matmul(x, y, **options)
        weight = tf.complex(tf.ones(z.shape), 2.0 * tf.ones(z.shape))
        return tf.gradients(z, [x, y], weight)

    a, b = (normal(*s) + 1j * normal(*s) for s in shapes)
    a = np.swapaxes(a, -1, -2) if "transpose_a" in options or "adjoint_a" in options else a
    b = np.swapaxes(b, -1, -2) if "transpose_b" in options or "adjoint_b" in options else b
    both(gradient, a.astype(np.complex64), b.astype(np.complex64), tolerance=REDUCTION)


def test_matmul_literals_and_types():
    both(lambda tf: tf.matmul([[1.0, 2.0]], [[1], [2]]), names=True)
    both(lambda tf: tf.matmul([[1, 2]], [[1], [2]]))
    both(lambda tf, x: tf.matmul(x, [[1.0], [2.0]]), normal(3, 2, dtype=np.float64))
    both(lambda tf, x: tf.matmul(x, x, transpose_b=True), normal(3, 2), grad=True, tolerance=REDUCTION)
    both(lambda tf, x, y: x @ y, normal(3, 2), normal(2, 4), grad=True, names=True, tolerance=REDUCTION)
    both(lambda tf, x, y: tf.matmul(x, y, a_is_sparse=True), normal(3, 2), normal(2, 4), tolerance=REDUCTION)
    both(lambda tf: tf.matmul(np.zeros((2, 0)), np.zeros((0, 3))))
    both(lambda tf, x, y: tf.linalg.matvec(x, y), normal(3, 2), normal(2), grad=True, names=True, tolerance=REDUCTION)
    both(lambda tf, x, y: tf.linalg.matvec(x, y, True), normal(5, 2, 3), normal(5, 2), grad=True, tolerance=REDUCTION)


@pytest.mark.parametrize(
    ("a", "b"),
    [((3,), (3, 4)), ((3, 3), (3,)), ((2, 3), (4, 5)), ((7, 2, 3), (4, 5)), ((7, 2, 3), (6, 3, 5)), ((2, 3, 3), (3,))],
)
def test_matmul_refuses(a, b):
    theirs, mine = both_raise(lambda tf, x, y: tf.matmul(x, y), ValueError, normal(*a), normal(*b))
    assert str(mine).startswith(str(theirs).partition(" for ")[0])
    both_raise(lambda tf, x, y: tf.matmul(x, y), None, normal(*a), normal(*b), shapes="rank")


def test_matmul_refuses_more():
    both_raise(lambda tf, x: tf.matmul(x, x, transpose_a=True, adjoint_a=True), ValueError, normal(2, 2))
    both_raise(lambda tf: tf.matmul([[1, 2]], [[1.0], [2.0]]), TypeError)
    both_raise(lambda tf, x, y: tf.matmul(x, y), TypeError, normal(2, 2), normal(2, 2, dtype=np.float64))
    both_raise(lambda tf, x, y: tf.matmul(x, y), None, normal(2, 3), normal(2, 3), shapes="dims")


@pytest.mark.parametrize(
    ("a", "b"), [((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 4)), ((5, 2, 3), (3,)), ((3,), (5, 3, 4)), *PAIRS]
)
def test_the_root_product_takes_vectors(a, b):
    x, y = normal(*a, dtype=np.float64), normal(*b, dtype=np.float64)
    expected = np.matmul(x, y)
    w = np.cos(np.arange(expected.size)).reshape(expected.shape)
    with tg.Graph().as_default():
        p, q = tg.placeholder(), tg.placeholder()  # of any type and rank
        z = linalg.root_matmul(p, q)
        z, *gradients = tg.Session().run([z, *tg.gradients(z, [p, q], w)], {p: x, q: y})
    np.testing.assert_allclose(z, expected, rtol=1e-12)
    for i, g in enumerate(gradients):
        assert g.shape == (x, y)[i].shape
        d = RNG.normal(size=g.shape)
        change = np.sum(w * (np.matmul(d, y) if i == 0 else np.matmul(x, d)))
        np.testing.assert_allclose(np.sum(g * d), change, rtol=1e-10)


# Index notation


@pytest.mark.parametrize(("equation", "shapes"), [(e, s) for e, *s in EQUATIONS])
def test_einsum(equation, shapes):
    f = lambda tf, *x: tf.einsum(equation, *x)
    arrays = [normal(*s) for s in shapes]
    both(f, *arrays, grad=True, tolerance=REDUCTION)
    both(f, *arrays, shapes="dims", static="admits", tolerance=REDUCTION)
    both(f, *[a.astype(np.float64) for a in arrays], shapes="rank", static="admits")
    both_eager(f, *arrays, tolerance=REDUCTION)


def test_more_of_einsum():
    both(lambda tf, x, y: tf.einsum("ij , jk -> ik", x, y), normal(2, 3), normal(3, 2), names=True, tolerance=REDUCTION)
    both(lambda tf: tf.einsum("ij,jk->ik", tf.constant([[1, 2]]), tf.constant([[1], [2]])))
    both(lambda tf, x, y: tf.einsum("aB,Bc->ac", x, y), normal(2, 3), normal(3, 2), tolerance=REDUCTION)
    f = lambda tf, x: tf.einsum(*x)
    two, three = np.zeros((2, 3)), np.zeros((2, 3, 3))
    for bad in (
        ["ij,jk->ik", two, two],
        ["ij,jk->im", two, two.T],
        ["ij->im"],
        ["ij->iji", two],
        ["i->", two],
        ["...ba->ab", three],
        ["i.j->ij", two],
        ["ij,jk->ik", two],
    ):
        both_raise(lambda tf, bad=bad: f(tf, bad), ValueError)
    g = lambda tf, x, y: tf.einsum("ij,jk->ik", x, y)
    both_raise(g, None, normal(2, 3), normal(4, 2), shapes="rank")
    both_raise(g, None, normal(2, 3, 3), normal(4, 2), shapes="rank")


@pytest.mark.parametrize(
    ("a", "b", "axes"),
    [
        ((2, 3), (3, 4), 1),
        ((2, 3, 4), (3, 4, 5), 2),
        ((2, 3), (4,), 0),
        ((2, 3, 4), (4, 2, 5), [[2, 0], [0, 1]]),
        ((2, 3), (5, 3), [-1, -1]),
        ((2, 3), (5, 3), [1, 1]),
        ((3,), (3,), 1),
        ((2, 3), (2, 3), [[0, 1], [0, 1]]),
    ],
)
def test_tensordot(a, b, axes):
    f = lambda tf, x, y: tf.tensordot(x, y, axes)
    both(f, normal(*a), normal(*b), grad=True, tolerance=REDUCTION)
    both(f, normal(*a), normal(*b), grad=True, shapes="dims", static="admits", tolerance=REDUCTION)


def test_errors_of_tensordot():
    x = normal(2, 3)
    for axes in (1, [[0, 1], [0]], -1, 3):
        both_raise(lambda tf, x, a=axes: tf.tensordot(x, x, a), None, x)


# Transposes and traces


def test_transposes():
    x = normal(4, 2, 3)
    both(lambda tf, x: tf.linalg.matrix_transpose(x), x, grad=True, names=True)
    both(lambda tf, x: tf.matrix_transpose(x), x, shapes="rank", static="admits")
    both(lambda tf, x: tf.linalg.adjoint(x), (x + 1j * x).astype(np.complex64))
    both(lambda tf, x: tf.matrix_transpose(x, conjugate=True), (x + 1j * x).astype(np.complex64))
    both_raise(lambda tf, x: tf.matrix_transpose(x), ValueError, normal(3))
    both(lambda tf, x: tf.trace(x), x, grad=True, tolerance=REDUCTION, names="outputs")
    both(lambda tf, x: tf.linalg.trace(x), x, shapes="dims", tolerance=REDUCTION)


# Systems


@pytest.mark.parametrize("batch", [(), (4,)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_systems(batch, dtype):
    a, b = regular(*batch, 3, 3, dtype=dtype), normal(*batch, 3, 2, dtype=dtype)
    for turned in (False, True):
        f = lambda tf, a, t=turned: tf.matrix_inverse(a, adjoint=t)
        both(f, a, grad=True, tolerance=SOLVED, names=True)
        g = lambda tf, a, b, t=turned: tf.matrix_solve(a, b, adjoint=t)
        both(g, a, b, grad=True, tolerance=SOLVED, names=True)
        for lower in (False, True):
            h = lambda tf, a, b, w=lower, t=turned: tf.matrix_triangular_solve(a, b, lower=w, adjoint=t)
            both(h, a, b, grad=True, tolerance=SOLVED, names=True)
    both(lambda tf, a, b: tf.linalg.triangular_solve(a, b), a, normal(3, 2, dtype=dtype), grad=True, tolerance=SOLVED)
    both(lambda tf, a: tf.matrix_determinant(a), a, second=True, tolerance=SOLVED, names=True)
    both(lambda tf, a: tuple(tf.linalg.slogdet(a)), a, grad=True, tolerance=SOLVED, names=True)
    both(lambda tf, a: tf.matrix_inverse(a), a, shapes="dims", tolerance=SOLVED)
    both(lambda tf, a: tf.matrix_determinant(a), a, shapes="rank", tolerance=SOLVED)


@pytest.mark.parametrize("batch", [(), (4,)])
def test_cholesky(batch):
    a, b = positive(*batch, 3, 3, dtype=np.float64), normal(*batch, 3, 2, dtype=np.float64)
    both(lambda tf, a: tf.cholesky(a), a, second=True, tolerance=SOLVED, names=True)
    both(lambda tf, a: tf.linalg.logdet(a), a, grad=True, tolerance=SOLVED)
    both(lambda tf, a, b: tf.cholesky_solve(tf.cholesky(a), b), a, b, grad=True, tolerance=SOLVED)
    both(lambda tf, a: tf.cholesky(a), a.astype(np.float32), shapes="dims", tolerance=SOLVED)
    lower_only = np.float64([[4, 77], [2, 3]])
    both(lambda tf, a: tf.cholesky(a), lower_only)


def test_errors_of_systems():
    singular = np.float32([[1, 2], [2, 4]])
    for f in (lambda tf, a: tf.matrix_inverse(a), lambda tf, a: tf.matrix_solve(a, a)):
        theirs, mine = both_raise(f, None, singular)
        assert "is not invertible." in theirs.message
        assert "is not invertible." in mine.message
        both_raise(f, None, np.float32([[np.nan, 1], [1, 1]]))
    for f in (lambda tf, a: tf.matrix_inverse(a), lambda tf, a: tf.matrix_determinant(a), lambda tf, a: tf.cholesky(a)):
        for shape in ((2, 3), (3,)):
            both_raise(f, ValueError, normal(*shape))
            both_raise(f, None, normal(*shape), shapes="rank")
    f = lambda tf, a, b: tf.matrix_solve(a, b)
    for shape in ((2, 2), (3,)):
        both_raise(f, ValueError, normal(3, 3), normal(*shape))
        both_raise(f, None, normal(3, 3), normal(*shape), shapes="rank")
    both_raise(f, ValueError, normal(4, 3, 3), normal(5, 3, 3))
    both(lambda tf, a: tf.matrix_inverse(a), np.zeros((0, 0), np.float32))
    both(lambda tf, a: tf.matrix_determinant(a), np.zeros((0, 0), np.float32))
    both(lambda tf, a: tf.matrix_determinant(a), singular)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (3, 3), (2, 5, 3)])
def test_least_squares(shape):
    a, b = normal(*shape, dtype=np.float64), normal(*shape[:-1], 2, dtype=np.float64)
    loose = Tolerance(1e-4, 1e-5, 1e-8)  # the normal equations square the condition number
    both(lambda tf, a, b: tf.matrix_solve_ls(a, b, 0.1), a, b, grad=True, tolerance=loose)
    if shape[-1] != shape[-2]:
        both(lambda tf, a, b: tf.matrix_solve_ls(a, b), a, b, tolerance=loose)
    both(lambda tf, a, b: tf.linalg.lstsq(a, b, fast=False), a, b, tolerance=loose)


# Decompositions: vectors are compared by what does not depend on their signs


@pytest.mark.parametrize("shape", [(3, 3), (5, 3), (3, 5), (2, 4, 3)])
def test_svd(shape):
    a = normal(*shape, dtype=np.float64)
    both(lambda tf, a: tf.svd(a, compute_uv=False), a, second=True, tolerance=SOLVED, names=True)
    f = lambda tf, a: [x * x for x in tf.svd(a)]
    both(f, a, grad=True, tolerance=SOLVED)
    both(lambda tf, a: tf.svd(a)[0], a.astype(np.float32), shapes="dims", tolerance=SOLVED)
    both(lambda tf, a: tf.svd(a)[0], a, shapes="rank", static="admits")
    both(lambda tf, a: [tf.shape(x) for x in tf.svd(a, full_matrices=True)], a)

    def rebuilt(tf, a):
        s, u, v = tf.svd(a)
        return tf.matmul(u * s[..., None, :], v, adjoint_b=True)

    np.testing.assert_allclose(both(rebuilt, a, tolerance=SOLVED), a, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("batch", [(), (4,)])
def test_self_adjoint_eig(batch):
    a = normal(*batch, 3, 3, dtype=np.float64)  # only the lower triangle counts
    both(lambda tf, a: tf.self_adjoint_eigvals(a), a, second=True, tolerance=SOLVED)
    both(lambda tf, a: [x * x for x in tf.self_adjoint_eig(a)], a, second=True, tolerance=SOLVED)
    both(lambda tf, a: tf.linalg.eigh(a)[0], a.astype(np.float32), shapes="dims", tolerance=SOLVED)
    both_raise(lambda tf, a: tf.self_adjoint_eig(a), None, np.full((2, 2), np.nan, np.float32))
    both_raise(lambda tf, a: tf.self_adjoint_eig(a), ValueError, normal(2, 3))


@pytest.mark.parametrize("shape", [(3, 3), (5, 3), (3, 5), (2, 4, 3)])
def test_qr(shape):
    a = normal(*shape, dtype=np.float64)
    both(lambda tf, a: tuple(tf.qr(a)), a, grad=True, tolerance=SOLVED, names=True)
    both(lambda tf, a: tuple(tf.linalg.qr(a, full_matrices=True)), a, tolerance=SOLVED)
    both(lambda tf, a: tf.qr(a).r, a.astype(np.float32), shapes="dims", tolerance=SOLVED)


def test_cross_product_and_exponential():
    both(lambda tf, a, b: tf.cross(a, b), normal(4, 3), normal(4, 3), second=True, names=True, tolerance=REDUCTION)
    both(lambda tf, a, b: tf.cross(a, b), np.int32([1, 2, 3]), np.int32([3, 2, 1]))
    both_raise(lambda tf, a: tf.cross(a, a), ValueError, normal(4, 2))
    both_raise(lambda tf, a, b: tf.cross(a, b), ValueError, normal(4, 3), normal(3))
    for size in (0.01, 0.5, 5.0):
        a = normal(2, 3, 3, dtype=np.float64) * size
        both(lambda tf, a: tf.linalg.expm(a), a, tolerance=Tolerance(1e-4, 1e-5, 1e-10))
