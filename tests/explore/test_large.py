"""A transformer of twelve layers and a network unrolled over thirty steps: they open soon and step on at once."""

import statistics
import time

import pytest

try:
    from playwright.sync_api import sync_playwright
except ImportError:
    pytest.skip("needs Playwright: pip install playwright", allow_module_level=True)

from explore.browsing import ARGS, chromium_path, watched
from explore.networks import rnn, transformer

CHROMIUM = chromium_path()
if CHROMIUM is None:
    pytest.skip("needs Chromium: apt install chromium, or set CHROMIUM", allow_module_level=True)

# What is promised is 2 s and 50 ms on a machine of its own; a machine that runs other tests gets three times as long.
OPEN, STEP = 3 * 2.0, 3 * 0.050
STEPS = """async (keys) => {
  const view = document.querySelector("tensorglass-explorer").shadowRoot.querySelector(".explorer"), found = [];
  for (const key of keys) {
    const start = performance.now();
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    view.getBoundingClientRect();
    found.push(performance.now() - start);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  }
  return found;
}"""


@pytest.mark.parametrize(("network", "megabytes"), [(transformer, 6), (rnn, 2)])
def test_large_graphs_are_quick(network, megabytes, tmp_path):
    file = tmp_path / "large.html"
    text = network().to_html(file)
    assert len(text) < megabytes * 1e6
    troubles = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        page = watched(browser.new_page(viewport={"width": 1600, "height": 1000}), troubles)
        page.add_init_script("""(function look() {
          const at = document.querySelector("tensorglass-explorer")?.shadowRoot?.querySelector(".node");
          if (at) window.painted = performance.now(); else requestAnimationFrame(look);
        })()""")
        began = time.perf_counter()
        page.goto(file.as_uri())
        page.wait_for_function("window.painted > 0")
        assert time.perf_counter() - began < OPEN
        assert 10 < page.locator(".node").count() <= 80, "scopes are folded, so that the picture can be read"
        taken = page.evaluate(STEPS, ["ArrowRight"] * 12)
        page.keyboard.press("Shift+ArrowRight")
        taken += page.evaluate(STEPS, ["ArrowRight"] * 12 + ["ArrowLeft"] * 5)
        assert statistics.median(taken) < STEP * 1000
        for name in ("reverse graph", "left to right"):
            began = time.perf_counter()
            page.get_by_role("button", name=name).click()
            page.evaluate("1")
            assert time.perf_counter() - began < OPEN, name
        browser.close()
    assert troubles == []
