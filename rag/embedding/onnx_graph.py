"""A sentence-transformers model as one ONNX graph, run by OpenVINO: alone knows openvino.

The graph is made on this machine of the model's own weights, by
:func:`rag.embedding.sentence_transformer.export_graph`, and never taken from elsewhere.
"""

import json
import sys
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from rag.embedding.embedding_model import Embed, Vectors
from rag.embedding.model_folder import compute_fingerprint

if TYPE_CHECKING:
    import openvino
    from tokenizers import Tokenizer

GRAPH = "bedside.onnx"
"""Name of the file in the model's folder."""
SOURCE = "source"
"""Its entry with the fingerprint of the model that it was made of."""
INPUTS = ("input_ids", "attention_mask")
OUTPUT = "embedding"
_TELEMETRY = "openvino_telemetry"
_BATCH = 4
"""Texts at a time: what more of them need at once does not fit a processor's cache (record 0009)."""
_PADDED_TO = 16
"""Word pieces: OpenVINO keeps buffers for each length that it has seen, 300 MB for all of up to 256."""
_MOST_STREAMS = 4
"""Batches at a time; as many as the process is sent together."""


class Precision(StrEnum):
    """In what the products of matrices are computed; weights, sums and vectors have 32 bits in both."""

    FULL = "f32"
    FASTEST = "bf16"
    """Where the processor multiplies numbers of 16 bits itself, else as :attr:`FULL`."""


def load_graph(graph: Path, folder: Path, threads: int, precision: Precision = Precision.FASTEST) -> Embed:
    """Load the graph of the model in ``folder`` and return what embeds with it.

    Raises:
        ValueError: the graph was made of other weights.
    """
    # What is None cannot be imported: its conversion tools would bring a package that reports their use.
    cast("dict[str, ModuleType | None]", sys.modules)[_TELEMETRY] = None
    import openvino

    core = openvino.Core()
    model = core.read_model(graph)
    if _source(model) != compute_fingerprint(folder):
        raise ValueError("the graph was made of other weights")
    streams = min(threads, _MOST_STREAMS)
    is_fast = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    compiled = core.compile_model(
        model,
        "CPU",
        {
            "INFERENCE_PRECISION_HINT": precision if is_fast else Precision.FULL,
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": streams,
        },
    )
    return _embed_with(openvino.AsyncInferQueue(compiled, streams), _load_tokenizer(folder))


def _embed_with(queue: "openvino.AsyncInferQueue", tokenizer: "Tokenizer") -> Embed:
    def embed(texts: list[str]) -> Vectors:
        found: dict[int, Vectors] = {}
        queue.set_callback(
            lambda request, start: found.update({start: request.get_output_tensor().data.copy()})
        )
        for start in range(0, len(texts), _BATCH):
            encodings = tokenizer.encode_batch(texts[start : start + _BATCH])
            ids = np.array([encoding.ids for encoding in encodings], dtype=np.int64)
            mask = np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64)
            queue.start_async(dict(zip(INPUTS, (ids, mask), strict=True)), start)
        queue.wait_all()
        return np.vstack([found[start] for start in sorted(found)])

    return embed


def _source(model: "openvino.Model") -> str | None:
    """Read the graph's own entry; ``None`` where it has none."""
    path = ["framework", SOURCE]
    return str(model.get_rt_info(path).value) if model.has_rt_info(path) else None


def _load_tokenizer(folder: Path) -> "Tokenizer":
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    pad = str(_read(folder / "tokenizer_config.json")["pad_token"])
    tokenizer.enable_padding(pad_id=tokenizer.token_to_id(pad), pad_token=pad, pad_to_multiple_of=_PADDED_TO)
    tokenizer.enable_truncation(int(_read(folder / "sentence_bert_config.json")["max_seq_length"]))
    return tokenizer


def _read(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content
