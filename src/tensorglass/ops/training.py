"""The updates of optimizers: each one op that takes a parameter, its slots and a gradient and gives all new values.

w is the parameter, g its gradient, α the learning rate; products and roots are element by element.  A learning rate
and other settings are scalars of the parameter's type.  The sparse forms at the end update only the rows that a
gradient of `gather` has: other rows keep their values, and so do their slots (nothing decays there).  The formulas
are TensorFlow's, down to where ε stands.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import errors, shapes
from ..op import Op, op
from ..shapes import Shape
from .rows import concrete, repeat
from .state_scatter import check_indices, scattered

_GRADIENTS = ("grad", "delta")


def _updated(op: Any) -> Shape:
    """Parameter, slots and gradient have one shape (a sparse gradient: that of its rows); settings are scalars."""
    operands = dict(zip((spec.name for spec in op.stanza.operands), op.inputs, strict=True))
    sparse = "indices" in operands
    whole: Shape = None
    for spec, t in zip(op.stanza.operands, op.inputs, strict=True):
        if spec.mode == "ref" or (spec.name in _GRADIENTS and not sparse):
            whole = shapes.agreed(whole, t._shape)
        elif t._shape and spec.name not in ("grad", "indices"):
            raise ValueError(f"Shape must be rank 0 but is rank {len(t._shape)}")
    if sparse:
        rows, indices = operands["grad"]._shape, operands["indices"]._shape
        if indices is not None and len(indices) != 1:
            raise ValueError(f"Shape must be rank 1 but is rank {len(indices)}")
        if whole is not None and rows is not None:
            shapes.agreed((None if indices is None else indices[0], *whole[1:]), rows)
    return whole


def _same_shape(var: Any, **others: Any) -> None:
    """InvalidArgumentError where a slot or the gradient does not fit the parameter."""
    for name, value in others.items():
        if value.shape != var.shape:
            raise errors.InvalidArgumentError(
                None, None,
                f"var and {name} do not have the same shape{shapes.text(var.shape)} {shapes.text(value.shape)}",
            )  # fmt: skip


@op("ApplyGradientDescent", "ref T, T, T -> ref T where T: float|complex", shape=_updated, differentiable=False)
def apply_gradient_descent(xp, var, alpha, delta, *, use_locking=False):
    """w ← w − α g"""
    if var.shape != delta.shape:
        _same_shape(var, delta=delta)
    return var - alpha * delta


@op("ApplyMomentum", "ref T, ref T, T, T, T -> ref T where T: float|complex", shape=_updated, differentiable=False)
def apply_momentum(xp, var, accum, lr, grad, momentum, *, use_locking=False, use_nesterov=False):
    """a ← μ a + g,   w ← w − α a   (Nesterov: w ← w − α (g + μ a), the gradient of where a is heading)

    Polyak, Some methods of speeding up the convergence of iteration methods, 1964; Sutskever et al., On the importance
    of initialization and momentum in deep learning, ICML 2013, equations 1 to 4.
    """
    _same_shape(var, accum=accum, grad=grad)
    accum = accum * momentum + grad
    if use_nesterov:
        return var - (grad * lr + accum * momentum * lr), accum
    return var - accum * lr, accum


@op("ApplyAdagrad", "ref T, ref T, T, T -> ref T where T: float|complex", shape=_updated, differentiable=False)
def apply_adagrad(xp, var, accum, lr, grad, *, use_locking=False, update_slots=True):
    """a ← a + g²,   w ← w − α g / √a

    Duchi, Hazan, Singer, Adaptive subgradient methods for online learning, JMLR 12, 2011.
    """
    _same_shape(var, accum=accum, grad=grad)
    accum = accum + grad * grad if update_slots else xp.array(accum)
    return var - grad * lr / xp.sqrt(accum), accum


@op("ApplyAdagradV2", "ref T, ref T, T, T, T -> ref T where T: float|complex", shape=_updated, differentiable=False)
def apply_adagrad_v2(xp, var, accum, lr, epsilon, grad, *, use_locking=False, update_slots=True):
    """a ← a + g²,   w ← w − α g / (√a + ε)

    Duchi, Hazan, Singer, Adaptive subgradient methods for online learning, JMLR 12, 2011.
    """
    _same_shape(var, accum=accum, grad=grad)
    accum = accum + grad * grad if update_slots else xp.array(accum)
    return var - grad * lr / (xp.sqrt(accum) + epsilon), accum


@op("ApplyAdagradDA", "ref T, ref T, ref T, T, T, T, T, int64 -> ref T where T: float", shape=_updated,
    differentiable=False)  # fmt: skip
def apply_adagrad_da(
    xp, var, gradient_accumulator, gradient_squared_accumulator, grad, lr, l1, l2, global_step, *, use_locking=False
):
    """s ← s + g,   a ← a + g²,   w ← −α sign(s) max(|s| − λ₁ t, 0) / (√a + α λ₂ t),   t the number of steps

    Duchi, Hazan, Singer, Adaptive subgradient methods for online learning, JMLR 12, 2011 (dual averaging).
    """
    _same_shape(var, grad=grad)
    total = gradient_accumulator + grad
    accum = gradient_squared_accumulator + grad * grad
    t = xp.asarray(global_step, grad.dtype)
    shrunk = xp.sign(total) * xp.maximum(abs(total) - l1 * t, 0)
    return -lr * shrunk / (l2 * t * lr + xp.sqrt(accum)), total, accum


@op("ApplyAdadelta", "ref T, ref T, ref T, T, T, T, T -> ref T where T: float|complex", shape=_updated,
    differentiable=False)  # fmt: skip
def apply_adadelta(xp, var, accum, accum_update, lr, rho, epsilon, grad, *, use_locking=False):
    """a ← ρ a + (1 − ρ) g²,   d = g √(u + ε) / √(a + ε),   u ← ρ u + (1 − ρ) d²,   w ← w − α d

    Zeiler, ADADELTA: an adaptive learning rate method, arXiv:1212.5701, algorithm 1.
    """
    _same_shape(var, accum=accum, accum_update=accum_update, grad=grad)
    accum = accum * rho + grad * grad * (1 - rho)
    d = xp.sqrt(accum_update + epsilon) / xp.sqrt(accum + epsilon) * grad
    return var - d * lr, accum, accum_update * rho + d * d * (1 - rho)


@op("ApplyAdam", "ref T, ref T, ref T, T, T, T, T, T, T, T -> ref T where T: float|complex", shape=_updated,
    differentiable=False)  # fmt: skip
def apply_adam(
    xp, var, m, v, beta1_power, beta2_power, lr, beta1, beta2, epsilon, grad, *, use_locking=False, use_nesterov=False
):
    """m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²,   w ← w − αₜ m / (√v + ε),   αₜ = α √(1 − β₂ᵗ) / (1 − β₁ᵗ)

    `beta1_power` and `beta2_power` are β₁ᵗ and β₂ᵗ.  Nesterov puts β₁ m + (1 − β₁) g in the place of m.
    Kingma, Ba, Adam: a method for stochastic optimization, ICLR 2015, end of section 2 (this ε is their ε̂); Dozat,
    Incorporating Nesterov momentum into Adam, 2016.
    """
    _same_shape(var, m=m, v=v, grad=grad)
    rate = lr * xp.sqrt(1 - beta2_power) / (1 - beta1_power)
    m = m + (grad - m) * (1 - beta1)
    v = v + (grad * grad - v) * (1 - beta2)
    direction = m * beta1 + (1 - beta1) * grad if use_nesterov else m
    return var - direction * rate / (xp.sqrt(v) + epsilon), m, v


@op("ApplyRMSProp", "ref T, ref T, ref T, T, T, T, T, T -> ref T where T: float|complex", shape=_updated,
    differentiable=False)  # fmt: skip
def apply_rms_prop(xp, var, ms, mom, lr, rho, momentum, epsilon, grad, *, use_locking=False):
    """s ← ρ s + (1 − ρ) g²,   a ← μ a + α g / √(s + ε),   w ← w − a

    Tieleman, Hinton, Neural networks for machine learning, lecture 6.5, 2012.
    """
    _same_shape(var, ms=ms, mom=mom, grad=grad)
    ms = ms + (grad * grad - ms) * (1 - rho)
    mom = mom * momentum + grad * lr / xp.sqrt(ms + epsilon)
    return var - mom, ms, mom


@op("ApplyCenteredRMSProp", "ref T, ref T, ref T, ref T, T, T, T, T, T -> ref T where T: float|complex",
    shape=_updated, differentiable=False)  # fmt: skip
def apply_centered_rms_prop(xp, var, mg, ms, mom, lr, rho, momentum, epsilon, grad, *, use_locking=False):
    """s ← ρ s + (1 − ρ) g²,   m ← ρ m + (1 − ρ) g,   a ← μ a + α g / √(s − m² + ε),   w ← w − a

    Graves, Generating sequences with recurrent neural networks, arXiv:1308.0850, equations 38 to 45.
    """
    _same_shape(var, mg=mg, ms=ms, mom=mom, grad=grad)
    ms = ms + (grad * grad - ms) * (1 - rho)
    mg = mg + (grad - mg) * (1 - rho)
    mom = mom * momentum + grad * lr / xp.sqrt(ms - mg * mg + epsilon)
    return var - mom, mg, ms, mom


def _follow_the_leader(xp: Any, var: Any, accum: Any, linear: Any, grad: Any, shrunk: Any, *settings: Any) -> Any:
    """One step of FTRL-proximal; `shrunk` is the gradient with the shrinkage of w added."""
    lr, l1, l2, lr_power = settings
    total = accum + grad * grad
    if concrete(lr_power) and lr_power == -0.5:
        before, after = xp.sqrt(accum), xp.sqrt(total)
    else:
        before, after = accum**-lr_power, total**-lr_power
    linear = linear + shrunk - (after - before) / lr * var
    solution = (xp.sign(linear) * l1 - linear) / (after / lr + 2 * l2)
    return xp.where(abs(linear) > l1, solution, xp.zeros_like(var)), total, linear


@op("ApplyFtrl", "ref T, ref T, ref T, T, T, T, T, T -> ref T where T: float", shape=_updated, differentiable=False)
def apply_ftrl(xp, var, accum, linear, grad, lr, l1, l2, lr_power, *, use_locking=False):
    """a' = a + g²,   z ← z + g − (a'⁻ᵖ − a⁻ᵖ) w / α,   w ← (λ₁ sign z − z) / (a'⁻ᵖ / α + 2 λ₂) where |z| > λ₁, else 0

    p is `lr_power`, −½ as a rule; a ← a'.
    McMahan et al., Ad click prediction: a view from the trenches, KDD 2013, algorithm 1.
    """
    _same_shape(var, accum=accum, linear=linear, grad=grad)
    return _follow_the_leader(xp, var, accum, linear, grad, grad, lr, l1, l2, lr_power)


@op("ApplyFtrlV2", "ref T, ref T, ref T, T, T, T, T, T, T -> ref T where T: float", shape=_updated,
    differentiable=False)  # fmt: skip
def apply_ftrl_v2(xp, var, accum, linear, grad, lr, l1, l2, l2_shrinkage, lr_power, *, use_locking=False):
    """`apply_ftrl` with g + 2 λₛ w in the place of g in z, but not in a

    McMahan et al., Ad click prediction: a view from the trenches, KDD 2013, algorithm 1.
    """
    _same_shape(var, accum=accum, linear=linear, grad=grad)
    shrunk = grad + 2 * l2_shrinkage * var
    return _follow_the_leader(xp, var, accum, linear, grad, shrunk, lr, l1, l2, lr_power)


def _soft_threshold(xp: Any, w: Any, rate: Any, l1: Any, l2: Any) -> Any:
    """argminₓ ½ (x − w)² + η (λ₁ |x| + ½ λ₂ x²), η being `rate`: what w becomes under both penalties"""
    return xp.sign(w) * xp.maximum(abs(w) - rate * l1, 0) / (1 + l2 * rate)


@op("ApplyProximalGradientDescent", "ref T, T, T, T, T -> ref T where T: float", shape=_updated, differentiable=False)
def apply_proximal_gradient_descent(xp, var, alpha, l1, l2, delta, *, use_locking=False):
    """p = w − α g,   w ← sign(p) max(|p| − α λ₁, 0) / (1 + α λ₂)

    Duchi, Singer, Efficient online and batch learning using forward backward splitting, JMLR 10, 2009.
    """
    _same_shape(var, delta=delta)
    return _soft_threshold(xp, var - alpha * delta, alpha, l1, l2)


@op("ApplyProximalAdagrad", "ref T, ref T, T, T, T, T -> ref T where T: float", shape=_updated, differentiable=False)
def apply_proximal_adagrad(xp, var, accum, lr, l1, l2, grad, *, use_locking=False):
    """a ← a + g²,   η = α / √a,   p = w − η g,   w ← sign(p) max(|p| − η λ₁, 0) / (1 + η λ₂)

    Duchi, Singer, Efficient online and batch learning using forward backward splitting, JMLR 10, 2009.
    """
    _same_shape(var, accum=accum, grad=grad)
    accum = accum + grad * grad
    rate = lr / xp.sqrt(accum)
    return _soft_threshold(xp, var - grad * rate, rate, l1, l2), accum


# The sparse forms


def _in_turns(xp: Any, variables: list[Any], indices: Any, grad: Any, update: Callable) -> list[Any]:
    """`variables` after ``update(variables, rows, grad of these rows)`` for the first occurrence of each index, then
    for the second ones, and so on: no index is twice in one turn."""
    order = xp.argsort(indices, stable=True)
    ranked = indices[order]
    turns = (np.arange(indices.size) - xp.searchsorted(ranked, ranked))[xp.argsort(order)]
    last = xp.max(turns, initial=0)
    if not concrete(indices):
        none = variables[0].shape[0]  # a row that is not there: XLA drops what goes to it

        def turn(state: tuple) -> tuple:
            i, variables = state
            return i + 1, update(variables, xp.where(turns == i, indices, none), grad)

        return repeat(xp, lambda state: state[0] <= last, turn, (0, variables))[1]
    for i in range(last + 1):
        at = np.flatnonzero(turns == i) if last else slice(None)
        variables = update(variables, indices[at], grad[at])
    return variables


def _on_rows(dense: Op) -> Op:
    """The op that applies `dense` to the rows `indices` of its variables; optimizers sum duplicates beforehand."""
    names = ["grad" if spec.name in _GRADIENTS else spec.name for spec in dense.operands]
    slots = sum(spec.mode == "ref" for spec in dense.operands)
    at = names.index("grad")

    def kernel(xp, *operands, **attrs):
        *values, indices = *operands[: at + 1], *operands[at + 2 :], operands[at + 1]
        variables, grad = values[:slots], values[at]
        check_indices(indices, variables[0].shape[0])
        if grad.shape[:1] != indices.shape:
            raise errors.InvalidArgumentError(
                None, None, "grad must be the same size as indices in the first dimension."
            )

        def update(variables: list[Any], rows: Any, grad: Any) -> list[Any]:
            new = dense.kernel(xp, *(w[rows] for w in variables), *values[slots:at], grad, *values[at + 1 :], **attrs)
            new = new if isinstance(new, tuple) else (new,)
            return [scattered(xp, w, rows, v, "set") for w, v in zip(variables, new, strict=True)]

        variables = _in_turns(xp, variables, indices, grad, update)
        return tuple(variables) if slots > 1 else variables[0]

    kernel.__name__ = f"sparse_{dense.__name__}"
    kernel.__doc__ = (
        f"`{dense.__name__}` for the rows w[indices] and their slots alone; `grad` has a row for each of `indices`\n\n"
        "    InvalidArgumentError for an index outside the variable.  Duplicates take their turns.\n    "
    )
    parameters = list(inspect.signature(dense.kernel).parameters.values())
    parameters[at + 1] = parameters[at + 1].replace(name="grad")
    parameters.insert(at + 2, parameters[at + 1].replace(name="indices"))
    kernel.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    left, _, right = dense.signature.partition(" -> ")
    types = left.split(", ")
    types.insert(at + 1, "Tindices")
    signature = f"{', '.join(types)} -> {right}, Tindices: index"
    return op(f"Sparse{dense.type}", signature, shape=_updated, differentiable=False)(kernel)


sparse_apply_momentum = _on_rows(apply_momentum)
sparse_apply_adagrad = _on_rows(apply_adagrad)
sparse_apply_adagrad_v2 = _on_rows(apply_adagrad_v2)
sparse_apply_adagrad_da = _on_rows(apply_adagrad_da)
sparse_apply_adadelta = _on_rows(apply_adadelta)
sparse_apply_rms_prop = _on_rows(apply_rms_prop)
sparse_apply_centered_rms_prop = _on_rows(apply_centered_rms_prop)
sparse_apply_ftrl = _on_rows(apply_ftrl)
sparse_apply_ftrl_v2 = _on_rows(apply_ftrl_v2)
sparse_apply_proximal_gradient_descent = _on_rows(apply_proximal_gradient_descent)
sparse_apply_proximal_adagrad = _on_rows(apply_proximal_adagrad)
