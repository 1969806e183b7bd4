"""Networks: activations, softmax and its cross-entropies."""

from __future__ import annotations

from typing import Any

from ..op import op
from ..shapes import same


@op("Sigmoid", "T -> T where T: float|complex", shape=same)
def sigmoid(xp, x):
    """y = 1 / (1 + e⁻ˣ)"""
    return 1 / (1 + xp.exp(-x))


@sigmoid.gradient  # y (1 − y)
def _(op, dy):
    y = op.outputs[0]
    return dy * y * (1 - y)


@op("Softmax", "T -> T where T: float", shape=same)
def softmax(xp, logits, *, axis=-1):
    """yᵢ = exp xᵢ / Σⱼ exp xⱼ   (the maximum is taken out first: it changes nothing but overflow)"""
    e = xp.exp(logits - xp.max(logits, axis=axis, keepdims=True))
    return e / xp.sum(e, axis=axis, keepdims=True)


@softmax.gradient  # ∂y/∂x = diag(y) − y yᵀ   ⇒   x̄ = (ȳ − ⟨ȳ, y⟩) y
def _(op, dy):
    from .reduce import reduce_sum

    y = op.outputs[0]
    return (dy - reduce_sum(dy * y, axis=op.axis, keepdims=True)) * y
