"""Every op of the registry, by the samples in tests/samples: values, shapes, dtypes, gradients, on every backend.

A new op needs a sample there and nothing here; without one it fails.  The test builds each case with placeholders of
known shape, of open dimensions and of unknown rank, looks at every node of the graph (and of the gradient's graph) and
compares first and second order gradients with central differences in float64 along random directions.
"""

import importlib
import pkgutil
import zlib

import numpy as np
import pytest
import samples

import tensorglass as tg
import tensorglass.ops
from tensorglass.gradients import dense_gradient
from tensorglass.graph import Operation, Tensor
from tensorglass.op import REGISTRY
from tensorglass.ops.complex import conj, real
from tensorglass.shapes import compatible

for package in (samples, tensorglass.ops):
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")

FORMS = ("known", "dims", "rank")
VALUELESS = ("Placeholder", "VariableV2")  # their values come from outside


def generators():
    """Each generator once, with the op types it stands for."""
    types = {}
    for op_type, functions in samples.SAMPLES.items():
        for function in functions:
            types.setdefault(function, []).append(op_type)
    return types


def cases():
    for function in generators():
        label = f"{function.__module__.rpartition('.')[2]}-{function.__name__}"
        rng = np.random.default_rng(zlib.crc32(label.encode()))
        for i, case in enumerate(function(rng)):
            yield pytest.param(case, id=f"{label}-{i}-{getattr(case.function, '__name__', 'f').strip('<>')}")


CASES = list(cases())
each_case = pytest.mark.parametrize("case", CASES)
each_exact_case = pytest.mark.parametrize("case", [p for p in CASES if p.values[0].exact])
each_function = pytest.mark.parametrize(  # what can be differentiated
    "case",
    [p for p in CASES if p.values[0].first and any(np.asarray(a).dtype.kind in "fc" for a in p.values[0].arrays)],
)
each_op = pytest.mark.parametrize("op_type", sorted(REGISTRY))


# Backends: a function (graph, fetches, feeds) -> values each


def interpreted(graph, fetches, feeds):
    """The first run of a plan."""
    return tg.Session(graph=graph).run(fetches, feeds)


def compiled(graph, fetches, feeds):
    """The plan as printed Python: what later runs take."""
    session = tg.Session(graph=graph)
    session._look_up(fetches, feeds).program.compile()
    return session.run(fetches, feeds)


BACKENDS = [interpreted, compiled]


# Building a case


def prepared(case, wide=True):
    """The case's arrays, read-only; floating ones as float64 or float32."""
    narrow = {"float64": "float32", "complex128": "complex64"}
    arrays = []
    for a in case.arrays:
        a = np.array(a, order="C")
        if a.dtype.kind in "SU":
            a = a.astype(object)
        if not wide and a.dtype.name in narrow:
            a = a.astype(narrow[a.dtype.name])
        a.flags.writeable = False
        arrays.append(a)
    return arrays


def placeholders(arrays, form):
    shapes = [None if form == "rank" else [None] * a.ndim if form == "dims" else a.shape for a in arrays]
    return [
        tg.placeholder(tg.string if a.dtype == object else tg.as_dtype(a.dtype), shape)
        for a, shape in zip(arrays, shapes, strict=True)
    ]


def leaves(structure):
    """The tensors and operations in what a function returned."""
    if isinstance(structure, dict):
        return [leaf for v in structure.values() for leaf in leaves(v)]
    if isinstance(structure, (list, tuple)):
        return [leaf for v in structure for leaf in leaves(v)]
    if hasattr(structure, "indices") and hasattr(structure, "values"):
        return [structure.values, structure.indices]
    if hasattr(structure, "_to_tensor") and not isinstance(structure, Operation):
        return [structure._to_tensor()]
    return [structure] if isinstance(structure, (Tensor, Operation)) else []


