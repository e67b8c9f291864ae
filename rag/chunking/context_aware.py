"""Cuts a document into chunks at headings, paragraphs and sentences, never inside a sentence or a row."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rag.chunking.filtering import Ask, recognise_filtered
from rag.chunking.sentences import split_sentences
from rag.documents.captions import match_label
from rag.types import (
    SPAN_JOINER,
    Block,
    BlockKind,
    Chunk,
    ChunkId,
    DocumentId,
    ExtractedDocument,
    FilterReason,
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
    kind: BlockKind = BlockKind.PARAGRAPH
    """What filtering has to know: a table or another float, a footnote, hidden text, or else running text."""

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


def chunk_document(
    document_id: DocumentId, extracted: ExtractedDocument, *, ask: Ask | None = None
) -> tuple[Chunk, ...]:
    """Cut a document into chunks, in reading order.

    Everything but headings is in exactly one chunk; only the caption and the header row of a long table are
    repeated in each of its parts. Headings are in the heading paths; one that stands over nothing is text.

    Args:
        document_id: goes into the chunks' ids.
        extracted: the document.
        ask: asked once for each chunk of which the rules cannot tell whether to filter it.
    """
    drafts: list[_Draft] = []
    for heading_path, blocks in _split_sections(extracted):
        drafts.extend(_chunk_section(extracted.pages, heading_path, blocks))
    drafts.sort(key=lambda draft: (draft.spans[0].page_index, draft.spans[0].start))
    seen: set[tuple[tuple[str, ...], str]] = set()
    chunks = []
    for ordinal, draft in enumerate(drafts):
        text = _read(draft.pages, draft.spans)
        is_repeated = (draft.heading_path, text) in seen
        seen.add((draft.heading_path, text))
        reason = recognise_filtered(
            draft.heading_path, text, draft.sentences, kind=draft.kind, ask=None if is_repeated else ask
        )
        if reason is None and is_repeated:
            reason = FilterReason.REPEATED
        chunks.append(_finish(document_id, ordinal, draft, text, reason))
    return tuple(chunks)


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


@dataclass(slots=True)
class _Float:
    """A table or a picture with its caption and the notes below it: apart from the running text."""

    captions: list[Block] = field(default_factory=list)
    table: Block | None = None
    notes: list[Block] = field(default_factory=list)

    def takes(self, pages: Sequence[Page], caption: Block) -> bool:
        """Whether a caption belongs to it: a new label begins another one, but a table's may stand below."""
        label = match_label(_read(pages, caption.spans))
        is_late = self.table is not None and not self.captions and not self.notes
        return label is None or (is_late and label[0].lower().startswith("table"))


def _chunk_section(
    pages: Sequence[Page], heading_path: tuple[str, ...], blocks: Sequence[Block]
) -> list[_Draft]:
    """Chunk what stands under one heading: merged up to the target length, each kind of text apart."""
    flow: list[_Draft] = []
    apart: dict[BlockKind, list[_Draft]] = {
        kind: [] for kind in (BlockKind.TABLE, BlockKind.FOOTNOTE, BlockKind.HIDDEN)
    }
    for part in _group_floats(pages, blocks):
        if isinstance(part, Block):
            _add_block(pages, heading_path, apart.get(part.kind, flow), part)
        elif part.table:
            apart[BlockKind.TABLE].extend(_chunk_table(pages, heading_path, part, part.table))
        else:
            units = _split_blocks(pages, part.captions)
            apart[BlockKind.TABLE].extend(_chunk_units(pages, heading_path, units))
    for kind, drafts in apart.items():
        for draft in drafts:
            draft.kind = kind
    return [*flow, *(draft for drafts in apart.values() for draft in drafts)]


def _group_floats(pages: Sequence[Page], blocks: Sequence[Block]) -> Iterator[Block | _Float]:
    """Yield blocks of text as they are, and each table or figure with what belongs to it."""
    last: _Float | None = None
    for block in blocks:
        if block.kind in (BlockKind.FOOTNOTE, BlockKind.HIDDEN):
            yield block  # may stand between a caption and its table
        elif block.kind is BlockKind.CAPTION and last and last.takes(pages, block):
            (last.notes if last.table else last.captions).append(block)
        elif block.kind is BlockKind.TABLE and last and not last.table:
            last.table = block
        else:
            if last:
                yield last
                last = None
            if block.kind is BlockKind.TABLE:
                last = _Float(table=block)
            elif block.kind is BlockKind.CAPTION:
                last = _Float([block])
            else:
                yield block
    if last:
        yield last


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
    pages: Sequence[Page], heading_path: tuple[str, ...], part: _Float, table: Block
) -> list[_Draft]:
    """Chunk a table with caption and notes; a long one is cut between rows, caption and header repeated."""
    above = _split_blocks(pages, part.captions)
    units = [*above, *_split_blocks(pages, [table, *part.notes])]
    return _chunk_units(pages, heading_path, units, header=len(above) + 1)


def _chunk_units(
    pages: Sequence[Page], heading_path: tuple[str, ...], units: Sequence[_Unit], *, header: int = 0
) -> list[_Draft]:
    """Fill chunks with units; the first ``header`` ones are repeated in each chunk if they are short."""
    repeated = units[:header]
    header_length = sum(unit.length + 2 for unit in repeated)
    drafts: list[_Draft] = []
    for number, unit in enumerate(units):
        if not drafts or drafts[-1].length + unit.length + 2 > _LIMIT:
            drafts.append(_Draft(pages, heading_path))
            fits = header_length <= _MAX_REPEATED and header_length + unit.length <= _LIMIT
            for above in repeated if fits and number >= header else ():
                drafts[-1].add(above)
        drafts[-1].add(unit)
    return drafts


def _split_blocks(pages: Sequence[Page], blocks: Iterable[Block]) -> list[_Unit]:
    return [unit for block in blocks for unit in _split_block(pages, block)]


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


def _finish(
    document_id: DocumentId, ordinal: int, draft: _Draft, text: str, reason: FilterReason | None
) -> Chunk:
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
        filtered=reason,
    )
