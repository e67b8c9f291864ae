"""Words for the full-text index, whose tokenizer knows no word borders in Chinese, Japanese or Korean."""

import re
import unicodedata
from itertools import pairwise

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_CJK_CHARACTER = re.compile(f"([{_CJK}])")
_WORD = rf"[^\W_{_CJK}]+"
_TERM = re.compile(rf"(?P<cjk>[{_CJK}]+)|{_WORD}(?:[-,.'’]{_WORD})*")


def segment(text: str) -> str:
    """Set every CJK character apart; the rest is left to the index's tokenizer."""
    return _CJK_CHARACTER.sub(r" \1 ", unicodedata.normalize("NFKC", text))


def match_expression(query: str) -> str | None:
    """Return an FTS5 expression that any term of the query satisfies, or ``None`` where there is no term.

    Every term is quoted, so nothing in it is syntax: ``2,3-DPG`` becomes the phrase of its three words. A run
    of CJK characters becomes its pairs, because a whole sentence would hardly be found again.
    """
    phrases: dict[str, None] = {}
    for match in _TERM.finditer(unicodedata.normalize("NFKC", query)):
        run = match["cjk"]
        found = [match[0]] if run is None else [" ".join(pair) for pair in pairwise(run)] or [run]
        phrases.update(dict.fromkeys(f'"{phrase}"' for phrase in found))
    return " OR ".join(phrases) or None
