"""The examples run and reach what they promise; each in a process of its own, as a user would run it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
TYPED = sorted(path.name for path in (EXAMPLES / "typed").glob("*.py"))

# Runs an example's main() and writes what it returns as one line of JSON after what it printed.
RUNNER = """
import json, runpy, sys
import numpy as np
path, *arguments = sys.argv[1:]
sys.path.insert(0, path.rpartition("/")[0])
result = runpy.run_path(path)["main"](*arguments)
plain = lambda value: value.tolist() if isinstance(value, (np.ndarray, np.generic)) else str(value)
print()
print(json.dumps(result, default=plain))
"""


def run_example(name, *arguments):
    """Run an example; return what it printed and what main() returned, through JSON."""
    command = [
        sys.executable,
        "-W",
        "error",
        "-c",
        RUNNER,
        (EXAMPLES / name).as_posix(),
        *map(str, arguments),
    ]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, env=environment)
    assert done.returncode == 0, done.stderr
    printed, _, result = done.stdout.rstrip("\n").rpartition("\n")
    return printed, json.loads(result)


def test_sequence():
    """Knowing one of the two numbers would leave 1/12."""
    _, (_, error) = run_example("8_sequence.py")
    assert error < 0.02


def test_affine():
    printed, result = run_example("1_affine.py")
    assert result == [2, -1]
    assert "z(1, 2) = [ 2 -1]" in printed
    assert "z(-3, 5) = [-2 -4]" in printed


def test_perceptron():
    printed, (single, batch) = run_example("2_perceptron.py")
    assert "0.99330715" in printed
    assert single == pytest.approx(1 / (1 + np.exp(-5)), rel=1e-7)
    points = np.array([[3.0, 2.0], [0.5, -0.25], [0.0, 0.0], [-1.0, -2.0]])
    first = 1 / (1 + np.exp(-2 * points.sum(axis=1)))
    np.testing.assert_allclose(batch, np.column_stack([first, 1 - first]), rtol=1e-6)


def test_criterion():
    _, (costs, total) = run_example("3_criterion.py")
    np.testing.assert_allclose(costs, -np.log([0.99, 0.7, 0.5, 0.01]), rtol=1e-7)
    assert total == pytest.approx(sum(costs))


def test_clusters_are_separated():
    _, (losses, share) = run_example("4_clusters.py")
    assert losses[-1] < 0.02 * losses[0]
    assert share == 1.0


def test_line_is_recovered():
    _, (found, exact) = run_example("4_line.py")
    np.testing.assert_allclose(found, exact, atol=1e-3)
    np.testing.assert_allclose(found, [3, 2], atol=0.05)


def test_xor_is_learnt_and_drawn(tmp_path):
    pytest.importorskip("matplotlib")
    picture = tmp_path / "xor.png"
    _, (losses, share) = run_example("5_xor.py", picture)
    assert losses[-1] < 0.1 * losses[0]
    assert share > 0.95
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert [path.name for path in tmp_path.iterdir()] == ["xor.png"]  # no half-written file stays behind


def test_own_op_trains():
    _, ((value, derived, quotient), fitted) = run_example("6_own_op.py")
    at = np.array([-2.0, -0.5, 0.0, 1.5])
    np.testing.assert_allclose(value, (np.sqrt(at**2 + 1) - 1) / 2 + at, rtol=1e-6)
    np.testing.assert_allclose(derived, quotient, rtol=1e-6)
    np.testing.assert_allclose(fitted, [2, -1], atol=1e-3)


def test_look_inside():
    printed, (_, (product, total), (whole, part)) = run_example("7_look_inside.py")
    assert product == [1, -2]
    assert total == [2, -1]
    assert "by a session: [ 2 -1]" in printed
    assert "used by z" in printed
    assert "Add" in whole
    assert "Add" not in part  # fetching y needs no addition


@pytest.mark.parametrize("name", TYPED)
def test_typed_example_runs(name):
    printed, result = run_example(f"typed/{name}")
    assert printed
    assert "nan" not in json.dumps(result).lower()


def test_typed_results():
    _, (single, several) = run_example("typed/1_affine.py")
    assert single == [[2], [-1]]
    assert several == [[2, 1, 0], [-1, 0.5, -2]]

    _, (probability, _) = run_example("typed/2_perceptron.py")
    assert probability == pytest.approx(0.99330715)

    _, (_, derived, by_hand) = run_example("typed/3_criterion.py")
    np.testing.assert_allclose(derived, by_hand, rtol=1e-5)

    _, (_, share) = run_example("typed/4_clusters.py")
    assert share == 1.0

    _, (found, exact) = run_example("typed/4_line.py")
    np.testing.assert_allclose(found, exact, atol=1e-3)

    _, (_, known, new) = run_example("typed/5_xor.py")
    assert known > 0.95
    assert new > 0.95


def test_demo(tmp_path):
    for needed in ("matplotlib", "sklearn"):
        pytest.importorskip(needed)
    _, (xor_share, digit_share) = run_example("demo.py", tmp_path)
    assert xor_share > 0.95
    assert digit_share >= 0.97
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "digits.png",
        "explorer.html",
        "losses.png",
        "xor-boundary.png",
    ]
