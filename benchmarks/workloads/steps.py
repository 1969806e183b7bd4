"""Many steps in one call, for networks so small that the call is what costs: 1,000 steps of the XOR network.

`Session.run_steps` in TensorGlass, `lax.scan` in JAX, a loop over `tf.range` in `tf.function`; the others call each
step from Python.
"""

import math
import time

import numpy as np

from . import frameworks
from .xor import Work

TITLE = "1,000 XOR steps in one call: time a step; 200 x 2 points, 2-4-2, sigmoid, softmax, SGD, float32"
ROUNDS = 9
GOALS = [("step", "tensorglass-xla", "tensorflow", 1 / 5), ("step", "tensorglass-xla", "jax", 1.05)]

STEPS = 1_000
ROUND_SECONDS = 0.4


def session(**options):
    """TensorGlass: run_steps."""
    run, fetches, feeds = frameworks.graph(Work(), "tensorglass.v1", **options)
    feed = dict(zip(feeds, Work().batches()[0], strict=True))
    return lambda: run.run_steps(fetches, STEPS, feed)[0]


def tf_function(jit):
    """TensorFlow 2: a loop in the graph."""
    import tensorflow as tf

    train = frameworks.tf_train(Work())

    @tf.function(jit_compile=jit)
    def many(x, y):
        losses = tf.TensorArray(tf.float32, STEPS)
        for i in tf.range(STEPS):
            losses = losses.write(i, train(x, y))
        return losses.stack()

    x, y = map(tf.constant, Work().batches()[0])
    return lambda: many(x, y).numpy()


def jax_scan():
    """JAX by hand: the whole loop is compiled."""
    import jax

    state, train = frameworks.jax_train(Work())
    [(x, y)] = frameworks.jax_batches(Work())
    many = jax.jit(
        lambda state: jax.lax.scan(lambda state, _: train(state, x, y), state, length=STEPS), donate_argnums=0
    )

    def run():
        nonlocal state
        state, losses = many(state)
        return np.asarray(losses)

    return run


def one_by_one(make):
    """Call each step from Python."""

    def made():
        step = make()
        return lambda: np.array([step() for _ in range(STEPS)])

    return made


def check(run):
    """Return every hundredth loss of two calls."""
    return [float(loss) for _ in range(2) for loss in run()[:: STEPS // 10]]


def measure(run):
    """Return the seconds a step takes, the mean over a round."""
    began = time.perf_counter()
    run()
    repeats = max(1, math.ceil(ROUND_SECONDS / (time.perf_counter() - began)))
    began = time.perf_counter()
    for _ in range(repeats):
        run()
    return {"step": (time.perf_counter() - began) / repeats / STEPS}


PEERS = {peer: one_by_one(make) for peer, make in frameworks.peers(Work()).items()} | {
    "tensorglass": lambda: session(backend="numpy"),
    "tensorglass-xla": lambda: session(backend="xla"),
    "tf-function": lambda: tf_function(jit=False),
    "tf-jit": lambda: tf_function(jit=True),
    "jax": jax_scan,
}
del PEERS["jax-tuned"]  # settings for single small steps; a loop has none to make
