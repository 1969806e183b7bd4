"""Samples of ops/sort.py and ops/diag.py."""

import numpy as np

from tensorglass.ops import array, diag, sort

from . import Case, sample


@sample("ArgSort", "TakeAlongAxis", "AddAlongAxis")
def sorts(rng):
    x = rng.normal(size=(3, 4, 2))
    for axis in (-1, 0, 1):
        yield Case(lambda x, axis=axis: sort.sort(x, axis), [x])
    yield Case(lambda x: sort.sort(x, 1, "DESCENDING"), [x])
    yield Case(
        lambda x: [sort.argsort(x), sort.argsort(x, 0, "DESCENDING")],
        [np.array([[3, 1, 3], [-(2**31), 0, 0]], np.int32)],
    )
    yield Case(lambda x, i: sort.take_along_axis(x, i, axis=1), [x[..., 0], np.array([[0, 0], [3, 1], [2, 2]])])


@sample("TopKV2", "NthElement")
def tops(rng):
    x = rng.normal(size=(3, 4))
    yield Case(lambda x: sort.top_k(x, 2), [x])
    yield Case(lambda x, k: sort.top_k(x, k).values, [x, np.array(3, np.int32)])
    yield Case(lambda x: sort.top_k(x, 3), [np.array([1, 3, 3, 2], np.int32)])
    yield Case(lambda x: sort.nth_element(x, 1), [x])
    yield Case(lambda x: sort.nth_element(x, 0, reverse=True), [x])


@sample("Diag", "DiagPart")
def diagonals(rng):
    yield Case(diag.diag, [rng.normal(size=3)])
    yield Case(diag.diag, [rng.normal(size=(2, 3))])
    yield Case(diag.diag_part, [rng.normal(size=(2, 3, 2, 3))])


@sample("MatrixDiagV3", "MatrixDiagPartV3", "MatrixSetDiagV3", "MatrixBandPart")
def matrices(rng):
    x = rng.normal(size=(2, 3, 4))
    yield Case(diag.matrix_diag, [x[0]])
    yield Case(lambda x: diag.matrix_diag(x, k=-1, num_cols=5), [x[0]])
    yield Case(diag.matrix_diag_part, [x])
    yield Case(diag.matrix_set_diag, [x, x[..., 0]])
    for align in ("LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT"):
        band = {"k": (-1, 2), "align": align}
        yield Case(lambda x, band=band: diag.matrix_diag_part(x, **band), [x])
        yield Case(lambda x, y, band=band: diag.matrix_set_diag(x, y, **band), [x, rng.normal(size=(2, 4, 3))])
        yield Case(lambda x, band=band: diag.matrix_diag(x, num_cols=4, **band), [rng.normal(size=(2, 4, 3))])
    for lower, upper in ((-1, 0), (1, 1), (0, -1)):
        yield Case(lambda x, a=lower, b=upper: diag.matrix_band_part(x, a, b), [x])
    yield Case(lambda x, k: diag.matrix_diag_part(x, k=k), [x, np.array([0, 1], np.int32)])
    yield Case(lambda x: diag.matrix_band_part(x, array.rank(x) - 2, 1), [x])
