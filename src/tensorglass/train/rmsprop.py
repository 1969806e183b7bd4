"""RMSProp: steps divided by the size that gradients lately had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..indexed_slices import IndexedSlices
from ..initializers import Ones
from ..ops import training
from .optimizer import Optimizer, as_type


class RMSPropOptimizer(Optimizer):
    """s ← ρ s + (1 − ρ) g²,   a ← μ a + α g / √(s + ε),   w ← w − a   (ρ is ``decay``, μ ``momentum``)

    With ``centered`` the mean m of the gradients is followed too and s − m², their variance, is put in the place of s.
    The slots are "rms" (s, which starts at 1), "momentum" (a) and "mg" (m).

    Tieleman, Hinton, Neural networks for machine learning, lecture 6.5, 2012; Graves, Generating sequences with
    recurrent neural networks, arXiv:1308.0850 (centered).
    """

    def __init__(
        self,
        learning_rate: Any,
        decay: Any = 0.9,
        momentum: Any = 0.0,
        epsilon: Any = 1e-10,
        use_locking: bool = False,
        centered: bool = False,
        name: str = "RMSProp",
    ):
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._decay = decay
        self._momentum = momentum
        self._epsilon = epsilon
        self._centered = centered

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        for v in var_list:
            self._get_or_make_slot_with_initializer(v, Ones(), v.shape, v.dtype.base_dtype, "rms", self._name)
            if self._centered:
                self._zeros_slot(v, "mg", self._name)
            self._zeros_slot(v, "momentum", self._name)

    def _prepare(self) -> None:
        self._settings = (
            self._setting(self._learning_rate, "learning_rate"),
            self._setting(self._decay, "decay"),
            self._setting(self._momentum, "momentum"),
            self._setting(self._epsilon, "epsilon"),
        )

    def _operands(self, var: Any) -> list:
        names = ("mg", "rms", "momentum") if self._centered else ("rms", "momentum")
        slots = [self.get_slot(var, name) for name in names]
        return [var, *slots, *(as_type(setting, var) for setting in self._settings)]

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        update = training.apply_centered_rms_prop if self._centered else training.apply_rms_prop
        return update(*self._operands(var), grad, use_locking=self._use_locking)

    def _apply_sparse(self, grad: IndexedSlices, var: Any) -> Any:
        update = training.sparse_apply_centered_rms_prop if self._centered else training.sparse_apply_rms_prop
        return update(*self._operands(var), grad.values, grad.indices, use_locking=self._use_locking)
