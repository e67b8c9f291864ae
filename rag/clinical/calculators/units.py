"""Units: how they are written, and how a value goes from one into another. The only importer of pint."""

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pint

# Pint's expression for each unit, as it is shown. What medicine counts in its own ways (equivalents, osmoles,
# international units, the standard body surface) are dimensions of their own: nothing turns one into another.
EXPRESSIONS = {
    "": "dimensionless",
    "%": "percent",
    "fraction": "dimensionless",
    "years": "year",
    "months": "month",
    "weeks": "week",
    "days": "day",
    "h": "hour",
    "min": "minute",
    "s": "second",
    "ms": "millisecond",
    "kg": "kilogram",
    "g": "gram",
    "lb": "pound",
    "m": "meter",
    "cm": "centimeter",
    "in": "inch",
    "ft": "foot",
    "kg/m2": "kilogram / meter**2",
    "m2": "meter**2",
    "°C": "degC",
    "°F": "degF",
    "mmHg": "mmHg",
    "kPa": "kilopascal",
    "cmH2O": "cmH2O",
    "/min": "1 / minute",
    "g/dL": "gram / deciliter",
    "g/L": "gram / liter",
    "mg/dL": "milligram / deciliter",
    "mg/L": "milligram / liter",
    "umol/L": "micromole / liter",
    "mmol/L": "millimole / liter",
    "mEq/L": "milliequivalent / liter",
    "uIU/mL": "microinternational / milliliter",
    "U/L": "international / liter",
    "mg/g": "milligram / gram",
    "mg/mmol": "milligram / millimole",
    "g/g": "gram / gram",
    "mOsm/kg": "milliosmole / kilogram",
    "10^9/L": "1e9 / liter",
    "10^3/uL": "1e3 / microliter",
    "/uL": "1 / microliter",
    "mL/min": "milliliter / minute",
    "mL/s": "milliliter / second",
    "mL/min/1.73 m2": "milliliter / minute / standard_surface",
    "mL/s/1.73 m2": "milliliter / second / standard_surface",
    "mL": "milliliter",
    "L": "liter",
    "mL/h": "milliliter / hour",
    "mL/day": "milliliter / day",
    "L/day": "liter / day",
    "mL/kg/h": "milliliter / kilogram / hour",
    "ug/kg/min": "microgram / kilogram / minute",
    "ng/kg/min": "nanogram / kilogram / minute",
    "U/min": "international / minute",
    "U/h": "international / hour",
}

_DEFINITIONS = (
    "equivalent = [equivalent]",
    "osmole = [osmole]",
    "international = [international]",
    "standard_surface = [standard_surface]",
)

# Other ways to write them, without white space and in lower case, after _plain.
_SPELLINGS = {
    "%": ("percent", "pct"),
    "fraction": ("1",),
    "years": (
        "year",
        "y",
        "yr",
        "yrs",
        "yo",
        "y/o",
        "yearsold",
        "yearold",
        "year-old",
        "-year-old",
        "-yearold",
    ),
    "months": ("month", "mo", "month-old", "-month-old", "monthsold"),
    "weeks": ("week", "wk", "wks"),
    "days": ("day", "d"),
    "h": ("hour", "hours", "hr", "hrs"),
    "min": ("minute", "minutes", "mins"),
    "s": ("sec", "second", "seconds"),
    "ms": ("msec", "msecs", "millisecond", "milliseconds"),
    "kg": ("kgs", "kilogram", "kilograms", "kilo", "kilos"),
    "g": ("gram", "grams"),
    "lb": ("lbs", "pound", "pounds"),
    "m": ("meter", "metre", "meters", "metres"),
    "cm": ("centimeter", "centimetre", "centimeters", "centimetres"),
    "in": ("inch", "inches"),
    "ft": ("foot", "feet"),
    "kg/m2": ("kg/m^2", "kg/sqm"),
    "m2": ("m^2", "sqm"),
    "°C": ("degc", "c", "°c", "degreesc", "celsius", "degreescelsius", "degreecelsius", "°celsius", "ºc"),
    "°F": ("degf", "f", "°f", "degreesf", "fahrenheit", "degreesfahrenheit", "degreefahrenheit", "ºf"),
    "mmHg": ("torr", "mmofhg"),
    "/min": (
        *("bpm", "1/min", "min-1", "min^-1", "perminute", "permin", "/minute", "beats/min", "beats/minute"),
        *("beatsperminute", "breaths/min", "breaths/minute", "breathsperminute", "timesperminute"),
        *("cycles/min", "brpm", "rpm"),
    ),
    "g/dL": ("g/100ml", "gm/dl", "gm%", "g%"),
    "mg/dL": ("mg%", "mg/100ml"),
    "mg/L": ("ug/ml",),
    "mEq/L": ("meq/liter", "meq/litre"),
    "mmol/L": ("mm/l", "mmol/liter", "mmol/litre", "mmoll-1"),
    "umol/L": ("umol/liter", "umol/litre"),
    "uIU/mL": ("uu/ml", "miu/l", "mu/l"),
    "U/L": ("iu/l", "ui/l", "units/l"),
    "mg/mmol": ("mg/mmolcreatinine",),
    "mg/g": ("ug/mg", "mg/gcreatinine", "mg/gcr"),
    "mOsm/kg": ("mosm/kgh2o", "mosmol/kg", "mosmol/kgh2o", "mosm/kgwater", "mosm/l", "mosmol/l", "mosm"),
    "10^9/L": ("x10^9/l", "*10^9/l", "×10^9/l", "10e9/l", "109/l", "x109/l", "×109/l", "e9/l"),
    "10^3/uL": (
        *(
            "x10^3/ul",
            "*10^3/ul",
            "×10^3/ul",
            "k/ul",
            "thousand/ul",
            "k/mm3",
            "10^3/mm3",
            "x10^3/mm3",
            "×10^3/mm3",
        ),
        *("×103/ul", "x103/ul", "103/ul", "x103/mm3", "×103/mm3", "k/cumm", "thou/ul"),
    ),
    "/uL": (
        *("/mm3", "/mm^3", "/cumm", "cells/ul", "cells/mm3", "cells/mm^3", "cells/cumm", "perul", "1/ul"),
        *("permm3", "cells/microl", "/microl", "permicroliter", "ul", "mm^3", "mm3"),
    ),
    "mL/min": ("ml/minute",),
    "mL/min/1.73 m2": ("ml/min/1.73m^2", "ml/min/1.73sqm", "ml/min/1.73", "ml/minper1.73m2", "ml/min*1.73m2"),
    "mL": ("cc", "milliliters", "millilitres"),
    "L": ("liter", "litre", "liters", "litres"),
    "mL/h": ("ml/hr", "ml/hour", "cc/hr", "cc/h"),
    "mL/day": ("ml/d", "ml/24h", "ml/24hr", "ml/24hours"),
    "L/day": ("l/d", "l/24h"),
    "mL/kg/h": ("ml/kg/hr", "ml/kg/hour", "cc/kg/hr"),
    "ug/kg/min": ("ug/kg/minute", "gamma/kg/min"),
    "U/min": ("units/min", "iu/min", "units/minute"),
    "U/h": ("units/h", "iu/h", "u/hr", "units/hr", "units/hour"),
}
_MICRO = str.maketrans({"µ": "u", "μ": "u", "²": "2", "³": "3", "º": "°", "·": "*", "⋅": "*", "−": "-"})


