"""`tensorglass learn`: what it says where something is missing, and that it leaves a learner's notebooks alone."""

import threading
import urllib.request

import pytest

from tensorglass import cli
from tensorglass.course import build, learn
from tensorglass.course.cells import chapters, files


def test_the_chapters_are_found():
    assert (chapters() / "conf.py").is_file()
    assert (chapters() / "_static" / "katex" / "katex.min.css").is_file()
    assert files()[0].stem == "00-start-here"


def test_a_missing_package_is_told_with_the_extra(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(learn, "user_directory", lambda kind: tmp_path)
    monkeypatch.setattr(build, "NEEDED", ("no_such_package",))
    assert cli.main(["learn", "6"]) == 2
    told = capsys.readouterr().err
    assert "no_such_package" in told
    assert "tensorglass[course]" in told


def test_a_chapter_that_is_not_there_is_told_with_those_that_are(capsys):
    assert cli.main(["learn", "99"]) == 2
    assert "there is no chapter 99; the course has 0, 1, " in capsys.readouterr().err


def test_an_installation_without_the_text_says_so(monkeypatch, capsys):
    def nowhere():
        raise FileNotFoundError("The course's chapters are nowhere.")

    monkeypatch.setattr(learn, "files", nowhere)
    assert cli.main(["learn"]) == 2
    assert "nowhere" in capsys.readouterr().err


def test_jupyterlab_is_named_where_it_is_missing(monkeypatch, capsys):
    real = learn.importlib.util.find_spec
    hidden = {"jupyterlab": None, "jupytext": True, "ipykernel": True}
    monkeypatch.setattr(
        learn.importlib.util, "find_spec", lambda name, *a: hidden[name] if name in hidden else real(name)
    )
    assert cli.main(["learn", "--lab"]) == 2
    assert "pip install jupyterlab" in capsys.readouterr().err


def test_notebooks_of_the_learners_are_left_alone(monkeypatch, tmp_path):
    pytest.importorskip("jupytext", reason="needs the extra [course]")
    calls = []
    monkeypatch.setattr(learn.importlib.util, "find_spec", lambda name, *a: True)
    monkeypatch.setattr(learn.subprocess, "call", lambda command: calls.append(command) or 0)
    (tmp_path / "00-start-here.ipynb").write_text("mine")
    assert cli.main(["learn", "6", "--lab", "--folder", str(tmp_path)]) == 0
    assert (tmp_path / "00-start-here.ipynb").read_text() == "mine"
    assert (tmp_path / "06-backpropagation.ipynb").is_file()
    assert (tmp_path / "solutions" / "06-backpropagation.ipynb").is_file()
    assert calls[0][-1].endswith("06-backpropagation.ipynb")
    first = (tmp_path / "01-computational-graphs.ipynb").read_text(encoding="utf-8")
    assert "(02-running-a-graph.ipynb)" in first  # links lead from notebook to notebook
    assert "02-running-a-graph.md" not in first


def test_the_site_is_built_once_and_served_here_only(monkeypatch, tmp_path, capsys):
    built, opened = [], []

    def site(folder, say):
        built.append(folder)
        (folder / "html").mkdir(parents=True, exist_ok=True)
        (folder / "html" / "06-backpropagation.html").write_text("chapter six")
        (folder / "html" / "index.html").write_text("first page")

    def open_it(url):
        opened.append(url)
        assert url.startswith("http://127.0.0.1:")
        assert urllib.request.urlopen(url, timeout=10).read() == b"chapter six"
        raise_in_server()

    def raise_in_server():
        raise KeyboardInterrupt

    class Server(learn.http.server.ThreadingHTTPServer):
        def serve_forever(self, *args):
            thread = threading.Thread(target=super().serve_forever, daemon=True)
            thread.start()
            try:
                open_it(opened.pop())
            finally:
                self.shutdown()

    monkeypatch.setattr(learn, "user_directory", lambda kind: tmp_path)
    monkeypatch.setattr(build, "missing", list)
    monkeypatch.setattr(build, "site", site)
    monkeypatch.setattr(learn.http.server, "ThreadingHTTPServer", Server)
    monkeypatch.setattr(learn.webbrowser, "open", opened.append)
    for _ in range(2):
        assert cli.main(["learn", "6"]) == 0
    assert len(built) == 1
    monkeypatch.setattr(build, "digest", lambda with_text=True: "another text")
    assert cli.main(["learn", "6"]) == 0
    assert len(built) == 2


def test_a_build_that_fails_says_why(monkeypatch, tmp_path, capsys):
    def fails(folder, say):
        raise RuntimeError("The course could not be built.")

    monkeypatch.setattr(learn, "user_directory", lambda kind: tmp_path)
    monkeypatch.setattr(build, "missing", list)
    monkeypatch.setattr(build, "site", fails)
    assert cli.main(["learn"]) == 2
    assert "could not be built" in capsys.readouterr().err
