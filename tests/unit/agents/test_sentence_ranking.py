"""Which sentences are likely to answer, how many are taken, and in which order."""

import math
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.passages import Candidate, number_sentences
from agents.sentence_ranking import (
    RECALL,
    count_sentences,
    is_asking,
    is_finding,
    order_for_reading,
    score_sentences,
)
from rag.chunking.sentences import split_sentences
from rag.types import Chunk, ChunkId, Document, DocumentId, DocumentStatus, SearchHit, Span

log_odds = st.lists(st.floats(-20, 20) | st.just(-math.inf), max_size=30)


def make_candidates(*texts: str) -> tuple[Candidate, ...]:
    return number_sentences([make_hit(f"c{number}", text) for number, text in enumerate(texts)])


def make_hit(name: str, text: str) -> SearchHit:
    document = Document(
        id=DocumentId(f"d-{name}"),
        file="file.md",
        title="Title",
        sha256="0",
        size=1,
        pages=None,
        chunks=1,
        filtered=0,
        status=DocumentStatus.READY,
        added=datetime.fromtimestamp(0, UTC),
        media_type="text/markdown",
        original=Path("file.md"),
    )
    chunk = Chunk(
        id=ChunkId(name),
        document=document.id,
        ordinal=0,
        text=text,
        spans=(Span(page_index=0, start=0, end=len(text)),),
        sentences=tuple(split_sentences(text)),
    )
    return SearchHit(chunk=chunk, document=document, page=None, score=1.0, similarity=1.0, bm25=1.0)


def test_meaning_words_and_passage_all_raise_a_sentence() -> None:
    candidates = make_candidates("One is so. Two is so.", "Three is so.")
    shares = {ChunkId("c0"): 1.0, ChunkId("c1"): 0.5}

    def scores(similarities: tuple[float, ...], words: tuple[float, ...]) -> list[float]:
        return score_sentences(candidates, similarities=similarities, words=words, shares=shares)

    first, second, third = scores((0.5, 0.5, 0.5), (1.0, 1.0, 1.0))
    assert first == second > third
    assert scores((0.6, 0.5, 0.5), (1.0, 1.0, 1.0))[0] > first
    assert scores((0.5, 0.5, 0.5), (2.0, 1.0, 1.0))[0] == pytest.approx(first)  # shares of the best
    assert scores((0.5, 0.5, 0.5), (2.0, 1.0, 1.0))[1] < second


def test_no_word_in_common_is_no_error() -> None:
    candidates = make_candidates("One is so.")
    (score,) = score_sentences(candidates, similarities=[0.5], words=[0.0], shares={})
    assert math.isfinite(score)
    assert score_sentences((), similarities=(), words=(), shares={}) == []


def test_a_finding_is_likelier_than_the_aim_that_repeats_the_question() -> None:
    candidates = make_candidates(
        "The aim of this study was to determine whether early dialysis lowers mortality. "
        "Our results suggest that early dialysis does not lower mortality."
    )
    aim, finding = score_sentences(candidates, similarities=[0.8, 0.7], words=[5.0, 4.0], shares={})
    assert finding > aim


@pytest.mark.parametrize(
    "sentence",
    [
        "To investigate the effect of dialysis on survival.",
        "OBJECTIVES: To compare two doses.",
        "We retrospectively reviewed 500 records.",
        "Blood samples were collected daily.",
        "It is unclear whether fluids help.",
        "Does it work?",
    ],
)
def test_asking(sentence: str) -> None:
    assert is_asking(sentence)
    assert not is_finding(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Calcium should be given first.",
        "These data support early treatment.",
        "Dialysis is urgently indicated in refractory hyperkalaemia.",
        "Dexmedetomidine may cause bradycardia.",
        "We found no difference in mortality.",
    ],
)
def test_finding(sentence: str) -> None:
    assert is_finding(sentence)
    assert not is_asking(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Give 10 mL of calcium gluconate.",
        "Vasopressor support was stopped.",
        "Severe hyperkalaemia is above 6.5 mmol/L.",
        "重度高钾血症",
    ],
)
def test_a_plain_statement_is_neither(sentence: str) -> None:
    assert not is_asking(sentence)
    assert not is_finding(sentence)


def test_one_clear_sentence_stands_alone_and_equally_good_ones_do_not() -> None:
    assert count_sentences([5.0, -5.0, -6.0, -5.5], at_most=4) == 1
    assert count_sentences([2.0] * 6, at_most=4) == 4
    assert count_sentences([3.0, 3.0, -6.0], at_most=4) == 2


def test_where_none_can_answer_none_is_taken() -> None:
    assert count_sentences([], at_most=4) == 0
    assert count_sentences([-math.inf, -math.inf], at_most=4) == 0


@given(log_odds, st.integers(1, 6))
def test_no_other_count_is_expected_to_be_better(values: list[float], at_most: int) -> None:
    count = count_sentences(values, at_most=at_most)
    p = sorted((1 / (1 + math.exp(-value)) if value > -700 else 0.0 for value in values), reverse=True)

    def expected(k: int) -> float:
        return (1 + RECALL**2) * sum(p[:k]) / (k + RECALL**2 * sum(p))

    assert 0 <= count <= min(at_most, sum(value > -math.inf for value in values))
    for other in range(1, min(at_most, len(p)) + 1 if count else 1):
        assert expected(count) >= expected(other) - 1e-12


def test_the_best_comes_first_then_each_passage_in_its_order() -> None:
    first, second, third, fourth, fifth = make_candidates("A is. B is. C is.", "D is. E is.")
    assert order_for_reading([third, fifth, first, fourth]) == (third, first, fourth, fifth)
    assert order_for_reading([second]) == (second,)
    assert order_for_reading([]) == ()
