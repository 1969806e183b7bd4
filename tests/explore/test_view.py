"""The explorer in a browser: comparisons and checks, large values, images, loops, NaN, a program that still runs."""

import copy
import functools
import json
import threading

import numpy as np
import pytest

try:
    from playwright.sync_api import sync_playwright
except ImportError:
    pytest.skip("needs Playwright: pip install playwright", allow_module_level=True)

from explore.browsing import ARGS, check_accessibility, chromium_path, watched
from explore.networks import cnn, rnn, xor

import tensorglass as tg
from tensorglass.explore import html
from tensorglass.explore.server import Server

CHROMIUM = chromium_path()
if CHROMIUM is None:
    pytest.skip("needs Chromium: apt install chromium, or set CHROMIUM", allow_module_level=True)


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def show(chromium, tmp_path):
    """A function that opens documents as a page from a file; no request and no error may come of it."""
    troubles, contexts = [], []

    def opened(documents, width=1200, **options):
        context = chromium.new_context(viewport={"width": width, "height": 900}, bypass_csp=True, **options)
        contexts.append(context)
        file = tmp_path / "page.html"
        file.write_text(html.page(documents, "A trace"), encoding="utf-8")
        page = watched(context.new_page(), troubles)
        page.goto(file.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


traces = {name: functools.cache(lambda make=make: make().document()) for name, make in
          {"xor": xor, "cnn": cnn, "rnn": lambda: rnn(12)}.items()}  # fmt: skip


def node(document, **wanted):
    return next(n for n in document["nodes"] if all(n[k] == v for k, v in wanted.items()))


def step_of(document, op_type, phase="forward"):
    ids = [n["id"] for n in document["nodes"] if n["type"] == op_type]
    return next(s["i"] for s in document["runs"][0]["steps"] if s["node"] in ids and s["phase"] == phase)


def unfold(summary):
    """Open what `summary` heads.  Its content comes by an event, a moment after the click."""
    summary.click()
    summary.locator("xpath=following-sibling::*[1]").wait_for(state="attached")


def go(page, step):
    page.locator(".scrub input").fill(str(step))


def exact(cells):
    """The numbers of table cells, digit by digit."""
    return [float(text) for text in cells.evaluate_all("all => all.map(cell => cell.title)")]


@pytest.fixture
def compared():
    """Two documents with a comparison as `compare` of Python makes it: one value differs, one node is alone."""
    here = json.loads(json.dumps(traces["xor"]()))
    there = copy.deepcopy(here)
    there["library"] = {"name": "tensorflow", "version": "2.21.0"}
    differs, alone = node(here, type="Softmax"), node(here, type="Log")
    nodes = {
        n["id"]: {"value": 0.0, "gradient": 1e-9, "agrees": True} for n in here["nodes"] if n["phase"] == "forward"
    }
    nodes[differs["id"]] = {"value": 0.25, "gradient": None, "agrees": False, "part": True}
    del nodes[alone["id"]]
    here["comparison"] = {
        "with": there["library"], "text": "The largest difference is 0.25.",
        "runs": [{"other": 0, "note": "", "nodes": nodes} for _ in here["runs"]],
        "only_here": [alone["id"]], "only_there": ["<b>theirs</b>"],
    }  # fmt: skip
    return here, there, differs, alone


def test_differences_node_by_node(show, compared):
    here, there, differs, alone = compared
    page = show([here, there])
    assert page.get_by_text("The largest difference is 0.25.").is_visible()
    unfold(page.locator("summary", has_text="differences"))
    rows = page.locator(".compare tbody tr")
    assert rows.count() == len(here["comparison"]["runs"][0]["nodes"])
    first = rows.first.inner_text()
    assert "≠" in first
    assert differs["name"] in first
    assert "0.25 *" in first
    assert "≠" not in rows.nth(1).inner_text()
    rows.first.get_by_role("button").click()
    assert page.locator(".inspector h2").inner_text() == differs["name"]
    go(page, step_of(here, "Softmax"))
    assert page.locator(".inspector .values small").first.inner_text() == "differs by 0.25 (in the sample)"
    go(page, step_of(here, "Log"))
    assert page.locator(".inspector .values small").first.inner_text() == "not in the other trace"
    assert page.locator(f'.node[data-node="{differs["id"]}"] .badge').text_content() == "≠"
    assert "alone" in page.locator(f'.node[data-node="{alone["id"]}"]').get_attribute("class")
    unfold(page.locator("summary", has_text="only in tensorflow"))
    assert page.locator(".compare code").inner_text() == "<b>theirs</b>"
    page.get_by_label("Compare with").select_option("0")
    assert page.locator(".compare").is_hidden()
    check_accessibility(page)


def test_each_field_has_its_own_verdict(show, compared):
    here, there, softmax, _ = compared
    nodes = here["comparison"]["runs"][0]["nodes"]
    nodes[softmax["id"]] = {
        "value": 1e-9, "gradient": 0.5, "change": None, "agrees": False, "differs": ["gradient"], "part": False,
    }  # fmt: skip
    page = show([here, there])
    unfold(page.locator("summary", has_text="differences"))
    row = page.locator(".compare tbody tr").first
    assert row.locator("td").evaluate_all("all => all.map(td => td.className)") == ["", "bad", ""]
    go(page, step_of(here, "Softmax", "reverse"))
    told = page.locator(".inspector .values small")
    assert told.all_inner_texts() == ["differs by 1.00e−9", "differs by 0.5"]
    assert told.evaluate_all("all => all.map(small => small.className)") == ["", "bad"]


@pytest.mark.parametrize(
    ("a", "b", "at", "told", "lit"),
    [
        ((2, 3), (3,), "0 1", "[1] = 4·7 + 5·8 + 6·9 = 122", "0: 1 0, 1 1, 1 2; 1: 0 0, 0 1, 0 2"),
        ((3,), (3, 2), "0 1", "[1] = 1·8 + 2·10 + 3·12 = 64", "0: 0 0, 0 1, 0 2; 1: 0 1, 1 1, 2 1"),
        ((3,), (3,), "0 0", "1·7 + 2·8 + 3·9 = 50", "0: 0 0, 0 1, 0 2; 1: 0 0, 0 1, 0 2"),
        ((2, 3), (3, 2), "1 0", "[1, 0] = 4·7 + 5·9 + 6·11 = 139", "0: 1 0, 1 1, 1 2; 1: 0 0, 1 0, 2 0"),
    ],
)
def test_a_cell_of_a_product_shows_its_row_and_its_column(show, a, b, at, told, lit):
    with tg.Graph().as_default():
        left = tg.placeholder(tg.float64, a, name="left")
        right = tg.placeholder(tg.float64, b, name="right")
        y = tg.matmul(left, right, name="product")
        with tg.trace() as t:
            feeds = {left: 1.0 + np.arange(np.prod(a)).reshape(a), right: 7.0 + np.arange(np.prod(b)).reshape(b)}
            tg.Session(backend="numpy").run(y, feeds)
    document = t.document()
    page = show(document)
    page.keyboard.press("End")
    assert page.locator(".inspector h2").inner_text() == "product"
    page.locator(f'.value [data-cell="forward {at}"]').hover()
    assert page.locator(".spelt").inner_text() == told
    cells = page.locator("td.lit").evaluate_all("all => all.map(td => td.dataset.cell)")
    places = {k: ", ".join(c.partition(" ")[2] for c in cells if c.startswith(f"input{k} ")) for k in (0, 1)}
    assert f"0: {places[0]}; 1: {places[1]}" == lit


def test_traces_without_a_comparison_are_compared_in_the_view(show):
    here = json.loads(json.dumps(traces["xor"]()))
    there = copy.deepcopy(here)
    softmax = node(here, type="Softmax")
    step = next(s for s in there["runs"][0]["steps"] if s["node"] == softmax["id"])
    step["value"]["data"][0] += 0.5
    page = show([here, there])
    assert page.locator(".compare").is_hidden()
    page.get_by_label("Compare with").select_option("1")
    unfold(page.locator("summary", has_text="differences"))
    texts = page.locator(".compare tbody tr").all_inner_texts()
    assert [softmax["name"] in text and "0.5" in text for text in texts[:2]] == [True, False]
    assert [("≠" in text) for text in texts] == [True] + [False] * (len(texts) - 1)


def test_checks(show):
    document = json.loads(json.dumps(traces["xor"]()))
    back = [s for s in document["runs"][0]["steps"] if s["phase"] == "reverse" and s["grad"]]
    for s in back:
        s["check"] = {"numeric_max_abs": 1e-10, "numeric_tolerance": 1e-7, "numeric_entries": [16, 1600]}
    page = show(document)
    assert page.locator(".compare").inner_text() == f"✓ numeric check: all {len(back)} gradients agree"
    back[2]["check"] |= {"numeric_max_abs": "nan", "numeric_note": "one entry is not a number"}
    page = show(document)
    name = next(n["name"] for n in document["nodes"] if n["id"] == back[2]["node"])
    assert page.locator(".compare").inner_text() == f"numeric check: 1 of {len(back)} gradients differ {name}"
    page.locator(".compare button").click()
    assert "✗ differs (16 of 1600 entries) one entry is not a number" in page.locator(".check").inner_text()
    assert page.locator(f'.node[data-node="{back[2]["node"]}"] .badge').text_content() == "≠"
    check_accessibility(page)


def test_large_values_have_a_histogram_and_a_sample_and_images_a_picture(show):
    document = traces["cnn"]()
    page = show(document)
    go(page, step_of(document, "Placeholder"))
    value = document["runs"][0]["steps"][step_of(document, "Placeholder")]["value"]
    counts = value["hist"]["counts"]
    assert page.locator(".hist svg").first.get_attribute("aria-label").endswith(": " + ", ".join(map(str, counts)))
    drawn = (
        page.locator(".hist")
        .first.locator("rect")
        .evaluate_all("all => all.map(r => Number(r.getAttribute('height')))")
    )
    np.testing.assert_allclose(drawn, 56 * np.array(counts) / max(counts))
    cells = exact(page.locator('.value [data-cell^=" "]'))
    assert cells == value["sample"]["data"]
    picture = page.locator("img.thumb")
    assert picture.evaluate("img => [img.naturalWidth, img.naturalHeight, img.complete]") == [14, 14, True]
    bright = (
        "img => { const c = document.createElement('canvas'); c.width = c.height = 14; const x = c.getContext('2d');"
    )
    pixels = picture.evaluate(bright + "x.drawImage(img, 0, 0); return [...x.getImageData(0, 0, 1, 4).data] }")
    assert pixels[0] > 2 * pixels[8], "the first picture has bars: two rows bright, two dark"
    check_accessibility(page)


def test_the_turns_of_a_loop(show):
    with tg.Graph().as_default():
        x = tg.placeholder(tg.float64, [], name="x")
        y = tg.while_loop(lambda i, r: tg.less(i, 3), lambda i, r: (i + 1, tg.multiply(r, x, name="product")), [0, x])[
            1
        ]
        with tg.trace() as t:
            tg.Session(backend="numpy").run(y, {x: 0.5})
    document = t.document()
    page = show(document)
    go(page, step_of(document, "While"))
    inside = page.get_by_role("region", name="Inside")
    assert "turn 1 of 4" in inside.inner_text()
    assert "body: while/product = 0.25" in inside.inner_text()
    inside.get_by_role("button", name="Next turn").click()
    page.keyboard.press("Enter")
    assert "turn 3 of 4" in inside.inner_text(), "the button keeps the focus"
    step = inside.locator("details", has_text="product")
    unfold(step.locator("summary"))
    assert "Mul(" in step.inner_text()
    assert step.locator("td.heat").get_attribute("title") == "0.0625"
    inside.get_by_role("button", name="Next turn").click()
    assert "less" in inside.inner_text().lower()
    assert inside.get_by_role("button", name="Next turn").is_disabled()
    check_accessibility(page)


def test_play_stops_at_the_first_nan(show):
    with tg.Graph().as_default():
        x = tg.placeholder(tg.float64, [2], name="x")
        y = tg.reduce_sum(tg.sqrt(tg.log(x, name="logarithm"), name="root") * 2.0)
        with tg.trace() as t:
            tg.Session(backend="numpy").run(y, {x: [0.5, 2.0]})
    document = t.document()
    page = show(document)
    page.locator("summary", has_text="breakpoints").click()
    page.get_by_label("first NaN or infinity").check()
    page.get_by_role("button", name="Run to the next").click()
    assert page.locator(".said").inner_text() == "Stopped at NaN or infinity."
    assert page.locator(".inspector h2").inner_text() == "root"
    root = node(document, name="root")["id"]
    assert page.locator(f'.node[data-node="{root}"] .badge').text_content() == "NaN/∞"
    check_accessibility(page)


def test_nodes_of_the_reverse_graph_show_their_values(show):
    document = traces["xor"]()
    page = show(document)
    page.get_by_role("button", name="reverse graph").click()
    own = document["runs"][0]["own"]
    found = next(o for o in own if o["value"].get("data") and o["value"]["size"] > 4)
    selected = page.locator(f'.node[data-node="{found["node"]}"]')
    selected.press("Enter")
    assert page.locator('.value [data-cell^="forward "]').count() == 0
    page.keyboard.press("End")
    selected.press("Enter")
    shown = exact(page.locator('.value [data-cell^="forward "]'))
    assert shown == found["value"]["data"]


@pytest.mark.parametrize(("name", "width", "scheme"), [("rnn", 320, "dark"), ("cnn", 1600, "light")])
def test_networks_at_all_widths(show, name, width, scheme):
    document = traces[name]()
    page = show(document, width=width, color_scheme=scheme)
    steps = document["runs"][0]["steps"]
    for i in (0, len(steps) // 2, len(steps) - 1):
        go(page, i)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    graph = page.locator("svg.graph")
    assert graph.get_attribute("viewBox"), "the whole picture is printed"
    assert not page.locator(".tools").is_visible()
    ground = "e => getComputedStyle(e.shadowRoot.querySelector('.explorer')).backgroundColor"
    assert page.locator("tensorglass-explorer").evaluate(ground) == "rgb(255, 255, 255)"
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert graph.get_attribute("viewBox") is None
    check_accessibility(page)


def test_a_program_that_still_runs(chromium):
    """New runs come to the page as the program makes them, and what the reader has chosen stays."""
    with tg.Graph().as_default():
        x = tg.placeholder(tg.float64, [], name="x")
        y = tg.multiply(x, x, name="y")
        session = tg.Session(backend="numpy")
        recording = tg.trace(title="live")
        go_on, done, wake = threading.Event(), threading.Event(), 20

        def program():
            with recording:
                session.run(y, {x: 1.0})
                go_on.wait(wake)
                session.run(y, {x: 7.0})
            done.set()

        troubles = []
        worker = threading.Thread(target=program)
        worker.start()
        while not recording.runs:
            done.wait(0.01)
        with Server(recording.document, lambda: f"{recording.runs}", "live") as server:
            page = watched(chromium.new_page(), troubles, allowed=(server.url, "data:"))
            page.goto(server.url)
            page.locator(".node").first.wait_for()
            assert page.get_by_label("Run", exact=True).is_hidden()
            page.keyboard.press("g")
            go_on.set()
            page.get_by_label("Run", exact=True).wait_for()
            assert page.get_by_label("Run", exact=True).input_value() == "1"
            assert page.locator('.value [data-cell^="forward "]').all_inner_texts() == ["49"]
            assert page.get_by_role("button", name="gradient", exact=True).get_attribute("aria-pressed") == "true"
            page.close()
        worker.join(wake)
    assert troubles == []


@pytest.mark.parametrize("width", [360, 560, 700, 800, 920, 1200])
def test_sheets_lie_inside_the_page(show, width):
    page = show(traces["xor"](), width=width)
    for name in ("breakpoints", "fold"):
        summary = page.locator(".menu > summary", has_text=name)
        summary.click()
        box = page.locator(".menu[open] > .sheet").bounding_box()
        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= width, name
        summary.click()
