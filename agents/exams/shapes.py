"""The shapes in which exams are published, one record at a time.

Known: MIRAGE, MedQA (options as a dictionary or a list), MedMCQA (``opa``..``opd``, ``cop``), MMLU
(``choices``, a number), PubMedQA (both spellings), ARC-like (``choices.text``, ``answerKey``), SWAG-like
(``ending0``.., ``label``), CMB and CMExam (letters run together: ``ABD``), BioASQ (synonyms), and the one
that Bedside writes.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.exams.items import LETTERS, AnswerKind, ExamItem

Record = Mapping[str, Any]
_QUESTION = ("question", "stem", "sent1", "query", "input", "problem", "题目", "题干", "问题")
_OPTIONS = ("options", "option", "choices", "选项")
_ANSWER = (
    "answer_idx",
    "answerkey",
    "answer",
    "label",
    "final_decision",
    "gold_answer",
    "correct",
    "target",
    "答案",
)
_EXPLANATION = ("explanation", "exp", "rationale", "解析", "解释")
_CONTEXT = ("context", "contexts", "passage", "abstract")
_GOLD = ("evidence", "gold_passage", "gold_passages")
_TOPIC = ("topic", "subject", "subject_name", "exam_subject", "medical discipline", "学科")
_SOURCE = ("source", "dataset", "exam_class")
_ID = ("id", "pubid", "pmid", "question_id", "qid")
_VERDICTS = {"yes", "no", "maybe", "true", "false", "是", "否"}
_OPTION_LINE = re.compile(r"^\s*[(（]?([A-Z])[)）.、．:：\s]\s*(.+?)\s*$", re.MULTILINE)
_MULTIPLE = re.compile(r"多项|多选|multiple[ _-]?(?:answers?|response|select)|^x型", re.IGNORECASE)


class DamagedRecord(Exception):
    """A record is no item; the text says why, in a few words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """What one record by itself does not tell."""

    first_cop: int = 0
    """MedMCQA's ``cop`` counts from 0 on the hub and from 1 in the original files."""
    source: str = ""
    """Name of the file or data set, where a record names no source."""


def find_conventions(records: Sequence[Record], *, source: str = "") -> Conventions:
    """Look through all records of a file."""
    cops = {str(record["cop"]) for record in records if record.get("cop") is not None}
    return Conventions(first_cop=int("4" in cops and "0" not in cops), source=source)


def read_record(record: Record, *, number: int, conventions: Conventions) -> ExamItem:
    """Make an item of a record in any known shape.

    Args:
        record: as it stands in the file.
        number: from 1; names an item without an id.
        conventions: of its file.

    Raises:
        DamagedRecord: it has no question, no right answer, or options that cannot be told apart.
    """
    fields = {str(key).strip().casefold(): value for key, value in record.items()}
    question = _text(_first(fields, _QUESTION))
    if not question:
        raise DamagedRecord("it has no question")
    labels, options = _read_options(fields)
    _check_options(options)
    accepted: tuple[str, ...] = ()
    if options:
        correct, kind = _read_letters(fields, labels, options, conventions)
    elif (verdict := _read_verdict(fields)) is not None:
        (options, correct), kind = verdict, AnswerKind.VERDICT
    else:
        correct, kind, accepted = (), AnswerKind.FREE, _read_accepted(fields)
    return ExamItem(
        id=_text(_first(fields, _ID)) or f"{conventions.source or 'item'}-{number}",
        question=question,
        kind=kind,
        options=options,
        correct=correct,
        accepted=accepted,
        topic=_text(_first(fields, _TOPIC)),
        source=_text(_first(fields, _SOURCE)) or conventions.source,
        context=_texts(_first(fields, _CONTEXT)),
        gold=_texts(_first(fields, _GOLD)),
        explanation=_text(_first(fields, _EXPLANATION)),
        flags=_texts(fields.get("flags")),
    )


def write_record(item: ExamItem) -> dict[str, Any]:
    """Return an item as Bedside writes it: one object, options by letter."""
    answer: object = item.correct_letters or list(item.accepted)
    record = {
        "id": item.id,
        "kind": str(item.kind),
        "question": item.question,
        "options": dict(zip(LETTERS, item.options, strict=False)),
        "answer": answer,
        "topic": item.topic,
        "source": item.source,
        "context": list(item.context),
        "evidence": list(item.gold),
        "explanation": item.explanation,
        "flags": list(item.flags),
    }
    return {key: value for key, value in record.items() if value not in ("", [], {})}


