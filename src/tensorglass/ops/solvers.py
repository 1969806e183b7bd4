"""Linear systems: inverses, solutions, determinants, Cholesky factors.

Matrices may come in batches: everything works on the last two dimensions.  The gradient of a solution is another
solution, with the adjoint matrix.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import shapes
from ..convert import convert_to_tensor
from ..errors import InvalidArgumentError
from ..faults import found
from ..names import scope
from ..op import op
from ..shapes import Shape
from .array import expand_dims
from .complex import conj, real
from .diag import matrix_band_part, matrix_diag_part
from .elementwise import log
from .linalg import adjoint, adjoint_array, matmul, summed_batch
from .reduce import reduce_sum

NUMBERS = "float32|float64|complex"


def equal_sizes(p: int | None, q: int | None) -> int | None:
    """The size that both are, as far as it is known; ValueError when they differ."""
    if p is not None and q is not None and p != q:
        raise ValueError(f"Dimensions must be equal, but are {p} and {q}")
    return q if p is None else p


def square_shape(op: Any) -> Shape:
    """Shape rule: the first input is a square matrix or a batch of them, and so is the output."""
    shape = op.inputs[0]._shape
    if shape is None:
        return None
    if len(shape) < 2:
        raise ValueError(f"Shape must be at least rank 2 but is rank {len(shape)}")
    n = equal_sizes(shape[-1], shape[-2])
    return (*shape[:-2], n, n)


def check_square(x: Any) -> None:
    """InvalidArgumentError unless an array is a square matrix or a batch of them."""
    if x.ndim < 2:
        raise InvalidArgumentError(None, None, f"Input tensor 0 must have rank >= 2, got {x.ndim}")
    if x.shape[-1] != x.shape[-2]:
        raise InvalidArgumentError(None, None, "Input matrix must be square.")


def fails_with(message: str) -> Callable:
    """Decorator of kernels: where LAPACK gives up, or answers NaN, TensorFlow's error is raised."""

    def wrap(kernel: Callable) -> Callable:
        @functools.wraps(kernel)
        def guarded(xp: Any, *arrays: Any, **attrs: Any) -> Any:
            try:
                result = kernel(xp, *arrays, **attrs)
            except np.linalg.LinAlgError:
                raise InvalidArgumentError(None, None, message) from None
            first = result[0] if isinstance(result, tuple) else result
            if found(~xp.isfinite(first).all()) and np.isnan(first).any() and np.isnan(arrays[0]).any():
                raise InvalidArgumentError(None, None, message)
            return result

        return guarded

    return wrap


@op("MatrixInverse", f"T -> T where T: {NUMBERS}", shape=square_shape)
@fails_with("Input is not invertible.")
def matrix_inverse(xp, input, *, adjoint=False):
    """Y = A⁻¹, or the inverse of Aᴴ; InvalidArgumentError for a singular matrix"""
    check_square(input)
    inverse = xp.linalg.inv(input)
    return adjoint_array(xp, inverse) if adjoint else inverse


@matrix_inverse.gradient  # Ā = −Yᴴ Ȳ Yᴴ
def _(op, dy):
    y, turned = op.outputs[0], op.adjoint
    inner = matmul(dy, y, adjoint_a=turned, adjoint_b=not turned)
    return -matmul(y, inner, adjoint_a=not turned)


def _solved(op: Any) -> Shape:
    a, b = square_shape(op), op.inputs[1]._shape
    if b is not None and len(b) < 2:
        raise ValueError(f"Shape must be at least rank 2 but is rank {len(b)}")
    if a is None or b is None:
        return b
    rows = equal_sizes(a[-2], b[-2])
    return (*_batch(op, a[:-2], b[:-2]), rows, b[-1])


def _batch(op: Any, a: tuple, b: tuple) -> tuple:
    if op.type == "MatrixTriangularSolve":
        return shapes.broadcast_shapes(a, b)  # type: ignore[return-value]  # both are known
    return shapes.merge(a, b)  # type: ignore[return-value]


def _check_system(matrix: Any, rhs: Any, broadcasts: bool = False) -> None:
    check_square(matrix)
    if rhs.ndim < 2 or (rhs.ndim != matrix.ndim and not broadcasts):
        raise InvalidArgumentError(None, None, "All input tensors must have the same rank.")
    if matrix.shape[:-2] != rhs.shape[:-2] and not broadcasts:
        raise InvalidArgumentError(None, None, "All input tensors must have the same outer dimensions.")
    if matrix.shape[-1] != rhs.shape[-2]:
        raise InvalidArgumentError(None, None, "Input matrix and rhs are incompatible.")


