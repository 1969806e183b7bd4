"""The graph: operations that wait, and the tensors that run between them.

Second stop of the walk (ops/elementwise -> graph -> op -> gradients -> plan -> session -> train).  Nothing is
computed here: a `Graph` is an append-only list of `Operation` nodes, each with input tensors, attributes and output
tensors.  Because a node can only use tensors that already exist, the order of creation is a topological order: every
traversal in the library leans on that.  The course tells the story in chapter 1.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from typing import Any

from . import context, devices
from .dtypes import untyped
from .graph_collections import Collections
from .shapes import as_tuple
from .tensor import Operators as Operators, Reference as Reference, Tensor as Tensor, session_or_default

_OP_NAME = re.compile(r"^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$")
_SCOPE_NAME = re.compile(r"^[A-Za-z0-9_.\\/>-]*$")
_PACKAGE = __name__.rpartition(".")[0]


class Operation(Operators):
    """A node of the graph: what to compute (`type`, attributes), from which tensors, giving which tensors.

    Library ops are made by their stanza (op.py).  To add one of your own, subclass with a `compute` method that takes
    and returns NumPy arrays, and register its gradient under the class name:

    >>> import tensorglass as tg
    >>> class double(tg.Operation):
    ...     def compute(self, x):
    ...         return 2 * x
    >>> with tg.Graph().as_default():
    ...     y = double([tg.constant(3.0)]) + 1.0
    ...     print(tg.Session().run(y))
    7.0
    """

    # What a subclass may declare about its single output; the defaults say "like the first input, any shape".
    output_dtype: Any = None
    output_shape: Any = None

    graph: Graph
    type: str
    _name: str
    _id: int
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    control_inputs: Sequence[Operation]
    grad_of: Operation | None  # the operation whose gradient this one helps to compute
    stanza: Any  # the op definition; None for a user's subclass

    def __init__(self, input_nodes: Iterable[Any] = (), name: str | None = None):
        from .op import convert_to_tensor

        nodes: list[Any] = list(input_nodes) if isinstance(input_nodes, (list, tuple)) else [input_nodes]
        graph = context.current_graph() or next((n.graph for n in nodes if hasattr(n, "graph")), None)
        if graph is None:
            raise RuntimeError(
                f"{type(self).__name__} is an Operation: it lives in a graph. Create it inside "
                "`with tf.Graph().as_default():`."
            )
        full = graph.unique_name(name or type(self).__name__)
        with graph.as_default():
            tensors = [convert_to_tensor(n) for n in nodes]
            inputs = tuple(t if t.op.graph is graph else graph._capture(t, full) for t in tensors)
        dtype = self.output_dtype or (inputs[0].dtype.base_dtype if inputs else untyped)
        self._place(graph, type(self).__name__, full, inputs, {}, None)
        self.outputs = (Tensor(self, 0, dtype, as_tuple(self.output_shape)),)
        graph._append(self)

    def _place(self, graph: Graph, op_type: str, name: str, inputs: tuple[Tensor, ...], attrs: dict, stanza: Any):
        """Fill in a node; `Graph._append` then makes it part of the graph."""
        self.graph = graph
        self.type = op_type
        self._name = name
        self.inputs = inputs
        self.attrs = attrs
        self.stanza = stanza
        self.control_inputs = graph._current_controls(inputs) if graph._control_stack else ()
        self._device = graph._device
        self.grad_of = graph._going_back
        self._gradient_type = graph._gradient_overrides.get(op_type) if graph._gradient_overrides else None
        self._line = _calling_line()

    @property
    def name(self) -> str:
        return self._name

    @property
    def device(self) -> str:
        return self._device

    @property
    def user_line(self) -> str:
        """``file:line`` of the statement in the user's program that created this node."""
        return "" if self._line is None else f"{self._line[0]}:{self._line[1]}"

    @property
    def traceback(self):
        return [] if self._line is None else [(*self._line, "", "")]

    @property
    def input_nodes(self) -> list[Operation]:
        """The operations whose outputs this one takes."""
        return [t.op for t in self.inputs]

    @property
    def consumers(self) -> list[Operation]:
        """The operations that take an output of this one."""
        return [op for t in self.outputs for op in t._consumers or ()]

    def compute(self, *values: Any):
        """This operation's kernel, applied to `values`: NumPy arrays, one for each input."""
        from .backends.numpy import compute

        return compute(self, values)

    def get_attr(self, name: str):
        """The attribute `name` of this op's type; ValueError when it has none."""
        try:
            return self.attrs[name]
        except KeyError:
            raise ValueError(
                f"Operation '{self.name}' has no attr named '{name}'. It has: {sorted(self.attrs)}."
            ) from None

    def __getattr__(self, name: str):
        # Gradient rules read attributes as `op.axis`.
        try:
            return self.__dict__["attrs"][name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}") from None

    def _to_tensor(self, dtype: Any = None) -> Tensor:
        """A subclassed operation stands for its output in expressions and fetches."""
        if len(self.outputs) != 1:
            raise TypeError(f"Operation {self.name} ({self.type}) has {len(self.outputs)} outputs, not one value")
        return self.outputs[0]

    def values(self) -> tuple[Tensor, ...]:
        return self.outputs

    def run(self, feed_dict: Any = None, session: Any = None) -> None:
        """Run this operation in `session`, or in the default session."""
        session_or_default(session, "execute operation using `run()`", "op.run").run(self, feed_dict)

    def _repr_html_(self) -> str:
        from .explore.picture import of_operation

        return of_operation(self)

    def __repr__(self) -> str:
        return f"<tf.Operation '{self.name}' type={self.type}>"

    def __str__(self) -> str:
        inputs = [t.name.removesuffix(":0") for t in self.inputs] + [f"^{op.name}" for op in self.control_inputs]
        return "\n".join([f'name: "{self.name}"', f'op: "{self.type}"', *(f'input: "{i}"' for i in inputs), ""])


