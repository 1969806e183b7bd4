"""What Python and NumPy values become, and which are refused: TensorFlow's rules for literals."""

import numpy as np
import pytest
from parity.harness import alike, both

NUMBERS = {
    "int": 1, "negative": -7, "float": 1.5, "bool": True, "empty": [], "empty rows": [[], []], "list": [1, 2],
    "floats": [1.0, 2], "mixed": [1, 2.5], "int and bool": [1, True], "float and bool": [1.5, True],
    "nested": [[1, 2], [3, 4]], "tuple": ((1, 2), (3, 4)), "float64": np.float64(1.5), "float32": np.float32(1.5),
    "float16": np.float16(1.5), "int8": np.int8(3), "bool_": np.bool_(True), "zero-dim": np.array(2),
    "array": np.arange(2), "array float": np.array([1.0, 2.0]), "array uint": np.array([1, 2], np.uint16),
    "array bool": np.array([True]), "array fortran": np.asfortranarray(np.ones((2, 2))),
    "array negative": np.arange(2)[::-1], "numpy floats": [np.float64(1.0), np.float64(2.0)],
    "numpy and python": [np.float32(1.0), 2.0], "numpy mixed": [np.float32(1.0), np.float64(2.0)],
    "half": np.array([0.1], np.float16), "edge": 2**31 - 1, "edge below": -(2**31), "long array": np.array([2**40]),
}  # fmt: skip
WIDE = {
    "long": 2**40, "longer": 2**70, "long list": [1, 2**40], "int and longer": [1, 2**70], "beyond": 2**31,
    "complex": 1 + 2j, "complexes": [1, 2j], "complex64": np.complex64(1j), "huge": 1e300, "nan": float("nan"),
    "inf": float("-inf"), "uint64": np.uint64(2**63),
}  # fmt: skip
TEXTS = {
    "text": "a", "bytes": b"\x00\xff\x00", "unicode": "é", "texts": [["a", "bc"], ["", "d"]], "empty text": "",
    "array text": np.array(["a", "bc"]), "array bytes": np.array([b"a"]), "array object": np.array(["a", b"b"], object),
}  # fmt: skip
BROKEN = {
    "none": None, "nones": [None], "int and none": [1, None], "text and int": ["a", 1], "int and text": [1, "a"],
    "ragged": [[1, 2], [3]], "ragged deep": [[[1]], [[1, 2]]], "ragged depth": [1, [2]], "set": {1, 2},
    "dict": {"a": 1}, "object": object(), "type": int,
}  # fmt: skip


@pytest.mark.parametrize("name", NUMBERS | WIDE | TEXTS | BROKEN)
def test_constant(name):
    value = (NUMBERS | WIDE | TEXTS | BROKEN)[name]
    alike(lambda tf: tf.constant(value))
    if name not in ("numpy floats", "complexes", "huge"):  # TensorFlow 2 keeps the first's width, refuses the others
        alike(lambda tf: tf.constant(value), eager=True)


# A few of these differ on purpose: what does not fit an integer type is refused here, TensorFlow 2 wraps it around;
# so is a complex array for a real tensor, whose imaginary part TensorFlow drops.
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int64", "bool", "string", "complex64"])
@pytest.mark.parametrize("name", NUMBERS | {"text": 0, "texts": 0, "set": 0, "none": 0, "huge": 0, "nan": 0})
def test_constant_of_a_dtype(name, dtype):
    value = (NUMBERS | WIDE | TEXTS | BROKEN)[name]
    alike(lambda tf: tf.constant(value, dtype))


@pytest.mark.parametrize("dtype", ["float32", "int32", "int64", "bool", "string"])
@pytest.mark.parametrize("group", ["numbers", "texts"])
def test_fed(group, dtype):
    """All in one graph, and each refused value by its class."""

    def build(tf):
        x, found = tf.placeholder(dtype), []
        y = tf.identity(x)
        with tf.Session() as session:
            for value in (NUMBERS if group == "numbers" else TEXTS).values():
                try:
                    got = session.run(y, {x: value})
                    found.append([str(getattr(got, "dtype", type(got))), repr(np.asarray(got).tolist())])
                except (ValueError, TypeError) as error:
                    found.append(type(error).__name__)
                except tf.errors.InternalError:  # a number for a string: TensorFlow finds out late
                    found.append("TypeError")
        return found

    both(build)


@pytest.mark.parametrize("dtype", ["float32", "int32", "bool", "complex64", "string"])
@pytest.mark.parametrize("name", {k: v for k, v in NUMBERS.items() if not isinstance(v, (np.ndarray, np.generic))})
def test_beside_a_tensor(name, dtype):
    values = {"string": ["a", "b"], "bool": [True, False]}.get(dtype, [1, 0])
    alike(lambda tf: tf.equal(tf.constant(values, dtype), NUMBERS[name]), static=False)


@pytest.mark.parametrize("shape", [None, [2], [2, 2], [], [1, 2], (2, 1), [-1]])
@pytest.mark.parametrize("value", [1.0, [1, 2], [[1], [2]], [], "a"], ids=str)
def test_constant_of_a_shape(value, shape):
    alike(lambda tf: tf.constant(value, shape=shape))


@pytest.mark.parametrize(
    "shape", [None, [], [2], [None], [None, 3], 3, (2,), [-1], [2.0], "ab", [np.int64(3)]], ids=str
)
def test_placeholder_shapes(shape):
    alike(lambda tf: [tf.placeholder(tf.float32, shape).shape, str(tf.placeholder(tf.float32, shape).shape)])


def test_list_with_tensors():
    both(lambda tf, x, y: [tf.convert_to_tensor([x, y, 3.0]), tf.stack([[x, 1.0], [2.0, y]]), x + [y, 1.0]],
         np.float32(1.5), np.float32(2.5))  # fmt: skip


def test_is_tensor():
    def build(tf):
        things = tf.constant(1.0), tf.Variable(1.0), tf.IndexedSlices(tf.ones([1]), tf.zeros([1], tf.int64)), 1.0, [1]
        return [[tf.is_tensor(x) for x in (*things, np.ones(1), tf.constant(1.0).op, tf.float32)]]

    both(build)
