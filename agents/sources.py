"""Where passages come from: the library, or texts that are given with the question."""

import hashlib
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from rag.chunking.sentences import split_sentences
from rag.errors import DocumentNotFound
from rag.types import (
    Chunk,
    ChunkId,
    Document,
    DocumentId,
    DocumentStatus,
    Page,
    SearchHit,
    SearchResult,
    Span,
)

CHUNK_CHARACTERS = 1200
"""Of a given text that become one passage."""


class PassageSource(Protocol):
    """What answering needs of a library; :class:`rag.library.Library` keeps it."""

    def has_documents(self, documents: Collection[DocumentId] | None = None, /) -> bool:
        """Tell whether there is anything to search; where ``documents`` are given, in these."""
        ...

    def documents(self) -> list[Document]:
        """List all documents."""
        ...

    def document(self, document: DocumentId) -> Document:
        """Return a document; raises :class:`rag.errors.DocumentNotFound`."""
        ...

    def page(self, document: DocumentId, page_index: int) -> Page:
        """Return a page; raises :class:`rag.errors.DocumentNotFound`."""
        ...

    def chunks(self, document: DocumentId) -> list[Chunk]:
        """Return a document's chunks in their order."""
        ...

    def first_pages(self, chunks: Collection[Chunk]) -> dict[ChunkId, int | None]:
        """Return the physical page on which each chunk begins."""
        ...

    def search(
        self,
        query: str,
        *,
        top_k: int = 10,
        documents: Collection[DocumentId] | None = None,
        cancel: threading.Event | None = None,
    ) -> SearchResult:
        """Find the chunks that fit a question best; raises :class:`rag.errors.Cancelled`."""
        ...

    def find_matches(self, query: str, texts: Sequence[str]) -> list[tuple[tuple[int, int], ...]]:
        """Return where in each text words of a query stand."""
        ...

    def score_words(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return the BM25 of a question and each of some texts."""
        ...

    def similarities(
        self, query: str, texts: Sequence[str], *, cancel: threading.Event | None = None
    ) -> list[float]:
        """Return the cosine of a question and each text; raises :class:`rag.errors.Cancelled`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenText:
    """One text that an answer is to be made from."""

    title: str
    text: str
    year: int | None = None


class _ComparedByLibrary:
    """The part of :class:`PassageSource` that compares texts, which other sources leave to a library."""

    _library: PassageSource

    def find_matches(self, query: str, texts: Sequence[str]) -> list[tuple[tuple[int, int], ...]]:
        """See the protocol."""
        return self._library.find_matches(query, texts)

    def score_words(self, query: str, texts: Sequence[str]) -> list[float]:
        """See the protocol."""
        return self._library.score_words(query, texts)

    def similarities(
        self, query: str, texts: Sequence[str], *, cancel: threading.Event | None = None
    ) -> list[float]:
        """See the protocol."""
        return self._library.similarities(query, texts, cancel=cancel)


class GivenPassages(_ComparedByLibrary):
    """Keeps :class:`PassageSource` with texts that are all passages, in their order, whatever is asked.

    For exams with a context and for measurements; nothing of it is stored.
    """

    def __init__(self, texts: Sequence[GivenText], *, library: PassageSource) -> None:
        """``library`` lends its embedding model and its knowledge of words."""
        self._library = library
        self._texts: dict[DocumentId, str] = {}
        self._hits: list[SearchHit] = []
        for number, given in enumerate(texts):
            document = _make_document(number, given)
            self._texts[document.id] = given.text
            self._hits += [
                SearchHit(chunk=chunk, document=document, page=None, score=1.0, similarity=1.0, bm25=0.0)
                for chunk in _split(document.id, given.text)
            ]

    def has_documents(self, _documents: Collection[DocumentId] | None = None, /) -> bool:
        """See the protocol; they are read whatever is chosen."""
        return bool(self._hits)

    def documents(self) -> list[Document]:
        """See the protocol."""
        return list({hit.document.id: hit.document for hit in self._hits}.values())

    def document(self, document: DocumentId) -> Document:
        """See the protocol."""
        for hit in self._hits:
            if hit.document.id == document:
                return hit.document
        raise DocumentNotFound("No given text has this id.")

    def page(self, document: DocumentId, page_index: int) -> Page:
        """See the protocol."""
        return Page(index=page_index, number=None, text=self._texts[self.document(document).id])

    def chunks(self, document: DocumentId) -> list[Chunk]:
        """See the protocol."""
        return [hit.chunk for hit in self._hits if hit.document.id == document]

    def first_pages(self, chunks: Collection[Chunk]) -> dict[ChunkId, int | None]:
        """See the protocol."""
        return {chunk.id: None for chunk in chunks}

    def search(self, query: str, **_: object) -> SearchResult:
        """Return all texts, in the order in which they were given, whatever is wanted of the search."""
        return SearchResult(query=query, hits=tuple(self._hits), seconds=0.0)


class AttachedTexts(_ComparedByLibrary):
    """Keeps :class:`PassageSource` with given texts before what the library finds, such as an ECG's lines."""

    def __init__(self, attached: GivenPassages, library: PassageSource) -> None:
        """``attached`` is read for every question."""
        self._attached = attached
        self._library = library
        self._ids = {document.id for document in attached.documents()}

    def has_documents(self, documents: Collection[DocumentId] | None = None, /) -> bool:
        """See the protocol."""
        return self._attached.has_documents() or self._library.has_documents(documents)

    def documents(self) -> list[Document]:
        """See the protocol; only those of the library, which alone can be gone through as a whole."""
        return self._library.documents()

    def document(self, document: DocumentId) -> Document:
        """See the protocol."""
        return self._of(document).document(document)

    def page(self, document: DocumentId, page_index: int) -> Page:
        """See the protocol."""
        return self._of(document).page(document, page_index)

    def chunks(self, document: DocumentId) -> list[Chunk]:
        """See the protocol."""
        return self._of(document).chunks(document)

    def first_pages(self, chunks: Collection[Chunk]) -> dict[ChunkId, int | None]:
        """See the protocol."""
        own = [chunk for chunk in chunks if chunk.document in self._ids]
        others = [chunk for chunk in chunks if chunk.document not in self._ids]
        return {**self._attached.first_pages(own), **self._library.first_pages(others)}

    def search(
        self,
        query: str,
        *,
        top_k: int = 10,
        documents: Collection[DocumentId] | None = None,
        cancel: threading.Event | None = None,
    ) -> SearchResult:
        """See the protocol; the attached texts come first, whatever is asked."""
        found = self._library.search(query, top_k=top_k, documents=documents, cancel=cancel)
        attached = self._attached.search(query)
        return replace(found, hits=(*attached.hits, *found.hits))

    def _of(self, document: DocumentId) -> PassageSource:
        return self._attached if document in self._ids else self._library


def _make_document(number: int, given: GivenText) -> Document:
    sha256 = hashlib.sha256(f"{number}\n{given.title}\n{given.text}".encode()).hexdigest()
    return Document(
        id=DocumentId(sha256[:16]),
        file=given.title,
        title=given.title,
        sha256=sha256,
        size=len(given.text.encode()),
        pages=None,
        chunks=1,
        filtered=0,
        status=DocumentStatus.READY,
        added=datetime.fromtimestamp(0, UTC),
        media_type="text/plain",
        original=Path(),
        year=given.year,
    )


def _split(document: DocumentId, text: str) -> Iterator[Chunk]:
    """Yield runs of whole sentences of at most :data:`CHUNK_CHARACTERS`; a longer sentence stands alone."""
    runs: list[list[tuple[int, int]]] = []
    for start, end in split_sentences(text):
        if not runs or end - runs[-1][0][0] > CHUNK_CHARACTERS:
            runs.append([])
        runs[-1].append((start, end))
    for ordinal, run in enumerate(runs):
        first, last = run[0][0], run[-1][1]
        yield Chunk(
            id=ChunkId(f"{document}-{ordinal}"),
            document=document,
            ordinal=ordinal,
            text=text[first:last],
            spans=(Span(page_index=0, start=first, end=last),),
            sentences=tuple((start - first, end - first) for start, end in run),
        )
