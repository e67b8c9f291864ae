"""``bedside library ...``."""

import json
import os
import sys
import threading
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.open import opened
from app.cli.output import clear_progress, print_json, print_progress, print_table
from app.errors import AppError

if TYPE_CHECKING:
    from app.composition import Bedside
    from rag.types import AddResult, CheckReport, Document, IngestProgress, SearchHit, SearchResult


def run(arguments: Namespace, cancel: threading.Event) -> int:
    """Run one action on the library."""
    actions = {
        "add": add,
        "list": list_documents,
        "remove": remove,
        "search": search,
        "check": check,
        "rebuild": rebuild,
    }
    with opened(arguments) as bedside:
        return actions[arguments.action](bedside, arguments, cancel)


def add(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Print a line per file; 1 when any failed."""
    from rag.types import AddStatus

    has_failed = False
    results = bedside.library.add(arguments.paths, cancel=cancel, on_progress=_show_progress)
    for result in results:
        clear_progress()
        has_failed |= result.status is AddStatus.FAILED
        if arguments.json:
            print_json(_add_row(result))
        else:
            print(f"{result.status:9}  {result.file}" + (f": {result.reason}" if result.reason else ""))
    if has_failed:
        print("bedside: not every file could be indexed; the reasons are above.", file=sys.stderr)
    return int(has_failed)


def list_documents(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Print the documents."""
    documents = bedside.library.documents()
    if arguments.json:
        print_json({"documents": [_document_row(document) for document in documents]})
    elif documents:
        print_table(
            [
                ("ID", "PAGES", "CHUNKS", "TITLE", "FILE"),
                *((d.id, str(d.pages or "-"), str(d.chunks), d.title, d.file) for d in documents),
            ]
        )
    else:
        print("The library is empty; add documents with: bedside library add PATH...")
    return 0


def remove(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Remove one document."""
    document = bedside.library.find_document(arguments.document)
    changed = bedside.remove_document(document.id)
    if arguments.json:
        print_json({"removed": document.id, "file": document.file, "answers_changed": changed})
    else:
        print(f"Removed {document.title}; saved answers that quoted it: {changed}.")
    return 0


def search(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Print the hits of one query, or of each line of a file."""
    if arguments.queries:
        for identifier, query in _read_queries(arguments.queries):
            if cancel.is_set():
                break
            row = _search_row(bedside.library.search(query, top_k=arguments.top_k))
            print_json({"id": identifier, "hits": row["hits"], "seconds": row["seconds"]})
        return 0
    result = bedside.library.search(arguments.query, top_k=arguments.top_k)
    if arguments.json:
        print_json(_search_row(result))
    elif not result.hits:
        print("Nothing was found.")
    else:
        for number, hit in enumerate(result.hits, 1):
            page = "" if hit.page is None else f", page {hit.page}"
            print(f"{number:2}. {hit.document.title}{page}  (similarity {hit.similarity:.2f})")
            print(f"    {' '.join(hit.chunk.text.split())[:200]}")
    return 0


def check(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Print what is inconsistent; 1 when anything is."""
    return _print_report(bedside.library.check(), arguments)


def rebuild(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Go on with what was interrupted, make the indexes anew, then check."""
    for result in bedside.library.resume(cancel=cancel, on_progress=_show_progress):
        clear_progress()
        print(f"bedside: {result.status}: {result.file}", file=sys.stderr)
    report = bedside.library.rebuild(cancel=cancel, on_progress=_show_progress)
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


def _show_progress(progress: "IngestProgress") -> None:
    print_progress(
        f"[{progress.file_number}/{progress.file_count}] {progress.file.name}: "
        f"{progress.stage} {progress.fraction:.0%}"
    )


def _add_row(result: "AddResult") -> dict[str, Any]:
    return {
        "file": os.fsencode(result.file).decode("utf-8", "replace"),
        "status": result.status,
        "document": result.document,
        "pages": result.pages,
        "chunks": result.chunks,
        "filtered": result.filtered,
        "ocr_pages": result.ocr_pages,
        "seconds": round(result.seconds, 3),
        "reason": result.reason,
    }


def _document_row(document: "Document") -> dict[str, Any]:
    return {
        "document": document.id,
        "file": document.file,
        "title": document.title,
        "pages": document.pages,
        "chunks": document.chunks,
        "filtered": document.filtered,
        "size": document.size,
        "sha256": document.sha256,
        "status": document.status,
        "added": document.added.isoformat(),
    }


def _search_row(result: "SearchResult") -> dict[str, Any]:
    return {
        "query": result.query,
        "hits": [_hit_row(hit) for hit in result.hits],
        "seconds": round(result.seconds, 4),
    }


def _hit_row(hit: "SearchHit") -> dict[str, Any]:
    """``start`` and ``end`` are offsets into the text of the page on which the chunk begins."""
    first = hit.chunk.spans[0]
    return {
        "document": hit.document.id,
        "file": hit.document.file,
        "title": hit.document.title,
        "page": hit.page,
        "heading": " > ".join(hit.chunk.heading_path),
        "score": round(hit.score, 6),
        "similarity": round(hit.similarity, 4),
        "text": hit.chunk.text,
        "start": first.start,
        "end": first.end,
    }


def _read_queries(path: Path) -> Iterator[tuple[Any, str]]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as e:
        raise AppError(f"The file of queries {path} cannot be read; please give a file of JSON lines.") from e
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            yield row["id"], str(row["query"])
        except (ValueError, KeyError, TypeError) as e:
            raise AppError(f'Line {number} of {path} is not of the form {{"id": ..., "query": ...}}.') from e
