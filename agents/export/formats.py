"""The formats in which a conversation can be exported."""

from enum import StrEnum
from pathlib import Path


class ExportFormat(StrEnum):
    """A kind of file."""

    MARKDOWN = "markdown"
    PDF = "pdf"
    DOCX = "docx"

    @property
    def suffix(self) -> str:
        """How the names of such files end."""
        return ".md" if self is ExportFormat.MARKDOWN else f".{self.value}"


_BY_SUFFIX = {".markdown": ExportFormat.MARKDOWN} | {each.suffix: each for each in ExportFormat}


def format_of(path: Path) -> ExportFormat | None:
    """Return the format that a file's name says, if it says one."""
    return _BY_SUFFIX.get(path.suffix.lower())
