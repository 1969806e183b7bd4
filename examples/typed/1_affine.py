"""An affine map, z = A x + b, in TensorFlow's typed style.

A and b are variables, which keep their values between runs; x is a placeholder, which gets one with each
run. The typed style says the element type and the shape of everything, so a column vector is a 2 x 1
matrix.

Prints A, b and z for x = (1, 2), then z for three vectors at once, the columns of one matrix.
"""

import numpy as np

import tensorglass.v1 as tf

tf.disable_v2_behavior()


def main():
    """Return z for x = (1, 2), and z for the three columns."""
    with tf.Graph().as_default():
        A = tf.Variable([[1.0, 0.0], [0.0, -1.0]], name="A")
        b = tf.Variable([[1.0], [1.0]], name="b")
        x = tf.placeholder(tf.float32, [2, None], name="x")
        z = tf.add(tf.matmul(A, x), b, name="z")

        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            print("A =", session.run(A).tolist())
            print("b =", session.run(b).tolist())

            single = session.run(z, {x: [[1.0], [2.0]]})
            print("z =", single.ravel().tolist())

            # The number of columns was left open (None), so any number may be fed.
            several = session.run(z, {x: np.array([[1.0, 0.0, -1.0], [2.0, 0.5, 3.0]])})
            print("three columns:", several.T.tolist())
    return single, several


if __name__ == "__main__":
    main()
