"""Adagrad and its relatives: a learning rate for each weight, smaller the more it has moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..indexed_slices import IndexedSlices
from ..initializers import Constant
from ..ops import training
from ..ops.array import identity
from ..ops.constant import constant
from ..ops.control import control_dependencies
from .optimizer import Optimizer, as_type


def _filled(value: float, var: Any) -> Any:
    """A tensor of `var`'s shape and type: what a slot starts with."""
    return constant(value, var.dtype.base_dtype, var.shape)


class AdagradOptimizer(Optimizer):
    """a ← a + g²,   w ← w − α g / √a

    The slot "accumulator" is a; it starts at ``initial_accumulator_value``, which must be positive.

    Duchi, Hazan, Singer, Adaptive subgradient methods for online learning and stochastic optimization, JMLR 12, 2011.
    """

    def __init__(
        self,
        learning_rate: Any,
        initial_accumulator_value: float = 0.1,
        use_locking: bool = False,
        name: str = "Adagrad",
    ):
        if initial_accumulator_value <= 0.0:
            raise ValueError(f"initial_accumulator_value must be positive: {initial_accumulator_value}")
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._start = initial_accumulator_value

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            start = Constant(self._start)
            self._get_or_make_slot_with_initializer(v, start, v.shape, v.dtype.base_dtype, "accumulator", self._name)

    def _prepare(self) -> None:
        self._rate = self._setting(self._learning_rate, "learning_rate")

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        slot, rate = self.get_slot(var, "accumulator"), as_type(self._rate, var)
        return training.apply_adagrad(var, slot, rate, grad, use_locking=self._use_locking)

    def _apply_sparse(self, grad: IndexedSlices, var: Any) -> Any:
        slot, rate = self.get_slot(var, "accumulator"), as_type(self._rate, var)
        return training.sparse_apply_adagrad(var, slot, rate, grad.values, grad.indices, use_locking=self._use_locking)


class ProximalAdagradOptimizer(Optimizer):
    """a ← a + g²,   η = α / √a,   p = w − η g,   w ← sign(p) max(|p| − η λ₁, 0) / (1 + η λ₂)

    Adagrad on the loss, and an exact step for the penalty λ₁ |w| + ½ λ₂ w².  The slot "accumulator" is a.

    Duchi, Singer, Efficient online and batch learning using forward backward splitting, JMLR 10, 2009.
    """

    def __init__(
        self,
        learning_rate: Any,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        use_locking: bool = False,
        name: str = "ProximalAdagrad",
    ):
        if initial_accumulator_value <= 0.0:
            raise ValueError(f"initial_accumulator_value must be positive: {initial_accumulator_value}")
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._start = initial_accumulator_value
        self._l1 = l1_regularization_strength
        self._l2 = l2_regularization_strength

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            self._get_or_make_slot(v, _filled(self._start, v), "accumulator", self._name)

    def _prepare(self) -> None:
        self._settings = (
            self._setting(self._learning_rate, "learning_rate"),
            self._setting(self._l1, "l1_regularization_strength"),
            self._setting(self._l2, "l2_regularization_strength"),
        )

    def _typed(self, var: Any) -> Sequence[Any]:
        return [as_type(setting, var) for setting in self._settings]

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        slot = self.get_slot(var, "accumulator")
        return training.apply_proximal_adagrad(var, slot, *self._typed(var), grad, use_locking=self._use_locking)

    def _apply_sparse(self, grad: IndexedSlices, var: Any) -> Any:
        slot = self.get_slot(var, "accumulator")
        return training.sparse_apply_proximal_adagrad(
            var, slot, *self._typed(var), grad.values, grad.indices, use_locking=self._use_locking
        )


class AdagradDAOptimizer(Optimizer):
    """s ← s + g,   a ← a + g²,   w ← −α sign(s) max(|s| − λ₁ t, 0) / (√a + α λ₂ t)

    Dual averaging: the weights are always those of all gradients so far, whatever they started with.  t is
    ``global_step`` + 1, a ``gradient_squared_accumulator`` slot, s a ``gradient_accumulator`` slot.

    Duchi, Hazan, Singer, Adaptive subgradient methods for online learning and stochastic optimization, JMLR 12, 2011.
    """

    def __init__(
        self,
        learning_rate: Any,
        global_step: Any,
        initial_gradient_squared_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        use_locking: bool = False,
        name: str = "AdagradDA",
    ):
        start = initial_gradient_squared_accumulator_value
        if start <= 0.0:
            raise ValueError(f"initial_gradient_squared_accumulator_value must be positive: {start}")
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._global_step = global_step
        self._start = start
        self._l1 = l1_regularization_strength
        self._l2 = l2_regularization_strength

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            total, squared = _filled(0.0, v), _filled(self._start, v)
            self._get_or_make_slot(v, total, "gradient_accumulator", self._name)
            self._get_or_make_slot(v, squared, "gradient_squared_accumulator", self._name)

    def _prepare(self) -> None:
        self._rate = self._setting(self._learning_rate, "learning_rate")
        with control_dependencies(None):
            self._step = identity(self._global_step) + 1

    def _operands(self, var: Any) -> tuple[list, list]:
        """The variables, and the settings."""
        slots = [self.get_slot(var, f"gradient_{kind}accumulator") for kind in ("", "squared_")]
        settings = [as_type(self._setting(s, "setting"), var) for s in (self._rate, self._l1, self._l2)]
        return [var, *slots], [*settings, identity(self._step)]

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        variables, settings = self._operands(var)
        return training.apply_adagrad_da(*variables, grad, *settings, use_locking=self._use_locking)

    def _apply_sparse(self, grad: IndexedSlices, var: Any) -> Any:
        variables, settings = self._operands(var)
        return training.sparse_apply_adagrad_da(
            *variables, grad.values, grad.indices, *settings, use_locking=self._use_locking
        )