def build(case, arrays, form, constant=()):
    """(graph, results, feeds) of a case; the arrays whose numbers are in `constant` are constants of the graph."""
    graph = tg.Graph()
    graph.seed = 7
    with graph.as_default():
        inputs = placeholders(arrays, form)
        given = [tg.constant(a) if i in constant else x for i, (x, a) in enumerate(zip(inputs, arrays, strict=True))]
        results = leaves(case.function(*given))
    assert results, "the case returns no tensor and no operation"
    return graph, results, {x: a for i, (x, a) in enumerate(zip(inputs, arrays, strict=True)) if i not in constant}


def forms(case):
    return FORMS[: 1 + FORMS.index(case.forget)] if case.forget else FORMS[:1]


def tensors(results):
    return [t for t in results if isinstance(t, Tensor)]


def differentiable(results):
    return [t for t in tensors(results) if t.dtype.is_floating or t.dtype.is_complex]


def as_array(value):
    """A fetched value as an array: a single string comes as bytes."""
    return np.asarray(value, object if isinstance(value, bytes) else None)


def same(a, b, exact=True):
    """Equal values (or only equal types and shapes, where the op draws anew)."""
    a, b = as_array(a), as_array(b)
    assert a.dtype == b.dtype
    assert a.shape == b.shape
    if exact:
        np.testing.assert_array_equal(a, b)


def close(a, b, exact=True):
    """Equal but for the order of summation."""
    if np.asarray(a).dtype.kind in "fc" and exact:
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)
    else:
        same(a, b, exact)


def inspect_nodes(graph, feeds):
    """Every value in the graph has the dtype and a shape its node declares, and `compute` gives it again."""
    watched = [t for op in graph.operations for t in op.outputs if not t.dtype._is_ref_dtype]
    values = dict(zip(watched, tg.Session(graph=graph).run(watched, feeds), strict=True))
    for t, value in values.items():
        array = as_array(value)
        assert compatible(t._shape, array.shape), f"{t.name} ({t.op.type}): declared {t.shape}, is {array.shape}"
        declared = t.dtype.np_dtype
        assert declared is None or array.dtype == declared, f"{t.name} ({t.op.type}): is {array.dtype}"
    for op in graph.operations:
        known = all(t in values for t in op.inputs)
        if op.stanza is None or op.stanza.draws or op.stanza.has_refs or op.type in VALUELESS or not known:
            continue
        arrays = [as_array(values[t]).copy() for t in op.inputs]
        for a in arrays:
            a.flags.writeable = False  # a kernel that writes into its operand raises
        found = op.compute(*arrays)
        found = found if len(op.outputs) != 1 or isinstance(found, list) else [found]
        for t, value in zip(op.outputs, found or (), strict=True):
            same(value, values[t], exact=not op.stanza.host)


# The registry


@each_op
def test_has_a_sample(op_type):
    if op_type not in samples.SAMPLES:
        pytest.fail(f"no sample for {op_type}: add one in tests/samples")


@pytest.mark.parametrize("generator", generators())
def test_sample_exercises_what_it_names(generator):
    """An op type that a generator names is built by one of its cases, or by the gradient of one."""
    wanted = set(generators()[generator])
    assert wanted <= REGISTRY.keys(), "these op types do not exist"
    for case in generator(np.random.default_rng(0)):
        for form in forms(case):
            graph, results, feeds = build(case, prepared(case), form)
            wanted -= {op.type for op in graph.operations}
            if wanted and case.first and differentiable(results):
                with graph.as_default():
                    gradients_of(results, feeds)
                wanted -= {op.type for op in graph.operations}
        if not wanted:
            return
    pytest.fail(f"never built: {sorted(wanted)}")


@each_op
def test_stanza_is_complete(op_type):
    stanza = REGISTRY[op_type]
    assert (stanza.kernel.__doc__ or "").strip(), f"the kernel of {op_type} has no docstring"
    whole = all(r.fixed is not None and not r.fixed.is_floating and not r.fixed.is_complex for r in stanza.results)
    if stanza.operands and stanza.results and not whole:
        assert stanza.grad is not None or not stanza.differentiable, (
            f"{op_type} has no gradient: write one, or say differentiable=False"
        )
    assert stanza.grad is None or stanza.differentiable, f"{op_type} has a gradient and says that it has none"


