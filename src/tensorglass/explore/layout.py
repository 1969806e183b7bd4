"""Where the nodes and edges of a graph are drawn: a layered layout in plain Python, with name scopes that fold.

`layout` turns nodes and edges into boxes and lines; `layers` has the algorithm, `scopes` the folding.  Positions are
computed here and travel with the trace, so that the picture is the same in a page, a notebook and an SVG file.
Nothing here knows about operations or values: a node is a dictionary as in the trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .layers import Rows, acyclic, apart
from .scopes import Scope, folded, tree, unfolded

MARGIN = 16.0
FONT = 12.0  # of names; values are set in 11
_GAP = 22.0  # between boxes of a row
_BEND_GAP = 13.0  # between lines, and lines and boxes, of a row
_PORT_GAP = 12.0  # between the ends of lines at a box
_NARROW = frozenset(" !'(),./:;I[]fijlrt|")
_WIDE = frozenset("MWmw@%—…")

Box = list[float]


def layout(
    nodes: Sequence[dict[str, Any]], edges: Sequence[dict[str, Any]] | None = None, direction: str = "tb",
    fold: Iterable[str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Boxes and lines for a picture of `nodes`.

    `nodes` have an ``id``, and ``name``, ``kind`` and ``scope`` as in a trace; `edges` have ``from``, ``to`` and
    ``slot`` (edges to nodes that are not there are left out; without `edges` the nodes' ``inputs`` are taken).
    `direction` is ``"tb"`` (downwards) or ``"lr"`` (to the right).  `fold` names the scopes that are one box each;
    without it scopes fold when there would be more than 60 boxes.

    Returns ``nodes`` (id to ``[x, y, w, h]``, x and y of the top left corner; a node in a folded scope has the
    scope's box), ``edges`` (``from``, ``to``, ``slot``, ``points`` from border to border; an edge that stands for
    several lists the others in ``also``, as ``[from, to, slot]``), ``groups`` (``scope``, ``nodes``, ``box``,
    ``collapsed``; open ones also ``apart``: whether their box holds no other scope's node), ``size`` (w, h) and
    ``direction``.

    >>> found = layout([{"id": "a", "name": "a"}, {"id": "b", "name": "b", "inputs": ["a"]}])
    >>> found["nodes"]["a"][1] < found["nodes"]["b"][1]
    True
    """
    if direction not in ("tb", "lr"):
        raise ValueError(f'direction is "tb" or "lr", not {direction!r}')
    root = tree(nodes)
    closed = folded(root, fold)
    holder = {i: scope for scope in closed for i in scope.nodes}
    ids: dict[Any, int] = {}  # of what is drawn: a node's id or a closed scope
    for node in nodes:
        ids.setdefault(holder.get(node["id"], node["id"]), len(ids))
    item = {node["id"]: ids[holder.get(node["id"], node["id"])] for node in nodes}
    known = {node["id"]: node for node in nodes}
    sizes = [scope_size(key) if isinstance(key, Scope) else node_size(known[key]) for key in ids]

    lines = _lines(item, edges_of(nodes) if edges is None else edges, {ids[scope] for scope in closed})
    drawing = _Drawing(sizes, [(u, v) for u, v, _ in lines], direction == "lr")
    boxes = drawing.boxes
    at = {i: list(boxes[k]) for i, k in item.items()}
    drawn = [{**named, "points": points} for (_, _, named), points in zip(lines, drawing.lines, strict=True)]
    return {
        "nodes": at,
        "edges": drawn,
        "groups": _groups(root, closed, at, {scope.name: list(boxes[ids[scope]]) for scope in closed}),
        "size": drawing.size,
        "direction": direction,
    }


