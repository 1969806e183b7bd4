"""Chapter 1: building graphs, shapes, and what depends on what."""

from __future__ import annotations

import random
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..checking import Wrong, exercise
from ..library import library

# -- graphs to try answers on; chapter 2 uses them too


def classes(answer: Any) -> Any:
    """The learner's own node classes where their function can see them, else the small library's."""
    seen = getattr(answer, "__globals__", {})
    names = ("Graph", "placeholder", "constant", "Variable", "add")
    return SimpleNamespace(**{name: seen[name] for name in names}) if all(n in seen for n in names) else library(2)


def random_graph(make: Any, size: int, seed: int) -> list[Any]:
    """`size` nodes in the order they were made, called a, b, c, ...: leaves of all kinds, and sums."""
    draw, nodes = random.Random(seed), []
    with make.Graph():
        for k in range(size):
            name = chr(ord("a") + k)
            if k < 2 or draw.random() < 0.15:
                kind = draw.choice(["placeholder", "placeholder", "Variable", "constant"])
                nodes.append(
                    make.placeholder(name=name) if kind == "placeholder" else getattr(make, kind)(k + 1.0, name=name)
                )
            else:
                nodes.append(make.add(draw.choice(nodes), draw.choice(nodes), name=name))
    return nodes


def graphs(make: Any) -> Iterator[list[Any]]:
    """Small graphs first, so that the first that fails is a small one."""
    for size in range(1, 13):
        for seed in range(12):
            yield random_graph(make, size, 100 * size + seed)


def described(nodes: list[Any]) -> str:
    """A graph in words: what each node is made from."""
    return ", ".join(
        f"{node.name} = {type(node).__name__}"
        + (f"({', '.join(x.name for x in node.input_nodes)})" if node.input_nodes else "")
        for node in nodes
    )


def listed(nodes: Any) -> str:
    """Names in braces, in alphabetical order."""
    return "{" + ", ".join(sorted(node.name for node in nodes)) + "}"


def as_set(found: Any, what: str) -> set[Any]:
    """A learner's collection of nodes as a set."""
    if found is None:
        raise Wrong("The function returned nothing.", hint="Does it end with `return`?")
    if not isinstance(found, (set, frozenset, list, tuple)) or not all(hasattr(x, "input_nodes") for x in found):
        raise Wrong(
            f"The function returned {found!r}, and that is not {what}.", hint="Nodes themselves, not their names."
        )
    return set(found)


def function(answer: Any) -> None:
    if not callable(answer):
        raise Wrong(f"The answer is a function, not {answer!r}.", hint="Give the function itself, without calling it.")


# -- 1.1


def _model() -> Any:
    make = library(1)
    with make.Graph():
        x, A, b = make.placeholder(), make.Variable([[1.0, 2.0], [3.0, 4.0]]), make.Variable([10.0, 20.0])
        product = A @ x
        return (product + b) + product


def _value(node: Any) -> Any:
    return next((getattr(node, k) for k in ("value", "initial_value") if hasattr(node, k)), None)


def _same(mine: Any, theirs: Any, pairs: dict[Any, Any]) -> dict[Any, Any] | None:
    """Which node of `theirs` each of `mine` is, when the graphs are the same; a sum's inputs may change places."""
    if mine in pairs or theirs in pairs.values():
        return pairs if pairs.get(mine) is theirs else None
    if type(mine).__name__ != type(theirs).__name__ or len(mine.input_nodes) != len(theirs.input_nodes):
        return None
    if not mine.input_nodes:
        a, b = _value(mine), _value(theirs)
        return {**pairs, mine: theirs} if (a is None) == (b is None) and (a is None or np.array_equal(a, b)) else None
    orders = [list(theirs.input_nodes)]
    if type(mine).__name__ == "add":
        orders.append(orders[0][::-1])
    for order in orders:
        found: dict[Any, Any] | None = {**pairs, mine: theirs}
        for x, y in zip(mine.input_nodes, order, strict=True):
            found = _same(x, y, found) if found is not None else None
        if found is not None:
            return found
    return None


