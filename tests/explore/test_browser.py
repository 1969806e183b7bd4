"""The explorer in a real browser: stepping by key and mouse, the numbers it shows, names that would be markup."""

import json
from pathlib import Path

import pytest

try:
    from playwright.sync_api import sync_playwright
except ImportError:
    pytest.skip("needs Playwright: pip install playwright", allow_module_level=True)

from explore.browsing import ARGS, check_accessibility, chromium_path

import tensorglass as tg
from tensorglass.explore import html

CHROMIUM = chromium_path()
if CHROMIUM is None:
    pytest.skip("needs Chromium: apt install chromium, or set CHROMIUM", allow_module_level=True)

FIXTURE = Path(__file__).parents[1] / "fixtures" / "graphtrace" / "xor.json"
HOSTILE = "</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def document():
    return json.loads(FIXTURE.read_text())


@pytest.fixture
def show(chromium, tmp_path):
    """A function that opens a document as a page; no request and no error may come of it."""
    troubles, contexts = [], []

    def opened(document, text=None, **options):
        context = chromium.new_context(viewport={"width": 1200, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        file = tmp_path / "page.html"
        file.write_text(text or html.page(document, document["title"]), encoding="utf-8")
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: message.type == "error" and troubles.append(message.text))
        page.on("dialog", lambda dialog: troubles.append("a dialog opened"))
        page.on("request", lambda r: r.url.startswith(("file:", "data:", "about:", "blob:")) or troubles.append(r.url))
        page.goto(file.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


def number(text):
    return float(text.replace("−", "-").replace("∞", "inf"))


def cells(page, mark):
    """The exact and the printed numbers of the inspector's table of values or of gradients."""
    found = page.locator(f'.value [data-cell^="{mark} "]')
    shown = [number(text) for text in found.all_inner_texts()]
    return [float(text) for text in found.evaluate_all("all => all.map(cell => cell.title)")], shown


def said(page):
    return page.locator(".said").inner_text()


def where(page):
    return page.locator(".where").inner_text()


def test_every_step_shows_the_numbers_of_the_document(show, document):
    page = show(document)
    page.keyboard.press("Home")
    for step in document["runs"][0]["steps"]:
        kind = "reverse" if step["phase"] == "reverse" else "forward"
        exact, shown = cells(page, kind)
        expected = (step.get("grad") or step.get("value") or step["after"])["data"]
        assert exact == expected, step
        assert shown == pytest.approx(expected, rel=5.1e-4, abs=1e-300)
        page.keyboard.press("ArrowRight")


def test_keys(show, document):
    steps = document["runs"][0]["steps"]
    reverse = next(i for i, step in enumerate(steps) if step["phase"] == "reverse")
    page = show(document)
    assert where(page).startswith("1/")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert where(page).startswith("3/")
    page.keyboard.press("ArrowLeft")
    assert where(page).startswith("2/")
    page.keyboard.press("Shift+ArrowRight")
    assert where(page).startswith(f"{reverse + 1}/")
    assert said(page).startswith("Reverse 1 of ")
    page.keyboard.press("Shift+ArrowLeft")
    assert where(page).startswith("1/")
    page.keyboard.press("End")
    assert where(page).startswith(f"{len(steps)}/{len(steps)}")
    page.keyboard.press("g")
    assert page.get_by_role("button", name="gradient", exact=True).get_attribute("aria-pressed") == "true"
    page.keyboard.press("f")
    page.keyboard.press("?")
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("softmax")
    page.keyboard.press("Enter")
    assert page.locator(".inspector h2").inner_text() == "Softmax"


def test_a_single_number_that_is_sent_is_said(show):
    with tg.Graph().as_default():
        a, b = tg.placeholder(tg.float64, [], "a"), tg.placeholder(tg.float64, [], "b")
        J = tg.multiply(a, b, "J")
        trace = tg.trace([J, *tg.gradients(J, [a, b])], {a: 6.0, b: 8.0})
    page = show(json.loads(trace.to_json()))
    page.keyboard.press("Shift+ArrowRight")
    assert said(page).endswith(": J sends gradient 8 to a and 6 to b.")


def test_why_now(show, document):
    page = show(document)
    names = {n["id"]: n["name"].rpartition("/")[2] for n in document["nodes"]}
    why = page.locator(".why p")
    steps = document["runs"][0]["steps"]
    page.keyboard.press("ArrowRight")
    assert why.inner_text().startswith(f"Wanted by the stack {', '.join(names[i] for i in steps[1]['stack'][:3])}")
    last = next(i for i, s in enumerate(steps) if s["phase"] == "reverse" and not s["sends"])
    senders = dict.fromkeys(
        names[s["node"]] for s in steps for to in s.get("sends", ()) if to["to"] == steps[last]["node"]
    )
    page.locator(".scrub input").fill(str(last))
    assert why.inner_text().endswith(f"({len(senders)} of {len(senders)}): {', '.join(senders)}")


def test_nodes_are_reached_in_the_order_of_execution(show, document):
    page = show(document)
    ids = page.locator(".node[data-node]").evaluate_all("nodes => nodes.map(n => n.dataset.node)")
    assert ids == document["runs"][0]["order"]["forward"]
    page.locator(f'.node[data-node="{ids[4]}"]').focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    name = next(n["name"] for n in document["nodes"] if n["id"] == ids[5])
    assert page.locator(".inspector h2").inner_text() == name


def test_a_node_that_gets_the_focus_comes_into_the_window(show, document):
    page = show(document)
    page.set_viewport_size({"width": 320, "height": 900})
    nodes = page.locator(".node[data-node]")
    page.locator("svg.graph").focus()
    for k in range(nodes.count()):
        page.keyboard.press("Tab")
        assert nodes.nth(k).evaluate("node => node.matches(':focus-visible')")
        window, drawn = page.locator("svg.graph").bounding_box(), nodes.nth(k).locator(".body").bounding_box()
        for at, size in (("x", "width"), ("y", "height")):
            assert window[at] - 1 <= drawn[at]
            assert drawn[at] + drawn[size] <= window[at] + window[size] + 1


def test_the_mouse(show, document):
    page = show(document)
    page.get_by_role("button", name="One step forward").click()
    assert where(page).startswith("2/")
    page.get_by_role("button", name="Last step").click()
    page.get_by_role("button", name="One step back").click()
    total = len(document["runs"][0]["steps"])
    assert where(page).startswith(f"{total - 1}/")
    page.locator('.node[data-node="n20"]').click()
    assert page.locator(".inspector h2").inner_text() == "Sigmoid"
    page.locator(".scrub input").fill("4")
    assert where(page).startswith("5/")
    page.get_by_label("Run", exact=True).select_option("1")
    assert where(page).startswith("1/")
    last = document["runs"][1]["steps"][0]["value"]["data"]
    assert cells(page, "forward")[0] == last


def test_keys_do_not_reach_the_host(show, document):
    page = show(document)
    page.evaluate(
        "window.heard = []; for (const k of ['keydown', 'keyup']) addEventListener(k, e => heard.push(e.key))"
    )
    page.get_by_role("button", name="One step forward").focus()
    for key in ["ArrowRight", "g", "a", "Home"]:
        page.keyboard.press(key)
    assert page.evaluate("heard") == []


def test_play_stops_at_a_breakpoint(show, document):
    page = show(document)
    page.get_by_label("Speed").select_option("8")
    page.locator('.node[data-node="n20"]').click()
    page.get_by_role("button", name="Break here").click()
    page.keyboard.press("Home")
    page.get_by_role("button", name="Play").click()
    page.locator(".said", has_text="Stopped").wait_for()
    assert where(page).endswith("Sigmoid")


def test_the_table_has_every_step(show, document):
    page = show(document)
    page.get_by_role("button", name="table view").click()
    rows = page.locator(".steps tbody tr")
    steps = document["runs"][0]["steps"]
    assert rows.count() == len(steps)
    names = {n["id"]: n["name"] for n in document["nodes"]}
    for i in (3, len(steps) // 2, len(steps) - 1):
        text = rows.nth(i).inner_text()
        assert names[steps[i]["node"]] in text
        for send in steps[i].get("sends", []):
            assert names[send["to"]] in text
    page.get_by_role("button", name="Go to step 9").click()
    assert where(page).startswith("9/")


def test_quiz(show, document):
    page = show(document)
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    step = document["runs"][0]["steps"][6]
    page.get_by_role("button", name="quiz").click()
    assert cells(page, "forward") == ([], [])
    answer = page.get_by_role("textbox")
    answer.fill("1234")
    answer.press("Enter")
    assert "Not yet" in page.locator(".quiz").inner_text()
    data = step["value"]["data"]
    answer.fill(str(data[(6 * 7 + 3) % len(data)]))
    answer.press("Enter")
    page.locator(".quiz").wait_for(state="detached")
    assert cells(page, "forward")[0] == data


def test_matrix_products_are_spelt_out(show, document):
    page = show(document)
    page.locator('.node[data-node="n18"]').click()
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    page.locator('.node[data-node="n18"]').click()
    page.locator('.value [data-cell="forward 3 1"]').hover()
    line = page.locator(".spelt").first.inner_text()
    assert line.startswith("[3, 1] = ")
    assert line.endswith(page.locator('.value [data-cell="forward 3 1"]').inner_text())
    assert page.locator("td.lit").count() == 4


def test_the_buttons_of_the_picture_cover_none_of_it(show, document):
    page = show(document)
    for width in (320, 1200):
        page.set_viewport_size({"width": width, "height": 900})
        drawn = page.locator("svg.graph").bounding_box()
        assert page.locator(".zoom").bounding_box()["y"] >= drawn["y"] + drawn["height"]


def test_print_shows_what_is_folded(show, document):
    page = show(document)
    page.locator('.node[data-node="n18"]').click()
    shown = page.locator(".inspector details", has_text="attributes").locator("dl")
    assert shown.count() == 0
    # All in one task: a printer waits for nothing.
    assert page.evaluate("""() => {
      dispatchEvent(new Event("beforeprint"));
      const all = [...document.querySelector("tensorglass-explorer").shadowRoot.querySelectorAll(".inspector details")];
      return all.length > 1 && all.every(d => d.open && d.childElementCount > 1);
    }""")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert shown.count() == 1
    assert not shown.is_visible(), "as it was before"


def test_folding_and_directions(show, document):
    page = show(document)
    count = page.locator(".node[data-node]").count()
    page.locator("summary", has_text="fold").click()
    page.get_by_role("button", name="Fold all", exact=True).click()
    assert page.locator(".node.scope").count() == 1
    assert page.locator(".node[data-node]").count() < count
    page.locator(".node.scope").focus()
    page.keyboard.press("Enter")
    assert page.locator(".node[data-node]").count() == count
    page.get_by_role("button", name="left to right").click()
    assert page.locator(".node[data-node]").count() == count
    page.get_by_role("button", name="reverse graph").click()
    assert page.locator(".node").count() > count


def test_hostile_names_show_as_text(show, document):
    for node in document["nodes"]:
        node["name"] = f"{HOSTILE}{node['id']}"
        node["attrs"] = {HOSTILE: HOSTILE}
        node["made_at"] = {"file": HOSTILE, "line": 1, "text": HOSTILE}
    document["title"] = HOSTILE
    for source in document["sources"].values():
        source["formula"] = {"latex": HOSTILE, "mathml": f"<math><mi>x</mi></math>{HOSTILE}"}
        source["vjp"] = [{"slot": 0, "latex": "x", "mathml": '<math><mtext><img src="x"></img></mtext></math>'}]
        source["forward"] = {"file": HOSTILE, "line": 1, "text": HOSTILE}
    page = show(document)
    page.get_by_role("button", name="table view").click()
    page.get_by_role("button", name="table view").click()
    page.keyboard.press("End")
    assert HOSTILE in page.locator(".inspector h2").inner_text()
    assert page.locator("main").get_by_role("heading", level=1).inner_text() == HOSTILE
    assert page.locator("tensorglass-explorer img").count() == 0
    assert page.locator("math").count() == 0


def test_formulas_are_mathml(show, document):
    math = "<math display='block'><mi>z</mi><mo>=</mo><msup><mi>x</mi><mn>2</mn></msup><mo>&lt;</mo></math>"
    for source in document["sources"].values():
        source["formula"] = {"latex": "z = x^2", "mathml": math}
    page = show(document)
    drawn = page.locator("math").first
    assert drawn.evaluate("m => m.namespaceURI") == "http://www.w3.org/1998/Math/MathML"
    assert drawn.evaluate("m => m.textContent") == "z=x2<"


def test_what_is_not_finite_has_a_badge(show, document):
    step = document["runs"][0]["steps"][8]
    step["value"] = {**step["value"], "data": ["nan", "inf", "-inf", *step["value"]["data"][3:]]}
    step["value"]["stats"] |= {"nan": 1, "inf": 2}
    page = show(document)
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    assert page.locator('.value [data-cell^="forward "]').all_inner_texts()[:3] == ["NaN", "∞", "−∞"]
    assert page.locator(".inspector strong.bad").first.inner_text() == "1 NaN, 2 ∞"
    assert page.locator(f'.node[data-node="{step["node"]}"] .badge').text_content() == "NaN/∞"
    assert "NaN" in said(page)


def test_the_frame_of_a_notebook(show, document):
    page = show(document, text=f"<!doctype html><p>cell</p>{html.frame(document, 700)}")
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="One step forward").click()
    page.keyboard.press("ArrowRight")
    assert frame.locator(".where").inner_text().startswith("3/")


def test_without_scripts_there_is_a_picture(show, document):
    page = show(document, java_script_enabled=False)
    picture = page.locator("noscript img")
    assert picture.is_visible()
    assert picture.bounding_box()["width"] > 300


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_dark_and_print(show, document, scheme):
    page = show(document, color_scheme=scheme)
    ground = "e => getComputedStyle(e.shadowRoot.querySelector('.explorer')).backgroundColor"
    explorer = page.locator("tensorglass-explorer")
    light = "rgb(255, 255, 255)"
    assert (explorer.evaluate(ground) == light) == (scheme == "light")
    page.get_by_role("button", name="Light or dark").click()
    assert (explorer.evaluate(ground) == light) == (scheme == "dark")
    page.emulate_media(media="print")
    assert explorer.evaluate(ground) == light
    assert not page.locator(".tools").is_visible()


@pytest.mark.parametrize("width", [320, 1600])
def test_nothing_runs_out_of_the_page(show, document, width):
    page = show(document)
    page.set_viewport_size({"width": width, "height": 900})
    for _ in range(25):
        page.keyboard.press("ArrowRight")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility(show, document, scheme):
    page = show(document, color_scheme=scheme, bypass_csp=True)
    for keys in (["Home"], ["Shift+ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight"], ["End", "t"]):
        for key in keys:
            page.keyboard.press(key)
        check_accessibility(page)
