"""The user's own Python inside a graph: `py_func`, and printing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import errors
from ..convert import convert_to_tensor, to_array
from ..dtypes import DType, as_dtype
from ..graph import Operation, Operators
from ..op import op
from ..shapes import same
from .checks import summarize_value

_KINDS: tuple[tuple[type[BaseException], type[errors.OpError]], ...] = (
    (ValueError, errors.InvalidArgumentError),
    (TypeError, errors.InvalidArgumentError),
    (StopIteration, errors.OutOfRangeError),
    (MemoryError, errors.ResourceExhaustedError),
    (NotImplementedError, errors.UnimplementedError),
)


def _own(value: Any) -> Any:
    """`value` for the user to keep and change: a copy, a NumPy scalar where it has no axes."""
    return (value.copy() if value.ndim else value[()]) if isinstance(value, np.ndarray) else value


def _called(func: Callable, args: Sequence[Any], Tout: Sequence[DType]) -> list:
    """The results of ``func(*args)`` as arrays of the types in `Tout`."""
    try:
        found = func(*[_own(a) for a in args])
    except errors.OpError:
        raise
    except Exception as error:
        kind = next((k for types, k in _KINDS if isinstance(error, types)), errors.UnknownError)
        raise kind(None, None, f"{type(error).__name__}: {error}") from error
    values = list(found) if isinstance(found, (list, tuple)) else [] if found is None else [found]
    name = getattr(func, "__name__", repr(func))
    if not Tout:
        return []
    if len(values) != len(Tout):
        raise ValueError(f"{name} returns {len(values)} values, but expects to see {len(Tout)} values.")
    return [_typed(name, i, v, dtype) for i, (v, dtype) in enumerate(zip(values, Tout, strict=True))]


def _typed(name: str, i: int, value: Any, dtype: DType) -> np.ndarray:
    """One result as an array; InvalidArgumentError unless it has the declared type."""
    array = np.asarray(value)
    if array.dtype.kind in "USO":
        array = to_array(array)
    if array.dtype != dtype.np_dtype:
        raise errors.InvalidArgumentError(
            None, None,
            f"{i}-th value returned by {name} is {as_dtype(array.dtype).name}, but expects {dtype.name}: return "
            f"np.asarray(result, np.{dtype.name}), or declare the type that it has.",
        )  # fmt: skip
    return np.array(array) if array.base is not None or not array.flags.owndata else array


@op("PyFunc", "N*any -> M*Tout", shape=lambda op: [None] * op.M, differentiable=False, host="python", effect=True)
def py_func_op(xp, input, *, func, Tout, M):
    """y₁, y₂, ... = func(x₁, x₂, ...), the user's Python"""
    return _called(func, input, Tout)


@op("PyFuncStateless", "N*any -> M*Tout", shape=lambda op: [None] * op.M, differentiable=False, host="python")
def py_func_stateless_op(xp, input, *, func, Tout, M):
    """y₁, y₂, ... = func(x₁, x₂, ...), the user's Python, which may be skipped or run twice"""
    return _called(func, input, Tout)


def py_func(func: Callable, inp: Sequence[Any], Tout: Any, stateful: bool = True, name: str | None = None) -> Any:
    """y₁, y₂, ... = func(x₁, x₂, ...): a Python function of NumPy arrays as an operation.

    ``Tout`` is the type of the result, or a list of types for a list of results (an empty one for none); shapes
    are not known before it runs.  No gradient passes: use `custom_gradient`.  Errors of `func` come as
    InvalidArgumentError (ValueError, TypeError), OutOfRangeError (StopIteration), UnimplementedError,
    ResourceExhaustedError or UnknownError.

    >>> import tensorglass as tg
    >>> tg.numpy_function(lambda a: a[::-1], [tg.constant([1.0, 2.0])], tg.float32).numpy().tolist()
    [2.0, 1.0]
    """
    if not callable(func):
        raise ValueError(f"Expected func to be callable. Received func={func} of type {type(func)}.")
    many = isinstance(Tout, (list, tuple))
    types = tuple(as_dtype(t) for t in (Tout if many else [Tout]))
    run = py_func_op if stateful else py_func_stateless_op
    results = run([convert_to_tensor(x) for x in inp], func=func, Tout=types, M=len(types), name=name)
    if not types:
        return results if isinstance(results, Operation) else None
    return results if many else results[0]


