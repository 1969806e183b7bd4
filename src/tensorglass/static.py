"""What is known of a tensor's value while the graph is still being built: the arguments of shape rules."""

from __future__ import annotations

from typing import Any

import numpy as np

from .graph import Tensor
from .shapes import Shape

_DEPTH = 16  # how far back to look; shapes are computed by short chains of ops


def constant_value(t: Any) -> np.ndarray | None:
    """The value of `t` as an array, if it does not depend on feeds or state; None if it does.

    >>> import tensorglass as tg
    >>> with tg.Graph().as_default():
    ...     print(constant_value(tg.constant([1, 2])))
    [1 2]
    """
    if not isinstance(t, Tensor):
        return None if t is None else np.asarray(t)
    if hasattr(t, "_array"):
        return np.asarray(t._array())  # type: ignore[attr-defined]
    if t.op.type == "Const":
        return t.op.attrs["value"]
    found = _known(t, 0)
    if found is None or any(v is None for v in (found if isinstance(found, tuple) else (found,))):
        return None
    return np.array(found, t.dtype.base_dtype.np_dtype)


def shape_value(t: Any) -> Shape:
    """The integer vector `t` (a shape operand) as far as it is known: unknown elements and -1 are None.

    >>> import tensorglass as tg
    >>> with tg.Graph().as_default():
    ...     x = tg.compat.v1.placeholder(tg.float32, [None, 3])
    ...     print(shape_value(tg.stack([tg.shape(x)[0], 7])))
    (None, 7)
    """
    if not isinstance(t, Tensor) or hasattr(t, "_array"):
        values = np.asarray(t._array() if isinstance(t, Tensor) else t).reshape(-1).tolist()  # type: ignore
        return tuple(None if v == -1 else v for v in values)
    found = _known(t, 0)
    if isinstance(found, tuple):
        return tuple(None if v is None or v < 0 else v for v in found)
    if found is not None:
        return (found,)
    length = t._shape[0] if t._shape is not None and len(t._shape) == 1 else None
    return None if length is None else (None,) * length


def partial_value(t: Any) -> tuple | None:
    """The integer vector `t` (positions, steps, sizes) as far as it is known: unknown elements are None."""
    if not isinstance(t, Tensor) or hasattr(t, "_array"):
        return tuple(np.asarray(t._array() if isinstance(t, Tensor) else t).reshape(-1).tolist())  # type: ignore
    found = _known(t, 0)
    if isinstance(found, tuple):
        return found
    length = t._shape[0] if t._shape is not None and len(t._shape) == 1 else None
    return None if length is None else (None,) * length


def _known(t: Tensor, depth: int) -> Any:
    """An int or a tuple of ints and Nones, as far as `t`'s value is known; None if nothing is."""
    op = t.op
    if depth > _DEPTH or t.dtype.base_dtype.name not in ("int32", "int64"):
        return None
    rule = _RULES.get(op.type)
    return None if rule is None else rule(op, depth + 1)


def _const(op: Any, depth: int) -> Any:
    value = op.attrs["value"]
    if value.ndim > 1 or value.size > 64:
        return None
    return tuple(value.tolist()) if value.ndim else int(value)


def _shape(op: Any, depth: int) -> Any:
    return op.inputs[0]._shape


def _pack(op: Any, depth: int) -> Any:
    return tuple(_scalar(t, depth) for t in op.inputs)


def _scalar(t: Tensor, depth: int) -> Any:
    found = _known(t, depth)
    return found if isinstance(found, int) else None


def _concat(op: Any, depth: int) -> Any:
    parts: tuple = ()
    for t in op.inputs[:-1]:
        found = _known(t, depth)
        if not isinstance(found, tuple):
            if t._shape is None or len(t._shape) != 1 or t._shape[0] is None:
                return None
            found = (None,) * t._shape[0]
        parts += found
    return parts


def _strided_slice(op: Any, depth: int) -> Any:
    source = _known(op.inputs[0], depth)
    begin, end, strides = (_known(t, depth) for t in op.inputs[1:4])
    if not all(isinstance(v, tuple) and len(v) == 1 and v[0] is not None for v in (begin, end, strides)):
        return None
    if not isinstance(source, tuple) or op.attrs["new_axis_mask"] or op.attrs["ellipsis_mask"]:
        return None
    if op.attrs["shrink_axis_mask"]:
        return source[begin[0]] if -len(source) <= begin[0] < len(source) else None
    first = None if op.attrs["begin_mask"] else begin[0]
    last = None if op.attrs["end_mask"] else end[0]
    return source[first : last : strides[0]]


def _same(op: Any, depth: int) -> Any:
    return _known(op.inputs[0], depth)


def _product(op: Any, depth: int) -> Any:
    found = _known(op.inputs[0], depth)
    if not isinstance(found, tuple) or None in found or op.inputs[1].op.type != "Const":
        return None
    return int(np.prod(found, dtype=np.int64))


def _arithmetic(function: Any) -> Any:
    def rule(op: Any, depth: int) -> Any:
        a, b = (_known(t, depth) for t in op.inputs)
        if isinstance(a, int) and isinstance(b, int):
            return function(a, b)
        if not isinstance(a, tuple) and not isinstance(b, tuple):
            return None
        n = len(a if isinstance(a, tuple) else b)
        a, b = (v if isinstance(v, tuple) else (v,) * n for v in (a, b))
        if len(a) != len(b):
            return None
        return tuple(None if p is None or q is None else function(p, q) for p, q in zip(a, b, strict=True))

    return rule


_RULES: dict[str, Any] = {
    "Const": _const,
    "Shape": _shape,
    "Size": lambda op, depth: _size(op.inputs[0]._shape),
    "Rank": lambda op, depth: None if op.inputs[0]._shape is None else len(op.inputs[0]._shape),
    "Pack": _pack,
    "ConcatV2": _concat,
    "StridedSlice": _strided_slice,
    "Cast": _same,
    "Identity": _same,
    "Prod": _product,
    "AddV2": _arithmetic(lambda a, b: a + b),
    "Sub": _arithmetic(lambda a, b: a - b),
    "Mul": _arithmetic(lambda a, b: a * b),
    "FloorDiv": _arithmetic(lambda a, b: a // b if b else None),
}


def _size(shape: Shape) -> int | None:
    if shape is None or None in shape:
        return None
    return int(np.prod(shape, dtype=np.int64))
