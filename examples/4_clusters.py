"""Gradient descent separates two clusters of points.

The criterion J = - Σ c ⊙ log softmax(X W + b) depends on W and b. Its gradient points to where it grows
fastest, so the opposite direction leads down: W ← W - η ∂J/∂W, b ← b - η ∂J/∂b with a small step η, the
learning rate. The gradients come from the graph itself, by the chain rule, walked from J back to the
variables; `minimize` adds those operations, and the assignments, to the same graph.

Prints J on its way down, the line that was found, and how many points lie on their own side of it.
"""

import numpy as np

import tensorglass as tg


def two_clusters(count=50):
    """Return `count` points around (2, 2) and as many around (-2, -2), with their classes as one-hot rows."""
    random = np.random.RandomState(0)
    red = random.randn(count, 2) + [2, 2]
    blue = random.randn(count, 2) - [2, 2]
    return np.concatenate([red, blue]), np.array([[1, 0]] * count + [[0, 1]] * count)


def main():
    """Return the criterion after each step, and the share of the points on their own side."""
    points, classes = two_clusters()

    tg.Graph().as_default()  # the bare call: from here on, this graph is the one being built

    X = tg.placeholder()
    c = tg.placeholder()
    W = tg.Variable([[-1.0, 1.0], [0.5, -0.5]])  # points to the wrong side
    b = tg.Variable([0.0, 0.0])
    p = tg.softmax(tg.add(tg.matmul(X, W), b))
    J = tg.negative(tg.reduce_sum(tg.reduce_sum(tg.multiply(c, tg.log(p)), axis=1)))
    step = tg.train.GradientDescentOptimizer(learning_rate=0.01).minimize(J)

    feed = {X: points, c: classes}
    session = tg.Session()
    losses = []
    for i in range(101):
        loss, _ = session.run([J, step], feed)
        losses.append(float(loss))
        if i % 20 == 0:
            print(f"step {i:3d}  J = {loss:.6f}")

    w, offset = session.run([W, b])
    normal = w[:, 0] - w[:, 1]
    print(f"line: {normal[0]:.4f} x + {normal[1]:.4f} y + {offset[0] - offset[1]:.4f} = 0")

    probabilities = session.run(p, {X: points})
    share = np.mean(probabilities.argmax(axis=1) == classes.argmax(axis=1))
    print(f"right: {share:.1%}")
    return losses, float(share)


if __name__ == "__main__":
    main()
