"""Loops over the first axis of tensors: `scan`, and `map_fn`, `foldl`, `foldr`, which are scans that keep less."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import context, nest, shapes
from ..convert import convert_to_tensor
from ..dtypes import as_dtype
from ..graph import Tensor
from ..names import scope
from ..op import op
from ..shapes import Shape
from ..subgraph import SubGraph
from .array import shape as shape_of, stack
from .control_flow import as_outputs, awaited, captured_by, no_gradient, stacked, traced


def _scan_shapes(node: Any) -> list[Shape]:
    n, body = node.attrs["N"], node.attrs["body"]
    steps = next((t._shape[0] for t in node.inputs[1 + n : 1 + n + node.attrs["M"]] if t._shape), None)
    ys = [None if t._shape is None else (steps, *t._shape) for t in body.outputs[n:]]
    return [*(t._shape for t in body.inputs[:n]), *ys]


@op("Scan", "host int32, N*any, M*any, K*any -> L*Tout", shape=_scan_shapes, holds=("body",), partial=True)
def scan_op(xp, length, input, xs, captured, *, body, Tout=(), reverse=False, elements=()):
    """(v, yₜ) ← body(v, xₜ) for t = 0, 1, ... `length` − 1, or from the last one back if `reverse`

    Gives the last v, and all yₜ stacked in the order of t.
    """
    n, length = len(input), int(length)
    ys = []
    for t in reversed(range(length)) if reverse else range(length):
        results = body(*input, *[x[t] for x in xs], *captured)
        input = results[:n]
        ys = ys or [
            np.empty((length, *np.shape(y)), dtype) for y, (dtype, _) in zip(results[n:], elements, strict=True)
        ]
        for whole, y in zip(ys, results[n:], strict=True):
            whole[t] = y
    return [*input, *(ys or [stacked([], *e) for e in elements])]


def scanned(
    step: Callable, variables: Sequence[Tensor], xs: Sequence[Tensor], reverse: bool, name: str
) -> tuple[list[Tensor], list[Tensor]]:
    """The `Scan` whose body is ``step(variables, slices) -> (new variables, ys)``: (last variables, stacked ys)."""
    graph = (xs or variables)[0].graph._here()
    variables, xs = ([t if t.op.graph is graph else graph._capture(t) for t in ts] for ts in (variables, xs))
    body = SubGraph(graph)
    inputs = [body.input(v, v._shape) for v in variables]
    slices = [body.input(x, None if x._shape is None else x._shape[1:]) for x in xs]
    after, ys = traced(body, step, (inputs, slices))
    kinds = [v.dtype.base_dtype for v in variables]
    body.outputs = [*as_outputs(body, after, kinds), *as_outputs(body, ys)]
    types = tuple(t.dtype.base_dtype for t in body.outputs)  # type: ignore[union-attr]
    length = shape_of(xs[0], name=None)[0]
    with awaited(graph, [body]):
        found = scan_op(length, variables, xs, captured_by([body]), body=body, Tout=types, reverse=reverse, name=name)
    return found[: len(variables)], found[len(variables) :]


# -- what the public functions share


def _elements(elems: Any) -> list[Tensor]:
    """The tensors in `elems`, which all have a first axis of one size."""
    xs = [convert_to_tensor(x, name="elems") for x in nest.flatten(elems)]
    if not xs:
        raise ValueError("elems must be a Tensor or (possibly nested) sequence of Tensors. Got an empty structure.")
    first: Shape = None
    for x in xs:
        if x._shape is not None and not x._shape:
            raise ValueError("Elements in elems must be 1+ dimensional Tensors, not scalars")
        if x._shape is not None:
            if first is not None and not shapes.compatible(first, x._shape[:1]):
                raise ValueError(f"Dimensions {first[0]} and {x._shape[0]} are not compatible")
            first = shapes.merge(first, x._shape[:1])
    return xs


def _check(fn: Any, parallel_iterations: Any) -> None:
    if not callable(fn):
        raise TypeError(f"{fn!r} is not callable: `fn` must be a function.")
    if parallel_iterations is not None and (not isinstance(parallel_iterations, int) or parallel_iterations < 1):
        raise TypeError("'parallel_iterations' must be a positive integer.")


def _eagerly(xs: Sequence[Any]) -> bool:
    return context.executing_eagerly() and not any(x.__class__ is Tensor for x in xs)


def _rows(xs: Sequence[Any], elems: Any, reverse: bool) -> list:
    """The elements of `elems` one by one (eagerly), in the order they are taken."""
    n = xs[0].shape[0]
    if any(x.shape[0] != n for x in xs):
        raise ValueError(f"Dimensions {n} and {next(x.shape[0] for x in xs if x.shape[0] != n)} are not compatible")
    order = reversed(range(n)) if reverse else range(n)
    return [nest.pack_sequence_as(elems, [x[i] for x in xs]) for i in order]


# -- map_fn


def map_fn(
    fn: Callable,
    elems: Any,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    name: str | None = None,
    fn_output_signature: Any = None,
) -> Any:
    """yₜ = fn(xₜ) for the slices xₜ of `elems` along the first axis, stacked.

    `elems` and the results may be structures of tensors; where the results' structure or types differ from those of
    `elems`, `dtype` (or ``fn_output_signature``) says them.  ValueError for scalars and for axes of different sizes.

    >>> import tensorglass as tg
    >>> tg.map_fn(lambda t: t[0] * t[1], (tg.constant([1.0, 2.0]), tg.constant([3.0, 4.0])), dtype=tg.float32).numpy()
    array([3., 8.], dtype=float32)
    """
    _check(fn, parallel_iterations)
    dtype = fn_output_signature if fn_output_signature is not None else dtype
    with scope(name, "map", nest.flatten(elems)) as full:
        xs = _elements(elems)
        wanted = nest.map_structure(_type_of, dtype) if dtype is not None else _types_like(elems, xs)
        if _eagerly(xs):
            return _map_eagerly(fn, _rows(xs, elems, False), wanted)

        def step(_: Any, slices: list) -> tuple[list, list]:
            return [], _results(fn(nest.pack_sequence_as(elems, slices)), wanted)

        _, ys = scanned(step, [], xs, False, full)
        return nest.pack_sequence_as(wanted, no_gradient(ys, back_prop))


def _type_of(spec: Any) -> Any:
    return as_dtype(getattr(spec, "dtype", spec)).base_dtype


def _types_like(elems: Any, xs: Sequence[Tensor]) -> Any:
    return nest.pack_sequence_as(elems, [x.dtype.base_dtype for x in xs])


def _results(found: Any, wanted: Any) -> list:
    """What `fn` returned, as tensors of the types `wanted`."""
    nest.assert_same_structure(wanted, found, check_types=False)
    results = []
    for value, dtype in zip(nest.flatten(found), nest.flatten(wanted), strict=True):
        t = convert_to_tensor(value, None if hasattr(value, "dtype") else dtype)
        if t.dtype.base_dtype is not dtype:
            raise TypeError(
                f"fn returned a tensor of type {t.dtype.base_dtype.name} where {dtype.name} was expected: pass "
                f"dtype=tf.{t.dtype.base_dtype.name} (fn_output_signature), or convert it with tf.cast."
            )
        results.append(t)
    return results


def _map_eagerly(fn: Callable, rows: list, wanted: Any) -> Any:
    if not rows:
        empty = [convert_to_tensor(np.zeros((0,), d.np_dtype)) for d in nest.flatten(wanted)]
        return nest.pack_sequence_as(wanted, empty)
    results = [_results(fn(row), wanted) for row in rows]
    return nest.pack_sequence_as(wanted, [stack(list(ys)) for ys in zip(*results, strict=True)])


# -- scan and folds


def scan(
    fn: Callable,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    reverse: bool = False,
    name: str | None = None,
) -> Any:
    """aₜ = fn(aₜ₋₁, xₜ) for the slices xₜ of `elems`: all of a₀, a₁, ... stacked.

    a₋₁ is `initializer`; without one, a₀ is the first slice.  ``reverse=True`` begins with the last slice.  Gradients
    run the same loop backwards; the length of the plan does not depend on the number of steps.

    >>> import tensorglass as tg
    >>> tg.scan(lambda a, x: 2.0 * a + x, tg.constant([1.0, 2.0, 3.0]), initializer=tg.constant(0.0)).numpy()
    array([ 1.,  4., 11.], dtype=float32)
    """
    _check(fn, parallel_iterations)
    with scope(name, "scan", nest.flatten(elems)) as full:
        xs = _elements(elems)
        if _eagerly(xs):
            kept = _accumulated(fn, _rows(xs, elems, reverse), initializer)
            kept = kept[::-1] if reverse else kept
            return nest.map_structure(lambda *values: stack(list(values)), *kept) if kept else _none(initializer, xs)
        begin, first, rest = _begin(initializer, elems, xs, reverse)

        def step(variables: list, slices: list) -> tuple[list, list]:
            after = _after(fn, begin, variables, nest.pack_sequence_as(elems, slices))
            return after, after

        _, ys = scanned(step, first, rest, reverse, full)
        if initializer is None:
            ys = [_joined(a, y, reverse) for a, y in zip(first, ys, strict=True)]
        return nest.pack_sequence_as(begin, no_gradient(ys, back_prop))


def _begin(initializer: Any, elems: Any, xs: Sequence[Tensor], reverse: bool) -> tuple[Any, list, list]:
    """(structure of the accumulator, its first value as tensors, the elements left to take)."""
    if initializer is not None:
        return initializer, [convert_to_tensor(v, name="initializer") for v in nest.flatten(initializer)], list(xs)
    if xs[0]._shape is not None and xs[0]._shape[0] == 0:
        raise ValueError("elems must have at least one element where there is no initializer.")
    return elems, [x[-1 if reverse else 0] for x in xs], [x[:-1] if reverse else x[1:] for x in xs]


def _after(fn: Callable, begin: Any, variables: Sequence[Tensor], element: Any) -> list:
    """The accumulator after one more element; its structure, types and shapes must stay what they were."""
    found = fn(nest.pack_sequence_as(begin, variables), element)
    nest.assert_same_structure(begin, found, check_types=False)
    results = []
    for value, before in zip(nest.flatten(found), variables, strict=True):
        kind = before.dtype.base_dtype
        t = convert_to_tensor(value, None if hasattr(value, "dtype") else kind)
        if t.dtype.base_dtype is not kind:
            raise TypeError(
                f"The accumulator is of type {kind.name}, but fn returned {t.dtype.base_dtype.name}: convert it with "
                "tf.cast, or begin with an initializer of that type."
            )
        if not shapes.compatible(t._shape, before._shape):
            raise ValueError(f"Inconsistent shapes: saw {t.shape} but expected {before.shape}")
        results.append(t)
    return results


def _joined(first: Tensor, ys: Tensor, reverse: bool) -> Tensor:
    from .array import concat, expand_dims

    first = expand_dims(first, 0)
    return concat([ys, first] if reverse else [first, ys], 0)


def _accumulated(fn: Callable, rows: list, initializer: Any) -> list:
    """The accumulator after each of `rows` (eagerly)."""
    if initializer is None:
        if not rows:
            raise ValueError("elems must have at least one element where there is no initializer.")
        kept = [nest.map_structure(convert_to_tensor, rows[0])]
        rows, begin = rows[1:], rows[0]
    else:
        kept, begin = [], initializer
    now = kept[-1] if kept else nest.map_structure(convert_to_tensor, initializer)
    for row in rows:
        now = nest.pack_sequence_as(begin, _after(fn, begin, nest.flatten(now), row))
        kept.append(now)
    return kept


def _none(initializer: Any, xs: Sequence[Any]) -> Any:
    """The result of a scan over nothing."""

    def empty(v: Any) -> Tensor:
        array = np.asarray(convert_to_tensor(v))
        return convert_to_tensor(np.zeros((0, *array.shape), array.dtype))

    return nest.map_structure(empty, initializer)


def foldl(
    fn: Callable,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """a = fn(... fn(fn(a₀, x₀), x₁) ..., xₙ): `scan` from the first element on, of which only the last value is kept.

    >>> import tensorglass as tg
    >>> tg.foldl(lambda a, x: 10.0 * a + x, tg.constant([1.0, 2.0, 3.0])).numpy()
    np.float32(123.0)
    """
    return _fold(fn, elems, initializer, parallel_iterations, back_prop, False, name or "foldl")


def foldr(
    fn: Callable,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """a = fn(... fn(fn(a₀, xₙ), xₙ₋₁) ..., x₀): `foldl` that begins with the last element

    >>> import tensorglass as tg
    >>> tg.foldr(lambda a, x: 10.0 * a + x, tg.constant([1.0, 2.0, 3.0])).numpy()
    np.float32(321.0)
    """
    return _fold(fn, elems, initializer, parallel_iterations, back_prop, True, name or "foldr")


def _fold(
    fn: Callable, elems: Any, initializer: Any, parallel: int, back_prop: bool, reverse: bool, name: str
) -> Any:  # fmt: skip
    _check(fn, parallel)
    with scope(name, name, nest.flatten(elems)) as full:
        xs = _elements(elems)
        if _eagerly(xs):
            kept = _accumulated(fn, _rows(xs, elems, reverse), initializer)
            return kept[-1] if kept else nest.map_structure(convert_to_tensor, initializer)
        begin, first, rest = _begin(initializer, elems, xs, reverse)

        def step(variables: list, slices: list) -> tuple[list, list]:
            return _after(fn, begin, variables, nest.pack_sequence_as(elems, slices)), []

        found, _ = scanned(step, first, rest, reverse, full)
        return nest.pack_sequence_as(begin, no_gradient(found, back_prop))


from . import control_gradients  # noqa: E402, F401  (it gives these ops their gradients)
