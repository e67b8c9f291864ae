"""Measures the guards and the recognition of instructions: what they flag in error, what they miss.

    python benchmarks/guards.py --data DIR [--each N] [--show N]

DIR is searched for PDF, HTML and Markdown. Every sentence, as it stands, is checked against its own passage,
and again with two words before it, so that it is no verbatim sentence any more: nothing may be flagged. Then
sentences are changed by program, one change each: a number, a unit, a negation, a drug, a direction. Prints
one JSON object.
"""

import argparse
import json
import random
import re
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from agents.injection import is_instruction
from llm.copying.drug_names import drugs_of, find_drugs
from llm.copying.guards import check_sentence
from llm.copying.quantities import find_quantities
from rag.chunking.context_aware import chunk_document
from rag.documents.detection import detect_media_type
from rag.documents.extraction import Extractor
from rag.documents.loading import ExtractionLimits
from rag.errors import LibraryError
from rag.types import DocumentId
from resources.drug_names import read_drugs

SEED = 5
FEWEST_WORDS = 4
HARMLESS = "In summary, "

Pair = tuple[str, str]
"""A sentence and its passage."""
Change = Callable[[str, str, random.Random], str | None]
"""Gives a changed sentence, or nothing where there is nothing of the kind to change."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--each", type=int, default=500, help="changed sentences of each kind, at most")
    parser.add_argument(
        "--show", type=int, default=0, help="examples of each kind that went wrong, on stderr"
    )
    arguments = parser.parse_args()
    pairs = list(read_sentences(arguments.data))
    figures: dict[str, Any] = {"sentences": len(pairs)}
    figures["flagged_as_they_stand"] = _count_flagged("as it stands", pairs, "", arguments.show)
    figures["flagged_with_two_words_before"] = _count_flagged("two words", pairs, HARMLESS, arguments.show)
    figures["instructions"] = [sentence for sentence, _ in pairs if is_instruction(sentence)]
    figures["changes"] = {
        name: measure(name, change, pairs, arguments.each, arguments.show) for name, change in CHANGES.items()
    }
    sys.stdout.write(json.dumps(figures, ensure_ascii=False, indent=1) + "\n")


def read_sentences(data: Path) -> Iterator[Pair]:
    """Yield the sentences of all documents, each with the chunk that it stands in."""
    extractor = Extractor(limits=ExtractionLimits())
    files = sorted(file for ending in ("md", "pdf", "html") for file in data.rglob(f"*.{ending}"))
    for file in files:
        try:
            extracted = extractor.extract(
                file, detect_media_type(file), cancel=threading.Event(), on_progress=lambda _: None
            )
        except LibraryError:
            continue
        for chunk in chunk_document(DocumentId(file.name), extracted):
            if chunk.is_retrievable:
                for start, end in chunk.sentences:
                    yield chunk.text[start:end], chunk.text
    extractor.close()


def measure(name: str, change: Change, pairs: Sequence[Pair], most: int, show: int) -> dict[str, Any]:
    """Change sentences in one way; recall is the share of them with any finding, ``right`` with that kind."""
    chance = random.Random(SEED)  # noqa: S311
    changed: list[tuple[str, Pair]] = []
    for pair in chance.sample(pairs, len(pairs)):
        if len(changed) == most:
            break
        if len(pair[0].split()) >= FEWEST_WORDS and (text := change(*pair, chance)) is not None:
            changed.append((text, pair))
    kinds = [{finding.kind.value for finding in check_sentence(text, [pair[1]])} for text, pair in changed]
    missed = [each for each, found in zip(changed, kinds, strict=True) if not found]
    _show(name, [f"{text}\n   was: {pair[0]}" for text, pair in missed[:show]])
    return {
        "n": len(changed),
        "recall": round(sum(map(bool, kinds)) / max(len(changed), 1), 3),
        "right": round(sum(EXPECTED[name] in each for each in kinds) / max(len(changed), 1), 3),
    }


def change_number(sentence: str, passage: str, chance: random.Random) -> str | None:
    """Write another number, of a quantity: not one of a list or a name."""
    places = {place for each in find_quantities(sentence) for place in range(each.start, each.end)}
    found = [match for match in _LONE_NUMBER.finditer(sentence) if match.start() in places]
    if not found:
        return None
    match = chance.choice(found)
    whole, point, decimals = match[0].partition(".")
    other = f"{int(whole) + chance.choice([1, 2, 3, 10, 20])}{point}{decimals}"
    return None if _holds(passage, other) else _replace(sentence, match, other)


_LONE_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:\.\d+)?(?![\d.,]*\d)(?![.)\]])")


def _holds(passage: str, number: str) -> bool:
    return re.search(rf"(?<![\d.]){re.escape(number)}(?!\d)", passage) is not None


_UNITS = dict(
    pair.split(">")
    for pair in [
        "mg>g",
        "g>mg",
        "kg>g",
        "mmol/L>mg/dL",
        "mg/dL>mmol/L",
        "mL>L",
        "mmHg>kPa",
        "days>weeks",
        "weeks>days",
        "hours>minutes",
        "minutes>hours",
        "years>months",
        "months>years",
        "cm>mm",
        "mm>cm",
        "mg/g>g/g",
        "liters>milliliters",
        "pounds>ounces",
        "times>days",
        "seconds>minutes",
    ]
) | {"%": " mg", "mm Hg": "kPa"}


def change_unit(sentence: str, passage: str, chance: random.Random) -> str | None:
    """Write another unit behind the same number."""
    names = "|".join(map(re.escape, sorted(_UNITS, key=len, reverse=True)))
    found = list(re.finditer(rf"(?<=\d)(\s?)({names})(?![\w/])", sentence))
    if not found:
        return None
    match = chance.choice(found)
    return _replace(sentence, match, match[1] + _UNITS[match[2]])


def change_negation(sentence: str, passage: str, chance: random.Random) -> str | None:
    """Take a negation out, or else put one in behind the verb."""
    if (match := re.search(r"\b(?:not|never) |(?<=\b)no (?=[a-z])", sentence)) is not None:
        return _replace(sentence, match, "")
    match = re.search(r"\b(is|are|was|were|can|should|may|must|will)\b (?!not|no\b|only)", sentence)
    return None if match is None else _replace(sentence, match, f"{match[1]} not ")


_DRUGS = [names[0].text for names in read_drugs() if names[0].text.isascii()]


def change_drug(sentence: str, passage: str, chance: random.Random) -> str | None:
    """Name another drug."""
    found = find_drugs(sentence)
    if not found:
        return None
    drug, other = chance.choice(found), chance.choice(_DRUGS)
    return None if other in drugs_of(passage) else f"{sentence[: drug.start]}{other}{sentence[drug.end :]}"


_DIRECTIONS = dict(
    pair.split(">")
    for pair in [
        "increases>decreases",
        "increased>decreased",
        "increase>decrease",
        "decreases>increases",
        "decreased>increased",
        "decrease>increase",
        "higher>lower",
        "lower>higher",
        "high>low",
        "low>high",
        "normal>abnormal",
        "abnormal>normal",
        "positive>negative",
        "negative>positive",
        "acute>chronic",
        "chronic>acute",
        "left>right",
        "right>left",
        "reduces>increases",
        "reduced>increased",
    ]
)


def change_direction(sentence: str, passage: str, chance: random.Random) -> str | None:
    """Turn a direction or a quality round."""
    found = list(re.finditer(rf"\b({'|'.join(_DIRECTIONS)})\b", sentence))
    if not found:
        return None
    match = chance.choice(found)
    return _replace(sentence, match, _DIRECTIONS[match[1]])


CHANGES: dict[str, Change] = {
    "number": change_number,
    "unit": change_unit,
    "negation": change_negation,
    "drug": change_drug,
    "direction": change_direction,
}
EXPECTED = {name: name for name in CHANGES} | {"direction": "unsupported"}


def _replace(text: str, match: re.Match[str], other: str) -> str:
    return f"{text[: match.start()]}{other}{text[match.end() :]}"


def _count_flagged(name: str, pairs: Iterable[Pair], before: str, show: int) -> dict[str, int]:
    counts: dict[str, int] = {"any": 0}
    shown: list[str] = []
    for sentence, passage in pairs:
        findings = check_sentence(before + sentence, [passage])
        counts["any"] += bool(findings)
        for kind in {finding.kind.value for finding in findings}:
            counts[kind] = counts.get(kind, 0) + 1
        shown += [f"{[(f.kind.value, f.text) for f in findings]} {sentence}"] if findings else []
    _show(name, shown[:show])
    return counts


def _show(name: str, lines: Iterable[str]) -> None:
    for line in lines:
        sys.stderr.write(f"{name}: {line}\n")


if __name__ == "__main__":
    main()
