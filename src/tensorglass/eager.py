"""Eager execution: the same stanzas, computed at once.

Outside any graph an op call converts its operands to arrays, runs the kernel with NumPy and wraps what comes out in
an `EagerTensor`.  There is no second definition of anything: `execute` is what `Op._build` is for graphs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from . import errors
from .convert import frozen, holds_tensor
from .dtypes import as_dtype
from .graph import Tensor
from .op import Op, convert_to_tensor
from .shapes import TensorShape

_random_states: dict[Any, Any] = {}  # a seeded random op goes on from call to call


class EagerTensor(Tensor):
    """A tensor with a value: ``.numpy()`` gives it as an array."""

    __slots__ = ("_value",)

    def __init__(self, value: Any):
        self._value = value
        self._dtype = as_dtype(value.dtype)
        self._shape = value.shape
        self._consumers = None
        self.value_index = 0

    _repr_html_ = None  # type: ignore[assignment]  # a notebook shows the value, as text

    def _array(self):
        return self._value

    def numpy(self):
        """The value as a NumPy array (a NumPy scalar for rank 0), yours to change."""
        value = self._value
        if isinstance(value, np.ndarray):
            return value.copy() if value.ndim else value[()]
        return value

    @property
    def op(self):
        raise AttributeError("Tensor.op is undefined when eager execution is enabled.")

    @property
    def graph(self):
        raise AttributeError("Tensor.graph is undefined when eager execution is enabled.")

    @property
    def name(self):
        raise AttributeError("Tensor.name is undefined when eager execution is enabled.")

    @property
    def device(self) -> str:
        return "/job:localhost/replica:0/task:0/device:CPU:0"

    @property
    def ndim(self) -> int:
        return self._value.ndim

    def set_shape(self, shape: Any) -> None:
        if not self.shape.is_compatible_with(shape):
            raise ValueError(f"Tensor's shape {self.shape} is not compatible with supplied shape {shape}")

    def eval(self, feed_dict: Any = None, session: Any = None):
        raise NotImplementedError("eval is not supported when eager execution is enabled, is .numpy() what you want?")

    def __array__(self, dtype: Any = None, copy: Any = None):
        return np.array(self._value, dtype=dtype)

    def __iter__(self) -> Iterator:
        if not self._shape:
            raise TypeError("Cannot iterate over a scalar tensor.")
        return (EagerTensor(v) for v in self._value)

    def __len__(self) -> int:
        if not self._shape:
            raise TypeError("Scalar tensor has no `len()`")
        return self._shape[0]

    def __bool__(self) -> bool:
        return bool(self._value)

    def __int__(self) -> int:
        return int(self._value)

    def __float__(self) -> float:
        return float(self._value)

    def __complex__(self) -> complex:
        return complex(self._value)

    def __index__(self) -> int:
        return self._value.__index__()

    def __format__(self, spec: str) -> str:
        return format(self._value[()] if not self._shape else self._value, spec) if spec else str(self)

    def _text(self, style: Any) -> str:
        value = self._value
        if not self._shape:
            value = value[()] if isinstance(value, np.ndarray) else value
            return repr(value) if isinstance(value, bytes) else str(value)
        text = style(value)
        return "\n" + text if "\n" in text else text

    def __repr__(self) -> str:
        return f"<tf.Tensor: shape={TensorShape(self._shape)}, dtype={self._dtype.name}, numpy={self._text(repr)}>"

    def __str__(self) -> str:
        return f"tf.Tensor({self._text(str)}, shape={TensorShape(self._shape)}, dtype={self._dtype.name})"


class Cell(EagerTensor):
    """What stands for a variable itself when ops run eagerly: a value that can be replaced."""

    __slots__ = ()

    def __init__(self, dtype: Any, shape: Any):
        self._value = None
        self._dtype = as_dtype(dtype)._as_ref
        self._shape = shape
        self._consumers = None
        self.value_index = 0


def execute(op: Op, operands: Sequence[Any], attrs: dict[str, Any], watch: Any = None) -> Any:
    """Compute `op` on values and return what a graph would return when run.

    `watch`, where given, sees the node and its operands before it is computed, and its results afterwards.
    """
    values: list[Any] = []
    attrs = dict(attrs)
    for value, spec in zip(operands, op.operands, strict=True):
        if spec.counter:
            value = op._listed(value, spec)
            attrs[spec.counter] = len(value)
            values.append([_readied(v, spec) for v in value])
        else:
            values.append(_readied(value, spec))
    attrs.update(op.unify(values, attrs, eager=True))
    flat = [v for item in values for v in (item if isinstance(item, list) else (item,))]
    arrays = [v._value if isinstance(v, EagerTensor) else v for v in flat]
    node = EagerNode(op, flat, attrs)
    for value, spec in zip(values, op.operands, strict=True):
        if spec.mode == "ref" and value._value is None:
            raise errors.FailedPreconditionError(None, None, f"Attempting to use uninitialized value [Op:{op.type}]")
    from .backends.numpy import call

    if watch is not None:
        watch.before(node)
    results = call(node, arrays) if op.draws is None else _drawn(node, arrays, call)
    if op.has_refs:
        node.outputs = (_write(op, values, results),)
    elif op.results:
        node.outputs = tuple(EagerTensor(v) for v in (results if isinstance(results, (tuple, list)) else (results,)))
    if watch is not None:
        watch.after(node)
    if not op.results:
        return None
    return node.outputs[0] if op.has_refs else op.wrap(node.outputs, node)


def _drawn(node: Any, arrays: list[Any], call: Callable) -> Any:
    """What a random op draws: a seeded one goes on where its last call with these attributes ended."""
    attrs, begin = node.attrs, node.stanza.draws
    key = (node.type, *((k, str(attrs[k])) for k in sorted(attrs)))
    seeded = attrs.get("seed", 0) or attrs.get("seed2", 0)
    state = _random_states[key] if seeded and key in _random_states else begin(node)
    *results, state = call(node, [state, *arrays])
    if seeded:
        _random_states[key] = state
    return results[0] if len(results) == 1 else tuple(results)


def _write(op: Op, values: list[Any], results: Any) -> EagerTensor:
    """Give the variables of a state op their new values; the op's value is the first of them, or one of its own."""
    new = results if isinstance(results, tuple) else (results,)
    cells = [v for v, spec in zip(values, op.operands, strict=True) if spec.mode in ("ref", "set")]
    for cell, value in zip(cells, new, strict=False):
        value = np.asarray(value)
        value.flags.writeable = False  # kernels of state ops return fresh arrays: nobody else holds this one
        cell._value = value
    return EagerTensor(cells[0]._value if op.results[0].mode == "ref" else new[len(cells)])


