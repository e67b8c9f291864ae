"""APACHE II."""

from rag.clinical.calculators.calculator import Calculator, Field, Outcome, Source, say
from rag.clinical.calculators.errors import MissingInputs
from rag.clinical.calculators.inputs import Choice, Flag, Number
from rag.clinical.calculators.quantities import (
    AGE,
    BICARBONATE,
    CREATININE,
    DIASTOLIC,
    FIO2,
    GCS,
    HEART_RATE,
    HEMATOCRIT,
    MEAN_PRESSURE,
    PACO2,
    PAO2,
    PH,
    POTASSIUM,
    RESPIRATORY_RATE,
    SODIUM,
    SYSTOLIC,
    TEMPERATURE,
    WHITE_CELLS,
    Quantity,
)
from rag.clinical.calculators.respiration import alveolar_arterial_difference
from rag.clinical.calculators.scoring import Item, add_up, from_above

KNAUS = Source(
    short="Knaus 1985",
    full="Knaus WA, Draper EA, Wagner DP, Zimmerman JE. APACHE II: a severity of disease classification "
    "system. Crit Care Med 1985;13:818-829",
)
# Lower limits from the highest band down, and the points of each; below the last limit the last number.
_BANDS: dict[str, tuple[tuple[tuple[float, int], ...], int]] = {
    "temperature": (((41, 4), (39, 3), (38.5, 1), (36, 0), (34, 1), (32, 2), (30, 3)), 4),
    "map": (((160, 4), (130, 3), (110, 2), (70, 0), (50, 2)), 4),
    "heart_rate": (((180, 4), (140, 3), (110, 2), (70, 0), (55, 2), (40, 3)), 4),
    "respiratory_rate": (((50, 4), (35, 3), (25, 1), (12, 0), (10, 1), (6, 2)), 4),
    "difference": (((500, 4), (350, 3), (200, 2)), 0),
    "ph": (((7.7, 4), (7.6, 3), (7.5, 1), (7.33, 0), (7.25, 2), (7.15, 3)), 4),
    "bicarbonate": (((52, 4), (41, 3), (32, 1), (22, 0), (18, 2), (15, 3)), 4),
    "sodium": (((180, 4), (160, 3), (155, 2), (150, 1), (130, 0), (120, 2), (111, 3)), 4),
    "potassium": (((7, 4), (6, 3), (5.5, 1), (3.5, 0), (3, 1), (2.5, 2)), 4),
    "creatinine": (((3.5, 4), (2, 3), (1.5, 2), (0.6, 0)), 2),
    "hematocrit": (((60, 4), (50, 2), (46, 1), (30, 0), (20, 2)), 4),
    "white_cells": (((40, 4), (20, 2), (15, 1), (3, 0), (1, 2)), 4),
    "age": (((75, 6), (65, 5), (55, 3), (45, 2)), 0),
}
_CHRONIC = {"none": 0, "elective-surgery": 2, "non-operative": 5, "emergency-surgery": 5}


