"""Running a graph: each node after its inputs, and once."""

import numpy as np


def postorder(fetches, known=()):
    """Every node that `fetches` need, each once and after its inputs; nobody asks behind a `known` node."""
    order, seen = [], set()
    stack = [(node, False) for node in reversed(fetches)]
    while stack:
        node, inputs_done = stack.pop()
        if inputs_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            if node not in known:
                stack.extend((x, False) for x in reversed(node.input_nodes))
    return order


class Session:
    """Runs graphs, and keeps the values of their variables between runs."""

    def __init__(self):
        self.state = {}

    def run(self, fetches, feed_dict=None):
        """The value of a node, or the values of a list of nodes."""
        several = isinstance(fetches, list)
        values = self.evaluate(fetches if several else [fetches], feed_dict)
        return [values[node] for node in fetches] if several else values[fetches]

    def evaluate(self, fetches, feed_dict=None):
        """A table with the value of every node that `fetches` need."""
        values = {node: np.asarray(value) for node, value in (feed_dict or {}).items()}
        for node in postorder(fetches, known=values):
            if node not in values:
                values[node] = self.value_of(node, values)
        return values

    def value_of(self, node, values):
        if isinstance(node, placeholder):
            raise ValueError(f"You must feed a value for the placeholder {node.name!r}.")
        if isinstance(node, constant):
            return node.value
        if isinstance(node, Variable):
            return self.state.setdefault(node, node.initial_value)
        return node.compute(*[values[x] for x in node.input_nodes])