def _read_options(fields: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the labels that the file gives the options, and the options."""
    raw = _first(fields, _OPTIONS)
    for keys in (
        ("opa", "opb", "opc", "opd", "ope"),
        tuple(f"ending{number}" for number in range(8)),
        tuple("abcdefgh"),
    ):
        if raw is None and _text(fields.get(keys[0])) and _text(fields.get(keys[1])):
            raw = [fields[key] for key in keys if _text(fields.get(key))]
    if (
        isinstance(raw, Mapping)
        and isinstance(raw.get("text"), Sequence)
        and not isinstance(raw["text"], str)
    ):
        return tuple(map(str, raw.get("label", LETTERS[: len(raw["text"])]))), _texts(raw["text"])
    if isinstance(raw, Mapping):
        pairs = [(str(key).strip(), _text(value)) for key, value in raw.items() if _text(value)]
        return tuple(key for key, _ in pairs), tuple(text for _, text in pairs)
    if isinstance(raw, str):
        pairs = _OPTION_LINE.findall(raw)
        return tuple(key for key, _ in pairs), tuple(text for _, text in pairs)
    if isinstance(raw, Sequence) and raw and isinstance(raw[0], Mapping):
        pairs = [(_text(row.get("key")), _text(row.get("value"))) for row in raw]
        return tuple(key for key, _ in pairs), tuple(text for _, text in pairs)
    texts = [_text(value) for value in raw] if isinstance(raw, Sequence) else []
    return tuple(LETTERS[: len(texts)]), tuple(texts)


def _check_options(options: Sequence[str]) -> None:
    if len(options) == 1 or not all(options):
        raise DamagedRecord("an option is empty or stands alone")
    if len(options) > len(LETTERS):
        raise DamagedRecord(f"it has more than {len(LETTERS)} options")
    if len({option.casefold() for option in options}) < len(options):
        raise DamagedRecord("two options are the same")


def _read_letters(
    fields: Mapping[str, Any], labels: Sequence[str], options: Sequence[str], conventions: Conventions
) -> tuple[tuple[int, ...], AnswerKind]:
    if fields.get("cop") is not None and "answer" not in fields:
        correct = {int(fields["cop"]) - conventions.first_cop}
    else:
        correct = _match_answer(_first(fields, _ANSWER), labels, options)
    if not correct or not all(0 <= number < len(options) for number in correct):
        raise DamagedRecord("its right answer is not among its options")
    kinds = " ".join(_text(fields.get(key)) for key in ("kind", "question_type", "题型"))
    if len(correct) > 1 or _MULTIPLE.search(kinds) or kinds.strip() == AnswerKind.MULTIPLE:
        kind = AnswerKind.MULTIPLE
    elif {option.casefold() for option in options} <= _VERDICTS:
        kind = AnswerKind.VERDICT
    else:
        kind = AnswerKind.SINGLE
    return tuple(sorted(correct)), kind


def _match_answer(answer: Any, labels: Sequence[str], options: Sequence[str]) -> set[int]:
    """Find the options that an answer names: by number from 0, by label, by several labels, by its text."""
    if isinstance(answer, bool):
        answer = "yes" if answer else "no"
    if isinstance(answer, int):
        return {answer}
    if isinstance(answer, Sequence) and not isinstance(answer, str):
        return {number for part in answer for number in _match_answer(part, labels, options)}
    text = _text(answer)
    names = {label.casefold(): number for number, label in enumerate(labels)}
    texts = {option.casefold(): number for number, option in enumerate(options)}
    for known in (names, texts):
        if text.casefold() in known:
            return {known[text.casefold()]}
    parts = [part for part in re.split(r"[\s,;，、；/]+|(?<=[A-Za-z])(?=[A-Za-z])", text) if part]
    if parts and all(part.casefold() in names for part in parts):
        return {names[part.casefold()] for part in parts}
    if text.isdecimal():
        return {int(text)}
    return set()


def _read_verdict(fields: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[int, ...]] | None:
    """Yes, no and maybe without options: PubMedQA's ``final_decision`` and files like it."""
    decision = _first(fields, ("final_decision", "answer"))
    if isinstance(decision, bool):
        decision = "yes" if decision else "no"
    if isinstance(decision, list) and len(decision) == 1:
        decision = decision[0]
    verdicts = ("yes", "no", "maybe") if "final_decision" in fields else ("yes", "no")
    if isinstance(decision, str) and decision.casefold() in verdicts:
        return verdicts, (verdicts.index(decision.casefold()),)
    return None


def _read_accepted(fields: Mapping[str, Any]) -> tuple[str, ...]:
    answer = _first(fields, ("answer", "answers", "target", "答案"))
    if isinstance(answer, list) and any(isinstance(part, list) for part in answer):
        groups = [part if isinstance(part, list) else [part] for part in answer]
        if _text(fields.get("type")) == "list":
            accepted: tuple[str, ...] = ("; ".join(_text(group[0]) for group in groups if group),)
        else:
            accepted = tuple(_text(name) for group in groups for name in group)
    else:
        accepted = _texts(answer)
    accepted = accepted or _texts(fields.get("ideal_answer"))
    if not accepted:
        raise DamagedRecord("it has no right answer")
    return accepted


def _first(fields: Mapping[str, Any], keys: Iterable[str]) -> Any:
    """Return the first field that is there and not empty."""
    return next((fields[key] for key in keys if fields.get(key) not in (None, "", [], {})), None)


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        value = _first(value, ("contexts", "text"))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(text for part in value if (text := _text(part)))
    return (text,) if (text := _text(value)) else ()
