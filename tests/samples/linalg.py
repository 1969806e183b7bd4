"""Samples of ops/linalg.py, ops/decompositions.py and ops/einsum.py."""

import numpy as np

from tensorglass.ops import decompositions, linalg, solvers

from . import Case, sample


def _turned(f, **options):
    def product(a, b):
        return f(a, b, **options)

    product.__name__ = "_".join([f.__name__, *options])
    return product


@sample("MatMul")
def products(rng):
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(3, 4))
    yield Case(linalg.matmul, [a, b])
    yield Case(_turned(linalg.matmul_op, transpose_a=True), [a.T, b])
    yield Case(_turned(linalg.matmul_op, transpose_b=True), [a, b.T])
    yield Case(_turned(linalg.matmul_op, transpose_a=True, transpose_b=True), [a.T, b.T])
    yield Case(lambda x: linalg.matmul(x, x), [rng.normal(size=(3, 3))])
    yield Case(linalg.matmul, [rng.integers(0, 9, (2, 3)), rng.integers(0, 9, (3, 2))])


@sample("BatchMatMulV2", "FoldRows")
def batches(rng):
    shapes = [
        ((5, 2, 3), (5, 3, 4)),
        ((5, 2, 3), (3, 4)),  # one matrix behind a batch: folded
        ((2, 3), (5, 3, 4)),  # and before it
        ((2, 1, 2, 3), (5, 3, 4)),  # broadcast both ways
        ((1, 2, 3), (5, 3, 4)),
    ]
    for x, y in shapes:
        for adj_x in (False, True):
            for adj_y in (False, True):
                a, b = rng.normal(size=x), rng.normal(size=y)
                a, b = a.swapaxes(-1, -2) if adj_x else a, b.swapaxes(-1, -2) if adj_y else b
                yield Case(_turned(linalg.batch_matmul, adj_x=adj_x, adj_y=adj_y), [a, b])


@sample("AnyMatMul", "AnyMatMulLeft", "AnyMatMulRight")
def vectors_too(rng):
    shapes = [
        ((3,), (3,)),
        ((2, 3), (3,)),
        ((3,), (3, 4)),
        ((2, 3), (3, 4)),
        ((5, 2, 3), (3,)),
        ((3,), (5, 3, 4)),
        ((5, 2, 3), (3, 4)),
        ((2, 1, 2, 3), (5, 3, 4)),
    ]
    for x, y in shapes:
        yield Case(linalg.any_matmul, [rng.normal(size=x), rng.normal(size=y)])


@sample("MatMul")
def matvecs(rng):
    yield Case(linalg.matvec, [rng.normal(size=(2, 3)), rng.normal(size=3)])
    yield Case(linalg.matvec, [rng.normal(size=(5, 2, 3)), rng.normal(size=(5, 3))])
    yield Case(linalg.matrix_transpose, [rng.normal(size=(4, 2, 3))])
    z = rng.normal(size=(2, 3)) + 1j * rng.normal(size=(2, 3))
    yield Case(linalg.adjoint, [z], first=False, second=False)
    yield Case(linalg.matmul, [z, np.ascontiguousarray(z.T)], first=False, second=False)


def positive(rng, *batch, n=3):
    x = rng.normal(size=(*batch, n, n))
    return x @ x.swapaxes(-1, -2) + n * np.eye(n)


@sample("MatrixInverse", "MatrixSolve", "MatrixTriangularSolve")
def systems(rng):
    for batch in ((), (2,)):
        a, b = rng.normal(size=(*batch, 3, 3)) + 3 * np.eye(3), rng.normal(size=(*batch, 3, 2))
        for turned in (False, True):
            yield Case(lambda a, t=turned: solvers.matrix_inverse(a, adjoint=t), [a])
            yield Case(lambda a, b, t=turned: solvers.matrix_solve(a, b, adjoint=t), [a, b])
            for lower in (False, True):
                yield Case(
                    lambda a, b, t=turned, w=lower: solvers.matrix_triangular_solve(a, b, w, t),
                    [np.tril(a) if lower else np.triu(a), b],
                )
    yield Case(solvers.matrix_triangular_solve, [np.tril(a), rng.normal(size=(3, 2))])


@sample("MatrixDeterminant", "LogMatrixDeterminant")
def determinants(rng):
    for batch in ((), (2,)):
        a = rng.normal(size=(*batch, 3, 3)) + 2 * np.eye(3)
        yield Case(solvers.matrix_determinant, [a])
        yield Case(lambda a: solvers.slogdet(a)[1], [a])
        yield Case(solvers.trace, [a])


@sample("Cholesky", "MatrixSolveLs")
def factors(rng):
    def symmetric(f):
        return lambda a, *rest: f((a + linalg.matrix_transpose(a)) * 0.5, *rest)

    for batch in ((), (2,)):
        yield Case(symmetric(solvers.cholesky), [positive(rng, *batch)])
    yield Case(symmetric(solvers.logdet), [positive(rng, 2)])
    yield Case(solvers.cholesky_solve, [np.tril(positive(rng)), rng.normal(size=(3, 2))])
    for rows in (5, 3):
        yield Case(
            lambda a, b: solvers.matrix_solve_ls(a, b, 0.1),
            [rng.normal(size=(rows, 4)), rng.normal(size=(rows, 2))],
            forget="",
        )
        yield Case(
            lambda a, b: solvers.matrix_solve_ls(a, b, fast=False),
            [rng.normal(size=(rows, 4)), rng.normal(size=(rows, 2))],
            first=False,
            second=False,
        )


@sample("Svd", "SelfAdjointEigV2", "Qr")
def spectra(rng):
    def parts(f):
        return lambda a: [x * x for x in f(a)]  # squares: the sign of a vector is LAPACK's choice

    for shape in ((3, 3), (4, 3), (3, 5), (2, 3, 3)):
        yield Case(parts(decompositions.svd), [rng.normal(size=shape)], rtol=1e-4)
        yield Case(lambda a: decompositions.svd(a, compute_uv=False), [rng.normal(size=shape)], rtol=1e-4)
        yield Case(parts(decompositions.qr), [rng.normal(size=shape)], forget="", rtol=1e-4)

    def symmetric(f):
        return lambda a: f(a + linalg.matrix_transpose(a))

    for batch in ((), (2,)):
        a = rng.normal(size=(*batch, 3, 3))
        yield Case(symmetric(parts(decompositions.self_adjoint_eig)), [a], rtol=1e-4)
        yield Case(symmetric(decompositions.self_adjoint_eigvals), [a], rtol=1e-4)


@sample("Cross", "MatrixExponential")
def the_rest(rng):
    yield Case(decompositions.cross, [rng.normal(size=(2, 3)), rng.normal(size=(2, 3))])
    for size in (0.3, 3.0):
        yield Case(decompositions.expm, [rng.normal(size=(2, 3, 3)) * size])
