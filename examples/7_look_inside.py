"""Nothing is hidden: ask the graph what is in it, an operation what it does, a session what it will run.

Three things characterise an operation: `compute`, which turns input values into output values;
`input_nodes`, the nodes it gets them from; and `consumers`, the operations that use its output. They are
all that a session needs to run the graph and all that the chain rule needs to walk back through it.

The plan of a run is the list of operations that its fetches need, each after its inputs, as a Python
function. What is not needed is not in it: fetching the product leaves the addition out.

Prints the graph's lists, the three answers of each operation, and the plans of two fetches.
"""

import tensorglass as tg


def names(nodes):
    """Return the names of nodes, in one line."""
    return ", ".join(node.name for node in nodes) or "-"


def main():
    """Return the graph, what the operations computed when asked one by one, and the two plans as text."""
    graph = tg.Graph()
    with graph.as_default():
        A = tg.Variable([[1, 0], [0, -1]], name="A")
        b = tg.Variable([1, 1], name="b")
        x = tg.placeholder(name="x")
        y = tg.matmul(A, x, name="y")
        z = tg.add(y, b, name="z")
        session = tg.Session()

    print("operations:  ", names(graph.operations))
    print("variables:   ", names(graph.variables))
    print("placeholders:", names(graph.placeholders))

    for node in y, z:
        print(f"{node.op.name}: from {names(node.op.input_nodes)}; used by {names(node.op.consumers)}")

    # An operation computes from values; no session and no graph are in the way.
    product = y.op.compute([[1, 0], [0, -1]], [1, 2])
    total = z.op.compute(product, [1, 1])
    print("by hand:     ", product, "then", total)
    print("by a session:", session.run(z, {x: [1, 2]}))

    plans = str(session.plan(z)), str(session.plan(y))
    for plan in plans:
        print(f"\n{plan}")
    return graph, (product, total), plans


if __name__ == "__main__":
    main()
