"""``bedside exam report``."""

import threading
from argparse import Namespace
from pathlib import Path

from app.cli.output import print_json


def report(arguments: Namespace, cancel: threading.Event) -> int:
    """Write reports of runs in the formats that are named; without any, print the tables."""
    from agents.exams.report import gather, to_csv, to_html, to_json, to_markdown
    from agents.text_files import write_report

    found = gather(arguments.runs, with_evidence=_read_ids(arguments.with_evidence))
    written = []
    for file, write in (
        (arguments.html, to_html),
        (arguments.csv, to_csv),
        (arguments.markdown, to_markdown),
    ):
        if file is not None:
            write_report(file, write(found))
            written.append(str(file))
    if arguments.json:
        print_json(to_json(found) | {"written": written})
    elif written:
        print("\n".join(written))
    else:
        print(to_markdown(found), end="")
    return 0


def _read_ids(file: Path | None) -> frozenset[str] | None:
    if file is None:
        return None
    from agents.exams.errors import ExamFileError

    try:
        return frozenset(file.read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError) as error:
        raise ExamFileError(f"{file} cannot be read; it holds one id in each line.") from error
