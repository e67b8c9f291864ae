"""The charts of a report as SVG texts: the only importer of matplotlib.

Words stay words, and lines and words take the colours of the page around them, so that a chart can be read on
a light and on a dark page.
"""

import io
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from agents.exams.statistics import RiskCoverage

COLOURS = ("#3b78c2", "#d9822b", "#3d9a5f", "#b85aa0", "#8a6d3b", "#5d6d7e")
"""Of runs, in their order; told apart on white and on black, and without red against green alone."""
_INK, _GRID = "#123456", "#654321"
"""Stand for the page's own colours; no run has them."""
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "bedside",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.edgecolor": _GRID,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_WIDTH = 7.6
"""Inches."""

# It tells of fonts it looks for, which is nothing to a user.
logging.getLogger("matplotlib").setLevel(logging.ERROR)


def draw_accuracy(runs: Mapping[str, Mapping[str, Any]]) -> str:
    """Draw accuracy with its interval, a line for each run."""
    return draw_groups({name: {"": figures} for name, figures in runs.items()}, label="accuracy", by_run=True)


def draw_groups(
    runs: Mapping[str, Mapping[str, Mapping[str, Any]]], *, label: str, by_run: bool = False
) -> str:
    """Draw accuracy with its interval for each group of each run.

    Args:
        runs: ``{run: {group: {accuracy, interval, n}}}``.
        label: of the axis.
        by_run: one line for each run in place of one for each group.
    """
    groups = list(dict.fromkeys(group for figures in runs.values() for group in figures))
    lines = list(runs) if by_run else groups
    with rc_context(_STYLE):
        figure, axes = _begin(0.9 + 0.28 * max(len(lines), 1) * (1 if by_run else max(1.0, 0.55 * len(runs))))
        for place, (name, figures) in enumerate(runs.items()):
            shift = 0.0 if by_run else (place - (len(runs) - 1) / 2) * 0.7 / max(len(runs), 1)
            for group, found in figures.items():
                line = lines.index(name if by_run else group) + shift
                _mark(axes, found["accuracy"], found["interval"], line, COLOURS[place % len(COLOURS)])
        axes.set_yticks(range(len(lines)), [_shorten(line) for line in lines])
        axes.set_ylim(len(lines) - 0.5, -0.5)
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.set_xlabel(label)
        axes.grid(axis="x", color=_GRID, alpha=0.3)
        if not by_run and len(runs) > 1:
            _name_runs(axes, list(runs))
        return _write(figure)


def draw_risk_coverage(runs: Mapping[str, RiskCoverage]) -> str:
    """Draw how the share of wrong answers grows with the share of questions answered, surest first."""
    with rc_context(_STYLE):
        figure, axes = _begin(3.2)
        for place, found in enumerate(runs.values()):
            axes.plot(found.coverage, found.risk, color=COLOURS[place % len(COLOURS)], drawstyle="steps-post")
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        axes.set_xlabel("share answered, the surest first")
        axes.set_ylabel("share of wrong answers")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.grid(color=_GRID, alpha=0.3)
        _name_runs(axes, list(runs))
        return _write(figure)


def draw_positions(runs: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """Draw how often each letter is chosen less how often it is right: a preference for a letter."""
    letters = sorted({letter for found in runs.values() for letter in found})
    with rc_context(_STYLE):
        figure, axes = _begin(2.6)
        width = 0.8 / max(len(runs), 1)
        for place, found in enumerate(runs.values()):
            spots = [letters.index(letter) + (place - (len(runs) - 1) / 2) * width for letter in found]
            bias = [each["chosen"] - each["right"] for each in found.values()]
            axes.bar(spots, bias, width=width * 0.9, color=COLOURS[place % len(COLOURS)])
        axes.axhline(0, color=_INK, linewidth=0.8)
        axes.set_xticks(range(len(letters)), letters)
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:+.0f}")
        axes.set_ylabel("chosen − right, points")
        axes.set_xlabel("letter shown")
        axes.grid(axis="y", color=_GRID, alpha=0.3)
        _name_runs(axes, list(runs))
        return _write(figure)


def draw_times(runs: Mapping[str, Sequence[float]]) -> str:
    """Draw the seconds that items took: the middle half as a box, the rest as whiskers."""
    with rc_context(_STYLE):
        figure, axes = _begin(0.9 + 0.32 * len(runs))
        boxes = axes.boxplot(
            [list(values) or [0.0] for values in runs.values()],
            orientation="horizontal",
            patch_artist=True,
            widths=0.55,
            tick_labels=[_shorten(name) for name in runs],
            flierprops={"markersize": 2, "markeredgecolor": _INK},
            medianprops={"color": _INK},
            whiskerprops={"color": _INK},
            capprops={"color": _INK},
        )
        for place, box in enumerate(boxes["boxes"]):
            box.set_facecolor(COLOURS[place % len(COLOURS)])
            box.set_edgecolor(_INK)
        axes.invert_yaxis()
        axes.set_xlim(left=0)
        axes.set_xlabel("seconds an item")
        axes.grid(axis="x", color=_GRID, alpha=0.3)
        return _write(figure)


def _begin(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(_WIDTH, height), layout="constrained")
    figure.patch.set_alpha(0)
    axes = figure.add_subplot()
    axes.patch.set_alpha(0)
    axes.set_axisbelow(True)
    return figure, axes


def _mark(axes: Axes, value: float | None, interval: Sequence[float], line: float, colour: str) -> None:
    axes.plot(interval, [line, line], color=colour, linewidth=2, solid_capstyle="butt")
    if value is not None:
        axes.plot([value], [line], marker="o", color=colour, markersize=6)


def _name_runs(axes: Axes, names: Sequence[str]) -> None:
    marks = [
        axes.plot([], [], color=COLOURS[place % len(COLOURS)], linewidth=3)[0] for place in range(len(names))
    ]
    axes.legend(
        marks,
        [_shorten(name) for name in names],
        loc="upper center",
        bbox_to_anchor=(0.5, -0.28 if axes.get_xlabel() else -0.12),
        ncols=3,
        frameon=False,
        fontsize=9,
    )


def _write(figure: Figure) -> str:
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    return text.replace(_INK, "currentColor").replace(_GRID, "currentColor")


def _shorten(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
