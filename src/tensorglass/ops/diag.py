"""Diagonals of tensors and matrices, and bands around them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..convert import convert_to_tensor
from ..op import op
from ..shapes import Shape, merge
from ..static import constant_value
from .rows import put

# Diagonals of tensors: y[i..., i...] = x[i...]


def _diag_shape(op: Any) -> Shape:
    shape = op.inputs[0]._shape
    if shape == ():
        raise ValueError("Shape must be at least rank 1 but is rank 0")
    return None if shape is None else shape + shape


@op("Diag", "T -> T where T: float|complex|int", shape=_diag_shape)
def diag(xp, diagonal):
    """y[i..., i...] = x[i...], all else zero

    >>> import tensorglass as tg
    >>> tg.linalg.tensor_diag([1, 2]).numpy().tolist()
    [[1, 0], [0, 2]]
    """
    if not diagonal.ndim:
        raise ValueError("Input must be at least rank 1, got 0")
    flat = xp.reshape(diagonal, (-1,))
    return xp.reshape(xp.diag(flat), diagonal.shape * 2)


def _diag_part_shape(op: Any) -> Shape:
    shape = op.inputs[0]._shape
    if shape is None:
        return None
    if len(shape) % 2 or not shape:
        raise ValueError(f"Input must have even and non-zero rank, input rank is {len(shape)}")
    half = len(shape) // 2
    for a, b in zip(shape[:half], shape[half:], strict=True):
        if a != b and a is not None and b is not None:
            raise ValueError(f"Dimensions must be equal, but are {a} and {b}")
    return merge(shape[:half], shape[half:])


@op("DiagPart", "T -> T where T: float|complex|int", shape=_diag_part_shape)
def diag_part(xp, input):
    """y[i...] = x[i..., i...]"""
    half = input.ndim // 2
    if input.ndim % 2 or not input.ndim or input.shape[:half] != input.shape[half:]:
        raise ValueError(f"The rank of the tensor should be even and positive, got shape {list(input.shape)}")
    size = int(np.prod(input.shape[:half]))
    return xp.reshape(xp.diagonal(xp.reshape(input, (size, size))), input.shape[:half])


@diag.gradient
def _(op, dy):
    return diag_part(dy)


@diag_part.gradient
def _(op, dy):
    return diag(dy)


# Diagonals of the matrices in the last two axes.  Diagonal k lies k columns right of the main one (k < 0: below it).  A
# band of several is stored as rows of equal length, the uppermost diagonal first, shorter ones moved left or right.


def _bounds(k: Any) -> tuple[int, int]:
    """The lowest and the highest diagonal of a band."""
    ks = [int(v) for v in np.atleast_1d(k)]
    if len(ks) not in (1, 2):
        raise ValueError(f"k must be a scalar or a vector of one or two elements, not {len(ks)}")
    if ks[0] > ks[-1]:
        raise ValueError(f"lower_diag_index must not be larger than upper_diag_index: {ks[0]} > {ks[-1]}")
    return ks[0], ks[-1]


def _length(rows: int, columns: int, k: int) -> int:
    """The number of elements of diagonal k."""
    return min(rows + min(k, 0), columns - max(k, 0))


def _longest(rows: int, columns: int, low: int, high: int) -> int:
    return min(rows + min(high, 0), columns - max(low, 0))


def _check_band(rows: int, columns: int, low: int, high: int) -> None:
    for k in (low, high):
        if not (-rows < k < columns or k == 0):
            raise ValueError(f"diagonal {k} is not inside a matrix of shape [{rows},{columns}]")


def _offset(k: int, length: int, longest: int, align: str) -> int:
    """How far right of its row's beginning diagonal k begins."""
    upper, lower = align.split("_")
    left = (k >= 0 and upper == "LEFT") or (k <= 0 and lower == "LEFT")
    return 0 if left else longest - length


