"""The pictures that the examples draw.

Everything is told apart twice, by colour and by shape: the colours are those of Okabe and Ito, which people
with any of the common colour-vision deficiencies can distinguish, and no picture needs them to be
understood.
"""

import os
import tempfile
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # files only: no window, no display needed

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap

BLUE, ORANGE, GREEN, BLACK, GREY = "#0072B2", "#E69F00", "#009E73", "#000000", "#767676"
STYLE = {
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
}


def save(figure, path):
    """Write the figure as PNG: whole or not at all, whatever happens meanwhile."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".png")
    try:
        with os.fdopen(handle, "wb") as file:
            figure.savefig(file, format="png", dpi=150)
        os.chmod(temporary, 0o644)  # mkstemp makes it private
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    finally:
        plt.close(figure)
    return path


def draw_boundary(path, probability, points, classes, title="What the network learnt"):
    """Draw points of two classes over the plane, shaded by `probability`: points -> that of class 0."""
    low, high = points.min(axis=0) - 0.8, points.max(axis=0) + 0.8
    x, y = np.meshgrid(np.linspace(low[0], high[0], 300), np.linspace(low[1], high[1], 300))
    grid = np.column_stack([x.ravel(), y.ravel()]).astype(points.dtype)
    p = np.asarray(probability(grid)).reshape(x.shape)

    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(7.4, 5.0))
        axes.contourf(x, y, p, levels=[-0.01, 0.5, 1.01], colors=[BLUE, ORANGE], alpha=0.16)
        styles = [(0.1, "dotted", 0.9), (0.5, "solid", 1.8), (0.9, "dashed", 0.9)]
        for level, style, width in styles:
            axes.contour(x, y, p, levels=[level], colors=BLACK, linestyles=style, linewidths=width)
        markers = [(ORANGE, "o"), (BLUE, "^")]
        for k, (colour, marker) in enumerate(markers):
            look = {"c": colour, "marker": marker, "edgecolors": BLACK, "linewidths": 0.5}
            axes.scatter(*points[classes == k].T, s=30, zorder=3, label=f"class {k}", **look)
        for level, style, width in styles:  # contours make no legend entries: empty lines do
            axes.plot([], [], color=BLACK, linestyle=style, linewidth=width, label=f"p(class 0) = {level}")
        axes.set(title=title, xlabel="x₁", ylabel="x₂", aspect="equal")
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
        return save(figure, path)


def draw_losses(path, curves):
    """Draw loss curves, one panel each, from {title: {label: (steps, values)}}."""
    styles = [(BLUE, "solid"), (ORANGE, "dashed"), (GREEN, "dashdot")]
    with plt.rc_context(STYLE):
        figure, panels = plt.subplots(1, len(curves), figsize=(5.0 * len(curves), 3.8), squeeze=False)
        for axes, (title, lines) in zip(panels[0], curves.items(), strict=True):
            for (label, (steps, values)), (colour, style) in zip(lines.items(), styles, strict=False):
                axes.plot(steps, values, color=colour, linestyle=style, linewidth=1.8, label=label)
            axes.set(title=title, xlabel="training step", ylabel="cross-entropy", yscale="log")
            axes.grid(axis="y", color="#DDDDDD", linewidth=0.6)
            axes.legend()
        return save(figure, path)


def draw_digits(path, images, labels, probabilities, columns=10):
    """Draw images with what the network takes them for; mistakes get a thick frame and the truth in words."""
    rows = -(-len(images) // columns)
    with plt.rc_context(STYLE):
        figure, panels = plt.subplots(rows, columns, figsize=(columns * 1.05, rows * 1.5))
        for axes in panels.flat:
            axes.set_axis_off()
        for axes, image, label, p in zip(panels.flat, images, labels, probabilities, strict=False):
            guess = int(p.argmax())
            wrong = guess != label
            axes.imshow(image, cmap=ListedColormap(np.linspace([1, 1, 1], [0, 0, 0], 17)), vmin=0, vmax=16)
            axes.set_axis_on()
            axes.set(xticks=[], yticks=[])
            for spine in axes.spines.values():
                spine.set(visible=True, color=ORANGE if wrong else GREY, linewidth=3.5 if wrong else 0.8)
            axes.set_title(str(guess), fontsize=13, loc="center", pad=4, fontweight="bold" if wrong else "normal")
            axes.set_xlabel(f"✗ is {label}" if wrong else f"{p[guess]:.0%}", fontsize=9)
        figure.suptitle(
            "Above: what the network reads; below: how sure it is, or what it should have read", fontsize=11
        )
        return save(figure, path)
