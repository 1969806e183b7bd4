"""`name_scope`: the slash-separated prefixes of node names, a no-op when executing eagerly."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import Any

from . import context

_NOWHERE = nullcontext()


@contextmanager
def scope(name: str | None, default: str, values: Any = ()):
    """The scope of a composed function: named by its caller, or after the function."""
    graph = context.current_graph()
    if graph is None:
        from .op import _graph_of

        graph = _graph_of(values)
    if graph is None:
        with context.tracer.scoped(name or default) if context.tracer is not None else _NOWHERE:
            yield ""
    else:
        with graph.name_scope(name or default) as full:
            yield full


class name_scope:
    """``with tf.name_scope("layer"):`` prefixes the names of ops made inside by ``layer/``.

    The value of the ``with`` is the full prefix; entering ``name_scope(prefix)`` with its slash re-opens it.
    TensorFlow 1's form ``name_scope(name, default_name, values)`` takes the default where `name` is None.
    """

    def __init__(self, name: str | None, default_name: str | None = None, values: Any = None):
        if name is not None and not isinstance(name, str):
            raise TypeError(f"name for name_scope must be a string, got {name!r}")
        if name is None and default_name is None and values is not None:
            raise ValueError("At least one of name and default_name must be provided.")
        self._name = default_name if name is None else name

    @property
    def name(self) -> str | None:
        return self._name

    def __enter__(self) -> str:
        graph = context.current_graph()
        if graph is None:
            self._entered = None if context.tracer is None else context.tracer.scoped(self._name)
            if self._entered:
                self._entered.__enter__()
            return self._name or ""
        self._entered = graph.name_scope(self._name)
        return self._entered.__enter__()

    def __exit__(self, *exc: Any) -> Any:
        return self._entered.__exit__(*exc) if self._entered else None
