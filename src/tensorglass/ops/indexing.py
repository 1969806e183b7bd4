"""Parts of tensors by position: ``x[1:, 0]``, `slice`, `strided_slice`."""

from __future__ import annotations

import builtins
import functools
import numbers
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .. import dtypes
from ..convert import constant_tensor, convert_to_tensor
from ..graph import Operators, Tensor
from ..op import op
from ..shapes import Dimension, Shape
from ..static import partial_value, shape_value
from .rows import boxed, put

# Slices


def _sliced(op: Any) -> Shape:
    shape = op.inputs[0]._shape
    begin, size = (partial_value(t) for t in op.inputs[1:])
    n = next((len(v) for v in (shape, begin, size) if v is not None), None)
    if n is None:
        return None
    if any(v is not None and len(v) != n for v in (shape, begin, size)):
        raise ValueError(f"Shape must be rank {n}: begin and size need one element for each of {n} dimensions")
    lines = zip(*(v or (None,) * n for v in (shape, begin, size)), strict=True)
    return tuple(_sliced_size(i, *line) for i, line in enumerate(lines))


def _sliced_size(i: int, dim: int | None, begin: int | None, size: int | None) -> int | None:
    if size != -1:
        return size
    if begin is None or dim is None:
        return None
    if begin > dim:
        raise ValueError(f"Expected begin[{i}] in [0, {dim}], but got {begin}")
    return dim - begin


def _check_slice(i: int, dim: int, begin: int, size: int) -> None:
    if not 0 <= begin <= dim:
        raise ValueError(f"Expected begin[{i}] in [0, {dim}], but got {begin}")
    if not -1 <= size <= dim - begin:
        raise ValueError(f"Expected size[{i}] in [0, {dim - begin}], but got {size}")


@op("Slice", "T, host Index, host Index -> T where Index: index", shape=_sliced)
def slice_op(xp, input, begin, size):
    """y = the block of x that begins at `begin` and has `size` elements along each axis; -1 means all that are left"""
    if not len(begin) == len(size) == np.ndim(input):
        raise ValueError(
            f"Expected begin and size arguments to be 1-D tensors of size {np.ndim(input)}, "
            f"but got shapes [{len(begin)}] and [{len(size)}] instead."
        )
    place = []
    for i, (d, b, n) in enumerate(zip(np.shape(input), begin, size, strict=True)):
        _check_slice(i, d, b, n)
        place.append(builtins.slice(b, d if n == -1 else b + n))
    return input[tuple(place)]


@slice_op.gradient  # back into its place, zeros around
def _(op, dy):
    from .array import shape
    from .constant import ones_like

    x, begin, _ = op.inputs
    index = begin.dtype.base_dtype
    end = begin + shape(dy, out_type=index)
    return strided_slice_grad(shape(x, out_type=index), begin, end, ones_like(begin), dy)


def slice(input_: Any, begin: Any, size: Any, name: str | None = None) -> Any:
    """y = the block of `input_` that begins at `begin` and has `size` elements along each axis.

    A size of -1 means all that are left.  InvalidArgumentError where the block reaches beyond `input_` (ValueError
    where that is known while the graph is built).

    >>> import tensorglass as tg
    >>> tg.slice([[1, 2, 3], [4, 5, 6]], [0, 1], [-1, 2]).numpy().tolist()
    [[2, 3], [5, 6]]
    """
    return slice_op(input_, begin, size, name=name)


# Strided slices


def _walk(rank: int, count: int, ellipsis_mask: int, new_axis_mask: int) -> Iterator[tuple[int | None, int | None]]:
    """(item, axis) for all that `count` items of an index say about `rank` axes.

    Item None is an axis that an ellipsis passes over, axis None a new axis.
    """
    ellipses = [i for i in range(count) if ellipsis_mask >> i & 1]
    if len(ellipses) > 1:
        raise ValueError("Multiple ellipses in slice spec not allowed")
    at = ellipses[0] if ellipses else count
    added = [i for i in range(count) if new_axis_mask >> i & 1 and i != at]
    skipped = rank - (count - len(ellipses) - len(added))
    if skipped < 0:
        raise ValueError(f"Index out of range using input dim {rank}; input has only {rank} dims")
    axis = 0
    for i in range(count + 1):
        if i == at:
            yield from ((None, axis + k) for k in range(skipped))
            axis += skipped
        elif i in added:
            yield i, None
        elif i < count:
            yield i, axis
            axis += 1


def _checked_index(index: Any, axis: int, size: int) -> int:
    if not -size <= index < size:
        raise ValueError(f"slice index {index + size if index < 0 else index} of dimension {axis} out of bounds.")
    return index


def _checked_step(i: int, step: int | None, single: bool) -> None:
    if step == 0:
        raise ValueError(f"strides[{i}] must be non-zero")
    if single and step is not None and step < 0:
        raise ValueError("only stride 1 allowed on non-range indexing.")


