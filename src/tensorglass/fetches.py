"""Structures of fetches: taken apart into tensors and operations, and put together again around their values.

Unlike `nest`, a fetch's structure may be of any mapping type and hold composites such as `IndexedSlices`, its leaves
may be names, and a dict keeps its own order.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from .tensor import Tensor


def is_structure(fetch: Any) -> bool:
    return isinstance(fetch, (list, tuple)) or hasattr(fetch, "items") or hasattr(fetch, "_fetch_parts")


def with_nones(flat: list[Any], rebuild: Callable[[Sequence[Any]], Any]) -> Callable[[Sequence[Any]], Any]:
    """`rebuild` for the values of the tensors in `flat` alone: operations give None."""
    places = [i for i, f in enumerate(flat) if isinstance(f, Tensor)]
    if len(places) == len(flat):
        return rebuild

    def whole(values: Sequence[Any]) -> Any:
        full: list[Any] = [None] * len(flat)
        for i, v in zip(places, values, strict=True):
            full[i] = v
        return rebuild(full)

    return whole


def flatten(fetches: Any, flat: list[Any], element: Callable[[Any], Any]) -> Callable[[Sequence[Any]], Any]:
    """Append the leaves of `fetches` to `flat`; return the function that puts their values back in place."""
    if fetches is None:
        raise TypeError("Fetch argument None has invalid type <class 'NoneType'>: fetch a tensor or an operation.")
    if isinstance(fetches, (list, tuple)):
        parts = [flatten(f, flat, element) for f in fetches]
        kind = type(fetches)
        if hasattr(kind, "_fields"):
            return lambda values: kind(*[p(values) for p in parts])
        return lambda values: kind([p(values) for p in parts])
    if hasattr(fetches, "items"):  # a mapping
        parts = {k: flatten(f, flat, element) for k, f in fetches.items()}
        kind = type(fetches)
        make = functools.partial(kind, fetches.default_factory) if hasattr(kind, "default_factory") else kind
        return lambda values: make([(k, p(values)) for k, p in parts.items()])
    if hasattr(fetches, "_fetch_parts"):  # a composite such as IndexedSlices
        tensors, make = fetches._fetch_parts()
        parts = [flatten(t, flat, element) for t in tensors]
        return lambda values: make(*[p(values) for p in parts])
    index = len(flat)
    flat.append(element(fetches))
    return lambda values: values[index]
