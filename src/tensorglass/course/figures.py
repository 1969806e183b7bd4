"""The look of the course's figures: `plt`, set up, and the colours.

The colours are four that people with any kind of colour vision tell apart (after Okabe and Ito).  Figures use them
together with a shape, a dash or a label, never alone.

`slider` shows one of several figures at a time, and all of them on paper.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from html import escape
from typing import Any

import matplotlib.pyplot as plt
from cycler import cycler

__all__ = ["BLUE", "GREEN", "GREY", "ORANGE", "plt", "slider"]

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


class slider:
    """Figures of which one is shown at a time, chosen by a slider; all of them on paper and without scripts.

    `labels` are the slider's stops (numbers or words), `name` is what it changes; `start` is the stop shown first.

    >>> slider([plt.figure() for _ in range(3)], [0.1, 0.2, 0.3], name="learning rate", start=1)
    <slider 'learning rate': 0.1, 0.2, 0.3>
    """

    def __init__(self, figures: Iterable[Any], labels: Iterable[Any], name: str, start: int = 0):
        figures = list(figures)
        self.labels, self.name, self.start = [str(label) for label in labels], name, start
        if len(figures) != len(self.labels) or not 0 <= start < len(figures):
            raise ValueError(f"{len(figures)} figures, {len(self.labels)} labels, and {start} to start with.")
        self._images = [_image(figure) for figure in figures]
        for figure in figures:
            plt.close(figure)  # it is shown here, not once more below the cell

    def __repr__(self) -> str:
        return f"<slider {self.name!r}: {', '.join(self.labels)}>"

    def _repr_html_(self) -> str:
        panels = "".join(
            f'<img class="{"now" if i == self.start else "away"}" alt="{escape(f"{self.name}: {label}")}" '
            f'src="data:image/svg+xml;base64,{image}">'
            for i, (image, label) in enumerate(zip(self._images, self.labels, strict=True))
        )
        now = escape(self.labels[self.start])
        return (
            f'<div class="tensorglass-slider"><style>{_SLIDER_CSS}</style><p><label>{escape(self.name)} '
            f'<input type="range" min="0" max="{len(self.labels) - 1}" value="{self.start}" autocomplete="off" '
            f'aria-valuetext="{now}" data-labels="{escape("|".join(self.labels))}" oninput="{escape(_SLIDER_JS)}">'
            f'</label> <b aria-hidden="true">{now}</b></p>{panels}</div>'
        )


def _image(figure: Any) -> str:
    file = io.BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None})
    return base64.b64encode(file.getvalue()).decode("ascii")


_SLIDER_JS = (
    "const box = this.closest('.tensorglass-slider'), label = this.dataset.labels.split('|')[this.value]; "
    "box.querySelectorAll('img').forEach((image, i) => { image.className = i == this.value ? 'now' : 'away'; }); "
    "box.querySelector('b').textContent = label; this.setAttribute('aria-valuetext', label);"
)
_SLIDER_CSS = """
.tensorglass-slider { text-align: center; }
.tensorglass-slider p { margin: .4em 0; }
.tensorglass-slider input { width: 16em; max-width: 36vw; vertical-align: middle; accent-color: #0072B2; }
.tensorglass-slider b { display: inline-block; min-width: 3em; text-align: left; }
.tensorglass-slider img { display: inline-block; max-width: 100%; height: auto; background: #fff; }
.tensorglass-slider img.away { display: none; }
html[data-theme="dark"] .tensorglass-slider img {
  background: #fff !important; border-radius: 6px; padding: 8px; filter: brightness(.88) !important;
}
@media print, (scripting: none) {
  .tensorglass-slider p { display: none; }
  .tensorglass-slider img, .tensorglass-slider img.away { display: inline-block; width: 48%; margin: 0; }
  .output:has(> .tensorglass-slider) { overflow: visible !important; }
}
"""
