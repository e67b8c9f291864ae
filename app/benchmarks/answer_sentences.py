"""Whether the sentences of an answer are the right ones: cp-order beside BM25, cosine, first and random ones.

All arms choose among the same candidates: the sentences of the passages that the library's own search finds.
Gold is what :mod:`app.benchmarks.sentence_sets` says; recall counts the gold among the candidates: the rest
is the concern of the search. Questions without any are left out and counted.
"""

import hashlib
import random
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from agents.context import AnswerSettings
from agents.passages import Candidate, number_sentences
from agents.sentence_ranking import count_sentences, score_sentences
from app.benchmarks import sentence_sets as sets
from app.benchmarks.filling import fill_library
from app.benchmarks.sentence_sets import SentenceQuestion, SentenceSet
from app.composition import EMBEDDING_MODEL
from rag.chunking.sentences import split_sentences
from rag.storage.segmentation import tokenize
from rag.storage.stemming import find_stems

if TYPE_CHECKING:
    from rag.embedding.embedding_model import EmbeddingModel
    from rag.library import Library
    from rag.types import SearchHit

TOP = 3
"""Sentences that the arms of equal length choose."""
TOP_K = {"bioasq": 15, "pubmedqa": 5}
"""Passages: as much text of each set, whose passages differ in length."""
RESAMPLES = 5_000

Figures: TypeAlias = dict[str, dict[str, Any]]
Chosen: TypeAlias = Sequence[int]
"""Places among the candidates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A question and all that an arm may look at."""

    question: SentenceQuestion
    hits: "tuple[SearchHit, ...]"
    candidates: tuple[Candidate, ...]
    similarities: Sequence[float]
    words: Sequence[float]
    is_gold: tuple[bool, ...]

    @property
    def texts(self) -> list[str]:
        """The candidates' sentences."""
        return [candidate.text for candidate in self.candidates]


Arm: TypeAlias = Callable[[Case], Chosen]


def measure(
    models: Path, data: Path, *, limit: int | None = None, more_arms: Mapping[str, Arm] | None = None
) -> Figures:
    """Return figures ``{set: {arm: {precision, recall, f1, interval, difference, sentences, n}}}``.

    Only the half of the questions counts on which nothing was tuned (:func:`is_held_out`). ``interval`` is
    the 95 % interval of F1, ``difference`` F1 less that of ``bm25_library``, with its interval: bootstrap
    over questions.

    Args:
        models: folder with the embedding model.
        data: folder of development data.
        limit: questions of each set, in the order of their hashes; all where it is ``None``.
        more_arms: by name, such as cp-order with a model.
    """
    from rag.embedding.embedding_process import ProcessEmbeddingModel

    figures: Figures = {}
    with closing(ProcessEmbeddingModel(models / EMBEDDING_MODEL)) as embedding:
        for name, read in (("bioasq", sets.read_bioasq), ("pubmedqa", sets.read_pubmedqa)):
            sentences = read(data)
            with open_set(sentences, embedding) as library:
                cases = list(read_cases(sentences, library, top_k=TOP_K[name], limit=limit))
            figures[name] = _compare({**_arms(sentences), **(more_arms or {})}, cases)
    return figures


def is_held_out(question: str) -> bool:
    """Tell by its id whether a question belongs to the half on which nothing was tuned."""
    return bool(_hash(question) % 2)


@contextmanager
def open_set(sentences: SentenceSet, embedding: "EmbeddingModel") -> "Iterator[Library]":
    """Make a library of a set's passages, each a document of one chunk."""
    from rag.library import Library
    from rag.vector_store.chroma import open_chroma

    texts = list(sentences.passages)
    vectors = embedding.embed(texts, cancel=threading.Event(), on_progress=lambda _: None)
    with tempfile.TemporaryDirectory() as home:
        fill_library(
            Path(home),
            [(texts, vectors)],
            fingerprint=embedding.fingerprint,
            chunks_per_document=1,
            split=split_sentences,
        )
        with closing(
            Library(folder=Path(home), embedding=_Lent(embedding), open_vector_store=open_chroma)
        ) as library:
            yield library


def read_cases(
    sentences: SentenceSet, library: "Library", *, top_k: int, limit: int | None = None
) -> Iterator[Case]:
    """Yield the held-out questions with what was found for them, in the order of their hashes."""
    held_out = [question for question in sentences.questions if is_held_out(question.id)]
    for question in sorted(held_out, key=lambda question: _hash(question.id))[:limit]:
        hits = library.search(question.text, top_k=top_k).hits
        candidates = number_sentences(hits)
        texts = [candidate.text for candidate in candidates]
        yield Case(
            question=question,
            hits=hits,
            candidates=candidates,
            similarities=library.similarities(question.text, texts),
            words=library.score_words(question.text, texts),
            is_gold=tuple(map(question.is_gold, texts)),
        )


def rate(chosen: Chosen, is_gold: Sequence[bool]) -> tuple[float, float, float]:
    """Return precision, recall and F1 of the chosen places; precision is 0 where none was chosen."""
    right = sum(is_gold[place] for place in chosen)
    gold = sum(is_gold)
    return right / max(len(chosen), 1), right / gold, 2 * right / (len(chosen) + gold)


