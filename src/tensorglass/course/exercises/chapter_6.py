"""The exercises of chapter 6: backpropagation."""

from __future__ import annotations

import types
from typing import Any

import numpy as np

from ..checking import Wrong, exercise

# -- 6.1

CONSUMERS = {"a": {"b", "c", "e"}, "b": {"d"}, "c": {"d"}, "d": {"J"}, "e": {"J"}, "J": set()}


@exercise("6.1", "In which order?")
def _(answer):
    """The names of the six operations in an order in which each comes after all of its consumers."""
    if isinstance(answer, str):
        answer = answer.replace(",", " ").split()
    if not isinstance(answer, (list, tuple)):
        raise Wrong(f"The answer is a list of six names, and not {answer!r}.", hint='Write it as ["J", ...].')
    order = [getattr(item, "name", item) for item in answer]
    strange = [item for item in order if item not in CONSUMERS]
    if strange:
        leaf = strange[0] in ("x", "w")
        raise Wrong(
            f"{strange[0]} is a variable: it receives, and sends nothing."
            if leaf else f"There is no operation {strange[0]!r} in the graph.",
            hint="Only the six operations a, b, c, d, e and J send gradients.",
        )  # fmt: skip
    twice = next((name for name in order if order.count(name) > 1), None)
    if twice:
        raise Wrong(f"{twice} is in your list twice.", hint="A node sends once, when everything has arrived.")
    for i, name in enumerate(order):
        late = sorted(CONSUMERS[name] - set(order[:i]))
        if not late:
            continue
        said = " and ".join(late)
        message = f"When {name} sends in your order, {said} {'has' if len(late) == 1 else 'have'} not sent to it yet."
        if order == sorted(order, key="abcdeJ".index):
            hint = "This is the order of the forward pass. The gradients go the other way."
        elif i and name == "a" and set(order[:i]) >= {"J", "e"}:
            hint = "a is reached early, by the short way over e. It waits for the longest way: count its consumers."
        else:
            hint = "A node may send when all of its consumers have sent theirs. Who consumes it?"
        raise Wrong(message, hint=hint)
    missing = [name for name in CONSUMERS if name not in order]
    if missing:
        raise Wrong(f"Not in your list: {', '.join(missing)}.", hint="Each of the six operations sends once.")


# -- 6.2

NEEDED = ("Graph", "Session", "Variable", "add", "multiply", "negative", "sigmoid", "gradient_rules")
SIGNS = {"add": "{} + {}", "multiply": "{} · {}", "negative": "−{}", "sigmoid": "σ({})"}
KERNELS = {
    "add": lambda x, y: x + y,
    "multiply": lambda x, y: x * y,
    "negative": lambda x: -x,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
}
# A graph is a list of (kind, inputs by their number); x and y are number 0 and 1, the last node is the loss.
Spec = list[tuple[str, tuple[int, ...]]]
SMALL: list[Spec] = [
    [("multiply", (0, 1))],
    [("multiply", (0, 0))],
    [("multiply", (0, 1)), ("sigmoid", (2,))],
    [("multiply", (0, 1)), ("add", (2, 0)), ("multiply", (2, 3))],  # the chapter's own
    [("multiply", (0, 1)), ("sigmoid", (2,)), ("negative", (2,)), ("multiply", (3, 4))],  # equal sides
    [("add", (0, 1)), ("sigmoid", (2,)), ("negative", (3,)), ("multiply", (4, 2))],
    [("multiply", (0, 1)), ("negative", (2,)), ("sigmoid", (2,))],  # a consumer that does not lead to the loss
    # a node used twice by one consumer, and late by another
    [("multiply", (0, 1)), ("multiply", (2, 2)), ("sigmoid", (2,)), ("negative", (4,)), ("add", (3, 5))],
]


def _random_specs() -> list[Spec]:
    random = np.random.RandomState(62)
    found = []
    for size in range(4, 12):
        for _ in range(4):
            spec: Spec = []
            for n in range(2, 2 + size):
                kind = ["add", "multiply", "multiply", "sigmoid", "negative"][random.randint(5)]
                recent = max(0, n - 4)
                first = n - 1 if n > 2 else 0  # so that every node leads to the last one
                inputs = (first, int(random.randint(recent, n)))
                spec.append((kind, inputs if kind in ("add", "multiply") else inputs[:1]))
            found.append(spec)
    return found


