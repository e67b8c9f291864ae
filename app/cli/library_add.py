"""``bedside library add``."""

import os
import sys
import threading
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.output import clear_progress, print_json, show_ingest
from app.errors import AppError

if TYPE_CHECKING:
    from app.composition import Bedside
    from rag.intake import Wish
    from rag.types import AddResult


def add(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Print a line per file; 1 when any failed."""
    from rag.types import AddStatus

    if arguments.ask_model:
        bedside.judge_documents(is_on=True)
    has_failed = False
    results = bedside.library.add(
        arguments.paths, wish=_read_wish(bedside, arguments), cancel=cancel, on_progress=show_ingest
    )
    for result in results:
        clear_progress()
        has_failed |= result.status is AddStatus.FAILED
        if arguments.json:
            print_json(add_row(result))
        else:
            print(f"{result.status:9}  {path_text(result.file)}{_remark(result)}")
    if has_failed:
        print("bedside: not every file could be indexed; the reasons are above.", file=sys.stderr)
    return int(has_failed)


def add_row(result: "AddResult") -> dict[str, Any]:
    """Write how adding a file ended."""
    return {
        "file": path_text(result.file),
        "status": result.status,
        "document": result.document,
        "pages": result.pages,
        "chunks": result.chunks,
        "filtered": result.filtered,
        "ocr_pages": result.ocr_pages,
        "seconds": round(result.seconds, 3),
        "reason": result.reason,
        "replaces": result.replaces,
    }


def path_text(path: Path) -> str:
    """Write a path; old systems wrote names in other encodings."""
    return os.fsencode(path).decode("utf-8", "replace")


def _remark(result: "AddResult") -> str:
    if result.replaces is not None:
        return f" (new version of {result.replaces})"
    return f": {result.reason}" if result.reason else ""


def _read_wish(bedside: "Bedside", arguments: Namespace) -> "Wish":
    from rag.intake import Wish

    if arguments.replaces is None:
        return Wish(password=arguments.password)
    if len(arguments.paths) > 1 or arguments.paths[0].is_dir():
        raise AppError("Only one file can replace a document; please name one file with --replaces.")
    replaced = bedside.library.find_document(arguments.replaces).id
    return Wish(password=arguments.password, replaces=replaced)
