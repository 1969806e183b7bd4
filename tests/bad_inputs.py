"""What users get wrong, as snippets: each must raise TensorFlow's class, with words that help.

tests/test_bad_input.py runs them alone; tests/parity/test_errors.py under TensorFlow too.  A snippet gets the
TensorFlow 1 namespace in graph mode, inside a new graph.  `words` are what our message must hold.
"""

from collections import namedtuple

import numpy as np

Bad = namedtuple("Bad", "kind words snippet")
BAD: dict[str, Bad] = {}


def bad(kind, *words):
    """Decorator: the snippet raises `kind`; its message holds all of `words`."""

    def register(snippet):
        BAD[snippet.__name__] = Bad(kind, words, snippet)
        return snippet

    return register


def run(tf, fetches, feeds=None):
    return tf.Session().run(fetches, feeds)


def two_graphs(tf):
    """A tensor of another graph."""
    with tf.Graph().as_default():
        return tf.placeholder(tf.float32, [], name="stranger")


# Feeds


@bad("ValueError", "(3, 2)", "x:0", "(2, 3)")
def feed_of_wrong_shape(tf):
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    run(tf, x * 2.0, {x: np.zeros((3, 2))})


@bad("ValueError", "(2,)", "x:0", "3)")
def feed_of_wrong_rank(tf):
    x = tf.placeholder(tf.float32, [None, 3], name="x")
    run(tf, x * 2.0, {x: [1.0, 2.0]})


@bad("ValueError", "(2,)", "y:0", "(3,)")
def feed_of_wrong_shape_in_the_middle(tf):
    y = tf.add(tf.zeros([3]), 1.0, name="y")
    run(tf, y * 2.0, {y: [1.0, 2.0]})


@bad("ValueError", "abc", "x:0")
def feed_of_text_for_a_number(tf):
    x = tf.placeholder(tf.float32, [], name="x")
    run(tf, x, {x: "abc"})


@bad("ValueError")
def feed_of_a_ragged_list(tf):
    x = tf.placeholder(tf.float32, None, name="x")
    run(tf, x, {x: [[1.0, 2.0], [3.0]]})


@bad("TypeError", "300", "uint8")
def feed_out_of_range(tf):
    x = tf.placeholder(tf.uint8, [], name="x")
    run(tf, x, {x: 300})


@bad("TypeError", "tf.Tensor", "x:0")
def feed_of_a_tensor(tf):
    x = tf.placeholder(tf.float32, [], name="x")
    run(tf, x, {x: tf.constant(1.0)})


@bad("InvalidArgumentError", "'x'", "float32", "bad_inputs.py:", "feed_dict")
def missing_feed(tf):
    x = tf.placeholder(tf.float32, [2], name="x")
    run(tf, tf.exp(x))


@bad("InvalidArgumentError", "'y'")
def missing_feed_of_two(tf):
    x, y = tf.placeholder(tf.float32, [], name="x"), tf.placeholder(tf.float32, [], name="y")
    run(tf, x + y, {x: 1.0})


@bad("TypeError", "Cannot interpret feed_dict key as Tensor", "stranger")
def feed_of_another_graph(tf):
    run(tf, tf.constant(1.0), {two_graphs(tf): 1.0})


@bad("TypeError", "Cannot interpret feed_dict key as Tensor", "nothing")
def feed_of_an_unknown_name(tf):
    run(tf, tf.constant(1.0), {"nothing:0": 1.0})


@bad("TypeError", "Cannot interpret feed_dict key as Tensor")
def feed_of_an_operation(tf):
    x = tf.placeholder(tf.float32, [])
    run(tf, x, {x.op: 1.0})


@bad("TypeError", "Cannot interpret feed_dict key as Tensor")
def feed_keyed_by_a_number(tf):
    run(tf, tf.constant(1.0), {3: 1.0})


@bad("TypeError", "feed_dict")
def feeds_that_are_no_dictionary(tf):
    x = tf.placeholder(tf.float32, [])
    run(tf, x, [1.0])


# Fetches


@bad("TypeError", "None")
def fetch_of_none(tf):
    tf.constant(1.0)
    run(tf, None)


@bad("TypeError", "None")
def fetch_of_a_list_with_none(tf):
    run(tf, [tf.constant(1.0), None])


@bad("TypeError", "3")
def fetch_of_a_number(tf):
    tf.constant(1.0)
    run(tf, 3)


@bad("TypeError")
def fetch_of_an_array(tf):
    tf.constant(1.0)
    run(tf, np.ones(2))


@bad("ValueError", "nothing")
def fetch_of_an_unknown_tensor(tf):
    tf.constant(1.0)
    run(tf, "nothing:0")


@bad("ValueError", "nothing")
def fetch_of_an_unknown_operation(tf):
    tf.constant(1.0)
    run(tf, "nothing")


@bad("ValueError", "c:1")
def fetch_of_an_output_that_is_not_there(tf):
    tf.constant(1.0, name="c")
    run(tf, "c:1")


@bad("ValueError", "stranger")
def fetch_of_another_graph(tf):
    tf.constant(1.0)
    run(tf, two_graphs(tf))


