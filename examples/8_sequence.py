"""An LSTM learns to add two numbers that it has to remember.

A sequence has a random number at each step and a mark at two of them; at its end the network is to say the
sum of the two marked numbers. What it has read it carries in two vectors, from step to step:

    i, j, f, o = [xₜ, h] W + b
    c ← σ(f + 1) c + σ(i) tanh(j)        h ← σ(o) tanh(c)

`scan` holds this step as a graph of its own, so the graph, and the plan of a training step, stay as small for
a thousand steps as for three; the gradient is a scan that runs backwards. Always answering 1, the mean, has
an error of 1/6.

Prints the mean squared error while the network learns. The task is that of Hochreiter and Schmidhuber, Long
Short-Term Memory, Neural Computation 9 (1997), section 5.4.
"""

import numpy as np

import tensorglass as tg


def sequences(random, count, length):
    """Return inputs of shape [length, count, 2] and the sums to be learnt."""
    numbers = random.rand(length, count)
    marks = np.zeros((length, count))
    for k in range(count):
        marks[random.choice(length, 2, replace=False), k] = 1
    return np.stack([numbers, marks], axis=2).astype(np.float32), np.sum(numbers * marks, axis=0)


def main(length=12, units=16, steps=601):
    """Train; return the mean squared error at each step, and that on new sequences."""
    random = np.random.RandomState(0)
    with tg.Graph().as_default():
        tg.random.set_seed(0)
        X = tg.placeholder(tg.float32, [None, None, 2])
        y = tg.placeholder(tg.float32, [None])
        W = tg.Variable(tg.random.normal([2 + units, 4 * units], stddev=0.3))
        b = tg.Variable(tg.zeros([4 * units]))
        V = tg.Variable(tg.random.normal([units, 1], stddev=0.3))

        def step(state, x):
            c, h = state
            i, j, f, o = tg.split(tg.matmul(tg.concat([x, h], axis=1), W) + b, 4, axis=1)
            c = tg.sigmoid(f + 1.0) * c + tg.sigmoid(i) * tg.tanh(j)
            return c, tg.sigmoid(o) * tg.tanh(c)

        start = tg.zeros([tg.shape(X)[1], units])
        h = tg.scan(step, X, initializer=(start, start))[1]
        answer = tg.squeeze(tg.matmul(h[-1], V), axis=1)
        J = tg.reduce_mean(tg.squared_difference(answer, y))
        train = tg.train.AdamOptimizer(0.01).minimize(J)

        session = tg.Session()
        errors = []
        for k in range(steps):
            inputs, sums = sequences(random, 32, length)
            error, _ = session.run([J, train], {X: inputs, y: sums})
            errors.append(float(error))
            if k % 100 == 0:
                print(f"step {k:3d}  error = {error:.4f}")

        inputs, sums = sequences(random, 500, length)
        error = float(session.run(J, {X: inputs, y: sums}))
        print(f"new sequences: {error:.4f}   (always saying 1: {np.mean((sums - 1) ** 2):.4f})")
    return errors, error


if __name__ == "__main__":
    main()
