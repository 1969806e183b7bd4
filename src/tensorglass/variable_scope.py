"""Variables by name: `variable_scope` and `get_variable`, TensorFlow 1's way to use one set of weights twice.

A variable scope prefixes the names of the variables made inside, may give them a common initializer or regularizer,
and says whether a name that exists already is an error (the default), is wanted (``reuse=True``) or either
(``reuse=tf.AUTO_REUSE``).  It opens a name scope for the ops besides, whose name is made unique; the variables'
prefix is not, so that ``variable_scope("layer")`` entered twice finds the same variables.
"""

from __future__ import annotations

import enum
import functools
import inspect
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from . import context, dtypes
from .convert import to_array
from .dtypes import as_dtype
from .graph import get_default_graph
from .graph_keys import GraphKeys
from .names import name_scope
from .shapes import TensorShape
from .tensor import Operators
from .variables import Variable


class _ReuseMode(enum.Enum):
    """What ``reuse`` may be besides True and False."""

    AUTO_REUSE = 1


AUTO_REUSE = _ReuseMode.AUTO_REUSE


class _Store(threading.local):
    """The variables of one graph by their full names, the current scope, and how often scope names were opened."""

    def __init__(self, variables: dict[str, Any] | None = None):
        self.variables = {} if variables is None else variables
        self.scope = VariableScope(False)
        self.counts: dict[str, int] = {}

    def open(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1

    def close_subscopes(self, name: str) -> None:
        """Forget the scopes opened inside `name`: entered again, it numbers default names from the start."""
        for opened in self.counts:
            if opened.startswith(name + "/"):
                self.counts[opened] = 0

    def unique(self, prefix: str) -> str:
        """`prefix`, or with _1, _2, ... where the scope of that name was opened before."""
        full = f"{self.scope.name}/{prefix}" if self.scope.name else prefix
        if not self.counts.get(full):
            return prefix
        i = 1
        while self.counts.get(f"{full}_{i}"):
            i += 1
        return f"{prefix}_{i}"


_STORE_KEY = ("variable_store",)


def _store() -> _Store:
    graph = context.current_graph()
    if graph is None:
        return _eager_store
    kept = graph.get_collection_ref(_STORE_KEY)
    if not kept:
        kept.append(_Store({}))  # the dictionary is shared by the threads, the rest is each one's own
    return kept[0]


class VariableScope:
    """The settings that `get_variable` takes for what its caller leaves open; see `variable_scope`."""

    def __init__(
        self,
        reuse: Any,
        name: str = "",
        initializer: Any = None,
        regularizer: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        custom_getter: Callable | None = None,
        name_scope: str = "",
        dtype: Any = dtypes.float32,
        use_resource: Any = None,
        constraint: Any = None,
    ):
        self._reuse = reuse
        self._name = name
        self._initializer = initializer
        self._regularizer = regularizer
        self._caching_device = caching_device
        self._partitioner = partitioner
        self._custom_getter = custom_getter
        self._name_scope = name_scope
        self._dtype = dtype
        self._use_resource = use_resource
        self._constraint = constraint

    name = property(lambda self: self._name, doc="The prefix of variables' names.")
    original_name_scope = property(lambda self: self._name_scope, doc="The name scope opened with it, and its slash.")
    reuse = property(lambda self: self._reuse)
    initializer = property(lambda self: self._initializer)
    regularizer = property(lambda self: self._regularizer)
    caching_device = property(lambda self: self._caching_device)
    partitioner = property(lambda self: self._partitioner)
    custom_getter = property(lambda self: self._custom_getter)
    dtype = property(lambda self: self._dtype)
    use_resource = property(lambda self: self._use_resource)
    constraint = property(lambda self: self._constraint)

    def reuse_variables(self) -> None:
        """From here on `get_variable` gives variables that exist, and no new ones."""
        self._reuse = True

    def set_initializer(self, initializer: Any) -> None:
        self._initializer = initializer

    def set_regularizer(self, regularizer: Any) -> None:
        self._regularizer = regularizer

    def set_dtype(self, dtype: Any) -> None:
        self._dtype = as_dtype(dtype)

    def set_custom_getter(self, custom_getter: Callable | None) -> None:
        self._custom_getter = custom_getter

    def set_caching_device(self, caching_device: Any) -> None:
        self._caching_device = caching_device

    def set_partitioner(self, partitioner: Any) -> None:
        self._partitioner = partitioner

    def set_use_resource(self, use_resource: Any) -> None:
        self._use_resource = use_resource

    def get_collection(self, name: Any) -> list:
        """The items of a collection whose names begin with this scope's."""
        return get_default_graph().get_collection(name, self._name + "/" if self._name else "")

    def trainable_variables(self) -> list:
        return self.get_collection(GraphKeys.TRAINABLE_VARIABLES)

    def global_variables(self) -> list:
        return self.get_collection(GraphKeys.GLOBAL_VARIABLES)

    def local_variables(self) -> list:
        return self.get_collection(GraphKeys.LOCAL_VARIABLES)


_eager_store = _Store()


def get_variable_scope() -> VariableScope:
    """The innermost variable scope."""
    return _store().scope


class variable_scope:
    """``with tf.variable_scope("layer"):`` variables made inside by `get_variable` are named ``layer/...``.

    ``name_or_scope`` is a name inside the current scope, or a `VariableScope` to come back to whatever the current
    one is.  None takes ``default_name``, made unique (``layer``, ``layer_1``).  ``initializer``, ``regularizer``,
    ``dtype``, ``constraint`` and ``custom_getter`` become the defaults inside; ``reuse`` is True, None (as outside) or
    `tf.AUTO_REUSE`.  ``auxiliary_name_scope=False`` opens no name scope for ops.

    >>> import tensorglass as tg
    >>> with tg.Graph().as_default():
    ...     def weight():
    ...         with variable_scope("layer", reuse=AUTO_REUSE):
    ...             return get_variable("w", [2])
    ...     print(weight() is weight(), weight().name)
    True layer/w:0
    """

    def __init__(
        self,
        name_or_scope: Any,
        default_name: str | None = None,
        values: Sequence[Any] | None = None,
        initializer: Any = None,
        regularizer: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        custom_getter: Callable | None = None,
        reuse: Any = None,
        dtype: Any = None,
        use_resource: Any = None,
        constraint: Any = None,
        auxiliary_name_scope: bool = True,
    ):
        if default_name is None and name_or_scope is None:
            raise TypeError("If default_name is None then name_or_scope is required")
        if name_or_scope is not None and not isinstance(name_or_scope, (str, VariableScope)):
            raise TypeError("VariableScope: name_or_scope must be a string or VariableScope.")
        if reuse not in (None, True, False, AUTO_REUSE):
            raise ValueError("The reuse parameter must be True or False or None.")
        if reuse is True and name_or_scope is None:
            raise ValueError("reuse=True cannot be used without a name_or_scope")
        if not isinstance(auxiliary_name_scope, bool):
            raise TypeError(f"The auxiliary_name_scope must be `True` or `False`, while get {auxiliary_name_scope}")
        self._name_or_scope = name_or_scope
        self._default_name = default_name
        self._reuse = reuse or None  # False means: as outside
        self._auxiliary = auxiliary_name_scope
        self._graph = _graph_of(values)
        self._custom_getter = custom_getter
        self._settings = {
            "_initializer": initializer, "_regularizer": regularizer, "_caching_device": caching_device,
            "_partitioner": partitioner, "_dtype": None if dtype is None else as_dtype(dtype),
            "_use_resource": use_resource, "_constraint": constraint,
        }  # fmt: skip

    def __enter__(self) -> VariableScope:
        self._entered = self._opened()
        return self._entered.__enter__()

    def __exit__(self, *exc: Any) -> Any:
        return self._entered.__exit__(*exc)

    @contextmanager
    def _opened(self) -> Iterator[VariableScope]:
        if self._graph is not None:
            with self._graph.as_default():
                yield from self._inside()
        else:
            yield from self._inside()

    def _inside(self) -> Iterator[VariableScope]:
        target = self._name_or_scope
        local = target.name.rpartition("/")[2] if isinstance(target, VariableScope) else target or self._default_name
        if not self._auxiliary:
            graph = context.current_graph()
            here = graph.get_name_scope() if graph is not None else ""
            names: Any = name_scope(here + "/" if here else None, "")
        elif local:
            names = name_scope(local)
        else:  # the root scope leaves the names of ops alone
            names = nullcontext("")
        with names as full, _entered(_store(), self._scope(full), isinstance(target, VariableScope)) as scope:
            yield scope

    def _scope(self, full: str) -> VariableScope:
        """The `VariableScope` to enter, `full` being the name scope that is open for it."""
        store, target = _store(), self._name_or_scope
        if isinstance(target, VariableScope):
            base, name, full = target, target.name, target.original_name_scope
            reuse = base.reuse if self._reuse is None else self._reuse
        else:
            base = store.scope
            local = store.unique(self._default_name or "") if target is None else target
            name = f"{base.name}/{local}" if base.name else local
            reuse = self._reuse or base.reuse
        new = VariableScope(reuse, name, name_scope=full)
        for field, value in self._settings.items():
            setattr(new, field, getattr(base, field) if value is None else value)
        outer, inner = base.custom_getter, self._custom_getter
        if outer is not None and inner is not None:
            new._custom_getter = lambda getter, *args, **kwargs: inner(
                functools.partial(outer, getter), *args, **kwargs
            )
        else:
            new._custom_getter = inner or outer
        return new


@contextmanager
def _entered(store: _Store, scope: VariableScope, again: bool) -> Iterator[VariableScope]:
    """`scope` as the current one; `again` where a scope object is come back to: it leaves no count behind."""
    outside = store.scope
    store.open(scope.name)
    counts = dict(store.counts)
    store.scope = scope
    try:
        yield scope
    finally:
        store.close_subscopes(scope.name)
        if again:
            store.counts = counts
        store.scope = outside


def _graph_of(values: Sequence[Any] | None) -> Any:
    """The graph of `values`, where ops are to be built in it and no graph is the default."""
    if not context.executing_eagerly():
        return None
    given: list[Any] = [v for v in values or () if isinstance(v, Operators) and not hasattr(v, "_array")]
    found = (v._symbolic_graph() if hasattr(v, "_symbolic_graph") else getattr(v, "graph", None) for v in given)
    return next((g for g in found if g is not None), None)


# get_variable


def get_variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Callable | None = None,
    trainable: bool | None = None,
    collections: Sequence[Any] | None = None,
    caching_device: Any = None,
    partitioner: Any = None,
    validate_shape: bool = True,
    use_resource: Any = None,
    custom_getter: Callable | None = None,
    constraint: Callable | None = None,
    synchronization: Any = None,
    aggregation: Any = None,
) -> Any:
    """The variable `name` of the current variable scope: a new one, or where the scope reuses, the one there is.

    ``initializer`` is a function of (shape, dtype), or a value or tensor that fixes shape and type; without one it is
    the scope's, else `glorot_uniform_initializer` for floating types and zeros for others.  The value of
    ``regularizer(variable)`` is filed under ``GraphKeys.REGULARIZATION_LOSSES``.

    ValueError where the name exists and the scope does not reuse, where it does not exist and the scope demands it, and
    where the existing variable has another shape or type.  Eagerly every call makes a new variable.
    """
    scope = get_variable_scope()
    settings = {
        "shape": shape, "dtype": dtype, "initializer": initializer, "regularizer": regularizer, "reuse": scope.reuse,
        "trainable": trainable, "collections": collections, "caching_device": caching_device,
        "partitioner": partitioner, "validate_shape": validate_shape, "use_resource": use_resource,
        "constraint": constraint, "synchronization": synchronization, "aggregation": aggregation,
    }  # fmt: skip
    for key in ("regularizer", "caching_device", "partitioner", "use_resource", "constraint"):
        if settings[key] is None:
            settings[key] = getattr(scope, key)
    if dtype is not None and initializer is not None and not callable(initializer):
        given = initializer.dtype.base_dtype if isinstance(initializer, Operators) else (  # type: ignore[attr-defined]
            as_dtype(to_array(initializer).dtype)
        )  # fmt: skip
        if given != as_dtype(dtype).base_dtype:
            raise ValueError(f"Initializer type '{given!r}' and explicit dtype '{as_dtype(dtype)!r}' don't match.")
    if initializer is None:
        settings["initializer"] = scope.initializer
    if dtype is None:
        settings["dtype"] = scope.dtype
    full = f"{scope.name}/{name}" if scope.name else name
    getter = custom_getter or scope.custom_getter
    with name_scope(None, ""):  # variables are named after the variable scope alone
        return _true_getter(full, **settings) if getter is None else getter(_true_getter, name=full, **settings)