def _behind(node: Any) -> list[Any]:
    found, waiting = [node], [node]
    while waiting:
        for x in waiting.pop().input_nodes:
            if x not in found:
                found.append(x)
                waiting.append(x)
    return found


@exercise("1.1", "Build a graph")
def _(answer: Any) -> None:
    """Whether the node that `build` returns has the graph of the figure behind it."""
    z = answer() if callable(answer) and not isinstance(answer, type) else answer
    if z is None:
        raise Wrong("`build` returned nothing.", hint="Return the node z.")
    if not hasattr(z, "input_nodes"):
        hint = "Make nodes: a Variable for A and one for b. Then `A @ x + b` makes nodes as well."
        raise Wrong(f"`build` returned {z!r}, which is not a node.", hint=hint)
    if _same(_model(), z, {}) is not None:
        return
    nodes = _behind(z)
    kinds = [type(node).__name__ for node in nodes]
    if kinds.count("matmul") > 1:
        hint = "The product is one node with two consumers. Give it a name, such as h, and use it twice."
        raise Wrong(f"Your graph has {kinds.count('matmul')} products; the figure has one.", hint=hint)
    for kind, many in (("placeholder", 1), ("Variable", 2), ("matmul", 1), ("add", 2)):
        if kinds.count(kind) != many:
            hint = f"Your graph, from z backwards: {', '.join(node.name for node in nodes)}."
            if kind == "add" and kinds.count(kind) < many:
                hint = "In the figure a second sum comes after the first: arrows from add and matmul lead to it."
            if kind == "Variable" and "constant" in kinds:
                hint = "A and b are drawn with a solid square frame: Variables, not constants."
            raise Wrong(
                f"There should be {many} of the kind `{kind}` behind z, and there are {kinds.count(kind)}.", hint=hint
            )
    product = nodes[kinds.index("matmul")]
    if type(product.input_nodes[0]).__name__ == "placeholder":
        raise Wrong("Your product is x A; the figure's is A x.", hint="The order of a product's inputs matters.")
    values = [_value(node) for node in nodes if type(node).__name__ == "Variable"]
    if not any(np.array_equal(v, [[1, 2], [3, 4]]) for v in values) or not any(
        np.array_equal(v, [10, 20]) for v in values
    ):
        hint = "A is [[1, 2], [3, 4]] and b is [10, 20]."
        raise Wrong(
            f"Your Variables begin with {' and '.join(str(np.asarray(v).tolist()) for v in values)}.", hint=hint
        )
    hint = "Begin at z: its inputs are the first sum and the product."
    raise Wrong(f"The kinds are right, but not the arrows: {described(nodes[::-1])}.", hint=hint)


# -- 1.2

TERMS = {
    "a": ("(2, 3) @ (3,) + (2,)", lambda: np.zeros((2, 3)) @ np.zeros(3) + np.zeros(2)),
    "b": ("(5, 3) @ (3, 4) + (4,)", lambda: np.zeros((5, 3)) @ np.zeros((3, 4)) + np.zeros(4)),
    "c": ("(3,) @ (3, 4)", lambda: np.zeros(3) @ np.zeros((3, 4))),
    "d": ("(4, 1) + (3,)", lambda: np.zeros((4, 1)) + np.zeros(3)),
    "e": ("(2, 3) + (2,)", lambda: np.zeros((2, 3)) + np.zeros(2)),
}
HINTS = {
    "a": "A vector on the right of a matrix is a column, and this direction is dropped from the result.",
    "b": "The product first: it keeps the rows of the left and the columns of the right. Then the sum.",
    "c": "A vector on the left of a matrix is a row, and this direction is dropped from the result.",
    "d": "Align at the right: 4 1 over · 3. A size of 1 is repeated, and so is a missing one.",
    "e": "Align at the right: 2 3 over · 2. Now compare 3 with 2.",
}


