"""Not a number: tests for NaN and infinity, and products and quotients in which an exact 0 wins over them."""

from __future__ import annotations

from typing import Any

from ..names import scope
from ..op import op
from ..shapes import broadcast, same


@op("IsNan", "T -> bool where T: float", shape=same, differentiable=False)
def is_nan(xp, x):
    """y = whether x is NaN"""
    return xp.isnan(x)


@op("IsInf", "T -> bool where T: float", shape=same, differentiable=False)
def is_inf(xp, x):
    """y = whether x is ∞ or −∞"""
    return xp.isinf(x)


@op("IsFinite", "T -> bool where T: float", shape=same, differentiable=False)
def is_finite(xp, x):
    """y = whether x is neither NaN nor infinite"""
    return xp.isfinite(x)


@op("DivNoNan", "T, T -> T where T: float|complex", shape=broadcast, analytic=True, name="div_no_nan")
def divide_no_nan(xp, x, y):
    """z = x / y, and 0 where y is 0"""
    zero = y == 0
    return xp.where(zero, xp.zeros((), x.dtype), xp.divide(x, xp.where(zero, xp.ones((), y.dtype), y)))


@divide_no_nan.gradient  # ∂z/∂x = 1/y,  ∂z/∂y = −x/y², both 0 where y is 0
def _(op, dz):
    x, y = op.inputs
    return divide_no_nan(dz, y), dz * divide_no_nan(divide_no_nan(-x, y), y)


def div_no_nan(x: Any, y: Any, name: str | None = None) -> Any:
    """z = x / y, and 0 where y is 0; integers are converted to floating first, as by `truediv`"""
    from .cast import cast
    from .elementwise import _same_type

    with scope(name, "div_no_nan", [x, y]) as full:
        x, y = _same_type(x, y)
        if x.dtype.is_integer:
            wide = "float32" if x.dtype.size < 4 else "float64"
            x, y = cast(x, wide), cast(y, wide)
        return divide_no_nan(x, y, name=full or None)


@op("MulNoNan", "T, T -> T where T: float|complex", shape=broadcast, analytic=True, name="multiply_no_nan")
def multiply_no_nan(xp, x, y):
    """z = x · y, and 0 where y is 0, even if x is infinite or NaN"""
    return xp.where(y == 0, xp.zeros((), x.dtype), xp.multiply(x, y))


@multiply_no_nan.gradient
def _(op, dz):
    x, y = op.inputs
    return multiply_no_nan(dz, y), multiply_no_nan(x, dz)


def reciprocal_no_nan(x: Any, name: str | None = None) -> Any:
    """y = 1 / x, and 0 where x is 0"""
    from ..convert import convert_to_tensor

    with scope(name, "reciprocal_no_nan", [x]) as full:
        x = convert_to_tensor(x, name="x")
        return divide_no_nan(_one(x), x, name=full or None)


def _one(x: Any) -> Any:
    from .constant import constant

    return constant(1, x.dtype.base_dtype, name="one")


@op("Xlogy", "T, T -> T where T: float|complex", shape=broadcast, analytic=True)
def xlogy(xp, x, y):
    """z = x log y, and 0 where x is 0"""
    return _unless_zero(xp, x, lambda y: x * xp.log(y), y)


@op("Xlog1py", "T, T -> T where T: float|complex", shape=broadcast, analytic=True)
def xlog1py_op(xp, x, y):
    """z = x log(1 + y), and 0 where x is 0"""
    return _unless_zero(xp, x, lambda y: x * xp.log1p(y), y)


@op("Xdivy", "T, T -> T where T: float|complex", shape=broadcast, analytic=True)
def xdivy_op(xp, x, y):
    """z = x / y, and 0 where x is 0"""
    return _unless_zero(xp, x, lambda y: x / y, y)


def _unless_zero(xp: Any, x: Any, function: Any, y: Any) -> Any:
    zero = x == 0
    return xp.where(zero, xp.zeros((), x.dtype), function(xp.where(zero, xp.ones((), y.dtype), y)))


def _is_not_zero(x: Any) -> Any:
    from .cast import cast
    from .logic import not_equal

    return cast(not_equal(x, 0), x.dtype)


@xlogy.gradient  # ∂z/∂x = log y,  ∂z/∂y = x/y, both 0 where x is 0
def _(op, dz):
    x, y = op.inputs
    return dz * xlogy(_is_not_zero(x), y), dz * xdivy(x, y)


@xlog1py_op.gradient
def _(op, dz):
    x, y = op.inputs
    return dz * xlog1py(_is_not_zero(x), y), dz * xdivy(x, y + 1)


@xdivy_op.gradient  # ∂z/∂x = 1/y,  ∂z/∂y = −x/y²
def _(op, dz):
    x, y = op.inputs
    return dz * xdivy(_is_not_zero(x), y), dz * xdivy(xdivy(-x, y), y)


def xdivy(x: Any, y: Any, name: str | None = None) -> Any:
    """z = x / y, and 0 where x is 0"""
    with scope(name, "xdivy", [x, y]):
        return xdivy_op(x, y)


def xlog1py(x: Any, y: Any, name: str | None = None) -> Any:
    """z = x log(1 + y), and 0 where x is 0"""
    with scope(name, "xlog1py", [x, y]):
        return xlog1py_op(x, y)
