"""The library's nouns: document > page > chunk > sentence, and what indexing and searching report.

Offsets count Unicode code points (``str`` indices), half open. Coordinates are PDF points with the origin at
the top left of the page as it is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import NewType

DocumentId = NewType("DocumentId", str)
"""First 16 hexadecimal digits of the sha256 of the file's bytes."""
ChunkId = NewType("ChunkId", str)
"""Hash of document, spans and text: chunking the same file again gives the same ids."""

SPAN_JOINER = "\n"
"""Stands between the texts of a chunk's spans."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A piece of a page's text: ``pages[page_index].text[start:end]``."""

    page_index: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WordBox:
    """Where ``page.text[start:end]`` stands on the page. A word broken over two lines has two boxes."""

    start: int
    end: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The normalised text of one page. Formats without pages have one page whose number is ``None``."""

    index: int
    """Position in the document, from 0."""
    number: int | None
    """Physical page, from 1."""
    text: str
    width: float | None = None
    height: float | None = None
    boxes: tuple[WordBox, ...] = ()
    """In text order; empty where the format has none."""
    is_ocr: bool = False
    """Whether the text was recognised in a picture of the page."""


class BlockKind(StrEnum):
    """What a run of text is on its page."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE = "table"
    CAPTION = "caption"
    FOOTNOTE = "footnote"
    HIDDEN = "hidden"
    """Text that a reader of the page does not see: white, tiny, or off the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A structural unit in reading order. A paragraph that runs over a page border has one span on each page.

    In a table's text rows end with a line feed and cells are separated by a tab.
    """

    kind: BlockKind
    spans: tuple[Span, ...]
    level: int = 0
    """Headings: 1 is the highest. Otherwise 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractedDocument:
    """What a loader gives for one file."""

    title: str
    pages: tuple[Page, ...]
    blocks: tuple[Block, ...]
    authors: tuple[str, ...] = ()
    year: int | None = None
    """Of publication."""


class FilterReason(StrEnum):
    """Why a chunk is kept out of retrieval."""

    REFERENCES = "references"
    CONTENTS = "contents"
    INDEX = "index"
    ACKNOWLEDGEMENTS = "acknowledgements"
    FORM = "form"
    PUBLICATION = "publication"
    """What an article says of itself: authors, addresses, licence, dates, where its supplements are."""
    REPEATED = "repeated"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """The indexed unit. ``text`` is exactly the texts of the spans joined with :data:`SPAN_JOINER`."""

    id: ChunkId
    document: DocumentId
    ordinal: int
    """Position in the document, from 0."""
    text: str
    spans: tuple[Span, ...]
    heading_path: tuple[str, ...] = ()
    sentences: tuple[tuple[int, int], ...] = ()
    """Offsets into ``text``, ascending, without overlap; together they hold all of it but white space."""
    filtered: FilterReason | None = None
    is_restored: bool = False
    """Whether the user took a filtered chunk back."""

    @property
    def is_retrievable(self) -> bool:
        """Whether retrieval may find it, as far as it is for the chunk to say."""
        return self.filtered is None or self.is_restored

    def locate(self, start: int, end: int) -> tuple[Span, ...]:
        """Return where ``text[start:end]`` stands in the pages; one span for each page it touches.

        Raises:
            ValueError: the offsets are not inside the chunk.
        """
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"offsets {start}:{end} are outside a chunk of {len(self.text)} characters")
        found: list[Span] = []
        position = 0
        for span in self.spans:
            length = span.end - span.start
            low, high = max(start, position), min(end, position + length)
            if low < high:
                shift = span.start - position
                found.append(Span(page_index=span.page_index, start=low + shift, end=high + shift))
            position += length + len(SPAN_JOINER)
        return tuple(found)


class DocumentStatus(StrEnum):
    """A document's way into the index."""

    PENDING = "pending"
    READY = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One row of the library."""

    id: DocumentId
    file: str
    """Name of the original file, without its folder."""
    title: str
    sha256: str
    size: int
    """Bytes of the original."""
    pages: int | None
    """Physical pages; ``None`` where the format has none."""
    chunks: int
    filtered: int
    """How many of the chunks are kept out of retrieval."""
    status: DocumentStatus
    added: datetime
    """UTC."""
    media_type: str
    original: Path
    """The library's own copy."""
    authors: tuple[str, ...] = ()
    year: int | None = None
    """Of publication."""
    edited: frozenset[str] = frozenset()
    """Names of the fields among title, authors and year that the user wrote; indexing again leaves them."""
    is_enabled: bool = True
    """Whether retrieval may find it."""
    replaced_by: DocumentId | None = None
    """The newer version; while there is one, retrieval does not find this one."""
    ocr_pages: int = 0
    pipeline: int = 0
    """Version of extraction and chunking by which it was indexed."""
    found_title: str = ""
    """The title found in the file: ``title``, unless the user wrote another. The embedded text carries it."""
    password: str | None = field(default=None, repr=False)
    """Opens the original."""
    collections: tuple[str, ...] = ()
    """Names, sorted."""
    tags: tuple[str, ...] = ()
    """Sorted."""

    @property
    def is_searchable(self) -> bool:
        """Whether retrieval finds its chunks."""
        return self.status is DocumentStatus.READY and self.is_enabled and self.replaced_by is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a document says of itself, or what the user wrote in place of it."""

    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    """Of publication."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A collection or a tag."""

    name: str
    documents: int
    """How many are in it."""


