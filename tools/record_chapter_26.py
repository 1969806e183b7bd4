"""Record again what chapter 26 of the course keeps of TensorFlow's run of its script (needs TensorFlow).

python tools/record_chapter_26.py
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from tensorglass.course.cells import files
from tensorglass.course.sides import as_text, slim

KEPT = Path(__file__).parents[1] / "src" / "tensorglass" / "course" / "recorded" / "xor_tensorflow.json"


def main() -> None:
    chapter = next(path for path in files() if path.name.startswith("26")).read_text(encoding="utf-8")
    [script] = re.findall(r'^SCRIPT = """(.*?)"""', chapter, re.S | re.M)
    [look] = re.findall(r'^LOOK = """(.*?)"""', chapter, re.S | re.M)
    script = script.replace("import tensorglass.v1 as tf", "import tensorflow.compat.v1 as tf")
    script += look.format(trace="trace_tensorflow", title="TensorFlow")
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=quiet, check=True)
    text = as_text(slim(json.loads(done.stdout.splitlines()[-1])))
    KEPT.write_text(text, encoding="utf-8")
    print(f"{KEPT}: {len(text):,} characters")


if __name__ == "__main__":
    main()
