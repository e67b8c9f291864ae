"""What an item is answered from: one finder for each arm, and what was found before."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from agents.context import AnswerContext
from agents.evidence import Evidence, gather_evidence
from agents.exams.errors import ExamFileError
from agents.exams.items import ExamItem
from agents.exams.records import ExamArm, PassageRecord
from agents.fitting import fit_passages
from agents.passages import describe_source
from agents.run_files import append_line, read_whole_lines
from llm.errors import ContextLengthError
from rag.errors import Cancelled
from rag.library import Library
from rag.types import SearchHit


class FoundEvidence(BaseModel):
    """What one search gave."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    passages: tuple[PassageRecord, ...] = ()
    """In the order of the prompt."""
    sufficiency: float | None = None
    """0 to 1, where it was judged."""
    is_sufficient: bool = True
    trace: tuple[dict[str, Any], ...] = ()
    seconds: float = 0.0


class EvidenceFinder(Protocol):
    """Finds what an item is answered from. It never sees the options."""

    def find(self, item: ExamItem, *, cancel: threading.Event) -> FoundEvidence:
        """Search, or give what the item holds.

        Raises:
            Cancelled: ``cancel`` was set.
            LibraryError: the library cannot be searched.
        """
        ...


class OwnEvidence:
    """Arms ``context`` and ``oracle``: what stands in the item itself; ``closed``: nothing."""

    def __init__(self, arm: ExamArm) -> None:
        """``arm`` is one of the three."""
        self._arm = arm

    def find(self, item: ExamItem, *, cancel: threading.Event) -> FoundEvidence:  # noqa: ARG002
        """Give the item's own texts."""
        texts = own_texts(item, self._arm)
        return FoundEvidence(passages=tuple(PassageRecord(text=text) for text in texts))


class LibraryEvidence:
    """Arm ``rag``: what a search for the question finds."""

    def __init__(self, library: Library, *, passages: int) -> None:
        """``passages``: at most so many."""
        self._library = library
        self._passages = passages

    def find(self, item: ExamItem, *, cancel: threading.Event) -> FoundEvidence:
        """Search the library."""
        started = perf_counter()
        found = self._library.search(item.question, top_k=self._passages, cancel=cancel)
        passages = tuple(describe_hit(hit) for hit in found.hits)
        return FoundEvidence(passages=passages, seconds=perf_counter() - started)


class AddRepEvidence:
    """Arm ``addrep``: what an answer would be made from, no more, and whether it suffices."""

    def __init__(self, make_context: Callable[[str, threading.Event], AnswerContext]) -> None:
        """``make_context`` gives the context of a question's search, with arm ``addrep``."""
        self._make_context = make_context

    def find(self, item: ExamItem, *, cancel: threading.Event) -> FoundEvidence:
        """Let the agents look."""
        started = perf_counter()
        context = self._make_context(item.question, cancel)
        found = gather_evidence(item.question, context=context)
        if cancel.is_set():
            raise Cancelled("The exam was stopped.")
        return FoundEvidence(
            passages=_read(item.question, found, context),
            sufficiency=found.sufficiency,
            is_sufficient=found.is_sufficient,
            trace=found.trace,
            seconds=perf_counter() - started,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceKey:
    """Searches with the same key find the same, whichever model is asked afterwards."""

    arm: str
    library: str
    """State of the library."""
    passages: int
    """Passages, or of the arm that reads parts of them tokens, at most."""
    model: str = ""
    """Of the arm that asks one while it searches."""


class KeptEvidence:
    """Finds once, and keeps it in a file for other orders, models and methods."""

    def __init__(
        self, finder: EvidenceFinder, file: Path, key: EvidenceKey, *, others: Sequence[Path] = ()
    ) -> None:
        """Read what is known.

        Args:
            finder: asked for what is not.
            file: where it is kept; ``others`` are only read.
            key: of this library and arm; lines with another key are passed over.
            others: files of other runs.

        Raises:
            ExamFileError: a file is damaged.
        """
        self._finder = finder
        self._file = file
        self._key = f"{key.arm} {key.library} {key.passages} {key.model}".strip()
        self._known: dict[str, FoundEvidence] = {}
        for known in (*others, file):
            self._known |= self._read(known)

    def find(self, item: ExamItem, *, cancel: threading.Event) -> FoundEvidence:
        """Give what was found before; then no time is counted."""
        known = self._known.get(item.fingerprint)
        if known is not None:
            return known.model_copy(update={"seconds": 0.0})
        found = self._finder.find(item, cancel=cancel)
        line = {"key": self._key, "item": item.fingerprint, "evidence": found.model_dump(mode="json")}
        append_line(self._file, json.dumps(line, ensure_ascii=False))
        self._known[item.fingerprint] = found
        return found

    def _read(self, file: Path) -> Mapping[str, FoundEvidence]:
        try:
            lines = [json.loads(line) for line in read_whole_lines(file)]
            return {
                line["item"]: FoundEvidence.model_validate(line["evidence"])
                for line in lines
                if line["key"] == self._key
            }
        except (ValueError, KeyError, ValidationError) as error:
            raise ExamFileError(
                f"The kept evidence in {file} is damaged; please delete that file."
            ) from error


def _read(question: str, found: Evidence, context: AnswerContext) -> tuple[PassageRecord, ...]:
    """Return what is read of the passages: see :mod:`agents.fitting`."""
    if not found.hits:
        return ()
    try:
        reading = fit_passages(question, found.hits, found.log_odds, context, rounds=found.rounds)
    except ContextLengthError:  # the item's own prompt will tell that it does not fit
        return tuple(describe_hit(hit) for hit in found.hits)
    return tuple(describe_hit(excerpt.hit, excerpt.running_text) for excerpt in reading)


def own_texts(item: ExamItem, arm: ExamArm) -> tuple[str, ...]:
    """Return what stands in the item itself for this arm."""
    return {ExamArm.CONTEXT: item.context, ExamArm.ORACLE: item.oracle}.get(arm, ())


def describe_hit(hit: SearchHit, text: str | None = None) -> PassageRecord:
    """Write a hit down, or what is read of it."""
    return PassageRecord(
        text=hit.chunk.text if text is None else text,
        title=describe_source(hit),
        chunk=hit.chunk.id,
        document=hit.document.id,
        page=hit.page,
        heading=" > ".join(hit.chunk.heading_path),
        score=hit.score,
    )
