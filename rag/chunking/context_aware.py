"""Cuts a document into chunks at headings, paragraphs and sentences, never inside a sentence or a row."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rag.chunking.filtering import recognise_filtered
from rag.chunking.sentences import split_sentences
from rag.types import (
    SPAN_JOINER,
    Block,
    BlockKind,
    Chunk,
    ChunkId,
    DocumentId,
    ExtractedDocument,
    Page,
    Span,
)

_TARGET = 900
"""Characters: with title and headings about what the embedding model reads (256 word pieces)."""
_ENOUGH = 450
"""A chunk of this length is closed rather than filled with a part of the next paragraph."""
_LIMIT = 1_300
"""Characters no chunk exceeds."""
_SMALL = 200
"""A shorter rest of a section goes to the chunk before it."""
_MAX_REPEATED = 400
"""Characters of caption and header that are repeated where a long table is cut."""
_MIN_ORPHAN_WORDS = 5


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is not cut: a sentence, a row of a table. It has several spans where it crosses a page."""

    spans: tuple[Span, ...]

    @property
    def length(self) -> int:
        return sum(span.end - span.start for span in self.spans) + len(self.spans) - 1


@dataclass(slots=True)
class _Draft:
    """A chunk while it grows. Neighbours on the page become one span with what stands between them."""

    pages: Sequence[Page]
    heading_path: tuple[str, ...]
    spans: list[Span] = field(default_factory=list)
    sentences: list[tuple[int, int]] = field(default_factory=list)
    length: int = 0

    def add(self, unit: _Unit) -> None:
        start = -1
        for span in unit.spans:
            last = self.spans[-1] if self.spans else None
            if last and _are_neighbours(self.pages, last, span):
                self.spans[-1] = Span(page_index=last.page_index, start=last.start, end=span.end)
                self.length += span.end - last.end
            else:
                self.length += (len(SPAN_JOINER) if last else 0) + span.end - span.start
                self.spans.append(span)
            if start < 0:
                start = self.length - (span.end - span.start)
        self.sentences.append((start, self.length))


def _are_neighbours(pages: Sequence[Page], one: Span, other: Span) -> bool:
    if one.page_index != other.page_index or other.start < one.end:
        return False
    return not pages[one.page_index].text[one.end : other.start].strip()


def chunk_document(document_id: DocumentId, extracted: ExtractedDocument) -> tuple[Chunk, ...]:
    """Cut a document into chunks, in reading order.

    Everything but headings is in exactly one chunk; only the caption and the header row of a long table are
    repeated in each of its parts. Headings are in the heading paths; one that stands over nothing is text.
    """
    drafts: list[_Draft] = []
    for heading_path, blocks in _split_sections(extracted):
        drafts.extend(_chunk_section(extracted.pages, heading_path, blocks))
    drafts.sort(key=lambda draft: (draft.spans[0].page_index, draft.spans[0].start))
    return tuple(_finish(document_id, ordinal, draft) for ordinal, draft in enumerate(drafts))


def embedding_text(title: str, chunk: Chunk) -> str:
    """Return what is embedded and full-text-indexed: a line with title and heading path, then the text."""
    path = [heading for heading in chunk.heading_path if heading != title]
    return " > ".join([title, *path]) + "\n" + chunk.text


def _split_sections(extracted: ExtractedDocument) -> Iterator[tuple[tuple[str, ...], list[Block]]]:
    """Yield heading paths and the blocks under them; a heading over nothing is a block of its parent."""
    stack: list[tuple[int, str]] = []
    section: list[Block] = []
    is_only_headings = all(block.kind is BlockKind.HEADING for block in extracted.blocks)
    for number, block in enumerate(extracted.blocks):
        if block.kind is not BlockKind.HEADING or is_only_headings:
            section.append(block)
            continue
        if section:
            yield tuple(text for _, text in stack), section
            section = []
        while stack and stack[-1][0] >= block.level:
            stack.pop()
        text = _read(extracted.pages, block.spans).replace(SPAN_JOINER, " ")
        following = extracted.blocks[number + 1] if number + 1 < len(extracted.blocks) else None
        is_over_nothing = following is None or (
            following.kind is BlockKind.HEADING and following.level <= block.level
        )
        if is_over_nothing and len(text.split()) >= _MIN_ORPHAN_WORDS:
            section.append(block)
        else:
            stack.append((block.level, text))
    if section:
        yield tuple(text for _, text in stack), section