# Their gradients are not derivatives, but stop what flows back; tests of their own look at them.
BARRIERS = {"StopGradient", "RandomPoissonV2"}


@pytest.mark.parametrize("op_type", sorted({t for t in REGISTRY if REGISTRY[t].grad is not None} - BARRIERS))
def test_gradient_is_exercised(op_type, monkeypatch):
    """The cases of an op reach its gradient."""
    rule, reached = REGISTRY[op_type].grad, []
    monkeypatch.setattr(REGISTRY[op_type], "grad", lambda op, *dys: reached.append(op) or rule(op, *dys))
    for generator in samples.SAMPLES[op_type]:
        for case in generator(np.random.default_rng(0)):
            for form in forms(case):
                graph, results, feeds = build(case, prepared(case), form)
                with graph.as_default():
                    for _ in range(case.first + case.second):
                        if not case.first or not differentiable(results) or not differentiable(feeds):
                            break
                        results = [g for g in gradients_of(results, feeds) if g is not None]
                if reached:
                    return
    pytest.fail("no case differentiates it")


# The cases


@each_case
@pytest.mark.parametrize("wide", [True, False], ids=["float64", "float32"])
def test_values(case, wide):
    arrays = prepared(case, wide)
    before = [a.copy() for a in arrays]
    first = None
    for form in forms(case):
        graph, results, feeds = build(case, arrays, form)
        for backend in BACKENDS:
            values = backend(graph, results, feeds)
            for a, b in zip(arrays, before, strict=True):
                np.testing.assert_array_equal(a, b, "an input was changed")
            for t, value in zip(results, values, strict=True):
                if isinstance(t, Operation):
                    assert value is None
                    continue
                assert compatible(t._shape, np.shape(value)), f"{t!r} came out with shape {np.shape(value)}"
                assert as_array(value).dtype == t.dtype.base_dtype.np_dtype
                if isinstance(value, np.ndarray):
                    assert value.flags.writeable, "what a session returns is the user's own"
                    assert not any(np.may_share_memory(value, a) for a in arrays)
            first = first or (values, results)
            for value, reference, t in zip(values, first[0], results, strict=True):
                if isinstance(t, Tensor):
                    (same if form == "known" else close)(value, reference)
        inspect_nodes(graph, feeds)
    if case.eager:
        eager = leaves(case.function(*[tg.constant(a) for a in arrays]))
        assert len(eager) == len(tensors(first[1])) or not eager
        for value, t, reference in zip(eager, tensors(first[1]), [v for v in first[0] if v is not None], strict=False):
            assert value.dtype == t.dtype.base_dtype
            close(value.numpy(), reference, case.exact)


@each_exact_case
def test_float32_is_float64_rounded(case):
    wide, narrow = (
        tg.Session(graph=graph).run(tensors(results), feeds)
        for graph, results, feeds in (build(case, prepared(case, w), "known") for w in (True, False))
    )
    for a, b in zip(wide, narrow, strict=True):
        a, b = np.asarray(a), np.asarray(b)
        if a.dtype.kind in "fc" and a.size:
            scale = np.max(np.abs(a[np.isfinite(a)]), initial=0.0)
            np.testing.assert_allclose(b, a, rtol=1e-4, atol=1e-5 * scale)


@each_function
def test_gradients(case):
    """⟨w, J d⟩ by central differences = ⟨Jᵀ w, d⟩ by the gradient, and the same for the gradient's own Jacobian."""
    arrays = prepared(case)
    reference = None
    for form in forms(case):
        graph, results, feeds = build(case, arrays, form)
        if not differentiable(results):
            return
        run = tg.Session(graph=graph).run
        total, inputs, slopes, slope, xs, curves = derivatives(case, graph, results, feeds)
        for x, g in zip(inputs, slopes, strict=True):
            assert g is None or compatible(g._shape, x._shape)
        if reference is None:
            rng = np.random.default_rng(12)
            check_derivative(run, feeds, total, inputs, slopes, case.rtol, rng)
            if curves is not None:
                check_derivative(run, feeds, slope, xs, curves, case.rtol, rng)
            for x, g in zip(inputs, slopes, strict=True):
                assert g is None or np.shape(run(g, feeds)) == feeds[x].shape
        inspect_nodes(graph, feeds)
        found = run([g for g in (*slopes, *(curves or ())) if g is not None], feeds)
        reference = reference or found
        for a, b in zip(found, reference, strict=True):
            close(a, b)


