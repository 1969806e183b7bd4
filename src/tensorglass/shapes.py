"""Shapes, known in part: `TensorShape`, `Dimension`, and the shape rules that many ops share.

Inside the library a shape is a plain tuple of ints with None for an unknown dimension, or None when even the rank is
unknown.  `TensorShape` is what users see.  A rule takes the operation being built and returns its output's shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

Shape = tuple[Any, ...] | None  # (2, None), or None for unknown rank

_v1_dimensions = False  # TensorFlow 1: indexing a shape gives Dimension objects, not ints


def use_dimensions(flag: bool) -> None:
    """Make ``shape[i]`` give `Dimension` objects (TensorFlow 1) instead of ints and None (TensorFlow 2)."""
    global _v1_dimensions
    _v1_dimensions = flag


class Dimension:
    """One size of a shape, maybe unknown: ``Dimension(None)`` combines with anything and stays unknown."""

    __slots__ = ("_value",)

    def __init__(self, value: Any):
        value = value._value if isinstance(value, Dimension) else value
        if value is not None:
            if isinstance(value, (float, str, bytes)) or not hasattr(value, "__index__"):
                raise TypeError(f"Dimension value must be integer or None or have an __index__ method, got {value!r}")
            value = value.__index__()
            if value < 0:
                raise ValueError(f"Dimension {value} must be >= 0")
        self._value: int | None = value

    @property
    def value(self) -> int | None:
        return self._value

    def __repr__(self) -> str:
        return f"Dimension({self._value})"

    def __str__(self) -> str:
        return "?" if self._value is None else str(self._value)

    def __eq__(self, other: Any):
        try:
            other = Dimension(other)._value
        except (TypeError, ValueError):
            return NotImplemented
        return None if self._value is None or other is None else self._value == other

    def __ne__(self, other: Any):
        equal = self.__eq__(other)
        return equal if equal is None or equal is NotImplemented else not equal

    def __hash__(self) -> int:
        return hash(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __int__(self) -> int:
        return self._value  # type: ignore[return-value]  # int(None) raises TypeError, as it should

    def __index__(self) -> int:
        return self._value  # type: ignore[return-value]

    def is_compatible_with(self, other: Any) -> bool:
        other = Dimension(other)._value
        return self._value is None or other is None or self._value == other

    def merge_with(self, other: Any) -> Dimension:
        other = Dimension(other)
        if not self.is_compatible_with(other):
            raise ValueError(f"Dimensions {self} and {other} are not compatible")
        return other if self._value is None else self


def _dimension_arithmetic() -> None:
    import operator

    def binary(function):
        def forward(self, other):
            other = Dimension(other)._value
            return Dimension(None if self._value is None or other is None else function(self._value, other))

        def reflected(self, other):
            return forward(Dimension(other), self)

        return forward, reflected

    def compare(function):
        def forward(self, other):
            other = Dimension(other)._value
            return None if self._value is None or other is None else function(self._value, other)

        return forward

    for name in ("add", "sub", "mul", "floordiv", "mod"):
        forward, reflected = binary(getattr(operator, name))
        setattr(Dimension, f"__{name}__", forward)
        setattr(Dimension, f"__r{name}__", reflected)
    for name in ("lt", "le", "gt", "ge"):
        setattr(Dimension, f"__{name}__", compare(getattr(operator, name)))


_dimension_arithmetic()


class TensorShape:
    """The shape of a tensor as far as it is known: a list of sizes with None for unknown, or None for unknown rank.

    >>> TensorShape([None, 3]).as_list(), TensorShape(None).ndims
    ([None, 3], None)
    """

    __slots__ = ("_dims",)

    def __init__(self, dims: Any = None):
        self._dims: Shape = as_tuple(dims)

    @property
    def dims(self) -> list[Dimension] | None:
        return None if self._dims is None else [Dimension(d) for d in self._dims]

    @property
    def ndims(self) -> int | None:
        return None if self._dims is None else len(self._dims)

    rank = ndims

    def as_list(self) -> list:
        if self._dims is None:
            raise ValueError("as_list() is not defined on an unknown TensorShape.")
        return list(self._dims)

    def is_fully_defined(self) -> bool:
        return self._dims is not None and None not in self._dims

    def num_elements(self) -> int | None:
        return num_elements(self._dims)

    def is_compatible_with(self, other: Any) -> bool:
        return compatible(self._dims, as_tuple(other))

    def assert_is_compatible_with(self, other: Any) -> None:
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {TensorShape(other)} are incompatible")

    def assert_is_fully_defined(self) -> None:
        if not self.is_fully_defined():
            raise ValueError(f"Shape {self} is not fully defined")

    def assert_has_rank(self, rank: int) -> None:
        if self.ndims not in (None, rank):
            raise ValueError(f"Shape {self} must have rank {rank}")

    def with_rank(self, rank: int) -> TensorShape:
        return self.merge_with([None] * rank)

    def with_rank_at_least(self, rank: int) -> TensorShape:
        if self.ndims is not None and self.ndims < rank:
            raise ValueError(f"Shape {self} must have rank at least {rank}")
        return self

    def merge_with(self, other: Any) -> TensorShape:
        return TensorShape(merge(self._dims, as_tuple(other)))

    def concatenate(self, other: Any) -> TensorShape:
        other = as_tuple(other)
        return TensorShape(None if self._dims is None or other is None else self._dims + other)

    def __len__(self) -> int:
        if self._dims is None:
            raise ValueError("Cannot take the length of shape with unknown rank.")
        return len(self._dims)

    def __bool__(self) -> bool:
        return self._dims is not None

    def __iter__(self) -> Iterator:
        if self._dims is None:
            raise ValueError("Cannot iterate over a shape with unknown rank.")
        return iter([Dimension(d) for d in self._dims] if _v1_dimensions else self._dims)

    def __getitem__(self, key: Any):
        if self._dims is None:
            if isinstance(key, slice):
                start, stop = key.start or 0, -1 if key.stop is None else key.stop
                known = key.step in (None, 1) and start >= 0 and stop >= 0
                return TensorShape([None] * max(stop - start, 0) if known else None)
            return Dimension(None) if _v1_dimensions else None
        if isinstance(key, slice):
            return TensorShape(self._dims[key])
        return Dimension(self._dims[key]) if _v1_dimensions else self._dims[key]

    def __eq__(self, other: Any) -> bool:
        try:
            return self._dims == as_tuple(other)
        except (TypeError, ValueError):
            return NotImplemented

    def __hash__(self) -> int:
        return hash(self._dims)

    def __add__(self, other: Any) -> TensorShape:
        return self.concatenate(other)

    def __radd__(self, other: Any) -> TensorShape:
        return TensorShape(other).concatenate(self)

    def __repr__(self) -> str:
        if _v1_dimensions:
            return f"TensorShape({self.dims!r})"
        return f"TensorShape({None if self._dims is None else list(self._dims)})"

    def __str__(self) -> str:
        if self._dims is None:
            return "<unknown>"
        if _v1_dimensions or len(self._dims) != 1:
            unknown = "?" if _v1_dimensions else "None"
            inner = ", ".join(unknown if d is None else str(d) for d in self._dims)
            return f"({inner},)" if len(self._dims) == 1 else f"({inner})"
        return f"({self._dims[0]},)"

    def __reduce__(self):
        return TensorShape, (self._dims,)


def as_tuple(dims: Any) -> Shape:
    """The library's own form of any way to write a shape: TensorShape, list, int, None."""
    if dims is None:
        return None
    if isinstance(dims, TensorShape):
        return dims._dims
    if isinstance(dims, (str, bytes)):
        raise TypeError(f"A shape is a list of integers; got the string {dims!r}")
    try:
        sizes = list(dims)
    except TypeError:
        sizes = [dims]
    return tuple(Dimension(d)._value for d in sizes)


