"""One call to a model: reading the prompt, writing text, choosing numbers; loops over a token runtime."""

import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

from llm.copying.quotable_text import QuotableText
from llm.copying.quoting import QuoteConstraint
from llm.copying.selection import (
    END,
    SEPARATOR,
    LogProbabilities,
    NumberTree,
    TokenPath,
    choose,
    log_softmax,
    log_sum_exp,
)
from llm.copying.vocabulary import Vocabulary
from llm.decoding import Logits, Writer, WritingRuntime
from llm.errors import ContextLengthError, ModelLoadError
from llm.prefix import (
    PrefixRuntime,
    Scoring,
    common_begin,
    common_length,
    score_answers,
    split_answers,
    sum_path,
)
from llm.types import (
    Finished,
    FinishReason,
    Message,
    PromptRead,
    Quotable,
    Quoted,
    Sampling,
    Scored,
    Selected,
    TextDelta,
    TokenCounts,
)


class TokenRuntime(WritingRuntime, PrefixRuntime, Protocol):
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
    def vocabulary(self) -> Vocabulary:
        """What all tokens write."""
        ...

    def encode_prompt(self, messages: Sequence[Message]) -> list[int]:
        """Return the tokens of a prompt, up to where the answer begins."""
        ...

    def encode_answered(self, messages: Sequence[Message], answers: Sequence[str]) -> list[list[int]]:
        """Return the tokens of a prompt with each answer: both as one text."""
        ...

    def rewind(self, tokens: Sequence[int]) -> int:
        """Forget what does not begin ``tokens``, or is the whole of it; return how many tokens are left."""
        ...

    def advance(self, tokens: Sequence[int], cancel: threading.Event) -> bool:
        """Evaluate the next tokens; False when cancelled, and then they count as not read."""
        ...

    def look_ahead(
        self, paths: Sequence[TokenPath], cancel: threading.Event
    ) -> dict[TokenPath, Logits] | None:
        """Return the logits after each path and each of its begins, reading none; None when cancelled."""
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

    def __init__(
        self, runtime: TokenRuntime, cancel: threading.Event, *, is_repeatable: bool = False
    ) -> None:
        """The clock runs from here. ``is_repeatable``: see :meth:`llm.chat_model.ChatModel.stream`."""
        self._runtime = runtime
        self._cancel = cancel
        self._is_repeatable = is_repeatable
        self._started = perf_counter()
        self._first_token: float | None = None
        self._prompt = 0
        self._reused = 0
        self._generated = 0

    def stream(
        self, messages: Sequence[Message], sampling: Sampling, quotable: Quotable | None = None
    ) -> Iterator[PromptRead | TextDelta | Quoted | Finished]:
        """Write an answer; see :meth:`llm.chat_model.ChatModel.stream`."""
        begun = quotable.marks.opening if quotable is not None and quotable.is_begun else ""
        (prompt,) = self._runtime.encode_answered(messages, [begun])
        yield from self._read(prompt, room=1, stops=self._find_stops(messages, prompt))
        reason = FinishReason.CANCELLED
        if not self._cancel.is_set():
            reason = yield from self._write(prompt, sampling, quotable)
        yield self._finish(reason)

    def score(
        self, prompts: Sequence[Sequence[Message]], answers: Sequence[str]
    ) -> Iterator[PromptRead | Scored | Finished]:
        """Score answers; see :meth:`llm.chat_model.ChatModel.score`."""
        runtime = self._runtime
        encoded = [runtime.encode_answered(messages, ["", *answers]) for messages in prompts]
        scorings = [split_answers(prompt, answered) for prompt, *answered in encoded]
        longest = max((len(tokens) for prompt in encoded for tokens in prompt), default=0)
        if longest + runtime.batch_tokens > runtime.n_ctx:
            raise ContextLengthError(longest + runtime.batch_tokens, runtime.n_ctx)
        stops = self._find_stops(prompts[0], scorings[0].prompt) if prompts else None
        yield from (
            self._score_one(scorings[0], stops) if len(scorings) == 1 else self._score_many(scorings, stops)
        )

    def _score_one(
        self, scoring: Scoring, stops: Sequence[int] | None
    ) -> Iterator[PromptRead | Scored | Finished]:
        """Score the answers after one prompt: its own last row is the first one that is needed."""
        yield from self._read(scoring.prompt, room=self._runtime.batch_tokens, stops=stops)
        reason = FinishReason.CANCELLED
        if not self._cancel.is_set():
            known: dict[TokenPath, LogProbabilities] = {(): log_softmax(self._runtime.logits())}
            begins = sorted({path[:length] for path in scoring.answers for length in range(1, len(path))})
            ahead = self._runtime.look_ahead(begins, self._cancel)
            if ahead is not None:
                known |= {path: log_softmax(row) for path, row in ahead.items()}
                self._count(0)
                yield Scored(
                    prompt=0, log_probabilities=tuple(sum_path(path, known) for path in scoring.answers)
                )
                reason = FinishReason.STOP
        yield self._finish(reason)

    def _score_many(
        self, scorings: Sequence[Scoring], stops: Sequence[int] | None
    ) -> Iterator[PromptRead | Scored | Finished]:
        """Score the answers after prompts that are forks of what all of them begin with."""
        common = common_length([scoring.prompt for scoring in scorings])
        if common:
            shared = scorings[0].prompt[:common]
            yield from self._read(shared, room=self._runtime.batch_tokens, stops=stops)
        else:
            self._runtime.rewind(())
        reason = FinishReason.CANCELLED
        if not self._cancel.is_set():
            tails = [scoring.prompt[common:] for scoring in scorings]
            answers = [scoring.answers for scoring in scorings]
            for prompt, scores in score_answers(self._runtime, tails, answers, self._cancel):
                self._prompt += len(tails[prompt])
                self._count(0)
                yield Scored(prompt=prompt, log_probabilities=scores)
            reason = FinishReason.CANCELLED if self._cancel.is_set() else FinishReason.STOP
        yield self._finish(reason)

    def select(
        self,
        messages: Sequence[Message],
        count: int,
        at_most: int,
        priors: Mapping[int, float],
        *,
        is_ranked: bool = False,
    ) -> Iterator[PromptRead | Selected | Finished]:
        """Choose numbers; see :meth:`llm.chat_model.ChatModel.select`. ``priors[0]`` belongs to ending."""
        numbers = self._number_tokens(count)
        written = 0 if is_ranked else at_most
        room = written * numbers.longest + self._runtime.look_ahead_tokens
        yield from self._read(self._runtime.encode_prompt(messages), room=room)
        reason = FinishReason.CANCELLED
        if not self._cancel.is_set():
            reason = yield from self._choose(numbers, at_most, priors, is_ranked)
        yield self._finish(reason)

    def _read(
        self, tokens: Sequence[int], *, room: int, stops: Sequence[int] | None = None
    ) -> Iterator[PromptRead]:
        """Read a prompt; with ``stops``, no batch goes over one, and what is reused ends at one."""
        runtime = self._runtime
        if len(tokens) + room > runtime.n_ctx:
            raise ContextLengthError(len(tokens) + room, runtime.n_ctx)
        done = runtime.rewind(tokens)
        if stops is not None:
            done = runtime.rewind(tokens[: max((stop for stop in stops if stop <= done), default=0) + 1])
        self._reused = done
        yield PromptRead(done=done, total=len(tokens))
        while done < len(tokens) and not self._cancel.is_set():
            until = min((stop for stop in stops or () if stop > done), default=len(tokens))
            part = tokens[done : min(until, done + runtime.batch_tokens)]
            if not runtime.advance(part, self._cancel):
                return
            done += len(part)
            self._prompt += len(part)
            yield PromptRead(done=done, total=len(tokens))

    def _find_stops(self, messages: Sequence[Message], prompt: Sequence[int]) -> Sequence[int] | None:
        """Count the tokens before the last message, and before what varies in it, if reading is repeatable.

        They depend on nothing but the prompt: so its batches are the same, whatever was read before.
        """
        if not self._is_repeatable or not messages:
            return None
        *others, last = messages
        begins = [
            [*others, Message(role=last.role, content=last.content[:end])] for end in (0, last.constant)
        ]
        lengths = [common_begin(prompt, self._runtime.encode_prompt(begin)) for begin in begins]
        return [min(length, len(prompt) - 1) for length in lengths]

    def _write(
        self, prompt: Sequence[int], sampling: Sampling, quotable: Quotable | None
    ) -> Generator[TextDelta | Quoted, None, FinishReason]:
        runtime = self._runtime
        quotes = None
        if quotable is not None:
            text, is_begun = QuotableText(quotable.passages), quotable.is_begun
            quotes = QuoteConstraint(text, quotable.marks, runtime.vocabulary, is_begun=is_begun)
            if is_begun:
                yield TextDelta(text=quotable.marks.opening)
        writer = Writer(runtime, prompt, quotes)
        room = runtime.n_ctx - len(prompt)
        for event in writer.write(sampling, at_most=min(sampling.max_tokens, room), cancel=self._cancel):
            self._count(0)
            yield event
        self._count(writer.generated)
        return writer.reason

    def _choose(
        self, numbers: NumberTokens, at_most: int, priors: Mapping[int, float], is_ranked: bool
    ) -> Generator[Selected, None, FinishReason]:
        paths = dict(numbers.first)
        scores = self._score_numbers(paths, numbers)
        for place in range(min(at_most, len(paths))):
            if scores is None:
                return FinishReason.CANCELLED
            choice = choose(scores, priors)
            if choice.number == END:
                self._count(1)
                return FinishReason.STOP
            path = paths.pop(choice.number)
            del scores[choice.number]
            self._count(len(path))
            yield Selected(number=choice.number, log_probability=choice.log_probability)
            if place + 1 == at_most or not paths:
                break
            if self._cancel.is_set():
                return FinishReason.CANCELLED
            if not is_ranked:
                if not self._runtime.advance(path, self._cancel):
                    return FinishReason.CANCELLED
                paths = {number: numbers.later[number] for number in paths}
                scores = self._score_numbers(paths, numbers)
        return FinishReason.LENGTH

    def _score_numbers(
        self, paths: Mapping[int, TokenPath], numbers: NumberTokens
    ) -> dict[int, float] | None:
        """Return how likely each number, and :data:`END`, is to come next; ``None`` when cancelled."""
        row = log_softmax(self._runtime.logits())
        tree = NumberTree(paths)
        ahead = self._runtime.look_ahead(sorted(tree.inner), self._cancel)
        if ahead is None:
            return None
        rows = {path: log_softmax(logits) for path, logits in ahead.items()} | {(): row}
        return tree.score(rows, numbers.closers) | {END: log_sum_exp(row[list(numbers.ends)])}

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