@functools.lru_cache(2048)
def _index(
    shape: tuple, begin: tuple, end: tuple, strides: tuple, begin_mask: int, end_mask: int, ellipsis_mask: int,
    new_axis_mask: int, shrink_axis_mask: int,
) -> tuple:  # fmt: skip
    """NumPy's index for TensorFlow's three vectors and five bit masks, checked against the shape."""
    places: list[Any] = []
    for i, axis in _walk(len(shape), len(begin), ellipsis_mask, new_axis_mask):
        if i is None:
            places.append(builtins.slice(None))
        elif axis is None:
            places.append(None)
        else:
            single = bool(shrink_axis_mask >> i & 1)
            _checked_step(i, strides[i], single)
            first = None if begin_mask >> i & 1 else begin[i]
            last = None if end_mask >> i & 1 else end[i]
            places.append(
                _checked_index(begin[i], axis, shape[axis]) if single else builtins.slice(first, last, strides[i])
            )
    return tuple(places)


def _strided_shape(op: Any) -> Shape:
    shape = op.inputs[0]._shape
    vectors: list[Any] = [partial_value(t) for t in op.inputs[1:4]]
    count = next((len(v) for v in vectors if v is not None), None)
    if shape is None or count is None:
        return None
    begin, end, strides = (v or (None,) * count for v in vectors)
    sizes: list[int | None] = []
    for i, axis in _walk(len(shape), count, op.ellipsis_mask, op.new_axis_mask):
        if i is None or axis is None:
            sizes.append(1 if axis is None else shape[axis])
            continue
        single = bool(op.shrink_axis_mask >> i & 1)
        _checked_step(i, strides[i], single)
        if not single:
            first: Any = "open" if op.begin_mask >> i & 1 else begin[i]
            last: Any = "open" if op.end_mask >> i & 1 else end[i]
            sizes.append(_range_size(shape[axis], first, last, strides[i]))
        elif (at := begin[i]) is not None and shape[axis] is not None:
            _checked_index(at, axis, shape[axis])
    return tuple(sizes)


def _range_size(size: int | None, first: Any, last: Any, step: int | None) -> int | None:
    """How many elements first:last:step takes from `size`; None where it cannot be known."""
    if size is None or step is None or first is None or last is None:
        return None
    first, last = (None if v == "open" else v for v in (first, last))
    ends = builtins.slice(first, last, step)
    return len(range(*ends.indices(size)))


@op("StridedSlice", "T, host Index, host Index, host Index -> T where Index: index", shape=_strided_shape)
def strided_slice_op(
    xp, input, begin, end, strides, *, begin_mask=0, end_mask=0, ellipsis_mask=0, new_axis_mask=0, shrink_axis_mask=0
):  # fmt: skip
    """y = x[begin:end:strides], with bit i of a mask set where item i is open, an ellipsis, a new axis or an index"""
    place = _index(
        np.shape(input), tuple(begin), tuple(end), tuple(strides),
        begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask,
    )  # fmt: skip
    return boxed(input[place])


def _masks(op: Any) -> dict[str, int]:
    return {k: op.attrs[k] for k in strided_slice_op.attr_names}


@strided_slice_op.gradient
def _(op, dy):
    from .array import shape

    x, begin, end, strides = op.inputs
    index = begin.dtype.base_dtype
    return strided_slice_grad(shape(x, out_type=index), begin, end, strides, dy, **_masks(op))


@op("StridedSliceGrad", "host Index, host Index, host Index, host Index, T -> T where Index: index",
    shape=lambda op: shape_value(op.inputs[0]))  # fmt: skip
def strided_slice_grad(
    xp, shape, begin, end, strides, dy, *, begin_mask=0, end_mask=0, ellipsis_mask=0, new_axis_mask=0,
    shrink_axis_mask=0,
):  # fmt: skip
    """x = zeros of `shape`, but dy where the strided slice came from"""
    place = _index(
        tuple(shape), tuple(begin), tuple(end), tuple(strides),
        begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask,
    )  # fmt: skip
    return put(xp, tuple(shape), place, dy)


@strided_slice_grad.gradient
def _(op, dx):
    _, begin, end, strides, _ = op.inputs
    return None, None, None, None, strided_slice_op(dx, begin, end, strides, **_masks(op))


def strided_slice(
    input_: Any,
    begin: Any,
    end: Any,
    strides: Any = None,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
    var: Any = None,
    name: str | None = None,
) -> Any:
    """y = input_[begin:end:strides], one item for each axis from the first on; ``x[...]`` is the readable form.

    Bit i of a mask says that item i is open at its beginning or end, an ellipsis, a new axis, or a single index whose
    axis goes away.

    >>> import tensorglass as tg
    >>> tg.strided_slice([1, 2, 3, 4, 5], [0], [5], [2]).numpy().tolist()
    [1, 3, 5]
    """
    if strides is None:
        from .constant import ones_like

        strides = ones_like(begin)
    return strided_slice_op(
        input_, begin, end, strides, begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask, name=name
    )


