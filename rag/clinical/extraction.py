"""Finds clinical values in a text by patterns: units first, then the name that a number belongs to.

A number counts only with a unit that fits the name beside it, so that ``potassium and creatinine were
4.1 mEq/L and 1.4 mg/dL`` cannot be mixed up.
"""

import itertools
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.clinical.calculators import quantities as q
from rag.clinical.calculators.errors import InvalidInput
from rag.clinical.calculators.inputs import Number
from rag.clinical.calculators.quantities import Quantity
from rag.clinical.calculators.units import find_unit

REACH = 90
"""Characters from a name to its number, within one sentence."""
BEHIND = 14
"""Characters from a number to a name that follows it."""
LONGEST_UNIT = 4
"""Words of a unit: ``beats per minute``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundValue:
    """A value and where it stands."""

    key: str
    """As the calculators' inputs are called."""
    written: str
    """Number and unit, as an input reads them."""
    start: int
    """First character of the words it comes from, name included."""
    end: int
    """Behind their last character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A number with the unit behind it."""

    number: str
    unit: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    key: str
    start: int
    end: int


# Each key with the words that name it and the quantity that says which units fit.
_NAMES: dict[str, tuple[str, Quantity]] = {
    "urine_creatinine": (r"urin(?:e|ary) creatinine", q.URINE_CREATININE),
    "creatinine": (r"creatinine|s?cr(?=[ :=])", q.CREATININE),
    "cystatin_c": (r"cystatin[ -]?c|cystatin", q.CYSTATIN_C),
    "egfr": (r"e?gfr", q.EGFR),
    "acr": (r"u?acr|(?:urin(?:e|ary) )?albumin[- ](?:to[- ])?creatinine ratio|albuminuria", q.ACR),
    "urine_urea": (r"urin(?:e|ary) urea(?: nitrogen)?", q.URINE_UREA),
    "bun": (r"blood urea nitrogen|urea nitrogen|bun", q.UREA),
    "urine_sodium": (r"urin(?:e|ary) (?:sodium|na\+?)|una", q.URINE_SODIUM),
    "sodium": (r"sodium|na\+|na(?=[ :=])", q.SODIUM),
    "urine_potassium": (r"urin(?:e|ary) (?:potassium|k\+?)", q.URINE_POTASSIUM),
    "potassium": (r"potassium|k\+|k(?=[ :=])", q.POTASSIUM),
    "chloride": (r"chloride|cl-|cl(?=[ :=])", q.CHLORIDE),
    "bicarbonate": (r"bicarbonate|hco3-?|hco₃", q.BICARBONATE),
    "calcium": (r"(?<!ionized )(?<!ionised )(?<!corrected )(?<!corrected serum )calcium", q.CALCIUM),
    "phosphate": (r"phosph(?:ate|orus)|po4", q.PHOSPHATE),
    "albumin": (r"albumin(?![- ](?:to|creat|corr))", q.ALBUMIN),
    "glucose": (r"glucose|blood sugar", q.GLUCOSE),
    "ethanol": (r"ethanol|blood alcohol", q.ETHANOL),
    "urine_osmolality": (r"urin(?:e|ary) osmolality", q.URINE_OSMOLALITY),
    "serum_osmolality": (r"(?:serum|plasma|measured) osmolality", q.OSMOLALITY),
    "bilirubin": (r"(?:total )?bilirubin", q.BILIRUBIN),
    "platelets": (r"platelets?(?: counts?)?|plt", q.PLATELETS),
    "white_cells": (r"white (?:blood )?(?:cell|count)s?(?: counts?)?|wbc|leu[ck]ocytes?", q.WHITE_CELLS),
    "hematocrit": (r"ha?ematocrit|hct", q.HEMATOCRIT),
    "heart_rate": (r"heart rate|pulse(?: rate)?|hr", q.HEART_RATE),
    "respiratory_rate": (r"respirat(?:ory|ion) rate|respirations?|breathing rate|rr", q.RESPIRATORY_RATE),
    "temperature": (r"temperature|temp|fever", q.TEMPERATURE),
    "spo2": (r"spo2|(?:oxygen|o2) saturation", q.SPO2),
    "fio2": (r"fio2|fraction of inspired oxygen|inspired oxygen", q.FIO2),
    "pao2": (r"pao2|po2|arterial oxygen", q.PAO2),
    "paco2": (r"paco2|pco2", q.PACO2),
    "peep": (r"peep", q.PEEP),
    "ph": (r"(?<!urinary )(?<!urine )ph", q.PH),
    "gcs": (r"glasgow coma (?:scale|score)(?: score)?|gcs", q.GCS),
    "qt": (r"qt(?: interval)?", q.QT),
    "weight": (r"(?:body )?weight|weigh(?:s|ed|ing)", q.WEIGHT),
    "height": (r"height|tall", q.HEIGHT),
    "systolic": (r"systolic(?: blood)?(?: pressure)?|sbp", q.SYSTOLIC),
    "diastolic": (r"diastolic(?: blood)?(?: pressure)?|dbp", q.DIASTOLIC),
    "map": (r"mean arterial pressure|map", q.MEAN_PRESSURE),
    "norepinephrine": (r"nor(?:epinephrine|adrenaline)", q.DOSE),
    "epinephrine": (r"epinephrine|adrenaline", q.DOSE),
    "dopamine": (r"dopamine", q.DOSE),
    "dobutamine": (r"dobutamine", q.DOSE),
    "phenylephrine": (r"phenylephrine", q.DOSE),
    "vasopressin": (r"vasopressin", q.VASOPRESSIN),
}
_NAME = re.compile(
    "|".join(rf"(?P<{key}>(?<![\w/])(?:{words})(?![\w]))" for key, (words, _) in _NAMES.items()),
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?<![\w.,/^-])\d{1,3}(?:,\d{3})+(?![\d,])|(?<![\w.,/^])(?<!\d[-–])\d+(?:\.\d+)?(?![\d.]*\d)"
)
_IS_RANGE = re.compile(r"\s*(?:-|–|to)\s*\d")
_REFERENCE = re.compile(r"[(\[][^()\[\]]*\b(?:range|reference|normal|ref)\b[^()\[\]]*[)\]]", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.;?!]\s+(?=[A-Z])|\n+")
_DIRECTLY = re.compile(
    r"\s*(?:(?:levels?|scores?|of|is|was|at|recorded|measured|interval|rate)\s*|[:=]\s*){0,3}", re.IGNORECASE
)
_AGE = re.compile(
    r"(?P<a>\d{1,3})[- ]?(?P<unit>years?|yrs?|months?|y)(?:[- ]?o(?:ld)?\b|/o\b)"
    r"|\b(?:age[d]?|age of|age:|age is)\s*(?P<b>\d{1,3})\b|\b(?P<c>\d{1,3})\s*yo\b",
    re.IGNORECASE,
)
_FEMALE, _MALE = r"wom[ae]n|females?|girl|lady", r"m[ae]n|males?|boy|gentleman"
_SEX = re.compile(rf"\b(?:(?P<female>{_FEMALE})|(?P<male>{_MALE}))\b", re.IGNORECASE)
_SHE_OR_HE = re.compile(r"\b(?:(?P<female>she|her)|(?P<male>he|his))\b", re.IGNORECASE)
_PRESSURE = re.compile(
    r"(?:\b(?:blood pressure|bp)\b[^\d.]{0,30})?\b(?P<s>\d{2,3})\s?/\s?(?P<d>\d{2,3})\b(?P<mmhg>\s?mm\s?hg)?",
    re.IGNORECASE,
)


