"""Variables, what changes them, variable scopes and templates against TensorFlow."""

import numpy as np
import pytest
from parity.harness import EXACT, both, both_eager, both_raise

ROWS = np.arange(8.0, dtype=np.float32).reshape(4, 2) + 1
HOWS = ["update", "add", "sub", "mul", "div", "min", "max"]


def rows(tf, dtype=np.float32):
    return tf.Variable(ROWS.astype(dtype), name="rows")


# Scatter updates


@pytest.mark.parametrize("how", HOWS)
def test_scatter(how):
    def build(tf):
        f = getattr(tf, f"scatter_{how}")
        return [
            f(rows(tf), [0, 2, 0], [[5.0, 7.0], [2.0, 3.0], [4.0, 2.0]]),
            f(rows(tf), [[1], [3]], [[[5.0, 7.0]], [[2.0, 3.0]]]),
            f(rows(tf), 3, [5.0, 7.0]),
            f(rows(tf), [1, 3], 5.0),
            f(tf.Variable([7, -7, 3]), [0, 1, 0], [2, 2, 3]),
            f(tf.Variable([7.0, -7.0, 3.0]), np.array([2, 2]), [2.0, 5.0], name="here"),
        ]

    both(build, runs=2, names="outputs")


@pytest.mark.parametrize("how", ["update", "add", "sub"])
def test_scatter_nd(how):
    def build(tf):
        f = getattr(tf, f"scatter_nd_{how}")
        return [
            f(tf.Variable([1.0, 2.0, 3.0]), [[0], [2], [0]], [5.0, 7.0, 2.0]),
            f(rows(tf), [[0, 1], [1, 0]], [5.0, 7.0]),
            f(rows(tf), [[2]], [[5.0, 7.0]]),
            f(rows(tf), [[[2]], [[0]]], [[[5.0, 7.0]], [[1.0, 2.0]]]),
        ]

    both(build, runs=2, names="outputs")


@pytest.mark.parametrize(
    "snippet",
    [
        "scatter_add(v, [0, 4], r)",
        "scatter_update(v, [0, -1], r)",
        "scatter_mul(v, tf.constant([[0, 9]]), [r])",
        "scatter_add(v, [0, 1], [1., 2.])",
        "scatter_add(v, [0, 1], [1., 2., 3.])",
        "scatter_add(v, [0., 1.], r)",
        "scatter_add(tf.Variable(1.), 0, 1.)",
        "scatter_add(v, [0], [[1, 2]] * tf.constant(1))",
        "scatter_nd_add(v, [[0], [4]], r)",
        "scatter_nd_update(v, [[0, 2]], [1.])",
        "scatter_nd_update(v, [[0, 1]], [1., 2.])",
        "scatter_nd_update(v, [[0, 1, 0]], [1.])",
        "assign(v, [1., 2.])",
        "assign(v, tf.constant(1))",
        "assign(v, tf.placeholder_with_default(r, None))",
        "assign_add(v, 1.)",
        "assign_sub(v, tf.placeholder_with_default(r, None))",
        "count_up_to(tf.Variable(3), 3)",
        "count_up_to(tf.Variable(3.), 5)",
        "Variable(tf.placeholder_with_default(r, None))",
        "Variable(1., collections='a')",
        "Variable(1., constraint=1)",
        "Variable(tf.constant(1), dtype=tf.float32)",
        "Variable()",
        "tuple([None])",
        "tuple([r], control_inputs=[3.])",
        "group(3)",
    ],
)
def test_refuses(snippet):
    def build(tf):
        r = tf.constant([[1.0, 2.0], [3.0, 4.0]])
        return eval(f"tf.{snippet}", {"tf": tf, "v": rows(tf), "r": r})

    theirs, mine = both_raise(build, moment=False)
    assert type(mine).__name__ == type(theirs).__name__


# Variables


