"""Assertions and checks: what stops a run, or the building of a graph, with a message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import context, dtypes, errors
from ..convert import convert_to_tensor
from ..dtypes import as_dtype
from ..faults import found
from ..graph import Tensor
from ..names import scope
from ..op import op
from ..shapes import Shape, TensorShape, compatible, merge, same, text
from ..static import constant_value

# Finite numbers


@op("CheckNumerics", "T -> T where T: float", shape=same, effect=True)
def check_numerics(xp, tensor, *, message):
    """y = x; InvalidArgumentError with `message` where x has a NaN or an infinite element

    >>> import tensorglass as tg
    >>> tg.debugging.check_numerics([1.0, float("nan")], "weights")
    Traceback (most recent call last):
    tensorglass.errors.InvalidArgumentError: weights : Tensor had NaN values [Op:CheckNumerics]
    ...
    """
    if found(~xp.isfinite(tensor).all()):
        kinds = [what for what, has in (("Inf", np.isinf), ("NaN", np.isnan)) if has(tensor).any()]
        raise ValueError(f"{message} : Tensor had {' and '.join(kinds)} values")
    return tensor


@check_numerics.gradient  # ȳ, checked too
def _(op, dy):
    return check_numerics(dy, f"Not a number (NaN) or infinity (Inf) values detected in gradient. {op.message}")


def assert_all_finite(x: Any, message: str, name: str | None = None) -> Any:
    """y = x; InvalidArgumentError with `message` where it has a NaN or an infinite element"""
    with scope(name, "VerifyFinite", [x]):
        return check_numerics(x, message)


verify_tensor_all_finite = assert_all_finite


def add_check_numerics_ops() -> Any:
    """An operation that checks every floating tensor of the default graph, in order: the first bad one is named."""
    from .control import group

    graph = context.current_graph()
    if graph is None:
        raise RuntimeError("add_check_numerics_ops() looks at a graph: there is none when executing eagerly.")
    checks: list[Any] = []
    for node in graph.get_operations():
        for t in node.outputs:
            if t.dtype.is_floating and not t.dtype._is_ref_dtype:
                with graph.control_dependencies(checks[-1:]):
                    checks.append(check_numerics(t, t.name).op)
    return group(*checks)


def _ensured(op: Any) -> Shape:
    return merge(op.shape, op.inputs[0]._shape)


@op("EnsureShape", "T -> T", shape=_ensured, effect=True)
def ensure_shape_op(xp, input, *, shape):
    """y = x; InvalidArgumentError unless it has that shape"""
    if not compatible(shape, np.shape(input)):
        raise ValueError(f"Shape of tensor {text(np.shape(input))} is not compatible with expected shape {text(shape)}")
    return input


@ensure_shape_op.gradient
def _(op, dy):
    return dy


def ensure_shape(x: Any, shape: Any, name: str | None = None) -> Any:
    """y = x, known to have `shape` (None for sizes that may be any); InvalidArgumentError where it has not."""
    return ensure_shape_op(x, shape=TensorShape(shape)._dims, name=name)


# Assert


def summarize_value(value: Any, limit: int = 3) -> str:
    """The first `limit` elements (all for -1), rows in brackets: ``[1 2][3...]...``"""
    array = np.asarray(value, object if isinstance(value, bytes) else None)
    limit = array.size if limit < 0 else min(limit, array.size)
    flat, parts = array.reshape(-1), []
    used = 0

    def walk(axis: int) -> None:
        nonlocal used
        if used >= limit:
            return
        for i in range(array.shape[axis]):
            if axis < array.ndim - 1:
                if used < limit:
                    parts.append("[")
                    walk(axis + 1)
                    parts.append("]")
            elif used >= limit:
                parts.append("..." if axis else "")
                return
            else:
                parts.append((" " if i else "") + _element(flat[used]))
                used += 1

    if not array.ndim:
        return _element(flat[0])
    walk(0)
    return "".join(parts) + ("..." if used < array.size else "")


def _element(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, np.bool_):
        return str(int(value))
    if not isinstance(value, np.floating):
        return str(value)
    digits = np.finfo(value.dtype).precision
    short = f"{value:.{digits}g}"  # more digits only where these do not tell the number apart from its neighbours
    return (
        short
        if value.dtype.type(short) == value or np.isnan(value)
        else f"{value:.{digits + (2 if digits > 6 else 3)}g}"
    )


@op("Assert", "bool, N*any ->", differentiable=False, host="its error tells values, texts among them", effect=True)
def assert_op(xp, condition, data, *, summarize=3):
    """Nothing, but an InvalidArgumentError that tells `data` unless the condition holds"""
    if not np.all(condition):
        told = " ".join(f"[{summarize_value(d, summarize)}]" for d in data)
        raise errors.InvalidArgumentError(None, None, f"assertion failed: {told}")


def Assert(condition: Any, data: Sequence[Any], summarize: int | None = None, name: str | None = None) -> Any:
    """An operation that raises InvalidArgumentError, telling the tensors in `data`, unless `condition` is True.

    In a graph it must be run, or made a control dependency of what relies on it.  At most `summarize` elements of each
    tensor are told (3 by default).
    """
    if context.executing_eagerly() and not isinstance(condition, Tensor):
        condition = convert_to_tensor(condition)
    value: Any = getattr(condition, "numpy", lambda: None)()
    if value is not None:
        if not np.all(value):
            told = "\n".join(str(np.asarray(convert_to_tensor(d))) for d in data)
            raise errors.InvalidArgumentError(None, None, f"Expected '{condition}' to be true. Summarized data: {told}")
        return None
    if not data:
        raise ValueError("Attr 'T' of 'Assert' Op passed list of length 0 less than minimum 1.")
    with scope(name, "Assert", [condition]):
        data = [convert_to_tensor(d) for d in data]
        return assert_op(condition, data, summarize=3 if summarize is None else summarize)


# Comparisons of all elements


def _comparison(label: str, sign: str, holds: str) -> Any:
    """An assertion on two tensors."""

    def check(
        x: Any,
        y: Any,
        message: str | None = None,
        summarize: int | None = None,
        name: str | None = None,
        data: Sequence[Any] | None = None,
    ) -> Any:
        with scope(name, label, [x, y]):
            x, y = _pair(x, y)
            given = f"Condition x {sign} y did not hold element-wise:"
            told = [given, f"x ({_label(x)}) = ", x, f"y ({_label(y)}) = ", y]
            return _require(_logic(holds)(x, y), told if data is None else list(data), message, summarize)

    check.__name__ = check.__qualname__ = label
    check.__doc__ = (
        f"InvalidArgumentError unless x {sign} y for all elements: at once where both are known, else when the "
        "operation that is returned runs."
    )
    return check


def _logic(name: Any) -> Callable:
    from . import logic

    return getattr(logic, name)


def _pair(x: Any, y: Any) -> tuple[Tensor, Tensor]:
    """Both as tensors, a literal taking the type of a tensor beside it."""
    if isinstance(y, Tensor) and not isinstance(x, Tensor) and not hasattr(x, "_to_tensor"):
        return convert_to_tensor(x, y.dtype.base_dtype, name="x"), y
    x = convert_to_tensor(x, name="x")
    typed = isinstance(y, Tensor) or hasattr(y, "_to_tensor")
    return x, convert_to_tensor(y, None if typed else x.dtype.base_dtype, name="y")


def _label(t: Tensor) -> str:
    return "shape=" + str(t.shape) + " dtype=" + t.dtype.name if hasattr(t, "numpy") else t.name


def _require(condition: Any, told: list[Any], message: str | None, summarize: int | None) -> Any:
    """Assert that all elements of `condition` are True: now where its value is known, else when it runs."""
    from .reduce import reduce_all

    whole = reduce_all(condition)
    known = _settled(whole)
    if known is False:
        lines = [message, *(str(_shown(t)) for t in told)]
        raise errors.InvalidArgumentError(None, None, "\n".join(line for line in lines if line is not None))
    if context.executing_eagerly() and known:
        return None
    return Assert(whole, ([] if message is None else [message]) + told, summarize)


def _settled(whole: Any) -> bool | None:
    """The value of a condition that depends on constants alone; None where it must be awaited."""
    if hasattr(whole, "numpy"):
        return bool(whole.numpy())
    value = _folded(whole, 0)
    return None if value is None else bool(value)


def _folded(t: Tensor, depth: int) -> Any:
    """The value of `t` when it is made of constants by a few ops."""
    if t.op.type == "Const":
        return t.op.attrs["value"]
    if depth > 4 or t.op.stanza is None or t.op.stanza.effect or not t.op.inputs:
        return None
    values = [_folded(i, depth + 1) for i in t.op.inputs]
    return None if any(v is None for v in values) else t.op.compute(*values)


def _shown(item: Any) -> Any:
    if isinstance(item, Tensor):
        return np.asarray(_folded(item, 0) if item.__class__ is Tensor else item)
    return item


assert_equal = _comparison("assert_equal", "==", "equal")
assert_none_equal = _comparison("assert_none_equal", "!=", "not_equal")
assert_less = _comparison("assert_less", "<", "less")
assert_less_equal = _comparison("assert_less_equal", "<=", "less_equal")
assert_greater = _comparison("assert_greater", ">", "greater")
assert_greater_equal = _comparison("assert_greater_equal", ">=", "greater_equal")


def _sign(label: str, sign: str, holds: str) -> Any:
    """An assertion on the sign of a tensor's elements."""

    def check(
        x: Any,
        message: str | None = None,
        summarize: int | None = None,
        name: str | None = None,
        data: Sequence[Any] | None = None,
    ) -> Any:
        with scope(name, label, [x]):
            x = convert_to_tensor(x, name="x")
            zero = np.zeros((), x.dtype.base_dtype.np_dtype)
            told = [f"Condition x {sign} 0 did not hold element-wise:", f"x ({_label(x)}) = ", x]
            return _require(_logic(holds)(x, zero), told if data is None else list(data), message or "", summarize)

    check.__name__ = check.__qualname__ = label
    check.__doc__ = f"InvalidArgumentError unless x {sign} 0 for all elements: now where known, else at run time."
    return check


