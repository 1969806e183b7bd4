"""One of several branches: `switch_case` by a number, `case` by predicates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .. import nest
from ..convert import convert_to_tensor
from ..dtypes import bool as bool_, int32
from ..graph import Tensor
from ..names import scope
from .array import identity
from .cast import cast
from .checks import Assert
from .control_flow import awaited, captured_by, case_op, cond, executes, traced_branches, types_of, unpacking
from .elementwise import add_n


def switch_case(
    branch_index: Any, branch_fns: Any, default: Callable | None = None, name: str = "switch_case"
) -> Any:  # fmt: skip
    """y = branch_fns[branch_index](); the last branch, or `default`, for an index that no branch has.

    ``branch_fns`` is a list of functions, or a dict or list of pairs with the indices 0, 1, 2, ...

    >>> import tensorglass as tg
    >>> tg.switch_case(tg.constant(1), [lambda: tg.constant("a"), lambda: tg.constant("b")]).numpy()
    b'b'
    """
    if isinstance(branch_fns, Mapping):
        branch_fns = sorted(branch_fns.items())
    if not isinstance(branch_fns, (list, tuple)) or not branch_fns:
        raise TypeError(f"'branch_fns' must be a list, tuple, or dict. Received: {type(branch_fns)}")
    if all(isinstance(b, (list, tuple)) for b in branch_fns):
        indices = [i for i, _ in branch_fns]
        if sorted(indices) != list(range(len(indices))):
            raise ValueError(
                f"branch indices (keys) must form contiguous range of [0 to {len(indices)}) but found "
                f"{{{','.join(map(str, sorted(indices)))}}}"
            )
        branch_fns = [f for _, f in sorted(branch_fns, key=lambda pair: pair[0])]
    functions = [*branch_fns, *([default] if default is not None else [])]
    for function in functions:
        if not callable(function):
            raise TypeError("branch_fns must be a list of callables.")
    if executes(branch_index):
        i = int(np.asarray(convert_to_tensor(branch_index, int32)))
        return functions[i if 0 <= i < len(functions) else -1]()
    with scope(name, "switch_case") as full:
        index = convert_to_tensor(branch_index, int32, name="branch_index")
        labels = {f"branch {i}": f for i, f in enumerate(functions)}
        graph = index.graph._here()
        structure, branches = traced_branches(graph, labels)
        with awaited(graph, branches):
            found = case_op(
                index, captured_by(branches), branches=tuple(branches), Tout=types_of(branches[0]), name=full
            )  # fmt: skip
        return nest.pack_sequence_as(structure, found)


def case(
    pred_fn_pairs: Any, default: Callable | None = None, exclusive: bool = False, strict: bool = True,
    name: str = "case",
) -> Any:  # fmt: skip
    """y = f() for the first pair (predicate, f) whose predicate holds, `default()` where none does.

    ``exclusive=True`` checks that at most one holds; without `default` one has to: InvalidArgumentError otherwise.

    >>> import tensorglass as tg
    >>> x = tg.constant(7)
    >>> tg.case([(x < 5, lambda: tg.constant(1)), (x < 9, lambda: tg.constant(2))]).numpy()
    np.int32(2)
    """
    pairs = _pairs(pred_fn_pairs, default, strict)
    preds = [convert_to_tensor(p) for p, _ in pairs]
    for p in preds:
        if p.dtype.base_dtype is not bool_:
            raise TypeError(f"pred must be Tensor of type bool: {p.name if p.__class__ is Tensor else p}")
    with scope(name, "case"):
        checks = []
        holding = add_n([cast(p, int32) for p in preds])  # how many of them
        if exclusive:
            message = "Input error: `exclusive=True`, but more than one of the predicates holds"
            checks.append(Assert(holding <= 1, [message, *preds], name="assert_exclusive"))
        if default is None:
            message = "None of the conditions evaluated as True, and there is no default"
            checks.append(Assert(holding >= 1, [message, *preds], name="assert_any"))
        otherwise = unpacking(default, strict) if default is not None else pairs[-1][1]
        chain = pairs if default is not None else pairs[:-1]
        waits = [c for c in checks if c is not None]

        def build(i: int) -> Any:
            if i == len(chain):
                return otherwise()
            return cond(preds[i], chain[i][1], lambda: build(i + 1), name="cond")

        if not waits:
            return build(0) if chain else otherwise()
        with holding.graph._here().control_dependencies(waits):
            first = identity(preds[0])
            if not chain:
                return nest.map_structure(identity, otherwise())
            return cond(first, chain[0][1], lambda: build(1), name="cond")


def _pairs(pred_fn_pairs: Any, default: Any, strict: bool) -> list[tuple]:
    if isinstance(pred_fn_pairs, Mapping):
        pred_fn_pairs = list(pred_fn_pairs.items())
    if not isinstance(pred_fn_pairs, (list, tuple)):
        raise TypeError(f"'pred_fn_pairs' must be a list, tuple, or dict. Received: {type(pred_fn_pairs)}")
    if not pred_fn_pairs:
        raise ValueError("'pred_fn_pairs' must have at least one pair of a predicate and a function.")
    for pair in pred_fn_pairs:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise TypeError(f"Each entry in 'pred_fn_pairs' must be a 2-tuple. Received {pair}.")
        pred = pair[0].deref() if hasattr(pair[0], "deref") else pair[0]
        if not callable(pair[1]):
            raise TypeError(f"fn for pred {getattr(pred, 'name', pred)} must be callable.")
    if default is not None and not callable(default):
        raise TypeError("'false_fn' must be callable.")
    return [(p.deref() if hasattr(p, "deref") else p, unpacking(f, strict)) for p, f in pred_fn_pairs]