class EagerNode:
    """One eager call with the face of an `Operation`, for error texts and gradient rules."""

    name = ""
    user_line = ""
    control_inputs = ()

    def __init__(self, op: Op, inputs: Sequence[Any], attrs: dict[str, Any]):
        self.stanza = op
        self.type = op.type
        self.attrs = attrs
        self.inputs = tuple(v if isinstance(v, Tensor) else _Literal(v) for v in inputs)
        self.outputs: tuple = ()

    def __repr__(self) -> str:
        return f"<eager {self.type}>"

    def get_attr(self, name: str) -> Any:
        return self.attrs[name]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["attrs"][name]
        except KeyError:
            raise AttributeError(f"{self.type} has no attribute {name!r}") from None


def _Literal(value: Any) -> EagerTensor:
    return EagerTensor(np.asarray(value))


def _readied(value: Any, spec: Any) -> Any:
    if spec.mode in ("ref", "set", "peek"):
        value = value._ref() if hasattr(value, "_ref") else value
        if not isinstance(value, Cell):
            raise TypeError(f"Input '{spec.name}' needs a tf.Variable, got {value!r}")
        return value
    if hasattr(value, "_to_tensor"):
        value = value._to_tensor()
    if isinstance(value, (list, tuple)) and holds_tensor(value):
        return convert_to_tensor(value)
    if isinstance(value, Tensor) and not isinstance(value, EagerTensor):
        raise TypeError(
            f"{value!r} is a symbolic tensor of a graph; it has no value here. Run it in a session, or build this op "
            "inside the same `with graph.as_default():`."
        )
    return frozen(value) if value.__class__ is np.ndarray else value  # the user may write to an array later


def reset_random_states() -> None:
    """Begin every seeded random op's stream anew (`tf.random.set_seed`)."""
    _random_states.clear()
