"""`IndexedSlices`: a tensor that is zero but for some of its rows, the gradient of `gather`."""

from __future__ import annotations

from typing import Any

from .graph import Operators, Tensor
from .shapes import TensorShape


class IndexedSlices(Operators):
    """X with X[indices[i]] += values[i], all other rows zero; duplicates in `indices` add up.

    ``values`` has shape [n, ...], ``indices`` [n], ``dense_shape`` (a tensor or None) is the shape of X.  Optimizers
    update only the rows that occur; anything else turns it into a dense tensor first.
    """

    def __init__(self, values: Tensor, indices: Tensor, dense_shape: Any = None):
        self.values = values
        self.indices = indices
        self.dense_shape = dense_shape

    @property
    def dtype(self):
        return self.values.dtype

    @property
    def name(self) -> str:
        return self.values.name

    @property
    def op(self):
        return self.values.op

    @property
    def graph(self):
        return self.values.graph

    @property
    def device(self) -> str:
        return self.values.device

    @property
    def shape(self) -> TensorShape:
        from .static import shape_value

        known = None if self.dense_shape is None else shape_value(self.dense_shape)
        return TensorShape(known)

    def get_shape(self) -> TensorShape:
        return self.shape

    def consumers(self) -> list:
        return self.values.consumers()

    def _to_tensor(self, dtype: Any = None):
        """The dense tensor."""
        from .ops.segment import unsorted_segment_sum

        if self.dense_shape is None:
            raise ValueError("Tensor conversion requested for IndexedSlices without dense_shape: " + str(self))
        return unsorted_segment_sum(self.values, self.indices, self.dense_shape[0])

    def _symbolic_graph(self):
        return self.values.graph if self.values.__class__ is Tensor else None

    def _fetch_parts(self):
        parts = [self.values, self.indices] + ([] if self.dense_shape is None else [self.dense_shape])
        return parts, IndexedSlicesValue

    def __neg__(self):
        return IndexedSlices(-self.values, self.indices, self.dense_shape)

    def __repr__(self) -> str:
        return f"IndexedSlices(indices={self.indices}, values={self.values}, dense_shape={self.dense_shape})"


class IndexedSlicesValue:
    """The fetched value of an `IndexedSlices`: arrays `values`, `indices`, `dense_shape`."""

    def __init__(self, values: Any, indices: Any, dense_shape: Any = None):
        self.values = values
        self.indices = indices
        self.dense_shape = dense_shape

    def __iter__(self):
        return iter((self.values, self.indices, self.dense_shape))

    def __repr__(self) -> str:
        return f"IndexedSlicesValue(values={self.values}, indices={self.indices}, dense_shape={self.dense_shape})"
