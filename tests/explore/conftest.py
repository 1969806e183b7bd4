"""A browser for the tests that need one; without Playwright or Chromium they are skipped and say so."""

import pytest
from explore.browsing import ARGS, chromium_path


@pytest.fixture(scope="module")
def browser():
    """Chromium, without a window."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install playwright")
    path = chromium_path()
    if path is None:
        pytest.skip("needs Chromium: apt install chromium, or set CHROMIUM")
    with playwright.sync_playwright() as started:
        found = started.chromium.launch(executable_path=path, args=ARGS)
        yield found
        found.close()


@pytest.fixture
def opened(browser):
    """A function that opens an address with the network cut off; no error and no request may come of it."""
    troubles, contexts = [], []

    def show(url, **options):
        context = browser.new_context(viewport={"width": 1200, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5000)
        local = ("file:", "data:", "about:", "blob:")
        page.route(lambda address: not address.startswith(local), lambda route: route.abort())
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda r: r.url.startswith(local) or troubles.append(r.url))
        page.goto(url)
        return page

    show.troubles = troubles
    yield show
    for context in contexts:
        context.close()
    assert troubles == []
