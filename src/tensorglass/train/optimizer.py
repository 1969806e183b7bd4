"""The optimizer: what all training methods share.

Seventh stop of the walk.  `minimize` is `compute_gradients` (the reverse pass adds gradients to the graph) followed by
`apply_gradients` (for each variable one update op that reads the gradient and writes the variable and its slots).  A
subclass supplies its settings as tensors (`_prepare`), its slots (`_create_slots`) and the update (`_apply_dense`,
`_apply_sparse`): read gradient_descent.py next.  The course tells the story in chapter 9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .. import context, dtypes
from ..convert import convert_to_tensor
from ..gradients import gradients
from ..graph import Operation, get_default_graph
from ..graph_keys import GraphKeys
from ..indexed_slices import IndexedSlices
from ..names import scope
from ..ops import control, state
from ..ops.cast import cast
from ..tensor import Tensor
from ..variables import Variable, trainable_variables
from .slots import create_slot, create_zeros_slot, in_current_graph


class Optimizer:
    """Base class of optimizers: ``train = SomeOptimizer(0.1).minimize(loss)``, then run `train` as often as needed.

    >>> import tensorglass as tg
    >>> from tensorglass.train import GradientDescentOptimizer
    >>> with tg.Graph().as_default():
    ...     w = tg.Variable(3.0)
    ...     train = GradientDescentOptimizer(0.1).minimize(w * w)
    ...     session = tg.Session()
    ...     for _ in range(2):
    ...         session.run(train)
    ...     print(round(float(session.run(w)), 4))
    1.92
    """

    GATE_NONE = 0
    GATE_OP = 1
    GATE_GRAPH = 2

    def __init__(self, use_locking: bool, name: str):
        if not name:
            raise ValueError("Must specify the optimizer name")
        self._use_locking = use_locking
        self._name = name
        self._slots: dict[str, dict[Any, Variable]] = {}  # slot name -> {variable's ref: slot}
        self._non_slots: dict[tuple[str, Any], Variable] = {}  # (name, graph or None) -> variable

    def get_name(self) -> str:
        return self._name

    # -- training

    def minimize(
        self,
        loss: Any,
        global_step: Any = None,
        var_list: Any = None,
        gate_gradients: int = GATE_OP,
        aggregation_method: Any = None,
        colocate_gradients_with_ops: bool = False,
        name: str | None = None,
        grad_loss: Any = None,
    ) -> Any:
        """An operation that takes one step down: `compute_gradients`, then `apply_gradients`.

        ``var_list`` are the variables to change (all trainable ones by default); ``global_step`` is a variable to count
        steps in.  ValueError when the loss depends on none of the variables.
        """
        pairs = self.compute_gradients(
            loss, var_list, gate_gradients, aggregation_method, colocate_gradients_with_ops, grad_loss
        )
        if all(g is None for g, _ in pairs):
            raise ValueError(
                "No gradients provided for any variable, check your graph for ops that do not support gradients, "
                f"between variables {[str(v) for _, v in pairs]} and loss {loss}."
            )
        return self.apply_gradients(pairs, global_step=global_step, name=name)

    def compute_gradients(
        self,
        loss: Any,
        var_list: Any = None,
        gate_gradients: int = GATE_OP,
        aggregation_method: Any = None,
        colocate_gradients_with_ops: bool = False,
        grad_loss: Any = None,
    ) -> list[tuple[Any, Any]]:
        """[(∂loss/∂v, v), ...]: the gradient is None where the loss does not depend on v.

        ``grad_loss`` is the gradient of whatever the loss goes into (ones by default).  With GATE_GRAPH no gradient is
        handed on before all are computed.
        """
        if callable(loss) and not context.executing_eagerly():
            loss = loss()
        if isinstance(loss, Operation):
            loss = loss._to_tensor()
        graph = getattr(loss, "graph", None)
        if graph is None:
            raise RuntimeError(
                "An optimizer differentiates nodes of a graph: build the loss inside `with tf.Graph().as_default():`. "
                "Eagerly, compute gradients yourself and pass them to apply_gradients."
            )
        if gate_gradients not in (self.GATE_NONE, self.GATE_OP, self.GATE_GRAPH):
            raise ValueError(
                "gate_gradients must be one of: Optimizer.GATE_NONE, Optimizer.GATE_OP, Optimizer.GATE_GRAPH.  "
                f"Not {gate_gradients}"
            )
        self._check_dtypes([loss] if grad_loss is None else [loss, grad_loss])
        with graph._here().as_default():
            variables = control.flat(trainable_variables() if var_list is None else var_list)
            if not variables:
                raise ValueError("No variables to optimize.")
            weights = None if grad_loss is None else [grad_loss]
            grads = gradients(loss, variables, weights, gate_gradients=gate_gradients == self.GATE_OP)
            if gate_gradients == self.GATE_GRAPH:
                grads = control.tuple(grads)
        pairs = list(zip(grads, variables, strict=True))
        self._check_dtypes([v for g, v in pairs if g is not None])
        return pairs

    def apply_gradients(
        self, grads_and_vars: Iterable[tuple[Any, Any]], global_step: Any = None, name: str | None = None
    ) -> Any:
        """An operation that updates each variable by its gradient, and then adds 1 to ``global_step``.

        ``grads_and_vars`` is what `compute_gradients` gave, perhaps with the gradients clipped; pairs whose gradient is
        None are left out.
        """
        pairs = tuple(grads_and_vars)
        if not pairs:
            raise ValueError("No variables provided.")
        pairs = [(_as_gradient(g), v) for g, v in pairs]
        changed = [v for g, v in pairs if g is not None]
        if not changed:
            raise ValueError(f"No gradients provided for any variable: {[str(v) for _, v in pairs]}.")
        if context.executing_eagerly() and hasattr(changed[0], "graph"):
            with changed[0].graph.as_default():  # outside the graph that they were made in
                return self.apply_gradients(pairs, global_step, name)
        with control.control_dependencies(None):
            self._create_slots(changed)
        with scope(name, self._name) as full:
            self._prepare()
            updates = [self._update(g, v) for g, v in pairs if g is not None]
            if global_step is None:
                done = self._finish(updates, full or self._name)
            else:
                with control.control_dependencies([self._finish(updates, "update")]):
                    done = state.assign_add(global_step, 1, name=full or None)
        if context.executing_eagerly():
            return done
        train_op = done.op if isinstance(done, Tensor) else done
        collected = get_default_graph().get_collection_ref(GraphKeys.TRAIN_OP)
        if not any(op is train_op for op in collected):
            collected.append(train_op)
        return train_op

    def _update(self, grad: Any, var: Any) -> Any:
        """The operation that changes `var`, its constraint applied."""
        if not hasattr(var, "_ref"):
            raise NotImplementedError("Trying to update a Tensor ", var)
        with scope(None, "update_" + ("" if context.executing_eagerly() else var.op.name)):
            constraint = getattr(var, "constraint", None)
            if isinstance(grad, IndexedSlices):
                if constraint is not None:
                    raise RuntimeError("Cannot use a constraint function on a sparse variable.")
                return self._apply_sparse_duplicate_indices(grad, var)
            updated = self._apply_dense(grad, var)
            if constraint is None:
                return updated
            with control.control_dependencies([updated]):
                return var.assign(constraint(var.read_value()))  # a read that sees the update

    # -- slots

    def get_slot(self, var: Any, name: str) -> Any:
        """The slot variable `name` of `var` (see `get_slot_names`), None where there is none."""
        return self._slots.get(name, {}).get(var.ref())

    def get_slot_names(self) -> list[str]:
        """The names of the slots that this optimizer has made."""
        return sorted(self._slots)

    def variables(self) -> list:
        """The variables of the optimizer itself in the current graph: its slots and counters, by name."""
        found = [*self._non_slots.values(), *(v for slots in self._slots.values() for v in slots.values())]
        return sorted((v for v in found if in_current_graph(v)), key=lambda v: v.name)

    def _get_or_make_slot(self, var: Any, val: Any, slot_name: str, op_name: str) -> Any:
        slots = self._slots.setdefault(slot_name, {})
        if var.ref() not in slots:
            slots[var.ref()] = create_slot(var, val, op_name)
        return slots[var.ref()]

    def _get_or_make_slot_with_initializer(
        self, var: Any, initializer: Callable, shape: Any, dtype: Any, slot_name: str, op_name: str
    ) -> Any:
        slots = self._slots.setdefault(slot_name, {})
        if var.ref() not in slots:
            slots[var.ref()] = create_slot(var, initializer, op_name, shape, dtype)
        return slots[var.ref()]

    def _zeros_slot(self, var: Any, slot_name: str, op_name: str) -> Any:
        slots = self._slots.setdefault(slot_name, {})
        if var.ref() not in slots:
            slots[var.ref()] = create_zeros_slot(var, op_name)
        return slots[var.ref()]

    def _create_non_slot_variable(self, initial_value: Any, name: str, colocate_with: Any) -> Any:
        """A variable of the optimizer that belongs to no other, one a graph."""
        key = (name, context.current_graph())
        if key not in self._non_slots:
            self._non_slots[key] = Variable(initial_value, name=name, trainable=False)
        return self._non_slots[key]

    def _get_non_slot_variable(self, name: str, graph: Any = None) -> Any:
        return self._non_slots.get((name, graph))

    # -- for subclasses

    def _create_slots(self, var_list: Sequence[Any]) -> None:
        """Make the slots of the variables in `var_list`."""

    def _prepare(self) -> None:
        """Make tensors of the settings, inside the train operation's name scope."""

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        """The operation that updates `var` by a gradient that is a tensor."""
        raise NotImplementedError

    def _apply_sparse(self, grad: IndexedSlices, var: Any) -> Any:
        """The same for rows of a gradient, no index among them twice."""
        raise NotImplementedError

    def _apply_sparse_duplicate_indices(self, grad: IndexedSlices, var: Any) -> Any:
        """The same where an index may come more than once: here the rows of each index are summed beforehand."""
        values, indices = _without_duplicates(grad.values, grad.indices)
        return self._apply_sparse(IndexedSlices(values, indices, grad.dense_shape), var)

    def _finish(self, update_ops: Sequence[Any], name_scope: str) -> Any:
        """The operation that is done when all updates are."""
        return control.group(*update_ops, name=name_scope)

    def _valid_dtypes(self) -> tuple:
        """The types of loss and variables that can be optimized."""
        return dtypes.float32, dtypes.float64, dtypes.float16, dtypes.bfloat16, dtypes.untyped

    def _check_dtypes(self, tensors: Sequence[Any]) -> None:
        for t in tensors:
            dtype = t.dtype.base_dtype
            if dtype not in self._valid_dtypes():
                expected = ", ".join(repr(d) for d in self._valid_dtypes() if d is not dtypes.untyped)
                raise ValueError(f"Invalid type {dtype!r} for {t.name}, expected: [{expected}].")

    def _setting(self, value: Any, name: str) -> Any:
        """A setting as a tensor: settings are numbers, tensors, or functions that return one of these."""
        return convert_to_tensor(value() if callable(value) else value, name=name)

    def _call_if_callable(self, param: Any) -> Any:
        return param() if callable(param) else param

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._name!r}>"


def as_type(value: Any, var: Any) -> Any:
    """A setting as the type of `var`."""
    dtype = var.dtype.base_dtype
    return value if dtype is dtypes.untyped else cast(value, dtype)


def _as_gradient(grad: Any) -> Any:
    if grad is None or isinstance(grad, (Tensor, IndexedSlices)):
        return grad
    try:
        return convert_to_tensor(grad)
    except (TypeError, ValueError):
        raise TypeError(f"Gradient must be convertible to a Tensor or IndexedSlices, or None: {grad}") from None


def _without_duplicates(values: Any, indices: Any) -> tuple[Any, Any]:
    """(rows, indices) with each index once, its rows summed."""
    from ..ops.array import shape
    from ..ops.segment import unsorted_segment_sum
    from ..ops.sets import unique

    once, positions = unique(indices)
    return unsorted_segment_sum(values, positions, shape(once)[0]), once
