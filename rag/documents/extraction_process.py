"""What runs in the child process: takes files from a pipe, sends pages back."""

import multiprocessing
import os
import signal
import threading
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path

from rag.documents.detection import DOCX, EPUB, HTML, MARKDOWN, PDF, PICTURE, PLAIN_TEXT
from rag.documents.loading import ExtractionLimits, Loaded, Loading, Structure
from rag.errors import BrokenDocument, DocumentTooLarge, EmptyDocument, LibraryError, StorageError
from rag.types import Page, WordBox


@dataclass(frozen=True, slots=True)
class Task:
    """One file to read."""

    path: Path
    media_type: str
    limits: ExtractionLimits
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the file gave no document."""

    error: LibraryError


@dataclass(frozen=True, slots=True)
class PackedPage:
    """A page whose boxes are two arrays: a tenth of the pickle, a fifth of the time."""

    page: Page
    offsets: "array[int]"
    corners: "array[float]"

    @classmethod
    def pack(cls, page: Page) -> "PackedPage":
        """Take the boxes out of a page."""
        offsets, corners = array("l"), array("d")
        for box in page.boxes:
            offsets.extend((box.start, box.end))
            corners.extend((box.x0, box.y0, box.x1, box.y1))
        return cls(replace(page, boxes=()), offsets, corners)

    def unpack(self) -> Page:
        """Return the page as it was packed."""
        starts, ends = self.offsets[::2], self.offsets[1::2]
        sides = (self.corners[side::4] for side in range(4))
        boxes = tuple(
            WordBox(start=start, end=end, x0=x0, y0=y0, x1=x1, y1=y1)
            for start, end, x0, y0, x1, y1 in zip(starts, ends, *sides, strict=True)
        )
        return replace(self.page, boxes=boxes)


def serve(connection: "Connection[Loaded | PackedPage | Failure, Task]") -> None:
    """Read files until the pipe closes. Runs in the child; ends with the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        _limit_processor_time(task.limits)
        for message in _read(task):
            connection.send(PackedPage.pack(message) if isinstance(message, Page) else message)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)


def _limit_processor_time(limits: ExtractionLimits) -> None:
    """End this process should it loop in native code after its parent was killed."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    seconds = limits.base_seconds + limits.max_pages * limits.page_seconds
    seconds += limits.max_ocr_pages * limits.ocr_page_seconds
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(
        resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard)
    )


def _read(task: Task) -> Iterator[Loaded | Failure]:
    """Yield a file's messages; whatever goes wrong is the last of them."""
    characters = 0
    try:
        for message in _load(task):
            if isinstance(message, Page):
                characters += len(message.text)
                if characters > task.limits.max_characters:
                    raise DocumentTooLarge(
                        "This file holds too much text; please split it into smaller files."
                    )
            if isinstance(message, Structure) and not message.blocks:
                raise EmptyDocument("This file holds no text; please choose another copy.")
            yield message
    except LibraryError as e:
        yield Failure(e)
    except MemoryError:
        yield Failure(DocumentTooLarge("This file needs too much memory to read; please split it."))
    except OSError:
        yield Failure(StorageError("This file cannot be read; please check the disk and the permissions."))
    except Exception as e:  # noqa: BLE001 - the border of the process: parsers raise anything on hostile files
        yield Failure(_broken(e))


def _broken(error: Exception) -> BrokenDocument:
    return BrokenDocument(
        f"This file cannot be read, it is probably damaged ({type(error).__name__}); please try another copy."
    )


def _load(task: Task) -> Loading:
    if task.media_type == PDF:
        from rag.documents.pdf import load_pdf

        return load_pdf(task.path, task.limits, password=task.password)
    return _choose_loader(task.media_type)(task.path, task.limits)


def _choose_loader(media_type: str) -> Callable[[Path, ExtractionLimits], Loading]:
    """Import only what this type needs."""
    if media_type == DOCX:
        from rag.documents.docx import load_docx

        return load_docx
    if media_type == MARKDOWN:
        from rag.documents.markdown import load_markdown

        return load_markdown
    if media_type == PLAIN_TEXT:
        from rag.documents.plain_text import load_plain_text

        return load_plain_text
    if media_type == HTML:
        from rag.documents.html import load_html

        return load_html
    if media_type == EPUB:
        from rag.documents.epub import load_epub

        return load_epub
    if media_type == PICTURE:
        from rag.documents.pdf import load_picture

        return load_picture
    raise ValueError(f"no loader for {media_type}")