def _values(spec: Spec, given: dict[int, float]) -> list[float]:
    values: list[float] = []
    for n in range(2 + len(spec)):
        if n in given:
            values.append(given[n])
        else:
            kind, inputs = spec[n - 2]
            values.append(float(KERNELS[kind](*[values[i] for i in inputs])))
    return values


def _by_differences(spec: Spec, leaves: dict[int, float], n: int) -> float:
    at = _values(spec, leaves)[n]
    delta = 1e-5 * max(1.0, abs(at))
    up, down = (_values(spec, {**leaves, n: at + shift})[-1] for shift in (delta, -delta))
    return (up - down) / (2 * delta)


def _name(spec: Spec, n: int) -> str:
    return "xy"[n] if n < 2 else "J" if n == len(spec) + 1 else "abcdefghklmnop"[n - 2]


def _told(spec: Spec, leaves: dict[int, float]) -> str:
    lines = [f"{_name(spec, n)} = {value:g}" for n, value in leaves.items()]
    for n, (kind, inputs) in enumerate(spec, start=2):
        lines.append(f"{_name(spec, n)} = {SIGNS[kind].format(*[_name(spec, i) for i in inputs])}")
    return ", ".join(lines)


def _built(names: dict[str, Any], spec: Spec, leaves: dict[int, float]) -> list[Any]:
    with names["Graph"]():
        nodes = [names["Variable"](leaves[n], name="xy"[n]) for n in (0, 1)]
        for n, (kind, inputs) in enumerate(spec, start=2):
            nodes.append(names[kind](*[nodes[i] for i in inputs], name=_name(spec, n)))
    return nodes


def _behind(spec: Spec) -> list[int]:
    """The nodes that the loss depends on, the loss first."""
    found, stack = [], [len(spec) + 1]
    while stack:
        n = stack.pop(0)
        if n not in found:
            found.append(n)
            stack += spec[n - 2][1] if n >= 2 else ()
    return found


def _mistaken(spec: Spec, leaves: dict[int, float], overwrite: bool) -> dict[int, float]:
    """The gradients by two typical mistakes: breadth-first order, or no sum."""
    values = _values(spec, leaves)
    order = sorted(_behind(spec), reverse=True) if overwrite else _behind(spec)
    table = {len(spec) + 1: 1.0}
    for n in order:
        if n < 2:
            continue
        kind, inputs = spec[n - 2]
        z, x = values[n], [values[i] for i in inputs]
        sent = {
            "add": lambda: (1, 1), "multiply": lambda x=x: (x[1], x[0]),
            "negative": lambda: (-1,), "sigmoid": lambda z=z: (z * (1 - z),),
        }[kind]()  # fmt: skip
        for i, factor in zip(inputs, sent, strict=True):
            table[i] = (0.0 if overwrite else table.get(i, 0.0)) + factor * table[n]
    return table


@exercise("6.2", "Repair a breadth-first reverse pass")
def _(answer):
    """A function (loss, values) that returns a table of gradients; it is compared with central differences."""
    if not isinstance(answer, types.FunctionType) or any(name not in answer.__globals__ for name in NEEDED):
        raise Wrong(
            "The answer is a function that you write in this notebook, backward(loss, values).",
            hint='Pass the function itself: check("6.2", backward).',
        )
    if "backpropagate" in answer.__code__.co_names:
        raise Wrong("Your function calls `backpropagate`.", hint="Repair the order in your own loop.")
    names = answer.__globals__
    for spec in SMALL + _random_specs():
        _compare(answer, names, spec, {0: 2.0, 1: 3.0} if len(spec) < 4 else {0: 0.5, 1: -1.5})
    _count_messages(answer, names)