def _true_getter(
    name: str,
    shape: Any = None,
    dtype: Any = dtypes.float32,
    initializer: Any = None,
    regularizer: Callable | None = None,
    reuse: Any = None,
    trainable: bool | None = None,
    collections: Sequence[Any] | None = None,
    caching_device: Any = None,
    partitioner: Any = None,
    validate_shape: bool = True,
    use_resource: Any = None,
    constraint: Callable | None = None,
    synchronization: Any = None,
    aggregation: Any = None,
) -> Any:
    """What `get_variable` comes to in the end: look the full name up, or make the variable."""
    if partitioner is not None:
        raise ValueError(f"Variable {name}: partitioned variables are not supported. Pass partitioner=None.")
    store = _store()
    dtype = as_dtype(dtype).base_dtype
    if context.executing_eagerly():
        if reuse is True:
            raise RuntimeError(
                "When eager execution is enabled variables cannot be looked up by name: keep the object that "
                "tf.get_variable returned."
            )
    elif (found := store.variables.get(name)) is not None:
        return _existing(found, name, shape, dtype, reuse)
    elif reuse is True:
        raise ValueError(
            f"Variable {name} does not exist, or was not created with tf.get_variable(). Did you mean to set "
            "reuse=tf.AUTO_REUSE in VarScope?"
        )
    value, dtype = _initial_value(name, shape, dtype, initializer)
    trainable = _trainable(trainable, synchronization)
    made = Variable(value, trainable, collections, validate_shape, name=name, dtype=dtype, constraint=constraint)
    if not context.executing_eagerly():
        store.variables[name] = made
        if regularizer is not None:
            with name_scope(name.rstrip("/") + "/Regularizer/"):
                loss = regularizer(made)
            if loss is not None:
                get_default_graph().add_to_collection(GraphKeys.REGULARIZATION_LOSSES, loss)
    return made


