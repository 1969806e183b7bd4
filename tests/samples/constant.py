"""Samples of ops/constant.py and of what gradients.py adds."""

import numpy as np

import tensorglass as tg
from tensorglass.ops.constant import fill, fill_like_op, placeholder_with_default

from . import Case, sample


@sample("Const")
def constants(rng):
    yield Case(lambda x: x + tg.constant([[1.0, 2.0, 3.0]], x.dtype), [rng.normal(size=(2, 3))])
    for value in (
        2,
        2.5,
        True,
        "text",
        [[1, 2], [3, 4]],
        np.ones((0, 3), np.int8),
        np.arange(6.0).reshape(2, 3)[:, ::2],
    ):
        yield Case(lambda v=value: tg.constant(v))
    yield Case(lambda: tg.constant(1.5, tg.float64, [2, 3]))


@sample("Placeholder")
def fed(rng):
    yield Case(lambda x: x * 2.0, [rng.normal(size=(2, 3))])
    yield Case(lambda x: [x, x], [np.array([b"a", b"bc"], object)])


@sample("PlaceholderWithDefault")
def defaults(rng):
    x = rng.normal(size=(2, 3))
    yield Case(lambda t: placeholder_with_default(t, [None, 3]) * 2.0, [x], eager=False)
    yield Case(lambda t: tg.square(placeholder_with_default(t, None)), [x], eager=False)


@sample("Fill")
def fills(rng):
    yield Case(fill, [np.array([2, 3], np.int32), rng.normal(size=())])
    yield Case(fill, [np.array([], np.int64), rng.normal(size=())])
    yield Case(lambda n: fill([n, 2], 7), [np.int32(3)])
    yield Case(lambda s: [tg.zeros(s), tg.ones(s, tg.int64)], [np.array([2, 0], np.int32)])


@sample("FillLike")
def fills_like(rng):
    x = rng.normal(size=(2, 3))
    yield Case(fill_like_op, [x, rng.normal(size=())])
    yield Case(lambda t: [tg.zeros_like(t), tg.ones_like(t), tg.zeros_like(t, tg.int32)], [x], first=False)


@sample("Range")
def ranges(rng):
    yield Case(lambda: [tg.range(5), tg.range(2, 11, 3), tg.range(5, 0, -2), tg.range(0.0, 1.0, 0.25), tg.range(0)])
    yield Case(tg.range, [np.int32(1), np.int32(9), np.int32(2)])
    yield Case(tg.range, [np.int64(6)])
    yield Case(lambda a, b: tg.range(a, b, 0.5), [np.float64(0.25), np.float64(3.0)], first=False, exact=False)


@sample("IdentityN")
def custom(rng):
    @tg.custom_gradient
    def cubed(x):
        return x * x * x, lambda dy: dy * 3.0 * x * x

    @tg.custom_gradient
    def both(x, y):
        return [x * y, x + y], lambda dz, ds: [dz * y + ds, dz * x + ds]

    x = rng.normal(size=(2, 3))
    yield Case(cubed, [x])
    yield Case(both, [x, rng.normal(size=(2, 3))])
