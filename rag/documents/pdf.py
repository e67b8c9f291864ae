"""Reads PDF files and pictures. With what renders scans, the only importer of pymupdf."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pymupdf

from rag.documents.frame import Corners, quarter_turn
from rag.documents.layout import Line, Style, Word
from rag.documents.loading import ExtractionLimits, Loading, OcrPageCount, PageCount, Progress
from rag.documents.normalisation import clean, squeeze
from rag.documents.pdf_structure import READING_SHARE, RULE_THICKNESS, Properties, RawPage, compose
from rag.documents.scans import is_scan, read_scans, refuse_large_pictures
from rag.documents.visibility import Sight, collect_fills, has_contrast, judge_span
from rag.errors import BrokenDocument, DocumentTooLarge, EmptyDocument, PasswordRequired

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)
pymupdf.no_recommend_layout()
pymupdf.TOOLS.set_small_glyph_heights(True)

_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_COLLECT_VECTORS
"""Without images, with ligatures taken apart; lines and boxes stand between texts, in painting order."""
_EVERYWHERE = pymupdf.Rect(-20_000, -20_000, 20_000, 20_000)
"""Also what lies outside the page: it is hidden."""
_VECTOR = 3
_GLUE, _MARK_WIDTH, _SAME_BASE = 0.12, 1.5, 0.1
"""Font sizes: parts of a word are nearer, a mark such as an author's badge is no wider, lines are level."""
_MAX_PIXELS = 2_000
"""Of the longer side of a page that is rendered to see whether its text can be read."""
_SCAN_SHARE = 0.5
"""Of the page that the pictures of a scan fill at least."""
_BOLD_FLAG = 16
_BOLD_NAME = re.compile(r"bold|black|heavy|demi|[.-]bi?$|-bd", re.IGNORECASE)
_INDEX_CHARACTERS = 2
"""Parts of a line with so few characters are indices and marks, and say nothing about its style."""
_MAX_STROKES = 20_000
"""Beyond it a page is a drawing."""
_CLIPPED_TH = re.compile(r"\bT(?=[aeioruy])")
_CLIPPED_WORD = re.compile(r"\bT(?:e|is|ese|ere|us|ey|eir|ose)\b")
"""Words of English that are none: where one stands, a font may be at fault."""
_WIDEST_T = 0.85
"""Of the font size; a ligature of T and h is about 1."""
_NO_SPACE = re.compile(r"\S+")
_CREATORS = re.compile(r"<dc:creator>(.*?)</dc:creator>", re.DOTALL)
_ITEM = re.compile(r"<rdf:li[^>]*>(.*?)</rdf:li>", re.DOTALL)


def load_pdf(path: Path, limits: ExtractionLimits, *, password: str | None = None) -> Loading:
    """Read a PDF; see :data:`rag.documents.loading.Loading`.

    Raises:
        PasswordRequired: it needs a password, or another one.
        BrokenDocument: it cannot be opened or has no page.
        DocumentTooLarge: too many pages.
        EmptyDocument: no page has text.
    """
    yield from _load(path, limits, password=password, filetype="pdf")


def load_picture(path: Path, limits: ExtractionLimits) -> Loading:
    """Read a picture, each of its frames as a page; see :data:`rag.documents.loading.Loading`.

    Raises:
        BrokenDocument: it cannot be opened.
        DocumentTooLarge: too many frames or pixels.
        OcrUnavailable: the language data to read it is not installed.
        EmptyDocument: no text was recognised.
    """
    yield from _load(path, limits, password=None, filetype=None)


def _load(path: Path, limits: ExtractionLimits, *, password: str | None, filetype: str | None) -> Loading:
    with _open(path, password, filetype) as document:
        count = document.page_count
        if count > limits.max_pages:
            raise DocumentTooLarge(
                f"This file has {count:,} pages, more than the {limits.max_pages:,} that are read; "
                "please split it."
            )
        if filetype is None:
            refuse_large_pictures(document, limits)
        yield PageCount(pages=count)
        raw: list[RawPage] = []
        scans: list[int] = []
        for page in document:
            raw.append(_read_page(page))
            if is_scan(page, _count_letters(raw[-1].lines)):
                scans.append(page.number)
            if not scans:  # recognising takes a hundred times as long: the progress waits for it
                yield Progress(fraction=len(raw) / count * READING_SHARE)
        yield from _read_scans(document, raw, scans, limits)
        if not any(page.lines or page.hidden for page in raw):
            raise EmptyDocument(
                "This file shows no text that can be read, only pictures or empty pages; "
                "please choose another copy."
            )
        stated = _read_properties(document)
    yield from compose(raw, stated, path.stem)