def test_methods():
    def build(tf):
        v = tf.Variable([1.0, 2.0], name="v")
        slices = tf.IndexedSlices(tf.constant([3.0]), tf.constant([1]))
        found = [v, v.value(), v.read_value(), v.initialized_value()]
        found += [v.assign([3.0, 4.0]), v.assign_add([1.0, 1.0]), v.assign_sub([2.0, 2.0])]
        found += [getattr(v, f"scatter_{how}")(slices) for how in HOWS]
        found += [getattr(v, f"scatter_nd_{how}")([[0]], [9.0]) for how in ("update", "add", "sub")]
        found += [tf.Variable(3).count_up_to(5)]
        return [t + 0 if i < 4 else t.op.type for i, t in enumerate(found)] + [
            v.name, v.dtype.name, v.op.name, v.initializer.name, v.initial_value.name, v.trainable, str(v), v.shape,
            v == v, v.assign([1.0, 2.0], read_value=False).type, v.constraint,
        ]  # fmt: skip

    both(build, static="admits")


def test_initial_values():
    def build(tf):
        a = tf.Variable([1.0, 2.0], name="a")
        b = tf.Variable(a * 2.0, name="b")
        c = tf.Variable(a.initialized_value() + 1.0, name="c")
        made = [
            tf.Variable(lambda: tf.zeros([2])), tf.Variable(lambda: [1.0, 2.0], name="f"), tf.Variable([1, 2]),
            tf.Variable([1, 2], dtype=tf.float64), tf.Variable(np.ones(2)), tf.Variable(True), tf.Variable("text"),
        ]  # fmt: skip
        names = [(v.name, v.dtype.name, v.initial_value.name) for v in made]
        return [tf.identity(v) for v in (b, c, *made)], str(names)

    both(build)


def test_count_up_to_ends():
    def build(tf):
        v = tf.Variable(0)
        return v.count_up_to(3)

    assert both(build, runs=3) == 0


def test_load_and_two_sessions():
    def build(tf):
        v = tf.Variable([1.0, 2.0])
        with tf.Session() as one, tf.Session() as two:
            for s in (one, two):
                s.run(v.initializer)
            v.load([5.0, 6.0], one)
            found = [v.eval(one), v.eval(two), v.eval()]
            v.load([7.0, 8.0])
            return [*map(str, found), str(two.run(v))]

    both(build)


def test_order_of_effects():
    def build(tf):
        v = tf.Variable(1.0)
        with tf.control_dependencies([v.assign_add(1.0)]):
            after = v.read_value() * 10.0
        with tf.control_dependencies([after]):
            last = v.assign(after)
        return after, tf.group(last), last * 1.0

    both(build, runs=3)


def test_group_and_tuple():
    def build(tf):
        a, b = tf.constant(1.0), tf.constant(2.0)
        tf.group(a, [b, {"c": a}])
        tf.group(name="nothing")
        return tf.tuple([a, None, b]), tf.tuple([a], name="mine", control_inputs=[tf.no_op()])

    both(build, names=True)


def test_report_uninitialized_variables():
    def build(tf):
        a, _ = tf.Variable(1.0, name="a"), tf.Variable(1.0, name="b")
        with tf.Session() as session:
            report, known = tf.report_uninitialized_variables(), tf.is_variable_initialized(a)
            before = session.run([report, known])
            session.run(a.initializer)
            return str([before, session.run([report, known])])

    both(build)


def test_eager_variables():
    def build(tf):
        v = tf.Variable([1.0, 2.0])
        changed = [v.assign([3.0, 4.0]) + 0.0, v.assign_add([1.0, 1.0]) + 0.0, v.assign_sub([0.5, 0.5]) + 0.0]
        v.scatter_nd_update([[0]], [7.0])
        return [
            v + 1.0,
            v[0],
            tf.reduce_sum(v),
            v.read_value(),
            *changed,
            v.sparse_read([1, 1]),
            v.shape.as_list(),
            v.numpy().tolist(),
        ]

    both_eager(build)
    for value in ([1.0, 2.0, 3.0], 1.0):
        both_raise(lambda tf, value=value: tf.Variable([1.0, 2.0]).assign(value), ValueError, eager=True)


# Variable scopes: each snippet sets `out`

