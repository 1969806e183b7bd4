"""Gradient descent, the method all others refine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..indexed_slices import IndexedSlices
from ..ops import state_scatter, training
from .optimizer import Optimizer, as_type


class GradientDescentOptimizer(Optimizer):
    """w ← w − α g

    ``learning_rate`` α is a number, a tensor, or a function that returns one of these.

    Cauchy, Méthode générale pour la résolution des systèmes d'équations simultanées, 1847.
    """

    def __init__(self, learning_rate: Any, use_locking: bool = False, name: str = "GradientDescent"):
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate

    def _prepare(self) -> None:
        self._rate = self._setting(self._learning_rate, "learning_rate")

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        return training.apply_gradient_descent(var, as_type(self._rate, var), grad, use_locking=self._use_locking)

    def _apply_sparse_duplicate_indices(self, grad: IndexedSlices, var: Any) -> Any:
        step = grad.values * as_type(self._rate, var)
        return state_scatter.scatter_sub(var, grad.indices, step, use_locking=self._use_locking)


class ProximalGradientDescentOptimizer(Optimizer):
    """p = w − α g,   w ← sign(p) max(|p| − α λ₁, 0) / (1 + α λ₂)

    Gradient descent on the loss, and an exact step for the penalty λ₁ |w| + ½ λ₂ w²: weights become exactly zero.

    Duchi, Singer, Efficient online and batch learning using forward backward splitting, JMLR 10, 2009.
    """

    def __init__(
        self,
        learning_rate: Any,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        use_locking: bool = False,
        name: str = "ProximalGradientDescent",
    ):
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._l1 = l1_regularization_strength
        self._l2 = l2_regularization_strength

    def _prepare(self) -> None:
        self._settings = (
            self._setting(self._learning_rate, "learning_rate"),
            self._setting(self._l1, "l1_regularization_strength"),
            self._setting(self._l2, "l2_regularization_strength"),
        )

    def _typed(self, var: Any) -> Sequence[Any]:
        return [as_type(setting, var) for setting in self._settings]

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        return training.apply_proximal_gradient_descent(var, *self._typed(var), grad, use_locking=self._use_locking)

    def _apply_sparse(self, grad: IndexedSlices, var: Any) -> Any:
        return training.sparse_apply_proximal_gradient_descent(
            var, *self._typed(var), grad.values, grad.indices, use_locking=self._use_locking
        )
