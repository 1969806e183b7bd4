"""Products in index notation: `tensordot` and `einsum`.

Both come down to one matrix product: the axes that stay, the axes that are summed and the axes that go along in both
operands are moved together and folded, multiplied, and unfolded.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import shapes
from ..convert import convert_to_tensor
from ..errors import InvalidArgumentError
from ..graph import Tensor
from ..names import scope
from ..op import op
from ..shapes import Shape
from ..static import constant_value
from .arrange import transpose
from .array import reshape, shape
from .complex import conj
from .linalg import matmul_op
from .reduce import reduce_prod

# tensordot


def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Any:
    """y = Σ a · b over pairs of axes: the other axes of `a`, then those of `b`, are what is left.

    ``axes`` is a number n (the last n axes of `a` with the first n of `b`), or two lists of axes.

    >>> tensordot([[1, 2], [3, 4]], [1, 1], 1).numpy().tolist()
    [3, 7]
    """

    with scope(name, "Tensordot", [a, b]) as full:
        a, b = convert_to_tensor(a, name="a"), convert_to_tensor(b, name="b")
        a_axes, b_axes = _paired_axes(a, b, axes)
        a_axes, a_free = _split_axes(a, a_axes)
        b_axes, b_free = _split_axes(b, b_axes)
        if len(a_axes) != len(b_axes):
            raise ValueError(f"Different number of contraction axes `a` and `b`, {len(a_axes)} != {len(b_axes)}.")
        left, right = _folded(a, a_free, a_axes), _folded(b, b_axes, b_free)
        product = matmul_op(left, right)
        if len(a_free) == 1 and len(b_free) == 1:
            return product
        return reshape(product, _sizes([(a, a_free), (b, b_free)]), name=full or None)


def _paired_axes(a: Tensor, b: Tensor, axes: Any) -> tuple[list[int], list[int]]:
    given = constant_value(axes) if isinstance(axes, Tensor) else axes
    if given is None:
        raise NotImplementedError("tensordot needs axes that are known when the graph is built")
    if np.ndim(given) == 0 and not isinstance(given, (list, tuple)):
        n = int(given)
        if n < 0:
            raise ValueError(f"`axes` must be at least 0. Received: {n}.")
        if a._shape is not None and n > len(a._shape):
            raise ValueError(
                f"`axes` must not be larger than the number of dimensions of tensor {a!r}. Received {n}, vs tensor "
                f"dimensions {len(a._shape)}."
            )
        rank = _known_rank(a)
        return list(range(rank - n, rank)), list(range(n))
    if len(given) != 2:
        raise ValueError(f"`axes` must be an integer or have length 2. Received {axes}.")
    first, second = (np.atleast_1d(x).tolist() for x in given)
    if len(first) != len(second):
        raise ValueError(f"Different number of contraction axes `a` and `b`, {len(first)} != {len(second)}.")
    return first, second


def _known_rank(x: Tensor) -> int:
    if x._shape is None:
        raise NotImplementedError(
            f"The rank of {x.name} must be known when the graph is built: give its placeholder a shape, such as "
            "[None, None]."
        )
    return len(x._shape)


def _split_axes(x: Tensor, axes: Sequence[int]) -> tuple[list[int], list[int]]:
    """`axes` counted from the front, and the others."""
    rank = _known_rank(x)
    for axis in axes:
        if not -rank <= axis < rank:
            raise ValueError(f"axis {axis} is out of range for {x.name} of rank {rank}")
    axes = [axis % rank for axis in axes]
    if len(set(axes)) < len(axes):
        raise ValueError(f"an axis of {x.name} is contracted twice: {axes}")
    return axes, [i for i in range(rank) if i not in axes]


def _folded(x: Tensor, rows: list[int], columns: list[int]) -> Tensor:
    """`x` as a matrix: the axes `rows` make one axis, and so do `columns`."""

    order = rows + columns
    if order != sorted(order):
        x = transpose(x, order)
    if len(rows) == 1 and len(columns) == 1:
        return x
    assert x._shape is not None
    sizes = x._shape[: len(rows)], x._shape[len(rows) :]
    target = [None if None in part else math.prod(part) for part in sizes]
    if target.count(None) <= 1 and 0 not in target:
        return reshape(x, [-1 if n is None else n for n in target])
    known = shape(x)
    return reshape(x, [reduce_prod(known[: len(rows)]), reduce_prod(known[len(rows) :])])


def _sizes(parts: list[tuple[Tensor, list[int]]]) -> Any:
    """The sizes of chosen axes of tensors, a constant list where at most one must be found at run time."""

    sizes = [x._shape[i] for x, axes in parts for i in axes]  # type: ignore[index]  # their rank is known
    if sizes.count(None) <= 1 and 0 not in sizes:
        return [-1 if n is None else n for n in sizes]
    return [
        shape(x)[i] if x._shape[i] is None else x._shape[i]  # type: ignore[index]
        for x, axes in parts
        for i in axes
    ]


# einsum


def einsum(equation: str, *inputs: Any, **options: Any) -> Any:
    """y[...] = Σ Π operands, in Einstein's notation: "ij,jk->ik" is the matrix product.

    A letter that the output lacks is summed over; one that an operand has twice takes a diagonal.  "..." stands for
    dimensions that broadcast.  Without "->" the output has the letters that occur once, in alphabetical order.  More
    than two operands are multiplied from left to right.  ``name`` and ``optimize`` are accepted.

    >>> einsum("ij,j->i", [[1, 2], [3, 4]], [1, 1]).numpy().tolist()
    [3, 7]
    """
    name = options.pop("name", None)
    options.pop("optimize", None)
    if options:
        raise TypeError(f"Invalid keyword arguments for this function: {', '.join(options)}. Expected: name, optimize.")
    terms, output = parse(equation, len(inputs))
    with scope(name, "einsum", inputs):
        operands = [convert_to_tensor(x, name="inputs") for x in inputs]
        while len(operands) > 2:
            wanted = set(output).union(*terms[2:])
            kept = _distinct(_labels(terms[0]) + _labels(terms[1]))
            part = "".join(label for label in kept if label in wanted and label != ".")
            part = "..." + part if "..." in terms[0] + terms[1] else part
            operands = [einsum_op(operands[:2], equation=f"{terms[0]},{terms[1]}->{part}"), *operands[2:]]
            terms = [part, *terms[2:]]
        return einsum_op(operands, equation=f"{','.join(terms)}->{output}")


def _labels(term: str) -> list[str]:
    """The labels of one operand; "." stands for the ellipsis."""
    return list(term.replace("...", "."))


def _distinct(labels: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(labels))


def parse(equation: str, n: int) -> tuple[list[str], str]:
    """The subscripts of the operands and of the output, checked; ValueError with TensorFlow's sentence."""
    equation = equation.replace(" ", "")
    left, arrow, output = equation.partition("->")
    terms = left.split(",")
    if len(terms) != n:
        raise ValueError(f'Got {n} inputs for equation "{equation}", expecting {len(terms)}')
    for term in (*terms, output):
        if not re.fullmatch(r"[A-Za-z]*(\.\.\.)?[A-Za-z]*", term):
            raise ValueError(f"Invalid subscripts {term!r} in equation {equation}: letters and one ellipsis (...)")
    if not arrow:
        once = sorted(c for c in set(left) - set(",.") if left.count(c) == 1)
        output = ("..." if "..." in left else "") + "".join(once)
    letters = output.replace("...", "")
    if len(set(letters)) < len(letters):
        raise ValueError(f"Output subscripts contain a label appearing more than once: {equation}")
    for label in letters:
        if label not in left:
            raise ValueError(f"Output subscripts contain the label {label} not present in the input subscripts.")
    return terms, output


