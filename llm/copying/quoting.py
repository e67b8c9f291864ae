"""Between quote marks only substrings of the passages can be written: the constraint on the next token.

Tokens respect no borders: one may end a word and the quote, begin a quote with half a character, or hold a
mark and what follows it. So the constraint walks BYTES. Its state inside a quote is the set of all places in
the passages where what was quoted so far can end; the set is found anew with each byte, and shrinks fast.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from llm.copying.quotable_text import BORDER, QuotableText
from llm.copying.vocabulary import LONGEST_TOKEN, Vocabulary
from llm.errors import ModelLoadError
from llm.types import Quoted, QuoteMarks

Places = NDArray[np.int64]
_MARKS = (("«", "»"), ("⟦", "⟧"), ("「", "」"), ("‹", "›"), ("⁅", "⁆"))
_SENTENCE_ENDS = (b". ", b"! ", b"? ", "。".encode(), "！".encode(), "？".encode())


def choose_marks(passages: Sequence[str]) -> QuoteMarks:
    """Choose quote marks that occur in no passage."""
    found = next(
        (pair for pair in _MARKS if not any(mark in passage for mark in pair for passage in passages)), None
    )
    number = 1
    while found is None:
        pair = (f"<q{number}>", f"</q{number}>")
        number += 1
        if not any(mark in passage for mark in pair for passage in passages):
            found = pair
    return QuoteMarks(opening=found[0], closing=found[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """``places`` is ``None`` outside a quote; ``mark`` counts the bytes of the next mark that are written."""

    places: Places | None = None
    length: int = 0
    """Bytes quoted so far."""
    mark: int = 0
    last: Places | None = None
    """Where the quote may end, once its closing mark has begun."""
    closed: tuple[Quoted, ...] = ()


class QuoteConstraint:
    """Follows one answer. It is told accepted tokens only."""

    def __init__(
        self, text: QuotableText, marks: QuoteMarks, vocabulary: Vocabulary, *, is_begun: bool = False
    ) -> None:
        """Nothing is quoted yet; ``is_begun`` says that the opening mark stands there already.

        Raises:
            ModelLoadError: the vocabulary cannot spell the passages byte by byte, so a quote could get stuck.
        """
        self._text = text
        self._vocabulary = vocabulary
        self._opening, self._closing = marks.opening.encode(), marks.closing.encode()
        spelled = text.bytes.replace(bytes([BORDER]), b"") + self._opening + self._closing
        if not vocabulary.can_write(spelled):
            raise ModelLoadError(
                "This model's vocabulary cannot write every text word for word; please choose another model."
            )
        self._state = _State(places=text.starts if is_begun and text.starts.size else None)
        self._forbidden: dict[int, frozenset[int]] = {}
        self._beginnings: NDArray[np.int64] | None = None

    @property
    def is_inside(self) -> bool:
        """Whether a quote is open."""
        return self._state.places is not None

    @property
    def length(self) -> int:
        """Bytes of the open quote."""
        return self._state.length

    def forbidden(self) -> frozenset[int]:
        """Return the tokens that may not come next, outside a quote."""
        mark = self._state.mark
        if mark not in self._forbidden:
            tokens = set(self._vocabulary.holding(self._opening))
            if mark:
                tokens |= set(self._vocabulary.beginning(self._opening[mark:]))
            self._forbidden[mark] = frozenset(token for token in tokens if self._follow(token) is None)
        return self._forbidden[mark]

    def allowed(self) -> NDArray[np.int64]:
        """Return the tokens that may come next, inside a quote; there is always one."""
        state = self._state
        if state.places is None:
            raise ValueError("outside a quote all tokens but the forbidden ones are allowed")
        tokens = set(self._vocabulary.holding(self._closing))
        if state.mark:
            tokens |= set(self._vocabulary.beginning(self._closing[state.mark :]))
        closing = {token for token in tokens if self._follow(token) is not None}
        return np.array(sorted(closing | set(self._going_on(state))), dtype=np.int64)

    def accept(self, token: int) -> tuple[Quoted, ...]:
        """Take a token as written; return the quotes that it closed."""
        state = self._follow(token)
        if state is None:
            raise ValueError("this token is not allowed here")
        self._state = replace(state, closed=())
        return state.closed

    def continuation(self, length: int) -> bytes:
        """Return how the passages go on, from the first place, to the end of its sentence or passage."""
        places = self._state.places
        if places is None or not len(places) or self._state.mark:
            return b""
        window = self._text.window(int(places[0]), length)
        ends = [window.find(end) + len(end.rstrip()) for end in _SENTENCE_ENDS if end in window]
        return window[: min(ends)] if ends else window

    def finish(self) -> tuple[bytes, tuple[Quoted, ...]]:
        """End an open quote at the end of its word; return the bytes to be written for that."""
        state = self._state
        if state.places is None:
            return b"", ()
        if state.length == 0:
            self._state = _State()
            return self._closing, ()
        written = bytearray()
        while state.last is None and not self._endings(state).size:
            assert state.places is not None  # noqa: S101 - an open quote has a place until it closes
            written.append(int(self._text.codes[state.places[0]]))
            state = self._step(state, written[-1]) or _State()
        for byte in self._closing[state.mark :]:
            written.append(byte)
            state = self._step(state, byte) or _State()
        self._state = replace(state, closed=())
        return bytes(written), state.closed

    def _going_on(self, state: _State) -> Sequence[int]:
        """Return the tokens that the passages go on with; those of a quote's begin are kept."""
        if state.length == 0 and not state.mark:
            if self._beginnings is None:
                self._beginnings = np.array(self._fitting(self._text.starts), dtype=np.int64)
            return [int(token) for token in self._beginnings]
        return self._fitting(state.places if state.places is not None else self._text.starts[:0])

    def _fitting(self, places: Places) -> list[int]:
        windows = {self._text.window(int(place), LONGEST_TOKEN) for place in places}
        return list({token for window in windows for token in self._vocabulary.fitting(window)})

    def _follow(self, token: int) -> _State | None:
        state: _State | None = self._state
        for byte in self._vocabulary.piece(token):
            if state is None:
                return None
            state = self._step(state, byte)
        return state

    def _step(self, state: _State, byte: int) -> _State | None:
        """Return the state after one more byte; ``None`` where it is not allowed."""
        if state.places is None:
            return self._step_outside(state, byte)
        mark, last = 0, None
        if state.mark and byte == self._closing[state.mark]:
            mark, last = state.mark + 1, state.last
        elif byte == self._closing[0] and (endings := self._endings(state)).size:
            mark, last = 1, endings
        if mark == len(self._closing) and last is not None:
            # Before the mark's bytes stood the last one of the quote; they are not counted in its places.
            end = int(last[0])
            start = end - (state.length - (mark - 1))
            return _State(closed=(*state.closed, self._text.locate(start, end)))
        going_on = state.places[self._text.codes[state.places] == byte] + 1
        if byte == BORDER:
            going_on = going_on[:0]
        if not mark and not going_on.size:
            return None
        return _State(places=going_on, length=state.length + 1, mark=mark, last=last, closed=state.closed)

    def _step_outside(self, state: _State, byte: int) -> _State | None:
        mark = state.mark + 1 if byte == self._opening[state.mark] else int(byte == self._opening[0])
        if mark == len(self._opening):
            if not self._text.starts.size:  # a quote could not go on
                return None
            return _State(places=self._text.starts, closed=state.closed)
        return _State(mark=mark, closed=state.closed)

    def _endings(self, state: _State) -> Places:
        """Return the places where the quote may end now."""
        places = state.places
        if places is None or state.length == 0:
            return self._text.starts[:0]
        endings: Places = places[self._text.may_end[places]]
        return endings
