"""The learner's library, as it stands at the ends of chapters 7 and 9, computes what TensorGlass computes.

Random graphs of all its operations, with broadcasting and shared nodes: values, gradients, gradients of gradients.
"""

import numpy as np
import pytest

import tensorglass as tg
from tensorglass.course import show
from tensorglass.course.library import LAST, library
from tensorglass.course.show import _KINDS, _translated

SHAPES = [(), (3,), (1, 3), (2, 3), (2, 1)]
UNARY = ["sigmoid", "tanh", "negative", "softmax", "relu", "log", "reduce_sum", "transpose"]
BINARY = ["add", "multiply", "divide", "matmul"]
SEEDS = 16


def grown(small, random, steps=12):
    """A random graph: its loss, the variables behind it, and a feed for its placeholder."""
    known = [kind for kind in UNARY + BINARY if hasattr(small, kind)]
    variables = [small.Variable(random.uniform(0.5, 1.5, shape), name=f"v{i}") for i, shape in enumerate(SHAPES)]
    fed = small.placeholder(name="fed")
    feeds = {fed: random.uniform(0.5, 1.5, (2, 3))}
    shapes = {**{v: v.initial_value.shape for v in variables}, fed: (2, 3)}
    session = small.Session()

    def add(node):
        shapes[node] = np.shape(session.run(node, feeds))

    for _ in range(steps):
        nodes = list(shapes)
        x, y = (nodes[random.randint(len(nodes))] for _ in range(2))
        kind = known[random.randint(len(known))]
        make = getattr(small, kind)
        if kind == "log":
            add(make(x * x + 0.5))
        elif kind == "divide":
            if (2, 2) not in (shapes[x], shapes[y]):
                add(make(x, y * y + 0.5))
        elif kind == "softmax":
            if shapes[x]:
                add(make(x))
        elif kind == "transpose":
            if len(shapes[x]) == 2:
                add(make(small.transpose(x)) if random.randint(2) else x.T.T)
        elif kind == "reduce_sum":
            axes = [None, *range(len(shapes[x]))]
            add(make(x, axis=axes[random.randint(len(axes))], keepdims=bool(random.randint(2))))
        elif kind == "matmul":
            if shapes[x] == (2, 3):
                add(make(x, variables[2].T if "transpose" in known else random.uniform(0.5, 1.5, (3, 2))))
        elif kind in BINARY:
            try:
                np.broadcast_shapes(shapes[x], shapes[y])
            except ValueError:
                continue
            add(make(x, y))
        else:
            add(make(x))
    ends = [node for node in shapes if not node.consumers] or [fed]
    loss = small.reduce_sum((small.tanh if "tanh" in known else small.sigmoid)(ends[0]))
    for node in ends[1:]:
        loss = loss + small.reduce_sum(small.sigmoid(node) * 0.5)
    return loss, variables, feeds


@pytest.mark.parametrize("seed", range(SEEDS))
def test_values_and_gradients_to_second_order(seed):
    small = library(LAST)
    random = np.random.RandomState(seed)
    loss, variables, feeds = grown(small, random)
    session = small.Session()
    first = small.gradients(loss, variables)
    total = small.constant(0.0)
    for g in first:
        if g is not None:
            total = total + small.reduce_sum(g * g)
    second = small.gradients(total, variables)

    graph = tg.Graph()
    with graph.as_default():
        made = _translated([loss, *variables], feeds, {})
        at = {made[node]: value for node, value in feeds.items() if node in made}
        theirs = tg.gradients(made[loss], [made[v] for v in variables])
        reached = [tg.reduce_sum(tg.square(g)) for g in theirs if g is not None]
        again = tg.gradients(tg.add_n(reached), [made[v] for v in variables]) if reached else [None] * len(variables)
        there = tg.Session(backend="numpy")
        for node in (n for n in made if n not in feeds):
            compare(session.run(node, feeds), there.run(made[node], at))
        for ours, others, tolerance in [(first, theirs, 1e-11), (second, again, 1e-8)]:
            for v, mine, g in zip(variables, ours, others, strict=True):
                zeros = np.zeros(v.initial_value.shape)  # None: nothing flows back
                value = zeros if mine is None else session.run(mine, feeds)
                compare(value, zeros if g is None else there.run(g, at), tolerance)


