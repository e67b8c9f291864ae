"""Reads PDF files. The only importer of pymupdf."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pymupdf

from rag.documents.composition import Composer, PageDraft, heading_style
from rag.documents.frame import Corners, Frame, quarter_turn
from rag.documents.grids import Stroke, join_strokes
from rag.documents.layout import Line, Separator, Style, Table, Word, arrange
from rag.documents.loading import ExtractionLimits, Loading, PageCount, Progress, Structure
from rag.documents.normalisation import bare, clean, squeeze
from rag.documents.paragraphs import Piece, Row, make_pieces
from rag.documents.running_lines import find_running_lines
from rag.documents.tables import take_tables
from rag.documents.titles import choose_title
from rag.errors import BrokenDocument, DocumentTooLarge, EmptyDocument, EncryptedDocument
from rag.types import BlockKind

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)
pymupdf.no_recommend_layout()
pymupdf.TOOLS.set_small_glyph_heights(True)

_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP
"""Without images, and with ligatures taken apart; what lies outside the page is not read."""
_BOLD_FLAG = 16
_BOLD_NAME = re.compile(r"bold|black|heavy|demi|[.-]bi?$|-bd", re.IGNORECASE)
_INDEX_CHARACTERS = 2
"""Parts of a line with so few characters are indices and marks, and say nothing about its style."""
_MIN_FONT_SIZE = 2.0
"""Smaller text cannot be read by a human and is not meant to be."""
_MAX_STROKES = 20_000
"""Beyond it a page is a drawing."""
_RULE_THICKNESS = 3.0
_SEPARATOR_SHARE = 0.8
_CLIPPED_TH = re.compile(r"\bT(?=[aeioruy])")
_CLIPPED_WORD = re.compile(r"\bT(?:e|is|ese|ere|us|ey|eir|ose)\b")
"""Words of English that are none: where one stands, a font may be at fault."""
_WIDEST_T = 0.85
"""Of the font size; a ligature of T and h is about 1."""
_NO_SPACE = re.compile(r"\S+")
_BODY_SHARE = 0.15
_READING_SHARE, _LAYOUT_SHARE = 0.6, 0.3
"""Of the progress; the rest is writing."""


@dataclass(slots=True)
class _RawPage:
    """What is taken from one page before the document as a whole is known; points on the page as shown."""

    width: float
    height: float
    lines: list[Line]
    strokes: list[Corners]
    """Straight lines, as between the cells of a table."""


def load_pdf(path: Path, limits: ExtractionLimits) -> Loading:
    """Read a PDF; see :data:`rag.documents.loading.Loading`.

    Raises:
        EncryptedDocument: it needs a password.
        BrokenDocument: it cannot be opened or has no page.
        DocumentTooLarge: too many pages.
        EmptyDocument: no page has text.
    """
    with _open(path) as document:
        count = document.page_count
        if count > limits.max_pages:
            raise DocumentTooLarge(
                f"This PDF has {count:,} pages, more than the {limits.max_pages:,} that are read; "
                "please split it."
            )
        yield PageCount(pages=count)
        raw: list[_RawPage] = []
        for page in document:
            raw.append(_read_page(page))
            yield Progress(fraction=len(raw) / count * _READING_SHARE)
        if not any(page.lines for page in raw):
            raise EmptyDocument(
                "This PDF has no text, only pictures or empty pages; reading scans comes later."
            )
        metadata_title = squeeze(str((document.metadata or {}).get("title") or ""))
    yield from _compose(raw, metadata_title, path.stem)


@contextmanager
def _open(path: Path) -> Iterator[Any]:
    try:  # all errors of the library, of a page as well, are runtime errors
        with pymupdf.open(path, filetype="pdf") as document:
            if document.needs_pass and not document.authenticate(""):
                raise EncryptedDocument("This PDF is protected by a password; please save a copy without it.")
            if document.page_count == 0:
                raise BrokenDocument(
                    "This PDF has no pages, it is probably damaged; please try another copy."
                )
            yield document
    except RuntimeError as e:
        raise BrokenDocument("This PDF is damaged and cannot be read; please try another copy.") from e


def _read_page(page: Any) -> _RawPage:
    lines = list(_read_lines(page))
    strokes = list(_read_strokes(page)) if lines else []
    return _RawPage(
        width=page.rect.width,
        height=page.rect.height,
        lines=lines,
        strokes=strokes if len(strokes) <= _MAX_STROKES else [],
    )


def _read_strokes(page: Any) -> Iterator[Corners]:
    """Yield the straight lines and the sides of the boxes that are drawn on the page."""
    turn_box = _make_rotation(page)
    for drawing in page.get_cdrawings():
        for kind, *points in drawing["items"]:
            if kind == "l":
                (xa, ya), (xb, yb) = points
                yield turn_box((min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb)))
            elif kind == "re":
                x0, y0, x1, y1 = turn_box(points[0])
                if min(x1 - x0, y1 - y0) < _RULE_THICKNESS:
                    yield x0, y0, x1, y1
                elif drawing["type"] != "f":
                    yield from ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1))


def _read_lines(page: Any) -> Iterator[Line]:
    """Yield the page's lines of text, each with its words, size and weight."""
    text = page.get_textpage(flags=_FLAGS)
    words: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for word in text.extractWORDS():
        words[word[5], word[6]].append(word)
    wide = _find_wide_letters(text)
    turn_box, (a, b, c, d, *_) = _make_rotation(page), page.rotation_matrix
    width, height = page.rect.width, page.rect.height
    for block in text.extractDICT()["blocks"]:
        for number, line in enumerate(block.get("lines", ())):
            if not line["spans"]:
                continue
            found = [
                part
                for word in words[block["number"], number]
                for part in _clean_word(_mend_ligature(word[4], word[:4], wide), turn_box(word[:4]))
                if 0 <= part.x0 + part.x1 <= 2 * width and 0 <= part.y0 + part.y1 <= 2 * height
            ]
            style = _find_style(line["spans"])
            if found and style.size >= _MIN_FONT_SIZE:
                x, y = max(line["spans"], key=_text_length)["origin"]  # indices have base lines of their own
                dx, dy = line["dir"]
                turn = quarter_turn(dx * a + dy * c, dx * b + dy * d)
                yield Line(found, style, turn_box((x, y, x, y))[:2], turn)


