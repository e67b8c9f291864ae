"""What all charts of reports share: the only importer of matplotlib.

Words stay words, and lines and words take the colours of the page around them, so that a chart can be read on
a light and on a dark page.
"""

import io
import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOURS = ("#3b78c2", "#d9822b", "#3d9a5f", "#b85aa0", "#8a6d3b", "#5d6d7e", "#2a9d9d", "#a8484c")
"""Of runs or arms, in their order; told apart on white and on black, and without red against green alone."""
INK, GRID = "#123456", "#654321"
"""Stand for the page's own colours; nothing drawn has them."""
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "bedside",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GRID,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_WIDTH = 7.6
"""Inches."""

# It tells of fonts it looks for, which is nothing to a user.
logging.getLogger("matplotlib").setLevel(logging.ERROR)


def styled() -> AbstractContextManager[None]:
    """Draw in the style of the reports for as long as the context lasts."""
    context: AbstractContextManager[None] = rc_context(_STYLE)
    return context


def colour(place: int) -> str:
    """Return the colour of the run or arm at a place."""
    return COLOURS[place % len(COLOURS)]


def begin(height: float, *, width: float = _WIDTH) -> tuple[Figure, Axes]:
    """Begin a chart of this height and width in inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.patch.set_alpha(0)
    axes = figure.add_subplot()
    axes.patch.set_alpha(0)
    axes.set_axisbelow(True)
    return figure, axes


def mark(axes: Axes, value: float | None, interval: Sequence[float], line: float, ink: str) -> None:
    """Draw a figure as a dot with its interval, where there is one, on a line of its own."""
    axes.plot(interval, [line] * len(interval), color=ink, linewidth=2, solid_capstyle="butt")
    if value is not None:
        axes.plot([value], [line], marker="o", color=ink, markersize=6)


def name_colours(axes: Axes, names: Sequence[str], places: Sequence[int] = ()) -> None:
    """Say below a chart which colour is which; the colours are those of ``places``, else of the order."""
    marks = [axes.plot([], [], color=colour(place), linewidth=3)[0] for place in places or range(len(names))]
    figure = axes.get_figure(root=True)
    if figure is not None:
        labels = [shorten(name) for name in names]
        figure.legend(marks, labels, loc="outside lower center", ncols=3, frameon=False, fontsize=9)


def finish_lines(axes: Axes, names: Sequence[str], label: str) -> None:
    """Name the lines of a chart, the first on top, and its axis."""
    axes.set_yticks(range(len(names)), [shorten(name) for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel(label)
    axes.grid(axis="x", color=GRID, alpha=0.3)


def finish_square(axes: Axes, across: str, up: str, names: Sequence[str], places: Sequence[int] = ()) -> None:
    """Name the axes of a chart of shares against shares, and its colours."""
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.grid(color=GRID, alpha=0.3)
    name_colours(axes, names, places)


def write(figure: Figure) -> str:
    """Return a chart as SVG in the colours of the page."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    return text.replace(INK, "currentColor").replace(GRID, "currentColor")


def shorten(text: str) -> str:
    """Return the begin of a long name."""
    return text if len(text) <= 40 else f"{text[:39]}…"
