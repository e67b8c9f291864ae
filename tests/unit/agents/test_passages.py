"""Which sentences of the hits the model may choose, and how it sees them."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.passages import breaks_off, number_sentences, render_passages
from rag.chunking.sentences import split_sentences
from rag.types import Chunk, ChunkId, Document, DocumentId, DocumentStatus, SearchHit, Span


def make_hit(text: str, *, identifier: str = "c1") -> SearchHit:
    """Make a hit whose chunk is a whole page of this text."""
    document = Document(
        id=DocumentId("d1"),
        file="a.pdf",
        title="Handbook",
        sha256="0" * 64,
        size=1,
        pages=1,
        chunks=1,
        filtered=0,
        status=DocumentStatus.READY,
        added=datetime.now(UTC),
        media_type="application/pdf",
        original=Path("a.pdf"),
    )
    chunk = Chunk(
        id=ChunkId(identifier),
        document=document.id,
        ordinal=0,
        text=text,
        spans=(Span(page_index=0, start=0, end=len(text)),),
        heading_path=("Dialysis",),
        sentences=tuple(split_sentences(text)),
    )
    return SearchHit(chunk=chunk, document=document, page=1, score=1.0, similarity=1.0, bm25=1.0)


def test_captions_and_announcements_are_no_candidates() -> None:
    hit = make_hit(
        "Table 7. Doses of selected drugs.\n"
        "Reasons to start are:\n"
        "Table 7 shows no dose of examplomycin. Uraemic pericarditis is a reason."
    )
    candidates = number_sentences([hit])
    texts = [candidate.text for candidate in candidates]
    assert "Uraemic pericarditis is a reason." in texts
    assert "Table 7 shows no dose of examplomycin." in texts
    assert not any("Doses of selected" in text or text.endswith(":") for text in texts)
    assert [candidate.number for candidate in candidates] == [1, 2]


def test_numbers_run_through_all_passages_and_each_is_named_once() -> None:
    first, second = make_hit("One is here. Two is here."), make_hit("Three is here.", identifier="c2")
    shown = render_passages(number_sentences([first, second]))
    assert shown == (
        "[A] Handbook > Dialysis\n1. One is here.\n2. Two is here.\n\n"
        "[B] Handbook > Dialysis\n3. Three is here."
    )


def test_half_a_sentence_at_the_border_of_a_chunk_is_no_candidate() -> None:
    first = make_hit("Dialysis is started late. It must not be delayed in", identifier="c1")
    second = make_hit("pericarditis or pleuritis. Uraemia is another reason.", identifier="c2")
    after = replace(second.chunk, ordinal=1)
    torn = [
        replace(first, neighbours=(after,)),
        replace(second, chunk=after, neighbours=(first.chunk,)),
    ]
    texts = [candidate.text for candidate in number_sentences(torn)]
    assert texts == ["Dialysis is started late.", "Uraemia is another reason."]


@pytest.mark.parametrize(
    ("text", "following"),
    [
        ("It must not be delayed.", "pericarditis is a reason"),
        ("Reasons to start", "Pericarditis is one."),
        ("drug A\t5 mg", "drug B\t7 mg"),
        ("It is not delayed in", "drug\tdose"),
    ],
)
def test_whole_sentences_headings_and_rows_break_off_nowhere(text: str, following: str) -> None:
    assert not breaks_off(text, following)
