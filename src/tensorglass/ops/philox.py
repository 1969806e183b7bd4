"""TensorFlow's random streams as pure array functions: what draws behind `random_uniform` and dropout.

Where it stands: below everything. It imports NumPy only, knows nothing of graphs or of how seeds are chosen,
and is called by the random stanzas, which hold the state: one integer an op, the number of 128-bit blocks its
stream has used so far, passed in here as `offset`. A random number is a *function of its position*: block i
of a stream is Philox(key, counter + i), so any part of any stream can be computed at once, in any order, on
any machine; that is why this generator suits arrays, threads and accelerators alike. Read it from `blocks`
(the generator) over `words`, `uniform` and `normal` to the two rejection samplers, `truncated_normal` and
`gamma`.

The values are those of TensorFlow's CPU kernels, bit for bit; float64 transcendental functions are the
machine's C library's, which TensorFlow calls too. `xp` is numpy or jax.numpy (under x64; transcendental
functions may differ there by a unit in the last place). `shuffle` and `gamma`, whose loops depend on the
data, run on NumPy only.

The tables and polynomials of `_log32` and `_sincos32` come from Arm Optimized Routines (logf_data.c,
sincosf_data.c), Copyright (c) 1999-2018 Arm Limited, SPDX-License-Identifier: MIT. Permission is granted,
free of charge, to use, copy, modify and distribute them provided that this notice is kept; they are provided
"as is", without warranty of any kind.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Array = Any  # np.ndarray or jax.Array
DType = Any  # whatever np.dtype() accepts
Key = tuple[Any, Any]  # two 32-bit words
Counter = tuple[Any, Any, Any, Any]  # four 32-bit words, the lowest first

_MASK = 0xFFFFFFFF
_ROUNDS = 10
_KEY_STEPS = np.array([0x9E3779B9, 0xBB67AE85], dtype=np.uint64)
_M0, _M1, _LOW, _32 = (np.array(v, dtype=np.uint64) for v in (0xD2511F53, 0xCD9E8D57, _MASK, 32))
_FLOATS = "float16 float32 float64"
_STATELESS_KEY = 0x3EC8F720, 0x02461E29
_TILE = 1 << 14  # blocks computed at a time on NumPy: the temporaries stay in the processor's cache

RESERVED = 256  # blocks a stateful op sets aside for each value it draws, whether it needs them or not


# -- which stream, and how far it has run --------------------------------------------------------------------


def key_counter(seed: int, seed2: int) -> tuple[Key, Counter]:
    """key = (seed low, seed high), counter = (0, 0, seed2 low, seed2 high): the stream of a stateful op.

    seed, seed2: the op's integer attributes (64 bits). Source: TensorFlow's philox_random.h.
    """
    return (seed & _MASK, seed >> 32 & _MASK), (0, 0, seed2 & _MASK, seed2 >> 32 & _MASK)


def stateless_key_counter(xp: Any, seed: Any) -> tuple[Key, Counter]:
    """m = Philox(fixed key, seeds); key = (m₀, m₁), counter = (0, 0, m₂, m₃): the stream of a stateless op.

    seed: two integers, int32 or int64, a list or an array of shape [2]. One block scrambles them, so that two
    seeds that differ in one bit give unrelated streams; a stateless draw then starts at offset 0.
    Source: TensorFlow's stateless_random_ops.cc, GenerateKey.
    """
    low, high = xp.asarray(seed).astype(xp.int64).astype(xp.uint64)
    counter = low & _MASK, low >> 32, high & _MASK, high >> 32
    m = blocks(xp, _STATELESS_KEY, counter, xp.zeros(1, xp.uint64))[0].astype(xp.uint64)
    m = m.tolist() if xp is np else m
    return (m[0], m[1]), (0, 0, m[2], m[3])


def consumed(n: int) -> int:
    """256·n: the blocks by which a stateful op's stream advances when it draws n values, whatever their type.

    The two exceptions are below. Source: TensorFlow's guarded_philox_random.h, ReserveRandomOutputs.
    """
    return RESERVED * n


def consumed_by_shuffle(n: int) -> int:
    """⌈(n − 1)/4⌉: the blocks a shuffle of n entries uses, one word a swap. Source: random_shuffle_op.cc."""
    return (n + 2) // 4 if n > 1 else 0


def consumed_by_multinomial(batch: int, samples: int) -> int:
    """256·2·batch·4⌈samples/4⌉: the blocks a draw [batch, samples] uses. Source: multinomial_op.cc."""
    return RESERVED * 2 * batch * (-(-samples // 4) * 4)


# -- the generator -------------------------------------------------------------------------------------------


def blocks(xp: Any, key: Key, counter: Counter, index: Array) -> Array:
    """(x₀, x₁, x₂, x₃) = Philox4x32-10(key, counter + index): four random words for each block number.

    index: uint64 of any shape; gives uint32 of shape index.shape + (4,). The counter is one 128-bit number. A
    round multiplies two of its words and mixes the halves of the products with the other two and the key.
    Source: Salmon, Moraes, Dror, Shaw, Parallel random numbers: as easy as 1, 2, 3 (SC 2011), section 3.3.
    """
    c0, c1, c2, c3 = counter
    low = c0 | c1 << 32
    if not (isinstance(low, int) and low == 0):  # a seeded stream starts at 0: nothing to add, no carry
        low, high = xp.uint64(low), xp.uint64(c2 | c3 << 32)
        index = index + low
        high = high + (index < low).astype(xp.uint64)
        c2, c3 = high & _MASK, high >> 32
    c0, c1 = index & _LOW, index >> _32
    c2, c3, keys = (xp.asarray(v, dtype=xp.uint64) for v in (c2, c3, key))
    for k0, k1 in (keys + xp.arange(_ROUNDS, dtype=xp.uint64)[:, None] * _KEY_STEPS & _LOW)[..., None]:
        p0, p1 = c0 * _M0, c2 * _M1  # 32-bit words, each kept in 64 bits: the products are whole
        c0, c1, c2, c3 = (p1 >> _32) ^ c1 ^ k0, p1 & _LOW, (p0 >> _32) ^ c3 ^ k1, p0 & _LOW
    return xp.stack([c0, c1, c2, c3], axis=-1).astype(xp.uint32)


def _fill(xp: Any, n: int, offset: Any, per_group: int, stride: int, draw: Callable[[Array], Array]) -> Array:
    """n values in groups of `per_group`: group i is draw(its first block, offset + i·stride). Shape [n]."""
    groups = -(-n // per_group)
    tile = _TILE if xp is np else max(groups, 1)
    offset, stride = xp.uint64(offset), xp.uint64(stride)
    parts = []
    for start in range(0, max(groups, 1), tile):
        group = xp.arange(start, min(start + tile, groups), dtype=xp.uint64)
        parts.append(draw(group * stride + offset).reshape(-1))
    return (parts[0] if len(parts) == 1 else xp.concatenate(parts))[:n]


def words(xp: Any, key: Key, counter: Counter, n: int, offset: Any = 0) -> Array:
    """x₀ x₁ … xₙ₋₁: the words of the stream from block `offset` on, uint32 of shape [n], four a block."""
    return _fill(xp, n, offset, 4, 1, lambda index: blocks(xp, key, counter, index))


# -- uniform -------------------------------------------------------------------------------------------------


def _unit(xp: Any, x: Array, dtype: np.dtype) -> Array:
    """u in [0, 1): random bits as the mantissa of a number in [1, 2), minus 1 (float64: of two words)."""
    if dtype == np.float16:
        return (x & 0x3FF | 0x3C00).astype(xp.uint16).view(xp.float16) - xp.float16(1)
    if dtype == np.float32:
        return (x & 0x7FFFFF | 0x3F800000).view(xp.float32) - xp.float32(1)
    mantissa = (x[..., 0::2] & 0xFFFFF).astype(xp.uint64) << 32 | x[..., 1::2].astype(xp.uint64)
    return (mantissa | 0x3FF0000000000000).view(xp.float64) - 1.0


def uniform(xp: Any, key: Key, counter: Counter, n: int, dtype: DType = np.float32, offset: Any = 0) -> Array:
    """u ~ U[0, 1): n values, float16 (10 random bits), float32 (23) or float64 (52), shape [n].

    One word a value, two for float64. TensorFlow's `random_uniform` is u·(maxval − minval) + minval in
    the same dtype. Source: TensorFlow's random_distributions.h, UniformDistribution.
    """
    dtype = _one_of(_FLOATS, dtype)

    def draw(index: Array) -> Array:
        return _unit(xp, blocks(xp, key, counter, index), dtype)

    return _fill(xp, n, offset, _per_block(dtype), 1, draw)


def _one_of(names: str, dtype: DType) -> np.dtype:
    dtype = np.dtype(dtype)
    if dtype.name not in names.split():
        raise TypeError(f"expected one of {names}, got {dtype}")
    return dtype


def _per_block(dtype: np.dtype) -> int:
    return 2 if dtype.itemsize == 8 else 4


def uniform_full_int(xp: Any, key: Key, counter: Counter, n: int, dtype: DType, offset: Any = 0) -> Array:
    """k ~ U over all values of the dtype: n of int32, uint32 (a word each), int64 or uint64 (two), shape [n].

    Source: TensorFlow's random_distributions.h, UniformFullIntDistribution.
    """
    dtype = _one_of("int32 uint32 int64 uint64", dtype)

    def draw(index: Array) -> Array:
        return _unsigned(xp, blocks(xp, key, counter, index), dtype).astype(dtype)

    return _fill(xp, n, offset, _per_block(dtype), 1, draw)


def _unsigned(xp: Any, x: Array, dtype: np.dtype) -> Array:
    """x, or x₀ + 2³²·x₁ for each two words: unsigned integers of the dtype's width."""
    return x if dtype.itemsize == 4 else x[..., 0::2].astype(xp.uint64) | x[..., 1::2].astype(xp.uint64) << 32


