"""Reads the library's copy of a document into pages and chunks: when it is added, and later again."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from rag.chunking.context_aware import chunk_document
from rag.chunking.filtering import ContentJudge
from rag.documents.extraction import Extractor
from rag.documents.loading import ExtractionLimits
from rag.errors import Cancelled, EmptyDocument
from rag.types import Chunk, Document, ExtractedDocument, IngestProgress, IngestStage

PIPELINE = 3
"""Version of extraction and chunking. Raise it when they give other pages or chunks than before: documents
of an older one count as stale and can be indexed again."""

Report = Callable[[IngestStage, float], None]
"""Told the stage and the share of the whole file that is done."""

OnProgress = Callable[[IngestProgress], None]
"""The same with the file it is about: what the callers of the library are told."""

_SHARES = {
    IngestStage.READING: (0.0, 0.3),
    IngestStage.CHUNKING: (0.3, 0.35),
    IngestStage.EMBEDDING: (0.35, 0.95),
    IngestStage.WRITING: (0.95, 1.0),
}
"""From where to where each stage moves the progress of a file; about what it takes on a CPU."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What extraction and chunking give."""

    extracted: ExtractedDocument
    chunks: tuple[Chunk, ...]


class DocumentReader:
    """Reads one document after another. Not for two threads at once."""

    def __init__(self, *, limits: ExtractionLimits) -> None:
        """Start nothing yet; ``limits`` are what one file may cost."""
        self.limits = limits
        self._extractor = Extractor(limits=limits)
        self.judge: ContentJudge | None = None
        """Asked where the rules of filtering are in doubt; may be exchanged between documents."""

    def close(self) -> None:
        """End the process that reads, and the judge; the next document starts them again."""
        self._extractor.close()
        if self.judge is not None:
            self.judge.close()

    def read(self, document: Document, *, cancel: threading.Event, report: Report) -> Contents:
        """Read the library's copy of a document.

        Raises:
            DocumentError: it holds nothing that could be indexed, or cannot be read.
            StorageError: the disk refuses.
            Cancelled: ``cancel`` was set.
        """
        extracted = self._extractor.extract(
            document.original,
            document.media_type,
            password=document.password,
            cancel=cancel,
            on_progress=stage_report(report, IngestStage.READING),
        )
        if extracted.title == document.original.stem:  # that of our copy; the user knows the file's own
            extracted = replace(extracted, title=Path(document.file).stem)
        stage_report(report, IngestStage.CHUNKING)(0)
        ask = partial(self.judge.is_content, cancel=cancel) if self.judge else None
        chunks = chunk_document(document.id, extracted, ask=ask)
        if cancel.is_set():
            raise Cancelled("Reading was stopped.")  # the judge may not have been asked about all of it
        if not chunks:
            raise EmptyDocument("This file holds no text that could be indexed; please choose another copy.")
        return Contents(extracted=extracted, chunks=chunks)


def stage_report(report: Report, stage: IngestStage) -> Callable[[float], None]:
    """Turn the share of a stage (0 to 1) into that of the whole file."""
    start, end = _SHARES[stage]
    return lambda fraction: report(stage, start + (end - start) * fraction)


def file_reports(files: Sequence[Path], on_progress: OnProgress) -> list[Report]:
    """Make a report for each of some files."""
    return [file_report(file, number, len(files), on_progress) for number, file in enumerate(files, 1)]


def file_report(file: Path, number: int, count: int, on_progress: OnProgress) -> Report:
    """Make a report that names its file."""
    return lambda stage, fraction: on_progress(
        IngestProgress(file=file, file_number=number, file_count=count, stage=stage, fraction=fraction)
    )
