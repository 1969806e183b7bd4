"""Samples of ops/linalg.py, ops/decompositions.py and ops/einsum.py."""

import numpy as np

from tensorglass.ops import linalg

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
