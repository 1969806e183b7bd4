"""Tensors: the values between operations, by name, type and shape; what they hold exists only while a session runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import context
from .dtypes import DType
from .shapes import Shape, TensorShape, as_tuple, merge

if TYPE_CHECKING:
    from .graph import Graph, Operation


class Operators:
    """Base of what can stand in an expression: ops/operators.py gives it ``+ - * / @ [] <`` and the rest."""

    __slots__ = ()
    __hash__ = object.__hash__  # by identity, whatever == means
    __array_priority__ = 100  # let `array + tensor` be our __radd__, not NumPy's loop over elements

    if TYPE_CHECKING:  # what ops/operators.py and ops/indexing.py install, for editors

        def __add__(self, other: Any) -> Any: ...
        def __radd__(self, other: Any) -> Any: ...
        def __sub__(self, other: Any) -> Any: ...
        def __rsub__(self, other: Any) -> Any: ...
        def __mul__(self, other: Any) -> Any: ...
        def __rmul__(self, other: Any) -> Any: ...
        def __truediv__(self, other: Any) -> Any: ...
        def __rtruediv__(self, other: Any) -> Any: ...
        def __floordiv__(self, other: Any) -> Any: ...
        def __rfloordiv__(self, other: Any) -> Any: ...
        def __mod__(self, other: Any) -> Any: ...
        def __rmod__(self, other: Any) -> Any: ...
        def __pow__(self, other: Any) -> Any: ...
        def __rpow__(self, other: Any) -> Any: ...
        def __matmul__(self, other: Any) -> Any: ...
        def __rmatmul__(self, other: Any) -> Any: ...
        def __and__(self, other: Any) -> Any: ...
        def __rand__(self, other: Any) -> Any: ...
        def __or__(self, other: Any) -> Any: ...
        def __ror__(self, other: Any) -> Any: ...
        def __xor__(self, other: Any) -> Any: ...
        def __rxor__(self, other: Any) -> Any: ...
        def __lt__(self, other: Any) -> Any: ...
        def __le__(self, other: Any) -> Any: ...
        def __gt__(self, other: Any) -> Any: ...
        def __ge__(self, other: Any) -> Any: ...
        def __getitem__(self, other: Any) -> Any: ...
        def __neg__(self) -> Any: ...
        def __abs__(self) -> Any: ...
        def __invert__(self) -> Any: ...


class Tensor(Operators):
    """One output of an operation: a value that exists only while a session runs."""

    __slots__ = ("__dict__", "__weakref__", "_consumers", "_dtype", "_shape", "op", "value_index")

    def __init__(self, op: Any, value_index: int, dtype: DType, shape: Shape):
        self.op = op
        self.value_index = value_index
        self._dtype = dtype
        self._shape = shape
        self._consumers: list[Operation] | None = None

    @property
    def name(self) -> str:
        return f"{self.op.name}:{self.value_index}"

    @property
    def dtype(self) -> DType:
        return self._dtype

    @property
    def graph(self) -> Graph:
        return self.op.graph

    @property
    def device(self) -> str:
        return self.op.device

    @property
    def shape(self) -> TensorShape:
        """The static shape: what is known before running (``tf.shape(x)`` gives the shape at run time)."""
        return TensorShape(self._shape)

    def get_shape(self) -> TensorShape:
        return TensorShape(self._shape)

    def set_shape(self, shape: Any) -> None:
        """Add what you know of the static shape; ValueError when it contradicts what is known already."""
        self._shape = merge(self._shape, as_tuple(shape))

    def consumers(self) -> list[Operation]:
        """The operations that take this tensor as an input."""
        return list(self._consumers or ())

    def eval(self, feed_dict: Any = None, session: Any = None):
        """Run this tensor in `session`, or in the default session."""
        return session_or_default(session, "evaluate tensor using `eval()`", "t.eval").run(self, feed_dict)

    def experimental_ref(self):
        return self.ref()

    def ref(self) -> Reference:
        """A hashable handle of this tensor, for sets and dictionary keys."""
        return Reference(self)

    def _repr_html_(self) -> str:
        from .explore.picture import of_operation

        return of_operation(self.op, str(self))

    def __repr__(self) -> str:
        shape = "?" if self._shape is None else str(TensorShape(self._shape))
        return f"<tf.Tensor '{self.name}' shape={shape} dtype={self._dtype.name}>"

    def __str__(self) -> str:
        shape = "" if self._shape is None else f", shape={TensorShape(self._shape)}"
        return f'Tensor("{self.name}"{shape}, dtype={self._dtype.name})'

    def __iter__(self) -> Any:
        if not context.executing_eagerly() and self.__class__ is Tensor:
            raise TypeError(
                "Tensor objects are only iterable when eager execution is enabled. To iterate over this tensor use "
                "tf.unstack (a known number of slices) or tf.map_fn."
            )
        raise TypeError(f"Cannot iterate over a symbolic tensor: {self!r}. Use tf.unstack or tf.map_fn.")

    def __len__(self) -> int:
        raise TypeError(f"len is not well defined for a symbolic Tensor ({self.name}). Please call `x.shape` instead.")

    def __bool__(self) -> bool:
        raise TypeError(
            "Using a `tf.Tensor` as a Python `bool` is not allowed. Use `if t is not None:` instead of `if t:` to "
            "test if a tensor is defined, and use TensorFlow ops such as tf.cond to execute subgraphs conditioned on "
            f"the value of a tensor. The tensor: {self!r}"
        )

    def __array__(self, dtype: Any = None, copy: Any = None):
        raise NotImplementedError(
            f"Cannot convert a symbolic Tensor ({self.name}) to a numpy array. It has a value only inside a "
            "session: use session.run(tensor)."
        )


class Reference:
    """Hashable handle of a tensor or variable; ``ref.deref()`` gives it back."""

    __slots__ = ("_object",)

    def __init__(self, target: Any):
        self._object = target

    def deref(self):
        return self._object

    def __hash__(self) -> int:
        return id(self._object)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and self._object is other._object


def session_or_default(session: Any, what: str, method: str):
    session = session or context.default_session()
    if session is None:
        raise ValueError(
            f"Cannot {what}: No default session is registered. Use `with sess.as_default()` or pass an explicit "
            f"session to `{method}(session=sess)`."
        )
    return session
