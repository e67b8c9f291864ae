"""Finds the pages of a document that are pictures, renders them and has their text recognised."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pymupdf

from rag.documents.loading import ExtractionLimits
from rag.errors import DocumentTooLarge

if TYPE_CHECKING:
    from rag.documents.ocr import Picture, Recognition

_MAX_LETTERS, _MAX_LETTERS_ON_SCAN = 20, 100
"""With so many letters a page has its text; a picture of the whole page may carry a publisher's stamp."""
_SCAN_SHARE, _PICTURE_SHARE = 0.5, 0.05
"""Of the page that its pictures fill."""
_MIN_PATHS = 100
"""Letters that were turned into outlines are as many drawings at least."""
_MIN_DPI, _MAX_DPI = 200.0, 300.0
"""A picture is enlarged to twice its own resolution, within these: measured, see docs/decisions/0006."""
_MAX_PIXELS = 16_000_000
"""Of a rendered page; a poster is rendered more coarsely."""
_POINTS_PER_INCH = 72.0


def is_scan(page: Any, letters: int) -> bool:
    """Tell whether a page shows text that it does not have as text.

    Args:
        page: of PyMuPDF.
        letters: how many letters of visible text it has.
    """
    if letters >= _MAX_LETTERS_ON_SCAN:
        return False
    drawn = page.get_bboxlog()
    pictures = sum(_area(box, page) for kind, box in drawn if kind.startswith("fill-im")) / abs(page.rect)
    if letters >= _MAX_LETTERS:
        return bool(pictures >= _SCAN_SHARE)
    return bool(pictures >= _PICTURE_SHARE) or sum(kind == "fill-path" for kind, _ in drawn) >= _MIN_PATHS


def refuse_large_pictures(document: Any, limits: ExtractionLimits) -> None:
    """Look at what a picture declares before it is unpacked.

    Raises:
        DocumentTooLarge: it has too many pixels.
    """
    for page in document:
        for picture in page.get_image_info():
            if picture["width"] * picture["height"] > limits.max_picture_pixels:
                raise DocumentTooLarge(
                    f"This picture has {picture['width']:,} by {picture['height']:,} pixels, which is too "
                    "large; please save a smaller copy."
                )


def read_scans(document: Any, numbers: Sequence[int], limits: ExtractionLimits) -> Iterator["Recognition"]:
    """Yield what the pages with these indices say, in their order.

    Raises:
        DocumentTooLarge: there are more of them than the limits allow.
        OcrUnavailable: the engine's language data is not installed.
    """
    from rag.documents.ocr import Recogniser

    if len(numbers) > limits.max_ocr_pages:
        raise DocumentTooLarge(
            f"This file has {len(numbers):,} pages that are pictures, more than the {limits.max_ocr_pages:,} "
            "that are read; please split it."
        )
    return Recogniser().recognise_all(render(document[number]) for number in numbers)


def render(page: Any) -> "Picture":
    """Return the page in grey, at a resolution that suits what it shows."""
    from rag.documents.ocr import Picture

    inches = max(abs(page.rect), 1.0) ** 0.5 / _POINTS_PER_INCH  # the side of a square as large as the page
    largest = _MAX_PIXELS**0.5 / inches
    own = min(_find_dpi(page), _MAX_DPI, largest)
    scale = own / _POINTS_PER_INCH
    pixels = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csGRAY, alpha=False)
    growth = min(max(2 * own, _MIN_DPI), _MAX_DPI, largest) / own
    if growth > 1:  # MuPDF enlarges a picture on a page without smoothing it, a pixmap with
        pixels = pymupdf.Pixmap(pixels, round(pixels.width * growth), round(pixels.height * growth))
    return Picture(
        samples=bytes(pixels.samples), width=pixels.width, height=pixels.height, scale=scale * growth
    )


def _find_dpi(page: Any) -> float:
    """Return the resolution of the largest picture on the page; a good one for a page of drawings."""
    pictures = page.get_image_info()
    if not pictures:
        return _MAX_DPI
    largest = max(pictures, key=lambda picture: _area(picture["bbox"], page))
    x0, y0, x1, y1 = largest["bbox"]
    pixels, points = max(largest["width"], largest["height"]), max(x1 - x0, y1 - y0, 1.0)
    return max(_POINTS_PER_INCH, float(pixels / points * _POINTS_PER_INCH))


def _area(box: Sequence[float], page: Any) -> float:
    """Return how much of the page a box covers, in square points."""
    return float(abs(pymupdf.Rect(box) & page.rect))