def _sides(equation: str) -> tuple[list[list[str]], list[str]]:
    left, _, output = equation.partition("->")
    return [_labels(term) for term in left.split(",")], _labels(output)


def _named_axes(labels: list[str], rank: int) -> list[str]:
    """One name for each axis: the ellipsis becomes ".1", ".2", ..., counted from the right."""
    if "." not in labels:
        if len(labels) != rank:
            raise ValueError(f"Shape must be rank {len(labels)} but is rank {rank}")
        return labels
    extra = rank - (len(labels) - 1)
    if extra < 0:
        raise ValueError(f"Shape must be at least rank {len(labels) - 1} but is rank {rank}")
    at = labels.index(".")
    return [*labels[:at], *(f".{extra - i}" for i in range(extra)), *labels[at + 1 :]]


def _resolved(equation: str, ranks: Sequence[int]) -> tuple[list[list[str]], list[str]]:
    """Names of all axes, of the operands and of the output."""
    terms, output = _sides(equation)
    named = [_named_axes(labels, rank) for labels, rank in zip(terms, ranks, strict=True)]
    depth = max((int(a[1:]) for axes in named for a in axes if a[0] == "."), default=0)
    if depth and "." not in output:
        raise ValueError(
            f"Shape must be at most rank 0 but is rank {depth} for einsum equation '{equation}' without ellipsis (...) "
            "in the output subscripts where input(s) have non-empty broadcasting shape"
        )
    broad = [f".{i}" for i in range(depth, 0, -1)]
    return named, [name for label in output for name in (broad if label == "." else [label])]


