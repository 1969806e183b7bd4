"""Angles and hyperbolas: sine, cosine, tangent, their hyperbolic twins, and all inverses."""

from __future__ import annotations

from ..op import op
from ..shapes import broadcast, same
from .elementwise import reciprocal, sqrt, square


@op("Sin", "T -> T where T: float|complex", shape=same, analytic=True)
def sin(xp, x):
    """y = sin x"""
    return xp.sin(x)


@sin.gradient  # cos x
def _(op, dy):
    return dy * cos(op.inputs[0])


@op("Cos", "T -> T where T: float|complex", shape=same, analytic=True)
def cos(xp, x):
    """y = cos x"""
    return xp.cos(x)


@cos.gradient  # −sin x
def _(op, dy):
    return -dy * sin(op.inputs[0])


@op("Tan", "T -> T where T: float|complex", shape=same, analytic=True)
def tan(xp, x):
    """y = tan x"""
    return xp.tan(x)


@tan.gradient  # 1 / cos² x
def _(op, dy):
    return dy * square(reciprocal(cos(op.inputs[0])))


@op("Asin", "T -> T where T: float|complex", shape=same, analytic=True)
def asin(xp, x):
    """y = arcsin x, in [−π/2, π/2]"""
    return xp.arcsin(x)


@asin.gradient  # 1 / √(1 − x²)
def _(op, dy):
    return dy / sqrt(1 - square(op.inputs[0]))


@op("Acos", "T -> T where T: float|complex", shape=same, analytic=True)
def acos(xp, x):
    """y = arccos x, in [0, π]"""
    return xp.arccos(x)


@acos.gradient  # −1 / √(1 − x²)
def _(op, dy):
    return -dy / sqrt(1 - square(op.inputs[0]))


@op("Atan", "T -> T where T: float|complex", shape=same, analytic=True)
def atan(xp, x):
    """y = arctan x, in (−π/2, π/2)"""
    return xp.arctan(x)


@atan.gradient  # 1 / (1 + x²)
def _(op, dy):
    return dy / (1 + square(op.inputs[0]))


@op("Atan2", "T, T -> T where T: float", shape=broadcast)
def atan2(xp, y, x):
    """z = the angle of the point (x, y), in [−π, π]"""
    return xp.arctan2(y, x)


@atan2.gradient  # ∂z/∂y = x / (x² + y²),  ∂z/∂x = −y / (x² + y²)
def _(op, dz):
    y, x = op.inputs
    scale = dz / (square(x) + square(y))
    return x * scale, -y * scale


@op("Sinh", "T -> T where T: float|complex", shape=same, analytic=True)
def sinh(xp, x):
    """y = sinh x = (eˣ − e⁻ˣ) / 2"""
    return xp.sinh(x)


@sinh.gradient  # cosh x
def _(op, dy):
    return dy * cosh(op.inputs[0])


@op("Cosh", "T -> T where T: float|complex", shape=same, analytic=True)
def cosh(xp, x):
    """y = cosh x = (eˣ + e⁻ˣ) / 2"""
    return xp.cosh(x)


@cosh.gradient  # sinh x
def _(op, dy):
    return dy * sinh(op.inputs[0])


@op("Asinh", "T -> T where T: float|complex", shape=same, analytic=True)
def asinh(xp, x):
    """y = arsinh x"""
    return xp.arcsinh(x)


@asinh.gradient  # 1 / cosh y
def _(op, dy):
    return dy / cosh(op.outputs[0])


@op("Acosh", "T -> T where T: float|complex", shape=same, analytic=True)
def acosh(xp, x):
    """y = arcosh x, for x ≥ 1"""
    return xp.arccosh(x)


@acosh.gradient  # 1 / sinh y
def _(op, dy):
    return dy / sinh(op.outputs[0])


@op("Atanh", "T -> T where T: float|complex", shape=same, analytic=True)
def atanh(xp, x):
    """y = artanh x, for −1 < x < 1"""
    return xp.arctanh(x)


@atanh.gradient  # 1 / (1 − x²)
def _(op, dy):
    return dy / (1 - square(op.inputs[0]))
