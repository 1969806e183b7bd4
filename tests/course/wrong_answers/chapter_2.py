"""Typical wrong answers to the exercises of chapter 2, and a part of the hint that each must get."""

from tensorglass.course import library

small = library(2)
# As in a notebook: the checkers make their graphs of the classes that an answer can see.
Graph, placeholder, constant, Variable, add = (
    small.Graph, small.placeholder, small.constant, small.Variable, small.add,
)  # fmt: skip
postorder = small.postorder


def whole_graph(fetches):
    return list(fetches[0].graph.nodes)


def from_the_end(fetches):
    return postorder(fetches)[::-1]


def breadth_first(fetches):
    """Layers from the end, turned round: goes wrong where two ways to a node have different lengths."""
    order, waiting = [], list(fetches)
    while waiting:
        node = waiting.pop(0)
        if node not in order:
            order.append(node)
            waiting += node.input_nodes
    return order[::-1]


def different_inputs(fetches):
    """Counts x + x as two missing inputs and finds one of them."""
    needed = postorder(fetches)
    waiting = {node: len(node.input_nodes) for node in needed}
    ready, order = [node for node in needed if waiting[node] == 0], []
    while ready:
        node = ready.pop()
        order.append(node)
        for consumer in dict.fromkeys(node.consumers):
            if consumer in waiting:
                waiting[consumer] -= 1
                if waiting[consumer] == 0:
                    ready.append(consumer)
    return order


def every_way(fetches):
    order = []
    for node in fetches:
        order += every_way(node.input_nodes) + [node]
    return order


def as_given(node):
    found = []

    def visit(node):
        if isinstance(node, Variable) and node not in found:
            found.append(node)
        for x in node.input_nodes:
            visit(x)

    visit(node)
    return found


def kept_set(node, seen=set()):  # noqa: B006
    if node in seen:
        return []
    seen.add(node)
    found = [node] if isinstance(node, Variable) else []
    for x in node.input_nodes:
        found += kept_set(x)
    return found


def everything(node):
    return postorder([node])


def direct_only(node):
    return [x for x in node.input_nodes if isinstance(x, Variable)]


def all_of_the_graph(fetches, feed_dict):
    return {n for n in fetches[0].graph.nodes if isinstance(n, placeholder) and n not in feed_dict}


def behind_feeds(fetches, feed_dict):
    return {n for n in postorder(fetches) if isinstance(n, placeholder) and n not in feed_dict}


def with_the_fed(fetches, feed_dict):
    return {n for n in postorder(fetches, feed_dict) if isinstance(n, placeholder)}


def any_leaf(fetches, feed_dict):
    return {n for n in postorder(fetches, feed_dict) if not n.input_nodes and n not in feed_dict}


def postorders_own(fetches):
    return postorder(fetches)


def all_consumers(fetches):
    needed = set(postorder(fetches))
    waiting = {node: len(node.input_nodes) for node in needed}
    ready, order = [node for node in needed if not node.input_nodes], []
    while ready:
        order.append(ready.pop())
        for consumer in order[-1].consumers:
            waiting[consumer] -= 1
            if waiting[consumer] == 0:
                ready.append(consumer)
    return order


WRONG = [
    ("2.1", whole_graph, "Only what the fetches depend on"),
    ("2.1", from_the_end, "begins with a fetched node"),
    ("2.1", breadth_first, "*all* of its inputs"),
    ("2.1", different_inputs, "same input twice"),
    ("2.1", every_way, "becomes ready once"),
    ("2.1", postorders_own, "missing inputs of each"),
    ("2.1", all_consumers, "consumers that are not needed"),
    ("2.1", [1, 2], "without calling it"),
    ("2.2", as_given, "not only the Variables"),
    ("2.2", kept_set, "belongs to one call"),
    ("2.2", everything, "Only Variables belong"),
    ("2.2", direct_only, "All nodes have to be visited"),
    ("2.3", all_of_the_graph, "Not every placeholder"),
    ("2.3", behind_feeds, "Nobody asks behind"),
    ("2.3", with_the_fed, "What is fed"),
    ("2.3", any_leaf, "Only placeholders"),
    ("2.4", 12, "more than once"),
    ("2.4", 4095, "chain of doublings"),
    ("2.4", 144, "Fibonacci"),
    ("2.4", 177, "the twelfth"),
]
