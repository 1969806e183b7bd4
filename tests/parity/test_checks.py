"""ops/checks.py and ops/host.py against TensorFlow."""

import io

import numpy as np
import pytest
from parity.harness import both, both_raise, ours, tensorflow

X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], np.float32)
I = np.array(2, np.int32)

FAILING = {
    "equal": lambda tf, x, i: tf.assert_equal(i, 3, message="hey"),
    "equal data": lambda tf, x, i: tf.assert_equal(i, 3, data=["d", i], message="hey"),
    "none equal": lambda tf, x, i: tf.assert_none_equal(x, 5.0),
    "less": lambda tf, x, i: tf.assert_less(x, [1.5, 9.0, 9.0]),
    "less equal": lambda tf, x, i: tf.assert_less_equal(i, 1),
    "greater": lambda tf, x, i: tf.assert_greater(x, 1.0, summarize=2),
    "greater equal": lambda tf, x, i: tf.assert_greater_equal(i, 5),
    "positive": lambda tf, x, i: tf.assert_positive(i - 2),
    "negative": lambda tf, x, i: tf.assert_negative(i),
    "non negative": lambda tf, x, i: tf.assert_non_negative(-x),
    "near": lambda tf, x, i: tf.debugging.assert_near(x, 2.0),
    "rank": lambda tf, x, i: tf.assert_rank(x, 1, message="hey"),
    "rank at least": lambda tf, x, i: tf.assert_rank_at_least(x, 3),
    "rank in": lambda tf, x, i: tf.assert_rank_in(x, [0, 3]),
    "assert": lambda tf, x, i: tf.Assert(i > 3, [x, i]),
    "assert few": lambda tf, x, i: tf.Assert(i > 3, [x, tf.range(10)], summarize=4),
    "numerics": lambda tf, x, i: tf.check_numerics(x / (x - 1), "message"),
    "finite": lambda tf, x, i: tf.verify_tensor_all_finite(x * np.nan, "message"),
    "numerics both": lambda tf, x, i: tf.check_numerics(tf.stack([np.nan, np.inf, x[0, 0]]), "message"),
    "shape": lambda tf, x, i: tf.ensure_shape(x, [None, 2]),
}


def _sentence(error):
    lines = str(error).splitlines()
    node = [k for k, line in enumerate(lines) if line.startswith("Node: ")]
    return lines[node[0] + 1] if node else lines[0]


@pytest.mark.parametrize("case", FAILING)
def test_failing(case):
    theirs, mine = both_raise(FAILING[case], "InvalidArgumentError", X, I, shapes="rank")
    if case not in ("near", "shape"):
        theirs, mine = (_sentence(e).replace("assert_equal_1", "assert_equal") for e in (theirs, mine))
        assert mine.replace("Placeholder_1:0", "Placeholder:0").startswith(
            theirs.replace("Placeholder_1:0", "Placeholder:0")
        )


STATIC = {
    "equal": (lambda tf, x: tf.assert_equal([1, 2], [1, 3], message="hey"), "InvalidArgumentError"),
    "greater": (lambda tf, x: tf.assert_greater([1, 2], [1, 3]), "InvalidArgumentError"),
    "positive": (lambda tf, x: tf.assert_positive([-1]), "InvalidArgumentError"),
    "rank": (lambda tf, x: tf.assert_rank(x, 1, message="hey"), ValueError),
    "rank at least": (lambda tf, x: tf.assert_rank_at_least(x, 3), ValueError),
    "rank in": (lambda tf, x: tf.assert_rank_in(x, [0, 3]), ValueError),
    "type": (lambda tf, x: tf.assert_type(x, tf.int32), TypeError),
    "integer": (lambda tf, x: tf.assert_integer(x), TypeError),
    "float": (lambda tf, x: tf.debugging.assert_same_float_dtype([x, tf.constant(1)]), ValueError),
    "scalar": (lambda tf, x: tf.assert_scalar(x), ValueError),
    "shape": (lambda tf, x: tf.ensure_shape(x, [None, 2]), ValueError),
    "numerics": (lambda tf, x: tf.check_numerics(tf.constant(1), "m"), TypeError),
    "no data": (lambda tf, x: tf.Assert(x[0, 0] > 0, []), ValueError),
}


