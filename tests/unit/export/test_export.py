"""A conversation as Markdown, Word and PDF: all of it, word for word, and nothing acts as markup."""

import io
import multiprocessing
import resource
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docx
import pymupdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from agents.answer import (
    Answer,
    AnswerSentence,
    AnswerStatus,
    Arm,
    Citation,
    Conflict,
    Flag,
    FlagKind,
    Method,
    NearestSource,
    flags_of_whole,
)
from agents.errors import ExportError
from agents.export import content
from agents.export.content import ExportedConversation, gather
from agents.export.files import write_whole
from agents.export.formats import ExportFormat, format_of
from agents.export.markdown import escape, render_markdown
from agents.export.rendering import render
from agents.turns import Conversation, ConversationId, Turn, TurnId
from rag.types import DocumentId

NOW = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
HOSTILE = "<b>bold</b> & [link](http://evil.example) ![x](y) `code` *stars* _under_ | a | www.evil.example #1"
CHINESE, GREEK = "急性肾损伤怎么治疗？", "Give β-blockers at 0.5 μg/kg; TNFα ≥ 3 Ω."


def cite(
    quote: str,
    *,
    title: str = "Potassium",
    page: int | None = 3,
    document: str = "d1",
    year: int | None = None,
) -> Citation:
    return Citation(
        document=document,
        file="k.pdf",
        title=title,
        page=page,
        start=0,
        end=len(quote),
        quote=quote,
        verbatim=True,
        year=year,
    )


def make_turn(number: int, question: str, *sentences: AnswerSentence, **fields: object) -> Turn:
    answer = Answer(
        question=question,
        answer=" ".join(sentence.text for sentence in sentences),
        status=AnswerStatus.ANSWERED,
        sentences=sentences,
        arm=Arm.RAG,
        method=Method.CP_ORDER,
        model="smollm2-135m",
        flags=flags_of_whole(sentences),
    ).model_copy(update=fields)
    turn = TurnId(number)
    return Turn(id=turn, parent=None, siblings=(turn,), asked=NOW, answer=answer)


def quoted(text: str, *flags: Flag, **place: Any) -> AnswerSentence:
    return AnswerSentence(text=text, flags=flags, citations=(cite(text, **place),))


FLAG = Flag(kind=FlagKind.UNSUPPORTED, start=0, end=6, text="Table.")
TURNS = (
    make_turn(
        1,
        f"{CHINESE}\nAnd in\tadults?",
        quoted(GREEK),
        quoted("Table.\tA row\twith cells", FLAG, title="指南", page=None, document="d2", year=2024),
        conflicts=(Conflict(first=1, second=0, reason="250 mg against 500 mg"),),
        standalone="What is it, in adults?",
    ),
    make_turn(2, HOSTILE, quoted(HOSTILE, title=HOSTILE)),
    make_turn(
        3,
        "What is the capital?",
        answer="The library does not seem to hold the answer to this question.",
        status=AnswerStatus.ABSTAINED,
        nearest=(
            NearestSource(
                document="d1", file="k.pdf", title="Nearest", page=7, start=0, end=1, similarity=0.3
            ),
        ),
    ),
    make_turn(4, "And from memory?", AnswerSentence(text="From memory."), arm=Arm.CLOSED, method=Method.BASE),
    make_turn(5, "Stopped?", quoted("Half a"), status=AnswerStatus.PARTIAL),
    make_turn(
        6,
        "What is gone?",
        AnswerSentence(
            text="[removed from the library: Old, page 1]",
            citations=(cite("", title="Old", page=1, document="d9").model_copy(update={"verbatim": False}),),
        ),
    ),
)
EXPECTED = (
    "1. 急性肾损伤怎么治疗？ And in adults?",
    GREEK,
    "Potassium (2019), page 3, k.pdf",
    "unsupported: “Table.”",
    HOSTILE,
    "The library does not seem to hold the answer to this question.",
    "Nearest (2019), page 7, k.pdf",
    content.NEAREST,
    content.NOT_FROM_LIBRARY,
    content.INCOMPLETE,
    "sentences 2 and 1: 250 mg against 500 mg",
    "understood as “What is it, in adults?”",
    "指南 (2024), k.pdf",
    content.NOTE,
    "model smollm2-135m, method cp-order",
    f"{NOW.astimezone():%Y-%m-%d %H:%M}",
    "[removed from the library: Old, page 1] [1]",
    f"Old, page 1, k.pdf ({content.REMOVED})",
)


@pytest.fixture(scope="module")
def conversation() -> ExportedConversation:
    """One of everything."""
    listed = Conversation(id=ConversationId("c"), title=f"On {CHINESE}", changed=NOW)
    return gather(listed, TURNS, year_of=lambda document: 2019 if document == DocumentId("d1") else None)


def plain(text: str) -> str:
    """Without the way lines are broken."""
    return "".join(text.split())


def shown(tokens: Sequence[Token]) -> Iterator[str]:
    """What a reader sees of Markdown."""
    for token in tokens:
        if token.type == "ordered_list_open":
            continue
        if token.children:
            yield "".join("\n" if each.type == "softbreak" else each.content for each in token.children)
        elif token.content:
            yield token.content


