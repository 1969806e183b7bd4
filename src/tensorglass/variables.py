"""Variables: tensors that keep their value from run to run of a session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import context, dtypes, shapes
from .convert import convert_to_tensor
from .dtypes import as_dtype
from .eager import Cell, EagerTensor
from .graph import Graph, Operators, Reference, Tensor
from .graph_keys import GraphKeys
from .indexed_slices import IndexedSlices
from .names import scope
from .ops import state, state_scatter
from .ops.array import identity
from .ops.control import group
from .shapes import TensorShape


class Variable(Operators):
    """w: a tensor with a value that ops can change, kept by the session (or by the object itself, eagerly).

    ``initial_value`` is a value, a tensor, or a function of no arguments; it fixes dtype and shape unless `dtype` is
    given or ``validate_shape=False``.  Trainable variables are what optimizers change.

    >>> import tensorglass as tg
    >>> with tg.Graph().as_default():
    ...     w = tg.Variable([1.0, 2.0], name="w")
    ...     with tg.Session() as session:
    ...         session.run(w.initializer)
    ...         print(session.run(w.assign_add([1.0, 1.0])))
    [2. 3.]
    """

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        collections: Sequence[Any] | None = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        expected_shape: Any = None,
        import_scope: str | None = None,
        constraint: Any = None,
        use_resource: Any = None,
        synchronization: Any = None,
        aggregation: Any = None,
        shape: Any = None,
    ):
        if initial_value is None:
            raise ValueError("initial_value must be specified.")
        if constraint is not None and not callable(constraint):
            raise ValueError("The `constraint` argument must be a callable.")
        self._trainable = True if trainable is None else bool(trainable)
        self.constraint = constraint
        self._save_slice_info = None
        wanted = None if dtype is None else as_dtype(dtype).base_dtype
        graph = context.current_graph()
        if graph is None and isinstance(initial_value, Tensor) and not isinstance(initial_value, EagerTensor):
            graph = initial_value.graph
        if graph is None:
            self._begin_eagerly(initial_value, wanted, name or "Variable", shape)
            return
        if collections is None:
            collections = [GraphKeys.GLOBAL_VARIABLES]
        if not isinstance(collections, (list, tuple, set)):
            raise ValueError(
                f"collections argument to Variable constructor must be a list, tuple, or set. Got {collections} of "
                f"type {type(collections)}"
            )
        collections = list(collections)
        if self._trainable and GraphKeys.TRAINABLE_VARIABLES not in collections:
            collections.append(GraphKeys.TRAINABLE_VARIABLES)
        inside, graph = graph, graph._root  # in a loop or a branch too, a variable belongs to the whole graph
        with (
            graph.as_default(),
            graph.control_dependencies(None),
            graph.name_scope(inside._scope and inside._scope + "/"),
        ):
            self._build(graph, initial_value, wanted, name, validate_shape, shape)
        graph.add_to_collections(collections, self)

    def _build(self, graph: Graph, initial_value: Any, dtype: Any, name: Any, validate_shape: bool, shape: Any) -> None:
        """The variable's nodes, named as TensorFlow names them: w, w/initial_value, w/Assign, w/read."""
        with scope(name, "Variable") as full:
            if callable(initial_value):
                with graph.name_scope("Initializer"):
                    value = convert_to_tensor(initial_value(), dtype, name="initial_value")
            else:
                value = convert_to_tensor(initial_value, dtype, name="initial_value")
            static = shapes.as_tuple(shape) if shape is not None else value._shape if validate_shape else None
            if validate_shape and static is None:
                raise ValueError(f"initial_value must have a shape specified: {value!r}. Or pass validate_shape=False.")
            attrs = {**state.variable_op.defaults, "shape": static, "dtype": value.dtype.base_dtype}
            self._variable: Any = state.variable_op._build(graph, (), attrs, full)
            self._initial_value = value
            self._guarded_value = _guarded(value)
            self._initializer_op = state.assign_op(
                self._variable, self._guarded_value, validate_shape=validate_shape, name="Assign"
            ).op
            with graph.colocate_with(self._variable.op):
                self._snapshot: Any = identity(self._variable, name="read")

    def _begin_eagerly(self, initial_value: Any, dtype: Any, name: str, shape: Any) -> None:
        value = convert_to_tensor(initial_value() if callable(initial_value) else initial_value, dtype)
        self._name = name
        self._variable = Cell(value.dtype, shapes.as_tuple(shape) if shape is not None else value._shape)
        self._initial_value = value
        self.assign(value)

    # -- what it is

    @property
    def _eager(self) -> bool:
        return isinstance(self._variable, Cell)

    @property
    def name(self) -> str:
        return f"{self._name}:0" if self._eager else self._variable.name

    @property
    def _shared_name(self) -> str:
        return self.name[:-2]

    @property
    def dtype(self):
        return self._variable.dtype.base_dtype if self._eager else self._variable.dtype

    @property
    def shape(self) -> TensorShape:
        return TensorShape(self._variable._shape)

    def get_shape(self) -> TensorShape:
        return self.shape

    def set_shape(self, shape: Any) -> None:
        self._variable.set_shape(shape)
        self._snapshot.set_shape(shape)

    @property
    def op(self):
        return self._variable.op

    @property
    def graph(self):
        return self._variable.graph

    @property
    def device(self) -> str:
        return self._variable.device

    @property
    def trainable(self) -> bool:
        return self._trainable

    @property
    def initializer(self):
        """The operation that gives the variable its initial value."""
        return self._initializer_op

    @property
    def initial_value(self):
        """The tensor the initializer assigns."""
        return self._initial_value

    # -- as a tensor

    def _to_tensor(self, dtype: Any = None) -> Tensor:
        if self._eager:
            if self._variable._value is None:
                raise ValueError(f"Variable {self.name} has no value")
            value = EagerTensor(self._variable._value)
            if context.tracer is not None:
                context.tracer.reads(self, value)
            return value
        return self._snapshot

    def _ref(self) -> Tensor:
        return self._variable

    def _handle(self) -> Tensor:
        """What is differentiated with respect to: the variable itself, whichever of its reads the loss came by."""
        return self._variable

    def _as_graph_element(self) -> Tensor:
        return self._variable

    def _symbolic_graph(self):
        return None if self._eager else self._variable.graph

    def value(self) -> Tensor:
        """The variable's value as a tensor: what it was before the step."""
        return self._to_tensor()

    def read_value(self) -> Tensor:
        """A read of its own: under ``control_dependencies`` it sees what the ops waited for have written."""
        return self._to_tensor() if self._eager else identity(self._variable, name="read")

    def initialized_value(self) -> Tensor:
        """The value, or where there is none yet the initial one: for initial values that depend on other variables."""
        if self._eager:
            return self._to_tensor()
        with self.graph.as_default(), self.graph.control_dependencies(None):
            return state.initialized_value_op(self._variable, self._guarded_value)

    def numpy(self):
        """The value as an array (eager variables)."""
        if not self._eager:
            raise NotImplementedError("numpy() is only available when eager execution is enabled.")
        return self._to_tensor().numpy()  # type: ignore[attr-defined]

    def eval(self, session: Any = None):
        """The value in `session`, or in the default session."""
        return self._variable.eval(session=session)

    def ref(self) -> Reference:
        return Reference(self)

    experimental_ref = ref

    # -- changing it

    def assign(self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True):
        """w ← value; gives the new value, or with ``read_value=False`` the operation (eagerly the variable itself)"""
        return self._change(state.assign, value, use_locking, name, read_value)

    def assign_add(self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True):
        """w ← w + delta"""
        return self._change(state.assign_add, delta, use_locking, name, read_value)

    def assign_sub(self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True):
        """w ← w − delta"""
        return self._change(state.assign_sub, delta, use_locking, name, read_value)

    def _change(self, function: Any, value: Any, use_locking: bool, name: str | None, read_value: bool):
        if not self._eager:
            changed = function(self, value, use_locking=use_locking, name=name)
            return changed if read_value else changed.op
        value = convert_to_tensor(value, self.dtype)
        if not shapes.compatible(self._variable._shape, value._shape):
            raise ValueError(
                f"Cannot assign value to variable '{self.name}': Shape mismatch. The variable shape {self.shape}, and "
                f"the assigned value shape {value.shape} are incompatible."
            )
        function(self, value, use_locking=use_locking, name=name)
        return self

    def load(self, value: Any, session: Any = None) -> None:
        """Put an array into the variable, in `session` or the default session."""
        session = session or context.default_session()
        if session is None:
            raise ValueError("Either session argument should be provided or default session should be established")
        session.run(self.initializer, {self.initializer.inputs[1]: value})

    def count_up_to(self, limit: int):
        """w ← w + 1 while w < limit (OutOfRangeError at the limit); gives the value before."""
        return state.count_up_to(self, limit)

    def scatter_update(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None):
        """w[i] ← value for the rows of an `IndexedSlices`; the last of duplicates stays"""
        return self._scatter(state_scatter.scatter_update, sparse_delta, use_locking, name)

    def scatter_add(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None):
        """w[i] ← w[i] + value for the rows of an `IndexedSlices`"""
        return self._scatter(state_scatter.scatter_add, sparse_delta, use_locking, name)

    def scatter_sub(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None):
        """w[i] ← w[i] − value for the rows of an `IndexedSlices`"""
        return self._scatter(state_scatter.scatter_sub, sparse_delta, use_locking, name)

    def scatter_mul(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None):
        """w[i] ← w[i] · value for the rows of an `IndexedSlices`"""
        return self._scatter(state_scatter.scatter_mul, sparse_delta, use_locking, name)

    def scatter_div(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None):
        """w[i] ← w[i] / value for the rows of an `IndexedSlices`"""
        return self._scatter(state_scatter.scatter_div, sparse_delta, use_locking, name)

    def scatter_min(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None):
        """w[i] ← min(w[i], value) for the rows of an `IndexedSlices`"""
        return self._scatter(state_scatter.scatter_min, sparse_delta, use_locking, name)

    def scatter_max(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None):
        """w[i] ← max(w[i], value) for the rows of an `IndexedSlices`"""
        return self._scatter(state_scatter.scatter_max, sparse_delta, use_locking, name)

    def _scatter(self, function: Any, slices: Any, use_locking: bool, name: str | None):
        if not isinstance(slices, IndexedSlices):
            raise TypeError(f"sparse_delta is not IndexedSlices: {slices}")
        changed = function(self, slices.indices, slices.values, use_locking=use_locking, name=name)
        return self if self._eager else changed

    def scatter_nd_update(self, indices: Any, updates: Any, name: str | None = None):
        """w[indices[i]] ← updates[i]"""
        changed = state_scatter.scatter_nd_update(self, indices, updates, name=name)
        return self if self._eager else changed

    def scatter_nd_add(self, indices: Any, updates: Any, name: str | None = None):
        """w[indices[i]] ← w[indices[i]] + updates[i]"""
        changed = state_scatter.scatter_nd_add(self, indices, updates, name=name)
        return self if self._eager else changed

    def scatter_nd_sub(self, indices: Any, updates: Any, name: str | None = None):
        """w[indices[i]] ← w[indices[i]] − updates[i]"""
        changed = state_scatter.scatter_nd_sub(self, indices, updates, name=name)
        return self if self._eager else changed

    def sparse_read(self, indices: Any, name: str | None = None):
        """y[i] = w[indices[i]]"""
        from .ops.gather import gather

        return gather(self, indices, name=name)

    def __iter__(self):
        if self._eager:
            return iter(self._to_tensor())
        raise TypeError("'Variable' object is not iterable.")

    def __array__(self, dtype: Any = None, copy: Any = None):
        return np.asarray(self._to_tensor(), dtype)

    def __repr__(self) -> str:
        if self._eager:
            tail = f", numpy={self._to_tensor()._text(repr)}"  # type: ignore[attr-defined]
            return f"<tf.Variable '{self.name}' shape={self.shape} dtype={self.dtype.name}{tail}>"
        return f"<tf.Variable '{self.name}' shape={self.shape} dtype={self.dtype.name}>"