def text(shape: Shape) -> str:
    """TensorFlow's way to print a shape in error messages: ``[?,3]``."""
    return "<unknown>" if shape is None else "[" + ",".join("?" if d is None else str(d) for d in shape) + "]"


def num_elements(shape: Shape) -> int | None:
    if shape is None or None in shape:
        return None
    n = 1
    for d in shape:
        n *= d
    return n


def compatible(a: Shape, b: Shape) -> bool:
    """Whether one array could have both shapes."""
    if a is None or b is None:
        return True
    return len(a) == len(b) and all(p == q or p is None or q is None for p, q in zip(a, b, strict=True))


def merge(a: Shape, b: Shape) -> Shape:
    """What is known of a shape when both `a` and `b` hold; ValueError when they contradict each other."""
    if a is None or b is None:
        return a if b is None else b
    if not compatible(a, b):
        raise ValueError(f"Shapes {TensorShape(a)} and {TensorShape(b)} are not compatible")
    return tuple(q if p is None else p for p, q in zip(a, b, strict=True))


def agreed(a: Shape, b: Shape) -> Shape:
    """`merge` for shape rules, where a contradiction is told in the words TensorFlow has for operands."""
    if a is not None and b is not None and not compatible(a, b):
        if len(a) != len(b):
            raise ValueError(f"Shapes must be equal rank, but are {len(a)} and {len(b)}")
        i = next(i for i, (p, q) in enumerate(zip(a, b, strict=True)) if p != q and None not in (p, q))
        raise ValueError(
            f"Dimension {i} in both shapes must be equal, but are {a[i]} and {b[i]}. "
            f"Shapes are {text(a)} and {text(b)}."
        )
    return merge(a, b)