@exercise("1.2", "Predict shapes")
def _(answer: Any) -> None:
    """Whether the five shapes are those that NumPy finds."""
    if not isinstance(answer, dict):
        raise Wrong(f"The answer is a table from letters to shapes, not {answer!r}.", hint='`{"a": (2, 3), ...}`')
    for letter, (text, compute) in TERMS.items():
        given = answer.get(letter)
        if given is None or given is ...:
            raise Wrong(f"There is no prediction for {letter} yet.", hint='A shape such as `(2, 3)`, or `"error"`.')
        try:
            truth: Any = compute().shape
        except ValueError:
            truth = "error"
        shape = (
            given.strip().lower() if isinstance(given, str) else (given,) if isinstance(given, int) else tuple(given)
        )
        if shape != truth:
            raise Wrong(f"{letter}: `{text}` is not {given!r}.", hint=HINTS[letter])


# -- 1.3

M = np.array([[0.0, 1.0], [2.0, 3.0]])
FUNCTIONS = {
    "p": lambda x, y: (x + y) @ M,
    "q": lambda x, y: M @ (x + y),
    "r": lambda x, y: x @ M + y,
    "s": lambda x, y: y @ M + x @ M,
    "t": lambda x, y: x @ M + M @ y,
}


@exercise("1.3", "Two graphs, one function")
def _(answer: Any) -> None:
    """Whether the two nodes have the same value for every x and y."""
    if isinstance(answer, str) or not hasattr(answer, "__iter__"):
        raise Wrong(f"The answer is a set of two letters, not {answer!r}.", hint='`{"p", "q"}`')
    letters = sorted({str(x) for x in answer})
    if len(letters) != 2 or not set(letters) <= set(FUNCTIONS):
        raise Wrong(
            f"The answer is two of the letters p, q, r, s, t, not {letters}.",
            hint="Two of the five nodes are the same.",
        )
    one, two = letters
    small = [np.array(v, float) for v in ([1, 0], [0, 1], [1, 1], [0, 0])]
    for x in small:
        for y in small:
            a, b = FUNCTIONS[one](x, y), FUNCTIONS[two](x, y)
            if not np.array_equal(a, b):
                hint = "A product of matrices distributes over a sum, but its factors may not change places."
                if "r" in letters:
                    hint = "In r, the vector y is added as it is: nothing multiplies it by M."
                told = f"For x = {x.tolist()} and y = {y.tolist()}, {one} is {a.tolist()} and {two} is {b.tolist()}."
                raise Wrong(told, hint=hint)


# -- 1.4


def _affected(node: Any) -> set[Any]:
    found, waiting = set(), [node]
    while waiting:
        for x in waiting.pop().consumers:
            if x not in found:
                found.add(x)
                waiting.append(x)
    return found


@exercise("1.4", "What is affected?")
def _(answer: Any) -> None:
    """Whether the function gives all nodes that depend on the node, for every node of random graphs."""
    function(answer)
    for nodes in graphs(library(1)):
        for node in reversed(nodes):
            found, truth = as_set(answer(node), "a set of nodes"), _affected(node)
            if found == truth:
                continue
            hint = "Go on: what uses the consumers?"
            if node in found:
                hint = "The node itself is not one of those that depend on it."
            elif found and found <= set(_behind(node)):
                hint = "You went along `input_nodes`, to what the node is made from. What uses it is in `consumers`."
            elif not found <= truth:
                hint = "Only what a path of arrows leads to."
            elif not found:
                hint = "Begin with `node.consumers`."
            told = (
                f"In the graph {described(nodes)}: your answer for {node.name} is {listed(found)}, not {listed(truth)}."
            )
            raise Wrong(told, hint=hint)
    _walks_once(answer)


def _walks_once(answer: Any) -> None:
    """A ladder of 18 doublings has 2¹⁸ paths: an answer should not walk each of them."""
    make, visits = library(1), 0

    class counted(make.add):
        @property
        def consumers(self) -> list[Any]:
            nonlocal visits
            visits += 1
            if visits > 5_000:
                raise Wrong(
                    "Where each of 18 nodes is twice the one before it, your function looks at nodes over and over.",
                    hint="Keep a set of the nodes that you have found, and follow each of them once.",
                )
            return self._consumers

        @consumers.setter
        def consumers(self, value: list[Any]) -> None:
            self._consumers = value

    with make.Graph():
        x = node = make.placeholder(name="x")
        for _ in range(18):
            node = counted(node, node)
    answer(x)
