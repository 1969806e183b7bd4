"""How each framework turns a network's loss into training steps: every peer here makes `step() -> loss`.

A workload says what the network is, once a framework (see `training.Training`). What is below is the rest: variables,
gradients, the optimizer, the call that is compiled or not. Each step is given one batch of NumPy arrays (PyTorch and
`tf.function`: their own tensors over the same memory) and gives its loss back to Python.
"""

import os
import shutil
import sysconfig
from importlib import import_module
from itertools import cycle
from pathlib import Path

import numpy as np

GPU = os.environ.get("BENCHMARK_DEVICE") == "gpu"


class Missing(ImportError):
    """A peer cannot run here; says why."""


def graph(work, name, **options):
    """Return a session of TensorGlass or TensorFlow 1, [loss, training operation], and the tensors to be fed."""
    tf = import_module(name)
    tf.disable_v2_behavior()
    with tf.Graph().as_default():
        feeds = [tf.placeholder(a.dtype, [None, *a.shape[1:]]) for a in work.batches()[0]]
        w = {key: tf.Variable(value) for key, value in work.weights().items()}
        loss = work.tf_loss(tf, w, *feeds)
        train = work.optimizer.tf(tf).minimize(loss)
        run = tf.Session(**options)
        run.run(tf.global_variables_initializer())
    return run, [loss, train], feeds


def session(work, name, **options):
    """TensorGlass and TensorFlow 1: a graph, run by a session that is fed one batch a step."""
    run, fetches, (x, y) = graph(work, name, **options)
    supply = cycle(work.batches())

    def step():
        inputs, targets = next(supply)
        value, _ = run.run(fetches, {x: inputs, y: targets})
        return value

    return step


def tf_train(work):
    """Return the function of a batch that makes one step in TensorFlow 2, not yet traced."""
    import tensorflow as tf2

    tf = tf2.compat.v1
    w = {key: tf2.Variable(value) for key, value in work.weights().items()}
    optimizer = work.optimizer.tf(tf)

    def train(x, y):
        loss = work.tf_loss(tf, w, x, y)
        variables = list(w.values())
        optimizer.apply_gradients(zip(tf2.gradients(loss, variables), variables, strict=True))
        return loss

    return train


def tf_function(work, jit):
    """TensorFlow 2: the same graph made by `tf.function`, with `jit` compiled by XLA."""
    import tensorflow as tf2

    train = tf2.function(tf_train(work), jit_compile=jit)
    supply = cycle([(tf2.constant(x), tf2.constant(y)) for x, y in work.batches()])
    return lambda: train(*next(supply)).numpy()


def jax_train(work):
    """Return (state, function) of a step in JAX by hand: (state, x, y) -> (new state, loss), not yet compiled."""
    import jax

    tree_map = jax.tree.map
    w = tree_map(jax.numpy.asarray, work.weights())

    def train(state, x, y):
        w, slots = state
        loss, gradients = jax.value_and_grad(work.jax_loss)(w, x, y)
        return work.optimizer.jax(tree_map, w, gradients, slots), loss

    return (w, work.optimizer.slots(lambda: tree_map(jax.numpy.zeros_like, w))), train


def jax_batches(work):
    """Return the batches with class numbers in JAX's own integers."""
    return [tuple(a.astype("int32") if a.dtype == "int64" else a for a in batch) for batch in work.batches()]


def jax(work, tuned=False):
    """JAX by hand: one compiled function of the state, which is donated, and of the batch.

    With `tuned` the process and the compiler have the settings that TensorGlass chooses for its own steps, so that
    what is left between the two is what TensorGlass itself costs.
    """
    import jax

    state, train = jax_train(work)
    train = jax.jit(train, donate_argnums=0, compiler_options=_settings(state, work) if tuned else None)
    supply = cycle(jax_batches(work))

    def step():
        nonlocal state
        state, loss = train(state, *next(supply))
        return float(loss)

    return step


def _settings(state, work):
    """TensorGlass's settings: importing them sets those of the process; returned are those of the compiler."""
    import jax

    from tensorglass.backends.xla_devices import Device

    values = [*jax.tree.leaves(state), *work.batches()[0]]
    return Device("CPU:0").options(sum(np.asarray(value).nbytes for value in values))


def torch(work, compiled=False):
    """PyTorch as its tutorials write it; with `compiled` the loss and its gradient go through `torch.compile`."""
    import torch

    if compiled:
        _needs_compiler()
    if GPU:
        if not torch.cuda.is_available():
            raise Missing("PyTorch finds no GPU")
        torch.set_float32_matmul_precision("high")  # products in TensorFloat-32, as in XLA
    device = torch.device("cuda" if GPU else "cpu")
    w = {key: torch.tensor(value, device=device, requires_grad=True) for key, value in work.torch_weights().items()}
    optimizer = work.optimizer.torch(torch, list(w.values()))
    compute = torch.compile(work.torch_loss) if compiled else work.torch_loss
    supply = cycle([(torch.from_numpy(x), torch.from_numpy(y)) for x, y in work.torch_batches()])

    def step():
        x, y = next(supply)
        optimizer.zero_grad()
        loss = compute(w, x.to(device), y.to(device))
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def _needs_compiler():
    """Say what `torch.compile` lacks on this machine."""
    if not any(shutil.which(name) for name in (os.environ.get("CXX", "g++"), "g++", "clang++")):
        raise Missing("torch.compile needs a C++ compiler, and there is none")
    if not (Path(sysconfig.get_path("include")) / "Python.h").exists():
        raise Missing("torch.compile needs Python's header files, and there are none")


def peers(work):
    """Return {peer: make} of a training workload."""
    makers = {
        "tensorglass": lambda: session(work, "tensorglass.v1", backend="numpy"),
        "tensorglass-xla": lambda: session(work, "tensorglass.v1", backend="xla"),
        "tensorflow": lambda: session(work, "tensorflow.compat.v1"),
        "tf-function": lambda: tf_function(work, jit=False),
        "tf-jit": lambda: tf_function(work, jit=True),
        "jax": lambda: jax(work),
        "jax-tuned": lambda: jax(work, tuned=True),
        "torch": lambda: torch(work),
        "torch-compile": lambda: torch(work, compiled=True),
    }
    if hasattr(work, "numpy_step"):
        makers["numpy"] = work.numpy_step
    return makers