def _make_rotation(page: Any) -> Callable[[Corners], Corners]:
    """Return what takes a box from the page as it is stored to the page as it is shown."""
    if page.rotation == 0:
        return lambda box: box
    matrix = page.rotation_matrix
    return lambda box: tuple(pymupdf.Rect(box) * matrix)


def _find_wide_letters(text: Any) -> list[Corners]:
    """Return the boxes of each T that is too wide for one letter.

    Some publishers' fonts say "T" for the ligature of T and h: the page shows "The", the file says "Te".
    """
    if not _CLIPPED_WORD.search(text.extractText()):
        return []
    return [
        character["bbox"]
        for block in text.extractRAWDICT()["blocks"]
        for line in block.get("lines", ())
        for span in line["spans"]
        for character in span["chars"]
        if character["c"] == "T" and character["bbox"][2] - character["bbox"][0] > _WIDEST_T * span["size"]
    ]


def _mend_ligature(word: str, box: Corners, wide: Sequence[Corners]) -> str:
    """Return the word with the h that a wide T in its box lacks."""
    if (
        wide
        and _CLIPPED_TH.search(word)
        and any(
            box[0] - 1 < x0 and x1 < box[2] + 1 and box[1] - 1 < y0 and y1 < box[3] + 1
            for x0, y0, x1, y1 in wide
        )
    ):
        return _CLIPPED_TH.sub("Th", word, count=1)
    return word


