"""Recognises chunks that answer no question: references, contents, indexes, forms, what is said of authors.

Rules decide where they are sure. Where they are not a judge may be asked; without a clear no the text stays.
"""

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.chunking.publication_details import lists_supplements, tells_of_publication
from rag.types import BlockKind, FilterReason

_SECTIONS = {
    FilterReason.REFERENCES: (
        r"references?(?: list| and notes)?|bibliography|literature(?: cited)?|works cited|参考文献"
    ),
    FilterReason.CONTENTS: r"(?:table of )?contents|list of (?:figures|tables)|目录",
    FilterReason.INDEX: r"(?:subject |author |keyword )?index|索引",
    FilterReason.ACKNOWLEDGEMENTS: (
        r"acknowledge?ments?|funding(?: (?:sources?|information|statement))?"
        r"|financial (?:disclosures?|support)|authors?[’']?s? contributions?"
        r"|(?:declaration of )?(?:conflicts? of interests?|competing interests?)(?: statement)?"
        r"|authors?[’']? disclosures?(?: statements?)?|disclosure statements?|duality of interests?|致谢"
    ),
    FilterReason.PUBLICATION: (
        r"authors?[’']?s? (?:details|information|affiliations?)|affiliations?|publisher[’']?s note"
        r"|(?:article|publication) (?:information|history|details)|pre-publication history"
        r"|peer review(?: file)?"
        r"|consent for publication|ethics approval and consent to participate"
        r"|data (?:availability|sharing)(?: statement)?"
        r"|availability of (?:supporting )?data(?: and materials?)?"
    ),
}
_SUPPLEMENTS = re.compile(
    r"(?:electronic )?(?:supplement(?:ary|al) (?:materials?|information|data|files?)|supplements?"
    r"|supporting information|additional files?)\s*:?",
    re.IGNORECASE,
)
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
_SOURCE = re.compile(r"\b(?:19|20)\d{2}\b|https?:|www\.")
_MAX_ENTRY = 400
"""Letters of an entry; below a heading that says references each has a year or a link."""
_DOUBTFUL = 2
"""Times the letters for each mark that are too many to be sure and too few to be sure of the contrary."""
_ENTRY = re.compile(r"^\s*(?:\[?\d{1,4}[.\])]?\s+\S|[A-Z][\w’'-]+,?\s(?:[A-Z]\.?\s?){1,3}[,.])")

_CONTENTS_LINE = re.compile(r"(?:\.\s?){4,}\s*(?:\d{1,4}|[ivxlc]{1,6})\s*$|…\s*\d{1,4}\s*$")
_INDEX_LINE = re.compile(r"^[^\t]{2,60}?,\s(?:\d{1,4}(?:[–-]\d{1,4})?(?:,\s)?)+[ft]?\.?$")
_BLANK = re.compile(r"_{4,}|(?:\.\s?){8,}|[☐□]")
_LINK = re.compile(r"https?:|www\.")
_MIN_LINKS = 3
_MAX_LETTERS_PER_LINK = 150
"""Letters of the address among them: nothing but names of what is linked. Somebody may look for just that."""
_MIN_LINES = 4
_MIN_SHARE = 0.6
_MIN_BLANKS = 4
_MAX_LETTERS_PER_BLANK = 60


