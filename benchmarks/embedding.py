"""Compares ways to run an embedding model on this machine's processor; the figures of decision record 0009.

    python benchmarks/embedding.py --models DIR --data DIR

Prints one JSON object a way: start-up of a new process and its memory, texts per second, and how near its
vectors are to those of sentence-transformers on torch. The ways take turns batch by batch, so that a slow
moment of the machine touches all alike.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from app.composition import EMBEDDING_MODEL
from rag.embedding.embedding_model import Embed, Vectors

THREADS = psutil.cpu_count(logical=False) or 1
BATCH = 16
TEXTS = 256
QUESTIONS = 64
TOP_K = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What the ways load: the model's own folder, and one with what was made of it."""

    model: Path
    scratch: Path

    @property
    def graph(self) -> Path:
        """The graph that Bedside makes."""
        return self.scratch / "fp32.onnx"

    @property
    def quantised(self) -> Path:
        """The graph in eight bits."""
        return self.scratch / "int8.onnx"


def main() -> None:
    """Measure all ways, or start one in this process and print what that took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--start", help=argparse.SUPPRESS)
    parser.add_argument("--scratch", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    model = arguments.models / EMBEDDING_MODEL
    if arguments.start:
        _print(start(arguments.start, Files(model=model, scratch=arguments.scratch)))
        return
    with tempfile.TemporaryDirectory() as folder:
        files = Files(model=model, scratch=Path(folder))
        make_files(files)
        starts = {way: start_anew(way, arguments, files) for way in WAYS}
        for row in compare(files, list(read_texts(arguments.data))):
            _print(row | starts[row["way"]])


def load_torch(files: Files) -> Embed:
    """Sentence-transformers as it comes."""
    from rag.embedding.sentence_transformer import load_transformer

    return load_transformer(files.model, THREADS)


def load_torch_int8(files: Files) -> Embed:
    """The same with the linear layers quantised by torch while it runs."""
    import torch

    from rag.embedding.sentence_transformer import _load

    quantised = torch.ao.quantization.quantize_dynamic(_load(files.model, THREADS), {torch.nn.Linear})
    return lambda texts: np.asarray(
        quantised.encode(texts, batch_size=len(texts), normalize_embeddings=True, show_progress_bar=False)
    )


def load_onnxruntime(files: Files) -> Embed:
    """The graph that Bedside makes, run by ONNX Runtime four texts at a time."""
    return _run_by_onnxruntime(files.graph, files.model)


def load_onnxruntime_int8(files: Files) -> Embed:
    """The graph quantised to eight bits, weights by channel."""
    return _run_by_onnxruntime(files.quantised, files.model)


def load_openvino(files: Files) -> Embed:
    """The same graph run by OpenVINO in 32 bits."""
    from rag.embedding.onnx_graph import Precision, load_graph

    return load_graph(files.graph, files.model, THREADS, Precision.FULL)


def load_bedside(files: Files) -> Embed:
    """What Bedside does: products in 16 bits where the processor has them."""
    from rag.embedding.onnx_graph import load_graph

    return load_graph(files.graph, files.model, THREADS)


def _run_by_onnxruntime(graph: Path, model: Path) -> Embed:
    import onnxruntime

    from rag.embedding.onnx_graph import INPUTS, OUTPUT, _load_tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    tokenizer = _load_tokenizer(model)

    def embed_batch(texts: list[str]) -> Vectors:
        encodings = tokenizer.encode_batch(texts)
        inputs = ([each.ids for each in encodings], [each.attention_mask for each in encodings])
        vectors: Vectors = session.run([OUTPUT], dict(zip(INPUTS, map(np.array, inputs), strict=True)))[0]
        return vectors

    return lambda texts: np.vstack(
        [embed_batch(texts[start : start + 4]) for start in range(0, len(texts), 4)]
    )


WAYS: dict[str, Callable[[Files], Embed]] = {
    "torch": load_torch,
    "torch-int8": load_torch_int8,
    "onnxruntime": load_onnxruntime,
    "onnxruntime-int8": load_onnxruntime_int8,
    "openvino": load_openvino,
    "bedside": load_bedside,
}


def make_files(files: Files) -> None:
    """Write the graph and its quantised form."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    from rag.embedding.sentence_transformer import export_graph

    export_graph(files.model, files.graph, THREADS)
    quantize_dynamic(files.graph, files.quantised, weight_type=QuantType.QUInt8, per_channel=True)