assert_positive = _sign("assert_positive", ">", "greater")
assert_negative = _sign("assert_negative", "<", "less")
assert_non_negative = _sign("assert_non_negative", ">=", "greater_equal")
assert_non_positive = _sign("assert_non_positive", "<=", "less_equal")


def assert_near(
    x: Any,
    y: Any,
    rtol: Any = None,
    atol: Any = None,
    message: str | None = None,
    summarize: int | None = None,
    name: str | None = None,
    data: Sequence[Any] | None = None,
) -> Any:
    """InvalidArgumentError unless |x − y| ≤ atol + rtol |y| for all elements; both are 10 ε of the type by default."""
    from .complex import abs
    from .logic import less_equal

    with scope(name, "assert_near", [x, y, rtol, atol]):
        x, y = _pair(x, y)
        default = 10 * np.finfo(x.dtype.base_dtype.np_dtype).eps
        rtol, atol = (
            convert_to_tensor(default if t is None else t, x.dtype.real_dtype, name=label)
            for t, label in ((rtol, "rtol"), (atol, "atol"))
        )
        told = [f"x and y not equal to tolerance rtol = {rtol}, atol = {atol}"]
        told += [f"x ({_label(x)}) = ", x, f"y ({_label(y)}) = ", y]
        holds = less_equal(abs(x - y), atol + rtol * abs(y))
        return _require(holds, told if data is None else list(data), message or "", summarize)