def uniform_int(
    xp: Any,
    key: Key,
    counter: Counter,
    n: int,
    minval: Any,
    maxval: Any,
    dtype: DType = np.int32,
    offset: Any = 0,
) -> Array:
    """k = minval + x mod (maxval − minval): n integers in [minval, maxval), int32 or int64, shape [n].

    minval < maxval: scalars. With s = maxval − minval, the remainder favours small values by at most one
    part in 2³²/s (2⁶⁴/s), as TensorFlow's does. Source: random_distributions.h, UniformDistribution.
    """
    dtype = _one_of("int32 int64", dtype)
    unsigned = np.dtype(f"uint{8 * dtype.itemsize}")  # where maxval − minval always fits, and sums may wrap
    low, high = (xp.asarray(v, dtype=dtype).reshape(1).astype(unsigned) for v in (minval, maxval))
    span = high - low

    def draw(index: Array) -> Array:
        x = _unsigned(xp, blocks(xp, key, counter, index), dtype)
        return (x % span + low).astype(dtype)

    return _fill(xp, n, offset, _per_block(dtype), 1, draw)


# -- normal --------------------------------------------------------------------------------------------------


def normal(xp: Any, key: Key, counter: Counter, n: int, dtype: DType = np.float32, offset: Any = 0) -> Array:
    """z ~ N(0, 1): n values, float16 (float32 rounded), float32 or float64, shape [n].

    TensorFlow's `random_normal` is z·stddev + mean. Source: Box, Muller, A note on the generation of random
    normal deviates (1958); TensorFlow's random_distributions.h, NormalDistribution.
    """
    dtype = _one_of(_FLOATS, dtype)

    def draw(index: Array) -> Array:
        return _box_muller(xp, blocks(xp, key, counter, index), dtype).astype(dtype)

    return _fill(xp, n, offset, _per_block(dtype), 1, draw)