def edges_of(nodes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The edges that the nodes' ``inputs`` (with slots) and ``control`` (slot None) name."""
    found: list[dict[str, Any]] = []
    for node in nodes:
        found += [{"from": i, "to": node["id"], "slot": k} for k, i in enumerate(node.get("inputs") or ())]
        found += [{"from": i, "to": node["id"], "slot": None} for i in node.get("control") or ()]
    return found


# -- sizes


def text_width(text: str, font: float = FONT) -> float:
    """About how wide `text` is in a sans-serif font: an estimate that is rather too large than too small.

    >>> text_width("matmul") > text_width("fill")
    True
    """
    units = 0.0
    for c in text:
        if c in _NARROW:
            units += 0.36
        elif c in _WIDE:
            units += 0.95
        elif c.isupper() or ord(c) > 0x2E7F:
            units += 0.72 if ord(c) < 0x2E80 else 1.05
        else:
            units += 0.59
    return units * font


def cut(text: str, width: float, font: float = FONT) -> str:
    """`text`, cut off with … where it is wider than `width`.

    >>> cut("softmax_cross_entropy_with_logits", 80)
    'softmax_cr…'
    """
    if text_width(text, font) <= width:
        return text
    while text and text_width(text + "…", font) > width:
        text = text[:-1]
    return text + "…"


def label(node: dict[str, Any]) -> str:
    """A node's name without its scopes."""
    return str(node.get("name") or node["id"]).rpartition("/")[2]


def node_size(node: dict[str, Any]) -> tuple[float, float]:
    """Room for the name and two lines of values; constants are small."""
    if node.get("kind") == "constant":
        return round(min(max(text_width(label(node)) + 48, 70), 170)), 24
    return round(min(max(text_width(label(node)) + 36, 128), 200)), 48


def scope_size(scope: Scope) -> tuple[float, float]:
    return round(min(max(text_width(scope.name) + 32, 130), 240)), 48


# -- lines and groups


def _lines(item: dict[str, int], edges: Iterable[dict[str, Any]], closed: set[int]) -> list[tuple[int, int, dict]]:
    """What is drawn for `edges`: (from, to, names).  All edges between two boxes, one of them folded, are one line."""
    found: list[tuple[int, int, dict]] = []
    merged: dict[tuple[int, int], dict] = {}
    for edge in edges:
        u, v = item.get(edge["from"]), item.get(edge["to"])
        if u is None or v is None or u == v:
            continue
        slot = edge.get("slot")
        if (u, v) in merged:
            merged[u, v].setdefault("also", []).append([edge["from"], edge["to"], slot])
            continue
        named = {"from": edge["from"], "to": edge["to"], "slot": slot}
        found.append((u, v, named))
        if u in closed or v in closed:
            merged[u, v] = named
    return found


def _groups(root: Scope, closed: Sequence[Scope], at: dict[str, Box], boxes: dict[str, Box]) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = []
    frames: dict[str, Box] = {}
    for scope in reversed(unfolded(root, closed)):  # innermost first: a frame goes round those inside it
        inside = scope.nodes
        inner = [frames[one.name] for one in scope.inner if one.name in frames]
        box = frames[scope.name] = _around([at[i] for i in inside] + inner)
        strangers = set(at).difference(inside)
        alone = not any(_overlap(box, at[i]) for i in strangers)
        groups.append({"scope": scope.name, "nodes": inside, "box": box, "collapsed": False, "apart": alone})
    groups.reverse()
    shut = [
        {"scope": scope.name, "nodes": scope.nodes, "box": boxes[scope.name], "collapsed": True} for scope in closed
    ]
    return groups + shut


def _around(boxes: Sequence[Box], room: float = 5.0) -> Box:
    left, top = min(b[0] for b in boxes) - room, min(b[1] for b in boxes) - room
    right, bottom = max(b[0] + b[2] for b in boxes) + room, max(b[1] + b[3] for b in boxes) + room
    return [round(v, 1) for v in (left, top, right - left, bottom - top)]


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]


# -- geometry


