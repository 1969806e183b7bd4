"""One snippet under TensorFlow and under TensorGlass, in one process, and everything compared.

The snippet is a function of the library; what it returns (a tensor, or lists, tuples and dicts of tensors,
operations and plain Python values) is run in a session of each:

    from parity.harness import both, both_eager, both_raise

    def test_softmax():
        both(lambda tf: tf.nn.softmax([[1.0, 2.0]]))

Arrays after the snippet become placeholders of their dtype, handed to the snippet and fed; ``grad=True``
compares the gradients of all floating results (weighted, so that nothing cancels) with respect to all
floating arrays too, and ``second=True`` the gradients of those:

    def test_matmul():
        both(lambda tf, a, b: tf.matmul(a, b), a, b, grad=True, tolerance=REDUCTION)
        both(lambda tf, a: tf.reduce_sum(a, 1), a, shapes="dims")      # placeholders with sizes forgotten
        both(lambda tf, a: tf.reduce_sum(a, 1), a, shapes="rank")      # of unknown rank

Compared are: dtype, shape and value of every result, its static shape (``static=False`` leaves that out,
``static="admits"`` lets ours know less or more as long as it does not contradict), and with ``names=True``
the name and type of every node, with ``names="outputs"`` those of the results only.  Integers, booleans,
strings and NaN places must be equal; float32 within ``tolerance`` (element-wise by default; REDUCTION for
sums and products of matrices), float64 within 1e-12.  Variables are initialized first; ``runs=3`` runs the
fetches three times and compares every run.  Plain Python values in the structure (``t.shape``, names,
``tf.float32``) are compared too.

Errors: `both_raise` wants the same exception class, at the same moment (building or running), and returns
both:

    def test_bad_axis():
        both_raise(lambda tf: tf.reduce_sum([1.0], axis=3), ValueError)

`alike` takes whatever TensorFlow does: the same results, or the same exception class.

Eager: `both_eager` calls the snippet with TensorFlow 2's and with TensorGlass's root namespace; the arrays
become tensors.  ``both_raise(..., eager=True)`` likewise.  ``tensorflow()`` is `tensorflow.compat.v1`, for
anything else.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from modes import mode

import tensorglass
from tensorglass.shapes import as_tuple, compatible


@dataclass(frozen=True)
class Tolerance:
    """|a − b| ≤ relative · |b| + absolute · (largest |b|), for float32; float64 has ``wide`` for both."""

    relative: float
    absolute: float
    wide: float = 1e-12


ELEMENTWISE = Tolerance(2e-6, 1e-6)
REDUCTION = Tolerance(1e-5, 1e-5)
EXACT = Tolerance(0.0, 0.0, 0.0)

_HALF = {"float16": 2e-3, "bfloat16": 2e-2}


# The two libraries


def tensorflow() -> Any:
    """`tensorflow.compat.v1`, with TensorFlow 2's behaviour off; skips the test where it is not installed."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = pytest.importorskip("tensorflow").compat.v1
        module.logging.set_verbosity(module.logging.ERROR)
        logging.getLogger("tensorflow").setLevel(logging.ERROR)
        module.disable_v2_behavior()
    return module


@contextlib.contextmanager
def _quiet():
    """TensorFlow's warnings are not ours to mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def tensorflow_2():
    """TensorFlow 2's behaviour for a while, in a process that has switched it off."""
    v1 = tensorflow()
    context = importlib.import_module("tensorflow.python.eager.context")
    toggles = ("tensor_equality", "v2_tensorshape", "resource_variables", "control_flow_v2")
    with context.eager_mode():
        for toggle in toggles:
            getattr(v1, f"enable_{toggle}")()
        try:
            yield importlib.import_module("tensorflow").compat.v2
        finally:
            for toggle in toggles:
                getattr(v1, f"disable_{toggle}")()


def ours(eager: bool = False) -> Any:
    """TensorGlass's namespace: `compat.v1`'s names, or the root's for eager snippets."""
    return tensorglass if eager else importlib.import_module("tensorglass.compat.v1")


# Structures


