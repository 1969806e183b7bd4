"""backends/numpy_training.py gives the very bits of the kernels in ops/training.py."""

import numpy as np
import pytest

from tensorglass.backends import numpy_training
from tensorglass.backends.numpy import OVERRIDES
from tensorglass.op import REGISTRY

SETTINGS = {"ApplyAdam": (0.81, 0.998, 0.01, 0.9, 0.999, 1e-8), "ApplyRMSProp": (0.01, 0.9, 0.5, 1e-10)}


@pytest.mark.parametrize("op_type", SETTINGS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(0,), (7,), (3, 4), (40_000,), (300, 301), (520, 521)])
@pytest.mark.parametrize("layout", ["C", "F"])
def test_bits(op_type, dtype, shape, layout, monkeypatch):
    monkeypatch.setattr(numpy_training, "_LARGE", 0)
    rng = np.random.default_rng(3)
    w, first, second, g = (np.asarray(rng.normal(size=shape), dtype, order=layout) for _ in range(4))
    if op_type == "ApplyAdam":
        slots = first, np.abs(second)
    else:
        slots = np.abs(first), second
    settings = [np.asarray(s, dtype) for s in SETTINGS[op_type]]
    arrays = [w, *slots, *settings, g]
    before = [a.copy() for a in arrays]
    with np.errstate(all="ignore"):
        found = OVERRIDES[op_type](*arrays)
        expected = REGISTRY[op_type].kernel(np, *arrays)
    for f, e in zip(found, expected, strict=True):
        assert f.dtype == e.dtype
        np.testing.assert_array_equal(f, e)
        assert not any(np.may_share_memory(f, a) for a in arrays)
    for a, b in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_nesterov_and_mixed_types_go_the_kernels_way(monkeypatch):
    monkeypatch.setattr(numpy_training, "_LARGE", 0)
    rng = np.random.default_rng(4)
    w, m, g = (rng.normal(size=5) for _ in range(3))
    arrays = [w, m, np.abs(m), *SETTINGS["ApplyAdam"], g]
    kernel = REGISTRY["ApplyAdam"].kernel
    np.testing.assert_array_equal(OVERRIDES["ApplyAdam"](*arrays, use_nesterov=True),
                                  kernel(np, *arrays, use_nesterov=True))  # fmt: skip
    arrays[-1] = np.arange(5)
    np.testing.assert_array_equal(OVERRIDES["ApplyAdam"](*arrays), kernel(np, *arrays))
