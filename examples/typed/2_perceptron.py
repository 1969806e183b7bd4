"""A perceptron, and its batch version for two classes, in TensorFlow's typed style.

One neuron splits the plane along the line wᵀx + b = 0. The sigmoid σ(a) = 1 / (1 + e⁻ᵃ) turns the signed
distance into the probability of the positive class: p = σ(wᵀx + b).

With one column of W a class and softmax(a)ᵢ = eᵃⁱ / Σⱼ eᵃʲ, a whole batch X (a point a row) is classified
by P = softmax(X W + b). For the columns w and -w the first column of P is the single neuron's σ(2 (wᵀx +
b)).

Prints p for the point (3, 2), then one row of probabilities and the chosen class for each of five points.
"""

import numpy as np

import tensorglass.v1 as tf

tf.disable_v2_behavior()

POINTS = np.array([[3.0, 2.0], [1.0, -1.0], [-0.5, 0.25], [-2.0, -1.0], [0.1, 0.0]], np.float32)


def main():
    """Return the neuron's probability for (3, 2), and the softmax probabilities of POINTS."""
    with tf.Graph().as_default():
        w = tf.Variable([[1.0], [1.0]])
        b = tf.Variable(0.0)
        x = tf.placeholder(tf.float32, [2, 1])
        p = tf.sigmoid(tf.matmul(w, x, transpose_a=True) + b)

        W = tf.Variable([[1.0, -1.0], [1.0, -1.0]])
        bias = tf.Variable([0.0, 0.0])
        X = tf.placeholder(tf.float32, [None, 2])
        P = tf.nn.softmax(tf.matmul(X, W) + bias)
        chosen = tf.argmax(P, axis=1)

        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            single = session.run(p, {x: [[3.0], [2.0]]})[0, 0]
            print(f"p(3, 2) = {single:.6f}")

            batch, classes = session.run([P, chosen], {X: POINTS})
            for point, row, k in zip(POINTS, batch, classes, strict=True):
                print(f"({point[0]:5.2f}, {point[1]:5.2f})  p = {row[0]:.6f} {row[1]:.6f}  class {k}")
    return single, batch


if __name__ == "__main__":
    main()
