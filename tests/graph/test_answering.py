"""The whole graph on a real library: cited answers, abstention, stopping, saving."""

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from agents.answer import AnswerStatus, Arm, FlagKind, Method
from agents.errors import ConversationNotFound, EmptyLibrary, EmptyQuestion, EmptyScope
from agents.events import (
    ModelLoading,
    PromptReading,
    SentenceAdded,
    StepFinished,
    StepStarted,
    TextAdded,
)
from agents.history import Conversation, ConversationId, History
from agents.nodes.abstain import ABSTENTION
from agents.sources import AttachedTexts, GivenPassages, GivenText
from llm.errors import ContextLengthError, ModelProcessDied
from llm.types import Finished, Message, PromptRead, Selected
from rag.library import Library
from rag.types import DocumentId
from tests.graph.conftest import QUESTION, SETTINGS, Ask
from tests.support.library import open_library
from tests.support.scripted_model import ScriptedModel


def test_an_answer_is_made_of_the_chosen_sentences_with_their_places(ask: Ask, library: Library) -> None:
    answer, _ = ask(model=ScriptedModel(selections=[(3, 1)]))

    assert answer.status is AnswerStatus.ANSWERED
    assert [s.text for s in answer.sentences] == [
        "Insulin with glucose lowers serum potassium.",
        "Severe hyperkalaemia is a serum potassium above 6.5 mmol/L.",
    ]
    for sentence in answer.sentences:
        (citation,) = sentence.citations
        page = library.page(DocumentId(citation.document), citation.page_index)
        assert page.text[citation.start : citation.end] == citation.quote == sentence.text
        assert citation.verbatim
        assert (citation.file, citation.title, citation.page) == ("potassium.md", "Potassium", None)
    assert answer.copying.coverage == 1.0
    assert answer.answer == " ".join(s.text for s in answer.sentences)
    assert answer.flags == ()


def test_the_steps_are_told_in_order_and_kept_in_the_trace(ask: Ask) -> None:
    answer, events = ask()
    steps = ["retrieval", "sentence_ranking", "sufficiency", "select", "verify", "check", "save"]
    assert [e.step for e in events if isinstance(e, StepStarted)] == steps
    assert [e.step for e in events if isinstance(e, StepFinished)] == steps
    assert [row["step"] for row in answer.trace] == steps[:-1]
    assert all(row["seconds"] >= 0 for row in answer.trace)
    assert any(isinstance(e, ModelLoading) for e in events)
    assert any(isinstance(e, PromptReading) for e in events)
    assert [e.sentence for e in events if isinstance(e, SentenceAdded)] == list(answer.sentences)
    assert answer.tokens.generated == 1
    assert answer.seconds.first_token is not None
    assert 0 < answer.seconds.first_token <= answer.seconds.total
    assert len(answer.prompts["select_sentences"]) == 12


@pytest.mark.parametrize(
    ("n_params", "share"),
    [(135_000_000, SETTINGS.model_share_small), (1_500_000_000, SETTINGS.model_share)],
)
def test_a_model_is_led_by_what_is_known_of_each_sentence(ask: Ask, n_params: int, share: float) -> None:
    model = ScriptedModel(selections=[(1,)], n_params=n_params)
    answer, _ = ask(model=model)
    (priors,) = model.log_priors
    assert min(priors[:2]) > max(priors[2:])  # two sentences name what is asked for
    (row,) = [row for row in answer.trace if row["step"] == "select"]
    assert row["log_odds"] == [round(priors[0] * share, 2)]


def test_below_the_floor_it_abstains_without_asking_the_model(ask: Ask) -> None:
    model = ScriptedModel()
    answer, events = ask("Which vaccines do infants need?", model=model)
    assert answer.status is AnswerStatus.ABSTAINED
    assert answer.answer == ABSTENTION
    assert answer.sentences == ()
    assert 1 <= len(answer.nearest) <= 3
    assert answer.nearest[0].title in ("Potassium", "Sedation")
    assert model.prompts == []
    assert [e.step for e in events if isinstance(e, StepStarted)] == [
        "retrieval",
        "sentence_ranking",
        "sufficiency",
        "abstain",
        "save",
    ]