def _einsum_shape(op: Any) -> Shape:
    known = [t._shape for t in op.inputs]
    if any(s is None for s in known):
        terms, output = _sides(op.attrs["equation"])
        for labels, shape in zip(terms, known, strict=True):
            if shape is not None:
                _named_axes(labels, len(shape))
        return None if "." in output else (None,) * len(output)
    named, output = _resolved(op.attrs["equation"], [len(s) for s in known])
    sizes: dict[str, int | None] = {}
    for axes, shape in zip(named, known, strict=True):
        for name, size in zip(axes, shape, strict=True):
            old = sizes.setdefault(name, size)
            if name[0] == ".":
                sizes[name] = shapes.broadcast_shapes((old,), (size,))[0]  # type: ignore[index]
            elif old is None:
                sizes[name] = size
            elif size is not None and size != old:
                raise ValueError(f"Dimensions must be equal, but are {old} and {size}")
    return tuple(sizes[name] for name in output)


@op("Einsum", "N*T -> T where T: float|complex|int", shape=_einsum_shape, name="Einsum")
def einsum_op(xp, inputs, *, equation):
    """y[...] = Σ Π operands, one or two of them, by the subscripts in `equation`"""
    try:
        named, output = _resolved(equation, [x.ndim for x in inputs])
    except ValueError as error:
        raise InvalidArgumentError(None, None, str(error)) from None
    _check_sizes(named, inputs)
    reduced = [_reduced(xp, x, i, named, output) for i, x in enumerate(inputs)]
    if len(reduced) == 1:
        (x, names) = reduced[0]
        y = xp.transpose(x, [names.index(a) for a in output])
        return xp.array(y) if y is inputs[0] else y
    return _contracted(xp, reduced[0], reduced[1], output)


def _check_sizes(named: list[list[str]], inputs: Sequence[Any]) -> None:
    sizes: dict[str, int] = {}
    for axes, x in zip(named, inputs, strict=True):
        for i, (name, size) in enumerate(zip(axes, x.shape, strict=True)):
            expected = sizes.setdefault(name, size)
            if size != expected and name[0] != ".":
                raise InvalidArgumentError(
                    None, None,
                    f"Expected dimension {expected} at axis {i} of the input shaped {shapes.text(x.shape)} but got "
                    f"dimension {size}",
                )  # fmt: skip


def _reduced(xp: Any, x: Any, i: int, named: list[list[str]], output: list[str]) -> tuple[Any, list[str]]:
    """Operand `i` with its repeated axes reduced to diagonals and the axes that nobody else has summed."""
    names = list(named[i])
    for name in _distinct(names):
        while names.count(name) > 1:
            first = names.index(name)
            second = names.index(name, first + 1)
            x = xp.diagonal(x, axis1=first, axis2=second)  # the diagonal becomes the last axis
            names = [n for k, n in enumerate(names) if k not in (first, second)] + [name]
    elsewhere = set(output).union(*(axes for k, axes in enumerate(named) if k != i))
    alone = tuple(k for k, n in enumerate(names) if n not in elsewhere)
    if alone:
        x = xp.sum(x, axis=alone, dtype=x.dtype)
        names = [n for k, n in enumerate(names) if k not in alone]
    return x, names


