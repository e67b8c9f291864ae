"""Why an answer is wrong, as far as its row tells: what was found, and how sure the model was."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from agents.exams.items import LETTERS, AnswerKind
from agents.exams.records import ExamArm, ExamRow

NARROW = 0.1
"""Between the shares of the chosen and of the right option, below which the choice is a narrow one."""
_SHORTEST_WORD = 3
_CJK = re.compile(r"[\u3400-\u9fff]")


class Finding(StrEnum):
    """What can be said of a wrong answer, or of an abstention."""

    FAILED = "failed"
    """It could not be asked."""
    UNPARSABLE = "unparsable"
    """What was written is no answer."""
    WITHHELD_RIGHT = "withheld-right"
    """It was abstained from, though the choice was right."""
    WITHHELD_WRONG = "withheld-wrong"
    """It was abstained from, and the choice was wrong."""
    SAME_LETTER = "same-letter"
    """The same letter was chosen in every order: a preference, not knowledge."""
    DIVIDED = "divided"
    """The choice changes with the order of the options."""
    NARROW = "narrow"
    """The right option was nearly as likely."""
    NOTHING_FOUND = "nothing-found"
    """No passage was found."""
    ANSWER_FOUND = "answer-found"
    """A passage has the words of the right answer: it was not used."""
    ANSWER_NOT_FOUND = "answer-not-found"
    """No passage has the words of the right answer."""
    CHOICE_FOUND = "choice-found"
    """A passage has the words of the wrong answer, and none those of the right one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What speaks for which cause, the most telling first."""

    findings: tuple[Finding, ...] = ()
    passage: int | None = None
    """Number, from 1, of the passage that :attr:`Finding.ANSWER_FOUND` or ``CHOICE_FOUND`` means."""
    letter: str = ""
    """Of :attr:`Finding.SAME_LETTER`."""


def diagnose(row: ExamRow, arm: ExamArm) -> Diagnosis:
    """Say what an answer that does not count as right may be due to; nothing for one that does.

    It compares words, and knows nothing of meaning: "not found" may be said of an answer in other words.
    """
    if row.is_correct:
        return Diagnosis()
    if row.error is not None:
        return Diagnosis(findings=(Finding.FAILED,))
    findings: list[Finding] = []
    if row.is_abstained:
        findings.append(Finding.WITHHELD_RIGHT if row.is_right else Finding.WITHHELD_WRONG)
    elif not row.is_parsed:
        findings.append(Finding.UNPARSABLE)
    passage = None
    if arm is not ExamArm.CLOSED and not row.is_right:
        found, passage = _look_through(row)
        findings += found
    letter = _same_letter(row)
    if not row.is_right and row.is_parsed:
        findings += _doubts(row, letter)
    return Diagnosis(findings=tuple(findings), passage=passage, letter=letter)


def _look_through(row: ExamRow) -> tuple[list[Finding], int | None]:
    """Look for the words of the right answer, and of the chosen one, in the passages."""
    if not row.passages:
        return [Finding.NOTHING_FOUND], None
    if row.kind is AnswerKind.VERDICT:
        return [], None
    texts = [passage.text for passage in row.passages]
    look_for = partial(_first_with, texts)
    right = [row.options[number] for number in row.correct] or list(row.accepted[:1])
    if not any(_telling_words(answer) or _CJK.search(answer) for answer in right):
        return [], None
    if (passage := look_for(right)) is not None:
        return [Finding.ANSWER_FOUND], passage
    if row.options and (passage := look_for([row.options[number] for number in row.choice])) is not None:
        return [Finding.CHOICE_FOUND], passage
    return [Finding.ANSWER_NOT_FOUND], None


def _first_with(texts: Sequence[str], answers: Sequence[str]) -> int | None:
    """Return the number of the first text that has all words of one of the answers."""
    for number, text in enumerate(texts, 1):
        words, folded = set(_words(text)), text.casefold()
        for answer in answers:
            wanted = _telling_words(answer)
            is_there = answer.casefold() in folded if _CJK.search(answer) else wanted and words >= wanted
            if answer and is_there:
                return number
    return None


def _doubts(row: ExamRow, letter: str) -> list[Finding]:
    found = []
    if letter:
        found.append(Finding.SAME_LETTER)
    elif len({order.choice for order in row.orders}) > 1:
        found.append(Finding.DIVIDED)
    if row.probabilities and len(row.correct) == 1 and len(row.choice) == 1:
        lead = row.probabilities[row.choice[0]] - row.probabilities[row.correct[0]]
        found += [Finding.NARROW] * (lead < NARROW)
    return found


def _same_letter(row: ExamRow) -> str:
    """Return the letter that was chosen in each of several orders; empty where there is none."""
    letters = {
        LETTERS[order.order.index(order.choice[0])] if len(order.choice) == 1 else "" for order in row.orders
    }
    options = {order.choice for order in row.orders}
    return letters.pop() if len(letters) == 1 and len(options) > 1 else ""


def _telling_words(answer: str) -> set[str]:
    return {word for word in _words(answer) if len(word) >= _SHORTEST_WORD or word.isdigit()}


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
