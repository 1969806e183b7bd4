"""Recording what is computed at once: ops outside any graph, in the order in which the program calls them.

Each call becomes a node of a graph that nobody runs, so that the trace of eager code has the same form as that of a
session: nodes, edges, values, the program's lines.  A tensor remembers which node made it; what was there before the
trace began is drawn as given.  Nothing goes back here: without a tape there is no reverse pass to record.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from .. import dtypes
from ..eager import Cell, EagerTensor
from ..graph import Graph, Operation, Tensor
from ..op import REGISTRY, Op
from ..plan import Plan
from ..tensor import Operators
from . import encode


class EagerRun:
    """The ops that a program called while a trace was open, as one run."""

    grows = True  # while other runs are whole when they are recorded

    def __init__(self, most: int):
        self.graph = Graph()
        self.plan = Plan()
        self.plan.fetched = self.plan.ops  # each result is the program's own
        self.steps: list[dict[str, Any]] = []  # as in a trace, but with operations where it has their ids
        self.wall = 0.0
        self.left_out = 0
        self.error: dict[str, Any] | None = None
        self.failed: tuple[Exception, Operation | None] | None = None
        self._most = most
        self.lock = threading.Lock()

    @property
    def full(self) -> bool:
        return len(self.steps) >= self._most

    def call(self, op: Op, operands: Sequence[Any], attrs: dict[str, Any], name: str | None) -> Any:
        """Compute `op` as always, and note it."""
        from ..eager import execute

        if self.full:
            self.left_out += 1
            return execute(op, operands, attrs)
        noted = _Call(self, op, operands, name)
        try:
            return execute(op, operands, attrs, noted)
        except Exception as error:
            self.failed = error, noted.made
            raise

    def ended(self, error: BaseException | None) -> None:
        """The trace is closed; `error`, where there is one, ended the program's block."""
        while error is not None and self.failed is not None:
            if error is self.failed[0]:
                op = self.failed[1]
                if op is not None:
                    self.plan.ops.append(op)
                self.error = {"type": type(error).__name__, "message": str(error), "op": op}
                return
            error = error.__cause__ or error.__context__

    @contextmanager
    def scope(self, name: str | None):
        """Nodes made inside are named ``name/...``, where that can be a name."""
        try:
            scope = self.graph.name_scope(name)
            scope.__enter__()
        except ValueError:
            yield
            return
        try:
            yield
        finally:
            scope.__exit__(None, None, None)

    # -- nodes

    def given(self, t: EagerTensor, op_type: str, name: str) -> Tensor:
        """The node of a value that no op in this trace made; `name` is a whole one where it has slashes."""
        with self.lock:
            if op_type != "Const":  # where it is used first says nothing of where it belongs
                saved, self.graph._scope = self.graph._scope, ""
                name = self.named(name, op_type)
                self.graph._scope = saved
            elif "/" not in name:
                name = self.named(name, op_type)
            made = self.placed(op_type, name, (), {})
            found = Tensor(made, 0, t._dtype, t._shape)
            made.outputs = (found,)
            self.plan.ops.append(made)
            if t._value is not None:
                self.steps.append({"phase": "forward", "node": made, "value": encode.tensor(t._value)})
        t.__dict__["_traced"] = found
        return found

    def known(self, t: EagerTensor) -> Tensor | None:
        found = t.__dict__.get("_traced")
        return found if found is not None and found.op.graph is self.graph else None

    def variable(self, variable: Any) -> Tensor:
        """The node of a variable; `variable` is what the program has, or only what holds the value."""
        cell = variable if isinstance(variable, Cell) else variable._ref()
        found = self.known(cell)
        return self.given(cell, "VariableV2", getattr(variable, "_name", "Variable")) if found is None else found

    def named(self, name: str, op_type: str) -> str:
        """`name` as a node may have it, inside the scope where there is one."""
        try:
            return self.graph.unique_name(name)
        except ValueError:  # it would be no name in a graph
            return self.graph.unique_name(op_type)

    def placed(self, op_type: str, name: str, inputs: tuple[Tensor, ...], attrs: dict[str, Any]) -> Operation:
        """A new node, whose outputs are still to come."""
        made = Operation.__new__(Operation)
        made._place(self.graph, op_type, name, inputs, attrs, REGISTRY[op_type])
        made.outputs = (Tensor(made, 0, dtypes.untyped, None),)
        self.graph._append(made)
        return made


