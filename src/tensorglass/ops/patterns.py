"""Tensors made to a pattern: one-hot rows, identity matrices, steps from here to there, masks, grids."""

from __future__ import annotations

import math
from builtins import range as builtins_range
from typing import Any

import numpy as np

from .. import dtypes
from ..convert import convert_to_tensor
from ..dtypes import as_dtype
from ..faults import found
from ..graph import Operators
from ..names import scope
from ..op import op
from ..shapes import Shape, merge
from ..static import constant_value, shape_value
from .cast import cast
from .constant import constant, ones, ones_like, range, zeros, zeros_like

# One hot


def _one_hot_shape(op: Any) -> Shape:
    shape, depth = op.inputs[0]._shape, constant_value(op.inputs[1])
    if depth is not None and depth.ndim:
        raise ValueError(f"Input must be scalar but has rank {depth.ndim}")
    if shape is None:
        return None
    axis = op.axis
    if not -1 <= axis <= len(shape):
        raise ValueError(f"Expected axis to be -1 or between [0, {len(shape) + 1}).  But received: {axis}")
    axis = len(shape) if axis == -1 else axis
    return (*shape[:axis], None if depth is None else int(depth), *shape[axis:])


@op("OneHot", "TI, host int32, T, T -> T where TI: uint8|int8|int32|int64", shape=_one_hot_shape, name="one_hot",
    differentiable=False)  # fmt: skip
def one_hot_op(xp, indices, depth, on_value, off_value, *, axis=-1):
    """y[..., k] = on_value where k is the index, else off_value"""
    depth = int(depth)
    if depth < 0:
        raise ValueError(f"depth must be non-negative, got: {depth}")
    if not -1 <= axis <= np.ndim(indices):
        raise ValueError(f"Expected axis to be -1 or between [0, {np.ndim(indices) + 1}).  But received: {axis}")
    chosen = xp.expand_dims(indices, axis) == np.arange(depth).reshape(-1, *[1] * _behind(axis, np.ndim(indices)))
    return xp.where(chosen, on_value, off_value)


def _behind(axis: int, rank: int) -> int:
    """How many axes lie behind a new one."""
    return 0 if axis == -1 else rank - axis