@op("MatrixSolve", f"T, T -> T where T: {NUMBERS}", shape=_solved)
@fails_with("Input matrix is not invertible.")
def matrix_solve(xp, matrix, rhs, *, adjoint=False):
    """X with A X = B, or Aᴴ X = B; InvalidArgumentError for a singular matrix"""
    _check_system(matrix, rhs)
    return xp.linalg.solve(adjoint_array(xp, matrix) if adjoint else matrix, rhs)


@matrix_solve.gradient  # B̄ = A⁻ᴴ X̄,  Ā = −B̄ Xᴴ
def _(op, dx):
    x = op.outputs[0]
    db = matrix_solve(op.inputs[0], dx, adjoint=not op.adjoint)
    return (-matmul(x, db, adjoint_b=True) if op.adjoint else -matmul(db, x, adjoint_b=True)), db


@op("MatrixTriangularSolve", f"T, T -> T where T: {NUMBERS}", shape=_solved)
@fails_with("Input matrix is not invertible.")
def triangular_solve_op(xp, matrix, rhs, *, lower=True, adjoint=False):
    """X with A X = B, or Aᴴ X = B, where only the lower (upper) triangle of A is looked at; batches broadcast"""
    _check_system(matrix, rhs, broadcasts=True)
    triangle = xp.tril(matrix) if lower else xp.triu(matrix)
    return xp.linalg.solve(adjoint_array(xp, triangle) if adjoint else triangle, rhs)


@triangular_solve_op.gradient
def _(op, dx):
    (a, b), x = op.inputs, op.outputs[0]
    db = triangular_solve_op(a, dx, lower=op.lower, adjoint=not op.adjoint)
    da = -matmul(x, db, adjoint_b=True) if op.adjoint else -matmul(db, x, adjoint_b=True)
    return summed_batch(triangle(da, op.lower), a), summed_batch(db, b)


def triangle(x: Any, lower: bool = True) -> Any:
    """`x` with zeros above the diagonal (below it where not `lower`)."""

    return matrix_band_part(x, -1, 0) if lower else matrix_band_part(x, 0, -1)


def matrix_triangular_solve(
    matrix: Any, rhs: Any, lower: bool = True, adjoint: bool = False, name: str | None = None
) -> Any:
    """X with A X = B for a triangular A; the other triangle is not looked at.

    ``adjoint`` solves Aᴴ X = B.  Leading dimensions broadcast.

    >>> matrix_triangular_solve([[2.0, 9.0], [1.0, 1.0]], [[2.0], [3.0]]).numpy().tolist()
    [[1.0], [2.0]]
    """
    with scope(name, "triangular_solve", [matrix, rhs]):
        return triangular_solve_op(matrix, rhs, lower=bool(lower), adjoint=bool(adjoint))


# Determinants


def _batch_scalar(op: Any) -> Shape:
    shape = square_shape(op)
    return None if shape is None else shape[:-2]


@op("MatrixDeterminant", f"T -> T where T: {NUMBERS}", shape=_batch_scalar)
def matrix_determinant(xp, input):
    """y = det A"""
    check_square(input)
    return xp.linalg.det(input)


@matrix_determinant.gradient  # Ā = ȳ y A⁻ᴴ
def _(op, dy):
    return _scaled_inverse(op.inputs[0], dy * conj(op.outputs[0]))


def _scaled_inverse(a: Any, factor: Any) -> Any:
    return expand_dims(expand_dims(factor, -1), -1) * matrix_inverse(a, adjoint=True)


@op(
    "LogMatrixDeterminant",
    f"T -> T, T where T: {NUMBERS}",
    shape=lambda op: [_batch_scalar(op)] * 2,
    outputs=("sign", "log_abs_determinant"),
)
def slogdet(xp, input):
    """(s, l) with det A = s eˡ: the determinant where it would overflow"""
    check_square(input)
    sign, size = xp.linalg.slogdet(input)
    return sign, size.astype(input.dtype)


@slogdet.gradient  # the sign does not change; ∂l/∂A = A⁻ᴴ
def _(op, dsign, dsize):
    return _scaled_inverse(op.inputs[0], dsize)


def logdet(matrix: Any, name: str | None = None) -> Any:
    """y = ln det A of a positive definite A, by its Cholesky factor: 2 Σ ln Lᵢᵢ"""

    with scope(name, "logdet", [matrix]):
        diagonal = matrix_diag_part(cholesky(matrix))
        return 2.0 * reduce_sum(log(real(diagonal)), [-1])


