"""Passages as bytes that may be quoted: white space made even, with a map back, and where a quote may begin.

A quote begins and ends where a word does. A number is one word with its sign and its decimal point: of
"5.8 mmol/L" neither "8 mmol/L" nor "5" can be quoted.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from llm.types import Quoted

BORDER = 0xFF
"""Ends each passage; no byte of UTF-8."""
_ENCODABLE = re.compile(r"[^\ud800-\udfff]+")
_SPACES = re.compile(r"\s+")
_NO_WORDS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# The places between two characters that belong to one word or number.
_INSIDE = re.compile(
    rf"(?<=[^\W{_NO_WORDS}])(?=[^\W{_NO_WORDS}])"  # letters, digits
    r"|(?<=\d)(?=[.,]\d)|(?<=\d[.,])(?=\d)"  # 5|.|8
    r"|(?<=[-+<>=~\u00b1\u2212\u2264\u2265])(?=\d)"  # -|5
)


def even_spaces(text: str) -> str:
    """Write every run of white space as one space and none at the ends, as passages are shown to a model."""
    return _SPACES.sub(" ", text).strip()


class QuotableText:
    """All passages in one array of bytes, each ended by :data:`BORDER`."""

    def __init__(self, passages: Sequence[str]) -> None:
        """The passages as they are stored; quotes of them are found as :func:`even_spaces` writes them."""
        # Half of a surrogate pair has no UTF-8: it cannot be written, so no quote goes over it.
        runs = [
            (number, found)
            for number, passage in enumerate(passages)
            for found in _ENCODABLE.finditer(passage)
        ]
        parts = [_Part(found[0]) for _, found in runs]
        self._runs = [(number, found.start()) for number, found in runs]
        self.bytes = b"".join(part.bytes for part in parts)
        self.codes: NDArray[np.uint8] = np.frombuffer(self.bytes, dtype=np.uint8)
        self.starts = np.flatnonzero(np.concatenate([part.starts for part in parts] or [_NONE]))
        self.may_end = np.concatenate([part.ends for part in parts] or [_NONE])
        self._offsets = np.concatenate([part.offsets for part in parts] or [_NONE])
        self._begins = np.cumsum([0, *(len(part.bytes) for part in parts)])

    def locate(self, start: int, end: int) -> Quoted:
        """Return the passage and the characters in it, as it was given, that bytes stand for."""
        passage, begin = self._runs[int(np.searchsorted(self._begins, start, side="right")) - 1]
        # The character before the end is the last one; a run of white space after it is not part of it.
        last = end - 1
        while self.codes[last] & 0xC0 == 0x80:
            last -= 1
        first, end = int(self._offsets[start]), int(self._offsets[last]) + 1
        return Quoted(passage=passage, start=begin + first, end=begin + end)

    def window(self, place: int, length: int) -> bytes:
        """Return the bytes from a place to the end of its passage, at most ``length``."""
        return self.bytes[place : place + length].partition(b"\xff")[0]


class _Part:
    """A text with a value for each byte and for its border."""

    def __init__(self, passage: str) -> None:
        shown: list[str] = []
        offsets: list[int] = []
        for found in re.finditer(r"\s+|\S", passage):
            is_space = found[0].isspace()
            if not is_space or (shown and found.end() < len(passage)):
                shown.append(" " if is_space else found[0])
                offsets.append(found.start())
        text = "".join(shown)
        encoded = [character.encode() for character in shown]
        sizes = [len(piece) for piece in encoded]
        places = np.cumsum([0, *sizes])[: len(text)]
        inside = {found.start() for found in _INSIDE.finditer(text)}
        self.bytes = b"".join(encoded) + bytes([BORDER])
        self.starts = np.zeros(len(self.bytes), dtype=bool)
        self.ends = np.zeros(len(self.bytes), dtype=bool)
        self.offsets = np.zeros(len(self.bytes), dtype=np.int64)
        for number, (character, place) in enumerate(zip(text, places, strict=True)):
            self.offsets[place] = offsets[number]
            if character != " ":
                self.starts[place] = number not in inside
                self.ends[place + sizes[number]] = number + 1 not in inside


_NONE = np.zeros(0, dtype=np.int64)
