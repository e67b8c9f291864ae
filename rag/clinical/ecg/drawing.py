"""Draws a recording on ECG paper as SVG: 25 mm/s, 10 mm/mV, twelve leads and a rhythm strip, with its marks.

All lengths are in mm. Pure text, so that it can be tested and needs no library.
"""

from collections.abc import Iterator
from html import escape

import numpy as np

from rag.clinical.ecg.types import NOTICE, STANDARD_LEADS, BeatMarks, EcgReport, Signal

MM_PER_SECOND = 25.0
MM_PER_MV = 10.0
ROW = 26.0
"""Height of a row of leads."""
MARGIN = 8.0
HEAD = 16.0
LEGEND = 8.0
STRIP_SECONDS = 10.0
COLUMNS = 4
RHYTHM_LEADS = ("II", "V1", "I")
"""The first of these that there is becomes the rhythm strip."""
_MARKS = (
    ("p_onset", "#1f6fb4", "P onset"),
    ("p_offset", "#7fb2de", "P end"),
    ("qrs_onset", "#b3261e", "QRS onset"),
    ("qrs_offset", "#e08a00", "QRS end"),
    ("t_offset", "#2c7a3f", "T end"),
)
_PAPER = "#fffaf8"
_CLIP_MV = 2.2
"""Higher deflections are cut, so that rows do not run into each other."""


def draw_svg(report: EcgReport) -> str:
    """Return the drawing of a report's recording, its first ten seconds."""
    rows = _arrange([lead.name for lead in report.recording.leads])
    seconds = min(STRIP_SECONDS, report.recording.seconds)
    width = 2 * MARGIN + max(seconds, 4.0) * MM_PER_SECOND
    height = HEAD + len(rows) * ROW + LEGEND + MARGIN
    body = [*_draw_paper(width, height), *_draw_head(report)]
    for number, row in enumerate(rows):
        middle = HEAD + (number + 0.5) * ROW
        part = seconds / len(row)
        for column, name in enumerate(row):
            body += _draw_lead(report, name, start=column * part, seconds=part, middle=middle)
    body += _draw_legend(height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:g}mm" '
        f'viewBox="0 0 {width:g} {height:g}" font-family="Helvetica">'
        f"{''.join(body)}</svg>"
    )


def _arrange(names: list[str]) -> list[list[str]]:
    """Return the rows of leads: three of four for the standard twelve with a strip below, else one each."""
    if set(STANDARD_LEADS) <= set(names):
        rows = [[STANDARD_LEADS[row + 3 * column] for column in range(COLUMNS)] for row in range(3)]
        return [*rows, [next(name for name in RHYTHM_LEADS if name in names)]]
    return [[name] for name in names[:12]]


def _draw_paper(width: float, height: float) -> Iterator[str]:
    yield f'<rect width="{width:g}" height="{height:g}" fill="{_PAPER}"/>'
    for step, colour, line in ((1, "#f6d9d3", 0.08), (5, "#eab5ab", 0.16)):
        down = "".join(f"M{x} 0V{height:g}" for x in range(0, int(width) + 1, step))
        across = "".join(f"M0 {y}H{width:g}" for y in range(0, int(height) + 1, step))
        yield f'<path d="{down}{across}" stroke="{colour}" stroke-width="{line}" fill="none"/>'


def _draw_head(report: EcgReport) -> Iterator[str]:
    shown = ("heart_rate", "pr", "qrs", "qt", "qtc_bazett", "axis")
    parts = []
    for name in shown:
        measurement = report.measurements[name]
        unit = "°" if measurement.unit == "°" else f" {measurement.unit}"
        value = "–" if measurement.value is None else f"{measurement.value:g}{unit}"
        parts.append(f"{measurement.label} {value}")
    yield _text(MARGIN, 6, " · ".join(parts), size=3.4)
    yield _text(MARGIN, 11, f"25 mm/s · 10 mm/mV · 0.5–100 Hz · {NOTICE}", size=2.6, colour="#6b5b57")


def _text(x: float, y: float, text: str, *, size: float, colour: str = "#1b1b1b") -> str:
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{colour}">{escape(text)}</text>'


def _draw_lead(report: EcgReport, name: str, *, start: float, seconds: float, middle: float) -> Iterator[str]:
    rate = report.recording.sampling_rate
    lead = next(lead for lead in report.recording.leads if lead.name == name)
    first, last = round(start * rate), round((start + seconds) * rate) + 1
    left = MARGIN + start * MM_PER_SECOND
    quality = report.leads[name].quality
    marks = report.leads[name].marks
    if marks is not None:
        yield from _draw_marks(report, marks, start, seconds, middle)
    colour = "#1b1b1b" if quality.is_usable else "#9a8f8c"
    top = middle - ROW / 2 + 4.5
    yield from _draw_ground(name, left, top, colour)
    points = _trace(lead.millivolts[first:last], left, MM_PER_SECOND / rate, middle)
    if points:
        yield f'<path d="{points}" stroke="{colour}" stroke-width="0.28" fill="none"/>'
    yield _text(left + 1, top, name, size=3.4, colour=colour)
    if not quality.is_usable and quality.reasons:
        yield _text(left + 10, top, quality.reasons[0], size=2.4, colour="#8a4b42")


def _draw_ground(name: str, left: float, y: float, colour: str) -> Iterator[str]:
    """Draw what a lead's name stands on, and where the lead begins."""
    width = 1.2 + 2.2 * len(name)
    yield f'<rect x="{left + 0.6:g}" y="{y - 3.2:g}" width="{width:g}" height="4.2" fill="{_PAPER}"/>'
    ticks = f"M{left:g} {y + 4:g}v2.5M{left:g} {y + 15:g}v2.5"
    yield f'<path d="{ticks}" stroke="{colour}" stroke-width="0.3" fill="none"/>'


def _trace(values: Signal, left: float, step: float, middle: float) -> str:
    """Return the path of a signal; gaps are left open."""
    path, is_down = [], False
    for index, value in enumerate(values):
        if not np.isfinite(value):
            is_down = False
            continue
        y = middle - float(np.clip(value, -_CLIP_MV, _CLIP_MV)) * MM_PER_MV
        path.append(f"{'L' if is_down else 'M'}{left + index * step:.2f} {y:.2f}")
        is_down = True
    return "".join(path)


def _draw_marks(
    report: EcgReport, marks: BeatMarks, start: float, seconds: float, middle: float
) -> Iterator[str]:
    """Draw the borders of the averaged beat at every beat that was averaged."""
    top, bottom = middle - ROW / 2 + 6, middle + ROW / 2 - 4
    for attribute, colour, _ in _MARKS:
        offset = getattr(marks, attribute)
        if offset is None:
            continue
        times = [
            beat + offset / 1000
            for beat, is_averaged in zip(report.beats, report.averaged, strict=True)
            if is_averaged
        ]
        path = "".join(
            f"M{MARGIN + time * MM_PER_SECOND:.2f} {top:g}V{bottom:g}"
            for time in times
            if start <= time <= start + seconds
        )
        if path:
            yield f'<path d="{path}" stroke="{colour}" stroke-width="0.18" opacity="0.75" fill="none"/>'


def _draw_legend(height: float) -> Iterator[str]:
    x, y = MARGIN, height - MARGIN + 2
    for _, colour, text in _MARKS:
        yield f'<path d="M{x:g} {y - 3.2:g}V{y + 0.6:g}" stroke="{colour}" stroke-width="0.5" fill="none"/>'
        yield _text(x + 1.4, y, text, size=2.6, colour="#4a403d")
        x += 24
