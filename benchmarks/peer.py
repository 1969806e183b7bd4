"""One peer of one workload, in a process of its own: `python peer.py WORKLOAD PEER`.

Speaks JSON lines with run.py: answers once it is built and checked, then once for each line that it is
sent. With a third argument, `resident` or `traced`, it takes ten steps instead and answers with the memory
that they needed.
"""

import json
import os
import sys
import time
import tracemalloc
from contextlib import suppress
from importlib import import_module, metadata

# What a peer imports, and the distributions whose versions the report names (of alternatives, what is installed).
LIBRARIES = {
    "tensorglass": (["tensorglass.v1"], ["tensorglass", "numpy"]),
    "tensorglass-xla": (["tensorglass.v1", "jax"], ["tensorglass", "jax"]),
    "tensorflow": (["tensorflow.compat.v1"], ["tensorflow-cpu", "tensorflow"]),
    "tf-function": (["tensorflow"], ["tensorflow-cpu", "tensorflow"]),
    "tf-jit": (["tensorflow"], ["tensorflow-cpu", "tensorflow"]),
    "jax-tuned": (["tensorglass.backends.xla_devices"], ["tensorglass", "jax"]),
    "torch-compile": (["torch"], ["torch"]),
}


def versions(peer):
    """Return {distribution: version} of what the peer stands on."""
    found = {}
    for name in LIBRARIES.get(peer, ([], [peer]))[1]:
        with suppress(metadata.PackageNotFoundError):
            found[name.removesuffix("-cpu")] = metadata.version(name)
    return found


def load(peer):
    """Import the peer's libraries before time and memory are measured."""
    for module in LIBRARIES.get(peer, ([peer], []))[0]:
        import_module(module)


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
    list(check(make()))
    return {"peak memory": status("VmHWM") - before}


def traced_peak(make, check):
    """Return the peak of what Python and NumPy allocate: exact, but blind to other libraries' memory."""
    tracemalloc.start()
    list(check(make()))
    return {"peak memory of arrays": tracemalloc.get_traced_memory()[1]}


def main(name, peer, memory=None):
    """Answer on the original standard output; whatever a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def answer(value):
        answers.write(json.dumps(value) + "\n")

    workload = import_module(f"workloads.{name.replace('-', '_')}")
    make = workload.PEERS[peer]
    try:
        load(peer)
        if memory:
            return answer({"resident": resident_peak, "traced": traced_peak}[memory](make, workload.check))
        began = time.perf_counter()
        subject = make()
    except ImportError as error:
        return answer({"missing": str(error)})
    numbers = iter(workload.check(subject))
    first = next(numbers)
    seconds = time.perf_counter() - began
    answer({"check": [first, *numbers], "first": seconds, "versions": versions(peer)})
    for _ in sys.stdin:
        answer(workload.measure(subject))
    return None


if __name__ == "__main__":
    main(*sys.argv[1:])
