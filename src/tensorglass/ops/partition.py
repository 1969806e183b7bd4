"""Rows dealt out to several tensors, and put together again."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..op import op
from ..shapes import Shape, compatible, merge, text
from ..static import constant_value
from .gather import gather
from .rows import fold_rows, position


def _partition_shapes(op: Any) -> list[Shape]:
    data, parts = (t._shape for t in op.inputs)
    if data is None or parts is None:
        return [None] * op.num_partitions
    if len(parts) > len(data) or not compatible(data[: len(parts)], parts):
        raise ValueError(f"data.shape must start with partitions.shape, got {text(data)} and {text(parts)}")
    return [(None, *data[len(parts) :])] * op.num_partitions


@op("DynamicPartition", "T, host int32 -> num_partitions*T", shape=_partition_shapes)
def dynamic_partition(xp, data, partitions, *, num_partitions):
    """y₁, y₂, ... = the rows of x with partition number 0, those with 1, ...

    >>> import tensorglass as tg
    >>> [t.numpy().tolist() for t in tg.dynamic_partition([10, 20, 30], [1, 0, 1], 2)]
    [[20], [10, 30]]
    """
    where = np.asarray(partitions, np.int32)
    if data.shape[: where.ndim] != where.shape:
        raise ValueError(
            f"data.shape must start with partitions.shape, got data.shape = {list(data.shape)}, "
            f"partitions.shape = {list(where.shape)}"
        )
    bad = (where < 0) | (where >= num_partitions)
    if bad.any():
        at = int(np.argmax(bad))
        raise ValueError(f"partitions{position(at, where.shape)} = {where.flat[at]} is not in [0, {num_partitions})")
    return [data[where == k] for k in range(num_partitions)]


@dynamic_partition.gradient  # the rows go back to where they came from
def _(op, *dys):
    from .array import reshape, reshape_like, shape, size
    from .constant import range as range_tensor

    data, partitions = op.inputs
    rows = reshape(range_tensor(size(partitions)), shape(partitions))
    places = dynamic_partition(rows, partitions, num_partitions=op.num_partitions)
    return reshape_like(dynamic_stitch(places, list(dys)), data)


def _stitched(op: Any) -> Shape:
    n = op.N
    indices, data = op.inputs[:n], op.inputs[n:]
    rest: Shape = None
    for i, d in zip(indices, data, strict=True):
        if i._shape is None or d._shape is None:
            continue
        if not compatible(i._shape, d._shape[: len(i._shape)]):
            raise ValueError(f"data shape {text(d._shape)} does not start with indices shape {text(i._shape)}")
        rest = merge(rest, d._shape[len(i._shape) :])
    known = [constant_value(i) for i in indices]
    first = None
    if all(k is not None for k in known):
        first = max((int(k.max()) + 1 for k in known if k is not None and k.size), default=0)
    return None if rest is None else (first, *rest)


@op("DynamicStitch", "N*host int32, N*T -> T", shape=_stitched)
def dynamic_stitch(xp, indices, data):
    """y[indices[m][i]] = data[m][i]; where an index occurs twice, the last one counts

    >>> import tensorglass as tg
    >>> tg.dynamic_stitch([[0, 2], [1]], [[10, 30], [20]]).numpy().tolist()
    [10, 20, 30]
    """
    ids = [np.asarray(i, np.int32) for i in indices]
    for m, (i, d) in enumerate(zip(ids, data, strict=True)):
        if d.shape[: i.ndim] != i.shape:
            raise ValueError(
                f"data[{m}].shape = {list(d.shape)} does not start with indices[{m}].shape = {list(i.shape)}"
            )
    count = max((int(i.max()) + 1 for i in ids if i.size), default=0)
    rest = data[0].shape[ids[0].ndim :]
    flat = [(i.reshape(-1), xp.reshape(d, (i.size, *rest))) for i, d in zip(ids, data, strict=True)]
    z = xp.zeros((count, *rest), data[0].dtype)
    for i, d in flat:
        z = fold_rows(xp, "set", z, i, d)
    return z


@dynamic_stitch.gradient
def _(op, dy):
    n = op.N
    return [None] * n + [gather(dy, i) for i in op.inputs[:n]]
