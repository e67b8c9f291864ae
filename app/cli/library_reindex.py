"""``bedside library reindex``."""

import threading
from argparse import Namespace
from dataclasses import asdict
from typing import TYPE_CHECKING

from app.cli.output import clear_progress, print_json, show_ingest

if TYPE_CHECKING:
    from app.composition import Bedside
    from rag.types import DocumentId


def reindex(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Index documents again and print a line for each; 1 when any failed."""
    from rag.types import ReindexStatus

    has_failed = False
    chosen = _choose(bedside, arguments)
    for result in bedside.reindex_documents(chosen, cancel=cancel, on_progress=show_ingest):
        clear_progress()
        has_failed |= result.status is ReindexStatus.FAILED
        if arguments.json:
            print_json(asdict(result) | {"seconds": round(result.seconds, 3)})
        else:
            before, after = result.before, result.after
            what = result.reason or (
                f"chunks {before.chunks} -> {after.chunks}, filtered {before.filtered} -> {after.filtered}, "
                f"embedded {result.embedded}"
            )
            print(f"{result.status:9}  {result.title}: {what}")
    return int(has_failed)


def _choose(bedside: "Bedside", arguments: Namespace) -> "list[DocumentId] | None":
    if arguments.is_stale:
        return bedside.library.reindexing.stale()
    if not arguments.documents:
        return None
    return [bedside.library.find_document(prefix).id for prefix in arguments.documents]
