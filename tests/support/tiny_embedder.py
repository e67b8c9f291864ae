"""An embedding model of a few kilobytes: a folder of sentence-transformers with weights by chance."""

import json
from pathlib import Path
from typing import Any

import numpy as np

_WORDS = ("kidney", "potassium", "sepsis", "rhythm", "guideline", "dialysis", "about", "the", "rule", "gives")
_HIDDEN, _INNER, _LENGTH = 8, 16, 64


def write_tiny_embedder(folder: Path, *, seed: int = 0) -> Path:
    """Write a BERT with one layer, eight dimensions and ten words."""
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *_WORDS]
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": _HIDDEN,
        "intermediate_size": _INNER,
        "num_attention_heads": 2,
        "num_hidden_layers": 1,
        "max_position_embeddings": _LENGTH,
        "type_vocab_size": 2,
        "vocab_size": len(vocabulary),
    }
    kinds = (("", "Transformer"), ("1_Pooling", "Pooling"))
    modules = [
        {"idx": place, "name": str(place), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for place, (path, kind) in enumerate(kinds)
    ]
    pooling = {"word_embedding_dimension": _HIDDEN, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling").mkdir(parents=True)
    for name, content in {
        "config.json": config,
        "modules.json": modules,
        "1_Pooling/config.json": pooling,
        "sentence_bert_config.json": {"max_seq_length": _LENGTH, "do_lower_case": True},
        "tokenizer_config.json": {"tokenizer_class": "BertTokenizer", "pad_token": "[PAD]"},
    }.items():
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    _write_weights(folder / "model.safetensors", len(vocabulary), np.random.default_rng(seed))
    return folder


def _write_weights(file: Path, words: int, chance: np.random.Generator) -> None:
    layer = "encoder.layer.0"
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (words, _HIDDEN),
        "embeddings.position_embeddings.weight": (_LENGTH, _HIDDEN),
        "embeddings.token_type_embeddings.weight": (2, _HIDDEN),
        **_norm("embeddings.LayerNorm"),
        **_dense(f"{layer}.attention.self.query", _HIDDEN, _HIDDEN),
        **_dense(f"{layer}.attention.self.key", _HIDDEN, _HIDDEN),
        **_dense(f"{layer}.attention.self.value", _HIDDEN, _HIDDEN),
        **_dense(f"{layer}.attention.output.dense", _HIDDEN, _HIDDEN),
        **_norm(f"{layer}.attention.output.LayerNorm"),
        **_dense(f"{layer}.intermediate.dense", _INNER, _HIDDEN),
        **_dense(f"{layer}.output.dense", _HIDDEN, _INNER),
        **_norm(f"{layer}.output.LayerNorm"),
        **_dense("pooler.dense", _HIDDEN, _HIDDEN),
    }
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    numbers, position = b"", 0
    for name, shape in shapes.items():
        part = chance.normal(size=shape).astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [position, position + len(part)]}
        numbers, position = numbers + part, position + len(part)
    encoded = json.dumps(header).encode()
    encoded += b" " * (-len(encoded) % 8)
    file.write_bytes(len(encoded).to_bytes(8, "little") + encoded + numbers)


def _dense(name: str, rows: int, columns: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (rows, columns), f"{name}.bias": (rows,)}


def _norm(name: str) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (_HIDDEN,), f"{name}.bias": (_HIDDEN,)}
