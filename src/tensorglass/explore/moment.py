"""What is known after a step of a recorded run: values and gradients so far, and a sentence about the step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Tensor = dict[str, Any]


class Moment:
    """The state of run number `run` after step number `step` (after the last one without it)."""

    def __init__(self, document: dict[str, Any], run: int = 0, step: int | None = None):
        self.values: dict[str, Tensor] = {}
        self.grads: dict[str, Tensor] = {}
        self.pending: dict[str, int] = {}  # shares of a gradient that are still to come
        self.sent: set[tuple[str, str, int | None]] = set()  # edges (from, to, slot) that carried a gradient back
        self.now: dict[str, Any] | None = None
        self.error: dict[str, Any] | None = None
        self.text = "not run"
        runs = document.get("runs") or []
        if not runs and run == 0 and step in (None, 0):
            return
        if not -len(runs) <= run < len(runs):
            raise IndexError(f"run {run} of a trace with {len(runs)} runs")
        steps = runs[run].get("steps") or []
        last = len(steps) - 1 if step is None else step + len(steps) if step < 0 else step
        if steps and not 0 <= last < len(steps):
            raise IndexError(f"step {step} of a run with {len(steps)} steps")
        for one in steps[: last + 1]:
            self._take(document, one)
        if last == len(steps) - 1:
            self.error = runs[run].get("error")
        if steps:
            self.text = _sentence(document, steps, last)

    @property
    def active(self) -> str | None:
        """The id of the node that the step is about."""
        return None if self.now is None else self.now["node"]

    @property
    def phase(self) -> str:
        return "forward" if self.now is None else self.now["phase"]

    def _take(self, document: dict[str, Any], step: dict[str, Any]) -> None:
        self.now = step
        node = step["node"]
        if step["phase"] == "forward":
            self._keep(self.values, node, step.get("value"), document)
        elif step["phase"] == "update":
            self._keep(self.values, node, step.get("after"), document)
        else:
            self._keep(self.grads, node, step.get("grad"), document)
            self.pending.pop(node, None)
            for send in step.get("sends") or ():
                self.sent.add((send["to"], node, send.get("slot")))
                self._keep(self.grads, send["to"], send.get("total"), document)
                self.pending[send["to"]] = send.get("pending") or 0

    @staticmethod
    def _keep(known: dict[str, Tensor], node: str, tensor: Tensor | None, document: dict[str, Any]) -> None:
        if tensor is not None:
            known[node] = resolved(tensor, document)


def resolved(tensor: Tensor, document: dict[str, Any]) -> Tensor:
    """`tensor`, or the one elsewhere in the document that it says it is the same as."""
    for _ in range(8):  # a chain of references that ends nowhere must not hang
        pointer = tensor.get("same_as")
        if not isinstance(pointer, str):
            break
        found: Any = document
        for part in pointer.removeprefix("#/").split("/"):
            found = found[int(part)] if isinstance(found, list) else found[part]
        tensor = found
    return tensor


def short(tensor: Tensor) -> list[str]:
    """A value in a few characters, in forms from longer to shorter: a number, a short vector, or shape and range.

    >>> short({"shape": [], "data": [2.786912]})
    ['2.787']
    >>> short({"shape": [4, 2], "size": 8, "stats": {"min": -0.8, "max": 0.0, "nan": 0, "inf": 0}})
    ['(4,2) −0.8..0', '−0.8..0']
    """
    shape, data = tensor.get("shape") or [], tensor.get("data")
    stats = tensor.get("stats") or {}
    sizes = f"({','.join(map(str, shape))})"
    if data and not shape:
        return [number(data[0], 4)]
    if data and len(shape) == 1 and len(data) <= 2:
        return [f"[{', '.join(number(v, digits) for v in data)}]" for digits in (3, 2)]
    bad = [f"{stats[key]} {word}" for key, word in (("nan", "NaN"), ("inf", "Inf")) if stats.get(key)]
    low, high = stats.get("min"), stats.get("max")
    if bad:
        said = ", ".join(bad)
    elif low is None or high is None:
        return [f"{sizes} {tensor.get('dtype', '')}".rstrip(), sizes]
    else:
        said = number(low, 2) if low == high else f"{number(low, 2)}..{number(high, 2)}"
    return [f"{sizes} {said}", said]


def number(value: Any, digits: int) -> str:
    """A number with that many digits, a true minus, and no needless characters.

    >>> number(-3.1327, 3), number(1e-07, 2), number("nan", 3), number(True, 3)
    ('−3.13', '1e−7', 'NaN', 'True')
    """
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return {"nan": "NaN", "inf": "Inf", "-inf": "−Inf"}.get(value, value)
    if isinstance(value, int) and abs(value) < 10**6:
        return str(value).replace("-", "−")
    text = f"{value:.{digits}g}"
    mantissa, e, exponent = text.partition("e")
    if mantissa in ("0", "-0"):
        return "0"
    return (mantissa + (f"e{int(exponent)}" if e else "")).replace("-", "−")


def wrong(tensor: Tensor) -> bool:
    """Whether a value has a NaN or an infinity."""
    stats = tensor.get("stats") or {}
    return bool(stats.get("nan") or stats.get("inf"))


def _sentence(document: dict[str, Any], steps: list[dict[str, Any]], last: int) -> str:
    step = steps[last]
    names: dict[str, str] = {node["id"]: str(node.get("name") or node["id"]) for node in document["nodes"]}
    phase, node = step["phase"], names.get(step["node"], step["node"])
    same = [one for one in steps if one["phase"] == phase]
    done = sum(one["phase"] == phase for one in steps[: last + 1])
    if phase == "forward":
        what = f"{node} has its value"
    elif phase == "update":
        what = f"{node} changes ({step.get('rule')})"
    else:
        to = listed(names.get(send["to"], str(send["to"])) for send in step.get("sends") or ())
        what = f"{node} sends its gradient to {to}" if to else f"{node} has its gradient"
    return f"Step {last + 1} of {len(steps)} · {phase} {done} of {len(same)}: {what}"


def listed(names: Iterable[str]) -> str:
    """Names in words: a, b and c."""
    found = list(dict.fromkeys(names))
    return " and ".join(filter(None, [", ".join(found[:-1]), *found[-1:]]))
