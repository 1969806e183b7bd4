"""A plan in pieces: what has to run on the host, and what can be compiled between."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from ..dtypes import string, untyped
from ..plan import Plan, Step


class Giving:
    """Whether a program of a session gives old values of variables away, as memory for the new ones.

    Then those that only read must have the state for themselves as well.
    """

    happens = False


def host_op(step: Step) -> bool:
    """Whether a step has to run on the host."""
    return bool(why_on_host(step))


def why_on_host(step: Step) -> str:
    """Why a step runs on the host; "" when it may be compiled."""
    stanza = step.op.stanza
    types = {t.dtype.base_dtype for t in (*step.op.inputs, *step.op.outputs)}
    if stanza is None:
        return "an operation of your own"
    if stanza.host:
        return "runs Python code" if stanza.host == "python" else stanza.host
    if string in types:
        return "handles strings"
    if untyped in types:
        return "untyped values follow NumPy's rules"
    return next((f"holds {i.op.type}" for body in step.bodies for i in body.steps if host_op(i)), "")


def cut(plan: Plan, sides: Sequence[Hashable]) -> list[tuple[Hashable, Plan]]:
    """The plan in pieces, in order: neighbouring steps that `sides` (one entry a step) puts on one side."""
    groups: list[tuple[Hashable, list[Step]]] = []
    for step, side in zip(plan.steps, sides, strict=True):
        if not groups or groups[-1][0] != side:
            groups.append((side, []))
        groups[-1][1].append(step)
    later = [{s for s in plan.fetches if s is not None}]
    for _, steps in reversed(groups):
        later.append(later[-1] | {s for step in steps for s in step.inputs})
    later.reverse()
    parts = []
    for (side, steps), wanted in zip(groups, later[1:], strict=True):
        made = {s for step in steps for s in step.outputs}
        part = Plan()
        part.names, part.constants = plan.names, plan.constants
        needed = dict.fromkeys(s for step in steps for s in step.inputs if s not in made and s not in plan.constants)
        part.feeds = list(needed)
        kept = {slot for step in steps for _, slot, _ in step.writes}
        handed_on = {s for s in made if s in wanted or s in kept}
        part.fetches = [*sorted(handed_on)]
        part.steps = [_copy(step, handed_on) for step in steps]
        parts.append((side, part))
    return parts


def _copy(step: Step, alive: set[int]) -> Step:
    """`step` as part of a piece: what the piece hands on stays alive."""
    copy = Step(step.op, step.inputs, step.attrs, step.outputs, step.writes, step.counts)
    copy.dead = [s for s in step.dead if s not in alive]
    return copy
