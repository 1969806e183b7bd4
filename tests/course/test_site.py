"""The course's site, built from the beginning: it asks nobody on the network, its links lead somewhere, it can be used.

Not part of the quick set: `make course-test`.
"""

import os
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

pytestmark = pytest.mark.site

from tensorglass.course import build  # noqa: E402
from tensorglass.course.cells import files  # noqa: E402

ASSETS = {"img": "src", "script": "src", "iframe": "src", "link": "href", "source": "src", "object": "data"}
AXE = Path(build.__file__).parents[1] / "explore" / "web" / "node_modules" / "axe-core" / "axe.min.js"
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    assert build.missing() == [], "pip install 'tensorglass[course]'"
    folder = tmp_path_factory.mktemp("course")
    return build.site(folder, lambda line: None).parent


class Page(HTMLParser):
    """A page's assets, its links and its anchors; a frame's own page counts as well."""

    def __init__(self, text):
        super().__init__()
        self.assets, self.links, self.anchors, self.frames = [], [], set(), 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if (name := ASSETS.get(tag)) and found.get(name) and found.get("rel") not in ("next", "prev", "canonical"):
            self.assets.append(found[name])
        if tag == "a" and found.get("href"):
            self.links.append(found["href"])
        if found.get("id"):
            self.anchors.add(found["id"])
        if found.get("srcdoc"):
            self.frames += 1
            self.assets += Page(found["srcdoc"]).assets


@pytest.fixture(scope="session")
def pages(site):
    """Every page; what lies in _static is no page (the themes leave templates of their own there)."""
    paths = sorted(path for path in site.rglob("*.html") if path.relative_to(site).parts[0] != "_static")
    return {path: Page(path.read_text(encoding="utf-8")) for path in paths}


def test_there_is_a_page_for_each_chapter_and_its_solutions(site):
    names = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    assert {f"{path.stem}.html" for path in files()} <= names
    assert {f"solutions/{path.stem}.html" for path in files(solutions=True)} <= names


def test_no_asset_comes_from_outside(site, pages):
    outside = re.compile(r"^(https?:)?//", re.IGNORECASE)
    found = {(path.name, asset) for path, page in pages.items() for asset in page.assets if outside.match(asset)}
    assert found == set()
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert not re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", text), sheet.name


def test_every_asset_and_every_internal_link_is_there(site, pages):
    lost = []
    for path, page in pages.items():
        for target in [*page.assets, *page.links]:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchors = pages[file].anchors if file in pages else {parts.fragment}
            if not file.is_file() or unquote(parts.fragment) not in {"", *anchors}:
                lost.append((path.name, target))
    assert lost == []


def test_the_first_page_leads_to_every_chapter(site, pages):
    text = (site / "index.html").read_text(encoding="utf-8")
    article = text[text.index("<article") : text.index("</article>")]
    for path in files():
        assert f'href="{path.stem}.html"' in article, path.name


def test_each_chapter_has_an_explorer(site, pages):
    for path in files():
        assert pages[site / f"{path.stem}.html"].frames >= 1, path.name


def test_mathematics_is_set_and_no_formula_is_red(site):
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "katex-error" not in text, path.name
    assert 'class="katex"' in (site / "06-backpropagation.html").read_text(encoding="utf-8")


def test_notebooks_are_written(tmp_path):
    import json

    folder = build.notebooks(tmp_path)
    for path in files():
        notebook = json.loads((folder / f"{path.stem}.ipynb").read_text(encoding="utf-8"))
        assert any("check(" in "".join(cell["source"]) for cell in notebook["cells"]), path.name
        assert not any(cell.get("outputs") for cell in notebook["cells"]), path.name


@pytest.fixture(scope="session")
def chromium():
    playwright_api = pytest.importorskip("playwright.sync_api", reason="needs Playwright")
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("needs Chromium: apt install chromium, or set CHROMIUM")
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield browser
        browser.close()


STEMS = ["index", *[path.stem for path in files()], *[f"solutions/{path.stem}" for path in files(solutions=True)]]


@pytest.mark.parametrize("stem", STEMS)
def test_a_page_in_a_browser(site, chromium, stem):
    """No request leaves, nothing is reported, and a narrow screen need not be scrolled sideways."""
    troubles = []
    context = chromium.new_context(viewport={"width": 320, "height": 640}, color_scheme="dark")
    page = context.new_page()
    page.on("request", lambda r: r.url.startswith(("file:", "data:", "about:", "blob:")) or troubles.append(r.url))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: message.type == "error" and troubles.append(message.text))
    page.goto((site / f"{stem}.html").as_uri())
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    wide = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert troubles == []
    assert wide <= 320


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("stem", ["index", "06-backpropagation"])
def test_axe_finds_nothing_serious(site, chromium, stem, scheme):
    if not AXE.is_file():
        pytest.skip("needs axe-core: npm ci in src/tensorglass/explore/web")
    context = chromium.new_context(viewport={"width": 1200, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto((site / f"{stem}.html").as_uri())
    page.wait_for_timeout(1000)  # the theme turns dark by script, and its colours take a moment to change
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {iframes: false, resultTypes: ['violations']})")
    context.close()
    serious = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
    assert [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in serious] == []