def one_hot(
    indices: Any,
    depth: Any,
    on_value: Any = None,
    off_value: Any = None,
    axis: int | None = None,
    dtype: Any = None,
    name: str | None = None,
) -> Any:
    """y[..., k] = `on_value` (1) where k = indices[...], else `off_value` (0): an axis of size `depth` is added.

    The new axis is the last one, or put in at `axis`.  An index outside [0, depth) gives nothing but `off_value`.

    >>> import tensorglass as tg
    >>> tg.one_hot([0, 2], 3).numpy().tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    wanted = None if dtype is None else as_dtype(dtype).base_dtype
    given = {k: v for k, v in (("on_value", on_value), ("off_value", off_value)) if v is not None}
    with scope(name, "one_hot", [indices, *given.values()]) as full:
        values = {k: convert_to_tensor(v, dtype_hint=wanted) for k, v in given.items()}
        for k, v in values.items():
            if wanted is not None and v.dtype.base_dtype is not wanted:
                raise TypeError(f"dtype {v.dtype.base_dtype} of {k} does not match dtype parameter {wanted}")
        found = {v.dtype.base_dtype for v in values.values()}
        if len(found) > 1:
            on, off = (values[k].dtype.base_dtype for k in ("on_value", "off_value"))
            raise TypeError(f"dtype {on} of on_value does not match dtype {off} of off_value")
        kind = wanted or next(iter(found), dtypes.float32)
        literals = [values.get(k, np.array(i, kind.np_dtype)) for k, i in (("on_value", 1), ("off_value", 0))]
        return one_hot_op(indices, depth, *literals, axis=-1 if axis is None else axis, name=full or None)


# From here to there


def _linspace_shape(op: Any) -> Shape:
    shape, num = merge(op.inputs[0]._shape, op.inputs[1]._shape), constant_value(op.inputs[2])
    if num is not None and int(num) < 0:
        raise ValueError(f"Requires num >= 0: {int(num)}")
    if shape is None:
        return None
    axis = op.axis % (len(shape) + 1)
    return (*shape[:axis], None if num is None else int(num), *shape[axis:])


@op("LinSpace", "T, T, host Tidx -> T where T: float, Tidx: index", shape=_linspace_shape, name="linspace")
def linspace_op(xp, start, stop, num, *, axis=0):
    """yᵢ = start + i (stop − start) / (num − 1), the last one exactly `stop`"""
    num = int(num)
    if num < 0:
        raise ValueError(f"Requires num >= 0: {num}")
    axis %= np.ndim(start) + 1
    first, last = xp.expand_dims(start, axis), xp.expand_dims(stop, axis)
    steps = np.arange(num, dtype=start.dtype).reshape(-1, *[1] * (np.ndim(start) - axis))
    y = first + steps * ((last - first) / start.dtype.type(max(num - 1, 1)))
    return xp.concatenate([xp.take(y, np.arange(num - 1), axis), last], axis) if num > 1 else y


@linspace_op.gradient  # a weighted mean of the two ends
def _(op, dy):
    from .reduce import reduce_sum

    start, stop, num = op.inputs
    weight = linspace_op(zeros_like(start), ones_like(stop), num, axis=op.axis)
    return reduce_sum(dy * (1 - weight), op.axis), reduce_sum(dy * weight, op.axis), None


def linspace(start: Any, stop: Any, num: Any, name: str | None = None, axis: int = 0) -> Any:
    """yᵢ = start + i (stop − start) / (num − 1): `num` numbers at equal distances, both ends among them.

    Tensors `start` and `stop` give a line for each pair of elements, along a new axis at `axis`.

    >>> import tensorglass as tg
    >>> tg.linspace(10.0, 12.0, 3).numpy().tolist()
    [10.0, 11.0, 12.0]
    """
    from .arrange import broadcast_dynamic_shape, broadcast_to
    from .array import shape

    with scope(name, "linspace", [start, stop]) as full:
        start = convert_to_tensor(start, name="start")
        stop = convert_to_tensor(stop, start.dtype.base_dtype, name="stop")
        if start.dtype.base_dtype.is_integer:
            start, stop = cast(start, dtypes.float64), cast(stop, dtypes.float64)
        if start._shape is None or start._shape != stop._shape or None in start._shape:
            both = broadcast_dynamic_shape(shape(start), shape(stop))
            start, stop = broadcast_to(start, both), broadcast_to(stop, both)
        return linspace_op(start, stop, num, axis=axis, name=full or None)


lin_space = linspace


# Identity matrices, masks, grids


def eye(
    num_rows: Any,
    num_columns: Any = None,
    batch_shape: Any = None,
    dtype: Any = dtypes.float32,
    name: str | None = None,
) -> Any:
    """y[..., i, i] = 1, all else 0: identity matrices, `batch_shape` of them.

    >>> import tensorglass as tg
    >>> tg.eye(2).numpy().tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    from .array import concat
    from .diag import matrix_diag, matrix_set_diag
    from .elementwise import minimum

    with scope(name, "eye", [num_rows, num_columns]):
        batch = [] if batch_shape is None else batch_shape
        columns = num_rows if num_columns is None else num_columns
        symbolic = any(isinstance(v, Operators) for v in (num_rows, columns, batch))
        if num_columns is None or num_columns is num_rows:
            return matrix_diag(ones(concat([batch, [num_rows]], 0) if symbolic else [*batch, num_rows], dtype))
        if not symbolic:
            diagonal = ones([*batch, min(num_rows, columns)], dtype)
            return matrix_set_diag(zeros([*batch, num_rows, columns], dtype), diagonal)
        diagonal = ones(concat([batch, [minimum(num_rows, columns)]], 0), dtype)
        return matrix_set_diag(zeros(concat([batch, [num_rows, columns]], 0), dtype), diagonal)


def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = dtypes.bool, name: str | None = None) -> Any:
    """y[..., t] = whether t < lengths[...], for t below `maxlen` (by default the greatest length).

    >>> import tensorglass as tg
    >>> tg.sequence_mask([1, 3]).numpy().tolist()
    [[True, False, False], [True, True, True]]
    """
    from .array import expand_dims
    from .elementwise import maximum
    from .logic import less
    from .reduce import reduce_max

    with scope(name, "SequenceMask", [lengths, maxlen]):
        lengths = convert_to_tensor(lengths)
        index = lengths.dtype.base_dtype
        if maxlen is None and (known := constant_value(lengths)) is not None:
            maxlen = constant(np.max(known, initial=0), index)
        elif maxlen is None:
            maxlen = maximum(reduce_max(lengths), np.zeros((), index.np_dtype))
        else:
            maxlen = cast(convert_to_tensor(maxlen), index)
        if maxlen._shape:
            raise ValueError(f"Argument `maxlen` must be scalar for sequence_mask, received `maxlen` = {maxlen}")
        mask = less(range(np.zeros((), index.np_dtype), maxlen, np.ones((), index.np_dtype)), expand_dims(lengths, -1))
        return mask if as_dtype(dtype) is dtypes.bool else cast(mask, dtype)


