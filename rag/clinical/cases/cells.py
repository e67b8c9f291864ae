"""What the cells of patient tables say: numbers, yes and no, sex, times."""

import math
import re

from rag.clinical.cases.types import Feature
from rag.clinical.ecg.types import Sex

_MISSING = {"", "na", "n/a", "nan", "null", "none", "nil", "-", "--", ".", "?", "unknown", "not measured"}
_NUMBER = re.compile(r"[<>≤≥]?\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*%?", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,3}):(\d{2})(?::\d{2})?")
_SEXES = {"f": Sex.FEMALE, "female": Sex.FEMALE, "woman": Sex.FEMALE, "0": Sex.FEMALE} | {
    "m": Sex.MALE,
    "male": Sex.MALE,
    "man": Sex.MALE,
    "1": Sex.MALE,
}
_DEAD = {"1", "yes", "true", "y", "died", "dead", "expired", "deceased", "death", "nonsurvivor"}
_ALIVE = {"0", "no", "false", "n", "alive", "survived", "survivor", "discharged", "living"}
_RACES = {"caucasian": "white", "african american": "black", "black or african american": "black"}


def is_missing(cell: str) -> bool:
    """Tell whether a cell says that there is nothing."""
    return cell.strip().casefold() in _MISSING


def parse_number(cell: str) -> float | None:
    """Read a number; a limit of detection (``<0.01``) is taken as the value. ``None`` where there is none."""
    text = cell.strip()
    if text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    value = float(found[1])
    return value if math.isfinite(value) else None


def parse_feature(cell: str, feature: Feature) -> float | None:
    """Read a value, a choice by its word or its number."""
    if feature.options:
        words = [option.casefold() for option in feature.options]
        text = cell.strip().casefold()
        if text and text in words:
            return float(words.index(text))
    return parse_number(cell)


def parse_sex(cell: str) -> Sex | None:
    """Read a sex; 0 is female and 1 male, as in the PhysioNet challenges."""
    number = parse_number(cell)
    text = f"{number:g}" if number is not None else cell.strip().casefold()
    return _SEXES.get(text)


def parse_age(cell: str) -> float | None:
    """Read an age in years; ``> 89`` is the next year."""
    age = parse_number(cell)
    if age is None or not 0 <= age <= 130:
        return None
    return age + 1 if cell.strip().startswith(">") else age


def parse_race(cell: str) -> str | None:
    """Read a race or ethnicity as the table words it, in lower case."""
    text = " ".join(cell.casefold().split())
    if is_missing(text) or text in ("other/unknown", "declined"):
        return None
    return _RACES.get(text, text)


def parse_outcome(cell: str) -> bool | None:
    """Read whether somebody died."""
    number = parse_number(cell)
    text = f"{number:g}" if number is not None else re.sub(r"[\W_]+", "", cell.casefold())
    return True if text in _DEAD else False if text in _ALIVE else None


def parse_hours(cell: str, column: str) -> float | None:
    """Read a time in hours: ``hh:mm``, minutes where the column is an offset, else hours."""
    clock = _CLOCK.fullmatch(cell.strip())
    if clock is not None:
        return int(clock[1]) + int(clock[2]) / 60
    number = parse_number(cell)
    if number is None:
        return None
    return number / 60 if "offset" in column or "minute" in column else number