# Ranks, types and shapes


def _ranks(label: str, says: str, accepts: Callable[[int, Any], bool], compare: Callable[[Any, Any], Any]) -> Any:
    """An assertion on the rank of a tensor."""

    def check(
        x: Any,
        rank: Any,
        message: str | None = None,
        name: str | None = None,
        data: Sequence[Any] | None = None,
        summarize: int | None = None,
    ) -> Any:
        from .array import rank as rank_of, shape
        from .control import no_op

        with scope(name, label, [x]):
            x = convert_to_tensor(x, name="x")
            wanted = [constant_value(r) for r in (rank if isinstance(rank, (list, tuple)) else [rank])]
            if any(r is not None and np.ndim(r) for r in wanted):
                raise ValueError("Rank must be a scalar.")
            begin = f"Tensor {_label(x)} must have rank {says}".rstrip()
            if x._shape is not None and None not in wanted:
                plain = [int(r) for r in wanted if r is not None]
                if accepts(len(x._shape), plain):
                    return None if context.executing_eagerly() else no_op(name="static_checks_determined_all_ok")
                ranks = str(tuple(plain)) if isinstance(rank, (list, tuple)) else plain[0]
                front = f"{message}.  " if message else ""
                raise ValueError(f"{front}{begin} {ranks}.  Received rank {len(x._shape)}, shape {x.shape}")
            ranks = [convert_to_tensor(r) for r in (rank if isinstance(rank, (list, tuple)) else [rank])]
            front = f"{message}.  " if message else ""
            told = [front, begin, *ranks, "Received shape: ", shape(x)]
            return Assert(compare(rank_of(x), ranks), told if data is None else list(data), summarize)

    check.__name__ = check.__qualname__ = label
    check.__doc__ = f"ValueError unless the rank of x is {says or 'exactly'} `rank`; InvalidArgumentError at run time."
    return check


