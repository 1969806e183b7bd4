"""Tells of compilations that take long, and how long they took."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

_log = logging.getLogger("tensorglass")
PATIENCE = 2.0  # seconds without a word


class Compiling:
    """A block in which a plan of `ops` operations is compiled; `seconds` is the time it took.

    After two seconds a line on the logger "tensorglass" says what the program is waiting for.
    """

    def __init__(self, ops: int):
        self.ops = ops
        self.seconds = 0.0
        self._told = False

    def __enter__(self) -> Compiling:
        self._start = time.perf_counter()
        self._timer = threading.Timer(PATIENCE, self._tell)
        self._timer.daemon = True
        self._timer.start()
        return self

    def _tell(self) -> None:
        self._told = True
        _log.warning("TensorGlass: compiling a plan of %s ops with XLA ...", f"{self.ops:,}")

    def __exit__(self, *exc: Any) -> None:
        self._timer.cancel()
        self.seconds = time.perf_counter() - self._start
        if self._told and exc[0] is None:
            _log.warning("TensorGlass: compiled in %.1f s.", self.seconds)