@pytest.mark.parametrize("case", STATIC)
def test_failing_at_once(case):
    build, error = STATIC[case]
    theirs, mine = both_raise(build, error, X)
    if case not in ("shape", "equal", "positive", "greater"):  # where names of constants are told
        assert str(mine)[:35] == str(theirs)[:35]


def test_passing():
    def build(tf, x):
        checks = [tf.assert_positive(x), tf.assert_less(x, 9.0), tf.assert_rank(x, 2), tf.assert_type(x, tf.float32)]
        with tf.control_dependencies(checks):
            return tf.check_numerics(x * x, "square"), tf.ensure_shape(x, [2, None])

    both(build, X, grad=True, shapes="rank", static="admits")
    both(lambda tf, x: [tf.is_strictly_increasing([1, 2, 2]), tf.is_non_decreasing([1, 2, 2])], X)
    both(lambda tf, x: [x, tf.is_numeric_tensor(x), tf.debugging.assert_same_float_dtype([x])], X)


def test_functions():
    both(lambda tf, x: tf.py_func(lambda a: a * 2, [x], tf.float32), X, names=True)
    both(
        lambda tf, x, i: tf.py_func(lambda a, b: (a * 2, b), [x, i], [tf.float32, tf.int32], name="f"), X, I, names=True
    )
    both(lambda tf, x: tf.py_func(lambda a: "told", [x], tf.string, stateful=False), X, names=True)
    both(lambda tf, x, i: tf.py_func(lambda a, b: type(a).__name__ + type(b).__name__, [x, i], tf.string), X, I)
    both(lambda tf, x: tf.numpy_function(np.sort, [x], tf.float32), X)
    both(lambda tf, x: tf.gradients(tf.py_func(np.sin, [x], tf.float32), x)[0] is None and x, X)


def _raises(error):
    def function(*args):
        raise error

    return function


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ValueError("boom"), "InvalidArgumentError"),
        (TypeError("boom"), "InvalidArgumentError"),
        (KeyError("boom"), "UnknownError"),
        (StopIteration(), "OutOfRangeError"),
        (NotImplementedError("boom"), "UnimplementedError"),
        (MemoryError("boom"), "ResourceExhaustedError"),
    ],
)
def test_errors_of_functions(error, kind):
    theirs, mine = both_raise(lambda tf, x: tf.py_func(_raises(error), [x], tf.float32), kind, X)
    assert _sentence(mine).strip() == _sentence(theirs).strip()


def test_results_of_functions():
    for result in (lambda a: a.astype(np.float64), lambda a: 1, lambda a: (a, a), lambda a: None, lambda a: [1.5, 2]):
        both_raise(lambda tf, x, f=result: tf.py_func(f, [x], tf.float32), "InvalidArgumentError", X)


def test_print(capfd):
    def build(tf, x, i):
        return tf.Print(x, [x, i, "s", True], "msg: ", first_n=1, summarize=2)

    told = []
    for tf in (tensorflow(), ours()):
        with tf.Graph().as_default():
            x, i = tf.placeholder(tf.float32), tf.placeholder(tf.int32)
            with tf.Session() as session:
                y = build(tf, x, i)
                capfd.readouterr()
                for _ in range(2):
                    session.run(y, {x: X, i: I})
        told.append(capfd.readouterr().err)
    assert told[1] == told[0] == "msg: [[1 2...]...][2][s][1]\n"


def test_print_values():
    from tensorglass.ops.host import print_values

    stream = io.StringIO()
    print_values("a", tensorglass_constant(X), {"k": [1, tensorglass_constant(I)]}, output_stream=stream, sep="|")
    assert stream.getvalue() == "a|[[1 2 3]\n [4 5 6]]|{'k': [1, 2]}\n"


def tensorglass_constant(value):
    import tensorglass

    return tensorglass.constant(value)
