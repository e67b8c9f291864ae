"""Why an answer is wrong is read off its row: what was found, and how sure the model was."""

from typing import Any

import pytest

from agents.exams.diagnosis import Diagnosis, Finding, diagnose
from agents.exams.items import AnswerKind
from agents.exams.records import ExamArm, ExamRow, OrderRecord, PassageRecord

OPTIONS = ("Calcium gluconate", "Insulin", "6.5 mmol/L", "Furosemide")


def make_row(**changes: Any) -> ExamRow:
    """Make a row of an item whose first option is right and whose second was chosen."""
    fields: dict[str, Any] = {
        "id": "q",
        "fingerprint": "0",
        "kind": AnswerKind.SINGLE,
        "question": "What protects the heart?",
        "options": OPTIONS,
        "correct": (0,),
        "choice": (1,),
        "is_right": False,
        "f1": 0.0,
        "prompt": "",
    }
    return ExamRow(**(fields | changes))


def orders(*choices: int) -> tuple[OrderRecord, ...]:
    """Make rotations of the options, each with its choice."""
    return tuple(
        OrderRecord(order=tuple((place + shift) % 4 for place in range(4)), choice=(choice,))
        for shift, choice in enumerate(choices)
    )


def passages(*texts: str) -> tuple[PassageRecord, ...]:
    return tuple(PassageRecord(text=text) for text in texts)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((), Diagnosis(findings=(Finding.NOTHING_FOUND,))),
        (("Sodium.", "Gluconate of CALCIUM."), Diagnosis(findings=(Finding.ANSWER_FOUND,), passage=2)),
        (("Give insulin.",), Diagnosis(findings=(Finding.CHOICE_FOUND,), passage=1)),
        (("Give insulin and calcium.",), Diagnosis(findings=(Finding.CHOICE_FOUND,), passage=1)),
        (("Nothing of it.",), Diagnosis(findings=(Finding.ANSWER_NOT_FOUND,))),
    ],
)
def test_passages_are_looked_through(texts: tuple[str, ...], expected: Diagnosis) -> None:
    assert diagnose(make_row(passages=passages(*texts)), ExamArm.RAG) == expected


def test_an_answer_of_letters_alone_cannot_be_looked_for() -> None:
    row = make_row(options=("ab", "cd", "bd", "ac"), passages=passages("Something else."))
    assert diagnose(row, ExamArm.RAG) == Diagnosis()


def test_without_a_library_nothing_is_said_of_passages() -> None:
    assert diagnose(make_row(), ExamArm.CLOSED) == Diagnosis()


def test_numbers_and_chinese_answers_are_found_too() -> None:
    number = make_row(correct=(2,), passages=passages("Above 6.5 mmol/L it is severe."))
    assert diagnose(number, ExamArm.RAG).findings == (Finding.ANSWER_FOUND,)
    chinese = make_row(options=("胰岛素", "呋塞米"), passages=passages("首先静脉使用胰岛素和葡萄糖。"))
    assert diagnose(chinese, ExamArm.RAG).findings == (Finding.ANSWER_FOUND,)


def test_a_preference_for_a_letter_is_told_from_a_divided_choice() -> None:
    # The second place holds options 1, 2, 3, 0 in the four orders.
    same = diagnose(make_row(orders=orders(1, 2, 3, 0)), ExamArm.CLOSED)
    assert (same.findings, same.letter) == ((Finding.SAME_LETTER,), "B")
    assert diagnose(make_row(orders=orders(1, 1, 3, 1)), ExamArm.CLOSED).findings == (Finding.DIVIDED,)
    assert diagnose(make_row(orders=orders(1, 1, 1, 1)), ExamArm.CLOSED) == Diagnosis()


def test_a_narrow_choice_is_told() -> None:
    narrow = make_row(probabilities=(0.36, 0.4, 0.14, 0.1))
    assert diagnose(narrow, ExamArm.CLOSED).findings == (Finding.NARROW,)
    assert diagnose(make_row(probabilities=(0.1, 0.7, 0.1, 0.1)), ExamArm.CLOSED) == Diagnosis()


def test_what_was_withheld_was_right_or_wrong() -> None:
    right = make_row(is_abstained=True, is_right=True, choice=(0,))
    assert diagnose(right, ExamArm.ADDREP).findings == (Finding.WITHHELD_RIGHT,)
    wrong = diagnose(make_row(is_abstained=True), ExamArm.ADDREP).findings
    assert wrong == (Finding.WITHHELD_WRONG, Finding.NOTHING_FOUND)


def test_a_right_answer_needs_no_reason_and_one_that_failed_has_its_own() -> None:
    assert diagnose(make_row(is_right=True, choice=(0,)), ExamArm.RAG) == Diagnosis()
    assert diagnose(make_row(error="It is too long."), ExamArm.RAG).findings == (Finding.FAILED,)
    unparsable = make_row(is_parsed=False, choice=())
    assert diagnose(unparsable, ExamArm.CLOSED).findings == (Finding.UNPARSABLE,)
