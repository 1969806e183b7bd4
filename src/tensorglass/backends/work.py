"""How long a step of a plan takes, roughly: on NumPy, and as part of a compiled plan.

The estimate looks at op types and sizes and never at a clock, so that a program always makes the same choices.  The
numbers are a desktop processor's, taken from runs of both backends; the decision needs them right within a factor of
two.  Where the two backends run the same code at the same speed (sorting, gathering, decompositions) nothing is saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod, sqrt
from typing import Any

from ..plan import Step

COMPILING = 1.5, 0.015  # seconds: importing and starting JAX with a first small plan; each step of a plan
LAUNCH = 15e-6, 2e-6  # seconds: one call of a compiled piece; each array handed over
_STEP = 1.5e-6, 0.3e-6  # seconds of one step apart from its arithmetic: NumPy, compiled
_PASS = 0.5e-9, 0.17e-9  # seconds to bring one float32 through one operation
_PRODUCT = 1 / 200e9, 1 / 400e9  # seconds of one multiplication or addition of a matrix product
_CONVOLUTION = 1 / 40e9, 1 / 100e9

# Operations an element goes through, where one is far off: NumPy does them one by one, XLA together.
_PASSES = {
    "Exp": 4, "Log": 4, "Log1p": 6, "Expm1": 6, "Tanh": 6, "Sigmoid": 8, "Erf": 20, "Pow": 12, "Sin": 6, "Cos": 6,
    "Softplus": 10, "Elu": 8, "Selu": 8, "Softmax": 8, "LogSoftmax": 10, "SoftmaxCrossEntropyWithLogits": 12,
    "SparseSoftmaxCrossEntropyWithLogits": 10, "SigmoidCrossEntropyWithLogits": 14, "FusedBatchNormV3": 8,
    "FusedBatchNormGradV3": 12, "ApplyAdam": 12, "ApplyRMSProp": 9, "ApplyMomentum": 4, "ApplyAdagrad": 5,
    "ApplyFtrl": 20, "RandomUniform": 40, "RandomStandardNormal": 70, "TruncatedNormal": 120, "MaxPool": 6,
    "MaxPoolGrad": 12, "AvgPool": 6, "AvgPoolGrad": 6, "LRN": 20,
}  # fmt: skip
_NOTHING_MOVES = {"Reshape", "ReshapeLike", "Squeeze", "ExpandDims", "Identity", "StopGradient", "Shape", "Size"}
_NOTHING_SAVED = {
    "ArgSort", "TopKV2", "NthElement", "Cholesky", "Svd", "Qr", "SelfAdjointEigV2", "MatrixInverse", "MatrixSolve",
    "MatrixSolveLs", "MatrixTriangularSolve", "MatrixDeterminant", "LogMatrixDeterminant", "GatherV2", "GatherNd",
    "GatherGrad", "ScatterNd", "Unique", "Where", "Cumsum", "Cumprod", "DynamicPartition", "DynamicStitch",
}  # fmt: skip


def seconds(step: Step, operands: Sequence[Any], result: Any) -> tuple[float, float]:
    """Estimated time of `step` on these operands: (on NumPy, compiled)."""
    kind = step.op.type
    results = result if isinstance(result, (tuple, list)) else (result,)
    flops = _products(step, operands, results)
    if flops:
        rates = _CONVOLUTION if "onv" in kind else _PRODUCT
        return _STEP[0] + flops * rates[0], _STEP[1] + flops * rates[1]
    if kind in _NOTHING_MOVES:
        return _STEP
    moved = max((_size(a) * a.dtype.itemsize / 4 for a in (*operands, *results) if hasattr(a, "dtype")), default=0)
    passes = _PASSES.get(kind, 1)
    calls = min(passes, 10)  # a kernel of many operations is about as many calls
    numpy = calls * _STEP[0] + moved * passes * _PASS[0]
    if kind in _NOTHING_SAVED or kind.startswith(("Scatter", "Segment", "UnsortedSegment", "Sparse", "TensorScatter")):
        return numpy, numpy
    return numpy, _STEP[1] + moved * (1 + (passes - 1) / 2) * _PASS[1]


def _size(array: Any) -> int:
    return getattr(array, "size", 0)


def _products(step: Step, operands: Sequence[Any], results: Sequence[Any]) -> float:
    """Multiplications and additions of a matrix product or a convolution; 0 for any other op."""
    kind = step.op.type
    if kind in ("MatMul", "BatchMatMulV2", "AnyMatMul", "AnyMatMulLeft", "AnyMatMulRight"):
        arrays = (*operands[:2], results[0])
        batch = max(1, *(prod(getattr(a, "shape", ())[:-2]) for a in arrays))
        return 2 * sqrt(prod(float(_size(a)) for a in arrays) / batch)  # (m·k)(k·n)(m·n) is (m·k·n)²
    if kind in ("Einsum", "EinsumBack"):
        return _einsum(step, list(operands))
    if "onv2" in kind:  # Conv2D, DepthwiseConv2dNative, and their two transposes
        filters = results[0] if kind.endswith("Filter") else operands[1]
        grid = operands[-1] if "Backprop" in kind else results[0]
        window = prod(filters.shape[:2] if kind.startswith("Depthwise") else filters.shape[:3])
        return 2.0 * _size(grid) * window
    return 0.0


def _einsum(step: Step, arrays: list[Any]) -> float:
    equation: str = step.op.attrs["equation"]
    if step.op.type == "EinsumBack":  # as much as forward: the operands are (ȳ, the others, the one it is for)
        like = arrays.pop()
        arrays = [*arrays[1:], like] if step.op.attrs["operand"] else [like, *arrays[1:]]
    sizes: dict[str, int] = {}
    for term, array in zip(equation.partition("->")[0].split(","), arrays, strict=True):
        letters, shape = term.replace(" ", ""), array.shape
        if "." not in letters:
            sizes.update(zip(letters, shape, strict=True))
        else:  # what the dots stand for, each once
            before, _, after = letters.partition("...")
            sizes.update(zip(before, shape, strict=False))
            sizes.update(zip(reversed(after), reversed(shape), strict=False))
            dots = shape[len(before) : len(shape) - len(after)]
            sizes.update({f"{i}": max(n, sizes.get(f"{i}", 1)) for i, n in enumerate(reversed(dots))})
    return 2.0 * prod(sizes.values())
