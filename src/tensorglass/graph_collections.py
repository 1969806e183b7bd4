"""What a graph files under names: the part of `Graph` that keeps collections."""

from __future__ import annotations

import re
from typing import Any


class Collections:
    """Lists of things (variables, losses, update ops) under keys, most of them in `GraphKeys`."""

    def __init__(self):
        self._collections: dict[Any, list] = {}

    def _check_not_finalized(self) -> None:
        """RuntimeError when nothing may be added any more."""

    def add_to_collection(self, name: Any, value: Any) -> None:
        self._check_not_finalized()
        self._collections.setdefault(name, []).append(value)

    def add_to_collections(self, names: Any, value: Any) -> None:
        for name in {names} if isinstance(names, str) else dict.fromkeys(names):
            self.add_to_collection(name, value)

    def get_collection_ref(self, name: Any) -> list:
        """The list itself: changes to it change the collection."""
        return self._collections.setdefault(name, [])

    def get_collection(self, name: Any, scope: str | None = None) -> list:
        """A copy of the collection; with `scope`, only items whose name begins by a match of that pattern."""
        items = self._collections.get(name, [])
        if scope is None:
            return list(items)
        pattern = re.compile(scope)
        return [item for item in items if hasattr(item, "name") and pattern.match(item.name)]

    def get_all_collection_keys(self) -> list:
        return [key for key, items in self._collections.items() if isinstance(key, str) and items]

    @property
    def collections(self) -> list:
        return list(self._collections)

    def clear_collection(self, name: Any) -> None:
        self._check_not_finalized()
        self._collections.pop(name, None)
