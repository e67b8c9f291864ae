"""One call to a model: reading the prompt, writing text, choosing numbers; loops over a token runtime."""

import threading
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from llm.copying.selection import (
    END,
    SEPARATOR,
    NumberTree,
    TokenPath,
    choose,
    log_softmax,
    log_sum_exp,
)
from llm.errors import ContextLengthError, ModelLoadError
from llm.text_stream import TextStream
from llm.types import (
    Finished,
    FinishReason,
    Message,
    PromptRead,
    Sampling,
    Selected,
    TextDelta,
    TokenCounts,
)

Logits = NDArray[np.float32]
"""One row: a value for each token of the vocabulary."""


class TokenRuntime(Protocol):
    """Evaluates tokens one after the other and keeps what it has read."""

    @property
    def n_ctx(self) -> int:
        """Tokens that can be kept."""
        ...

    @property
    def batch_tokens(self) -> int:
        """Tokens that one :meth:`advance` may take."""
        ...

    @property
    def look_ahead_tokens(self) -> int:
        """Room in the context that :meth:`look_ahead` needs."""
        ...

    @property
    def end_tokens(self) -> Collection[int]:
        """Tokens that end a turn."""
        ...

    def encode_prompt(self, messages: Sequence[Message]) -> list[int]:
        """Return the tokens of a prompt, up to where the answer begins."""
        ...

    def tokenize(self, text: str) -> list[int]:
        """Return the tokens of plain text."""
        ...

    def piece(self, token: int) -> bytes:
        """Return what a token writes."""
        ...

    def rewind(self, tokens: Sequence[int]) -> int:
        """Forget what does not begin ``tokens``, or is the whole of it; return how many tokens are left."""
        ...

    def advance(self, tokens: Sequence[int], cancel: threading.Event) -> bool:
        """Evaluate the next tokens; False when cancelled, and then they count as not read."""
        ...

    def logits(self) -> Logits:
        """Return the logits after the last token that was read."""
        ...

    def look_ahead(
        self, paths: Sequence[TokenPath], cancel: threading.Event
    ) -> dict[TokenPath, Logits] | None:
        """Return the logits after each path and each of its begins, reading none; None when cancelled."""
        ...

    def sampler(self, sampling: Sampling) -> AbstractContextManager[Callable[[], int]]:
        """Give a function that draws the next token."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberTokens:
    """How a model writes the numbers of a selection."""

    first: Mapping[int, TokenPath]
    """Each number as the first one."""
    later: Mapping[int, TokenPath]
    """Each number with the separator before it."""
    ends: tuple[int, ...]
    """Tokens that end the turn or the line."""

    @property
    def closers(self) -> tuple[int, ...]:
        """Tokens that close a number."""
        return (*self.ends, *{path[0] for path in self.later.values()})

    @property
    def longest(self) -> int:
        """Tokens of the longest number with its separator."""
        return max(map(len, self.later.values()), default=0)


class Generation:
    """The state of one call."""

    def __init__(self, runtime: TokenRuntime, cancel: threading.Event) -> None:
        """The clock runs from here."""
        self._runtime = runtime
        self._cancel = cancel
        self._started = perf_counter()
        self._first_token: float | None = None
        self._prompt = 0
        self._reused = 0
        self._generated = 0

    def stream(
        self, messages: Sequence[Message], sampling: Sampling
    ) -> Iterator[PromptRead | TextDelta | Finished]:
        """Write an answer; see :meth:`llm.chat_model.ChatModel.stream`."""
        yield from self._read(self._runtime.encode_prompt(messages), room=1)
        reason = FinishReason.CANCELLED
        if not self._cancel.is_set():
            reason = yield from self._write(sampling)
        yield self._finish(reason)

    def select(
        self, messages: Sequence[Message], count: int, at_most: int, priors: Mapping[int, float]
    ) -> Iterator[PromptRead | Selected | Finished]:
        """Choose numbers; see :meth:`llm.chat_model.ChatModel.select`. ``priors[0]`` belongs to ending."""
        numbers = self._number_tokens(count)
        room = at_most * numbers.longest + self._runtime.look_ahead_tokens
        yield from self._read(self._runtime.encode_prompt(messages), room=room)
        reason = FinishReason.CANCELLED
        if not self._cancel.is_set():
            reason = yield from self._choose(numbers, at_most, priors)
        yield self._finish(reason)

    def _read(self, tokens: Sequence[int], *, room: int) -> Iterator[PromptRead]:
        runtime = self._runtime
        if len(tokens) + room > runtime.n_ctx:
            raise ContextLengthError(len(tokens) + room, runtime.n_ctx)
        self._reused = done = runtime.rewind(tokens)
        yield PromptRead(done=done, total=len(tokens))
        while done < len(tokens) and not self._cancel.is_set():
            part = tokens[done : done + runtime.batch_tokens]
            if not runtime.advance(part, self._cancel):
                return
            done += len(part)
            self._prompt += len(part)
            yield PromptRead(done=done, total=len(tokens))

    def _write(self, sampling: Sampling) -> Generator[TextDelta, None, FinishReason]:
        text = TextStream(sampling.stop)
        reason = FinishReason.LENGTH
        room = self._runtime.n_ctx - self._prompt - self._reused
        with self._runtime.sampler(sampling) as sample:
            while self._generated < min(sampling.max_tokens, room):
                token = sample()
                self._count(1)
                if token in self._runtime.end_tokens:
                    reason = FinishReason.STOP
                    break
                if delta := text.add(self._runtime.piece(token)):
                    yield TextDelta(text=delta)
                if text.is_stopped:
                    reason = FinishReason.STOP
                    break
                if self._cancel.is_set() or not self._runtime.advance([token], self._cancel):
                    reason = FinishReason.CANCELLED
                    break
        if delta := text.finish():
            yield TextDelta(text=delta)
        return reason

    def _choose(
        self, numbers: NumberTokens, at_most: int, priors: Mapping[int, float]
    ) -> Generator[Selected, None, FinishReason]:
        paths = dict(numbers.first)
        row = log_softmax(self._runtime.logits())
        for place in range(min(at_most, len(paths))):
            tree = NumberTree(paths)
            ahead = self._runtime.look_ahead(sorted(tree.inner), self._cancel)
            if ahead is None:
                return FinishReason.CANCELLED
            rows = {path: log_softmax(logits) for path, logits in ahead.items()} | {(): row}
            scores = tree.score(rows, numbers.closers)
            scores[END] = log_sum_exp(row[list(numbers.ends)])
            choice = choose(scores, priors)
            if choice.number == END:
                self._count(1)
                return FinishReason.STOP
            path = paths.pop(choice.number)
            self._count(len(path))
            yield Selected(number=choice.number, log_probability=choice.log_probability)
            if place + 1 == at_most or not paths:
                break
            if self._cancel.is_set() or not self._runtime.advance(path, self._cancel):
                return FinishReason.CANCELLED
            row = log_softmax(self._runtime.logits())
            paths = {number: numbers.later[number] for number in paths}
        return FinishReason.LENGTH

    def _number_tokens(self, count: int) -> NumberTokens:
        numbers = range(1, count + 1)
        line_ends = {self._tokens_after("1", text)[0] for text in ("\n", "\n\n")}
        return NumberTokens(
            first={number: self._tokens_after("\n", str(number)) for number in numbers},
            later={number: self._tokens_after("1", f"{SEPARATOR}{number}") for number in numbers},
            ends=tuple(sorted(line_ends | set(self._runtime.end_tokens))),
        )

    def _tokens_after(self, before: str, text: str) -> TokenPath:
        """Return the tokens of ``text`` as the tokenizer writes it after ``before``."""
        runtime = self._runtime
        head, whole = runtime.tokenize(before), runtime.tokenize(before + text)
        tail = tuple(whole[len(head) :])
        if whole[: len(head)] != head or b"".join(map(runtime.piece, tail)) != text.encode():
            raise ModelLoadError(
                "This model's vocabulary cannot write a list of numbers; please choose another model."
            )
        return tail

    def _count(self, tokens: int) -> None:
        if self._first_token is None:
            self._first_token = perf_counter() - self._started
        self._generated += tokens

    def _finish(self, reason: FinishReason) -> Finished:
        seconds = perf_counter() - self._started
        return Finished(
            reason=reason,
            tokens=TokenCounts(prompt=self._prompt, reused=self._reused, generated=self._generated),
            seconds_to_first_token=seconds if self._first_token is None else self._first_token,
            seconds=seconds,
        )
