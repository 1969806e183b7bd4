"""Layered drawing of a directed graph: which row each item stands in, in which order, and at which x.

The method of Sugiyama, Tagawa and Toda (1981) in four steps, each a function below over items 0, 1, 2, ...:

1. `acyclic`: edges that close a cycle are turned round (folded scopes can make cycles of an acyclic graph).
2. `levels`: an item's row is the longest path to it; then items with more consumers than computed inputs sink
   towards their first consumer, so that a constant stands next to the op that uses it.
3. `Rows`: an edge over several rows passes a *bend* in each of them.  Edges of one source share their bends: a
   weight used at every time step is one trunk with branches, not thirty lines.  `Rows.arrange` orders each row by
   medians of the neighbours' places and swaps adjacent items while that removes crossings (Gansner et al. 1993).
4. `Rows.place`: each row in turn moves as near to its neighbours above (then below) as its order and the gaps
   allow, which is an isotonic regression: least squares under x[i+1] - x[i] >= gap, solved exactly by pooling.

Everything is deterministic: ties keep the order in which the items came.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence

Edge = tuple[int, int]


def acyclic(count: int, edges: Sequence[Edge]) -> list[Edge]:
    """`edges` without loops and repetitions, and with those that close a cycle turned round."""
    after: list[list[int]] = [[] for _ in range(count)]
    for u, v in dict.fromkeys(edges):
        if u != v:
            after[u].append(v)
    state = [0] * count  # 0 not seen, 1 on the path from the root, 2 finished
    found: dict[Edge, None] = {}
    for root in range(count):
        if state[root]:
            continue
        state[root] = 1
        path = [(root, iter(after[root]))]
        while path:
            u, rest = path[-1]
            v = next(rest, None)
            if v is None:
                state[u] = 2
                path.pop()
            elif state[v] == 1:
                found[v, u] = None
            else:
                found[u, v] = None
                if state[v] == 0:
                    state[v] = 1
                    path.append((v, iter(after[v])))
    return list(found)


def neighbours(count: int, edges: Sequence[Edge]) -> tuple[list[list[int]], list[list[int]]]:
    """The items before and after each item."""
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for u, v in edges:
        before[v].append(u)
        after[u].append(v)
    return before, after


def levels(count: int, edges: Sequence[Edge]) -> list[int]:
    """The row of each item of an acyclic graph: every edge leads at least one row down.

    >>> levels(4, [(0, 1), (1, 2), (3, 2)])  # 3 is pulled down to its consumer
    [0, 1, 2, 1]
    """
    before, after = neighbours(count, edges)
    waits = [len(u) for u in before]
    order = [i for i in range(count) if not waits[i]]
    level = [0] * count
    for u in order:
        for v in after[u]:
            level[v] = max(level[v], level[u] + 1)
            waits[v] -= 1
            if not waits[v]:
                order.append(v)
    for u in reversed(order):
        if len(after[u]) > sum(bool(before[v]) for v in before[u]):
            level[u] = min(level[v] for v in after[u]) - 1
    return level


class Rows:
    """Items in rows, with the bends of edges that pass a row.  Items `count`, `count + 1`, ... are the bends."""

    def __init__(self, count: int, edges: Sequence[Edge]):
        self.count = count
        self.level = levels(count, edges)
        self.up: list[list[int]] = [[] for _ in range(count)]
        self.down: list[list[int]] = [[] for _ in range(count)]
        self.trunks: list[list[int]] = [[] for _ in range(count)]  # the bends below each item, row by row
        for u, targets in enumerate(neighbours(count, edges)[1]):
            trunk = self.trunks[u]
            last = u
            for level in range(self.level[u] + 1, max((self.level[v] for v in targets), default=0)):
                self.level.append(level)
                self.up.append([])
                self.down.append([])
                trunk.append(len(self.level) - 1)
                self._link(last, trunk[-1])
                last = trunk[-1]
            for v in targets:
                hops = self.level[v] - self.level[u] - 1
                self._link(trunk[hops - 1] if hops else u, v)
        self.rows: list[list[int]] = []
        self.spot = [0] * len(self.level)  # each item's index in its row

    def _link(self, u: int, v: int) -> None:
        self.down[u].append(v)
        self.up[v].append(u)

    def bends(self, u: int, v: int) -> list[int]:
        """The bends that the edge from `u` to `v` passes."""
        return self.trunks[u][: self.level[v] - self.level[u] - 1]

    # --- order ---------------------------------------------------------------------------------------------

    def arrange(self) -> int:
        """Puts each row in an order with few crossings; returns how many are left."""
        size = len(self.level)
        rounds = 24 if size < 1500 else 8 if size < 6000 else 2
        best, fewest = self.rows, -1
        for toward in (self.up, self.down):
            self._start(toward)
            idle = 0
            for turn in range(rounds):
                crossings = self.crossings()
                if fewest < 0 or crossings < fewest:
                    best, fewest, idle = [list(row) for row in self.rows], crossings, 0
                idle += 1
                if not fewest or idle > 6:
                    break
                self._sweep(turn)
        self._set(best)
        return fewest

    def _set(self, rows: list[list[int]]) -> None:
        self.rows = rows
        for row in rows:
            for k, i in enumerate(row):
                self.spot[i] = k

    def _start(self, toward: list[list[int]]) -> None:
        """A first order: the items as a depth-first walk over `toward` (up: from the results) comes back from them."""
        away = self.down if toward is self.up else self.up
        rows: list[list[int]] = [[] for _ in range(max(self.level, default=-1) + 1)]
        seen = [False] * len(self.level)
        roots = [i for i in range(len(self.level)) if not away[i]]
        for root in roots:
            seen[root] = True
            path = [(root, iter(toward[root]))]
            while path:
                i, rest = path[-1]
                j = next((j for j in rest if not seen[j]), None)
                if j is None:
                    rows[self.level[i]].append(i)
                    path.pop()
                else:
                    seen[j] = True
                    path.append((j, iter(toward[j])))
        self._set(rows)

    def crossings(self) -> int:
        """How many pairs of segments between adjacent rows cross."""
        total = 0
        for row in self.rows[:-1]:
            passed: list[int] = []
            for i in row:
                ends = sorted(self.spot[j] for j in self.down[i])
                total += sum(len(passed) - bisect_right(passed, end) for end in ends)
                for end in ends:
                    insort(passed, end)
        return total

    def _sweep(self, turn: int) -> None:
        """One pass over the rows, down in even turns and up in odd ones: medians, then swaps."""
        downward = turn % 2 == 0
        side = self.up if downward else self.down
        for row in self.rows if downward else reversed(self.rows):
            self._by_medians(row, side, turn % 4 > 1)
        for _ in range(5):
            if not sum([self._swap(row, turn % 4 > 1) for row in self.rows]):
                break

    def _by_medians(self, row: list[int], side: list[list[int]], ties_turn: bool) -> None:
        """Sorts `row` by medians; items without neighbours on that side keep their places."""
        free = [k for k, i in enumerate(row) if side[i]]
        items = [row[k] for k in free]
        if ties_turn:
            items.reverse()
        items.sort(key=lambda i: _median([self.spot[j] for j in side[i]]))
        for k, i in zip(free, items, strict=True):
            row[k] = i
        for k, i in enumerate(row):
            self.spot[i] = k

    def _swap(self, row: list[int], ties: bool) -> int:
        """Swaps adjacent items where that removes crossings (with `ties`, also where it adds none); how many helped."""
        helped = 0
        sides = [[sorted(self.spot[j] for j in side[i]) for side in (self.up, self.down)] for i in row]
        for k in range(len(row) - 1):
            a, b = sides[k], sides[k + 1]
            now = _inversions(a[0], b[0]) + _inversions(a[1], b[1])
            then = _inversions(b[0], a[0]) + _inversions(b[1], a[1])
            if then < now or (ties and then == now and now):
                row[k], row[k + 1] = row[k + 1], row[k]
                sides[k], sides[k + 1] = b, a
                helped += then < now
        for k, i in enumerate(row):
            self.spot[i] = k
        return helped

    # --- places --------------------------------------------------------------------------------------------

    def place(self, widths: Sequence[float], gap: float, bend_gap: float) -> list[float]:
        """The x of each item's middle.  `widths` are those of the real items; a bend has none."""
        size = len(self.level)
        x = [0.0] * size
        room = [[0.0] * len(row) for row in self.rows]  # the least x of each item if the first stood at 0
        for row, least in zip(self.rows, room, strict=True):
            for k in range(1, len(row)):
                a, b = row[k - 1], row[k]
                half = sum(widths[i] / 2 for i in (a, b) if i < self.count)
                least[k] = least[k - 1] + half + (gap if a < self.count and b < self.count else bend_gap)
            for i, at in zip(row, least, strict=True):
                x[i] = at - least[-1] / 2
        rows = list(zip(self.rows, room, strict=True))
        for _ in range(10 if size < 6000 else 4):
            for sides in ((self.up,), (self.down,)):
                for row, least in rows if sides[0] is self.up else reversed(rows):
                    self._settle(row, least, x, sides)
        for row, least in rows:
            self._settle(row, least, x, (self.up, self.down))
        for _ in range(2):
            for trunk in self.trunks:
                self._straighten(trunk, x, room)
        return x

    def _straighten(self, trunk: list[int], x: list[float], room: list[list[float]]) -> None:
        """Gives the bends of a trunk one x as far down as their neighbours in the rows leave room for that."""
        part: list[int] = []
        low, high = float("-inf"), float("inf")
        for i in [*trunk, -1]:
            left, right = self._free(i, x, room) if i >= 0 else (1.0, 0.0)
            if max(low, left) > min(high, right):
                middle = sum(x[j] for j in part) / len(part) if part else 0.0
                for j in part:
                    x[j] = min(max(middle, low), high)
                part, low, high = [], float("-inf"), float("inf")
            part.append(i)
            low, high = max(low, left), min(high, right)

    def _free(self, i: int, x: list[float], room: list[list[float]]) -> tuple[float, float]:
        """How far item `i` could move to the left and to the right."""
        row, least, k = self.rows[self.level[i]], room[self.level[i]], self.spot[i]
        left = x[row[k - 1]] + least[k] - least[k - 1] if k else float("-inf")
        right = x[row[k + 1]] - least[k + 1] + least[k] if k + 1 < len(row) else float("inf")
        return min(left, x[i]), max(right, x[i])

    def _settle(self, row: list[int], least: list[float], x: list[float], sides: Sequence[list[list[int]]]) -> None:
        """Moves a row's items as near to their neighbours on `sides` as the gaps allow."""
        wants, weights = [], []
        for i in row:
            pulls = [pull for side in sides if (pull := self._pull(side[i], i, x))]
            weight = sum(w for _, w in pulls)
            wants.append(sum(w * at for at, w in pulls) / weight if pulls else x[i])
            weights.append(weight or 0.1)
        for i, at in zip(row, apart(wants, least, weights), strict=True):
            x[i] = at

    def _pull(self, others: list[int], i: int, x: list[float]) -> tuple[float, float] | None:
        """Where `others` want item `i`, and how strongly: bends hold on to bends, so that long edges stay straight."""
        if i >= self.count:
            for j in others:
                if j >= self.count:
                    return x[j], 8.0
        return (_median([x[j] for j in others]), 2.0 if i >= self.count else 1.0) if others else None


