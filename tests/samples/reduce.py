"""Samples of ops/reduce.py, ops/scan.py and ops/measures.py."""

import numpy as np

from tensorglass.ops import measures as m, reduce as r, scan

from . import Case, sample

INTS = np.array([[7, -7, 5], [-5, 0, 9]], np.int32)
BOOLS = np.array([[True, False, True], [False, False, True]])
AXES = (None, 0, [-1], [0, 2], [1, 0], [])


def each_way(function, x):
    """Over several axes, with and without keeping them."""
    for axis in AXES:
        yield Case(lambda t, axis=axis: function(t, axis), [x])
    yield Case(lambda t: function(t, 1, keepdims=True), [x])
    yield Case(lambda t: function(t, keepdims=True), [x])
    yield Case(lambda t, axis: function(t, axis), [x, np.array([0, -1], np.int32)])


@sample("Sum", "Mean", "EuclideanNorm")
def sums(rng):
    for f in (r.reduce_sum, r.reduce_mean, r.reduce_euclidean_norm):
        yield from each_way(f, rng.uniform(0.5, 2.0, (2, 3, 2)))
        yield Case(lambda x, f=f: f(x, 0), [INTS])
    yield Case(r.reduce_sum, [np.zeros((0, 3))])


@sample("Prod", "AxesToFront", "AxesFromFront", "Cumprod")
def products(rng):
    x = rng.uniform(0.5, 2.0, (2, 3, 2))
    yield from each_way(r.reduce_prod, x)
    for zeros in (1, 2, 3):
        y = x.copy()
        y.reshape(-1)[[0, 7, 4][:zeros]] = 0
        for axis in (None, 1, [0, 2]):
            yield Case(lambda t, axis=axis: r.reduce_prod(t, axis), [y])
    yield Case(lambda x: r.reduce_prod(x, 1), [INTS])


@sample("Max", "Min")
def extremes(rng):
    for f in (r.reduce_max, r.reduce_min):
        yield from each_way(f, rng.permutation(12).reshape(2, 3, 2) / 3.0)
        yield Case(lambda x, f=f: f(x, 0), [np.zeros((0, 3))], first=False)  # ±∞
        yield Case(lambda x, f=f: f(x, 0), [np.zeros((0, 3), np.int32)])
        yield Case(f, [INTS])


@sample("All", "Any")
def truths(rng):
    for f in (r.reduce_all, r.reduce_any):
        yield Case(f, [BOOLS])
        yield Case(lambda x, f=f: f(x, 1, True), [BOOLS])
        yield Case(lambda x, f=f: f(x, 0), [np.zeros((0, 2), bool)])


@sample("SpreadLike", "BroadcastLike", "SumToLike", "CountRatio")
def back(rng):
    x = rng.normal(size=(2, 3, 2))
    yield Case(lambda x, part: r.count_ratio(x, part, dtype=x.dtype), [x, x[0, 0]], first=False)
    axes = np.array([0, 2], np.int32)
    yield Case(lambda y, like: r.spread_like(y, like, axes), [rng.normal(size=3), x])
    yield Case(r.broadcast_like, [rng.normal(size=(3, 1)), x])
    yield Case(r.sum_to_like, [x, rng.normal(size=(1, 2))])


@sample("Cumsum", "Cumprod", "CumulativeLogsumexp", "LinearRecurrence", "Shift")
def scans(rng):
    for f in (scan.cumsum, scan.cumprod, scan.cumulative_logsumexp):
        for exclusive in (False, True):
            for reverse in (False, True):
                # a running sum that begins with −∞ has no differences there
                smooth = not (exclusive and f is scan.cumulative_logsumexp)
                yield Case(
                    lambda x, f=f, exclusive=exclusive, reverse=reverse: f(x, 1, exclusive, reverse),
                    [rng.uniform(0.5, 2.0, (2, 5))],
                    first=smooth,
                )
    yield Case(lambda x: scan.cumprod(x, exclusive=True), [np.array([1.0, 0.0, 2.0, 0.0, 3.0])])
    yield Case(lambda x: scan.cumprod(x, reverse=True), [np.array([1.0, 0.0, 2.0, 3.0])])
    for f in (scan.cumsum, scan.cumprod):
        yield Case(lambda x, f=f: f(x, -1), [INTS])
        yield Case(lambda x, f=f: f(x, -1), [np.zeros((2, 0))])
    for reverse in (False, True):
        yield Case(
            lambda a, b, reverse=reverse: scan.recurrence(a, b, 1, reverse=reverse), list(rng.normal(size=(2, 2, 5)))
        )
    for by in (1, -1):
        yield Case(lambda x, by=by: scan.shift(x, 0, by=by), [rng.normal(size=(3, 2))])


@sample("ArgMax", "ArgMin")
def places(rng):
    for f in (m.argmax, m.argmin):
        yield Case(f, [rng.normal(size=(3, 4))])
        yield Case(lambda x, f=f: f(x, -1), [np.array([[1.0, np.nan, 3.0, 3.0], [np.nan] * 4])])
        yield Case(lambda x, f=f: f(x, 1, "int32"), [INTS])
        yield Case(lambda x, axis, f=f: f(x, axis), [INTS, np.int32(1)])
        yield Case(f, [BOOLS])


@sample("Sum", "Max", "Mean")
def composed(rng):
    x = rng.normal(size=(2, 3, 2))
    for f in (m.reduce_logsumexp, m.reduce_variance, m.reduce_std):
        for axis in (None, 1, [0, 2]):
            yield Case(lambda t, axis=axis, f=f: f(t, axis), [x])
    yield Case(m.reduce_logsumexp, [np.array([1000.0, 1000.5])])
    for order, axis in (
        ("euclidean", None),
        (1, 0),
        (np.inf, 1),
        (3, 1),
        ("fro", (0, 2)),
        (1, (0, 1)),
        (np.inf, (2, 1)),
    ):
        yield Case(lambda t, order=order, axis=axis: m.norm(t, order, axis), [x])
    yield Case(lambda t: m.count_nonzero(t, 0), [INTS])
    yield Case(m.count_nonzero, [np.array(["", "a"])])
    yield Case(lambda x, y: m.accumulate_n([x, y], [2, 3, 2]), [x, x])
    yield Case(m.scalar_mul, [np.array(2.0), x])


@sample("DenseBincount")
def counts(rng):
    arr = np.array([1, 1, 3, 0], np.int32)
    yield Case(m.bincount, [arr])
    yield Case(lambda a, w: m.bincount(a, w), [arr, np.array([0.5, 1.5, 2.0, 3.0])], first=False)
    yield Case(lambda a: m.bincount(a, minlength=6, dtype="float32"), [arr])
    yield Case(lambda a: m.bincount(a, maxlength=2, binary_output=True), [arr])
    yield Case(lambda a: m.bincount(a, axis=-1), [np.array([[1, 1, 3], [2, 2, 2]], np.int32)], forget="dims")
    yield Case(m.bincount, [np.zeros(0, np.int32)])


@sample("HistogramFixedWidth")
def histograms(rng):
    x = np.array([-1.0, 0.0, 1.5, 2.0, 5.0, 15.0])
    yield Case(lambda x: m.histogram_fixed_width(x, [0.0, 5.0], nbins=5), [x])
    yield Case(lambda x: m.histogram_fixed_width_bins(x, [0.0, 5.0], nbins=5), [x])