def broadcast_shapes(*shapes: Shape) -> Shape:
    """The shape of an element-wise result: aligned at the right, sizes equal or one of them 1.

    >>> broadcast_shapes((None, 3), (2, 1, 3))
    (2, None, 3)
    """
    result: Shape = ()
    for shape in shapes:
        if shape == result:
            continue
        if shape is None or result is None:
            return None
        rank = max(len(shape), len(result))
        a, b = (1,) * (rank - len(result)) + result, (1,) * (rank - len(shape)) + shape
        for p, q in zip(a, b, strict=True):
            if p != q and p not in (1, None) and q not in (1, None):
                raise ValueError(f"Dimensions must be equal, but are {p} and {q}")
        result = tuple(_broadcast_dimension(p, q) for p, q in zip(a, b, strict=True))
    return result


def _broadcast_dimension(p: int | None, q: int | None) -> int | None:
    if p == q:
        return p
    if p == 1 or q == 1:
        return q if p == 1 else p
    return q if p is None else p  # an unknown size must agree with a known one above 1


def broadcast_axes(shape: Shape, partners: Sequence[Shape]) -> tuple[tuple[int, ...], bool] | None:
    """Over which axes of the broadcast result an operand of `shape` was repeated, as far as shapes tell.

    Returns (axes, exact) or None when it must be found at run time.  `exact` is False when the sum over the axes
    still needs a reshape to `shape` (axes of size 1 were dropped or leading axes added).
    """
    if shape is None or any(p is None for p in partners):
        return None
    rank = max([len(shape), *(len(p) for p in partners if p is not None)])
    lead = rank - len(shape)
    padded = [(1,) * (rank - len(p)) + p for p in partners if p is not None]
    axes = list(range(lead))
    for i, d in enumerate(shape):
        others = [p[lead + i] for p in padded]
        if d == 1 and any(o != 1 for o in others):
            axes.append(lead + i)
        elif d is None and any(o != 1 for o in others):
            return None  # repeated if it turns out to be 1
    return tuple(axes), not any(axis >= lead for axis in axes)


# Rules shared by many ops: each takes the operation under construction.


def same(op: Any) -> Shape:
    """Output like the first input."""
    return op.inputs[0]._shape


def broadcast(op: Any) -> Shape:
    """Output of element-wise broadcasting of all inputs; the driver of gradients undoes it."""
    return broadcast_shapes(*[t._shape for t in op.inputs])


def scalar(op: Any) -> Shape:
    return ()


def unknown(op: Any) -> Shape:
    return None


def merged(op: Any) -> Shape:
    """All inputs have one shape, and so has the output."""
    shape: Shape = None
    for t in op.inputs:
        shape = agreed(shape, t._shape)
    return shape
