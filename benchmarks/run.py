"""Time TensorGlass beside its peers: `python benchmarks/run.py [--workload NAME ...] [--peers NAME ...]
[--rounds N] [--device gpu]`.

Each peer is a process of its own, which builds the work once; then rounds alternate between the peers,
beginning with another one each time. All peers begin with the same weights and data, and the losses of the
first ten steps must agree, so that the work is the same. Reported are medians of the rounds, and medians of
the ratios within rounds. A round during which something else used the processors is made again. Tables go
to standard output, progress to standard error; nothing is written unless `--write FILE` says so.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

import quiet
import report

HERE = Path(__file__).parent
WORKLOADS = ["xor", "steps", "mlp-small", "mlp-large", "lenet", "resnet20", "lstm", "transformer", "build", "chain"]
PEERS = [
    "tensorglass", "tensorglass-xla", "numpy", "tensorflow", "tf-function", "tf-jit", "jax", "jax-tuned", "torch",
    "torch-compile",
]  # fmt: skip
GPU_PEERS = ["tensorglass-xla", "jax", "torch", "torch-compile"]
HOST_WORKLOADS = ["build", "chain"]  # Python's own time: a GPU has nothing to do with it
AGREEMENT = {"cpu": 1e-3, "gpu": 1e-2}  # a GPU multiplies float32 with the ten bits of TensorFloat-32


def say(text):
    """Show progress."""
    print(text, file=sys.stderr, flush=True)


class Peer:
    """A peer's process."""

    def __init__(self, workload, name, python):
        command = [python, str(HERE / "peer.py"), workload, name]
        self.name = name
        # Errors go to a file and not into a pipe, which blocks the peer once it is full.
        self.errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 (closed by close)
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, encoding="utf-8"
        )
        self.about = self.answer()

    def answer(self):
        """Wait for the next line and return what it says."""
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            sys.exit(f"{self.name} failed:\n{self.errors.read()}")
        return json.loads(line)

    def round(self):
        """Let it do one round; return its times and the cores that others used meanwhile."""
        watch = quiet.Watch(os.getpid(), self.process.pid)
        self.process.stdin.write("round\n")
        self.process.stdin.flush()
        times = self.answer()
        return times, watch.foreign()

    def close(self):
        """Let the process end."""
        self.process.stdin.close()
        self.process.wait()
        self.errors.close()


def choose(device):
    """Let the peers see only that device, and turn TensorFlow's chatter down: they inherit this environment."""
    os.environ |= {"BENCHMARK_DEVICE": device, "TF_CPP_MIN_LOG_LEVEL": "3"}
    if device == "cpu":
        os.environ |= {"CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"}
    else:
        os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"  # the peers wait beside each other: none may take it all


