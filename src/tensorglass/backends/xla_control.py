"""Branches and loops for XLA: `lax.cond`, `lax.switch`, `lax.while_loop`, `lax.scan` over the bodies of a plan.

What is known while compiling stays known inside: a branch or a loop body closes over it.  Loop variables are traced.
Loops that save values for their gradient need room for all turns beforehand: a bound on their number, which a counter
gives (`i < n` with known n); where there is none the op runs on the host.  Faults that values show (see faults.py) are
carried out of the bodies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax  # pyright: ignore[reportMissingImports]
import jax.numpy as jnp  # pyright: ignore[reportMissingImports]
import numpy as np

from .. import faults
from .xla import StepNeedsValues, known, override


def _strong(value: Any) -> Any:
    """`value`, or each number of a random op's state, as an array of a fixed type."""
    return jax.tree.map(lambda v: jax.lax.convert_element_type(v, jnp.asarray(v).dtype), value)


def like(value: Any, model: Any) -> Any:
    """`value` in the types of `model`; a loop that changes a shape cannot be compiled."""

    def one(v: Any, m: Any) -> Any:
        if np.shape(v) != m.shape:
            raise StepNeedsValues(None)
        return jnp.asarray(v, m.dtype)

    return jax.tree.map(one, value, model)


def _noting(function: Callable, *values: Any) -> tuple[list, Any]:
    """What `function` gives, and whether a fault was noted in it."""
    with faults.noted() as conditions:
        results = list(function(*values))
    faulty = faults.any_of(jnp, conditions)
    return results, jnp.asarray(False if faulty is None else faulty)


# -- branches


@override("If")
def _if(cond: Any, input: Sequence[Any], *, then_branch: Any, else_branch: Any) -> Sequence[Any]:
    if known(cond):
        return (then_branch if cond else else_branch)(*input)
    return _switched(jnp.where(cond, 0, 1), (then_branch, else_branch), input)


@override("Case")
def _case(branch_index: Any, input: Sequence[Any], *, branches: Sequence[Any]) -> Sequence[Any]:
    last = len(branches) - 1
    if known(branch_index):
        return branches[branch_index if 0 <= branch_index <= last else last](*input)
    return _switched(jnp.where((branch_index < 0) | (branch_index > last), last, branch_index), branches, input)


def _switched(index: Any, branches: Sequence[Any], values: Sequence[Any]) -> Sequence[Any]:
    traced = [v for v in values if not known(v)]
    forms = [jax.eval_shape(lambda given, b=b: _noting(b, *_whole(values, given)), traced)[0] for b in branches]
    models = []
    for i, alternatives in enumerate(zip(*forms, strict=True)):
        own = [f for f, b in zip(alternatives, branches, strict=True) if b.plan.fetches[i] not in b.plan.fillers]
        models.append(own[0])

    def branch(b: Any) -> Callable:
        def run(given: list) -> Any:
            results, faulty = _noting(b, *_whole(values, given))
            missing = [s in b.plan.fillers for s in b.plan.fetches]
            return [
                jnp.zeros(m.shape, m.dtype) if gone else like(r, m)
                for r, m, gone in zip(results, models, missing, strict=True)
            ], faulty

        return run

    results, faulty = jax.lax.switch(index, [branch(b) for b in branches], traced)
    faults.found(faulty)
    return results


def _whole(values: Sequence[Any], traced: Sequence[Any]) -> list:
    """`values` with the traced ones among them replaced, in order."""
    new = iter(traced)
    return [v if known(v) else next(new) for v in values]


# -- loops


