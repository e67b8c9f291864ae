"""The pipeline that ``bench ingest`` compares with; run by a Python that has LlamaIndex.

``list`` prints which of some files it reads text from; ``ingest`` reads, splits, embeds and stores them.
"""

import argparse
import json
import logging
import sys
from pathlib import Path
from typing import Any

MIN_CHARACTERS = 200
"""With fewer a file counts as not read: what is left of a scan."""


def main() -> int:
    """Print one JSON object."""
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=("list", "ingest"))
    parser.add_argument("files", type=Path, help="JSON list of paths")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--characters", type=int, help="of a chunk")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    files = [Path(file) for file in json.loads(arguments.files.read_text(encoding="utf-8"))]
    if arguments.action == "list":
        figures: Any = [str(file) for file in files if _characters(_read(file)) >= MIN_CHARACTERS]
    else:
        figures = _ingest(files, arguments.model, arguments.store, arguments.characters)
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0


def _read(file: Path) -> list[Any]:
    from llama_index.core import SimpleDirectoryReader

    try:
        return list(SimpleDirectoryReader(input_files=[file], raise_on_error=True).load_data())
    except Exception:  # noqa: BLE001 - whatever its readers raise, the file is not read
        return []


def _characters(documents: list[Any]) -> int:
    return sum(len(document.text) for document in documents)


def _ingest(files: list[Path], model: Path, store: Path, characters: int) -> dict[str, int]:
    import chromadb
    from llama_index.core import StorageContext, VectorStoreIndex
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.core.schema import MetadataMode
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    from llama_index.vector_stores.chroma import ChromaVectorStore

    embedding = HuggingFaceEmbedding(model_name=str(model), device="cpu")
    # A character counts as a token, so that both sides cut to the same length.
    splitter = SentenceSplitter(chunk_size=characters, chunk_overlap=0, tokenizer=list)
    documents = [document for file in files for document in _read(file)]
    for document in documents:  # their paths are not text of theirs
        document.excluded_embed_metadata_keys = list(document.metadata)
    nodes = splitter.get_nodes_from_documents(documents)
    collection = chromadb.PersistentClient(str(store)).get_or_create_collection("chunks")
    context = StorageContext.from_defaults(vector_store=ChromaVectorStore(chroma_collection=collection))
    VectorStoreIndex(nodes, storage_context=context, embed_model=embedding)
    return {
        "chunks": len(nodes),
        "characters": sum(len(node.get_content(MetadataMode.EMBED)) for node in nodes),
    }


if __name__ == "__main__":
    sys.exit(main())
