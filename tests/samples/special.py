"""Samples of ops/special.py."""

import numpy as np

from tensorglass.ops import special as s

from . import Case, sample


@sample("Erf", "Erfc", "Erfinv", "Ndtri")
def errors(rng):
    x = np.array([-5.0, -2.0, -0.3, 0.0, 0.4, 1.0, 3.9])
    yield Case(s.erf, [x])
    yield Case(s.erfc, [x])
    yield Case(s.erfinv, [np.array([-0.99, -0.5, 0.0, 0.2, 0.9])])
    yield Case(s.ndtri, [np.array([0.05, 0.3, 0.5, 0.9])])
    yield Case(s.erfcinv, [np.array([0.01, 0.5, 1.0, 1.7])])


@sample("Lgamma", "Digamma", "Polygamma", "Zeta")
def gammas(rng):
    x = np.array([0.1, 0.7, 1.0, 1.8, 2.4, 7.0, 30.0, -0.4, -2.6])
    yield Case(s.lgamma, [x])
    yield Case(s.digamma, [x])
    yield Case(lambda x: s.polygamma(np.float64([[1.0], [2.0]]).astype(x.dtype.as_numpy_dtype), x), [x])
    yield Case(lambda q: s.zeta(np.float64([[2.0], [3.0]]).astype(q.dtype.as_numpy_dtype), q), [x[:7]])
    yield Case(s.lbeta, [rng.uniform(0.5, 3.0, (2, 3))])
