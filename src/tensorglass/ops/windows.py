"""Windows that slide over images: where they lie, and the arrays of what they see.

Convolutions and pooling share this.  A window has a size k, its cells are `dilation` apart, and it steps by `stride`:
cell i of window t lies at t·stride + i·dilation, counted from the first padded row.  Inside, images have their
channels last; NCHW is moved there and back.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..errors import UnimplementedError


class Window(NamedTuple):
    """The windows over one axis."""

    size: int  # of the input
    cells: int
    stride: int
    dilation: int
    before: int  # padding
    after: int
    number: int  # how many windows there are: the size of the output

    @property
    def extent(self) -> int:
        """From the first cell to the last."""
        return (self.cells - 1) * self.dilation + 1

    def cell(self, i: int) -> slice:
        """Where cell i of all windows lies in the padded axis."""
        start = i * self.dilation
        return slice(start, start + (self.number - 1) * self.stride + 1 if self.number else start, self.stride)


def _slide(size: Any, cells: Any, stride: int, dilation: int, padding: str, pads: Sequence[int]) -> Any:
    """The `Window` over an axis, its unknown numbers None.

    "SAME": ⌈n / stride⌉ windows, the padding shared out with the odd row at the end.  Otherwise as many as fit.
    """
    same = None if size is None or padding != "SAME" else -(-size // stride)
    if cells is None or size is None:
        return Window(size, cells, stride, dilation, *pads, same)  # type: ignore[arg-type]
    extent = (cells - 1) * dilation + 1
    if same is not None:
        missing = max((same - 1) * stride + extent - size, 0)
        return Window(size, cells, stride, dilation, missing // 2, missing - missing // 2, same)
    count = (size + sum(pads) - extent + stride) // stride
    return Window(size, cells, stride, dilation, *pads, count)  # type: ignore[arg-type]


_FEW = 4  # channels
PADDINGS = ("SAME", "VALID", "EXPLICIT")
_IMPLICIT = ("AvgPool", "AvgPoolGrad", "MaxPoolWithArgmax")  # they take no padding in numbers
FORMATS = {4: ("NHWC", "NCHW"), 5: ("NDHWC", "NCDHW")}


class Layout(NamedTuple):
    """The attributes of a convolution or a pooling that say where its windows lie."""

    op_type: str
    strides: Sequence[int]
    padding: str
    explicit: Sequence[int]
    data_format: str
    dilations: Sequence[int] | None = None

    @classmethod
    def of(cls, op: Any) -> Layout:
        """The layout of a node, checked."""
        attrs = op.attrs
        found = cls(
            op.type, attrs["strides"], attrs["padding"], attrs.get("explicit_paddings", ()), attrs["data_format"],
            attrs.get("dilations"),
        )  # fmt: skip
        found.check()
        return found

    @property
    def rank(self) -> int:
        return len(self.data_format)

    @property
    def channel(self) -> int:
        return self.data_format.index("C")

    @property
    def axes(self) -> list[int]:
        """The axes that windows slide over."""
        return [i for i, letter in enumerate(self.data_format) if letter not in "NC"]

    def slide(self, shape: Sequence[Any], cells: Sequence[Any]) -> list[Window]:
        """The `Window` of each spatial axis of an image of `shape`; what is not known stays None."""
        found = []
        for a, k in zip(self.axes, cells, strict=True):
            pads = tuple(self.explicit[2 * a : 2 * a + 2]) or (0, 0)
            found.append(_slide(shape[a], k, self.strides[a], self.dilations[a] if self.dilations else 1,
                                self.padding, pads))  # fmt: skip
        return found

    def static(self, shape: Sequence[Any], cells: Sequence[Any]) -> list[int | None]:
        """The output's spatial sizes, for shape rules."""
        view = self.slide(shape, cells)
        for w in view:
            if None not in (w.size, w.cells) and w.size + w.before + w.after < w.extent and self.padding != "SAME":
                whole = w.size + w.before + w.after
                raise ValueError(f"Negative dimension size caused by subtracting {w.extent} from {whole}")
        return [w.number for w in view]

    def view(self, shape: Sequence[int], cells: Sequence[int]) -> list[Window]:
        """The windows over an actual image, for kernels."""
        self.check()
        for name, values in (("strides", self.strides), ("dilations", self.dilations or ())):
            if any(v != 1 for v, letter in zip(values, self.data_format, strict=False) if letter in "NC"):
                message = f"Current implementation does not yet support {name} in the batch and depth dimensions."
                raise UnimplementedError(None, None, message)
        found = self.slide(shape, cells)
        for w in found:
            if w.number < 0:
                raise ValueError(
                    f"Computed output size would be negative: {w.number} [input_size: {w.size + w.before + w.after}, "
                    f"effective_filter_size: {w.extent}, stride: {w.stride}]"
                )
        return found

    def image(self, batch: Any, sizes: Sequence[Any], channels: Any) -> tuple[Any, ...]:
        """A shape put together in this layout's order."""
        return (batch, *sizes, channels) if self.data_format[-1] == "C" else (batch, channels, *sizes)

    def check(self) -> None:
        """ValueError for what no image could go with."""
        rank = 5 if "D" in self.data_format else 4
        _one_of(self.op_type, "data_format", self.data_format, FORMATS[rank])
        _one_of(self.op_type, "padding", self.padding, PADDINGS[: 2 if self.op_type in _IMPLICIT else 3])
        for name, values in (("strides", self.strides), ("dilations", self.dilations)):
            if values is not None and len(values) != rank:
                raise ValueError(f"Sliding window {name} field must specify {rank} dimensions, but got: {len(values)}")
        if min(self.strides) < 1:
            raise ValueError(f"Stride must be > 0, but got {min(self.strides)}")
        if self.dilations is not None and min(self.dilations) < 1:
            raise ValueError(f"Dilation rate must be >= 1, but got {min(self.dilations)}")
        if self.padding == "EXPLICIT":
            if len(self.explicit) != 2 * rank:
                raise ValueError(f"explicit_paddings attribute must contain {2 * rank} values, got {self.explicit}")
            if min(self.explicit) < 0:
                raise ValueError("All elements of explicit_paddings must be nonnegative")
            if any(self.explicit[2 * i] or self.explicit[2 * i + 1] for i in (0, self.channel)):
                raise ValueError("Nonzero explicit padding in the batch or depth dimensions is not supported")


