"""The page of a program that still runs, in a browser: parts of large values, and runs that come later."""

import threading

import numpy as np
import pytest

try:
    from playwright.sync_api import sync_playwright
except ImportError:
    pytest.skip("needs Playwright: pip install playwright", allow_module_level=True)

from explore.browsing import ARGS, check_accessibility, chromium_path, watched

import tensorglass as tg
from tensorglass.explore import encode, html
from tensorglass.explore.record import MOST_RUNS
from tensorglass.explore.server import Server
from tensorglass.explore.slices import Store

CHROMIUM = chromium_path()
if CHROMIUM is None:
    pytest.skip("needs Chromium: apt install chromium, or set CHROMIUM", allow_module_level=True)

VALUE = np.arange(2 * 30 * 20, dtype=np.float32).reshape(2, 30, 20)


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


class Program:
    """A program that runs when it is told to; `sent` has the answers that its page was given."""

    def __init__(self):
        with tg.Graph().as_default():
            self.x = tg.placeholder(tg.float32, [2, 30, 20], name="x")
            self.y = tg.negative(self.x, name="y")
            self.z = tg.reduce_sum(self.y, name="z")
            self.session = tg.Session(backend="numpy")
        self.trace = tg.trace(title="live")
        self.sent = []

    def run(self, fetched=None, times=1):
        def runs():
            for _ in range(times):
                self.session.run(self.y if fetched is None else fetched, {self.x: VALUE})

        worker = threading.Thread(target=runs)  # not in the thread that waits for the browser
        worker.start()
        worker.join(20)

    def document(self):
        return self.trace.document()


@pytest.fixture
def program(chromium):
    """The program and its page."""
    found, troubles = Program(), []
    store = Store()
    with (
        encode.keeping(store),
        found.trace,
        Server(found.document, lambda: found.trace.version, "live", store) as server,
    ):
        found.run()
        context = chromium.new_context(viewport={"width": 1200, "height": 900}, bypass_csp=False)
        page = watched(context.new_page(), troubles, allowed=(server.url, "data:"))
        page.on("response", lambda answer: found.sent.append(answer.url.removeprefix(server.url)))
        page.goto(server.url)
        page.locator(".node").first.wait_for()
        yield found, page
        context.close()
    wrong = [trouble for trouble in troubles if "400 (Bad Request)" not in trouble]  # the answer to a wrong index
    assert wrong == []


def test_a_part_of_a_large_value_is_asked_for_by_the_keyboard(program):
    _, page = program
    page.keyboard.press("End")
    field = page.get_by_role("textbox", name="Elements at")
    assert field.input_value() == "0, 0:8, 0:8"
    field.fill("1, 20:24, -3:")
    field.press("Enter")
    cells = page.locator('.inspector [data-cell^="part "]')
    cells.first.wait_for()
    assert [float(c.get_attribute("title")) for c in cells.all()] == (-VALUE[1, 20:24, -3:]).reshape(-1).tolist()
    table = page.locator(".inspector form table")
    assert table.locator("tbody th").all_inner_texts() == ["20", "21", "22", "23"]
    assert table.locator("thead th").all_inner_texts() == ["17", "18", "19"]
    page.keyboard.press("ArrowLeft")  # in the text, not to another step
    assert field.input_value() == "1, 20:24, -3:"
    field.fill("1, 20:24, alert(1)")
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_text("'alert(1)' is neither a number nor a slice such as 8:16.").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="One step back").click()
    assert field.input_value() == "1, 20:24, alert(1)", "at another value of this shape the same part"


def test_a_file_offers_no_parts(chromium, tmp_path):
    """Neither does one that the program itself writes while its page is open."""
    found = Program()
    with encode.keeping(Store()), found.trace:
        found.run()
    file = tmp_path / "page.html"
    file.write_text(html.page(found.document(), "A file"), encoding="utf-8")
    page = chromium.new_page()
    page.goto(file.as_uri())
    page.locator(".tensor").first.wait_for()
    assert page.get_by_role("textbox", name="Elements at").count() == 0
    page.close()


def test_axe_finds_nothing(chromium):
    """As above, with a policy that lets the checker in."""
    found, store = Program(), Store()
    with (
        encode.keeping(store),
        found.trace,
        Server(found.document, lambda: found.trace.version, "live", store) as server,
    ):
        found.run()
        context = chromium.new_context(bypass_csp=True)
        page = context.new_page()
        page.goto(server.url)
        page.get_by_role("button", name="Show", exact=True).click()
        page.locator('.inspector [data-cell^="part "]').first.wait_for()
        try:
            check_accessibility(page)
        finally:
            context.close()


def test_only_new_runs_are_fetched_and_shown(program):
    found, page = program
    chosen = page.get_by_label("Run", exact=True)
    for k in (1, 2, 3):
        found.run()
        page.wait_for_function(
            "k => document.querySelector('tensorglass-explorer').document.runs.length === k + 1", arg=k
        )
        assert chosen.input_value() == str(k)
    found.run(found.z)
    page.locator(".node", has_text="z").first.wait_for()
    assert "trace.json" not in found.sent
    runs = page.evaluate("document.querySelector('tensorglass-explorer').document.runs")
    assert [len(run["steps"]) for run in runs] == [len(run["steps"]) for run in found.document()["runs"]]


def test_a_trace_that_is_full_tells_how_many_came_later_and_leaves_the_reader_alone(program):
    found, page = program
    count = "k => document.querySelector('tensorglass-explorer').document.runs.length === k"
    found.run(times=MOST_RUNS)
    page.wait_for_function(count, arg=MOST_RUNS)
    page.get_by_text("1 came later").wait_for()
    page.get_by_label("Run", exact=True).select_option("4")
    field = page.get_by_role("textbox", name="Elements at")
    field.fill("0, 1, 2")
    found.run(times=5)
    page.get_by_text("6 came later").wait_for()
    assert page.get_by_label("Run", exact=True).input_value() == "4"
    assert field.input_value() == "0, 1, 2"


def test_a_loop_that_an_error_ends_shows_its_last_turn(chromium, tmp_path):
    def small(r):
        if r >= 4:
            raise ValueError("too much")
        return r

    def body(i, r):
        r = tg.py_func(small, [tg.multiply(r, 2.0, name="twice")], tg.float64, name="small")
        r.set_shape([])
        return i + 1, r

    with tg.Graph().as_default():
        r = tg.while_loop(lambda i, r: tg.less(i, 9), body, [0, tg.constant(0.5, tg.float64)])[1]
        trace = tg.trace(title="loop")
        with trace, pytest.raises(tg.errors.OpError, match="too much"):
            tg.Session(backend="numpy").run(r)
    file = tmp_path / "page.html"
    trace.to_html(file)
    troubles = []
    page = watched(chromium.new_page(), troubles)
    page.goto(file.as_uri())
    page.keyboard.press("End")
    node = trace.document()["runs"][0]["error"]["node"]
    page.locator(f'.node[data-node="{node}"]').press("Enter")
    inside = page.get_by_role("region", name="Inside")
    assert "turn 3 of 3" in inside.inner_text()
    assert "body: while/twice = 4" in inside.inner_text()
    assert "body: while/small ✗ failed" in inside.inner_text()
    assert "too much" in page.get_by_role("region", name="Error").inner_text()
    page.get_by_role("button", name="Turn before").click()
    assert "turn 2 of 3" in inside.inner_text()
    assert "failed" not in inside.inner_text()
    page.close()
    assert troubles == []
