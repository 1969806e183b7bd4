"""Gradient descent separates two clusters, in TensorFlow's typed style.

Of the weights θ = (W, b) of P = softmax(X W + b), gradient descent makes the criterion J smaller by walking
against its slope: θ ← θ - η ∂J/∂θ, again and again. `minimize` adds the operations of one such step to the
graph; a run of the operation that it returns makes the step.

The first W points to the wrong side. Prints J, the mean over the points, while 100 steps are made, then the
direction that W found and how many points lie on their own side.
"""

import numpy as np

import tensorglass.v1 as tf

tf.disable_v2_behavior()


def two_clusters(count=50):
    """Return `count` points around (2, 2) and as many around (-2, -2), with their classes as one-hot rows."""
    random = np.random.RandomState(0)
    points = np.concatenate([random.randn(count, 2) + 2.0, random.randn(count, 2) - 2.0])
    classes = np.repeat(np.eye(2), count, axis=0)
    return points.astype(np.float32), classes.astype(np.float32)


def main():
    """Return the criterion after each step, and the share of the points on their own side."""
    points, classes = two_clusters()
    with tf.Graph().as_default():
        X = tf.placeholder(tf.float32, [None, 2], name="X")
        c = tf.placeholder(tf.float32, [None, 2], name="c")
        W = tf.Variable([[-1.0, 1.0], [0.5, -0.5]], name="W")
        b = tf.Variable(tf.zeros([2]), name="b")
        p = tf.nn.softmax(tf.matmul(X, W) + b)
        J = tf.reduce_mean(-tf.reduce_sum(c * tf.log(p), axis=1))
        right = tf.equal(tf.argmax(p, axis=1), tf.argmax(c, axis=1))
        accuracy = tf.reduce_mean(tf.cast(right, tf.float32))
        step = tf.train.GradientDescentOptimizer(learning_rate=0.1).minimize(J)

        losses = []
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            for i in range(101):
                loss, _ = session.run([J, step], {X: points, c: classes})
                losses.append(float(loss))
                if i % 20 == 0:
                    print(f"step {i:3d}  J = {loss:.6f}")
            share, w = session.run([accuracy, W], {X: points, c: classes})

    direction = w[:, 0] - w[:, 1]
    print(f"direction: {direction[0]:.5f} {direction[1]:.5f}")
    print(f"right: {share:.2%}")
    return losses, float(share)


if __name__ == "__main__":
    main()
