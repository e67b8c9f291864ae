"""A calculator: declared inputs, a published formula, and a result that shows its work."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from rag.clinical.calculators.errors import InvalidInput, MissingInputs, UnknownInput
from rag.clinical.calculators.inputs import SHORT_KEYS, Choice, Flag, Grade, Input, Number, Reading, Scalar

NOTICE = "Bedside is no medical device. A calculation is an aid to reading; check it before it matters."
ADULT = 18
"""Years from which most of the equations here were developed."""


class Field(StrEnum):
    """Where a calculator belongs."""

    KIDNEY = "kidney"
    ELECTROLYTES = "electrolytes and acid-base"
    ICU = "intensive care"
    ECG = "ECG and heart"
    BODY = "body size and fluids"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A publication."""

    short: str
    """First author and year, as in an evidence line."""
    full: str
    """Authors, journal, year, volume and pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpretation:
    """The stage, class or band that a value falls into."""

    text: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Another number that comes with the value."""

    name: str
    value: float
    unit: str
    decimals: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a formula gives."""

    value: float | str
    """In the calculator's unit; a text where the answer is a stage."""
    steps: tuple[str, ...]
    interpretation: Interpretation | None = None
    also: tuple[Figure, ...] = ()
    warnings: tuple[str, ...] = ()
    not_needed: frozenset[str] = frozenset()
    """Keys of optional inputs whose absence changed nothing, such as the pressure that others gave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """One value that entered the formula."""

    key: str
    name: str
    shown: str
    """As it was given, with its unit."""
    value: Scalar
    unit: str
    """Unit of ``value``, empty where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A value with everything that is needed to check it."""

    calculator: str
    title: str
    value: float | str
    unit: str
    text: str
    """Value and unit, rounded for reading."""
    interpretation: Interpretation | None
    also: tuple[Figure, ...]
    inputs: tuple[Used, ...]
    formula: str
    steps: tuple[str, ...]
    warnings: tuple[str, ...]
    valid_for: str
    sources: tuple[Source, ...]
    evidence: str
    """One line for an answer: title, value, class, sources."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculator:
    """One published formula with the inputs it needs."""

    name: str
    title: str
    field: Field
    about: str
    """What it tells, in a sentence."""
    formula: str
    """The formula in words or symbols."""
    inputs: tuple[Input, ...]
    compute: Callable[..., Outcome]
    """Takes the inputs by key: numbers in the quantity's first unit, ``None`` for what was not given."""
    sources: tuple[Source, ...]
    """The formula's own publication first."""
    valid_for: str
    unit: str = ""
    decimals: int = 0
    phrases: tuple[str, ...] = ()
    """Lower-case words of a question that ask for it, beside its name and title."""
    left_out: str = "normal (0 points)"
    """What an optional number that is not given counts as; empty where it changes nothing."""
    is_for_adults: bool = True
    """Whether a given age below 18 years is warned of."""

    def find_input(self, key: str) -> Input:
        """Return an input by its key or one of its short names.

        Raises:
            UnknownInput: there is none, with the names that there are.
        """
        plain = key.strip().lower().replace("-", "_")
        by_key = {given.key: given for given in self.inputs}
        found = by_key.get(plain) or by_key.get(SHORT_KEYS.get(plain, ""))
        if found is None:
            raise UnknownInput(f"{self.name} has no input {key!r}; it takes {', '.join(by_key)}.")
        return found

    def calculate(self, given: Mapping[str, str]) -> Result:
        """Read the values, compute, and say how it was done.

        Args:
            given: what the user wrote for each key, with units or in the default ones.

        Raises:
            UnknownInput: a key is not one of the inputs.
            InvalidInput: a value cannot be read, or cannot be.
            MissingInputs: something is needed that is not there.
        """
        readings = self._read(given)
        missing = self.missing(readings)
        if missing:
            raise MissingInputs(
                f"{self.name} needs also {'; '.join(f'{i.key} ({_describe(i)})' for i in missing)}.",
                tuple(given.key for given in missing),
            )
        outcome = self.compute(**{i.key: self._value(i, readings) for i in self.inputs})
        return self._result(outcome, readings)

    def missing(self, given: Mapping[str, object]) -> tuple[Input, ...]:
        """Return the inputs that must be given and are not among the keys of ``given``."""
        return tuple(i for i in self.inputs if not i.is_optional and i.key not in given)

    def _read(self, given: Mapping[str, str]) -> dict[str, Reading]:
        readings: dict[str, Reading] = {}
        for key, written in given.items():
            found = self.find_input(key)
            if found.key in readings:
                raise InvalidInput(f"{found.key} is given twice.")
            readings[found.key] = found.read(written)
        return readings

    def _value(self, given: Input, readings: Mapping[str, Reading]) -> Scalar | None:
        if given.key in readings:
            return readings[given.key].value
        if isinstance(given, Flag):
            return False
        return given.default if isinstance(given, Choice) else None

    def _result(self, outcome: Outcome, readings: Mapping[str, Reading]) -> Result:
        text = self._write(outcome.value)
        sources = _join_sources(self.sources, outcome.interpretation)
        meaning = f": {outcome.interpretation.text}" if outcome.interpretation else ""
        return Result(
            calculator=self.name,
            title=self.title,
            value=outcome.value,
            unit=self.unit,
            text=text,
            interpretation=outcome.interpretation,
            also=outcome.also,
            inputs=tuple(
                Used(
                    key=i.key,
                    name=i.name,
                    shown=readings[i.key].shown,
                    value=readings[i.key].value,
                    unit=i.quantity.unit if isinstance(i, Number) else "",
                )
                for i in self.inputs
                if i.key in readings
            ),
            formula=self.formula,
            steps=outcome.steps,
            warnings=(*self._warnings(readings, outcome.not_needed), *outcome.warnings),
            valid_for=self.valid_for,
            sources=sources,
            evidence=f"{self.title} {text}{meaning} [{', '.join(source.short for source in sources)}]",
        )

    def _write(self, value: float | str) -> str:
        number = value if isinstance(value, str) else f"{value:.{self.decimals}f}"
        if not isinstance(value, str) and float(number) == 0:
            number = number.removeprefix("-")
        return f"{number} {self.unit}".strip().replace(" %", "%")

    def _warnings(self, readings: Mapping[str, Reading], not_needed: frozenset[str]) -> tuple[str, ...]:
        found = [reading.warning for reading in readings.values() if reading.warning]
        age = readings.get("age")
        if self.is_for_adults and age is not None and float(age.value) < ADULT:
            found.append(f"Valid for adults from {ADULT} years; this age is below.")
        left_out = [i for i in self.inputs if i.key not in readings and i.key not in not_needed]
        flags = [i.name for i in left_out if isinstance(i, Flag)]
        numbers = [i.name for i in left_out if isinstance(i, Number | Grade) and i.is_optional]
        if flags:
            found.append(f"Not given, counted as absent: {', '.join(flags)}.")
        if numbers and self.left_out:
            found.append(f"Not given, counted as {self.left_out}: {', '.join(numbers)}.")
        return tuple(found)


def say(value: float) -> str:
    """Write a number for a worked step: at most five significant digits."""
    return f"{value:.5g}"


def _describe(given: Input) -> str:
    return given.accepts if given.name == given.key else f"{given.name}: {given.accepts}"


def _join_sources(own: tuple[Source, ...], interpretation: Interpretation | None) -> tuple[Source, ...]:
    joined = own[:1] if interpretation is None else (*own[:1], interpretation.source)
    return tuple(dict.fromkeys((*joined, *own[1:])))


def slug(text: str) -> str:
    """Return a name in the form that calculators have: lower case, words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