@override("While", traced_values=True)
def _while(
    maximum_iterations: Any, input: Sequence[Any], captured: Sequence[Any], *, cond: Any, body: Any,
    counter: Any = None, elements: Sequence[Any] = (),
) -> Sequence[Any]:  # fmt: skip
    n = len(input)
    rows: list = []
    if elements:
        bound = _bound(maximum_iterations, input, captured, cond, counter)
        forms = jax.eval_shape(lambda *values: _noting(body, *values, *captured)[0], *map(_strong, input))[n:]
        rows = [jnp.zeros((bound, *f.shape), f.dtype) for f in forms]

    def goes_on(carry: Any) -> Any:
        turns, fault, values, _ = carry
        (more,), faulty = _noting(cond, *values, *captured)
        return more & (turns != maximum_iterations) & ~(fault | faulty)  # wrong values might never end it

    def turn(carry: Any) -> Any:
        turns, fault, values, rows = carry
        results, faulty = _noting(body, *values, *captured)
        rows = [whole.at[turns].set(r) for whole, r in zip(rows, results[n:], strict=True)]
        return turns + 1, fault | faulty, like(results[:n], values), rows

    start = (jnp.int32(0), jnp.asarray(False), [_strong(v) for v in input], rows)
    turns, fault, values, rows = jax.lax.while_loop(goes_on, turn, start)
    faults.found(fault | _noting(cond, *values, *captured)[1])
    return [*values, turns, *rows]


def _bound(limit: Any, input: Sequence[Any], captured: Sequence[Any], cond: Any, counter: Any) -> int:
    """How many turns there are at most: `limit`, or what a loop that counts has to go.

    The condition of such a loop depends on nothing but its counter and a limit.  When the limit is known, so is the
    answer for any value of the counter: the first value that ends the loop is found by bisection.
    """
    if known(limit) and limit >= 0:
        return int(limit)
    if counter is None or not known(input[counter[0]]):
        raise StepNeedsValues(None)
    k, step = counter
    first = np.asarray(input[k])

    def goes_on(turns: int) -> bool:
        value = int(first) + step * turns
        if value > np.iinfo(first.dtype).max:
            return False
        (more,) = cond(*input[:k], first.dtype.type(value), *input[k + 1 :], *captured)
        if not known(more):
            raise StepNeedsValues(None)
        return bool(more)

    if not goes_on(0):
        return 0
    low, high = 0, 1
    while goes_on(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if goes_on(middle) else (low, middle)
    return high


@override("Scan", traced_values=True)
def _scan(
    length: Any, input: Sequence[Any], xs: Sequence[Any], captured: Sequence[Any], *, body: Any, reverse: bool = False,
    elements: Sequence[Any] = (),
) -> Sequence[Any]:  # fmt: skip
    n = len(input)

    def turn(carry: Any, slices: Sequence[Any]) -> Any:
        fault, values = carry
        results, faulty = _noting(body, *values, *slices, *captured)
        return (fault | faulty, like(results[:n], values)), [jnp.asarray(r) for r in results[n:]]

    start = (jnp.asarray(False), [_strong(v) for v in input])
    if known(length) or (xs and not xs[0].shape[0]):
        steps = int(length) if known(length) else 0
        (fault, values), rows = jax.lax.scan(turn, start, [x[:steps] for x in xs], length=steps, reverse=reverse)
    else:
        fault, values, rows = _scan_some(length, start, xs, turn, reverse, bool(elements))
    faults.found(fault)
    return [*values, *rows]


def _scan_some(length: Any, start: Any, xs: Sequence[Any], turn: Callable, reverse: bool, keeps: bool) -> Any:
    """A scan over the first `length` rows, whose number is known only when it runs; the other rows give zeros."""
    if keeps and not xs:
        raise StepNeedsValues(None)
    slices = [jax.ShapeDtypeStruct(x.shape[1:], x.dtype) for x in xs]
    forms = jax.eval_shape(turn, start, slices)[1] if keeps else []
    rows = [jnp.zeros((xs[0].shape[0], *f.shape), f.dtype) for f in forms]

    def step(t: Any, carry: Any) -> Any:
        at = length - 1 - t if reverse else t
        inner, rows = carry
        inner, results = turn(inner, [jax.lax.dynamic_index_in_dim(x, at, keepdims=False) for x in xs])
        return inner, [whole.at[at].set(r) for whole, r in zip(rows, results, strict=True)]

    (fault, values), rows = jax.lax.fori_loop(0, length, step, (start, rows))
    return fault, values, rows