@each_function
def test_float32_gradients_are_float32(case):
    arrays = prepared(case, wide=False)
    graph, results, feeds = build(case, arrays, "dims" if case.forget else "known")
    if not differentiable(results):
        return
    with graph.as_default():
        for x, g in zip(differentiable(feeds), gradients_of(results, feeds), strict=True):
            assert g is None or g.dtype == x.dtype
    inspect_nodes(graph, feeds)


def gradients_of(results, feeds):
    """With respect to what is fed; complex results need their weights spelt out."""
    ys = differentiable(results)
    return tg.gradients(ys, differentiable(feeds), [tg.ones_like(y) for y in ys])


def derivatives(case, graph, results, feeds):
    """Scalars that depend on all of `results`, and their gradients: (total, inputs, slopes, slope, xs, curves).

    total = Σ ⟨yᵢ, wᵢ⟩ with random weights w, which join `feeds`; slopes are its gradients by `inputs`; slope is their
    sum with random weights; curves are its gradients by `xs`, the inputs and w (None where there are none to check).
    """
    rng = np.random.default_rng(11)
    ys, inputs = differentiable(results), differentiable(feeds)
    upstream = [drawn(rng, v) for v in tg.Session(graph=graph).run(ys, feeds)]
    with graph.as_default():
        weights = [tg.placeholder(y.dtype.base_dtype, w.shape) for y, w in zip(ys, upstream, strict=True)]
        feeds.update(zip(weights, upstream, strict=True))
        slopes = [dense_gradient(g) for g in tg.gradients(ys, inputs, weights)]
        slope = sum_of_products(slopes, [drawn(rng, feeds[x]) for x in inputs])
        curves = tg.gradients(slope, inputs + weights) if case.second and slope is not None else None
        curves = curves and [dense_gradient(g) for g in curves]
        return sum_of_products(ys, weights), inputs, slopes, slope, inputs + weights, curves


def drawn(rng, value):
    """Random numbers in the shape and of the type of `value`."""
    value = np.asarray(value)
    numbers = rng.normal(size=value.shape)
    return np.asarray(numbers + 1j * rng.normal(size=value.shape) if value.dtype.kind == "c" else numbers, value.dtype)


def sum_of_products(values, weights):
    """Σₖ ⟨vₖ, wₖ⟩ as a scalar tensor, of complex numbers the real part; None where no v is there."""
    parts = []
    for v, w in zip(values, weights, strict=True):
        if v is not None:
            product = real(conj(tg.convert_to_tensor(w)) * v) if v.dtype.is_complex else v * w
            parts.append(tg.reduce_sum(product))
    return tg.add_n(parts) if parts else None


def check_derivative(run, feeds, y, xs, gradients, rtol, rng, step=1e-5):
    """The directional derivative of the scalar `y`: by `gradients`, and by (y(x + h d) − y(x − h d)) / 2h."""
    pairs = [(x, g) for x, g in zip(xs, gradients, strict=True) if g is not None]
    values = dict(zip([x for x, _ in pairs], run([g for _, g in pairs], feeds), strict=True))
    for _ in range(2):
        d = {x: drawn(rng, feeds[x]) for x in xs}
        analytic = sum(float(np.sum(np.conj(g) * d[x]).real) for x, g in values.items())
        ahead = run(y, {**feeds, **{x: feeds[x] + step * d[x] for x in xs}})
        behind = run(y, {**feeds, **{x: feeds[x] - step * d[x] for x in xs}})
        numeric = (ahead - behind) / (2 * step)
        noise = 1e-9 * max(1.0, abs(float(ahead)), abs(float(behind)))
        assert abs(analytic - numeric) <= rtol * max(abs(analytic), abs(numeric), 1e-2) + noise, (
            f"gradient {analytic}, central difference {numeric}"
        )
