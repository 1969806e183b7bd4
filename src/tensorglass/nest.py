"""Structures: values in nested lists, tuples, named tuples and dicts, taken apart and put together again.

Dicts are taken in the order of their sorted keys; everything else, None and arrays included, is one value.  Public as
`tf.nest`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["assert_same_structure", "flatten", "is_nested", "map_structure", "pack_sequence_as"]


def is_nested(seq: Any) -> bool:
    """Whether `seq` is a list, a tuple, a dict or the like, and not one value.

    >>> is_nested([1]), is_nested("ab")
    (True, False)
    """
    return isinstance(seq, (Sequence, Mapping)) and not isinstance(seq, (str, bytes, bytearray))


def _items(structure: Any) -> list:
    """The direct elements of a nested structure, a dict's by sorted key."""
    return [structure[k] for k in sorted(structure)] if isinstance(structure, Mapping) else list(structure)


def flatten(structure: Any, expand_composites: bool = False) -> list:
    """The values in `structure`, in order.

    >>> flatten({"b": 1, "a": [2, (3, 4)]})
    [2, 3, 4, 1]
    """
    found, stack = [], [structure]
    while stack:
        item = stack.pop()
        if is_nested(item):
            stack += reversed(_items(item))
        else:
            found.append(item)
    return found


def pack_sequence_as(structure: Any, flat_sequence: Any, expand_composites: bool = False) -> Any:
    """`structure` with its values replaced, in order, by those of `flat_sequence`.

    ValueError when their numbers differ.

    >>> pack_sequence_as({"b": 1, "a": [2, (3, 4)]}, [10, 20, 30, 40])
    {'b': 40, 'a': [10, (20, 30)]}
    """
    if not is_nested(flat_sequence):
        raise TypeError(f"Attempted to pack value:\n  {flat_sequence}\ninto a structure: it is no list of values.")
    values = list(flat_sequence)
    size = len(flatten(structure))
    if size != len(values):
        raise ValueError(
            f"Could not pack sequence. Structure had {size} atoms, but flat_sequence had {len(values)} items.  "
            f"Structure: {structure}, flat_sequence: {flat_sequence}."
        )
    left = iter(values)
    return _rebuilt(structure, lambda _: next(left))


def _rebuilt(structure: Any, value: Callable[[Any], Any]) -> Any:
    """`structure` with ``value(v)`` in place of each value v, called in the order of `flatten`."""
    if not is_nested(structure):
        return value(structure)
    kind = type(structure)
    if isinstance(structure, Mapping):
        made = {k: _rebuilt(structure[k], value) for k in sorted(structure)}
        ordered = [(k, made[k]) for k in structure]
        return kind(structure.default_factory, ordered) if hasattr(structure, "default_factory") else kind(ordered)  # type: ignore
    parts = [_rebuilt(item, value) for item in structure]
    return kind(*parts) if hasattr(kind, "_fields") else kind(parts) if kind in (list, tuple) else parts


def map_structure(func: Callable, *structure: Any, **kwargs: Any) -> Any:
    """f(x₁, x₂, ...) for the values at each place of structures that are alike, in such a structure.

    >>> map_structure(lambda x, y: x + y, [1, (2,)], [3, (4,)])
    [4, (6,)]
    """
    if not callable(func):
        raise TypeError(f"func must be callable, got: {func}")
    if not structure:
        raise ValueError("Must provide at least one structure")
    check_types = kwargs.pop("check_types", True)
    kwargs.pop("expand_composites", None)
    if kwargs:
        raise ValueError(
            f"Only valid keyword arguments are `check_types` and `expand_composites`, not: `{'`, `'.join(kwargs)}`"
        )
    for other in structure[1:]:
        assert_same_structure(structure[0], other, check_types=check_types)
    return pack_sequence_as(structure[0], [func(*xs) for xs in zip(*map(flatten, structure), strict=True)])


def assert_same_structure(nest1: Any, nest2: Any, check_types: bool = True, expand_composites: bool = False) -> None:
    """ValueError when two structures nest differently; TypeError when they do so in lists of other types.

    >>> assert_same_structure([1, (2, 3)], [4, (5, 6)])
    """
    problem = _difference(nest1, nest2, check_types)
    if problem is not None:
        kind, text = problem
        raise kind(
            "The two structures don't have the same nested structure.\n\n"
            f"First structure: type={type(nest1).__name__} str={nest1}\n\n"
            f"Second structure: type={type(nest2).__name__} str={nest2}\n\nMore specifically: {text}"
        )


def _difference(a: Any, b: Any, check_types: bool) -> tuple[type[Exception], str] | None:
    """The first place where two structures differ: (class of the error, what is wrong)."""
    if is_nested(a) != is_nested(b):
        one, other = (a, b) if is_nested(a) else (b, a)
        return ValueError, f"Substructure {_shown(one)} is a sequence, while substructure {_shown(other)} is not"
    if not is_nested(a):
        return None
    if check_types and type(a) is not type(b) and not (isinstance(a, Mapping) and isinstance(b, Mapping)):
        text = "The two namedtuples don't have the same sequence type. First structure"
        return TypeError, f"{text} {_shown(a)} has type {type(a).__name__}, while second structure {_shown(b)} has " + (
            f"type {type(b).__name__}"
        )
    if isinstance(a, Mapping) and isinstance(b, Mapping) and set(a) != set(b):
        text = "The two dictionaries don't have the same set of keys. First structure has keys"
        return ValueError, f"{text} {sorted(a)}, while second structure has keys {sorted(b)}"
    x, y = _items(a), _items(b)
    if len(x) != len(y):
        text = "The two structures don't have the same number of elements. First structure:"
        return ValueError, f"{text} {_shown(a)}. Second structure: {_shown(b)}"
    return next((d for p, q in zip(x, y, strict=True) if (d := _difference(p, q, check_types))), None)


def _shown(structure: Any) -> str:
    return f"type={type(structure).__name__} str={structure}"
