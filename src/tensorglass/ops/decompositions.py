"""Decompositions of matrices: singular values, eigenvalues, QR, and the exponential.

Signs of singular and eigenvectors are LAPACK's.  The gradients divide by differences of singular or eigenvalues: they
are meant for matrices in which no two are equal (there the vectors themselves are not determined).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgumentError
from ..op import op
from ..shapes import Shape, merged
from .array import concat, expand_dims, shape
from .constant import ones_like, zeros_like
from .diag import matrix_band_part, matrix_diag, matrix_set_diag
from .linalg import adjoint, matmul
from .nan import div_no_nan
from .rows import repeat
from .solvers import NUMBERS, check_square, fails_with, square_shape, triangle, triangular_solve_op

# Singular values


def _matrix_shape(op: Any) -> Shape:
    shape = op.inputs[0]._shape
    if shape is not None and len(shape) < 2:
        raise ValueError(f"Shape must be at least rank 2 but is rank {len(shape)}")
    return shape


def _smaller(m: int | None, n: int | None) -> int | None:
    return 0 if 0 in (m, n) else None if m is None or n is None else min(m, n)


def _svd_shapes(op: Any) -> list[Shape]:
    shape = _matrix_shape(op)
    vectors, full = op.attrs["compute_uv"], op.attrs["full_matrices"]
    if shape is None:
        return [None, None, None] if vectors else [None, (0,), (0,)]
    *batch, m, n = shape
    k = _smaller(m, n)
    if not vectors:
        return [(*batch, k), (0,), (0,)]
    return [(*batch, k), (*batch, m, m if full else k), (*batch, n, n if full else k)]


@op("Svd", f"T -> T, T, T where T: {NUMBERS}", shape=_svd_shapes, outputs=("s", "u", "v"), partial=True)
@fails_with("SVD was not successful. The input might not be valid.")
def svd_op(xp, input, *, compute_uv=True, full_matrices=False):
    """(s, U, V) with A = U diag(s) Vᴴ, s ≥ 0 and falling, the columns of U and of V orthonormal"""
    if not compute_uv:
        s = xp.linalg.svd(input, compute_uv=False)
        return s.astype(input.dtype), xp.zeros(0, input.dtype), xp.zeros(0, input.dtype)
    u, s, vh = xp.linalg.svd(input, full_matrices=full_matrices)
    return s.astype(input.dtype), u, xp.conj(xp.swapaxes(vh, -1, -2))


@svd_op.gradient
def _(op, ds, du, dv):
    """Ā = U (diag(s̄) + (F ∘ (UᵀŪ − ŪᵀU)) S + S (F ∘ (VᵀV̄ − V̄ᵀV))) Vᵀ + what leaves the span of U and V.

    F is 1/(sⱼ² − sᵢ²) off the diagonal.  Source: Townsend, Differentiating the Singular Value Decomposition, section 1.
    """
    a = op.inputs[0]
    if not op.compute_uv:
        s, u, v = svd_op(a)
        return matmul(_columns_times(u, ds), v, adjoint_b=True)
    if a.dtype.is_complex and (du is not None or dv is not None):
        raise NotImplementedError("SVD gradient is not implemented for complex singular vectors.")
    if op.full_matrices and a._shape is not None and a._shape[-1] != a._shape[-2]:
        raise NotImplementedError("svd gradient is not implemented for full_matrices=True unless A is square.")
    s, u, v = op.outputs
    core = None if ds is None else matrix_diag(ds)
    outside = None
    gaps = _inverse_gaps(s * s)
    if du is not None:
        turn = matmul(u, du, adjoint_a=True)
        core = _plus(core, _columns_times(gaps * (turn - adjoint(turn)), s))
        rest = _columns_times(du - matmul(u, turn), _safe_inverse(s))
        outside = matmul(rest, v, adjoint_b=True)
    if dv is not None:
        turn = matmul(v, dv, adjoint_a=True)
        core = _plus(core, adjoint(_columns_times(adjoint(gaps * (turn - adjoint(turn))), s)))
        rest = _columns_times(dv - matmul(v, turn), _safe_inverse(s))
        outside = _plus(outside, matmul(u, rest, adjoint_b=True))
    return _plus(outside, matmul(u, matmul(core, v, adjoint_b=True)))


def _plus(a: Any, b: Any) -> Any:
    return b if a is None else a + b


def _columns_times(x: Any, s: Any) -> Any:
    """X diag(s)"""

    return x * expand_dims(s, -2)


def _safe_inverse(x: Any) -> Any:
    """1/x, but 0 where x is 0"""
    return div_no_nan(ones_like(x), x)


def _inverse_gaps(e: Any) -> Any:
    """F with Fᵢⱼ = 1/(eⱼ − eᵢ) off the diagonal, 0 on it and where two are equal"""

    return matrix_set_diag(_safe_inverse(expand_dims(e, -2) - expand_dims(e, -1)), zeros_like(e))


def svd(tensor: Any, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None) -> Any:
    """(s, U, V) with A = U diag(s) Vᴴ; only s where not ``compute_uv``.

    The columns of V, not its rows as in NumPy, are the right singular vectors.  ``full_matrices`` completes U and V
    to square matrices.

    >>> svd([[3.0, 0.0], [0.0, 4.0]], compute_uv=False).numpy().tolist()
    [4.0, 3.0]
    """
    found = svd_op(tensor, compute_uv=bool(compute_uv), full_matrices=bool(full_matrices), name=name)
    return tuple(found) if compute_uv else found[0]


# Eigenvalues of symmetric matrices


def _eigen_shapes(op: Any) -> list[Shape]:
    shape = square_shape(op)
    if shape is None:
        return [None, None if op.attrs["compute_v"] else (0,)]
    return [shape[:-1], shape if op.attrs["compute_v"] else (0,)]


@op("SelfAdjointEigV2", f"T -> T, T where T: {NUMBERS}", shape=_eigen_shapes, outputs=("e", "v"), partial=True)
@fails_with("Self-adjoint eigen decomposition was not successful. The input might not be valid.")
def self_adjoint_eig_op(xp, input, *, compute_v=True):
    """(e, V) with A V = V diag(e), e rising; only the lower triangle of A is looked at"""
    check_square(input)
    if not compute_v:
        return xp.linalg.eigvalsh(input).astype(input.dtype), xp.zeros(0, input.dtype)
    e, v = xp.linalg.eigh(input)
    return e.astype(input.dtype), v


@self_adjoint_eig_op.gradient
def _(op, de, dv):
    """Ā = V (diag(ē) + F ∘ (Vᴴ V̄)) Vᴴ with Fᵢⱼ = 1/(eⱼ − eᵢ), for the lower triangle alone.

    Source: Giles, Collected Matrix Derivative Results for Forward and Reverse Mode Algorithmic Differentiation, 3.1.
    """

    e, v = op.outputs if op.compute_v else self_adjoint_eig_op(op.inputs[0])
    core = None if de is None else matrix_diag(de)
    if dv is not None:
        core = _plus(core, _inverse_gaps(e) * matmul(v, dv, adjoint_a=True))
    whole = matmul(v, matmul(core, v, adjoint_b=True))
    whole = whole + adjoint(whole)
    return matrix_band_part(whole, -1, 0) - 0.5 * matrix_band_part(whole, 0, 0)


def self_adjoint_eig(tensor: Any, name: str | None = None) -> Any:
    """(e, V): the eigenvalues of a symmetric (Hermitian) A, rising, and its eigenvectors, the columns of V.

    >>> self_adjoint_eig([[2.0, 0.0], [0.0, 1.0]])[0].numpy().tolist()
    [1.0, 2.0]
    """
    return tuple(self_adjoint_eig_op(tensor, name=name))


def self_adjoint_eigvals(tensor: Any, name: str | None = None) -> Any:
    """e: the eigenvalues of a symmetric (Hermitian) matrix, rising"""
    return self_adjoint_eig_op(tensor, compute_v=False, name=name)[0]


# QR


def _qr_shapes(op: Any) -> list[Shape]:
    shape = _matrix_shape(op)
    if shape is None:
        return [None, None]
    *batch, m, n = shape
    k = m if op.attrs["full_matrices"] else _smaller(m, n)
    return [(*batch, m, k), (*batch, k, n)]


@op("Qr", f"T -> T, T where T: {NUMBERS}", shape=_qr_shapes, outputs=("q", "r"))
def qr(xp, input, *, full_matrices=False):
    """(Q, R) with A = Q R, the columns of Q orthonormal and R upper triangular"""
    return tuple(xp.linalg.qr(input, mode="complete" if full_matrices else "reduced"))


@qr.gradient
def _(op, dq, dr):
    """Source: Walter and Lehmann, Algorithmic Differentiation of Linear Algebra Functions, section 3.1.

    A wide A = (X, Y) has Q R = X and the rest of R is Qᵀ Y.
    """

    a, (q, r) = op.inputs[0], op.outputs
    shape = a._shape
    if shape is None or None in shape[-2:]:
        raise NotImplementedError("QrGrad not implemented with dynamic shapes.")
    if a.dtype.is_complex:
        raise NotImplementedError("QrGrad is not implemented for complex matrices.")
    m, n = shape[-2:]
    if op.full_matrices and m != n:
        raise NotImplementedError("QrGrad not implemented when full_matrices is true and A is not square.")
    if m >= n:
        return _tall_qr_gradient(q, r, dq, dr)
    y, dv = a[..., m:], dr[..., m:]
    dx = _tall_qr_gradient(q, r[..., :m], dq + matmul(y, dv, adjoint_b=True), dr[..., :m])
    return concat([dx, matmul(q, dv)], -1)


def _tall_qr_gradient(q: Any, r: Any, dq: Any, dr: Any) -> Any:
    inner, lean = matmul(q, dq, adjoint_a=True), matmul(r, dr, adjoint_b=True)
    skew = triangle(inner - adjoint(inner) + lean - adjoint(lean))
    return matmul(q, dr + _over(skew, r)) + _over(dq - matmul(q, inner), r)


def _over(x: Any, r: Any) -> Any:
    """X R⁻ᴴ for an upper triangular R"""
    return adjoint(triangular_solve_op(r, adjoint(x), lower=False))


# Cross product and exponential


def _cross_shape(op: Any) -> Shape:
    shape = merged(op)
    if shape is not None:
        if not shape:
            raise ValueError("Shape must be at least rank 1 but is rank 0")
        if shape[-1] not in (3, None):
            raise ValueError(f"Dimension must be 3 but is {shape[-1]}")
    return shape


@op("Cross", "T, T -> T where T: float|int", shape=_cross_shape)
def cross(xp, a, b):
    """y = a × b for vectors of three elements, along the last dimension"""
    if a.shape != b.shape or not a.ndim or a.shape[-1] != 3:
        raise InvalidArgumentError(
            None, None, f"Both inputs must be of same shape, vectors of 3 elements: {list(a.shape)} vs. {list(b.shape)}"
        )
    return xp.cross(a, b)


@cross.gradient  # ā = b × ȳ,  b̄ = ȳ × a
def _(op, dy):
    a, b = op.inputs
    return cross(b, dy), cross(dy, a)


# Coefficients of the Padé approximant of degree 13, and the largest norm for which it is exact in float64.
_PADE = (64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
         670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1)  # fmt: skip
_NORM = 5.371920351148152


@op("MatrixExponential", f"T -> T where T: {NUMBERS}", shape=square_shape, name="matrix_exponential")
def expm(xp, input):
    """Y = Σ Aᵏ / k!   (a rational approximation of A/2ˢ, squared s times)

    Source: Higham, The Scaling and Squaring Method for the Matrix Exponential Revisited, algorithm 2.3.
    """
    check_square(input)
    if not input.size:
        return xp.asarray(input)
    norm = xp.max(xp.sum(xp.abs(input), axis=-2))
    large = (norm > _NORM) & (norm < np.inf)
    squarings = xp.ceil(xp.log2(xp.where(large, norm, _NORM) / _NORM)).astype(np.int32)
    a = input / xp.ldexp(xp.ones_like(norm), squarings)
    powers = [xp.broadcast_to(xp.eye(a.shape[-1], dtype=a.dtype), a.shape), xp.matmul(a, a)]
    for _ in range(5):
        powers.append(xp.matmul(powers[-1], powers[1]))
    b = [input.dtype.type(c / _PADE[0]) for c in _PADE]
    odd = xp.matmul(a, sum(b[2 * i + 1] * p for i, p in enumerate(powers)))
    even = sum(b[2 * i] * p for i, p in enumerate(powers))
    y = xp.linalg.solve(even - odd, even + odd)
    return repeat(xp, lambda s: s[0] < squarings, lambda s: (s[0] + 1, xp.matmul(s[1], s[1])), (0, y))[1]


@expm.gradient
def _(op, dy):
    """The upper right block of exp [[Aᴴ, Ȳ], [0, Aᴴ]].  Source: Higham, Functions of Matrices, equation 3.16."""

    a = adjoint(op.inputs[0])
    n = shape(a)[-1]
    rows = concat([a, dy], -1), concat([zeros_like(a), a], -1)
    return expm(concat(list(rows), -2))[..., :n, n:]
