"""A multi-layer perceptron learns the pattern of exclusive or, which no single line can separate.

Red points lie around (2, 2) and (-2, -2), blue ones around (-2, 2) and (2, -2). A hidden layer of
perceptrons draws several lines, h = σ(X W₁ + b₁); the output layer, softmax(h W₂ + b₂), divides the space
of h instead of the plane. Seen from the plane its boundary is a curve. The criterion and gradient descent
are those of one layer: the chain rule does not mind how deep the graph is.

Prints J while the network learns and the share of points that it has right, and draws the boundary (when
Matplotlib is installed) into the file named on the command line, `xor.png` unless told otherwise.
"""

import sys

import numpy as np

import tensorglass as tg


def xor_clusters(count=50):
    """Return `count` points around each of the four centres, with their classes as one-hot rows."""
    random = np.random.RandomState(0)
    centres = [(2, 2), (-2, -2), (-2, 2), (2, -2)]
    points = np.concatenate([0.7 * random.randn(count, 2) + centre for centre in centres])
    return points, np.array([[1, 0]] * (2 * count) + [[0, 1]] * (2 * count))


def main(picture=None, hidden=8, steps=501):
    """Train, draw `picture` if one is named; return the criterion after each step and the share right."""
    points, classes = xor_clusters()
    random = np.random.RandomState(2)
    with tg.Graph().as_default():
        X = tg.placeholder()
        c = tg.placeholder()
        W1 = tg.Variable(random.randn(2, hidden))
        b1 = tg.Variable(np.zeros(hidden))
        W2 = tg.Variable(random.randn(hidden, 2))
        b2 = tg.Variable(np.zeros(2))

        h = tg.sigmoid(tg.add(tg.matmul(X, W1), b1))
        p = tg.softmax(tg.add(tg.matmul(h, W2), b2))
        J = tg.negative(tg.reduce_sum(tg.reduce_sum(tg.multiply(c, tg.log(p)), axis=1)))
        step = tg.train.GradientDescentOptimizer(learning_rate=0.01).minimize(J)

        session = tg.Session()
        losses = []
        for i in range(steps):
            loss, _ = session.run([J, step], {X: points, c: classes})
            losses.append(float(loss))
            if i % 100 == 0:
                print(f"step {i:3d}  J = {loss:.5f}")

        answers = session.run(p, {X: points}).argmax(axis=1)
        share = float(np.mean(answers == classes.argmax(axis=1)))
        print(f"right: {share:.1%}")

        if picture:
            from pictures import draw_boundary  # Matplotlib is needed for the picture only

            draw_boundary(picture, lambda grid: session.run(p, {X: grid})[:, 0], points, classes.argmax(axis=1))
            print("drawn:", picture)
    return losses, share


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "xor.png")
