"""Documents that grow: what is written once stays as it is, and a page that shows one is sent only what is new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .compact import compact


class Written:
    """What has been written of a trace so far: parts stay the same objects for as long as they would be the same."""

    def __init__(self):
        self._graphs: list[Any] = []
        self._phases: dict[Any, str] = {}
        self._head: dict[str, Any] = {}
        self._runs: dict[Any, tuple[Any, dict[str, Any]]] = {}

    def head(
        self, graphs: Iterable[Any], phases: dict[Any, str], write: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        """The graph and its pictures: they depend on the order of `graphs` and on the phase of each operation shown."""
        graphs = list(graphs)
        more = graphs[: len(self._graphs)] == self._graphs
        if not more or any(phases.get(op) != phase for op, phase in self._phases.items()):
            self._runs.clear()
        if graphs != self._graphs or phases != self._phases or not self._head:
            self._graphs, self._phases, self._head = graphs, phases, write()
        return self._head

    def runs(self, runs: Sequence[Any], write: Callable[[Any], dict[str, Any]]) -> list[dict[str, Any]]:
        """Each of `runs`, written; after `head`."""
        found = []
        for run in runs:
            size = len(run.steps) + run.left_out if getattr(run, "grows", False) else None
            if run not in self._runs or self._runs[run][0] != (size, run.error is None):
                self._runs[run] = (size, run.error is None), write(run)
            found.append(self._runs[run][1])
        return found


class Growth:
    """Which parts of a document are new since a page was sent it."""

    def __init__(self):
        self._now = 0
        self._parts: dict[int, tuple[Any, int]] = {}  # -1 for the graph, else the number of a run -> (part, since)

    def seen(self, document: dict[str, Any]) -> int:
        """The number of the state that `document` is in: a higher one whenever something in it is new."""
        parts = {-1: document["nodes"], **dict(enumerate(document["runs"]))}
        new = {k: part for k, part in parts.items() if k not in self._parts or self._parts[k][0] is not part}
        self._now += bool(new)
        self._parts.update((k, (part, self._now)) for k, part in new.items())
        return self._now

    def since(self, document: dict[str, Any], state: int) -> dict[str, Any]:
        """What is new since `state`: runs by their numbers, and the graph if that is new."""
        now = self.seen(document)
        new = {k for k, (_, since) in self._parts.items() if since > state}
        runs = {str(k): run for k, run in enumerate(document["runs"]) if k in new}
        head = document if -1 in new else {key: document[key] for key in ("note",) if key in document}
        return {**head, **compact({"runs": runs}, served=True), "live": now}
