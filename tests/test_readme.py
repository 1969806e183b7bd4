"""What the README says about the source is true."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
ROWS = re.findall(r"^\| `(src/[^`]+\.py)` \| (\d+) \|", README, re.MULTILINE)


def count(path):
    return len(path.read_text().splitlines())


def test_the_walk_is_listed():
    assert len(ROWS) >= 6


@pytest.mark.parametrize(("path", "lines"), ROWS)
def test_line_count(path, lines):
    assert count(ROOT / path) == int(lines), f"README.md: {path} has {count(ROOT / path)} lines"


@pytest.fixture
def first_program():
    """What the first program leaves behind."""
    program = re.search(r"```python\n(.*?)```", README, re.DOTALL).group(1)
    names = {"__name__": "readme"}
    exec(compile(program, "README.md", "exec"), names)
    return names


def test_the_first_program_prints_what_the_readme_says(capsys, first_program):
    printed = re.search(r"```text\n(.*?)```", README, re.DOTALL).group(1)
    assert capsys.readouterr().out.strip() == printed.strip()


def test_the_explorer_shows_the_first_program(first_program, tmp_path, monkeypatch):
    program = re.search(r"## Watch it compute\s*```python\n(.*?)```", README, re.DOTALL).group(1)
    monkeypatch.chdir(tmp_path)
    exec(compile(program, "README.md", "exec"), first_program)
    assert "tensorglass-explorer" in (tmp_path / "step.html").read_text()
    phases = {step["phase"] for step in first_program["t"].document()["runs"][0]["steps"]}
    assert phases == {"forward", "reverse", "update"}
