"""The charts of an exam report as SVG texts."""

from collections.abc import Mapping, Sequence
from typing import Any

from agents.exams.statistics import RiskCoverage
from agents.report_charts import GRID, INK, begin, colour, mark, name_colours, shorten, styled, write


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
    with styled():
        figure, axes = begin(0.9 + 0.28 * max(len(lines), 1) * (1 if by_run else max(1.0, 0.55 * len(runs))))
        for place, (name, figures) in enumerate(runs.items()):
            shift = 0.0 if by_run else (place - (len(runs) - 1) / 2) * 0.7 / max(len(runs), 1)
            for group, found in figures.items():
                line = lines.index(name if by_run else group) + shift
                mark(axes, found["accuracy"], found["interval"], line, colour(place))
        axes.set_yticks(range(len(lines)), [shorten(line) for line in lines])
        axes.set_ylim(len(lines) - 0.5, -0.5)
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.set_xlabel(label)
        axes.grid(axis="x", color=GRID, alpha=0.3)
        if not by_run and len(runs) > 1:
            name_colours(axes, list(runs))
        return write(figure)


def draw_risk_coverage(runs: Mapping[str, RiskCoverage]) -> str:
    """Draw how the share of wrong answers grows with the share of questions answered, surest first."""
    with styled():
        figure, axes = begin(3.2)
        for place, found in enumerate(runs.values()):
            axes.plot(found.coverage, found.risk, color=colour(place), drawstyle="steps-post")
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        axes.set_xlabel("share answered, the surest first")
        axes.set_ylabel("share of wrong answers")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.grid(color=GRID, alpha=0.3)
        name_colours(axes, list(runs))
        return write(figure)


def draw_positions(runs: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """Draw how often each letter is chosen less how often it is right: a preference for a letter."""
    letters = sorted({letter for found in runs.values() for letter in found})
    with styled():
        figure, axes = begin(2.6)
        width = 0.8 / max(len(runs), 1)
        for place, found in enumerate(runs.values()):
            spots = [letters.index(letter) + (place - (len(runs) - 1) / 2) * width for letter in found]
            bias = [each["chosen"] - each["right"] for each in found.values()]
            axes.bar(spots, bias, width=width * 0.9, color=colour(place))
        axes.axhline(0, color=INK, linewidth=0.8)
        axes.set_xticks(range(len(letters)), letters)
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:+.0f}")
        axes.set_ylabel("chosen − right, points")
        axes.set_xlabel("letter shown")
        axes.grid(axis="y", color=GRID, alpha=0.3)
        name_colours(axes, list(runs))
        return write(figure)


def draw_times(runs: Mapping[str, Sequence[float]]) -> str:
    """Draw the seconds that items took: the middle half as a box, the rest as whiskers."""
    with styled():
        figure, axes = begin(0.9 + 0.32 * len(runs))
        boxes = axes.boxplot(
            [list(values) or [0.0] for values in runs.values()],
            orientation="horizontal",
            patch_artist=True,
            widths=0.55,
            tick_labels=[shorten(name) for name in runs],
            flierprops={"markersize": 2, "markeredgecolor": INK},
            medianprops={"color": INK},
            whiskerprops={"color": INK},
            capprops={"color": INK},
        )
        for place, box in enumerate(boxes["boxes"]):
            box.set_facecolor(colour(place))
            box.set_edgecolor(INK)
        axes.invert_yaxis()
        axes.set_xlim(left=0)
        axes.set_xlabel("seconds an item")
        axes.grid(axis="x", color=GRID, alpha=0.3)
        return write(figure)
