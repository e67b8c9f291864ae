"""Recognises the text in pictures of pages. The only importer of tesserocr (Tesseract)."""

import math
import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import tesserocr

from rag.documents.frame import Frame
from rag.documents.layout import Line, Style, Word
from rag.documents.normalisation import clean
from rag.errors import OcrUnavailable

_FOLDERS = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/share/tesseract/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
    "C:/Program Files/Tesseract-OCR/tessdata",
)
"""Where Debian, other systems and Tesseract's own installers put the language data."""
_ENGLISH, _CHINESE, _ORIENTATION = "eng", "chi_sim", "osd"
_HAN = "Han"
_BULLETS = frozenset("e¢°©«®")
"""What a list's bullet is taken for, in front of a capital."""
_SURE = 65
"""Mean confidence, 0 to 100, below which a page may be turned or in another script; others reach 75."""
_LEGIBLE = 50
"""Below it what was recognised is noise: a photograph, a foreign script."""
_PAGE_MILLISECONDS = 25_000
_MAX_WORKERS = 4
_SAME_SIZE = 0.25
"""Lines whose sizes differ from the usual one by less are set in it: Tesseract only estimates sizes."""
_FRAGMENT_GAP, _FRAGMENT_STEP = 0.8, 0.35
"""Parts of one line are nearer to each other, and differ less in height, than this many font sizes."""
_MIN_SKEW_LINE = 20.0
"""Font sizes that a line has to be long for its slope to count."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page in grey: one byte for each pixel, row after row."""

    samples: bytes
    width: int
    height: int
    scale: float
    """Pixels for each point of the page."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was read on a page: lines on the page as it is shown, and the frame in which they are straight."""

    lines: list[Line]
    frame: Frame
    confidence: int
    """Mean of the words, 0 to 100."""


