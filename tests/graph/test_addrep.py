"""The agents: what each brings, that the loop is bounded, and that everything can be stopped and told."""

import math
import threading
from dataclasses import replace
from typing import Any

import pytest

from agents.answer import Answer, AnswerStatus, Arm
from agents.calibration import Calibration, RelevanceCurve, SufficiencyCurve
from agents.context import AddRepSettings, AnswerContext, AnswerSettings, Divergence
from agents.evidence import gather_evidence
from agents.history import History
from agents.sources import GivenPassages, GivenText
from agents.turns import ConversationId
from rag.library import Library
from tests.graph.conftest import QUESTION, SETTINGS, Ask
from tests.support.scripted_model import ScriptedModel

OUTSIDE = "Which vaccines do infants need?"
SUB_QUESTIONS = "1. Which vaccines exist?\n2. What is severe hyperkalaemia?\n3. When are vaccines given?"
OFF, SUBJECT, PART, ALL_OF_IT = (
    (0.0, -9.0, -9.0, -9.0),
    (-9.0, 0.0, -9.0, -9.0),
    (-9.0, -9.0, 0.0, -9.0),
    (-9.0, -9.0, -9.0, 0.0),
)
JUDGING = Calibration(
    sha256="0" * 64,
    relevance=RelevanceCurve(intercept=-3.0, score=0.0, grade=3.0, useless_below=0.3),
    sufficiency=SufficiencyCurve(intercept=-3.0, similarity=0.0, grade=2.0),
)
"""Of a model whose grades decide everything."""


def addrep(**changes: Any) -> AnswerSettings:
    return replace(SETTINGS, addrep=replace(AddRepSettings(), **changes))


def steps(answer: Answer) -> list[str]:
    return [row["step"] for row in answer.trace]


def row(answer: Answer, step: str) -> dict[str, Any]:
    return next(row for row in answer.trace if row["step"] == step)


def test_enough_evidence_is_answered_from_at_once(ask: Ask) -> None:
    model = ScriptedModel(selections=[(1,)])
    answer, _ = ask(arm=Arm.ADDREP, model=model)
    assert answer.status is AnswerStatus.ANSWERED
    assert steps(answer) == [
        "query_refinement",
        "retrieval",
        "sentence_ranking",
        "relevance_judgement",
        "sufficiency",
        "select",
        "verify",
        "check",
    ]
    assert len(model.prompts) == len(model.scored_answers) + 1 == 2  # nothing but the choice was asked


def test_it_looks_again_from_other_angles_and_then_abstains(ask: Ask) -> None:
    settings = replace(addrep(), similarity_floor=0.99)
    answer, _ = ask(OUTSIDE, arm=Arm.ADDREP, model=ScriptedModel(texts=[SUB_QUESTIONS]), settings=settings)
    assert answer.status is AnswerStatus.ABSTAINED
    assert answer.nearest
    assert steps(answer).count("retrieval") == 2
    assert steps(answer).count("divergent_thinking") == 1
    second = [row for row in answer.trace if row["step"] == "retrieval"][1]
    assert [query["query"] for query in second["queries"]] == [
        line.partition(" ")[2] for line in SUB_QUESTIONS.splitlines()
    ]


def test_more_rounds_end_where_nothing_new_is_asked(ask: Ask) -> None:
    settings = replace(addrep(max_rounds=9), similarity_floor=0.99)
    answer, _ = ask(OUTSIDE, arm=Arm.ADDREP, model=ScriptedModel(texts=[SUB_QUESTIONS]), settings=settings)
    assert steps(answer).count("divergent_thinking") == 2  # the second time it says the same
    assert steps(answer).count("retrieval") == 2


