"""Recognises what an article says about itself: authors, addresses, licence, dates, links to supplements."""

import re

from rag.documents.metadata import read_names

_LABEL = re.compile(
    r"""
    (?: authors?[’']?s?[ -]?(?:affiliations?|contributions?|details|information|disclosures?) | affiliations?
      | (?:address\ (?:for\ )?)?correspond(?:ence|ing\ author)s?(?:\ to|\ address)?
      | funding(?:\ sources?|\ information)? | financial\ (?:disclosures?|support) | grant\ support
      | acknowledge?ments? | (?:declaration\ of\ )?(?:conflicts?\ of|competing)\ interests? | disclosures?
      | peer\ review | publication\ information | (?:data|code)\ availability(?:\ statement)?
      | availability\ of\ data(?:\ and\ materials?)? | ethics\ (?:approval|statement)
      | (?:edited|reviewed)\ by
      | (?:handling|academic)\ editor | (?:suggested\ )?citation | cite\ this\ article\ as
    ) \s* [:.—–]
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LICENCE = re.compile(
    r"creative commons|all rights reserved|open[- ]access (?:article|publication)|©\s?(?:the authors?|\d{4})"
    r"|remains neutral with regard to jurisdictional|permissions? (?:directly )?from the copyright holder"
    r"|cataloguing[- ]in[- ]publication|\bisbn\b|\bissn\b|contributed equally|ready to submit your"
    r"|submit your (?:next )?manuscript|full list of author information|reprints? and permissions?",
    re.IGNORECASE,
)
_CREDIT = re.compile(r"\bcredit:|\bcourtesy of\b", re.IGNORECASE)
"""The licence of a picture stands in its caption."""
_DATES = re.compile(
    r"(?:(?:received|revised|accepted|(?:first )?published(?: online)?|available online|last revised)\b"
    r"[\s:]*[\w\s,/.-]{0,40}?\d{4}[\s;,.|/]*)+",
    re.IGNORECASE,
)
_VOLUME = re.compile(r"\bvol(?:ume|\.)?\s?\d|\b\d{4};\s?\d+|\(\d{4}\)\s\d+[,:]", re.IGNORECASE)
_CONTACT = re.compile(
    r"(?:tel(?:ephone)?|phone|fax|e-?mail|p\.?\s?o\.? box)\b.*|\+?[\d() –-]{8,}", re.IGNORECASE
)
_LINK = re.compile(r"(?:https?:\s?//|www\.)\S+(?:\s\S*[/\d]\S*)*|\bdoi\s*[:.]?\s*10\.\S+", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@\s?[\w-]+\.\w|\bcorresponding author|\bcorrespondence\b", re.IGNORECASE)
_SUPPLEMENT = re.compile(
    r"supplement(?:ary|al)|supporting information|additional file|\((?:pdf|docx?|xlsx?|zip)\)"
    r"|available (?:online|at|from)|(?:item|table|figure|fig\.?|appendix|data|file) s\d",
    re.IGNORECASE,
)
_INSTITUTION = re.compile(
    r"\b(?:Departments?|Dept\.?|Division|University|Universit\w+|Hospitals?|Institutes?|School|Faculty|College"
    r"|Cent(?:er|re)|Laborator\w+|Clinic|Foundation|Ministry|Agency)\b"
)
_SMALL_WORDS = frozenset(
    {"of", "and", "for", "the", "at", "in", "de", "la", "di", "da", "del", "et", "to", "&"}
)
_OPENING = 160
"""Characters within which a paragraph about a licence says so."""
_MAX_LINE_WORDS = 25
_MAX_JOURNAL_WORDS = 15
_MAX_LOWER_SHARE = 0.15
_MIN_NAMES = 3


def tells_of_publication(paragraph: str, *, is_footnote: bool = False) -> bool:
    """Tell whether a paragraph speaks of the article's making rather than of its matter.

    Args:
        paragraph: on one line.
        is_footnote: an address for mail in a footnote is that of an author.
    """
    text = paragraph.strip()
    words = text.split()
    return bool(
        _LABEL.match(text)
        or (_LICENCE.search(text[:_OPENING]) and not _CREDIT.search(text))
        or _DATES.fullmatch(text)
        or _CONTACT.fullmatch(text)
        or (len(words) < _MAX_JOURNAL_WORDS and _VOLUME.search(text))
        or _is_link_line(text, words)
        or (is_footnote and _MAIL.search(text))
        or len(read_names(text)) >= _MIN_NAMES
        or _is_address(words)
    )


def lists_supplements(paragraph: str) -> bool:
    """Tell whether a paragraph under such a heading only says where supplements are."""
    return _SUPPLEMENT.search(paragraph) is not None or not _LINK.sub("", paragraph).strip()


def _is_link_line(text: str, words: list[str]) -> bool:
    """Whether it is a short line, no sentence, around a link: a journal's name and the article's DOI."""
    rest, links = _LINK.subn("", text)
    return links > 0 and (not rest.strip() or (len(words) < _MAX_LINE_WORDS and "doi" in text.lower()))


def _is_address(words: list[str]) -> bool:
    """Whether nearly all words are names of institutions and places."""
    plain = [word for word in words if word[0].isalpha() and word.lower().strip(",.;") not in _SMALL_WORDS]
    lower = sum(word[0].islower() for word in plain)
    text = " ".join(words)
    return (
        len(plain) >= _MIN_NAMES
        and "," in text
        and lower <= _MAX_LOWER_SHARE * len(plain)
        and bool(_INSTITUTION.search(text))
    )