def _read_properties(document: Any) -> Properties:
    """Return what the file states of itself; XMP has each author apart."""
    info = document.metadata or {}
    creators = _CREATORS.search(document.get_xml_metadata())
    names = _ITEM.findall(creators[1]) if creators else re.split(r"[;,]", info.get("author") or "")
    authors = tuple(filter(None, (squeeze(unescape(name)) for name in names)))
    return Properties(squeeze(info.get("title") or ""), authors)


def _read_scans(
    document: Any, raw: Sequence[RawPage], scans: Sequence[int], limits: ExtractionLimits
) -> Iterator[OcrPageCount | Progress]:
    """Replace the lines of pages that are pictures by what is recognised, where that is more."""
    if not scans:
        return
    yield OcrPageCount(pages=len(scans))
    start = scans[0] / len(raw)
    for done, (number, read) in enumerate(
        zip(scans, read_scans(document, scans, limits), strict=True), start=1
    ):
        page = raw[number]
        if _count_letters(read.lines) > 2 * _count_letters(page.lines):
            page.lines, page.scan = read.lines, read.frame
        yield Progress(fraction=(start + (1 - start) * done / len(scans)) * READING_SHARE)


def _count_letters(lines: Iterable[Line]) -> int:
    return sum(character.isalnum() for line in lines for character in line.text)


@contextmanager
def _open(path: Path, password: str | None, filetype: str | None) -> Iterator[Any]:
    try:  # all errors of the library, of a page as well, are runtime errors
        with pymupdf.open(path, filetype=filetype) as document:
            if document.needs_pass and not document.authenticate(password or ""):
                raise PasswordRequired(
                    "The password does not open this PDF; please check it and add the file again."
                    if password
                    else "This PDF is protected by a password; please add it again with its password."
                )
            if document.page_count == 0:
                raise BrokenDocument(
                    "This file has no pages, it is probably damaged; please try another copy."
                )
            yield document
    except (RuntimeError, pymupdf.mupdf.FzErrorBase) as e:
        raise BrokenDocument("This file is damaged and cannot be read; please try another copy.") from e


def _read_page(page: Any) -> RawPage:
    text = page.get_textpage(flags=_FLAGS, clip=_EVERYWHERE)
    blocks = text.extractDICT()["blocks"]
    turn_box = _make_rotation(page)
    lines, hidden = _read_lines(page, text, blocks, turn_box)
    strokes = list(_read_strokes(blocks, turn_box)) if lines else []
    return RawPage(
        width=page.rect.width,
        height=page.rect.height,
        lines=lines,
        hidden=hidden,
        strokes=strokes if len(strokes) <= _MAX_STROKES else [],
    )


def _read_strokes(
    blocks: Sequence[dict[str, Any]], turn_box: Callable[[Corners], Corners]
) -> Iterator[Corners]:
    """Yield the straight lines and the sides of the boxes that are drawn on the page."""
    for block in blocks:
        if block["type"] == _VECTOR and block["isrect"]:
            x0, y0, x1, y1 = turn_box(block["bbox"])
            if min(x1 - x0, y1 - y0) < RULE_THICKNESS:
                yield x0, y0, x1, y1
            elif block["stroked"]:
                yield from ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1))


def _read_lines(
    page: Any, text: Any, blocks: Sequence[dict[str, Any]], turn_box: Callable[[Corners], Corners]
) -> tuple[list[Line], list[Line]]:
    """Return the lines of text that are seen and those that are not, each with its words and style."""
    words: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for word in text.extractWORDS():
        words[word[5], word[6]].append(word)
    wide = _find_wide_letters(text, words)
    a, b, c, d, *_ = page.rotation_matrix
    hidden_boxes = _find_hidden(page, blocks)
    seen: list[Line] = []
    hidden: list[Line] = []
    texts = (block for block in blocks if block["type"] != _VECTOR)
    for block_number, block in enumerate(texts):  # words count the blocks of text only
        for number, line in enumerate(block["lines"]):
            if not line["spans"]:
                continue
            style = _find_style(line["spans"])
            x, y = max(line["spans"], key=_text_length)["origin"]  # indices have base lines of their own
            dx, dy = line["dir"]
            turn = quarter_turn(dx * a + dy * c, dx * b + dy * d)
            mine = words[block_number, number]
            for lines, found in zip((seen, hidden), _part_words(mine, hidden_boxes), strict=True):
                cleaned = [
                    part
                    for word in found
                    for part in _clean_word(_mend_ligature(word[4], word[:4], wide), turn_box(word[:4]))
                ]
                if cleaned:
                    _append(lines, Line(cleaned, style, turn_box((x, y, x, y))[:2], turn))
    return seen, hidden


