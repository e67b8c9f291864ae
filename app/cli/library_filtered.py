"""``bedside library restore`` and ``filter``."""

import threading
from argparse import Namespace
from typing import TYPE_CHECKING

from app.cli.output import clear_progress, print_json, print_progress
from app.errors import AppError

if TYPE_CHECKING:
    from app.composition import Bedside
    from rag.types import ChunkId, Document, FilterReason


def restore(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Let filtered chunks be found."""
    document = bedside.library.find_document(arguments.document)
    restored = bedside.library.filtered_chunks.restore(
        document.id,
        _choose(bedside, document, arguments),
        reason=_read_reason(arguments.reason),
        cancel=cancel,
        on_progress=lambda fraction: print_progress(f"{document.title}: embedding {fraction:.0%}"),
    )
    clear_progress()
    if arguments.json:
        print_json({"document": document.id, "restored": restored})
    else:
        print(f"{document.title}: {len(restored)} chunks can be found now.")
    return 0


def filter_again(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Leave restored chunks out again."""
    document = bedside.library.find_document(arguments.document)
    chosen = _choose(bedside, document, arguments)
    filtered = bedside.library.filtered_chunks.filter_again(document.id, chosen)
    if arguments.json:
        print_json({"document": document.id, "filtered": filtered})
    else:
        print(f"{document.title}: {len(filtered)} chunks are left out again.")
    return 0


def _read_reason(name: str | None) -> "FilterReason | None":
    from rag.types import FilterReason

    if name is None:
        return None
    try:
        return FilterReason(name)
    except ValueError as e:
        reasons = ", ".join(FilterReason)
        raise AppError(f"{name!r} is no reason to filter; please give one of {reasons}.") from e


def _choose(bedside: "Bedside", document: "Document", arguments: Namespace) -> "list[ChunkId] | None":
    """Find the chunks that are meant; they are named by their number in the document or by their id."""
    if arguments.is_all or (arguments.action == "restore" and arguments.reason and not arguments.chunks):
        return None
    if not arguments.chunks:
        raise AppError(
            "Please name the chunks, or say --all; `bedside library show ID --filtered` lists them."
        )
    chunks = bedside.library.chunks(document.id)
    names = {str(chunk.ordinal): chunk.id for chunk in chunks} | {str(c.id): c.id for c in chunks}
    unknown = [name for name in arguments.chunks if name not in names]
    if unknown:
        raise AppError(f"{document.title} has no chunk {unknown[0]}; `bedside library show` lists them.")
    return [names[name] for name in arguments.chunks]
