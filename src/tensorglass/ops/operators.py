"""Python's operators on tensors, variables and operations: ``x + 1``, ``a @ b``, ``-x``, ``x < y``.

A Python or NumPy value beside a tensor takes the tensor's type, on either side.  ``x[1:, 0]`` is in indexing.py.
"""

from __future__ import annotations

from typing import Any

from .. import context
from ..convert import convert_to_tensor
from ..dtypes import untyped
from ..graph import Operation, Operators
from ..names import scope
from ..shapes import broadcast_shapes
from . import complex, elementwise, linalg, logic

# Arithmetic


def _binary(symbol: str, function: Any, name: str) -> None:
    """Install an operator with its reflected form (``2 - x``)."""

    def forward(x: Any, y: Any) -> Any:
        return function(x, y, name=name)

    def reflected(y: Any, x: Any) -> Any:
        return function(x, y, name=name)

    setattr(Operators, f"__{symbol}__", forward)
    setattr(Operators, f"__r{symbol}__", reflected)


def _matmul(x: Any, y: Any, name: str | None = None) -> Any:
    """``x @ y``: strict, but where an untyped placeholder tells its rank only when it runs."""
    loose = any(getattr(v, "dtype", None) is untyped for v in (x, y))
    return (linalg.root_matmul if loose else linalg.matmul)(x, y, name=name)


_binary("add", elementwise.add, "add")
_binary("sub", elementwise.subtract, "sub")
_binary("mul", elementwise.multiply, "mul")
_binary("truediv", elementwise.truediv, "truediv")
_binary("floordiv", elementwise.floordiv, "floordiv")
_binary("mod", elementwise.floormod, "mod")
_binary("pow", elementwise.pow, "pow")
_binary("matmul", _matmul, "matmul")


# Logic: of booleans, and bit by bit of integers


def _logical(symbol: str, of_bools: Any, of_bits: Any) -> None:
    def apply(x: Any, y: Any, name: str) -> Any:
        one = convert_to_tensor(x if isinstance(x, Operators) else y)
        if not one.dtype.base_dtype.is_bool:
            with scope(None, name, [x, y]):
                return of_bits(x, y)
        if of_bools is not logic.logical_xor:
            return of_bools(x, y, name=name)
        with scope(None, name, [x, y]) as full:  # for the several ops that it is made of
            x, y = convert_to_tensor(x, one.dtype, name="x"), convert_to_tensor(y, one.dtype, name="y")
            return of_bools(x, y, name=full or name)

    _binary(symbol, apply, symbol)


_logical("and", logic.logical_and, logic.bitwise_and)
_logical("or", logic.logical_or, logic.bitwise_or)
_logical("xor", logic.logical_xor, logic.bitwise_xor)


def _invert(x: Any) -> Any:
    return (logic.logical_not if x.dtype.base_dtype.is_bool else logic.invert)(x)


# Comparisons.  `<` and its like always compare elements; `==` does so for eager tensors under TensorFlow 2's rules
# (`context.tensor_equality`) and means identity for the tensors of a graph, whose values nobody knows yet.


def _comparison(function: Any) -> Any:
    return lambda x, y: function(x, y)


def _compares_elements(x: Any) -> bool:
    if not context.tensor_equality() or isinstance(x, Operation):
        return False
    if hasattr(x, "_array"):  # an eager tensor
        return True
    graph = x._symbolic_graph() if hasattr(x, "_symbolic_graph") else x.graph
    return graph is None or getattr(graph, "building_function", False)


def _equality(function: Any, otherwise: bool) -> Any:
    """``==`` (`otherwise` False) or ``!=`` (True): what they say about things that cannot be equal."""

    def compare(x: Any, y: Any) -> Any:
        if y is None:
            return otherwise
        if not _compares_elements(x):
            return (x is y) is not otherwise
        x = convert_to_tensor(x)
        y = convert_to_tensor(y, None if isinstance(y, Operators) else x.dtype.base_dtype)
        try:
            broadcast_shapes(x._shape, y._shape)
        except ValueError:  # of different shapes, so not equal
            return convert_to_tensor(otherwise)
        return function(x, y)

    return compare


def _install() -> None:
    methods: dict[str, Any] = {
        "neg": lambda x: elementwise.negative(x),
        "abs": lambda x: complex.abs(x),
        "invert": _invert,
        "lt": _comparison(logic.less),
        "le": _comparison(logic.less_equal),
        "gt": _comparison(logic.greater),
        "ge": _comparison(logic.greater_equal),
        "eq": _equality(logic.equal, False),
        "ne": _equality(logic.not_equal, True),
    }
    for name, method in methods.items():
        setattr(Operators, f"__{name}__", method)


_install()
