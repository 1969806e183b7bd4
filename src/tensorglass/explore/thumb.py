"""Small pictures of arrays that look like images, as data that a page can show without asking anybody."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np

_LEAST, _MOST = 8, 64  # pixels a side


def thumbnail(array: np.ndarray) -> str | None:
    """A PNG of the first image of ``[..., height, width, channels]``, one or three channels, as a data URL.

    None where the array has another shape.  The least element is black and the greatest white; many pixels are
    shown by every k-th.

    >>> thumbnail(np.zeros((2, 3))) is None
    True
    >>> thumbnail(np.zeros((10, 28, 28, 1)))[:22]
    'data:image/png;base64,'
    """
    if array.ndim not in (3, 4) or array.shape[-1] not in (1, 3) or array.dtype.kind not in "buif" or not array.size:
        return None
    image = array.reshape(-1, *array.shape[-3:])[0]
    if min(image.shape[:2]) < _LEAST:
        return None
    image = image[:: -(-image.shape[0] // _MOST), :: -(-image.shape[1] // _MOST)].astype(np.float64)
    finite = image[np.isfinite(image)]
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 0.0)
    with np.errstate(all="ignore"):
        pixels = np.nan_to_num((image - low) / (high - low if high > low else 1.0), nan=0.0, posinf=1.0, neginf=0.0)
    bytes_ = np.clip(pixels * 255 + 0.5, 0, 255).astype(np.uint8)
    rows = b"".join(b"\0" + row.tobytes() for row in bytes_)
    height, width, channels = bytes_.shape
    head = struct.pack(">IIBBBBB", width, height, 8, 0 if channels == 1 else 2, 0, 0, 0)
    parts = _chunk(b"IHDR", head), _chunk(b"IDAT", zlib.compress(rows, 9)), _chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(parts)).decode("ascii")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
