"""Gradients that come in several shares: what is there after each of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import Tensor
from ..plan import Plan
from . import encode


def source(t: Tensor) -> Tensor:
    """The tensor that `t` is another name of: through identities, and a variable's read."""
    while t.op.inputs and ((t.op.stanza is not None and t.op.stanza.alias) or _is_read(t)):
        t = t.op.inputs[0]
    return t


def _is_read(t: Tensor) -> bool:
    return t.op.type == "Identity" and t.op.inputs[0].op.type == "VariableV2"


class Sums:
    """Keeps the shares of a gradient while a plan runs, where there are more than two, and adds them up one by one.

    The first share is the sum so far, and the last sum is computed by the program itself.
    """

    def __init__(self, plan: Plan):
        self._shares: list[list[int]] = []  # slots of the shares of one gradient, in the order of the reverse pass
        self._of: list[tuple[Any, Tensor]] = []  # the reverse pass and the tensor of each
        self._kept: dict[int, Any] = {}
        for note in plan.ops[0].graph.reverse_passes if plan.ops else ():
            shares: dict[Tensor, list[Any]] = {}
            for op in note.path:
                if source(op.outputs[0]).op is op:
                    for slot, share in note.sent[op]:
                        shares.setdefault(source(op.inputs[slot]), []).append(share)
            for target, each in shares.items():
                slots = [plan.slots.get(source(g)) if isinstance(g, Tensor) else None for g in each]
                if len(slots) > 2 and None not in slots:
                    self._shares.append(slots)  # type: ignore[arg-type]
                    self._of.append((note, target))
        self._wanted = {slot for slots in self._shares for slot in slots}
        self._constants = plan.constants

    def keep(self, slot: int, value: Any) -> None:
        if slot in self._wanted:
            self._kept[slot] = value

    def added(self) -> dict[tuple[int, Tensor], list[dict[str, Any]]]:
        """For each gradient of a reverse pass (its id, the tensor) the sum after the second share, the third, ...

        That after the last is left out.  What was kept is let go.
        """
        kept = {**self._kept, **{slot: v for slot, v in self._constants.items() if slot in self._wanted}}
        found: dict[tuple[int, Tensor], list[dict[str, Any]]] = {}
        for (note, target), slots in zip(self._of, self._shares, strict=True):
            if all(slot in kept for slot in slots):
                total = np.asarray(kept[slots[0]])
                sums = found[id(note), target] = []
                with np.errstate(all="ignore"):
                    for slot in slots[1:-1]:
                        total = np.add(total, kept[slot])
                        sums.append(encode.tensor(total))
        self._kept = {}
        return found
