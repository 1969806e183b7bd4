"""Properties that hold for all inputs, tried on random ones (Hypothesis)."""

import collections
import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings, strategies as st
from hypothesis.extra import numpy as hnp

import tensorglass as tg
from tensorglass.shapes import broadcast_shapes, compatible, merge

settings.register_profile(
    "tensorglass",
    deadline=None,
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("tensorglass")

sizes = st.integers(0, 4)
shapes = st.lists(sizes, max_size=4).map(tuple)


def values(shape, dtype=np.float64):
    """An array without two equal elements, so that every mistake in indexing shows."""
    n = int(np.prod(shape))
    return (np.arange(n) * 7 % max(n, 1) + np.linspace(0.1, 0.9, max(n, 1))[:n]).reshape(shape).astype(dtype)


def forget(shape, draw):
    """What a placeholder may know of `shape`: all, some dimensions, or nothing."""
    how = draw(st.sampled_from(["all", "some", "rank"]))
    if how == "rank":
        return None
    return shape if how == "all" else tuple(None if draw(st.booleans()) else d for d in shape)


def evaluate(function, *arrays, known=None):
    """The function's value on fed arrays, checked against the static shape it had before."""
    with tg.Graph().as_default():
        shapes = known or [a.shape for a in arrays]
        inputs = [tg.placeholder(tg.as_dtype(a.dtype), s) for a, s in zip(arrays, shapes, strict=True)]
        y = function(*inputs)
        value = tg.Session().run(y, dict(zip(inputs, arrays, strict=True)))
        assert compatible(y._shape, value.shape)
        return value


# Shapes


@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4, min_side=0), st.data())
def test_broadcasting_is_numpys(example, data):
    a, b = example.input_shapes
    x, y = values(a), values(b) + 1
    known = [forget(s, data.draw) for s in (a, b)]
    np.testing.assert_array_equal(evaluate(tg.add, x, y, known=known), x + y)
    assert broadcast_shapes(a, b) == example.result_shape
    static = broadcast_shapes(*known)
    assert compatible(static, example.result_shape)


@given(shapes, shapes)
def test_shapes_broadcast_when_numpys_do(a, b):
    try:
        expected = np.broadcast_shapes(a, b)
    except ValueError:
        with pytest.raises(ValueError):
            broadcast_shapes(a, b)
    else:
        assert broadcast_shapes(a, b) == expected


@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3, min_side=1), st.data())
def test_gradients_of_broadcast_operands(example, data):
    a, b = example.input_shapes
    x, y = values(a), values(b)
    w = values(example.result_shape)
    known = [forget(s, data.draw) for s in (a, b)]
    with tg.Graph().as_default():
        px, py = tg.placeholder(tg.float64, known[0]), tg.placeholder(tg.float64, known[1])
        gx, gy = tg.gradients(px * py, [px, py], [tg.constant(w)])
        gx, gy = tg.Session().run([gx, gy], {px: x, py: y})
    np.testing.assert_allclose(gx, summed_to(w * y, a), rtol=1e-12)
    np.testing.assert_allclose(gy, summed_to(w * x, b), rtol=1e-12)


def summed_to(g, shape):
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    return g.sum(axis=tuple(i for i, d in enumerate(shape) if d == 1), keepdims=True)


known_in_part = st.one_of(st.none(), st.lists(st.one_of(st.none(), sizes), max_size=3).map(tuple))


@given(known_in_part, known_in_part)
def test_merge_knows_what_both_know(a, b):
    if not compatible(a, b):
        with pytest.raises(ValueError):
            merge(a, b)
        return
    merged = merge(a, b)
    assert merged == merge(b, a)
    assert compatible(merged, a)
    assert compatible(merged, b)
    assert merge(merged, a) == merged


# Reductions, slices, padding


@given(shapes, st.data())
def test_reductions_are_numpys(shape, data):
    x = values(shape)
    axes = data.draw(
        st.one_of(
            st.none(),
            st.integers(-len(shape), len(shape) - 1) if shape else st.none(),
            st.lists(st.sampled_from(range(len(shape))), unique=True).map(tuple) if shape else st.just(()),
        )
    )
    keepdims = data.draw(st.booleans())
    known = [forget(shape, data.draw)]
    axis = list(axes) if isinstance(axes, tuple) else axes
    pairs = [(tg.reduce_sum, np.sum), (tg.reduce_prod, np.prod)]
    if x.size:
        pairs += [(tg.reduce_mean, np.mean), (tg.reduce_max, np.max), (tg.reduce_min, np.min)]
    for ours, theirs in pairs:
        found = evaluate(lambda t, f=ours: f(t, axis=axis, keepdims=keepdims), x, known=known)
        expected = theirs(x, axis=axes, keepdims=keepdims)
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=1e-12, err_msg=ours.__name__)


