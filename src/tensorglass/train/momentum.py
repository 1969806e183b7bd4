"""Gradient descent with momentum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..indexed_slices import IndexedSlices
from ..ops import training
from .optimizer import Optimizer, as_type


class MomentumOptimizer(Optimizer):
    """a ← μ a + g,   w ← w − α a   (``use_nesterov``: w ← w − α (g + μ a))

    The slot "momentum" is a.  A sparse gradient changes the rows it has and their slots, nothing else.

    Polyak, Some methods of speeding up the convergence of iteration methods, 1964; Sutskever, Martens, Dahl, Hinton,
    On the importance of initialization and momentum in deep learning, ICML 2013.
    """

    def __init__(
        self,
        learning_rate: Any,
        momentum: Any,
        use_locking: bool = False,
        name: str = "Momentum",
        use_nesterov: bool = False,
    ):
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._momentum = momentum
        self._options = {"use_locking": use_locking, "use_nesterov": use_nesterov}

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            self._zeros_slot(v, "momentum", self._name)

    def _prepare(self) -> None:
        self._rate = self._setting(self._learning_rate, "learning_rate")
        self._mu = self._setting(self._momentum, "momentum")

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        slot = self.get_slot(var, "momentum")
        return training.apply_momentum(
            var, slot, as_type(self._rate, var), grad, as_type(self._mu, var), **self._options
        )

    def _apply_sparse(self, grad: IndexedSlices, var: Any) -> Any:
        slot = self.get_slot(var, "momentum")
        return training.sparse_apply_momentum(
            var, slot, as_type(self._rate, var), grad.values, grad.indices, as_type(self._mu, var), **self._options
        )