def _median(values: list) -> float:
    values = sorted(values)
    half = len(values) // 2
    return float(values[half]) if len(values) % 2 else (values[half - 1] + values[half]) / 2


def _inversions(left: list[int], right: list[int]) -> int:
    """How many edges to `left` and to `right` (both sorted) cross when the first item stands left of the second."""
    if not left or not right or left[-1] <= right[0]:
        return 0
    return sum(bisect_left(right, end) for end in left)


def apart(wants: Sequence[float], least: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The places nearest to `wants` (weighted least squares) with x[i+1] - x[i] >= least[i+1] - least[i].

    >>> apart([0.0, 0.0, 5.0], [0.0, 2.0, 3.0], [1.0, 1.0, 1.0])
    [-1.0, 1.0, 5.0]
    """
    pools: list[tuple[float, float, int]] = []  # mean of want - least, weight, how many items
    for want, at, weight in zip(wants, least, weights, strict=True):
        mean, total, items = want - at, weight, 1
        while pools and pools[-1][0] > mean:
            other, w, n = pools.pop()
            mean = (other * w + mean * total) / (w + total)
            total += w
            items += n
        pools.append((mean, total, items))
    means = [mean for mean, _, items in pools for _ in range(items)]
    return [mean + at for mean, at in zip(means, least, strict=True)]
