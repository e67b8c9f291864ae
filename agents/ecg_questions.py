"""Templated questions about an ECG recording, answered from its evidence lines and from nothing else.

Two kinds: numeric ("What is the PR interval?") and verify ("Is the PR interval longer than 200 ms?"). The
answer quotes a line; what is not in the lines is not answered, and a number of any text that is in no line is
flagged. Knows neither model nor graph.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rag.clinical.ecg.types import EvidenceLine

_NUMBER = re.compile(r"(?<![\w.])[-+−]?\d+(?:\.\d+)?")
NOT_MEASURABLE = "not measurable"


class Kind(StrEnum):
    """What is asked for."""

    NUMERIC = "numeric"
    VERIFY = "verify"


class Verdict(StrEnum):
    """How an answer compares with the reference."""

    RIGHT = "right"
    WRONG = "wrong"
    SAID_SO = "rightly said not measurable"
    MISSED = "said not measurable, but it is"
    INVENTED = "answered what cannot be measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Template:
    name: str
    unit: str
    tolerance: float
    """How far an answer may be from the reference and still be right, in ``unit``."""
    limits: tuple[tuple[str, float], ...]
    """What verify questions ask: ``("longer", 200)``."""


_TEMPLATES = {
    "heart_rate": _Template(
        name="heart rate", unit="/min", tolerance=2, limits=(("higher", 100), ("lower", 60))
    ),
    "pr": _Template(name="PR interval", unit="ms", tolerance=20, limits=(("longer", 200), ("shorter", 120))),
    "qrs": _Template(name="QRS duration", unit="ms", tolerance=20, limits=(("longer", 120),)),
    "qt": _Template(name="QT interval", unit="ms", tolerance=30, limits=(("longer", 440),)),
}
_UPWARD = ("longer", "higher")


@dataclass(frozen=True, slots=True, kw_only=True)
class EcgQuestion:
    """One question with its reference."""

    text: str
    kind: Kind
    measurement: str
    comparison: tuple[str, float] | None
    """For verify questions: the word and the limit."""
    reference: float | None
    """The true value; ``None`` where there is none."""

    def judge(self, answer: "EcgAnswer") -> Verdict:
        """Compare an answer with the reference."""
        if self.reference is None:
            return Verdict.SAID_SO if answer.value is None else Verdict.INVENTED
        if answer.value is None:
            return Verdict.MISSED
        if self.comparison is None:
            is_right = abs(answer.value - self.reference) <= _TEMPLATES[self.measurement].tolerance
        else:
            is_right = answer.is_yes == _holds(self.comparison, self.reference)
        return Verdict.RIGHT if is_right else Verdict.WRONG


@dataclass(frozen=True, slots=True, kw_only=True)
class EcgAnswer:
    """What the lines say to a question."""

    text: str
    value: float | None
    is_yes: bool | None
    """Of verify questions; ``None`` where it cannot be said."""
    lines: tuple[str, ...]
    """Ids of the lines it quotes."""
    flagged: tuple[str, ...]
    """Numbers of ``text`` that are neither in a line nor in the question; none unless there is a bug."""


def make_questions(reference: Mapping[str, float | None]) -> tuple[EcgQuestion, ...]:
    """Make the numeric and verify questions for a recording with known values.

    Args:
        reference: true values by measurement; ``None`` where there is none to be measured.
    """
    questions = []
    for name, template in _TEMPLATES.items():
        if name not in reference:
            continue
        numeric = f"What is the {template.name} of this recording?"
        texts: list[tuple[Kind, str, tuple[str, float] | None]] = [(Kind.NUMERIC, numeric, None)]
        for word, limit in template.limits:
            text = f"Is the {template.name} {word} than {limit:g} {template.unit}?"
            texts.append((Kind.VERIFY, text, (word, limit)))
        for kind, text, comparison in texts:
            questions.append(
                EcgQuestion(
                    text=text,
                    kind=kind,
                    measurement=name,
                    comparison=comparison,
                    reference=reference[name],
                )
            )
    return tuple(questions)


def answer_question(question: EcgQuestion, evidence: Sequence[EvidenceLine]) -> EcgAnswer:
    """Answer from the line of the measurement; the number is read out of its text."""
    line = next((line for line in evidence if line.measurement == question.measurement), None)
    found = None if line is None or NOT_MEASURABLE in line.text else _NUMBER.search(line.text)
    if line is None or found is None:
        text = "The recording's evidence does not hold it." if line is None else line.text
        return _make(question, text, value=None, is_yes=None, line=line, evidence=evidence)
    value = float(found[0])
    if question.comparison is None:
        return _make(question, line.text, value=value, is_yes=None, line=line, evidence=evidence)
    is_yes = _holds(question.comparison, value)
    text = f"{'Yes' if is_yes else 'No'}: {line.text}"
    return _make(question, text, value=value, is_yes=is_yes, line=line, evidence=evidence)


def flag_numbers(text: str, evidence: Sequence[EvidenceLine], *, question: str = "") -> tuple[str, ...]:
    """Return the numbers of a text that are in no evidence line and not in the question.

    Compared as values: 200 and 200.0 are one number. An id or a year in a source counts as being in a line.
    """
    allowed = {_value(number) for line in evidence for number in _NUMBER.findall(line.text)}
    allowed |= {_value(number) for number in _NUMBER.findall(question)}
    return tuple(number for number in _NUMBER.findall(text) if _value(number) not in allowed)


def _value(number: str) -> float:
    return float(number.replace("−", "-"))


def _holds(comparison: tuple[str, float], value: float) -> bool:
    word, limit = comparison
    return value > limit if word in _UPWARD else value < limit


def _make(
    question: EcgQuestion,
    text: str,
    *,
    value: float | None,
    is_yes: bool | None,
    line: EvidenceLine | None,
    evidence: Sequence[EvidenceLine],
) -> EcgAnswer:
    return EcgAnswer(
        text=text,
        value=value,
        is_yes=is_yes,
        lines=() if line is None else (line.id,),
        flagged=flag_numbers(text, evidence, question=question.text),
    )
