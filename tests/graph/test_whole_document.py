"""Requests that concern all of a document."""

import threading
from pathlib import Path
from typing import Any

import pytest

from agents.answer import AnswerStatus, Arm
from agents.events import DocumentRead, SentenceAdded
from agents.whole_document import WholeKind, find_whole_request
from llm.prompts import PromptLibrary
from rag.library import Library
from rag.types import Page
from tests.graph.conftest import QUESTION, Ask
from tests.support.library import add_one
from tests.support.scripted_model import ScriptedModel

DOSES = (
    "# Drug doses\n\n"
    "## Calcium\n\nCalcium gluconate is given as 30 mL over 10 minutes. It acts fast. "
    "The dose is repeated after 5 minutes.\n\n"
    "## Insulin\n\nInsulin 10 units are given with glucose 25 g. Potassium is measured hourly.\n\n"
    + "".join(
        f"## Chapter {n}\n\n" + " ".join(f"Sentence {n}-{m} says nothing of note." for m in range(8)) + "\n\n"
        for n in range(6)
    )
)


@pytest.fixture
def doses(library: Library, tmp_path: Path) -> str:
    path = tmp_path / "doses.md"
    path.write_text(DOSES, encoding="utf-8")
    return str(add_one(library, path).document)


def test_all_doses_of_a_document_are_listed_with_their_places(ask: Ask, doses: str) -> None:
    model = ScriptedModel()
    answer, events = ask("List all doses in the drug doses document", model=model)
    assert answer.status is AnswerStatus.ANSWERED
    assert [s.text for s in answer.sentences] == [
        "Calcium gluconate is given as 30 mL over 10 minutes.",
        "Insulin 10 units are given with glucose 25 g.",
    ]
    assert all(c.verbatim and c.document == doses for s in answer.sentences for c in s.citations)
    assert sum(isinstance(event, SentenceAdded) for event in events) == 2
    assert model.prompts == []  # what can be seen by its form is not left to a model


def test_only_those_of_the_subject_that_was_named(ask: Ask, doses: str) -> None:
    answer, _ = ask("List all doses of insulin in the drug doses document", model=ScriptedModel())
    assert [s.text for s in answer.sentences] == ["Insulin 10 units are given with glucose 25 g."]


def test_a_summary_goes_through_every_part(ask: Ask, doses: str) -> None:
    model = ScriptedModel(selections=[(1,)])
    answer, events = ask("Summarise the drug doses document", model=model, arm=Arm.ADDREP)
    (row,) = [row for row in answer.trace if row["step"] == "survey"]
    assert row["parts"] == len(model.prompts) == sum(isinstance(event, DocumentRead) for event in events)
    shown = "".join(message.content for prompt in model.prompts for message in prompt)
    for line in ("Calcium gluconate is given", "Sentence 5-7 says"):
        assert line in shown
    assert len(answer.sentences) == row["parts"]


def test_this_document_is_the_one_that_was_cited_last(ask: Ask, library: Library, doses: str) -> None:
    first, _ = ask("Which dose of calcium gluconate over how many minutes?")
    cited = first.sentences[0].citations[0].document
    request = find_whole_request("Summarise this document", library.documents(), None, [first])
    assert request is not None
    assert (request.kind, request.document) == (WholeKind.SUMMARY, cited)


@pytest.mark.parametrize("question", [QUESTION, "Summarise this document", "List all kings of France"])
def test_other_questions_are_searched_for(library: Library, question: str) -> None:
    assert find_whole_request(question, library.documents(), None, []) is None


def test_a_list_can_be_stopped(
    ask: Ask, library: Library, doses: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancel, read = threading.Event(), library.page

    def stop_after_one(*place: Any) -> Page:
        cancel.set()
        return read(*place)

    monkeypatch.setattr(library, "page", stop_after_one)
    answer, _ = ask("List all doses in the drug doses document", model=ScriptedModel(), cancel=cancel)
    assert answer.status is AnswerStatus.PARTIAL
    assert [s.text for s in answer.sentences] == ["Calcium gluconate is given as 30 mL over 10 minutes."]


@pytest.mark.parametrize("request_", ["List all doses in", "Summarise"])
def test_no_more_sentences_than_can_be_read_and_it_is_said(
    ask: Ask, library: Library, tmp_path: Path, request_: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agents.nodes.survey._MOST_SENTENCES", 3)
    path = tmp_path / "many.md"
    path.write_text(
        "# Many tablets\n\n"
        + "\n\n".join(f"## Drug {n}\n\n" + f"Drug {n} is given as {n + 1} mg. " * 30 for n in range(5)),
        encoding="utf-8",
    )
    add_one(library, path)
    model = ScriptedModel(selections=[(1, 2)])
    monkeypatch.setattr("agents.nodes.check.join_repeated", tuple)
    answer, events = ask(f"{request_} the many tablets document", model=model)
    assert len(answer.sentences) == sum(isinstance(event, SentenceAdded) for event in events) == 3
    assert (answer.status, answer.is_cut) == (AnswerStatus.PARTIAL, True)
    assert len(model.prompts) == (2 if request_ == "Summarise" else 0)  # enough: no part is read any more


def test_the_wording_that_a_summary_was_asked_with_is_kept(ask: Ask, doses: str) -> None:
    answer, _ = ask("Summarise the drug doses document", model=ScriptedModel(selections=[(1,)]))
    assert answer.prompts == {"select_sentences": PromptLibrary().load("select_sentences").fingerprint}
