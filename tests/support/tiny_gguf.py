"""Writes a tiny but whole language model: a GGUF with random weights that loads in milliseconds."""

from collections.abc import Mapping
from pathlib import Path

import gguf
import numpy as np

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_CONTROL = ["<s>", "</s>", "<|im_start|>", "<|im_end|>"]
_N_EMBD, _N_LAYER, _N_HEAD, _N_HEAD_KV, _N_FF = 64, 2, 4, 2, 128


def write_tiny_gguf(
    path: Path,
    *,
    seed: int = 0,
    n_ctx_train: int = 4096,
    chat_template: str | None = CHAT_TEMPLATE,
    has_long_numbers: bool = False,
    architecture: str = "llama",
    kinds: Mapping[str, gguf.TokenType] | None = None,
    eos: str = "</s>",
    has_bos: bool = True,
    splitter: str = "",
    is_damaged: bool = False,
) -> Path:
    """Write a llama model of about 0.5 MB and return its path.

    Its vocabulary has all bytes, printable ASCII and, with ``has_long_numbers``, a token for each number of
    two digits. The logits of the tokens that end a turn are always 0, so greedy text goes on without end.

    Args:
        path: of the file.
        seed: of the weights.
        n_ctx_train: its longest context.
        chat_template: its template.
        has_long_numbers: whether numbers are tokens.
        architecture: that the file names; the weights are a llama's.
        kinds: of some tokens, where they are to be other ones; ``UNUSED`` bytes are left out.
        eos: the token that ends a turn.
        has_bos: whether a sequence begins with a token of its own.
        splitter: how a tokenizer of byte pairs splits text first; empty for one of pieces.
        is_damaged: whether one weight is no number.
    """
    tokens, kind_numbers = _byte_pairs() if splitter else _vocabulary(has_long_numbers, kinds or {})
    writer = gguf.GGUFWriter(str(path), architecture)
    writer.add_name("tiny")
    writer.add_context_length(n_ctx_train)
    writer.add_embedding_length(_N_EMBD)
    writer.add_block_count(_N_LAYER)
    writer.add_feed_forward_length(_N_FF)
    writer.add_head_count(_N_HEAD)
    writer.add_head_count_kv(_N_HEAD_KV)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(_N_EMBD // _N_HEAD)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_tokenizer_model("gpt2" if splitter else "llama")
    if splitter:
        writer.add_tokenizer_pre(splitter)
        writer.add_token_merges(["a a"])
    writer.add_token_list(tokens)
    # Longer tokens win, so that text is split into as few as possible.
    writer.add_token_scores([float(len(token)) for token in tokens])
    writer.add_token_types(kind_numbers)
    writer.add_bos_token_id(tokens.index("<s>"))
    writer.add_eos_token_id(tokens.index(eos))
    writer.add_add_bos_token(has_bos)
    writer.add_unk_token_id(0)
    writer.add_add_space_prefix(False)
    if chat_template is not None:
        writer.add_chat_template(chat_template)
    weights = _weights(tokens, seed)
    if is_damaged:
        weights["output_norm.weight"][3] = np.nan
    return _finish(writer, weights, path)


def write_tiny_mamba(path: Path, *, n_state: int = 16) -> Path:
    """Write a model that keeps a state, of ``n_state`` numbers in each of 128 channels and two layers."""
    tokens, kinds = _vocabulary(has_long_numbers=False, kinds={})
    channels, rank, kernel = 2 * _N_EMBD, 4, 4
    writer = gguf.GGUFWriter(str(path), "mamba")
    writer.add_name("tiny")
    writer.add_context_length(4096)
    writer.add_embedding_length(_N_EMBD)
    writer.add_block_count(_N_LAYER)
    writer.add_feed_forward_length(0)
    writer.add_head_count(0)
    writer.add_ssm_conv_kernel(kernel)
    writer.add_ssm_inner_size(channels)
    writer.add_ssm_state_size(n_state)
    writer.add_ssm_time_step_rank(rank)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([float(len(token)) for token in tokens])
    writer.add_token_types(kinds)
    writer.add_bos_token_id(tokens.index("<s>"))
    writer.add_eos_token_id(tokens.index("</s>"))
    writer.add_unk_token_id(0)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(CHAT_TEMPLATE)
    random = np.random.default_rng(0)
    ones = np.ones(_N_EMBD, dtype=np.float32)
    weights = {"token_embd.weight": _matrix(random, len(tokens), _N_EMBD)}
    weights |= {"output.weight": 4 * _matrix(random, len(tokens), _N_EMBD), "output_norm.weight": ones}
    for layer in range(_N_LAYER):
        of_layer = {
            "attn_norm.weight": ones,
            "ssm_in.weight": _matrix(random, 2 * channels, _N_EMBD),
            "ssm_conv1d.weight": _matrix(random, channels, kernel),
            "ssm_conv1d.bias": np.zeros(channels, dtype=np.float32),
            "ssm_x.weight": _matrix(random, rank + 2 * n_state, channels),
            "ssm_dt.weight": _matrix(random, channels, rank),
            "ssm_dt.bias": np.zeros(channels, dtype=np.float32),
            "ssm_a": -np.ones((channels, n_state), dtype=np.float32),
            "ssm_d": np.ones(channels, dtype=np.float32),
            "ssm_out.weight": _matrix(random, _N_EMBD, channels),
        }
        weights |= {f"blk.{layer}.{name}": tensor for name, tensor in of_layer.items()}
    return _finish(writer, weights, path)


def _finish(writer: gguf.GGUFWriter, weights: Mapping[str, np.ndarray], path: Path) -> Path:
    for name, tensor in weights.items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _byte_pairs() -> tuple[list[str], list[int]]:
    """All bytes as byte pair tokenizers write them, and one pair."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    texts = [*map(chr, printable), *(chr(256 + place) for place in range(len(others))), "aa"]
    kind = gguf.TokenType
    kinds = [kind.UNKNOWN, *[kind.CONTROL] * len(_CONTROL), *[kind.NORMAL] * len(texts)]
    return ["<unk>", *_CONTROL, *texts], [int(number) for number in kinds]


def _vocabulary(has_long_numbers: bool, kinds: Mapping[str, gguf.TokenType]) -> tuple[list[str], list[int]]:
    kind = gguf.TokenType
    tokens = [("<unk>", kind.UNKNOWN), *((token, kind.CONTROL) for token in _CONTROL)]
    tokens += [(f"<0x{byte:02X}>", kind.BYTE) for byte in range(256)]
    tokens += [(chr(code).replace(" ", "▁"), kind.NORMAL) for code in range(32, 127)]
    if has_long_numbers:
        tokens += [(str(number), kind.NORMAL) for number in range(10, 100)]
    if kinds.get("<0x00>") is kind.UNUSED:
        tokens = [(text, number) for text, number in tokens if number is not kind.BYTE]
        tokens.append(("\n", kind.NORMAL))
    return [text for text, _ in tokens], [int(kinds.get(text, number)) for text, number in tokens]


def _weights(tokens: list[str], seed: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    kv_size = _N_EMBD // _N_HEAD * _N_HEAD_KV

    def matrix(rows: int, columns: int) -> np.ndarray:
        return _matrix(random, rows, columns)

    output = 4 * matrix(len(tokens), _N_EMBD)
    output[[tokens.index("</s>"), tokens.index("<|im_end|>")]] = 0.0
    weights = {"token_embd.weight": matrix(len(tokens), _N_EMBD), "output.weight": output}
    weights["output_norm.weight"] = np.ones(_N_EMBD, dtype=np.float32)
    for layer in range(_N_LAYER):
        shapes = {
            "attn_q": (_N_EMBD, _N_EMBD),
            "attn_k": (kv_size, _N_EMBD),
            "attn_v": (kv_size, _N_EMBD),
            "attn_output": (_N_EMBD, _N_EMBD),
            "ffn_gate": (_N_FF, _N_EMBD),
            "ffn_up": (_N_FF, _N_EMBD),
            "ffn_down": (_N_EMBD, _N_FF),
        }
        weights |= {f"blk.{layer}.{name}.weight": matrix(*shape) for name, shape in shapes.items()}
        weights[f"blk.{layer}.attn_norm.weight"] = np.ones(_N_EMBD, dtype=np.float32)
        weights[f"blk.{layer}.ffn_norm.weight"] = np.ones(_N_EMBD, dtype=np.float32)
    return weights


def _matrix(random: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    matrix: np.ndarray = (random.standard_normal((rows, columns)) / np.sqrt(columns)).astype(np.float32)
    return matrix
