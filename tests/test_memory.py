"""Memory kept between steps: by default, as told, and not at all where there is no GNU C library."""

import os
import subprocess
import sys

import numpy as np
import pytest

import tensorglass as tg
from tensorglass.backends import memory

LOOP = """
import resource, sys
import numpy as np
import tensorglass as tg

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        bytearray(40_000_000)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / 10

session = tg.Session()
kept = tg.config.get_kept_memory()
by_default = [faults(), faults()][1]
tg.config.set_kept_memory(0)
given_back = [faults(), faults()][1]
tg.config.set_kept_memory(100)
print(kept, by_default, given_back, [faults(), faults()][1], tg.config.get_kept_memory())
"""
needs_glibc = pytest.mark.skipif(memory._library() is None, reason="needs the GNU C library")


def run(**environment):
    """What the loop prints: the limit, faults a turn with it, without, and with 100 MiB, the limit then."""
    clean = {k: v for k, v in os.environ.items() if k not in (*memory._USERS_OWN, "TENSORGLASS_KEEP_MEMORY")}
    result = subprocess.run(
        [sys.executable, "-c", LOOP], env=clean | environment, capture_output=True, text=True, check=False
    )
    assert not result.returncode, result.stderr
    return [float(word) for word in result.stdout.split()]


@pytest.fixture
def unset(monkeypatch):
    """A process in which nobody has chosen yet; nothing is really changed."""
    monkeypatch.setattr(memory._Kept, "asked", False)
    monkeypatch.setattr(memory._Kept, "limit", 0)
    for name in (*memory._USERS_OWN, "TENSORGLASS_KEEP_MEMORY"):
        monkeypatch.delenv(name, raising=False)


@needs_glibc
def test_a_session_keeps_memory_and_can_be_told_otherwise():
    kept, by_default, given_back, again, limit = run()
    assert (kept, limit) == (1024, 100)
    assert by_default < 100 > again
    assert given_back > 10 * max(by_default, again, 1)


@needs_glibc
@pytest.mark.parametrize(("name", "value", "limit"), [
    ("TENSORGLASS_KEEP_MEMORY", "0", 0), ("TENSORGLASS_KEEP_MEMORY", "200", 200), ("MALLOC_ARENA_MAX", "4", 0),
])  # fmt: skip
def test_the_environment_decides(name, value, limit):
    assert run(**{name: value})[0] == limit


def test_elsewhere_nothing_happens(unset, monkeypatch):
    monkeypatch.setattr(memory, "_library", lambda: None)
    memory.keep_for_threads()
    tg.config.set_kept_memory(512)
    assert tg.config.get_kept_memory() == 0
    with tg.Graph().as_default():
        assert tg.Session().run(tg.constant(2.0) * 3.0) == np.float32(6)


def test_there_may_be_no_such_function(monkeypatch):
    for failure in (OSError, TypeError, AttributeError):

        def fails(name, failure=failure):
            raise failure("not here")

        memory._library.cache_clear()
        monkeypatch.setattr(memory.ctypes, "CDLL", fails)
        assert memory._library() is None
    memory._library.cache_clear()


def test_what_is_no_limit(unset, monkeypatch):
    for wrong in (-1, 2048):
        with pytest.raises(ValueError, match="0 to 2047 MiB"):
            tg.config.set_kept_memory(wrong)
    monkeypatch.setenv("TENSORGLASS_KEEP_MEMORY", "much")
    with pytest.raises(ValueError, match="TENSORGLASS_KEEP_MEMORY"):
        memory.keep_by_default()
