"""Words for the full-text index, whose tokenizer knows no word borders in Chinese, Japanese or Korean."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from rag.storage.spelling import fold

VERSION = 2
"""Goes up whenever :func:`segment` gives another text: what is indexed in another form is not found."""

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_CJK_CHARACTER = re.compile(f"([{_CJK}])")
_CJK_RUN = re.compile(f"[{_CJK}]+")
_WORD = rf"[^\W_{_CJK}]+"
_TOKEN = re.compile(rf"[{_CJK}]|{_WORD}")
_TERM = re.compile(
    rf"(?P<cjk>[{_CJK}]+)"
    # With a figure in it the order counts: 2,3-DPG, 5.5, mL/min/1.73; not so in ST-elevation.
    rf"|(?P<figures>(?=[^\s{_CJK}]*\d){_WORD}(?:[-,./'’]{_WORD})*)"
    rf"|{_WORD}"
)


def segment(text: str) -> str:
    """Fold the spelling and set every CJK character apart; the rest is left to the index's tokenizer."""
    return _CJK_CHARACTER.sub(r" \1 ", fold(text))


def tokenize(text: str) -> list[str]:
    """Return the words of a text as the index has them, but not stemmed; a CJK character is a word."""
    return _TOKEN.findall(fold(text))


def find_words(text: str) -> Iterator[re.Match[str]]:
    """Find the words of a text as it is written; a CJK character is a word."""
    return _TOKEN.finditer(text)


def is_mostly_cjk(text: str) -> bool:
    """Tell whether more of a text's words are CJK characters than not."""
    tokens = _TOKEN.findall(text)
    return 2 * sum(_CJK_CHARACTER.match(token) is not None for token in tokens) > len(tokens)


def find_terms(question: str, *, stop_words: frozenset[str] = frozenset()) -> list[str]:
    """Return what of a question is to be looked up, each once: words and runs of words.

    A run of CJK characters becomes its pairs, because a whole sentence would hardly be found again. Stop
    words are left out, and part runs of CJK characters, unless there is nothing else.
    """
    folded = fold(question)
    return _without_stop_words(folded, stop_words) or _without_stop_words(folded, frozenset())


def match_any(terms: Iterable[str]) -> str | None:
    """Return the FTS5 expression that any of the terms satisfies, or ``None`` where there are none."""
    return " OR ".join(map(_quote, terms)) or None


def match_all(terms: Iterable[str]) -> str | None:
    """Return the FTS5 expression that all of the terms together satisfy, or ``None`` where there are none."""
    return " AND ".join(map(_quote, terms)) or None


def _quote(term: str) -> str:
    """Quoted, nothing in it is syntax; one of several words is a phrase."""
    return f'"{" ".join(_TOKEN.findall(term))}"'


def _without_stop_words(folded: str, stop_words: frozenset[str]) -> list[str]:
    terms: dict[str, None] = {}
    for match in _TERM.finditer(_part_runs(folded, stop_words)):
        if run := match["cjk"]:
            terms.update(dict.fromkeys([one + other for one, other in pairwise(run)] or [run]))
        elif match[0].lower() not in stop_words:
            terms[match[0]] = None
    return list(terms)


def _part_runs(folded: str, stop_words: frozenset[str]) -> str:
    """Put a space in place of each stop word of CJK characters, the longest first."""
    parting = sorted((word for word in stop_words if _CJK_RUN.fullmatch(word)), key=len, reverse=True)
    return re.sub("|".join(parting), " ", folded) if parting else folded
