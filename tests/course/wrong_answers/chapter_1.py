"""Typical wrong answers to the exercises of chapter 1, and a part of the hint that each must get."""

from tensorglass.course import library

small = library(1)


def leaves(kind=small.Variable, b=(10.0, 20.0)):
    return small.placeholder(), kind([[1.0, 2.0], [3.0, 4.0]]), kind(list(b))


def product_twice():
    x, A, b = leaves()
    return (A @ x + b) + A @ x


def one_sum():
    x, A, b = leaves()
    return A @ x + b


def other_order():
    x, A, b = leaves()
    product = x @ A
    return (product + b) + product


def constants():
    x, A, b = leaves(small.constant)
    product = A @ x
    return (product + b) + product


def other_values():
    x, A, b = leaves(b=(1.0, 2.0))
    product = A @ x
    return (product + b) + product


def other_arrows():
    x, A, b = leaves()
    product = A @ x
    return (product + b) + b


def consumers_only(node):
    return set(node.consumers)


def with_itself(node):
    found, waiting = set(), [node]
    while waiting:
        node = waiting.pop()
        found.add(node)
        waiting += [x for x in node.consumers if x not in found]
    return found


def backwards(node):
    found, waiting = set(), [node]
    while waiting:
        for x in waiting.pop().input_nodes:
            if x not in found:
                found.add(x)
                waiting.append(x)
    return found


def every_path(node):
    return set().union(*({x} | every_path(x) for x in node.consumers))


SHAPES = {"a": (2,), "b": (5, 4), "c": (4,), "d": (4, 3), "e": "error"}

WRONG = [
    ("1.1", one_sum, "second sum"),
    ("1.1", product_twice, "one node with two consumers"),
    ("1.1", other_order, "order of a product's inputs"),
    ("1.1", constants, "not constants"),
    ("1.1", other_values, "[10, 20]"),
    ("1.1", other_arrows, "Begin at z"),
    ("1.1", lambda: 9.0, "Make nodes"),
    ("1.2", SHAPES | {"a": (2, 1)}, "dropped"),
    ("1.2", SHAPES | {"d": "error"}, "A size of 1 is repeated"),
    ("1.2", SHAPES | {"e": (2, 3)}, "compare 3 with 2"),
    ("1.2", {"a": (2,)}, "A shape such as"),
    ("1.3", {"p", "q"}, "may not change places"),
    ("1.3", {"s", "t"}, "may not change places"),
    ("1.3", {"r", "p"}, "added as it is"),
    ("1.3", {"p"}, "Two of the five"),
    ("1.4", consumers_only, "what uses the consumers"),
    ("1.4", with_itself, "not one of those"),
    ("1.4", backwards, "along `input_nodes`"),
    ("1.4", every_path, "Keep a set"),
    ("1.4", {"z"}, "without calling it"),
]
