"""Every chapter and every solution runs; stubs are not yet right, solutions are, and no exercise is forgotten.

One chapter: pytest tests/course/test_chapters.py -m "" -k 07
"""

import pytest
from course_runs import run

from tensorglass.course.cells import cells, files, number
from tensorglass.course.checking import exercises

CHAPTERS, SOLUTIONS = files(), files(solutions=True)


# In `make test`; the others in `make slow-test`. Building the site runs every chapter, too.
QUICK = {0, 1, 2, 6, 8}


def marked(paths):
    return [pytest.param(path, marks=[pytest.mark.slow] * (number(path) not in QUICK)) for path in paths]


def of_chapter(n):
    return {name for name, exercise in exercises().items() if exercise.chapter == n}


def stem(path):
    return path.stem


@pytest.mark.parametrize("path", marked(CHAPTERS), ids=stem)
def test_a_chapter_runs_and_its_stubs_are_not_yet_right(path, monkeypatch):
    ran = run(path, monkeypatch)
    right = [result.exercise.name for result in ran.results if result.ok]
    assert not right, f"{path.name}: exercises that are right before anything is written"
    assert {result.exercise.name for result in ran.results} == of_chapter(number(path))


@pytest.mark.parametrize("path", marked(SOLUTIONS), ids=stem)
def test_the_solutions_are_right(path, monkeypatch):
    ran = run(path, monkeypatch)
    wrong = [repr(result) for result in ran.results if not result.ok]
    assert not wrong, "\n".join(wrong)
    assert {result.exercise.name for result in ran.results} == of_chapter(number(path))


def test_every_chapter_has_solutions_and_three_exercises():
    assert [p.name for p in CHAPTERS] == [p.name for p in SOLUTIONS]
    for path in CHAPTERS:
        if number(path) > 0:
            assert len(of_chapter(number(path))) >= 3, path.name


def test_every_exercise_belongs_to_a_chapter():
    assert {e.chapter for e in exercises().values()} <= {number(path) for path in CHAPTERS}


@pytest.mark.parametrize("path", CHAPTERS + SOLUTIONS, ids=stem)
def test_the_cells_are_marked_as_agreed(path):
    known = {"library", "simplified", "hide-input", "hide-output", "exercise", "raises-exception", "remove-input"}
    for cell in cells(path):
        assert cell.tags <= known, f"{path.name}:{cell.line}"
        if "exercise" in cell.tags:
            assert "check(" in cell.source, f"{path.name}:{cell.line}"