def gpu(python):
    """Return the name of the GPU that JAX sees, or stop and say that there is none."""
    command = [python, "-c", "import jax; print(jax.devices('gpu')[0].device_kind)"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    if done.returncode:
        sys.exit(f"No NVIDIA GPU: JAX finds none ({done.stderr.strip().splitlines()[-1]})")
    return done.stdout.strip()


def interpreter(peer, pythons):
    """Return the Python that runs a peer; one chosen for `torch` runs `torch-compile` too."""
    return pythons.get(peer) or pythons.get(peer.partition("-")[0], sys.executable)


def start(name, workload, options, pythons):
    """Start the peers of a workload, compare their first results; return them and why others are missing."""
    started, missing = [], {}
    for peer in options.peers:
        if peer not in workload.PEERS:
            continue
        say(f"{name}: starting {peer}")
        process = Peer(name, peer, interpreter(peer, pythons))
        if "missing" in process.about:
            missing[peer] = process.about["missing"]
            say(f"{name}: {peer} is left out: {missing[peer]}")
        else:
            started.append(process)
    compare(name, started, AGREEMENT[options.device])
    return started, missing


def compare(name, peers, agreement):
    """Stop unless all peers computed the same."""
    for peer in peers[1:]:
        first = peers[0]
        for i, (a, b) in enumerate(zip(first.about["check"], peer.about["check"], strict=True)):
            if not abs(a - b) <= agreement * max(abs(a), abs(b)):
                sys.exit(f"{name}: not the same work: result {i} is {a} with {first.name}, {b} with {peer.name}")


def time_rounds(name, peers, rounds, patience):
    """Alternate rounds; return {quantity: {peer: [seconds]}} and how many were disturbed and rejected."""
    times, disturbed, tried_again = {}, 0, 0
    left = patience
    for i in range(rounds):
        first = i % len(peers)
        for peer in peers[first:] + peers[:first]:
            result, foreign = peer.round()
            while foreign and foreign > quiet.TOLERANCE and left > 0:
                tried_again += 1
                say(f"{name}: others used {foreign:.1f} cores; waiting ({left:.0f} s more at most)")
                began = time.perf_counter()
                quiet.wait(left)
                result, foreign = peer.round()
                left -= time.perf_counter() - began
            disturbed += bool(foreign and foreign > quiet.TOLERANCE)
            for quantity, seconds in result.items():
                times.setdefault(quantity, {}).setdefault(peer.name, []).append(seconds)
        say(f"{name}: round {i + 1} of {rounds}")
    return times, disturbed, tried_again


def measure_memory(name, peers, pythons):
    """Return {quantity: {peer: [bytes]}} of ten steps, from processes that do nothing else."""
    result = {}
    for peer in peers:
        kinds = ["resident", "traced"] if peer in ("tensorglass", "numpy") else ["resident"]
        for kind in kinds:
            say(f"{name}: {kind} memory of {peer}")
            command = [interpreter(peer, pythons), str(HERE / "peer.py"), name, peer, kind]
            done = subprocess.run(command, capture_output=True, encoding="utf-8")
            if done.returncode:
                sys.exit(f"{peer} failed:\n{done.stderr}")
            for quantity, size in json.loads(done.stdout).items():
                result.setdefault(quantity, {})[peer] = [size]
    return result


def machine(device):
    """Return a line about this machine; `device` is its GPU's name, or empty."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    except OSError:
        pass
    model = f"{device}; {model}" if device else model
    return f"{model}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def run_workload(name, options, pythons):
    """Time one workload; return its part of the report."""
    workload = import_module(f"workloads.{name.replace('-', '_')}")
    peers, missing = start(name, workload, options, pythons)
    if not peers:
        return report.section(workload, {}, {}, missing, [])
    rounds = options.rounds or workload.ROUNDS
    waited = quiet.wait(options.patience)
    if waited > 3:
        say(f"{name}: waited {waited:.0f} s for a quiet machine")
    times, disturbed, tried_again = time_rounds(name, peers, rounds, options.patience)
    versions = {peer.name: peer.about["versions"] for peer in peers}
    first = {peer.name: peer.about["first"] for peer in peers}
    for peer in peers:
        peer.close()
    if getattr(workload, "MEMORY", False) and Path("/proc/self/clear_refs").exists():
        times |= measure_memory(name, list(versions), pythons)
    remarks = quietness(peers, rounds, disturbed, tried_again)
    return report.section(workload, times, versions, missing, remarks, first)


def quietness(peers, rounds, disturbed, tried_again):
    """Return sentences about how quiet it was."""
    if quiet.busy_seconds() is None:
        return [f"{rounds} rounds. This system does not tell whether others used the processors."]
    made = f"{rounds} round{'s' * (rounds != 1)} a peer"
    lines = [f"{made}; {tried_again} more were rejected because others used the processors."]
    if disturbed:
        lines.append(f"**Not quiet:** {disturbed} of {rounds * len(peers)} rounds counted although others used them.")
    return lines


def write(path, text):
    """Write a file whole or not at all."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        file.write(text)
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def main():
    """Parse the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--workload", nargs="+", choices=WORKLOADS, default=WORKLOADS, metavar="NAME",
                        help=f"which to run: {', '.join(WORKLOADS)}")  # fmt: skip
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=PEERS, metavar="NAME",
                        help=f"whom to compare: {', '.join(PEERS)}")  # fmt: skip
    parser.add_argument("--device", choices=["cpu", "gpu"], default="cpu",
                        help="gpu: the training workloads on an NVIDIA GPU, with the peers that use it")  # fmt: skip
    parser.add_argument("--rounds", type=int, help="rounds a workload (default: its own number)")
    parser.add_argument("--patience", type=float, default=120.0, metavar="SECONDS",
                        help="how long to wait in all, a workload, for a quiet machine")  # fmt: skip
    parser.add_argument("--python", action="append", default=[], metavar="PEER=PATH",
                        help="run a peer with another interpreter")  # fmt: skip
    parser.add_argument("--write", metavar="FILE", help="write the report there as well, e.g. docs/performance.md")
    options = parser.parse_args()
    pythons = dict(pair.split("=", 1) for pair in options.python)
    choose(options.device)
    device = gpu(interpreter("jax", pythons)) if options.device == "gpu" else ""
    if device:
        options.peers = [peer for peer in options.peers if peer in GPU_PEERS]
        options.workload = [name for name in options.workload if name not in HOST_WORKLOADS]

    sections = [report.heading(machine(device))]
    print(sections[0], flush=True)
    for name in options.workload:
        sections.append(run_workload(name, options, pythons))
        print(sections[-1], flush=True)
    if options.write:
        write(options.write, "\n".join(sections))
        say(f"written: {options.write}")


if __name__ == "__main__":
    main()
