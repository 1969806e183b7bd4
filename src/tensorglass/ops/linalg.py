"""Products: matrices, batches of matrices, vectors.

The gradient of a product is two more products, so everything here is built of the few ops at the top.  Decompositions,
solvers and determinants are in decompositions.py, index notation is in einsum.py.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..convert import convert_to_tensor, holds_tensor
from ..errors import InvalidArgumentError
from ..graph import Tensor
from ..names import scope
from ..op import op
from ..shapes import Shape, broadcast_shapes
from .arrange import transpose
from .array import concat, expand_dims, rank, reshape_like, squeeze
from .cast import cast
from .complex import conj
from .constant import range as tensor_range
from .reduce import sum_to_like


def _inner(p: int | None, q: int | None) -> None:
    if p != q and p is not None and q is not None:
        raise ValueError(f"Dimensions must be equal, but are {p} and {q}")


def _product_shape(op: Any) -> Shape:
    a, b = op.inputs[0]._shape, op.inputs[1]._shape
    for shape in (a, b):
        if shape is not None and len(shape) != 2:
            raise ValueError(f"Shape must be rank 2 but is rank {len(shape)}")
    a, b = a or (None, None), b or (None, None)
    a = a[::-1] if op.attrs["transpose_a"] else a
    b = b[::-1] if op.attrs["transpose_b"] else b
    _inner(a[1], b[0])
    return (a[0], b[1])


def check_product(a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False) -> None:
    """InvalidArgumentError unless two arrays are matrices whose inner sizes agree."""
    for i, x in enumerate((a, b)):
        if x.ndim != 2:
            raise InvalidArgumentError(None, None, f"In[{i}] ndims must be 2: {x.ndim}")
    if a.shape[0 if transpose_a else 1] != b.shape[1 if transpose_b else 0]:
        raise InvalidArgumentError(
            None, None, f"Matrix size-incompatible: In[0]: {list(a.shape)}, In[1]: {list(b.shape)}"
        )


@op("MatMul", "T, T -> T where T: float|complex|int32|int64", shape=_product_shape)
def matmul_op(xp, a, b, *, transpose_a=False, transpose_b=False):
    """Y = A B, of matrices; ``transpose_a`` and ``transpose_b`` take Aᵀ, Bᵀ instead"""
    check_product(a, b, transpose_a, transpose_b)
    return xp.matmul(a.T if transpose_a else a, b.T if transpose_b else b)


@matmul_op.gradient  # Ā = Ȳ Bᴴ,  B̄ = Aᴴ Ȳ
def _(op, dy):
    a, b = (conj(x) for x in op.inputs)
    ta, tb = op.transpose_a, op.transpose_b
    if not ta and not tb:
        return matmul_op(dy, b, transpose_b=True), matmul_op(a, dy, transpose_a=True)
    if not ta:
        return matmul_op(dy, b), matmul_op(dy, a, transpose_a=True)
    if not tb:
        return matmul_op(b, dy, transpose_b=True), matmul_op(a, dy)
    both = {"transpose_a": True, "transpose_b": True}
    return matmul_op(b, dy, **both), matmul_op(dy, a, **both)


def _batch_shape(op: Any) -> Shape:
    x, y = op.inputs[0]._shape, op.inputs[1]._shape
    for shape in (x, y):
        if shape is not None and len(shape) < 2:
            raise ValueError(f"Shape must be at least rank 2 but is rank {len(shape)}")
    if x is None or y is None:
        return None
    (m, k), (k2, n) = x[-2:], y[-2:]
    m, k = (k, m) if op.attrs["adj_x"] else (m, k)
    k2, n = (n, k2) if op.attrs["adj_y"] else (k2, n)
    _inner(k, k2)
    return (*broadcast_shapes(x[:-2], y[:-2]), m, n)  # type: ignore[misc]  # both are known


def adjoint_array(xp: Any, x: Any) -> Any:
    """Xᴴ of an array, over its last two dimensions"""
    x = xp.swapaxes(x, -1, -2)
    return xp.conj(x) if x.dtype.kind == "c" else x


def _matrices(xp: Any, x: Any, y: Any) -> Any:
    """X Y for arrays of at least two dimensions; a batch times one matrix is a single product of tall matrices."""
    if x.ndim < 2 or y.ndim < 2:
        raise InvalidArgumentError(None, None, f"In[{int(x.ndim >= 2)}] ndims must be >= 2: {min(x.ndim, y.ndim)}")
    if x.shape[-1] != y.shape[-2]:
        raise InvalidArgumentError(
            None, None, f"Matrix size-incompatible: In[0]: {list(x.shape)}, In[1]: {list(y.shape)}"
        )
    if y.ndim == 2 and x.ndim > 2:
        rows = xp.reshape(x, (math.prod(x.shape[:-1]), x.shape[-1]))
        return xp.reshape(xp.matmul(rows, y), (*x.shape[:-1], y.shape[-1]))
    return xp.matmul(x, y)


@op("BatchMatMulV2", "T, T -> T where T: float|complex|int", shape=_batch_shape)
def batch_matmul(xp, x, y, *, adj_x=False, adj_y=False):
    """Yᵢ = Aᵢ Bᵢ for every i in the leading dimensions, which broadcast; ``adj_x``, ``adj_y`` take Aᵢᴴ, Bᵢᴴ"""
    return _matrices(xp, adjoint_array(xp, x) if adj_x else x, adjoint_array(xp, y) if adj_y else y)


@batch_matmul.gradient  # X̄ = Ȳ Yᴴ,  Ȳ = Xᴴ Ȳ, summed over what was broadcast
def _(op, dz):
    x, y = op.inputs
    return _left_gradient(op, x, y, dz), _right_gradient(op, x, y, dz)


def _left_gradient(op: Any, x: Any, y: Any, dz: Any) -> Any:
    if _is_matrix(x):  # one matrix before a batch: the sum over the batch is itself a product, of tall matrices
        rows, right = fold_rows(matrix_transpose(dz)), fold_rows(y if op.adj_y else adjoint(y))
        if op.adj_x:
            return matmul_op(conj(right), conj(rows), transpose_a=True)
        return matmul_op(rows, right, transpose_a=True)
    if op.adj_x:
        found = batch_matmul(y, dz, adj_x=op.adj_y, adj_y=True)
    else:
        found = batch_matmul(dz, y, adj_y=not op.adj_y)
    return found if _is_matrix(y) else summed_batch(found, x)


def _right_gradient(op: Any, x: Any, y: Any, dz: Any) -> Any:
    if _is_matrix(y):  # and one matrix behind a batch
        left, rows = fold_rows(adjoint(x) if op.adj_x else x), fold_rows(dz)
        if op.adj_y:
            return matmul_op(conj(rows), left, transpose_a=True)
        return matmul_op(conj(left), rows, transpose_a=True)
    if op.adj_y:
        found = batch_matmul(dz, x, adj_x=True, adj_y=op.adj_x)
    else:
        found = batch_matmul(x, dz, adj_x=not op.adj_x)
    return found if _is_matrix(x) else summed_batch(found, y)


def _is_matrix(x: Any) -> bool:
    return x._shape is not None and len(x._shape) == 2


def summed_batch(g: Any, x: Any) -> Any:
    """`g` summed over the leading dimensions along which the matrices in `x` were repeated."""
    if g._shape == x._shape and x._shape is not None and None not in x._shape:
        return g

    return sum_to_like(g, x)


def _rows_shape(op: Any) -> Shape:
    shape = op.inputs[0]._shape
    if shape is None:
        return (None, None)
    return (None if None in shape[:-1] else math.prod(shape[:-1]), shape[-1])


@op("FoldRows", "T -> T", shape=_rows_shape)
def fold_rows(xp, x):
    """Y = the rows of all matrices of a batch under each other: shape [..., m, n] becomes [... · m, n]"""
    return xp.reshape(x, (math.prod(x.shape[:-1]), x.shape[-1]))


@fold_rows.gradient
def _(op, dy):
    return reshape_like(dy, op.inputs[0])


def matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    output_type: Any = None,
    name: str | None = None,
) -> Any:
    """Y = A B for matrices, or for every pair of matrices in two batches (shapes [..., m, k] and [..., k, n]).

    ``transpose_*`` and ``adjoint_*`` turn the last two dimensions over first (the latter with complex conjugation);
    leading dimensions broadcast.  ``*_is_sparse`` are hints and change nothing.  ValueError for operands of rank
    below 2 or sizes that do not match.

    >>> import tensorglass as tg
    >>> tg.matmul([[1, 2], [3, 4]], [[1], [1]]).numpy().tolist()
    [[3], [7]]
    """
    for side, turned, adj in (("a", transpose_a, adjoint_a), ("b", transpose_b, adjoint_b)):
        if turned and adj:
            raise ValueError(f"Only one of `transpose_{side}` and `adjoint_{side}` can be True.")
    a, b = _operand(a), _operand(b)
    if output_type is not None:
        a, b = cast(a, output_type), cast(b, output_type)
    batched = not _at_most_2d(a) or not _at_most_2d(b)
    if not (transpose_a or transpose_b or adjoint_a or adjoint_b):
        return batch_matmul(a, b, name=name or "MatMul") if batched else matmul_op(a, b, name=name)
    # A batched product knows adjoints and a plain one transposes: conjugation makes the one out of the other.
    sides = (transpose_a, transpose_b) if batched else (adjoint_a, adjoint_b)
    if any(turn and _holds_complex(x) for x, turn in zip((a, b), sides, strict=True)):
        with scope(name, "MatMul", [a, b]) as full:
            a, b = (conj(x) if turn else x for x, turn in zip((a, b), sides, strict=True))
            name = full or None
    turn_a, turn_b = bool(transpose_a or adjoint_a), bool(transpose_b or adjoint_b)
    if batched:
        return batch_matmul(a, b, adj_x=turn_a, adj_y=turn_b, name=name or "MatMul")
    return matmul_op(a, b, transpose_a=turn_a, transpose_b=turn_b, name=name)


def _operand(x: Any) -> Any:
    """`x` as a tensor where it stands for one; literals wait for the type of their partner."""
    if hasattr(x, "_to_tensor"):
        return x._to_tensor()
    if isinstance(x, (list, tuple)):
        return convert_to_tensor(x) if holds_tensor(x) else np.asarray(x) if x and _is_array(x[0]) else x
    return x


def _is_array(x: Any) -> bool:
    return isinstance(x, (np.ndarray, np.generic))


def _rank_of(x: Any) -> int | None:
    if isinstance(x, Tensor):
        return None if x._shape is None else len(x._shape)
    return np.ndim(x)


def _at_most_2d(x: Any) -> bool:
    rank = _rank_of(x)
    return rank is not None and rank <= 2


def _holds_complex(x: Any) -> bool:
    return x.dtype.is_complex if isinstance(x, Tensor) else np.iscomplexobj(x)


# The product of the root namespace: vectors too, and ranks that only the run can tell


def _any_shape(op: Any) -> Shape:
    a, b = op.inputs[0]._shape, op.inputs[1]._shape
    if a is None or b is None:
        return None
    if not a or not b:
        raise ValueError("matmul needs vectors or matrices, but one operand is a scalar: use multiply")
    row, column = len(a) == 1, len(b) == 1
    a, b = (1, *a) if row else a, (*b, 1) if column else b
    _inner(a[-1], b[-2])
    batch = broadcast_shapes(a[:-2], b[:-2])
    return (*batch, *(() if row else (a[-2],)), *(() if column else (b[-1],)))  # type: ignore[misc]


@op("AnyMatMul", "T, T -> T where T: float|complex|int", shape=_any_shape, name="MatMul")
def any_matmul(xp, a, b):
    """Y = A B, where a vector on the left is a row and on the right a column, as in `numpy.matmul`"""
    if not a.ndim or not b.ndim:
        raise InvalidArgumentError(None, None, "matmul needs vectors or matrices, but one operand is a scalar")
    if a.ndim > 1 and b.ndim > 1:
        return _matrices(xp, a, b)
    if a.shape[-1] != b.shape[-2 if b.ndim > 1 else 0]:
        raise InvalidArgumentError(
            None, None, f"Matrix size-incompatible: In[0]: {list(a.shape)}, In[1]: {list(b.shape)}"
        )
    return xp.matmul(a, b)


# ⟨Ȳ, A B⟩ is linear in each of its three factors, so the gradients of these three ops are these three ops.
@any_matmul.gradient  # Ā = Ȳ Bᴴ,  B̄ = Aᴴ Ȳ
def _(op, dy):
    a, b = op.inputs
    return any_matmul_left(dy, a, b), any_matmul_right(dy, a, b)


@op("AnyMatMulLeft", "T, like U, T -> T where T: float|complex|int", shape=lambda op: op.inputs[1]._shape)
def any_matmul_left(xp, y, a, b):
    """Ā = Ȳ Bᴴ in the shape of A: the gradient of `any_matmul` for its left operand"""
    y, b = _as_matrices(xp, y, len(a.shape) == 1, b.ndim == 1), b[:, None] if b.ndim == 1 else b
    return _in_shape(xp, _matrices(xp, y, adjoint_array(xp, b)), a.shape, (-2,))


@any_matmul_left.gradient
def _(op, da):
    y, _, b = op.inputs
    return any_matmul(da, b), None, any_matmul_right(y, da, b)


@op("AnyMatMulRight", "T, T, like U -> T where T: float|complex|int", shape=lambda op: op.inputs[2]._shape)
def any_matmul_right(xp, y, a, b):
    """B̄ = Aᴴ Ȳ in the shape of B: the gradient of `any_matmul` for its right operand"""
    y, a = _as_matrices(xp, y, a.ndim == 1, len(b.shape) == 1), a[None, :] if a.ndim == 1 else a
    if len(b.shape) <= 2 and a.ndim > 2:  # the sum over the batch is itself a product
        y, a = fold_rows.kernel(xp, y), fold_rows.kernel(xp, a)
    return _in_shape(xp, _matrices(xp, adjoint_array(xp, a), y), b.shape, (-1,))


@any_matmul_right.gradient
def _(op, db):
    y, a, _ = op.inputs
    return any_matmul(a, db), any_matmul_left(y, a, db), None


def _as_matrices(xp: Any, y: Any, row: bool, column: bool) -> Any:
    """A product with the axes put back that vectors did not give it."""
    y = xp.expand_dims(y, -1) if column else y
    return xp.expand_dims(y, -2) if row else y


def _in_shape(xp: Any, g: Any, shape: tuple[int, ...], vector_axis: tuple[int]) -> Any:
    """`g` summed over broadcast dimensions, and as a vector where the operand was one."""
    if len(shape) == 1:
        g = xp.squeeze(g, vector_axis)
    lead = g.ndim - len(shape)
    axes = tuple(i for i in range(g.ndim) if i < lead or (shape[i - lead] == 1 and g.shape[i] != 1))
    return xp.reshape(xp.sum(g, axis=axes, dtype=g.dtype), shape) if axes else g


def root_matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    output_type: Any = None,
    name: str | None = None,
) -> Any:
    """Y = A B as `matmul`, and also of vectors: one on the left is a row, one on the right a column.

    The axis that a vector was given for the product is taken away again, as `numpy.matmul` does.  What is a vector
    may be known only when the graph runs.

    >>> import tensorglass as tg
    >>> tg.matmul([[1, 2], [3, 4]], [1, 1]).numpy().tolist()
    [3, 7]
    """
    a, b = _operand(a), _operand(b)
    plain = not (transpose_a or transpose_b or adjoint_a or adjoint_b or output_type)
    ranks = _rank_of(a), _rank_of(b)
    if plain and (None in ranks or 1 in ranks or 0 in ranks):
        return any_matmul(a, b, name=name)
    return matmul(a, b, transpose_a, transpose_b, adjoint_a, adjoint_b, output_type=output_type, name=name)


root_matmul.__name__ = root_matmul.__qualname__ = "matmul"  # what the root namespace calls it


def matvec(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    adjoint_a: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    name: str | None = None,
) -> Any:
    """y = A x, a matrix times a vector (shapes [..., m, k] and [..., k])

    >>> matvec([[1, 2], [3, 4]], [1, 1]).numpy().tolist()
    [3, 7]
    """

    with scope(name, "MatVec", [a, b]):
        column = expand_dims(convert_to_tensor(b), -1)
        return squeeze(matmul(a, column, transpose_a, adjoint_a=adjoint_a), axis=[-1])


def matrix_transpose(a: Any, name: str | None = "matrix_transpose", conjugate: bool = False) -> Any:
    """Aᵀ of a matrix or of every matrix of a batch; ``conjugate`` makes it Aᴴ

    >>> matrix_transpose([[1, 2]]).numpy().tolist()
    [[1], [2]]
    """

    with scope(name, "matrix_transpose", [a]):
        a = convert_to_tensor(a, name="a")
        if a._shape is None:
            n = rank(a)
            perm = concat([tensor_range(n - 2), [n - 1, n - 2]], 0)
        elif len(a._shape) < 2:
            raise ValueError(f"Argument `a` should be a (batch) matrix with rank >= 2. Received {a!r}")
        else:
            axes = list(range(len(a._shape)))
            perm = [*axes[:-2], axes[-1], axes[-2]]
        return transpose(a, perm, conjugate=conjugate)


def adjoint(matrix: Any, name: str | None = None) -> Any:
    """Aᴴ: transposed and, where it is complex, conjugated"""
    with scope(name, "adjoint", [matrix]):
        return matrix_transpose(convert_to_tensor(matrix, name="matrix"), conjugate=True)