def meshgrid(*args: Any, indexing: str = "xy", name: str | None = None) -> list:
    """The coordinates of a grid whose axes are the vectors `args`: a tensor of the grid's shape for each of them.

    ``indexing="xy"`` makes the first vector run along columns (axis 1), "ij" along axis 0.

    >>> import tensorglass as tg
    >>> [t.numpy().tolist() for t in tg.meshgrid([1, 2], [3, 4])]
    [[[1, 2], [1, 2]], [[3, 3], [4, 4]]]
    """
    from .array import reshape, size, stack

    if indexing not in ("xy", "ij"):
        raise ValueError(f"Argument `indexing` parameter must be either 'xy' or 'ij', got '{indexing}'")
    with scope(name, "meshgrid", args):
        axes = [convert_to_tensor(a) for a in args]
        order = list(builtins_range(len(axes)))
        if indexing == "xy" and len(axes) > 1:
            order[:2] = [1, 0]  # where the axis of each vector lies
        sizes: list[Any] = [None] * len(axes)
        for a, k in zip(axes, order, strict=True):
            n = None if a._shape is None or len(a._shape) != 1 else a._shape[0]
            sizes[k] = size(a) if n is None else n
        whole = ones(stack(sizes) if any(isinstance(n, Operators) for n in sizes) else sizes, axes[0].dtype.base_dtype)
        lines = [[-1 if i == k else 1 for i in builtins_range(len(axes))] for k in order]
        return [reshape(a, line) * cast(whole, a.dtype) for a, line in zip(axes, lines, strict=True)]


# From sparse coordinates


@op("SparseToDense", "Tindices, host Tindices, T, T -> T where Tindices: index",
    shape=lambda op: shape_value(op.inputs[1]))  # fmt: skip
def sparse_to_dense_op(xp, sparse_indices, output_shape, sparse_values, default_value, *, validate_indices=True):
    """y = default_value everywhere, but sparse_values[i] at coordinates sparse_indices[i]"""
    shape = tuple(int(d) for d in output_shape)
    rows = xp.reshape(sparse_indices, (-1, len(shape) if np.ndim(sparse_indices) == 2 else 1))
    if rows.size:
        bad = ((rows < 0) | (rows >= np.array(shape))).any(1)
        if found(bad.any()):
            at = int(np.argmax(bad))
            raise ValueError(f"indices[{at}] = {rows[at].tolist()} is out of bounds: need 0 <= index < {list(shape)}")
        steps = [math.prod(shape[k + 1 :]) for k in builtins_range(len(shape))]
        places = xp.sum(rows * np.array(steps, np.int64), 1)
        if validate_indices and found((places[1:] <= places[:-1]).any()):
            at = 1 + int(np.argmax(places[1:] <= places[:-1]))
            raise ValueError(f"indices[{at}] = {rows[at].tolist()} is out of order or repeated")
    y = xp.full(shape, default_value, sparse_values.dtype)
    place = tuple(rows[:, k] for k in builtins_range(rows.shape[1]))
    if hasattr(y, "at"):
        return y.at[place].set(sparse_values)
    y[place] = sparse_values
    return y


@sparse_to_dense_op.gradient
def _(op, dy):
    from .array import reshape, shape, size
    from .gather import gather_nd
    from .reduce import reduce_sum, sum_to_like

    indices, _, values, _ = op.inputs
    picked = gather_nd(dy, reshape(indices, [-1, size(shape(dy))]))
    return None, None, sum_to_like(picked, values), reduce_sum(dy) - reduce_sum(picked)


def sparse_to_dense(
    sparse_indices: Any,
    output_shape: Any,
    sparse_values: Any,
    default_value: Any = 0,
    validate_indices: bool = True,
    name: str | None = None,
) -> Any:
    """y = `default_value` everywhere, but sparse_values[i] at coordinates sparse_indices[i] (in rising order).

    >>> import tensorglass as tg
    >>> tg.compat.v1.sparse_to_dense([[0, 1], [1, 0]], [2, 2], 5).numpy().tolist()
    [[0, 5], [5, 0]]
    """
    return sparse_to_dense_op(
        sparse_indices, output_shape, sparse_values, default_value, validate_indices=validate_indices, name=name
    )
