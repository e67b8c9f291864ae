"""Which files make an embedding model, and whether they do, without loading it."""

import json
import re
from pathlib import Path
from typing import Any

from rag.embedding.model_folder import read_dimension
from rag.errors import EmbeddingError

MODULES = "modules.json"
_CONFIG = "config.json"
_WEIGHTS = "model.safetensors"
_VOCABULARIES = ("tokenizer.json", "vocab.txt", "sentencepiece.bpe.model", "spiece.model", "tokenizer.model")
_FILE = re.compile(
    r"README\.md|LICENSE"
    r"|config\.json|config_sentence_transformers\.json|sentence_\w+_config\.json|modules\.json"
    r"|model\.safetensors"
    r"|tokenizer\.json|tokenizer_config\.json|special_tokens_map\.json|added_tokens\.json"
    r"|vocab\.txt|vocab\.json|merges\.txt|sentencepiece\.bpe\.model|spiece\.model|tokenizer\.model"
    r"|\d+_[A-Za-z]+/(config\.json|model\.safetensors)"
)
"""What is taken over: text, vocabularies and weights in a format that holds nothing but numbers."""
_LIBRARY = "sentence_transformers."
_HEADER_LENGTH_BYTES = 8
_MAX_HEADER_BYTES = 100_000_000


def is_model_file(path: str) -> bool:
    """Tell whether a file belongs to a model; ``path`` is relative to the model's folder, with slashes."""
    return _FILE.fullmatch(path) is not None


def list_files(folder: Path) -> list[str]:
    """List a model's files, relative to its folder and with slashes; links out of it are followed."""
    found = (file.relative_to(folder).as_posix() for file in [*folder.glob("*"), *folder.glob("*/*")])
    return sorted(path for path in found if is_model_file(path) and (folder / path).is_file())


def find_problem(folder: Path) -> str | None:
    """Return a sentence that says why the model in a folder cannot be used, ``None`` where it can."""
    try:
        return _find_problem(folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EmbeddingError):
        return f"A file of the embedding model {folder.name} is damaged; please fetch the model again."


def read_max_length(folder: Path) -> int | None:
    """Return how many tokens the model reads, ``None`` where its files do not say.

    Raises:
        OSError, ValueError: a file is damaged.
    """
    for path in sorted(folder.glob("sentence_*_config.json")):
        if length := _read(path).get("max_seq_length"):
            return int(length)
    length = _read(folder / _CONFIG).get("max_position_embeddings")
    return int(length) if length else None


def _find_problem(folder: Path) -> str | None:
    missing = [name for name in (MODULES, _CONFIG, _WEIGHTS) if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in _VOCABULARIES):
        missing.append(_VOCABULARIES[0])
    if missing:
        return (
            f"{folder.name} is no embedding model that can be used: {', '.join(missing)} is missing; "
            "please choose a model of sentence-transformers with safetensors weights."
        )
    if "auto_map" in _read(folder / _CONFIG) or not all(map(_is_known, _modules(folder))):
        return (
            f"The embedding model {folder.name} needs a program of its own, which is not run; "
            "please choose another one."
        )
    if not all(_is_whole(file) for file in [folder / _WEIGHTS, *folder.glob(f"*/{_WEIGHTS}")]):
        return f"The weights of the embedding model {folder.name} are damaged; please fetch the model again."
    read_max_length(folder)
    read_dimension(folder)
    return None


def _modules(folder: Path) -> list[dict[str, str]]:
    modules: list[dict[str, str]] = json.loads((folder / MODULES).read_text(encoding="utf-8"))
    if not modules:
        raise ValueError("no modules")
    return modules


def _is_known(module: dict[str, str]) -> bool:
    """Tell whether a module is the library's own and its files are where they may be."""
    place = module["path"]
    is_inside = not place or is_model_file(f"{place}/{_CONFIG}")
    return module["type"].startswith(_LIBRARY) and is_inside


def _is_whole(weights: Path) -> bool:
    """Compare a file's length with what its header says; the numbers are not read."""
    size = weights.stat().st_size
    with weights.open("rb") as file:
        length = int.from_bytes(file.read(_HEADER_LENGTH_BYTES), "little")
        if not 0 < length <= min(size, _MAX_HEADER_BYTES):
            return False
        header: dict[str, dict[str, Any]] = json.loads(file.read(length))
    ends = [tensor["data_offsets"][1] for name, tensor in header.items() if name != "__metadata__"]
    return bool(ends) and size == _HEADER_LENGTH_BYTES + length + max(ends)


def _read(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content
