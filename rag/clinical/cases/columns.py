"""How a column, or a name in a long table, is understood: by its name alone.

What tells the outcome, or was known only after it, is recognised here and never read: length of stay, time of
death, discharge, costs, the prognoses of others, limits of treatment.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from rag.clinical.cases.features import (
    conversion,
    features_by_name,
    find_feature,
    other_meaning,
    plain_name,
)
from rag.clinical.cases.types import ColumnRole, Feature, FeatureName
from rag.errors import ColumnsNeeded
from resources.reader import read_text

_UNIT = re.compile(r"(?P<name>.*?)\s*[(\[](?P<unit>[^()\[\]]+)[)\]]\s*$")
FIELDS = ("id", "person", "sex", "age", "race", "died")
"""What a column can be named as, beside the features."""
_ROLES = {
    "id": ColumnRole.ID,
    "person": ColumnRole.PERSON,
    "sex": ColumnRole.SEX,
    "age": ColumnRole.AGE,
    "race": ColumnRole.RACE,
    "died": ColumnRole.OUTCOME,
}


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Leak(_Entry):
    pattern: re.Pattern[str]
    reason: str


class _Names(_Entry):
    roles: dict[ColumnRole, tuple[str, ...]]
    long: dict[Literal["name", "value", "unit"], tuple[str, ...]]
    severity: dict[str, str]
    leaks: tuple[_Leak, ...]


@cache
def _names() -> _Names:
    return _Names.model_validate(tomllib.loads(read_text("icu/columns.toml")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column, or a name in a long table, as it is understood."""

    name: str
    role: ColumnRole
    feature: Feature | None = None
    factor: float = 1.0
    offset: float = 0.0
    """To the feature's unit."""
    severity: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A table's columns by place."""

    columns: tuple[Column, ...]
    name: int | None = None
    """Of a long table: where the names of what was measured stand."""
    value: int | None = None
    unit: int | None = None
    by_role: Mapping[ColumnRole, int] = field(default_factory=dict)

    @property
    def is_long(self) -> bool:
        """Whether each row is one measurement."""
        return self.name is not None and self.value is not None

    def place(self, role: ColumnRole) -> int | None:
        """Return where the column of a role stands."""
        return self.by_role.get(role)


def understand_header(header: Sequence[str], pairs: Sequence[str] = ()) -> Header:
    """Say what each column holds, from the names; ``FIELD=COLUMN`` pairs that this table has come first.

    Args:
        header: names of the columns.
        pairs: such as ``died=hosp_death`` or ``lactate=Lac (mg/dL)``.
    """
    plain = [plain_name(name) for name in header]
    names = _names()
    name, value = _first(plain, names.long["name"]), _first(plain, names.long["value"])
    columns = _read_together([understand(text) for text in header])
    chosen: dict[int, ColumnRole] = {}
    for role in (ColumnRole.ID, ColumnRole.PERSON, ColumnRole.OUTCOME, ColumnRole.TIME):
        place = _first(plain, names.roles[role], but=chosen)
        if place is not None:
            chosen[place] = role
    for place, role in chosen.items():
        columns[place] = Column(name=header[place], role=role)
    if name is not None and value is not None and name != value:
        for place in (name, value):
            columns[place] = Column(name=header[place], role=ColumnRole.TIME)
        unit = _first(plain, names.long["unit"])
    else:
        name = value = unit = None
    for pair in pairs:
        _apply(pair, header, columns)
    by_role = {column.role: place for place, column in reversed(list(enumerate(columns)))}
    return Header(columns=tuple(columns), name=name, value=value, unit=unit, by_role=by_role)


def understand(name: str) -> Column:
    """Say what a column holds from its name, wherever it stands; the last part of a path counts."""
    short = name.rsplit("/", 1)[-1] if name.count("/") > 2 else name
    plain = plain_name(short)
    names = _names()
    for role in (ColumnRole.SEX, ColumnRole.AGE, ColumnRole.RACE):
        if plain in names.roles[role]:
            return Column(name=name, role=role)
    if plain in names.severity:
        return Column(name=name, role=ColumnRole.SEVERITY, severity=names.severity[plain])
    feature = find_feature(short)
    if feature is not None:
        return Column(name=name, role=ColumnRole.FEATURE, feature=feature)
    for leak in names.leaks:
        if leak.pattern.search(plain):
            return Column(name=name, role=ColumnRole.LEAK, reason=leak.reason)
    return _with_unit(name, short)