@st.composite
def keys(draw, shape):
    """An index of basic slicing: integers, slices with steps, newaxis and at most one ellipsis."""
    parts = []
    ellipsis = draw(st.booleans())
    n = draw(st.integers(0, len(shape)))
    where = draw(st.integers(0, n)) if ellipsis else -1
    for i in range(n):
        if i == where:
            parts.append(...)
        size = shape[i] if not ellipsis or i < where else shape[len(shape) - n + i]
        if draw(st.booleans()) and size:
            parts.append(draw(st.integers(-size, size - 1)))
        else:
            bounds = st.one_of(st.none(), st.integers(-6, 6))
            step = draw(st.one_of(st.none(), st.integers(1, 3), st.integers(-3, -1)))
            parts.append(slice(draw(bounds), draw(bounds), step))
        if draw(st.integers(0, 4)) == 0:
            parts.append(np.newaxis)
    if where == n:
        parts.append(...)
    return tuple(parts)


@given(shapes, st.data())
@settings(max_examples=150)
def test_slicing_is_numpys(shape, data):
    x = values(shape)
    key = data.draw(keys(shape))
    known = forget(shape, data.draw)
    with tg.Graph().as_default():
        t = tg.placeholder(tg.float64, known)
        y = t[key]
        g = tg.gradients(y, t, [tg.constant(values(x[key].shape))])[0]
        value, slope = tg.Session().run([y, g], {t: x})
    np.testing.assert_array_equal(value, x[key])
    assert compatible(y._shape, x[key].shape)
    if known is not None and None not in known:
        assert y._shape == x[key].shape
    expected = np.zeros(shape)
    expected[key] += values(x[key].shape)
    np.testing.assert_array_equal(slope, expected)
    np.testing.assert_array_equal(tg.constant(x)[key].numpy(), x[key])


@given(st.lists(st.integers(1, 4), max_size=3).map(tuple), st.data())
def test_padding_is_numpys(shape, data):
    mode = data.draw(st.sampled_from(["CONSTANT", "REFLECT", "SYMMETRIC"]))
    most = {"CONSTANT": lambda d: 3, "REFLECT": lambda d: d - 1, "SYMMETRIC": lambda d: d}[mode]
    widths = [tuple(data.draw(st.integers(0, most(d))) for _ in range(2)) for d in shape]
    x = values(shape)
    known = [forget(shape, data.draw)]
    paddings = np.array(widths, np.int32).reshape(len(shape), 2)
    found = evaluate(lambda t: tg.pad(t, paddings, mode), x, known=known)
    np.testing.assert_array_equal(found, np.pad(x, paddings, mode.lower()) if shape else x)


@given(shapes, st.data())
def test_reshape_and_transpose_are_numpys(shape, data):
    x = values(shape)
    order = data.draw(st.permutations(range(len(shape))))
    known = [forget(shape, data.draw)]
    np.testing.assert_array_equal(evaluate(lambda t: tg.transpose(t, order), x, known=known), x.transpose(order))
    target = list(data.draw(st.permutations(shape)))
    if x.size and target and data.draw(st.booleans()):
        target[data.draw(st.integers(0, len(target) - 1))] = -1
    np.testing.assert_array_equal(evaluate(lambda t: tg.reshape(t, target), x, known=known), x.reshape(target))


@given(st.lists(sizes, min_size=1, max_size=3).map(tuple), st.data())
def test_concat_and_stack_are_numpys(shape, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    parts = []
    for k in range(data.draw(st.integers(1, 4))):
        part = list(shape)
        part[axis] = data.draw(sizes)
        parts.append(values(tuple(part)) + 100 * k)
    known = [forget(p.shape, data.draw) for p in parts]
    np.testing.assert_array_equal(
        evaluate(lambda *ts: tg.concat(list(ts), axis), *parts, known=known), np.concatenate(parts, axis)
    )
    equal = [values(shape) + 100 * k for k in range(len(parts))]
    axis = data.draw(st.integers(-len(shape) - 1, len(shape)))
    known = [forget(shape, data.draw) for _ in equal]
    np.testing.assert_array_equal(
        evaluate(lambda *ts: tg.stack(list(ts), axis), *equal, known=known), np.stack(equal, axis)
    )


# Fetches and names

Pair = collections.namedtuple("Pair", "left right")

structures = st.recursive(
    st.integers(0, 3),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3).map(collections.OrderedDict),
        st.tuples(inner, inner).map(lambda p: Pair(*p)),
    ),
    max_leaves=12,
)


