"""Samples of ops/constant.py and ops/patterns.py."""

import numpy as np

import tensorglass as tg
from tensorglass.ops import array, constant, patterns

from . import Case, sample


@sample("Const", "Placeholder")
def constants(rng):
    yield Case(lambda x: x + constant.constant([1.0, 2.0], x.dtype), [rng.normal(size=2)])


@sample("Cast")
def casts(rng):
    x = rng.normal(size=(2, 3))
    yield Case(lambda t: tg.cast(tg.cast(t, tg.complex128), t.dtype) * t, [x])
    yield Case(lambda t: [tg.cast(t * 10.0, tg.int32), tg.cast(t, tg.bool), tg.cast(t, tg.float16)], [x], first=False)


@sample("PlaceholderWithDefault")
def defaults(rng):
    yield Case(lambda x: constant.placeholder_with_default(x * x, [None, 2]), [rng.normal(size=(3, 2))])


@sample("Fill", "FillLike")
def fills(rng):
    x = rng.normal(size=())
    yield Case(lambda x: constant.fill([2, 3], x), [x])
    yield Case(lambda n, x: constant.fill(n, x), [np.array([2, 3], np.int32), x])
    yield Case(lambda x: constant.fill([2], x), [np.array("a")])
    for f in (constant.zeros_like, constant.ones_like):
        yield Case(f, [rng.normal(size=(2, 3))])
        yield Case(lambda x, f=f: f(x, tg.int32), [rng.normal(size=(2, 3))])
    yield Case(lambda x, y: constant.fill_like_op(x, y[0]), [rng.normal(size=(2, 3)), rng.normal(size=2)])
    yield Case(lambda n: [constant.zeros([n, 2]), constant.ones(n)], [np.array(3, np.int32)])


@sample("Range")
def ranges(rng):
    yield Case(lambda n: constant.range(n), [np.array(5, np.int32)])
    yield Case(lambda a, b, d: constant.range(a, b, d), [np.array(v, np.int64) for v in (7, -2, -3)])
    yield Case(lambda: [constant.range(0.0, 1.0, 0.3), constant.range(3, 9, 2)])


@sample("OneHot")
def one_hots(rng):
    i = np.array([[0, 2], [-1, 5]], np.int32)
    yield Case(lambda i: patterns.one_hot(i, 3), [i])
    yield Case(lambda i, n: patterns.one_hot(i, n, 5, -1, axis=0), [i, np.array(4, np.int32)])
    yield Case(lambda i: patterns.one_hot(i, 3, True, False, axis=1), [i])
    yield Case(lambda i: patterns.one_hot(i, 3, dtype=tg.float64), [i.astype(np.uint8)])


@sample("LinSpace")
def lines(rng):
    a, b = rng.normal(size=2), rng.normal(size=2)
    yield Case(lambda a, b: patterns.linspace(a[0], b[1], 5), [a, b])
    yield Case(lambda a, b: patterns.linspace(a, b, 4, axis=-1), [a, b])
    yield Case(lambda a, b, n: patterns.linspace(a, b, n), [a, b[:1], np.array(3, np.int32)])
    yield Case(lambda a, b: patterns.linspace(a[0], b[0], 1), [a, b])


@sample("SparseToDense")
def dense(rng):
    i = np.array([[0, 1], [2, 0]], np.int32)
    yield Case(lambda i, v, d: patterns.sparse_to_dense(i, [3, 2], v, d), [i, rng.normal(size=2), rng.normal(size=())])
    yield Case(
        lambda i, v, d: patterns.sparse_to_dense(i[:, 0], [4], v, d), [i, rng.normal(size=()), rng.normal(size=())]
    )


@sample("Range")
def composed(rng):
    yield Case(
        lambda n: [patterns.eye(n), patterns.eye(n, 2), patterns.eye(2, batch_shape=[2, 1])], [np.array(3, np.int32)]
    )
    yield Case(patterns.sequence_mask, [np.array([[1, 3], [0, 2]], np.int32)])
    yield Case(lambda x, y: patterns.meshgrid(x, y), [rng.normal(size=3), rng.normal(size=2)])
    yield Case(
        lambda x, y: patterns.meshgrid(x, y, array.size(x), indexing="ij")[:2], [rng.normal(size=3), rng.normal(size=2)]
    )