SCOPES = {
    "re-entered": """
with tf.variable_scope('s', initializer=tf.ones_initializer(), dtype=tf.float64) as s:
    w = get('w', [2])
    with tf.variable_scope('t') as u: x = get('w', [2])
    out += [s.name, s.original_name_scope, u.name, u.original_name_scope, s.reuse, s.dtype.name]
with tf.variable_scope(s): out += [tf.constant(1., name='c').name]
with tf.variable_scope('q'):
    with tf.variable_scope(s, reuse=True) as again:
        out += [get('w', [2]) is w, tf.constant(1., name='c').name, again.name, again.original_name_scope, again.reuse]
with tf.variable_scope(s, auxiliary_name_scope=False) as bare:
    out += [tf.constant(1., name='c').name, bare.original_name_scope]
    with tf.name_scope(bare.original_name_scope): out += [tf.constant(1., name='c').name]
with tf.variable_scope('ax', auxiliary_name_scope=False) as bare:
    out += [tf.constant(1., name='c').name, bare.original_name_scope, get('w', [1]).name]
out += [w.name, w.dtype.name, x.name]
""",
    "default names": """
with tf.variable_scope('a'):
    for _ in range(2):
        with tf.variable_scope(None, default_name='b'): out += [get('w', [1]).name, tf.no_op().name]
with tf.variable_scope('a'):
    with tf.variable_scope(None, default_name='b'): out += [get('x', [1]).name]
with tf.variable_scope('c') as s:
    with tf.variable_scope(None, default_name='b'): out += [get('w', [1]).name]
with tf.variable_scope(s):
    with tf.variable_scope(None, default_name='b'): out += [get('x', [1]).name]
with tf.variable_scope('d/e'): out += [get('w', [1]).name, tf.no_op().name]
with tf.variable_scope('given', default_name='b'): out += [get('w', [1]).name]
with tf.name_scope('n'):
    with tf.variable_scope('v'): out += [get('w', [1]).name, tf.no_op().name, tf.Variable(1.).name]
    out += [get('w', [1]).name]
with tf.variable_scope(''): out += [tf.no_op().name, get('root', [1]).name]
with tf.variable_scope(tf.get_variable_scope()): out += [tf.no_op().name]
with tf.variable_op_scope([], 'vo', 'd') as s: out += [s.name, tf.no_op().name]
""",
    "reuse": """
with tf.variable_scope('a', reuse=tf.AUTO_REUSE) as s:
    out += [get('w', [1]) is get('w', [1])]
    with tf.variable_scope('b') as u: out += [u.reuse is tf.AUTO_REUSE]
with tf.variable_scope('a', reuse=True):
    with tf.variable_scope('b', reuse=False) as u: out += [u.reuse]
    out += [get('w').name]
with tf.variable_scope('a'):
    tf.get_variable_scope().reuse_variables()
    out += [get('w', [1]).name, tf.get_variable_scope().reuse]
out += [tf.get_variable_scope().reuse]
""",
    "collections": """
with tf.variable_scope('s') as s: get('a', [1]); get('b', [1], trainable=False)
get('c', [1], collections=['mine'])
tf.get_local_variable('l', [2])
out += [[v.name for v in f()] for f in (s.global_variables, s.trainable_variables, s.local_variables,
        tf.global_variables, tf.trainable_variables, tf.local_variables)]
out += [[v.name for v in tf.get_collection('mine')], [v.name for v in tf.get_collection('variables', 's')]]
out += [tf.get_variable('i', [2], tf.int32).dtype.name, tf.get_variable('f', [2], tf.bool).dtype.name]
""",
    "custom getter": """
log = []
def logged(getter, name, *args, **kwargs):
    log.append((name, sorted(kwargs)))
    return getter(name, *args, **kwargs)
def doubled(getter, *args, **kwargs): return getter(*args, **kwargs) * 2.
with tf.variable_scope('a', custom_getter=logged):
    with tf.variable_scope('b', custom_getter=logged): out += [get('w', [1]).name]
    out += [get('z', [1], custom_getter=doubled).name]
with tf.variable_scope('d', custom_getter=doubled): out += [get('w', [1]).name]
out += [log]
""",
    "regularizers": """
penalty = lambda v: tf.reduce_sum(v, name='penalty')
with tf.variable_scope('s', regularizer=penalty):
    get('w', [2]); get('b', [2], regularizer=tf.no_regularizer)
    with tf.variable_scope('t', reuse=tf.AUTO_REUSE): get('w', [2]); get('w', [2])
out += [len(tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES))]
""",
    "templates": """
def net(x, scale): return x * get('w', []) * scale
one = tf.make_template('net', net, scale=3.)
out += [one(tf.constant(1.)).name, one(tf.constant(2.)).name]
two = tf.make_template('net', net, create_scope_now_=True, scale=3.)
three = tf.make_template('net', net, unique_name_='own', scale=3.)
out += [two(tf.constant(1.)).name, three(tf.constant(1.)).name, one.name, one.variable_scope.name]
out += [[v.name for v in tf.global_variables()], [v.name for v in one.trainable_variables]]
""",
    "initializers": """
made = [tf.get_variable('a', initializer=tf.constant([1., 2.])), tf.get_variable('b', initializer=[1, 2]),
        tf.get_variable('c', initializer=lambda: tf.zeros([3])),
        tf.get_variable('d', [3], initializer=tf.zeros_initializer),
        tf.get_variable('e', [3], initializer=lambda shape, dtype, partition_info=None: tf.zeros(shape, dtype)),
        tf.get_variable('f', [2, 2])]
out += [(v.name, v.dtype.name, v.shape.as_list(), v.initial_value.name) for v in made]
""",
}


