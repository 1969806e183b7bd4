"""The explorer: record a run of your own graph, step through it forwards, in reverse and back in time.

with tensorglass.trace() as t:
    session.run(train, feed)
t.to_html("run.html")
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from .growing import Written
from .record import Recorder

__all__ = ["Trace", "trace", "trace_tensorflow"]


class Trace:
    """What some runs of sessions computed, step by step: values, gradients, and how variables changed.

    It shows itself in a notebook.  ``every=k`` keeps each k-th run of a loop; at most 200 runs, and 5,000 steps of
    each, are kept, and values of more than 64 elements as statistics, a histogram and a sample.  Traced runs give the
    same results as any; with ``made_at=False`` the lines of your program are left out.  With ``check=True`` each
    gradient is compared with central differences, after the run and on the side: many more runs, so it takes long.

    >>> import tensorglass as tg
    >>> with tg.Graph().as_default():
    ...     x = tg.constant(3.0, name="x")
    ...     y = x * x
    ...     with tg.trace() as t:
    ...         print(tg.Session().run(y))
    9.0
    >>> [step["node"] for step in t.document()["runs"][0]["steps"]]
    ['n0', 'n1']
    """

    def __init__(self, title: str = "", every: int = 1, made_at: bool = True, check: bool = False):
        if not isinstance(every, int) or every < 1:
            raise ValueError(f"every must be a positive integer, not {every!r}")
        self.title = title
        self._made_at = made_at
        self._recorder = Recorder(every, check)
        self._document: tuple[str, dict[str, Any]] | None = None
        self._written = Written()

    def __enter__(self) -> Trace:
        self._recorder.__enter__()
        return self

    def __exit__(self, *exc: Any) -> None:
        self._recorder.__exit__(*exc)

    @property
    def runs(self) -> int:
        """How many runs are recorded."""
        return len(self._recorder.runs)

    def document(self) -> dict[str, Any]:
        """The trace as an object of the JSON form `graphtrace`, version 1 (graphtrace.schema.json)."""
        version = self.version
        if self._document is None or self._document[0] != version:
            from .document import document

            runs = list(self._recorder.runs)  # others may come while this is written
            left_out = self._recorder.left_out
            self._document = version, document(runs, self.title or "trace", self._made_at, left_out, self._written)
        return self._document[1]

    @property
    def version(self) -> str:
        """Another text whenever there is more to show."""
        return self._recorder.version

    def to_json(self, path: str | os.PathLike | None = None) -> str:
        """The document as text, also written to `path` where one is given."""
        from .compact import compact

        text = json.dumps(compact(self.document()), ensure_ascii=False, allow_nan=False)
        return written(path, text)

    def to_html(self, path: str | os.PathLike | None = None) -> str:
        """A page that steps through the trace: one file, which needs no network and nothing installed."""
        from .html import page

        return written(path, page(self.document(), self.title or "trace"))

    def _repr_html_(self) -> str:
        from .html import frame

        return frame(self.document())

    def widget(self, **state: Any) -> Any:
        """The view as a widget for a notebook that is running (extra ``[notebook]``): see `explore.widget.Explorer`.

        ``w.step = 12`` moves it, and ``w.step``, ``w.selected``, ``w.node`` and ``w.breakpoints`` say what the reader
        does; `state` sets some of them from the start.  It grows while the trace does.
        """
        from .widget import Explorer

        return Explorer(self, **state)

    def to_svg(self, path: str | os.PathLike | None = None, run: int = 0, step: int | None = None) -> str:
        """A picture of the graph after `step` of a run (after all of them by default), without any script."""
        from .svg import to_svg

        return written(path, to_svg(self.document(), run=run, step=step))

    def to_dot(self, path: str | os.PathLike | None = None) -> str:
        """The graph in the language of Graphviz, as text; nothing here needs Graphviz."""
        from .dot import to_dot

        return written(path, to_dot(self.document()))

    def __repr__(self) -> str:
        return f"<tensorglass.Trace {self.title!r}: {self.runs} runs>"


def written(path: str | os.PathLike | None, text: str) -> str:
    """`text`, also put into a file whole or not at all."""
    if path is not None:
        place = Path(path)
        with tempfile.NamedTemporaryFile("w", dir=place.parent, delete=False, encoding="utf-8") as file:
            file.write(text)
        os.chmod(file.name, 0o644)
        os.replace(file.name, place)
    return text


def trace(
    fetches: Any = None, feed_dict: Any = None, *, session: Any = None, title: str = "", every: int = 1,
    made_at: bool = True, check: bool = False,
) -> Trace:  # fmt: skip
    """Record runs: ``with trace() as t: session.run(...)``, or one run of `fetches` in the default (or a new) session.

    Returns the `Trace`.

    >>> import tensorglass as tg
    >>> with tg.Graph().as_default():
    ...     t = tg.trace(tg.constant(1.0) + 2.0)
    >>> t.runs
    1
    """
    found = Trace(title, every, made_at, check)
    if fetches is not None:
        from ..context import default_session
        from ..session import LenientSession

        with found:
            (session or default_session() or LenientSession()).run(fetches, feed_dict)
    return found


def trace_tensorflow(
    session: Any = None, fetches: Any = None, feed_dict: Any = None, *, loss: Any = None, wrt: Any = None,
    title: str = "", every: int = 1, made_at: bool = True,
) -> Trace:  # fmt: skip
    """Record runs of TensorFlow's own sessions (extra ``[parity]``): one, or all in ``with trace_tensorflow() as t:``.

    A traced run is the program's own, done once.  Gradients are those of `loss` with respect to `wrt`, taken by
    `tf.gradients` in a copy of the graph; by default of what the run itself goes back from, with respect to the
    variables below it.  Returns the `Trace`.
    """
    from .tensorflow import TensorFlowTrace

    found = TensorFlowTrace(title, every, made_at, loss, wrt)
    if fetches is not None:
        with found:
            session.run(fetches, feed_dict)
    return found
