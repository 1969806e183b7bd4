"""Complex numbers: their parts, absolute value, angle and sign.

Gradients follow TensorFlow's convention: that of a real loss L is ∂L/∂Re x + i ∂L/∂Im x, so that −x̄ is the direction
of steepest descent.  An analytic f then has x̄ = conj(f′(x)) ȳ; its stanza says ``analytic=True`` and the driver in
gradients.py conjugates.  The functions here are those that are not analytic, so their rules say it all.
"""

from __future__ import annotations

import math
from typing import Any

from ..convert import convert_to_tensor
from ..dtypes import complex64, complex128, float32, float64
from ..names import scope
from ..op import op
from ..shapes import broadcast, same
from .elementwise import real_abs, real_sign

_COMPLEX = {float32: complex64, float64: complex128}


@op("Complex", "T, T -> Tout where T: float32|float64", shape=broadcast)
def complex_op(xp, real, imag, *, Tout):
    """z = a + b i"""
    parts = xp.stack(xp.broadcast_arrays(real, imag), -1)  # not a + 1j * b: 1j * inf has a NaN in it
    return parts.view(Tout.np_dtype)[..., 0]


@complex_op.gradient
def _(op, dz):
    return real(dz), imag(dz)


def complex(real: Any, imag: Any, name: str | None = None) -> Any:
    """z = a + b i, of float32 or float64 tensors

    >>> import tensorglass as tg
    >>> tg.complex([1.0, 2.0], 3.0).numpy()
    array([1.+3.j, 2.+3.j], dtype=complex64)
    """
    real, imag = convert_to_tensor(real, name="real"), convert_to_tensor(imag, name="imag")
    a, b = real.dtype.base_dtype, imag.dtype.base_dtype
    if a is not b or a not in _COMPLEX:
        raise TypeError(
            f"The `real` and `imag` components have incorrect types: {a.name} {b.name}. They must be consistent, and "
            "one of [tf.float32, tf.float64]"
        )
    return complex_op(real, imag, Tout=_COMPLEX[a], name=name)


@op("Real", "T -> Tout where T: complex", shape=same)
def real_op(xp, input, *, Tout):
    """y = Re x"""
    return xp.real(input)


@real_op.gradient
def _(op, dy):
    return complex(dy, _zeros(dy))


@op("Imag", "T -> Tout where T: complex", shape=same)
def imag_op(xp, input, *, Tout):
    """y = Im x"""
    return xp.imag(input)


@imag_op.gradient
def _(op, dy):
    return complex(_zeros(dy), dy)


@op("Conj", "T -> T where T: complex", shape=same)
def conj_op(xp, input):
    """y = Re x − i Im x"""
    return xp.conj(input)


@conj_op.gradient
def _(op, dy):
    return conj(dy)


@op("ComplexAbs", "T -> Tout where T: complex", shape=same)
def complex_abs_op(xp, x, *, Tout):
    """y = |x| = √(Re² x + Im² x)"""
    return xp.abs(x)


@complex_abs_op.gradient  # x̄ = ȳ x / |x|, 0 at 0
def _(op, dy):
    return complex(dy, _zeros(dy)) * sign(op.inputs[0])


@op("Angle", "T -> Tout where T: complex", shape=same)
def angle_op(xp, input, *, Tout):
    """y = atan2(Im x, Re x)"""
    return xp.angle(input)


@angle_op.gradient  # x̄ = i ȳ x / |x|²
def _(op, dy):
    x = op.inputs[0]
    return -complex(dy, _zeros(dy)) / complex(imag(x), real(x))


def _zeros(x: Any) -> Any:
    from .constant import zeros_like

    return zeros_like(x)


def _numeric(input: Any, name: str) -> Any:
    x = convert_to_tensor(input, name="input")
    if x.dtype.base_dtype.is_bool or x.dtype.base_dtype.name == "string":
        raise TypeError(f"input must be a numeric tensor, but got tensor with dtype {x.dtype!r} ({name})")
    return x


def _is_complex(x: Any) -> bool:
    return x.dtype.base_dtype.is_complex


def real(input: Any, name: str | None = None) -> Any:
    """y = Re x; x itself where it is not complex"""
    x = _numeric(input, "real")
    return real_op(x, Tout=x.dtype.real_dtype, name=name) if _is_complex(x) else x


def imag(input: Any, name: str | None = None) -> Any:
    """y = Im x; zeros where x is not complex"""
    x = _numeric(input, "imag")
    if _is_complex(x):
        return imag_op(x, Tout=x.dtype.real_dtype, name=name)
    with scope(name, "Imag", [x]):
        return _zeros(x)


def conj(x: Any, name: str | None = None) -> Any:
    """y = Re x − i Im x; x itself where it is not complex"""
    x = _numeric(x, "conj")
    return conj_op(x, name=name) if _is_complex(x) else x


def angle(input: Any, name: str | None = None) -> Any:
    """y = atan2(Im x, Re x), in (−π, π]; for real numbers π where they are negative, else 0"""
    from .logic import less, where

    x = _numeric(input, "angle")
    if _is_complex(x):
        return angle_op(x, Tout=x.dtype.real_dtype, name=name)
    with scope(name, "Angle", [x]):
        return where(less(x, 0), math.pi, _zeros(x)) if x.dtype.is_floating else _zeros(x)


def abs(x: Any, name: str | None = None) -> Any:
    """y = |x|, real for complex x too

    >>> import tensorglass as tg
    >>> float(tg.abs(-2.5)), float(tg.abs(3 + 4j))
    (2.5, 5.0)
    """
    x = convert_to_tensor(x, name="x")
    if _is_complex(x):
        return complex_abs_op(x, Tout=x.dtype.real_dtype, name=name or "Abs")
    return real_abs(x, name=name)


def sign(x: Any, name: str | None = None) -> Any:
    """y = −1, 0 or 1 as x is negative, zero or positive; x / |x| for complex numbers"""
    from .cast import cast
    from .nan import divide_no_nan

    x = convert_to_tensor(x, name="x")
    if not _is_complex(x):
        return real_sign(x, name=name)
    size = complex_abs_op(x, Tout=x.dtype.real_dtype)
    return divide_no_nan(x, cast(size, x.dtype), name=name or "DivNoNan")
