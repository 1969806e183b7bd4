"""Running sums and products along one axis.

`cumsum` is its own transpose.  The gradient of `cumprod` never divides, so zeros do no harm: what comes after an
element is gathered by a linear recurrence, and its gradient is the same recurrence in the other direction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..op import op
from ..shapes import same


def axis_of(axis: Any, rank: int) -> int:
    """The one axis of a host operand, counted from the front."""
    if np.ndim(axis):
        raise ValueError(f"ScanOp: axis must be a scalar, not [{np.size(axis)}]")
    axis = int(axis)
    if not -rank <= axis < rank:
        raise ValueError(f"ScanOp: Expected scan axis in the range [{-rank}, {rank}), but got {axis}")
    return axis % rank


def _moved(xp: Any, x: Any, axis: int, by: int, fill: Any) -> Any:
    """y[i] = x[i − by] along an axis, and `fill` where that is outside; `by` is 1 or −1."""
    n = x.shape[axis]
    edge = xp.full((*x.shape[:axis], min(n, 1), *x.shape[axis + 1 :]), fill, x.dtype)
    kept = x[(slice(None),) * axis + (slice(0, max(n - 1, 0)) if by > 0 else slice(1, None),)]
    return xp.concatenate([edge, kept] if by > 0 else [kept, edge], axis)


def _scanned(xp: Any, function: Callable, unit: Any, x: Any, axis: Any, exclusive: bool, reverse: bool) -> Any:
    axis = axis_of(axis, x.ndim)
    if exclusive:
        x = _moved(xp, x, axis, -1 if reverse else 1, unit)
    if not reverse:
        return function(x, axis)
    return xp.flip(function(xp.flip(x, axis), axis), axis)


@op("Cumsum", "T, host Tidx -> T where T: float|complex|int, Tidx: index", shape=same)
def cumsum_op(xp, x, axis, *, exclusive=False, reverse=False):
    """yᵢ = Σⱼ xⱼ for j ≤ i"""
    return _scanned(xp, lambda x, axis: xp.cumsum(x, axis, x.dtype), 0, x, axis, exclusive, reverse)


@cumsum_op.gradient  # the sum over the other side
def _(op, dy):
    return cumsum(dy, op.inputs[1], op.exclusive, not op.reverse)


def cumsum(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Any:
    """yᵢ = x₁ + ... + xᵢ along `axis`; ``exclusive`` leaves xᵢ itself out, ``reverse`` sums from the end

    >>> import tensorglass as tg
    >>> tg.cumsum([1, 2, 3], exclusive=True).numpy().tolist()
    [0, 1, 3]
    """
    return cumsum_op(x, axis, exclusive=exclusive, reverse=reverse, name=name)


@op("Cumprod", "T, host Tidx -> T where T: float|complex|int, Tidx: index", shape=same, analytic=True)
def cumprod_op(xp, x, axis, *, exclusive=False, reverse=False):
    """yᵢ = Πⱼ xⱼ for j ≤ i"""
    return _scanned(xp, lambda x, axis: xp.cumprod(x, axis, x.dtype), 1, x, axis, exclusive, reverse)


@cumprod_op.gradient  # x̄ᵢ = (Π_{j<i} xⱼ) gᵢ  with  gᵢ = ȳᵢ + xᵢ₊₁ gᵢ₊₁
def _(op, dy):
    x, axis = op.inputs
    back = 1 if op.reverse else -1
    before = cumprod(x, axis, exclusive=True, reverse=op.reverse)
    dy = shift(dy, axis, by=back) if op.exclusive else dy
    return before * recurrence(shift(x, axis, by=back), dy, axis, reverse=not op.reverse)


def cumprod(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Any:
    """yᵢ = x₁ · ... · xᵢ along `axis`; ``exclusive`` leaves xᵢ itself out, ``reverse`` multiplies from the end

    >>> import tensorglass as tg
    >>> tg.cumprod([2, 3, 4], reverse=True).numpy().tolist()
    [24, 12, 4]
    """
    return cumprod_op(x, axis, exclusive=exclusive, reverse=reverse, name=name)


@op("Shift", "T, host Tidx -> T where Tidx: index", shape=same)
def shift(xp, x, axis, *, by=1):
    """yᵢ = xᵢ₋₁ (``by=1``) or xᵢ₊₁ (``by=-1``) along an axis, 0 where that is outside"""
    return _moved(xp, x, axis_of(axis, x.ndim), by, 0)


@shift.gradient
def _(op, dy):
    return shift(dy, op.inputs[1], by=-op.by)


def _doubling(xp: Any, n: int, combine: Callable, state: Any) -> Any:
    """Combine each element with all before it, along the first axis, in log₂ n steps (Hillis and Steele 1986)."""
    step = 1
    while step < n:
        later = combine([s[step:] for s in state], [s[:-step] for s in state])
        state = [xp.concatenate([s[:step], t]) for s, t in zip(state, later, strict=True)]
        step *= 2
    return state


@op("LinearRecurrence", "T, T, host Tidx -> T where T: float|complex, Tidx: index", shape=same, analytic=True)
def recurrence(xp, a, b, axis, *, reverse=False):
    """yᵢ = bᵢ + aᵢ yᵢ₋₁ along an axis (from the end: bᵢ + aᵢ yᵢ₊₁), beginning with b alone"""
    axis = axis_of(axis, a.ndim)
    a, b = (xp.moveaxis(v, axis, 0) for v in (a, b))
    if reverse:
        a, b = a[::-1], b[::-1]
    # Two steps x → b + a x and then x → b′ + a′ x make one: x → (b′ + a′ b) + (a′ a) x.
    y = _doubling(xp, len(a), lambda p, q: [p[0] * q[0], p[1] + p[0] * q[1]], [a, b])[1]
    return xp.moveaxis(y[::-1] if reverse else y, 0, axis)


@recurrence.gradient  # b̄ᵢ = ȳᵢ + aᵢ₊₁ b̄ᵢ₊₁,  āᵢ = b̄ᵢ yᵢ₋₁
def _(op, dy):
    a, _, axis = op.inputs
    on = -1 if op.reverse else 1
    db = recurrence(shift(a, axis, by=-on), dy, axis, reverse=not op.reverse)
    return db * shift(op.outputs[0], axis, by=on), db


@op("CumulativeLogsumexp", "T, host Tidx -> T where T: float, Tidx: index", shape=same)
def cumulative_logsumexp_op(xp, x, axis, *, exclusive=False, reverse=False):
    """yᵢ = log Σⱼ exp xⱼ for j ≤ i"""

    def run(x: Any, axis: int) -> Any:
        x = xp.moveaxis(x, axis, 0)
        return xp.moveaxis(_doubling(xp, len(x), lambda p, q: [xp.logaddexp(p[0], q[0])], [x])[0], 0, axis)

    return _scanned(xp, run, -np.inf, x, axis, exclusive, reverse)


@cumulative_logsumexp_op.gradient  # x̄ᵢ = Σⱼ ȳⱼ exp(xᵢ − yⱼ) = exp(xᵢ − yᵢ) gᵢ  with  gᵢ = ȳᵢ + exp(yᵢ − yᵢ₊₁) gᵢ₊₁
def _(op, dy):
    from .elementwise import exp

    x, axis = op.inputs
    back = 1 if op.reverse else -1
    y = cumulative_logsumexp(x, axis, reverse=op.reverse) if op.exclusive else op.outputs[0]
    dy = shift(dy, axis, by=back) if op.exclusive else dy
    growth = shift(y - shift(y, axis, by=-back), axis, by=back)
    return exp(x - y) * recurrence(exp(-growth), dy, axis, reverse=not op.reverse)


def cumulative_logsumexp(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Any:
    """yᵢ = log(exp x₁ + ... + exp xᵢ) along `axis`, without overflow; ``exclusive`` begins with −∞

    >>> import tensorglass as tg
    >>> tg.math.cumulative_logsumexp([1000.0, 1000.0]).numpy()
    array([1000.    , 1000.6932], dtype=float32)
    """
    return cumulative_logsumexp_op(x, axis, exclusive=exclusive, reverse=reverse, name=name)
