"""Graphs for the tests of the explorer's pictures: nodes as in a trace, the way a program would make them."""

from __future__ import annotations

import itertools
from typing import Any


class Sketch:
    """Collects nodes: `g("multiply", a, b)` makes one in the current scope and returns its id."""

    def __init__(self):
        self.nodes: list[dict[str, Any]] = []
        self.scope = ""
        self._taken: set[str] = set()

    def __call__(self, name: str, *inputs: str, kind: str = "op") -> str:
        full = f"{self.scope}/{name}" if self.scope else name
        names = itertools.chain([full], (f"{full}_{k}" for k in itertools.count(1)))
        full = next(n for n in names if n not in self._taken)
        self._taken.add(full)
        node = {
            "id": f"n{len(self.nodes)}", "name": full, "kind": kind, "type": name.title(), "inputs": list(inputs),
            "control": [], "scope": full.rpartition("/")[0], "phase": "forward", "shape": [None, 2], "dtype": "float32",
        }  # fmt: skip
        self.nodes.append(node)
        return node["id"]

    def variable(self, name: str) -> str:
        return self(name, kind="variable")

    def placeholder(self, name: str) -> str:
        return self(name, kind="placeholder")

    def constant(self, name: str) -> str:
        return self(name, kind="constant")


def chain(length: int) -> list[dict]:
    g = Sketch()
    last = g.placeholder("x")
    for _ in range(length - 1):
        last = g("square", last)
    return g.nodes


def diamond() -> list[dict]:
    g = Sketch()
    x = g.placeholder("x")
    g("multiply", g("sin", x), g("cos", x))
    return g.nodes


def mlp() -> list[dict]:
    """The network of the XOR chapter, 17 nodes, with a constant."""
    g = Sketch()
    x, c = g.placeholder("X"), g.placeholder("c")
    w, b = g.variable("W_hidden"), g.variable("b_hidden")
    v, d = g.variable("W_output"), g.variable("b_output")
    hidden = g("sigmoid", g("add", g("matmul", x, w), b))
    p = g("softmax", g("add", g("matmul", hidden, v), d))
    g.scope = "loss"
    axis = g.constant("axis")
    g("neg", g("reduce_sum", g("reduce_sum", g("multiply", c, g("log", p)), axis)))
    return g.nodes


def rnn(steps: int, scopes: bool = True) -> list[dict]:
    """A recurrent network, unrolled: 11 nodes a step and 5 weights."""
    g = Sketch()
    w, u, b = g.variable("W"), g.variable("U"), g.variable("b")
    v, d = g.variable("V"), g.variable("d")
    h = total = ""
    for t in range(steps):
        g.scope = (f"step_{t}" if t else "step") if scopes else ""
        x = g.placeholder("x")
        state = h or g.constant("zeros")
        h = g("tanh", g("add", g("add", g("matmul", x, w), g("matmul", state, u)), b))
        logits = g("add", g("matmul", h, v), d)
        loss = g("cross_entropy", logits, g.placeholder("label"))
        total = g("add", total, loss) if total else loss
    return g.nodes


def transformer(blocks: int) -> list[dict]:
    """Attention and a feed-forward network, with normalisation and residual connections: 45 nodes a block."""
    g = Sketch()
    x = g("gather", g.variable("embedding"), g.placeholder("tokens"))
    x = g("add", x, g.variable("positions"))
    for k in range(blocks):
        g.scope = f"block_{k}/attention"
        normal = _normalised(g, x)
        q, key, value = (g("matmul", normal, g.variable(name)) for name in ("Q", "K", "V"))
        scores = g("divide", g("batch_matmul", q, g("transpose", key)), g.constant("scale"))
        mixed = g("batch_matmul", g("softmax", scores), value)
        x = g("add", x, g("matmul", mixed, g.variable("O")))
        g.scope = f"block_{k}/feed_forward"
        normal = _normalised(g, x)
        hidden = g("relu", g("add", g("matmul", normal, g.variable("W1")), g.variable("b1")))
        x = g("add", x, g("add", g("matmul", hidden, g.variable("W2")), g.variable("b2")))
    g.scope = ""
    g("cross_entropy", g("matmul", x, g.variable("unembedding")), g.placeholder("labels"))
    return g.nodes


def _normalised(g: Sketch, x: str) -> str:
    centred = g("subtract", x, g("mean", x))
    scaled = g("divide", centred, g("sqrt", g("mean", g("square", centred))))
    return g("add", g("multiply", scaled, g.variable("gain")), g.variable("bias"))
