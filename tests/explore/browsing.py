"""What tests of the explorer in a browser share: where Chromium and axe are, and a page that watches over itself."""

import functools
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tensorglass.explore import html

ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
AXE = Path(html.__file__).parent / "web" / "node_modules" / "axe-core" / "axe.min.js"


@functools.cache
def chromium_path():
    """The Chromium that CHROMIUM names, else the system's, else Playwright's own; None where none of them starts."""
    named = os.environ.get("CHROMIUM")
    for program in [named] if named else ["chromium", "chromium-browser", playwrights]:
        found = shutil.which((program() if callable(program) else program) or "")
        if found and starts(found):
            return found
    return None


def starts(program):
    """Whether `program` can be run at all: some systems have a stub in the place of Chromium."""
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        return subprocess.run([program, "--version"], timeout=60, check=False, **quiet).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def playwrights():
    """Where Playwright's own Chromium is, or would be; None without Playwright."""
    try:
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            return playwright.chromium.executable_path
    except Exception:  # not there, or its driver does not start
        return None


def watched(page, troubles, allowed=("file:", "data:", "about:", "blob:")):
    """`page`, which notes in `troubles` what a page of the explorer may not do: errors, dialogs, requests."""
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: message.type == "error" and troubles.append(message.text))
    page.on("dialog", lambda dialog: troubles.append("a dialog opened"))
    page.on("request", lambda r: r.url.startswith(allowed) or troubles.append(r.url))
    return page


def violations(page):
    """What axe finds on the page; without axe the test is skipped, so this comes last in it."""
    if not AXE.exists():
        pytest.skip("all but accessibility was tested; that needs axe-core: npm ci in src/tensorglass/explore/web")
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.read_text())
    # Every rule runs; only violations are told in full, which takes a quarter of the time.
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert found["passes"], "axe has run"
    return [(v["id"], [n["html"][:200] for n in v["nodes"][:3]]) for v in found["violations"]]


def check_accessibility(page):
    """Fail with what axe finds on the page, or skip: see `violations`."""
    assert violations(page) == []
