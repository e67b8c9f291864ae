"""A sentence-transformers model as one ONNX graph, which loads in a second: alone knows onnxruntime.

The graph is made on this machine of the model's own weights, by
:func:`rag.embedding.sentence_transformer.export_graph`, and never taken from elsewhere.
"""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.embedding.embedding_model import Embed, Vectors
from rag.embedding.model_folder import compute_fingerprint

if TYPE_CHECKING:
    from tokenizers import Tokenizer

GRAPH = "bedside.onnx"
"""Name of the file in the model's folder."""
SOURCE = "source"
"""Its entry with the fingerprint of the model that it was made of."""
INPUTS = ("input_ids", "attention_mask")
OUTPUT = "embedding"
_NO_TELEMETRY = "ORT_DISABLE_TELEMETRY"
"""Set before the import: else it writes a device's id and a log of events that it would send."""
_BATCH = 4
"""Texts at a time: what more of them need at once does not fit a processor's cache (record 0007)."""


def load_graph(graph: Path, folder: Path, threads: int) -> Embed:
    """Load the graph of the model in ``folder`` and return what embeds with it.

    Raises:
        ValueError: the graph was made of other weights.
    """
    os.environ[_NO_TELEMETRY] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 4
    # Waiting threads sleep, not spin: the window and a question want the processor too.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    if session.get_modelmeta().custom_metadata_map.get(SOURCE) != compute_fingerprint(folder):
        raise ValueError("the graph was made of other weights")
    tokenizer = _load_tokenizer(folder)

    def embed_batch(texts: list[str]) -> Vectors:
        encodings = tokenizer.encode_batch(texts)
        ids = np.array([encoding.ids for encoding in encodings], dtype=np.int64)
        mask = np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64)
        vectors: Vectors = session.run([OUTPUT], dict(zip(INPUTS, (ids, mask), strict=True)))[0]
        return vectors

    return lambda texts: np.vstack(
        [embed_batch(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)]
    )


def _load_tokenizer(folder: Path) -> "Tokenizer":
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    pad = str(_read(folder / "tokenizer_config.json")["pad_token"])
    tokenizer.enable_padding(pad_id=tokenizer.token_to_id(pad), pad_token=pad)
    tokenizer.enable_truncation(int(_read(folder / "sentence_bert_config.json")["max_seq_length"]))
    return tokenizer


def _read(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content
