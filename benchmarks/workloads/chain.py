"""Cost against size: a chain of n additions y ← y + x and the gradient of its end, n from 10 to 100,000.

Build, first run and later runs are timed apart; each peer's largest size in the first round only (XLA, whose
compilation is not linear, stops at 10,000). Where cost is linear, each is ten times the line above. PyTorch and
NumPy have no graph to build; they do the additions and the reverse pass at each run.
"""

import gc
import time
from importlib import import_module

import numpy as np

TITLE = "Chain of n additions of 100 floats with gradient: build, first run, later runs"
ROUNDS = 3
GOALS = []

SIZES = [10, 100, 1_000, 10_000, 100_000]
X = np.linspace(0.5, 1.5, 100, dtype=np.float32)


class Session:
    """TensorGlass and TensorFlow."""

    def __init__(self, name, sizes=SIZES, **options):
        self.sizes, self.later = sizes, sizes[:-1]
        self.options = options
        self.tf = import_module(name)
        self.tf.disable_v2_behavior()

    def build(self, n):
        """Build a chain of n in a new graph; return a function that runs it."""
        tf = self.tf
        with tf.Graph().as_default() as graph:
            x = tf.placeholder(tf.float32, [100])
            y = x
            for _ in range(n):
                y = tf.add(y, x)
            fetches = [y, tf.gradients(y, x)[0]]
        session = tf.Session(graph=graph, **self.options)
        return lambda: session.run(fetches, {x: X})


class Numpy:
    """A loop each way, no graph."""

    build = None
    sizes, later = SIZES, SIZES[:-1]

    def run(self, n):
        """Return the end of a chain of n, and its gradient."""
        y = X
        for _ in range(n):
            y = y + X
        along = np.ones_like(X)
        gradient = np.zeros_like(X)
        for _ in range(n):
            gradient = gradient + along
        return y, gradient + along


class Jax:
    """A compiled function; what it needs to be traced and compiled is in its first run."""

    sizes, later = SIZES[:-1], SIZES[:-2]

    def build(self, n):
        """Return a function that runs a chain of n, and its gradient."""
        import jax

        def chain(x):
            y = x
            for _ in range(n):
                y = y + x
            return y

        @jax.jit
        def both(x):
            y, back = jax.vjp(chain, x)
            return y, back(jax.numpy.ones_like(y))[0]

        return lambda: [np.asarray(value) for value in both(X)]


class Torch:
    """Eager: the graph is made by each run and is gone after it."""

    build = None
    sizes, later = SIZES, SIZES[:-1]

    def run(self, n):
        """Return the end of a chain of n, and its gradient."""
        import torch

        x = torch.from_numpy(X).requires_grad_()
        y = x
        for _ in range(n):
            y = y + x
        y.backward(torch.ones_like(y))
        return y.detach().numpy(), x.grad.numpy()


def runner(peer, n):
    """Return a function that runs a chain of n, building it first where there is a graph."""
    return peer.build(n) if peer.build else lambda: peer.run(n)


def check(peer):
    """Return ends and gradients of short chains: (n + 1) x and n + 1."""
    return [float(value[-1]) for n in SIZES[:3] for value in runner(peer, n)()]


def measure(peer):
    """Return the seconds of building, first running and running each size."""
    result = {}
    sizes, peer.sizes = peer.sizes, peer.later  # the largest takes a minute: once is enough
    for n in sizes:
        gc.collect()
        times = [time.perf_counter()]
        run = runner(peer, n)
        times.append(time.perf_counter())
        run()
        times.append(time.perf_counter())
        for _ in range(4 if n <= 10_000 else 0):  # TensorGlass compiles the text of a plan that is run again
            run()
        times.append(time.perf_counter())
        repeats = max(3, 2_000 // n)
        for _ in range(repeats):
            run()
        times.append(time.perf_counter())
        if isinstance(peer, Session):
            result[f"build {n:,}"] = times[1] - times[0]
        if peer.build:
            result[f"first run {n:,}"] = times[2] - times[1]
        result[f"run {n:,}"] = (times[4] - times[3]) / repeats
        del run
    return result


PEERS = {
    "tensorglass": lambda: Session("tensorglass.v1", backend="numpy"),
    "tensorglass-xla": lambda: Session("tensorglass.v1", SIZES[:-1], backend="xla"),
    "tensorflow": lambda: Session("tensorflow.compat.v1"),
    "numpy": Numpy,
    "jax": Jax,
    "torch": Torch,
}
