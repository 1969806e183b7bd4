"""Two traces of one program, node by node: how far values, gradients and updates are apart.

Nodes are matched by their names, runs by their order.  Of large tensors all elements are compared where both traces
still have them, else the sample and the statistics.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from .moment import resolved

# What rounding may do, relative to a tensor's largest element: a few thousand units in the last place.
_RELATIVE = {"float64": 1e-10, "float32": 2e-5, "float16": 2e-2, "bfloat16": 2e-1, "complex64": 2e-5,
             "complex128": 1e-10}  # fmt: skip
_LEAST = 0.1  # the magnitude below which errors are not taken as relative
_APART = 1_000_000  # ids of a document's further graphs
_KINDS = {"value": "value", "gradient": "grad", "change": "after"}


class Difference(NamedTuple):
    """The largest difference of two tensors' elements."""

    most: float | None  # None where they cannot be compared
    tolerance: float = 0.0
    part: bool = False  # only a sample and the statistics were compared
    note: str = ""

    @property
    def agrees(self) -> bool:
        return self.most is not None and self.most <= self.tolerance

    @property
    def told(self) -> Any:
        """`most` as JSON can have it."""
        if self.most is None or np.isfinite(self.most):
            return self.most
        return "nan" if np.isnan(self.most) else "inf"


def difference(a: dict[str, Any], b: dict[str, Any]) -> Difference:
    """How far two TENSOR objects are apart."""
    if a["shape"] != b["shape"]:
        return Difference(None, note=f"shapes {tuple(a['shape'])} and {tuple(b['shape'])}")
    x, y = _elements(a), _elements(b)
    part = x is None or y is None
    if x is None or y is None:
        x, y = _part(a), _part(b)
    if x.dtype.kind not in "biufc" or y.dtype.kind not in "biufc":
        same = x.tolist() == y.tolist()
        return Difference(0.0 if same else None, part=part, note="" if same else "texts differ")
    x, y = _wide(x), _wide(y)
    with np.errstate(all="ignore"):
        apart = np.where((x == y) | (np.isnan(x) & np.isnan(y)), 0.0, np.abs(x - y))
        largest = np.nanmax(np.abs(np.where(np.isfinite(x), x, 0.0)), initial=0.0)
    most = float("nan") if np.isnan(apart).any() else float(apart.max(initial=0.0))
    relative = max(_RELATIVE.get(t["dtype"], 0.0) for t in (a, b))
    return Difference(most, relative * max(float(largest), _LEAST), part)


def _elements(t: dict[str, Any]) -> np.ndarray | None:
    array = getattr(t, "array", None)
    if array is not None:
        return array.reshape(-1)
    return _array(t["data"], t["dtype"]) if t.get("data") is not None else None


def _part(t: dict[str, Any]) -> np.ndarray:
    """What a trace has of a large tensor: at the same places of tensors of the same shape."""
    if t.get("stats") is None:
        return _array(t["sample"]["data"] if t.get("sample") else t["data"], t["dtype"])
    elements = _elements(t)
    if elements is not None and t.get("sample") is None:  # in full here, though not there
        from . import encode

        return _part(encode.tensor(elements.reshape(t["shape"])))
    return _array([*t["sample"]["data"], *(t["stats"][k] for k in ("min", "max", "mean"))], "float64")


def _array(data: list[Any], dtype: str) -> np.ndarray:
    if dtype == "string":
        return np.array(data, object)
    kind = "complex128" if dtype.startswith("complex") else "float64"
    return np.array([np.nan if v is None else complex(v) if kind == "complex128" else float(v) for v in data], kind)


def _wide(x: np.ndarray) -> np.ndarray:
    return x.astype(np.complex128 if x.dtype.kind == "c" else np.float64)


# -- documents


