"""Arithmetic, element by element: the first file to read.

Each op is one stanza: signature, kernel, and right below it the gradient.  `xp` is the array library that runs the
kernel (`numpy` here, `jax.numpy` under XLA); a gradient is written with the ops themselves, so it is part of the graph
and can be differentiated again.  Where operands were broadcast, the driver in gradients.py sums the gradient back:
the rule of `add` is just ``return dz, dz``.  ``analytic=True`` says that the rule holds for complex numbers too.  The
course tells the story in chapters 1 and 6.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import shapes
from ..convert import convert_to_tensor
from ..errors import InvalidArgumentError
from ..faults import found
from ..graph import Tensor
from ..names import scope
from ..op import op
from ..shapes import broadcast, same

# Arithmetic


@op("AddV2", "T, T -> T where T: float|complex|int|string", shape=broadcast, name="Add")
def add(xp, x, y):
    """z = x + y; strings are joined"""
    z = xp.add(x, y)
    return z if hasattr(z, "dtype") else np.array(z, object)


@add.gradient  # ∂z/∂x = ∂z/∂y = 1
def _(op, dz):
    return dz, dz


@op("Sub", "T, T -> T where T: float|complex|int", shape=broadcast)
def subtract(xp, x, y):
    """z = x − y"""
    return xp.subtract(x, y)


@subtract.gradient
def _(op, dz):
    return dz, -dz


@op("Mul", "T, T -> T where T: float|complex|int", shape=broadcast, analytic=True)
def multiply(xp, x, y):
    """z = x · y"""
    return xp.multiply(x, y)


@multiply.gradient  # ∂z/∂x = y,  ∂z/∂y = x
def _(op, dz):
    x, y = op.inputs
    return dz * y, dz * x


@op("RealDiv", "T, T -> T where T: float|complex", shape=broadcast, analytic=True)
def real_divide(xp, x, y):
    """z = x / y  (floating and complex)"""
    return xp.divide(x, y)


@real_divide.gradient  # ∂z/∂x = 1/y,  ∂z/∂y = −x/y²
def _(op, dz):
    x, y = op.inputs
    return dz / y, dz * (-x / y / y)


realdiv = real_divide


def truediv(x, y, name: str | None = None) -> Any:
    """z = x / y, for integers too: they are converted to floating first (8 and 16 bits to float32, others float64).

    >>> import tensorglass as tg
    >>> tg.truediv([7, 8], 2).numpy()
    array([3.5, 4. ])
    """
    from .cast import cast

    if _both_floating(x, y):
        return real_divide(x, y, name=name or "truediv")
    with scope(name, "truediv", [x, y]) as full:
        x, y = _same_type(x, y)
        dtype = x.dtype.base_dtype
        if dtype.is_integer:
            wide = "float32" if dtype.size < 4 else "float64"
            x, y = cast(x, wide), cast(y, wide)
        elif dtype.is_bool or dtype.name == "string":
            raise TypeError(f"Invalid dtype {dtype!r} in __truediv__: it divides numbers.")
        return real_divide(x, y, name=full or None)


def _both_floating(x: Any, y: Any) -> bool:
    """Whether `x` is a floating or complex tensor and `y` one of its type."""
    same = isinstance(x, Tensor) and isinstance(y, Tensor) and x._dtype is y._dtype
    return same and not x._dtype.is_integer and x._dtype.is_differentiable


def divide(x, y, name: str | None = None) -> Any:
    """z = x / y by Python's rules: `truediv`."""
    return truediv(x, y, name)


def div(x, y, name: str | None = None) -> Any:
    """z = x / y by Python 2's rules (TensorFlow 1): the floor of the quotient for integers, `truediv` for floats."""
    with scope(name, "div", [x, y]) as full:
        x, y = _same_type(x, y)
        function = floor_div if x.dtype.base_dtype.is_integer else real_divide
        return function(x, y, name=full or None)


