"""The question sets of the retrieval benchmark: what is searched, what is asked, and what is right."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.benchmarks.sentence_sets import SentenceQuestion

_OWN = Path(__file__).parents[2] / "benchmarks"
_SHORTEST_SENTENCE = 20
_HEADING = re.compile(r"^(#+ ).*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What an arm found, with the file it is from."""

    file: Path
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How good the first ten passages for one question are, each 0 to 1."""

    recall: float
    hit: float
    reciprocal_rank: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A question that is not understood without the one before it."""

    earlier: str
    question: SentenceQuestion

    @property
    def id(self) -> str:
        """That of the question."""
        return self.question.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question and who judges what was found for it."""

    text: str
    judge: Callable[[Sequence[Passage]], Judgement]


def read_bioasq(data: Path) -> list[Question]:
    """Ask for the gold snippets among all. Recall: those found, over ten or all of them if fewer."""
    names = {snippet: name for name, snippet in read_snippets(data).items()}
    return [
        Question(text=row["question"], judge=_judge_files({names[s] for s in _gold(row)}))
        for row in _read_lines(data / "exams" / "all" / "bioasq.dev.jsonl")
        if _gold(row)
    ]


def write_masked(data: Path, folder: Path) -> None:
    """Write the MedQuAD files anew with a neutral word in place of every heading that is a question."""
    asked = {_flatten(row["question"]) for row in _medquad(data)}
    for file in sorted((data / "docs" / "medquad" / "md").rglob("*.md")):
        target = folder / file.relative_to(data / "docs" / "medquad")
        target.parent.mkdir(parents=True, exist_ok=True)
        text = _HEADING.sub(
            lambda match: match[1] + "Section" if _flatten(match[0]) in asked else match[0],
            file.read_text(encoding="utf-8"),
        )
        target.write_text(text, encoding="utf-8")


def read_medquad(data: Path, *, paraphrased: bool = False) -> list[Question]:
    """Ask MedQuAD's questions, or the project's paraphrases of a hundred of them.

    Recall: sentences of the gold answer that stand in one of the ten passages; hit and rank are those of
    the right document.
    """
    paraphrases = {
        (row["id"], row["document"]): row["paraphrase"]
        for row in _read_lines(_OWN / "retrieval" / "medquad-paraphrases.jsonl")
    }
    return [
        Question(
            text=paraphrases[key] if paraphrased else row["question"],
            judge=_judge_answer(row["doc"], _split_answer(row["answer"])),
        )
        for row in _medquad(data)
        if (key := (row["id"], row["doc"])) in paraphrases or not paraphrased
    ]


def read_medquad_sentences(data: Path) -> list[SentenceQuestion]:
    """Return the project's paraphrases of a hundred of MedQuAD's questions; gold is what the answer holds."""
    answers = {(row["id"], row["doc"]): row["answer"] for row in _medquad(data)}
    return [
        SentenceQuestion(
            id=row["id"],
            text=row["paraphrase"],
            is_gold=_among_sentences(_split_answer(answers[row["id"], row["document"]])),
        )
        for row in _read_lines(_OWN / "retrieval" / "medquad-paraphrases.jsonl")
    ]


def read_medquad_follow_ups(data: Path) -> list[FollowUp]:
    """Return MedQuAD's further questions about the subjects of pages, with "it" in the subject's place."""
    rows = _medquad(data)
    first = {row["doc"]: row for row in rows if row["qtype"] == "information"}
    return [
        FollowUp(
            earlier=f"What is {row['focus']}?",
            question=SentenceQuestion(
                id=row["id"],
                text=" ".join(row["question"].replace(row["focus"], "it").replace(" ?", "?").split()),
                is_gold=_among_sentences(_split_answer(row["answer"])),
            ),
        )
        for row in rows
        if row["focus"] in row["question"] and row["doc"] in first and row is not first[row["doc"]]
    ]


def _among_sentences(gold: Sequence[str]) -> Callable[[str], bool]:
    def is_gold(sentence: str) -> bool:
        words = _flatten(sentence)
        return len(words) >= _SHORTEST_SENTENCE and any(words in other or other in words for other in gold)

    return is_gold


def chinese_document() -> Path:
    """Return the Chinese document of the project."""
    return _OWN / "chinese" / "kidney-icu-ecg.zh.md"


def read_chinese() -> list[Question]:
    """Ask in Chinese; right is a passage that holds the answer's words."""
    rows = _read_lines(_OWN / "chinese" / "questions.jsonl")
    return [Question(text=row["question"], judge=_judge_text(_flatten(row["answer"]))) for row in rows]


def document_key(file: Path) -> str:
    """Name what a file is an edition of: twins in other formats have the same key."""
    return "/".join((file.parent.name, file.stem.rpartition("__")[2]))


def _judge_files(gold: set[str]) -> Callable[[Sequence[Passage]], Judgement]:
    def judge(passages: Sequence[Passage]) -> Judgement:
        right = [passage.file.name in gold for passage in passages]
        found = len({passage.file.name for passage in passages} & gold)
        return _judgement(right, found / min(10, len(gold)))

    return judge


def _judge_answer(document: str, sentences: Sequence[str]) -> Callable[[Sequence[Passage]], Judgement]:
    key = "/".join(Path(document).parts[-2:])

    def judge(passages: Sequence[Passage]) -> Judgement:
        right = [document_key(passage.file) == key for passage in passages]
        texts = [_flatten(p.text) for p, is_right in zip(passages, right, strict=True) if is_right]
        found = sum(any(sentence in text for text in texts) for sentence in sentences)
        return _judgement(right, found / max(len(sentences), 1))

    return judge


def _judge_text(answer: str) -> Callable[[Sequence[Passage]], Judgement]:
    def judge(passages: Sequence[Passage]) -> Judgement:
        right = [answer in _flatten(passage.text) for passage in passages]
        return _judgement(right, float(any(right)))

    return judge


def _judgement(right: Sequence[bool], recall: float) -> Judgement:
    rank = right.index(True) + 1 if True in right else None
    return Judgement(recall=recall, hit=float(rank is not None), reciprocal_rank=1 / rank if rank else 0.0)


def read_snippets(data: Path) -> dict[str, str]:
    """Return all different snippets of BioASQ dev by name: article and number."""
    named: dict[str, str] = {}
    seen: set[str] = set()
    counts: defaultdict[str, int] = defaultdict(int)
    for row in _read_lines(data / "exams" / "all" / "bioasq.dev.jsonl"):
        for snippet, article in zip(row["context"], row["snippet_docs"], strict=True):
            text = " ".join(snippet.split())
            if text and text not in seen:
                seen.add(text)
                counts[article] += 1
                named[f"{article}-{counts[article]}"] = text
    return named


def _gold(row: dict[str, Any]) -> set[str]:
    return {" ".join(snippet.split()) for snippet in row["context"]} - {""}


def _medquad(data: Path) -> list[dict[str, Any]]:
    return list(_read_lines(data / "docs" / "medquad" / "qa_with_source_doc.jsonl"))


def _split_answer(answer: str) -> list[str]:
    """Return its sentences and list items, but for very short ones."""
    parts = map(_flatten, re.split(r"(?<=[.!?])\s+|\s{3,}|\s-\s", answer))
    return list(dict.fromkeys(part for part in parts if len(part) >= _SHORTEST_SENTENCE))


def _flatten(text: str) -> str:
    """Return words only, so that line breaks and marks do not count."""
    return re.sub(r"\W+", " ", text).strip().casefold()


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file)
