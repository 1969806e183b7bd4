"""`make demo`: two small networks, trained before your eyes.

1. A multi-layer perceptron on XOR clusters: four clouds of points, two classes, no straight line between
   them.
2. A digit classifier on 1,797 real handwritten digits, scanned to 8 x 8 grey pixels, which come with
   scikit-learn.

Both are TensorFlow 1 programs: with `import tensorflow.compat.v1 as tf` in the import line below they print
the same numbers. Prints a table of losses for each and draws pictures into `demo-output/` (or the folder
named as argument). A page there steps through the first network: every value, every gradient, why it is so.
"""

import sys
import time
from pathlib import Path

import numpy as np
from pictures import draw_boundary, draw_digits, draw_losses
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import tensorglass.v1 as tf

tf.disable_v2_behavior()


def progress(steps, title):
    """Count through `steps` with a progress bar, or after a line of text where tqdm is not installed."""
    try:
        from tqdm import tqdm
    except ImportError:
        print(f"{title}: {steps} steps ...", file=sys.stderr, flush=True)
        return range(steps)
    return tqdm(range(steps), desc=title, unit=" steps", ncols=90, mininterval=0.1)


def print_table(title, columns, rows):
    """Print rows of a step number and values, right-aligned under the names of the columns."""
    print(f"\n{title}\n")
    print("    step" + "".join(f"{name:>16}" for name in columns))
    for step, *values in rows:
        print(f"{step:8d}" + "".join(f"{value:>16}" for value in values))
    print(flush=True)


def xor_clusters(count, seed):
    """Return `count` points around each of four centres, and their classes 0 or 1."""
    random = np.random.RandomState(seed)
    centres = np.array([[2, 2], [-2, -2], [-2, 2], [2, -2]])
    points = np.concatenate([0.7 * random.randn(count, 2) + centre for centre in centres])
    return points.astype(np.float32), np.repeat([0, 0, 1, 1], count)


