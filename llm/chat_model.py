"""The protocol every local chat model keeps."""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from llm.types import (
    Finished,
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
)


class ChatModel(Protocol):
    """One local model. Calls are made from one thread at a time; ``cancel`` may be set from any thread.

    A cancelled call ends with :class:`~llm.types.Finished` (reason ``cancelled``) within a second, also while
    the prompt is read. When the model's process dies a call raises :class:`~llm.errors.ModelProcessDied`, and
    the next call loads it anew.
    """

    @property
    def name(self) -> str:
        """Name in the models folder."""
        ...

    @property
    def state(self) -> ModelState:
        """May be read from any thread."""
        ...

    def load(
        self, on_progress: Callable[[float], None] | None = None, cancel: threading.Event | None = None
    ) -> LoadedModel:
        """Bring the model into memory; at once when it is there. Progress runs from 0 to 1.

        Raises:
            ModelError: with the reason in a sentence.
        """
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text by itself, without template or special tokens."""
        ...

    def stream(
        self,
        messages: Sequence[Message],
        *,
        sampling: Sampling,
        quotable: Quotable | None = None,
        is_repeatable: bool = False,
        cancel: threading.Event,
    ) -> Iterator[PromptRead | TextDelta | Quoted | Finished]:
        """Write an answer. Ends with :class:`~llm.types.Finished`.

        With ``is_repeatable`` the prompt is read in the same batches whatever was read before, so that the
        same call gives the same logits to the last digit; only what stands before the last message is reused.

        With ``quotable``, nothing but a substring of a passage can be written between its quote marks. It
        begins and ends where a word does; a :class:`~llm.types.Quoted` follows the text that closes it.

        Raises:
            ContextLengthError: the prompt and one token do not fit the context.
            ModelError: the grammar cannot be read.
        """
        ...

    def score(
        self,
        prompts: Sequence[Sequence[Message]],
        *,
        answers: Sequence[str],
        is_repeatable: bool = False,
        cancel: threading.Event,
    ) -> Iterator[PromptRead | Scored | Finished]:
        """Say how likely each answer is after each prompt, prompt by prompt.

        Prompt and answer are split into tokens as one text. ``is_repeatable``: see :meth:`stream`.

        What all prompts begin with is read once, so put passages first and the task last. ``PromptRead``
        tells about that part only.

        Raises:
            ContextLengthError: a prompt does not fit the context.
        """
        ...

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
        """Choose at most ``at_most`` different numbers out of 1..``count``, in the model's order, or none.

        Decoding is constrained: nothing but ``3, 7, 1`` and an end can be written. ``log_prior[i - 1]`` is
        added to the log probability of number ``i`` each time it may be chosen, ``log_prior_end`` to that of
        ending. With ``is_ranked`` the model is asked once, for the first number; the others are the next
        likeliest ones then. There is something to choose: ``count`` and ``at_most`` are 1 or more.

        Raises:
            ContextLengthError: the prompt and the numbers do not fit the context.
        """
        ...

    def close(self) -> None:
        """Free the memory and end the process. The model can be loaded again."""
        ...
