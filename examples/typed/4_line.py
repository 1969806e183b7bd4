"""Linear regression by gradient descent, in TensorFlow's typed style.

Points scatter around the line y = 3 x + 2. The mean square error J = 1/n Σ (a xᵢ + b - yᵢ)² of the line (a,
b) is a bowl; rolling down it, by a ← a - η ∂J/∂a and b ← b - η ∂J/∂b, ends where least squares has its
closed solution.

Prints J while it falls, then slope and intercept beside those of NumPy's least squares.
"""

import numpy as np

import tensorglass.v1 as tf

tf.disable_v2_behavior()

SLOPE, INTERCEPT = 3.0, 2.0


def scattered_points(count=100):
    """Return x and y of points around the line, with a noise of 0.1."""
    random = np.random.RandomState(7)
    x = random.uniform(-1.0, 1.0, count)
    y = SLOPE * x + INTERCEPT + 0.1 * random.randn(count)
    return x.astype(np.float32), y.astype(np.float32)


def main():
    """Return the slope and intercept found, and those of least squares."""
    x_data, y_data = scattered_points()
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [None])
        y = tf.placeholder(tf.float32, [None])
        a = tf.Variable(0.0, name="slope")
        b = tf.Variable(0.0, name="intercept")
        J = tf.reduce_mean(tf.square(a * x + b - y))
        step = tf.train.GradientDescentOptimizer(learning_rate=0.2).minimize(J)

        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            for i in range(101):
                _, loss = session.run([step, J], {x: x_data, y: y_data})
                if i % 20 == 0:
                    print(f"step {i:3d}  J = {loss:.6f}")
            found = session.run([a, b])

    exact = np.polyfit(x_data, y_data, 1)
    print(f"gradient descent: slope {found[0]:.5f}  intercept {found[1]:.5f}")
    print(f"least squares:    slope {exact[0]:.5f}  intercept {exact[1]:.5f}")
    return found, exact


if __name__ == "__main__":
    main()