def test_an_empty_choice_is_an_abstention(ask: Ask) -> None:
    answer, _ = ask(model=ScriptedModel(selections=[()]))
    assert answer.status is AnswerStatus.ABSTAINED
    assert answer.nearest


def test_a_sentence_that_the_stored_page_does_not_hold_is_dropped(
    ask: Ask, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = library.search(QUESTION, top_k=2)
    hit = found.hits[0]
    shifted = hit.chunk.sentences[0][0], hit.chunk.sentences[0][1] - 1
    forged = type(hit.chunk)(
        id=hit.chunk.id,
        document=hit.chunk.document,
        ordinal=hit.chunk.ordinal,
        text=hit.chunk.text.replace("6.5", "5.5"),
        spans=hit.chunk.spans,
        sentences=(shifted, *hit.chunk.sentences[1:]),
    )
    hits = (
        type(hit)(
            chunk=forged, **{n: getattr(hit, n) for n in ("document", "page", "score", "similarity", "bm25")}
        ),
    )
    monkeypatch.setattr(library, "search", lambda *_, **__: type(found)(query="q", hits=hits, seconds=0.0))
    monkeypatch.setattr("agents.nodes.select.count_sentences", lambda _, *, at_most: at_most)

    answer, _ = ask(model=ScriptedModel(selections=[(1, 2)]))

    assert [s.text for s in answer.sentences] == [
        "Calcium gluconate protects the heart in severe hyperkalaemia."
    ]
    (verify,) = [row for row in answer.trace if row["step"] == "verify"]
    assert (verify["verified"], verify["dropped"]) == (1, 1)


@pytest.mark.parametrize(("n_ctx", "left_out"), [(245, 2), (230, 3)])
def test_sentences_that_do_not_fit_are_left_out_by_name(ask: Ask, n_ctx: int, left_out: int) -> None:
    answer, _ = ask(
        "Severe hyperkalaemia or deep sedation in patients?",
        model=ScriptedModel(selections=[(1,)], n_ctx=n_ctx),
    )
    (select,) = [row for row in answer.trace if row["step"] == "select"]
    assert select["passages"] == len(select["read"]) == 2
    left = {row["title"]: (len(row["sentences"]), row["of"]) for row in select["left_out"]}
    assert left == {"Sedation": (1, 2), "Potassium": (left_out - 1, 3)}
    assert select["candidates"] == 5 - left_out


def test_a_question_longer_than_the_context_is_refused_with_both_numbers(ask: Ask, history: History) -> None:
    for question in ("severe hyperkalaemia " * 300, "nothing of the library at all " * 200):
        with pytest.raises(ContextLengthError, match=r"needs \d+ tokens .* at most 400"):
            ask(question, model=ScriptedModel(selections=[(1,)], n_ctx=400))
    assert history.conversations() == []


class StoppingModel(ScriptedModel):
    """Is stopped by the user after its first number."""

    def select(
        self, messages: Sequence[Message], *, cancel: threading.Event, **others: Any
    ) -> Iterator[PromptRead | Selected | Finished]:
        """Play on as far as the cancel allows."""
        for event in super().select(messages, cancel=cancel, **others):
            yield event
            if isinstance(event, Selected):
                cancel.set()


def test_a_stopped_answer_is_kept_as_partial(ask: Ask, history: History) -> None:
    answer, _ = ask(model=StoppingModel(selections=[(1, 2)]))
    assert answer.status is AnswerStatus.PARTIAL
    assert len(answer.sentences) == 1
    (conversation,) = history.conversations()
    assert history.answers(conversation.id) == [answer]


def test_answers_are_saved_in_a_new_conversation_or_the_one_named(ask: Ask, history: History) -> None:
    first, _ = ask()
    assert first.conversation is not None
    second, _ = ask(conversation=ConversationId(first.conversation))
    (conversation,) = history.conversations()
    assert conversation.title == QUESTION
    assert history.answers(conversation.id) == [first, second]
    ask(save=False)
    assert len(history.conversations()) == 1


def test_a_conversation_deleted_meanwhile_is_said(ask: Ask) -> None:
    with pytest.raises(ConversationNotFound):
        ask(conversation=ConversationId("gone"))


def test_the_closed_arm_streams_and_flags_all_of_it(ask: Ask) -> None:
    answer, events = ask(arm=Arm.CLOSED, method=Method.BASE)
    assert "".join(e.text for e in events if isinstance(e, TextAdded)) == answer.answer
    assert answer.answer == "Potassium is an element."
    (flag,) = answer.flags
    assert (flag.kind, flag.start, flag.end) == (FlagKind.UNSUPPORTED, 0, len(answer.answer))
    assert answer.sentences[0].citations == ()


@pytest.mark.parametrize("question", ["", "   \n"])
def test_an_empty_question_is_a_sentence(ask: Ask, question: str) -> None:
    with pytest.raises(EmptyQuestion):
        ask(question)


def test_an_empty_library_is_a_sentence(ask: Ask, tmp_path_factory: pytest.TempPathFactory) -> None:
    empty = open_library(tmp_path_factory.mktemp("empty") / "library")
    with pytest.raises(EmptyLibrary, match="add documents"):
        ask(library=empty)
    answer, _ = ask(library=empty, arm=Arm.CLOSED, method=Method.BASE)
    assert answer.status is AnswerStatus.ANSWERED
    empty.close()


def test_a_scope_without_documents_is_a_sentence(ask: Ask, library: Library) -> None:
    (potassium, sedation) = sorted(library.documents(), key=lambda each: each.file)
    with pytest.raises(EmptyScope, match="another collection"):
        ask(documents=frozenset())
    library.organisation.enable([potassium.id], is_enabled=False)
    with pytest.raises(EmptyScope):
        ask(documents=frozenset({potassium.id}))
    answer, _ = ask(documents=frozenset({potassium.id, sedation.id}))
    assert answer.status is AnswerStatus.ABSTAINED
    given = GivenPassages([GivenText(title="Lines", text="Severe hyperkalaemia is this.")], library=library)
    answer, _ = ask(documents=frozenset(), library=AttachedTexts(given, library), save=False)
    assert answer.status is AnswerStatus.ANSWERED


def test_a_model_that_dies_is_an_error_and_the_next_question_is_answered(ask: Ask, history: History) -> None:
    model = ScriptedModel(selections=[(1,)], error=ModelProcessDied("It died."))
    with pytest.raises(ModelProcessDied):
        ask(model=model)
    assert history.conversations() == []
    answer, _ = ask(model=model)
    assert answer.status is AnswerStatus.ANSWERED


def test_cancel_before_anything_ends_quickly(ask: Ask) -> None:
    cancel = threading.Event()
    cancel.set()
    answer, _ = ask(cancel=cancel, model=ScriptedModel(selections=[(1, 2)]))
    assert answer.status is AnswerStatus.PARTIAL
    assert answer.sentences == ()
    assert [row["step"] for row in answer.trace] == ["retrieval"]


def test_a_document_removed_before_saving_leaves_no_quote(
    ask: Ask, library: Library, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = history.create

    def remove_then_create(title: str) -> Conversation:
        (potassium,) = [d for d in library.documents() if d.file == "potassium.md"]
        library.remove(potassium.id)
        return create(title)

    monkeypatch.setattr(history, "create", remove_then_create)
    answer, _ = ask()
    (saved,) = history.answers(ConversationId(str(answer.conversation)))
    assert saved.answer == "[removed from the library: Potassium]"
    assert saved.sentences[0].citations[0].quote == ""