def _compare(answer: Any, names: dict[str, Any], spec: Spec, leaves: dict[int, float]) -> None:
    nodes = _built(names, spec, leaves)
    values = {node: np.asarray(value) for node, value in zip(nodes, _values(spec, leaves), strict=True)}
    behind = _behind(spec)
    given = {nodes[n]: values[nodes[n]] for n in behind}
    graph = _told(spec, leaves)
    try:
        table = answer(nodes[-1], given)
    except KeyError as error:
        if not any(error.args == (node,) for node in nodes):
            raise
        n = next(n for n, node in enumerate(nodes) if error.args == (node,))
        raise Wrong(
            f"With {graph}, your function looks for {_name(spec, n)} in a table that does not have it yet (KeyError).",
            hint="Nothing has arrived there yet. The gradients start at the loss, and a node sends when all of its "
            "consumers have sent.",
        ) from None
    if not isinstance(table, dict):
        raise Wrong(
            f"Your function returned {type(table).__name__}, and should return the table.",
            hint="End with `return grad_table`.",
        )
    for n in sorted(behind):
        right, name = _by_differences(spec, leaves, n), _name(spec, n)
        if nodes[n] not in table:
            raise Wrong(
                f"With {graph}, your table has no gradient of {name}.",
                hint="Does your loop end before every node has sent? A count that never gets to 0 keeps a node back; "
                "a consumer that does not lead to the loss never sends, so it does not count.",
            )
        try:
            found = float(np.asarray(table[nodes[n]]))
        except (TypeError, ValueError):
            raise Wrong(
                f"With {graph}, your gradient of {name} is {table[nodes[n]]!r}.", hint="It is a number."
            ) from None
        if np.isclose(found, right, rtol=1e-5, atol=1e-7):
            continue
        message = f"With {graph}, your gradient of {name} is {found:.6g}, and central differences say {right:.6g}."
        if np.isclose(found, _mistaken(spec, leaves, overwrite=False)[n]):
            hint = (
                "This is what breadth-first order gives. A node may send only when all of its consumers have sent: "
                "count how often each node is used (x · x uses x twice), and wait."
            )
        elif np.isclose(found, _mistaken(spec, leaves, overwrite=True)[n]):
            hint = "What one consumer sends replaces what another sent. It has to be added."
        else:
            hint = "Print who sends in which order, and what is in the table then. Who sends too early, or twice?"
        raise Wrong(message, hint=hint)


def _count_messages(answer: Any, names: dict[str, Any]) -> None:
    """Each operation sends once: passing on each contribution by itself is right, and takes for ever."""
    rules, add = names["gradient_rules"], names["add"]
    rule, calls, length = rules[add], 0, 10

    def counted(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        return rule(*args)

    spec: Spec = [("add", (0, 1)), *(("add", (n, n)) for n in range(2, length + 1))]
    nodes = _built(names, spec, {0: 1.0, 1: 1.0})
    rules[add] = counted
    try:
        values = _values(spec, {0: 1.0, 1: 1.0})
        answer(nodes[-1], {node: np.asarray(v) for node, v in zip(nodes, values, strict=True)})
    finally:
        rules[add] = rule
    if calls > length:
        raise Wrong(
            f"The numbers are right, but on a chain of {length} additions your function used a rule {calls} times.",
            hint="Each node sends once: wait until all contributions are there, and send their sum.",
        )


# -- 6.3 and 6.4


def _pair(answer: Any, grad: np.ndarray, x: np.ndarray, y: np.ndarray, where: str) -> list[np.ndarray]:
    """What a learner's rule returns, as two arrays."""
    if not callable(answer):
        raise Wrong(f"The answer is a function (grad, x, y), and not {answer!r}.", hint="Pass the function itself.")
    try:
        found = answer(grad.copy(), x.copy(), y.copy())
    except ValueError as error:
        raise Wrong(
            f"{where} your rule stopped: {error}.",
            hint="Write down the shapes of all three arrays. Each gradient has the shape of its input.",
        ) from None
    if not isinstance(found, (tuple, list)) or len(found) != 2:
        raise Wrong(
            f"{where} your rule returned {type(found).__name__}, and should return two arrays.",
            hint="Return the gradients of x and of y: return x_gradient, y_gradient.",
        )
    try:
        return [np.asarray(item, dtype=np.float64) for item in found]
    except (TypeError, ValueError):
        raise Wrong(f"{where} your rule returned something that is no array.", hint="Return two arrays.") from None


def _unrepeated(grad: np.ndarray, x: np.ndarray) -> np.ndarray:
    lead = grad.ndim - x.ndim
    axes = tuple(i for i in range(grad.ndim) if i < lead or x.shape[i - lead] == 1)
    return grad.sum(axis=axes, keepdims=True).reshape(x.shape)


SHAPES: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
    ((), ()), ((2,), (2,)), ((2, 3), (3,)), ((3,), (2, 3)), ((2, 3), (2, 1)), ((2, 1), (1, 3)), ((2, 3), ()),
]  # fmt: skip


