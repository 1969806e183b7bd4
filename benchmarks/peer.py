"""One peer of one workload, in a process of its own: `python peer.py WORKLOAD PEER`.

Speaks JSON lines with run.py: answers once it is built and checked, then once for each line that it is
sent. With a third argument, `resident` or `traced`, it takes ten steps instead and answers with the memory
that they needed.
"""

import json
import os
import sys
import tracemalloc
from importlib import import_module, metadata

DISTRIBUTIONS = {
    "tensorglass": ["tensorglass"],
    "tensorflow": ["tensorflow-cpu", "tensorflow"],
    "torch": ["torch"],
}


def version(peer):
    """Return the peer's version, or that of NumPy for hand-written code."""
    for name in DISTRIBUTIONS.get(peer, ["numpy"]):
        try:
            return f"{peer} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            pass
    return peer


def load(peer):
    """Import the peer's library before memory is measured."""
    modules = {"tensorglass": "tensorglass.v1", "tensorflow": "tensorflow.compat.v1"}
    import_module("numpy")
    import_module(modules.get(peer, peer))


def status(field):
    """Return a figure of this process from the kernel's account, in bytes."""
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
    raise KeyError(field)


def resident_peak(make, check):
    """Return by how much the highest resident memory exceeds that after the import."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # forget the peak of the import
    before = status("VmRSS")
    check(make())
    return {"peak memory": status("VmHWM") - before}


def traced_peak(make, check):
    """Return the peak of what Python and NumPy allocate: exact, but blind to other libraries' memory."""
    tracemalloc.start()
    check(make())
    return {"peak memory of arrays": tracemalloc.get_traced_memory()[1]}


def main(name, peer, memory=None):
    """Answer on the original standard output; whatever a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def answer(value):
        answers.write(json.dumps(value) + "\n")

    workload = import_module(f"workloads.{name.replace('-', '_')}")
    try:
        load(peer)
    except ImportError as error:
        return answer({"missing": str(error)})
    make = workload.PEERS[peer]
    if memory:
        return answer({"resident": resident_peak, "traced": traced_peak}[memory](make, workload.check))

    subject = make()
    numbers = workload.check(subject)
    answer({"check": numbers, "version": version(peer)})
    for _ in sys.stdin:
        answer(workload.measure(subject))
    return None


if __name__ == "__main__":
    main(*sys.argv[1:])
