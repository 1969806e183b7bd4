"""`tensorglass explore script.py`: a page in a file, and a page served while the program runs."""

import contextlib
import json
import re
import subprocess
import sys
import urllib.error
import urllib.request

import numpy as np
import pytest

import tensorglass as tg
from tensorglass import cli
from tensorglass.explore.server import Server

PROGRAM = """
import sys
import tensorglass.v1 as tf

x = tf.placeholder(tf.float32, [None], name="x")
w = tf.Variable(2.0, name="w")
loss = tf.reduce_sum(tf.square(w * x), name="loss")
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for _ in range(int(sys.argv[1])):
        print(session.run([loss, train], {x: [1.0, 2.0]})[0])
"""


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    return path


def run(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "tensorglass", *map(str, arguments)], capture_output=True, encoding="utf-8", **options
    )


def documents(page):
    return [json.loads(t) for t in re.findall(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)]


def test_a_program_written_as_a_page(program, tmp_path):
    page = tmp_path / "page.html"
    done = run("explore", program, "3", "--html", page)
    assert done.returncode == 0, done.stderr
    assert [round(float(v), 3) for v in done.stdout.split()] == [20.0, 0.0, 0.0]
    (document,) = documents(page.read_text())
    assert len(document["runs"]) == 4  # the initializer, and three steps
    assert document["title"] == "program.py"
    made_at = next(n for n in document["nodes"] if n["name"] == "loss")["made_at"]
    assert (made_at["file"], made_at["line"]) == ("program.py", 7)


def test_a_program_that_fails_is_shown_up_to_there(program, tmp_path):
    program.write_text(PROGRAM + "\nraise SystemExit('enough')\n")
    page = tmp_path / "page.html"
    done = run("explore", program, "1", "--html", page)
    assert done.returncode == 1
    assert len(documents(page.read_text())[0]["runs"]) == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["explore", "nowhere.py"], "no file nowhere.py"), (["explore", cli.__file__, "--every", "0"], "at least 1")],
)
def test_what_it_refuses(arguments, told, capsys):
    assert cli.main(arguments) == 2
    assert told in capsys.readouterr().err


def test_a_program_that_computes_nothing(tmp_path, capsys):
    script = tmp_path / "idle.py"
    script.write_text("import tensorglass as tg\nwith tg.Graph().as_default():\n    tg.constant(1.0) + 1.0\n")
    assert cli.main(["explore", str(script), "--html", str(tmp_path / "page.html")]) == 1
    assert "nothing to show" in capsys.readouterr().err
    assert not (tmp_path / "page.html").exists()


@pytest.fixture
def served():
    with tg.Graph().as_default():
        x = tg.placeholder(tg.float32, [2], name="x")
        y = x * 2.0
        session = tg.Session(backend="numpy")
        with tg.trace(title="live") as trace, Server(trace.document, lambda: trace.version, "live") as server:
            session.run(y, {x: np.ones(2)})
            yield server, lambda: session.run(y, {x: np.ones(2)})


def fetch(url, **headers):
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10)


def test_the_server_shows_new_runs(served):
    server, run_again = served
    with fetch(server.url) as answer:
        assert "<tensorglass-explorer live>" in answer.read().decode()
    with fetch(server.url + "events") as events:
        assert events.readline() == b"data: 1\n"
        run_again()
        assert events.readline() == b"\n"
        assert events.readline() == b"data: 2\n"
    with fetch(server.url + "trace.json") as answer:
        assert len(json.load(answer)["runs"]) == 2


def test_the_server_answers_only_to_those_who_know_the_address(served):
    server, _ = served
    assert server.url.startswith("http://127.0.0.1:")
    root = server.url.split("/", 3)[:3]
    for url, headers in (
        ("/".join(root) + "/", {}),
        ("/".join(root) + "/wrong/trace.json", {}),
        (server.url + "other", {}),
        (server.url + "trace.json", {"Host": "elsewhere.example"}),
    ):
        with pytest.raises(urllib.error.HTTPError, match="404"), contextlib.closing(fetch(url, **headers)):
            pass