class _Drawing:
    """Boxes and lines of numbered items.  It is computed downwards; to the right, x and y change places."""

    def __init__(self, sizes: Sequence[tuple[float, float]], pairs: Sequence[tuple[int, int]], to_right: bool):
        self.wide = [h if to_right else w for w, h in sizes]
        self.high = [w if to_right else h for w, h in sizes]
        edges = acyclic(len(sizes), pairs)
        self.known = set(edges)
        self.rows = Rows(len(sizes), edges)
        self.crossings = self.rows.arrange()
        self.x = self.rows.place(self.wide, _GAP, _BEND_GAP)
        shift = MARGIN - min((x - w / 2 for x, w in zip(self.x, self.wide, strict=False)), default=0)
        shift = max(shift, MARGIN - min(self.x, default=0))
        self.x = [x + shift for x in self.x]
        self._bands()
        ports = self._ports(pairs, flat=8.0 if to_right else 0.0)
        lines = [self._line(k, u, v, ports) for k, (u, v) in enumerate(pairs)]
        boxes = [(self.x[i] - self.wide[i] / 2, self._top(i), self.wide[i], self.high[i]) for i in range(len(sizes))]
        right = max([x + w for x, _, w, _ in boxes] + [x for line in lines for x, _ in line], default=0) + MARGIN
        size = (right, self.bands[-1][1] + MARGIN if self.bands else 2 * MARGIN)
        if to_right:
            boxes = [(y, x, h, w) for x, y, w, h in boxes]
            lines = [[(y, x) for x, y in line] for line in lines]
            size = size[::-1]
        self.boxes = [[round(v, 1) for v in box] for box in boxes]
        self.lines = [[[round(x, 1), round(y, 1)] for x, y in line] for line in lines]
        self.size = [round(v, 1) for v in size]

    def _bands(self) -> None:
        """The top and the bottom of each row; rows stand further apart where lines between them run far aside."""
        self.bands: list[tuple[float, float]] = []
        top = MARGIN
        for row in self.rows.rows:
            bottom = top + max((self.high[i] for i in row if i < self.rows.count), default=0)
            self.bands.append((top, bottom))
            aside = max((abs(self.x[i] - self.x[j]) for i in row for j in self.rows.down[i]), default=0)
            top = bottom + min(30 + aside / 16, 72)

    def _top(self, i: int) -> float:
        top, bottom = self.bands[self.rows.level[i]]
        return (top + bottom - self.high[i]) / 2

    def _ports(self, pairs: Sequence[tuple[int, int]], flat: float) -> list[float]:
        """Where each line ends at the box it leads to: towards where it comes from, and apart from the others."""
        ends: dict[int, list[tuple[float, int]]] = {}
        for k, (u, v) in enumerate(pairs):
            last = ([u] + self.rows.bends(u, v))[-1] if (u, v) in self.known else u
            ends.setdefault(v, []).append((self.x[last], k))
        ports = [0.0] * len(pairs)
        for v, found in ends.items():
            found.sort()
            reach = flat or max((self.wide[v] - self.high[v]) / 2, self.wide[v] / 4)
            gap = min(_PORT_GAP, 2 * reach / max(len(found) - 1, 1))
            least = [gap * k for k in range(len(found))]
            middle = least[-1] / 2
            wants = [min(max(x, self.x[v] - reach), self.x[v] + reach) for x, _ in found]
            if len(found) > 1 and wants[-1] - wants[0] < least[-1]:  # all from one side: centred on the box's middle
                at = [self.x[v] - middle + d for d in least]
            else:
                at = apart(wants, least, [1.0] * len(found))
            low, high = self.x[v] - reach, self.x[v] + reach - least[-1]
            for (_, k), x, d in zip(found, at, least, strict=True):
                ports[k] = min(max(x, low + d), high + d)
        return ports

    def _line(self, k: int, u: int, v: int, ports: Sequence[float]) -> list[tuple[float, float]]:
        """From the border of `u` to that of `v`: upright inside the rows, so that it meets no box, aslant between."""
        if (u, v) not in self.known:
            return self._back(u, v, ports[k])
        x = self.x[u]
        points = [(x, self._top(u) + self.high[u]), (x, self.bands[self.rows.level[u]][1])]
        for bend in self.rows.bends(u, v):
            top, bottom = self.bands[self.rows.level[bend]]
            points += [(self.x[bend], top), (self.x[bend], bottom)]
        points += [(ports[k], self.bands[self.rows.level[v]][0]), (ports[k], self._top(v))]
        return _without_needless(points)

    def _back(self, u: int, v: int, port: float) -> list[tuple[float, float]]:
        """A line of a cycle: the way of the line from `v` to `u`, the other way round."""
        points = [(self.x[v], self._top(v) + self.high[v]), (self.x[v], self.bands[self.rows.level[v]][1])]
        for bend in self.rows.bends(v, u):
            top, bottom = self.bands[self.rows.level[bend]]
            points += [(self.x[bend], top), (self.x[bend], bottom)]
        points += [(self.x[u], self.bands[self.rows.level[u]][0]), (self.x[u], self._top(u))]
        return _without_needless(points)[::-1]


def _without_needless(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """`points` without repetitions and those in the middle of an upright part."""
    kept: list[tuple[float, float]] = []
    for point in points:
        if kept and abs(kept[-1][0] - point[0]) < 0.05 and abs(kept[-1][1] - point[1]) < 0.05:
            continue
        if len(kept) > 1 and abs(kept[-2][0] - point[0]) < 0.05 and abs(kept[-1][0] - point[0]) < 0.05:
            kept.pop()
        kept.append(point)
    return kept
