"""Drafts are looked up, longest past first, and a drafter that was wrong becomes careful."""

import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm.copying.drafting import FIRST_DRAFT, KEY_TOKENS, LookupDrafter
from llm.decoding import Choose, Logits, Writer
from llm.llama_cpp_sampler import choose_best
from llm.types import FinishReason, Sampling, TextDelta

END = 0


def test_what_followed_the_same_tokens_is_proposed() -> None:
    drafter = LookupDrafter([0, 1, 2, 3, 4, 5, 6, 9, 0, 1, 2, 3], longest=31)
    assert drafter.propose(3) == [4, 5, 6]
    assert drafter.propose(31) == [4, 5, 6, 9, 0, 1, 2]


def test_the_longest_common_past_wins_and_of_equals_the_latest() -> None:
    longer = [7, 1, 2, 3, 4, 8, 1, 2, 3, 5, 7, 1, 2, 3]
    assert LookupDrafter(longer, longest=31).propose(1) == [4]
    equal = [6, 0, 1, 2, 3, 4, 8, 0, 1, 2, 3, 5, 9, 0, 1, 2, 3]
    assert LookupDrafter(equal, longest=31).propose(1) == [5]


def test_nothing_is_proposed_without_a_common_past() -> None:
    assert LookupDrafter([1, 2, 3, 4, 5], longest=31).propose(5) == []
    assert LookupDrafter([], longest=31).propose(5) == []


def test_where_equal_places_go_on_differently_the_draft_ends() -> None:
    parting = [1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 8, 9, 1, 2, 3, 4]
    assert LookupDrafter(parting, longest=31).propose(31) == [5, 6]
    at_once = [1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 6, 7, 1, 2, 3, 4]
    assert LookupDrafter(at_once, longest=31).propose(31) == [6]
    longer_past = [9, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 8, 0, 9, 1, 2, 3, 4]
    assert LookupDrafter(longer_past, longest=31).propose(31) == [5, 6, 7, 0, 1, 2, 3]


def test_right_drafts_grow_and_wrong_ones_need_a_longer_past() -> None:
    drafter = LookupDrafter([*range(60), 70, *range(4)], longest=31)
    assert len(drafter.propose(31)) == FIRST_DRAFT
    drafter.learn(3, 3)  # a short one says nothing about longer ones
    assert len(drafter.propose(31)) == FIRST_DRAFT
    drafter.learn(FIRST_DRAFT, FIRST_DRAFT)
    assert len(drafter.propose(31)) == 3 * FIRST_DRAFT + 2
    drafter.learn(3 * FIRST_DRAFT + 2, 0)
    assert len(drafter.propose(31)) == FIRST_DRAFT  # the end of a copy is no mistake
    drafter.learn(FIRST_DRAFT, 0)
    assert drafter.propose(31) == []


@given(st.lists(st.integers(0, 3), max_size=60), st.integers(1, 31))
def test_a_draft_follows_the_same_tokens_somewhere(tokens: list[int], room: int) -> None:
    draft = LookupDrafter(tokens, longest=31).propose(room)
    if draft:
        wanted = tokens[-KEY_TOKENS:] + draft
        assert any(tokens[place : place + len(wanted)] == wanted for place in range(len(tokens)))
        assert len(draft) <= room


class Copier:
    """A model without weights: it goes on with its prompt from the begin, and ends its turn with it."""

    end_tokens: Collection[int] = (END,)

    def __init__(self, prompt: Sequence[int], draft_tokens: int) -> None:
        self.draft_tokens = draft_tokens
        self.evaluations: list[int] = []
        self._answer = [*prompt, END]
        self._read = 0

    def tokenize(self, text: str) -> list[int]:
        return list(text.encode())

    def piece(self, token: int) -> bytes:
        return bytes([token])

    def logits(self) -> Logits:
        return self._row(self._read)

    def read_ahead(self, tokens: Sequence[int], _: threading.Event) -> list[Logits] | None:
        self.evaluations.append(len(tokens))
        start, self._read = self._read + 1, self._read + len(tokens)
        return [self._row(place) for place in range(start, self._read + 1)]

    def forget(self, count: int) -> None:
        self._read -= count

    @contextmanager
    def chooser(self, _: Sampling) -> Iterator[Choose]:
        yield choose_best

    def _row(self, place: int) -> Logits:
        row = np.zeros(256, dtype=np.float32)
        row[self._answer[min(place, len(self._answer) - 1)]] = 1
        return row


def copy(prompt: bytes, *, draft_tokens: int, at_most: int = 1000) -> tuple[str, Copier, Writer]:
    runtime = Copier(prompt, draft_tokens)
    writer = Writer(runtime, prompt)
    events = writer.write(Sampling(), at_most=at_most, cancel=threading.Event())
    return "".join(event.text for event in events if isinstance(event, TextDelta)), runtime, writer


TEXT = bytes(range(1, 128)) + bytes(range(1, 100))


def test_a_copy_takes_few_evaluations() -> None:
    text, runtime, writer = copy(TEXT, draft_tokens=31)
    assert text.encode() == TEXT
    assert len(runtime.evaluations) < len(TEXT) / 8
    assert writer.generated == len(TEXT) + 1
    assert writer.reason is FinishReason.STOP
    assert writer.accepted > 0.9 * len(TEXT)


def test_a_model_that_cannot_forget_gets_no_drafts() -> None:
    text, runtime, _ = copy(TEXT, draft_tokens=0)
    assert text.encode() == TEXT
    assert set(runtime.evaluations) == {1}


@pytest.mark.parametrize("at_most", [1, 2, 10, 40])
def test_no_more_tokens_are_written_than_wanted(at_most: int) -> None:
    text, _, writer = copy(TEXT, draft_tokens=31, at_most=at_most)
    assert text.encode() == TEXT[:at_most]
    assert writer.generated == at_most
    assert writer.reason is FinishReason.LENGTH
