"""Turns the bytes of tokens into text that can be shown: whole characters, and nothing of a stop string."""

import codecs
from collections.abc import Sequence


class TextStream:
    """Decodes UTF-8 as it comes and ends before the first stop string."""

    def __init__(self, stop: Sequence[str] = ()) -> None:
        """``stop``: strings that end the text; they are not part of it."""
        self._stop = tuple(text for text in stop if text)
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._held = ""
        self.is_stopped = False

    def add(self, piece: bytes) -> str:
        """Return the text that is certain by now: what may be the begin of a stop string is held back."""
        if self.is_stopped:
            return ""
        self._held += self._decoder.decode(piece)
        found = [place for place in (self._held.find(text) for text in self._stop) if place >= 0]
        if found:
            self.is_stopped = True
            return self._release(min(found))
        return self._release(len(self._held) - self._begun_stop())

    def finish(self) -> str:
        """Return what was held back. A character whose last bytes did not come is dropped."""
        return "" if self.is_stopped else self._release(len(self._held))

    def _release(self, length: int) -> str:
        text, self._held = self._held[:length], self._held[length:]
        return text

    def _begun_stop(self) -> int:
        """Length of the longest end of the held text that a stop string begins with."""
        longest = min(len(self._held), max(map(len, self._stop), default=0))
        ends = range(longest, 0, -1)
        return next((n for n in ends if any(text.startswith(self._held[-n:]) for text in self._stop)), 0)
