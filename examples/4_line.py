"""Linear regression by gradient descent: the line through a cloud of points.

The points were made as y = 3 x + 2 plus noise. For a line (a, b) the criterion J = Σ (a xᵢ + b - yᵢ)² / n
is the mean square of the vertical distances. It is a bowl over the plane of all (a, b); descending along
its gradient leads to the bottom, where the best line is.

Prints J, slope and intercept on the way down, and at the end what the textbook's formula gives.
"""

import numpy as np

import tensorglass as tg


def scattered_points(count=100):
    """Return x and y of points around the line y = 3 x + 2, with a noise of 0.1."""
    random = np.random.RandomState(7)
    x = random.uniform(-1, 1, count)
    return x, 3 * x + 2 + 0.1 * random.randn(count)


def main():
    """Return the slope and intercept found, and those of the formula."""
    xs, ys = scattered_points()
    with tg.Graph().as_default():
        x = tg.placeholder()
        y = tg.placeholder()
        a = tg.Variable(0.0)
        b = tg.Variable(0.0)

        error = tg.subtract(tg.add(tg.multiply(a, x), b), y)
        J = tg.multiply(tg.reduce_sum(tg.multiply(error, error)), 1 / len(xs))
        step = tg.train.GradientDescentOptimizer(learning_rate=0.2).minimize(J)

        session = tg.Session()
        for i in range(101):
            loss, slope, intercept, _ = session.run([J, a, b, step], {x: xs, y: ys})
            if i % 20 == 0:
                print(f"step {i:3d}  J = {loss:.6f}  y = {slope:.4f} x + {intercept:.4f}")
        found = session.run([a, b])

    # Where both partial derivatives of J are 0.
    a_exact = np.mean((xs - xs.mean()) * (ys - ys.mean())) / np.var(xs)
    exact = a_exact, ys.mean() - a_exact * xs.mean()
    print(f"formula:              y = {exact[0]:.4f} x + {exact[1]:.4f}")
    return found, exact


if __name__ == "__main__":
    main()
