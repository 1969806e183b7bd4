"""The figures' slider: one figure at a time on the screen, all of them on paper and without scripts."""

import os
import re
import shutil

import pytest

from tensorglass.course.figures import plt, slider


@pytest.fixture
def three():
    plt.switch_backend("agg")
    figures = []
    for value in (1, 2, 3):
        figure, ax = plt.subplots(figsize=(3, 2))
        ax.set_title(f"rate {value}")
        figures.append(figure)
    yield slider(figures, ["0.1", "0.2", "a <b>"], name="learning rate", start=1)
    plt.close("all")


def test_it_is_html_with_a_label_and_nothing_from_outside(three):
    html = three._repr_html_()
    assert "http" not in re.sub(r"base64,[^\"]*", "", html)
    assert html.count("<img") == 3
    assert html.count('class="away"') == 2
    assert "<label>learning rate <input" in html
    assert 'aria-valuetext="0.2"' in html
    assert "<b>" not in html.replace('<b aria-hidden="true">', "")
    assert "a &lt;b&gt;" in html


def test_the_same_figure_is_the_same_html():
    def one():
        figure, ax = plt.subplots()
        ax.plot([1, 2])
        return slider([figure], [1], name="n")._repr_html_()

    assert one() == one()


def test_its_figures_are_not_shown_a_second_time(three):
    assert plt.get_fignums() == []


def test_figures_and_labels_go_together():
    figure = plt.figure()
    with pytest.raises(ValueError, match="1 figures, 2 labels"):
        slider([figure], [1, 2], name="n")
    plt.close(figure)


@pytest.mark.site
def test_in_a_browser_by_the_keyboard_on_paper_and_without_scripts(three, tmp_path):
    playwright_api = pytest.importorskip("playwright.sync_api", reason="needs Playwright")
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("needs Chromium: apt install chromium, or set CHROMIUM")
    file = tmp_path / "slider.html"
    file.write_text(f"<!doctype html><meta charset=utf-8>{three._repr_html_()}", encoding="utf-8")

    def seen():
        return [image.is_visible() for image in page.locator("img").all()]

    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(file.as_uri())
        assert seen() == [False, True, False]
        handle = page.get_by_role("slider", name="learning rate")
        handle.focus()
        page.keyboard.press("ArrowRight")
        assert seen() == [False, False, True]
        assert handle.get_attribute("aria-valuetext") == page.locator("b").inner_text() == "a <b>"
        page.keyboard.press("Home")
        assert seen() == [True, False, False]
        page.emulate_media(media="print")
        assert seen() == [True, True, True]
        assert not handle.is_visible()
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto(file.as_uri())
        assert page.locator("img.away").first.is_visible()
        browser.close()