def _contracted(xp: Any, left: tuple[Any, list[str]], right: tuple[Any, list[str]], output: list[str]) -> Any:
    """Σ x · y as one batched matrix product."""
    (x, x_names), (y, y_names) = left, right
    batch = [n for n in output if n in x_names and n in y_names]
    inner = [n for n in x_names if n in y_names and n not in output]
    rows = [n for n in x_names if n not in y_names]
    columns = [n for n in y_names if n not in x_names]
    x = xp.transpose(x, [x_names.index(n) for n in batch + rows + inner])
    y = xp.transpose(y, [y_names.index(n) for n in batch + inner + columns])
    b, r, c = len(batch), len(rows), len(columns)
    product = xp.matmul(
        xp.reshape(x, (*x.shape[:b], math.prod(x.shape[b : b + r]), math.prod(x.shape[b + r :]))),
        xp.reshape(y, (*y.shape[:b], math.prod(y.shape[b : y.ndim - c]), math.prod(y.shape[y.ndim - c :]))),
    )
    whole = xp.reshape(product, (*product.shape[:b], *x.shape[b : b + r], *y.shape[y.ndim - c :]))
    names = batch + rows + columns
    return xp.transpose(whole, [names.index(n) for n in output])


@einsum_op.gradient  # the gradient of one operand is the product of ȳ with the other operand
def _(op, dy):
    if len(op.inputs) == 1:
        return [einsum_back([dy], op.inputs[0], equation=op.equation, operand=0)]
    x, y = op.inputs
    return [
        einsum_back([dy, conj(y)], x, equation=op.equation, operand=0),
        einsum_back([dy, conj(x)], y, equation=op.equation, operand=1),
    ]


@op("EinsumBack", "N*T, like U -> T where T: float|complex|int", shape=lambda op: op.inputs[-1]._shape)
def einsum_back(xp, inputs, like, *, equation, operand):
    """x̄ of one operand of an einsum, in its shape: ȳ times the other operand, spread where labels were dropped"""
    rank = len(like.shape)
    other = list(inputs[1:])
    ranks = [o.ndim for o in other]
    ranks.insert(operand, rank)
    named, output = _resolved(equation, ranks)
    wanted = named[operand]
    given = [output, *(axes for k, axes in enumerate(named) if k != operand)]
    present = [n for n in _distinct(wanted) if any(n in axes for axes in given)]
    reduced = [_reduced(xp, x, i, given, present) for i, x in enumerate(inputs)]
    if len(reduced) == 1:
        g = xp.transpose(reduced[0][0], [reduced[0][1].index(n) for n in present])
    else:
        g = _contracted(xp, reduced[0], reduced[1], present)
    return _spread(xp, g, present, wanted, like.shape)


def _spread(xp: Any, g: Any, names: list[str], wanted: list[str], shape: tuple[int, ...]) -> Any:
    """`g` summed where the operand was broadcast, repeated where it was summed, on the diagonal where labels repeat."""
    sizes = dict(zip(wanted, shape, strict=True))
    shrunk = tuple(k for k, n in enumerate(names) if sizes[n] == 1 and g.shape[k] != 1)
    if shrunk:
        g = xp.sum(g, axis=shrunk, keepdims=True, dtype=g.dtype)
    distinct = _distinct(wanted)
    g = xp.reshape(g, [g.shape[names.index(n)] if n in names else 1 for n in distinct])
    g = xp.broadcast_to(g, [sizes[n] for n in distinct])
    if len(distinct) == len(wanted):
        return g
    expanded = xp.reshape(g, [sizes[n] if wanted.index(n) == k else 1 for k, n in enumerate(wanted)])
    for k, n in enumerate(wanted):
        first = wanted.index(n)
        if first != k:
            grid = [xp.reshape(xp.arange(sizes[n]), [-1 if a == axis else 1 for a in range(len(wanted))])
                    for axis in (first, k)]  # fmt: skip
            expanded = xp.where(grid[0] == grid[1], expanded, xp.zeros((), g.dtype))
    return expanded


@einsum_back.gradient
def _(op, d):
    """⟨x̄, d⟩ is ⟨ȳ, einsum with d in the operand's place⟩: linear in each, so the same two ops again."""
    dy, *other = op.inputs[:-1]
    place = op.operand
    if not other:
        return [einsum_op([d], equation=op.equation), None]
    operands = [d, conj(other[0])] if place == 0 else [conj(other[0]), d]
    dother = einsum_back([dy, conj(d)], other[0], equation=op.equation, operand=1 - place)
    return [einsum_op(operands, equation=op.equation), conj(dother), None]
