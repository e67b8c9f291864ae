"""Finds cited sentences of different documents that do not agree, so that they are shown side by side.

Conservative: both must be about the same thing and the same patients, as far as their words tell. A target
for diabetics does not contradict one for everybody, nor stage 3 stage 4, nor one study's result another's.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import combinations

from llm.copying.clauses import find_keys
from llm.copying.drug_names import drugs_of
from llm.copying.polarity import find_opposite
from llm.copying.qualifiers import find_turned, measured_values
from llm.copying.quantities import Quantity, find_names, find_quantities
from resources.terminology import read_words

Similarity = Callable[[str, str], float]
"""Cosine of two sentences, -1 to 1."""

ALIKE = 0.5
"""Words in common, as a share of the words of both (Jaccard), from which two sentences are about the same."""
ALIKE_BY_MEANING = 0.3
"""The same where the similarity is at least :data:`SIMILAR`."""
SIMILAR = 0.75
FEWEST = 3
"""Words in common."""
_LABELS = frozenset("stage grade type class phase category group level year -a -b".split())  # noqa: SIM905
"""Units that say what is meant rather than how much of it."""
_UNITS_OF_COUNTS = frozenset({"", "times", "fold"})
_RULES = frozenset(
    [
        "should",
        "must",
        "recommend",
        "recommendation",
        "target",
        "goal",
        "threshold",
        "suggest",
        "advise",
        "aim",
        "maximum",
        "minimum",
        "start",
        "initiate",
        "consider",
        "indicate",
        "define",
    ]
)
"""Words of a rule, in contrast to the result of a study."""
_STATISTIC = re.compile(r"\b[pPnN]\s*[<>=≤≥]*\s*$")


class Disagreement(StrEnum):
    """In what two sentences differ."""

    NUMBER = "number"
    UNIT = "unit"
    NEGATION = "negation"
    DIRECTION = "direction"
    """Opposite words, such as increases and reduces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A sentence and the document that it stands in."""

    text: str
    document: str
    title: str = ""
    year: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two statements that do not agree. ``first`` is from the newer document; undated ones come last."""

    first: int
    """Index among the statements, from 0."""
    second: int
    kind: Disagreement
    first_words: tuple[int, int]
    """Offsets of what differs, in the first statement's text."""
    second_words: tuple[int, int]
    reason: str
    """In a few words: what each of them says."""


def find_contradictions(
    statements: Sequence[Statement], *, similarity: Similarity | None = None
) -> tuple[Contradiction, ...]:
    """Return the pairs of statements from different documents that do not agree."""
    found: list[Contradiction] = []
    for pair in combinations(range(len(statements)), 2):
        first, second = sorted(pair, key=lambda index: (-(statements[index].year or 0), index))
        one, other = statements[first], statements[second]
        if one.document == other.document or not _are_about_the_same(one.text, other.text, similarity):
            continue
        difference = _compare(one.text, other.text)
        if difference is not None:
            kind, here, there = difference
            words = one.text[slice(*here)], other.text[slice(*there)]
            found.append(
                Contradiction(
                    first=first,
                    second=second,
                    kind=kind,
                    first_words=here,
                    second_words=there,
                    reason=f"{kind.value}: {' / '.join(' '.join(each.split()) for each in words)}",
                )
            )
    return tuple(found)


_Difference = tuple[Disagreement, tuple[int, int], tuple[int, int]]


def _are_about_the_same(one: str, other: str, similarity: Similarity | None) -> bool:
    here, there = _topic(one), _topic(other)
    common, different = here & there, here ^ there
    if len(common) < FEWEST or different & _patients():
        return False
    if measured_values(one) != measured_values(other) or drugs_of(one) != drugs_of(other):
        return False
    if {name.name for name in find_names(one)} != {name.name for name in find_names(other)}:
        return False
    share = len(common) / len(here | there)
    if share >= ALIKE:
        return True
    return similarity is not None and share >= ALIKE_BY_MEANING and similarity(one, other) >= SIMILAR


def _topic(text: str) -> frozenset[str]:
    """Return the words of a sentence without its numbers and units."""
    left = text
    for quantity in reversed(find_quantities(text)):
        left = f"{left[: quantity.start]} {left[quantity.end :]}"
    return frozenset(key for key in find_keys(left) if not key[0].isdigit())


@cache
def _patients() -> frozenset[str]:
    return frozenset(key for word in read_words("patient-groups") for key in find_keys(word))


def _compare(one: str, other: str) -> _Difference | None:
    return _compare_quantities(one, other) or _compare_polarity(one, other) or _compare_direction(one, other)


def _compare_quantities(one: str, other: str) -> _Difference | None:
    here, there = _quantities(one), _quantities(other)
    if _labels(here) != _labels(there):
        return None
    here, there = ([each for each in side if not each.units & _LABELS] for side in (here, there))
    are_rules = bool(find_keys(one) & _RULES and find_keys(other) & _RULES)
    # Of "130/80 mmHg" the first number may stand without a unit: units come before none.
    for unit in sorted({unit for each in here for unit in each.units}, reverse=True):
        mine = [each for each in here if unit in each.units and _is_limit(each, are_rules)]
        theirs = [each for each in there if unit in each.units and _is_limit(each, are_rules)]
        if mine and theirs and _are_other_values(mine, theirs):
            return Disagreement.NUMBER, _span(mine), _span(theirs)
    for each in (each for each in here if not _holds(there, each)):
        for same in (same for same in there if not _holds(here, same)):
            if each.values == same.values and not (each.units | same.units) & _UNITS_OF_COUNTS:
                return Disagreement.UNIT, _span([each]), _span([same])
    return None


def _holds(quantities: Sequence[Quantity], wanted: Quantity) -> bool:
    return any(each.values == wanted.values and each.units & wanted.units for each in quantities)


def _are_other_values(mine: Sequence[Quantity], theirs: Sequence[Quantity]) -> bool:
    here = [(each.values, each.relation) for each in mine]
    there = [(each.values, each.relation) for each in theirs]
    if not {each.values for each in mine} & {each.values for each in theirs}:
        return True
    return len(here) == len(there) <= 2 and [each[0] for each in here] != [each[0] for each in there]


def _is_limit(quantity: Quantity, is_rule: bool) -> bool:
    """Whether a number is part of a rule: shares and counts of a study are not."""
    is_count = bool(quantity.units & (_UNITS_OF_COUNTS | {"%"})) and len(quantity.units) == 1
    return is_rule or not is_count or (bool(quantity.relation) and quantity.units != {"%"})


def _quantities(text: str) -> list[Quantity]:
    """Return the numbers of a text without probabilities and confidence levels."""
    return [
        each
        for each in find_quantities(text)
        if not _STATISTIC.search(text, 0, each.start)
        and not text[each.end :].lstrip().startswith(("CI", "confidence"))
    ]


def _labels(quantities: Sequence[Quantity]) -> set[object]:
    return {(each.values, each.units) for each in quantities if each.units & _LABELS}


def _span(quantities: Sequence[Quantity]) -> tuple[int, int]:
    return quantities[0].start, quantities[-1].end


def _compare_polarity(one: str, other: str) -> _Difference | None:
    here, there = find_opposite(one, other), find_opposite(other, one)
    return None if here is None or there is None else (Disagreement.NEGATION, here, there)


def _compare_direction(one: str, other: str) -> _Difference | None:
    here, there = find_turned(one, other), find_turned(other, one)
    return (Disagreement.DIRECTION, here[0], there[0]) if here and there else None