def replaced(structure, leaf):
    if isinstance(structure, dict):
        return type(structure)((k, replaced(v, leaf)) for k, v in structure.items())
    if isinstance(structure, Pair):
        return Pair(*(replaced(v, leaf) for v in structure))
    if isinstance(structure, (list, tuple)):
        return type(structure)(replaced(v, leaf) for v in structure)
    return leaf(structure)


def types(structure):
    if isinstance(structure, dict):
        return type(structure), {k: types(v) for k, v in structure.items()}
    if isinstance(structure, (list, tuple)):
        return type(structure), [types(v) for v in structure]
    return None


@given(structures)
def test_fetches_come_back_in_their_structure(structure):
    """Lists, tuples, dicts and named tuples, with duplicates, names, operations and variables among the leaves."""
    with tg.Graph().as_default():
        constants = [tg.constant(10.0 * i, name=f"c{i}") for i in range(3)]
        leaves = [constants[0], "c1:0", constants[2].op, tg.Variable(30.0)]
        results = [0.0, 10.0, None, 30.0]
        session = tg.Session()
        for _ in range(3):
            value = session.run(replaced(structure, leaves.__getitem__))
            expected = replaced(structure, results.__getitem__)
            assert value == expected
            assert types(value) == types(expected)


@given(st.lists(st.sampled_from(["a", "A", "a_1", "a_1_1", "b", "b_2", "a/b", "s/"]), max_size=25))
def test_names_are_unique_in_any_order(names):
    with tg.Graph().as_default() as graph:
        with_scopes = []
        for name in names:
            if name == "s/":
                with graph.name_scope("a"):
                    with_scopes.append(tg.constant(1.0, name="b"))
            else:
                with_scopes.append(tg.constant(1.0, name=name))
        made = [t.op.name.lower() for t in with_scopes]
        assert len(set(made)) == len(made)
        assert all(graph.get_operation_by_name(t.op.name) is t.op for t in with_scopes)


# Random programs

UNARY = [tg.sin, tg.sigmoid, tg.tanh, tg.negative, tg.square, lambda t: tg.exp(t * 0.3)]
BINARY = [tg.add, tg.subtract, tg.multiply, lambda a, b: a / (tg.square(b) + 1.0), tg.matmul, tg.squared_difference]


@st.composite
def programs(draw):
    """A list of steps (function, operand indices): a DAG over two 2×2 inputs."""
    steps = []
    for i in range(draw(st.integers(1, 12))):
        if draw(st.booleans()):
            steps.append((draw(st.sampled_from(UNARY)), (draw(st.integers(0, i + 1)),)))
        else:
            steps.append((draw(st.sampled_from(BINARY)), (draw(st.integers(0, i + 1)), draw(st.integers(0, i + 1)))))
    return steps


def built(program, inputs):
    nodes = list(inputs)
    for function, operands in program:
        nodes.append(function(*[nodes[i] for i in operands]))
    return nodes


INPUTS = [np.array([[0.3, -0.7], [0.2, 0.5]]), np.array([[-0.4, 0.1], [0.6, 0.9]])]


@given(programs())
def test_gradients_of_random_programs(program):
    """Against central differences in a random direction, and once more for the gradient of the gradient."""
    with tg.Graph().as_default():
        inputs = [tg.placeholder(tg.float64, [2, 2]) for _ in INPUTS]
        y = built(program, inputs)[-1]
        session = tg.Session()
        feeds = dict(zip(inputs, INPUTS, strict=True))
        assume(np.abs(session.run(y, feeds)).max() < 1e3)
        total = tg.reduce_sum(y)
        slopes = tg.gradients(total, inputs, unconnected_gradients="zero")
        direction = [np.array([[0.5, -1.0], [0.25, 2.0]]), np.array([[1.5, 0.5], [-0.75, 1.0]])]
        slope = tg.add_n([tg.reduce_sum(g * d) for g, d in zip(slopes, direction, strict=True)])
        curves = tg.gradients(slope, inputs, unconnected_gradients="zero")
        curve = tg.add_n([tg.reduce_sum(g * d) for g, d in zip(curves, direction, strict=True)])

        def at(h):
            return session.run(
                [total, slope], {t: v + h * d for t, v, d in zip(inputs, INPUTS, direction, strict=True)}
            )

        h = 1e-5
        (ahead, slope_ahead), (behind, slope_behind) = at(h), at(-h)
        exact, exact_curve = session.run([slope, curve], feeds)
        scale = max(1.0, abs(ahead), abs(exact), abs(exact_curve))
        assert abs((ahead - behind) / (2 * h) - exact) < 1e-6 * scale
        assert abs((slope_ahead - slope_behind) / (2 * h) - exact_curve) < 1e-5 * scale


