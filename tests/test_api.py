"""The public names are the agreed ones: an addition shows in tests/api.txt, in review."""

import importlib.util
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_public_names_are_the_agreed_ones():
    spec = importlib.util.spec_from_file_location("api", ROOT / "tools" / "api.py")
    api = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(api)
    agreed = api.GOLDEN.read_text().splitlines()
    found = api.listing().splitlines()
    assert found == agreed, "run `python tools/api.py --write` and look at the difference"


def test_import_takes_no_optional_package():
    # A fresh interpreter: this one has imported many things already.
    program = (
        "import sys; import tensorglass, tensorglass.v1; "
        "print(sorted({m.partition('.')[0] for m in sys.modules} & "
        "{'jax', 'tensorflow', 'matplotlib', 'scipy', 'sklearn', 'tqdm', 'rich', 'torch', 'h5py', 'pandas'}))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
