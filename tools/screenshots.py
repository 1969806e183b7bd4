"""Take the pictures of the explorer that the README shows: `python tools/screenshots.py` writes docs/images/.

Needs Playwright and Chromium.  With `--all FOLDER` it takes every network at every width there, to be looked at.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(HERE / "tests"), str(HERE / "src")]

from explore.browsing import ARGS, chromium_path  # noqa: E402
from explore.networks import cnn, rnn, xor  # noqa: E402

IMAGES = HERE / "docs" / "images"
LARGEST = 150_000  # bytes


def picture(browser, file, path, scheme, width, height, steps, keys=()):
    """Open a page, go to a step, and take the picture."""
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce")
    page.goto(file.as_uri())
    page.locator(".scrub input").fill(str(steps))
    page.evaluate("document.activeElement?.blur()")
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_timeout(150)
    page.screenshot(path=path)
    page.close()


def main():
    """Write the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", metavar="FOLDER", help="every network, light and dark, narrow and wide")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGS)
        networks = {"xor": xor, "cnn": cnn, "rnn": rnn} if options.all else {"xor": xor}
        for name, make in networks.items():
            file = Path(folder) / f"{name}.html"
            document = make()
            document.to_html(file)
            steps = document.document()["runs"][0]["steps"]
            reverse = next(i for i, step in enumerate(steps) if step["phase"] == "reverse")
            for scheme in ("light", "dark"):
                if options.all:
                    for width in (320, 1600):
                        for moment, at in (("forward", reverse // 2), ("reverse", reverse + 5)):
                            path = Path(options.all) / f"{name}-{scheme}-{width}-{moment}.png"
                            picture(browser, file, path, scheme, width, 1000, at)
                else:
                    IMAGES.mkdir(parents=True, exist_ok=True)
                    path = IMAGES / f"explorer-{scheme}.png"
                    picture(browser, file, path, scheme, 1200, 860, reverse + 5)
                    if path.stat().st_size > LARGEST:
                        raise SystemExit(f"{path.name} has more than {LARGEST:,} bytes")
        browser.close()


if __name__ == "__main__":
    main()
