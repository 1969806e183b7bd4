"""Samples of ops/einsum.py."""

from tensorglass.ops.einsum import einsum, tensordot

from . import Case, sample

EQUATIONS = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,kj->ki", (2, 3), (4, 3)),
    ("i,j->ij", (2,), (3,)),
    ("i,i->", (3,), (3,)),
    ("ij,ij->ij", (2, 3), (2, 3)),
    ("bij,bjk->bik", (2, 3, 4), (2, 4, 5)),
    ("bij,jk->bik", (2, 3, 4), (4, 5)),
    ("ij,k->i", (2, 3), (4,)),
    ("abc,cd->bd", (2, 3, 4), (4, 2)),
    ("ii,ij->j", (3, 3), (3, 2)),
    ("...ij,...jk->...ik", (2, 1, 3, 4), (5, 4, 2)),
    ("i...,...->i...", (2, 3, 4), (4,)),
    ("ba,c", (2, 3), (4,)),
    ("ij->ji", (2, 3)),
    ("ij->i", (2, 3)),
    ("ij->", (2, 3)),
    ("ii->i", (3, 3)),
    ("ii", (3, 3)),
    ("iij->ji", (3, 3, 2)),
    ("...ii->...i", (2, 3, 3)),
    ("ij,jk,kl->il", (2, 3), (3, 4), (4, 2)),
    ("i,...j,jk->...ik", (2,), (5, 3), (3, 4)),
]


@sample("Einsum", "EinsumBack")
def equations(rng):
    for equation, *shapes in EQUATIONS:

        def f(*operands, equation=equation):
            return einsum(equation, *operands)

        f.__name__ = equation
        yield Case(f, [rng.normal(size=s) for s in shapes])
    z = rng.normal(size=(2, 3)) + 1j * rng.normal(size=(2, 3))
    yield Case(lambda a: einsum("ij,kj->ik", a, a), [z], first=False, second=False)
    yield Case(lambda a: einsum("ij,kj->ik", a, a), [rng.integers(0, 5, (2, 3))])


@sample("MatMul")
def tensordots(rng):
    for a, b, axes in (
        ((2, 3), (3, 4), 1),
        ((2, 3, 4), (3, 4, 5), 2),
        ((2, 3), (4,), 0),
        ((2, 3, 4), (4, 2, 5), [[2, 0], [0, 1]]),
        ((2, 3), (5, 3), [-1, -1]),
        ((3,), (3,), 1),
    ):
        yield Case(
            lambda x, y, axes=axes: tensordot(x, y, axes), [rng.normal(size=a), rng.normal(size=b)], forget="dims"
        )
