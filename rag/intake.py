"""How files become pending documents: copied and written down; nothing of them is read yet."""

import stat
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rag.documents.detection import detect_media_type
from rag.documents.loading import ExtractionLimits
from rag.errors import (
    Cancelled,
    DocumentTooLarge,
    LibraryError,
    PasswordRequired,
    StorageError,
    UnsupportedDocument,
)
from rag.storage.catalogue import Arrival, Catalogue
from rag.storage.engine import storage_errors
from rag.storage.originals import Originals
from rag.storage.sources import Origin, Source, path_text
from rag.types import AddResult, AddStatus, Document, DocumentId, DocumentStatus
from rag.versions import Versions


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the user said of a file that is added."""

    password: str | None = None
    replaces: DocumentId | None = None
    """The document of which the file is a new version; else its path tells."""
    collection: str | None = None
    """Which a new document joins; made where it is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A document that waits to be read."""

    file: Path
    document: Document
    seconds: float = 0.0
    """What was spent on it so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """A file whose bytes are in work already, under another name."""

    file: Path
    document: DocumentId


Entered = Pending | Twin | AddResult
"""How far a file came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Copied:
    file: Path
    arrival: Arrival
    seconds: float

    @property
    def document(self) -> DocumentId:
        return self.arrival.copy.document


class Intake:
    """Enters files, and knows which documents are in work. Only one thread at a time may enter."""

    def __init__(
        self,
        *,
        catalogue: Catalogue,
        originals: Originals,
        versions: Versions,
        limits: ExtractionLimits,
        writing: threading.Lock,
    ) -> None:
        """``writing`` is held while the library is changed."""
        self._catalogue = catalogue
        self._originals = originals
        self._versions = versions
        self._limits = limits
        self._writing = writing
        self._in_work: set[DocumentId] = set()

    def enter(self, files: Sequence[tuple[Path, Wish]], *, cancel: threading.Event) -> list[Entered]:
        """Copy files and write their rows in one transaction, unless their bytes are in the library.

        Returns:
            What became of each, in their order; what goes wrong with a file is there too.

        Raises:
            Cancelled: nothing of them stays.
        """
        with ExitStack() as parts:
            copies = [self._copy(file, wish, parts, cancel) for file, wish in files]
            try:
                known, busy = self._register([each for each in copies if isinstance(each, _Copied)])
            except LibraryError as e:
                return [failure(file, e) for file, _ in files]
        return [self._begin(each, known, busy) if isinstance(each, _Copied) else each for each in copies]

    def enter_again(self, document: Document) -> Pending:
        """Go on with a document that was left pending."""
        self._in_work.add(document.id)
        return Pending(file=Path(document.file), document=document)

    def finish(self, documents: Iterable[DocumentId]) -> None:
        """Hear that documents are ready."""
        self._in_work.difference_update(documents)

    def leave(self, document: DocumentId) -> None:
        """Go on no more with a document for now; one that is not in work is left alone."""
        self._in_work.discard(document)

    def drop(self, document: DocumentId) -> None:
        """Go on no more with a document and keep nothing of it; one that is not in work is left alone."""
        if document in self._in_work:
            self._in_work.discard(document)
            with self._writing:
                self._forget([document])

    def _copy(self, file: Path, wish: Wish, parts: ExitStack, cancel: threading.Event) -> _Copied | AddResult:
        start = time.perf_counter()
        try:
            _refuse(file, self._limits)
            media_type = detect_media_type(file)
            copy = self._originals.copy(file, cancel=cancel)
        except Cancelled:
            raise
        except LibraryError as e:
            return failure(file, e, time.perf_counter() - start)
        parts.callback(self._originals.discard, copy)
        arrival = Arrival(
            copy=copy,
            name=_readable(file.name),
            media_type=media_type,
            password=wish.password,
            origin=Origin(
                source=Source(path=path_text(file), size=copy.size, modified=copy.modified),
                replaces=wish.replaces,
                collection=wish.collection,
            ),
        )
        return _Copied(file=file, arrival=arrival, seconds=time.perf_counter() - start)

    def _register(self, copied: Sequence[_Copied]) -> tuple[dict[DocumentId, Document], set[DocumentId]]:
        """Write the rows of what is new; return the documents that were there, and those in work."""
        with self._writing:
            busy = set(self._in_work)  # before the rows are read: they may just end
            known = self._catalogue.documents_by_id({each.document for each in copied})
            new = {each.document: each.arrival for each in reversed(copied) if each.document not in known}
            # The rows come first: a copy without a row would be left behind for ever.
            self._catalogue.register(reversed(new.values()))
            try:
                for arrival in new.values():
                    self._originals.accept(arrival.copy)
            except LibraryError:
                self._forget(new)
                raise
        return known, busy

    def _begin(self, copied: _Copied, known: dict[DocumentId, Document], busy: set[DocumentId]) -> Entered:
        """Begin with the first of the same bytes; of others write down that they lie at this path too."""
        if before := known.get(copied.document):
            try:
                arrival = copied.arrival
                replaced = self._versions.recognise(before, arrival.origin, password=arrival.password)
            except LibraryError as e:
                return failure(copied.file, e, copied.seconds)
            if before.id in busy:
                return Twin(file=copied.file, document=before.id)
            if before.status is not DocumentStatus.PENDING:
                return result(copied.file, AddStatus.DUPLICATE, before, replaced, copied.seconds)
        document = known[copied.document] = self._catalogue.document(copied.document)
        busy.add(document.id)
        self._in_work.add(document.id)
        return Pending(file=copied.file, document=document, seconds=copied.seconds)

    def _forget(self, documents: Iterable[DocumentId]) -> None:
        for document in documents:
            self._originals.remove(document)
            self._catalogue.abandon(document)


def result(
    file: Path, status: AddStatus, document: Document, replaced: DocumentId | None, seconds: float
) -> AddResult:
    """How a file ended whose document is in the library."""
    return AddResult(
        file=file,
        status=status,
        document=document.id,
        pages=document.pages,
        chunks=document.chunks,
        filtered=document.filtered,
        ocr_pages=document.ocr_pages,
        seconds=seconds,
        replaces=replaced,
    )


def failure(file: Path, error: LibraryError, seconds: float = 0.0) -> AddResult:
    """How a file ended that cannot be added."""
    return AddResult(
        file=file,
        status=AddStatus.FAILED,
        reason=str(error),
        needs_password=isinstance(error, PasswordRequired),
        seconds=seconds,
    )


def _readable(name: str) -> str:
    """Replace what is no text in a file name: old systems wrote names in other encodings."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _refuse(file: Path, limits: ExtractionLimits) -> None:
    """Look before a file is opened: reading a pipe would wait for ever."""
    with storage_errors():
        try:
            status = file.stat()
        except FileNotFoundError as e:
            raise StorageError("There is no such file; please check its name and folder.") from e
    if stat.S_ISDIR(status.st_mode):
        raise StorageError("This folder may not be looked into; please check its rights.")
    if not stat.S_ISREG(status.st_mode):
        raise UnsupportedDocument("This is no file but a device or a pipe; please choose a document.")
    if status.st_size > limits.max_bytes:
        raise DocumentTooLarge(
            f"This file has {status.st_size / 1e6:,.0f} MB, more than the {limits.max_bytes / 1e6:,.0f} MB "
            "that are read; please split it."
        )
