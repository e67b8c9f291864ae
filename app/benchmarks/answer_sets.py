"""Libraries, questions and models of the answer benchmark."""

import random
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias

from app.benchmarks import retrieval_sets, sentence_sets
from app.benchmarks.answer_rows import RowFile
from app.benchmarks.retrieval_sets import FollowUp
from app.benchmarks.sentence_sets import SentenceQuestion, SentenceSet

if TYPE_CHECKING:
    from agents.context import AnswerContext
    from agents.sources import PassageSource
    from llm.chat_model import ChatModel
    from rag.library import Library
    from rag.types import SearchHit

SEED = 20261128
"""By which questions are drawn; fixed before anything was measured."""

BIOASQ_QUESTIONS = 150
"""Whose snippets are the library: indexing all would take longer than everything that is measured on it."""
PUBMEDQA_QUESTIONS = 60
"""Whose abstracts are the library, for the same reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What all parts of the benchmark work with."""

    models: Path
    data: Path
    model: str
    questions: int
    """To be asked of each set, where the model is slow."""
    methods: tuple[str, ...] = ()
    """To be measured, where methods are compared; all of them where there is none."""
    sets: tuple[str, ...] = ()
    """Of the data that are to be asked, where a part has several; all of them where there is none."""
    rows: RowFile = field(default_factory=RowFile)
    """Of the answers that were made, and how much time there is for more."""


def draw(rows: Sequence[Any], count: int) -> list[Any]:
    """Draw some of the rows, always the same."""
    return random.Random(SEED).sample(list(rows), min(count, len(rows)))  # noqa: S311 - no secret


def draw_bioasq(data: Path, count: int) -> list[SentenceQuestion]:
    """Return the first of the drawn questions of BioASQ dev."""
    return list(_bioasq(data).questions[:count])


def draw_pubmedqa(data: Path, count: int) -> list[SentenceQuestion]:
    """Return the first of the drawn questions of PubMedQA dev."""
    return list(_pubmedqa(data).questions[:count])


def draw_medquad(data: Path, count: int) -> list[SentenceQuestion]:
    """Draw questions of MedQuAD dev that the project paraphrased; gold is what stands in the gold answer."""
    return draw(retrieval_sets.read_medquad_sentences(data), count)


def draw_follow_ups(data: Path, count: int) -> list[FollowUp]:
    """Draw follow-up questions of MedQuAD dev, about the pages of :func:`medquad_library`."""
    return draw(retrieval_sets.read_medquad_follow_ups(data), count)


@contextmanager
def bioasq_library(bench: Bench) -> "Iterator[Library]":
    """Give a library of the snippets of all drawn questions of BioASQ dev."""
    with _library_of(_bioasq(bench.data), bench) as library:
        yield library


@contextmanager
def pubmedqa_library(bench: Bench) -> "Iterator[Library]":
    """Give a library of the abstracts of all drawn questions of PubMedQA dev."""
    with _library_of(_pubmedqa(bench.data), bench) as library:
        yield library


@contextmanager
def _library_of(sentences: SentenceSet, bench: Bench) -> "Iterator[Library]":
    from app.composition import open_library
    from app.paths import Home
    from app.settings import Settings

    with TemporaryDirectory() as folder:
        texts = Path(folder, "texts")
        texts.mkdir()
        for number, passage in enumerate(sentences.passages):
            (texts / f"{number}.txt").write_text(passage, encoding="utf-8")
        with closing(open_library(Home(Path(folder, "home")), bench.models, Settings())) as library:
            _add(library, texts)
            yield library


@contextmanager
def medquad_library(bench: Bench) -> "Iterator[Library]":
    """Give a library of MedQuAD's pages, the headings that are questions masked."""
    from app.composition import open_library
    from app.paths import Home
    from app.settings import Settings

    with TemporaryDirectory() as folder:
        texts = Path(folder, "texts")
        retrieval_sets.write_masked(bench.data, texts)
        with closing(open_library(Home(Path(folder, "home")), bench.models, Settings())) as library:
            _add(library, texts)
            yield library


OpenSet: TypeAlias = "Callable[[Bench], AbstractContextManager[Library]]"
DrawSet: TypeAlias = "Callable[[Path, int], Sequence[Any]]"
SETS: "dict[str, tuple[OpenSet, DrawSet]]" = {
    "bioasq": (bioasq_library, draw_bioasq),
    "medquad": (medquad_library, draw_medquad),
}
"""Library and questions of the sets that the agents are measured on."""


def pending(
    bench: Bench, part: str, sets: "Mapping[str, tuple[OpenSet, DrawSet]]", methods: Iterable[str]
) -> "Iterator[tuple[Library, Any, dict[str, str]]]":
    """Give what there is no row of yet, until the time is over: library, question, and the row's key.

    Questions have an ``id``. A library is open as long as its questions are given.
    """
    methods = tuple(methods)
    for name, (open_set, draw_set) in sets.items():
        keys = [
            (question, {"model": bench.model, "part": part, "set": name, "id": question.id, "method": method})
            for question in draw_set(bench.data, bench.questions)
            for method in methods
        ]
        left = [(question, key) for question, key in keys if not bench.rows.holds(**key)]
        if left and not bench.rows.is_over:
            with open_set(bench) as library:
                for question, key in left:
                    if not bench.rows.is_over:
                        yield library, question, key


def make_context(
    library: "PassageSource", model: "ChatModel", bench: Bench, **changes: Any
) -> "AnswerContext":
    """Return what a question is answered with: by default ``addrep`` and ``cp-order``."""
    from agents.answer import Arm, Method
    from agents.calibration import read_calibration
    from agents.context import AnswerContext
    from agents.history import History
    from app.composition import EMBEDDING_MODEL
    from llm.model_store import ModelStore
    from llm.prompts import PromptLibrary

    row = ModelStore(bench.models).find(bench.model)
    values: dict[str, Any] = {
        "arm": Arm.ADDREP,
        "method": Method.CP_ORDER,
        "library": library,
        "model": model,
        "prompts": PromptLibrary(),
        "history": History(Path(":memory:")),
        "conversation": None,
        "save": False,
        "cancel": threading.Event(),
        "calibration": read_calibration(row.path, row.sha256, EMBEDDING_MODEL),
    }
    return AnswerContext(**(values | changes))


def holds_gold(hits: "Sequence[SearchHit]", question: SentenceQuestion) -> bool:
    """Tell whether any sentence of the passages is gold."""
    return any(
        question.is_gold(hit.chunk.text[start:end]) for hit in hits for start, end in hit.chunk.sentences
    )


@cache
def _bioasq(data: Path) -> SentenceSet:
    return sentence_sets.read_bioasq(data, draw=lambda rows: draw(rows, BIOASQ_QUESTIONS))


@cache
def _pubmedqa(data: Path) -> SentenceSet:
    return sentence_sets.read_pubmedqa(data, draw=lambda rows: draw(rows, PUBMEDQA_QUESTIONS))


def _add(library: "Library", folder: Path) -> None:
    for _ in library.add([folder], cancel=threading.Event(), on_progress=lambda _: None):
        pass
