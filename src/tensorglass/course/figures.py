"""The look of the course's figures: `plt`, set up, and the colours.

The colours are four that people with any kind of colour vision tell apart (after Okabe and Ito).  Figures use them
together with a shape, a dash or a label, never alone.
"""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
from cycler import cycler

__all__ = ["BLUE", "GREEN", "GREY", "ORANGE", "plt"]

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#6B6B6B"

STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "axes.prop_cycle": cycler(color=[BLUE, ORANGE, GREEN, GREY], linestyle=["-", "--", "-.", ":"]),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": "medium",
    "figure.constrained_layout.use": True,
    "figure.figsize": (5.6, 3.4),
    "font.family": ["DejaVu Sans"],  # comes with matplotlib: the same figure on every machine
    "font.size": 10,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.6,
    "image.cmap": "cividis",
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "lines.markersize": 6,
    "savefig.facecolor": "white",
    "svg.fonttype": "path",
    "svg.hashsalt": "tensorglass",
}


def _set_up() -> None:
    plt.rcParams.update(STYLE)
    try:
        from IPython.core.getipython import get_ipython
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:
        return
    if get_ipython() is not None:
        # SVG only, and without the date: the same figure is the same file.
        set_matplotlib_formats("svg", metadata={"Date": None}, bbox_inches="tight")


_set_up()
