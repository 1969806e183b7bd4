"""Typical wrong answers to the exercises of chapter 6, and a part of the hint that each must get."""
# ruff: noqa: F821, B905

import types

import numpy as np

from tensorglass.course import library


def learners(function):
    """The function as it would be in the chapter's notebook."""
    return types.FunctionType(function.__code__, vars(library(6)), function.__name__, function.__defaults__)


@learners
def breadth_first(loss, values):
    grad_table = {loss: np.ones_like(values[loss])}
    queue = [loss]
    for node in queue:
        if isinstance(node, Operation):
            inputs = [values[x] for x in node.input_nodes]
            found = gradient_rules[type(node)](node, grad_table[node], values[node], *inputs)
            for x, grad in zip(node.input_nodes, found):
                grad_table[x] = grad_table[x] + grad if x in grad_table else grad
                if x not in queue:
                    queue.append(x)
    return grad_table


@learners
def overwriting(loss, values):
    grad_table = {loss: np.ones_like(values[loss])}
    for node in reversed(postorder([loss])):
        if isinstance(node, Operation):
            inputs = [values[x] for x in node.input_nodes]
            found = gradient_rules[type(node)](node, grad_table[node], values[node], *inputs)
            grad_table.update(zip(node.input_nodes, found))
    return grad_table


@learners
def at_once(loss, values):
    grad_table = {}
    messages = [(loss, np.ones_like(values[loss]))]
    while messages:
        node, grad = messages.pop()
        grad_table[node] = grad_table.get(node, 0) + grad
        if isinstance(node, Operation):
            inputs = [values[x] for x in node.input_nodes]
            messages += zip(node.input_nodes, gradient_rules[type(node)](node, grad, values[node], *inputs))
    return grad_table


@learners
def waits_for_a_consumer_less(loss, values):
    grad_table = {loss: np.ones_like(values[loss])}
    waits = {node: len(node.consumers) for node in postorder([loss])}
    queue = [loss]
    for node in queue:
        if isinstance(node, Operation):
            inputs = [values[x] for x in node.input_nodes]
            found = gradient_rules[type(node)](node, grad_table[node], values[node], *inputs)
            for x, grad in zip(node.input_nodes, found):
                grad_table[x] = grad_table[x] + grad if x in grad_table else grad
                waits[x] -= 1
                if waits[x] == 1:
                    queue.append(x)
    return grad_table


@learners
def counts_all_consumers(loss, values):
    grad_table = {loss: np.ones_like(values[loss])}
    waits = {node: len(node.consumers) for node in postorder([loss])}
    queue = [loss]
    for node in queue:
        if isinstance(node, Operation):
            inputs = [values[x] for x in node.input_nodes]
            found = gradient_rules[type(node)](node, grad_table[node], values[node], *inputs)
            for x, grad in zip(node.input_nodes, found):
                grad_table[x] = grad_table[x] + grad if x in grad_table else grad
                waits[x] -= 1
                if waits[x] == 0:
                    queue.append(x)
    return grad_table


@learners
def forward_order(loss, values):
    grad_table = {loss: np.ones_like(values[loss])}
    for node in postorder([loss]):
        if isinstance(node, Operation):
            inputs = [values[x] for x in node.input_nodes]
            found = gradient_rules[type(node)](node, grad_table[node], values[node], *inputs)
            for x, grad in zip(node.input_nodes, found):
                grad_table[x] = grad_table.get(x, 0) + grad
    return grad_table


@learners
def counts_an_input_once(loss, values):
    grad_table, waits = {loss: np.ones_like(values[loss])}, {}
    for node in postorder([loss]):
        for x in set(node.input_nodes):
            waits[x] = waits.get(x, 0) + 1
    queue = [loss]
    for node in queue:
        if isinstance(node, Operation):
            inputs = [values[x] for x in node.input_nodes]
            found = gradient_rules[type(node)](node, grad_table[node], values[node], *inputs)
            for x, grad in zip(node.input_nodes, found):
                grad_table[x] = grad_table.get(x, 0) + grad
                waits[x] -= 1
                if waits[x] == 0:
                    queue.append(x)
    return grad_table


@learners
def calls_the_library(loss, values):
    return backpropagate(loss, values)


def returns_nothing(loss, values):
    pass


def _transposed(grad, x, y):
    return (grad @ y).T, (grad.T @ x).T


WRONG = [
    ("6.1", ["a", "b", "c", "d", "e", "J"], "forward pass"),
    ("6.1", ["J", "e", "d", "a", "b", "c"], "the short way over e"),
    ("6.1", ["J", "e", "d", "x"], "Only the six operations"),
    ("6.1", ["J", "d", "e", "b", "c"], "Each of the six"),
    ("6.1", ["J", "d", "b", "a", "c", "e"], "Who consumes it?"),
    ("6.1", ["J", "J", "d"], "A node sends once"),
    ("6.2", breadth_first, "breadth-first order"),
    ("6.2", overwriting, "It has to be added"),
    ("6.2", at_once, "Each node sends once"),
    ("6.2", waits_for_a_consumer_less, "keeps a node back"),
    ("6.2", counts_all_consumers, "does not lead to the loss"),
    ("6.2", forward_order, "Nothing has arrived"),
    ("6.2", counts_an_input_once, "x · x uses x twice"),
    ("6.2", calls_the_library, "your own loop"),
    ("6.2", learners(returns_nothing), "return grad_table"),
    ("6.2", "backward", "Pass the function itself"),
    ("6.3", lambda grad, x, y: (grad * y**2, 2 * grad * x * y), "sum_to"),
    ("6.3", lambda grad, x, y: (y**2, 2 * x * y), "`grad`, multiplies"),
    ("6.3", lambda grad, x, y: (grad * y**2, grad * x * y), "2y"),
    ("6.3", lambda grad, x, y: (grad * y**2, 2 * grad * y), "stays one"),
    ("6.3", lambda grad, x, y: (2 * grad * x * y, grad * y**2), "each other's place"),
    ("6.3", lambda grad, x, y: grad * y**2, "Return the gradients of x and of y"),
    ("6.4", lambda grad, x, y: (grad @ y.T, x.T @ grad), "Each gradient has the shape of its input"),
    ("6.4", _transposed, "Transposed"),
    ("6.4", lambda grad, x, y: (grad @ y, x.T @ grad), "Transposed"),
    ("6.4", lambda grad, x, y: (y, x), "In which elements"),
]
