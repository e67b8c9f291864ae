"""Reads the table of limits ``resources/ecg/rules.toml`` and chooses the rules of a set."""

import operator
import tomllib
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rag.clinical.ecg.types import Patient, Phase, Sex
from rag.errors import UnsupportedRecording
from resources.reader import read_text

DEFAULT_RULES = "teaching"
_TABLE = "ecg/rules.toml"
_COMPARISONS = {">": operator.gt, "≥": operator.ge, "<": operator.lt, "≤": operator.le}


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Rule(_Entry):
    id: str
    sets: tuple[str, ...]
    phase: Literal["rhythm", "conduction", "voltage", "ischaemia", "repolarisation"]
    measurement: str
    statement: str
    source: str
    sex: Sex | None = None
    min_age: int | None = None
    max_age: int | None = None

    @property
    def place(self) -> Phase:
        """The phase it belongs to."""
        return Phase[self.phase.upper()]

    def what_it_needs(self, patient: Patient) -> str | None:
        """Say what has to be known of the patient before it can be used, if anything."""
        needs = []
        if self.sex is not None and patient.sex is None:
            needs.append("sex")
        if (self.min_age is not None or self.max_age is not None) and patient.age is None:
            needs.append("age")
        return " and ".join(needs) or None

    def is_for(self, patient: Patient) -> bool:
        """Tell whether it is for somebody like this; what is not known excludes nothing."""
        if self.sex is not None and patient.sex not in (None, self.sex):
            return False
        if patient.age is None:
            return True
        return (self.min_age or 0) <= patient.age <= (200 if self.max_age is None else self.max_age)


class LimitRule(_Rule):
    """One measurement against one or two limits; all that are given have to hold."""

    kind: Literal["limit"] = "limit"
    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _has_limit(self) -> Self:
        if not self.limits:
            raise ValueError(f"rule {self.id} has no limit")
        return self

    @property
    def limits(self) -> tuple[tuple[str, float], ...]:
        """Signs and limits, as they are written: ``(">", 200)``."""
        named = ((">", self.above), ("≥", self.at_least), ("<", self.below), ("≤", self.at_most))
        return tuple((sign, limit) for sign, limit in named if limit is not None)

    def holds(self, value: float) -> bool:
        """Compare a value with the limits."""
        return all(_COMPARISONS[sign](value, limit) for sign, limit in self.limits)


class NeighboursRule(_Rule):
    """A level that has to be reached in two neighbouring leads, in mV."""

    kind: Literal["neighbours"]
    limb: float
    chest: float
    v2_v3: float | None = None
    is_depression: bool = False
    needs_r: bool = False
    """Whether the lead needs a prominent R wave: above 0.1 mV, or taller than S is deep."""


class RhythmRule(_Rule):
    """Irregular RR intervals without P waves."""

    kind: Literal["rhythm"]


Rule = LimitRule | NeighboursRule | RhythmRule
_AnyRule = Annotated[NeighboursRule | RhythmRule, Field(discriminator="kind")] | LimitRule


class _SetTitle(_Entry):
    title: str


class RuleTable(_Entry):
    """All rules with their sources."""

    version: str
    sources: dict[str, str]
    sets: dict[str, _SetTitle]
    rules: tuple[_AnyRule, ...]

    @model_validator(mode="after")
    def _refers_to_what_is_there(self) -> Self:
        for rule in self.rules:
            if rule.source not in self.sources or not set(rule.sets) <= self.sets.keys():
                raise ValueError(f"rule {rule.id} names a source or a set that is not there")
        return self

    def of_set(self, name: str) -> tuple[Rule, ...]:
        """Return the rules of one set.

        Raises:
            UnsupportedRecording: there is no such set.
        """
        if name not in self.sets:
            raise UnsupportedRecording(f"There is no rule set {name!r}; there are {', '.join(self.sets)}.")
        return tuple(rule for rule in self.rules if name in rule.sets)


@cache
def read_rules() -> RuleTable:
    """Return the table, read once."""
    return RuleTable.model_validate(tomllib.loads(read_text(_TABLE)))


def check_names(names: Sequence[str]) -> None:
    """Make sure that there are such sets.

    Raises:
        UnsupportedRecording: one is not there.
    """
    for name in names:
        read_rules().of_set(name)
