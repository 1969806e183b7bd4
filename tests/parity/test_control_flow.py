"""Branches and loops: TensorFlow's values, gradients, structures and errors."""

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from parity.harness import alike, both, both_eager

X, W = np.float32([0.5, -1.0, 2.0]), np.float32([1.5, 0.25, -0.5])
ROWS = np.float32([[1, 2], [3, 4], [5, 6]])


@pytest.mark.parametrize("pred", [True, False])
def test_cond(pred):
    def build(tf, p, x, w):
        y = tf.cond(p, lambda: x * w, lambda: tf.exp(x) + w)
        return y, tf.cond(p, lambda: (x, [w * 2.0]), lambda: (w, [x]))

    both(build, np.bool_(pred), X, W, grad=True)


def test_cond_structures():
    def build(tf, p):
        one, two = tf.constant(1.0), tf.constant(2.0)
        return [
            tf.cond(p, lambda: [one], lambda: [two]),
            tf.cond(p, lambda: [one], lambda: [two], strict=True),
            tf.cond(p, lambda: {"b": one, "a": two}, lambda: {"a": two, "b": one}),
            tf.cond(p, lambda: 1, lambda: 2),
            tf.cond(p, lambda: tf.constant([1.0]), lambda: tf.constant([1.0, 2.0])),
            tf.cond(np.bool_(True), lambda: one, lambda: two),
        ]

    both(build, np.bool_(True))
    both(build, np.bool_(False))


def test_cond_errors():
    for build in (
        lambda tf: tf.cond(tf.constant(True), tf.constant(1.0), tf.constant(2.0)),
        lambda tf: tf.cond(True, lambda: tf.constant(1.0), lambda: tf.constant(2.0)),
        lambda tf: tf.cond(tf.constant(1), lambda: tf.constant(1.0), lambda: tf.constant(2.0)),
        lambda tf: tf.cond(tf.constant([True]), lambda: tf.constant(1.0), lambda: tf.constant(2.0)),
        lambda tf: tf.cond(tf.constant(True), lambda: None, lambda: tf.constant(2.0)),
        lambda tf: tf.cond(tf.constant(True), lambda: tf.constant(1.0), lambda: None),
        lambda tf: tf.cond(tf.constant(True), lambda: tf.constant(1.0), lambda: tf.constant(2)),
        lambda tf: tf.cond(tf.constant(True), lambda: (tf.constant(1.0), tf.constant(2.0)), lambda: tf.constant(2.0)),
        lambda tf: tf.cond(tf.constant(True), lambda: (tf.constant(1.0),) * 2, lambda: [tf.constant(2.0)] * 2),
        lambda tf: tf.cond(tf.constant(True), list, list),
    ):
        alike(build)


def test_branches_change_variables():
    def build(tf):
        v, w = tf.Variable(1.0), tf.Variable(5.0)
        changed = tf.cond(v < 2.0, lambda: tf.assign(v, 3.0), lambda: tf.assign_add(v, 7.0))
        with tf.control_dependencies([changed]):
            return [changed + 0.0, w.read_value(), v.read_value()]

    both(build, runs=3, static=False)


def test_operations_in_branches():
    def build(tf):
        v, w = tf.Variable(1.0), tf.Variable(5.0)
        taken = tf.cond(v < 2.0, lambda: tf.assign(v, 3.0).op, lambda: tf.assign(w, 7.0).op)
        with tf.control_dependencies([taken]):
            return [taken, v.read_value(), w.read_value()]

    both(build, runs=3)


def test_variables_made_inside():
    def build(tf):
        def body():
            with tf.variable_scope("a"):
                return tf.get_variable("w", [2], initializer=tf.ones_initializer()) * 2.0

        y = tf.cond(tf.placeholder_with_default(True, []), body, lambda: tf.constant([1.0, 2.0]))
        z = tf.while_loop(lambda i: i < 3.0, lambda i: i + tf.get_variable("b", [], initializer=tf.ones_initializer()),
                          [tf.constant(0.0)])  # fmt: skip
        return y, z, [v.name for v in tf.global_variables()]

    both(build, static=False)


