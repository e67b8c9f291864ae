"""Finds drugs in a text: by the table of names, and by the stems of international names.

The stems are those of the WHO's "The use of stems in the selection of International Nonproprietary Names
(INN) for pharmaceutical substances" (2018), as far as they make words that are nothing else; ordinary words
that end like a drug are listed as such.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from llm.copying.clauses import HAN
from resources.drug_names import read_drugs
from resources.terminology import Name, read_words

_CEPHALIC = re.compile(r"ceph(?:al(?:ic|ad|o\w*|us|y|algia)|e)")
_BEGIN = re.compile(rf"(?<![^\W_{HAN}])[^\W_{HAN}]|[{HAN}]")
_LATIN = re.compile(rf"[^\W_{HAN}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class DrugName:
    """``text[start:end]`` names a drug."""

    start: int
    end: int
    drug: str
    """The first of its names."""


def find_drugs(text: str) -> list[DrugName]:
    """Find the drugs that a text names, in order."""
    named = list(_find_named(text))
    taken = [(name.start, name.end) for name in named]
    return sorted(
        [*named, *(drug for drug in _find_stems(text) if not any(s <= drug.start < e for s, e in taken))],
        key=lambda drug: drug.start,
    )


@lru_cache(maxsize=512)
def drugs_of(text: str) -> frozenset[str]:
    """Return which drugs a text names."""
    return frozenset(name.drug for name in find_drugs(text))


def _find_named(text: str) -> Iterator[DrugName]:
    """The longest name at each place: noradrenaline is not adrenaline."""
    lowered, names, position = _lower(text), _names(), 0
    for begin in _BEGIN.finditer(text):
        place = begin.start()
        if place < position:
            continue
        for name, drug in names.get(lowered[place], ()):
            wanted, there = (name.text, text) if name.is_case_sensitive else (_lower(name.text), lowered)
            if there.startswith(wanted, place) and _ends_word(text, place + len(wanted)):
                position = place + len(wanted)
                yield DrugName(start=place, end=position, drug=drug)
                break


def _find_stems(text: str) -> Iterator[DrugName]:
    for found in _stems().finditer(_lower(text)):
        if found[0] not in read_words("drug-lookalikes") and not _CEPHALIC.match(found[0]):
            yield DrugName(start=found.start(), end=found.end(), drug=found[0])


def _ends_word(text: str, end: int) -> bool:
    if not _LATIN.match(text, end - 1):
        return True
    return not _LATIN.match(text, end + text.startswith("s", end))


def _lower(text: str) -> str:
    """Lower the case and keep the length, so that offsets stay."""
    lowered = text.lower()
    return (
        lowered
        if len(lowered) == len(text)
        else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    )


@cache
def _stems() -> re.Pattern[str]:
    ends = "|".join(sorted(read_words("drug-stems")))
    return re.compile(rf"(?<![^\W_])(?:[a-z]{{2,}}(?:{ends})|(?:cef|ceph)[a-z]{{4,}})(?=s?(?![^\W_]))")


@cache
def _names() -> dict[str, list[tuple[Name, str]]]:
    """Return the names by their first letter, long ones first, each with its drug."""
    by_letter: defaultdict[str, list[tuple[Name, str]]] = defaultdict(list)
    for names in read_drugs():
        for name in names:
            by_letter[_lower(name.text)[0]].append((name, names[0].text))
    return {letter: sorted(names, key=lambda pair: -len(pair[0].text)) for letter, names in by_letter.items()}
