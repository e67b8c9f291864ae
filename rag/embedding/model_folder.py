"""What can be known of a sentence-transformers model without loading it."""

import hashlib
import json
from pathlib import Path
from typing import Any

from rag.errors import EmbeddingError

_WEIGHTS = "model.safetensors"
_CONFIG = "config.json"
_DIMENSIONS = (
    ("*_Dense/config.json", "out_features"),
    ("*_Pooling/config.json", "word_embedding_dimension"),
    ("*_Pooling/config.json", "embedding_dimension"),
    (_CONFIG, "hidden_size"),
)
"""Files that say how long a vector is; of several modules the last."""
_BLOCK = 1 << 20


def read_dimension(folder: Path) -> int:
    """Return the length of the model's vectors.

    Raises:
        EmbeddingError: the model is missing or damaged.
    """
    try:
        for pattern, key in _DIMENSIONS:
            for file in sorted(folder.glob(pattern), reverse=True):
                config: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
                if key in config:
                    return int(config[key])
        raise KeyError(_CONFIG)
    except (OSError, ValueError, KeyError, TypeError) as e:
        raise unusable(folder) from e


def compute_fingerprint(folder: Path) -> str:
    """Return the sha256 over names and bytes of the model's files; 90 MB take about a fifth of a second.

    Raises:
        EmbeddingError: the model is missing.
    """
    digest = hashlib.sha256()
    try:
        if not (folder / _WEIGHTS).is_file():
            raise unusable(folder)
        files = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if _counts(file)}
        for name in sorted(files):
            digest.update(f"{name}\0{files[name].stat().st_size}\0".encode())
            with files[name].open("rb") as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
    except OSError as e:
        raise unusable(folder) from e
    return digest.hexdigest()


def unusable(folder: Path) -> EmbeddingError:
    """Return the error for a folder that holds no model."""
    return EmbeddingError(
        f"The embedding model {folder.name} is missing or damaged in the models folder; "
        "please run the set-up again (make setup)."
    )


def _counts(file: Path) -> bool:
    """Tell whether a file decides about the vectors; a README does not."""
    return file.suffix in {".json", ".safetensors", ".txt", ".model"} and file.is_file()
