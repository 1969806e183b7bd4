"""An operation of your own: what it computes, and how its slope is found.

An operation is a node that can compute its output from its inputs. To train through it, the chain rule
needs one thing more: given ∂J/∂y for its output y, what is ∂J/∂x for its input? For y = f(x), element by
element, that is ∂J/∂y · f'(x).

Here f is the "bent identity", f(x) = (√(x² + 1) - 1) / 2 + x, with the slope f'(x) = x / (2 √(x² + 1)) + 1,
and the parameters of f(a x + b) are fitted to points made with a = 2, b = -1. The gradient function is
written with graph operations, so it is a part of the same graph; `compute` is given arrays and may do with
them what it likes.

Prints f at four points, the derivative beside a difference quotient, then the fit.
"""

import numpy as np

import tensorglass as tg


def bent(x):
    """Return f(x) of an array."""
    return (np.sqrt(x**2 + 1) - 1) / 2 + x


class BentIdentity(tg.Operation):
    """f as a node of the graph."""

    def __init__(self, x):
        super().__init__([x])

    def compute(self, x_value):
        return bent(x_value)


@tg.RegisterGradient("BentIdentity")
def _(op, grad):
    x = op.inputs[0]
    return grad * (x / (2 * tg.sqrt(x * x + 1)) + 1)


def check_slope(at):
    """Return f(at), f'(at) by the registered gradient, and the quotient (f(at + ε) - f(at - ε)) / 2ε."""
    with tg.Graph().as_default():
        x = tg.placeholder()
        y = BentIdentity(x)
        (slope,) = tg.gradients(y, [x])
        session = tg.Session()
        value, derived = session.run([y, slope], {x: at})
        above, below = (session.run(y, {x: at + epsilon}) for epsilon in (1e-6, -1e-6))
        return value, derived, (above - below) / 2e-6


def fit(steps=300):
    """Return a and b, fitted to points on the curve f(2 x - 1)."""
    xs = np.linspace(-2, 2, 41)
    ys = bent(2 * xs - 1)
    with tg.Graph().as_default():
        x, y = tg.placeholder(), tg.placeholder()
        a, b = tg.Variable(0.5), tg.Variable(0.0)
        error = BentIdentity(a * x + b) - y
        J = tg.reduce_sum(error * error)
        step = tg.train.GradientDescentOptimizer(learning_rate=0.002).minimize(J)
        session = tg.Session()
        for i in range(steps + 1):
            loss, _ = session.run([J, step], {x: xs, y: ys})
            if i % 100 == 0:
                print(f"step {i:3d}  J = {loss:.6f}")
        return session.run([a, b])


def main():
    """Return the check of the slope, and the fitted parameters."""
    at = np.array([-2.0, -0.5, 0.0, 1.5])
    checked = check_slope(at)
    for point, value, derived, quotient in zip(at, *checked, strict=True):
        print(f"f({point:4.1f}) = {value:9.6f}   f' = {derived:.6f}   difference quotient {quotient:.6f}")
    a, b = fit()
    print(f"a = {a:.4f}, b = {b:.4f}")
    return checked, (a, b)


if __name__ == "__main__":
    main()
