"""Reads the numbers of a text with what belongs to them: unit, comparison, sign, range.

"above 6.5 mmol/L", "> 6.5 mmol/L" and "大于 6.5 mmol/L" read the same; 5.0 and 5, 1,000 and 1000 are the same
number. A word with figures in it (IL-6, V2, G3a, FiO2) is a name, not a number.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from llm.copying.numerals import NUMBER, even_characters, read_number
from llm.copying.units import UNIT, normalise_unit

_LETTER = r"[^\W\d_\u3400-\u9fff]"
_NAME = re.compile(rf"{_LETTER}+-\d[^\W_\u3400-\u9fff]*|{_LETTER}[^\W_\u3400-\u9fff]*")
"""IL-6 is one name; of V2-V5 each end is one."""
_TAIL = re.compile(rf"{_LETTER}[^\W_\u3400-\u9fff]*")
_RANGE = re.compile(r"\s?[-–~]\s?|\s+(?:to|through)\s+|\s?[至到]\s?")
_BETWEEN = re.compile(r"\s+and\s+|\s?[和与]\s?")
_IS_BETWEEN = re.compile(r"(?:\bbetween|介于|在)\s*$", re.IGNORECASE)
_LIST = re.compile(r"\s*(?:[,，、/;±]|\bor\b|\band\b|和|或|\bto\b|±)\s*(?:and\s+|or\s+)?")
_LABEL = re.compile(
    r"\b(stage|grade|type|class|phase|category|group|level|day|week|month|year|age|aged|score|step|lead"
    r"|mode)s?[ -]*$",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"(?i:stage|grade|type|class|phase|category|group|level|day|week|month|year|age|step|lead)s?-"
)
_LABEL_UNITS = {"day": "d", "aged": "year", "age": "year", "score": ""}

_ABOUT = r"(?:\s+(?:of|a|an|about|approximately|around|the|to|or|equal))*\s*"
_PREFIXES: tuple[tuple[str, str], ...] = tuple(
    (sign, rf"(?:{words}){_ABOUT}$")
    for sign, words in (
        (
            "≤",
            (
                r"≤|<\s?=|=\s?<|\b(?:(?:less|fewer|lower|smaller) than or equal to|at most|up to"
                r"|maximum|no (?:more|greater|higher|longer|later)"
                r" than|not (?:more|greater|higher) than|not exceed(?:ing)?|never exceed|within)|不超过"
                r"|不高于|不大于|不多于"
                r"|至多|最多|小于(?:或)?等于"
            ),
        ),
        (
            "≥",
            (
                r"≥|>\s?=|=\s?>|\b(?:(?:more|greater|higher|larger) than or equal to|at least|minimum"
                r"|no (?:less|fewer|lower|earlier|shorter)"
                r" than|not (?:less|fewer|lower) than)|不少于|不低于|不小于|至少|大于(?:或)?等于"
            ),
        ),
        (
            ">",
            (
                r">|\b(?:(?:more|greater|higher|larger|older|longer|later|faster|wider) than|above|over"
                r"|exceed(?:s|ed|ing)?|beyond)"
                r"|大于|高于|超过|多于"
            ),
        ),
        (
            "<",
            (
                r"<|\b(?:(?:less|fewer|lower|smaller|younger|shorter|earlier|slower) than|below|under)|小于"
                r"|低于|少于|不足|不到"
            ),
        ),
    )
)
_PREFIX = tuple((sign, re.compile(pattern, re.IGNORECASE)) for sign, pattern in _PREFIXES)
_SUFFIX = tuple(
    (sign, re.compile(pattern, re.IGNORECASE))
    for sign, pattern in (
        (
            "≥",
            r"\s*(?:\(?(?:or|and) (?:more|greater|higher|above|older|over|longer|later|up)\b|及?以上)",
        ),
        (
            "≤",
            r"\s*(?:\(?(?:or|and) (?:less|fewer|lower|below|younger|under|shorter|earlier)\b|及?以下|以内)",
        ),
    )
)
_REACH = 48
"""Characters before a number in which its comparison stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """``text[start:end]``: a number or a range with its unit."""

    start: int
    end: int
    values: tuple[Decimal, ...]
    """One value, or the two ends of a range."""
    units: frozenset[str]
    """In one spelling; an empty string for none. More than one where it can be read in several ways."""
    relation: str
    """``<``, ``≤``, ``>``, ``≥`` or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedName:
    """``text[start:end]``: a word with figures in it."""

    start: int
    end: int
    name: str
    """Without hyphens, in lower case."""


@dataclass(slots=True)
class _Draft:
    start: int
    end: int
    values: tuple[Decimal, ...]
    unit: str = ""
    label: str = ""
    borrowed: str = ""
    unit_end: int = 0
    is_spelled: bool = False


def find_names(text: str) -> Iterator[NumberedName]:
    """Find the words that hold figures, such as FiO2, V2 or COVID-19."""
    for found in _find_names(text):
        name = unicodedata.normalize("NFKC", found[0]).casefold().replace("-", "")
        if any(character.isdigit() for character in name):
            yield NumberedName(start=found.start(), end=found.end(), name=name)


def find_quantities(text: str) -> list[Quantity]:
    """Find the numbers of a text, in order."""
    text = even_characters(text)
    drafts = _read_ranges(text, _read_numbers(text))
    _share_units(text, drafts)
    return [_finish(text, draft) for draft in drafts if not _is_loose_word(draft)]


def _find_names(text: str) -> Iterator[re.Match[str]]:
    return (found for found in _NAME.finditer(even_characters(text)) if not _LABELLED.match(found[0]))


def _read_numbers(text: str) -> list[_Draft]:
    names = [(found.start(), found.end()) for found in _find_names(text)]
    drafts: list[_Draft] = []
    position = 0
    while (found := NUMBER.search(text, position)) is not None:
        position = found.end()
        if found["figures"] and any(start < found.start() < end for start, end in names):
            continue
        draft = _read_number(text, found)
        if draft is not None:
            drafts.append(draft)
            position = max(position, draft.unit_end)
    return drafts


def _read_number(text: str, found: re.Match[str]) -> _Draft | None:
    value, end = read_number(found)
    start = found.start()
    if found["figures"] and _is_signed(text, start):
        start, value = start - 1, -value if text[start - 1] != "+" else value
    draft = _Draft(start=start, end=end, values=(value,), unit_end=end, is_spelled=not found["figures"])
    _read_unit(text, draft)
    if text.endswith("百分之", 0, start):
        draft.unit = "%"
    return None if found["han"] and not draft.unit else draft


def _read_unit(text: str, draft: _Draft) -> None:
    gap = re.compile(r"(?:\s|[-–](?=[^\W\d]))?").match(text, draft.end)
    place = gap.end() if gap else draft.end
    if (unit := UNIT.match(text, place)) is not None:
        draft.unit, draft.unit_end = normalise_unit(unit[0]), unit.end()
    elif (tail := _TAIL.match(text, draft.end)) is not None and place == draft.end:
        # 3a, 2nd: the letters belong to the number.
        draft.unit, draft.unit_end = f"-{tail[0].casefold()}", tail.end()


def _is_signed(text: str, start: int) -> bool:
    """Whether a minus stands before a number that nothing else stands before: not 10-20, not IL-6."""
    return text[start - 1 : start] in ("-", "–", "+") and (
        start == 1 or text[start - 2] in " (<>=≤≥[\t\n~±/,"
    )


def _read_ranges(text: str, drafts: list[_Draft]) -> list[_Draft]:
    joined: list[_Draft] = []
    for draft in drafts:
        before = joined[-1] if joined else None
        if before is not None and len(before.values) == 1 and _is_range(text, before, draft):
            draft.borrowed = before.unit if not draft.unit else ""
            draft.values, draft.start = (before.values[0], _upper_end(text, before, draft)), before.start
            joined[-1] = draft
        else:
            joined.append(draft)
    return joined


def _upper_end(text: str, before: _Draft, draft: _Draft) -> Decimal:
    """Return the upper end: the hyphen of "10 -20" is no minus."""
    value = draft.values[0]
    is_only_sign = text[before.unit_end : draft.start].strip() == "" and text[draft.start] in "-–"
    return -value if is_only_sign and value < 0 else value


def _is_range(text: str, before: _Draft, draft: _Draft) -> bool:
    if before.unit and draft.unit and before.unit != draft.unit:
        return False
    between = text[before.unit_end : draft.start]
    if not between.strip() and draft.start < len(text) and text[draft.start] in "-–":
        return True
    if _RANGE.fullmatch(text, before.unit_end, draft.start):
        return True
    return bool(
        _BETWEEN.fullmatch(between) and _IS_BETWEEN.search(text, max(0, before.start - 12), before.start)
    )


def _share_units(text: str, drafts: list[_Draft]) -> None:
    """Give the members of a list the unit behind its last one, and the label before its first one."""
    for draft, following in reversed(list(itertools.pairwise(drafts))):
        if not draft.unit and _LIST.fullmatch(text, draft.unit_end, following.start):
            draft.borrowed = draft.borrowed or following.unit or following.borrowed
    previous: _Draft | None = None
    for draft in drafts:
        label = _LABEL.search(text, max(0, draft.start - 16), draft.start)
        if label and (not draft.unit or draft.unit.startswith("-")):
            draft.label = _LABEL_UNITS.get(label[1].lower(), label[1].lower())
        elif previous is not None and previous.label and not draft.unit and not draft.borrowed:
            is_listed = _LIST.fullmatch(text, previous.unit_end, draft.start)
            draft.label = previous.label if is_listed else ""
        previous = draft


def _is_loose_word(draft: _Draft) -> bool:
    """Whether it is a "one" that counts nothing."""
    return draft.is_spelled and draft.values == (Decimal(1),) and not draft.unit


def _finish(text: str, draft: _Draft) -> Quantity:
    units = {draft.unit} if draft.unit else {unit for unit in (draft.label, draft.borrowed) if unit} or {""}
    if draft.unit.startswith("-") and draft.label:
        units = {f"{draft.label}{draft.unit}"}
    if not draft.unit and draft.borrowed:
        units.add("")
    return Quantity(
        start=draft.start,
        end=max(draft.end, draft.unit_end),
        values=draft.values,
        units=frozenset(units),
        relation=_relation(text, draft),
    )


def _relation(text: str, draft: _Draft) -> str:
    before = text[max(0, draft.start - _REACH) : draft.start]
    for sign, pattern in _PREFIX:
        if pattern.search(before):
            return sign
    return next((sign for sign, pattern in _SUFFIX if pattern.match(text, draft.unit_end)), "")