def _same_type(x: Any, y: Any) -> tuple[Tensor, Tensor]:
    """Both as tensors, a literal taking the type of a tensor beside it."""
    if hasattr(y, "dtype") and not hasattr(x, "dtype"):
        y = convert_to_tensor(y, name="y")
        return convert_to_tensor(x, y.dtype.base_dtype, name="x"), y
    x = convert_to_tensor(x, name="x")
    typed = isinstance(y, Tensor) or hasattr(y, "_to_tensor")
    y = convert_to_tensor(y, None if typed else x.dtype.base_dtype, name="y")
    if x.dtype.base_dtype is not y.dtype.base_dtype and "untyped" not in (x.dtype.name, y.dtype.name):
        raise TypeError(f"x and y must have the same dtype, got {x.dtype!r} != {y.dtype!r}")
    return x, y


def _no_zero(xp: Any, y: Any) -> None:
    """Integers have no infinity: dividing them by zero is an error."""
    if y.dtype.kind in "iu" and found(~y.all()):
        raise InvalidArgumentError(None, None, "Integer division by zero")


@op("FloorDiv", "T, T -> T where T: float|int", shape=broadcast)
def floor_div(xp, x, y):
    """z = ⌊x / y⌋"""
    _no_zero(xp, y)
    return xp.floor_divide(x, y) if x.dtype.kind in "iu" else xp.floor(xp.divide(x, y))


@floor_div.gradient  # constant between the jumps
def _(op, dz):
    return None, None


def floordiv(x, y, name: str | None = None) -> Any:
    """z = ⌊x / y⌋: `floor_div` under the name of Python's operator."""
    return floor_div(x, y, name=name or "floordiv")


@op("FloorMod", "T, T -> T where T: float|int", shape=broadcast)
def floormod(xp, x, y):
    """z = x − ⌊x / y⌋ · y: the remainder with the sign of y"""
    _no_zero(xp, y)
    return xp.mod(x, y)


@floormod.gradient  # ∂z/∂x = 1,  ∂z/∂y = −⌊x/y⌋
def _(op, dz):
    x, y = op.inputs
    return dz, dz * -floordiv(x, y)


mod = floormod


@op("TruncateDiv", "T, T -> T where T: float|int", shape=broadcast, differentiable=False)
def truncatediv(xp, x, y):
    """z = x / y rounded towards zero"""
    _no_zero(xp, y)
    if x.dtype.kind == "f":
        return xp.trunc(xp.divide(x, y))
    quotient = xp.floor_divide(x, y)
    upwards = (quotient * y != x) & ((x < 0) != (y < 0))
    return quotient + upwards.astype(x.dtype)


@op("TruncateMod", "T, T -> T where T: float|index", shape=broadcast)
def truncatemod(xp, x, y):
    """z = x − trunc(x / y) · y: the remainder with the sign of x"""
    _no_zero(xp, y)
    return xp.fmod(x, y)


@truncatemod.gradient
def _(op, dz):
    x, y = op.inputs
    return dz, dz * (truncatemod(x, y) - x) / y


@op("Pow", "T, T -> T where T: float|complex|int", shape=broadcast, analytic=True)
def pow(xp, x, y):
    """z = xʸ"""
    if y.dtype.kind == "i" and found((y < 0).any()):
        raise InvalidArgumentError(None, None, "Integers to negative integer powers are not allowed")
    return xp.power(x, y)


@pow.gradient  # ∂z/∂x = y xʸ⁻¹,  ∂z/∂y = z log x  (0 where x is 0, as 0ʸ = 0 for y > 0; complex keeps all but 0)
def _(op, dz):
    from .cast import is_complex
    from .constant import ones_like, zeros_like
    from .logic import greater, not_equal, where

    x, y = op.inputs
    z = op.outputs[0]
    positive = not_equal(x, zeros_like(x)) if is_complex(x) else greater(x, zeros_like(x))
    log_x = where(positive, log(where(positive, x, ones_like(x))), zeros_like(x))
    return dz * y * pow(x, y - 1), dz * z * log_x


@op("Maximum", "T, T -> T where T: float|int", shape=broadcast)
def maximum(xp, x, y):
    """z = max(x, y); NaN where either is NaN"""
    return xp.maximum(x, y)


@maximum.gradient  # to the larger one; to x where they are equal
def _(op, dz):
    from .logic import greater_equal

    x, y = op.inputs
    return _chosen(greater_equal(x, y), dz)


