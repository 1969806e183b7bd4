"""Pictures of small graphs for the course: the shapes of the explorer, drawn by matplotlib."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from matplotlib.patches import FancyBboxPatch, Polygon, Rectangle

from .figures import BLUE, GREY

LEAVES = ("placeholder", "constant", "Variable")


def draw(
    ax: Any,
    nodes: Iterable[Any],
    places: Mapping[str, tuple[float, float]],
    lit: Iterable[str] = (),
    done: Iterable[str] = (),
    notes: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
) -> None:
    """Draw nodes of the small library at `places` (name → x, y), with an arrow from each input to its consumer.

    A placeholder is a slanted box, a Variable a box, a constant a dotted box, an operation a rounded one.  Names in
    `lit` get a thick blue outline, names in `done` a filled shape and a tick; `notes` are written under a node, and
    `labels` stand in the place of its name.
    """
    nodes = [node for node in nodes if node.name in places]
    lit, done, shapes = set(lit), set(done), {}
    for node in nodes:
        x, y = places[node.name]
        ready = node.name in done
        text = str((labels or {}).get(node.name, node.name)) + (" ✓" if ready else "")
        wide = max(0.72, 0.17 + 0.085 * len(text))
        look = {
            "edgecolor": BLUE if node.name in lit else GREY, "lw": 2.8 if node.name in lit else 1.3, "zorder": 2,
            "facecolor": "#d6e7f5" if ready else "white",
        }  # fmt: skip
        shapes[node] = ax.add_patch(_shape(type(node).__name__, x, y, wide, 0.4, look))
        ax.text(x, y, text, ha="center", va="center", zorder=3, color="black")
        if notes and node.name in notes:
            ax.text(x, y - 0.34, notes[node.name], ha="center", va="center", zorder=3, fontsize="small")
    for node in nodes:
        inputs = [x for x in node.input_nodes if x in shapes]
        for k, x in enumerate(inputs):
            twice = inputs.count(x) > 1
            bend = {"connectionstyle": f"arc3,rad={0.3 if k else -0.3}"} if twice else {}
            arrow = {"arrowstyle": "-|>", "color": GREY, "lw": 1.3, "shrinkA": 0, "shrinkB": 1}
            arrow |= {"patchA": shapes[x], "patchB": shapes[node], "mutation_scale": 12, **bend}
            ax.annotate("", places[node.name], places[x.name], arrowprops=arrow, zorder=1)
    xs, ys = zip(*places.values(), strict=True)
    ax.set_xlim(min(xs) - 0.75, max(xs) + 0.75)
    ax.set_ylim(min(ys) - 0.5, max(ys) + 0.4)
    ax.set_aspect("equal")
    ax.axis("off")


def _shape(kind: str, x: float, y: float, wide: float, high: float, look: dict[str, Any]) -> Any:
    left, bottom = x - wide / 2, y - high / 2
    if kind == "placeholder":
        lean = 0.09
        return Polygon(
            [
                (left + lean, bottom + high),
                (left + wide + lean, bottom + high),
                (left + wide - lean, bottom),
                (left - lean, bottom),
            ],
            **look,
        )
    if kind in LEAVES:
        return Rectangle((left, bottom), wide, high, linestyle=":" if kind == "constant" else "-", **look)
    return FancyBboxPatch((left, bottom), wide, high, boxstyle="round,pad=0,rounding_size=0.2", **look)
