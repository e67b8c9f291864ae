"""Answers as rich and plain text: nothing in them is taken for markup, every citation has its number."""

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QTextDocument

from agents.answer import Answer, AnswerSentence, AnswerStatus, Arm, Citation, Method
from app.desktop.answer_text import flatten, number_sources, render_plain, render_sentences, render_text
from app.desktop.marked_text import split_marked
from app.desktop.theme import read_tokens

TOKENS = read_tokens()["light"] | {"font_small": "9pt"}
HOSTILE = (
    '<img src="http://example.invalid/x.png"><script>alert(1)</script><a href="file:///etc">&lt;b&gt;</a>'
)


def cite(quote: str, *, page: int | None = 3, start: int = 0, title: str = "Guide") -> Citation:
    """Make a citation."""
    return Citation(
        document="d" * 16,
        file="guide.pdf",
        title=title,
        page=page,
        start=start,
        end=start + len(quote),
        quote=quote,
        verbatim=True,
    )


def make_sentence(text: str, *citations: Citation) -> AnswerSentence:
    """Make a sentence with its citations."""
    return AnswerSentence(text=text, citations=citations)


def make_answer(
    *sentences: AnswerSentence, status: AnswerStatus = AnswerStatus.ANSWERED, arm: Arm = Arm.RAG
) -> Answer:
    """Make an answer."""
    return Answer(
        question="?",
        answer=" ".join(sentence.text for sentence in sentences),
        status=status,
        sentences=sentences,
        arm=arm,
        method=Method.CP_ORDER,
        model="m",
    )


def test_hostile_text_stays_text() -> None:
    document = QTextDocument()
    document.setHtml(render_sentences([AnswerSentence(text=HOSTILE, citations=(cite(HOSTILE),))], TOKENS))
    shown = document.toPlainText()
    assert HOSTILE in shown.replace("\u00a0", " ")
    assert anchors(document) == ["source:1"]
    document.setHtml(render_text(HOSTILE))
    assert document.toPlainText() == HOSTILE
    assert anchors(document) == []


@given(st.text())
def test_any_text_is_shown_as_it_is(text: str) -> None:
    document = QTextDocument()
    document.setHtml(render_text(text))
    assert document.toPlainText().split() == QTextDocument("\n".join(text.splitlines())).toPlainText().split()


def test_the_same_place_keeps_its_number() -> None:
    first, second = cite("A."), cite("B.", start=10)
    sentences = [
        AnswerSentence(text="A.", citations=(first,)),
        AnswerSentence(text="B.", citations=(second,)),
        AnswerSentence(text="A.", citations=(first,)),
    ]
    assert number_sources(sentences) == {first: 1, second: 2}
    document = QTextDocument()
    document.setHtml(render_sentences(sentences, TOKENS))
    assert anchors(document) == ["source:1", "source:2", "source:1"]


def test_the_clipboard_gets_text_and_sources() -> None:
    answer = make_answer(
        AnswerSentence(text="A\nquote.", citations=(cite("A\nquote."),)),
        AnswerSentence(text="B.", citations=(cite("B.", page=None, start=40),)),
        status=AnswerStatus.PARTIAL,
    )
    assert render_plain(answer) == (
        "A quote. [1] B. [2]\n(Stopped before it was complete.)\n\nSources\n"
        "[1] Guide, page 3 (guide.pdf): “A quote.”\n[2] Guide (guide.pdf): “B.”"
    )


def test_an_answer_without_the_library_says_so_on_the_clipboard() -> None:
    answer = make_answer(AnswerSentence(text="Guess."), arm=Arm.CLOSED)
    assert render_plain(answer).startswith("Not from the library")


@given(st.text(alphabet="ab\t\n \u3000<"), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9))))
def test_marks_change_nothing_in_the_text(text: str, spans: list[tuple[int, int]]) -> None:
    parts = split_marked(text, spans)
    assert "".join(part.text for part in parts) == flatten(text)
    covered = {character for start, end in spans for character in text[start:end]}
    assert {c for part in parts if part.marks for c in part.text if c in "ab<"} <= covered


def test_columns_stay_apart() -> None:
    assert flatten("Stage\tUrine  output\n below") == "Stage\u2003Urine output below"


def anchors(document: QTextDocument) -> list[str]:
    """List the links of a document in their order."""
    found = []
    block = document.begin()
    while block.isValid():
        iterator = block.begin()
        while not iterator.atEnd():
            href = iterator.fragment().charFormat().anchorHref()
            if href:
                found.append(href)
            iterator += 1
        block = block.next()
    return found
