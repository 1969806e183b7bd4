"""What users get wrong raises TensorFlow's class, with a message that says where and what to do."""

import numpy as np
import pytest
from bad_inputs import BAD, run

import tensorglass as tg
from tensorglass import context


def classes(error):
    return [c.__name__ for c in type(error).__mro__]


@pytest.mark.parametrize("name", BAD)
def test_raises(name, v1):
    case = BAD[name]
    graph = v1.Graph()
    with graph.as_default(), pytest.raises(Exception) as caught:
        case.snippet(v1)
    assert case.kind in classes(caught.value), f"{type(caught.value).__name__}: {caught.value}"
    for word in case.words:
        assert word in str(caught.value)


@pytest.mark.parametrize("name", [name for name in BAD if BAD[name].kind == "InvalidArgumentError"])
def test_run_time_errors_know_their_op(name, v1):
    """`error.op` is the operation, and the message has its inputs' shapes and the line that made it."""
    with v1.Graph().as_default() as graph, pytest.raises(v1.errors.InvalidArgumentError) as caught:
        BAD[name].snippet(v1)
    error = caught.value
    assert error.op in graph.get_operations()
    assert f"op: {error.op.name} (op type {error.op.type})" in error.message
    assert error.error_code == v1.errors.INVALID_ARGUMENT == 3
    for t in error.op.inputs:
        assert t.name in error.message
    assert "bad_inputs.py:" in error.message


def test_second_run_tells_the_same_error(v1):
    """The compiled plan names the op as the interpreted one does."""
    with v1.Graph().as_default():
        x, y = v1.placeholder(v1.float32, name="x"), v1.placeholder(v1.float32, name="y")
        z = v1.add(v1.exp(x), y, name="z")
        session, told = v1.Session(), []
        for _ in range(3):
            with pytest.raises(v1.errors.InvalidArgumentError) as caught:
                session.run(z, {x: [1.0, 2.0], y: [1.0, 2.0, 3.0]})
            told.append(str(caught.value))
            assert caught.value.op is z.op
            assert session.run(z, {x: 0.0, y: 1.0}) == 2.0
    assert told[0] == told[1] == told[2]
    assert "shape [2], float32" in told[0]
    assert "shape [3], float32" in told[0]


def test_no_bare_numpy_or_key_errors(v1):
    """A failing kernel always comes out as an OpError with the NumPy error as its cause."""

    class Picky(tg.Operation):
        def compute(self, x):
            return {}[float(x)]

    with v1.Graph().as_default():
        x = v1.placeholder(v1.float32, [])
        y = Picky([x], name="picky")
        session = v1.Session()
        for _ in range(2):
            with pytest.raises(v1.errors.OpError) as caught:
                session.run(y, {x: 1.0})
            assert isinstance(caught.value.__cause__, KeyError)
            assert "KeyError: 1.0" in str(caught.value)
            assert "picky" in str(caught.value)


def test_user_op_without_compute(v1):
    class Idle(tg.Operation):
        pass

    with v1.Graph().as_default():
        y = Idle([v1.constant(1.0)])
        with pytest.raises((NotImplementedError, v1.errors.OpError), match="compute"):
            run(v1, y)


def test_user_op_without_gradient(v1):
    class Ungraded(tg.Operation):
        def compute(self, x):
            return x

    with v1.Graph().as_default():
        x = v1.constant(1.0)
        with pytest.raises(
            LookupError, match=r"No gradient defined for operation 'Ungraded'.*RegisterGradient"
        ) as caught:
            v1.gradients(Ungraded([x]), x)
    assert "test_bad_input.py:" in str(caught.value)


