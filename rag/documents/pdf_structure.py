"""Makes pages and structure of what was read of a PDF: order, tables, title, authors. Knows no pymupdf."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rag.documents.composition import Composer, PageDraft, heading_style
from rag.documents.footnotes import mark_footnotes
from rag.documents.frame import Corners, Frame
from rag.documents.grids import Stroke, join_strokes
from rag.documents.layout import Line, Separator, Table, Word, arrange, join_labels
from rag.documents.loading import Loading, Progress, Structure
from rag.documents.metadata import choose_authors, find_year, is_shown
from rag.documents.normalisation import bare
from rag.documents.paragraphs import Piece, Row, make_pieces
from rag.documents.running_lines import find_running_lines
from rag.documents.tables import take_tables
from rag.documents.titles import choose_title
from rag.types import BlockKind

RULE_THICKNESS = 3.0
"""Points: a box that is thinner is a stroke."""
_SEPARATOR_SHARE = 0.8
_BODY_SHARE = 0.15
_AUTHOR_MARK = re.compile(r"[a-z.][\d*∗†‡]")
_TITLE_PAGES = 2
"""That may tell when a document was published."""
READING_SHARE, _LAYOUT_SHARE = 0.6, 0.3
"""Of the progress; the rest is writing."""


@dataclass(slots=True)
class RawPage:
    """What is taken from one page before the document as a whole is known; points on the page as shown."""

    width: float
    height: float
    lines: list[Line]
    hidden: list[Line]
    """Text that a reader does not see."""
    strokes: list[Corners]
    """Straight lines, as between the cells of a table."""
    scan: Frame | None = None
    """How the text stands on a page that was read by OCR."""


@dataclass(frozen=True, slots=True)
class Properties:
    """What a file states of itself."""

    title: str
    authors: tuple[str, ...]


def compose(raw: list[RawPage], stated: Properties, stem: str) -> Loading:
    """Yield the pages and the structure; empties ``raw`` on the way."""
    year_lines = [line.text for page in raw[:_TITLE_PAGES] for line in page.lines]  # also of running heads
    columns = [join_strokes(_sort_strokes(page.strokes)[1]) for page in raw]
    running = find_running_lines([page.lines for page in raw], [page.height for page in raw], columns)
    for page, dropped in zip(raw, running, strict=True):
        page.lines = [line for index, line in enumerate(page.lines) if index not in dropped]
    body_size = _find_body_size(raw)
    known = _collect_words(raw)
    drafts: list[PageDraft] = []
    while len(drafts) < len(raw):
        drafts.append(_draft(len(drafts), raw[len(drafts)], body_size))
        yield Progress(fraction=READING_SHARE + _LAYOUT_SHARE * len(drafts) / len(raw))
    raw.clear()
    headings = [piece for draft in drafts for piece in draft.pieces if piece.kind is BlockKind.HEADING]
    styles = sorted({heading_style(piece) for piece in headings}, reverse=True)
    first = " ".join(piece.text for piece in drafts[0].pieces)
    title = choose_title(
        metadata=stated.title if is_shown(stated.title, first) else "",
        headings=_first_page_titles(drafts[0]),
        stem=stem,
    )
    paragraphs = (piece.text for piece in drafts[0].pieces if _may_list_authors(piece))
    authors = choose_authors(stated=stated.authors, paragraphs=paragraphs, page=first)
    composer = Composer(known=known, heading_styles=styles)
    for number, draft in enumerate(drafts, start=1):
        yield composer.compose(draft)
        draft.pieces.clear()
        done = READING_SHARE + _LAYOUT_SHARE
        yield Progress(fraction=done + (1 - done) * number / len(drafts))
    yield Structure(title=title, blocks=composer.blocks(), authors=authors, year=find_year(year_lines))


def _may_list_authors(piece: Piece) -> bool:
    """Whether it is a paragraph, or large letters with the marks that names have and headings have not."""
    return piece.kind is BlockKind.PARAGRAPH or (
        piece.kind is BlockKind.HEADING and _AUTHOR_MARK.search(piece.text) is not None
    )


def _collect_words(raw: Sequence[RawPage]) -> set[str]:
    """Return the words inside lines: none of them is the half of a broken one."""
    return {bare(word.text) for page in raw for line in page.lines for word in line.words[1:-1]}


def _find_body_size(raw: Sequence[RawPage]) -> float:
    """Return the largest font size of a good part of the text: references may be most of it."""
    sizes = Counter[float]()
    for page in raw:
        for line in page.lines:
            sizes[round(line.size * 2) / 2] += len(line.text)
    return max((size for size, count in sizes.items() if count >= _BODY_SHARE * sizes.total()), default=10.0)


def _draft(index: int, page: RawPage, body_size: float) -> PageDraft:
    turns = Counter[int]()
    for line in page.lines:
        turns[line.turn] += len(line.text)
    frame = page.scan or Frame(turns.most_common(1)[0][0] if turns else 0, page.width, page.height)
    upright = join_labels(_turn_line(line, frame) for line in page.lines if line.turn == frame.turn)
    aside = [line for line in page.lines if line.turn != frame.turn]
    across, down = _sort_strokes(frame.from_page(stroke) for stroke in page.strokes)
    tables = take_tables(upright, across, down)
    items: list[Line | Table | Separator] = [*upright, *tables, *_find_separators(upright, tables, across)]
    columns = [[item for item in column if not isinstance(item, Separator)] for column in arrange(items)]
    height = frame.width if frame.turn % 2 else frame.height
    pieces: list[Piece] = []
    for column in columns:
        parts = make_pieces(column, body_size=body_size)
        mark_footnotes(parts, body_size=body_size, rules=across, height=height)
        pieces.extend(parts)
    pieces += [*_make_aside(aside, frame), *_make_hidden(page.hidden, frame)]
    return PageDraft(index, frame, pieces, is_ocr=page.scan is not None)


def _make_hidden(lines: Sequence[Line], frame: Frame) -> list[Piece]:
    """Make one piece of all text of a page that a reader does not see, in the order of the file."""
    rows = [Row([_turn_line(line, frame)]) for line in lines]
    return [Piece(BlockKind.HIDDEN, rows)] if rows else []


def _turn_line(line: Line, frame: Frame) -> Line:
    x, y = line.origin
    return replace(
        line,
        words=[
            Word(word.text, *frame.from_page((word.x0, word.y0, word.x1, word.y1))) for word in line.words
        ],
        origin=frame.from_page((x, y, x, y))[:2],
    )


def _sort_strokes(strokes: Iterable[Corners]) -> tuple[list[Stroke], list[Stroke]]:
    """Return the strokes that run across and those that run down; slanting ones are left out."""
    across, down = [], []
    for x0, y0, x1, y1 in strokes:
        if y1 - y0 < RULE_THICKNESS < x1 - x0:
            across.append(Stroke((y0 + y1) / 2, x0, x1))
        elif x1 - x0 < RULE_THICKNESS < y1 - y0:
            down.append(Stroke((x0 + x1) / 2, y0, y1))
    return across, down


def _find_separators(
    lines: Sequence[Line], tables: Sequence[Table], across: Sequence[Stroke]
) -> Iterator[Separator]:
    """Yield the strokes that part the page: nearly as wide as its text, and of no table."""
    if not lines:
        return
    width = max(line.x1 for line in lines) - min(line.x0 for line in lines)
    for stroke in join_strokes(across):
        is_wide = stroke.end - stroke.start > _SEPARATOR_SHARE * width
        if is_wide and not any(table.y0 - 20 < stroke.at < table.y1 + 20 for table in tables):
            yield Separator(stroke.start, stroke.at, stroke.end, stroke.at)


def _make_aside(lines: Sequence[Line], frame: Frame) -> list[Piece]:
    """Make one paragraph of the lines of each other direction."""
    pieces = []
    for turn in sorted({line.turn for line in lines}):
        own = Frame(turn, frame.width, frame.height)
        mine = sorted(
            (line for line in lines if line.turn == turn),
            key=lambda line: own.from_page((line.x0, line.y0, line.x1, line.y1))[1::-1],
        )
        pieces.append(Piece(BlockKind.PARAGRAPH, [Row([_turn_line(line, frame)]) for line in mine]))
    return pieces


def _first_page_titles(draft: PageDraft) -> list[str]:
    """Return the headings of a page, the largest first; one or two words ("RESEARCH LETTER") come last."""
    headings = [piece for piece in draft.pieces if piece.kind is BlockKind.HEADING]
    headings.sort(key=lambda piece: (len(piece.text.split()) < 3, -piece.size))
    return [piece.text for piece in headings]