@exercise("6.3", "A rule with repeated values")
def _(answer):
    """A function (grad, x, y) that returns the gradients of x and y for z = x · y², whatever is repeated."""
    random = np.random.RandomState(63)
    for shapes in SHAPES:
        x, y = (np.round(random.uniform(0.5, 2.5, size=shape), 1) for shape in shapes)
        grad = np.round(random.uniform(0.5, 2.5, size=np.broadcast_shapes(*shapes)), 1)
        where = f"With x of shape {shapes[0]} and y of shape {shapes[1]}"
        found = _pair(answer, grad, x, y, where)
        whole = [grad * y**2, 2 * grad * x * y]
        right = [_unrepeated(part, array) for part, array in zip(whole, (x, y), strict=True)]
        for name, mine, true, part in zip("xy", found, right, whole, strict=True):
            if mine.shape != true.shape:
                unsummed = mine.shape == part.shape and np.allclose(mine, part)
                hint = "A gradient has the shape of its input. Along which axes was the input repeated?"
                if unsummed:
                    hint = (
                        f"{name} was repeated to fit its partner, so its gradient is summed over those axes: `sum_to`."
                    )
                raise Wrong(
                    f"{where} your gradient of {name} has shape {mine.shape}, and {name} has shape {true.shape}.",
                    hint=hint,
                )
            if not np.allclose(mine, true):
                i = np.unravel_index(np.argmax(np.abs(mine - true)), true.shape)
                values = f" (x = {x:g}, y = {y:g}, grad = {grad:g})" if not shapes[0] and not shapes[1] else ""
                raise Wrong(
                    f"{where}{values} your gradient of {name} {'' if not true.ndim else f'at {tuple(map(int, i))} '}is "
                    f"{mine[i]:.4g}, and should be {true[i]:.4g}.",
                    hint=_factor_hint(name, shapes, mine, grad, x, y, found, right),
                )


def _factor_hint(name: str, shapes: Any, mine: Any, grad: Any, x: Any, y: Any, found: Any, right: Any) -> str:
    if shapes[0] == shapes[1]:
        if found[0].shape == right[1].shape and np.allclose(found[0], right[1]) and np.allclose(found[1], right[0]):
            return "The two gradients are in each other's place: return that of x first."
        if name == "y" and np.allclose(mine, grad * x * y):
            return "The derivative of y² with respect to y is 2y."
        if name == "y" and np.allclose(mine, 2 * grad * y):
            return "x is a factor of z, and stays one when you differentiate with respect to y."
        if np.allclose(mine * grad, right["xy".index(name)]):
            return "This is ∂z/∂" + name + ". The gradient of the result, `grad`, multiplies it."
        return "z = x · y². What is ∂z/∂x, with y held? And ∂z/∂y, with x held? Each is multiplied by `grad`."
    return "Without repeated values it is right. Multiply everything first, with all repeated, and sum then."


@exercise("6.4", "Another matrix product")
def _(answer):
    """A function (grad, x, y) that returns the gradients of x and y for z = x yᵀ."""
    random = np.random.RandomState(64)
    for m, n, p in [(1, 1, 1), (1, 1, 2), (2, 2, 2), (2, 3, 4)]:
        x, y = random.randint(1, 5, size=(m, p)) * 1.0, random.randint(1, 5, size=(n, p)) * 1.0
        grad = random.randint(1, 5, size=(m, n)) * 1.0
        where = f"With x of shape {x.shape} and y of shape {y.shape}"
        found = _pair(answer, grad, x, y, where)
        right = [grad @ y, grad.T @ x]
        for name, mine, true in zip("xy", found, right, strict=True):
            if mine.shape != true.shape:
                hint = f"The gradient of {name} has the shape of {name}. Which product of the three has it?"
                if mine.shape == true.T.shape:
                    hint = f"Transposed: the sum for the gradient of {name} gives it with its axes the other way."
                raise Wrong(
                    f"{where} your gradient of {name} has shape {mine.shape}, and should have {true.shape}.", hint=hint
                )
            if not np.allclose(mine, true):
                i = tuple(map(int, np.unravel_index(np.argmax(np.abs(mine - true)), true.shape)))
                hint = f"In which elements of z does {name}_ab occur, and with which factor? Sum over those."
                if mine.shape == true.T.shape and np.allclose(mine, true.T):
                    hint = f"Transposed: the sum for the gradient of {name} gives it with its axes the other way."
                elif m == n == p == 2 and np.allclose(mine, (grad @ y.T, x.T @ grad)["xy".index(name)]):
                    hint = "This is the rule of z = x y. Here y comes transposed."
                raise Wrong(
                    f"{where} your gradient of {name} at {i} is {mine[i]:g}, and should be {true[i]:g}.", hint=hint
                )
