"""Samples of ops that hold graphs."""

import numpy as np

import tensorglass as tg

from . import Case, sample


@sample("If")
def branches(rng):
    x, y = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    for taken in (True, False):
        yield Case(
            lambda p, x, y: tg.cond(p, lambda: tg.sin(x) * y, lambda: tg.exp(x) + x * y * y), [np.bool_(taken), x, y]
        )
    # Of what one branch computes the other knows nothing; one result comes from outside.
    yield Case(lambda p, x, y: tg.cond(p, lambda: [tg.tanh(x * y) * x, y], lambda: [x, x]), [np.bool_(True), x, y])
    yield Case(  # a branch in a branch
        lambda p, x: tg.cond(p, lambda: tg.cond(x[0] > 0.0, lambda: x * x, lambda: x**3.0), lambda: x),
        [np.bool_(True), np.array([1.5, 2.0])],
    )


@sample("Case")
def cases(rng):
    x = rng.normal(size=3)
    for i in (0, 1, 2, -4, 9):
        yield Case(lambda i, x: tg.switch_case(i, [lambda: x * x, lambda: tg.sin(x), lambda: x**3.0]), [np.int32(i), x])


@sample("While")
def loops(rng):
    x, w = rng.uniform(0.5, 1.5, 3), rng.uniform(0.5, 1.5, 3)

    def powers(x, w):
        return tg.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, tg.sin(y) * w), (0, x))[1]

    def until(x, w):
        return tg.while_loop(
            lambda i, y: tg.reduce_sum(y) < 40.0, lambda i, y: (i + 1, y * w + tg.exp(w)), (0, x), maximum_iterations=9
        )

    yield Case(powers, [x, w])
    yield Case(until, [x, w])
    yield Case(  # no turn at all
        lambda x: tg.while_loop(lambda y: tg.constant(False), lambda y: [y * y], [x]), [x]
    )
    yield Case(  # a variable that nothing depends on, one that only counts, one that the body hands on as it is
        lambda x, w: tg.while_loop(
            lambda i, unused, y, z: i < 4, lambda i, unused, y, z: (i + 2, unused + 1.0, y * z + w, z), (0, 0.0, x, w)
        )[2],
        [x, w],
    )
    yield Case(lambda x: tg.while_loop(lambda i, s: i < 3, lambda i, s: (i + 1, s + x[i] ** 2.0), (0, x[0]))[1], [x])
    yield Case(  # a loop in a loop
        lambda x, w: tg.while_loop(lambda i, y: i < 2, lambda i, y: (i + 1, powers(y, w)), (0, x))[1], [x, w]
    )


@sample("Scan")
def scans(rng):
    xs, w, a = rng.normal(size=(4, 2)), rng.normal(size=2), rng.normal(size=2)
    for backwards in (False, True):
        yield Case(
            lambda xs, w, a, r=backwards: tg.scan(lambda a, x: tg.tanh(a * w + x), xs, initializer=a, reverse=r),
            [xs, w, a],
        )
    yield Case(lambda xs, w: tg.scan(lambda a, x: a * w + x * x, xs), [xs, w], forget="dims")
    yield Case(lambda xs, w: tg.map_fn(lambda x: tg.exp(x) * w, xs), [xs, w])
    yield Case(lambda xs: tg.foldl(lambda a, x: tg.sin(a) + x * x, xs), [xs], forget="dims")
    yield Case(lambda xs: tg.foldr(lambda a, x: tg.sin(a) + x * x, xs), [xs], forget="dims")
    yield Case(lambda i: tg.map_fn(lambda t: t * t - 1, i), [np.arange(5)])
    yield Case(  # a branch in a loop; two results
        lambda xs, w: tg.scan(
            lambda a, x: tg.cond(x[0] > 0.0, lambda: [a[0] * x, a[1]], lambda: [a[0], a[1] + x]), xs, initializer=[w, w]
        ),
        [xs, w],
    )
