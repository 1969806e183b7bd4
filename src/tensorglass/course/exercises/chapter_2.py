"""Chapter 2: the order of a run, and what a run needs."""

from __future__ import annotations

import random
from typing import Any

from ..checking import Wrong, exercise
from ..library import library
from .chapter_1 import as_set, classes, described, function, graphs, listed


def _needed(fetches: list[Any], fed: Any = ()) -> list[Any]:
    return library(2).postorder(fetches, known=fed)


def _named(nodes: list[Any]) -> str:
    return "[" + ", ".join(node.name for node in nodes) + "]"


# -- 2.1


@exercise("2.1", "The other way round")
def _(answer: Any) -> None:
    """Whether the list has the needed nodes, each once and after its inputs, on random graphs and on a deep one."""
    function(answer)
    make = classes(answer)
    for nodes in graphs(make):
        draw = random.Random(len(nodes))
        for fetches in ([nodes[-1]], draw.sample(nodes, min(len(nodes), 2))):
            try:
                order = answer(list(fetches))
            except KeyError as error:
                if not any(error.args[0] is node for node in nodes if error.args):
                    raise
                told = f"In the graph {described(nodes)}, for the fetches {_named(fetches)}: KeyError for {error}."
                hint = "A needed node may have consumers that are not needed. Leave those out."
                raise Wrong(told, hint=hint) from None
            _in_order(order, fetches, f"In the graph {described(nodes)}, for the fetches {_named(fetches)}")
    with make.Graph():
        node = make.placeholder(name="x")
        for _ in range(3_000):
            node = make.add(node, node)
    _in_order(answer([node]), [node], "In a chain of 3,000 doublings")
    if "postorder" in getattr(getattr(answer, "__code__", None), "co_names", ()):
        hint = "Count the missing inputs of each needed node. When a node is computed, its consumers miss one less."
        raise Wrong("The order is right, but it is `postorder` that has found it.", hint=hint)


def _in_order(order: Any, fetches: list[Any], where: str) -> None:
    as_set(order, "a list of nodes")
    order = list(order)
    place = {node: k for k, node in reversed(list(enumerate(order)))}
    shown = f"{where}: your list is {_named(order)}" if len(order) < 20 else where
    needed = _needed(fetches)
    missing = [node for node in needed if node not in place]
    if missing:
        hint = f"`{missing[0].name}` was never ready, or never asked for."
        users = [node for node in missing if len(set(node.input_nodes)) < len(node.input_nodes)]
        if users:
            hint = "A node may have the same input twice, as in x + x. Count its missing inputs so that both are found."
        elif not order:
            hint = "Begin with the nodes that have no inputs."
        raise Wrong(f"{shown}, and `{missing[0].name}` is missing.", hint=hint)
    twice = [node for node in order if order.count(node) > 1] if len(order) > len(place) else []
    if twice:
        hint = "A node becomes ready once: when the last of its inputs is there."
        raise Wrong(f"{shown}, and `{twice[0].name}` comes more than once.", hint=hint)
    extra = [node for node in order if node not in set(needed)]
    if extra:
        hint = "Only what the fetches depend on. Walk back from them first, and count only among these nodes."
        raise Wrong(f"{shown}, and nobody needs `{extra[0].name}`.", hint=hint)
    for node in order:
        late = [x for x in node.input_nodes if place[x] > place[node]]
        if late:
            hint = "A node is ready when *all* of its inputs are there, not when the first is."
            if order[0] in fetches and len(order) > 1:
                hint = "Your list begins with a fetched node. The order of computing begins at the leaves."
            raise Wrong(f"{shown}, and `{node.name}` comes before its input `{late[0].name}`.", hint=hint)


# -- 2.2


@exercise("2.2", "Repair a traversal")
def _(answer: Any) -> None:
    """Whether the function lists the Variables behind a node, and looks at each node once."""
    function(answer)
    make = classes(answer)
    _each_once(answer, make)
    for nodes in graphs(make):
        node = nodes[-1]
        truth = {x for x in _needed([node]) if isinstance(x, make.Variable)}
        for again in (False, True):
            found = answer(node)
            if as_set(found, "a list of nodes") == truth and len(list(found)) == len(truth):
                continue
            hint = "All nodes have to be visited, and only Variables belong in the list."
            if again:
                hint = "The set of visited nodes belongs to one call: make it inside the function."
            elif truth < set(found):
                hint = "Only Variables belong in the list."
            elif len(list(found)) > len(truth):
                hint = "A Variable belongs in the list once."
            told = f"In the graph {described(nodes)}: {'the second' if again else 'your'} answer for {node.name} is "
            raise Wrong(f"{told}{_named(list(found))}, and it should be {listed(truth)}.", hint=hint)