@op("Minimum", "T, T -> T where T: float|int", shape=broadcast)
def minimum(xp, x, y):
    """z = min(x, y); NaN where either is NaN"""
    return xp.minimum(x, y)


@minimum.gradient  # to the smaller one; to x where they are equal
def _(op, dz):
    from .logic import less_equal

    x, y = op.inputs
    return _chosen(less_equal(x, y), dz)


def _chosen(takes_x: Any, dz: Any) -> tuple[Any, Any]:
    from .logic import where

    return where(takes_x, dz, 0), where(takes_x, 0, dz)


@op("SquaredDifference", "T, T -> T where T: float|complex|int", shape=broadcast)
def squared_difference(xp, x, y):
    """z = (x − y)²  (for complex numbers |x − y|²)"""
    d = xp.subtract(x, y)
    return (xp.square(d.real) + xp.square(d.imag)).astype(d.dtype) if d.dtype.kind == "c" else d * d


@squared_difference.gradient  # ∂z/∂x = 2(x − y) = −∂z/∂y
def _(op, dz):
    x, y = op.inputs
    dx = dz * 2 * (x - y)
    return dx, -dx


@op("AddN", "N*T -> T where T: float|complex|int", shape=shapes.merged)
def add_n_op(xp, inputs):
    """y = Σᵢ xᵢ over a list of tensors of one shape"""
    total = inputs[0]
    for i, x in enumerate(inputs[1:], 1):
        if x.shape != total.shape:
            raise ValueError(
                "Inputs to operation AddN must have the same size and shape.  Input 0: "
                f"{shapes.text(total.shape)} != input {i}: {shapes.text(x.shape)}"
            )
        total = xp.add(total, x)
    return xp.array(total) if len(inputs) == 1 else total


@add_n_op.gradient
def _(op, dy):
    return [dy] * len(op.inputs)


def add_n(inputs, name: str | None = None) -> Any:
    """y = Σᵢ xᵢ over a list of tensors of one shape (nothing is broadcast)

    >>> import tensorglass as tg
    >>> tg.add_n([[1, 2], [3, 4], [5, 6]]).numpy().tolist()
    [9, 12]
    """
    inputs = [convert_to_tensor(x) for x in inputs]
    if not inputs:
        raise ValueError(
            "Inputs must be an iterable of at least one Tensor/IndexedSlices with the same dtype and shape."
        )
    if len(inputs) == 1:
        return inputs[0] if name is None else _identity(inputs[0], name)
    return add_n_op(inputs, name=name)


def _identity(x: Any, name: str) -> Any:
    from .array import identity

    return identity(x, name=name)


@op("Neg", "T -> T where T: float|complex|signed", shape=same)
def negative(xp, x):
    """y = −x"""
    return xp.negative(x)


@negative.gradient
def _(op, dy):
    return -dy


@op("Abs", "T -> T where T: float|signed", shape=same)
def real_abs(xp, x):
    """y = |x|; `abs` of complex.py takes complex numbers too"""
    return xp.abs(x)


@real_abs.gradient  # sign x, taken as 0 at 0
def _(op, dy):
    return dy * real_sign(op.inputs[0])


@op("Sign", "T -> T where T: float|signed", shape=same)
def real_sign(xp, x):
    """y = −1, 0 or 1 as x is negative, zero or positive; `sign` of complex.py takes complex numbers too"""
    return xp.sign(x)


@real_sign.gradient  # constant between the jumps
def _(op, dy):
    from .constant import zeros_like

    return zeros_like(dy)


@op("Square", "T -> T where T: float|complex|int", shape=same, analytic=True)
def square(xp, x):
    """y = x²"""
    return xp.square(x)


@square.gradient
def _(op, dy):
    return dy * (op.inputs[0] * 2)


@op("Sqrt", "T -> T where T: float|complex", shape=same, analytic=True)
def sqrt(xp, x):
    """y = √x"""
    return xp.sqrt(x)


@sqrt.gradient  # 1 / (2y)
def _(op, dy):
    return dy * 0.5 / op.outputs[0]


