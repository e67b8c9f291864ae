"""Writes the text files of runs: reports, and what is kept whole or not at all."""

from pathlib import Path

from agents.errors import ExportError


def write_report(file: Path, text: str) -> None:
    """Write a report with its own ends of lines.

    Raises:
        ExportError: the disk refuses.
    """
    try:
        file.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise ExportError(f"{file} cannot be written; please choose another place.") from error


def replace_text(file: Path, text: str) -> None:
    """Write a text; killed in between, the file holds what it held before. Raises :class:`OSError`."""
    part = file.with_name(f"{file.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)