def numpy_function(
    func: Callable, inp: Sequence[Any], Tout: Any, stateful: bool = True, name: str | None = None
) -> Any:
    """`py_func` under TensorFlow 2's name."""
    return py_func(func, inp, Tout, stateful, name)


class _Calls:
    """How often a `Print` has run."""

    def __init__(self):
        self.count = 0

    def __repr__(self) -> str:
        return f"<{self.count} calls>"


@op("Print", "T, N*any -> T", shape=same, host="it prints", effect=True)
def print_op(xp, input, data, *, message="", first_n=-1, summarize=3, calls=None):
    """y = x, and `data` on the standard error stream"""
    if first_n >= 0 and calls is not None:
        calls.count += 1
        if calls.count > first_n:
            return input
    told = "".join(f"[{summarize_value(d, 3 if summarize is None else summarize)}]" for d in data)
    print(f"{message}{told}", file=sys.stderr)
    return input


@print_op.gradient
def _(op, dy):
    return [dy] + [None] * op.N


def Print(
    input_: Any,
    data: Sequence[Any],
    message: str | None = None,
    first_n: int | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> Any:
    """y = `input_`, printing `message` and the tensors in `data` to the standard error stream when it runs.

    Only the first `first_n` runs print; at most `summarize` elements of each tensor are told (3 by default).
    """
    n = -1 if first_n is None else first_n
    return print_op(
        input_, list(data), message=message or "", first_n=n, summarize=3 if summarize is None else summarize,
        calls=_Calls() if n >= 0 else None, name=name,
    )  # fmt: skip


# tf.print


@op("PrintV2", "N*any ->", differentiable=False, host="it prints", effect=True)
def print_values_op(xp, inputs, *, template, stream, end="\n", summarize=3):
    """Nothing, but a line with the values on a stream"""
    if template == "{}" and not np.ndim(inputs[0]):
        text = summarize_value(inputs[0]) + end
    else:
        text = template.format(*[_pretty(v, summarize) for v in inputs]) + end
    if isinstance(stream, str):
        with open(stream.removeprefix("file://"), "a") as file:
            file.write(text)
    elif callable(stream):
        stream(text)
    else:
        target = {"stdout": sys.stdout, "stderr": sys.stderr}.get(getattr(stream, "name", ""), stream)
        target.write(text)
        target.flush()


def _pretty(value: Any, summarize: int, depth: int = 0) -> str:
    """An array row by row, the middle of long axes left out: ``[1 2 3 ... 8 9 10]``."""
    if not np.ndim(value):
        text = summarize_value(value)
        return f'"{text}"' if np.asarray(value).dtype.kind in "SO" else text
    rows: list[Any] = list(value)
    if summarize >= 0 and len(rows) > 2 * summarize:
        rows = [*rows[:summarize], ..., *rows[len(rows) - summarize :]]
    parts = ["..." if r is ... else _pretty(r, summarize, depth + 1) for r in rows]
    between = " " if np.ndim(value) == 1 else "\n" * (np.ndim(value) - 1) + " " * (depth + 1)
    return f"[{between.join(parts)}]"


def print_values(
    *inputs: Any,
    output_stream: Any = None,
    summarize: int = 3,
    sep: str = " ",
    end: str = "\n",
    name: str | None = None,
) -> Any:
    """Print tensors, Python values, and lists and dicts of them; in a graph, an operation that does so when it runs.

    Long axes show their first and last `summarize` elements (-1 for all).  ``output_stream`` is a stream (the standard
    error stream by default), a function of a string, or ``"file://path"`` to append to a file.
    """
    tensors: list[Any] = []
    template = sep.join(_template(v, tensors, top=True) for v in inputs)
    stream = sys.stderr if output_stream is None else output_stream
    return print_values_op(tensors, template=template, stream=stream, end=end, summarize=summarize, name=name)


def _template(value: Any, tensors: list[Any], top: bool = False) -> str:
    """`value` as text with ``{}`` for each tensor in it, which is appended to `tensors`."""
    if isinstance(value, Operators):
        tensors.append(convert_to_tensor(value))
        return "{}"
    if isinstance(value, dict):
        inner = ", ".join(f"{k!r}: {_template(v, tensors)}" for k, v in value.items())
        return "{{" + inner + "}}"
    if isinstance(value, (list, tuple)):
        inner = ", ".join(_template(v, tensors) for v in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' if len(value) == 1 else ''})"
    return (str(value) if top else repr(value)).replace("{", "{{").replace("}", "}}")
