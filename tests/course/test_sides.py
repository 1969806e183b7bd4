"""Chapter 26's two explorers: what is kept of TensorFlow's run, and that the two go in step.

That the kept run is what the real TensorFlow does is tested by the chapter itself, where TensorFlow is installed.
"""

import importlib.util
import json
import os
import shutil
from importlib import resources
from pathlib import Path

import pytest
from course_runs import run

from tensorglass import explore
from tensorglass.course import sides
from tensorglass.course.cells import files

KEPT = resources.files("tensorglass.course") / "recorded" / "xor_tensorflow.json"
SCHEMA = Path(explore.__file__).with_name("graphtrace.schema.json")


@pytest.fixture(scope="module")
def recorded():
    return sides.recorded("xor_tensorflow")


def test_what_is_kept_is_small_and_has_no_code_of_tensorflows():
    text = KEPT.read_text(encoding="utf-8")
    assert len(text) < 40_000
    assert "sources" not in json.loads(text)
    assert "RegisterGradient" not in text


def test_what_is_kept_is_a_trace_as_its_schema_says(recorded):
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(recorded)
    assert recorded["library"]["name"] == "tensorflow"
    assert all(node["box"] for node in recorded["nodes"])


def test_a_trace_is_kept_as_it_was(recorded):
    again = sides.full(json.loads(sides.as_text(sides.slim(recorded))))
    assert again == recorded
    assert sides.SideBySide(recorded, again).same


def test_a_difference_is_told_with_its_node(recorded):
    other = json.loads(json.dumps(recorded))
    step = next(step for step in other["runs"][0]["steps"] if step.get("value", {}).get("dtype") == "float32")
    step["value"]["data"][0] += 0.5
    both = sides.SideBySide(recorded, other)
    [(name, *_)] = [row for row in both.differences if row[1]]
    assert not both.agree
    assert name == next(n["name"] for n in recorded["nodes"] if n["id"] == step["node"])


def test_the_chapter_shows_what_is_kept_where_tensorflow_is_not_installed(recorded, monkeypatch):
    there = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "tensorflow" else there(name, *more)
    )
    ran = run(next(path for path in files() if path.name.startswith("26")), monkeypatch)
    [both] = [shown for shown in ran.shown if isinstance(shown, sides.SideBySide)]
    assert both.agree
    assert both.documents[1]["nodes"] == recorded["nodes"]


def test_a_step_in_one_explorer_moves_the_other(recorded, tmp_path):
    playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install playwright")
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("needs Chromium: apt install chromium, or set CHROMIUM")
    shorter = sides.full(json.loads(sides.as_text(sides.slim(recorded))))
    steps = shorter["runs"][0]["steps"]
    del steps[2]  # the same node is another step there
    for i, step in enumerate(steps):
        step["i"] = i
    page = tmp_path / "both.html"
    page.write_text(f"<!doctype html>{sides.SideBySide(recorded, shorter)._repr_html_()}", encoding="utf-8")
    troubles = []
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        opened = browser.new_page()
        opened.on("pageerror", lambda error: troubles.append(str(error)))
        opened.on("request", lambda r: r.url.startswith(("file:", "data:", "about:")) or troubles.append(r.url))
        opened.goto(page.as_uri())
        frame = opened.frame_locator("iframe")
        one, two = (frame.locator("tensorglass-explorer").nth(k) for k in (0, 1))
        one.locator(".explorer").focus()
        for _ in range(4):
            one.press("ArrowRight")
        at = "e => [e.state.at, e.state.model.node(e.state.step.node).name]"
        assert one.evaluate(at)[0] == 4
        assert two.evaluate(at) == [3, one.evaluate(at)[1]]
        two.evaluate("e => e.state.phase(1)")  # and the other way round
        assert one.evaluate("e => e.state.step.phase") == "reverse"
        browser.close()
    assert not troubles