def _find_style(spans: Sequence[dict[str, Any]]) -> Style:
    marks = [span for span in spans if _text_length(span) > _INDEX_CHARACTERS] or list(spans)
    bold = [bool(span["flags"] & _BOLD_FLAG) or _BOLD_NAME.search(span["font"]) is not None for span in marks]
    fonts = {span["font"] for span in marks}
    return Style(
        size=round(max(marks, key=_text_length)["size"], 1),
        font=fonts.pop() if len(fonts) == 1 else "",
        is_bold=all(bold),
        starts_bold=bold[0],
        ends_bold=bold[-1],
    )


def _text_length(span: dict[str, Any]) -> int:
    return len(span["text"].strip())


def _clean_word(text: str, box: Corners) -> Iterator[Word]:
    """Yield the cleaned word; one with a no-break space inside is several, which share the box by length."""
    x0, y0, x1, y1 = box
    cleaned = clean(text)
    step = (x1 - x0) / max(1, len(cleaned))
    for match in _NO_SPACE.finditer(cleaned):
        yield Word(match[0], x0 + step * match.start(), y0, x0 + step * match.end(), y1)


def _compose(raw: list[_RawPage], metadata_title: str, stem: str) -> Loading:
    """Yield the pages and the structure; empties ``raw`` on the way."""
    running = find_running_lines([page.lines for page in raw], [page.height for page in raw])
    for page, dropped in zip(raw, running, strict=True):
        page.lines = [line for index, line in enumerate(page.lines) if index not in dropped]
    body_size = _find_body_size(raw)
    known = _collect_words(raw)
    drafts: list[PageDraft] = []
    while len(drafts) < len(raw):
        drafts.append(_draft(len(drafts), raw[len(drafts)], body_size))
        yield Progress(fraction=_READING_SHARE + _LAYOUT_SHARE * len(drafts) / len(raw))
    raw.clear()
    headings = [piece for draft in drafts for piece in draft.pieces if piece.kind is BlockKind.HEADING]
    styles = sorted({heading_style(piece) for piece in headings}, reverse=True)
    title = choose_title(metadata=metadata_title, headings=_first_page_titles(drafts[0]), stem=stem)
    composer = Composer(known=known, heading_styles=styles)
    for number, draft in enumerate(drafts, start=1):
        yield composer.compose(draft)
        draft.pieces.clear()
        done = _READING_SHARE + _LAYOUT_SHARE
        yield Progress(fraction=done + (1 - done) * number / len(drafts))
    yield Structure(title=title, blocks=composer.blocks())


def _collect_words(raw: Sequence[_RawPage]) -> set[str]:
    """Return the words inside lines: none of them is the half of a broken one."""
    return {bare(word.text) for page in raw for line in page.lines for word in line.words[1:-1]}


def _find_body_size(raw: Sequence[_RawPage]) -> float:
    """Return the largest font size of a good part of the text: references may be most of it."""
    sizes = Counter[float]()
    for page in raw:
        for line in page.lines:
            sizes[round(line.size * 2) / 2] += len(line.text)
    return max((size for size, count in sizes.items() if count >= _BODY_SHARE * sizes.total()), default=10.0)


def _draft(index: int, page: _RawPage, body_size: float) -> PageDraft:
    turns = Counter[int]()
    for line in page.lines:
        turns[line.turn] += len(line.text)
    frame = Frame(turns.most_common(1)[0][0] if turns else 0, page.width, page.height)
    upright = [_turn_line(line, frame) for line in page.lines if line.turn == frame.turn]
    aside = [line for line in page.lines if line.turn != frame.turn]
    across, down = _sort_strokes(frame.from_page(stroke) for stroke in page.strokes)
    tables = take_tables(upright, across, down)
    items: list[Line | Table | Separator] = [*upright, *tables, *_find_separators(upright, tables, across)]
    columns = [[item for item in column if not isinstance(item, Separator)] for column in arrange(items)]
    pieces = [piece for column in columns for piece in make_pieces(column, body_size=body_size)]
    return PageDraft(index, frame, pieces + _make_aside(aside, frame))


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
        if y1 - y0 < _RULE_THICKNESS < x1 - x0:
            across.append(Stroke((y0 + y1) / 2, x0, x1))
        elif x1 - x0 < _RULE_THICKNESS < y1 - y0:
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
