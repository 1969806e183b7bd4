"""The typed examples print the same numbers under TensorFlow: only the import line is changed."""

import contextlib
import importlib.util
import io
import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from parity.harness import tensorflow

pytestmark = [
    pytest.mark.parity,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
]

EXAMPLES = Path(__file__).parents[2] / "examples"
TYPED = sorted(path.name for path in (EXAMPLES / "typed").glob("*.py"))
OURS, THEIRS = "import tensorglass.v1 as tf\n", "import tensorflow.compat.v1 as tf\n"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")

# main()'s results follow what it prints, as a line of JSON with every digit.
TAIL = """
import json as _json
_plain = lambda value: value.tolist()
print(_json.dumps(_result, default=_plain))
"""


def run(source, folder, *arguments):
    """Run a program's main(); return the lines it printed and the numbers it returned, flattened."""
    call = "_result = main({})".format(", ".join(map(repr, arguments)))
    source = source.replace('if __name__ == "__main__":', "if False:") + call + TAIL
    program = folder / "program.py"
    program.write_text(source, encoding="utf-8")
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    environment["PYTHONIOENCODING"] = "utf-8"
    paths = [str(EXAMPLES), environment.get("PYTHONPATH", "")]  # the demo imports `pictures` from there
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    done = subprocess.run(
        [sys.executable, program], capture_output=True, encoding="utf-8", timeout=300, env=environment
    )
    assert done.returncode == 0, done.stderr
    *printed, result = done.stdout.splitlines()
    return printed, list(flatten(json.loads(result)))


def run_with_tensorflow(source, *arguments):
    """The same of the program under TensorFlow, in this process: importing TensorFlow takes longer than running it."""
    tensorflow()
    assert source.count(OURS) == 1
    program = {"__name__": "program"}
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()) as printed:
        warnings.simplefilter("ignore")
        exec(compile(source.replace(OURS, THEIRS), "program.py", "exec"), program)
        result = program["main"](*arguments)
    numbers = json.loads(json.dumps(result, default=lambda value: value.tolist()))
    return printed.getvalue().splitlines(), list(flatten(numbers))


def flatten(value):
    """Yield the numbers of nested lists in order."""
    if isinstance(value, list):
        for item in value:
            yield from flatten(item)
    else:
        yield value


def last_place(number):
    """The value of one unit in a printed number's last place."""
    digits = number.partition("e")[0].partition(".")[2]
    return 10.0 ** -len(digits)


def assert_same_print(ours, theirs):
    """The same words; numbers may differ by 1e-5 of their size and by one unit in the last printed place."""
    for mine, yours in zip(ours, theirs, strict=True):
        assert NUMBER.sub("#", mine) == NUMBER.sub("#", yours)
        for a, b in zip(NUMBER.findall(mine), NUMBER.findall(yours), strict=True):
            unit = last_place(b) * 1.001 if "." in b else 0.0
            assert abs(float(a) - float(b)) <= 1e-5 * abs(float(b)) + unit, f"{mine}\n{yours}"


@pytest.mark.parametrize("name", TYPED)
def test_typed_example_agrees(name, tmp_path):
    source = (EXAMPLES / "typed" / name).read_text(encoding="utf-8")
    printed, numbers = run(source, tmp_path)
    tf_printed, tf_numbers = run_with_tensorflow(source)
    assert_same_print(printed, tf_printed)
    np.testing.assert_allclose(numbers, tf_numbers, rtol=1e-5, atol=1e-7)


@pytest.mark.slow
def test_demo_agrees(tmp_path, monkeypatch):
    for needed in ("matplotlib", "sklearn"):
        pytest.importorskip(needed)
    source = (EXAMPLES / "demo.py").read_text(encoding="utf-8")
    printed, shares = run(source, tmp_path, str(tmp_path / "pictures"))
    monkeypatch.syspath_prepend(EXAMPLES)
    tf_printed, tf_shares = run_with_tensorflow(source, str(tmp_path / "pictures"))
    np.testing.assert_allclose(shares, tf_shares, atol=0.01)

    # The first loss shows the same initial weights from the same seed, before training can amplify anything.
    def first_loss(lines):
        return next(line for line in lines if re.match(r" +0 ", line)).split()[1]

    assert float(first_loss(printed)) == pytest.approx(float(first_loss(tf_printed)), rel=1e-5)