def _flatten(structure: Any, path: str = "result") -> list[tuple[str, Any]]:
    """(path, leaf) of nested lists, tuples and dicts."""
    if isinstance(structure, dict):
        return [leaf for k in structure for leaf in _flatten(structure[k], f"{path}[{k!r}]")]
    if isinstance(structure, (list, tuple)):
        return [leaf for i, v in enumerate(structure) for leaf in _flatten(v, f"{path}[{i}]")]
    return [(path, structure)]


def _composite(value: Any) -> bool:
    """IndexedSlices, in either library."""
    return hasattr(value, "indices") and hasattr(value, "values") and hasattr(value, "dense_shape")


def _parts(value: Any) -> Any:
    return {"values": value.values, "indices": value.indices, "dense_shape": value.dense_shape}


def _opened(structure: Any) -> Any:
    """`structure` with composites taken apart, so that all leaves can be fetched."""
    if isinstance(structure, dict):
        return {k: _opened(v) for k, v in structure.items()}
    if isinstance(structure, (list, tuple)):
        return [_opened(v) for v in structure]
    return _parts(structure) if _composite(structure) else structure


def _fetchable(value: Any) -> bool:
    return hasattr(value, "graph") and not isinstance(value, type)


def _is_tensor(value: Any) -> bool:
    return _fetchable(value) and hasattr(value, "dtype")


def _plain(value: Any) -> Any:
    """A Python-side value in a form that compares across the libraries."""
    if hasattr(value, "as_list"):
        return None if value.ndims is None else value.as_list()
    if hasattr(value, "as_numpy_dtype"):
        return value.name
    if type(value).__name__ == "Dimension":
        return value.value
    return value


# Running a snippet


@dataclass
class _Outcome:
    """What a snippet gave: results by path, their static shapes, and the nodes."""

    values: dict[str, list[Any]]
    static: dict[str, Any]
    nodes: dict[str, str]
    outputs: dict[str, tuple[str, str]]


class _Failed(Exception):
    """A snippet raised; `moment` is "building" or "running"."""

    def __init__(self, moment: str, error: Exception):
        super().__init__(f"{moment}: {type(error).__name__}: {error}")
        self.moment, self.error = moment, error


def _placeholders(tf: Any, arrays: Any, shapes: str) -> list[Any]:
    made = []
    for a in arrays:
        shape = None if shapes == "rank" else [None] * a.ndim if shapes == "dims" else a.shape
        dtype = tf.string if a.dtype.kind in "OSU" else tf.as_dtype(a.dtype)
        made.append(tf.placeholder(dtype, shape))
    return made


def _weights(value: Any, salt: int) -> np.ndarray:
    """Upstream gradients for a result: fixed, of order 1, no two alike."""
    n = np.size(value)
    return (0.75 + 0.5 * np.cos(1.0 + 1.7 * np.arange(n) + salt)).reshape(np.shape(value)).astype(value.dtype)


def _differentiable(value: Any) -> bool:
    return _is_tensor(value) and value.dtype.is_floating


def _gradients(tf: Any, results: dict[str, Any], feeds: dict, session: Any, salt: int) -> dict[str, Any]:
    """Gradients, of order `salt`, of `results` with respect to the floating placeholders among `feeds`."""
    targets = [t for t in results.values() if _differentiable(t)]
    sources = [p for p in feeds if p.dtype.is_floating]
    weights = [_weights(v, salt) for v in session.run(targets, feeds)]
    found = tf.gradients(targets, sources, [tf.constant(w) for w in weights])
    return {
        f"gradient of order {salt}, floating input {i}": tf.convert_to_tensor(g) if _composite(g) else g
        for i, g in enumerate(found)
    }


