"""Linear algebra."""

from __future__ import annotations

from typing import Any

from ..op import op


def _product(op: Any) -> Any:
    a, b = op.inputs[0]._shape, op.inputs[1]._shape
    if a is None or b is None:
        return (None, None)
    if len(a) != 2 or len(b) != 2:
        raise ValueError(f"Shape must be rank 2 but is rank {len(a) if len(a) != 2 else len(b)}")
    rows, inner = reversed(a) if op.attrs["transpose_a"] else a
    inner_b, columns = reversed(b) if op.attrs["transpose_b"] else b
    if inner != inner_b and inner is not None and inner_b is not None:
        raise ValueError(f"Dimensions must be equal, but are {inner} and {inner_b}")
    return (rows, columns)


@op("MatMul", "T, T -> T where T: float|complex|int32|int64", shape=_product)
def matmul(xp, a, b, *, transpose_a=False, transpose_b=False):
    """Y = A B, of matrices; ``transpose_a`` and ``transpose_b`` use Aᵀ, Bᵀ"""
    return xp.matmul(a.T if transpose_a else a, b.T if transpose_b else b)


@matmul.gradient  # Ā = Ȳ Bᵀ,  B̄ = Aᵀ Ȳ
def _(op, dy):
    a, b = op.inputs
    if not op.transpose_a and not op.transpose_b:
        return matmul(dy, b, transpose_b=True), matmul(a, dy, transpose_a=True)
    if not op.transpose_a:
        return matmul(dy, b), matmul(dy, a, transpose_a=True)
    if not op.transpose_b:
        return matmul(b, dy, transpose_b=True), matmul(a, dy)
    return matmul(b, dy, transpose_a=True, transpose_b=True), matmul(dy, a, transpose_a=True, transpose_b=True)