def test_case():
    def build(tf, x):
        return [
            tf.case([(x < 2, lambda: tf.constant(0)), (x < 5, lambda: tf.constant(1))], default=lambda: tf.constant(9)),
            tf.case([(x < 2, lambda: [x, x + 1])], default=lambda: [x - 1, x]),
            tf.switch_case(x, [lambda: tf.constant(1.0), lambda: tf.constant(2.0)]),
            tf.switch_case(x, {1: lambda: tf.constant(1.0), 0: lambda: tf.constant(2.0)}),
            tf.switch_case(x, [lambda: tf.constant(1.0)], default=lambda: tf.constant(2.0)),
        ]

    for x in (-1, 0, 1, 3, 7):
        both(build, np.int32(x), static=False)


def test_case_errors():
    for build in (
        lambda tf: tf.case(3),
        lambda tf: tf.case([(1, 2, 3)]),
        lambda tf: tf.case([(tf.constant(1), lambda: tf.constant(1))]),
        lambda tf: tf.case([(tf.constant(True), tf.constant(1))]),
        lambda tf: tf.case([(tf.constant(True), lambda: tf.constant(1))], default=3),
        lambda tf: tf.case([]),
        lambda tf: tf.case([(tf.constant(False), lambda: tf.constant(1))]),
        lambda tf: tf.case([(tf.constant(False), lambda: tf.constant(1))] * 2),
        lambda tf: tf.case([(tf.constant(True), lambda: tf.constant(1)), (tf.constant(True), lambda: tf.constant(2))],
                           exclusive=True, default=lambda: tf.constant(3)),
        lambda tf: tf.switch_case(tf.constant(5), {0: lambda: tf.constant(1.0), 5: lambda: tf.constant(2.0)}),
    ):  # fmt: skip
        alike(build)


def test_while_loop():
    def build(tf, x, w):
        i, y = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * w), (0, x))
        (z,) = tf.while_loop(
            lambda z: tf.reduce_sum(z) > -9.0, lambda z: [z - tf.exp(w)], [x], return_same_structure=True
        )
        return i, y, z

    both(build, X, W, grad=True)


def test_while_loop_structures():
    def build(tf):
        zero, one = tf.constant(0), tf.constant(1.0)
        return [
            tf.while_loop(lambda i: i < 3, lambda i: i + 1, [zero]),
            tf.while_loop(lambda i: i < 3, lambda i: [i + 1], [zero]),
            tf.while_loop(lambda i: i < 3, lambda i: [i + 1], [zero], return_same_structure=True),
            tf.while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, x * 2.0), (zero, one)),
            tf.while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, [x[1], x[0]]), (zero, [one, one + 1.0])),
            tf.while_loop(lambda i: i < 10, lambda i: i + 1, [0], maximum_iterations=4),
            tf.while_loop(lambda i: i < 10, lambda i: i + 1, [0], maximum_iterations=tf.constant(4)),
        ]

    both(build)


def test_while_loop_shapes_that_grow():
    def build(tf):
        return tf.while_loop(
            lambda i, x: i < 3, lambda i, x: [i + 1, tf.concat([x, x], 0)], [tf.constant(0), tf.constant([1.0])],
            shape_invariants=[tf.TensorShape([]), tf.TensorShape([None])],
        )  # fmt: skip

    both(build)


def test_while_loop_errors():
    for build in (
        lambda tf: tf.while_loop(True, lambda i: i, [tf.constant(0)]),
        lambda tf: tf.while_loop(lambda i: i < 3, None, [tf.constant(0)]),
        lambda tf: tf.while_loop(lambda: tf.constant(False), list, []),
        lambda tf: tf.while_loop(lambda i: i < 3, lambda i: i + 1, [0], parallel_iterations=0),
        lambda tf: tf.while_loop(lambda i: i < 3, lambda i: i + 1, [0], maximum_iterations=tf.constant([1, 2])),
        lambda tf: tf.while_loop(lambda i: i, lambda i: i + 1, [0]),
        lambda tf: tf.while_loop(lambda i: i < [3, 4], lambda i: i + 1, [tf.constant([0, 1])]),
        lambda tf: tf.while_loop(lambda i, x: i < 3, lambda i, x: [i + 1], [0, 1.0]),
        lambda tf: tf.while_loop(lambda i, x: i < 3, lambda i, x: [i + 1, (x, x)], [0, 1.0]),
        lambda tf: tf.while_loop(lambda i, x: i < 3, lambda i, x: [i + 1, tf.concat([x, x], 0)], [0, tf.ones([1])]),
        lambda tf: tf.while_loop(lambda i, x: i < 3, lambda i, x: [i + 1, x], [0, tf.constant([1.0])],
                                 shape_invariants=[tf.TensorShape([]), tf.TensorShape([2])]),
    ):  # fmt: skip
        alike(build)