def _arms(sentences: SentenceSet) -> Mapping[str, Arm]:
    bm25 = _Bm25(sentences.passages)
    return {
        "random": lambda case: _shuffled(case)[:TOP],
        "first_of_best_passage": lambda case: [
            place for place, each in enumerate(case.candidates) if each.hit.chunk.id == case.hits[0].chunk.id
        ][:TOP],
        "bm25_candidates": lambda case: _best(bm25.among(case.question.text, case.texts)),
        "bm25_library": lambda case: _best(bm25.in_library(case.question.text, case.texts)),
        "cosine": lambda case: _best(case.similarities),
        "log_odds": lambda case: _best(score_case(case)),
        "log_odds_own_number": _choose_own_number,
    }


def score_case(case: Case) -> list[float]:
    """Return each candidate's log-odds as cp-order has them before it asks the model."""
    best = case.hits[0].score
    return score_sentences(
        case.candidates,
        similarities=case.similarities,
        words=case.words,
        shares={hit.chunk.id: hit.score / best for hit in case.hits},
    )


def _choose_own_number(case: Case) -> Chosen:
    log_odds = score_case(case)
    return _best(log_odds, count_sentences(log_odds, at_most=AnswerSettings().max_sentences))


def _best(scores: Sequence[float], count: int = TOP) -> Chosen:
    """Return the places of the best; of equals the first."""
    return sorted(range(len(scores)), key=lambda place: -scores[place])[:count]


def _shuffled(case: Case) -> Chosen:
    places = list(range(len(case.candidates)))
    random.Random(case.question.id).shuffle(places)  # noqa: S311 - a baseline
    return places


class _Bm25:
    """BM25 as ``rank_bm25`` computes it, over the stems that the library's index has."""

    def __init__(self, passages: Sequence[str]) -> None:
        from rank_bm25 import BM25Okapi

        self._make = BM25Okapi
        all_sentences = [
            passage[start:end] for passage in passages for start, end in split_sentences(passage)
        ]
        texts = list(dict.fromkeys(all_sentences))
        self._places = {text: place for place, text in enumerate(texts)}
        self._stems: dict[str, str] = {}
        self._library = BM25Okapi(self._stem(texts))

    def in_library(self, question: str, candidates: Sequence[str]) -> list[float]:
        """Score with the rarity of words among all sentences of the library."""
        places = [self._places[text] for text in candidates]
        (query,) = self._stem([question])
        return list(self._library.get_batch_scores(query, places))

    def among(self, question: str, candidates: Sequence[str]) -> list[float]:
        """Score with the rarity of words among the candidates."""
        (query,) = self._stem([question])
        return list(self._make(self._stem(candidates)).get_scores(query))

    def _stem(self, texts: Sequence[str]) -> list[list[str]]:
        words = [tokenize(text) for text in texts]
        self._stems |= find_stems({word for text in words for word in text if word not in self._stems})
        return [[self._stems.get(word, word) for word in text] for text in words]


class _Lent:
    """An embedding model that a library may use and not close."""

    def __init__(self, model: "EmbeddingModel") -> None:
        self._model = model
        self.fingerprint, self.dimension = model.fingerprint, model.dimension
        self.warm_up, self.embed = model.warm_up, model.embed

    def close(self) -> None:
        """Stay: the next library needs it again."""


def _compare(arms: Mapping[str, Arm], cases: Sequence[Case]) -> dict[str, Any]:
    usable = [case for case in cases if any(case.is_gold)]
    chosen = {name: [arm(case) for case in usable] for name, arm in arms.items()}
    rated = {
        name: np.array([rate(places, case.is_gold) for places, case in zip(all_chosen, usable, strict=True)])
        for name, all_chosen in chosen.items()
    }
    baseline = rated["bm25_library"][:, 2]
    figures: dict[str, Any] = {"without_gold": len(cases) - len(usable)}
    for name, values in rated.items():
        precision, recall, f1 = values.mean(axis=0)
        figures[name] = {
            "precision": _round(precision),
            "recall": _round(recall),
            "f1": _round(f1),
            "interval": _interval(values[:, 2]),
            "difference": {"mean": _round((values[:, 2] - baseline).mean())}
            | dict(zip(("low", "high"), _interval(values[:, 2] - baseline), strict=True)),
            "sentences": _round(float(np.mean([len(places) for places in chosen[name]]))),
            "n": len(usable),
        }
    return figures


def _interval(values: np.ndarray) -> list[float]:
    """Return the 95 % interval of the mean."""
    generator = np.random.default_rng(0)
    means = values[generator.integers(0, len(values), (RESAMPLES, len(values)))].mean(axis=1)
    return [_round(bound) for bound in np.percentile(means, [2.5, 97.5])]


def _hash(question: str) -> int:
    return int(hashlib.sha256(question.encode()).hexdigest()[:8], 16)


def _round(value: float) -> float:
    return round(float(value), 4)