class Recogniser:
    """Reads pictures of pages in several threads; each has an engine of its own for each language."""

    def __init__(self, folder: Path | None = None) -> None:
        """Find the language data.

        Args:
            folder: of the data; by default that of the system, or ``TESSDATA_PREFIX``.

        Raises:
            OcrUnavailable: the data for English is not installed.
        """
        self._folder = folder or _find_data()
        self._languages = {path.stem for path in self._folder.glob("*.traineddata")}
        if _ENGLISH not in self._languages:
            raise _unavailable()
        self._engines = threading.local()

    def recognise_all(self, pictures: Iterable[Picture]) -> Iterator[Recognition]:
        """Yield what each picture says, in their order; only a few pictures are taken ahead."""
        workers = min(_MAX_WORKERS, os.cpu_count() or 1)
        waiting: deque[Future[Recognition]] = deque()
        with ThreadPoolExecutor(workers) as pool:
            for picture in pictures:
                waiting.append(pool.submit(self.recognise, picture))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def recognise(self, picture: Picture) -> Recognition:
        """Return what a picture says: nothing where it cannot be read with confidence."""
        best = self._read(picture, 0, _ENGLISH)
        if best.confidence < _SURE and _ORIENTATION in self._languages:
            turn, script = self._look(picture)
            is_chinese = script == _HAN and _CHINESE in self._languages
            language = f"{_CHINESE}+{_ENGLISH}" if is_chinese else _ENGLISH
            if (turn, language) != (0, _ENGLISH):
                best = max(best, self._read(picture, turn, language), key=lambda read: read.confidence)
        return best if best.confidence >= _LEGIBLE else replace(best, lines=[])

    def _read(self, picture: Picture, turn: int, language: str) -> Recognition:
        engine = self._engine(language, tesserocr.PSM.AUTO)
        _show(engine, picture, turn)
        is_read = engine.Recognize(_PAGE_MILLISECONDS) and engine.AllWordConfidences()
        rows = _read_rows(engine.GetIterator(), picture.scale) if is_read else []
        lying = sum(len(row.words) for row in rows if row.is_lying)
        is_upright = 2 * lying < sum(len(row.words) for row in rows)
        skew = _find_skew(rows)
        rows = _join_fragments(rows, skew)
        frame = Frame(turn, picture.width / picture.scale, picture.height / picture.scale, skew)
        lines = [_make_line(row, frame, _usual_size(rows)) for row in rows]
        return Recognition(lines, frame, engine.MeanTextConf() if is_upright else 0)

    def _look(self, picture: Picture) -> tuple[int, str]:
        """Tell how the text runs (see :class:`Frame`) and in which script."""
        engine = self._engine(_ORIENTATION, tesserocr.PSM.OSD_ONLY)
        _show(engine, picture, 0)
        seen = engine.DetectOrientationScript()
        return (int(seen["orient_deg"]) // 90 % 4, str(seen["script_name"])) if seen else (0, "")

    def _engine(self, language: str, mode: int) -> Any:
        engines: dict[str, Any] = self._engines.__dict__
        if language not in engines:
            engines[language] = tesserocr.PyTessBaseAPI(path=str(self._folder), lang=language, psm=mode)
        return engines[language]


@dataclass(slots=True)
class _Row:
    """A line as Tesseract gives it; points of the turned picture."""

    words: list[Word]
    start: tuple[float, float]
    end: tuple[float, float]
    """Of the base line."""
    size: float
    is_lying: bool
    """Whether it runs downwards: Tesseract reads such lines, but takes the page for upright."""


def _find_data() -> Path:
    folders = [Path(folder) for folder in (os.environ.get("TESSDATA_PREFIX"), *_FOLDERS) if folder]
    for folder in folders:
        if (folder / f"{_ENGLISH}.traineddata").is_file():
            return folder
    raise _unavailable()


def _unavailable() -> OcrUnavailable:
    return OcrUnavailable(
        "This file has pages that are pictures, and the language data to read them is missing; please "
        "install the system packages tesseract-ocr-eng and tesseract-ocr-osd and add the file again."
    )


def _show(engine: Any, picture: Picture, turn: int) -> None:
    """Give the engine a picture, turned so that its text runs to the right."""
    pixels = np.frombuffer(picture.samples, np.uint8).reshape(picture.height, picture.width)
    turned = np.rot90(pixels, turn)
    height, width = turned.shape
    engine.SetImageBytes(turned.tobytes(), width, height, 1, width)
    engine.SetSourceResolution(round(picture.scale * 72))


def _read_rows(words: Any, scale: float) -> list[_Row]:
    """Return the lines with their words, in the order of the engine."""
    rows: list[_Row] = []
    for word in tesserocr.iterate_level(words, tesserocr.RIL.WORD):
        if word.IsAtBeginningOf(tesserocr.RIL.TEXTLINE):
            start, end = word.Baseline(tesserocr.RIL.TEXTLINE)
            size = word.WordFontAttributes()["pointsize"]
            is_lying = word.Orientation()[1] == tesserocr.WritingDirection.TOP_TO_BOTTOM
            rows.append(_Row([], _shrink(start, scale), _shrink(end, scale), float(size), is_lying))
        text = clean(word.GetUTF8Text(tesserocr.RIL.WORD)).strip()
        if text:
            x0, y0, x1, y1 = word.BoundingBox(tesserocr.RIL.WORD)
            _append(rows[-1].words, Word(text, x0 / scale, y0 / scale, x1 / scale, y1 / scale))
    for row in rows:
        _mend_bullet(row.words)
    return [row for row in rows if row.words]


def _mend_bullet(words: list[Word]) -> None:
    if len(words) > 1 and words[0].text in _BULLETS and words[1].text[0].isupper():
        words[0].text = "•"


def _shrink(point: tuple[int, int], scale: float) -> tuple[float, float]:
    return point[0] / scale, point[1] / scale


def _append(words: list[Word], word: Word) -> None:
    """Add a word; Chinese characters, each of them a word to Tesseract, are joined to runs."""
    last = words[-1] if words else None
    if last and _is_han(last.text[-1]) and _is_han(word.text[0]):
        words[-1] = Word(
            last.text + word.text,
            *(min(last.x0, word.x0), min(last.y0, word.y0), max(last.x1, word.x1), max(last.y1, word.y1)),
        )
    else:
        words.append(word)


def _is_han(character: str) -> bool:
    return "\u3000" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef"


def _usual_size(rows: Sequence[_Row]) -> float:
    sizes = [row.size for row in rows for _ in row.words if row.size > 0]
    return median(sizes) if sizes else 10.0


def _find_skew(rows: Sequence[_Row]) -> float:
    """Return the slope of the longer lines, in radians, y downwards."""
    slopes = [
        math.atan2(row.end[1] - row.start[1], row.end[0] - row.start[0])
        for row in rows
        if row.end[0] - row.start[0] > _MIN_SKEW_LINE * max(row.size, 1.0)
    ]
    return median(slopes) if slopes else 0.0


def _join_fragments(rows: Sequence[_Row], skew: float) -> list[_Row]:
    """Join the parts into which slanting lines fall."""
    joined: list[_Row] = []
    for row in sorted(rows, key=lambda row: row.start[0]):
        before = next((other for other in joined if _goes_on(other, row, skew)), None)
        if before is None:
            joined.append(row)
        else:
            before.words.extend(row.words)
            before.end = row.end
    return joined


def _goes_on(row: _Row, following: _Row, skew: float) -> bool:
    gap = following.start[0] - row.end[0]
    step = following.start[1] - row.end[1] - gap * math.tan(skew)
    size = max(row.size, following.size)
    return abs(gap) < _FRAGMENT_GAP * size and abs(step) < _FRAGMENT_STEP * size


def _make_line(row: _Row, frame: Frame, usual: float) -> Line:
    """Return the line on the page as it is shown."""
    size = usual if row.size <= 0 or abs(row.size - usual) <= _SAME_SIZE * usual else row.size
    words = [Word(word.text, *frame.unturn((word.x0, word.y0, word.x1, word.y1))) for word in row.words]
    x, y = row.start
    style = Style(size=size, font="", is_bold=False, starts_bold=False, ends_bold=False)
    return Line(words, style, frame.unturn((x, y, x, y))[:2], frame.turn)
