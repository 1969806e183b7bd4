"""What operations that hold a graph of their own compute in it: the turns of loops, the branch that was taken.

The first turns of a loop and its last ones are kept, each with what it was given and what its steps computed; the
others are counted.  Where an error ends a loop its last turn is the one that the error ended.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from ..graph import Operation
from ..plan import Plan, Step
from . import encode

FIRST, LAST = 8, 2  # turns that are kept
MOST_STEPS = 40  # of a turn
MOST = 3_000  # steps inside, of a whole run
_FAILED = object()  # in the place of a value: the step raised an error
_PARTS = {"then_branch": "then", "else_branch": "else", "branches": "branch"}


class _Place:
    """Where a step stands: in which part of which operation, as which step of that part."""

    def __init__(self, owner: Step, part: str, plan: Plan, index: int, names: list[str]):
        self.owner, self.part, self.plan, self.index = owner, part, plan, index
        self.names = names  # of the values of the part


class _Turn:
    def __init__(self):
        self.steps: list[tuple[_Place, Step | int, Any, Any]] = []  # (place, step or slot given, value, turns inside)
        self.left = 0  # steps that are not kept
        self.at: dict[int, int] = {}  # of each part: the step it has come to
        self.given: set[tuple[int, int]] = set()


class _Loop:
    """The turns so far of an operation that is running."""

    def __init__(self):
        self.count = 0
        self.first: list[tuple[int, list[dict[str, Any]]]] = []
        self.last: deque[tuple[int, _Turn]] = deque(maxlen=LAST)
        self.now: _Turn | None = None

    def end(self, turn: _Turn, room: int) -> int:
        """Puts a turn away; returns how many steps of it are written out."""
        if len(self.first) < FIRST and room > 0:
            self.first.append((self.count - 1, _written(turn)))
            return len(turn.steps)
        self.last.append((self.count - 1, turn))
        return 0


class Inside:
    """Notes the steps of the graphs inside a plan's operations, and gives them out with each of these."""

    def __init__(self, plan: Plan):
        self._places: dict[Step, _Place] = {}
        self._loops: dict[Step, _Loop] = {}
        self._room = MOST
        self._find(plan)

    def _find(self, plan: Plan) -> None:
        for owner in plan.steps:
            if owner.op.stanza is None or not owner.bodies:
                continue
            for key in owner.op.stanza.holds:
                found = owner.attrs.get(key)
                bodies = found if isinstance(found, tuple) else (found,)
                for k, body in enumerate(b for b in bodies if isinstance(b, Plan)):
                    part = f"{_PARTS.get(key, key)}{f' {k}' if isinstance(found, tuple) else ''}"
                    names = list(body.names)
                    for t, slot in reversed(body.slots.items()):  # of several the first
                        names[slot] = t.op.name
                    self._places |= {step: _Place(owner, part, body, i, names) for i, step in enumerate(body.steps)}
                    self._find(body)

    def note(self, step: Step, operands: Sequence[Any], result: Any) -> None:
        """A step inside an operation has been computed."""
        place = self._places.get(step)
        if place is None:
            return
        turn, part = self._turn(place), id(place.plan)
        inside = self.taken(step)
        if len(turn.steps) >= MOST_STEPS:
            turn.left += 1
            return
        for slot, value in zip(step.inputs, operands, strict=False):
            if slot in place.plan.feeds and (part, slot) not in turn.given:
                turn.given.add((part, slot))
                turn.steps.append((place, slot, value, None))
        several = isinstance(result, (tuple, list))
        turn.steps.append((place, step, (result[0] if result else None) if several else result, inside))

    def _turn(self, place: _Place) -> _Turn:
        """The turn that a step at `place` belongs to."""
        loop = self._loops.setdefault(place.owner, _Loop())
        turn, part = loop.now, id(place.plan)
        if turn is None or turn.at.get(part, -1) >= place.index:  # the same part from its beginning: another turn
            if turn is not None:
                self._room -= loop.end(turn, self._room)
            turn = loop.now = _Turn()
            loop.count += 1
        turn.at[part] = place.index
        return turn

    def failed(self, op: Operation) -> tuple[Operation, dict[str, Any]] | None:
        """`op` has raised an error: the plan's own operation that it is inside, and the turns of that up to there.

        None where it is not inside another one.
        """
        step = next((step for step in self._places if step.op is op), None)
        if step is None:
            return None
        turns = None
        while (place := self._places.get(step)) is not None:
            self._turn(place).steps.append((place, step, _FAILED, turns))
            step = place.owner
            self._room = max(self._room, MOST_STEPS)  # the last turn is what is looked for
            turns = self.taken(step)
        assert turns is not None
        return step.op, turns

    def taken(self, owner: Step) -> dict[str, Any] | None:
        """The turns of `owner`, which has ended: ``{"count": ..., "kept": [[number, steps], ...]}``."""
        loop = self._loops.pop(owner, None)
        if loop is None or loop.now is None:
            return None
        self._room -= loop.end(loop.now, self._room)
        late = [(number, _written(turn)) for number, turn in loop.last] if self._room > 0 else []
        self._room -= sum(len(steps) for _, steps in late)
        kept = [[number, steps] for number, steps in [*loop.first, *late]]
        return {"count": loop.count, "kept": kept} if kept else None


def _written(turn: _Turn) -> list[dict[str, Any]]:
    found = [_step(*noted) for noted in turn.steps]
    if turn.left:
        found.append({"part": "…", "name": f"{turn.left} more steps", "type": "", "inputs": [], "value": None})
    return found


def _step(place: _Place, step: Step | int, value: Any, turns: dict[str, Any] | None) -> dict[str, Any]:
    name = place.names
    tensor = None if value is None or value is _FAILED or isinstance(value, tuple) else encode.tensor(value)
    if isinstance(step, int):
        return {"part": place.part, "name": name[step], "type": "given", "inputs": [], "value": tensor}
    found = {"part": place.part, "name": step.op.name, "type": step.op.type, "inputs": [name[s] for s in step.inputs]}
    more = {**({"turns": turns} if turns else {}), **({"failed": True} if value is _FAILED else {})}
    return {**found, "value": tensor, **more}
