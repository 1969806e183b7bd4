"""The largest optimizer updates, written for NumPy: one pass over the arrays in blocks that stay in the cache.

Each gives bit for bit what the kernel in ops/training.py gives.  NumPy's expressions make a temporary array for every
operation; here every operation writes into the new arrays themselves and one small buffer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..ops import training
from .numpy import override

_BLOCK = 1 << 15  # elements: eight blocks of float32 fit into a second-level cache of one megabyte
_LARGE = 1 << 18  # elements: below, the temporaries of the kernel itself stay in the cache


def _fits(var: Any, others: Sequence[Any]) -> bool:
    """Whether all operands are large arrays of one shape and dtype; whatever else goes the kernel's way."""
    return var.size >= _LARGE and all(o.shape == var.shape and o.dtype is var.dtype for o in others)


@override("ApplyAdam")
def apply_adam(
    var, m, v, beta1_power, beta2_power, lr, beta1, beta2, epsilon, grad, *, use_locking=False, use_nesterov=False
):
    """`ops.training.apply_adam`"""
    if use_nesterov or not _fits(var, (m, v, grad)):
        settings = (beta1_power, beta2_power, lr, beta1, beta2, epsilon)
        return training.apply_adam.kernel(np, var, m, v, *settings, grad, use_nesterov=use_nesterov)
    rate = lr * np.sqrt(1 - beta2_power) / (1 - beta1_power)
    gain1, gain2 = 1 - beta1, 1 - beta2
    new = [np.empty(var.shape, var.dtype) for _ in range(3)]
    flat = [a.reshape(-1) for a in (var, m, v, grad, *new)]
    buffer = np.empty(min(_BLOCK, var.size), var.dtype)
    for start in range(0, var.size, _BLOCK):
        w, m1, v1, g, w_new, m_new, v_new = [a[start : start + _BLOCK] for a in flat]
        root = buffer[: w.size]
        np.subtract(g, m1, m_new)
        np.multiply(m_new, gain1, m_new)
        np.add(m_new, m1, m_new)
        np.multiply(g, g, v_new)
        np.subtract(v_new, v1, v_new)
        np.multiply(v_new, gain2, v_new)
        np.add(v_new, v1, v_new)
        np.sqrt(v_new, root)
        np.add(root, epsilon, root)
        np.multiply(m_new, rate, w_new)
        np.divide(w_new, root, w_new)
        np.subtract(w, w_new, w_new)
    return tuple(new)


@override("ApplyRMSProp")
def apply_rms_prop(var, ms, mom, lr, rho, momentum, epsilon, grad, *, use_locking=False):
    """`ops.training.apply_rms_prop`"""
    if not _fits(var, (ms, mom, grad)):
        return training.apply_rms_prop.kernel(np, var, ms, mom, lr, rho, momentum, epsilon, grad)
    gain = 1 - rho
    new = [np.empty(var.shape, var.dtype) for _ in range(3)]
    flat = [a.reshape(-1) for a in (var, ms, mom, grad, *new)]
    buffer = np.empty(min(_BLOCK, var.size), var.dtype)
    for start in range(0, var.size, _BLOCK):
        w, s, a, g, w_new, s_new, a_new = [x[start : start + _BLOCK] for x in flat]
        root = buffer[: w.size]
        np.multiply(g, g, s_new)
        np.subtract(s_new, s, s_new)
        np.multiply(s_new, gain, s_new)
        np.add(s_new, s, s_new)
        np.add(s_new, epsilon, root)
        np.sqrt(root, root)
        np.multiply(g, lr, w_new)
        np.divide(w_new, root, w_new)
        np.multiply(a, momentum, a_new)
        np.add(a_new, w_new, a_new)
        np.subtract(w, a_new, w_new)
    return tuple(new)