def _guarded(value: Tensor) -> Tensor:
    """`value` with reads of other variables replaced by their `initialized_value`.

    So that one run of all initializers works in whatever order variables depend on each other.
    """
    order, stack, seen = [], [value.op], set()
    while stack:
        op = stack.pop()
        if op not in seen:
            seen.add(op)
            order.append(op)
            stack += [t.op for t in op.inputs]
    variables = {v.op: v for v in value.graph.get_collection(GraphKeys.GLOBAL_VARIABLES)}
    if not any(op.type == "VariableV2" for op in order):
        return value
    replaced: dict[Tensor, Tensor] = {}
    for op in sorted(order, key=lambda op: op._id):
        if op.type == "VariableV2" and op in variables:
            replaced[op.outputs[0]] = variables[op].initialized_value()
        elif op.type == "InitializedValue" or op.stanza is None or op.stanza.has_refs:
            continue
        elif any(t in replaced for t in op.inputs):
            inputs = [replaced.get(t, t) for t in op.inputs]
            attrs = {k: op.attrs[k] for k in op.stanza.attr_names}
            copied = op.stanza._build(
                value.graph, op.stanza.arranged(inputs, op.attrs), attrs, op.name.rpartition("/")[2]
            )
            outputs = copied if isinstance(copied, (list, tuple)) else [copied]
            replaced.update(zip(op.outputs, outputs, strict=True))
    return replaced.get(value, value)


