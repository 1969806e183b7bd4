"""Gradients made no longer than they should be: `clip_by_norm`, `clip_by_global_norm`, `global_norm`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..convert import convert_to_tensor
from ..indexed_slices import IndexedSlices
from ..names import scope
from .array import identity, size, stack
from .cast import cast
from .constant import constant, ones_like
from .elementwise import maximum, minimum, multiply, rsqrt, sqrt
from .logic import where
from .losses import l2_loss
from .reduce import reduce_sum


def _values(t: Any, name: str | None = None) -> Any:
    """The tensor whose elements count: of an `IndexedSlices`, its rows."""
    return t.values if isinstance(t, IndexedSlices) else convert_to_tensor(t, name=name)


def _like(t: Any, values: Any) -> Any:
    """`values` as what `t` is: a tensor, or an `IndexedSlices` of the same rows."""
    return IndexedSlices(values, t.indices, t.dense_shape) if isinstance(t, IndexedSlices) else values


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Any:
    """y = x · c / max(‖x‖, c): x itself where its norm is at most c, else x made that long.

    The norm is √Σ x² over all elements, or over ``axes`` for each slice of its own.  An `IndexedSlices` stays one.

    >>> import tensorglass as tg
    >>> clip_by_norm(tg.constant([3.0, 4.0]), 2.5).numpy()
    array([1.5, 2. ], dtype=float32)
    """
    with scope(name, "clip_by_norm", [t]) as full:
        x = _values(t, "t")
        squares = reduce_sum(x * x, axes, keepdims=True)
        positive = squares > 0
        # Where x = 0 the root is taken of 1, lest its gradient be infinite.
        norm = where(positive, sqrt(where(positive, squares, ones_like(squares))), squares)
        return _like(t, identity(x * clip_norm / maximum(norm, clip_norm), name=full or None))


def _list_of(t_list: Any) -> list:
    if not isinstance(t_list, Sequence) or isinstance(t_list, str):
        raise TypeError(f"`t_list` should be a sequence of tensors. Received {type(t_list)}.")
    return list(t_list)


def global_norm(t_list: Sequence[Any], name: str | None = None) -> Any:
    """y = √Σᵢ ‖xᵢ‖², the length of all the tensors taken as one long vector; None among them is left out.

    >>> import tensorglass as tg
    >>> global_norm([tg.constant([3.0]), None, tg.constant([4.0])]).numpy()
    np.float32(5.0)
    """
    found = [t for t in _list_of(t_list) if t is not None]
    with scope(name, "global_norm", found):
        halves = [l2_loss(_values(t, f"t_{i}")) for i, t in enumerate(found)]
        half = reduce_sum(stack(halves)) if halves else constant(0.0)
        return sqrt(half * constant(2.0, dtype=half.dtype), name="global_norm")


def clip_by_global_norm(
    t_list: Sequence[Any], clip_norm: Any, use_norm: Any = None, name: str | None = None
) -> tuple[list, Any]:
    """(yᵢ = xᵢ · c / max(N, c), N): all tensors shortened alike, N = √Σᵢ ‖xᵢ‖² being their length together.

    ``use_norm`` gives N where it is known already.  None among the tensors stays None.  Where N is infinite or not a
    number all results are NaN: the step would be spoilt anyway, and so it shows.

    Pascanu, Mikolov, Bengio, On the difficulty of training recurrent neural networks, ICML 2013, algorithm 1.
    """
    tensors = _list_of(t_list)
    norm = global_norm(tensors, name) if use_norm is None else convert_to_tensor(use_norm)
    with scope(name, "clip_by_global_norm", [t for t in tensors if t is not None]) as full:
        one = constant(1.0, dtype=norm.dtype)
        scale = clip_norm * minimum(1.0 / norm, one / clip_norm)
        scale = scale + (norm - norm)  # 0, or NaN for a norm that is not finite
        clipped = []
        for i, t in enumerate(tensors):
            if t is None:
                clipped.append(None)
                continue
            x = _values(t)
            product = multiply(x, cast(scale, x.dtype.base_dtype), name="mul")
            clipped.append(_like(t, identity(product, name=f"{full}_{i}" if full else None)))
    return clipped, norm


def clip_by_average_norm(t: Any, clip_norm: Any, name: str | None = None) -> Any:
    """y = x · c · min(n / ‖x‖, 1 / c), n the number of elements: x is shortened where ‖x‖ / n is above c"""
    with scope(name, "clip_by_average_norm", [t]) as full:
        x = _values(t, "t")
        n = cast(size(x), x.dtype.base_dtype)
        inverse = rsqrt(reduce_sum(x * x))
        one = constant(1.0, dtype=x.dtype.base_dtype)
        return _like(t, identity(x * clip_norm * minimum(inverse * n, one / clip_norm), name=full or None))
