"""The question sets of the sentence benchmark: passages, what is asked, and which sentences are right."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PASSAGE = 900
"""Characters from which on a passage is closed: what chunking aims at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceQuestion:
    """A question and who knows its gold sentences."""

    id: str
    text: str
    is_gold: Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceSet:
    """Passages that are searched, and questions about them."""

    passages: tuple[str, ...]
    questions: tuple[SentenceQuestion, ...]


def read_bioasq(data: Path, *, draw: Callable[[list[Any]], list[Any]] = list) -> SentenceSet:
    """Take all snippets of BioASQ dev as the library, those of one article together.

    Gold is a sentence that stands in one of the question's snippets, or holds one. ``draw`` takes some of the
    questions, with their snippets.
    """
    rows = draw(list(_read_lines(data / "exams" / "all" / "bioasq.dev.jsonl")))
    articles: dict[str, list[str]] = {}
    for row in rows:
        for snippet, article in zip(row["context"], row["snippet_docs"], strict=True):
            articles.setdefault(article, []).append(" ".join(snippet.split()))
    passages = [text for snippets in articles.values() for text in _join(_without_parts(snippets))]
    questions = [
        SentenceQuestion(id=row["id"], text=row["question"], is_gold=_among(row["context"])) for row in rows
    ]
    return SentenceSet(passages=tuple(dict.fromkeys(passages)), questions=tuple(questions))


def read_pubmedqa(data: Path, *, draw: Callable[[list[Any]], list[Any]] = list) -> SentenceSet:
    """Take the abstracts of PubMedQA dev as the library, their conclusions in place.

    The set keeps an abstract's conclusion apart, as the answer; here it ends the abstract again, and its
    sentences are gold. ``draw`` takes some of the questions, with their abstracts.
    """
    rows = draw(list(_read_lines(data / "exams" / "all" / "pubmedqa.dev.jsonl")))
    passages = [text for row in rows for text in _join([*row["context"], row["long_answer"]])]
    questions = [
        SentenceQuestion(id=row["id"], text=row["question"], is_gold=_among([row["long_answer"]]))
        for row in rows
    ]
    return SentenceSet(passages=tuple(dict.fromkeys(passages)), questions=tuple(questions))


def _among(golds: Sequence[str]) -> Callable[[str], bool]:
    flat = [gold for gold in map(_flatten, golds) if gold]

    def is_gold(sentence: str) -> bool:
        words = _flatten(sentence)
        return bool(words) and any(words in gold or gold in words for gold in flat)

    return is_gold


def _without_parts(snippets: Sequence[str]) -> list[str]:
    """Leave out what stands in another snippet."""
    different = list(dict.fromkeys(snippets))
    return [s for s in different if s and not any(s in other and s != other for other in different)]


def _join(paragraphs: Sequence[str]) -> Iterator[str]:
    """Join paragraphs to passages as long as chunking makes them; none is divided."""
    passage = ""
    for paragraph in paragraphs:
        if passage and len(passage) + len(paragraph) > _PASSAGE:
            yield passage
            passage = ""
        passage += ("\n" if passage else "") + " ".join(paragraph.split())
    if passage:
        yield passage


def _flatten(text: str) -> str:
    """Return words only, with a space at both ends, so that part of a word is no match."""
    words = re.sub(r"\W+", " ", text).strip().casefold()
    return f" {words} " if words else ""


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file)