class _Call:
    """One call: what `eager.execute` tells of it before and after."""

    def __init__(self, run: EagerRun, op: Op, operands: Sequence[Any], name: str | None):
        self.run = run
        self.op = op
        self.operands = operands
        self.name = name
        self.made: Operation | None = None
        self.changes: list[tuple[Cell, Tensor]] = []  # variables that may get a new value, with their nodes
        self.old: list[Any] = []
        self.began = 0.0

    def before(self, node: Any) -> None:
        run = self.run
        name = run.named(self.name or self.op.default_name, self.op.type)
        inputs = []
        for (value, spec), t in zip(self._flat(), node.inputs, strict=True):
            if isinstance(t, Cell):
                inputs.append(run.variable(value if hasattr(value, "_ref") else t))
            elif (found := run.known(t)) is not None:
                inputs.append(found)
            elif isinstance(value, Operators):
                inputs.append(run.given(t, "Placeholder", "given"))
            else:
                inputs.append(run.given(t, "Const", f"{name}/{spec}"))
        if self.op.has_refs:
            self.changes = [(t, found) for t, found in zip(node.inputs, inputs, strict=True) if isinstance(t, Cell)]
        self.old = [t._value for t, _ in self.changes]
        with run.lock:
            self.made = run.placed(self.op.type, name, tuple(inputs), node.attrs)
        self.began = time.perf_counter()

    def after(self, node: Any) -> None:
        us = (time.perf_counter() - self.began) * 1e6
        run, made = self.run, self.made
        assert made is not None
        made.outputs = tuple(Tensor(made, i, t._dtype, t._shape) for i, t in enumerate(node.outputs))
        for t, result in zip(node.outputs, made.outputs, strict=True):
            t.__dict__["_traced"] = result
        hands_on = self.op.has_refs and self.op.results[0].mode == "ref"
        values = [encode.tensor(t._value) for t in node.outputs]
        size = sum(getattr(t._value, "nbytes", 0) for t in node.outputs)
        with run.lock:
            run.plan.ops.append(made)
            run.wall += us / 1e6
            for (cell, variable), old in zip(self.changes, self.old, strict=True):
                self._changed(made, cell, variable, old, us)
            if values and not hands_on:
                step = {"phase": "forward", "node": made, "value": values[0], "t_us": round(us, 2), "bytes": size}
                run.steps.append(step | ({"outputs": values} if len(values) > 1 else {}))
        if hands_on:
            node.outputs[0].__dict__["_traced"] = self.changes[0][1]  # who uses the result uses the variable

    def _changed(self, made: Operation, cell: Cell, variable: Tensor, old: Any, us: float) -> None:
        after = encode.tensor(cell._value)
        if old is None:  # its first value
            self.run.steps.append({"phase": "forward", "node": variable.op, "value": after})
        elif old is not cell._value:
            self.run.steps.append({
                "phase": "update", "node": variable.op, "by": made, "rule": made.type,
                "before": encode.tensor(np.asarray(old)), "after": after, "t_us": round(us, 2),
            })  # fmt: skip

    def _flat(self) -> list[tuple[Any, str]]:
        """(operand as the program gave it, its name) for each input of the node."""
        found: list[tuple[Any, str]] = []
        for value, spec in zip(self.operands, self.op.operands, strict=True):
            if spec.counter:
                found += [(v, f"{spec.name}_{i}") for i, v in enumerate(value)]
            else:
                found.append((value, spec.name))
        return found
