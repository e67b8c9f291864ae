"""Why an answer has these sources: the trace as a reader sees it, and each passage opens where it stands."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from agents.answer import Answer, AnswerStatus, Arm, Method
from agents.events import DocumentRead, SentenceAdded, StepFinished, StepStarted, TextAdded
from agents.redaction import redact_answer
from app.desktop import examining
from app.desktop.reasons import Passage, find_reasons
from app.desktop.step_wording import describe_outcome, describe_search
from app.desktop.theme import Theme
from app.desktop.views.turn_view import TurnView
from app.desktop.views.why_view import WhyView
from rag.types import DocumentId
from tests.desktop.conftest import Window
from tests.desktop.gestures import ask
from tests.desktop.test_answer_text import cite, make_sentence

QUESTION = "In which people should albuminuria be measured, diabetes or hypertension?"


def hit(name: str, page: int = 1) -> dict[str, object]:
    """Make a row of a found passage."""
    return {
        "chunk": name,
        "document": "d" * 16,
        "title": f"Guide {name}",
        "page": page,
        "year": 2024,
        "similarity": 0.7,
    }


TRACE: tuple[dict[str, object], ...] = (
    {
        "step": "retrieval",
        "queries": [{"query": "Which target with albuminuria?", "found": ["a", "b", "gone"]}],
        "hits": [hit("a"), hit("b", 2)],
    },
    {
        "step": "relevance_judgement",
        "asked": True,
        "grades": [
            {**hit("a"), "grade": 2.5, "relevance": 0.9, "is_kept": True},
            {**hit("b", 2), "grade": 0.25, "relevance": 0.1, "is_kept": False},
        ],
        "left_out": [],
    },
    {
        "step": "sufficiency",
        "sufficiency": 0.41,
        "threshold": 0.6,
        "is_sufficient": False,
        "open_parts": ["first", "second"],
    },
    {"step": "divergent_thinking", "sub_questions": ["What do trials say?"]},
    {
        "step": "retrieval",
        "queries": [{"query": "What do trials say?", "found": ["c", "e", "a"]}],
        "hits": [hit("c", 3), hit("e", 5)],
    },
    {
        "step": "relevance_judgement",
        "asked": True,
        "grades": [{**hit("c", 3), "grade": 1.5, "relevance": 0.5, "is_kept": True}],
        "left_out": [hit("e", 5)],
    },
    {
        "step": "sufficiency",
        "sufficiency": 0.83,
        "threshold": 0.6,
        "is_sufficient": True,
        "open_parts": ["and in pregnancy?"],
    },
    {"step": "select", "left_out": [hit("c", 3)]},
    {"step": "verify", "verified": 2, "dropped": 1},
    {"step": "check", "flags": {"number": 2}, "dropped": ["number", "number"]},
)


def make_answer(trace: tuple[dict[str, object], ...] = TRACE, **changes: object) -> Answer:
    """Make an answer with a trace."""
    fields: dict[str, object] = {
        "question": "And with albuminuria?",
        "standalone": "Which target with albuminuria?",
        "answer": "A.",
        "status": AnswerStatus.ANSWERED,
        "sentences": (make_sentence("A.", cite("A.")),),
        "trace": trace,
        "arm": Arm.ADDREP,
        "method": Method.CP_ORDER,
        "model": "m",
    }
    return Answer.model_validate(fields | changes)


def test_searches_have_their_queries_passages_and_verdicts() -> None:
    reasons = find_reasons(make_answer())
    assert reasons.standalone == "Which target with albuminuria?"
    first, second = reasons.searches
    assert [(p.chunk, p.page, p.grade, p.is_kept) for p in first.queries[0].passages] == [
        ("a", 1, 2.5, True),
        ("b", 2, 0.25, False),
    ]
    assert first.queries[0].repeated == 1
    assert [passage.chunk for passage in second.queries[0].passages] == ["c", "e", "a"]
    assert [search.verdict.is_sufficient for search in reasons.searches if search.verdict] == [False, True]
    assert [passage.chunk for passage in reasons.passages] == ["a", "b", "c", "e"]
    assert (reasons.unverified, reasons.dropped) == (1, ("number", "number"))
    assert [passage.chunk for passage in reasons.left_out] == ["e", "c"]


def test_what_was_left_out_once_and_read_later_was_not_left_out() -> None:
    late = {"step": "relevance_judgement", "grades": [{**hit("e", 5), "grade": 1.0}], "left_out": []}
    assert [p.chunk for p in find_reasons(make_answer((*TRACE[:6], late))).left_out] == []


READ = (
    {
        "step": "retrieval",
        "queries": [{"query": "Which target?", "found": ["a", "b"]}],
        "hits": [hit("a"), hit("b", 2)],
    },
    {
        "step": "select",
        "read": ["a"],
        "left_out": [
            {**hit("a"), "sentences": [1, 4], "of": 4},
            {**hit("b", 2), "sentences": [1, 2], "of": 2},
        ],
    },
)


def test_what_was_read_in_part_is_told_apart_from_what_was_not_read() -> None:
    reasons = find_reasons(make_answer(READ))
    assert [(p.chunk, p.unread, p.sentences) for p in reasons.read_in_part] == [("a", (1, 4), 4)]
    assert [(p.chunk, p.unread) for p in reasons.left_out] == [("b", (1, 2))]
    later = {"step": "select", "read": ["a", "b"], "left_out": []}
    assert find_reasons(make_answer((*READ, later))).left_out == ()


def test_an_answer_whose_trace_says_nothing_has_no_reasons() -> None:
    for trace in ((), ({"step": "retrieval", "hits": 3}, {"step": "verify"}, {"step": "sufficiency"})):
        reasons = find_reasons(make_answer(trace, standalone=""))
        assert (reasons.searches, reasons.passages, reasons.left_out, reasons.standalone) == ((), (), (), "")


def test_passages_of_a_removed_document_are_counted_and_not_taken_for_repetitions() -> None:
    other = {**hit("b", 2), "document": "e" * 16}
    answer = make_answer(({**TRACE[0], "hits": [hit("a"), other]},))
    (search,) = find_reasons(redact_answer(answer, DocumentId("d" * 16))).searches
    assert search.removed == 1
    assert [passage.chunk for passage in search.queries[0].passages] == ["b"]
    assert search.queries[0].repeated == 0


def test_the_view_tells_all_of_it(qtbot, theme: Theme) -> None:
    answer = make_answer()
    view = WhyView(answer, find_reasons(answer), theme)
    qtbot.addWidget(view)
    qtbot.waitUntil(lambda: view.is_complete)
    said = "\n".join(label.text() for label in view.findChildren(QLabel))
    for part in (
        "Understood as, and searched for",
        "Searched again, from other angles",
        "What do trials say?",
        "Guide a (2024), page 1",
        "grade 2.5 of 3 · relevance 90 %",
        "grade 0.2 of 3 · relevance 10 % · not used",
        "1 more says what was found already.",
        "Not enough: 41 % sure that it holds an answer, and 60 % are asked for.",
        "Enough evidence: 83 %",
        "and in pregnancy?",
        "Found, but not read",
        "does not stand on its page word for word",
        "2 flags “number”",
    ):
        assert part in said
    assert "first" not in said.split()
    with qtbot.waitSignal(view.passage_opened) as opened:
        qtbot.mouseClick(view.rows[1], Qt.MouseButton.LeftButton)
    assert opened.args[0].chunk == "b"


def test_the_sentences_that_were_left_out_are_shown_when_they_are_wanted(qtbot, theme: Theme) -> None:
    answer = make_answer(READ)
    view = WhyView(answer, find_reasons(answer), theme)
    qtbot.addWidget(view)
    qtbot.waitUntil(lambda: view.is_complete)

    def said() -> str:
        return "\n".join(label.text() for label in view.findChildren(QLabel))

    assert "Read in part" in said()
    assert "2 of 4 sentences read" in said()
    with qtbot.waitSignal(view.unread_wanted):
        qtbot.mouseClick(view.unread.button, Qt.MouseButton.LeftButton)
    view.show_unread({"a": ["The first.", "The\nlast."]})
    assert "The first. … The last." in said()
    assert "does not stand in the library any more" in said()  # of the other one nothing was found
    other = make_answer(TRACE)  # of an earlier version, which did not tell sentences
    assert WhyView(other, find_reasons(other), theme, view).passages_left_out == ()


def test_a_whole_document_is_said_to_have_been_gone_through(qtbot, theme: Theme) -> None:
    answer = make_answer(({"step": "survey", "passages": 31},), standalone="")
    view = WhyView(answer, find_reasons(answer), theme)
    qtbot.addWidget(view)
    qtbot.waitUntil(lambda: view.is_complete)
    assert any("All 31 passages" in label.text() for label in view.findChildren(QLabel))
    assert describe_search(answer, find_reasons(answer)).startswith("all 31 passages of the document · ")


@pytest.mark.parametrize(
    ("step", "details", "said"),
    [
        ("query_refinement", {"refers_back": True, "standalone": "Q?"}, "Understood as: Q?"),
        ("query_refinement", {"refers_back": False}, ""),
        ("retrieval", {"hits": [1, 2]}, "2 passages found"),
        ("relevance_judgement", {"asked": False}, ""),
        ("relevance_judgement", TRACE[1], "1 of 2 passages are of use"),
        ("sufficiency", TRACE[2], "Not enough evidence yet"),
        ("divergent_thinking", TRACE[3], "1 question from another angle"),
        ("verify", TRACE[8], "2 sentences checked word for word against their pages"),
        ("refine", {"drafts": 3}, "3 drafts"),
        ("survey", {"passages": 31}, "31 passages of the document looked at"),
        ("save", {}, ""),
    ],
)
def test_each_step_is_one_line_or_none(step: str, details: Mapping[str, object], said: str) -> None:
    assert describe_outcome(step, details) == said


def test_steps_are_shown_while_they_run_and_become_one_line(qtbot, theme: Theme) -> None:
    turn = TurnView("And with albuminuria?", theme)
    qtbot.addWidget(turn)
    turn.begin()
    for row in TRACE[:3]:
        turn.show_event(StepStarted(step=str(row["step"])))
        turn.show_event(StepFinished(step=str(row["step"]), seconds=0.1, details=row))
    assert turn.steps.outcomes == [
        "2 passages found",
        "1 of 2 passages are of use",
        "Not enough evidence yet",
    ]
    turn.show_event(DocumentRead(done=3, total=9))
    assert turn.step.text() == "Going through the document: part 4 of 9"
    turn.show_event(SentenceAdded(sentence=make_sentence("A.", cite("A."))))
    assert any("A." in label.text() for label in turn.findChildren(QLabel))
    turn.show_event(TextAdded(text="Free "))
    turn.show_event(TextAdded(text="words."))
    qtbot.waitUntil(lambda: any("Free words." in label.text() for label in turn.findChildren(QLabel)))
    turn.finish(make_answer())
    assert turn.answer_view.summary.text() == "2 searches · 4 passages · 0.0 s"
    assert not turn.is_running


def test_a_passage_opens_at_its_page(window: Window, pdf: Path) -> None:
    window.add(pdf)
    ask(window, QUESTION)
    view = window.view.chat.turns.turns[-1].answer_view
    window.qtbot.mouseClick(view.details_button, Qt.MouseButton.LeftButton)
    window.qtbot.waitUntil(lambda: view.details.is_complete)
    row = view.details.rows[0]
    with window.qtbot.waitSignal(window.view.evidence.shown):
        window.qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    document = window.desktop.state.documents[0]
    chunk = next(c for c in window.bedside.library.chunks(document.id) if c.id == row.passage.chunk)
    place = window.view.evidence.place
    assert (place.page_index, place.start, place.end) == (
        chunk.spans[0].page_index,
        chunk.spans[0].start,
        chunk.spans[0].end,
    )
    assert window.view.evidence.highlight_rects()


def test_a_passage_of_a_removed_document_is_a_sentence(window: Window, pdf: Path) -> None:
    window.add(pdf)
    ask(window, QUESTION)
    view = window.view.chat.turns.turns[-1].answer_view
    window.qtbot.mouseClick(view.details_button, Qt.MouseButton.LeftButton)
    window.qtbot.waitUntil(lambda: view.details.is_complete)
    passage = view.details.rows[0].passage
    window.bedside.remove_documents([window.desktop.state.documents[0].id])
    with window.qtbot.waitSignal(window.desktop.tasks.failed) as failed:
        view.passage_opened.emit(passage)
    assert failed.args[0]


def test_which_sentences_were_left_out_is_looked_up_in_the_library(window: Window, pdf: Path) -> None:
    window.add(pdf)
    ask(window, QUESTION)
    (document,) = window.bedside.library.documents()
    chunk = window.bedside.library.chunks(document.id)[0]
    passages = [
        Passage(chunk=chunk.id, document=document.id, title="", page=1, unread=(1,), sentences=9),
        Passage(chunk="gone", document="gone", title="", page=1, unread=(1,), sentences=9),
    ]
    found: list[Mapping[str, tuple[str, ...]]] = []
    desk = window.view.chat._desk
    examining.find_unread(desk, window.view.chat, passages, found.append)
    window.qtbot.waitUntil(lambda: bool(found))
    assert found == [{chunk.id: (chunk.text[slice(*chunk.sentences[0])],)}]
