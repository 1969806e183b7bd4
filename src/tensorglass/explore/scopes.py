"""Name scopes as groups: which of them a picture shows as one box each, so that it stays readable."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

MOST = 60  # boxes in a picture; with more, scopes fold
TOO_MANY = 400  # boxes that are left when all scopes are folded; with more, neighbours go into one box
_NUMBER = re.compile(r"_?\d+(?=/|$)")


class Scope:
    """A scope with at least two nodes: its own, and those of the scopes inside it."""

    def __init__(self, name: str):
        self.name = name
        self.own: list[str] = []
        self.inner: list[Scope] = []

    @property
    def nodes(self) -> list[str]:
        return self.own + [i for scope in self.inner for i in scope.nodes]


def tree(nodes: Sequence[dict[str, Any]]) -> Scope:
    """The scopes of `nodes`, below a root without a name.  Scopes that group nothing are left out."""
    root = Scope("")
    known = {"": root}
    for node in nodes:
        parts = [part for part in str(node.get("scope") or "").split("/") if part]
        scope = root
        for k in range(len(parts)):
            name = "/".join(parts[: k + 1])
            if name not in known:
                known[name] = Scope(name)
                scope.inner.append(known[name])
            scope = known[name]
        scope.own.append(node["id"])
    for scope in reversed(list(known.values())):  # innermost first: a scope is known before those inside it
        kept: list[Scope] = []
        for inner in scope.inner:
            if not inner.own and len(inner.inner) == 1:  # a/b where a holds b only: one group, a/b
                kept += inner.inner
            elif len(inner.own) == 1 and not inner.inner:
                scope.own += inner.own
            else:
                kept.append(inner)
        scope.inner = kept
    return root


def folded(root: Scope, fold: Iterable[str] | None) -> list[Scope]:
    """The outermost scopes that are to be one box each: those named in `fold`, or, without it, as few as it takes.

    Scopes whose names differ in their numbers only (step_1, step_2, ...) fold and unfold together.  A graph with too
    many nodes outside any scope gets boxes of successive nodes, which are added to `root`.
    """
    if fold is not None:
        named = set(fold)
        return _outermost(root, lambda scope: scope.name in named)
    if len(root.nodes) <= MOST:
        return []
    if len(root.own) + len(root.inner) > TOO_MANY:
        _bundle(root)
    boxes = len(root.own) + len(root.inner)
    unfolded: set[str] = set()
    waiting = list(root.inner)
    while waiting:  # breadth first: what lies outermost unfolds first
        alike: dict[str, list[Scope]] = {}
        for scope in waiting:
            alike.setdefault(_NUMBER.sub("", scope.name), []).append(scope)
        waiting = []
        for family in alike.values():
            more = sum(len(scope.own) + len(scope.inner) - 1 for scope in family)
            if boxes + more <= MOST:
                boxes += more
                unfolded.update(scope.name for scope in family)
                waiting += [inner for scope in family for inner in scope.inner]
    return _outermost(root, lambda scope: scope.name not in unfolded)


def unfolded(root: Scope, closed: Iterable[Scope]) -> list[Scope]:
    """The scopes that are open in a picture where `closed` are boxes, outermost first."""
    shut = {scope.name for scope in closed}
    found, waiting = [], list(root.inner)
    for scope in waiting:
        if scope.name not in shut:
            found.append(scope)
            waiting += scope.inner
    return found


def _bundle(root: Scope) -> None:
    """Puts successive nodes, and successive scopes, into at most `MOST` boxes."""
    half = MOST // 2
    size = -(-len(root.own) // half) if len(root.own) > half else 0
    bundles = []
    for k in range(0, len(root.own), size) if size else ():
        bundles.append(Scope(f"nodes {k + 1}–{min(k + size, len(root.own))}"))
        bundles[-1].own = root.own[k : k + size]
    root.own = [] if size else root.own
    size = -(-len(root.inner) // half) if len(root.inner) > half else 1
    for k in range(0, len(root.inner), size):
        inner = root.inner[k : k + size]
        bundles.append(inner[0] if len(inner) == 1 else Scope(f"{inner[0].name} … {inner[-1].name}"))
        if len(inner) > 1:
            bundles[-1].inner = inner
    root.inner = bundles


def _outermost(root: Scope, chosen: Any) -> list[Scope]:
    found, waiting = [], list(root.inner)
    for scope in waiting:
        if chosen(scope):
            found.append(scope)
        else:
            waiting += scope.inner
    return found
