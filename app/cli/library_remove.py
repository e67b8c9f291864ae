"""``bedside library remove``."""

import sys
import threading
from argparse import Namespace
from typing import TYPE_CHECKING

from app.cli.output import print_json

if TYPE_CHECKING:
    from app.composition import Bedside


def remove(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Remove documents; on a terminal tell before what it does to saved answers, and ask."""
    found = [bedside.library.find_document(prefix) for prefix in arguments.documents]
    documents = list({document.id: document for document in found}.values())
    ids = [document.id for document in documents]
    what = documents[0].title if len(documents) == 1 else f"{len(documents)} documents"
    if sys.stdin.isatty() and not arguments.yes:
        print(f"Saved answers that quote {what}: {bedside.history.cited_in(*ids)}.", file=sys.stderr)
        print(f"Remove {what} for good? [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().casefold() not in ("y", "yes"):
            print("bedside: nothing was removed.", file=sys.stderr)
            return 1
    quoting = {document: bedside.history.cited_in(document) for document in ids}
    changed = bedside.remove_documents(ids)
    if arguments.json:
        for document in documents:
            row = {"removed": document.id, "file": document.file, "answers_changed": quoting[document.id]}
            print_json(row)
    else:
        print(f"Removed {what}; saved answers that quoted it: {changed}.")
    return 0