_MIN_DOUBTFUL_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of a chunk."""

    reason: FilterReason | None = None
    """Why it should be filtered; ``None`` to keep it."""
    is_doubtful: bool = False
    """Whether the rules are not sure of the reason: without a judge it is kept."""


KEEP = Verdict()


class ContentJudge(Protocol):
    """Answers where the rules are in doubt; in the program it is a local model."""

    def is_content(self, heading_path: Sequence[str], text: str, *, cancel: threading.Event) -> bool | None:
        """Tell whether a reader of the document could be looking for this text.

        Returns:
            ``None`` when there is no answer: it could not be asked, it failed, or ``cancel`` was set.
        """
        ...

    def close(self) -> None:
        """Free what it holds; it can be asked again."""
        ...


Ask = Callable[[Sequence[str], str], bool | None]
""":meth:`ContentJudge.is_content` with its token to cancel bound."""


def recognise_filtered(
    heading_path: Sequence[str],
    text: str,
    sentences: Sequence[tuple[int, int]],
    *,
    kind: BlockKind = BlockKind.PARAGRAPH,
    ask: Ask | None = None,
) -> FilterReason | None:
    """Tell why a chunk should be kept out of retrieval, or ``None``.

    Args:
        heading_path: the headings above the chunk; only the last counts, others may be a book's "References".
        text: of the chunk.
        sentences: offsets into ``text``; list items and rows are units of their own.
        kind: what it is; the heading above a table or a caption says nothing of it, as they float.
        ask: asked once where the rules are in doubt; anything but a no keeps the chunk.
    """
    verdict = judge_by_rules(heading_path, text, sentences, kind=kind)
    if not verdict.is_doubtful:
        return verdict.reason
    return verdict.reason if ask is not None and ask(heading_path, text) is False else None


def judge_by_rules(
    heading_path: Sequence[str], text: str, sentences: Sequence[tuple[int, int]], *, kind: BlockKind
) -> Verdict:
    """Say what the rules make of a chunk; arguments as those of :func:`recognise_filtered`."""
    if kind is BlockKind.HIDDEN:
        return Verdict(FilterReason.HIDDEN)
    heading = heading_path[-1].strip() if heading_path and kind is BlockKind.PARAGRAPH else ""
    units = [text[start:end] for start, end in sentences]
    for verdict in (
        _judge_heading(heading, text, units),
        _judge_lines(units),
        _judge_density(text, units),
        KEEP if kind is BlockKind.TABLE else _judge_paragraphs(text, kind),
    ):
        if verdict.reason:
            return verdict
    return KEEP


def _judge_heading(heading: str, text: str, units: Sequence[str]) -> Verdict:
    if _SUPPLEMENTS.fullmatch(heading):
        is_list = all(map(lists_supplements, _paragraphs(text)))
        return Verdict(FilterReason.PUBLICATION, is_doubtful=not is_list)
    for reason, pattern in _SECTION_PATTERNS.items():
        if pattern.fullmatch(heading):
            # What stands behind a list of references without a heading of its own is not of it.
            is_list = _starts_entry(units) or _count_letters(text) <= _MAX_ENTRY * len(_SOURCE.findall(text))
            return Verdict(reason, is_doubtful=reason is FilterReason.REFERENCES and not is_list)
    return KEEP


def _judge_lines(units: Sequence[str]) -> Verdict:
    for reason, pattern in ((FilterReason.CONTENTS, _CONTENTS_LINE), (FilterReason.INDEX, _INDEX_LINE)):
        if _share(units, pattern) >= _MIN_SHARE:
            return Verdict(reason)
    return KEEP


def _judge_density(text: str, units: Sequence[str]) -> Verdict:
    letters = _count_letters(text)
    for reason, pattern, least, most in (
        (FilterReason.REFERENCES, _CITATION, _MIN_CITATIONS, _MAX_LETTERS_PER_CITATION),
        (FilterReason.FORM, _BLANK, _MIN_BLANKS, _MAX_LETTERS_PER_BLANK),
    ):
        marks = sum(1 for _ in pattern.finditer(text))
        is_entry = reason is not FilterReason.REFERENCES or _starts_entry(units)
        if marks >= least and letters <= marks * most * _DOUBTFUL and is_entry:
            return Verdict(reason, is_doubtful=letters > marks * most)
    links = _LINK.findall(text)
    if len(links) >= _MIN_LINKS and letters <= len(links) * _MAX_LETTERS_PER_LINK:
        return Verdict(FilterReason.PUBLICATION, is_doubtful=True)
    return KEEP


def _judge_paragraphs(text: str, kind: BlockKind) -> Verdict:
    """Weigh the paragraphs about authors, licence and the like against the others."""
    paragraphs = _paragraphs(text)
    is_footnote = kind is BlockKind.FOOTNOTE
    details = [p for p in paragraphs if tells_of_publication(p, is_footnote=is_footnote)]
    share = sum(map(len, details)) / max(1, sum(map(len, paragraphs)))
    if share < _MIN_DOUBTFUL_SHARE:
        return KEEP
    return Verdict(FilterReason.PUBLICATION, is_doubtful=len(details) < len(paragraphs))


def _paragraphs(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _count_letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _share(units: Sequence[str], pattern: re.Pattern[str]) -> float:
    if len(units) < _MIN_LINES:
        return 0.0
    return sum(pattern.search(unit) is not None for unit in units) / len(units)


def _starts_entry(units: Sequence[str]) -> bool:
    """Whether some unit begins as an entry of a reference list does: a number, or a name with initials."""
    return any(_ENTRY.match(unit) for unit in units)
