"""Reads recordings written as text: CSV, TSV, or a bare list of numbers. Runs in the child process.

Lines that begin with ``#`` may say ``sampling rate: 500``, ``unit: mV``, ``sex: F`` and ``age: 54``. A column
of time gives the rate. What neither the file nor the user says is asked for, never guessed.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.clinical.ecg.lead_names import is_other_signal, standard_name
from rag.clinical.ecg.limits import ReadingOptions, RecordingLimits
from rag.clinical.ecg.types import Lead, Patient, Recording, Sex, Signal
from rag.errors import BrokenRecording, RecordingTooLarge, UnsupportedRecording

SUFFIXES = (".csv", ".tsv", ".txt")
_UNITS = {"mv": 1.0, "uv": 1e-3, "µv": 1e-3, "v": 1e3}
_NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^nan$|^$", re.IGNORECASE)
_SAID = re.compile(r"^#\s*([a-z _]+?)\s*[:=]\s*(.+?)\s*$", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"[\[(]([^\])]+)[\])]\s*$")
_TIMES = {"time": 1.0, "t": 1.0, "seconds": 1.0, "s": 1.0, "ms": 1e-3, "milliseconds": 1e-3}
_RATES = ("sampling rate", "sampling_rate", "sample rate", "rate", "fs")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """What the text says: the remarks by lower-case name, and the columns."""

    said: dict[str, str]
    names: list[str]
    values: Signal
    """Shape (samples, columns)."""


def read_text_file(path: Path, options: ReadingOptions, limits: RecordingLimits) -> Recording:
    """Read a text recording in mV.

    Raises:
        UnsupportedRecording: rate or unit are missing, or a named column is not there.
        BrokenRecording: the text is no table of numbers.
        RecordingTooLarge: it has more columns than the limit.
    """
    table = _read_table(path, limits)
    time = _find_time(table.names)
    rate = _find_rate(table, time, options)
    columns = _choose_columns(table, time, options)
    return Recording(
        leads=tuple(
            Lead(name=name, millivolts=table.values[:, column] * _find_scale(table, column, options))
            for name, column in columns
        ),
        sampling_rate=rate,
        format="text",
        patient=Patient(sex=_read_sex(table.said.get("sex")), age=_read_age(table.said.get("age"))),
    )


def _read_table(path: Path, limits: RecordingLimits) -> _Table:
    said: dict[str, str] = {}
    rows: list[list[str]] = []
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        lines = []
        for line in file:
            match = _SAID.match(line)
            if match:
                said[match[1].strip().lower()] = match[2]
            elif line.strip() and not line.startswith("#"):
                lines.append(line.strip().strip("[]"))
    rows = list(csv.reader(lines, delimiter=_find_delimiter(lines)))
    if not rows:
        raise BrokenRecording("This file holds no numbers; please choose a recording.")
    if len(rows) == 1:  # a bare list of one lead
        rows = [[cell] for cell in rows[0]]
    width = len(rows[0])
    if width > limits.max_leads:
        raise RecordingTooLarge(
            f"This file has {width} columns, more than the {limits.max_leads} that are read."
        )
    has_names = not all(_NUMBER.match(cell.strip()) for cell in rows[0])
    names = [cell.strip() for cell in rows[0]] if has_names else [str(n) for n in range(1, width + 1)]
    return _Table(said=said, names=names, values=_to_numbers(rows[1:] if has_names else rows, width))


def _find_delimiter(lines: Sequence[str]) -> str:
    first = lines[0] if lines else ""
    return next((mark for mark in ("\t", ";", ",") if mark in first), " ")


def _to_numbers(rows: list[list[str]], width: int) -> Signal:
    if rows and len(rows[-1]) < width:  # the file ends in the middle of a line
        rows = rows[:-1]
    try:
        values = np.array([[float(cell or "nan") for cell in row] for row in rows], dtype=np.float64)
    except ValueError as e:
        raise BrokenRecording("This file is no table of numbers; it cannot be measured.") from e
    if values.ndim != 2 or not len(values):
        raise BrokenRecording("This file is no table of numbers; it cannot be measured.")
    return values


def _bare(name: str) -> str:
    return _IN_BRACKETS.sub("", name).strip()


def _find_time(names: Sequence[str]) -> int | None:
    return next((column for column, name in enumerate(names) if _bare(name).lower() in _TIMES), None)


def _find_rate(table: _Table, time: int | None, options: ReadingOptions) -> float:
    said = next((table.said[name] for name in _RATES if name in table.said), None)
    if said is not None:
        rate = float(match[0]) if (match := re.match(r"[\d.]+", said)) else 0.0
    elif time is not None and len(table.values) > 1:
        unit = _IN_BRACKETS.search(table.names[time])
        name = unit[1].strip().lower() if unit else _bare(table.names[time]).lower()
        step = float(np.median(np.diff(table.values[:, time]))) * _TIMES.get(name, 1.0)
        rate = 1 / step if step > 0 else 0.0
    elif options.sampling_rate is not None:
        rate = options.sampling_rate
    else:
        raise UnsupportedRecording(
            "This text file does not say its sampling rate; please give it in Hz (--rate)."
        )
    if not 50 <= rate <= 20_000:
        raise UnsupportedRecording(
            f"A sampling rate of {rate:g} Hz cannot be measured; it has to be between 50 and 20000 Hz."
        )
    return rate


def _choose_columns(table: _Table, time: int | None, options: ReadingOptions) -> list[tuple[str, int]]:
    if not options.columns:
        columns = [
            (standard_name(_bare(name)), column)
            for column, name in enumerate(table.names)
            if column != time and not is_other_signal(name)
        ]
        return columns if len(columns) > 1 or not columns[0][0].isdecimal() else [("ECG", columns[0][1])]
    chosen = []
    for lead, wanted in options.columns.items():
        found = [n for n, name in enumerate(table.names) if wanted in (name, _bare(name), str(n + 1))]
        if not found:
            raise UnsupportedRecording(f"This file has no column {wanted!r}; please check its columns.")
        chosen.append((standard_name(lead), found[0]))
    return chosen


def _find_scale(table: _Table, column: int, options: ReadingOptions) -> float:
    """Return the factor to mV: what the column's name says, else the file, else the user."""
    in_name = _IN_BRACKETS.search(table.names[column])
    unit = (in_name[1] if in_name else None) or table.said.get("unit") or table.said.get("units")
    scale = _UNITS.get((unit or options.unit or "").strip().lower())
    if scale is None:
        raise UnsupportedRecording(
            "This text file does not say the unit of its values; please give it: mV, uV or V (--unit)."
        )
    return scale


def _read_sex(said: str | None) -> Sex | None:
    return {"f": Sex.FEMALE, "m": Sex.MALE}.get((said or "").strip().lower()[:1])


def _read_age(said: str | None) -> int | None:
    return int(said) if said and said.strip().isdecimal() and int(said) < 130 else None
