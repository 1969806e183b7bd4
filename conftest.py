"""Every test starts in the root namespace's mode, with nothing left over from the test before.

That is: eager execution, TensorFlow 2's ``==`` and shapes, no default graph.  A test of the TensorFlow 1 side
takes the fixture `v1`, or is marked ``@pytest.mark.usefixtures("v1")``, and runs in graph mode.
"""

import pytest
from modes import mode

collect_ignore_glob = ["src/tensorglass/course/small/*"]  # parts of one namespace, no modules: see tests/course


@pytest.fixture(autouse=True)
def _root_mode():
    with mode("root"):
        yield


@pytest.fixture
def v1(_root_mode):
    """`tensorglass.compat.v1` in graph mode, with an empty default graph."""
    with mode("v1"):
        import tensorglass.compat.v1 as tf

        yield tf


def pytest_collection_modifyitems(items):
    """What lies in tests/parity is marked so."""
    for item in items:
        if "parity" in item.path.parts:
            item.add_marker(pytest.mark.parity)
