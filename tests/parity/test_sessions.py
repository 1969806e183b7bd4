"""Sessions, names and state behave as TensorFlow's."""

import collections

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from parity.harness import both

Pair = collections.namedtuple("Pair", "left right")
quick = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def described(value):
    """A fetched value with the types of its containers and leaves."""
    if isinstance(value, dict):
        return [type(value).__name__, [[k, described(v)] for k, v in value.items()]]
    if isinstance(value, (list, tuple)):
        return [type(value).__name__, [described(v) for v in value]]
    return [type(value).__name__, str(getattr(value, "dtype", "")), repr(np.asarray(value).tolist())]


FETCHES = {
    "tensor": lambda a, b: a,
    "scalar": lambda a, b: b,
    "name": lambda a, b: "a:0",
    "operation": lambda a, b: a.op,
    "operation name": lambda a, b: "a",
    "list": lambda a, b: [a, b, a],
    "tuple": lambda a, b: (a, (b, a.op)),
    "empty": lambda a, b: [],
    "empty parts": lambda a, b: [[], (), {}, a],
    "dict": lambda a, b: {"x": a, "y": [b, b], 3: {"z": a}},
    "ordered": lambda a, b: collections.OrderedDict([("y", b), ("x", a)]),
    "default dict": lambda a, b: collections.defaultdict(list, {"x": a}),
    "named tuple": lambda a, b: Pair(a, Pair(b, [a])),
}


@pytest.mark.parametrize("name", FETCHES)
def test_fetch_structures(name):
    def build(tf):
        a, b = tf.constant([[1.0, 2.0]], name="a"), tf.constant(3, name="b")
        with tf.Session() as session:
            return [described(session.run(FETCHES[name](a, b)))]

    both(build)


def test_strings_and_odd_dtypes_come_back_alike():
    def build(tf):
        tensors = [
            tf.constant("text"), tf.constant(["a", "bc"]), tf.constant([[True], [False]]), tf.constant(1.5, tf.float16),
            tf.constant(7, tf.uint8), tf.constant(1 + 2j), tf.constant([], tf.int64), tf.zeros([0, 3]),
        ]  # fmt: skip
        with tf.Session() as session:
            return (
                [described(session.run(t)) for t in tensors] + [t.dtype for t in tensors] + [t.shape for t in tensors]
            )

    both(build)


FEEDS = [
    ("float32", 1), ("float32", [1, 2.5]), ("float32", np.float64(1.1)), ("float32", (1, 2)), ("int32", True),
    ("int32", 2.7), ("int64", np.int8(3)), ("bool", [0, 2]), ("string", "a"), ("string", ["a", "b"]), ("float64", [[]]),
    ("uint8", np.array([1, 2])), ("complex64", 1.5), ("float16", 1e-3),
]  # fmt: skip


def test_what_feeds_become():
    def build(tf):
        found = []
        with tf.Session() as session:
            for dtype, value in FEEDS:
                x = tf.placeholder(dtype)
                found.append(described(session.run(tf.identity(x), {x: value})))
        return found

    both(build)


def test_feeding_other_tensors_than_placeholders():
    def build(tf):
        c, v = tf.constant(2.0), tf.Variable(3.0, name="v")
        y = c * v
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            return [
                float(x)
                for x in (
                    session.run(y),
                    session.run(y, {c: 5.0}),
                    session.run(y, {"v/read:0": 7.0}),
                    session.run(y, {v.value(): 7.0}),
                    session.run(y, {y: 1.5}),
                    session.run(v, {v: 9.0}),
                    session.run(v),
                    session.run(y, {"Const:0": 4.0, "v:0": 4.0}),
                )
            ]

    both(build)


def test_order_of_assignments_and_reads():
    def build(tf):
        v = tf.Variable(1.0)
        double = v.assign(v * 2.0)
        with tf.get_default_graph().control_dependencies([double]):
            after = v.read_value()
            add = v.assign_add(10.0)
        with tf.get_default_graph().control_dependencies([add]):
            last = tf.identity(v.read_value() * 1.0)
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            return [float(session.run(fetch)) for fetch in (double, after, add, last, v, v.value())]

    both(build)


