"""Chapter 0: reading a run in the explorer."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..checking import Wrong, exercise

INPUTS = {
    "x": [],
    "shifted": ["x"],
    "square": ["shifted"],
    "logarithm": ["square"],
    "inverse": ["square"],
    "score": ["logarithm", "inverse"],
    "total": ["score"],
}


def _values() -> dict[str, np.ndarray]:
    x = np.array([0.0, 1.0, 2.0, 3.0])
    square = (x - 2) ** 2
    values = {"x": x, "shifted": x - 2, "square": square, "logarithm": np.log(square), "inverse": 1 / square}
    values["score"] = values["logarithm"] + values["inverse"]
    return values | {"total": values["score"].sum()}


def _name(answer: Any) -> str:
    """The node's name that an answer gives, as text or as the node itself."""
    name = answer if isinstance(answer, str) else getattr(answer, "name", None)
    if not isinstance(name, str):
        raise Wrong(f"The answer is the name of a node, not {answer!r}.", hint='Write the name in quotes: `"shifted"`.')
    name = name.strip().removesuffix(":0")
    if name not in INPUTS:
        raise Wrong(f"There is no node `{name}` in this graph.", hint=f"Its nodes are {', '.join(INPUTS)}.")
    return name


@exercise("0.1", "Where does the NaN come from?")
def _(answer: Any) -> None:
    """Whether the node is the first that contains a NaN."""
    name, values = _name(answer), _values()
    if not np.isnan(values[name]).any():
        value = f"`{name}` is {np.array2string(values[name], precision=3, separator=', ')}: no NaN in it."
        if np.isinf(values[name]).any():
            raise Wrong(value, hint="An infinite value is not a NaN yet. Step on, and see who uses it.")
        raise Wrong(value, hint="Step on with → and watch the values.")
    earlier = [x for x in INPUTS[name] if np.isnan(values[x]).any()]
    if earlier:
        raise Wrong(
            f"`{name}` contains a NaN, but so does its input `{earlier[0]}`.",
            hint="It only inherits the NaN. Step back with ← until the inputs are free of it.",
        )


@exercise("0.2", "An order of computation")
def _(answer: Any) -> None:
    """Whether each of the seven nodes is there once, after its inputs."""
    if isinstance(answer, str) or not hasattr(answer, "__iter__") or isinstance(answer, (set, dict)):
        raise Wrong(f"The answer is a list of names in order, not {answer!r}.", hint='`["x", "shifted", ...]`')
    order = [_name(x) for x in answer]
    twice = [x for x in order if order.count(x) > 1]
    if twice:
        raise Wrong(
            f"`{twice[0]}` comes twice.", hint="A value that has been computed can be used as often as it is needed."
        )
    for k, name in enumerate(order):
        late = [x for x in INPUTS[name] if x not in order[:k]]
        if late:
            hint = "A node comes after the nodes that its arrows come from."
            if order and order[0] == "total":
                hint = "You began at the end. That is the order of asking; the order of computing begins at `x`."
            raise Wrong(f"When it is the turn of `{name}`, its input `{late[0]}` has not been computed.", hint=hint)
    missing = [x for x in INPUTS if x not in order]
    if missing:
        raise Wrong(f"`{missing[0]}` is missing.", hint="All seven nodes are wanted.")


@exercise("0.3", "What is left out?")
def _(answer: Any) -> None:
    """Whether the set has the nodes that `inverse` does not depend on."""
    if isinstance(answer, str) or not hasattr(answer, "__iter__"):
        raise Wrong(f"The answer is a set of names, not {answer!r}.", hint='`{"x", "total"}`')
    left_out = {_name(x) for x in answer}
    needed, waiting = set(), ["inverse"]
    while waiting:
        name = waiting.pop()
        needed.add(name)
        waiting += INPUTS[name]
    wrong = [x for x in INPUTS if x in left_out & needed]
    if wrong:
        via = "It is what was fetched." if wrong[0] == "inverse" else "Follow the arrows backwards from `inverse`."
        raise Wrong(f"`{wrong[0]}` is needed to compute `inverse`.", hint=via)
    missing = [x for x in INPUTS if x not in left_out | needed]
    if missing:
        hint = "A run is not a program: an earlier line is not a reason to be computed."
        if missing[0] != "logarithm":
            hint = "What uses `inverse` is not needed for it."
        raise Wrong(f"`{missing[0]}` is not needed to compute `inverse` either.", hint=hint)