def _run(tf: Any, build: Any, arrays: Any, options: dict[str, Any]) -> _Outcome:
    """Build and run the snippet in a graph of its own."""
    moment = "building"
    try:
        graph = tf.Graph()
        with graph.as_default():
            if options["seed"] is not None:
                tf.set_random_seed(options["seed"])
            inputs = _placeholders(tf, arrays, options["shapes"])
            result = build(tf, *inputs)
            nodes = {o.name: o.type for o in graph.get_operations()}
            leaves = dict(_flatten(_opened(result)))
            fetched = {path: leaf for path, leaf in leaves.items() if _fetchable(leaf)}
            static = {path: _plain(t.shape) for path, t in fetched.items() if _is_tensor(t)}
            outputs = {path: (t.name, t.op.type) for path, t in fetched.items() if _is_tensor(t)}
            initialize = tf.global_variables_initializer() if tf.global_variables() else None
            with tf.Session(graph=graph) as session:
                feeds = dict(zip(inputs, arrays, strict=True))
                if initialize is not None:
                    session.run(initialize)
                differentiated = fetched
                for order in range(1, options["grad"] + 1):
                    found = _gradients(tf, differentiated, feeds, session, order)
                    leaves.update(found)
                    differentiated = {path: g for path, g in found.items() if g is not None}
                    fetched = {**fetched, **differentiated}
                moment = "running"
                values: dict[str, list[Any]] = {path: [] for path in leaves}
                values.update((path, [_plain(v)]) for path, v in leaves.items() if path not in fetched)
                for _ in range(options["runs"] if fetched else 0):
                    for path, value in session.run(fetched, feeds).items():
                        values[path].append(value)
        return _Outcome(values, static, nodes, outputs)
    except Exception as error:
        raise _Failed(moment, error) from error


def _run_eagerly(tf: Any, build: Any, arrays: Any) -> _Outcome:
    try:
        result = build(tf, *[tf.constant(a) for a in arrays])
    except Exception as error:
        raise _Failed("running", error) from error
    leaves = dict(_flatten(_opened(result)))
    values = {p: [v.numpy() if hasattr(v, "numpy") else _plain(v)] for p, v in leaves.items()}
    return _Outcome(values, {}, {}, {})


# Comparing


def _compare(path: str, theirs: Any, mine: Any, tolerance: Tolerance) -> None:
    __tracebackhide__ = True
    if not isinstance(theirs, (np.ndarray, np.generic)):
        assert mine == theirs, f"{path}: {mine!r}, TensorFlow has {theirs!r}"
        return
    assert isinstance(mine, (np.ndarray, np.generic)), f"{path}: {mine!r}, TensorFlow has {theirs!r}"
    assert mine.dtype == theirs.dtype, f"{path}: dtype {mine.dtype}, TensorFlow has {theirs.dtype}"
    assert mine.shape == theirs.shape, f"{path}: shape {mine.shape}, TensorFlow has {theirs.shape}"
    if theirs.dtype.name not in ("float32", "float64", "complex64", "complex128", *_HALF):
        assert np.array_equal(mine, theirs), f"{path}:\n{mine}\nTensorFlow has\n{theirs}"
        return
    wide = theirs.dtype.itemsize > (8 if theirs.dtype.kind == "c" else 4)
    half = _HALF.get(theirs.dtype.name)
    relative = half or (tolerance.wide if wide else tolerance.relative)
    absolute = half or (tolerance.wide if wide else tolerance.absolute)
    if half:
        mine, theirs = mine.astype(np.float32), theirs.astype(np.float32)
    finite = theirs[np.isfinite(theirs)]
    scale = float(np.max(np.abs(finite))) if finite.size else 0.0
    np.testing.assert_allclose(mine, theirs, rtol=relative, atol=absolute * scale, err_msg=path)


def _agree(theirs: _Outcome, mine: _Outcome, options: dict[str, Any]) -> None:
    __tracebackhide__ = True
    assert list(mine.values) == list(theirs.values), "the results have different structures"
    for path, values in theirs.values.items():
        assert len(mine.values[path]) == len(values), path
        for i, (their, my) in enumerate(zip(values, mine.values[path], strict=True)):
            _compare(path if i == 0 else f"{path} (run {i + 1})", their, my, options["tolerance"])
    if options["static"] is True:
        assert mine.static == theirs.static, f"static shapes {mine.static}, TensorFlow has {theirs.static}"
    elif options["static"] == "admits":
        for path, shape in theirs.static.items():
            assert compatible(as_tuple(shape), as_tuple(mine.static[path])), (
                f"{path}: static shape {mine.static[path]}, TensorFlow has {shape}"
            )
    if options["names"] == "outputs":
        assert mine.outputs == theirs.outputs
    elif options["names"]:
        assert mine.nodes == theirs.nodes