@given(programs(), st.data())
def test_feeding_any_part_of_a_program(program, data):
    """A plan with fed intermediate tensors equals the program evaluated with these values put in; run after run."""
    with tg.Graph().as_default():
        inputs = [tg.placeholder(tg.float64, [2, 2]) for _ in INPUTS]
        nodes = built(program, inputs)
        fed = data.draw(st.sets(st.sampled_from(range(2, len(nodes)))))
        wanted = data.draw(st.lists(st.sampled_from(range(len(nodes))), min_size=1, max_size=4))
        overrides = {i: values((2, 2)) * 0.1 * (i + 1) for i in fed}
        feeds = {**dict(zip(inputs, INPUTS, strict=True)), **{nodes[i]: v for i, v in overrides.items()}}
        session = tg.Session()
        runs = [session.run([nodes[i] for i in wanted], feeds) for _ in range(3)]
    direct = [tg.constant(v) for v in INPUTS]
    for i, (function, operands) in enumerate(program, start=2):
        direct.append(tg.constant(overrides[i]) if i in fed else function(*[direct[k] for k in operands]))
    for found in runs:
        for value, i in zip(found, wanted, strict=True):
            np.testing.assert_array_equal(value, direct[i].numpy())


@given(programs())
def test_interpreted_and_compiled_runs_agree_bit_for_bit(program):
    with tg.Graph().as_default():
        inputs = [tg.placeholder(tg.float64, [2, 2]) for _ in INPUTS]
        nodes = built(program, inputs)
        fetches = nodes + tg.gradients(nodes[-1], inputs, unconnected_gradients="zero")
        feeds = dict(zip(inputs, INPUTS, strict=True))
        session = tg.Session()
        first, second = session.run(fetches, feeds), session.run(fetches, feeds)
        one_by_one = [session.run(f, feeds) for f in fetches]
    for a, b, c in zip(first, second, one_by_one, strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a, c)


@given(st.lists(st.tuples(st.sampled_from(["add", "double", "read"]), st.integers(0, 2)), min_size=1, max_size=10))
def test_state_programs_follow_their_control_dependencies(program):
    """A chain of assignments and reads, each after the one before, gives what Python gives."""
    with tg.Graph().as_default() as graph:
        variables = [tg.Variable(float(k + 1)) for k in range(3)]
        expected, last, reads, results = [1.0, 2.0, 3.0], [], [], []
        for kind, k in program:
            with graph.control_dependencies(last):
                v = variables[k]
                if kind == "add":
                    last = [v.assign_add(1.0).op]
                    expected[k] += 1.0
                elif kind == "double":
                    last = [v.assign(v.read_value() * 2.0).op]
                    expected[k] *= 2.0
                else:
                    reads.append(v.read_value())
                    results.append(expected[k])
                    last = [reads[-1].op]
        session = tg.Session()
        session.run([v.initializer for v in variables])
        assert session.run([reads, last]) == [results, [None]]
        assert session.run(variables) == expected


@given(st.permutations(range(6)))
def test_order_of_fetches_changes_nothing(order):
    with tg.Graph().as_default():
        w = tg.Variable(2.0)
        fetches = [w.value(), w * 3.0, w.assign_add(1.0), w.assign(w * 10.0), w.value() + 1.0, tg.square(w)]
        session = tg.Session()
        value = session.run([fetches[i] for i in order])
        expected = [2.0, 6.0, 3.0, 20.0, 3.0, 4.0]
        assert value == [expected[i] for i in order]
        assert session.run(w) == 20.0


@given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4))
def test_matmul_of_any_sizes(n, k, m):
    a, b = values((n, k)), values((k, m))
    for known in itertools.product([None, (None, None)], repeat=2):
        np.testing.assert_allclose(evaluate(tg.matmul, a, b, known=list(known)), a @ b, rtol=1e-12)