def _read(pages: Sequence[Page], spans: Sequence[Span]) -> str:
    return SPAN_JOINER.join(pages[span.page_index].text[span.start : span.end] for span in spans)


def _chunk_section(
    pages: Sequence[Page], heading_path: tuple[str, ...], blocks: Sequence[Block]
) -> list[_Draft]:
    """Chunk what stands under one heading: tables apart, the rest merged up to the target length."""
    flow: list[_Draft] = []
    tables: list[_Draft] = []
    waiting: Block | None = None  # a caption that may belong to the table behind it
    for block in blocks:
        if block.kind is BlockKind.TABLE:
            tables.extend(_chunk_table(pages, heading_path, waiting, block))
            waiting = None
            continue
        if waiting:
            _add_block(pages, heading_path, flow, waiting)
        waiting = block if block.kind is BlockKind.CAPTION else None
        if not waiting:
            _add_block(pages, heading_path, flow, block)
    if waiting:
        _add_block(pages, heading_path, flow, waiting)
    return flow + tables


def _add_block(
    pages: Sequence[Page], heading_path: tuple[str, ...], drafts: list[_Draft], block: Block
) -> None:
    """Add a paragraph or a list item to the last chunk, or begin new ones."""
    units = _split_block(pages, block)
    rest = sum(unit.length + 1 for unit in units)
    draft = drafts[-1] if drafts else None
    if draft and draft.length + rest > _TARGET and draft.length >= _ENOUGH and rest > _SMALL:
        draft = None
    for unit in units:
        fits = draft and (
            draft.length + unit.length + 1 <= _TARGET or draft.length + rest + len(units) + 1 <= _LIMIT
        )
        if draft is None or not fits:
            draft = _Draft(pages, heading_path)
            drafts.append(draft)
        draft.add(unit)
        rest -= unit.length + 1


def _chunk_table(
    pages: Sequence[Page], heading_path: tuple[str, ...], caption: Block | None, table: Block
) -> list[_Draft]:
    """Chunk a table with its caption; a long one is cut between rows, and caption and header row repeated."""
    above = _split_block(pages, caption) if caption else []
    units = [*above, *_split_block(pages, table)]
    header = units[: len(above) + 1]
    header_length = sum(unit.length + 2 for unit in header)
    drafts: list[_Draft] = []
    for number, unit in enumerate(units):
        if not drafts or drafts[-1].length + unit.length + 2 > _LIMIT:
            drafts.append(_Draft(pages, heading_path))
            fits = header_length <= _MAX_REPEATED and header_length + unit.length <= _LIMIT
            for repeated in header if fits and number >= len(header) else ():
                drafts[-1].add(repeated)
        drafts[-1].add(unit)
    return drafts


def _split_block(pages: Sequence[Page], block: Block) -> list[_Unit]:
    """Split a block into units. Only what is longer than a whole chunk is cut, at white space."""
    text = _read(pages, block.spans)
    if block.kind is not BlockKind.TABLE:
        text = text.replace("\n", " ")  # one character for one: a page's end does not end a sentence
    return [
        _Unit(_locate(block.spans, start, end))
        for sentence in split_sentences(text)
        for start, end in _cut(text, *sentence)
    ]


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > _LIMIT:
        space = max(text.rfind(" ", start, start + _LIMIT), text.rfind("\t", start, start + _LIMIT))
        cut = space if space > start else start + _LIMIT
        yield start, cut
        start = cut + (space > start)
    yield start, end


def _locate(spans: Sequence[Span], start: int, end: int) -> tuple[Span, ...]:
    """Return where ``start:end`` of the joined texts of the spans stands."""
    located = []
    position = 0
    for span in spans:
        low, high = max(start, position), min(end, position + span.end - span.start)
        if low < high:
            shift = span.start - position
            located.append(Span(page_index=span.page_index, start=low + shift, end=high + shift))
        position += span.end - span.start + len(SPAN_JOINER)
    return tuple(located)


def _finish(document_id: DocumentId, ordinal: int, draft: _Draft) -> Chunk:
    text = _read(draft.pages, draft.spans)
    places = ";".join(f"{span.page_index}:{span.start}:{span.end}" for span in draft.spans)
    digest = hashlib.sha256(f"{document_id}\n{places}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()
    return Chunk(
        id=ChunkId(digest[:16]),
        document=document_id,
        ordinal=ordinal,
        text=text,
        spans=tuple(draft.spans),
        heading_path=draft.heading_path,
        sentences=tuple(draft.sentences),
        filtered=recognise_filtered(draft.heading_path, text, draft.sentences),
    )
