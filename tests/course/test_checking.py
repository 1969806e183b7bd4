"""`check` is kind: whatever an answer does, the result says what is wrong and where, without a traceback of ours."""

import contextlib
import json
import sys
import threading
import time

import pytest

from tensorglass.course import check, checking, progress
from tensorglass.course.checking import Wrong, exercise


@pytest.fixture
def make(monkeypatch):
    """A function that makes an exercise 99.1 of a checker."""
    checking.exercises()  # all are there before one is added
    monkeypatch.setattr(checking, "_registry", dict(checking._registry))

    def made(checker, seconds=5.0):
        exercise("99.1", "Try it", seconds)(checker)
        return lambda answer: check("99.1", answer)

    return made


def is_two(answer):
    """The answer is a function that gives 2."""
    if answer() != 2:
        raise Wrong(f"`answer()` is {answer()}, not 2.", hint="One more than 1.")


def test_right_and_wrong(make):
    checked = make(is_two)
    right, wrong = checked(lambda: 2), checked(lambda: 3)
    assert right.ok
    assert right
    assert repr(right).startswith("✓ Right · 99.1 Try it")
    assert not wrong
    assert (wrong.message, wrong.hint) == ("`answer()` is 3, not 2.", "One more than 1.")
    assert repr(wrong) == "✗ Not yet · 99.1 Try it\n`answer()` is 3, not 2.\nHint: One more than 1."
    assert "<code>answer()</code>" in wrong._repr_html_()


def test_html_is_escaped(make):
    def checker(answer):
        raise Wrong(f"got {answer}")

    assert "<script>" not in make(checker)("<script>alert(1)</script>")._repr_html_()


def test_an_exception_is_told_with_the_learners_line(make):
    def answer():
        return 1 / 0  # the line

    result = make(is_two)(answer)
    assert "return 1 / 0  # the line" in result.message
    assert "ZeroDivisionError: division by zero" in result.message
    assert "Traceback" not in repr(result)


def test_an_answer_of_the_wrong_kind_is_no_error():
    for answer in (3, [], {}, "x", object()):
        result = check("6.1", answer)
        assert not result.ok
        assert result.message


@pytest.mark.parametrize("stop", [SystemExit, GeneratorExit, RecursionError, MemoryError, StopIteration])
def test_nothing_gets_out(make, stop):
    def answer():
        raise stop

    assert not make(is_two)(answer).ok


def test_a_function_without_an_end_by_recursion(make):
    def answer():
        return answer()

    result = make(is_two)(answer)
    assert "RecursionError" in result.message
    assert result.hint


@pytest.mark.parametrize("kind", ["loop", "guarded", "bare"])
def test_an_endless_loop_is_stopped(make, kind):
    turns = [0]

    def loop():
        while True:
            turns[0] += 1

    def guarded():
        while True:
            try:
                turns[0] += 1
            except Exception:
                turns[0] = 0

    def bare():
        swallowed = 0
        while swallowed < 2:
            try:
                while True:
                    turns[0] += 1
            except:  # noqa: E722
                swallowed += 1
        while True:
            turns[0] += 1

    began = time.monotonic()
    result = make(is_two, seconds=0.2)({"loop": loop, "guarded": guarded, "bare": bare}[kind])
    assert not result.ok
    assert "still running" in result.message
    assert time.monotonic() - began < 20
    assert turns[0]


def test_no_time_limit_is_left_over(make):
    """Where an answer ends at the very moment that it would be stopped, either may happen, and nothing afterwards."""
    checked = make(is_two, seconds=0.02)
    for _ in range(30):
        result = checked(lambda: time.sleep(0.02) or 2)
        assert result.ok or "still running" in result.message
        for _ in range(1000):
            pass


def test_a_time_limit_may_strike_anywhere():
    """While the watching thread starts, while it ends: nothing is raised afterwards, and no thread is left."""
    switch, threads = sys.getswitchinterval(), threading.active_count()
    sys.setswitchinterval(1e-5)
    try:
        for _ in range(500):
            with contextlib.suppress(checking.TimeLimit), checking.time_limit(0.0005):
                end = time.perf_counter() + 0.0005
                while time.perf_counter() < end:
                    pass
    finally:
        sys.setswitchinterval(switch)
    time.sleep(0.5)
    assert threading.active_count() <= threads


def test_what_an_answer_prints_is_shown_but_not_all_of_it(make, capsys):
    def answer():
        for i in range(1000):
            print("line", i)
        return 3

    result = make(is_two)(answer)
    assert result.printed.startswith("line 0\nline 1\n")
    assert len(result.printed.splitlines()) < 15
    assert "line 999" not in capsys.readouterr().out


def test_warnings_of_an_answer_do_not_matter(make):
    import warnings

    assert make(is_two)(lambda: warnings.warn("hm", stacklevel=1) or 2).ok


def test_no_answer_yet(make):
    for answer in (None, ...):
        assert "no answer" in make(is_two)(answer).message
    assert not check("6.1").ok


def test_an_unknown_exercise_is_told_with_those_there_are():
    with pytest.raises(ValueError, match=r"no exercise '6\.99': chapter 6 has 6\.1"):
        check("6.99", 1)


def test_a_figure_is_shown_with_the_result(make):
    class Figure:
        def _repr_html_(self):
            return "<b>figure</b>"

    def checker(answer):
        raise Wrong("no", figure=Figure())

    assert "<b>figure</b>" in make(checker)(1)._repr_html_()


# -- progress


def test_progress_is_kept_in_a_file_of_ones_own(make, monkeypatch, tmp_path):
    file = tmp_path / "deep" / "progress.json"
    monkeypatch.setenv("TENSORGLASS_PROGRESS", str(file))
    checked = make(is_two)
    checked(lambda: 3)
    assert not file.exists()
    checked(lambda: 2)
    assert list(json.loads(file.read_text())["right"]) == ["99.1"]
    assert "chapter 99 · 1 of 1 exercises" in repr(progress())
    assert "chapter 6 · 0 of" in repr(progress())
    assert [p.name for p in file.parent.iterdir()] == ["progress.json"]
    assert "1 of 1" in progress()._repr_html_()


def test_progress_can_be_off(make, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("TENSORGLASS_PROGRESS", "0")
    assert make(is_two)(lambda: 2).ok
    assert list(tmp_path.rglob("*")) == []
    assert "nothing is kept" in repr(progress())


@pytest.mark.parametrize("text", ["", "not JSON", "[]", '{"right": 3}', '{"right": null}'])
def test_a_broken_file_of_progress_does_no_harm(make, monkeypatch, tmp_path, text):
    file = tmp_path / "progress.json"
    file.write_text(text)
    monkeypatch.setenv("TENSORGLASS_PROGRESS", str(file))
    assert "chapter 6 · 0 of" in repr(progress())
    assert make(is_two)(lambda: 2).ok
    assert "99.1" in file.read_text()


def test_a_place_that_cannot_be_written_does_no_harm(make, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TENSORGLASS_PROGRESS", str(tmp_path / "file" / "progress.json"))
    assert make(is_two)(lambda: 2).ok
