"""Writing an answer token by token: constraint, draft and verification in one loop.

A draft is a guess at the tokens that follow. It is evaluated in the same batch as the last token, then each
token is chosen from the logits of its own place as if there had been no draft, and kept as long as it is the
one that was guessed. So what is written does not depend on the drafts (but for the last digits of the logits,
which change with the size of a batch), with sampling its distribution neither, and grammar, penalties and
quotes see accepted tokens only.
"""

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from llm.copying.drafting import LookupDrafter
from llm.copying.quoting import QuoteConstraint
from llm.text_stream import TextStream
from llm.types import FinishReason, Quoted, Sampling, TextDelta

Logits = NDArray[np.float32]
"""One row: a value for each token of the vocabulary."""
Choose = Callable[[Logits, "NDArray[np.int64] | None", Collection[int]], int | None]
"""Chooses the next token from a row and takes it as written: out of the second argument, where that is given,
and out of all but the third. ``None`` where nothing may follow."""
QUOTE_BYTES = 400
"""Bytes of a passage that are guessed at most, inside a quote."""
SURE_BYTES = 6
"""Bytes of a quote after which its first place is worth a guess."""


class WritingRuntime(Protocol):
    """What writing needs of a token runtime."""

    @property
    def draft_tokens(self) -> int:
        """Tokens of the longest draft; 0 where the model cannot forget a wrong one."""
        ...

    @property
    def end_tokens(self) -> Collection[int]:
        """Tokens that end a turn."""
        ...

    def tokenize(self, text: str) -> list[int]:
        """Return the tokens of plain text."""
        ...

    def piece(self, token: int) -> bytes:
        """Return what a token writes."""
        ...

    def logits(self) -> Logits:
        """Return the logits after the last token that was read."""
        ...

    def read_ahead(self, tokens: Sequence[int], cancel: threading.Event) -> list[Logits] | None:
        """Read tokens; return the logits after each, good until the next call. ``None`` when cancelled."""
        ...

    def forget(self, count: int) -> None:
        """Forget the last tokens that were read."""
        ...

    def chooser(self, sampling: Sampling) -> AbstractContextManager[Choose]:
        """Give a function that chooses tokens for one answer."""
        ...


class Writer:
    """Writes one answer after a prompt that has been read."""

    def __init__(
        self, runtime: WritingRuntime, prompt: Sequence[int], quotes: QuoteConstraint | None = None
    ) -> None:
        """``prompt``: its tokens, out of which drafts are made."""
        self._runtime = runtime
        self._quotes = quotes
        self._drafter = LookupDrafter(prompt if runtime.draft_tokens else (), runtime.draft_tokens)
        self.generated = 0
        """Tokens written, the one that ended the turn included."""
        self.drafted = 0
        """Tokens that were guessed."""
        self.accepted = 0
        """Tokens that were guessed right."""
        self.reason = FinishReason.LENGTH

    def write(
        self, sampling: Sampling, *, at_most: int, cancel: threading.Event
    ) -> Iterator[TextDelta | Quoted]:
        """Write until the turn ends, a stop string comes, or ``at_most`` tokens are written."""
        text = TextStream(sampling.stop)
        with self._runtime.chooser(sampling) as choose:
            for token in self._tokens(choose, at_most, cancel):
                quoted = self._quotes.accept(token) if self._quotes else ()
                if delta := text.add(self._runtime.piece(token)):
                    yield TextDelta(text=delta)
                if text.is_stopped:
                    self.reason = FinishReason.STOP
                    return
                yield from quoted
        closing, quoted = self._quotes.finish() if self._quotes else (b"", ())
        if delta := text.add(closing) + text.finish():
            yield TextDelta(text=delta)
        yield from quoted

    def _tokens(self, choose: Choose, at_most: int, cancel: threading.Event) -> Iterator[int]:
        """Yield accepted tokens. The constraint is asked for a place only when the one before is taken."""
        runtime = self._runtime
        token = self._choose(choose, runtime.logits())
        while token is not None:
            self._drafter.add(token)
            yield token
            if cancel.is_set() or self.generated >= at_most:
                break
            draft = self._draft(at_most - self.generated)
            rows = runtime.read_ahead([token, *draft], cancel)
            if rows is None:
                self.reason = FinishReason.CANCELLED
                return
            right = 0
            token = self._choose(choose, rows[0])
            while right < len(draft) and token == draft[right] and self.generated < at_most:
                right += 1
                self._drafter.add(token)
                yield token
                token = self._choose(choose, rows[right])
            runtime.forget(len(draft) - right)
            self._learn(len(draft), right)
        if cancel.is_set():
            self.reason = FinishReason.CANCELLED

    def _choose(self, choose: Choose, row: Logits) -> int | None:
        """Choose the next token; ``None`` when the turn ends."""
        quotes = self._quotes
        if quotes is None:
            token = choose(row, None, ())
        elif quotes.is_inside:
            token = choose(row, quotes.allowed(), ())
        else:
            token = choose(row, None, quotes.forbidden())
        self.generated += 1
        if token is None or token in self._runtime.end_tokens:
            self.reason = FinishReason.STOP
            return None
        return token

    def _draft(self, room: int) -> list[int]:
        room = min(room, self._runtime.draft_tokens)
        if self._quotes is not None and self._quotes.is_inside:
            return self._draft_quote(self._quotes)[:room]
        draft = self._drafter.propose(room)
        # A copy often ends where a paragraph does; going on is taken up again after it.
        breaks = (place for place, token in enumerate(draft) if b"\n" in self._runtime.piece(token))
        return draft[: next(breaks, len(draft))]

    def _draft_quote(self, quotes: QuoteConstraint) -> list[int]:
        """Return the tokens in which the passage goes on, as the tokenizer writes them inside a text."""
        following = quotes.continuation(QUOTE_BYTES) if quotes.length >= SURE_BYTES else b""
        try:
            text = following.decode()
        except UnicodeDecodeError as error:  # cut in the middle of a character
            text = following[: error.start].decode()
        head, whole = self._runtime.tokenize("\n"), self._runtime.tokenize("\n" + text)
        return whole[len(head) :] if whole[: len(head)] == head else []

    def _learn(self, drafted: int, accepted: int) -> None:
        self.drafted += drafted
        self.accepted += accepted
        if drafted and (self._quotes is None or not self._quotes.is_inside):
            self._drafter.learn(drafted, accepted)
