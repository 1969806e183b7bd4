"""Samples of ops/state.py, ops/state_scatter.py and ops/training.py: what a variable and its slots come to be."""

import numpy as np

import tensorglass as tg
from tensorglass.ops import state, state_scatter, training
from tensorglass.ops.control import control_dependencies, group
from tensorglass.variables import is_variable_initialized

from . import Case, sample


def variable(value, like):
    """A variable of the type of the tensor `like`."""
    return tg.Variable(np.asarray(value, like.dtype.base_dtype.np_dtype))


def case(function, arrays, **options):
    return Case(function, arrays, first=False, **options)


@sample("VariableV2", "Assign", "AssignAdd", "AssignSub", "NoOp")
def assignments(rng):
    start = rng.normal(size=(2, 3))

    def change(x):
        w = variable(start, x)
        added = w.assign_add(x)
        with control_dependencies([added]):
            less = w.assign_sub(0.5 * x)
        with control_dependencies([less, group(less)]):
            halved = w.assign(w.read_value() / 2.0)
        with control_dependencies([halved]):
            return [w.read_value(), halved * 1.0]

    yield case(change, [rng.normal(size=(2, 3))])
    yield case(lambda x: state.assign(variable(1, x), x), [np.array(3)])
    yield case(lambda x: state.assign(variable([0.0], x), x, validate_shape=False), [rng.normal(size=4)])
    yield case(lambda x: [state.assign_add(variable([1, 2], x), x)], [np.array([3, 4])])


@sample("CountUpTo", "IsVariableInitialized", "InitializedValue")
def counters(rng):
    yield case(lambda x: state.count_up_to(variable(2, x), 5), [np.array(0)])
    yield case(lambda x: is_variable_initialized(variable(2, x)), [np.array(0)], exact=False)
    yield case(lambda x: variable([2.0, 3.0], x).initialized_value() + x, [rng.normal(size=2)])


@sample(*(f"Scatter{how}" for how in ("Update", "Add", "Sub", "Mul", "Div", "Min", "Max")))
def scatters(rng):
    start = rng.uniform(1, 2, size=(4, 3))
    for how in ("update", "add", "sub", "mul", "div", "min", "max"):
        f = getattr(state_scatter, f"scatter_{how}")

        def rows(updates, indices, f=f):
            return f(variable(start, updates), indices, updates)

        def numbers(updates, indices, f=f):
            return f(variable([7, -7, 5, -5], updates), indices, updates)

        yield case(rows, [rng.uniform(1, 2, (3, 3)), np.array([2, 0, 2])])
        yield case(rows, [rng.uniform(1, 2, (2, 2, 3)), np.array([[1, 3], [0, 1]], np.int32)])
        yield case(rows, [np.array(1.5), np.array([2, 0])])
        yield case(rows, [np.zeros((0, 3)), np.zeros(0, np.int64)])
        yield case(numbers, [np.array([2, 3, 2]), np.array([0, 1, 0])])


@sample("ScatterNdUpdate", "ScatterNdAdd", "ScatterNdSub")
def scatters_nd(rng):
    start = rng.normal(size=(3, 4))
    for how in ("update", "add", "sub"):
        f = getattr(state_scatter, f"scatter_nd_{how}")

        def change(updates, indices, f=f):
            return f(variable(start, updates), indices, updates)

        yield case(change, [rng.normal(size=2), np.array([[0, 1], [2, 3]])])
        yield case(change, [rng.normal(size=(2, 4)), np.array([[2], [0]], np.int32)])
        yield case(change, [rng.normal(size=(2, 1)), np.array([[[1, 1]], [[0, 2]]])])


# How each update is called: slots, and the operands after the gradient's place ("g")
UPDATES = {
    "gradient_descent": (0, [0.1, "g"]),
    "momentum": (1, [0.1, "g", 0.9]),
    "adagrad": (1, [0.1, "g"]),
    "adagrad_v2": (1, [0.1, 1e-3, "g"]),
    "adagrad_da": (2, ["g", 0.1, 0.01, 0.02, 3]),
    "adadelta": (2, [0.1, 0.9, 1e-3, "g"]),
    "adam": (2, [0.81, 0.998, 0.1, 0.9, 0.999, 1e-3, "g"]),
    "rms_prop": (2, [0.1, 0.9, 0.5, 1e-3, "g"]),
    "centered_rms_prop": (3, [0.1, 0.9, 0.5, 1e-3, "g"]),
    "ftrl": (2, ["g", 0.1, 0.01, 0.02, -0.5]),
    "ftrl_v2": (2, ["g", 0.1, 0.01, 0.02, 0.03, -0.7]),
    "proximal_gradient_descent": (0, [0.1, 0.01, 0.02, "g"]),
    "proximal_adagrad": (1, [0.1, 0.01, 0.02, "g"]),
}


def update(name, start, **options):
    """A function of a gradient (and indices) that updates a variable and gives it and its slots."""
    slots, operands = UPDATES[name.removeprefix("sparse_")]
    f = getattr(training, f"{'sparse_' if 'sparse' in name else ''}apply_{name.removeprefix('sparse_')}")

    def step(grad, *indices):
        w = variable(start, grad)
        kept = [variable(np.abs(start) + 1.0 + i, grad) for i in range(slots)]
        if name.endswith("centered_rms_prop"):
            kept[0] = variable(start / 4, grad)  # a mean whose square is below the mean of squares
        at = operands.index("g")
        f_operands = [*operands[:at], grad, *indices, *operands[at + 1 :]]
        new = f(w, *kept, *f_operands, **options)
        with control_dependencies([new]):
            return [new * 1.0, *(v.read_value() for v in (w, *kept))]

    step.__name__ = name
    return step


def types(prefix=""):
    names = {"adagrad_da": "AdagradDA", "rms_prop": "RMSProp", "centered_rms_prop": "CenteredRMSProp"}
    return [f"{prefix}Apply{names.get(n) or n.title().replace('_', '')}" for n in UPDATES]


@sample(*types())
def updates(rng):
    start = rng.normal(size=(3, 2))
    for name in UPDATES:
        yield case(update(name, start), [rng.normal(size=(3, 2))])
        yield case(update(name, np.array(0.7)), [np.array(-0.4)])
    for name in ("momentum", "adam"):
        yield case(update(name, start, use_nesterov=True), [rng.normal(size=(3, 2))])
    for name in ("adagrad", "adagrad_v2"):
        yield case(update(name, start, update_slots=False), [rng.normal(size=(3, 2))])


@sample(*(t for t in types("Sparse") if t not in ("SparseApplyGradientDescent", "SparseApplyAdam")))
def sparse_updates(rng):
    start = rng.normal(size=(4, 2))
    for name in UPDATES:
        if name not in ("gradient_descent", "adam"):
            yield case(update(f"sparse_{name}", start), [rng.normal(size=(2, 2)), np.array([3, 0])])
            yield case(update(f"sparse_{name}", start), [rng.normal(size=(3, 2)), np.array([1, 2, 1], np.int32)])