def train_xor(picture, page, steps=2000):
    """Train 2 - 8 - 2, draw the boundary, write the explorer's page; return the losses and the accuracy."""
    points, classes = xor_clusters(50, seed=0)
    new_points, new_classes = xor_clusters(50, seed=1)

    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(1)
        x = tf.placeholder(tf.float32, [None, 2], name="x")
        y = tf.placeholder(tf.int64, [None], name="y")
        w1 = tf.Variable(tf.random_normal([2, 8]), name="w1")
        b1 = tf.Variable(tf.zeros([8]), name="b1")
        w2 = tf.Variable(tf.random_normal([8, 2]), name="w2")
        b2 = tf.Variable(tf.zeros([2]), name="b2")
        hidden = tf.sigmoid(tf.matmul(x, w1) + b1)
        logits = tf.matmul(hidden, w2) + b2
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
        accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), y), tf.float32))
        first_class = tf.nn.softmax(logits)[:, 0]
        train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)

        session.run(tf.global_variables_initializer())
        losses, rows = [], []
        for step in progress(steps + 1, "XOR clusters"):
            value, share, _ = session.run([loss, accuracy, train], {x: points, y: classes})
            losses.append(float(value))
            if step % (steps // 5) == 0:
                rows.append((step, f"{value:.6f}", f"{share:.1%}"))
        new = float(session.run(accuracy, {x: new_points, y: new_classes}))
        draw_boundary(
            picture,
            lambda grid: session.run(first_class, {x: grid}),
            points,
            classes,
            "XOR clusters and the boundary found",
        )
        if tf.__name__ == "tensorglass.v1":  # under TensorFlow itself there is nothing to look into
            from tensorglass import explore

            with explore.Trace("XOR clusters: two more steps, on a point of each cloud") as trace:
                for _ in range(2):
                    session.run([loss, train], {x: points[::50], y: classes[::50]})
            trace.to_html(page)

    print_table("XOR clusters: 2 - 8 - 2, sigmoid, gradient descent", ["loss", "right"], rows)
    print(f"Right about {new:.1%} of {len(new_points)} new points.\n", flush=True)
    return losses, new


def dense(x, units, name, activation=None):
    """A layer of `units` neurons with weights, He-scaled, and biases of their own."""
    with tf.variable_scope(name):
        inputs = int(x.shape[1])
        spread = tf.truncated_normal_initializer(stddev=(2.0 / inputs) ** 0.5)
        w = tf.get_variable("w", [inputs, units], initializer=spread)
        b = tf.get_variable("b", [units], initializer=tf.zeros_initializer())
        y = tf.matmul(x, w) + b
        return y if activation is None else activation(y)


def train_digits(picture, epochs=40, batch=50):
    """Train 64 - 256 - 10, draw some digits; return the losses, those on new digits, the accuracy there."""
    digits = load_digits()
    known_x, new_x, known_y, new_y, _, new_images = train_test_split(
        (digits.data / 16).astype(np.float32),  # 16 is black
        digits.target.astype(np.int64),
        digits.images,
        test_size=360,
        stratify=digits.target,
        random_state=0,
    )
    batches = len(known_x) // batch

    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(1)
        x = tf.placeholder(tf.float32, [None, 64], name="x")
        y = tf.placeholder(tf.int64, [None], name="y")
        hidden = dense(x, 256, "hidden", tf.nn.relu)
        logits = dense(hidden, 10, "digits")
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
        accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), y), tf.float32))
        train = tf.train.AdamOptimizer(0.002).minimize(loss)

        session.run(tf.global_variables_initializer())
        random = np.random.RandomState(0)
        losses, new_losses, rows = [], [], []
        for step in progress(epochs * batches, "handwritten digits"):
            if step % batches == 0:
                order = random.permutation(len(known_x))
            chosen = order[step % batches * batch :][:batch]
            value, _ = session.run([loss, train], {x: known_x[chosen], y: known_y[chosen]})
            losses.append(float(value))
            if (step + 1) % batches == 0:  # the end of an epoch
                new_loss, share = session.run([loss, accuracy], {x: new_x, y: new_y})
                new_losses.append(float(new_loss))
                if len(new_losses) % (epochs // 5) == 0:
                    epoch_loss = np.mean(losses[-batches:])
                    rows.append((step + 1, f"{epoch_loss:.6f}", f"{new_loss:.6f}", f"{share:.1%}"))
        p = session.run(tf.nn.softmax(logits), {x: new_x})

    print_table("Handwritten digits: 64 - 256 - 10, relu, Adam", ["loss", "loss (new)", "right (new)"], rows)
    print(f"Right about {share:.1%} of {len(new_y)} digits that it has never seen.\n", flush=True)

    right = p.argmax(axis=1) == new_y
    shown = np.concatenate([np.flatnonzero(right)[:20], np.flatnonzero(~right)[:10]])
    draw_digits(picture, new_images[shown], new_y[shown], p[shown])
    epoch_losses = np.reshape(losses, [epochs, batches]).mean(axis=1)
    return epoch_losses, new_losses, batches, float(share)


def main(folder="demo-output"):
    """Train both, draw everything into `folder`; return the accuracies on new points and on new digits."""
    began = time.perf_counter()
    pictures = [Path(folder, name) for name in ("xor-boundary.png", "digits.png", "losses.png")]
    page = Path(folder, "explorer.html")
    xor_losses, xor_share = train_xor(pictures[0], page)
    digit_losses, new_losses, batches, digit_share = train_digits(pictures[1])

    ends = batches * np.arange(1, len(digit_losses) + 1)
    curves = {
        "XOR clusters": {"points learnt from": (range(len(xor_losses)), xor_losses)},
        "Handwritten digits": {
            "digits learnt from": (ends, digit_losses),
            "digits never seen": (ends, new_losses),
        },
    }
    draw_losses(pictures[2], curves)

    print(f"{time.perf_counter() - began:.1f} s in all. Pictures:")
    for picture in pictures:
        print(f"  {picture}")
    if page.exists():
        print(f"Step through the first network, forwards and back: open\n  {page}")
    return xor_share, digit_share


if __name__ == "__main__":
    main(*sys.argv[1:2])