def test_loops_change_variables():
    def build(tf):
        w, v = tf.Variable(0.0), tf.Variable(0.0)

        def body(i):
            with tf.control_dependencies([tf.assign_add(w, 2.0)]):
                return i + 1

        i = tf.while_loop(lambda i: i < 3, body, [tf.constant(0)])
        # Here the condition reads what the body has written.
        last = tf.while_loop(lambda x: v < 5.0, lambda x: tf.assign_add(v, 1.0), [tf.constant(0.0)])
        with tf.control_dependencies([i, last]):
            return [i, last, w.read_value(), v.read_value()]

    both(build, static=False)


def test_random_streams_go_on_inside():
    def build(tf):
        tf.set_random_seed(3)
        a = tf.random_uniform([2])
        i, x = tf.while_loop(
            lambda i, x: i < 2, lambda i, x: [i + 1, x + tf.random_uniform([2])], [tf.constant(0), tf.zeros([2])]
        )
        b = tf.random_normal([2])
        p = tf.placeholder_with_default(True, [])
        c = tf.cond(p, lambda: tf.random_uniform([2], seed=4), lambda: tf.random_uniform([2]))
        return [a, i, x, b, c, tf.random_uniform([2])]

    both(build, runs=2)


def test_gradients_inside_a_body():
    def build(tf):
        x = tf.constant([1.0, 2.0])
        y = x * x
        jacobian = tf.map_fn(lambda i: tf.gradients(y[i], x)[0], tf.range(2), dtype=tf.float32)
        descent = tf.while_loop(
            lambda i, z: i < 3, lambda i, z: [i + 1, z - 0.1 * tf.gradients(z * z, z)[0]], [tf.constant(0), x]
        )
        return jacobian, descent

    both(build)


def test_second_order_through_a_branch():
    both(lambda tf, p, x: tf.cond(p, lambda: x * x * x, lambda: tf.sin(x)), np.bool_(True), X, grad=True, second=True)
    both(lambda tf, p, x: tf.cond(p, lambda: x * x * x, lambda: tf.sin(x)), np.bool_(False), X, grad=True, second=True)


def test_no_gradient_where_none_is_wanted():
    def build(tf):
        x = tf.placeholder_with_default(2.0, [])
        y = tf.while_loop(lambda i, y: i < 3, lambda i, y: [i + 1, y * y], [tf.constant(0), x], back_prop=False)[1]
        return y, [g is None for g in tf.gradients(y, x)]

    both(build)


def test_map_fn():
    def build(tf, x, rows):
        return [
            tf.map_fn(lambda v: v * 2.0, x),
            tf.map_fn(lambda v: (v * 2.0, tf.cast(v, tf.int32)), x, dtype=(tf.float32, tf.int32)),
            tf.map_fn(lambda t: t[0] * tf.reduce_sum(t[1]), (x, rows), dtype=tf.float32),
            tf.map_fn(lambda v: 1.0, x),
        ]

    both(build, X, ROWS, grad=True)
    both(build, X, ROWS, shapes="dims", static="admits")
    both(lambda tf, x: tf.map_fn(lambda v: v * 2.0, x), np.zeros((0, 3), "f"), static="admits")


@pytest.mark.parametrize("reverse", [False, True])
def test_scan(reverse):
    def build(tf, x, w):
        return [
            tf.scan(lambda a, v: a * w + v, x, initializer=tf.zeros([3]), reverse=reverse),
            tf.scan(lambda a, v: a + v * v, x, reverse=reverse),
            tf.scan(
                lambda a, v: (a[0] + v, a[1] * v), x, initializer=(tf.constant(0.0), tf.constant(1.0)), reverse=reverse
            ),
            tf.scan(lambda a, v: a + v[0] * v[1], (x, w), initializer=tf.constant(0.0), reverse=reverse),
        ]

    both(build, X, W, grad=True)


