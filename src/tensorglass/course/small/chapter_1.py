"""Computational graphs: nodes that know what they are made from."""

import numpy as np


class Graph:
    """The nodes of one program, in the order they were made."""

    stack = []  # the graphs that new nodes go to: the last one

    def __init__(self):
        self.nodes = []
        self.names = {}  # name → the number to try next

    def as_default(self):
        return self

    def __enter__(self):
        Graph.stack.append(self)
        return self

    def __exit__(self, *exception):
        Graph.stack.pop()

    def unique_name(self, name):
        unique, count = name, self.names.get(name, 0)
        while unique in self.names:
            unique = f"{name}_{count}"
            count += 1
        self.names[name] = max(count, 1)
        self.names[unique] = 1
        return unique


Graph.stack.append(Graph())


def get_default_graph():
    return Graph.stack[-1]


class Node:
    """A value that will exist when the graph is run."""

    def __init__(self, inputs=(), name=None):
        self.input_nodes = [as_node(x) for x in inputs]
        self.consumers = []
        for node in self.input_nodes:
            node.consumers.append(self)
        self.graph = get_default_graph()
        self.name = self.graph.unique_name(name or type(self).__name__)
        self.graph.nodes.append(self)

    def __repr__(self):
        return f"<{type(self).__name__} {self.name!r}>"


class placeholder(Node):
    """A value that is given with each run."""


class constant(Node):
    """A value that never changes."""

    def __init__(self, value, name=None):
        super().__init__(name=name)
        self.value = np.asarray(value)


class Variable(Node):
    """A value that stays from run to run, and that training changes."""

    def __init__(self, initial_value, name=None):
        super().__init__(name=name)
        self.initial_value = np.asarray(initial_value, dtype=np.float64)


class Operation(Node):
    """A value that is computed from other nodes' values."""

    def compute(self, *values):
        raise NotImplementedError(type(self).__name__)


def as_node(x):
    return x if isinstance(x, Node) else constant(x)


class add(Operation):
    """z = x + y"""

    def __init__(self, x, y, name=None):
        super().__init__([x, y], name)

    def compute(self, x, y):
        return x + y


class matmul(Operation):
    """z = x y, the product of matrices"""

    def __init__(self, x, y, name=None):
        super().__init__([x, y], name)

    def compute(self, x, y):
        return x @ y


Node.__add__ = lambda x, y: add(x, y)
Node.__radd__ = lambda x, y: add(y, x)
Node.__matmul__ = lambda x, y: matmul(x, y)
Node.__rmatmul__ = lambda x, y: matmul(y, x)
Node.__array_ufunc__ = None  # so that NumPy leaves array + node to the node