def run_scope(tf, snippet):
    def get(name, shape=None, **options):
        return tf.get_variable(
            name, shape, **{"initializer": None if shape is None else tf.zeros_initializer(), **options}
        )

    names = {"tf": tf, "get": get, "out": []}
    exec(snippet, names)
    return names["out"]


@pytest.mark.parametrize("snippet", SCOPES.values(), ids=SCOPES)
def test_scopes(snippet):
    both(lambda tf: str(run_scope(tf, snippet)))


WRONG = {
    "twice": "get('w', [2]); get('w', [2])",
    "twice in a scope": "with tf.variable_scope('s'): get('w', [2]); get('w', [2])",
    "nothing to reuse": "with tf.variable_scope('s', reuse=True): get('w', [2])",
    "other shape": "get('w', [2])\nwith tf.variable_scope(tf.get_variable_scope(), reuse=True): get('w', [3])",
    "other type": "get('w', [2])\nwith tf.variable_scope('', reuse=True): get('w', [2], dtype=tf.float64)",
    "no shape": "tf.get_variable('w')",
    "value and shape": "tf.get_variable('w', [2], initializer=[1., 2.])",
    "list of another type": "tf.get_variable('w', initializer=[1.], dtype=tf.float64)",
    "value of another type": "tf.get_variable('w', initializer=tf.constant(1), dtype=tf.float32)",
    "no name": "tf.variable_scope(None).__enter__()",
    "number": "tf.variable_scope(3).__enter__()",
    "reuse without name": "tf.variable_scope(None, 'x', reuse=True).__enter__()",
    "reuse of 3": "tf.variable_scope('x', reuse=3).__enter__()",
    "template": "t = tf.make_template('q', lambda: tf.Variable(1.)); t(); t()",
}


@pytest.mark.parametrize("snippet", WRONG.values(), ids=WRONG)
def test_scopes_refuse(snippet):
    theirs, mine = both_raise(lambda tf: run_scope(tf, snippet))
    first = str(theirs).splitlines()[0]
    if "type '" not in first:  # types print in the other form
        assert str(mine).splitlines()[0] == first


def test_initial_values_of_get_variable():
    def build(tf):
        tf.set_random_seed(3)
        return [tf.identity(tf.get_variable("w", [3, 2])), tf.identity(tf.get_variable("b", [2], tf.float64))]

    both(build, tolerance=EXACT)