def start(way: str, files: Files) -> dict[str, float]:
    """Load one way and embed a question; runs in a process of its own."""
    begin = time.perf_counter()
    WAYS[way](files)(["What is the potassium?"])
    seconds = time.perf_counter() - begin
    return {
        "start_seconds": round(seconds, 2),
        "pss_mb": round(psutil.Process().memory_full_info().pss / 1e6),
    }


def start_anew(way: str, arguments: argparse.Namespace, files: Files) -> dict[str, float]:
    """Start one way in a new process."""
    options = [
        "--models",
        arguments.models,
        "--data",
        arguments.data,
        "--start",
        way,
        "--scratch",
        files.scratch,
    ]
    done = subprocess.run([sys.executable, __file__, *options], check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def read_texts(data: Path) -> Iterator[str]:
    """Yield what is embedded of the documents of a folder that Bedside reads."""
    from rag.chunking.context_aware import chunk_document, embedding_text
    from rag.documents.detection import detect_media_type
    from rag.documents.extraction import Extractor
    from rag.documents.loading import ExtractionLimits
    from rag.errors import LibraryError
    from rag.types import DocumentId

    extractor = Extractor(limits=ExtractionLimits())
    for file in sorted(data.rglob("*.md")) + sorted(data.rglob("*.pdf")):
        try:
            extracted = extractor.extract(
                file, detect_media_type(file), cancel=threading.Event(), on_progress=lambda _: None
            )
        except LibraryError:
            continue
        for chunk in chunk_document(DocumentId(file.name), extracted):
            if chunk.is_retrievable:
                yield embedding_text(extracted.title, chunk)
    extractor.close()


def compare(files: Files, texts: list[str]) -> Iterator[dict[str, Any]]:
    """Embed the same texts in every way by turns; headings stand for questions."""
    chosen = sorted(texts[:: max(1, len(texts) // TEXTS)][:TEXTS], key=len, reverse=True)
    questions = [text.split("\n")[0] for text in chosen[:: max(1, len(chosen) // QUESTIONS)]]
    ways = {way: load(files) for way, load in WAYS.items()}
    wall, cpu = dict.fromkeys(ways, 0.0), dict.fromkeys(ways, 0.0)
    found: dict[str, list[Vectors]] = {way: [] for way in ways}
    for first in range(0, len(chosen), BATCH):
        for way, embed in ways.items():
            begin, spent = time.perf_counter(), time.process_time()
            found[way].append(embed(chosen[first : first + BATCH]))
            wall[way] += time.perf_counter() - begin
            cpu[way] += time.process_time() - spent
    vectors = {way: np.vstack(batches) for way, batches in found.items()}
    asked = {way: embed(questions) for way, embed in ways.items()}
    for way in ways:
        cosines = np.sum(vectors[way] * vectors["torch"], axis=1)
        shared = [
            len(set(own) & set(reference)) / TOP_K
            for own, reference in zip(
                nearest(asked[way], vectors[way]), nearest(asked["torch"], vectors["torch"]), strict=True
            )
        ]
        yield {
            "way": way,
            "texts_per_second": round(len(chosen) / wall[way], 1),
            "cpu_seconds_per_text": round(cpu[way] / len(chosen), 4),
            "cosine_min": round(float(cosines.min()), 5),
            "cosine_mean": round(float(cosines.mean()), 5),
            "top_10_shared": round(float(np.mean(shared)), 3),
        }


def _print(row: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


def nearest(questions: Vectors, vectors: Vectors) -> list[list[int]]:
    """Return the best rows for each question."""
    best: list[list[int]] = np.argsort(-(questions @ vectors.T), axis=1)[:, :TOP_K].tolist()
    return best


if __name__ == "__main__":
    main()
