"""A multi-layer perceptron learns what no straight line can separate, in TensorFlow's typed style.

Two classes in four clusters, like exclusive or: red at (2, 2) and (-2, -2), blue at (-2, 2) and (2, -2). A
hidden layer h = σ(X W₁ + b₁) bends the plane so that one line in the space of h is enough: P = softmax(h W₂
+ b₂). The chain rule carries the gradient of J = -1/n Σ c ⊙ log P back through both layers.

Prints J while the network learns, and how many of the points it has right, of those that it learnt from and
of new ones.
"""

import numpy as np

import tensorglass.v1 as tf

tf.disable_v2_behavior()

CENTRES = {0: [(2.0, 2.0), (-2.0, -2.0)], 1: [(-2.0, 2.0), (2.0, -2.0)]}


def xor_clusters(count, seed):
    """Return `count` points around each of the four centres, with their classes as one-hot rows."""
    random = np.random.RandomState(seed)
    points, classes = [], []
    for k, centres in CENTRES.items():
        for centre in centres:
            points.append(0.7 * random.randn(count, 2) + centre)
            classes.append(np.tile(np.eye(2)[k], (count, 1)))
    return np.concatenate(points).astype(np.float32), np.concatenate(classes).astype(np.float32)


def main(hidden=8, steps=501):
    """Return the criterion after each step, and the shares of known and of new points that are right."""
    points, classes = xor_clusters(50, seed=0)
    new_points, new_classes = xor_clusters(50, seed=1)
    random = np.random.RandomState(2)
    with tf.Graph().as_default():
        X = tf.placeholder(tf.float32, [None, 2], name="X")
        c = tf.placeholder(tf.float32, [None, 2], name="c")
        W1 = tf.Variable(random.randn(2, hidden).astype(np.float32), name="W1")
        b1 = tf.Variable(tf.zeros([hidden]), name="b1")
        W2 = tf.Variable(random.randn(hidden, 2).astype(np.float32), name="W2")
        b2 = tf.Variable(tf.zeros([2]), name="b2")
        h = tf.sigmoid(tf.matmul(X, W1) + b1)
        p = tf.nn.softmax(tf.matmul(h, W2) + b2)
        J = tf.negative(tf.reduce_mean(tf.reduce_sum(tf.multiply(c, tf.log(p)), axis=1)))
        right = tf.equal(tf.argmax(p, axis=1), tf.argmax(c, axis=1))
        accuracy = tf.reduce_mean(tf.cast(right, tf.float32))
        step = tf.train.GradientDescentOptimizer(learning_rate=0.5).minimize(J)

        losses = []
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            for i in range(steps):
                loss, _ = session.run([J, step], {X: points, c: classes})
                losses.append(float(loss))
                if i % 100 == 0:
                    print(f"step {i:3d}  J = {loss:.6f}")
            known = session.run(accuracy, {X: points, c: classes})
            new = session.run(accuracy, {X: new_points, c: new_classes})

    print(f"right: {known:.2%} of the points learnt from, {new:.2%} of new ones")
    return losses, float(known), float(new)


if __name__ == "__main__":
    main()
