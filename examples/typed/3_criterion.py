"""The training criterion, in TensorFlow's typed style.

A classifier gives each point i a probability pᵢₖ for each class k; the truth cᵢₖ is 1 for its class and 0
for the others. The data have the probability ∏ᵢ∏ₖ pᵢₖ^cᵢₖ; its negative logarithm, the cross-entropy

    J = - Σᵢ Σₖ cᵢₖ log pᵢₖ,

is what training makes small. It is composed here of `multiply`, `log`, `reduce_sum` and `negative`.

Prints the criterion of each point and J for weights that are right about two of three points, then ∂J/∂W =
Xᵀ (P - C), once as the library derives it and once by this formula.
"""

import numpy as np

import tensorglass.v1 as tf

tf.disable_v2_behavior()

POINTS = np.array([[2.0, 1.0], [-1.0, -1.0], [0.5, -0.25]], np.float32)
CLASSES = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]], np.float32)


def main():
    """Return J, and its gradient with respect to W derived by the library and by hand."""
    with tf.Graph().as_default():
        X = tf.placeholder(tf.float32, [None, 2])
        c = tf.placeholder(tf.float32, [None, 2])
        W = tf.Variable([[1.0, -1.0], [1.0, -1.0]])
        b = tf.Variable([0.0, 0.0])
        p = tf.nn.softmax(tf.matmul(X, W) + b)

        of_each = tf.negative(tf.reduce_sum(tf.multiply(c, tf.log(p)), axis=1))
        J = tf.reduce_sum(of_each)
        (slope,) = tf.gradients(J, [W])

        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            feed = {X: POINTS, c: CLASSES}
            costs, total, derived, probabilities = session.run([of_each, J, slope, p], feed)

    by_hand = POINTS.T @ (probabilities - CLASSES)
    print("of each point:", " ".join(f"{cost:.6f}" for cost in costs))
    print(f"J = {total:.6f}")
    print("dJ/dW derived:", " ".join(f"{value:.6f}" for value in derived.ravel()))
    print("dJ/dW by hand:", " ".join(f"{value:.6f}" for value in by_hand.ravel()))
    return total, derived, by_hand


if __name__ == "__main__":
    main()
