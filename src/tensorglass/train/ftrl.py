"""FTRL-proximal: sparse weights for linear models on streams of data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..indexed_slices import IndexedSlices
from ..ops import training
from ..ops.constant import constant
from .optimizer import Optimizer, as_type


class FtrlOptimizer(Optimizer):
    """a' = a + g²,   z ← z + g − (a'⁻ᵖ − a⁻ᵖ) w / α,   w ← (λ₁ sign z − z) / (a'⁻ᵖ / α + 2 λ₂) where |z| > λ₁, else 0

    p is ``learning_rate_power``, −½ as a rule; the slots "accum" and "linear" are a and z.
    ``l2_shrinkage_regularization_strength`` λₛ adds 2 λₛ w to the gradient in z, which shrinks weights without making
    them zero.

    McMahan et al., Ad click prediction: a view from the trenches, KDD 2013.
    """

    def __init__(
        self,
        learning_rate: Any,
        learning_rate_power: Any = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        use_locking: bool = False,
        name: str = "Ftrl",
        accum_name: str | None = None,
        linear_name: str | None = None,
        l2_shrinkage_regularization_strength: float = 0.0,
    ):
        super().__init__(use_locking, name)
        for label, value in (
            ("initial_accumulator_value", initial_accumulator_value),
            ("l1_regularization_strength", l1_regularization_strength),
            ("l2_regularization_strength", l2_regularization_strength),
            ("l2_shrinkage_regularization_strength", l2_shrinkage_regularization_strength),
        ):
            if value < 0.0:
                raise ValueError(f"{label} {value} needs to be positive or zero")
        if not callable(learning_rate_power) and learning_rate_power > 0.0:
            raise ValueError(f"learning_rate_power {learning_rate_power} needs to be negative or zero")
        self._learning_rate = learning_rate
        self._power = learning_rate_power
        self._start = initial_accumulator_value
        self._l1 = l1_regularization_strength
        self._l2 = l2_regularization_strength
        self._shrinkage = l2_shrinkage_regularization_strength
        self._accum_name = accum_name
        self._linear_name = linear_name

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            start = constant(self._start, v.dtype.base_dtype, v.shape)
            self._get_or_make_slot(v, start, "accum", self._accum_name or self._name)
            self._zeros_slot(v, "linear", self._linear_name or self._name)

    def _prepare(self) -> None:
        lr = self._setting(self._learning_rate, "learning_rate")
        l1 = self._setting(self._l1, "l1_regularization_strength")
        l2 = self._setting(self._l2, "l2_regularization_strength")
        shrinkage = self._setting(self._shrinkage, "l2_shrinkage_regularization_strength")
        power = self._setting(self._power, "learning_rate_power")
        self._settings = (lr, l1, l2, shrinkage, power) if self._shrinkage > 0 else (lr, l1, l2, power)

    def _operands(self, var: Any) -> tuple[list, list]:
        """The variables, and the settings."""
        slots = [self.get_slot(var, name) for name in ("accum", "linear")]
        return [var, *slots], [as_type(setting, var) for setting in self._settings]

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        variables, settings = self._operands(var)
        update = training.apply_ftrl_v2 if self._shrinkage > 0 else training.apply_ftrl
        return update(*variables, grad, *settings, use_locking=self._use_locking)

    def _apply_sparse(self, grad: IndexedSlices, var: Any) -> Any:
        variables, settings = self._operands(var)
        update = training.sparse_apply_ftrl_v2 if self._shrinkage > 0 else training.sparse_apply_ftrl
        return update(*variables, grad.values, grad.indices, *settings, use_locking=self._use_locking)
