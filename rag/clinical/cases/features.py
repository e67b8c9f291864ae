"""Reads ``resources/icu/features.toml``: what is known of features, and which columns hold them."""

import html
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rag.clinical.cases.types import Feature, FeatureKind, FeatureName, Range, Summary
from resources.reader import read_text

_TABLE = "icu/features.toml"
Conversion = tuple[float, float]
"""Factor and offset from another unit to the feature's."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Range(_Entry):
    low: float | None = None
    high: float | None = None

    def as_range(self) -> Range:
        return Range(low=self.low, high=self.high)


class _Feature(_Entry):
    name: Annotated[str, Field(pattern="^[a-z0-9_]+$")]
    short: str
    label: str
    unit: str
    kind: FeatureKind
    plausible: _Range
    reference: _Range | None = None
    source: str | None = None
    summary: Summary = Summary.LAST
    columns: tuple[str, ...]
    units: dict[str, Conversion] = {}
    is_share: bool = False
    options: tuple[str, ...] = ()


class _Ambiguous(_Entry):
    column: str
    other: str
    beside: tuple[str, ...]


class _Table(_Entry):
    version: str
    sources: dict[str, str]
    ambiguous: tuple[_Ambiguous, ...]
    features: tuple[_Feature, ...]

    @model_validator(mode="after")
    def _refers_to_what_is_there(self) -> Self:
        columns = [column for feature in self.features for column in feature.columns]
        if len(set(columns)) < len(columns):
            raise ValueError("a column's name stands for two features")
        for feature in self.features:
            if (feature.source is None) is not (feature.reference is None):
                raise ValueError(f"{feature.name}: a reference range and its source go together")
            if feature.source is not None and feature.source not in self.sources:
                raise ValueError(f"{feature.name} names a source that is not there")
        names = {feature.name for feature in self.features}
        for each in self.ambiguous:
            if each.column not in columns or not names.issuperset((each.other, *each.beside)):
                raise ValueError(f"{each.column}: a feature that it is to mean is not there")
        return self


@cache
def _table() -> _Table:
    return _Table.model_validate(tomllib.loads(read_text(_TABLE)))


def features_version() -> str:
    """Return the version of the declarations."""
    return _table().version


@cache
def declared_features() -> tuple[Feature, ...]:
    """Return all features, in the order in which they are shown."""
    table = _table()
    return tuple(
        Feature(
            name=FeatureName(entry.name),
            short=entry.short,
            label=entry.label,
            unit=entry.unit,
            kind=entry.kind,
            plausible=entry.plausible.as_range(),
            reference=entry.reference.as_range() if entry.reference else None,
            source=table.sources[entry.source] if entry.source else None,
            summary=entry.summary,
            options=entry.options,
        )
        for entry in table.features
    )


@cache
def features_by_name() -> dict[FeatureName, Feature]:
    """Return all features by name."""
    return {feature.name: feature for feature in declared_features()}


def find_feature(column: str) -> Feature | None:
    """Return the feature that a column of this name holds; its case and punctuation do not matter."""
    name = _names().get(plain_name(column))
    return features_by_name()[name] if name is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherMeaning:
    """What else a name may say."""

    feature: Feature
    beside: frozenset[FeatureName]
    """Features beside whose columns it says so."""


def other_meaning(column: str) -> OtherMeaning | None:
    """Return what a name may say beside what :func:`find_feature` takes it for."""
    name = plain_name(column)
    for entry in _table().ambiguous:
        if entry.column == name:
            feature = features_by_name()[FeatureName(entry.other)]
            return OtherMeaning(feature=feature, beside=frozenset(map(FeatureName, entry.beside)))
    return None


def conversion(feature: Feature, unit: str) -> Conversion | None:
    """Return factor and offset from a unit to the feature's own; ``None`` for a unit that is not known."""
    if plain_unit(unit) == plain_unit(feature.unit):
        return (1.0, 0.0)
    units = _entries()[feature.name].units
    return next((pair for name, pair in units.items() if plain_unit(name) == plain_unit(unit)), None)


def is_share(feature: Feature) -> bool:
    """Whether a bare number of at most 1 is a fraction where the unit is per cent."""
    return _entries()[feature.name].is_share


def plain_name(column: str) -> str:
    """Leave nothing but letters and digits of a column's name."""
    return re.sub(r"[\W_]+", "", column.casefold())


def plain_unit(unit: str) -> str:
    """Write a unit so that spellings of it are the same text."""
    return html.unescape(unit).strip().casefold().replace("μ", "u").replace("µ", "u").replace(" ", "")


@cache
def _entries() -> dict[FeatureName, _Feature]:
    return {FeatureName(entry.name): entry for entry in _table().features}


@cache
def _names() -> dict[str, FeatureName]:
    names = {plain_name(entry.name): FeatureName(entry.name) for entry in _table().features}
    names |= {plain_name(entry.label): FeatureName(entry.name) for entry in _table().features}
    return names | {
        column: FeatureName(entry.name) for entry in _table().features for column in entry.columns
    }