def _each_once(answer: Any, make: Any) -> None:
    looks = 0

    class counted(make.add):
        """A sum that counts how often somebody looks at its inputs."""

        @property
        def input_nodes(self) -> list[Any]:
            nonlocal looks
            looks += 1
            if looks > 2_000:
                told = "On the chain of 19 nodes your function was stopped after 2,000 visits."
                hint = "Remember every node that you have visited, in a set, and not only the Variables."
                raise Wrong(told, hint=hint)
            return self._inputs

        @input_nodes.setter
        def input_nodes(self, value: list[Any]) -> None:
            self._inputs = value

    with make.Graph():
        node = make.Variable(1.0)
        for _ in range(18):
            node = counted(node, node)
    looks = 0
    answer(node)
    if looks > 3 * 18:
        raise Wrong(f"On the chain of 19 nodes your function looked at inputs {looks} times.",
                    hint="Ask whether a node has been visited before you look at its inputs.")  # fmt: skip


# -- 2.3


@exercise("2.3", "Which placeholders must be fed?")
def _(answer: Any) -> None:
    """Whether the function gives the placeholders that a run would miss, for random graphs, fetches and feeds."""
    function(answer)
    make = classes(answer)
    for nodes in graphs(make):
        draw = random.Random(len(nodes))
        for fed in ([], draw.sample(nodes, 1), draw.sample(nodes, min(len(nodes), 3))):
            fetches = [nodes[-1]]
            feeds = dict.fromkeys(fed, 1.0)
            truth = {x for x in _needed(fetches, feeds) if isinstance(x, make.placeholder) and x not in feeds}
            found = as_set(answer(list(fetches), dict(feeds)), "a set of nodes")
            if found == truth:
                continue
            extra = found - truth
            hint = "Each placeholder that is needed and has no value."
            if any(not isinstance(x, make.placeholder) for x in extra):
                hint = "Only placeholders can be missing. Constants, Variables and operations have their values."
            elif extra & set(fed):
                hint = "What is fed is not missing."
            elif extra & set(_needed(fetches)):
                hint = (
                    "Nobody asks behind a fed node, also when it is an operation. `postorder` has an argument for that."
                )
            elif extra:
                hint = "Not every placeholder of the graph is needed for these fetches."
            told = f"In the graph {described(nodes)}, with {_named(fetches)} fetched and {_named(fed)} fed: "
            raise Wrong(f"{told}your answer is {listed(found)}, and it should be {listed(truth)}.", hint=hint)


# -- 2.4


def _visits(n: int) -> int:
    """Tₙ = 1 + Tₙ₋₁ + Tₙ₋₂, with T₀ = T₁ = 1."""
    before, last = 1, 1
    for _ in range(n - 1):
        before, last = last, 1 + last + before
    return last


@exercise("2.4", "Predict the visits")
def _(answer: Any) -> None:
    """Whether the number of visits is the one that the formula gives."""
    truth = _visits(11)
    if isinstance(answer, bool) or not isinstance(answer, (int, float)):
        raise Wrong(f"The answer is a whole number, not {answer!r}.", hint="How often is `visit` called?")
    if answer == truth:
        return
    hint = "Write down T for x₀, x₁, x₂, x₃: 1, 1, 3, 5. Go on to x₁₁."
    if answer == 12:
        hint = "There are 12 nodes; but without a visited set most of them are visited more than once."
    elif answer == 2**12 - 1:
        hint = "That is the chain of doublings. Here the two inputs are two different nodes."
    elif answer in (89, 144, 233):
        hint = "That is a Fibonacci number. Do not forget the 1 for the visit of the node itself."
    elif answer in (_visits(10), _visits(12)):
        hint = "The nodes are counted from x₀: the twelfth is x₁₁."
    raise Wrong(f"It is not {answer:g}.", hint=hint)
