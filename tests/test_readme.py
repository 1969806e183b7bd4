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


def test_the_first_program_prints_what_the_readme_says(capsys):
    program, printed = re.search(r"```python\n(.*?)```\s*```text\n(.*?)```", README, re.DOTALL).groups()
    exec(compile(program, "README.md", "exec"), {"__name__": "readme"})
    assert capsys.readouterr().out.strip() == printed.strip()
