"""Exams in words: what a file holds, and one item of a run: question, options, cause, evidence, prompt."""

from collections import Counter
from dataclasses import dataclass
from string import ascii_uppercase
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from app.desktop.wording import describe_share, plural

if TYPE_CHECKING:
    from agents.exams.diagnosis import Diagnosis
    from agents.exams.importing import ImportedExam
    from agents.exams.items import ExamItem
    from agents.exams.records import ExamArm, ExamRow

PREVIEW_ITEMS = 5
LEFT_OUT_LINES = 500
"""More would keep the window's thread too long; ``bedside exam import`` names all."""
HEADING, TEXT, RIGHT, WRONG, QUESTION, PROMPT = "heading", "text", "right", "wrong", "question", "prompt"
"""How a part of an item's text is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A paragraph."""

    style: str
    text: str


def describe_exam(exam: "ImportedExam") -> str:
    """Say how many items a file holds, and how many of them are left out for which reason."""
    asked = plural(len(exam.items), _tr("{n} item"), _tr("{n} items"))
    reasons = Counter(str(each.reason) for each in exam.left_out)
    names = {
        "image": _tr("need a picture"),
        "duplicate": _tr("are there twice"),
        "damaged": _tr("are damaged"),
    }
    parts = [f"{count} {names[reason]}" for reason, count in reasons.items()]
    return asked + (_tr("; left out: {parts}").format(parts=", ".join(parts)) if parts else "")


def describe_preview(exam: "ImportedExam") -> str:
    """Write out the first items with their right answers, and all that is left out with the reason."""
    parts = [_describe_one(item) for item in exam.items[:PREVIEW_ITEMS]]
    if len(exam.items) > PREVIEW_ITEMS:
        more = len(exam.items) - PREVIEW_ITEMS
        parts.append(plural(more, _tr("… and {n} more."), _tr("… and {n} more.")))
    if exam.left_out:
        lines = [f"– {each.id}: {each.detail}" for each in exam.left_out[:LEFT_OUT_LINES]]
        if (more := len(exam.left_out) - LEFT_OUT_LINES) > 0:
            lines.append(plural(more, _tr("… and {n} more."), _tr("… and {n} more.")))
        parts.append("\n".join([_tr("Left out:"), *lines]))
    return "\n\n".join(parts)


def describe_item(row: "ExamRow", arm: "ExamArm") -> list[Part]:
    """Write out what was asked, what is right, what was said and why, and what the model saw."""
    from agents.exams.diagnosis import diagnose

    parts = [Part(style=QUESTION, text=row.question), *_options(row), *_verdict(row)]
    causes = describe_diagnosis(diagnose(row, arm), row)
    if causes:
        parts += _section(_tr("Why it was wrong"), "\n".join(f"– {cause}" for cause in causes))
    if row.explanation:
        parts += _section(_tr("Why the right answer is right"), row.explanation)
    if row.method_answer:
        parts += _section(_tr("Answer of the method"), row.method_answer)
    parts += _evidence(row)
    if row.cases:
        parts += _section(_tr("Past cases that were shown"), ", ".join(row.cases))
    parts += [Part(style=HEADING, text=_tr("The prompt")), Part(style=PROMPT, text=row.prompt)]
    return [part for part in parts if part.text]


def describe_diagnosis(diagnosis: "Diagnosis", row: "ExamRow") -> list[str]:
    """Say what an answer that is not right may be due to, a sentence for each cause."""
    sentences = {
        "failed": row.error or "",
        "unparsable": _tr("What was written is no answer."),
        "withheld-right": _tr("It was held back, though it was right: the evidence was judged too poor."),
        "withheld-wrong": _tr("It was held back: the evidence was judged too poor."),
        "same-letter": _tr(
            "“{letter}” was chosen in every order of the options: a preference for the letter, no knowledge."
        ).format(letter=diagnosis.letter),
        "divided": _tr("The choice changes with the order of the options: the model is unsure."),
        "narrow": _tr("The right option was nearly as likely."),
        "nothing-found": _tr("Nothing was found in the library."),
        "answer-found": _tr("Passage {n} has the words of the right answer, and was not made use of.").format(
            n=diagnosis.passage
        ),
        "answer-not-found": _tr("No passage has the words of the right answer."),
        "choice-found": _tr(
            "Passage {n} has the words of the wrong answer, and none has those of the right one."
        ).format(n=diagnosis.passage),
    }
    return [sentences[finding] for finding in diagnosis.findings]


def _describe_one(item: "ExamItem") -> str:
    right = set(item.correct)
    lines = [
        f"{'✓' if number in right else ' '} {ascii_uppercase[number]}. {option}"
        for number, option in enumerate(item.options)
    ]
    answer = [] if lines else [_tr("Accepted: {accepted}").format(accepted="; ".join(item.accepted))]
    about = " · ".join(part for part in (item.id, item.topic, item.source) if part)
    return "\n".join([about, item.question, *lines, *answer])


def _section(heading: str, text: str) -> list[Part]:
    return [Part(style=HEADING, text=heading), Part(style=TEXT, text=text)]


def _options(row: "ExamRow") -> list[Part]:
    if not row.options:
        accepted = "; ".join(row.accepted)
        return [Part(style=TEXT, text=_tr("Accepted: {accepted}").format(accepted=accepted))]
    parts = []
    for number, option in enumerate(row.options):
        is_right, is_chosen = number in row.correct, number in row.choice
        marks = [_tr("right")] * is_right + [_tr("chosen")] * is_chosen
        if row.probabilities:
            marks.append(f"{row.probabilities[number]:.2f}")
        style = RIGHT if is_right else WRONG if is_chosen else TEXT
        text = f"{ascii_uppercase[number]}. {option}" + (f"   ({', '.join(marks)})" if marks else "")
        parts.append(Part(style=style, text=text))
    return parts


def _verdict(row: "ExamRow") -> list[Part]:
    said = _tr("It is right.") if row.is_right else _tr("It is wrong.")
    parts = [] if row.options else [Part(style=TEXT, text=row.answer)]
    if row.is_abstained:
        said = _tr("Abstained. What would have been said: {said}").format(said=said)
    return [*parts, Part(style=RIGHT if row.is_correct else WRONG, text=said)]


def _evidence(row: "ExamRow") -> list[Part]:
    if not row.passages and row.sufficiency is None:
        return []
    parts = [Part(style=HEADING, text=_tr("What was found"))]
    if row.sufficiency is not None:
        said = _tr("That it suffices is judged to be likely to {share}.")
        parts.append(Part(style=TEXT, text=said.format(share=describe_share(row.sufficiency))))
    if row.is_abstained:
        parts.append(Part(style=TEXT, text=_tr("It was not shown to the model.")))
    for number, passage in enumerate(row.passages, 1):
        page = "" if passage.page is None else ", " + _tr("page {page}").format(page=passage.page)
        parts.append(Part(style=TEXT, text=f"[{number}] {passage.title}{page}\n{passage.text}"))
    return parts


def _tr(text: str) -> str:
    return QCoreApplication.translate("ExamItem", text)