def _calling_line() -> tuple[str, int] | None:
    """File and line of the nearest frame outside this package."""
    frame = sys._getframe(2)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module != _PACKAGE and not module.startswith(_PACKAGE + "."):
            return frame.f_code.co_filename, frame.f_lineno
        frame = frame.f_back
    return None


class Graph(Collections):
    """Operations in order of creation, the names they have, and the collections users file them in."""

    def __init__(self):
        super().__init__()
        self._root = self  # of a graph inside an operation: the outermost graph around it
        self._ops: list[Operation] = []
        self._by_name: dict[str, Operation] = {}
        self._names_in_use: dict[str, int] = {}
        self._scope = ""
        self._control_stack: list[_Controls | None] = []
        self._device = ""
        self._device_hints: tuple = ()  # of the blocks around, the outermost first; names and functions
        self._gradient_overrides: dict[str, str] = {}
        self.reverse_passes: list[Any] = []  # what `gradients` has done here: see ReversePass
        self._going_back: Operation | None = None
        self._finalized = False
        self._entered = 0
        self._unfeedable: set[Tensor] = set()
        self._unfetchable: set[Any] = set()
        self.seed: int | None = None
        self.random_ops = 0  # how many unseeded random ops exist: their op seeds count from here

    # -- what is in it

    @property
    def operations(self) -> list[Operation]:
        return list(self._ops)

    @property
    def variables(self) -> list:
        """All variables of this graph, in order of creation."""
        seen = [*self.get_collection("variables"), *self.get_collection("local_variables")]
        return sorted(seen, key=lambda v: v.op._id)

    @property
    def placeholders(self) -> list[Tensor]:
        return [op.outputs[0] for op in self._ops if op.type == "Placeholder"]

    def _repr_html_(self) -> str:
        from .explore.picture import of_graph

        return of_graph(self)

    def get_operations(self) -> list[Operation]:
        return list(self._ops)

    @property
    def version(self) -> int:
        """Grows with every op added."""
        return len(self._ops)

    @property
    def building_function(self) -> bool:
        return False

    # -- building

    def _append(self, op: Operation) -> None:
        if self._finalized:
            raise RuntimeError("Graph is finalized and cannot be modified.")
        if self._device_hints and not self._device:  # there is a function among them
            op._device = devices.combined(self._device_hints, op)
        op._id = len(self._ops)
        self._ops.append(op)
        self._by_name[op._name] = op
        for t in op.inputs:
            if t._consumers is None:
                t._consumers = [op]
            else:
                t._consumers.append(op)
        if self._control_stack:
            for controls in self._control_stack:
                if controls is not None:
                    controls.created.add(op)

    def finalize(self) -> None:
        """Make the graph read-only: adding an op raises RuntimeError from here on."""
        self._finalized = True

    @property
    def finalized(self) -> bool:
        return self._finalized

    def _check_not_finalized(self) -> None:
        if self._finalized:
            raise RuntimeError("Graph is finalized and cannot be modified.")

    def unique_name(self, name: str, mark_as_used: bool = True) -> str:
        """`name` inside the current scope, with _1, _2, ... appended when it is taken (letter case ignored).

        A name that ends in "/" is taken as it stands, from the graph's root.
        """
        if name.endswith("/"):
            name = name[:-1]
            if not _OP_NAME.match(name):
                raise ValueError(f"'{name}' is not a valid node name")
            return name
        if not _OP_NAME.match(name if not self._scope else self._scope + "/" + name):
            raise ValueError(f"'{name}' is not a valid node name")
        if self._scope:
            name = f"{self._scope}/{name}"
        used = self._names_in_use
        key = name.lower()
        count = used.get(key, 0)
        if mark_as_used:
            used[key] = count + 1
        if count:
            base = key
            while key in used:
                key = f"{base}_{count}"
                count += 1
            if mark_as_used:
                used[base] = count
                used[key] = 1
            name = f"{name}_{count - 1}"
        return name

    @contextmanager
    def name_scope(self, name: str | None):
        """Prefix the names of ops made inside by ``name/``; "" or None goes back to the root."""
        if name and not (_SCOPE_NAME if self._scope else _OP_NAME).match(name):
            raise ValueError(f"'{name}' is not a valid scope name")
        old = self._scope
        if not name:
            new = ""
        elif name.endswith("/"):
            new = name[:-1]
        else:
            new = self.unique_name(name)
        self._scope = new
        try:
            yield new + "/" if new else ""
        finally:
            self._scope = old

    def get_name_scope(self) -> str:
        return self._scope

    @contextmanager
    def control_dependencies(self, control_inputs: Any):
        """Ops made inside run after all of `control_inputs`; None forgets the dependencies of outer blocks."""
        if control_inputs is None:
            saved, self._control_stack = self._control_stack, []
            try:
                yield
            finally:
                self._control_stack = saved
            return
        ops = []
        for c in control_inputs:
            c = getattr(c, "_as_graph_element", lambda c=c: c)()
            c = c._to_tensor() if hasattr(c, "_to_tensor") and not isinstance(c, (Tensor, Operation)) else c
            if not isinstance(c, (Tensor, Operation)):
                raise TypeError(f"Control input must be Operation or Tensor, got {c!r}")
            op = c.op if isinstance(c, Tensor) else c
            if op.graph is self:
                ops.append(op)
            else:
                self._wait_for(op)
        self._control_stack.append(_Controls(ops))
        try:
            yield
        finally:
            self._control_stack.pop()

    def _current_controls(self, inputs: Sequence[Tensor]) -> tuple[Operation, ...]:
        ops: dict[Operation, None] = {}
        for controls in self._control_stack:
            # An input made inside the block waits for the controls already, and so does who uses it.
            if controls is not None and not any(t.op in controls.created for t in inputs):
                ops.update(dict.fromkeys(controls.ops))
        for t in inputs:
            ops.pop(t.op, None)
        return tuple(ops)

    def _wait_for(self, op: Operation) -> None:
        raise ValueError(f"Control input {op.name} must be from the same graph as the ops it controls.")

    def _here(self) -> Graph:
        """The graph that ops on tensors of this one join: the current one, where that is a part of an op in it."""
        current = context.current_graph()
        return current if current is not None and current._root is self._root else self

    def _capture(self, t: Tensor, user: str = "") -> Tensor:
        """What stands here for a tensor of another graph: nothing, but a `SubGraph` knows the graphs around it."""
        raise ValueError(
            f"Tensor {t!r} must be from the same graph as {user or 'what uses it'}: it belongs to another tf.Graph. "
            "Build both under the same `with graph.as_default():`."
        )

    @contextmanager
    def device(self, device_name_or_function: Any):
        """A placement hint for ops made inside: a name, a `DeviceSpec`, or a function of the op that gives one.

        An inner name fills in and overrides what outer blocks say; None forgets them.
        """
        new = None if device_name_or_function is None else devices.hint(device_name_or_function)
        with self._hinted((*self._device_hints, new) if new is not None else ()):
            yield

    @contextmanager
    def colocate_with(self, op: Any, ignore_existing: bool = False):
        """Ops made inside get the device of `op`."""
        op = op if isinstance(op, Operation) else op.op
        with self._hinted((op.device,)):
            yield

    @contextmanager
    def _hinted(self, hints: tuple):
        saved = self._device, self._device_hints
        self._device_hints = hints
        self._device = "" if any(map(callable, hints)) else devices.combined(hints)
        try:
            yield
        finally:
            self._device, self._device_hints = saved

    @contextmanager
    def container(self, container_name: str):
        yield container_name

    @contextmanager
    def gradient_override_map(self, op_type_map: dict[str, str]):
        """Inside, ops of a type in the map get the gradient registered under the other name."""
        if not isinstance(op_type_map, dict):
            raise TypeError("op_type_map must be a dictionary mapping strings to strings")
        for key, value in op_type_map.items():
            if not isinstance(key, str) or not isinstance(value, str):
                raise TypeError("op_type_map must be a dictionary mapping strings to strings")
        saved = self._gradient_overrides
        self._gradient_overrides = {**saved, **op_type_map}
        try:
            yield
        finally:
            self._gradient_overrides = saved

    @contextmanager
    def going_back(self, op: Operation):
        """Ops made inside belong to the reverse pass, to the gradient of `op`."""
        saved, self._going_back = self._going_back, op
        try:
            yield
        finally:
            self._going_back = saved

    def as_default(self) -> _AsDefault:
        """``with graph.as_default():`` makes this the graph that ops join.

        In the root namespace the bare call does so too, for the rest of the program.
        """
        return _AsDefault(self)

    # -- looking things up

    def as_graph_element(self, obj: Any, allow_tensor: bool = True, allow_operation: bool = True) -> Any:
        """The tensor or operation of this graph that `obj` (an object or a name) stands for."""
        if hasattr(obj, "_as_graph_element"):
            obj = obj._as_graph_element()
        if isinstance(obj, str):
            return self._by_text(obj, allow_tensor, allow_operation)
        wanted = "Tensor" if not allow_operation else "Operation" if not allow_tensor else "Tensor or Operation"
        if (isinstance(obj, Tensor) and allow_tensor) or (isinstance(obj, Operation) and allow_operation):
            if obj.graph is not self:
                kind = "Tensor" if isinstance(obj, Tensor) else "Operation"
                raise ValueError(f"{kind} {obj!r} is not an element of this graph.")
            return obj
        raise TypeError(f"Can not convert a {type(obj).__name__} into a {wanted}.")

    def _by_text(self, name: str, allow_tensor: bool, allow_operation: bool):
        if ":" in name and allow_tensor:
            op_name, _, index = name.rpartition(":")
            if not index.isdigit():
                raise ValueError(f'The name {name!r} looks like a Tensor name, but is not: use "<op_name>:<index>".')
            op = self._by_name.get(op_name)
            if op is None:
                raise KeyError(
                    f"The name {name!r} refers to a Tensor which does not exist. The operation, {op_name!r}, does "
                    "not exist in the graph."
                )
            if int(index) >= len(op.outputs):
                raise KeyError(
                    f"The name {name!r} refers to a Tensor which does not exist. The operation, {op_name!r}, exists "
                    f"but only has {len(op.outputs)} outputs."
                )
            return op.outputs[int(index)]
        if ":" not in name and allow_operation:
            if name not in self._by_name:
                raise KeyError(f"The name {name!r} refers to an Operation not in the graph.")
            return self._by_name[name]
        if allow_tensor:
            raise ValueError(
                f"The name {name!r} refers to an Operation, not a Tensor. Tensor names must be of the form "
                '"<op_name>:<output_index>".'
            )
        raise ValueError(f"Name {name!r} appears to refer to a Tensor, not an Operation.")

    def get_tensor_by_name(self, name: str) -> Tensor:
        """The tensor named ``"op:0"``; KeyError when there is none."""
        if not isinstance(name, str):
            raise TypeError(f"Tensor names are strings (or similar), not {type(name).__name__}.")
        return self.as_graph_element(name, allow_tensor=True, allow_operation=False)

    def get_operation_by_name(self, name: str) -> Operation:
        if not isinstance(name, str):
            raise TypeError(f"Operation names are strings (or similar), not {type(name).__name__}.")
        return self.as_graph_element(name, allow_tensor=False, allow_operation=True)

    def is_feedable(self, tensor: Tensor) -> bool:
        return tensor not in self._unfeedable

    def prevent_feeding(self, tensor: Tensor) -> None:
        self._unfeedable.add(tensor)

    def is_fetchable(self, tensor_or_op: Any) -> bool:
        return tensor_or_op not in self._unfetchable

    def prevent_fetching(self, op: Operation) -> None:
        self._unfetchable.add(op)


class _Controls:
    """One ``control_dependencies`` block: what to wait for, and the ops made inside so far."""

    def __init__(self, ops: list[Operation]):
        self.ops = ops
        self.created: set[Operation] = set()


class _AsDefault:
    """Context manager of `Graph.as_default`."""

    def __init__(self, graph: Graph):
        self._graph = graph
        self._pushed = not context.graph_mode()
        if self._pushed:
            context.stacks.graphs.append(graph)

    def __enter__(self) -> Graph:
        if not self._pushed:
            context.stacks.graphs.append(self._graph)
        self._pushed = True
        self._graph._entered += 1
        return self._graph

    def __exit__(self, *exc: object) -> None:
        self._graph._entered -= 1
        self._pushed = False
        graphs = context.stacks.graphs
        for i in reversed(range(len(graphs))):  # bare calls inside the block may lie above ours
            if graphs[i] is self._graph:
                del graphs[i:]
                return


def get_default_graph() -> Graph:
    """The graph that ops join here; outside any, the process's global default graph."""
    return context.current_graph() or context.global_graph()
