"""Compares a sentence of an answer with its evidence: numbers, units, negations, drugs, findings.

A guard blocks: what it flags is dropped or shown struck. So it flags what the evidence certainly does not
hold, and a sentence that stands in the evidence word for word never gets a finding. What the guards cannot
see is listed in docs/methods.md.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from llm.copying.drug_names import drugs_of, find_drugs
from llm.copying.findings import Finding, GuardKind
from llm.copying.polarity import find_opposites
from llm.copying.qualifiers import find_unattached
from llm.copying.quantities import Quantity, find_names, find_quantities

_SPACES = re.compile(r"\s+")
_MARKS = re.compile(r"\[\d[\d,;\s–-]*\]|^\s*(?:\(?\d{1,2}[.)]|[①-⑳])(?=\s)|\(\d{1,2}\)", re.MULTILINE)
"""Numbers of citations and of lists: [3], [1, 2], "2. ", (1)."""
_FEW_LETTERS = 2
_SENTENCE_ENDS = '.!?…。！？:：;；"”’)]'
_MAY_BE_LEFT_OUT = frozenset(
    "stage grade type class phase category group level step lead mode month week year".split()  # noqa: SIM905
)
"""Labels that stand before a number: CKD 3 is CKD stage 3."""


def check_sentence(text: str, evidence: Sequence[str]) -> tuple[Finding, ...]:
    """Return what of a sentence the evidence does not hold, in the order of the text.

    Args:
        text: One sentence of an answer.
        evidence: The passages that it may be made from, as they are stored.
    """
    if is_verbatim(text, evidence):
        return ()
    found = [
        *_check_quantities(text, evidence),
        *_check_names(text, evidence),
        *((GuardKind.NEGATION, start, end) for start, end in find_opposites(text, evidence)),
        *_check_drugs(text, evidence),
        *((GuardKind.UNSUPPORTED, start, end) for start, end in find_unattached(text, evidence)),
    ]
    return tuple(
        Finding(kind=kind, start=start, end=end, text=text[start:end])
        for kind, start, end in sorted(set(found), key=lambda finding: finding[1:])
    )


def is_verbatim(text: str, evidence: Sequence[str]) -> bool:
    """Whether a text is whole sentences of a passage, but for runs of white space."""
    wanted = _even(text)
    return not wanted or any(_holds(_even(passage), wanted) for passage in evidence)


def _holds(passage: str, wanted: str) -> bool:
    place = passage.find(wanted)
    while place >= 0:
        before, after = passage[:place].rstrip(), passage[place + len(wanted) :]
        begins = not before or before[-1] in _SENTENCE_ENDS
        ends = not after or (wanted[-1] in _SENTENCE_ENDS and (after[0] == " " or wanted[-1] in "。！？；"))
        if begins and ends:
            return True
        place = passage.find(wanted, place + 1)
    return False


@lru_cache(maxsize=512)
def _even(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


_Found = tuple[GuardKind, int, int]


def _check_quantities(text: str, evidence: Sequence[str]) -> Iterator[_Found]:
    known = [quantity for passage in evidence for quantity in _quantities_of(passage)]
    marks = [match.span() for match in _MARKS.finditer(text)]
    for quantity in find_quantities(text):
        if any(start <= quantity.start < end for start, end in marks):
            continue
        same = [other for other in known if other.values == quantity.values]
        of_unit = [other for other in same if _is_same_unit(quantity, other)]
        if same and not of_unit:
            yield GuardKind.UNIT, quantity.start, quantity.end
        elif not any(other.relation == quantity.relation for other in of_unit):
            yield GuardKind.NUMBER, quantity.start, quantity.end


def _is_same_unit(quantity: Quantity, other: Quantity) -> bool:
    if quantity.units & other.units:
        return True
    both = quantity.units | other.units
    return "" in both and bool(both & _MAY_BE_LEFT_OUT)


def _check_names(text: str, evidence: Sequence[str]) -> Iterator[_Found]:
    """IL-6 for IL-8, V2 for V5, SGLT1 for SGLT2: the same letters with other figures, or hardly any letters.

    A long name that is altogether absent, such as COVID-19, is a word like others and no number.
    """
    known = {name for passage in evidence for name in _names_of(passage)}
    letters = {_letters(name) for name in known}
    quantities = [(quantity.start, quantity.end) for quantity in find_quantities(text)]
    for name in find_names(text):
        is_part = any(start <= name.start < end for start, end in quantities)
        own = _letters(name.name)
        if name.name not in known and not is_part and (own in letters or len(own) <= _FEW_LETTERS):
            yield GuardKind.NUMBER, name.start, name.end


def _letters(name: str) -> str:
    return "".join(character for character in name if character.isalpha())


def _check_drugs(text: str, evidence: Sequence[str]) -> Iterator[_Found]:
    known = {drug for passage in evidence for drug in drugs_of(passage)}
    for name in find_drugs(text):
        if name.drug not in known:
            yield GuardKind.DRUG, name.start, name.end


@lru_cache(maxsize=512)
def _quantities_of(passage: str) -> tuple[Quantity, ...]:
    return tuple(find_quantities(passage))


@lru_cache(maxsize=512)
def _names_of(passage: str) -> frozenset[str]:
    return frozenset(name.name for name in find_names(passage))
