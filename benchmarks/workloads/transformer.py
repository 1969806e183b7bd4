"""A small decoder-only transformer that predicts the next token: pre-normalized blocks, causal attention, GELU, Adam.

Vaswani and others, Attention is all you need, 2017, without the encoder; Radford and others, Language models are
unsupervised multitask learners, 2019, for the place of the normalization. GELU is the form with tanh.
"""

from dataclasses import dataclass

import numpy as np

from .frameworks import peers
from .optimizers import Adam
from .training import Training, check as check, jax_cross_entropy, kernel, measure as measure, tf_cross_entropy

TITLE = (
    "Transformer, decoder only: 4 layers, width 128, 4 heads, hidden 512, GELU, 128 tokens of 1,000, batch 16, Adam, "
    "float32: one training step and its loss"
)
ROUNDS = 7
GOALS = [
    ("step", "tensorglass-xla", "tensorflow", 1.0),
    ("step", "tensorglass-xla", "tf-jit", 1.0),
    ("step", "tensorglass-xla", "jax", 1.05),
    ("step", "tensorglass-xla", "jax-tuned", 1.05),
]

EPSILON = 1e-5
MASKED = -1e9


@dataclass(frozen=True)
class Work(Training):
    """Sizes of the network and of the batches."""

    layers: int = 4
    width: int = 128
    heads: int = 4
    hidden: int = 512
    length: int = 128
    vocabulary: int = 1000
    batch: int = 16
    count: int = 4

    optimizer = Adam(0.0001)

    def weights(self):
        random = np.random.RandomState(1)
        d = self.width
        weights = {
            "tokens": 0.02 * random.standard_normal((self.vocabulary, d)).astype(np.float32),
            "positions": 0.02 * random.standard_normal((self.length, d)).astype(np.float32),
        }
        for i in range(self.layers):
            weights |= self.norm(f"attention{i}_norm") | self.norm(f"mlp{i}_norm")
            for name, m, n in (("qkv", d, 3 * d), ("out", d, d), ("up", d, self.hidden), ("down", self.hidden, d)):
                weights[f"{name}{i}"] = 0.5 * kernel(random, (m, n))
                weights[f"{name}{i}_bias"] = np.zeros(n, np.float32)
        return weights | self.norm("last_norm") | {"logits": 0.5 * kernel(random, (d, self.vocabulary))}

    def norm(self, name):
        """Return the weights of a layer normalization."""
        return {f"{name}_scale": np.ones(self.width, np.float32), f"{name}_offset": np.zeros(self.width, np.float32)}

    def batches(self):
        random = np.random.RandomState(0)
        texts = random.randint(0, self.vocabulary, (self.count, self.batch, self.length + 1)).astype(np.int64)
        return [(text[:, :-1], text[:, 1:].reshape(-1)) for text in texts]

    def mask(self):
        """Return what is added to the scores: nothing where a token may look, very little where it may not."""
        return np.triu(np.full((self.length, self.length), MASKED, np.float32), 1)

    def tf_loss(self, tf, w, x, y):
        def norm(x, name):
            mean, variance = tf.nn.moments(x, [-1], keep_dims=True)
            return tf.nn.batch_normalization(x, mean, variance, w[f"{name}_offset"], w[f"{name}_scale"], EPSILON)

        def dense(x, name):
            return tf.matmul(x, w[name]) + w[f"{name}_bias"]

        def gelu(x):
            return 0.5 * x * (1 + tf.tanh(np.float32((2 / np.pi) ** 0.5) * (x + 0.044715 * x * x * x)))

        heads, size = self.heads, self.width // self.heads
        mask = tf.constant(self.mask())
        # Rows of tokens: products with the weights are products of two matrices.
        x = tf.reshape(tf.nn.embedding_lookup(w["tokens"], x) + w["positions"], [-1, self.width])
        for i in range(self.layers):
            qkv = tf.reshape(dense(norm(x, f"attention{i}_norm"), f"qkv{i}"), [-1, self.length, 3, heads, size])
            q, k, v = tf.unstack(tf.transpose(qkv, [2, 0, 3, 1, 4]))
            scores = tf.matmul(q, k, transpose_b=True) * size**-0.5 + mask
            seen = tf.transpose(tf.matmul(tf.nn.softmax(scores), v), [0, 2, 1, 3])
            x += dense(tf.reshape(seen, [-1, self.width]), f"out{i}")
            x += dense(gelu(dense(norm(x, f"mlp{i}_norm"), f"up{i}")), f"down{i}")
        return tf_cross_entropy(tf, tf.matmul(norm(x, "last_norm"), w["logits"]), y)

    def jax_loss(self, w, x, y):
        import jax

        def norm(x, name):
            mean = x.mean(-1, keepdims=True)
            variance = ((x - mean) ** 2).mean(-1, keepdims=True)
            return (x - mean) * jax.lax.rsqrt(variance + EPSILON) * w[f"{name}_scale"] + w[f"{name}_offset"]

        def dense(x, name):
            return x @ w[name] + w[f"{name}_bias"]

        heads, size = self.heads, self.width // self.heads
        mask = self.mask()
        x = (w["tokens"][x] + w["positions"]).reshape(-1, self.width)
        for i in range(self.layers):
            qkv = dense(norm(x, f"attention{i}_norm"), f"qkv{i}").reshape(-1, self.length, 3, heads, size)
            q, k, v = qkv.transpose(2, 0, 3, 1, 4)
            scores = q @ k.swapaxes(-1, -2) * size**-0.5 + mask
            seen = (jax.nn.softmax(scores) @ v).transpose(0, 2, 1, 3)
            x += dense(seen.reshape(-1, self.width), f"out{i}")
            x += dense(jax.nn.gelu(dense(norm(x, f"mlp{i}_norm"), f"up{i}")), f"down{i}")
        return jax_cross_entropy(norm(x, "last_norm") @ w["logits"], y)

    def torch_loss(self, w, x, y):
        import torch.nn.functional as F

        def norm(x, name):
            return F.layer_norm(x, (self.width,), w[f"{name}_scale"], w[f"{name}_offset"], EPSILON)

        def dense(x, name):
            return x @ w[name] + w[f"{name}_bias"]

        heads, size = self.heads, self.width // self.heads
        x = (w["tokens"][x] + w["positions"]).reshape(-1, self.width)
        for i in range(self.layers):
            qkv = dense(norm(x, f"attention{i}_norm"), f"qkv{i}").reshape(-1, self.length, 3, heads, size)
            q, k, v = qkv.permute(2, 0, 3, 1, 4)
            seen = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2)
            x = x + dense(seen.reshape(-1, self.width), f"out{i}")
            x = x + dense(F.gelu(dense(norm(x, f"mlp{i}_norm"), f"up{i}"), approximate="tanh"), f"down{i}")
        return F.cross_entropy(norm(x, "last_norm") @ w["logits"], y)


PEERS = peers(Work())
