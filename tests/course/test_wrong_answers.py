"""Typical wrong answers are recognised: each gets the hint that fits it."""

import importlib.util
from pathlib import Path

import pytest

from tensorglass.course import check
from tensorglass.course.checking import exercises

HERE = Path(__file__).parent / "wrong_answers"


def cases():
    for path in sorted(HERE.glob("chapter_*.py"), key=lambda path: int(path.stem.split("_")[1])):
        spec = importlib.util.spec_from_file_location(f"wrong_answers_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        counts = {}
        for name, answer, hint in module.WRONG:
            counts[name] = counts.get(name, 0) + 1
            yield pytest.param(name, answer, hint, id=f"{name}-{counts[name]}")


CASES = list(cases())


@pytest.mark.parametrize(("name", "answer", "hint"), CASES)
def test_a_wrong_answer_gets_its_hint(name, answer, hint):
    result = check(name, answer)
    assert not result.ok
    assert hint in f"{result.message}\n{result.hint}"
    assert result.message


@pytest.mark.parametrize("name", list(exercises()))
def test_each_exercise_has_two_wrong_answers(name):
    assert sum(case.values[0] == name for case in CASES) >= 2


ANSWERS = [None, 0, "seven", [], {}, object(), lambda *args, **kwargs: None, int]


@pytest.mark.parametrize("name", list(exercises()))
def test_no_answer_whatever_it_is_makes_check_fail(name):
    for answer in ANSWERS:
        result = check(name, answer)
        assert result.ok or result.message
        assert "Traceback" not in repr(result)
