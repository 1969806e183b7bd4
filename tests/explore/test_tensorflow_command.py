"""`tensorglass explore --tensorflow`, and `--compare` while its page is open: the command as it is typed."""

import contextlib
import importlib.util
import json
import re
import select
import signal
import subprocess
import sys
import time
import urllib.request
from urllib.parse import quote

import numpy as np
import pytest

pytestmark = [
    pytest.mark.parity,
    pytest.mark.skipif(
        importlib.util.find_spec("tensorflow") is None,
        reason="the command is tested with TensorFlow itself: pip install 'tensorglass[parity]'",
    ),
]

PROGRAM = """
import numpy as np
import tensorglass.v1 as tf

x = tf.placeholder(tf.float32, [None, 10], name="x")
w = tf.Variable(np.ones([10, 1], np.float32), name="w")
y = tf.matmul(x, w, name="y")
loss = tf.reduce_sum(tf.square(y), name="loss")
{more}
train = tf.train.GradientDescentOptimizer(0.001).minimize(loss)
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for _ in range(2):
        print(tf.__name__.partition(".")[0], session.run([loss, train], {{x: np.ones([20, 10], np.float32)}})[0])
"""
# Something that the two libraries do not share.
APART = 'loss = tf.multiply(loss, 2.0 if tf.__name__.startswith("tensorglass") else 3.0, name="apart")'


def command(*arguments):
    return [sys.executable, "-m", "tensorglass", "explore", *map(str, arguments)]


def documents(page):
    return [json.loads(t) for t in re.findall(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)]


def step_of(document, run, name, phase="forward"):
    (node,) = [n["id"] for n in document["nodes"] if n["name"] == name]
    return next(s for s in document["runs"][run]["steps"] if s["node"] == node and s["phase"] == phase)


@contextlib.contextmanager
def served(*arguments, within=120):
    """The address of the page that a command shows, and a function that reads below it; then the command is ended."""
    process = subprocess.Popen(
        command("--no-browser", *arguments), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, bufsize=0
    )
    errors = process.stderr
    assert errors is not None
    said, until = b"", time.monotonic() + within
    try:
        while (found := re.search(rb"http://127\.0\.0\.1:\d+/[\w-]+/", said)) is None or b"Ctrl-C" not in said:
            ready, _, _ = select.select([errors], [], [], max(until - time.monotonic(), 0))
            part = errors.read(1 << 16) if ready else b""
            assert part, f"no page within {within} s: {said.decode()}"
            said += part
        url = found[0].decode()

        def read(name=""):
            with urllib.request.urlopen(url + name, timeout=30) as answer:
                return answer.read().decode()

        yield read
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        errors.close()


def test_tensorflow_alone_as_a_page(tmp_path):
    script, page = tmp_path / "program.py", tmp_path / "page.html"
    script.write_text(PROGRAM.format(more=""))
    done = subprocess.run(
        command("--tensorflow", script, "--html", page), capture_output=True, encoding="utf-8", timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["tensorflow", "tensorflow"]
    (document,) = documents(page.read_text())
    assert document["library"]["name"] == "tensorflow"
    assert len(document["runs"]) == 3
    loss = step_of(document, 1, "loss")
    assert loss["value"]["data"] == [2000.0]
    gradient = step_of(document, 1, "w", "reverse")
    np.testing.assert_allclose(gradient["grad"]["data"], np.full(10, 2 * 20 * 10.0))
    assert document["nodes"][0]["made_at"]["file"].endswith("program.py")
    assert '"kept":' not in json.dumps(document), "no parts of values are to be had from a file"


@pytest.mark.slow
def test_the_page_of_a_comparison(tmp_path):
    script = tmp_path / "program.py"
    script.write_text(PROGRAM.format(more=APART))
    with served("--compare", script) as read:
        page = read()
        both = json.loads(read("trace.json"))
        assert [d["library"]["name"] for d in both] == ["tensorglass", "tensorflow"]
        assert [d["library"]["name"] for d in documents(page)] == ["tensorglass", "tensorflow"]
        ours, _ = both
        rows = {n["name"]: ours["comparison"]["runs"][1]["nodes"].get(n["id"]) for n in ours["nodes"]}
        assert rows["apart"]["value"] == 2000.0, "4000 here and 6000 there"
        assert not rows["apart"]["agrees"]
        assert (rows["y"]["value"], rows["x"]["value"]) == (0.0, 0.0)
        assert rows["w"]["gradient"] == 400.0
        assert "<tensorglass-explorer>" in page, "not a live one: nothing is to come"
        for document in both:
            number = step_of(document, 1, "x")["value"]["kept"]
            part = json.loads(read(f"slice?of={number}&index={quote('18:, 3')}"))
            assert (part["shape"], part["data"], part["cols"]) == ([2], [1.0, 1.0], [18, 19])
