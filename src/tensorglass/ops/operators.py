"""Python's operators on tensors, variables and operations: ``x + 1``, ``a @ b``, ``-x``, ``x[1:, 0]``.

A Python or NumPy value beside a tensor takes the tensor's type, on either side.
"""

from __future__ import annotations

from typing import Any

from .. import context
from ..convert import convert_to_tensor
from ..graph import Operators, Tensor
from . import elementwise, linalg


def _binary(symbol: str, function: Any, name: str) -> None:
    def forward(x: Any, y: Any) -> Any:
        return NotImplemented if y is None else function(x, y, name=name)

    def reflected(y: Any, x: Any) -> Any:
        return NotImplemented if x is None else function(x, y, name=name)

    setattr(Operators, f"__{symbol}__", forward)
    setattr(Operators, f"__r{symbol}__", reflected)


_binary("add", elementwise.add, "add")
_binary("sub", elementwise.subtract, "sub")
_binary("mul", elementwise.multiply, "mul")
_binary("truediv", elementwise.truediv, "truediv")
_binary("floordiv", elementwise.floordiv, "floordiv")
_binary("mod", elementwise.floormod, "mod")
_binary("pow", elementwise.pow, "pow")
_binary("matmul", linalg.matmul, "matmul")
Operators.__neg__ = lambda x: elementwise.negative(x)  # type: ignore[attr-defined]