def _places(rows: int, columns: int, low: int, high: int, align: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each stored element [diagonal, position]: its row, its column, and whether it is in the matrix at all."""
    longest = _longest(rows, columns, low, high)
    shape = (high - low + 1, longest)
    row, column, inside = np.zeros(shape, np.intp), np.zeros(shape, np.intp), np.zeros(shape, bool)
    for i, k in enumerate(range(high, low - 1, -1)):
        n = _length(rows, columns, k)
        place = slice(start := _offset(k, n, longest, align), start + n)
        row[i, place] = np.arange(n) - min(k, 0)
        column[i, place] = np.arange(n) + max(k, 0)
        inside[i, place] = True
    return row, column, inside


def _check_align(align: str) -> None:
    if align not in _ALIGNS:
        raise ValueError(f"align must be one of {', '.join(_ALIGNS)}, not {align!r}")


_ALIGNS = ("LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT")


def _part_shape(op: Any) -> Shape:
    shape, k = op.inputs[0]._shape, constant_value(op.inputs[1])
    _check_align(op.align)
    if shape is None:
        return None
    if len(shape) < 2:
        raise ValueError(f"Shape must be at least rank 2 but is rank {len(shape)}")
    if k is None:
        return None
    low, high = _bounds(k)
    *batch, rows, columns = shape
    longest = None
    if rows is not None and columns is not None:
        _check_band(rows, columns, low, high)
        longest = _longest(rows, columns, low, high)
    return (*batch, longest) if low == high else (*batch, high - low + 1, longest)


@op("MatrixDiagPartV3", "T, host int32, T -> T", shape=_part_shape, name="diag_part")
def matrix_diag_part_op(xp, input, k, padding_value, *, align="RIGHT_LEFT"):
    """y = the diagonals of the band k of each matrix"""
    low, high = _bounds(k)
    *batch, rows, columns = input.shape
    _check_band(rows, columns, low, high)
    row, column, inside = _places(rows, columns, low, high, align)
    band = xp.take(xp.reshape(input, (*batch, rows * columns)), row * columns + column, -1)
    if not inside.all():
        band = xp.where(inside, band, padding_value)
    return xp.reshape(band, (*batch, -1)) if low == high else band


@matrix_diag_part_op.gradient
def _(op, dy):
    from .constant import zeros_like

    x, k, _ = op.inputs
    return matrix_set_diag_op(zeros_like(x), dy, k, align=op.align), None, None


def _stored(diagonal: Any, low: int, high: int) -> Any:
    """The stored form of a band: [..., diagonal, position] for a single diagonal too."""
    if low == high:
        return diagonal.reshape(*diagonal.shape[:-1], 1, diagonal.shape[-1])
    if diagonal.ndim < 2 or diagonal.shape[-2] != high - low + 1:
        raise ValueError(f"The number of diagonals provided in `diagonal` is not consistent with k = {low}, {high}")
    return diagonal


def _set_shape(op: Any) -> Shape:
    shape, diagonal, k = op.inputs[0]._shape, op.inputs[1]._shape, constant_value(op.inputs[2])
    _check_align(op.align)
    if shape is None:
        return None
    if len(shape) < 2:
        raise ValueError(f"Shape must be at least rank 2 but is rank {len(shape)}")
    if k is not None and diagonal is not None:
        low, high = _bounds(k)
        if len(diagonal) != len(shape) - (low == high):
            raise ValueError(f"Shape must be rank {len(shape) - (low == high)} but is rank {len(diagonal)}")
    return shape


@op("MatrixSetDiagV3", "T, T, host int32 -> T", shape=_set_shape, name="set_diag")
def matrix_set_diag_op(xp, input, diagonal, k, *, align="RIGHT_LEFT"):
    """y = x with the diagonals of the band k replaced"""
    low, high = _bounds(k)
    *batch, rows, columns = input.shape
    _check_band(rows, columns, low, high)
    longest = _longest(rows, columns, low, high)
    wanted = (*batch, longest) if low == high else (*batch, high - low + 1, longest)
    if diagonal.shape != wanted:
        raise ValueError(f"Expected diagonal shape: {list(wanted)}, got {list(diagonal.shape)}")
    row, column, inside = _places(rows, columns, low, high, align)
    values = _stored(diagonal, low, high)[..., inside]
    y = xp.array(input)
    if hasattr(y, "at"):
        return y.at[..., row[inside], column[inside]].set(values)
    y[..., row[inside], column[inside]] = values
    return y


@matrix_set_diag_op.gradient
def _(op, dy):
    from .constant import zeros_like

    _, diagonal, k = op.inputs
    zero = np.zeros((), dy.dtype.np_dtype)
    inner = matrix_set_diag_op(dy, zeros_like(diagonal), k, align=op.align)
    return inner, matrix_diag_part_op(dy, k, zero, align=op.align), None


def _matrix_size(longest: int, low: int, high: int, rows: int, columns: int) -> tuple[int, int]:
    """The size of the smallest matrix with that band, or the size asked for (-1: not asked for)."""
    least_rows, least_columns = longest - min(high, 0), longest + max(low, 0)
    if rows == columns == -1:
        rows = columns = max(least_rows, least_columns)
    rows, columns = least_rows if rows == -1 else rows, least_columns if columns == -1 else columns
    if rows < least_rows:
        raise ValueError(f"The number of rows is too small: {rows}, at least {least_rows} are needed")
    if columns < least_columns:
        raise ValueError(f"The number of columns is too small: {columns}, at least {least_columns} are needed")
    if rows != least_rows and columns != least_columns:
        raise ValueError(
            f"The number of rows or columns is not consistent with the specified k and diagonal: {rows}, {columns}"
        )
    return rows, columns


def _matrix_shape(op: Any) -> Shape:
    shape = op.inputs[0]._shape
    k, rows, columns = (constant_value(t) for t in op.inputs[1:4])
    _check_align(op.align)
    if shape is None or k is None:
        return None
    low, high = _bounds(k)
    if len(shape) < 1 + (low != high):
        raise ValueError(f"Shape must be at least rank {1 + (low != high)} but is rank {len(shape)}")
    batch = shape[:-1] if low == high else shape[:-2]
    if rows is None or columns is None or shape[-1] is None:
        sizes = [None if v is None or v < 0 else int(v) for v in (rows, columns)]
        return (*batch, *sizes)
    return (*batch, *_matrix_size(shape[-1], low, high, int(rows), int(columns)))


@op("MatrixDiagV3", "T, host int32, host int32, host int32, T -> T", shape=_matrix_shape, name="diag")
def matrix_diag_op(xp, diagonal, k, num_rows, num_cols, padding_value, *, align="RIGHT_LEFT"):
    """y = matrices with the band k given and `padding_value` outside of it"""
    low, high = _bounds(k)
    rows, columns = _matrix_size(diagonal.shape[-1], low, high, int(num_rows), int(num_cols))
    band = _stored(diagonal, low, high)
    row, column, inside = _places(rows, columns, low, high, align)
    place = (..., row[inside], column[inside])
    return put(xp, (*band.shape[:-2], rows, columns), place, band[..., inside], padding_value)


@matrix_diag_op.gradient
def _(op, dy):
    zero = np.zeros((), dy.dtype.np_dtype)
    return matrix_diag_part_op(dy, op.inputs[1], zero, align=op.align), None, None, None, None


def matrix_diag(
    diagonal: Any,
    name: str = "diag",
    k: Any = 0,
    num_rows: Any = -1,
    num_cols: Any = -1,
    padding_value: Any = 0,
    align: str = "RIGHT_LEFT",
) -> Any:
    """y[..., i, i] = diagonal[..., i], all else zero: a matrix for each row.

    `k` moves the diagonal (above the main one where positive), or is a pair of bounds of a band; its diagonals are then
    the rows of `diagonal`, the uppermost first.  `num_rows` and `num_cols` may ask for more than the smallest square.

    >>> import tensorglass as tg
    >>> tg.linalg.diag([1, 2]).numpy().tolist()
    [[1, 0], [0, 2]]
    """
    x = convert_to_tensor(diagonal, name="diagonal")
    return matrix_diag_op(x, k, num_rows, num_cols, padding_value, align=align, name=name)


def matrix_diag_part(
    input: Any, name: str = "diag_part", k: Any = 0, padding_value: Any = 0, align: str = "RIGHT_LEFT"
) -> Any:
    """y[..., i] = input[..., i, i], the diagonal of each matrix; `k` as in `matrix_diag`.

    >>> import tensorglass as tg
    >>> tg.linalg.diag_part([[1, 2], [3, 4]]).numpy().tolist()
    [1, 4]
    """
    x = convert_to_tensor(input, name="input")
    return matrix_diag_part_op(x, k, padding_value, align=align, name=name)


def matrix_set_diag(input: Any, diagonal: Any, name: str = "set_diag", k: Any = 0, align: str = "RIGHT_LEFT") -> Any:
    """y = `input` with the diagonal of each matrix replaced by `diagonal`; `k` as in `matrix_diag`.

    >>> import tensorglass as tg
    >>> tg.linalg.set_diag([[1, 2], [3, 4]], [8, 9]).numpy().tolist()
    [[8, 2], [3, 9]]
    """
    return matrix_set_diag_op(input, diagonal, k, align=align, name=name)


def _band_shape(op: Any) -> Shape:
    shape = op.inputs[0]._shape
    if shape is not None and len(shape) < 2:
        raise ValueError(f"Shape must be at least rank 2 but is rank {len(shape)}")
    return shape


@op("MatrixBandPart", "T, host Tindex, host Tindex -> T where Tindex: index", shape=_band_shape)
def matrix_band_part(xp, input, num_lower, num_upper):
    """y[..., i, j] = x[..., i, j] where i − j ≤ num_lower and j − i ≤ num_upper, else 0; a negative number is no limit

    >>> import tensorglass as tg
    >>> tg.linalg.band_part([[1, 2], [3, 4]], 0, -1).numpy().tolist()
    [[1, 2], [0, 4]]
    """
    lower, upper = int(num_lower), int(num_upper)
    rows, columns = input.shape[-2:]
    if lower > rows:
        raise ValueError(f"num_lower must be negative or less or equal to number of rows ({rows}) got: {lower}")
    if upper > columns:
        raise ValueError(f"num_upper must be negative or less or equal to number of columns ({columns}) got: {upper}")
    below = np.arange(rows)[:, None] - np.arange(columns)
    inside = ((lower < 0) | (below <= lower)) & ((upper < 0) | (-below <= upper))
    return xp.where(inside, input, xp.zeros((), input.dtype))


@matrix_band_part.gradient
def _(op, dy):
    return matrix_band_part(dy, op.inputs[1], op.inputs[2])
