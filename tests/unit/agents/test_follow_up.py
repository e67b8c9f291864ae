"""Which questions need the conversation."""

import pytest

from agents.follow_up import (
    EarlierTurn,
    find_subject,
    is_faithful,
    join_question,
    needs_conversation,
    recent,
)

CONVERSATION = "User: What is the dose of calcium gluconate in hyperkalaemia?\nAnswer: It is 30 mL."


@pytest.mark.parametrize(
    "question",
    [
        "What dose?",
        "And in children?",
        "How fast does it act?",
        "What about its side effects?",
        "Why?",
        "What are the criteria for this?",
        "What is the dose in pregnancy?",
        "Which of them is given first?",
        "剂量是多少？",
        "它的副作用呢？",
    ],
)
def test_a_question_that_points_back_needs_it(question: str) -> None:
    assert needs_conversation(question)


@pytest.mark.parametrize(
    "question",
    [
        "What is hyperkalaemia?",
        "Is it safe to give insulin in hyperkalaemia?",
        "In whom should albuminuria be measured?",
        "Is there evidence that SGLT2 inhibitors slow CKD?",
        "How long does it take to treat sepsis?",
        "Which patients need dialysis?",
        "高钾血症如何治疗？",
    ],
)
def test_a_question_with_its_own_subject_does_not(question: str) -> None:
    assert not needs_conversation(question)


def test_a_rewriting_takes_its_words_from_the_question_and_the_conversation() -> None:
    assert is_faithful(
        "How fast does calcium gluconate act in hyperkalaemia?", "How fast does it act?", CONVERSATION
    )


@pytest.mark.parametrize(
    "written",
    [
        "",
        "How fast does it act?",  # nothing was resolved
        "How fast does sodium bicarbonate act?",  # from nowhere
        "What is the dose of calcium gluconate?",  # the question is lost
        "How fast does calcium gluconate act within 3 minutes?",  # an answer crept in
    ],
)
def test_any_other_rewriting_is_refused(written: str) -> None:
    assert not is_faithful(written, "How fast does it act?", CONVERSATION)


def test_without_a_rewriting_both_questions_are_looked_up() -> None:
    assert join_question("And in children? ", " What is the dose?") == "What is the dose? And in children?"


def test_the_model_sees_the_last_turns_only() -> None:
    turns = [make_turn(f"Question {number}?", answer="word " * 200) for number in range(5)]
    shown = recent(turns)
    assert "Question 3?" in shown
    assert "Question 4?" in shown
    assert "Question 2?" not in shown
    assert len(shown) < 800


def test_a_long_question_is_cut_behind_a_word() -> None:
    shown = recent([make_turn("Creatinine " * 400, answer="It is 30 mL.")])
    assert len(shown) < 400
    assert shown.splitlines()[0].endswith("Creatinine")
    joined = join_question("And in children?", "Creatinine " * 400)
    assert len(joined) < 400
    assert joined.endswith("Creatinine And in children?")
    assert len(join_question("它呢？", "血钾" * 400)) < 400


def test_a_follow_up_of_a_follow_up_is_joined_to_the_question_that_stood_alone() -> None:
    """Each joined to the one before, they would grow with every question."""
    first = "What is the dose of calcium gluconate in hyperkalaemia?"
    turns = [make_turn(first)]
    for asked in ("And in children?", "How fast does it act?", "And in pregnancy?", "Why?"):
        understood = join_question(asked, find_subject(turns))
        assert understood == f"{first} {asked}"
        turns.append(make_turn(asked, understood=understood))


def test_a_rewritten_question_and_a_new_subject_stand_alone() -> None:
    rewritten = "How fast does calcium gluconate act?"
    turns = [make_turn("What is hyperkalaemia?"), make_turn("How fast does it act?", understood=rewritten)]
    assert find_subject(turns) == rewritten
    assert find_subject([*turns, make_turn("What is sepsis?")]) == "What is sepsis?"
    assert find_subject([make_turn("Why?")]) == "Why?"


def make_turn(asked: str, *, understood: str = "", answer: str = "It is so.") -> EarlierTurn:
    return EarlierTurn(asked=asked, understood=understood, answer=answer)


def test_a_piece_of_an_answer_is_no_question() -> None:
    answer = "The dose of calcium gluconate is 30 mL over ten minutes."
    copied = "How fast does the dose of calcium gluconate act over ten minutes?"
    assert not is_faithful(copied, "How fast does it act?", f"{CONVERSATION} {answer}", [answer])
