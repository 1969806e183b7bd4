"""Programs whose traces the tests of the explorer and tools/screenshots.py show: small, of fixed numbers."""

import numpy as np

import tensorglass as tg


def xor(steps=3):
    """A trace of `steps` training steps of a network that learns XOR."""
    random = np.random.RandomState(1)
    with tg.Graph().as_default():
        x, c = tg.placeholder(tg.float64, [None, 2], name="x"), tg.placeholder(tg.float64, [None, 2], name="c")
        with tg.name_scope("hidden"):
            w, b = tg.Variable(random.randn(2, 2), name="w"), tg.Variable(np.zeros(2), name="b")
            hidden = tg.sigmoid(tg.matmul(x, w) + b)
        with tg.name_scope("output"):
            v, d = tg.Variable(random.randn(2, 2), name="w"), tg.Variable(np.zeros(2), name="b")
            p = tg.nn.softmax(tg.matmul(hidden, v) + d)
        with tg.name_scope("loss"):
            loss = tg.negative(tg.reduce_sum(c * tg.log(p)), name="J")
        train = tg.train.GradientDescentOptimizer(0.1).minimize(loss)
        feeds = {x: [[0, 0], [0, 1], [1, 0], [1, 1]], c: [[1, 0], [0, 1], [0, 1], [1, 0]]}
        session = tg.Session(backend="numpy")
        with tg.trace(title="XOR") as t:
            for _ in range(steps):
                session.run([loss, train], feeds)
    return t


def cnn():
    """A trace of one training step of a small convolutional network on pictures of bars and discs."""
    random = np.random.RandomState(0)
    rows, columns = np.mgrid[0:14, 0:14]
    pictures = np.stack([(rows % 4 < 2), (columns % 4 < 2), (rows - 7) ** 2 + (columns - 7) ** 2 < 20])
    with tg.Graph().as_default():
        x = tg.placeholder(tg.float32, [None, 14, 14, 1], name="pictures")
        y = tg.placeholder(tg.int64, [None], name="classes")
        h = x
        for k, (m, n) in enumerate([(1, 4), (4, 8)]):
            with tg.name_scope(f"conv{k + 1}"):
                f = tg.Variable(0.3 * random.randn(3, 3, m, n).astype(np.float32), name="filters")
                b = tg.Variable(np.zeros(n, np.float32), name="bias")
                h = tg.nn.relu(tg.nn.conv2d(h, f, strides=1, padding="SAME") + b)
                h = tg.nn.max_pool2d(h, 2, 2, "VALID")
        with tg.name_scope("dense"):
            w = tg.Variable(0.1 * random.randn(72, 3).astype(np.float32), name="w")
            logits = tg.matmul(tg.reshape(h, [-1, 72]), w)
        with tg.name_scope("loss"):
            each = tg.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits)
            loss = tg.reduce_mean(each)
        train = tg.train.AdamOptimizer(0.01).minimize(loss)
        noise = 0.1 * random.randn(3, 14, 14, 1)
        session = tg.Session(backend="numpy")
        with tg.trace(title="A small CNN") as t:
            feeds = {x: pictures[..., None] + noise, y: [0, 1, 2]}
            session.run([loss, train], feeds)
    return t


def rnn(length=30, units=8):
    """A trace of one training step of a recurrent network, its `length` steps unrolled, one scope each."""
    random = np.random.RandomState(0)
    with tg.Graph().as_default():
        x, y = tg.placeholder(tg.float32, [length, 4, 2], name="x"), tg.placeholder(tg.float32, [4, 1], name="y")
        w = tg.Variable(0.5 * random.randn(2 + units, units).astype(np.float32), name="w")
        b = tg.Variable(np.zeros(units, np.float32), name="b")
        v = tg.Variable(0.5 * random.randn(units, 1).astype(np.float32), name="v")
        h = tg.zeros([4, units], name="start")
        for k in range(length):
            with tg.name_scope(f"step_{k + 1}"):
                h = tg.tanh(tg.matmul(tg.concat([x[k], h], axis=1), w) + b)
        loss = tg.reduce_mean(tg.squared_difference(tg.matmul(h, v), y), name="loss")
        train = tg.train.GradientDescentOptimizer(0.1).minimize(loss)
        feeds = {x: random.rand(length, 4, 2), y: random.rand(4, 1)}
        session = tg.Session(backend="numpy")
        with tg.trace(title=f"A recurrent network of {length} steps") as t:
            session.run([loss, train], feeds)
    return t


def transformer(layers=12, width=32, heads=2, length=12, vocabulary=50):
    """A trace of one training step of a decoder-only transformer, a scope for each layer and each part of it."""
    random = np.random.RandomState(0)

    def variable(name, *shape):
        return tg.Variable((0.2 * random.randn(*shape)).astype(np.float32), name=name)

    def norm(x, name):
        with tg.name_scope(name):
            mean, variance = tg.nn.moments(x, [-1], keepdims=True)
            scale = tg.Variable(np.ones(width, np.float32), name="scale")
            offset = tg.Variable(np.zeros(width, np.float32), name="offset")
            return tg.nn.batch_normalization(x, mean, variance, offset, scale, 1e-5)

    def dense(x, name, m, n):
        with tg.name_scope(name):
            return tg.matmul(x, variable("w", m, n)) + variable("b", n)

    def attention(x):
        with tg.name_scope("attention"):
            qkv = tg.reshape(dense(norm(x, "norm"), "qkv", width, 3 * width), [-1, length, 3, heads, width // heads])
            q, k, v = tg.unstack(tg.transpose(qkv, [2, 0, 3, 1, 4]))
            scores = tg.matmul(q, k, transpose_b=True) * (width // heads) ** -0.5 + mask
            seen = tg.transpose(tg.matmul(tg.nn.softmax(scores), v), [0, 2, 1, 3])
            return x + dense(tg.reshape(seen, [-1, width]), "out", width, width)

    def mlp(x):
        with tg.name_scope("mlp"):
            return x + dense(tg.nn.relu(dense(norm(x, "norm"), "up", width, 2 * width)), "down", 2 * width, width)

    with tg.Graph().as_default():
        text, following = tg.placeholder(tg.int64, [2, length], name="text"), tg.placeholder(tg.int64, [2 * length])
        mask = tg.constant(np.triu(np.full((length, length), -1e9, np.float32), 1), name="mask")
        found = tg.nn.embedding_lookup(variable("tokens", vocabulary, width), text)
        x = tg.reshape(found + variable("positions", length, width), [-1, width])
        for k in range(layers):
            with tg.name_scope(f"layer_{k + 1}"):
                x = mlp(attention(x))
        logits = tg.matmul(norm(x, "last_norm"), variable("logits", width, vocabulary))
        each = tg.nn.sparse_softmax_cross_entropy_with_logits(labels=following, logits=logits)
        loss = tg.reduce_mean(each, name="loss")
        train = tg.train.AdamOptimizer(0.001).minimize(loss)
        texts = random.randint(0, vocabulary, (2, length + 1))
        session = tg.Session(backend="numpy")
        with tg.trace(title=f"A transformer of {layers} layers") as t:
            session.run([loss, train], {text: texts[:, :-1], following: texts[:, 1:].reshape(-1)})
    return t
