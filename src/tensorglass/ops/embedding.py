"""Rows of tables by number: `embedding_lookup`; and whether a class is among the k likeliest: `in_top_k`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import dtypes
from ..convert import convert_to_tensor
from ..errors import InvalidArgumentError
from ..names import scope
from ..op import op
from ..shapes import Shape
from .array import concat, identity, reshape, shape, size
from .cast import cast
from .clip import clip_by_norm
from .constant import range as range_tensor
from .elementwise import add_n, floordiv, floormod, maximum
from .gather import gather
from .logic import where
from .partition import dynamic_partition, dynamic_stitch


def embedding_lookup(params: Any, ids: Any, max_norm: Any = None, name: str | None = None) -> Any:
    """y = the rows of the table `params` that `ids` name: shape of `ids`, then shape of a row.

    A list of tables is one table cut into consecutive pieces (TensorFlow 2's "div" strategy; `sharded_lookup` has
    both).  Rows longer than ``max_norm`` are shortened to it.

    >>> embedding_lookup([[1.0, 2.0], [3.0, 4.0]], [1, 1]).numpy().tolist()
    [[3.0, 4.0], [3.0, 4.0]]
    """
    return sharded_lookup(params, ids, "div", max_norm, name)


def sharded_lookup(params: Any, ids: Any, strategy: str = "mod", max_norm: Any = None, name: str | None = None) -> Any:
    """`embedding_lookup` in n tables that share the rows: row i is in table i mod n ("mod"), or they cut it ("div")"""
    if isinstance(params, (list, tuple)) and not params:
        raise ValueError("Argument `params` must not be empty")
    tables = list(params) if isinstance(params, (list, tuple)) and not _is_table(params) else [params]
    if len(tables) > 1 and strategy not in ("mod", "div"):
        raise ValueError(f"Only 'mod' and 'div' are supported for argument `partition_strategy`. Received: {strategy}.")
    with scope(name, "embedding_lookup", [*tables, ids]) as full:
        ids = convert_to_tensor(ids, name="ids")
        if len(tables) == 1:
            rows = gather(tables[0], ids, name=full or None)
            return identity(_shortened(rows, ids, max_norm))
        flat = reshape(ids, [-1])
        owner, index = (_dealt if strategy == "mod" else _cut)(tables, flat)
        owner = cast(owner, dtypes.int32)
        places = dynamic_partition(range_tensor(size(flat)), owner, num_partitions=len(tables))
        indices = dynamic_partition(index, owner, num_partitions=len(tables))
        found = [gather(t, i) for t, i in zip(tables, indices, strict=True)]
        rows = dynamic_stitch(places, found, name=full or None)
        whole = concat([shape(ids), shape(found[0])[1:]], 0)
        return _shortened(reshape(rows, whole), ids, max_norm)


def _is_table(params: Any) -> bool:
    """Whether a list is a table written out, not a list of tables."""
    first = params[0]
    return isinstance(first, (int, float)) or (isinstance(first, (list, tuple)) and isinstance(first[0], (int, float)))


def _dealt(tables: Sequence[Any], ids: Any) -> tuple[Any, Any]:
    return floormod(ids, len(tables)), floordiv(ids, len(tables))


def _cut(tables: Sequence[Any], ids: Any) -> tuple[Any, Any]:
    """Runs of equal length, the first ones longer by one where the division leaves a rest."""
    total = add_n([cast(shape(t)[0], ids.dtype.base_dtype) for t in tables])
    each, extra = total // len(tables), total % len(tables)
    owner = maximum(ids // (each + 1), (ids - extra) // each)
    return owner, where(owner < extra, ids % (each + 1), (ids - extra) % each)


def _shortened(rows: Any, ids: Any, max_norm: Any) -> Any:
    if max_norm is None:
        return rows
    if ids._shape is None or rows._shape is None:
        raise NotImplementedError("max_norm needs the ranks of `params` and `ids` when the graph is built")
    return clip_by_norm(rows, max_norm, axes=list(range(len(ids._shape), len(rows._shape))))


def _rows(op: Any) -> Shape:
    predictions, targets = op.inputs[0]._shape, op.inputs[1]._shape
    for found, rank in ((predictions, 2), (targets, 1)):
        if found is not None and len(found) != rank:
            raise ValueError(f"Shape must be rank {rank} but is rank {len(found)}")
    n = None if predictions is None else predictions[0]
    m = None if targets is None else targets[0]
    if None not in (n, m) and n != m:
        raise ValueError(f"Dimensions must be equal, but are {n} and {m}")
    return (m if n is None else n,)


@op("InTopKV2", "float32, T, host T -> bool where T: index", shape=_rows, differentiable=False)
def in_top_k_op(xp, predictions, targets, k):
    """y = whether fewer than k classes score higher than the target; False for what is no class, or is not finite"""
    n, classes = predictions.shape
    if n != len(targets):
        raise InvalidArgumentError(
            None, None, f"First dimension of predictions {n} must match length of targets {len(targets)}"
        )
    if not classes:
        return xp.zeros(n, bool)
    valid = (targets >= 0) & (targets < classes)
    own = xp.take_along_axis(predictions, xp.where(valid, targets, 0)[:, None], axis=1)
    higher = xp.sum(predictions > own, axis=1)
    return valid & xp.all(xp.isfinite(predictions), axis=1) & (higher < int(k))


def in_top_k(targets: Any, predictions: Any, k: Any, name: str | None = None) -> Any:
    """y = whether each target class is among the k of its row of `predictions` with the highest scores (ties count).

    >>> in_top_k([1, 0], [[0.1, 0.9], [0.2, 0.8]], 1).numpy().tolist()
    [True, False]
    """
    with scope(name, "in_top_k", [targets, predictions]):
        return in_top_k_op(predictions, targets, k)
