"""Embeds with sentence-transformers and makes a model's ONNX graph: alone knows that library and torch."""

import logging
import os
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.embedding.embedding_model import Embed, Vectors
from rag.embedding.model_folder import compute_fingerprint
from rag.embedding.onnx_graph import INPUTS, OUTPUT, SOURCE, Precision, load_graph

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TQDM_DISABLE": "1",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
    # Waiting threads sleep, not spin: beside two busy cores a question took 1,000 ms, now 30.
    "OMP_WAIT_POLICY": "PASSIVE",
}
_OPSET = 17
_MIN_COSINE = 0.99999
"""Between a vector of the graph, all in 32 bits, and of torch: they share a fingerprint."""
_PROBES = (
    "Potassium above 6.5 mmol/l needs an ECG at once; give calcium (10 %, 10 ml) i.v. – SpO₂ ≥ 94 %.",
    "",
    "肾小球滤过率低于 60 ml/min 超过三个月。",
    "Die Überwachung der Nierenfunktion, 24-hour urine, creatinine, C3/C4, p < 0.05, [1, 2]. " * 60,
)


def load_transformer(folder: Path, threads: int) -> Embed:
    """Load the model in ``folder`` and return what embeds with it; importing torch takes seconds."""
    model = _load(folder, threads)

    def embed(texts: list[str]) -> Vectors:
        vectors = model.encode(
            texts,
            batch_size=len(texts),
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.ascontiguousarray(vectors, dtype=np.float32)

    return embed


def export_graph(folder: Path, graph: Path, threads: int) -> None:
    """Write the model in ``folder`` as one ONNX graph from word pieces to vectors of length 1.

    Raises:
        ValueError: the graph would not give the model's own vectors; no file is left.
    """
    model = _load(folder, threads)
    part = graph.with_suffix(".part")
    try:
        _write_graph(model, compute_fingerprint(folder), part)
        texts = list(_PROBES)
        own = model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
        cosines = np.sum(load_graph(part, folder, threads, Precision.FULL)(texts) * own, axis=1)
        if cosines.min() < _MIN_COSINE:
            raise ValueError("the graph does not give the model's vectors")
        part.replace(graph)
    finally:
        part.unlink(missing_ok=True)


def _load(folder: Path, threads: int) -> "SentenceTransformer":
    os.environ.update(_ENVIRONMENT)
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    import torch
    from sentence_transformers import SentenceTransformer
    from tqdm import tqdm

    tqdm.set_lock(threading.RLock())  # its own one is a semaphore that outlives a killed process

    torch.set_num_threads(threads)
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def _write_graph(model: "SentenceTransformer", fingerprint: str, graph: Path) -> None:
    import onnx
    import torch

    class Pipeline(torch.nn.Module):  # type: ignore[misc]
        """All of the model's modules, with the two inputs that a single text has."""

        def __init__(self) -> None:
            super().__init__()
            self.modules_in_order = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            found = self.modules_in_order(features)["sentence_embedding"]
            return torch.nn.functional.normalize(found, dim=1)

    # Two texts of different length, so that nothing is taken for a constant.
    example = model.tokenizer(["kidney", "kidney and heart"], padding=True, return_tensors="pt")
    axes = {name: {0: "texts", 1: "pieces"} for name in INPUTS} | {OUTPUT: {0: "texts"}}
    with torch.no_grad():
        torch.onnx.export(
            Pipeline().eval(),
            tuple(example[name] for name in INPUTS),
            graph,
            input_names=list(INPUTS),
            output_names=[OUTPUT],
            dynamic_axes=axes,
            opset_version=_OPSET,
            dynamo=False,  # the other exporter takes ten times as long for the same graph
        )
    written = onnx.load(graph)
    onnx.helper.set_model_props(written, {SOURCE: fingerprint})
    onnx.save(written, graph)