def trace(x: Any, name: str | None = None) -> Any:
    """y = Σ Aᵢᵢ over the diagonal of the last two dimensions

    >>> trace([[1, 2], [3, 4]]).numpy().item()
    5
    """

    with scope(name, "Trace", [x]) as full:
        return reduce_sum(matrix_diag_part(x), [-1], name=full or None)


# Cholesky


@op("Cholesky", f"T -> T where T: {NUMBERS}", shape=square_shape)
@fails_with("Cholesky decomposition was not successful. The input might not be valid.")
def cholesky(xp, input):
    """L, lower triangular, with L Lᴴ = A; only the lower triangle of A is looked at"""
    check_square(input)
    return xp.linalg.cholesky(input)


@cholesky.gradient
def _(op, dl):
    """Ā = L⁻ᴴ Φ(Lᴴ L̄) L⁻¹, made Hermitian, where Φ keeps the lower triangle and halves the diagonal.

    Source: Murray, Differentiation of the Cholesky decomposition, equation 8.
    """

    lower = op.outputs[0]
    middle = matmul(lower, dl, adjoint_a=True)
    middle = matrix_band_part(middle, -1, 0) - 0.5 * matrix_band_part(middle, 0, 0)
    left = triangular_solve_op(lower, middle, adjoint=True)
    both = adjoint(triangular_solve_op(lower, adjoint(left), adjoint=True))
    return 0.5 * (both + adjoint(both))


def cholesky_solve(chol: Any, rhs: Any, name: str | None = None) -> Any:
    """X with A X = B, given the Cholesky factor of A"""
    with scope(name, "cholesky_solve", [chol, rhs]):
        y = triangular_solve_op(chol, rhs)
        return triangular_solve_op(chol, y, adjoint=True)


# Least squares


def _least_squares_shape(op: Any) -> Shape:
    a, b = op.inputs[0]._shape, op.inputs[1]._shape
    for shape in (a, b):
        if shape is not None and len(shape) < 2:
            raise ValueError(f"Shape must be at least rank 2 but is rank {len(shape)}")
    if a is None or b is None:
        return None
    equal_sizes(a[-2], b[-2])
    return (*shapes.merge(a[:-2], b[:-2]), a[-1], b[-1])  # type: ignore[misc]  # both are known


@op(
    "MatrixSolveLs",
    f"T, T, host float64 -> T where T: {NUMBERS}",
    shape=_least_squares_shape,
    differentiable=False,
)
def least_squares_op(xp, matrix, rhs, l2_regularizer):
    """X of least size among those with the least ‖A X − B‖, for any A: by its pseudo-inverse"""
    return xp.matmul(xp.linalg.pinv(matrix), rhs)


def matrix_solve_ls(
    matrix: Any, rhs: Any, l2_regularizer: float = 0.0, fast: bool = True, name: str | None = None
) -> Any:
    """X that minimizes ‖A X − B‖² + λ ‖X‖²  (λ is ``l2_regularizer``).

    Where A has fewer rows than columns and λ is 0, the smallest of the exact solutions.  ``fast`` solves the normal
    equations, which needs full rank (and sizes known when the graph is built); otherwise the pseudo-inverse is
    taken, λ is ignored and no gradient passes.
    """
    matrix, rhs = convert_to_tensor(matrix, name="matrix"), convert_to_tensor(rhs, name="rhs")
    if not fast:
        return least_squares_op(matrix, rhs, l2_regularizer, name=name)
    shape = matrix._shape
    if shape is None or None in shape[-2:]:
        raise NotImplementedError(
            "matrix_solve_ls needs the number of rows and columns of `matrix` when the graph is built, but its shape "
            f"is {matrix.shape}: use set_shape, or fast=False."
        )
    with scope(name, "matrix_solve_ls", [matrix, rhs]):
        tall = shape[-2] >= shape[-1]
        gramian = matmul(matrix, matrix, adjoint_a=tall, adjoint_b=not tall)
        if l2_regularizer:
            gramian = gramian + l2_regularizer * np.eye(min(shape[-2:]), dtype=matrix.dtype.np_dtype)
        factor = cholesky(gramian)
        if tall:
            return cholesky_solve(factor, matmul(matrix, rhs, adjoint_a=True))
        return matmul(matrix, cholesky_solve(factor, rhs), adjoint_a=True)
