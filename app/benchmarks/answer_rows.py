"""Rows of the answer benchmark, one for each answer: a run that was ended goes on where it was.

A row names its question by the data set's id and tells the outcome. It never holds a text of the data set.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any, Final, TypeAlias

from app.errors import AppError

Row: TypeAlias = dict[str, Any]
KEY: Final = ("model", "part", "set", "id", "method")
"""What tells one row from another."""


class RowFile:
    """JSON lines that were written before, and those that are added, until the time is over."""

    def __init__(self, file: Path | None = None, *, minutes: float = math.inf) -> None:
        """Read the rows of ``file``, where it is there already.

        Args:
            file: to which rows are added; they are kept in memory only where there is none.
            minutes: from now on, after which :attr:`is_over`.

        Raises:
            AppError: the file cannot be written, or holds something else than such rows.
        """
        self._file = file
        self._ends = monotonic() + 60 * minutes
        self._rows: dict[tuple[Any, ...], Row] = {}
        if file is not None:
            self._read(file)

    @property
    def is_over(self) -> bool:
        """Whether no other answer is to be begun."""
        return monotonic() > self._ends

    def holds(self, **key: str) -> bool:
        """Tell whether there is a row with this :data:`KEY`."""
        return tuple(key[name] for name in KEY) in self._rows

    def add(self, row: Row) -> None:
        """Keep a row, and write it at once."""
        self._keep(row)
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")

    def select(self, **values: str) -> list[Row]:
        """Return the rows that have these values, in the order in which they were added."""
        return list(self._select(values))

    def _read(self, file: Path) -> None:
        try:
            with file.open("a+", encoding="utf-8") as rows:  # known before an answer is made
                rows.seek(0)
                lines = rows.read().split("\n")
        except (OSError, UnicodeDecodeError) as e:
            raise AppError(f"{file} cannot be read and written; please name another for rows.") from e
        for number, line in enumerate(lines, 1):
            try:
                if line:
                    self._keep(json.loads(line))
            except (ValueError, TypeError, KeyError) as e:
                raise AppError(f"Line {number} of {file} is no row; please take it out.") from e

    def _select(self, values: dict[str, str]) -> Iterator[Row]:
        for row in self._rows.values():
            if all(row[name] == value for name, value in values.items()):
                yield row

    def _keep(self, row: Row) -> None:
        self._rows[tuple(row[name] for name in KEY)] = row
