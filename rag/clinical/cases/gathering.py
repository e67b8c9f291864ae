"""Stays put together row by row, from whatever tables name them; several values of a stay become one."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rag.clinical.cases.cells import (
    is_missing,
    parse_age,
    parse_feature,
    parse_hours,
    parse_number,
    parse_outcome,
    parse_race,
    parse_sex,
)
from rag.clinical.cases.columns import Column, Header, understand_measured
from rag.clinical.cases.features import conversion, declared_features, is_share, plain_name
from rag.clinical.cases.table_files import RawTable
from rag.clinical.cases.types import (
    ColumnReport,
    ColumnRole,
    Feature,
    FeatureName,
    Patient,
    PatientId,
    PersonId,
    Summary,
)
from rag.clinical.ecg.types import Sex
from rag.errors import TableTooLarge

MAXIMUM_PATIENTS = 200_000
BEFORE = 6.0
"""Hours before admission from which values count."""


@dataclass(slots=True)
class _Stay:
    person: str = ""
    sex: Sex | None = None
    age: float | None = None
    race: str | None = None
    died: bool | None = None
    severity: dict[str, float] = field(default_factory=dict)
    values: dict[FeatureName, tuple[float, float]] = field(default_factory=dict)
    """Time in hours and value, of what was measured so far."""
    summed: set[FeatureName] = field(default_factory=set)


@dataclass(slots=True)
class _Count:
    column: Column
    stays: set[str] = field(default_factory=set)
    implausible: int = 0
    unreadable: int = 0
    units: Counter[str] = field(default_factory=Counter)


class Gatherer:
    """Takes tables and gives patients."""

    def __init__(self, *, hours: float) -> None:
        """``hours`` after admission until which values count, where a table tells times."""
        self._hours = hours
        self._stays: dict[str, _Stay] = {}
        self._counts: dict[str, _Count] = {}
        self._is_known: dict[str, Column] = {}

    def take(self, table: RawTable, header: Header) -> None:
        """Read all rows of a table.

        Raises:
            TableTooLarge: it has more patients than are taken.
        """
        identifier = header.place(ColumnRole.ID)
        is_timed = header.is_long or header.place(ColumnRole.TIME) is not None
        stays_of: Counter[str] = Counter()
        for row in table.rows:
            if not any(cell.strip() for cell in row):
                continue
            cell = _cell(row, identifier)
            name = cell.strip() or (table.name if identifier is None or table.is_one_of_many else "")
            if not name:
                continue
            stays_of[name] += 1
            if not is_timed and stays_of[name] > 1:  # a row a stay, and another stay of the same person
                name, person = f"{name} #{stays_of[name]}", name
                self._stays.setdefault(name, _Stay(person=person))
            stay = self._stays.setdefault(name, _Stay())
            if len(self._stays) > MAXIMUM_PATIENTS:
                raise TableTooLarge(
                    f"The table has over {MAXIMUM_PATIENTS:,} patients; please name a part of it."
                )
            self._take_row(name, stay, row, header, is_timed=is_timed)

    def take_single_rows(self, table: RawTable, header: Header) -> None:
        """Read a table whose rows name no patient: each is one."""
        for number, row in enumerate(table.rows, 1):
            if any(cell.strip() for cell in row):
                name = f"row {number}"
                self._take_row(name, self._stays.setdefault(name, _Stay()), row, header, is_timed=False)

    def patients(self) -> tuple[Patient, ...]:
        """Return the stays of which anything was measured."""
        return tuple(
            Patient(
                id=PatientId(name),
                person=PersonId(stay.person or name),
                values=self._summarise(stay),
                sex=stay.sex,
                age=stay.age,
                race=stay.race,
                died=stay.died,
                severity=stay.severity,
            )
            for name, stay in self._stays.items()
            if stay.values
        )

    @property
    def empty(self) -> int:
        """Stays of which nothing was measured."""
        return sum(not stay.values for stay in self._stays.values())

    def reports(self) -> tuple[ColumnReport, ...]:
        """Say what became of each column."""
        total = max(1, len(self._stays))
        return tuple(
            ColumnReport(
                column=name,
                role=count.column.role,
                feature=count.column.feature,
                missing=1 - len(count.stays) / total,
                implausible=count.implausible,
                reason=count.column.reason or _explain(count),
            )
            for name, count in self._counts.items()
        )

    def _take_row(
        self, name: str, stay: _Stay, row: Sequence[str], header: Header, *, is_timed: bool
    ) -> None:
        place = header.place(ColumnRole.TIME)
        time = 0.0
        if place is not None:
            time = parse_hours(_cell(row, place), plain_name(header.columns[place].name)) or 0.0
            if not -BEFORE <= time <= self._hours:
                return
        if header.is_long:
            measured = _cell(row, header.name).strip()
            column_of_name = (
                self._is_known.setdefault(measured, understand_measured(measured)) if measured else None
            )
            if column_of_name is not None:
                unit = _cell(row, header.unit)
                self._take_cell(name, stay, column_of_name, _cell(row, header.value), time, unit, is_timed)
        for number, column in enumerate(header.columns[: len(row)]):
            if number not in (header.name, header.value, header.unit):
                self._take_cell(name, stay, column, row[number], time, "", is_timed)

    def _take_cell(
        self, name: str, stay: _Stay, column: Column, cell: str, time: float, unit: str, is_timed: bool
    ) -> None:
        if column.role in (ColumnRole.ID, ColumnRole.TIME):
            return
        count = self._counts.setdefault(column.name, _Count(column=column))
        if is_missing(cell):
            return
        is_taken = (
            self._take_value(stay, count, cell, time, unit, is_timed)
            if column.feature is not None
            else _take_fact(stay, column, cell)
        )
        if is_taken:
            count.stays.add(name)
        elif column.feature is None:
            count.unreadable += 1

    def _take_value(
        self, stay: _Stay, count: _Count, cell: str, time: float, unit: str, is_timed: bool
    ) -> bool:
        column, feature = count.column, count.column.feature
        if feature is None:
            return False
        pair = (column.factor, column.offset) if is_missing(unit) else conversion(feature, unit)
        number = parse_feature(cell, feature)
        if pair is None:
            count.units[unit] += 1
            return False
        if number is None:
            count.unreadable += 1
            return False
        value = number * pair[0] + pair[1]
        if is_share(feature) and 0 < value <= 1:
            value *= 100
        if value == -1 and not feature.plausible.holds(-1):
            return False  # the PhysioNet challenges write so what is not known
        if not feature.plausible.holds(value):
            count.implausible += 1
            return False
        stay.values[feature.name] = fold(feature.summary, stay.values.get(feature.name), time, value)
        if is_timed:
            stay.summed.add(feature.name)
        return True

    def _summarise(self, stay: _Stay) -> dict[FeatureName, float]:
        """Return one value for each feature; sums over time as those of a day."""
        days = self._hours / 24
        values: dict[FeatureName, float] = {}
        for feature in declared_features():
            if feature.name in stay.values:
                value = stay.values[feature.name][1]
                is_sum = feature.summary is Summary.SUM and feature.name in stay.summed
                values[feature.name] = value / days if is_sum else value
        return values


def fold(
    summary: Summary, before: tuple[float, float] | None, time: float, value: float
) -> tuple[float, float]:
    """Join a value with what stands for the values before it; of the same time the later row counts."""
    if before is None:
        return time, value
    then, known = before
    if summary is Summary.SUM:
        return max(then, time), known + value
    if summary is Summary.MINIMUM:
        return (time, value) if value < known else before
    if summary is Summary.MAXIMUM:
        return (time, value) if value > known else before
    is_later = time >= then if summary is Summary.LAST else time < then
    return (time, value) if is_later else before


def occurring(patients: Iterable[Patient]) -> tuple[Feature, ...]:
    """Return the features that anybody has, in the order of their declaration."""
    names = {name for patient in patients for name in patient.values}
    return tuple(feature for feature in declared_features() if feature.name in names)


def _take_fact(stay: _Stay, column: Column, cell: str) -> bool:
    match column.role:
        case ColumnRole.SEX:
            stay.sex = parse_sex(cell) or stay.sex
            return stay.sex is not None
        case ColumnRole.AGE:
            age = parse_age(cell)
            stay.age = age if age is not None else stay.age
            return age is not None
        case ColumnRole.RACE:
            stay.race = parse_race(cell) or stay.race
            return stay.race is not None
        case ColumnRole.OUTCOME:
            died = parse_outcome(cell)
            stay.died = died if died is not None else stay.died
            return died is not None
        case ColumnRole.PERSON:
            stay.person = cell.strip()
            return True
        case ColumnRole.SEVERITY:
            score = parse_number(cell)
            if score is not None and score >= 0:
                stay.severity[column.severity] = score
            return score is not None
        case _:
            return True


def _explain(count: _Count) -> str:
    reasons = [f"unit {unit} is not known ({times} values)" for unit, times in count.units.most_common(2)]
    if count.unreadable:
        reasons.append(f"{count.unreadable} cells are not understood")
    return "; ".join(reasons)


def _cell(row: Sequence[str], place: int | None) -> str:
    return row[place] if place is not None and place < len(row) else ""
