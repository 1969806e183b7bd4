"""Random streams: published vectors, numbers TensorFlow 2.21 printed, stream arithmetic, distributions."""

import math
import zlib

import numpy as np
import pytest

from tensorglass.ops import philox

SEEDS = 87654321, 42  # of the op TensorFlow ran for the golden values
STREAM = philox.key_counter(*SEEDS)
STATELESS = philox.stateless_key_counter(np, [3, -4])
N = 20_003  # more than a tile of the slowest distribution, and a last block that is cut


def crc(values):
    return zlib.crc32(np.ascontiguousarray(values).tobytes())


# -- the generator: the authors' known answers (Random123, kat_vectors) --------------------------------------


@pytest.mark.parametrize(
    ("key", "counter", "expected"),
    [
        ((0, 0), (0, 0, 0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 2, (0xFFFFFFFF,) * 4, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0xA4093822, 0x299F31D0),
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_known_answers(key, counter, expected):
    assert philox.words(np, key, counter, 4).tolist() == list(expected)


def test_counter_carries_through_all_four_words():
    key = (5, 6)
    top = 0xFFFFFFFF
    for counter, following in [
        ((top, 0, 0, 0), (0, 1, 0, 0)),
        ((top, top, 7, 0), (0, 0, 8, 0)),
        ((top, top, top, 3), (0, 0, 0, 4)),
        ((top, top, top, top), (0, 0, 0, 0)),
    ]:
        np.testing.assert_array_equal(philox.words(np, key, counter, 8)[4:], philox.words(np, key, following, 4))


def test_seeds_become_key_and_counter():
    assert philox.key_counter(1, 2) == ((1, 0), (0, 0, 2, 0))
    assert philox.key_counter(-5, 2**40 + 7) == ((0xFFFFFFFB, 0xFFFFFFFF), (0, 0, 7, 256))
    for dtype in (np.int32, np.int64):
        assert philox.stateless_key_counter(np, np.array([3, -4], dtype)) == STATELESS


# -- what TensorFlow printed ---------------------------------------------------------------------------------
# The first numbers of the second draw of one op in one session, and checksums of both draws.

GOLDEN = [
    ("uniform", "float16", [0.8506, 0.2256, 0.843], 0x272B8197, 0xC291AA09),
    ("uniform", "float32", [0.6321839, 0.71828926, 0.104595065], 0xE4C28023, 0x5D6552E5),
    (
        "uniform",
        "float64",
        ["0x1.d6ce8fb7e1ce0p-5", "0x1.ac6be78dd85b0p-1", "0x1.da31d91712d00p-3"],
        0x03D676F8,
        0x4B0C7076,
    ),
    ("normal", "float16", [-0.939, -0.1896, -1.591], 0xE21CA4DB, 0x6CC6DB5D),
    ("normal", "float32", [-0.93873304, -0.18955235, -1.5910931], 0x3285A19A, 0xEECFD6B2),
    ("truncated_normal", "float16", [-0.939, -0.1896, -1.591], 0x95030F39, 0x3202578F),
    ("truncated_normal", "float32", [-0.93873304, -0.18955235, -1.5910931], 0x53F77194, 0x08CBADB5),
]


@pytest.mark.parametrize(("name", "dtype", "start", "first", "second"), GOLDEN)
def test_floating_draws_are_tensorflows(name, dtype, start, first, second):
    draw = getattr(philox, name)
    a, b = draw(np, *STREAM, N, dtype), draw(np, *STREAM, N, dtype, philox.consumed(N))
    start = [float.fromhex(v) if isinstance(v, str) else v for v in start]
    assert a.dtype == b.dtype == dtype
    assert b[:3].tolist() == np.array(start, dtype).tolist()
    assert (crc(a), crc(b)) == (first, second)


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("normal", ["-0x1.05992c41813e1p+1", "0x1.3d483258acd55p+0", "0x1.e27653b922534p-1"]),
        ("truncated_normal", ["0x1.3d483258acd55p+0", "0x1.e27653b922534p-1", "-0x1.9372e83f3ef51p-2"]),
    ],
)
def test_float64_normals_are_tensorflows(name, start):
    """To a unit in the last place: the last bit is the C library's, and libraries differ."""
    z = getattr(philox, name)(np, *STREAM, 3, "float64", philox.consumed(N))
    np.testing.assert_allclose(z, [float.fromhex(v) for v in start], rtol=3e-16)


@pytest.mark.parametrize(
    ("dtype", "start", "first", "second"),
    [
        ("int32", [1775, 2881, 1129], 0xA3B03838, 0x4DF7B650),
        ("int64", [617, 2722, 39], 0xD028BD28, 0xA04A594D),
    ],
)
def test_integer_draws_are_tensorflows(dtype, start, first, second):
    a = philox.uniform_int(np, *STREAM, N, -7, 3000, dtype)
    b = philox.uniform_int(np, *STREAM, N, -7, 3000, dtype, philox.consumed(N))
    assert a.dtype == dtype
    assert b[:3].tolist() == start
    assert (crc(a), crc(b)) == (first, second)


@pytest.mark.parametrize(
    ("dtype", "start", "checksum"),
    [
        ("int32", [915998152, -723746393, 351359026], 0xE8129F3C),
        ("uint32", [915998152, 3571220903, 351359026], 0xE8129F3C),
        ("int64", [-3108467087616965176, 3552738802335305778, -93880287419916254], 0x51F88539),
        ("uint64", [15338276986092586440, 3552738802335305778, 18352863786289635362], 0x51F88539),
    ],
)
def test_full_range_integers_are_tensorflows(dtype, start, checksum):
    k = philox.uniform_full_int(np, *STATELESS, N, dtype)
    assert k.dtype == dtype
    assert k[:3].tolist() == start
    assert crc(k) == checksum


@pytest.mark.parametrize(
    ("name", "start", "checksum"),
    [
        ("uniform", [0.19548892974853516, 0.72270667552948, 0.8852598667144775], 0xB588EBA3),
        ("normal", [-1.780290961265564, -0.30832916498184204, -0.3106456696987152], 0x33B5C03A),
        ("truncated_normal", [-1.780290961265564, -0.30832916498184204, -0.3106456696987152], 0xFB9B0F0E),
    ],
)
def test_stateless_draws_are_tensorflows(name, start, checksum):
    values = getattr(philox, name)(np, *STATELESS, N)
    assert values[:3].tolist() == start
    assert crc(values) == checksum


def test_stateless_integers_are_tensorflows():
    k = philox.uniform_int(np, *STATELESS, N, -7, 3000)
    assert k[:3].tolist() == [2798, 2451, 90]
    assert crc(k) == 0xD72BDB8A


def test_shuffles_are_tensorflows():
    def two(n):
        used = philox.consumed_by_shuffle(n)
        return philox.shuffle(np, *STREAM, n), philox.shuffle(np, *STREAM, n, used)

    a, b = two(10)
    assert a.tolist() == [2, 0, 7, 8, 9, 3, 6, 4, 1, 5]
    assert b.tolist() == [9, 6, 7, 5, 3, 2, 1, 8, 4, 0]
    assert tuple(map(crc, two(N))) == (0x70AC738F, 0x5847EA86)


def test_multinomial_draws_are_tensorflows():
    logits = np.array([[0.5, -1, 2, -np.inf, 0], [1, 1, 1, 1, 1]], np.float32)
    a = philox.multinomial(np, *STREAM, logits, 8)
    b = philox.multinomial(np, *STREAM, logits, 8, np.int32, philox.consumed_by_multinomial(2, 8))
    assert a.tolist() == [[2, 2, 2, 2, 2, 2, 2, 0], [0, 1, 3, 4, 2, 1, 0, 0]]
    assert b.tolist() == [[1, 2, 4, 0, 2, 2, 2, 0], [2, 1, 2, 0, 2, 0, 0, 4]]
    assert (a.dtype, b.dtype) == (np.int64, np.int32)
    a = philox.multinomial(np, *STREAM, logits[:1], N)
    b = philox.multinomial(np, *STREAM, logits[:1], N, offset=philox.consumed_by_multinomial(1, N))
    assert (crc(a), crc(b)) == (0xDE3B4605, 0x6F444E45)


@pytest.mark.parametrize(
    ("dtype", "first", "second", "rtol"),
    [
        (
            "float32",
            [[0.2285134643316269, 0.3143208920955658, 4.346010684967041],
             [9.68878794083139e-06, 0.3153034746646881, 1.1902263164520264]],
            [[0.002218579174950719, 0.46127524971961975, 4.264894008636475],
             [0.00040703878039494157, 0.4142162501811981, 3.2108242511749268]],
            6e-8,
        ),
        (
            "float64",
            [[0.22851345361566483, 0.3143208922222196, 4.34601074943487],
             [9.68878254198632e-06, 0.31530347552128984, 1.1902263718602037]],
            [[0.002218578763881781, 0.4612752450105324, 4.2648941557077595],
             [0.0004070386579724573, 0.4142162502829697, 3.2108241844932452]],
            1e-15,
        ),
    ],
)  # fmt: skip
def test_gamma_draws_are_tensorflows(dtype, first, second, rtol):
    alpha = np.array([0.3, 1, 2.5], dtype)
    a = philox.gamma(np, *STREAM, 2, alpha, dtype)
    b = philox.gamma(np, *STREAM, 2, alpha, dtype, philox.consumed(6))
    assert a.dtype == b.dtype == dtype
    np.testing.assert_allclose(a, np.array(first, dtype), rtol=rtol)
    np.testing.assert_allclose(b, np.array(second, dtype), rtol=rtol)


# -- arithmetic of streams -----------------------------------------------------------------------------------

FIXED = [  # draws whose value i depends on word i alone, with the number of values in a block
    (philox.words, (), 4),
    (philox.uniform, ("float16",), 4),
    (philox.uniform, ("float32",), 4),
    (philox.uniform, ("float64",), 2),
    (philox.normal, ("float32",), 4),
    (philox.normal, ("float64",), 2),
    (philox.uniform_full_int, ("int64",), 2),
    (philox.uniform_int, (0, 1000, "int32"), 4),
]


@pytest.mark.parametrize(("draw", "args", "per_block"), FIXED)
def test_an_offset_skips_whole_blocks(draw, args, per_block):
    whole = draw(np, *STREAM, 101, *args)
    np.testing.assert_array_equal(draw(np, *STREAM, 101 - 5 * per_block, *args, offset=5), whole[5 * per_block :])
    for n in (0, 1, 3, 8):
        part = draw(np, *STREAM, n, *args)
        assert part.shape == (n,)
        assert part.dtype == whole.dtype
        np.testing.assert_array_equal(part, whole[:n])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_truncated_groups_own_their_blocks(dtype):
    """Group i can be drawn alone, from 256 words a value on: groups know nothing of each other."""
    size = 2 if dtype == "float64" else 4
    whole = philox.truncated_normal(np, *STREAM, 40, dtype)
    for i in range(40 // size):
        group = philox.truncated_normal(np, *STREAM, size, dtype, i * size * 64)
        np.testing.assert_array_equal(group, whole[i * size : (i + 1) * size])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_truncated_values_are_the_first_normals_that_pass(dtype):
    size = 2 if dtype == "float64" else 4
    z = philox.truncated_normal(np, *STREAM, 1000 * size, dtype).reshape(1000, size)
    for i in range(1000):
        candidates = philox.normal(np, *STREAM, 16 * size, dtype, i * size * 64)
        np.testing.assert_array_equal(z[i], candidates[abs(candidates) < 2][:size])


def test_gamma_values_own_their_blocks():
    alpha = np.array([0.2, 1, 7])
    whole = philox.gamma(np, *STREAM, 5, alpha)
    assert whole.shape == (5, 3)
    for a in range(3):
        for s in range(5):
            assert philox.gamma(np, *STREAM, 1, alpha[a], offset=256 * (5 * a + s)) == whole[s, a]


@pytest.mark.parametrize("draw", [philox.normal, philox.truncated_normal, lambda *a: philox.gamma(*a, 0.7)])
def test_the_pieces_a_long_draw_is_made_of_do_not_show(draw, monkeypatch):
    whole = draw(np, *STREAM, 1001)
    monkeypatch.setattr(philox, "_TILE", 7)
    np.testing.assert_array_equal(draw(np, *STREAM, 1001), whole)


def test_state_advances_as_tensorflows():
    assert philox.consumed(10) == 2560
    assert [philox.consumed_by_shuffle(n) for n in (0, 1, 2, 5, 6)] == [0, 0, 1, 1, 2]
    assert philox.consumed_by_multinomial(3, 5) == 3 * 8 * 2 * 256


def test_wrong_dtypes_are_refused():
    for draw in (philox.uniform, philox.normal, philox.truncated_normal):
        with pytest.raises(TypeError, match="expected one of float16 float32 float64, got int32"):
            draw(np, *STREAM, 3, "int32")
    with pytest.raises(TypeError, match="expected one of int32 int64, got float32"):
        philox.uniform_int(np, *STREAM, 3, 0, 5, "float32")


# -- distributions -------------------------------------------------------------------------------------------

M = 200_000


def close(value, expected, deviation, n=M):
    """The mean of n values of this standard deviation: within 5 of its own."""
    assert abs(value - expected) < 5 * deviation / math.sqrt(n)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_uniform_is_uniform(dtype):
    u = philox.uniform(np, *STREAM, M, dtype).astype(float)
    assert u.min() >= 0
    assert u.max() < 1
    close(u.mean(), 0.5, math.sqrt(1 / 12))
    close((u * u).mean(), 1 / 3, math.sqrt(4 / 45))
    close((u[1:] * u[:-1]).mean(), 0.25, math.sqrt(7 / 144))  # neighbours are independent


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_uniform_int_covers_its_range(dtype):
    counts = np.bincount(philox.uniform_int(np, *STREAM, M, -3, 7, dtype) + 3, minlength=10)
    assert len(counts) == 10
    assert ((counts - M / 10) ** 2).sum() / (M / 10) < 40  # χ² of 9 degrees of freedom
    info = np.iinfo(dtype)
    k = philox.uniform_int(np, *STREAM, 1000, info.min, info.max, dtype)
    assert (k < 0).any()
    assert (k > 0).any()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_normal_is_normal(dtype):
    z = philox.normal(np, *STREAM, M, dtype).astype(float)
    for power, moment, deviation in [
        (1, 0, 1),
        (2, 1, math.sqrt(2)),
        (3, 0, math.sqrt(15)),
        (4, 3, math.sqrt(96)),
    ]:
        close((z**power).mean(), moment, deviation)
    for edge in (-2, -0.5, 1, 3):
        p = 0.5 * (1 + math.erf(edge / math.sqrt(2)))
        close((z < edge).mean(), p, math.sqrt(p * (1 - p)))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_truncated_normal_stays_within_two(dtype):
    z = philox.truncated_normal(np, *STREAM, M, dtype).astype(float)
    assert abs(z).max() < 2 or (dtype == "float16" and abs(z).max() == 2)  # rounded after the test
    close(z.mean(), 0, 0.88)
    close((z * z).mean(), 0.773741, 0.96)


def test_log_sin_cos_are_the_c_librarys():
    """Checksums of glibc's logf and sincosf, at arguments all over the range of the uniforms."""
    x = (np.arange(1, 1 << 23, 997) / (1 << 23)).astype(np.float32)
    y = (2 * math.pi * x.astype(float)).astype(np.float32)
    sin, cos = philox._sincos32(np, y)
    log = philox._log32(np, x)
    assert (crc(log), crc(sin), crc(cos)) == (0x8EC37E38, 0xD0BB0C1F, 0x7E62D9D1)
    np.testing.assert_allclose(log, np.log(x.astype(float)), rtol=1.2e-7)
    np.testing.assert_allclose(sin, np.sin(y.astype(float)), rtol=1.2e-7)
    np.testing.assert_allclose(cos, np.cos(y.astype(float)), rtol=1.2e-7)


def test_shuffle_permutes():
    for n in (0, 1, 2, 100):
        assert sorted(philox.shuffle(np, *STREAM, n).tolist()) == list(range(n))
    first = [philox.shuffle(np, *philox.key_counter(s, 1), 4)[0] for s in range(4000)]
    assert (abs(np.bincount(first, minlength=4) - 1000) < 150).all()


def test_multinomial_frequencies():
    logits = np.log(np.array([[0.1, 0.2, 0.7], [0.5, 0.5, 0.0]], np.float64, ndmin=2) + 1e-300)
    logits[1, 2] = -np.inf
    k = philox.multinomial(np, *STREAM, logits, M)
    for row, expected in zip(k, [[0.1, 0.2, 0.7], [0.5, 0.5, 0.0]], strict=True):
        for p, share in zip(expected, np.bincount(row, minlength=3) / M, strict=True):
            assert abs(share - p) <= 5 * math.sqrt(p * (1 - p) / M)


def test_multinomial_rows_and_comparison_agree():
    """Many samples are found row by row, few all at once: the same classes."""
    logits = np.random.RandomState(0).randn(4, 30)
    many = philox.multinomial(np, *STREAM, logits[:1], 400)
    few = philox.multinomial(np, *STREAM, logits[:1], 20)
    np.testing.assert_array_equal(many[:, :20], few)


@pytest.mark.parametrize("alpha", [0.05, 0.5, 1.0, 3.0, 50.0])
def test_gamma_moments(alpha):
    n = 50_000
    y = philox.gamma(np, *STREAM, n, alpha, "float64")
    assert (y >= 0).all()
    close(y.mean(), alpha, math.sqrt(alpha), n)
    close(((y - alpha) ** 2).mean(), alpha, math.sqrt(2 * alpha**2 + 6 * alpha), n)


def test_gamma_of_tiny_shape_parameters_has_no_subnormals():
    y = philox.gamma(np, *STREAM, 2000, 0.003)
    assert (y[y > 0] >= np.finfo(np.float32).tiny).all()
    assert (y == 0).any()


# -- another array namespace ---------------------------------------------------------------------------------


def test_jax_draws_the_same_streams():
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        jnp = jax.numpy
        for draw, args, _ in FIXED + [(philox.truncated_normal, ("float32",), 4)]:
            ours = draw(np, *STREAM, 999, *args)
            theirs = np.asarray(jax.jit(lambda o, d=draw, a=args: d(jnp, *STREAM, 999, *a, offset=o))(0))
            assert theirs.dtype == ours.dtype
            if draw in (philox.normal, philox.truncated_normal):
                np.testing.assert_allclose(theirs, ours, rtol=3e-7 if theirs.itemsize == 4 else 5e-15)
            else:
                np.testing.assert_array_equal(theirs, ours)
        stream = jax.jit(lambda s: philox.stateless_key_counter(jnp, s))(jnp.array([3, -4]))
        np.testing.assert_array_equal(philox.words(jnp, *stream, 9), philox.words(np, *STATELESS, 9))
        logits = np.random.RandomState(0).randn(3, 5)
        np.testing.assert_array_equal(
            philox.multinomial(jnp, *STREAM, jnp.array(logits), 7), philox.multinomial(np, *STREAM, logits, 7)
        )
