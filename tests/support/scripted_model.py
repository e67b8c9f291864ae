"""A chat model that plays what a test has written for it. For graph and desktop tests only."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from llm.errors import ContextLengthError, ModelError
from llm.queue import Priority
from llm.types import (
    Finished,
    FinishReason,
    FlashAttention,
    KvCacheType,
    LoadedModel,
    Message,
    ModelState,
    PromptRead,
    Quotable,
    Quoted,
    Sampling,
    Scored,
    Selected,
    TextDelta,
    TokenCounts,
)

Script = TypeVar("Script")


@dataclass(kw_only=True)
class ScriptedModel:
    """Keeps :class:`~llm.chat_model.ChatModel`. A token is a word; each call takes the next script."""

    texts: list[str] = field(default_factory=list)
    """What the next calls of :meth:`stream` write; the last one is repeated."""
    selections: list[Sequence[int]] = field(default_factory=list)
    """What the next calls of :meth:`select` choose; the last is repeated. Unknown numbers are left out."""
    scores: list[Sequence[Sequence[float]]] = field(default_factory=list)
    """What the next calls of :meth:`score` give; the last is repeated."""
    error: ModelError | None = None
    """Raised by the next call instead of playing, once."""
    n_ctx: int = 4096
    n_params: int = 2_000_000_000
    name: str = "scripted"
    state: ModelState = ModelState.UNLOADED
    prompts: list[tuple[Message, ...]] = field(default_factory=list)
    """What the model was asked, call by call."""
    log_priors: list[tuple[float, ...]] = field(default_factory=list)
    """The priors of the calls of :meth:`select`."""
    after_score: Callable[[int], object] | None = None
    """Called after each call of :meth:`score` with their number so far."""
    scored_answers: list[tuple[str, ...]] = field(default_factory=list)
    """The answers that the calls of :meth:`score` asked for."""

    def load(
        self, on_progress: Callable[[float], None] | None = None, cancel: threading.Event | None = None
    ) -> LoadedModel:
        """Become ready at once."""
        self._fail_once()
        if self.state is not ModelState.READY and on_progress is not None:
            on_progress(1.0)
        self.state = ModelState.READY
        return LoadedModel(
            name=self.name,
            n_ctx=self.n_ctx,
            n_ctx_train=self.n_ctx,
            n_vocab=1000,
            n_params=self.n_params,
            has_chat_template=True,
            n_gpu_layers=0,
            n_threads=1,
            kv_cache=KvCacheType.F16,
            flash_attention=FlashAttention.AUTO,
            memory=0,
            buffers=0,
            seconds=0.0,
        )

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count words."""
        return [len(text.split()) for text in texts]

    def stream(
        self,
        messages: Sequence[Message],
        *,
        sampling: Sampling,
        quotable: Quotable | None = None,
        is_repeatable: bool = False,
        cancel: threading.Event,
    ) -> Iterator[PromptRead | TextDelta | Quoted | Finished]:
        """Write the next text word by word; quotes in it are reported where they are closed."""
        tokens = self._read(messages)
        yield PromptRead(done=tokens, total=tokens)
        words = _next(self.texts, "").split(" ")
        reason, written = FinishReason.STOP, 0
        for place, word in enumerate(words):
            if cancel.is_set() or place == sampling.max_tokens:
                reason = FinishReason.CANCELLED if cancel.is_set() else FinishReason.LENGTH
                break
            written += 1
            yield TextDelta(text=word if place == 0 else f" {word}")
            if quotable is not None and quotable.marks.closing in word:
                yield from _find_quote(" ".join(words[: place + 1]), quotable)
        yield _finish(reason, tokens, written)

    def score(
        self,
        prompts: Sequence[Sequence[Message]],
        *,
        answers: Sequence[str],
        is_repeatable: bool = False,
        cancel: threading.Event,
    ) -> Iterator[PromptRead | Scored | Finished]:
        """Give the next scores, one row for each prompt."""
        self.scored_answers.append(tuple(answers))
        tokens = sum(self._read(messages) for messages in prompts)
        yield PromptRead(done=tokens, total=tokens)
        for number, row in enumerate(_next(self.scores, ())[: len(prompts)]):
            yield Scored(prompt=number, log_probabilities=tuple(row[: len(answers)]))
        if self.after_score is not None:
            self.after_score(len(self.scored_answers))
        yield _finish(FinishReason.CANCELLED if cancel.is_set() else FinishReason.STOP, tokens, 0)

    def select(
        self,
        messages: Sequence[Message],
        *,
        count: int,
        at_most: int,
        log_prior: Sequence[float] = (),
        log_prior_end: float = 0.0,
        is_ranked: bool = False,
        cancel: threading.Event,
    ) -> Iterator[PromptRead | Selected | Finished]:
        """Choose the next numbers."""
        assert count >= 1
        assert at_most >= 1
        self.log_priors.append(tuple(log_prior))
        tokens = self._read(messages)
        yield PromptRead(done=tokens, total=tokens)
        numbers = [number for number in _next(self.selections, ()) if 1 <= number <= count][:at_most]
        reason, written = FinishReason.STOP, 0
        for number in numbers:
            if cancel.is_set():
                reason = FinishReason.CANCELLED
                break
            written += 1
            yield Selected(number=number, log_probability=-0.1)
        yield _finish(reason, tokens, written)

    def with_priority(self, _: Priority) -> "ScriptedModel":
        """Play the same script for every kind of user."""
        return self

    def close(self) -> None:
        """Forget that it was loaded."""
        self.state = ModelState.UNLOADED

    def _read(self, messages: Sequence[Message]) -> int:
        self.load()
        self.prompts.append(tuple(messages))
        tokens = sum(self.count_tokens([message.content for message in messages]))
        if tokens >= self.n_ctx:
            raise ContextLengthError(tokens + 1, self.n_ctx)
        return tokens

    def _fail_once(self) -> None:
        error, self.error = self.error, None
        if error is not None:
            raise error


def _next(scripts: list[Script], default: Script) -> Script:
    if not scripts:
        return default
    return scripts.pop(0) if len(scripts) > 1 else scripts[0]


def _find_quote(written: str, quotable: Quotable) -> Iterator[Quoted]:
    words = written.rpartition(quotable.marks.opening)[2].partition(quotable.marks.closing)[0]
    for number, passage in enumerate(quotable.passages):
        if words in passage:
            start = passage.index(words)
            yield Quoted(passage=number, start=start, end=start + len(words))
            return


def _finish(reason: FinishReason, prompt: int, generated: int) -> Finished:
    tokens = TokenCounts(prompt=prompt, generated=generated)
    return Finished(reason=reason, tokens=tokens, seconds_to_first_token=0.0, seconds=0.0)