@pytest.mark.parametrize("seed", range(SEEDS // 2))
def test_the_reverse_pass_of_arrays(seed):
    """Chapter 6's `backpropagate`, before gradients are nodes."""
    small = library(7)
    loss, variables, feeds = grown(small, np.random.RandomState(100 + seed))
    values = small.Session().evaluate([loss], feeds)
    table = small.backpropagate(loss, values)
    with tg.Graph().as_default():
        made = _translated([loss], feeds, {})
        at = {made[node]: value for node, value in feeds.items() if node in made}
        used = [v for v in variables if v in made]
        assert used
        theirs = tg.Session(backend="numpy").run(tg.gradients(made[loss], [made[v] for v in used]), at)
    for v, g in zip(used, theirs, strict=True):
        compare(table[v], g)


def compare(mine, theirs, tolerance=1e-11):
    assert np.shape(mine) == np.shape(theirs)
    scale = max(1.0, np.abs(theirs).max())
    np.testing.assert_allclose(mine, theirs, rtol=tolerance, atol=tolerance * scale)


def test_the_random_graphs_have_all_operations():
    small, kinds = library(LAST), set()
    for seed in range(SEEDS):
        loss, _, _ = grown(small, np.random.RandomState(seed))
        first = small.gradients(loss, [node for node in small.postorder([loss]) if type(node).__name__ == "Variable"])
        kinds |= {type(node).__name__ for node in small.postorder([g for g in first if g is not None])}
    assert set(_KINDS) <= kinds | {"positive"}


def test_training_steps_are_tensorglass_s():
    small = library(LAST)
    x, w = small.placeholder(name="x"), small.Variable([[0.5], [-0.2]], name="w")
    loss = small.reduce_sum(small.sigmoid(x @ w))
    train = small.GradientDescentOptimizer(0.25).minimize(loss)
    session = small.Session()
    points = [np.random.RandomState(i).randn(4, 2) for i in range(5)]
    with tg.Graph().as_default():
        tx, tw = tg.placeholder(tg.float64, [None, 2]), tg.Variable([[0.5], [-0.2]], dtype=tg.float64)
        step = tg.train.GradientDescentOptimizer(0.25).minimize(tg.reduce_sum(tg.sigmoid(tg.matmul(tx, tw))))
        there = tg.Session(backend="numpy")
        for batch in points:
            session.run(train, {x: batch})
            there.run(step, {tx: batch})
            compare(session.run(w), there.run(tw))


def test_show_leaves_the_learners_session_and_graph_alone():
    small = library(LAST)
    w = small.Variable(2.0, name="w")
    loss = w * w
    train = small.GradientDescentOptimizer(0.1).minimize(loss)
    session = small.Session()
    session.run(train)
    before, nodes = dict(session.state), len(small.get_default_graph().nodes)
    trace = show([train, loss], session=session)
    assert session.state == before
    assert len(small.get_default_graph().nodes) == nodes
    values = {n["name"]: n for n in trace.document()["nodes"]}
    assert {"w", "multiply"} <= set(values)


def test_show_goes_back_through_an_operation_of_the_learners():
    small = library(LAST)

    class square(small.Operation):
        def __init__(self, x):
            super().__init__([x])

        def compute(self, x):
            return x * x

    square.compute = type(square.compute)(square.compute.__code__, vars(small), "compute")

    @small.RegisterGradient(square)
    def _(op, grad, z, x):
        return (2 * x * grad,)

    w = small.Variable(3.0, name="w")
    names = [n["name"] for n in show(square(w)).document()["nodes"]]
    assert "square" in names
    assert any("square_gradient" in name for name in names)


def test_a_changed_compute_is_shown_as_it_is():
    small = library(LAST)
    small.add.compute = lambda self, x, y: x + y + 100
    document = show(small.constant(1.0) + small.constant(2.0)).document()
    assert "103" in str(document)


def test_an_operation_written_in_a_cell_is_the_librarys():
    """Also where NumPy was imported in an earlier cell: Python then compiles `np.log(x)` to other instructions."""
    small = library(LAST)
    cell = "class log(Operation):\n    def compute(self, x):\n        return np.log(x)\n"
    exec(compile(cell, "a cell", "exec"), vars(small))
    w = small.Variable(3.0, name="w")
    run = show(small.log([w])).document()
    assert "Log" in {n["type"] for n in run["nodes"]}
    assert {step["phase"] for step in run["runs"][0]["steps"]} == {"forward", "reverse"}


def test_an_operation_with_another_number_is_the_learners():
    small = library(LAST)
    cell = "class sigmoid(Operation):\n    def compute(self, x):\n        return 2 / (1 + np.exp(-x))\n"
    exec(compile(cell, "a cell", "exec"), vars(small))
    types = {n["type"] for n in show(small.sigmoid([small.constant(0.0)])).document()["nodes"]}
    assert "sigmoid" in types
    assert "Sigmoid" not in types


def test_what_is_not_fed_is_told_as_the_small_library_tells_it():
    small = library(LAST)
    with pytest.raises(ValueError, match="You must feed a value for the placeholder 'x'"):
        show(small.placeholder(name="x") + 1.0)