def global_variables(scope: str | None = None) -> list:
    """The variables of the default graph (those whose name matches the pattern `scope`)."""
    return _collection(GraphKeys.GLOBAL_VARIABLES, scope)


def local_variables(scope: str | None = None) -> list:
    """The local variables of the default graph: metrics' counters and the like, not saved."""
    return _collection(GraphKeys.LOCAL_VARIABLES, scope)


def trainable_variables(scope: str | None = None) -> list:
    """The variables that optimizers change."""
    return _collection(GraphKeys.TRAINABLE_VARIABLES, scope)


def model_variables(scope: str | None = None) -> list:
    """The variables filed under MODEL_VARIABLES."""
    return _collection(GraphKeys.MODEL_VARIABLES, scope)


def moving_average_variables(scope: str | None = None) -> list:
    """The variables that an ExponentialMovingAverage follows."""
    return _collection(GraphKeys.MOVING_AVERAGE_VARIABLES, scope)


def _collection(key: str, scope: str | None) -> list:
    from .graph import get_default_graph

    return get_default_graph().get_collection(key, scope)


def all_variables() -> list:
    """`global_variables` under its first name."""
    return global_variables()


def variables_initializer(var_list: Sequence[Variable], name: str = "init"):
    """An operation that gives all variables in `var_list` their initial values."""
    if context.executing_eagerly():
        return group(name=name)
    return group(*[v.initializer for v in var_list], name=name)


def global_variables_initializer():
    """An operation that gives every global variable its initial value: run it before the first step."""
    return variables_initializer(global_variables())


def local_variables_initializer():
    """An operation that gives every local variable its initial value."""
    return variables_initializer(local_variables())


def initialize_all_variables():
    """`global_variables_initializer` under its first name."""
    return global_variables_initializer()


def is_variable_initialized(variable: Variable):
    """y = whether `variable` has a value in the session"""
    return state.is_variable_initialized_op(variable)


def report_uninitialized_variables(var_list: Any = None, name: str = "report_uninitialized_variables"):
    """y = the names of the variables that have no value in the session, as strings"""
    from .ops.constant import constant
    from .ops.gather import boolean_mask

    if var_list is None:
        var_list = global_variables() + local_variables()
    with scope(name, "report_uninitialized_variables"):
        if not var_list:
            return constant(np.array([], object), dtypes.string)
        from .ops.array import stack
        from .ops.logic import logical_not

        missing = logical_not(stack([is_variable_initialized(v) for v in var_list]))
        return boolean_mask(constant([v.op.name for v in var_list]), missing)
