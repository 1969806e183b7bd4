"""What a trace is in a notebook: a picture, the view in a frame over it, in an export too, without any network."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tensorglass as tg
from tensorglass.explore import html

CELLS = (
    """import tensorglass as tg
with tg.Graph().as_default():
    x, w = tg.placeholder(tg.float32, [2], name="x"), tg.Variable([3.0, -1.0], name="w")
    loss = tg.reduce_sum(x * w, name="loss")
    train = tg.train.GradientDescentOptimizer(0.5).minimize(loss)
    with tg.trace(title="in a notebook") as t:
        tg.Session(backend="numpy").run(train, {x: [1.0, 2.0]})
t""",
)
needs_notebooks = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("nbconvert", "nbformat", "ipykernel"))),
    reason="needs notebooks: pip install nbconvert ipykernel",
)


def small():
    with tg.Graph().as_default():
        return tg.trace(tg.add(1.0, 2.0, name="sum"), title="small")


def test_a_trace_shows_itself():
    t = small()
    shown = t._repr_html_()
    assert shown == html.frame(t.document())
    assert shown.index("<img ") < shown.index("<iframe ")
    assert re.search(r'<img alt="The graph of small" src="data:image/svg\+xml;base64,[^"]+">', shown)
    assert not re.search(r'(src|href)="(?!data:)', shown)


def test_a_trace_as_a_page(tmp_path):
    t = small()
    text = t.to_html(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == text == html.page(t.document(), "small")


def test_the_module_is_for_hosts_of_widgets():
    text = html.module()
    assert text == (Path(html.__file__).parent / "web" / "dist" / "explorer.mjs").read_text(encoding="utf-8")
    assert re.search(r"export\s*{[^}]*\bdefault\b[^}]*}|export default", text)
    assert "render" in text


def test_runs_beyond_the_most_are_counted_and_told(monkeypatch):
    monkeypatch.setattr("tensorglass.explore.record.MOST_RUNS", 3)
    with tg.Graph().as_default():
        w = tg.Variable(np.float64(0.0))
        add, session = w.assign_add(1.0), tg.Session(backend="numpy")
        with tg.trace() as t:
            values = [session.run(add) for _ in range(5)]
    assert values == [1.0, 2.0, 3.0, 4.0, 5.0], "those that are not kept run all the same"
    assert t.runs == 3
    assert t.document()["note"] == "Only the first 3 runs are kept: 2 came later."


def test_steps_beyond_the_most_are_counted_and_told(monkeypatch):
    for place in ("record", "document"):
        monkeypatch.setattr(f"tensorglass.explore.{place}.MOST_STEPS", 4)
    with tg.Graph().as_default():
        x = y = tg.placeholder(tg.float64, [], name="x")
        for _ in range(10):
            y = y + x
        with tg.trace() as t:
            assert tg.Session(backend="numpy").run(y, {x: 1.0}) == 11.0
    (run,) = t.document()["runs"]
    assert run["left_out"] == 6
    assert len([s for s in run["steps"] if "t_us" in s]) == 4
    assert t.document()["note"] == "Of the run only the first 4 steps are kept: 6 came later."


def test_what_is_skipped_on_purpose_is_no_news():
    with tg.Graph().as_default():
        x, session = tg.constant(1.0) + 1.0, tg.Session(backend="numpy")
        with tg.trace(every=2) as t:
            for _ in range(4):
                session.run(x)
    assert t.runs == 2
    assert "note" not in t.document()


def test_the_note_is_in_the_page(opened, monkeypatch, tmp_path):
    monkeypatch.setattr("tensorglass.explore.record.MOST_RUNS", 1)
    with tg.Graph().as_default():
        x, session = tg.constant(1.0) + 1.0, tg.Session(backend="numpy")
        with tg.trace() as t:
            for _ in range(3):
                session.run(x)
    t.to_html(tmp_path / "page.html")
    page = opened((tmp_path / "page.html").as_uri())
    assert page.get_by_text("Only the first 1 runs are kept: 2 came later.").is_visible()


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A notebook that was run and exported by nbconvert."""
    place = tmp_path_factory.mktemp("notebook")
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    notebook = {
        "nbformat": 4, "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": [{**cell, "id": f"cell-{k}", "source": text} for k, text in enumerate(CELLS)],
    }  # fmt: skip
    (place / "trace.ipynb").write_text(json.dumps(notebook))
    source = str(Path(tg.__file__).parents[1])
    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "html", "--execute", "trace.ipynb"], cwd=place, check=True,
        capture_output=True, timeout=120,
        env={**os.environ, "PYTHONPATH": source, "IPYTHONDIR": str(place), "JUPYTER_CONFIG_DIR": str(place)},
    )  # fmt: skip
    return place / "trace.html"


@needs_notebooks
def test_an_export_steps_by_keyboard_without_a_network(exported, opened):
    page = opened(exported.as_uri())
    asked = [*opened.troubles]
    opened.troubles.clear()
    ours = page.locator("iframe[title='in a notebook']")
    assert not re.search(r'(src|href)="?https?:', ours.get_attribute("srcdoc"))
    assert all("require" in url or "mathjax" in url.lower() for url in asked if url.startswith("http")), asked
    assert not [trouble for trouble in asked if not trouble.startswith("http") and "require" not in trouble]
    view = page.frame_locator("iframe[title='in a notebook']")
    view.locator("input[type=range]").focus()
    first = view.locator(".where").inner_text()
    page.keyboard.press("ArrowRight")
    assert view.locator(".where").inner_text() != first
    page.keyboard.press("End")
    assert "w" in view.locator(".where").inner_text()
    assert view.locator(".value [data-cell]").count() >= 2
    assert page.locator("img[alt='The graph of in a notebook']").count() == 1
