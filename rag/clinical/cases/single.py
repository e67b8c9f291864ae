"""One patient by hand: ``KEY=VALUE`` pairs, or a row of a table or of a JSON file."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.clinical.cases.columns import understand, understand_header
from rag.clinical.cases.evidence import write_range
from rag.clinical.cases.gathering import Gatherer
from rag.clinical.cases.importing import HOURS, import_patients
from rag.clinical.cases.table_files import RawTable
from rag.clinical.cases.types import ColumnRole, Patient
from rag.errors import BrokenTable, ColumnsNeeded

_WITH_UNIT = re.compile(r"(?P<number>[<>]?\s*[+-]?\d+(?:[.,]\d+)?)\s*(?P<unit>[^\d\s.,:][^:]*)")
BY_HAND = "patient"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenPatient:
    """A patient, and what of the input was not taken."""

    patient: Patient
    notes: tuple[str, ...]
    """A sentence each."""


def read_given(words: Sequence[str], *, columns: Sequence[str] = (), row: str | None = None) -> GivenPatient:
    """Read what a command line names: one file, or ``KEY=VALUE`` pairs.

    Args:
        words: a table or a JSON file; or pairs such as ``lactate=4.2`` or ``creatinine=180umol/L``.
        columns: ``FIELD=COLUMN`` pairs for a file.
        row: id of the patient in a file; without it the file has to hold one.

    Raises:
        PatientTableError: in a sentence for the user.
    """
    if len(words) == 1 and "=" not in words[0]:
        return _from_file(Path(words[0]), columns, row)
    unclear = [word for word in words if "=" not in word]
    if unclear:
        raise ColumnsNeeded(f"Values are given as KEY=VALUE, such as lactate=4.2, not {unclear[0]!r}.")
    return read_fields({key.strip(): value for key, _, value in (word.partition("=") for word in words)})


def read_fields(fields: Mapping[str, str]) -> GivenPatient:
    """Make a patient of named values.

    Raises:
        ColumnsNeeded: a name is not known, or nothing is a value.
    """
    unknown = [
        name for name in fields if understand(name).role is ColumnRole.UNKNOWN and name not in ("id", "died")
    ]
    if unknown:
        raise ColumnsNeeded(f"{unknown[0]!r} is no feature; see docs/icu.md for their names.")
    header, cells = _split_units(fields)
    gatherer = Gatherer(hours=HOURS)
    known = understand_header(header)
    gatherer.take(RawTable(name=BY_HAND, header=header, rows=iter([cells])), known)
    patients = gatherer.patients()
    notes = []
    for report in gatherer.reports():
        if report.feature is not None and report.implausible:
            notes.append(
                f"{report.feature.label}: the value is not plausible "
                f"({write_range(report.feature.plausible)} {report.feature.unit}".rstrip()
                + ") and was left out."
            )
        elif report.role is ColumnRole.LEAK:
            notes.append(f"{report.column} tells the outcome and was left out.")
        elif report.missing and report.reason:
            notes.append(f"{report.column}: {report.reason}; it was left out.")
    if not patients:
        raise ColumnsNeeded(" ".join(["No value was given that can be used.", *notes]))
    return GivenPatient(patient=patients[0], notes=tuple(notes))


def _from_file(path: Path, columns: Sequence[str], row: str | None) -> GivenPatient:
    if path.suffix.casefold() in (".json", ".jsonl") and path.exists():
        return read_fields(_read_object(path, row))
    table = import_patients([path], columns=columns)
    found = [patient for patient in table.patients if row is None or patient.id == row]
    if not found:
        raise ColumnsNeeded(f"{path.name} holds no patient {row!r}.")
    if len(found) > 1:
        raise ColumnsNeeded(
            f"{path.name} holds {len(found)} patients; please name one with --row, such as {found[0].id}."
        )
    return GivenPatient(patient=found[0], notes=tuple(w for w in table.warnings if "plausible" in w))


def _read_object(path: Path, row: str | None) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = (
            [json.loads(line) for line in text.split("\n") if line.strip()]
            if path.suffix.casefold() == ".jsonl"
            else json.loads(text)
        )
    except (OSError, ValueError) as error:
        raise BrokenTable(f"{path.name} cannot be read as JSON.") from error
    rows = rows if isinstance(rows, list) else [rows]
    if not rows or not all(isinstance(each, dict) for each in rows):
        raise BrokenTable(f"{path.name} holds no object of names and values.")
    found = [each for each in rows if row is None or str(each.get("id")) == row]
    if len(found) != 1:
        raise ColumnsNeeded(f"{path.name} holds {len(found)} such patients; please name one with --row.")
    return {str(key): "" if value is None else str(value) for key, value in found[0].items()}


def _split_units(fields: Mapping[str, str]) -> tuple[tuple[str, ...], list[str]]:
    """Move the unit of a value to its name, where a column of a table has it."""
    header, cells = [], []
    for name, text in fields.items():
        column = understand(name)
        found = _WITH_UNIT.fullmatch(text.strip()) if column.feature is not None else None
        is_own = found is not None and not understand(f"{name} ({found['unit'].strip()})").feature
        if found is None or column.factor != 1.0:
            header.append(name)
            cells.append(text)
        elif is_own:
            raise ColumnsNeeded(f"The unit {found['unit'].strip()} of {name} is not known.")
        else:
            header.append(f"{name} ({found['unit'].strip()})")
            cells.append(found["number"])
    return tuple(header), cells
