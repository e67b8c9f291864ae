"""Pages of picture files: a file is one page, or one for each of its frames."""

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from app.errors import PictureUnreadable

ALLOCATION_LIMIT = 1024
"""Megabytes that unpacking one picture may take; the library refuses larger ones."""


def render_frame(path: Path, frame: int, pixels: QSize) -> QImage:
    """Unpack a frame, turned as its camera says, in the size that is wanted; takes up to seconds.

    Raises:
        PictureUnreadable: the file is missing, or of a kind that cannot be shown.
    """
    QImageReader.setAllocationLimit(ALLOCATION_LIMIT)
    reader = QImageReader(str(path))
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    if frame:
        reader.jumpToImage(frame)
    image = reader.read()
    if image.isNull():
        raise PictureUnreadable(
            QCoreApplication.translate(
                "Pictures", "This picture cannot be shown here; please open the original file."
            )
        )
    return image.scaled(
        pixels, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
