"""What the model would copy counts beside what is known of a sentence without it."""

from dataclasses import replace

import pytest

from agents.answer import AnswerStatus
from agents.context import AnswerContext
from agents.evidence import begin_state
from agents.nodes.retrieval import retrieval
from agents.nodes.select import select
from agents.nodes.sentence_ranking import sentence_ranking
from agents.nodes.sufficiency import sufficiency
from agents.passages import Candidate
from agents.sentence_begins import ASKED, PROMPT, first_words, score_begins
from agents.state import AnswerState
from tests.graph.conftest import QUESTION, SETTINGS, Ask
from tests.support.scripted_model import ScriptedModel

NEARLY_SURE, HARDLY = -0.1, -9.1


def choose(context: AnswerContext, model: ScriptedModel) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Run the choice; return the begins that were asked, and the priors of all sentences."""
    context = replace(context, model=model)
    select(found(context), context, lambda _: None)
    (asked,) = model.scored_answers
    (priors,) = model.log_priors
    return asked, priors


def found(context: AnswerContext) -> AnswerState:
    state = begin_state(QUESTION)
    for node in (retrieval, sentence_ranking, sufficiency):
        state |= node(state, context, lambda _: None).update
    return state


def test_the_likeliest_sentences_are_asked_by_their_first_words(context: AnswerContext) -> None:
    model = ScriptedModel(selections=[(1,)])
    asked, priors = choose(context, model)
    assert len(asked) == len(priors)
    assert "Severe hyperkalaemia is" in asked
    best = model.prompts[1][-1].content.partition(f"{priors.index(max(priors)) + 1}. ")[2]
    assert best.startswith(asked[0])
    assert (
        model.prompts[0][-1].content.partition("Question:")[0]
        == (model.prompts[1][-1].content.partition("Question:")[0])
    )  # the passages are read once


def test_a_sentence_that_would_be_copied_overtakes_a_likelier_one(context: AnswerContext) -> None:
    asked, before = choose(context, ScriptedModel(selections=[(1,)]))
    scores = [HARDLY, NEARLY_SURE, *[HARDLY] * (len(asked) - 2)]
    context = replace(context, settings=replace(SETTINGS, begin_share=2.0))
    _, after = choose(context, ScriptedModel(selections=[(1,)], scores=[[scores]]))
    ranked = sorted(range(len(before)), key=lambda place: -before[place])
    assert after.index(max(after)) == ranked[1]
    changed = [new - old for new, old in zip(after, before, strict=True)]
    assert max(changed) == pytest.approx(0.0)
    assert min(changed) == pytest.approx(2.0 * (HARDLY - NEARLY_SURE) / SETTINGS.model_share)


@pytest.mark.parametrize(
    ("model", "changes"),
    [
        (ScriptedModel(selections=[(1,)], n_params=500_000_000), {}),
        (ScriptedModel(selections=[(1,)]), {"begin_share": 0.0}),
    ],
)
def test_a_small_model_and_one_that_counts_nothing_are_not_asked(
    ask: Ask, model: ScriptedModel, changes: dict[str, float]
) -> None:
    answer, _ = ask(model=model, settings=replace(SETTINGS, **changes))  # type: ignore[arg-type]
    assert answer.status is AnswerStatus.ANSWERED
    assert model.scored_answers == []
    assert PROMPT not in answer.prompts


def test_what_was_asked_is_said(ask: Ask) -> None:
    model = ScriptedModel(selections=[(1, 2)], scores=[[(NEARLY_SURE, HARDLY, HARDLY, HARDLY, HARDLY)]])
    answer, _ = ask(model=model)
    (row,) = (row for row in answer.trace if row["step"] == "select")
    assert len(row["begins"]) == len(row["chosen"])
    assert set(row["begins"]) <= {0.0, round(SETTINGS.begin_share * (HARDLY - NEARLY_SURE), 2)}
    assert answer.prompts[PROMPT]


def test_no_more_are_asked_than_are_worth_it_and_none_that_is_useless(context: AnswerContext) -> None:
    model = ScriptedModel(scores=[[tuple(-float(place) for place in range(ASKED))]])
    (hit, *_) = found(context)["hits"]
    candidates = [Candidate(number=n, hit=hit, start=0, end=20) for n in range(1, ASKED + 4)]
    log_odds = [float("-inf"), *map(float, range(ASKED + 2))]
    values, _ = score_begins(candidates, log_odds, QUESTION, replace(context, model=model), lambda _: None)
    assert len(model.scored_answers[0]) == ASKED
    assert values[-1] == 0.0  # the likeliest
    assert values[0] == values[1] == values[2] == 1.0 - ASKED


def test_where_the_context_has_no_room_the_number_alone_counts(context: AnswerContext) -> None:
    (hit, *_) = found(context)["hits"]
    candidates = [Candidate(number=1, hit=hit, start=0, end=20)]
    context = replace(context, model=ScriptedModel(n_ctx=3))
    values, tokens = score_begins(candidates, [0.0], QUESTION, context, lambda _: None)
    assert values == [0.0]
    assert tokens.prompt == 0


@pytest.mark.parametrize(
    ("sentence", "begin"),
    [
        ("Calcium  gluconate\nprotects the heart in hyperkalaemia.", "Calcium gluconate protects"),
        ("Give calcium.", "Give calcium."),
        ("重症高钾血症是指血清钾高于6.5 mmol/L，需要紧急处理。", "重症高钾血症"),
    ],
)
def test_a_begin_is_short_in_every_language(sentence: str, begin: str) -> None:
    assert first_words(sentence) == begin
