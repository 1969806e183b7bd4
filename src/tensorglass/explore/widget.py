"""The explorer as a widget of a notebook that is running: Python moves it, and reads what the learner does.

It is the same view as in a page.  A widget lives with its kernel: where a notebook is only looked at (an export,
GitHub's preview) it is blank, and a trace that displays itself is not.
"""

from __future__ import annotations

import time
import weakref
from typing import Any

try:
    import anywidget
    import traitlets
except ImportError as error:
    raise ImportError(
        f"Trace.widget() needs anywidget, which cannot be imported ({error}): pip install 'tensorglass[notebook]'"
    ) from error

from ..graph import Operation, Tensor
from . import Trace
from .html import module
from .record import source

_PAUSE = 0.5  # seconds between one look at a growing trace and the next


class Explorer(anywidget.AnyWidget):
    """A view of a trace: set ``run``, ``step``, ``selected`` or ``breakpoints`` and it follows; read them to know.

    ``step`` counts from 0, and from the end where it is negative.  ``selected`` is a node's id (its name, tensor or
    operation will do when you set it), or None for the node of the step.  Breakpoints are the texts ``"bad"`` (a NaN
    or an infinity), ``"type MatMul"`` and ``"node n3"``, where a name will do too.  ``document`` grows with the trace.
    """

    _esm = module()
    document = traitlets.Dict(read_only=True).tag(sync=True)
    run = traitlets.Int(0).tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    selected: Any = traitlets.Any(None, allow_none=True).tag(sync=True)
    breakpoints = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, trace: Trace, **state: Any):
        super().__init__()
        self._trace = trace
        self._looked = 0.0
        self.look()
        trace._recorder.listeners.append(_gently(weakref.WeakMethod(self._grown)))
        for key, value in state.items():
            setattr(self, key, value)

    @property
    def node(self) -> dict[str, Any] | None:
        """The node that is shown: the selected one, else that of the step."""
        steps = self._steps(self.run)
        shown = self.selected or (steps[self.step]["node"] if self.step < len(steps) else None)
        return next((node for node in self.document["nodes"] if node["id"] == shown), None)

    def look(self) -> None:
        """Bring the view up to date with the trace; it does so by itself while the trace grows."""
        began = time.monotonic()
        self.set_trait("document", self._trace.document())
        now = time.monotonic()
        self._looked = now + 4 * (now - began)  # a large document must not hold the program up

    def _grown(self, last: bool) -> None:
        if last or time.monotonic() - self._looked > _PAUSE:
            self.look()

    def _steps(self, run: int) -> list[dict[str, Any]]:
        runs = self.document.get("runs") or []
        return runs[run]["steps"] if run < len(runs) else []

    @traitlets.validate("run")
    def _a_run(self, proposal: Any) -> int:
        return _within(proposal["value"], len(self.document.get("runs") or ()))

    @traitlets.validate("step")
    def _a_step(self, proposal: Any) -> int:
        return _within(proposal["value"], len(self._steps(self.run)))

    @traitlets.observe("run", "step")
    def _moved(self, change: Any) -> None:
        self.step = _within(self.step, len(self._steps(self.run)))
        self.selected = None  # as in the view: a step shows its own node

    @traitlets.validate("selected")
    def _a_node(self, proposal: Any) -> str | None:
        wanted = proposal["value"]
        return None if wanted is None else self._id(wanted)

    @traitlets.validate("breakpoints")
    def _places(self, proposal: Any) -> list[str]:
        return [self._place(text) for text in proposal["value"]]

    def _place(self, text: str) -> str:
        kind, _, name = text.partition(" ")
        if text == "bad" or (kind == "type" and name):
            return text
        if kind == "node" and name:
            return f"node {self._id(name)}"
        raise traitlets.TraitError(
            f"a breakpoint is 'bad', 'type ' and an op type, or 'node ' and a node, not {text!r}"
        )

    def _id(self, wanted: Any) -> str:
        """The id of the node that has it, or that name, or that is a tensor's or an operation's."""
        wanted = getattr(wanted, "_variable", wanted)
        if isinstance(wanted, Operation):
            wanted = wanted.outputs[0] if wanted.outputs else wanted.name
        if isinstance(wanted, Tensor):
            wanted = source(wanted).op.name
        nodes = self.document["nodes"]
        by_name = {node["name"]: node["id"] for node in nodes}
        if isinstance(wanted, str):
            if any(node["id"] == wanted for node in nodes):
                return wanted
            if wanted.removesuffix(":0") in by_name:
                return by_name[wanted.removesuffix(":0")]
        raise traitlets.TraitError(f"this trace has no node {wanted!r}")


def _within(k: int, count: int) -> int:
    """`k` as an index of `count` things, from the end where it is negative."""
    return min(max(k + count if k < 0 else k, 0), max(count - 1, 0))


def _gently(method: weakref.WeakMethod) -> Any:
    """`method` as long as its object is there."""

    def call(last: bool) -> None:
        found = method()
        if found is not None:
            found(last)

    return call
