"""One item of a run in words: question, options, answer, evidence, prompt."""

from string import ascii_uppercase
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from agents.exams.records import ExamRow


def describe_item(row: "ExamRow") -> str:
    """Write out what was asked, what is right, what was said, and what the model saw."""
    parts = [row.question, *_options(row), _verdict(row)]
    if row.error is not None:
        parts.append(row.error)
    if row.explanation:
        parts.append(_tr("Why: {text}").format(text=row.explanation))
    if row.sufficiency is not None:
        parts.append(_tr("The evidence suffices with probability {p}.").format(p=f"{row.sufficiency:.2f}"))
    if row.method_answer:
        parts.append(_tr("Answer of the method:") + f"\n{row.method_answer}")
    for number, passage in enumerate(row.passages, 1):
        page = "" if passage.page is None else ", " + _tr("page {page}").format(page=passage.page)
        parts.append(f"[{number}] {passage.title}{page}\n{passage.text}")
    if row.cases:
        parts.append(_tr("Past cases that were shown: {cases}").format(cases=", ".join(row.cases)))
    parts.append(_tr("The prompt:") + f"\n{row.prompt}")
    return "\n\n".join(part for part in parts if part)


def _options(row: "ExamRow") -> list[str]:
    if not row.options:
        accepted = "; ".join(row.accepted)
        return [_tr("Accepted: {accepted}").format(accepted=accepted)] if accepted else []
    lines = []
    for number, option in enumerate(row.options):
        marks = [_tr("right")] * (number in row.correct) + [_tr("chosen")] * (number in row.choice)
        if row.probabilities:
            marks.append(f"{row.probabilities[number]:.2f}")
        lines.append(f"{ascii_uppercase[number]}. {option}" + (f"   ({', '.join(marks)})" if marks else ""))
    return ["\n".join(lines)]


def _verdict(row: "ExamRow") -> str:
    said = _tr("It is right.") if row.is_right else _tr("It is wrong.")
    if not row.options:
        said = f"{row.answer}\n{said}"
    if row.is_abstained:
        return _tr("Abstained. What would have been said: {said}").format(said=said)
    return said


def _tr(text: str) -> str:
    return QCoreApplication.translate("ExamItem", text)
