"""``bedside library watch``, ``unwatch``, ``folders`` and ``sync``."""

import sys
import threading
from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.cli.library_add import add_row, path_text
from app.cli.output import clear_progress, print_json, print_table, show_ingest

if TYPE_CHECKING:
    from app.composition import Bedside
    from rag.types import FolderChanges, MissingFile


def watch(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Follow a folder from now on."""
    bedside.library.synchronisation.watch(arguments.folder, collection=arguments.collection)
    if arguments.json:
        print_json({"watched": path_text(arguments.folder.absolute()), "collection": arguments.collection})
    else:
        print(f"Watching {arguments.folder}; bring the library up to date with: bedside library sync")
    return 0


def unwatch(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Follow a folder no more."""
    bedside.library.synchronisation.unwatch(arguments.folder)
    if arguments.json:
        print_json({"unwatched": path_text(arguments.folder.absolute())})
    else:
        print(f"{arguments.folder} is no longer watched; its documents stay in the library.")
    return 0


def list_folders(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Print the watched folders."""
    folders = bedside.library.synchronisation.folders()
    rows = [
        {
            "folder": path_text(folder.path),
            "collection": folder.collection,
            "synchronised": None if folder.synchronised is None else folder.synchronised.isoformat(),
        }
        for folder in folders
    ]
    if arguments.json:
        print_json({"folders": rows})
    elif rows:
        cells = (tuple(row[name] or "-" for name in ("folder", "collection", "synchronised")) for row in rows)
        print_table([("FOLDER", "COLLECTION", "SYNCHRONISED"), *cells])
    else:
        print("No folder is watched; watch one with: bedside library watch FOLDER")
    return 0


def synchronise(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Add what is new in watched folders and print what changed; 1 when anything failed."""
    changes = bedside.library.synchronisation.synchronise(
        arguments.folder, cancel=cancel, on_progress=show_ingest
    )
    clear_progress()
    missing = [file for each in changes for file in each.missing]
    _settle(bedside, missing, arguments.when_missing)
    for each in changes:
        if arguments.json:
            print_json(_row(each))
        else:
            _print_changes(each)
    if not changes and not arguments.json:
        print("No folder is watched; watch one with: bedside library watch FOLDER")
    if missing and arguments.when_missing is None:
        print(
            f"bedside: {len(missing)} files are no longer there; their documents stay unless you say "
            "--disable-missing or --remove-missing.",
            file=sys.stderr,
        )
    return int(any(each.failed or each.reason for each in changes))


def _settle(bedside: "Bedside", missing: "Sequence[MissingFile]", how: str | None) -> None:
    documents = list(dict.fromkeys(file.document for file in missing))
    if how == "remove":
        bedside.remove_documents(documents)
    elif how == "disable":
        bedside.library.organisation.enable(documents, is_enabled=False)


def _row(changes: "FolderChanges") -> dict[str, Any]:
    return {
        "folder": path_text(changes.folder),
        "reason": changes.reason,
        "whole": changes.is_whole,
        "added": [add_row(result) for result in changes.added],
        "replaced": [add_row(result) for result in changes.replaced],
        "unchanged": changes.unchanged,
        "moved": [
            {"file": path_text(file.new), "before": path_text(file.old), "document": file.document}
            for file in changes.moved
        ],
        "missing": [{"file": path_text(file.path), "document": file.document} for file in changes.missing],
        "failed": [add_row(result) for result in changes.failed],
    }


def _print_changes(changes: "FolderChanges") -> None:
    print(path_text(changes.folder))
    if changes.reason is not None:
        print(f"  {changes.reason}")
        return
    lines = [
        *(("added", path_text(result.file)) for result in changes.added),
        *(("replaced", path_text(result.file)) for result in changes.replaced),
        *(("moved", f"{path_text(file.old)} -> {path_text(file.new)}") for file in changes.moved),
        *(("missing", path_text(file.path)) for file in changes.missing),
        *(("failed", f"{path_text(result.file)}: {result.reason}") for result in changes.failed),
    ]
    for kind, text in lines:
        print(f"  {kind:9} {text}")
    print(f"  unchanged {changes.unchanged}")
