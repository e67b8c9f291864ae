"""Styles, widths and lines of the sample PDF: where words and lines are broken."""

from collections.abc import Sequence
from dataclasses import dataclass

import pymupdf

INK, ACCENT, GREY, TINT = (0.1, 0.1, 0.12), (0.06, 0.3, 0.38), (0.45, 0.48, 0.5), (0.91, 0.945, 0.955)

_VOWELS = "aeiouy"
_ONSETS = {"ch", "sh", "th", "ph", "gh", "wh", "qu", "ck", "st", "sp", "sc", "sk", "ng", "ld"} | {
    first + second for first in "bcdfgpt" for second in "rl"
}
_BEGINNINGS = (
    *(
        "angio",
        "anti",
        "arterio",
        "aza",
        "bupre",
        "cardio",
        "cyclo",
        "gluco",
        "haemo",
        "hydro",
        "hyper",
        "hypo",
        "immuno",
    ),
    *("inter", "intra", "methi", "micro", "multi", "myo", "nephro", "pneumo", "staphylo", "sulfa", "trans"),
    *("trimetho", "ultra", "vaso"),
)
_ENDINGS = ("tions", "ments", "tives", "tion", "sion", "ment", "ness", "tive", "sive", "tory", "ture")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a run of text is set; sizes in points."""

    font: str
    size: float
    leading: float
    before: float = 0.0
    after: float = 0.0
    indent: float = 0.0
    """Of all lines but the first."""
    justify: bool = False
    colour: tuple[float, float, float] = INK


STYLES = {
    "paragraph": Style(font="tiro", size=10.8, leading=14.6, after=6, justify=True),
    "bullet": Style(font="tiro", size=10.8, leading=14.6, after=2, indent=10),
    "sources": Style(font="tiit", size=9, leading=11.4, before=1, after=6, colour=GREY),
    "reference": Style(font="tiro", size=9.2, leading=11.8, after=2, indent=14),
    "heading2": Style(font="hebo", size=14, leading=17, before=12, after=5, colour=ACCENT),
    "heading3": Style(font="hebo", size=10.6, leading=14, before=6, after=3),
    "caption": Style(font="hebo", size=8.4, leading=10.6, after=3),
    "cell": Style(font="helv", size=8.4, leading=10.6),
    "head_cell": Style(font="hebo", size=8.4, leading=10.6, colour=ACCENT),
    "title": Style(font="hebo", size=27, leading=32, colour=ACCENT),
    "subtitle": Style(font="heit", size=11, leading=15, after=8, colour=GREY),
    "notice": Style(font="helv", size=8.8, leading=11.8),
    "running": Style(font="helv", size=7.8, leading=10, colour=GREY),
    "contents": Style(font="helv", size=8.6, leading=11.6),
    "contents2": Style(font="hebo", size=8.6, leading=11.6),
}


class Fonts:
    """The embedded fonts, opened once for one document."""

    def __init__(self) -> None:
        """Open every font that a style names."""
        self._fonts = {name: pymupdf.Font(name) for name in sorted({style.font for style in STYLES.values()})}
        self._widths: dict[tuple[str, str], float] = {}

    def __getitem__(self, name: str) -> pymupdf.Font:
        return self._fonts[name]

    def measure(self, text: str, style: Style) -> float:
        """Return the width of a text in points."""
        key = (style.font, text)
        if key not in self._widths:
            self._widths[key] = float(self._fonts[style.font].text_length(text, 1.0))
        return self._widths[key] * style.size


def break_lines(text: str, width: float, style: Style, fonts: Fonts) -> list[list[str]]:
    """Break a text into lines of words, hyphenating in justified text where a line would be very loose."""
    space = fonts.measure(" ", style)
    lines: list[list[str]] = [[]]
    used = 0.0
    for word in text.split():
        length = fonts.measure(word, style)
        room = width - (style.indent if len(lines) > 1 else 0.0)
        if not lines[-1] or used + space + length <= room:
            used += length + (space if lines[-1] else 0.0)
            lines[-1].append(word)
            continue
        free = room - used - space
        rest = word
        if style.justify and free > 2.2 * space and not _are_hyphenated(lines[-2:]):
            fitting = [p for p in _points(word) if fonts.measure(word[:p] + "-", style) <= free]
            if fitting:
                lines[-1].append(word[: fitting[-1]] + "-")
                rest = word[fitting[-1] :]
        lines.append([rest])
        used = fonts.measure(rest, style)
    return lines


def _points(word: str) -> list[int]:
    """Return the hyphenation points of a word that may be a compound or end in punctuation.

    A compound is never broken at its own hyphen: a hyphen at the end of a line can always be taken out again.
    """
    points: list[int] = []
    start = 0
    for part in word.rstrip(",.;:)").split("-"):
        points += [start + point for point in find_hyphenation_points(part)]
        start += len(part) + 1
    return points


def _are_hyphenated(lines: Sequence[Sequence[str]]) -> bool:
    """Say whether two lines in a row already end in a hyphen."""
    return len(lines) == 2 and all(line and line[-1].endswith("-") for line in lines)


def find_hyphenation_points(word: str) -> list[int]:
    """Return where a word may break: after beginnings, before endings, between consonants.

    Coarse on purpose: three letters stay before the break and four after it, and a pair of consonants that
    begins a syllable is never parted.
    """
    lower = word.lower()
    if len(word) < 8 or not word.isalpha() or not word.isascii() or word[1:] != lower[1:]:
        return []
    points = {len(word) - len(ending) for ending in _ENDINGS if lower.endswith(ending)}
    points |= {len(start) for start in _BEGINNINGS if lower.startswith(start) and len(word) > len(start) + 4}
    for index in range(3, len(word) - 3):
        before, left, right, after = lower[index - 2], lower[index - 1], lower[index], lower[index + 1]
        is_border = before in _VOWELS and left not in _VOWELS and right not in _VOWELS and after in _VOWELS
        if is_border and left + right not in _ONSETS:
            points.add(index)
    return sorted(point for point in points if 3 <= point <= len(word) - 4)
