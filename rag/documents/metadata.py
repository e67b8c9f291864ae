"""Finds who wrote a document and when it was published; where that is not certain, it is left open."""

import re
from collections.abc import Iterable, Sequence

from rag.documents.normalisation import squeeze

_DEGREE = re.compile(
    r"\b(?:M\.?D|Ph\.?D|DPhil|MSc|MS|MA|BSc|BS|MPH|MBBS|MBChB|FRCP|FASN|FACP|RN|DO|PharmD|Dr|Prof)\b\.?"
)
_MARK = re.compile(r"[\d*∗†‡§¶‖#|]+(?:\s*,\s*(?=[\d*∗†‡§¶‖#]))?")
_SEPARATOR = re.compile(r"\s*(?:,|;|&|•|·|\n|\band\b)\s*")
_NAME = re.compile(
    r"[A-ZÀ-Þ][\w’'-]*\.?"
    r"(?:[ -](?:[A-ZÀ-Þ][\w’'.-]*|van|von|der|den|de|da|di|del|dos|la|le|al|bin|el|ter)){1,5}"
    r"|[\u4e00-\u9fff]{2,4}|[\uac00-\ud7a3]{2,4}"
)
_NO_NAME = re.compile(
    r"\b(?:microsoft|office|windows|user|admin|administrator|owner|unknown|author|acrobat|adobe|python|open"
    r"|access|research|article|review|university|hospital|department|journal|letter|original|abstract|volume"
    r"|national|health|survey|institutes?|foundation|cent(?:er|re)s?|society|association|committee|ministry"
    r"|guidelines?|handbook|introduction|figure|table|disease|medicine|care)\b",
    re.IGNORECASE,
)
_MAX_NAME_CHARACTERS = 60
_MIN_LISTED = 2
"""A single name that stands on a page may be anybody's."""
_YEAR = r"((?:19|20)\d{2})\b"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bpublished(?:\s+online)?\s*:?\s*(?:[\w.]+,?\s+){{0,3}}{_YEAR}",
        rf"(?:©|\bcopyright\b|\(c\))\D{{0,60}}{_YEAR}",
        rf"\({_YEAR}\)\s*\d+\s*[:,]",
        rf"\b{_YEAR}[,;]\s*\d+\s*(?:\(\d+\)\s*)?:\s*\w",
        rf"\bvol(?:ume|\.)?\s*\d.{{1,40}}?\b{_YEAR}",
        rf"\baccepted\s*:?\s*(?:[\w.]+,?\s+){{1,3}}{_YEAR}",
        rf"^(?:\S+\s+){{0,4}}{_MONTH},?\s+{_YEAR}\W*$",
    )
]
"""How the year of publication is told, the surest first."""


def find_year(lines: Iterable[str]) -> int | None:
    """Return the year of publication that lines of a title page tell: "Published: 2016", "© 2016", a volume.

    Years in running text, and those of the file, say nothing of publication.
    """
    kept = list(lines)
    for pattern in _DATES:
        for line in kept:
            if found := pattern.search(line):
                return int(found[1])
    return None


def read_names(text: str) -> tuple[str, ...]:
    """Return the names of a list of authors, without marks and degrees; nothing when any part is no name."""
    bare = _DEGREE.sub("", _MARK.sub(" ", squeeze(text)))
    names = [name.strip(" .") for name in _SEPARATOR.split(bare)]
    names = [name for name in names if name]
    return tuple(names) if all(map(_is_name, names)) else ()


def choose_authors(*, stated: Sequence[str], paragraphs: Iterable[str], page: str) -> tuple[str, ...]:
    """Choose between what a file's properties state and what its first page shows.

    The properties often name whoever made the file: they count as far as the first page has the names too.

    Args:
        stated: names in the properties, of persons or institutions.
        paragraphs: of the first page, headings left out; one may list the authors.
        page: all text of the first page.
    """
    listed = next((names for names in map(read_names, paragraphs) if len(names) >= _MIN_LISTED), ())
    page = squeeze(page).casefold()
    shown = tuple(name for name in map(squeeze, stated) if name and name.casefold() in page)
    return shown if len(shown) == len(stated) and len(shown) >= len(listed) else listed


def is_shown(title: str, text: str) -> bool:
    """Whether at least half of a title's words are in the text that should bear it."""
    words = re.findall(r"\w+", title.casefold())
    there = set(re.findall(r"\w+", text.casefold()))
    return sum(word in there for word in words) * 2 >= len(words) > 0


def read_front_matter(source: str) -> dict[str, str]:
    """Return the plain entries of a Markdown file's front matter; items of lists are joined by semicolons."""
    entries: dict[str, str] = {}
    key = ""
    for line in source.splitlines():
        item = re.match(r"\s*-\s+(.*)", line)
        if item and key and line.strip() != "---":
            entries[key] = "; ".join(filter(None, (entries[key], _unquote(item[1]))))
        elif found := re.match(r"([\w-]+)\s*:\s*(.*)", line):
            key = found[1].casefold()
            entries[key] = _unquote(found[2])
    return entries


def _unquote(value: str) -> str:
    return value.strip().strip("[]").strip().strip("\"'")


def _is_name(text: str) -> bool:
    return (
        len(text) <= _MAX_NAME_CHARACTERS and _NAME.fullmatch(text) is not None and not _NO_NAME.search(text)
    )