def test_what_a_later_round_finds_is_put_behind_what_was_read(context: AnswerContext) -> None:
    settings = replace(addrep(top_k=1, top_k_sub_question=2), similarity_floor=0.99)
    first = gather_evidence(
        QUESTION, context=replace(context, arm=Arm.ADDREP, settings=replace(settings, similarity_floor=0.0))
    )
    model = ScriptedModel(texts=["1. Is light sedation preferred to deep sedation?"])
    both = gather_evidence(QUESTION, context=replace(context, arm=Arm.ADDREP, settings=settings, model=model))
    assert len(first.hits) == 1
    assert both.hits[0].chunk.id == first.hits[0].chunk.id
    assert [hit.document.title for hit in both.hits] == ["Potassium", "Sedation"]
    assert not both.is_sufficient


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"refinement": False}, "query_refinement"),
        ({"divergence": Divergence.NEVER}, "divergent_thinking"),
        ({"max_rounds": 1}, "divergent_thinking"),
    ],
)
def test_each_agent_can_be_switched_off(ask: Ask, changes: dict[str, Any], missing: str) -> None:
    settings = replace(addrep(**changes), similarity_floor=0.99)
    answer, _ = ask(OUTSIDE, arm=Arm.ADDREP, model=ScriptedModel(texts=[SUB_QUESTIONS]), settings=settings)
    assert missing not in steps(answer)


def test_sub_questions_come_first_where_the_settings_say_so(ask: Ask) -> None:
    model = ScriptedModel(texts=[SUB_QUESTIONS], selections=[(1,)])
    answer, _ = ask(arm=Arm.ADDREP, model=model, settings=addrep(divergence=Divergence.ALWAYS))
    assert steps(answer)[:3] == ["query_refinement", "divergent_thinking", "retrieval"]
    queries = [query["query"] for query in row(answer, "retrieval")["queries"]]
    assert queries == [QUESTION, "Which vaccines exist?", "When are vaccines given?"]


def test_the_model_grades_every_passage_and_what_is_useless_gives_no_sentence(ask: Ask) -> None:
    model = ScriptedModel(selections=[(1,)], scores=[(ALL_OF_IT, OFF, ALL_OF_IT)])
    settings = addrep(reading_span=math.inf)
    answer, _ = ask(arm=Arm.ADDREP, model=model, calibration=JUDGING, settings=settings)
    grades = row(answer, "relevance_judgement")["grades"]
    assert [grade["is_kept"] for grade in grades] == [True, False]
    assert grades[0]["grade"] == pytest.approx(3.0, abs=0.01)
    judged, chosen = model.prompts[0], model.prompts[-1]
    assert judged[0].content == chosen[0].content  # the passages are read once for both
    head = judged[1].content.partition("Question:")[0]
    assert chosen[1].content.startswith(head)
    (priors,) = model.log_priors
    assert any(prior == float("-inf") for prior in priors)
    assert all(prior == float("-inf") for prior in priors[-2:])  # the sentences of the second passage


def test_the_best_passage_is_never_useless(ask: Ask) -> None:
    model = ScriptedModel(selections=[(1,)], scores=[(OFF, OFF, ALL_OF_IT)])
    answer, _ = ask(arm=Arm.ADDREP, model=model, calibration=JUDGING)
    kept = [grade["is_kept"] for grade in row(answer, "relevance_judgement")["grades"]]
    assert kept.count(True) == 1


def test_a_bad_grade_of_all_passages_is_not_enough(ask: Ask) -> None:
    model = ScriptedModel(scores=[(SUBJECT, OFF, OFF)], texts=["1. What is potassium?"])
    answer, _ = ask(arm=Arm.ADDREP, model=model, calibration=JUDGING)
    assert answer.status is AnswerStatus.ABSTAINED
    assert row(answer, "sufficiency")["sufficiency"] < 0.5


def test_without_any_sentence_no_grade_is_enough(context: AnswerContext, library: Library) -> None:
    """A passage that is nothing but a caption: its grade must not let an empty answer be looked for."""
    caption = GivenPassages([GivenText(title="Table", text="Table 1. Severe hyperkalaemia")], library=library)
    model = ScriptedModel(scores=[[ALL_OF_IT, ALL_OF_IT]])
    changed = replace(context, arm=Arm.ADDREP, library=caption, model=model, calibration=JUDGING)
    evidence = gather_evidence(QUESTION, context=changed)
    assert evidence.sufficiency > 0.5
    assert not evidence.is_sufficient