def apache_ii(
    *,
    age: float,
    temperature: float | None,
    map: float | None,  # noqa: A002 - the name that everybody uses
    systolic: float | None,
    diastolic: float | None,
    heart_rate: float | None,
    respiratory_rate: float | None,
    pao2: float | None,
    fio2: float | None,
    paco2: float | None,
    ph: float | None,
    bicarbonate: float | None,
    sodium: float | None,
    potassium: float | None,
    creatinine: float | None,
    acute_renal_failure: bool,
    hematocrit: float | None,
    white_cells: float | None,
    gcs: float | None,
    chronic_health: str,
) -> Outcome:
    """Add up APACHE II (Knaus et al. 1985) from the worst values of the first 24 hours.

    Units: years, °C, mmHg, /min, FiO2 per cent, mEq/L, mg/dL, hematocrit per cent, white cells 10^9/L. The
    points of creatinine count twice in acute renal failure. What is not given counts 0.

    Raises:
        MissingInputs: nothing but the age is known.
    """
    not_needed: set[str] = set()
    if map is not None:
        not_needed |= {"systolic", "diastolic"}
    elif systolic is not None and diastolic is not None:
        map = (systolic + 2 * diastolic) / 3  # noqa: A001
        not_needed.add("map")
    not_needed |= {"bicarbonate"} if ph is not None else {"ph"} if bicarbonate is not None else set()
    not_needed |= {"paco2"} if pao2 is None or fio2 is None or fio2 < 50 else set()
    values = {
        "temperature": temperature,
        "map": map,
        "heart_rate": heart_rate,
        "respiratory_rate": respiratory_rate,
        "ph": ph,
        "bicarbonate": bicarbonate if ph is None else None,
        "sodium": sodium,
        "potassium": potassium,
        "hematocrit": hematocrit,
        "white_cells": white_cells,
        "age": age,
    }
    items = [_item(name, value) for name, value in values.items() if value is not None]
    if creatinine is not None:
        factor = 2 if acute_renal_failure else 1
        doubled = " (twice: acute renal failure)" if acute_renal_failure else ""
        points = factor * _points("creatinine", creatinine)
        items.append(Item(text=f"creatinine {say(creatinine)}{doubled}", points=points))
    if len(items) == 1 and creatinine is None and pao2 is None and gcs is None:
        raise MissingInputs("apache-ii needs physiological values beside the age.", ("temperature",))
    warnings: tuple[str, ...] = ()
    if pao2 is not None and fio2 is not None and fio2 >= 50 and paco2 is None:
        warnings = ("At an FiO2 from 50% oxygenation counts only with paco2; it was left out.",)
    elif pao2 is not None:
        items.append(_oxygenation(pao2, fio2, paco2))
    if gcs is not None:
        items.append(Item(text=f"15 - Glasgow Coma Scale {say(gcs)}", points=15 - gcs))
    items.append(Item(text=f"chronic health: {chronic_health}", points=_CHRONIC[chronic_health]))
    return add_up(items, warnings=warnings, not_needed=not_needed)


def _points(name: str, value: float) -> int:
    bands, below = _BANDS[name]
    return from_above(value, *bands, below=below)


def _item(name: str, value: float) -> Item:
    return Item(text=f"{name.replace('_', ' ')} {say(value)}", points=_points(name, value))


def _oxygenation(pao2: float, fio2: float | None, paco2: float | None) -> Item:
    """Score the alveolar-arterial difference from an FiO2 of 50% on, else PaO2."""
    if fio2 is not None and fio2 >= 50 and paco2 is not None:
        difference = alveolar_arterial_difference(pao2=pao2, fio2=fio2, paco2=paco2, pressure=760)
        return Item(text=f"A-a difference {say(difference)} mmHg", points=_points("difference", difference))
    if pao2 > 70:
        points = 0
    elif pao2 > 60:
        points = 1
    else:
        points = 3 if pao2 >= 55 else 4
    return Item(text=f"PaO2 {say(pao2)} mmHg", points=points)


def _number(key: str, quantity: Quantity, *, is_optional: bool = True) -> Number:
    return Number(key=key, quantity=quantity, is_optional=is_optional)


CALCULATORS = (
    Calculator(
        name="apache-ii",
        title="APACHE II score",
        field=Field.ICU,
        about="Severity of acute illness on admission, 0 to 71.",
        formula="points of 12 physiological values + age + chronic health",
        inputs=(
            _number("age", AGE, is_optional=False),
            _number("temperature", TEMPERATURE),
            _number("map", MEAN_PRESSURE),
            _number("systolic", SYSTOLIC),
            _number("diastolic", DIASTOLIC),
            _number("heart_rate", HEART_RATE),
            _number("respiratory_rate", RESPIRATORY_RATE),
            _number("pao2", PAO2),
            _number("fio2", FIO2),
            _number("paco2", PACO2),
            _number("ph", PH),
            _number("bicarbonate", BICARBONATE),
            _number("sodium", SODIUM),
            _number("potassium", POTASSIUM),
            _number("creatinine", CREATININE),
            Flag(key="acute_renal_failure", name="acute renal failure"),
            _number("hematocrit", HEMATOCRIT),
            _number("white_cells", WHITE_CELLS),
            _number("gcs", GCS),
            Choice(
                key="chronic_health",
                name="severe organ insufficiency or immunocompromise, and kind of admission",
                options=tuple(_CHRONIC),
                is_optional=True,
                default="none",
                also=(("no", "none"), ("elective", "elective-surgery"), ("emergency", "emergency-surgery")),
            ),
        ),
        compute=apache_ii,
        sources=(KNAUS,),
        valid_for="Adults in the first 24 hours of intensive care; the worst values.",
        phrases=("apache ii", "apache 2", "apache"),
    ),
)
