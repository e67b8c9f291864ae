"""Recognises chunks that answer no question: references, contents, indexes, acknowledgements, blank forms."""

import re
from collections.abc import Sequence

from rag.types import FilterReason

_SECTIONS = {
    FilterReason.REFERENCES: (
        r"references?(?: list| and notes)?|bibliography|literature(?: cited)?|works cited|参考文献"
    ),
    FilterReason.CONTENTS: r"(?:table of )?contents|list of (?:figures|tables)|目录",
    FilterReason.INDEX: r"(?:subject |author |keyword )?index|索引",
    FilterReason.ACKNOWLEDGEMENTS: (
        r"acknowledge?ments?|funding(?: (?:sources?|information|statement))?"
        r"|financial (?:disclosures?|support)|authors?[’']?s? contributions?"
        r"|(?:declaration of )?(?:conflicts? of interests?|competing interests?)(?: statement)?|致谢"
    ),
}
_NUMBERING = r"(?:\d+(?:\.\d+)*\.?\s+|[A-Z]\.\s+|[IVX]+\.\s+)?"
_SECTION_PATTERNS = {
    reason: re.compile(rf"{_NUMBERING}(?:{names})\s*:?", re.IGNORECASE) for reason, names in _SECTIONS.items()
}

_CITATION = re.compile(
    r"""
    (?:19|20)\d{2} \s* (?:[A-Za-z]{3,9}\s*\d{0,2})? ; \s* \d+ \s* (?:\([^)]{1,20}\))? : \s* e?\d+
    | \bdoi\s*[:.]?\s*10\.\d{4} | https?://(?:dx\.)?doi\.org/10\. | \bPMID\b
    | \b[A-Z][\w’'-]+\s[A-Z]{1,3},\s[A-Z][\w’'-]+\s[A-Z]{1,3}\b
    | \bet\s+al\.?[:,]?\s
    """,
    re.VERBOSE,
)
"""Such as 2017;32(5):748, a DOI, Tangri N, Ferguson T, or et al."""
_MIN_CITATIONS = 4
_MAX_LETTERS_PER_CITATION = 130
"""A list of references has a citation's mark at least this often; prose that cites has far fewer."""
_ENTRY = re.compile(r"^\s*(?:\[?\d{1,4}[.\])]?\s+\S|[A-Z][\w’'-]+,?\s(?:[A-Z]\.?\s?){1,3}[,.])")

_CONTENTS_LINE = re.compile(r"(?:\.\s?){4,}\s*(?:\d{1,4}|[ivxlc]{1,6})\s*$|…\s*\d{1,4}\s*$")
_INDEX_LINE = re.compile(r"^[^\t]{2,60}?,\s(?:\d{1,4}(?:[–-]\d{1,4})?(?:,\s)?)+[ft]?\.?$")
_BLANK = re.compile(r"_{4,}|(?:\.\s?){8,}|[☐□]")
_MIN_LINES = 4
_MIN_SHARE = 0.6
_MIN_BLANKS = 4
_MAX_LETTERS_PER_BLANK = 60


def recognise_filtered(
    heading_path: Sequence[str], text: str, sentences: Sequence[tuple[int, int]]
) -> FilterReason | None:
    """Tell why a chunk should be kept out of retrieval, or ``None``. In doubt a chunk is kept.

    Args:
        heading_path: the headings above the chunk; only the last counts, others may be a book's "References".
        text: of the chunk.
        sentences: offsets into ``text``; list items and rows are units of their own.
    """
    if heading_path:
        for reason, pattern in _SECTION_PATTERNS.items():
            if pattern.fullmatch(heading_path[-1].strip()):
                return reason
    units = [text[start:end] for start, end in sentences]
    if _share(units, _CONTENTS_LINE) >= _MIN_SHARE:
        return FilterReason.CONTENTS
    if _share(units, _INDEX_LINE) >= _MIN_SHARE:
        return FilterReason.INDEX
    letters = sum(character.isalpha() for character in text)
    if _is_dense(_CITATION, text, letters, _MIN_CITATIONS, _MAX_LETTERS_PER_CITATION) and _starts_entry(
        units
    ):
        return FilterReason.REFERENCES
    if _is_dense(_BLANK, text, letters, _MIN_BLANKS, _MAX_LETTERS_PER_BLANK):
        return FilterReason.FORM
    return None


def _share(units: Sequence[str], pattern: re.Pattern[str]) -> float:
    if len(units) < _MIN_LINES:
        return 0.0
    return sum(pattern.search(unit) is not None for unit in units) / len(units)


def _starts_entry(units: Sequence[str]) -> bool:
    """Whether some unit begins as an entry of a reference list does: a number, or a name with initials."""
    return any(_ENTRY.match(unit) for unit in units)


def _is_dense(pattern: re.Pattern[str], text: str, letters: int, at_least: int, most_letters: int) -> bool:
    found = sum(1 for _ in pattern.finditer(text))
    return found >= at_least and letters <= found * most_letters