def test_only_new_passages_are_graded_in_a_later_round(ask: Ask) -> None:
    model = ScriptedModel(
        scores=[(SUBJECT, SUBJECT), (PART, ALL_OF_IT)],
        texts=["1. Is light sedation preferred to deep sedation?"],
        selections=[(1,)],
    )
    settings = addrep(top_k=1, top_k_sub_question=2, reading_span=math.inf)
    answer, _ = ask(arm=Arm.ADDREP, model=model, calibration=JUDGING, settings=settings)
    judgements = [row for row in answer.trace if row["step"] == "relevance_judgement"]
    assert [len(row["grades"]) for row in judgements] == [1, 2]
    assert answer.status is AnswerStatus.ANSWERED


def test_a_follow_up_is_made_to_stand_alone(ask: Ask, history: History) -> None:
    first, _ = ask("Does calcium gluconate protect the heart in severe hyperkalaemia?")
    model = ScriptedModel(
        texts=["Does it lower serum potassium?", "Does calcium gluconate lower serum potassium?"][1:],
        selections=[(1,)],
    )
    answer, _ = ask(
        "Does it lower serum potassium?",
        arm=Arm.ADDREP,
        model=model,
        conversation=ConversationId(str(first.conversation)),
    )
    assert answer.question == "Does it lower serum potassium?"
    assert answer.standalone == "Does calcium gluconate lower serum potassium?"
    assert row(answer, "query_refinement")["by_model"]
    assert row(answer, "retrieval")["queries"][0]["query"] == answer.standalone


def test_a_rewriting_that_invents_is_not_taken(ask: Ask) -> None:
    first, _ = ask("Does calcium gluconate protect the heart in severe hyperkalaemia?")
    answer, _ = ask(
        "Does it lower serum potassium?",
        arm=Arm.ADDREP,
        model=ScriptedModel(texts=["Does sodium bicarbonate lower serum potassium?"], selections=[(1,)]),
        conversation=ConversationId(str(first.conversation)),
    )
    assert not row(answer, "query_refinement")["by_model"]
    assert answer.standalone == f"{first.question} Does it lower serum potassium?"


def test_a_chain_of_follow_ups_stays_short(ask: Ask) -> None:
    first, _ = ask("Does calcium gluconate protect the heart in severe hyperkalaemia?")
    conversation = ConversationId(str(first.conversation))
    invented = ScriptedModel(texts=["Does sodium bicarbonate?"], selections=[(1,)])
    for asked in ("Does it lower serum potassium?", "Why does it?", "Does insulin do the same?"):
        answer, _ = ask(asked, arm=Arm.ADDREP, model=invented, conversation=conversation)
        assert answer.standalone == f"{first.question} {asked}"


def test_another_subject_is_looked_up_without_the_conversation(ask: Ask) -> None:
    first, _ = ask()
    model = ScriptedModel(selections=[(1,)])
    answer, _ = ask(
        "May dexmedetomidine cause bradycardia?",
        arm=Arm.ADDREP,
        model=model,
        conversation=ConversationId(str(first.conversation)),
    )
    assert answer.standalone == answer.question
    assert not row(answer, "query_refinement")["refers_back"]
    assert len(model.prompts) == len(model.scored_answers) + 1 == 2


def test_a_part_without_evidence_makes_the_answer_partial(ask: Ask) -> None:
    question = "What is severe hyperkalaemia? Which vaccines do infants need?"
    answer, _ = ask(question, arm=Arm.ADDREP, model=ScriptedModel(selections=[(1,)]))
    assert answer.status is AnswerStatus.PARTIAL
    assert answer.sentences
    assert row(answer, "sufficiency")["open_parts"] == ["Which vaccines do infants need?"]


def test_it_can_be_stopped_before_anything(ask: Ask) -> None:
    cancel = threading.Event()
    cancel.set()
    answer, _ = ask(arm=Arm.ADDREP, cancel=cancel, calibration=JUDGING)
    assert answer.status is AnswerStatus.PARTIAL
    assert answer.sentences == ()


def test_evidence_without_an_answer(context: AnswerContext, library: Library) -> None:
    evidence = gather_evidence(QUESTION, context=replace(context, arm=Arm.RAG))
    assert evidence.is_sufficient
    assert 0.5 <= evidence.sufficiency <= 1
    assert evidence.hits[0].document.title == "Potassium"
    assert [row["step"] for row in evidence.trace] == ["retrieval", "sentence_ranking", "sufficiency"]
    nothing = gather_evidence(OUTSIDE, context=replace(context, arm=Arm.RAG))
    assert not nothing.is_sufficient