def find_values(text: str) -> tuple[FoundValue, ...]:
    """Return all values in the order of the text; several of one key where it is mentioned again."""
    measured = list(_find_measured(text))
    if not any(value.key == "weight" for value in measured):
        measured += _find_bare_weight(text)
    found = [*measured, *_find_age(text), *_find_sex(text), *_find_pressures(text)]
    return tuple(sorted(found, key=lambda value: value.start))


def find_mentions(text: str) -> tuple[Mention, ...]:
    """Return the numbers with their units, without ranges and reference values."""
    hidden = [found.span() for found in _REFERENCE.finditer(text)]
    mentions = []
    for found in _NUMBER.finditer(text):
        if any(start <= found.start() < end for start, end in hidden):
            continue
        if _IS_RANGE.match(text, found.end()):
            continue
        unit, end = _unit_behind(text, found.end())
        mentions.append(Mention(number=found[0], unit=unit, start=found.start(), end=end))
    return tuple(mentions)


def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """Return where the sentences of a text begin and end, roughly: a name and its number stand in one."""
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    borders = [0, *ends, len(text)]
    return tuple((start, end) for start, end in itertools.pairwise(borders) if text[start:end].strip())


def _unit_behind(text: str, start: int) -> tuple[str | None, int]:
    """Return the longest unit that begins at a place (white space aside), and where it ends."""
    words = list(re.finditer(r"[^\s,;()\[\]]+", text[start : start + 40]))[:LONGEST_UNIT]
    if not words or text[start : start + words[0].start()].strip():
        return None, start
    for last in reversed(words):
        written = text[start : start + last.end()].rstrip(".,;:?!")
        unit = find_unit(written)
        if unit:
            return unit, start + len(written)
    return None, start


def _find_measured(text: str) -> Iterator[FoundValue]:
    names = [
        _Name(key=found.lastgroup or "", start=found.start(), end=found.end())
        for found in _NAME.finditer(text)
    ]
    mentions = find_mentions(text)
    for start, end in sentences(text):
        yield from _join(
            text,
            [name for name in names if start <= name.start < end],
            [mention for mention in mentions if start <= mention.start < end],
        )