# Python's brackets

_VALID = (
    "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar tf.int32/tf.int64 tensors are valid "
    "indices"
)
newaxis = None


class _Spec:
    """What stands between the brackets, as the vectors and masks of `strided_slice`."""

    def __init__(self, items: Sequence[Any]):
        self.begin: list[Any] = []
        self.end: list[Any] = []
        self.strides: list[Any] = []
        self.masks = dict.fromkeys(strided_slice_op.attr_names, 0)
        for i, item in enumerate(items):
            if isinstance(item, builtins.slice):
                first, last, step = (_bound(b) for b in (item.start, item.stop, item.step))
                self._add(0 if first is None else first, 0 if last is None else last, 1 if step is None else step)
                self.masks["begin_mask"] |= (first is None) << i
                self.masks["end_mask"] |= (last is None) << i
            elif item is Ellipsis or item is None:
                self._add(0, 0, 1)
                self.masks["new_axis_mask" if item is None else "ellipsis_mask"] |= 1 << i
            else:
                item = _checked(item)
                self._add(item, item + 1, 1)
                self.masks["shrink_axis_mask"] |= 1 << i

    def _add(self, begin: Any, end: Any, step: Any) -> None:
        self.begin.append(begin)
        self.end.append(end)
        self.strides.append(step)


def _bound(value: Any) -> Any:
    """One end of a slice; None where it is open."""
    if value is None or (isinstance(value, Dimension) and value.value is None):
        return None
    return _checked(value)


def _checked(item: Any) -> Any:
    """An index as an int or a tensor; TypeError for what cannot be one."""
    if isinstance(item, numbers.Integral):
        return int(item)
    if isinstance(item, Dimension) and item.value is not None:
        return item.value
    dtype, shape = getattr(item, "dtype", None), getattr(item, "shape", None)
    if dtype is None or dtypes.as_dtype(dtype).base_dtype not in _INDEX or (shape and len(shape) == 1):
        raise TypeError(f"{_VALID}, got {item!r}")
    if isinstance(item, np.ndarray) and not item.ndim:
        return int(item)
    return convert_to_tensor(item)


_INDEX = (dtypes.int16, dtypes.int32, dtypes.int64)


def _is_mask(key: Any) -> bool:
    if isinstance(key, (Operators, np.ndarray)):
        return dtypes.as_dtype(key.dtype).base_dtype is dtypes.bool  # type: ignore[union-attr]
    return isinstance(key, bool)


def getitem(x: Any, key: Any) -> Any:
    """``x[key]``: integers, slices with steps, ``...``, ``None`` (a new axis), integer tensors, or a boolean mask.

    >>> import tensorglass as tg
    >>> x = tg.constant([[1, 2, 3], [4, 5, 6]])
    >>> x[1, ::2].numpy().tolist(), x[..., tg.newaxis].shape.as_list(), x[x > 4].numpy().tolist()
    ([4, 6], [2, 3, 1], [5, 6])
    """
    if _is_mask(key):
        from .gather import boolean_mask

        return boolean_mask(x, key)
    spec = _Spec(key if isinstance(key, (list, tuple)) else (key,))
    x = convert_to_tensor(x)
    index = next((v.dtype for v in (*spec.begin, *spec.end, *spec.strides) if isinstance(v, Tensor)), dtypes.int32)
    vectors = [_vector(v, index) for v in (spec.begin, spec.end, spec.strides)]
    if x.__class__ is not Tensor:
        return strided_slice_op(x, *vectors, **spec.masks)
    graph = x.graph._here()
    with graph.as_default(), graph.name_scope("strided_slice") as scope:
        if vectors[0].__class__ is np.ndarray and not vectors[0].size:
            vectors = [convert_to_tensor(vectors[0])] * 3
        else:
            vectors = [_packed(v) for v in vectors]
        return strided_slice_op(x, *vectors, **spec.masks, name=scope)


def _vector(items: list, dtype: Any) -> Any:
    """Plain numbers as an array, what has tensors in it as it is."""
    return items if any(isinstance(v, Tensor) for v in items) else np.array(items, dtype.np_dtype)


def _packed(items: Any) -> Tensor:
    from .array import stack

    return constant_tensor(items, "stack") if items.__class__ is np.ndarray else stack(items, name="stack")


Operators.__getitem__ = getitem  # type: ignore[attr-defined]
Operators.__iter__ = None  # type: ignore[attr-defined]  # or Python would try x[0], x[1], ... for ever
