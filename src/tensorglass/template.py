"""`make_template`: a function whose variables are made on the first call and shared by all later ones."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

from .graph import get_default_graph
from .graph_keys import GraphKeys
from .names import name_scope
from .variable_scope import AUTO_REUSE, VariableScope, variable_scope


def make_template(
    name_: str,
    func_: Callable,
    create_scope_now_: bool = False,
    unique_name_: str | None = None,
    custom_getter_: Callable | None = None,
    **kwargs: Any,
) -> Template:
    """`func_` with its variables (those of `get_variable`) made once, under the variable scope ``name_``.

    ``kwargs`` are passed on at every call.  ``create_scope_now_`` fixes the scope's name here rather than at the
    first call, and ``unique_name_`` takes a name as it stands.

    >>> import tensorglass as tg
    >>> from tensorglass.variable_scope import get_variable
    >>> with tg.Graph().as_default():
    ...     scaled = make_template("scaled", lambda x: x * get_variable("w", []))
    ...     y, z = scaled(tg.constant(1.0)), scaled(tg.constant(2.0))
    ...     print(len(scaled.variables))
    1
    """
    if kwargs:
        func_ = functools.partial(func_, **kwargs)
    return Template(name_, func_, create_scope_now_, unique_name_, custom_getter_)


class Template:
    """What `make_template` returns: call it as the function it wraps."""

    def __init__(
        self,
        name: str,
        func: Callable,
        create_scope_now: bool = False,
        unique_name: str | None = None,
        custom_getter: Callable | None = None,
    ):
        if name is None:
            raise ValueError("name cannot be None.")
        self._func = func
        self._name = name
        self._unique_name = unique_name
        self._custom_getter = custom_getter
        self._scope: VariableScope | None = None
        self._called = False
        self._lock = threading.RLock()
        if create_scope_now:
            with name_scope(""), variable_scope(unique_name, name, custom_getter=custom_getter) as self._scope:
                pass

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with self._lock:
            if self._scope is None:
                with variable_scope(self._unique_name, self._name, custom_getter=self._custom_getter) as self._scope:
                    return self._call(args, kwargs)
            with variable_scope(self._scope, reuse=True if self._called else AUTO_REUSE):
                return self._call(args, kwargs)

    def _call(self, args: Any, kwargs: Any) -> Any:
        graph = get_default_graph()
        before = len(graph.get_collection(GraphKeys.TRAINABLE_VARIABLES))
        result = self._func(*args, **kwargs)
        trainable = graph.get_collection(GraphKeys.TRAINABLE_VARIABLES)
        if self._called and len(trainable) != before:
            raise ValueError(
                "Trainable variable created when calling a template after the first time, perhaps you used tf.Variable "
                f"when you meant tf.get_variable: {trainable[before:]}"
            )
        self._called = True
        return result

    @property
    def name(self) -> str:
        return self._name

    @property
    def func(self) -> Callable:
        return self._func

    @property
    def variable_scope(self) -> VariableScope | None:
        """The scope of the template's variables, once there is one."""
        return self._scope

    var_scope = variable_scope

    @property
    def variables(self) -> list:
        """Global and local variables made by the template."""
        return self.global_variables + self.local_variables

    @property
    def trainable_variables(self) -> list:
        return self._collected(GraphKeys.TRAINABLE_VARIABLES)

    @property
    def global_variables(self) -> list:
        return self._collected(GraphKeys.GLOBAL_VARIABLES)

    @property
    def local_variables(self) -> list:
        return self._collected(GraphKeys.LOCAL_VARIABLES)

    def _collected(self, key: str) -> list:
        if self._scope is None:
            return []
        return get_default_graph().get_collection(key, self._scope.name + "/")

    def __repr__(self) -> str:
        return f"<Template {self._name!r} of {self._func!r}>"
