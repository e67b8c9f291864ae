"""``bedside exam import``, and the reading of items for ``run``."""

import threading
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.output import print_json, print_table

if TYPE_CHECKING:
    from agents.exams.importing import ImportedExam

PREVIEW_CHARACTERS = 60


def import_items(arguments: Namespace, cancel: threading.Event) -> int:
    """Say what a file holds; with ``--out`` write its items, with ``--preview`` only show its columns."""
    from agents.exams.importing import write_items

    if arguments.preview:
        return _preview(arguments)
    exam = read_exam(arguments.items, arguments.columns)
    if arguments.out is not None:
        write_items(exam.items, arguments.out)
    if arguments.json:
        print_json(_describe(exam) | {"out": str(arguments.out) if arguments.out else None})
    else:
        kinds = Counter(str(item.kind) for item in exam.items)
        print(f"{len(exam.items)} items: " + ", ".join(f"{count} {kind}" for kind, count in kinds.items()))
        for each in exam.left_out:
            print(f"left out: {each.id}: {each.detail}")
    return 0


def read_exam(file: Path, columns: Sequence[str]) -> "ImportedExam":
    """Read items, with the columns of a table as they are named.

    Raises:
        ExamFileError, MappingNeeded: in a sentence for the user.
    """
    from agents.exams.importing import import_file

    return import_file(file, columns)


def _describe(exam: "ImportedExam") -> dict[str, Any]:
    return {
        "exam": exam.name,
        "sha256": exam.sha256,
        "n": len(exam.items),
        "kinds": dict(Counter(str(item.kind) for item in exam.items)),
        "topics": dict(Counter(item.topic for item in exam.items)),
        "left_out": [{"id": e.id, "reason": str(e.reason), "detail": e.detail} for e in exam.left_out],
    }


def _preview(arguments: Namespace) -> int:
    from agents.exams.importing import TABLES
    from agents.exams.shapes import write_record
    from agents.exams.tables import preview_table

    if arguments.items.suffix.casefold() not in TABLES:
        exam = read_exam(arguments.items, ())
        columns: dict[str, Sequence[str]] = {}
        rows = [write_record(item) for item in exam.items[:5]]
    else:
        preview = preview_table(arguments.items, pairs=arguments.columns)
        columns, rows = dict(preview.mapping.columns), list(preview.rows)
    if arguments.json:
        shown = [{key: str(value) for key, value in row.items()} for row in rows]
        print_json({"columns": {key: list(value) for key, value in columns.items()}, "rows": shown})
        return 0
    for field, names in columns.items():
        print(f"{field:12} {' | '.join(names)}")
    fields = list(dict.fromkeys(key for row in rows for key in row))
    print_table([tuple(fields), *(tuple(_cell(row.get(field)) for field in fields) for row in rows)])
    return 0


def _cell(value: object) -> str:
    text = " ".join(str("" if value is None else value).split())
    return text if len(text) <= PREVIEW_CHARACTERS else text[: PREVIEW_CHARACTERS - 1] + "…"
