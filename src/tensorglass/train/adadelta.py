"""Adadelta: steps in the units of the weights themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..indexed_slices import IndexedSlices
from ..ops import training
from .optimizer import Optimizer, as_type


class AdadeltaOptimizer(Optimizer):
    """a ← ρ a + (1 − ρ) g²,   d = g √(u + ε) / √(a + ε),   u ← ρ u + (1 − ρ) d²,   w ← w − α d

    The slots "accum" and "accum_update" are a and u.  The paper has α = 1; the default here is TensorFlow's 0.001.

    Zeiler, ADADELTA: an adaptive learning rate method, arXiv:1212.5701, 2012.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: Any = 0.95,
        epsilon: Any = 1e-8,
        use_locking: bool = False,
        name: str = "Adadelta",
    ):
        super().__init__(use_locking, name)
        self._lr = learning_rate
        self._rho = rho
        self._epsilon = epsilon

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            self._zeros_slot(v, "accum", self._name)
            self._zeros_slot(v, "accum_update", self._name)

    def _prepare(self) -> None:
        self._settings = (
            self._setting(self._lr, "lr"),
            self._setting(self._rho, "rho"),
            self._setting(self._epsilon, "epsilon"),
        )

    def _operands(self, var: Any) -> list:
        slots = [self.get_slot(var, name) for name in ("accum", "accum_update")]
        return [var, *slots, *(as_type(setting, var) for setting in self._settings)]

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        return training.apply_adadelta(*self._operands(var), grad, use_locking=self._use_locking)

    def _apply_sparse(self, grad: IndexedSlices, var: Any) -> Any:
        return training.sparse_apply_adadelta(
            *self._operands(var), grad.values, grad.indices, use_locking=self._use_locking
        )
