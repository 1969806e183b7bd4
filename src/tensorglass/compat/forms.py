"""TensorFlow 1's forms of functions: arguments in its order, under the names they had once.

``tf.reduce_sum(x, reduction_indices=1, keep_dims=True)`` and ``tf.argmax(x, dimension=1)`` are what old programs say.
`form` makes such a function out of today's; it is for `compat.v1` only.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from itertools import takewhile
from typing import Any

from .. import convert
from ..ops import arrange, array, blocks, checks, constant, control, gather as rows, measures, reduce


def form(function: Callable, order: str, **renamed: str) -> Callable:
    """`function` with TensorFlow 1's parameters in `order`; ``old="new"`` maps a deprecated name to today's.

    ValueError when an argument comes under both names.  An argument of None counts as not given, and one that today's
    function has no use for is let go.
    """
    names = order.split()
    allowed = set(names)
    empty = inspect.Parameter.empty
    defaults = {p.name: p.default for p in inspect.signature(function).parameters.values()}
    leading = list(takewhile(lambda n: defaults.get(n) is empty and n not in renamed.values(), names))

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if len(args) > len(names):
            raise TypeError(f"{function.__name__}() takes at most {len(names)} arguments ({len(args)} given)")
        given = dict(zip(names, args, strict=False))
        for key, value in kwargs.items():
            if key in given:
                raise TypeError(f"{function.__name__}() got multiple values for argument '{key}'")
            if key not in allowed:
                raise TypeError(f"{function.__name__}() got an unexpected keyword argument '{key}'")
            given[key] = value
        for old, new in renamed.items():
            value = given.pop(old, None)
            if value is not None:
                if given.get(new) is not None:
                    raise ValueError(f"Cannot specify both '{old}' and '{new}'")
                given[new] = value
        given = {k: v for k, v in given.items() if k in leading or (v is not None and k in defaults)}
        return function(**given)

    call.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=_default(n, leading, defaults))
            for n in names
        ]
    )
    return call


def _default(name: str, leading: list[str], defaults: dict[str, Any]) -> Any:
    """The default that `help()` shows: none for the leading operands, None for a name that is only an old spelling."""
    if name in leading:
        return inspect.Parameter.empty
    value = defaults.get(name)
    return None if value is inspect.Parameter.empty else value


_REDUCTION = "input_tensor axis keepdims name reduction_indices keep_dims"
_reduction = {"reduction_indices": "axis", "keep_dims": "keepdims"}

reduce_sum = form(reduce.reduce_sum, _REDUCTION, **_reduction)
reduce_mean = form(reduce.reduce_mean, _REDUCTION, **_reduction)
reduce_prod = form(reduce.reduce_prod, _REDUCTION, **_reduction)
reduce_max = form(reduce.reduce_max, _REDUCTION, **_reduction)
reduce_min = form(reduce.reduce_min, _REDUCTION, **_reduction)
reduce_all = form(reduce.reduce_all, _REDUCTION, **_reduction)
reduce_any = form(reduce.reduce_any, _REDUCTION, **_reduction)
reduce_logsumexp = form(measures.reduce_logsumexp, _REDUCTION, **_reduction)
count_nonzero = form(
    measures.count_nonzero,
    "input_tensor axis keepdims dtype name reduction_indices keep_dims input",
    input_tensor="input",
    **_reduction,
)
argmax = form(measures.argmax, "input axis name dimension output_type", dimension="axis")
argmin = form(measures.argmin, "input axis name dimension output_type", dimension="axis")
norm = form(measures.norm, "tensor ord axis keepdims name keep_dims", keep_dims="keepdims")
expand_dims = form(array.expand_dims, "input axis name dim", dim="axis")
squeeze = form(array.squeeze, "input axis name squeeze_dims", squeeze_dims="axis")
transpose = form(arrange.transpose, "a perm name conjugate")
pad = form(arrange.pad, "tensor paddings mode name constant_values")
shape = form(array.shape, "input name out_type optimize")
size = form(array.size, "input name out_type")
zeros_like = form(constant.zeros_like, "tensor dtype name optimize", tensor="input")
ones_like = form(constant.ones_like, "tensor dtype name optimize", tensor="input")
convert_to_tensor = form(
    convert.convert_to_tensor, "value dtype name preferred_dtype dtype_hint", preferred_dtype="dtype_hint"
)
tuple = form(control.tuple, "tensors name control_inputs")
gather_nd = form(rows.gather_nd, "params indices name batch_dims")
boolean_mask = form(rows.boolean_mask, "tensor mask name axis")
reverse_sequence = form(
    arrange.reverse_sequence,
    "input seq_lengths seq_axis batch_axis name seq_dim batch_dim",
    seq_dim="seq_axis",
    batch_dim="batch_axis",
)
_PAIR = "x y data summarize message name"
_ONE = "x data summarize message name"
_RANK = "x rank data summarize message name"

assert_equal = form(checks.assert_equal, _PAIR)
assert_none_equal = form(checks.assert_none_equal, _PAIR)
assert_less = form(checks.assert_less, _PAIR)
assert_less_equal = form(checks.assert_less_equal, _PAIR)
assert_greater = form(checks.assert_greater, _PAIR)
assert_greater_equal = form(checks.assert_greater_equal, _PAIR)
assert_near = form(checks.assert_near, "x y rtol atol data summarize message name")
assert_negative = form(checks.assert_negative, _ONE)
assert_positive = form(checks.assert_positive, _ONE)
assert_non_negative = form(checks.assert_non_negative, _ONE)
assert_non_positive = form(checks.assert_non_positive, _ONE)
assert_rank = form(checks.assert_rank, _RANK)
assert_rank_at_least = form(checks.assert_rank_at_least, _RANK)
assert_rank_in = form(checks.assert_rank_in, "x ranks data summarize message name")
assert_scalar = form(checks.assert_scalar, "tensor name message")
verify_tensor_all_finite = form(checks.verify_tensor_all_finite, "t msg name x message", t="x", msg="message")

batch_to_space = form(blocks.batch_to_space, "input crops block_size name block_shape", block_size="block_shape")
space_to_batch = form(blocks.space_to_batch, "input paddings block_size name block_shape", block_size="block_shape")
space_to_depth = form(blocks.space_to_depth, "input block_size name data_format")
depth_to_space = form(blocks.depth_to_space, "input block_size name data_format")
gather = form(rows.gather, "params indices validate_indices name axis batch_dims")
