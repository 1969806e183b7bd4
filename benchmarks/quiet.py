"""Was anything else using the processors meanwhile? Asks the kernel's accounts in /proc, if there are any."""

import os
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
TOLERANCE = 0.1  # of one core; a desktop that is left alone uses less


def busy_seconds():
    """Return the seconds that all cores together have worked since the start, or None if unknown."""
    try:
        user, nice, system, _, _, irq, softirq, steal = Path("/proc/stat").read_text().split()[1:9]
    except (OSError, ValueError):
        return None
    # What the hypervisor gave to others (steal) is missing here as well.
    return sum(map(int, (user, nice, system, irq, softirq, steal))) / TICK


def process_seconds(pid):
    """Return the processor seconds of one process, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


class Watch:
    """Counts the processor time that others than the given processes use."""

    def __init__(self, *pids):
        self.pids = pids
        self.start()

    def start(self):
        """Begin counting."""
        self.began = time.perf_counter()
        self.busy = busy_seconds()
        if self.busy is not None:
            self.own = sum(map(process_seconds, self.pids))

    def foreign(self):
        """Return how many cores others kept busy on average; None if the system does not tell."""
        if self.busy is None:
            return None
        elapsed = time.perf_counter() - self.began
        own = sum(map(process_seconds, self.pids)) - self.own
        # The accounts count in ticks: what is within three of them is not evidence.
        surplus = busy_seconds() - self.busy - own - 3 / TICK
        return max(0.0, surplus / elapsed)


def wait(patience):
    """Wait until the machine is quiet for a second, `patience` seconds at most; return the seconds waited."""
    began = time.perf_counter()
    while (waited := time.perf_counter() - began) < patience:
        watch = Watch(os.getpid())
        time.sleep(1.0)
        if not watch.foreign() or watch.foreign() <= TOLERANCE:
            break
    return waited
