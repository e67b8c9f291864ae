"""The charts of an evaluation as SVG texts."""

from collections.abc import Mapping

from agents.icu.discrimination import precision_points, roc_points
from agents.icu.intervals import Estimate, Values
from agents.icu.records import IcuArm
from agents.icu.summary import ArmFigures
from agents.report_charts import (
    GRID,
    INK,
    begin,
    colour,
    finish_lines,
    finish_square,
    mark,
    name_colours,
    styled,
    write,
)

_SQUARE = 4.4
"""Inches of a chart whose axes are both shares."""
_IN_CALIBRATION = (IcuArm.PLAIN, IcuArm.RANDOM, IcuArm.CAP, IcuArm.REGRESSION)


def draw_estimates(figures: Mapping[str, Estimate], *, label: str, reference: float | None = None) -> str:
    """Draw a figure of each arm with its interval, a line for each.

    Args:
        figures: by arm.
        label: of the axis.
        reference: what a predictor without any knowledge has.
    """
    with styled():
        figure, axes = begin(0.9 + 0.32 * max(len(figures), 1))
        for line, (name, found) in enumerate(figures.items()):
            if found.value is not None:
                mark(axes, found.value, _ends(found), line, colour(_place(name, figures)))
        finish_lines(axes, list(figures), label)
        if reference is not None:
            axes.axvline(reference, color=INK, linewidth=0.8, linestyle=":")
        axes.set_xlim(0, 1)
        return write(figure)


def draw_gaps(gaps: Mapping[str, Mapping[str, Estimate]], *, label: str, words: Mapping[str, str]) -> str:
    """Draw the gaps of each arm, one line for each gap, arms beside each other in it.

    Args:
        gaps: ``{arm: {gap: estimate}}``.
        label: of the axis.
        words: how each gap is called, in the order of the lines.
    """
    with styled():
        figure, axes = begin(0.9 + 0.26 * len(words) * max(len(gaps), 1))
        for place, found in enumerate(gaps.values()):
            shift = (place - (len(gaps) - 1) / 2) * 0.75 / max(len(gaps), 1)
            for line, name in enumerate(words):
                estimate = found.get(name)
                if estimate is not None and estimate.value is not None:
                    mark(axes, estimate.value, _ends(estimate), line + shift, colour(place))
        finish_lines(axes, list(words.values()), label)
        axes.set_xlim(left=0)
        name_colours(axes, list(gaps))
        return write(figure)


def draw_roc(labels: Values, arms: Mapping[str, ArmFigures]) -> str:
    """Draw sensitivity against false alerts over all cuts."""
    with styled():
        figure, axes = begin(_SQUARE, width=_SQUARE)
        for place, arm in enumerate(arms.values()):
            axes.plot(*roc_points(labels, arm.probabilities), color=colour(place))
        axes.plot([0, 1], [0, 1], color=GRID, linewidth=0.8, linestyle=":")
        finish_square(axes, "share of survivors alerted", "share of deaths alerted", list(arms))
        return write(figure)


def draw_precision(labels: Values, arms: Mapping[str, ArmFigures]) -> str:
    """Draw precision against recall over all cuts; the dotted line is the share of deaths."""
    with styled():
        figure, axes = begin(_SQUARE, width=_SQUARE)
        for place, arm in enumerate(arms.values()):
            recall, precision = precision_points(labels, arm.probabilities)
            axes.plot(recall, precision, color=colour(place), drawstyle="steps-post")
        axes.axhline(float(labels.mean()), color=GRID, linewidth=0.8, linestyle=":")
        finish_square(axes, "share of deaths alerted", "share of alerts that are deaths", list(arms))
        return write(figure)


def draw_calibration(arms: Mapping[str, ArmFigures]) -> str:
    """Draw the share of deaths against the mean probability of each bin, with Wilson intervals.

    Of many arms only some: all together could not be read.
    """
    shown = {
        place: (name, arm)
        for place, (name, arm) in enumerate(arms.items())
        if name in _IN_CALIBRATION or not set(_IN_CALIBRATION) & set(arms)
    }
    with styled():
        figure, axes = begin(_SQUARE, width=_SQUARE)
        for place, (_, arm) in shown.items():
            predicted = [each.predicted for each in arm.bins]
            observed = [each.observed for each in arm.bins]
            axes.plot(predicted, observed, color=colour(place), marker="o", markersize=4, linewidth=1)
            axes.vlines(
                predicted,
                [each.interval.low for each in arm.bins],
                [each.interval.high for each in arm.bins],
                color=colour(place),
                linewidth=1,
            )
        axes.plot([0, 1], [0, 1], color=GRID, linewidth=0.8, linestyle=":")
        finish_square(
            axes, "mean probability", "share that died", [name for name, _ in shown.values()], list(shown)
        )
        return write(figure)


def _ends(estimate: Estimate) -> list[float]:
    if estimate.low is None or estimate.high is None:
        return []
    return [estimate.low, estimate.high]


def _place(name: str, names: Mapping[str, object]) -> int:
    return list(names).index(name)