class AddStatus(StrEnum):
    """How adding one file ended."""

    INDEXED = "indexed"
    DUPLICATE = "duplicate"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddResult:
    """How adding one file ended. ``reason`` is a sentence for the user where it failed."""

    file: Path
    status: AddStatus
    document: DocumentId | None = None
    pages: int | None = None
    chunks: int = 0
    filtered: int = 0
    ocr_pages: int = 0
    seconds: float = 0.0
    reason: str | None = None
    needs_password: bool = False
    """Whether it failed for want of the right password."""
    replaces: DocumentId | None = None
    """The older version in whose place this one is found from now on."""


class IngestStage(StrEnum):
    """What is being done with a file."""

    READING = "reading"
    CHUNKING = "chunking"
    EMBEDDING = "embedding"
    WRITING = "writing"


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestProgress:
    """Told many times a second while files are added."""

    file: Path
    file_number: int
    """From 1."""
    file_count: int
    stage: IngestStage
    fraction: float
    """Of this file, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedFolder:
    """A folder of the user's that is synchronised on demand."""

    path: Path
    collection: str | None
    """Name of the collection that new documents from it join."""
    synchronised: datetime | None
    """UTC; ``None`` before the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingFile:
    """A file that was there when its folder was synchronised before; its document is still in the library."""

    path: Path
    document: DocumentId


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedFile:
    """A file that has another place or name now."""

    old: Path
    new: Path
    document: DocumentId


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderChanges:
    """What synchronising a folder found and did."""

    folder: Path
    added: tuple[AddResult, ...] = ()
    replaced: tuple[AddResult, ...] = ()
    """New versions; ``replaces`` is the older one of each."""
    unchanged: int = 0
    """Files that are in the library as they are, copies of other files too."""
    missing: tuple[MissingFile, ...] = ()
    """Nothing was done about these."""
    moved: tuple[MovedFile, ...] = ()
    failed: tuple[AddResult, ...] = ()
    """Files, and folders that could not be looked into, each with its reason."""
    reason: str | None = None
    """Why the folder could not be synchronised at all; then nothing was changed."""
    is_whole: bool = True
    """Whether it was not stopped; stopped, nothing is said about missing and moved files."""


class ReindexStatus(StrEnum):
    """How indexing a document again ended."""

    REINDEXED = "reindexed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much of a document there is to find."""

    pages: int | None
    chunks: int
    filtered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReindexResult:
    """How indexing a document again ended. Where it failed, ``after`` is as ``before``."""

    document: DocumentId
    title: str
    status: ReindexStatus
    before: Extent
    after: Extent
    embedded: int = 0
    """Chunks of which no vector could be kept."""
    seconds: float = 0.0
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """A chunk that was found. Every score: higher is better."""

    chunk: Chunk
    document: Document
    page: int | None
    """Physical page on which the chunk begins."""
    score: float
    """Cosine, BM25 and ranks fused; compares hits of one search only."""
    similarity: float
    """Cosine of question and chunk, -1 to 1; compares across searches."""
    bm25: float
    """BM25 (positive); 0 where no term matched."""
    neighbours: tuple[Chunk, ...] = ()
    """Chunks right before and after it under the same headings, in order: where its text goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """Hits, best first."""

    query: str
    hits: tuple[SearchHit, ...]
    seconds: float


class Finding(StrEnum):
    """What a consistency check can find."""

    UNFINISHED = "unfinished"
    MISSING_VECTORS = "missing_vectors"
    FOREIGN_VECTORS = "foreign_vectors"
    MISSING_ORIGINAL = "missing_original"
    CHANGED_ORIGINAL = "changed_original"
    STRAY_FILE = "stray_file"
    FULL_TEXT_INDEX = "full_text_index"
    DATABASE = "database"
    VECTOR_INDEX = "vector_index"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inconsistency:
    """One thing that is not as it should be, and a sentence about it."""

    finding: Finding
    detail: str
    document: DocumentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What :meth:`rag.library.Library.check` found."""

    documents: int
    chunks: int
    vectors: int
    inconsistencies: Sequence[Inconsistency] = field(default=())

    @property
    def is_consistent(self) -> bool:
        """Whether nothing was found."""
        return not self.inconsistencies