def _append(lines: list[Line], line: Line) -> None:
    """Add a line, or the rest of the last one: a mark drawn between two words parts them."""
    last = lines[-1] if lines else None
    if (
        last
        and last.turn == line.turn == 0
        and abs(last.base - line.base) < _SAME_BASE * line.size
        and abs(last.size - line.size) < _SAME_BASE
        and _GLUE * line.size < line.x0 - last.x1 < _MARK_WIDTH * line.size
    ):
        lines[-1] = replace(last, words=[*last.words, *line.words])
    else:
        lines.append(line)


def _part_words(words: list[Any], hidden: Sequence[Corners]) -> tuple[list[Any], list[Any]]:
    """Return the words that are seen and those in boxes of hidden text."""
    if not hidden:
        return words, []
    parts: tuple[list[Any], list[Any]] = ([], [])
    for word in words:
        x, y = (word[0] + word[2]) / 2, (word[1] + word[3]) / 2
        is_hidden = any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in hidden)
        parts[is_hidden].append(word)
    return parts


def _find_hidden(page: Any, blocks: Sequence[dict[str, Any]]) -> list[Corners]:
    """Return the boxes of the spans that a reader does not see, as the page is stored."""
    shown = tuple(page.rect * page.derotation_matrix)
    fills = collect_fills(blocks)
    is_scan: bool | None = None
    hidden: list[Corners] = []
    doubtful: list[Corners] = []
    for order, block in enumerate(blocks):
        for line in block.get("lines", ()):
            for span in line["spans"]:
                if span["text"].isspace():
                    continue
                if is_scan is None and span["alpha"] == 0:
                    is_scan = _is_picture(page)
                match judge_span(span, order=order, fills=fills, page=shown, is_scan=bool(is_scan)):
                    case Sight.HIDDEN:
                        hidden.append(span["bbox"])
                    case Sight.DOUBTFUL:
                        doubtful.append(span["bbox"])
    return hidden + (list(_find_unreadable(page, doubtful)) if doubtful else [])


def _is_picture(page: Any) -> bool:
    area = sum(
        abs(pymupdf.Rect(box) & page.rect) for kind, box in page.get_bboxlog() if kind.startswith("fill-im")
    )
    return bool(area >= _SCAN_SHARE * abs(page.rect))


def _find_unreadable(page: Any, boxes: Sequence[Corners]) -> Iterator[Corners]:
    """Render the page and yield the boxes in which no letters can be told from their background."""
    zoom = min(2.0, _MAX_PIXELS / max(page.rect.width, page.rect.height, 1.0))
    to_pixels = page.rotation_matrix * pymupdf.Matrix(zoom, zoom)
    pixels = page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), colorspace=pymupdf.csGRAY, alpha=False)
    samples, stride = pixels.samples, pixels.stride
    for box in boxes:
        x0, y0, x1, y1 = (pymupdf.Rect(box) * to_pixels).irect & pixels.irect
        if not has_contrast(b"".join(samples[y * stride + x0 : y * stride + x1] for y in range(y0, y1))):
            yield box


def _make_rotation(page: Any) -> Callable[[Corners], Corners]:
    """Return what takes a box from the page as it is stored to the page as it is shown."""
    if page.rotation == 0:
        return lambda box: box
    matrix = page.rotation_matrix
    return lambda box: tuple(pymupdf.Rect(box) * matrix)


def _find_wide_letters(text: Any, words: Mapping[Any, Sequence[Any]]) -> list[Corners]:
    """Return the boxes of each T that is too wide for one letter.

    Some publishers' fonts say "T" for the ligature of T and h: the page shows "The", the file says "Te".
    """
    if not any(_CLIPPED_WORD.search(word[4]) for line in words.values() for word in line):
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


def _clean_word(text: str, box: Corners) -> list[Word]:
    """Return the cleaned word; one with a no-break space inside is several, which share the box by length."""
    x0, y0, x1, y1 = box
    cleaned = clean(text)
    if cleaned.isalnum():
        return [Word(cleaned, x0, y0, x1, y1)]
    step = (x1 - x0) / max(1, len(cleaned))
    return [
        Word(match[0], x0 + step * match.start(), y0, x0 + step * match.end(), y1)
        for match in _NO_SPACE.finditer(cleaned)
    ]