def _trainable(trainable: bool | None, synchronization: Any) -> bool:
    if getattr(synchronization, "name", None) == "ON_READ":
        if trainable:
            raise ValueError(
                "Synchronization value can be set to VariableSynchronization.ON_READ only for non-trainable variables. "
                "You have specified trainable=True and synchronization=VariableSynchronization.ON_READ."
            )
        return False
    return trainable is not False


def _existing(found: Any, name: str, shape: Any, dtype: Any, reuse: Any) -> Any:
    if not reuse:
        raise ValueError(
            f"Variable {name} already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in "
            f"VarScope? Originally defined at:\n\n  {found.op.user_line}"
        )
    if not TensorShape(shape).is_compatible_with(found.shape):
        raise ValueError(
            f"Trying to share variable {name}, but specified shape {TensorShape(shape)} and found shape {found.shape}."
        )
    if dtype is not found.dtype.base_dtype:
        raise ValueError(
            f"Trying to share variable {name}, but specified dtype {dtype.name} and found dtype {found.dtype.name}."
        )
    return found


def _initial_value(name: str, shape: Any, dtype: Any, initializer: Any) -> tuple[Any, Any]:
    """What `Variable` is to be given: a value or a function without arguments, and the dtype or None."""
    if initializer is not None and not callable(initializer):
        if shape is not None:
            raise ValueError("If initializer is a constant, do not specify shape.")
        return initializer, None
    if initializer is None:
        if shape is None:
            raise ValueError(f"Variable {name} did not get an initializer, so its `shape` argument must be specified.")
        from .initializers import GlorotUniform, Zeros

        initializer = GlorotUniform() if dtype.is_floating else Zeros()
        if dtype.is_complex:
            raise ValueError(f"An initializer for variable {name} of {dtype!r} is required")
    if inspect.isclass(initializer):
        initializer = initializer()
    if shape is None:
        if any(p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
               for p in inspect.signature(initializer).parameters.values()):  # fmt: skip
            raise ValueError(
                f"The initializer of variable {name} takes arguments: give get_variable a fully defined shape, or an "
                "initializer that is callable with no arguments."
            )
        return initializer, None
    known = TensorShape(shape)
    if not known.is_fully_defined():
        raise ValueError(f"Shape of a new variable ({name}) must be fully defined, but instead was {known}.")
    return lambda: initializer(known.as_list(), dtype=dtype), dtype


def get_local_variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Callable | None = None,
    trainable: bool = False,
    collections: Sequence[Any] | None = None,
    **options: Any,
) -> Any:
    """`get_variable` for a variable that is neither trained nor saved: it is filed under LOCAL_VARIABLES"""
    collections = [*(collections or ()), GraphKeys.LOCAL_VARIABLES]
    return get_variable(
        name, shape, dtype, initializer, regularizer, trainable=False, collections=collections, **options
    )


def variable_op_scope(
    values: Sequence[Any], name_or_scope: Any, default_name: str | None = None, **settings: Any
) -> variable_scope:
    """`variable_scope` with its arguments in the order of TensorFlow's first releases"""
    return variable_scope(name_or_scope, default_name=default_name, values=values, **settings)


def no_regularizer(_: Any) -> None:
    """No loss at all: as ``regularizer`` it switches off the one of the variable scope."""
