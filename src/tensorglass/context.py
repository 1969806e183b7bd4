"""Where the next op goes: the stack of default graphs, the default sessions, and the process-wide mode.

`current_graph()` answers the one question dispatch asks: a `Graph` to build in, or None to compute at once.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import Any


class _Stacks(threading.local):
    def __init__(self):
        self.graphs: list[Any] = []
        self.sessions: list[Any] = []


stacks = _Stacks()
_graph_mode = False  # process-wide: a default graph always exists, as in TensorFlow 1
_global_graph: Any = None
_tensor_equality = True  # `a == b` compares elements (TensorFlow 2) or identity (TensorFlow 1)


def current_graph():
    """The graph that new ops join, or None when ops execute eagerly."""
    if stacks.graphs:
        return stacks.graphs[-1]
    return global_graph() if _graph_mode else None


def global_graph():
    """The process's default graph, made when first asked for."""
    global _global_graph
    if _global_graph is None:
        from .graph import Graph

        _global_graph = Graph()
    return _global_graph


def executing_eagerly() -> bool:
    """Whether ops called here compute at once instead of building a graph."""
    return current_graph() is None


def graph_mode() -> bool:
    return _graph_mode


def disable_eager_execution() -> None:
    """Build graphs from here on: ops called outside any ``as_default()`` join one global default graph."""
    global _graph_mode
    _graph_mode = True


def enable_eager_execution() -> None:
    """Compute ops at once where no graph is the default (the root namespace's own mode)."""
    global _graph_mode
    _graph_mode = False


def reset_default_graph() -> None:
    """Forget the global default graph and begin a new one; not inside a ``with graph.as_default():`` block."""
    global _global_graph
    if any(entered for entered in (getattr(g, "_entered", 0) for g in stacks.graphs)):
        raise AssertionError(
            "Do not use tf.reset_default_graph() to clear nested graphs. If you need a cleared graph, exit the "
            "nesting and create a new graph."
        )
    stacks.graphs.clear()  # what bare `Graph().as_default()` calls left
    _global_graph = None


def tensor_equality() -> bool:
    return _tensor_equality


def set_tensor_equality(flag: bool) -> None:
    """Whether ``a == b`` on tensors compares elements (True, TensorFlow 2) or identity (False, TensorFlow 1)."""
    global _tensor_equality
    _tensor_equality = flag


_check_numerics = False


def checks_numerics() -> bool:
    return _check_numerics


def enable_check_numerics() -> None:
    """From here on the first op whose result has a NaN or an infinity raises InvalidArgumentError and is named."""
    global _check_numerics
    _check_numerics = True


def disable_check_numerics() -> None:
    """Let NaN and infinity pass again."""
    global _check_numerics
    _check_numerics = False


def default_session():
    """The innermost session entered by ``with session:``, or None."""
    return stacks.sessions[-1] if stacks.sessions else None


tracer: Any = None  # what records the runs of sessions (explore/record.py), while something does


@contextmanager
def untraced():
    """Runs inside are nobody's business: such as those that initialize variables on the way."""
    global tracer
    saved, tracer = tracer, None
    try:
        yield
    finally:
        tracer = saved
