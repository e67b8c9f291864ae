"""What a loader is: a generator that tells how far it is and hands over pages one by one."""

from collections.abc import Iterator
from dataclasses import dataclass

from rag.types import Block, Page


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionLimits:
    """What one file may cost. Beyond it the file is refused, not cut."""

    max_bytes: int = 500_000_000
    max_unpacked_bytes: int = 500_000_000
    """Of a compressed format, when unpacked."""
    max_pages: int = 5_000
    max_ocr_pages: int = 2_000
    max_picture_pixels: int = 200_000_000
    """Of a picture that is a document of its own."""
    max_characters: int = 50_000_000
    memory_bytes: int = 2_000_000_000
    """Resident memory the reading process may take on top of what it starts with."""
    stall_seconds: float = 60.0
    """Longest time without any progress: one hostile page."""
    base_seconds: float = 120.0
    """Longest time for the whole file, to which each page adds ``page_seconds``."""
    page_seconds: float = 2.0
    ocr_page_seconds: float = 20.0
    """Added for each page that has to be recognised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCount:
    """Told once, before the pages."""

    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OcrPageCount:
    """Told before text in pictures is recognised."""

    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Share of the work done, 0 to 1."""

    fraction: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """Told last: what the pages' texts are made of, and what the document says of itself."""

    title: str
    blocks: tuple[Block, ...]
    authors: tuple[str, ...] = ()
    year: int | None = None
    """Of publication."""


Loaded = PageCount | OcrPageCount | Progress | Page | Structure
Loading = Iterator[Loaded]
"""A :class:`PageCount`, then progress and pages in order, then one :class:`Structure`.

An :class:`OcrPageCount` comes before the pages where some of them have to be recognised.
"""
