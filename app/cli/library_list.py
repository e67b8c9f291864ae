"""``bedside library list`` and ``show``."""

import threading
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.cli.output import print_json, print_table

if TYPE_CHECKING:
    from app.composition import Bedside
    from rag.types import Chunk, Document

SORT_KEYS: "Mapping[str, Callable[[Document], Any]]" = {
    "added": lambda document: document.added,
    "title": lambda document: document.title.casefold(),
    "authors": lambda document: [author.casefold() for author in document.authors],
    "year": lambda document: document.year or 0,
    "file": lambda document: document.file.casefold(),
    "pages": lambda document: document.pages or 0,
    "size": lambda document: document.size,
}


def list_documents(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Print the documents."""
    chosen = bedside.library.organisation.documents_in(collections=arguments.collections, tags=arguments.tags)
    documents = sorted(
        (d for d in bedside.library.documents() if chosen is None or d.id in chosen),
        key=SORT_KEYS[arguments.sort],
        reverse=arguments.is_reversed,
    )
    if arguments.json:
        print_json({"documents": [document_row(document) for document in documents]})
    elif documents:
        rows = ((d.id, str(d.pages or "-"), str(d.chunks), _state(d), d.title, d.file) for d in documents)
        print_table([("ID", "PAGES", "CHUNKS", "STATE", "TITLE", "FILE"), *rows])
    elif chosen is not None:
        print("No document is in these collections and has these tags.")
    else:
        print("The library is empty; add documents with: bedside library add PATH...")
    return 0


def show(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Print a document, with its chunks where they are asked for."""
    document = bedside.library.find_document(arguments.document)
    chunks = bedside.library.chunks(document.id) if arguments.chunks or arguments.filtered else []
    if arguments.filtered:
        chunks = [chunk for chunk in chunks if chunk.filtered is not None]
    pages = bedside.library.first_pages(chunks)
    rows = [_chunk_row(chunk, pages.get(chunk.id)) for chunk in chunks]
    if arguments.json:
        listed = {"chunks": rows} if arguments.chunks or arguments.filtered else {}
        print_json({"document": document_row(document)} | listed)
    else:
        for name, value in document_row(document).items():
            shown = ", ".join(value) if isinstance(value, list) else value
            print(f"{name:12} {'' if shown is None else shown}")
        _print_chunks(rows)
    return 0


def document_row(document: "Document") -> dict[str, Any]:
    """Write a document."""
    return {
        "document": document.id,
        "file": document.file,
        "title": document.title,
        "authors": list(document.authors),
        "year": document.year,
        "edited": sorted(document.edited),
        "pages": document.pages,
        "ocr_pages": document.ocr_pages,
        "chunks": document.chunks,
        "filtered": document.filtered,
        "size": document.size,
        "sha256": document.sha256,
        "status": document.status,
        "enabled": document.is_enabled,
        "replaced_by": document.replaced_by,
        "collections": list(document.collections),
        "tags": list(document.tags),
        "added": document.added.isoformat(),
    }


def _state(document: "Document") -> str:
    if document.replaced_by is not None:
        return "replaced"
    return document.status.value if document.is_enabled else "disabled"


def _chunk_row(chunk: "Chunk", page: int | None) -> dict[str, Any]:
    return {
        "chunk": chunk.id,
        "ordinal": chunk.ordinal,
        "page": page,
        "heading": " > ".join(chunk.heading_path),
        "filtered": chunk.filtered,
        "restored": chunk.is_restored,
        "text": chunk.text,
    }


def _print_chunks(rows: Sequence[dict[str, Any]]) -> None:
    for row in rows:
        place = [row["heading"]] if row["heading"] else []
        place += [] if row["page"] is None else [f"page {row['page']}"]
        if row["filtered"] is not None:
            place.append(f"filtered: {row['filtered']}" + (", taken back" if row["restored"] else ""))
        print(f"\n[{row['chunk']}] {'; '.join(place)}")
        print(row["text"])