def _join(text: str, names: Sequence[_Name], mentions: Sequence[Mention]) -> Iterator[FoundValue]:
    """Give each number of a sentence to the name that it belongs to."""
    free = list(names)
    in_order = _pair_in_order(names, mentions)
    for mention in mentions:
        name = in_order.get(mention.start)
        if name is None and not _belongs_elsewhere(text, names, mention):
            name = _nearest(text, free, mention)
        value = name and _value(text, name, mention)
        if name and value:
            free = [other for other in free if other is not name]
            yield value


def _pair_in_order(names: Sequence[_Name], mentions: Sequence[Mention]) -> dict[int, _Name]:
    """Pair runs such as ``sodium and potassium were 140 mEq/L and 4 mEq/L``: as many names as numbers."""
    pairs: dict[int, _Name] = {}
    starts = [mention.start for mention in mentions]
    position = 0
    while position < len(names):
        first = bisect_left(starts, names[position].start)
        if first == len(mentions):
            break
        run = [name for name in names[position:] if name.start < starts[first]]
        after = names[position + len(run)].start if position + len(run) < len(names) else None
        numbers = [m for m in mentions[first:] if after is None or m.start < after][: len(run) + 1]
        is_paired = len(run) > 1 and len(numbers) == len(run)
        if is_paired and all(map(_fits, run, numbers)):
            pairs |= {mention.start: name for name, mention in zip(run, numbers, strict=True)}
        position += max(len(run), 1)
    return pairs


def _belongs_elsewhere(text: str, names: Sequence[_Name], mention: Mention) -> bool:
    """Whether a name that the unit does not fit stands directly before a number: ``PO4: 4.3 mEq/L``."""
    before = [name for name in names if name.end <= mention.start]
    if not before or _fits(before[-1], mention, text):
        return False
    return _DIRECTLY.fullmatch(text[before[-1].end : mention.start]) is not None


def _nearest(text: str, names: Sequence[_Name], mention: Mention) -> _Name | None:
    before = [
        name for name in names if name.end <= mention.start <= name.end + REACH and _fits(name, mention, text)
    ]
    if before:
        return before[-1]
    behind = [
        name
        for name in names
        if mention.end <= name.start <= mention.end + BEHIND
        and not any(mark in text[mention.end : name.start] for mark in ",;:")
        and _fits(name, mention)
    ]
    return behind[0] if behind else None


def _fits(name: _Name, mention: Mention, text: str = "") -> bool:
    """Whether the unit is one of the quantity; a bare number must stand directly behind its name."""
    quantity = _NAMES[name.key][1]
    if mention.unit is not None:
        return mention.unit in quantity.units
    directly = bool(text) and _DIRECTLY.fullmatch(text[name.end : mention.start]) is not None
    return directly and not quantity.explicit


def _value(text: str, name: _Name, mention: Mention) -> FoundValue | None:
    written = text[mention.start : mention.end]
    try:
        Number(key=name.key, quantity=_NAMES[name.key][1]).read(written)
    except InvalidInput:
        return None
    start, end = min(name.start, mention.start), max(name.end, mention.end)
    return FoundValue(key=name.key, written=written, start=start, end=end)


def _find_bare_weight(text: str) -> list[FoundValue]:
    """Return the first number of kilograms that nothing names: ``a man (175 cm, 76 kg)``."""
    kilograms = [mention for mention in find_mentions(text) if mention.unit == "kg"]
    return [
        FoundValue(key="weight", written=text[m.start : m.end], start=m.start, end=m.end)
        for m in kilograms[:1]
    ]


def _find_age(text: str) -> Iterator[FoundValue]:
    for found in _AGE.finditer(text):
        number = found["a"] or found["b"] or found["c"]
        unit = "months" if (found["unit"] or "").lower().startswith("month") else "years"
        if int(number) <= q.AGE.possible[1]:
            yield FoundValue(key="age", written=f"{number} {unit}", start=found.start(), end=found.end())


def _find_sex(text: str) -> Iterator[FoundValue]:
    found = _SEX.search(text) or _SHE_OR_HE.search(text)
    if found is not None:
        sex = found.lastgroup or ""
        yield FoundValue(key="sex", written=sex, start=found.start(), end=found.end())


def _find_pressures(text: str) -> Iterator[FoundValue]:
    for found in _PRESSURE.finditer(text):
        is_named = found.start() < found.start("s")
        if (is_named or found["mmhg"]) and int(found["s"]) > int(found["d"]):
            for key, part in (("systolic", "s"), ("diastolic", "d")):
                yield FoundValue(key=key, written=f"{found[part]} mmHg", start=found.start(), end=found.end())
