"""Where the graph goes next, as a table."""

from dataclasses import replace
from typing import Any

import pytest
from langgraph.runtime import Runtime

from agents import routing
from agents.answer import AnswerSentence, AnswerStatus, Arm, Method
from agents.context import AddRepSettings, AnswerContext, AnswerSettings, Divergence
from agents.state import AnswerState, SubQuestion

SENTENCE = AnswerSentence(text="Something.")
STOPPED: AnswerState = {"status": AnswerStatus.PARTIAL}


def runtime(context: AnswerContext, **changes: Any) -> Runtime[AnswerContext]:
    return Runtime(context=replace(context, **changes))


def addrep(**changes: Any) -> AnswerSettings:
    return AnswerSettings(addrep=AddRepSettings(**changes))


@pytest.mark.parametrize(
    ("arm", "settings", "expected"),
    [
        (Arm.CLOSED, addrep(), "write"),
        (Arm.RAG, addrep(), "retrieval"),
        (Arm.ADDREP, addrep(), "query_refinement"),
        (Arm.ADDREP, addrep(refinement=False), "retrieval"),
        (Arm.ADDREP, addrep(refinement=False, divergence=Divergence.ALWAYS), "divergent_thinking"),
    ],
)
def test_after_start(context: AnswerContext, arm: Arm, settings: AnswerSettings, expected: str) -> None:
    assert routing.after_start({}, runtime(context, arm=arm, settings=settings)) == expected


@pytest.mark.parametrize(
    ("divergence", "expected"),
    [
        (Divergence.NEVER, "retrieval"),
        (Divergence.WHEN_NEEDED, "retrieval"),
        (Divergence.ALWAYS, "divergent_thinking"),
    ],
)
def test_after_refinement(context: AnswerContext, divergence: Divergence, expected: str) -> None:
    settings = addrep(divergence=divergence)
    assert routing.after_refinement({}, runtime(context, settings=settings)) == expected


def test_after_divergence_only_new_questions_are_searched_for() -> None:
    sub = SubQuestion(text="Why?", round=2)
    assert routing.after_divergence({"round": 1, "sub_questions": (sub,)}) == "retrieval"
    assert routing.after_divergence({"round": 1, "sub_questions": ()}) == "abstain"
    assert routing.after_divergence({"sub_questions": ()}) == "retrieval"


@pytest.mark.parametrize(("arm", "expected"), [(Arm.RAG, "sufficiency"), (Arm.ADDREP, "relevance_judgement")])
def test_after_ranking(context: AnswerContext, arm: Arm, expected: str) -> None:
    assert routing.after_retrieval({}) == "sentence_ranking"
    assert routing.after_ranking({}, runtime(context, arm=arm)) == expected


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (Method.CP_ORDER, "select"),
        (Method.CP_LINK, "select"),
        (Method.CP_REFINE, "refine"),
        (Method.QUOTE, "compose"),
        (Method.ATTRIBUTED, "compose"),
        (Method.CITATIONS, "compose"),
    ],
)
def test_sufficient_evidence_is_answered_from(context: AnswerContext, method: Method, expected: str) -> None:
    state: AnswerState = {"is_sufficient": True, "round": 1}
    assert routing.after_sufficiency(state, runtime(context, method=method)) == expected


@pytest.mark.parametrize(
    ("arm", "settings", "rounds", "expected"),
    [
        (Arm.RAG, addrep(), 1, "abstain"),
        (Arm.ADDREP, addrep(), 1, "divergent_thinking"),
        (Arm.ADDREP, addrep(), 2, "abstain"),
        (Arm.ADDREP, addrep(max_rounds=1), 1, "abstain"),
        (Arm.ADDREP, addrep(divergence=Divergence.NEVER), 1, "abstain"),
    ],
)
def test_the_loop_is_bounded(
    context: AnswerContext, arm: Arm, settings: AnswerSettings, rounds: int, expected: str
) -> None:
    state: AnswerState = {"is_sufficient": False, "round": rounds}
    assert routing.after_sufficiency(state, runtime(context, arm=arm, settings=settings)) == expected


@pytest.mark.parametrize(
    ("sentences", "method", "expected"),
    [
        ((SENTENCE,), Method.CP_ORDER, "check"),
        ((SENTENCE,), Method.CP_LINK, "link"),
        ((), Method.CP_LINK, "abstain"),
    ],
)
def test_after_verify(
    context: AnswerContext, sentences: tuple[AnswerSentence, ...], method: Method, expected: str
) -> None:
    assert routing.after_verify({"sentences": sentences}, runtime(context, method=method)) == expected


def test_what_was_stopped_is_saved(context: AnswerContext) -> None:
    run = runtime(context)
    empty: AnswerState = {**STOPPED, "sentences": ()}
    assert routing.after_refinement(STOPPED, run) == "save"
    assert routing.after_divergence(STOPPED) == "save"
    assert routing.after_retrieval(STOPPED) == "save"
    assert routing.after_ranking(STOPPED, run) == "save"
    assert routing.after_judgement(STOPPED) == "save"
    assert routing.after_sufficiency(STOPPED, run) == "save"
    assert routing.after_survey(empty) == "save"
    assert routing.after_verify(empty, run) == "save"
    assert routing.after_check(empty) == "save"


def test_an_answer_without_sentences_is_an_abstention() -> None:
    assert routing.after_survey({"sentences": ()}) == "abstain"
    assert routing.after_check({"sentences": ()}) == "abstain"
    assert routing.after_check({"sentences": (SENTENCE,)}) == "save"