def test_gradient_function_with_the_wrong_number_or_shape(v1):
    class Two(tg.Operation):
        def compute(self, a, b):
            return a + b

    @tg.RegisterGradient("Two")
    def _(op, dy):
        return dy if op.name == "short" else (dy, v1.zeros([3]))

    with v1.Graph().as_default():
        a, b = v1.zeros([2]), v1.zeros([2])
        with pytest.raises(ValueError, match=r"Num gradients 1 .* inputs 2"):
            v1.gradients(Two([a, b], name="short"), [a, b])
        with pytest.raises(ValueError, match="shape"):
            v1.gradients(Two([a, b], name="odd"), [a, b])


def test_root_session_initializes_and_the_strict_one_does_not():
    with tg.Graph().as_default():
        w = tg.Variable(2.0)
        assert tg.Session().run(w * 2.0) == 4.0


def test_nothing_changes_when_a_feed_is_refused(v1):
    with v1.Graph().as_default():
        x = v1.placeholder(v1.float32, [2])
        w = v1.Variable([1.0, 1.0])
        step = w.assign_add(x)
        with v1.Session() as session:
            session.run(v1.global_variables_initializer())
            for wrong in ([1.0], "ab", [[1.0, 2.0]], [[1.0], [1.0, 2.0]]):
                with pytest.raises((ValueError, TypeError)):
                    session.run(step, {x: wrong})
            np.testing.assert_array_equal(session.run(w), [1.0, 1.0])


def test_check_numerics_names_the_first_op(v1):
    context.enable_check_numerics()  # the fixture v1 puts it back
    with v1.Graph().as_default():
        x = v1.placeholder(v1.float32, [2], name="x")
        y = v1.log(x, name="y")
        z = v1.exp(y * 2.0, name="z") + y
        session = v1.Session()
        for _ in range(3):
            for bad, what in (([1.0, -1.0], "NaN"), ([1.0, 0.0], "Inf")):
                with pytest.raises(v1.errors.InvalidArgumentError, match=f"y : Tensor had {what} values") as caught:
                    session.run(z, {x: bad})
                assert caught.value.op is y.op
                assert "test_bad_input.py:" in str(caught.value)
            assert session.run(y, {x: [1.0, 1.0]}).tolist() == [0.0, 0.0]
        with pytest.raises(v1.errors.InvalidArgumentError, match="folded : Tensor had NaN"):
            session.run(v1.log(v1.constant(-1.0), name="folded") + 1.0)
    context.disable_check_numerics()
    with v1.Graph().as_default():
        assert np.isnan(run(v1, v1.log(v1.constant(-1.0)) + 1.0))


def test_check_numerics_leaves_the_state(v1):
    context.enable_check_numerics()
    with v1.Graph().as_default():
        x = v1.placeholder(v1.float32, [])
        w = v1.Variable(1.0)
        step = w.assign(v1.log(x))
        with v1.Session() as session:
            session.run(w.initializer)
            for _ in range(3):
                with pytest.raises(v1.errors.InvalidArgumentError):
                    session.run(step, {x: -1.0})
                assert session.run(w) == 1.0


def test_check_numerics_eagerly():
    context.enable_check_numerics()
    with pytest.raises(tg.errors.InvalidArgumentError, match="NaN"):
        tg.log(tg.constant(-1.0))


def test_eager_errors():
    with pytest.raises(tg.errors.InvalidArgumentError, match=r"AddV2"):
        tg.add(tg.constant([1.0, 2.0]), tg.constant([1.0, 2.0, 3.0]))
    with pytest.raises(tg.errors.InvalidArgumentError, match="float"):
        tg.add(tg.constant(1.0), tg.constant(1))
    with pytest.raises(RuntimeError):
        tg.placeholder(tg.float32)
    with pytest.raises(RuntimeError, match="GradientTape"):
        tg.gradients(tg.constant(1.0), tg.constant(1.0))
    with pytest.raises(NotImplementedError):
        tg.constant(1.0).eval()
    with tg.Graph().as_default():
        symbolic = tg.constant(1.0)
    assert (symbolic + tg.constant(1.0)).graph is symbolic.graph
