"""Reading a spreadsheet: the only importer of openpyxl."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from rag.errors import BrokenDocument


def read_sheet(file: Path) -> list[Sequence[Any]]:
    """Return the rows of the first sheet, as the cells' values.

    Raises:
        BrokenDocument: it is no spreadsheet.
    """
    try:
        workbook = load_workbook(file, read_only=True, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError, ValueError, OSError) as error:
        raise BrokenDocument(f"{file.name} is not a spreadsheet (xlsx) that can be read.") from error
    try:
        return [list(row) for row in workbook.worksheets[0].iter_rows(values_only=True)]
    finally:
        workbook.close()
