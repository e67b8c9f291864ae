"""Exams as tables: which column holds what, guessed from the header and open to correction."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from agents.exams.errors import ExamFileError, MappingNeeded

FIELDS = ("id", "question", "options", "answer", "topic", "source", "context", "evidence", "explanation")
"""What a column can hold; ``options`` is one column for each option, or one with all of them as lines."""
REQUIRED = ("question", "answer")
_NAMES = {
    "id": ("id", "item", "number", "no", "nr", "编号"),
    "question": ("question", "stem", "item text", "query", "题目", "题干"),
    "options": ("options", "choices", "选项"),
    "answer": ("answer", "correct", "correct answer", "key", "right", "solution", "答案"),
    "topic": ("topic", "subject", "category", "medical discipline", "学科"),
    "source": ("source", "exam", "dataset"),
    "context": ("context", "passage", "case", "vignette"),
    "evidence": ("evidence", "gold", "reference text"),
    "explanation": ("explanation", "rationale", "comment", "why", "解析"),
}
_OPTION_PREFIXES = ("", "option ", "option_", "choice ", "choice_", "answer ", "op", "选项")
_FIELD_LIMIT = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Which columns of a table hold what."""

    columns: dict[str, tuple[str, ...]]
    """Names of columns by field; only ``options`` has several."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Fields without which no item can be made."""
        return tuple(field for field in REQUIRED if not self.columns.get(field))


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A table's header, how it would be read, and its first rows."""

    header: tuple[str, ...]
    mapping: Mapping
    rows: tuple[dict[str, Any], ...]


def guess_mapping(header: Sequence[str]) -> Mapping:
    """Guess from the names of the columns; the first that fits is taken."""
    plain = {name: name.strip().casefold() for name in header}
    columns: dict[str, tuple[str, ...]] = {}
    letters = _option_columns(plain)
    for field, names in _NAMES.items():
        found = [name for wanted in names for name in header if plain[name] == wanted]
        if found:
            columns[field] = (found[0],)
    if "options" not in columns and len(letters) > 1:
        columns["options"] = letters
    return Mapping(columns=columns)


def parse_mapping(pairs: Sequence[str], header: Sequence[str]) -> Mapping:
    """Read ``FIELD=COLUMN`` pairs over what is guessed; several columns of options are joined by ``|``.

    Without a column (``FIELD=``) a guess is taken back.

    Raises:
        MappingNeeded: a field or a column is not known.
    """
    columns = dict(guess_mapping(header).columns)
    for pair in pairs:
        field, equals, names = pair.partition("=")
        chosen = tuple(name.strip() for name in names.split("|") if name.strip())
        unknown = [name for name in chosen if name not in header]
        if not equals or field not in FIELDS or unknown:
            raise MappingNeeded(
                f"{pair!r} is no mapping: fields are {', '.join(FIELDS)}, columns are {', '.join(header)}."
            )
        columns[field] = chosen
    return Mapping(columns=columns)


def preview_table(file: Path, *, pairs: Sequence[str] = (), rows: int = 5) -> Preview:
    """Show how a table would be read.

    Raises:
        ExamFileError: it cannot be read.
        MappingNeeded: ``pairs`` names what is not there.
    """
    lines = _read_rows(file)
    header = _header(lines, file)
    mapping = parse_mapping(pairs, header)
    first = [dict(zip(header, row, strict=False)) for row in islice(lines, rows)]
    return Preview(header=header, mapping=mapping, rows=tuple(_apply(row, mapping) for row in first))


def show_cells(file: Path, *, rows: int = 3) -> dict[str, tuple[str, ...]]:
    """Return the first cells of each column that has a name, by its name.

    Raises:
        ExamFileError: it cannot be read.
    """
    lines = _read_rows(file)
    header = _header(lines, file)
    first = list(islice(lines, rows))
    return {
        name: tuple("" if place >= len(row) or row[place] is None else str(row[place]) for row in first)
        for place, name in enumerate(header)
        if name
    }


def read_table(file: Path, *, mapping: Mapping | None = None) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each row with its number in the table, as a record with our names.

    Raises:
        ExamFileError: it cannot be read.
        MappingNeeded: no column can be taken for the question or for the answer.
    """
    lines = _read_rows(file)
    header = _header(lines, file)
    mapping = mapping or guess_mapping(header)
    if mapping.missing:
        raise MappingNeeded(
            f"No column of {file.name} is known to hold the {' or the '.join(mapping.missing)}; "
            f"please name them, as in question=COLUMN (columns: {', '.join(header)})."
        )
    for number, row in enumerate(lines, 2):
        if any(str(cell).strip() for cell in row if cell is not None):
            yield number, _apply(dict(zip(header, row, strict=False)), mapping)


def _apply(row: dict[str, Any], mapping: Mapping) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for field, columns in mapping.columns.items():
        if not columns:  # a guess that was taken back
            continue
        cells = [row.get(column) for column in columns]
        if field == "options" and len(columns) > 1:
            record[field] = [str(cell).strip() for cell in cells if cell is not None and str(cell).strip()]
        else:
            record[field] = cells[0]
    return record


def _option_columns(plain: dict[str, str]) -> tuple[str, ...]:
    for prefix in _OPTION_PREFIXES:
        for marks in ("abcdefgh", "12345678", "01234567"):
            wanted = [f"{prefix}{mark}" for mark in marks]
            found = [name for want in wanted for name, text in plain.items() if text == want]
            if len(found) > 1 and plain[found[0]] == wanted[0]:
                return tuple(found)
    return ()


def _header(lines: Iterator[Sequence[Any]], file: Path) -> tuple[str, ...]:
    first = next(lines, None)
    header = tuple("" if cell is None else str(cell).strip() for cell in first or ())
    if not any(header):
        raise ExamFileError(f"{file.name} has no header; please name its columns in the first row.")
    return header


def _read_rows(file: Path) -> Iterator[Sequence[Any]]:
    if file.suffix.casefold() == ".xlsx":
        from rag.errors import BrokenDocument
        from rag.spreadsheet import read_sheet

        try:
            return iter(read_sheet(file))
        except BrokenDocument as error:
            raise ExamFileError(str(error)) from error
    return _read_csv(file)


def _read_csv(file: Path) -> Iterator[Sequence[Any]]:
    csv.field_size_limit(_FIELD_LIMIT)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ExamFileError(f"{file} cannot be read; please check its place and permissions.") from error
    head = text[: text.find("\n") + 1 or len(text)]
    delimiter = max("\t;,", key=head.count)
    return iter(csv.reader(text.splitlines(keepends=True), delimiter=delimiter))