class _Side:
    """One of the two documents, by what the other can be asked for."""

    def __init__(self, document: dict[str, Any]):
        self.document = document
        self.ids = {self._key(n["id"], n["name"]): n["id"] for n in document.get("nodes", ())}
        self.names = {i: key for key, i in self.ids.items()}
        self.phase = {n["id"]: n.get("phase", "forward") for n in document.get("nodes", ())}

    @staticmethod
    def _key(i: str, name: str) -> tuple[int, str]:
        return int(i[1:]) // _APART, name

    @property
    def library(self) -> dict[str, str]:
        found = self.document.get("library") or {}
        return {"name": found.get("name", "?"), "version": found.get("version", "")}

    def tensors(self, run: int) -> dict[tuple[tuple[int, str], str], dict[str, Any]]:
        """The values, gradients and new values of a run, by node and kind; the last of each."""
        found = {}
        for step in self.document["runs"][run]["steps"]:
            for kind, field in _KINDS.items():
                if step.get(field) is not None:
                    found[self.names[step["node"]], kind] = resolved(step[field], self.document)
        return found

    def fetched(self, run: int) -> list[Any]:
        return [self.names.get(i) for i in self.document["runs"][run].get("fetch", ()) if i in self.names]


def compare(first: dict[str, Any], second: dict[str, Any]) -> str:
    """Write into each document how it differs from the other (``"comparison"``); returns the same in words.

    Gradients that were checked numerically get TensorFlow's part of the check too, where one of the two is its.
    """
    one, two = _Side(first), _Side(second)
    pairs = min(len(first["runs"]), len(second["runs"]))
    found = [_run(one, two, k) for k in range(pairs)]
    text = _told(one, two, found)
    for here, there in ((one, two), (two, one)):
        here.document["comparison"] = {
            "with": there.library,
            "text": text,
            "runs": [
                _entry(here, found[k], there) if k < pairs else {"other": None, "note": "", "nodes": {}}
                for k in range(len(here.document["runs"]))
            ],
            "only_here": [i for key, i in here.ids.items() if key not in there.ids],
            "only_there": [name for _, name in there.ids if (_, name) not in here.ids],
        }
        if there.library["name"] == "tensorflow":
            _note_checks(here.document, found)
    return text


class _Pair(NamedTuple):
    number: int
    note: str
    nodes: dict[tuple[int, str], dict[str, Difference]]


def _run(one: _Side, two: _Side, k: int) -> _Pair:
    a, b = one.tensors(k), two.tensors(k)
    nodes: dict[tuple[int, str], dict[str, Difference]] = {}
    for (key, kind), t in a.items():
        if (key, kind) in b:
            nodes.setdefault(key, {})[kind] = difference(t, b[key, kind])
    known = [[key for key in side.fetched(k) if key in other.ids] for side, other in ((one, two), (two, one))]
    note = "" if known[0] == known[1] else "The two programs fetched other nodes here."
    return _Pair(k, note, nodes)


def _entry(here: _Side, pair: _Pair, there: _Side) -> dict[str, Any]:
    nodes = {}
    for key, kinds in pair.nodes.items():
        entry: dict[str, Any] = {kind: kinds[kind].told if kind in kinds else None for kind in _KINDS}
        differs = [kind for kind in _KINDS if kind in kinds and not kinds[kind].agrees]
        entry |= {"agrees": not differs, "part": any(d.part for d in kinds.values())}
        if differs:
            entry["differs"] = differs
        notes = "; ".join(f"{kind}: {d.note}" for kind, d in kinds.items() if d.note)
        nodes[here.ids[key]] = {**entry, "note": notes} if notes else entry
    return {"other": pair.number, "note": pair.note, "nodes": nodes}


def _note_checks(document: dict[str, Any], found: list[_Pair]) -> None:
    names = {n["id"]: _Side._key(n["id"], n["name"]) for n in document["nodes"]}
    for pair in found:
        for step in document["runs"][pair.number]["steps"]:
            d = pair.nodes.get(names[step["node"]], {}).get("gradient")
            if step["phase"] == "reverse" and d is not None:
                check = {"tensorflow_max_abs": d.told, "tensorflow_tolerance": d.tolerance}
                step["check"] = {**(step.get("check") or {}), **check}


