"""Adam: momentum, and a learning rate for each weight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import context
from ..indexed_slices import IndexedSlices
from ..ops import state_scatter, training
from ..ops.array import shape
from ..ops.control import control_dependencies, group
from ..ops.elementwise import sqrt
from ..ops.segment import unsorted_segment_sum
from ..ops.state import assign, assign_sub
from .optimizer import Optimizer, as_type


class AdamOptimizer(Optimizer):
    """m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²,   w ← w − αₜ m / (√v + ε),   αₜ = α √(1 − β₂ᵗ) / (1 − β₁ᵗ)

    The slots "m" and "v" are the means of g and g²; the variables beta1_power and beta2_power hold β₁ᵗ and β₂ᵗ.  ε is
    the paper's ε̂, so 1e-8 is smaller than it looks; 1.0 or 0.1 helps some networks.  A sparse gradient counts as zero
    in the rows it leaves out: their m and v decay and they go on moving.

    Kingma, Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1 and the end of section 2.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta1: Any = 0.9,
        beta2: Any = 0.999,
        epsilon: Any = 1e-8,
        use_locking: bool = False,
        name: str = "Adam",
    ):
        super().__init__(use_locking, name)
        self._lr = learning_rate
        self._beta1 = beta1
        self._beta2 = beta2
        self._epsilon = epsilon

    def _powers(self) -> tuple[Any, Any]:
        """The variables β₁ᵗ and β₂ᵗ."""
        graph = context.current_graph()
        return self._get_non_slot_variable("beta1_power", graph), self._get_non_slot_variable("beta2_power", graph)

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        first = min(var_list, key=lambda v: v.name)
        self._create_non_slot_variable(self._call_if_callable(self._beta1), "beta1_power", first)
        self._create_non_slot_variable(self._call_if_callable(self._beta2), "beta2_power", first)
        for v in var_list:
            self._zeros_slot(v, "m", self._name)
            self._zeros_slot(v, "v", self._name)

    def _prepare(self) -> None:
        self._settings = (
            self._setting(self._lr, "learning_rate"),
            self._setting(self._beta1, "beta1"),
            self._setting(self._beta2, "beta2"),
            self._setting(self._epsilon, "epsilon"),
        )

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        m, v = self.get_slot(var, "m"), self.get_slot(var, "v")
        scalars = [as_type(s, var) for s in (*self._powers(), *self._settings)]
        return training.apply_adam(var, m, v, *scalars, grad, use_locking=self._use_locking)

    def _apply_sparse_duplicate_indices(self, grad: IndexedSlices, var: Any) -> Any:
        if type(self)._apply_sparse is not AdamOptimizer._apply_sparse:  # a subclass that wants each row once
            return super()._apply_sparse_duplicate_indices(grad, var)
        # All rows move anyway; to find out which indices there are would cut a compiled step in two.
        return self._apply_dense(unsorted_segment_sum(grad.values, grad.indices, shape(var)[0]), var)

    def _apply_sparse(self, grad: IndexedSlices, var: Any) -> Any:
        power1, power2 = (as_type(p, var) for p in self._powers())
        lr, beta1, beta2, epsilon = (as_type(s, var) for s in self._settings)
        rate = lr * sqrt(1 - power2) / (1 - power1)
        m = self._decayed(self.get_slot(var, "m"), beta1, grad.values * (1 - beta1), grad.indices)
        v = self._decayed(self.get_slot(var, "v"), beta2, grad.values * grad.values * (1 - beta2), grad.indices)
        update = assign_sub(var, rate * m / (sqrt(v) + epsilon), use_locking=self._use_locking)
        return group(update, m, v)

    def _decayed(self, slot: Any, beta: Any, rows: Any, indices: Any) -> Any:
        """slot ← β slot, and then rows added where the gradient has them; gives the new value."""
        decayed = assign(slot, slot * beta, use_locking=self._use_locking)
        with control_dependencies([decayed]):
            return state_scatter.scatter_add(slot, indices, rows, use_locking=self._use_locking)

    def _finish(self, update_ops: Sequence[Any], name_scope: str) -> Any:
        with control_dependencies(update_ops):
            updates = [
                power.assign(power * beta, use_locking=self._use_locking)
                for power, beta in zip(self._powers(), self._settings[1:3], strict=True)
            ]
        return group(*update_ops, *updates, name=name_scope)