def test_folds():
    def build(tf, x):
        return [
            tf.foldl(lambda a, v: a * 10.0 + v, x), tf.foldr(lambda a, v: a * 10.0 + v, x),
            tf.foldl(lambda a, v: a * 10.0 + v, x, initializer=1.0),
            tf.foldr(lambda a, v: a * 10.0 + v, x, initializer=tf.constant(2.0)),
        ]  # fmt: skip

    both(build, X, grad=True)
    both(lambda tf: tf.foldl(lambda a, v: a + v, tf.zeros([0]), initializer=3.0))
    both(lambda tf: tf.scan(lambda a, v: a + v, tf.zeros([0]), initializer=3.0), static="admits")


def test_loops_over_elements_refuse():
    for build in (
        lambda tf: tf.map_fn(lambda v: v, tf.constant(1.0)),
        lambda tf: tf.map_fn(lambda v: (v, v), tf.constant([1.0])),
        lambda tf: tf.map_fn(lambda t: t[0], (tf.zeros([2]), tf.zeros([3])), dtype=tf.float32),
        lambda tf: tf.map_fn(lambda v: None, tf.zeros([2])),
        lambda tf: tf.scan(lambda a, v: (a, v), tf.zeros([3]), initializer=tf.constant(0.0)),
        lambda tf: tf.scan(lambda a, v: tf.stack([a, v]), tf.zeros([3]), initializer=tf.constant(0.0)),
        lambda tf: tf.scan(lambda a, v: a + v[0], (tf.zeros([3]), tf.zeros([3]))),
    ):
        alike(build)


def test_eagerly():
    both_eager(lambda tf, x, w: tf.cond(x[0] > 0.0, lambda: x * w, lambda: x), X, W)
    both_eager(lambda tf, x: tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * 2.0), (tf.constant(0), x)), X)
    both_eager(lambda tf, x: tf.while_loop(lambda y: tf.reduce_sum(y) < 9.0, lambda y: [y + 1.0], [x]), X)
    both_eager(lambda tf, x: [tf.map_fn(lambda v: v * 2.0, x), tf.scan(lambda a, v: a + v, x)], X)
    both_eager(lambda tf, x: tf.scan(lambda a, v: a + v, x, initializer=1.0, reverse=True), X)
    both_eager(lambda tf, x: [tf.foldl(lambda a, v: a - v, x), tf.foldr(lambda a, v: a - v, x)], X)
    both_eager(lambda tf: tf.switch_case(tf.constant(1), [lambda: tf.constant(1), lambda: tf.constant(2)]))
    both_eager(lambda tf: tf.case([(tf.constant(False), lambda: tf.constant(1))], default=lambda: tf.constant(2)))
    both_eager(lambda tf: tf.cond(True, lambda: tf.constant(1), lambda: tf.constant(2)))


def test_nest():
    import tensorflow

    import tensorglass

    structure = {"b": 1, "a": [2, (3, None)]}
    for tf in (tensorflow, tensorglass):
        assert tf.nest.flatten(structure) == [2, 3, None, 1]
        assert tf.nest.pack_sequence_as(structure, [1, 2, 3, 4]) == {"b": 4, "a": [1, (2, 3)]}
        assert tf.nest.map_structure(lambda x, y: x + y, [1, (2,)], [3, (4,)]) == [4, (6,)]
        assert [tf.nest.is_nested(v) for v in ([1], 1, {}, "ab", {1, 2}, range(3))] == [
            True,
            False,
            True,
            False,
            False,
            True,
        ]
        for call in (
            lambda tf=tf: tf.nest.pack_sequence_as([1, 2], [3]),
            lambda tf=tf: tf.nest.assert_same_structure([1, 2], [1]),
            lambda tf=tf: tf.nest.assert_same_structure([1], 1),
            lambda tf=tf: tf.nest.assert_same_structure({"a": 1}, {"b": 1}),
            lambda tf=tf: tf.nest.map_structure(lambda x: x),
        ):
            with pytest.raises(ValueError):
                call()
        for call in (
            lambda tf=tf: tf.nest.assert_same_structure([1], (1,)),
            lambda tf=tf: tf.nest.map_structure(3, [1]),
            lambda tf=tf: tf.nest.pack_sequence_as(1, 3),
        ):
            with pytest.raises(TypeError):
                call()


def test_values_of_one_loop_outside_another_are_refused():
    def build(tf):
        box = []
        tf.while_loop(lambda i: i < 3, lambda i: box.append(i + 1) or i + 1, [tf.constant(0)])
        return box[0]

    alike(build)