def test_a_variable_is_seen_as_it_is_when_it_is_used():
    """Ops made under `control_dependencies` use w itself, without `read_value`: each sees w at its turn."""

    def build(tf):
        w = tf.Variable(1.0, name="w")
        with tf.control_dependencies([w.assign_add(1.0)]):
            found = [
                w * 10.0,
                tf.identity(w),
                tf.add(w, w),
                tf.stack([w, 0.0]),
                tf.cast(w, tf.int32),
                w.assign(w * 2.0),
            ]
        before = w * 1.0
        with tf.control_dependencies([before]):
            found.append(w.assign_sub(0.5))
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            return [session.run(f).tolist() for f in found] + [session.run([before, found[-1]]), session.run(w.value())]

    both(build)


def test_average_with_the_step_just_counted():
    """The usual form: apply under the step, with the global step as `num_updates`."""

    def build(tf):
        w = tf.Variable([1.0, 2.0])
        count = tf.Variable(0, trainable=False)
        step = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(w * w), global_step=count)
        average = tf.train.ExponentialMovingAverage(0.9, num_updates=count)
        with tf.control_dependencies([step]):
            train = average.apply([w])
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            for _ in range(3):
                session.run(train)
            return session.run([average.average(w), count])

    both(build)


def test_initial_values_that_depend_on_other_variables():
    def build(tf):
        a = tf.Variable([1.0, 2.0], name="a")
        b = tf.Variable(a.initialized_value() * 2.0, name="b")
        c = tf.Variable(lambda: tf.constant(3.0), name="c", trainable=False)
        names = [v.name for v in tf.global_variables()] + [v.name for v in tf.trainable_variables()]
        return [a, b, c, names, b.op.type, b.dtype, b.shape]

    both(build)


@quick
@given(st.lists(st.sampled_from(["a", "A", "a_1", "a_1_1", "B", "b", "a/b", "(", "a/", ")", "root"]), max_size=14))
def test_names_are_tensorflows(program):
    """Names in scopes, re-used, re-opened and clashing, in any order."""

    def build(tf):
        made, scopes = [], []
        for step in program:
            if step == "(":
                scopes.append(tf.name_scope("a"))
                made.append(scopes[-1].__enter__())
            elif step == "root":
                scopes.append(tf.name_scope("a/"))
                made.append(scopes[-1].__enter__())
            elif step == ")":
                if scopes:
                    scopes.pop().__exit__(None, None, None)
            else:
                made.append(tf.constant(1.0, name=step.rstrip("/")).name)
        while scopes:
            scopes.pop().__exit__(None, None, None)
        return made

    both(build)


UNARY = [lambda tf, t: tf.sigmoid(t), lambda tf, t: -t, lambda tf, t: tf.square(t), lambda tf, t: tf.exp(t * 0.3),
         lambda tf, t: tf.reduce_sum(t, 1, keepdims=True) + t, lambda tf, t: tf.nn.softmax(t)]  # fmt: skip
BINARY = [lambda tf, a, b: a + b, lambda tf, a, b: a - b, lambda tf, a, b: a * b, lambda tf, a, b: tf.matmul(a, b),
          lambda tf, a, b: a / (tf.square(b) + 1.0)]  # fmt: skip


@st.composite
def programs(draw):
    steps = []
    for i in range(draw(st.integers(2, 8))):
        kind = draw(st.sampled_from([UNARY, BINARY]))
        steps.append((draw(st.sampled_from(kind)), [draw(st.integers(0, i + 1)) for _ in range(1 + (kind is BINARY))]))
    return steps


@quick
@given(programs())
def test_random_programs_and_their_gradients(program):
    def build(tf, a, b):
        nodes = [a, b]
        for function, operands in program:
            nodes.append(function(tf, *[nodes[i] for i in operands]))
        return nodes[-1]

    both(build, np.array([[0.3, -0.7], [0.2, 0.5]]), np.array([[-0.4, 0.1], [0.6, 0.9]]), second=True)