def find_unit(written: str) -> str | None:
    """Return the unit of :data:`EXPRESSIONS` that is written so, else ``None``."""
    return _names().get(_plain(written))


def spellings() -> tuple[str, ...]:
    """Return every way a unit can be written, longest first, in lower case and without white space."""
    return tuple(sorted(filter(None, _names()), key=len, reverse=True))


def convert(
    value: float,
    from_unit: str,
    to_unit: str,
    *,
    molar_mass: float | None = None,
    valence: int | None = None,
) -> float:
    """Convert between two units of :data:`EXPRESSIONS`.

    Args:
        value: in ``from_unit``.
        from_unit: as it is shown.
        to_unit: as it is shown.
        molar_mass: g/mol of the substance, where a mass may become an amount.
        valence: charges of the ion, where an amount may become equivalents.

    Raises:
        ValueError: they measure different things.
    """
    if from_unit == to_unit:
        return value
    units = _registry()
    quantity = (
        units.Quantity(value, units.parse_units(EXPRESSIONS[from_unit]))
        if _is_offset(from_unit)
        else (value * units.parse_expression(EXPRESSIONS[from_unit]))
    )
    target = units.parse_expression(EXPRESSIONS[to_unit])
    if _is_offset(to_unit):
        return float(quantity.to(EXPRESSIONS[to_unit]).magnitude)
    for bridge in _bridges(units, molar_mass, valence):
        bridged = quantity if bridge is None else quantity * bridge
        if bridged.dimensionality == units.Quantity(target).dimensionality:
            return float((bridged / target).to("dimensionless").magnitude)
    raise ValueError(f"{from_unit} cannot become {to_unit}")


def _bridges(units: "pint.UnitRegistry[Any]", molar_mass: float | None, valence: int | None) -> list[Any]:
    """Return what a quantity may be multiplied by to become one of another kind; ``None`` for nothing."""
    factors: list[Any] = []
    if molar_mass is not None:
        factors.append(units.Quantity(molar_mass, "gram / mole"))
    if valence is not None:
        factors.append(units.Quantity(valence, "equivalent / mole"))
    if len(factors) == 2:
        factors.append(factors[1] / factors[0])
    return [None, *factors, *(1 / factor for factor in factors)]


def _is_offset(unit: str) -> bool:
    return unit in ("°C", "°F")


@cache
def _registry() -> "pint.UnitRegistry[Any]":
    import pint

    units: pint.UnitRegistry[Any] = pint.UnitRegistry()
    for definition in _DEFINITIONS:
        units.define(definition)
    return units


@cache
def _names() -> dict[str, str]:
    names = {_plain(unit): unit for unit in EXPRESSIONS}
    for unit, spellings_of in _SPELLINGS.items():
        names |= {_plain(spelling): unit for spelling in spellings_of}
    return names


def _plain(written: str) -> str:
    text = "".join(written.lower().translate(_MICRO).split())
    return text.replace("mcg", "ug").replace("mcl", "ul").replace("mcmol", "umol").replace("mciu", "uiu")