@op("Rsqrt", "T -> T where T: float|complex", shape=same, analytic=True)
def rsqrt(xp, x):
    """y = 1 / √x"""
    return 1 / xp.sqrt(x)


@rsqrt.gradient  # −y³ / 2
def _(op, dy):
    y = op.outputs[0]
    return dy * -0.5 * y * y * y


@op("Reciprocal", "T -> T where T: float|complex", shape=same, analytic=True)
def reciprocal(xp, x):
    """y = 1 / x"""
    return xp.reciprocal(x)


@reciprocal.gradient  # −y²
def _(op, dy):
    y = op.outputs[0]
    return -dy * y * y


# Exponentials and logarithms


@op("Exp", "T -> T where T: float|complex", shape=same, analytic=True)
def exp(xp, x):
    """y = eˣ"""
    return xp.exp(x)


@exp.gradient  # eˣ is its own derivative
def _(op, dy):
    return dy * op.outputs[0]


@op("Expm1", "T -> T where T: float|complex", shape=same, analytic=True)
def expm1(xp, x):
    """y = eˣ − 1, exact for small x too"""
    return xp.expm1(x)


@expm1.gradient
def _(op, dy):
    return dy * exp(op.inputs[0])


@op("Log", "T -> T where T: float|complex", shape=same, analytic=True)
def log(xp, x):
    """y = ln x"""
    return xp.log(x)


@log.gradient
def _(op, dy):
    return dy / op.inputs[0]


@op("Log1p", "T -> T where T: float|complex", shape=same, analytic=True)
def log1p(xp, x):
    """y = ln(1 + x), exact for small x too"""
    return xp.log1p(x)


@log1p.gradient
def _(op, dy):
    return dy / (op.inputs[0] + 1)


# Rounding: constant between the jumps, so no gradient passes


@op("Floor", "T -> T where T: float", shape=same)
def floor(xp, x):
    """y = ⌊x⌋"""
    return xp.floor(x)


@op("Ceil", "T -> T where T: float", shape=same)
def ceil(xp, x):
    """y = ⌈x⌉"""
    return xp.ceil(x)


@op("Rint", "T -> T where T: float", shape=same)
def rint(xp, x):
    """y = the nearest integer; halves go to the even one"""
    return xp.rint(x)


@op("Round", "T -> T where T: float", shape=same)
def round_op(xp, x):
    """y = the nearest integer; halves go to the even one (banker's rounding)"""
    return xp.rint(x)


@floor.gradient
@ceil.gradient
@rint.gradient
@round_op.gradient
def _(op, dy):
    return None


def round(x, name: str | None = None) -> Any:
    """y = the nearest integer; halves go to the even one (banker's rounding); integers stay as they are

    >>> import tensorglass as tg
    >>> tg.round([0.5, 1.5, 2.5]).numpy()
    array([0., 2., 2.], dtype=float32)
    """
    x = convert_to_tensor(x, name="x")
    return x if x.dtype.base_dtype.is_integer else round_op(x, name=name)


def clip_by_value(t, clip_value_min, clip_value_max, name: str | None = None) -> Any:
    """y = max(min(t, clip_value_max), clip_value_min)

    The limits are scalars or broadcast to the shape of `t`; the gradient is 1 inside and at the limits, 0 outside.
    """
    from ..indexed_slices import IndexedSlices

    if isinstance(t, IndexedSlices):
        values = clip_by_value(t.values, clip_value_min, clip_value_max, name)
        return IndexedSlices(values, t.indices, t.dense_shape)
    with scope(name, "clip_by_value", [t, clip_value_min, clip_value_max]) as full:
        t = convert_to_tensor(t, name="t")
        low = minimum(t, clip_value_max)
        _keeps_shape(t, low)
        clipped = maximum(low, clip_value_min, name=full or None)
        _keeps_shape(t, clipped)
        return clipped


def _keeps_shape(t: Tensor, clipped: Tensor) -> None:
    if not shapes.compatible(t._shape, clipped._shape):
        raise ValueError(f"Shapes {t.shape} and {clipped.shape} are incompatible: the limits must broadcast to t")
