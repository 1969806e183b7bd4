"""A perceptron: one neuron that divides the plane, then one neuron a class for many points at once.

The line wᵀx + b = 0 has the normal w; wᵀx + b grows with the distance from it. The sigmoid σ(a) = 1 / (1 +
e⁻ᵃ) squeezes that number into (0, 1): the probability that x belongs to the side into which w points.

For two classes, give each its own column of W. The softmax of a row a, eᵃⁱ / Σⱼ eᵃʲ, makes its numbers
positive and their sum 1: a row of probabilities for each row (point) of X, P = softmax(X W + b).

Prints σ(wᵀx + b) for w = (1, 1), b = 0 at (3, 2): 0.99330715; then the probabilities of four points.
"""

import numpy as np

import tensorglass as tg


def one_neuron():
    """Return the neuron's output at (3, 2)."""
    with tg.Graph().as_default():
        w = tg.Variable([1, 1])
        b = tg.Variable(0)
        x = tg.placeholder()
        p = tg.sigmoid(tg.add(tg.matmul(w, x), b))
        return tg.Session().run(p, {x: [3, 2]})


def two_classes(points):
    """Return a row of two probabilities for each row of `points`."""
    with tg.Graph().as_default():
        W = tg.Variable([[1, -1], [1, -1]])
        b = tg.Variable([0, 0])
        X = tg.placeholder()
        P = tg.softmax(tg.add(tg.matmul(X, W), b))
        return tg.Session().run(P, {X: points})


def main():
    """Return both results."""
    single = one_neuron()
    print(f"one neuron at (3, 2): {single:.8f}")

    points = np.array([[3.0, 2.0], [0.5, -0.25], [0.0, 0.0], [-1.0, -2.0]])
    batch = two_classes(points)
    for (x1, x2), (first, second) in zip(points, batch, strict=True):
        print(f"({x1:5.2f}, {x2:5.2f})  {first:.6f}  {second:.6f}")
    return single, batch


if __name__ == "__main__":
    main()
