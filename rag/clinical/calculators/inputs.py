"""The inputs of a calculator: what each may be, and how what a user wrote is read."""

import math
import re
from dataclasses import dataclass
from typing import TypeAlias

from rag.clinical.calculators.errors import InvalidInput
from rag.clinical.calculators.quantities import Quantity
from rag.clinical.calculators.units import convert, find_unit

Scalar: TypeAlias = float | str | bool
"""A value as a formula takes it: a number in the quantity's first unit, a choice, yes or no."""

_NUMBER = re.compile(
    r"\s*(?P<number>[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][+-]?\d+)?)(?P<unit>.*)", re.DOTALL
)
_YES = ("yes", "y", "true", "1", "present", "+", "on")
_NO = ("no", "n", "false", "0", "absent", "-", "none", "off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A value that was read."""

    value: Scalar
    shown: str
    """As it stands in a list of the values used, with its unit as it was given."""
    warning: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A measured quantity."""

    key: str
    quantity: Quantity
    is_optional: bool = False
    label: str = ""
    """Where the quantity's own name would not tell which of two it is."""

    @property
    def name(self) -> str:
        """How it is called in a sentence."""
        return self.label or self.quantity.name

    @property
    def accepts(self) -> str:
        """What may be given, for a sentence."""
        return " or ".join(filter(None, self.quantity.units)) or "a number"

    def read(self, written: str) -> Reading:
        """Read a number with or without its unit.

        Raises:
            InvalidInput: it is no number, has a unit that is not taken, or cannot be.
        """
        number, unit = self._split(written)
        value = self.convert(number, unit)
        shown = f"{number:g} {unit}".strip()
        lowest, highest = self.quantity.possible
        if not lowest <= value <= highest:
            raise InvalidInput(
                f"{self.name} {shown} cannot be: it lies outside {lowest:g} to {highest:g} "
                f"{self.quantity.unit}".rstrip()
                + "; please check the number and its unit."
            )
        low, high = self.quantity.plausible
        warning = None
        if not low <= value <= high:
            warning = f"{self.name} {shown} is implausible; please check the number and its unit."
        return Reading(value=value, shown=shown, warning=warning)

    def convert(self, number: float, unit: str) -> float:
        """Turn a number of one of the quantity's units into its first."""
        quantity = self.quantity
        return convert(number, unit, quantity.unit, molar_mass=quantity.molar_mass, valence=quantity.valence)

    def _split(self, written: str) -> tuple[float, str]:
        found = _NUMBER.fullmatch(written.replace("−", "-"))
        digits = found["number"].replace(",", "") if found else ""
        try:
            number = float(digits)
        except ValueError:
            number = math.nan
        if found is None or not math.isfinite(number):
            raise InvalidInput(
                f"{self.key} is to be a number with its unit, such as {self.key}={self._example}, not "
                f"{written!r}."
            )
        return number, self._unit_of(found["unit"].strip(), number)

    def _unit_of(self, written: str, number: float) -> str:
        quantity = self.quantity
        if not written:
            if quantity.explicit:
                raise InvalidInput(f"Please give the unit of {self.key} too: {self.accepts}.")
            return "fraction" if quantity.is_share and 0 < number <= 1 else quantity.unit
        unit = find_unit(written)
        if unit not in quantity.units:
            raise InvalidInput(f"{self.key} is taken in {self.accepts}, not in {written!r}.")
        return unit

    @property
    def _example(self) -> str:
        low, high = self.quantity.plausible
        return f"{(low + high) / 2:.2g}{self.quantity.unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of a few words."""

    key: str
    name: str
    options: tuple[str, ...]
    is_optional: bool = False
    default: str | None = None
    also: tuple[tuple[str, str], ...] = ()
    """Other words for the options, in lower case: ``(("f", "female"),)``."""

    @property
    def accepts(self) -> str:
        """What may be given, for a sentence."""
        return " or ".join(self.options)

    def read(self, written: str) -> Reading:
        """Read one of the options.

        Raises:
            InvalidInput: it is none of them.
        """
        word = written.strip().lower()
        option = dict(self.also).get(word, word)
        if option not in self.options:
            raise InvalidInput(f"{self.key} is to be {self.accepts}, not {written!r}.")
        return Reading(value=option, shown=option)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """Something that is there or not. What is not said counts as absent, and the result says so."""

    key: str
    name: str
    is_optional: bool = True

    @property
    def accepts(self) -> str:
        """What may be given, for a sentence."""
        return "yes or no"

    def read(self, written: str) -> Reading:
        """Read a yes or a no.

        Raises:
            InvalidInput: it is neither.
        """
        word = written.strip().lower()
        if word not in (*_YES, *_NO):
            raise InvalidInput(f"{self.key} is to be yes or no, not {written!r}.")
        return Reading(value=word in _YES, shown="yes" if word in _YES else "no")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """A whole number on a scale, such as the eye response from 1 to 4."""

    key: str
    name: str
    lowest: int
    highest: int
    is_optional: bool = False

    @property
    def accepts(self) -> str:
        """What may be given, for a sentence."""
        return f"a whole number from {self.lowest} to {self.highest}"

    def read(self, written: str) -> Reading:
        """Read a whole number of the scale.

        Raises:
            InvalidInput: it is none.
        """
        word = written.strip()
        if not word.isascii() or not word.isdigit() or not self.lowest <= int(word) <= self.highest:
            raise InvalidInput(f"{self.key} is to be {self.accepts}, not {written!r}.")
        return Reading(value=float(word), shown=word)


Input: TypeAlias = Number | Choice | Flag | Grade

SEX = Choice(
    key="sex",
    name="sex",
    options=("female", "male"),
    also=(("f", "female"), ("woman", "female"), ("w", "female"), ("m", "male"), ("man", "male")),
)
SHORT_KEYS = {
    "alb": "albumin",
    "ca": "calcium",
    "cl": "chloride",
    "cr": "creatinine",
    "cystatin": "cystatin_c",
    "dbp": "diastolic",
    "hct": "hematocrit",
    "hco3": "bicarbonate",
    "hr": "heart_rate",
    "k": "potassium",
    "na": "sodium",
    "plt": "platelets",
    "rr": "respiratory_rate",
    "sbp": "systolic",
    "scr": "creatinine",
    "temp": "temperature",
    "uacr": "acr",
    "urea_nitrogen": "bun",
}
"""Other names that a key may be given by."""
