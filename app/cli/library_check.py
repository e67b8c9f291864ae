"""``bedside library check`` and ``rebuild``."""

import sys
import threading
from argparse import Namespace
from typing import TYPE_CHECKING

from app.cli.output import clear_progress, print_json, show_ingest

if TYPE_CHECKING:
    from app.composition import Bedside
    from rag.types import CheckReport


def check(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Print what is inconsistent; 1 when anything is."""
    return _print_report(bedside.library.check(), arguments)


def rebuild(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Go on with what was interrupted, make the indexes anew, then check."""
    for result in bedside.library.resume(cancel=cancel, on_progress=show_ingest):
        clear_progress()
        print(f"bedside: {result.status}: {result.file}", file=sys.stderr)
    report = bedside.library.rebuild(cancel=cancel, on_progress=show_ingest)
    clear_progress()
    return _print_report(report, arguments)


def _print_report(report: "CheckReport", arguments: Namespace) -> int:
    if arguments.json:
        print_json(
            {
                "consistent": report.is_consistent,
                "documents": report.documents,
                "chunks": report.chunks,
                "vectors": report.vectors,
                "inconsistencies": [
                    {"finding": i.finding, "detail": i.detail, "document": i.document}
                    for i in report.inconsistencies
                ],
            }
        )
    else:
        print(f"{report.documents} documents, {report.chunks} chunks, {report.vectors} vectors")
        for inconsistency in report.inconsistencies:
            print(f"{inconsistency.finding}: {inconsistency.detail}")
    if not report.is_consistent:
        print("bedside: the library is not consistent; try: bedside library rebuild", file=sys.stderr)
    return int(not report.is_consistent)