def test_markdown_holds_everything_as_it_was_written(conversation: ExportedConversation) -> None:
    text = plain("\n".join(shown(MarkdownIt().parse(render_markdown(conversation)))))
    for expected in EXPECTED:
        assert plain(expected) in text, expected


def test_markdown_has_no_markup_but_ours(conversation: ExportedConversation) -> None:
    parser = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")
    tokens = parser.parse(render_markdown(conversation))
    kinds = {each.type for token in tokens for each in (token, *(token.children or ()))}
    assert kinds <= {
        *(
            "inline",
            "text",
            "text_special",
            "softbreak",
            "em_open",
            "em_close",
            "strong_open",
            "strong_close",
        ),
        *(f"{kind}_{side}" for kind in ("heading", "paragraph", "blockquote") for side in ("open", "close")),
        *(
            f"{kind}_{side}"
            for kind in ("list_item", "ordered_list", "bullet_list")
            for side in ("open", "close")
        ),
    }
    headings = [token.tag for token in tokens if token.type == "heading_open"]
    assert headings == ["h1"] + ["h2"] * len(TURNS)
    quotes = [token for token in tokens if token.type == "blockquote_open"]
    assert len(quotes) == 4


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029")))
def test_escaped_text_is_shown_as_it_is(text: str) -> None:
    line = " ".join(text.split())
    parser = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")
    (inline,) = [token for token in parser.parse(f"x\n\n{escape(line)}") if token.type == "inline"][1:] or [
        None
    ]
    if inline is None:
        assert not line
    else:
        assert "".join(each.content for each in inline.children or ()) == line


def test_word_holds_everything_in_words_own_styles(conversation: ExportedConversation) -> None:
    document = docx.Document(io.BytesIO(render(conversation, ExportFormat.DOCX)))
    text = plain("\n".join(paragraph.text for paragraph in document.paragraphs))
    for expected in EXPECTED:
        assert plain(expected) in text, expected
    headings = [p.text for p in document.paragraphs if p.style is not None and p.style.name == "Heading 2"]
    assert headings == [f"{n}. {turn.question}" for n, turn in enumerate(conversation.turns, 1)]
    quotes = [p.text for p in document.paragraphs if p.style is not None and p.style.name == "Intense Quote"]
    assert quotes == [GREEK, "Table.\u2003A row\u2003with cells", HOSTILE, "Half a"]


def test_pdf_holds_everything_in_all_scripts(conversation: ExportedConversation) -> None:
    pdf = pymupdf.open("pdf", render(conversation, ExportFormat.PDF))
    text = plain("\n".join(page.get_text() for page in pdf))
    for expected in EXPECTED:
        assert plain(expected) in text, expected
    assert pdf.metadata["title"] == f"On {CHINESE}"
    assert f"1 / {pdf.page_count}" in pdf[0].get_text()
    assert [link for page in pdf for link in page.get_links()] == []
    assert len(pdf.tobytes()) < 500_000
    pdf.close()


def test_a_long_conversation_takes_many_pages(conversation: ExportedConversation) -> None:
    long = replace(conversation, turns=conversation.turns * 20)
    pdf = pymupdf.open("pdf", render(long, ExportFormat.PDF))
    assert pdf.page_count > 10
    assert f"{pdf.page_count} / {pdf.page_count}" in pdf[-1].get_text()
    assert f"{20 * len(TURNS)}. What is gone?" in "\n".join(page.get_text() for page in pdf)
    pdf.close()


@pytest.mark.parametrize("kind", list(ExportFormat))
def test_texts_that_no_file_can_hold_are_cleaned(kind: ExportFormat) -> None:
    odd = "A\x00B\x08C\ud800D\ufffeE\x0bF"
    listed = Conversation(id=ConversationId("c"), title=odd, changed=NOW)
    exported = gather(listed, [make_turn(1, odd, quoted(odd, title=odd))], year_of=lambda _: None)
    assert exported.title == "ABCDE F"
    assert render(exported, kind)


def test_no_process_is_left(conversation: ExportedConversation) -> None:
    render(conversation, ExportFormat.DOCX)
    assert multiprocessing.active_children() == []


# ---- the file


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.md", "markdown"), ("a.MARKDOWN", "markdown"), ("a.PDF", "pdf"), ("a.b.docx", "docx"), ("pdf", None)],
)
def test_the_format_is_told_by_the_name(name: str, kind: str | None) -> None:
    assert format_of(Path(name)) == kind


def test_a_file_is_replaced_when_the_new_one_is_whole(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"old")
    write_whole(tmp_path / "a.md", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]
    assert (tmp_path / "a.md").read_bytes() == b"new"


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(ExportError, match="disk is full"):
            write_whole(tmp_path / "a.md", b"new" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]
    assert (tmp_path / "a.md").read_bytes() == b"old"


def test_what_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder.md").mkdir()
    for path, sentence in (
        (tmp_path / "none" / "a.md", "is not there"),
        (tmp_path / "file" / "a.md", "is not there"),
        (tmp_path / "folder.md", "is a folder"),
        (Path("/proc/sys/a.md"), "choose another one"),
    ):
        with pytest.raises(ExportError, match=sentence):
            write_whole(path, b"x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.md"]