@bad("ValueError", "stranger")
def fetch_of_another_graph_in_a_dictionary(tf):
    run(tf, {"a": tf.constant(1.0), "b": two_graphs(tf)})


@bad("RuntimeError", "empty")
def run_of_an_empty_graph(tf):
    run(tf, "x:0")


# Sessions and graphs


@bad("RuntimeError", "closed")
def closed_session(tf):
    x = tf.constant(1.0)
    session = tf.Session()
    session.close()
    session.run(x)


@bad("RuntimeError", "closed")
def session_after_its_block(tf):
    x = tf.constant(1.0)
    with tf.Session() as session:
        session.run(x)
    session.run(x)


@bad("FailedPreconditionError", "uninitialized", "w", "bad_inputs.py:", "initializer")
def uninitialized_variable(tf):
    w = tf.Variable(1.0, name="w")
    run(tf, w * 2.0)


@bad("FailedPreconditionError", "uninitialized", "w")
def uninitialized_variable_fetched(tf):
    run(tf, tf.Variable(1.0, name="w"))


@bad("FailedPreconditionError", "uninitialized", "w")
def uninitialized_variable_added_to(tf):
    run(tf, tf.Variable(1.0, name="w").assign_add(1.0))


@bad("RuntimeError", "finalized")
def finalized_graph(tf):
    x = tf.constant(1.0)
    tf.get_default_graph().finalize()
    tf.add(x, x)


@bad("RuntimeError", "finalized")
def placeholder_in_a_finalized_graph(tf):
    tf.get_default_graph().finalize()
    tf.placeholder(tf.float32)


@bad("RuntimeError", "finalized")
def collection_of_a_finalized_graph(tf):
    tf.get_default_graph().finalize()
    tf.add_to_collection("a", 1)


@bad("ValueError", "session")
def eval_without_a_session(tf):
    tf.constant(1.0).eval()


@bad("ValueError", "session")
def op_run_without_a_session(tf):
    tf.constant(1.0).op.run()


@bad("TypeError", "graph")
def session_of_something_else(tf):
    tf.Session(graph="graph")


# Building: dtypes


@bad("TypeError", "float32", "int32", "Add")
def mixed_dtypes(tf):
    tf.add(tf.constant(1.0), tf.constant(1))


@bad("TypeError", "float32", "float64")
def mixed_precision(tf):
    tf.matmul(tf.zeros([2, 2]), tf.zeros([2, 2], tf.float64))


@bad("TypeError", "1.5")
def float_for_an_integer_tensor(tf):
    tf.constant(1) + 1.5


@bad("TypeError")
def text_for_a_number_tensor(tf):
    tf.constant(1.0) * "a"


@bad("TypeError", "bool")
def dtype_that_an_op_does_not_take(tf):
    tf.exp(tf.constant(True))


@bad("TypeError", "1.5")
def float_for_an_integer_constant(tf):
    tf.constant(1.5, tf.int32)


@bad("TypeError", "a")
def text_for_a_float_constant(tf):
    tf.constant("a", tf.float32)


@bad("TypeError")
def unknown_dtype(tf):
    tf.placeholder("float33")


@bad("ValueError", "float32", "float64")
def conversion_to_another_dtype(tf):
    tf.convert_to_tensor(tf.constant(1.0), tf.float64)


@bad("ValueError", "None")
def constant_none(tf):
    tf.constant(None)


@bad("ValueError", "None")
def none_as_operand(tf):
    tf.add(tf.constant(1.0), None)


@bad("ValueError")
def ragged_constant(tf):
    tf.constant([[1.0, 2.0], [3.0]])


@bad("ValueError")
def ragged_operand(tf):
    tf.constant([[1.0], [2.0]]) + [[1.0, 2.0], [3.0]]


# Building: shapes


@bad("ValueError", "Dimensions must be equal, but are 2 and 3", "'total'", "[2]", "[3]", "bad_inputs.py:")
def incompatible_shapes(tf):
    tf.add(tf.zeros([2]), tf.zeros([3]), name="total")


@bad("ValueError", "[2,3]", "[2,3]", "MatMul")
def incompatible_matrices(tf):
    tf.matmul(tf.zeros([2, 3]), tf.zeros([2, 3]))


@bad("ValueError", "rank")
def matmul_of_vectors(tf):
    tf.matmul(tf.zeros([3]), tf.zeros([3]))


@bad("ValueError", "6", "4")
def reshape_to_another_size(tf):
    tf.reshape(tf.zeros([2, 3]), [4])


@bad("ValueError", "2")
def reduction_over_an_axis_that_is_not_there(tf):
    tf.reduce_sum(tf.zeros([2, 3]), axis=2)


@bad("ValueError")
def set_shape_that_contradicts(tf):
    tf.zeros([2, 3]).set_shape([3, 2])


@bad("ValueError")
def negative_size(tf):
    tf.placeholder(tf.float32, [-2])


@bad("TypeError")
def shape_of_text(tf):
    tf.placeholder(tf.float32, "ab")


