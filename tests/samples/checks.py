"""Samples of ops/checks.py and ops/host.py."""

import io

import numpy as np

import tensorglass as tg
from tensorglass.ops import checks, host

from . import Case, sample


@sample("CheckNumerics", "EnsureShape")
def checked(rng):
    x = rng.normal(size=(2, 3))
    yield Case(lambda x: checks.check_numerics(x * x, "x²"), [x])
    yield Case(lambda x: checks.ensure_shape(x, [None, 3]), [x])


@sample("Assert")
def asserted(rng):
    x = rng.uniform(1.0, 2.0, (2, 3))
    yield Case(lambda x: checks.Assert(tg.reduce_sum(x) > 0, [x]), [x])
    yield Case(
        lambda x: [checks.assert_less(x, 3.0), checks.assert_positive(x), checks.assert_rank(x, 2)], [x], eager=False
    )


@sample("PyFunc", "PyFuncStateless")
def functions(rng):
    x = rng.normal(size=3)
    yield Case(lambda x: host.py_func(lambda a: a[::-1] * 2, [x], x.dtype), [x], first=False)
    yield Case(lambda x: host.py_func(lambda a: (a, 1), [x], [x.dtype, tg.int64], stateful=False), [x], first=False)
    yield Case(lambda x: host.py_func(lambda a: "told", [x], tg.string), [np.array([1, 2])])


@sample("Print", "PrintV2")
def printed(rng):
    yield Case(lambda x: host.Print(x, [x], "x", first_n=0), [rng.normal(size=3)])
    yield Case(lambda x: host.print_values("x", x, output_stream=io.StringIO()), [rng.normal(size=3)], eager=False)
