"""Where the text of a found chunk goes on."""

from collections.abc import Sequence

from rag.storage.catalogue import Catalogue
from rag.types import Chunk, ChunkId


def find_neighbours(catalogue: Catalogue, chunks: Sequence[Chunk]) -> dict[ChunkId, tuple[Chunk, ...]]:
    """Return for each chunk those right before and after it, under the same headings and not filtered."""
    places = {(chunk.document, chunk.ordinal + step) for chunk in chunks for step in (-1, 1)}
    found = {(chunk.document, chunk.ordinal): chunk for chunk in catalogue.chunks_at(places)}
    return {
        chunk.id: tuple(
            other
            for step in (-1, 1)
            if (other := found.get((chunk.document, chunk.ordinal + step)))
            and other.is_retrievable
            and other.heading_path == chunk.heading_path
        )
        for chunk in chunks
    }
