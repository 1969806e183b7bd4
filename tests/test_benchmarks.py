"""The benchmarks run, their peers do the same work, and their report says what was measured. No timing is asserted."""

import json
import os
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
# Sizes that keep a training workload short; one batch, so that its loss falls.
SMALL = {
    "xor": {},
    "mlp-small": {"sizes": (6, 5, 3), "batch": 8, "count": 1},
    "mlp-large": {"sizes": (6, 5, 4, 3), "batch": 8, "count": 1},
    "lenet": {"side": 8, "channels": (2, 3), "hidden": 8, "batch": 4, "count": 1},
    "resnet20": {"side": 8, "channels": (2, 4), "blocks": 1, "batch": 4, "count": 1},
    "lstm": {"steps": 3, "inputs": 4, "units": 5, "batch": 4, "count": 1},
    "transformer": {
        "layers": 1,
        "width": 8,
        "heads": 2,
        "hidden": 8,
        "length": 5,
        "vocabulary": 7,
        "batch": 2,
        "count": 1,
    },
}


def first_results(workload, peer):
    """Return the numbers that a peer must agree on with the others."""
    command = [sys.executable, str(BENCHMARKS / "peer.py"), workload, peer]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["check"]


@pytest.mark.parametrize("workload", ["xor", "chain"])
def test_same_work_as_bare_numpy(workload):
    ours = first_results(workload, "tensorglass")
    np.testing.assert_allclose(ours, first_results(workload, "numpy"), rtol=1e-3)


@pytest.fixture
def workload(monkeypatch):
    """A function that imports a module of benchmarks/workloads."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return lambda name: import_module(f"workloads.{name.replace('-', '_')}")


def same_losses(check, makers):
    """Compare the peers that need no more than the tests have."""
    losses = list(check(makers["tensorglass"]()))
    assert losses[-1] < losses[0]
    for peer in ["numpy", "tensorglass-xla", "jax"] if find_spec("jax") else ["numpy"]:
        if peer in makers:
            np.testing.assert_allclose(list(check(makers[peer]())), losses, rtol=1e-3, err_msg=peer)


SLOW = {"lenet", "resnet20", "transformer"}


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.slow] * (n in SLOW)) for n in SMALL])
def test_training(name, workload):
    module, frameworks = workload(name), workload("frameworks")
    work = module.Work(**SMALL[name])
    session, fetches, feeds = frameworks.graph(work, "tensorglass.v1", backend="xla" if find_spec("jax") else "numpy")
    feed = dict(zip(feeds, work.batches()[0], strict=True))
    same_losses(
        module.check, frameworks.peers(work) | {"tensorglass-xla": lambda: lambda: session.run(fetches, feed)[0]}
    )
    if find_spec("jax"):
        assert " in 1 piece, " in session.placement(fetches, feed)  # nothing of the step runs on the host


def test_many_steps_in_one_call(workload, monkeypatch):
    module = workload("steps")
    monkeypatch.setattr(module, "STEPS", 20)
    same_losses(module.check, module.PEERS)


def test_graphs_are_built():
    loss, *sums = first_results("build", "tensorglass")
    assert np.isfinite([loss, *sums]).all()
    assert loss > 0


def test_report_of_one_round(tmp_path):
    written = tmp_path / "performance.md"
    command = [sys.executable, str(BENCHMARKS / "run.py"), "--workload", "xor", "--peers", "tensorglass", "numpy"]
    command += ["--rounds", "1", "--patience", "0", "--write", str(written)]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, env=environment)
    assert done.returncode == 0, done.stderr
    assert "| ÷ fastest |" in done.stdout
    assert "goal: at most 1.30 ×" in done.stdout
    assert "round 1 of 1" in done.stderr
    assert written.read_text(encoding="utf-8").split() == done.stdout.split()
    assert list(tmp_path.iterdir()) == [written]


def test_memory_is_measured():
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("this system does not tell")
    command = [sys.executable, str(BENCHMARKS / "peer.py"), "xor", "numpy"]
    for kind in ("resident", "traced"):
        done = subprocess.run([*command, kind], capture_output=True, encoding="utf-8", timeout=60)
        (size,) = json.loads(done.stdout).values()
        assert size >= 0


@pytest.fixture
def report(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import report

    return report


def test_ratios_are_medians_of_rounds(report):
    # The second round was slow for everybody: the ratio within the rounds stays.
    times = {"tensorglass": [2.0, 18.0, 2.0], "numpy": [1.0, 9.0, 1.0], "torch": [4.0, 36.0, 4.0]}
    workload = SimpleNamespace(TITLE="title", GOALS=[("step", "tensorglass", "numpy", 1.5)])
    versions = {"tensorglass": {"numpy": "2.4"}, "numpy": {"numpy": "2.4"}, "torch": {"torch": "2.13"}}
    first = {"tensorglass": 0.5, "numpy": 0.004, "torch": 3.0}
    text = report.section(workload, {"step": times}, versions, {"jax": "absent"}, [], first)
    lines = text.splitlines()
    assert [line for line in lines if line.startswith("|")] == [
        "|  | step | ÷ fastest | ÷ tensorglass | to the first loss |",
        "| --- | ---: | ---: | ---: | ---: |",
        "| numpy | 1 s | 1.00 | 0.50 | 4 ms |",
        "| **tensorglass** | 2 s | 2.00 | 1.00 | 500 ms |",
        "| torch | 4 s | 4.00 | 2.00 | 3 s |",
    ]
    assert "numpy 2.4, torch 2.13. Left out: jax (absent)." in text
    assert "tensorglass needs 2.00 × numpy; goal: at most 1.50 ×, **missed**" in text


def test_several_quantities_have_a_line_each(report):
    workload = SimpleNamespace(TITLE="title", GOALS=[])
    results = {"build": {"tensorglass": [1.0]}, "run": {"tensorglass": [1.0], "numpy": [2.0]}}
    text = report.section(workload, results, {"tensorglass": {}, "numpy": {}}, {}, [])
    assert "| build | 1 s |  |\n| run | 1 s | 2 s (2.00 ×) |" in text


def test_no_gpu_is_said():
    command = [sys.executable, str(BENCHMARKS / "run.py"), "--device", "gpu", "--workload", "xor"]
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, env=environment)
    assert done.returncode == 1
    assert done.stderr.startswith("No NVIDIA GPU: ")
    assert not done.stdout


@pytest.mark.parametrize(("value", "shown"), [(2.5, "2.5 s"), (0.0125, "12.5 ms"), (3.2e-5, "32 µs"), (1e-3, "1 ms")])
def test_amounts_have_suitable_units(report, value, shown):
    assert report.amount("step", value) == shown
    assert report.amount("peak memory", 3 * 2**20) == "3.0 MiB"


def test_foreign_work_is_noticed(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import quiet

    if quiet.busy_seconds() is None:
        pytest.skip("this system does not tell")
    watch = quiet.Watch(os.getpid())
    spin = "import time\nend = time.process_time() + 0.4\nwhile time.process_time() < end: pass"
    subprocess.run([sys.executable, "-c", spin], check=True)
    assert watch.foreign() > quiet.TOLERANCE