def understand_measured(name: str) -> Column:
    """Say what a name in a long table stands for, where only what was measured has one."""
    column, other = understand(name), other_meaning(name)
    return column if other is None else replace(column, feature=other.feature)


def check_fields(pairs: Sequence[str]) -> None:
    """Make sure that each ``FIELD=COLUMN`` names a field.

    Raises:
        ColumnsNeeded: one does not.
    """
    for pair in pairs:
        field_name, equals, _ = pair.partition("=")
        is_field = field_name in FIELDS or FeatureName(field_name) in features_by_name()
        if not equals or not is_field:
            raise ColumnsNeeded(
                f"{pair!r} is no FIELD=COLUMN; fields are {', '.join(FIELDS)}, and features as creatinine."
            )


def check_columns(pairs: Sequence[str], headers: Sequence[Sequence[str]]) -> None:
    """Make sure that each ``FIELD=COLUMN`` names a column of one of the tables.

    Raises:
        ColumnsNeeded: one does not.
    """
    known = {name for header in headers for name in header}
    for pair in pairs:
        column = pair.partition("=")[2]
        if column not in known:
            raise ColumnsNeeded(
                f"There is no column {column!r}; columns are {', '.join(sorted(known)[:40])}."
            )


def _read_together(columns: Sequence[Column]) -> list[Column]:
    """Take a name that says two things for what the columns beside it tell, unless another column is that."""
    read = list(columns)
    found = [None if column.feature is None else column.feature.name for column in columns]
    for place, column in enumerate(columns):
        other = other_meaning(column.name)
        if other is None or other.feature.name in found:
            continue
        if other.beside.intersection(found[max(place - 1, 0) : place + 2]):
            read[place] = replace(column, feature=other.feature)
    return read


def _with_unit(name: str, short: str) -> Column:
    """Understand ``creatinine (umol/L)``: a feature with a unit of its own."""
    found = _UNIT.fullmatch(short)
    feature = find_feature(found["name"]) if found else None
    if found is None or feature is None:
        return Column(name=name, role=ColumnRole.UNKNOWN, reason="nothing is declared for it")
    other = other_meaning(found["name"])
    for meant in (feature, *([other.feature] if other else ())):
        pair = conversion(meant, found["unit"])
        if pair is not None:
            return Column(name=name, role=ColumnRole.FEATURE, feature=meant, factor=pair[0], offset=pair[1])
    return Column(name=name, role=ColumnRole.UNKNOWN, reason=f"the unit {found['unit']} is not known")


def _apply(pair: str, header: Sequence[str], columns: list[Column]) -> None:
    field_name, _, column = pair.partition("=")
    if column not in header:
        return  # of another table
    place = list(header).index(column)
    if field_name in _ROLES:
        role = _ROLES[field_name]
        for other, before in enumerate(columns):
            if before.role is role:
                columns[other] = Column(name=before.name, role=ColumnRole.UNKNOWN, reason=f"{column} is it")
        columns[place] = Column(name=column, role=role)
        return
    feature = features_by_name()[FeatureName(field_name)]
    found = _UNIT.fullmatch(column)
    factor, offset = (conversion(feature, found["unit"]) if found else None) or (1.0, 0.0)
    columns[place] = Column(
        name=column, role=ColumnRole.FEATURE, feature=feature, factor=factor, offset=offset
    )


def _first(plain: Sequence[str], names: Sequence[str], but: Mapping[int, object] | None = None) -> int | None:
    """Return where the first of some names stands that is not taken."""
    taken = but or {}
    return next((plain.index(n) for n in names if n in plain and plain.index(n) not in taken), None)
