"""TensorFlow 1's forms of `cond`, `case` and `while_loop`: a list of one tensor comes as that tensor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import nest
from ..ops import case as by_predicate, control_flow


def cond(
    pred: Any,
    true_fn: Callable | None = None,
    false_fn: Callable | None = None,
    strict: bool = False,
    name: str | None = None,
    fn1: Callable | None = None,
    fn2: Callable | None = None,
) -> Any:
    """y = true_fn() if `pred` else false_fn(); ``fn1`` and ``fn2`` are their names of old.

    TypeError where a function comes under both names, or not at all.
    """
    if (fn1 is not None and true_fn is not None) or (fn2 is not None and false_fn is not None):
        raise TypeError("cond(): 'true_fn' and 'fn1' (or 'false_fn' and 'fn2') may not both be set.")
    functions = [control_flow.unpacking(f, strict) for f in (true_fn or fn1, false_fn or fn2)]
    return control_flow.cond(pred, *functions, name=name)


def case(
    pred_fn_pairs: Any, default: Callable | None = None, exclusive: bool = False, strict: bool = False,
    name: str = "case",
) -> Any:  # fmt: skip
    """y = f() for the first pair (predicate, f) whose predicate holds, `default()` where none does"""
    return by_predicate.case(pred_fn_pairs, default, exclusive, strict, name)


def while_loop(
    cond: Callable,
    body: Callable,
    loop_vars: Any,
    shape_invariants: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
    maximum_iterations: Any = None,
    return_same_structure: bool = False,
) -> Any:
    """v ← body(v) while cond(v); one loop variable comes by itself unless ``return_same_structure=True``"""
    found = control_flow.while_loop(
        cond, body, loop_vars, shape_invariants, parallel_iterations, back_prop, swap_memory, maximum_iterations, name
    )
    values = nest.flatten(found)
    return found if return_same_structure or len(values) > 1 else values[0]
