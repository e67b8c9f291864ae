"""``bedside library search``."""

import json
import threading
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.output import print_json
from app.errors import AppError

if TYPE_CHECKING:
    from app.composition import Bedside
    from rag.types import SearchHit, SearchResult


def search(bedside: "Bedside", arguments: Namespace, cancel: threading.Event) -> int:
    """Print the hits of one query, or of each line of a file."""
    documents = bedside.library.organisation.documents_in(
        collections=arguments.collections, tags=arguments.tags
    )
    if arguments.queries:
        for identifier, query in _read_queries(arguments.queries):
            if cancel.is_set():
                break
            result = bedside.library.search(query, top_k=arguments.top_k, documents=documents)
            row = _search_row(result)
            print_json({"id": identifier, "hits": row["hits"], "seconds": row["seconds"]})
        return 0
    result = bedside.library.search(arguments.query, top_k=arguments.top_k, documents=documents)
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
