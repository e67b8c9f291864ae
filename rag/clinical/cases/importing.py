"""Tables of patients in any known shape, and what became of their columns.

Wide (a row a patient, as SUPPORT2), long (a row a measurement, as eICU), a file a patient (as the PhysioNet
challenges of 2012 and 2019). Files that are named together are joined by the patients' ids.
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from rag.clinical.cases.columns import Header, check_columns, check_fields, understand_header
from rag.clinical.cases.gathering import Gatherer, occurring
from rag.clinical.cases.table_files import RawTable, digest, open_tables
from rag.clinical.cases.types import ColumnReport, ColumnRole, Patient, PatientTable, TableShape
from rag.errors import ColumnsNeeded, EmptyTable

HOURS = 48.0
"""After admission, where a table tells times."""


def import_patients(
    paths: Sequence[Path], *, columns: Sequence[str] = (), hours: float = HOURS
) -> PatientTable:
    """Read files into one table.

    Args:
        paths: text tables, spreadsheets, archives or folders; at least one.
        columns: ``FIELD=COLUMN`` pairs, over what the names of the columns say.
        hours: after admission until which values count, where a table tells times.

    Raises:
        PatientTableError: in a sentence for the user.
    """
    check_fields(columns)
    gatherer = Gatherer(hours=hours)
    shapes: list[TableShape] = []
    headers: list[tuple[str, ...]] = []
    header: Header | None = None
    for table in chain.from_iterable(map(open_tables, paths)):
        if header is None or not headers or table.header != headers[-1]:
            header = understand_header(table.header, columns)
            headers.append(table.header)
        shapes.append(_take(gatherer, table, header))
    check_columns(columns, headers)
    patients = gatherer.patients()
    reports = gatherer.reports()
    if not patients:
        raise _nothing(headers)
    return PatientTable(
        name=" + ".join(path.name for path in paths),
        sha256=digest(paths),
        shape=_shape(shapes),
        features=occurring(patients),
        patients=patients,
        columns=reports,
        warnings=tuple(_warnings(patients, reports, gatherer.empty)),
    )


def _take(gatherer: Gatherer, table: RawTable, header: Header) -> TableShape:
    names_patients = header.place(ColumnRole.ID) is not None
    if table.is_one_of_many and not (names_patients and not header.is_long):
        gatherer.take(table, header)
        return TableShape.PER_PATIENT
    if header.is_long and not names_patients:
        raise ColumnsNeeded(
            f"{table.name} has a row for each measurement, but no column that says whose it is; please name "
            f"it with id=COLUMN (columns: {', '.join(table.header[:20])})."
        )
    if names_patients:
        gatherer.take(table, header)
    else:
        gatherer.take_single_rows(table, header)
    return TableShape.LONG if header.is_long else TableShape.WIDE


def _shape(shapes: Sequence[TableShape]) -> TableShape:
    """The most detailed one: a wide table beside it only adds facts."""
    return next(
        shape for shape in (TableShape.PER_PATIENT, TableShape.LONG, TableShape.WIDE) if shape in shapes
    )


def _warnings(patients: Sequence[Patient], reports: Sequence[ColumnReport], empty: int) -> Iterator[str]:
    leaks = [report.column for report in reports if report.role is ColumnRole.LEAK]
    if leaks:
        yield f"Left out, since they tell the outcome or were known only after it: {', '.join(leaks)}."
    slips = sum(report.implausible for report in reports)
    if slips:
        yield f"{slips} values are not plausible and were set missing."
    if empty:
        yield f"{empty} patients have no value at all and were left out."
    unknown = sum(patient.died is None for patient in patients)
    if unknown == len(patients):
        yield "No column tells who died; name one with died=COLUMN to build a bank or to evaluate."
    elif unknown:
        yield f"The outcome of {unknown} patients is not known; they are neither trained on nor evaluated."
    if len({patient.person for patient in patients}) < len(patients):
        yield "Some persons have several stays; they never stand on both sides of the split."


def _nothing(headers: Sequence[Sequence[str]]) -> EmptyTable | ColumnsNeeded:
    if not headers:
        return EmptyTable("There is no table; please name a file.")
    shown = ", ".join(headers[-1][:20])
    return ColumnsNeeded(
        "No column holds a known feature with a value; please name some, as in creatinine=COLUMN "
        f"(columns: {shown})."
    )
