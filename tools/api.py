"""List the public names and signatures, one a line; `tests/api.txt` holds the list that is agreed on.

python tools/api.py            print the list
python tools/api.py --write    bring tests/api.txt up to date: look at the difference before you commit it
"""

from __future__ import annotations

import argparse
import inspect
import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

GOLDEN = Path(__file__).parent.parent / "tests" / "api.txt"


NAMESPACES = {"bitwise", "config", "debugging", "linalg", "math", "nn", "random", "test", "train"}
PARTS = {"config.experimental", "config.optimizer", "config.threading"}  # namespaces of namespaces
SOURCES = {"errors", "initializers"}  # namespaces that are source files too: theirs is what they define


def public_names(module: ModuleType, prefix: str) -> Iterator[str]:
    """The lines of `module`: its functions and classes with signatures, and its public namespaces in turn."""
    for name in sorted(vars(module)):
        value = vars(module)[name]
        if (name.startswith("_") and name != "__version__") or name == "annotations":
            continue
        full = f"{prefix}.{name}"
        if not inspect.ismodule(value):
            yield full + describe(value)
        elif value.__name__.removeprefix("tensorglass.") in PARTS or (
            name in NAMESPACES and value.__name__.startswith("tensorglass")
        ):
            yield from public_names(value, full)
        elif name in SOURCES:
            for key, own in sorted(vars(value).items()):
                if not key.startswith("_") and getattr(own, "__module__", "") == value.__name__:
                    yield f"{full}.{key}{describe(own)}"


def describe(value: Any) -> str:
    """The signature of a function or class; the type of anything else."""
    if callable(value):
        try:
            return plain(inspect.signature(value))
        except (TypeError, ValueError):
            return "(...)"
    return f": {type(value).__name__}"


def plain(signature: inspect.Signature) -> str:
    """A signature without annotations: names, order and defaults are what programs depend on."""
    parameters = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    return str(signature.replace(parameters=parameters, return_annotation=signature.empty))


def listing() -> str:
    """All public names: of the root namespace and of TensorFlow 1's."""
    import tensorglass
    import tensorglass.compat.v1 as v1

    lines = list(public_names(tensorglass, "tf"))
    lines += public_names(v1, "tf.compat.v1")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write tests/api.txt")
    text = listing()
    if parser.parse_args().write:
        temporary = GOLDEN.with_suffix(".tmp")
        temporary.write_text(text)
        os.replace(temporary, GOLDEN)
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