def both(
    build: Any,
    *arrays: Any,
    shapes: str = "known",
    grad: bool = False,
    second: bool = False,
    tolerance: Tolerance = ELEMENTWISE,
    static: Any = True,
    names: Any = False,
    runs: int = 1,
    seed: int | None = None,
) -> Any:
    """Compare ``build(tf, *placeholders)`` in graph mode, as the module says.  Returns our first values."""
    __tracebackhide__ = True
    arrays = [np.asarray(a) for a in arrays]
    options = {"shapes": shapes, "grad": 2 if second else int(grad), "tolerance": tolerance, "static": static,
               "names": names, "runs": runs, "seed": seed}  # fmt: skip
    with _quiet():
        theirs = _run(tensorflow(), build, arrays, options)
    with mode("v1"):
        mine = _run(ours(), build, arrays, options)
    _agree(theirs, mine, options)
    found = [values[0] for values in mine.values.values()]
    return found[0] if len(found) == 1 else found


def both_eager(build: Any, *arrays: Any, tolerance: Tolerance = ELEMENTWISE) -> Any:
    """Compare ``build(tf, *tensors)`` executed eagerly: TensorFlow 2 and TensorGlass's root namespace."""
    __tracebackhide__ = True
    arrays = [np.asarray(a) for a in arrays]
    with _quiet(), tensorflow_2() as tf:
        theirs = _run_eagerly(tf, build, arrays)
    with mode("root"):
        mine = _run_eagerly(ours(eager=True), build, arrays)
    _agree(theirs, mine, {"tolerance": tolerance, "static": False, "names": False})
    found = [values[0] for values in mine.values.values()]
    return found[0] if len(found) == 1 else found


def both_raise(
    build: Any,
    kind: Any = None,
    *arrays: Any,
    eager: bool = False,
    shapes: str = "known",
    moment: bool = True,
) -> tuple[Exception, Exception]:
    """Both libraries raise an exception of one class, building or running alike; returns (theirs, ours).

    ``kind`` is that class (or its name); ``moment=False`` lets one library fail earlier than the other.
    """
    __tracebackhide__ = True
    arrays = [np.asarray(a) for a in arrays]
    options = {"shapes": shapes, "grad": 0, "runs": 1, "seed": None}
    with _quiet():
        if eager:
            with tensorflow_2() as tf:
                theirs = _failure(lambda: _run_eagerly(tf, build, arrays))
        else:
            theirs = _failure(lambda: _run(tensorflow(), build, arrays, options))
    assert theirs is not None, "TensorFlow raises nothing"
    with mode("root" if eager else "v1"):
        if eager:
            mine = _failure(lambda: _run_eagerly(ours(eager=True), build, arrays))
        else:
            mine = _failure(lambda: _run(ours(), build, arrays, options))
    assert mine is not None, f"we raise nothing; TensorFlow: {theirs}"
    wanted, got = _public_class(theirs.error), type(mine.error).__name__
    assert got == wanted, f"we raise {mine}; TensorFlow {theirs}"
    if kind is not None:
        assert got == (kind if isinstance(kind, str) else kind.__name__), f"both raise {mine}"
    assert not moment or mine.moment == theirs.moment, f"we fail when {mine}; TensorFlow when {theirs}"
    return theirs.error, mine.error


def alike(build: Any, *arrays: Any, eager: bool = False, **options: Any) -> None:
    """Both give the same results, or both raise the same class: for tables of odd input, whatever TensorFlow says."""
    __tracebackhide__ = True
    try:
        (both_eager if eager else both)(build, *arrays, **options)
    except _Failed:
        both_raise(build, None, *arrays, eager=eager)


def _public_class(error: Exception) -> str:
    """The class of TensorFlow's error; where that is private, the public one it derives from."""
    public = vars(tensorflow().errors).values()
    return next(c.__name__ for c in type(error).__mro__ if c in public or c.__module__ == "builtins")


def _failure(run: Any) -> _Failed | None:
    try:
        run()
    except _Failed as failed:
        return failed
    return None
