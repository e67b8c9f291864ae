"""Cleans extracted text: ligatures, soft hyphens, invisible marks, odd spaces; and mends broken words."""

import re
import unicodedata
from collections.abc import Container

_LIGATURES = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb05": "st",
    "\ufb06": "st",
}
_SYMBOL_FONT_BULLETS = dict.fromkeys("\uf0b7\uf0a7\uf0a8\uf0d8\uf076\uf0fc", "•")
_KEPT_CONTROLS = "\t\n"
_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs"})


class _Cleaning(dict[int, str | None]):
    """A ``str.translate`` table that fills itself: what a character becomes depends on its category only."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        category = unicodedata.category(character)
        replacement: str | None = character
        if category in ("Zs", "Zl", "Zp"):
            replacement = " "
        elif category in _DROPPED_CATEGORIES and character not in _KEPT_CONTROLS:
            replacement = None
        self[code] = replacement
        return replacement


_CLEANING = _Cleaning({ord(key): value for key, value in (_LIGATURES | _SYMBOL_FONT_BULLETS).items()})

_COMBINING = {
    "\u00b4": "\u0301",
    "\u00a8": "\u0308",
    "\u02c6": "\u0302",
    "\u02dc": "\u0303",
    "\u02da": "\u030a",
}
_SPACING_ACCENT = re.compile("([\u00b4\u00a8\u02c6\u02dc](?=[A-Za-z])|\u02da(?=[Aa]))([A-Za-z])")
"""Some typesetters put an accent down before its letter; the ring also stands for degrees, but not with A."""

_HYPHENS = "-\u2010"
_JOINING_ENDS = "-\u2010\u2011\u2013\u2014/"
_BREAKABLE = re.compile(r".*[^\W_][" + re.escape(_JOINING_ENDS) + r"]$")


def clean(text: str) -> str:
    """Return ``text`` in NFC without ligatures, control, zero-width and soft-hyphen characters.

    Accents before their letters join them; a plus above a minus is the sign it shows.

    No-break, thin and other spaces become plain spaces; tab and line feed stay. Superscripts, the micro sign
    and other compatibility characters stay as they are (so not NFKC: 10⁹ must not become 109).
    """
    if text.isascii() and text.isprintable():
        return text
    joined = _SPACING_ACCENT.sub(lambda found: found[2] + _COMBINING[found[1]], text.translate(_CLEANING))
    return unicodedata.normalize("NFC", joined.replace("+−", "±"))


def squeeze(text: str) -> str:
    """Return the cleaned text on one line with single spaces."""
    return " ".join(clean(text).split())


def is_broken(word: str) -> bool:
    """Whether a word at a line's end may go on in the next line."""
    return len(word) > 1 and _BREAKABLE.match(word) is not None


def mend(first: str, second: str, known: Container[str]) -> str:
    """Return what is left of ``first`` when ``second``, from the next line, is put right behind it.

    The hyphen goes where the word was only broken to fit the line. It stays before a capital or a digit,
    after a digit or an acronym, where the document has the compound elsewhere, and where it has both halves
    as words of their own but never the whole.

    Args:
        first: a word for which :func:`is_broken` holds.
        second: the first word of the next line.
        known: the document's words, as :func:`bare` gives them.
    """
    stem = first[:-1]
    if first[-1] not in _HYPHENS or not second[0].islower() or stem[-1].isdigit() or stem[-2:].isupper():
        return first
    if bare(first + second) in known:
        return first
    halves = (bare(stem), bare(second))
    is_compound = bare(stem + second) not in known and all(len(half) > 2 and half in known for half in halves)
    return first if is_compound else stem


def bare(word: str) -> str:
    """Return the word in lower case, without the punctuation around it, hyphens made plain."""
    return word.lower().replace("\u2010", "-").strip(".,;:!?()[]{}\"'“”‘’*")
