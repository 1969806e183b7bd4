"""Where a plan runs, in words: what `Session.placement` shows."""

from __future__ import annotations

from typing import Any

from ..plan import Step
from .pieces import why_on_host
from .promotion import Account, Program as Promoted


def placement(program: Any) -> str:
    """The backend, the devices and the pieces of a program."""
    if isinstance(program, Promoted):
        if program.xla is None or program.never:
            return "\n".join([_numpy(program.plan.steps), *_waiting(program)])
        program = program.xla
    pieces = getattr(program, "pieces", None)
    if pieces is None:
        return _numpy(program.plan.steps)
    steps = [step for piece in pieces for step in piece.plan.steps]
    took = f", compiled in {program.compile_seconds:.1f} s" if program.compile_seconds else ", not compiled yet"
    lines = [f"XLA runs {_count(steps)} in {len(pieces)} piece{'s' * (len(pieces) != 1)}{took}."]
    for piece in pieces:
        if hasattr(piece, "device"):
            lines.append(f"  XLA    /device:{piece.device.name}  {_count(piece.plan.steps)}")
            continue
        lines.append(f"  NumPy  /device:CPU:0  {_count(piece.plan.steps)}")
        lines += [f"    {_named(step)}: {why_on_host(step) or 'asks for values'}" for step in piece.plan.steps]
    return "\n".join(lines)


def _numpy(steps: list[Step]) -> str:
    return f"NumPy runs {_count(steps)} on /device:CPU:0."


def _waiting(program: Promoted) -> list[str]:
    """Why XLA does not run a plan of the backend `auto`, or not yet."""
    if program.never:
        return [f"XLA will not run it: {program.never}."]
    if not program.accounts:
        return ["XLA takes over when that pays; it has not run yet."]
    return [f"  fed {shapes or 'nothing'}: {_state(account)}" for shapes, account in program.accounts.items()]


def _state(account: Account) -> str:
    if not account.saving:
        return "XLA would not be faster (by estimate)"
    return (
        f"{account.numpy * 1e3:.3g} ms a run, {account.compiled * 1e3:.3g} ms by XLA (estimates); "
        f"{account.saved:.2f} s lost so far, XLA takes over at {account.cost:.2f} s"
    )


def _count(steps: list[Step]) -> str:
    return f"{len(steps):,} op{'s' * (len(steps) != 1)}"


def _named(step: Step) -> str:
    line = f" at {step.op.user_line}" if step.op.user_line else ""
    return f"{step.op.name} ({step.op.type}{line})"
