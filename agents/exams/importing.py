"""Reading a file of exam items, and saying what of it was left out and why."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from agents.exams.errors import ExamFileError
from agents.exams.items import AnswerKind, ExamItem
from agents.exams.shapes import DamagedRecord, Record, find_conventions, read_record, write_record
from agents.exams.tables import Mapping as ColumnMapping
from agents.exams.tables import preview_table, read_table

TABLES = (".csv", ".tsv", ".xlsx")
MAX_BYTES = 512 * 2**20


class LeftOutReason(StrEnum):
    """Why a record of the file is not asked."""

    IMAGE = "image"
    """It needs a picture, which no text model sees."""
    DUPLICATE = "duplicate"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A record that is not asked."""

    id: str
    """Its id, or where it stands in the file."""
    reason: LeftOutReason
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedExam:
    """What a file holds."""

    name: str
    """The file's name without its ending."""
    sha256: str
    """Of the items that are asked, in their order."""
    items: tuple[ExamItem, ...]
    left_out: tuple[LeftOut, ...] = ()

    def count(self, kind: AnswerKind) -> int:
        """How many items are answered in this way."""
        return sum(item.kind is kind for item in self.items)


def import_exam(file: Path, *, mapping: ColumnMapping | None = None) -> ImportedExam:
    """Read a file of items: JSON, JSON lines, CSV or XLSX, in any shape of :mod:`agents.exams.shapes`.

    Raises:
        ExamFileError: it cannot be read, or holds no item.
        MappingNeeded: a table whose columns cannot be guessed and were not named.
    """
    records = list(read_records(file, mapping=mapping))
    exam = sort_records(records, name=file.stem)
    if not exam.items:
        why = f" ({exam.left_out[0].detail})" if exam.left_out else ""
        raise ExamFileError(f"{file.name} holds no item that can be asked{why}; please choose another file.")
    return exam


def import_file(file: Path, columns: Sequence[str] = ()) -> ImportedExam:
    """Read a file of items, the columns of a table as they are named: ``FIELD=COLUMN``.

    Raises:
        ExamFileError, MappingNeeded: see :func:`import_exam`.
    """
    mapping = None
    if columns and file.suffix.casefold() in TABLES:
        mapping = preview_table(file, pairs=columns, rows=0).mapping
    return import_exam(file, mapping=mapping)


def sort_records(records: Sequence[tuple[str, Record | None]], *, name: str) -> ImportedExam:
    """Make items of records and leave out what is damaged, needs a picture, or came before.

    Args:
        records: each with its place in the file; ``None`` where it is no object.
        name: of the file.
    """
    conventions = find_conventions([record for _, record in records if record is not None], source=name)
    items: list[ExamItem] = []
    left_out: list[LeftOut] = []
    ids: dict[str, str] = {}
    contents: dict[str, str] = {}
    for number, (place, record) in enumerate(records, 1):
        try:
            if record is None:
                raise DamagedRecord("it is not a JSON object")
            item = read_record(record, number=number, conventions=conventions)
        except (DamagedRecord, ValueError, TypeError) as error:
            detail = str(error) if isinstance(error, DamagedRecord) else "its fields have other types"
            label = str(record.get("id", place)) if record else place
            left_out.append(LeftOut(id=label, reason=LeftOutReason.DAMAGED, detail=detail))
            continue
        reason = _reason_to_leave_out(item, ids, contents)
        if reason is None:
            ids[item.id] = contents[item.content_key] = item.id
            items.append(item)
        else:
            left_out.append(reason)
    digest = hashlib.sha256("\n".join(item.fingerprint for item in items).encode()).hexdigest()
    return ImportedExam(name=name, sha256=digest, items=tuple(items), left_out=tuple(left_out))


def write_items(items: Sequence[ExamItem], file: Path) -> None:
    """Write items as JSON lines in Bedside's own shape.

    Raises:
        ExamFileError: the disk refuses.
    """
    lines = [json.dumps(write_record(item), ensure_ascii=False) + "\n" for item in items]
    try:
        file.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise ExamFileError(f"{file} cannot be written; please choose another place.") from error


def read_records(file: Path, *, mapping: ColumnMapping | None = None) -> Iterator[tuple[str, Record | None]]:
    """Yield each record with its place in the file; ``None`` for one that is damaged.

    Raises:
        ExamFileError: the file is missing, too large, or nothing of it can be read.
        MappingNeeded: see :func:`import_exam`.
    """
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ExamFileError(f"{file.name} is too large for an exam; please split it.")
        if file.suffix.casefold() in TABLES:
            yield from ((f"row {number}", row) for number, row in read_table(file, mapping=mapping))
        else:
            yield from _read_json(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ExamFileError(f"{file} cannot be read; please check its place and permissions.") from error
    except UnicodeDecodeError as error:
        raise ExamFileError(f"{file.name} is not a text in UTF-8; please save it as such.") from error


def _read_json(text: str) -> Iterator[tuple[str, Record | None]]:
    try:
        whole = json.loads(text)
    except ValueError:
        yield from _read_lines(text)
        return
    if isinstance(whole, list):
        yield from ((f"item {number}", _object(row)) for number, row in enumerate(whole, 1))
    elif isinstance(whole, dict) and whole and all(isinstance(value, dict) for value in whole.values()):
        yield from _read_groups(whole)
    else:
        yield "item 1", _object(whole)


def _read_groups(whole: Mapping[str, Any]) -> Iterator[tuple[str, Record | None]]:
    """MIRAGE: data set > id > item; PubMedQA: id > item."""
    for name, group in whole.items():
        rows = list(group.values())
        if (
            rows
            and all(isinstance(row, dict) for row in rows)
            and not any(key in group for key in ("question", "QUESTION"))
        ):
            yield from ((key, {"id": f"{name}-{key}", "source": name, **row}) for key, row in group.items())
        else:
            yield name, {"id": name, **group}


def _read_lines(text: str) -> Iterator[tuple[str, Record | None]]:
    # Not splitlines: a line separator inside a text ends no record.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield f"line {number}", _object(json.loads(line))
            except ValueError:
                yield f"line {number}", None


def _object(value: Any) -> Record | None:
    return value if isinstance(value, dict) else None


def _reason_to_leave_out(
    item: ExamItem, ids: Mapping[str, str], contents: Mapping[str, str]
) -> LeftOut | None:
    if item.needs_image:
        return LeftOut(id=item.id, reason=LeftOutReason.IMAGE, detail="it needs a picture")
    if any("corrupt" in flag for flag in item.flags):
        return LeftOut(id=item.id, reason=LeftOutReason.DAMAGED, detail=f"flagged: {', '.join(item.flags)}")
    before = ids.get(item.id) or contents.get(item.content_key)
    if before is not None:
        return LeftOut(id=item.id, reason=LeftOutReason.DUPLICATE, detail=f"the same as {before}")
    return None