# -- in words


def _told(one: _Side, two: _Side, found: list[_Pair]) -> str:
    """Some sentences for a terminal and for the page: how much was compared, what differs most, what differs first."""
    lines = [f"{one.library['name']} {one.library['version']} and {two.library['name']} {two.library['version']}: "
             f"{_counted(found)} in {_plural(len(found), 'run')}."]  # fmt: skip
    for kind, word in (("value", "value"), ("gradient", "gradient"), ("change", "update")):
        most = max(_all(found, kind), key=lambda item: _size(item[2]), default=None)
        if most is not None:
            k, key, d = most
            where = f" ({key[1]}, run {k + 1})" if _size(d) else ""
            lines.append(f"Largest difference of {'an' if word[0] in 'aeiou' else 'a'} {word}: {_amount(d)}{where}.")
    apart = [(k, key, kind, d) for kind in _KINDS for k, key, d in _all(found, kind) if not d.agrees]
    if apart:
        order = {key: i for i, key in enumerate(one.ids)}
        k, key, kind, d = min(apart, key=lambda item: (item[0], list(_KINDS).index(item[2]), order[item[1]]))
        nodes = len({key for _, key, _, _ in apart})
        differ = "differs" if nodes == 1 else "differ"
        first = f"first the {kind} of {key[1]} in run {k + 1}: {_amount(d)}"
        lines.append(f"{_plural(nodes, 'node')} {differ} by more than rounding, {first}.")
    elif any(pair.nodes for pair in found):
        lines.append("All agree within rounding.")
    if len(one.document["runs"]) != len(two.document["runs"]):
        lines.append(f"{one.library['name']} has {_plural(len(one.document['runs']), 'run')}, {two.library['name']} "
                     f"{len(two.document['runs'])}.")  # fmt: skip
    other = [str(pair.number + 1) for pair in found if pair.note]
    if other:
        lines.append(f"Other nodes were fetched in run {', '.join(other[:5])}{' …' if len(other) > 5 else ''}.")
    lines += [line for side, rest in ((one, two), (two, one)) if (line := _only(side, rest))]
    return " ".join(lines)


def _counted(found: list[_Pair]) -> str:
    counts = [(sum(1 for _ in _all(found, kind)), word) for kind, word in
              (("value", "value"), ("gradient", "gradient"), ("change", "update"))]  # fmt: skip
    return ", ".join(_plural(n, word) for n, word in counts) + " compared"


def _all(found: list[_Pair], kind: str) -> Iterator[tuple[int, tuple[int, str], Difference]]:
    for pair in found:
        for key, kinds in pair.nodes.items():
            if kind in kinds:
                yield pair.number, key, kinds[kind]


def _size(d: Difference) -> float:
    return np.inf if d.most is None or np.isnan(d.most) else d.most


def _amount(d: Difference) -> str:
    if d.most is None or np.isnan(d.most):
        return d.note or "NaN on one side"
    return f"{d.most:.2g}" + (" in what was kept of it" if d.part else "")


def _only(side: _Side, rest: _Side) -> str:
    """What has no twin: named for the program's own graph, counted for the rest."""
    alone = [i for key, i in side.ids.items() if key not in rest.ids]
    own = [side.names[i][1] for i in alone if side.phase[i] == "forward"]
    other = len(alone) - len(own)
    if not alone:
        return ""
    names = ", ".join(own[:8]) + (f" and {len(own) - 8} more" if len(own) > 8 else "")
    parts = [names] * bool(own) + [f"{_plural(other, 'node')} of the reverse pass and the updates"] * bool(other)
    return f"Only in {side.library['name']}: {'; '.join(parts)}."


def _plural(n: int, word: str) -> str:
    return f"{n:,} {word}" + ("" if n == 1 else "s")
