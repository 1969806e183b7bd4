"""What the training workloads have in common: there, the thing to be measured is step() -> loss."""

import math
import time
from itertools import pairwise

import numpy as np

ROUND_SECONDS = 0.4  # long enough for the CPU accounting of /proc, which counts in hundredths of a second


def check(step):
    """Return the losses of the first ten steps."""
    return [float(step()) for _ in range(10)]


def measure(step):
    """Return the seconds a step takes, the mean over a round."""
    began = time.perf_counter()
    step()
    step()
    once = (time.perf_counter() - began) / 2
    steps = max(3, math.ceil(ROUND_SECONDS / once))
    began = time.perf_counter()
    for _ in range(steps):
        step()
    return {"step": (time.perf_counter() - began) / steps}


def batches(count, size, inputs, classes):
    """Return `count` batches of random inputs in [0, 1) and class numbers, the same for every peer."""
    random = np.random.RandomState(0)
    return [
        (random.rand(size, inputs).astype(np.float32), random.randint(0, classes, size).astype(np.int64))
        for _ in range(count)
    ]


def weights(sizes, seed=1):
    """Return He-scaled weight matrices between layers of these sizes, the same for every peer."""
    random = np.random.RandomState(seed)
    return [(random.randn(m, n) * (2 / m) ** 0.5).astype(np.float32) for m, n in pairwise(sizes)]