def _one_of(op_type: str, name: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        names = ", ".join(f'"{a}"' for a in allowed)
        raise ValueError(f"Attr '{name}' of '{op_type}' Op passed string '{value}' not in: {names}.")


def channels_last(xp: Any, x: Any, data_format: str) -> Any:
    return x if data_format[-1] == "C" else xp.moveaxis(x, 1, -1)


def channels_back(xp: Any, x: Any, data_format: str) -> Any:
    """What `channels_last` did, undone."""
    return x if data_format[-1] == "C" else xp.moveaxis(x, -1, 1)


def wide(x: Any) -> Any:
    """Half precision as float32: sums of many halves are worth little."""
    return x.astype("float32") if x.dtype.itemsize == 2 else x


def narrow(x: Any, dtype: Any) -> Any:
    """What `wide` did, undone."""
    return x if x.dtype == dtype else x.astype(dtype)


def fit(xp: Any, x: Any, pads: Sequence[tuple[int, int]], fill: Any = 0) -> Any:
    """`x`, channels last, with its spatial axes padded by `pads`; a negative number cuts off."""
    cut = [slice(max(-a, 0), n - max(-b, 0)) for n, (a, b) in zip(x.shape[1:], pads, strict=False)]
    if any(a < 0 or b < 0 for a, b in pads):
        x = x[(slice(None), *cut)]
    grown = [(0, 0), *[(max(a, 0), max(b, 0)) for a, b in pads], (0, 0)]
    return xp.pad(x, grown, constant_values=fill) if any(map(any, grown)) else x


def cells(view: Sequence[Window]) -> Iterator[tuple[tuple[int, ...], tuple[slice, ...]]]:
    """Each cell of the windows in row-major order, and where it lies in the padded image."""
    for at in itertools.product(*[range(w.cells) for w in view]):
        yield at, (slice(None), *[w.cell(i) for w, i in zip(view, at, strict=True)])


def patches(xp: Any, padded: Any, view: Sequence[Window]) -> Any:
    """What each window sees, (n, windows..., cells, channels), of a padded image with its channels last."""
    n, *_, c = padded.shape
    shape = (n, *[w.number for w in view], *[w.cells for w in view], c)
    flat = (*shape[: 1 + len(view)], math.prod(w.cells for w in view), c)
    if 0 in shape:
        return xp.zeros(flat, padded.dtype)
    if xp is np and c <= _FEW:  # copied cell by cell, in longer runs
        seen = np.empty((flat[-2], c, *shape[: 1 + len(view)]), padded.dtype)
        for column, (_, place) in zip(seen, cells(view), strict=True):
            column[...] = np.moveaxis(padded[place], -1, 0)
        return np.moveaxis(seen, (0, 1), (-2, -1))
    if xp is np:  # a view, to be copied once
        first, *steps, last = padded.strides
        across = [s * w.stride for s, w in zip(steps, view, strict=True)]
        inside = [s * w.dilation for s, w in zip(steps, view, strict=True)]
        seen = np.lib.stride_tricks.as_strided(padded, shape, (first, *across, *inside, last), writeable=False)
        return seen.reshape(flat)
    return xp.stack([padded[place] for _, place in cells(view)], axis=1 + len(view))


def spread(xp: Any, pieces: Sequence[Any], view: Sequence[Window]) -> Any:
    """The transpose of padding and looking through windows: cell by cell, `pieces` are added up where they came from.

    A piece is (n, windows..., channels); the result is (n, sizes..., channels).
    """
    first = pieces[0]
    shape = (first.shape[0], *[w.before + w.size + w.after for w in view], first.shape[-1])
    z = xp.zeros(shape, first.dtype)
    for (_, place), piece in zip(cells(view), pieces, strict=True):
        if hasattr(z, "at"):
            z = z.at[place].add(piece)
        else:
            z[place] += piece
    return fit(xp, z, [(-w.before, -w.after) for w in view])
