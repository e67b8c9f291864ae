"""The methods: what is written becomes sentences whose quotes stand on their pages; the rest is flagged."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NoReturn

import pytest

from agents.answer import AnswerStatus, Arm, FlagKind, Method
from agents.context import AddRepSettings, AnswerContext
from agents.errors import UnfitMethod
from agents.events import AnswerEvent, SentenceAdded
from agents.evidence import begin_state, gather_evidence
from agents.nodes.retrieval import retrieval
from agents.nodes.select import select
from agents.nodes.sentence_ranking import sentence_ranking
from agents.nodes.sufficiency import sufficiency
from agents.nodes.verify import verify
from agents.passages import GAP
from agents.sources import AttachedTexts, GivenPassages, GivenText
from llm.errors import ContextLengthError
from llm.types import Finished, Message, PromptRead, Quotable, Quoted, Scored, Selected, TextDelta
from rag.errors import DocumentNotFound
from rag.library import Library
from rag.types import DocumentId
from tests.graph.conftest import QUESTION, SETTINGS, Ask
from tests.support.scripted_model import ScriptedModel

SEVERE = "Severe hyperkalaemia is a serum potassium above 6.5 mmol/L."
CALCIUM = "Calcium gluconate protects the heart in severe hyperkalaemia."
WITHOUT_BEGINS = replace(SETTINGS, begin_share=0.0)
FREE_METHODS = (Method.CP_REFINE, Method.QUOTE, Method.ATTRIBUTED, Method.CITATIONS)


@pytest.mark.parametrize("method", FREE_METHODS)
def test_what_is_copied_is_cited_with_its_place(ask: Ask, library: Library, method: Method) -> None:
    text = SEVERE if method is not Method.CITATIONS else f"{SEVERE[:-1]} [1]."
    answer, _ = ask(method=method, model=ScriptedModel(texts=[text]))
    assert answer.status is AnswerStatus.ANSWERED
    (sentence,) = answer.sentences
    (citation,) = sentence.citations
    assert citation.verbatim
    page = library.page(DocumentId(citation.document), citation.page_index)
    assert page.text[citation.start : citation.end] == citation.quote
    assert sentence.flags == ()


@pytest.mark.parametrize(
    "refusal", ["The passages do not say.", "The passage does not say.", "The passages don’t say that."]
)
@pytest.mark.parametrize("method", FREE_METHODS)
def test_a_refusal_is_an_abstention(ask: Ask, method: Method, refusal: str) -> None:
    answer, _ = ask(method=method, model=ScriptedModel(texts=[refusal]))
    assert answer.status is AnswerStatus.ABSTAINED
    assert answer.nearest


@pytest.mark.parametrize(("method", "is_kept"), [(Method.QUOTE, False), (Method.ATTRIBUTED, True)])
def test_what_no_passage_says_is_dropped_or_flagged(ask: Ask, method: Method, is_kept: bool) -> None:
    invented = "Everybody ought to eat more bananas daily."
    answer, _ = ask(method=method, model=ScriptedModel(texts=[f"{SEVERE} {invented}"]))
    assert [s.text for s in answer.sentences] == [SEVERE, *([invented] if is_kept else [])]
    if is_kept:
        flag = answer.flags[0]
        assert flag.kind is FlagKind.UNSUPPORTED
        assert answer.answer[flag.start : flag.end] == flag.text == invented


def test_a_quote_is_cited_however_short(ask: Ask) -> None:
    answer, _ = ask(method=Method.QUOTE, model=ScriptedModel(texts=["It is above «6.5 mmol/L.»"]))
    assert answer.answer == "It is above 6.5 mmol/L."
    assert answer.sentences[0].citations[0].quote == "6.5 mmol/L."


@pytest.mark.parametrize(
    ("method", "text"), [(Method.ATTRIBUTED, "serum"), (Method.QUOTE, "A «serum» it is.")]
)
def test_a_single_word_is_no_quote(ask: Ask, method: Method, text: str) -> None:
    answer, _ = ask(method=method, model=ScriptedModel(texts=[text]))
    assert [c for s in answer.sentences for c in s.citations] == []


def test_an_unknown_number_of_a_passage_cites_nothing(ask: Ask) -> None:
    answer, _ = ask(method=Method.CITATIONS, model=ScriptedModel(texts=[f"{SEVERE[:-1]} [9]."]))
    assert answer.sentences[0].citations == ()
    (row,) = [row for row in answer.trace if row["step"] == "attribute"]
    assert row["unknown_numbers"] == 1


def score_transitions(gains: Sequence[float]) -> list[Sequence[float]]:
    """Score a sentence alone, six transitions, and both together."""
    return [(-20.0, *[-5.0] * 6, *[gain - 25.0 for gain in gains])]


def test_a_transition_joins_two_quotes_and_brings_nothing(ask: Ask) -> None:
    model = ScriptedModel(selections=[(1, 2)], scores=[score_transitions((3.0, 0, 0, 0, 0, 0))])
    answer, _ = ask(method=Method.CP_LINK, model=model, settings=WITHOUT_BEGINS)
    assert [s.text for s in answer.sentences] == [SEVERE, f"In addition, {CALCIUM}"]
    assert answer.sentences[1].citations[0].quote == CALCIUM
    assert answer.flags == ()
    assert model.prompts[-1][1].content == SEVERE


def test_a_transition_that_makes_nothing_likelier_is_left_out(ask: Ask) -> None:
    model = ScriptedModel(selections=[(1, 2)], scores=[score_transitions((0.9, -3.0, 0, 0, 0, 0))])
    answer, _ = ask(method=Method.CP_LINK, model=model, settings=WITHOUT_BEGINS)
    assert [s.text for s in answer.sentences] == [SEVERE, CALCIUM]
    (row,) = [row for row in answer.trace if row["step"] == "link"]
    assert row["transitions"] == 0


def test_writer_and_reviewer_keep_the_best_draft_and_pass_the_advice_on(ask: Ask) -> None:
    vague = "A potassium that is rather high, one would think."
    better = "Severe hyperkalaemia means that its potassium lies far beyond what is healthy."
    model = ScriptedModel(texts=[vague, "- Name the limit.", better, "- Copy the sentence.", SEVERE])
    answer, _ = ask(method=Method.CP_REFINE, model=model)
    assert answer.answer == SEVERE
    (row,) = [row for row in answer.trace if row["step"] == "refine"]
    assert row["drafts"] == 3
    assert row["copying_scores"] == sorted(row["copying_scores"])
    redraft = model.prompts[2][1].content
    assert vague in redraft
    assert "- Name the limit." in redraft


def test_a_round_without_gain_is_the_last(ask: Ask) -> None:
    half = "Severe hyperkalaemia is a serum potassium above what we like to see."
    model = ScriptedModel(texts=[half, "- Copy more.", half])
    answer, _ = ask(method=Method.CP_REFINE, model=model, settings=replace(SETTINGS, support_coverage=0.1))
    assert answer.answer == half
    assert len(model.prompts) == 3


def test_given_texts_are_answered_from_instead_of_the_library(ask: Ask, library: Library) -> None:
    given = GivenPassages(
        [GivenText(title="Altered", text=SEVERE.replace("6.5", "9.9"), year=1999)], library=library
    )
    answer, _ = ask(library=given, save=False)
    assert answer.sentences[0].text == SEVERE.replace("6.5", "9.9")
    assert answer.sentences[0].citations[0].year == 1999


def test_a_long_given_text_is_cut_at_sentences_and_keeps_its_places(
    context: AnswerContext, library: Library
) -> None:
    text = " ".join(f"Fact {number} is about potassium and nothing else." for number in range(100))
    given = GivenPassages([GivenText(title="Long", text=text)], library=library)
    evidence = gather_evidence(QUESTION, context=replace(context, arm=Arm.RAG, library=given))
    assert len(evidence.hits) > 1
    for hit in evidence.hits:
        (span,) = hit.chunk.spans
        assert text[span.start : span.end] == hit.chunk.text


def test_attached_lines_are_quoted_beside_the_library(ask: Ask, library: Library) -> None:
    line = "Severe hyperkalaemia: potassium of this patient 7.1 mmol/L, above 6.5."
    given = GivenPassages([GivenText(title="Measurements", text=line)], library=library)
    attached = AttachedTexts(given, library)
    answer, _ = ask(library=attached, model=ScriptedModel(selections=[(1, 2)]))
    assert answer.sentences[0].text == line
    titles = {citation.title for s in answer.sentences for citation in s.citations}
    assert titles == {"Measurements", "Potassium"}
    assert all(citation.verbatim for s in answer.sentences for citation in s.citations)
    assert [document.title for document in attached.documents()] == ["Potassium", "Sedation"]


class StoppedWriter(ScriptedModel):
    """Is stopped by the user at the first word of its third text."""

    def stream(
        self, messages: Sequence[Message], *, cancel: threading.Event, **others: Any
    ) -> Iterator[PromptRead | TextDelta | Quoted | Finished]:
        for event in super().stream(messages, cancel=cancel, **others):
            yield event
            if isinstance(event, TextDelta) and len(self.prompts) == 3:
                cancel.set()


def test_a_draft_that_was_stopped_is_not_the_best_one(ask: Ask) -> None:
    vague = "Severe hyperkalaemia means a potassium that is rather high, one would think."
    model = StoppedWriter(texts=[vague, "- Name the limit.", SEVERE])
    settings = replace(SETTINGS, support_coverage=0.1)
    answer, _ = ask(method=Method.CP_REFINE, model=model, settings=settings, cancel=threading.Event())
    assert answer.status is AnswerStatus.PARTIAL
    assert answer.answer == vague


def test_a_document_that_is_removed_meanwhile_gives_no_sentence(
    ask: Ask, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> NoReturn:
        raise DocumentNotFound("It was removed.")

    monkeypatch.setattr(library, "page", gone)
    answer, _ = ask(model=ScriptedModel(selections=[(1, 2)]))
    assert answer.status is AnswerStatus.ABSTAINED
    assert answer.sentences == ()


class SpeechlessModel(ScriptedModel):
    """Has no room for a text."""

    def score(self, *_: Any, **__: Any) -> Iterator[PromptRead | Scored | Finished]:
        raise ContextLengthError(500, 400)


def test_sentences_too_long_for_a_transition_stand_without_one(ask: Ask) -> None:
    model = SpeechlessModel(selections=[(1, 2)])
    answer, _ = ask(method=Method.CP_LINK, model=model, settings=WITHOUT_BEGINS)
    assert [s.text for s in answer.sentences] == [SEVERE, CALCIUM]


def test_advice_that_leaves_no_room_in_the_context_costs_no_draft(ask: Ask) -> None:
    class Tight(ScriptedModel):
        def stream(self, *arguments: Any, **options: Any) -> Any:
            if self.prompts:
                raise ContextLengthError(needed=5000, available=4096)
            return super().stream(*arguments, **options)

    draft = "Severe hyperkalaemia is a serum potassium above what we like to see."
    settings = replace(SETTINGS, support_coverage=0.1)
    answer, _ = ask(method=Method.CP_REFINE, model=Tight(texts=[draft]), settings=settings)
    assert (answer.status, answer.answer) == (AnswerStatus.ANSWERED, draft)


def test_passages_leave_room_for_the_text_that_is_written(ask: Ask, library: Library) -> None:
    texts = [
        GivenText(title=f"Text {n}", text=f"{SEVERE} Noted were {' '.join(f'{n}x{m}' for m in range(150))}.")
        for n in range(12)
    ]
    model = ScriptedModel(texts=[SEVERE], n_ctx=2000)
    given = GivenPassages(texts, library=library)
    settings = replace(SETTINGS, max_tokens=500)
    answer, _ = ask(method=Method.ATTRIBUTED, model=model, library=given, settings=settings, save=False)
    assert answer.status is AnswerStatus.ANSWERED
    assert 0 < answer.tokens.prompt <= model.n_ctx - settings.max_tokens


@pytest.mark.parametrize("method", [*FREE_METHODS, Method.BASE])
def test_a_text_that_gets_too_long_ends_with_its_last_whole_sentence(ask: Ask, method: Method) -> None:
    arm = Arm.CLOSED if method is Method.BASE else Arm.RAG
    cited = f"{SEVERE[:-1]} [1]." if method is Method.CITATIONS else SEVERE
    model = ScriptedModel(texts=[f"{cited} Calcium gluconate protects the heart in severe hyperkalaemia."])
    settings = replace(SETTINGS, max_tokens=13)
    answer, _ = ask(arm=arm, method=method, model=model, settings=settings)
    assert answer.answer == SEVERE
    assert (answer.status, answer.is_cut) == (AnswerStatus.PARTIAL, True)
    whole, _ = ask(arm=arm, method=method, model=model)
    assert (whole.status, whole.is_cut) == (AnswerStatus.ANSWERED, False)


def test_half_a_sentence_is_no_answer(ask: Ask) -> None:
    settings = replace(SETTINGS, max_tokens=5)
    answer, _ = ask(method=Method.QUOTE, model=ScriptedModel(texts=[SEVERE]), settings=settings)
    assert answer.status is AnswerStatus.ABSTAINED


def test_what_two_sources_say_is_said_once_and_cites_both(ask: Ask, library: Library) -> None:
    texts = [
        GivenText(title="One", text=f"{SEVERE} {CALCIUM}"),
        GivenText(title="Two", text=f"Of note here is this:\n{SEVERE.replace(' a ', ' ')}\n"),
    ]
    given = GivenPassages(texts, library=library)
    for method, model in (
        (Method.CP_ORDER, ScriptedModel(selections=[(1, 3, 2)])),
        (Method.ATTRIBUTED, ScriptedModel(texts=[f"{SEVERE} {CALCIUM} {SEVERE.replace(' a ', ' ')}"])),
    ):
        answer, events = ask(library=given, method=method, model=model, save=False)
        assert [s.text for s in answer.sentences] == [SEVERE, CALCIUM]
        places = [(c.title, c.verbatim) for c in answer.sentences[0].citations]
        assert places == [("One", True), ("Two", False)]
        assert answer.sentences[0].flags == ()
        shown = [e.sentence.text for e in events if isinstance(e, SentenceAdded)]
        assert shown[:2] == [SEVERE, CALCIUM]


class Quoting(ScriptedModel):
    """Keeps what may be quoted."""

    quotable: Quotable | None = None

    def stream(
        self, messages: Sequence[Message], *, quotable: Quotable | None = None, **others: Any
    ) -> Iterator[PromptRead | TextDelta | Quoted | Finished]:
        """Play on."""
        self.quotable = quotable
        yield from super().stream(messages, quotable=quotable, **others)


@pytest.mark.parametrize("method", [Method.CP_ORDER, *FREE_METHODS])
def test_of_a_long_passage_only_the_best_sentences_are_read(
    ask: Ask, library: Library, method: Method
) -> None:
    """Places are those of the stored page, whatever was left out before and between them."""
    texts = [
        GivenText(
            title="One", text=f"Bananas are yellow. {SEVERE} Apples are green. {CALCIUM} Pears are soft."
        ),
        GivenText(title="Two", text=f"Plums are blue. {SEVERE} Figs are sweet."),
    ]
    given = GivenPassages(texts, library=library)
    model = Quoting(selections=[(1, 2)], texts=[f"«{SEVERE}» «{CALCIUM}»"])
    settings = replace(SETTINGS, addrep=AddRepSettings(passage_tokens=34))
    answer, _ = ask(arm=Arm.ADDREP, library=given, method=method, model=model, settings=settings, save=False)
    shown = "".join(message.content for message in model.prompts[0])
    assert SEVERE in shown
    assert CALCIUM in shown
    assert "Apples" not in shown
    assert (GAP in shown) is (method is not Method.CP_ORDER)
    citations = [c for sentence in answer.sentences for c in sentence.citations if c.verbatim]
    if method is not Method.CITATIONS:  # cites what it names
        assert {citation.quote for citation in citations} == {SEVERE, CALCIUM}
    for citation in citations:
        page = given.page(DocumentId(citation.document), 0)
        assert page.text[citation.start : citation.end] == citation.quote
    if method is Method.QUOTE:
        assert model.quotable is not None
        assert model.quotable.passages == (SEVERE, CALCIUM, SEVERE)


def test_base_does_not_go_with_the_library(ask: Ask) -> None:
    for arm in (Arm.RAG, Arm.ADDREP):
        with pytest.raises(UnfitMethod, match="closed"):
            ask(arm=arm, method=Method.BASE)


def test_where_no_sentence_may_be_taken_the_model_is_not_asked(context: AnswerContext) -> None:
    model = ScriptedModel(selections=[(1,)])
    context = replace(context, model=model)
    state = begin_state(QUESTION)
    for node in (retrieval, sentence_ranking, sufficiency):
        state |= node(state, context, lambda _: None).update
    state["useless"] = frozenset(hit.chunk.id for hit in state["hits"])
    chosen = select(state, context, lambda _: None).update
    assert (chosen["chosen"], chosen["status"], model.prompts) == ((), AnswerStatus.ANSWERED, [])


def test_the_first_sentence_is_shown_before_the_others_are_chosen(context: AnswerContext) -> None:
    order: list[int | str] = []

    class Noting(ScriptedModel):
        def select(self, *arguments: Any, **options: Any) -> Any:
            for event in super().select(*arguments, **options):
                if isinstance(event, Selected):
                    order.append(event.number)
                yield event

    def note(event: AnswerEvent) -> None:
        if isinstance(event, SentenceAdded):
            order.append(event.sentence.text)

    state = begin_state(QUESTION)
    context = replace(context, model=Noting(selections=[(1, 2)]))
    for node in (retrieval, sentence_ranking, sufficiency, select, verify):
        state |= node(state, context, note).update
    assert order == [1, SEVERE, 2, CALCIUM]