def _box_muller(xp: Any, x: Array, dtype: np.dtype) -> Array:
    """z₁ = sin(2πv)·√(−2 log u), z₂ = cos(2πv)·√(−2 log u).

    Words […, 4] give normals […, 4], or […, 2] in float64. float16 comes as float32: TensorFlow rounds last.
    """
    double = dtype == np.float64
    uv = _unit(xp, x, np.dtype(np.float64 if double else np.float32))
    u, v = uv[..., 0::2], uv[..., 1::2]
    u = xp.maximum(u, u.dtype.type(1e-7))  # keeps the logarithm finite: |z| never exceeds 5.68
    angle = (2 * math.pi * v.astype(xp.float64)).astype(v.dtype)
    sin, cos = (_sincos64 if double else _sincos32)(xp, angle)
    radius = xp.sqrt(-2 * (_log64 if double else _log32)(xp, u))
    z = xp.stack([sin * radius, cos * radius], axis=-1)
    return z.reshape(*u.shape[:-1], 2 * u.shape[-1])


def truncated_normal(xp: Any, key: Key, counter: Counter, n: int, dtype: DType = np.float32, offset: Any = 0) -> Array:
    """z ~ N(0, 1) given |z| < 2: n values, float16, float32 or float64, shape [n].

    A group of values (as many as one block gives normals: 4, or 2 in float64) owns 256 words a value and
    keeps the first of its normals that pass. 95 % do: most groups need one block, the rest a second look.
    Source: TensorFlow's random_distributions.h, TruncatedNormalDistribution.
    """
    dtype = _one_of(_FLOATS, dtype)
    size = _per_block(dtype)

    def first_kept(index: Array, depth: int) -> tuple[Array, Array]:
        x = blocks(xp, key, counter, index[:, None] + xp.arange(depth, dtype=xp.uint64))
        z = _box_muller(xp, x, dtype).reshape(len(index), depth * size)
        kept = abs(z) < 2
        order = xp.argsort(~kept, axis=1, stable=True)[:, :size]
        return xp.take_along_axis(z, order, axis=1), kept.sum(axis=1) >= size

    def draw(index: Array) -> Array:
        if xp is not np:  # one shape for all: 8 blocks fall short once in 10²² groups
            return first_kept(index, 8)[0].astype(dtype)
        z = _box_muller(xp, blocks(xp, key, counter, index), dtype)
        short, depth = np.flatnonzero((abs(z) >= 2).any(axis=1)), 2
        while short.size:
            z[short], done = first_kept(index[short], depth)
            short, depth = short[~done], 2 * depth
        return z.astype(dtype)

    return _fill(xp, n, offset, size, RESERVED * size // 4, draw)


# -- the C library's functions -------------------------------------------------------------------------------
# NumPy's own differ from it by a unit in the last place now and then, which would show as a different weight.


def _hex(text: str) -> np.ndarray:
    return np.array([float.fromhex(word) for word in text.split()])


_LOG_INVERSE = _hex("""
    0x1.661ec79f8f3bep+0 0x1.571ed4aaf883dp+0 0x1.49539f0f010bp+0  0x1.3c995b0b80385p+0
    0x1.30d190c8864a5p+0 0x1.25e227b0b8eap+0  0x1.1bb4a4a1a343fp+0 0x1.12358f08ae5bap+0
    0x1.0953f419900a7p+0 0x1p+0               0x1.e608cfd9a47acp-1 0x1.ca4b31f026aap-1
    0x1.b2036576afce6p-1 0x1.9c2d163a1aa2dp-1 0x1.886e6037841edp-1 0x1.767dcf5534862p-1""")
_LOG_CENTRE = _hex("""
    -0x1.57bf7808caadep-2 -0x1.2bef0a7c06ddbp-2 -0x1.01eae7f513a67p-2 -0x1.b31d8a68224e9p-3
    -0x1.6574f0ac07758p-3 -0x1.1aa2bc79c81p-3   -0x1.a4e76ce8c0e5ep-4 -0x1.1973c5a611cccp-4
    -0x1.252f438e10c1ep-5 0x0p+0                0x1.aa5aa5df25984p-5  0x1.c5e53aa362eb4p-4
    0x1.526e57720db08p-3  0x1.bc2860d22477p-3   0x1.1058bc8a07ee1p-2  0x1.4043057b6ee09p-2""")
_LOG_A0, _LOG_A1, _LOG_A2 = _hex("-0x1.00ea348b88334p-2 0x1.5575b0be00b6ap-2 -0x1.ffffef20a4123p-2").tolist()
_LN2 = float.fromhex("0x1.62e42fefa39efp-1")
_S1, _S2, _S3 = _hex("-0x1.555545995a603p-3 0x1.1107605230bc4p-7 -0x1.994eb3774cf24p-13").tolist()
_C1, _C2, _C3, _C4 = _hex(
    "-0x1.ffffffd0c621cp-2 0x1.55553e1068f19p-5 -0x1.6c087e89a359dp-10 0x1.99343027bf8c3p-16"
).tolist()
_HALF_PI = float.fromhex("0x1.921FB54442D18p0")
_QUADRANTS = float.fromhex("0x1.45F306DC9C883p+23")  # 2/π · 2²⁴


def _log32(xp: Any, x: Array) -> Array:
    """log x = k·log 2 + log c + log(z/c), x = 2ᵏz, c the nearest of 16 table points; float32, x > 0."""
    bits = x.view(xp.uint32)
    t = bits - xp.uint32(0x3F330000)
    i = (t >> 19) & 15
    k = t.view(xp.int32) >> 23
    z = (bits - (t & 0xFF800000)).view(xp.float32).astype(xp.float64)
    r = z * xp.asarray(_LOG_INVERSE)[i] - 1
    y0 = xp.asarray(_LOG_CENTRE)[i] + k * _LN2
    r2 = r * r
    return (((_LOG_A1 * r + _LOG_A2) + _LOG_A0 * r2) * r2 + (y0 + r)).astype(xp.float32)


def _sincos32(xp: Any, y: Array) -> tuple[Array, Array]:
    """(sin y, cos y), y = x + n·π/2: polynomials in x, turned by n quarters; float32 in [0, 2π)."""
    y = y.astype(xp.float64)
    n = ((y * _QUADRANTS).astype(xp.int32) + 0x800000) >> 24
    x = y - n * _HALF_PI
    x2 = x * x
    x3, x4 = x * x2, x2 * x2
    s = (x + x3 * _S1) + (x3 * x2) * (_S2 + x2 * _S3)
    c = ((1 + x2 * _C1) + x4 * _C2) + (x4 * x2) * (_C3 + x2 * _C4)
    odd = (n & 1) == 1
    sin = xp.where(odd, c, s) * (1 - (n & 2))
    cos = xp.where(odd, s, c) * (1 - (n + 1 & 2))
    return sin.astype(xp.float32), cos.astype(xp.float32)


def _libm(function: Callable[..., float], vectorised: Callable[..., Array], *args: np.ndarray) -> np.ndarray:
    """function(args) elementwise by the C library (Python's `math` calls it); NumPy's where that raises."""
    try:
        values = map(function, *(a.ravel().tolist() for a in args))
        return np.fromiter(values, np.float64, args[0].size).reshape(args[0].shape)
    except (ValueError, OverflowError):  # log 0, 0 to a negative power: NumPy returns the infinity
        with np.errstate(all="ignore"):
            return vectorised(*args)


def _log64(xp: Any, x: Array) -> Array:
    return _libm(math.log, np.log, x) if xp is np else xp.log(x)


def _sincos64(xp: Any, y: Array) -> tuple[Array, Array]:
    return (_libm(math.sin, np.sin, y), _libm(math.cos, np.cos, y)) if xp is np else (xp.sin(y), xp.cos(y))


# -- permutations, classes, gamma ----------------------------------------------------------------------------


def shuffle(xp: Any, key: Key, counter: Counter, n: int, offset: Any = 0) -> Array:
    """p = (0, …, n − 1); for i = 0 … n − 2: swap pᵢ and pⱼ, j = i + xᵢ mod (n − i). A permutation, int64 [n].

    `random_shuffle(v)` is v[p] along the first axis. NumPy only: each swap depends on the one before.
    Source: Durstenfeld, Algorithm 235 (1964); TensorFlow's random_shuffle_op.cc.
    """
    p = list(range(n))
    left = np.arange(n, 1, -1)
    targets = np.arange(n - 1) + words(np, key, counter, len(left), offset) % left
    for i, j in enumerate(targets.tolist()):
        p[i], p[j] = p[j], p[i]
    return xp.asarray(np.array(p, dtype=np.int64))


def multinomial(
    xp: Any, key: Key, counter: Counter, logits: Array, samples: int, dtype: DType = np.int64, offset: Any = 0
) -> Array:
    """P(k) = exp lₖ / Σⱼ exp lⱼ: `samples` classes k for each row of logits, int32 or int64 [batch, samples].

    logits: [batch, classes], floating; what is not finite has no chance. k is the first class whose
    cumulative weight exceeds u·Σⱼ exp lⱼ, u a float64. These are TensorFlow's numbers when one thread draws
    all rows, as it does while 50·batch·(samples·log₂ classes + classes) is below 2·10⁵. Above, TensorFlow may
    split the batch, and then its own numbers depend on the number of threads from the second part on.
    Source: TensorFlow's multinomial_op.cc.
    """
    batch, classes = logits.shape
    finite = xp.isfinite(logits)
    top = xp.where(finite, logits, xp.finfo(logits.dtype).min).max(axis=1, keepdims=True)
    centred = xp.where(finite, logits, top).astype(xp.float64) - top.astype(xp.float64)
    weight = xp.cumsum(xp.where(finite, xp.exp(centred), 0.0), axis=1)
    u = uniform(xp, key, counter, batch * samples, np.float64, offset).reshape(batch, samples)
    point = u * weight[:, -1:]
    if xp is np and samples * classes > 1000:
        rows = [np.searchsorted(w, p, side="right") for w, p in zip(weight, point, strict=True)]
        return np.array(rows, dtype=dtype).reshape(batch, samples)
    return (weight[:, None, :] <= point[:, :, None]).sum(axis=-1).astype(dtype)


def gamma(
    xp: Any, key: Key, counter: Counter, n: int, alpha: Array, dtype: DType = np.float32, offset: Any = 0
) -> Array:
    """y ~ Gamma(α, 1): n values for each α, float16, float32 or float64, shape [n] + alpha.shape.

    Value s of the a-th α owns the 256 blocks from 256·(a·n + s) on. NumPy only: the data ends the loop.
    Source: Marsaglia, Tsang, A simple method for generating gamma variables (2000); random_op.cc.
    """
    dtype = _one_of(_FLOATS, dtype)
    alpha = np.asarray(alpha, dtype=dtype)
    each = np.repeat(alpha.ravel().astype(np.float64), n)

    def draw(index: Array) -> Array:
        own = each[(index - np.uint64(offset)).astype(np.int64) // RESERVED]
        values = np.empty(len(own))
        one = own == 1
        u = _unit(np, blocks(np, key, counter, index[one]), np.dtype(np.float64))[:, 1]
        values[one] = -_libm(math.log1p, np.log1p, -u)  # Gamma(1) is the exponential distribution
        values[~one] = _marsaglia_tsang(key, counter, index[~one], own[~one])
        return values

    y = _fill(np, each.size, offset, 1, RESERVED, draw)
    if dtype != np.float64:
        y = _flush(y.astype(np.float32)).astype(dtype)  # float16 is rounded twice, as TensorFlow's is
    return xp.asarray(np.moveaxis(y.reshape(*alpha.shape, n), -1, 0))


def _flush(y: np.ndarray) -> np.ndarray:
    """0 where y is subnormal: TensorFlow's threads compute so, and small α come down there."""
    return np.where(np.abs(y) < np.finfo(y.dtype).tiny, y.dtype.type(0), y)


def _marsaglia_tsang(key: Key, counter: Counter, index: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """y = d·v, v = (1 + x/√(9d))³, d = α − 1/3, x normal; kept if log u < x²/2 + d(1 − v + log v).

    For α < 1: y(α) = y(α + 1)·u^(1/α). index, alpha: [m], first block and parameter of each value; float64. A
    value takes blocks from its own range as it needs them: two normals at every other attempt, two uniforms
    when it has none left; of two the second comes first.
    """
    result = np.empty(len(alpha))
    here = np.arange(len(alpha))  # which values are still being tried
    d = alpha + np.where(alpha < 1, 2.0 / 3, -1.0 / 3)
    with np.errstate(invalid="ignore", divide="ignore"):
        c, power = 1.0 / 3 / np.sqrt(d), 1 / alpha
    source = _Uniforms(key, counter, index)
    pair, attempt = np.empty((0, 2)), 0
    while here.size:
        if attempt % 2 == 0:
            pair = _box_muller(np, source.next_block(here), np.dtype(np.float64))
        x = pair[:, 1 - attempt % 2]
        attempt += 1
        v = 1 + c[here] * x
        positive = ~(v <= 0)
        v, x, tried = (v * v * v)[positive], x[positive], here[positive]
        u = source.take(tried)
        kept = u < 1 - 0.0331 * (x * x) * (x * x)  # a cheap lower bound of the exact test
        doubt = np.flatnonzero(~kept)
        xd, vd, dd = x[doubt], v[doubt], d[tried[doubt]]
        kept[doubt] = _log64(np, u[doubt]) < 0.5 * xd * xd + dd * (1 - vd + _log64(np, vd))
        done = tried[kept]
        result[done] = d[done] * v[kept]
        small = done[alpha[done] < 1]
        result[small] *= _flush(_libm(math.pow, np.power, source.take(small), power[small]))
        left = np.ones(len(here), dtype=bool)
        left[np.flatnonzero(positive)[kept]] = False
        here, pair = here[left], pair[left]
    return _flush(result)


class _Uniforms:
    """Each value's position in its own range of blocks, and the uniforms left of the last block it took."""

    def __init__(self, key: Key, counter: Counter, index: np.ndarray) -> None:
        self.key, self.counter, self.position = key, counter, index.copy()
        self.pairs = np.empty((len(index), 2))
        self.remaining = np.zeros(len(index), dtype=np.int64)

    def next_block(self, of: np.ndarray) -> np.ndarray:
        x = blocks(np, self.key, self.counter, self.position[of])
        self.position[of] += np.uint64(1)
        return x

    def take(self, of: np.ndarray) -> np.ndarray:
        empty = of[self.remaining[of] == 0]
        self.pairs[empty] = _unit(np, self.next_block(empty), np.dtype(np.float64))
        self.remaining[empty] = 2
        self.remaining[of] -= 1
        return self.pairs[of, self.remaining[of]]