def _any_equal(rank: Any, ranks: list) -> Any:
    from .logic import equal, logical_or

    found = equal(rank, ranks[0])
    for r in ranks[1:]:
        found = logical_or(found, equal(rank, r))
    return found


assert_rank = _ranks("assert_rank", "", lambda n, ranks: n == ranks[0], lambda n, ranks: _logic("equal")(n, ranks[0]))
assert_rank_at_least = _ranks(
    "assert_rank_at_least", "at least", lambda n, ranks: n >= ranks[0],
    lambda n, ranks: _logic("greater_equal")(n, ranks[0]),
)  # fmt: skip
_one_of_ranks = _ranks("assert_rank_in", "in", lambda n, ranks: n in ranks, _any_equal)


def assert_rank_in(
    x: Any,
    ranks: Any,
    message: str | None = None,
    name: str | None = None,
    data: Sequence[Any] | None = None,
    summarize: int | None = None,
) -> Any:
    """ValueError unless the rank of x is one of `ranks`; InvalidArgumentError at run time."""
    return _one_of_ranks(x, ranks, message, name, data, summarize)


def assert_scalar(tensor: Any, message: str | None = None, name: str | None = None) -> Any:
    """`tensor`; ValueError unless it is known to have rank 0."""
    with scope(name, "assert_scalar", [tensor]):
        tensor = convert_to_tensor(tensor)
        if tensor._shape != ():
            front = f"{message}" if message else ""
            raise ValueError(f"{front}Expected scalar shape for {_label(tensor)}, saw shape: {tensor.shape}.")
        return tensor


def _passed() -> Any:
    from .control import no_op

    return None if context.executing_eagerly() else no_op(name="statically_determined_correct_type")


def assert_type(tensor: Any, tf_type: Any, message: str | None = None, name: str | None = None) -> Any:
    """TypeError unless `tensor` has elements of type `tf_type`."""
    with scope(name, "assert_type", [tensor]):
        tensor, wanted = convert_to_tensor(tensor), as_dtype(tf_type)
        if tensor.dtype.base_dtype is not wanted.base_dtype:
            front = f"{message}  " if message else ""
            raise TypeError(f"{front}{_label(tensor)} must be of type {wanted!r}; got {tensor.dtype.base_dtype!r}")
        return _passed()


def assert_integer(x: Any, message: str | None = None, name: str | None = None) -> Any:
    """TypeError unless `x` is a tensor of integers."""
    with scope(name, "assert_integer", [x]):
        x = convert_to_tensor(x, name="x")
        if not x.dtype.base_dtype.is_integer:
            front = f"{message}" if message else ""
            raise TypeError(f'{front}Expected "x" to be integer type.  Found: {_label(x)} of dtype {x.dtype}')
        return _passed()


def assert_same_float_dtype(tensors: Sequence[Any] | None = None, dtype: Any = None) -> Any:
    """The floating type that all `tensors` (and `dtype`) have; ValueError where they differ or do not float."""
    found = None if dtype is None else as_dtype(dtype).base_dtype
    first = None
    for t in tensors or ():
        if t is None:
            continue
        kind = convert_to_tensor(t).dtype.base_dtype
        if found is not None and kind is not found:
            beside = "" if first is None else f" as {_label(first)}"
            raise ValueError(f"{_label(t)}, type={kind}, must be of the same type ({found}){beside}.")
        found, first = kind, t if first is None else first
    if found is None:
        return dtypes.float32
    if not found.is_floating:
        raise ValueError(f"Expected floating point type, got {found}.")
    return found


def is_numeric_tensor(tensor: Any) -> bool:
    """Whether `tensor` is a tensor of numbers (not of strings or booleans)."""
    if not isinstance(tensor, Tensor):
        return False
    kind = tensor.dtype.base_dtype
    return kind.is_floating or kind.is_integer or kind.is_complex


def _monotonic(label: str, holds: str, text: str) -> Any:
    def check(x: Any, name: str | None = None) -> Any:
        from .array import reshape
        from .reduce import reduce_all

        with scope(name, label, [x]):
            flat = reshape(convert_to_tensor(x, name="x"), [-1])
            return reduce_all(_logic(holds)(flat[:-1], flat[1:]))

    check.__name__ = check.__qualname__ = label
    check.__doc__ = f"y = whether each element of x (row by row) is {text} the next"
    return check


is_strictly_increasing = _monotonic("is_strictly_increasing", "less", "less than")
is_non_decreasing = _monotonic("is_non_decreasing", "less_equal", "at most")