@bad("InvalidArgumentError", "[2] vs. [3]", "op: total", "bad_inputs.py:")
def incompatible_shapes_at_run_time(tf):
    x, y = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    run(tf, tf.add(x, y, name="total"), {x: [1.0, 2.0], y: [1.0, 2.0, 3.0]})


@bad("InvalidArgumentError", "MatMul")
def incompatible_matrices_at_run_time(tf):
    x = tf.placeholder(tf.float32, [None, None])
    run(tf, tf.matmul(x, x), {x: np.zeros((2, 3))})


@bad("InvalidArgumentError", "6", "4")
def reshape_to_another_size_at_run_time(tf):
    x = tf.placeholder(tf.float32)
    run(tf, tf.reshape(x, [4]), {x: np.zeros((2, 3))})


@bad("InvalidArgumentError", "division by zero", "bad_inputs.py:")
def integer_division_by_zero(tf):
    x = tf.placeholder(tf.int32)
    run(tf, tf.constant(1) // x, {x: 0})


# Building: names, graphs, variables


@bad("ValueError", "'a b' is not a valid")
def bad_name(tf):
    tf.constant(1.0, name="a b")


@bad("ValueError", "'_a' is not a valid")
def name_that_begins_by_an_underscore(tf):
    tf.constant(1.0, name="_a")


@bad("ValueError", "'a:b' is not a valid")
def bad_scope_name(tf):
    with tf.name_scope("a:b"):
        pass


@bad("TypeError")
def scope_name_that_is_a_number(tf):
    with tf.name_scope(3):
        pass


@bad("ValueError", "stranger")
def operand_of_another_graph(tf):
    tf.add(tf.constant(1.0), two_graphs(tf))


@bad("TypeError", "Control input")
def control_input_that_is_a_number(tf):
    with tf.get_default_graph().control_dependencies([3]):
        pass


@bad("ValueError", "initial_value")
def variable_without_a_value(tf):
    tf.Variable()


@bad("ValueError", "initial_value")
def variable_of_unknown_shape(tf):
    tf.Variable(tf.placeholder(tf.float32))


@bad("ValueError")
def assignment_of_another_shape(tf):
    tf.Variable([1.0, 2.0]).assign([1.0, 2.0, 3.0])


@bad("TypeError")
def assignment_of_another_dtype(tf):
    tf.Variable([1, 2]).assign(tf.constant([1.0, 2.0]))


@bad("KeyError", "nothing")
def unknown_tensor(tf):
    tf.get_default_graph().get_tensor_by_name("nothing:0")


@bad("ValueError", "c")
def operation_asked_for_as_a_tensor(tf):
    tf.constant(1.0, name="c")
    tf.get_default_graph().get_tensor_by_name("c")


@bad("TypeError")
def tensor_by_a_number(tf):
    tf.get_default_graph().get_tensor_by_name(3)


@bad("KeyError", "nothing")
def unknown_operation(tf):
    tf.get_default_graph().get_operation_by_name("nothing")


@bad("ValueError", "tensor", "nothing")
def unknown_attribute(tf):
    tf.exp(1.0, name="tensor").op.get_attr("nothing")


# Tensors as Python values


@bad("TypeError", "bool")
def tensor_as_a_bool(tf):
    if tf.constant(1.0):
        pass


@bad("TypeError")
def tensor_as_a_list(tf):
    list(tf.constant([1.0, 2.0]))


@bad("TypeError", "len")
def length_of_a_tensor(tf):
    len(tf.constant([1.0, 2.0]))


@bad("NotImplementedError", "c:0")
def tensor_as_an_array(tf):
    np.asarray(tf.constant([1.0, 2.0], name="c"))


@bad("TypeError")
def tensor_as_a_number(tf):
    float(tf.constant(1.0))


# Gradients


@bad("TypeError", "complex", "grad_ys")
def gradient_of_complex_numbers(tf):
    x = tf.constant(2j)
    tf.gradients(x * x, x)


@bad("ValueError", "grad_ys")
def gradient_with_too_many_weights(tf):
    x = tf.constant(2.0)
    tf.gradients(x * x, x, [1.0, 2.0])


@bad("ValueError")
def gradient_with_an_unknown_mode(tf):
    x = tf.constant(2.0)
    tf.gradients(x * x, x, unconnected_gradients="nothing")


@bad("KeyError", "Registering two gradient with name 'TwiceInBadInputs'")
def gradient_registered_twice(tf):
    tf.RegisterGradient("TwiceInBadInputs")(lambda op, g: g)
    tf.RegisterGradient("TwiceInBadInputs")(lambda op, g: g)


@bad("TypeError")
def gradient_overrides_that_are_no_strings(tf):
    with tf.get_default_graph().gradient_override_map({"Exp": 3}):
        pass


@bad("LookupError", "No gradient defined for operation", "NoSuchGradientInBadInputs")
def gradient_that_nobody_registered(tf):
    x = tf.constant(2.0)
    with tf.get_default_graph().gradient_override_map({"Exp": "NoSuchGradientInBadInputs"}):
        y = tf.exp(x)
    tf.gradients(y, x)
