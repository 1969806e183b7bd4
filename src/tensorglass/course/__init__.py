"""What the course's chapters need: its small library, its exercises, its pictures, its data.

start(N)          put the small library of chapters 1 to N-1 into your namespace
check("6.2", x)   check your answer to an exercise: right, or a counter-example and a hint
show(node, feeds) step through a run of your own graph in the explorer
progress()        how far you are
library(N)        the small library at the end of chapter N, as a module

Everything runs on this machine, without a network.
"""

from __future__ import annotations

from .checking import Result, check
from .library import library, start
from .progress import progress
from .show import show

__all__ = ["Result", "check", "library", "progress", "show", "start"]
