"""What of a library decides what a search finds, as one fingerprint."""

import hashlib
import json

from agents.exams.records import LibraryRecord
from rag.library import Library


def describe_library(library: Library, embedding_model: str) -> LibraryRecord:
    """Describe a library; ``state`` is the same exactly as long as searches find the same."""
    found = [document for document in library.documents() if document.is_searchable]
    rows = sorted(
        (document.id, document.pipeline, document.chunks, document.filtered, document.found_title)
        for document in found
    )
    text = json.dumps([embedding_model, rows], ensure_ascii=False)
    return LibraryRecord(
        state=hashlib.sha256(text.encode()).hexdigest()[:16],
        documents=len(found),
        chunks=sum(document.chunks - document.filtered for document in found),
        embedding_model=embedding_model,
    )
