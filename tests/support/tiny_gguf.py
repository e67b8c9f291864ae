"""Writes a tiny but whole language model: a GGUF with random weights that loads in milliseconds."""

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
) -> Path:
    """Write a llama model of about 0.5 MB and return its path.

    Its vocabulary has all bytes, printable ASCII and, with ``has_long_numbers``, a token for each number of
    two digits. The logits of the tokens that end a turn are always 0, so greedy text goes on without end.
    """
    tokens, kinds = _vocabulary(has_long_numbers)
    writer = gguf.GGUFWriter(str(path), "llama")
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
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    # Longer tokens win, so that text is split into as few as possible.
    writer.add_token_scores([float(len(token)) for token in tokens])
    writer.add_token_types(kinds)
    writer.add_bos_token_id(tokens.index("<s>"))
    writer.add_eos_token_id(tokens.index("</s>"))
    writer.add_unk_token_id(0)
    writer.add_add_space_prefix(False)
    if chat_template is not None:
        writer.add_chat_template(chat_template)
    for name, tensor in _weights(tokens, seed).items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _vocabulary(has_long_numbers: bool) -> tuple[list[str], list[int]]:
    kind = gguf.TokenType
    tokens = [("<unk>", kind.UNKNOWN), *((token, kind.CONTROL) for token in _CONTROL)]
    tokens += [(f"<0x{byte:02X}>", kind.BYTE) for byte in range(256)]
    tokens += [(chr(code).replace(" ", "▁"), kind.NORMAL) for code in range(32, 127)]
    if has_long_numbers:
        tokens += [(str(number), kind.NORMAL) for number in range(10, 100)]
    return [text for text, _ in tokens], [int(number) for _, number in tokens]


def _weights(tokens: list[str], seed: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    kv_size = _N_EMBD // _N_HEAD * _N_HEAD_KV

    def matrix(rows: int, columns: int) -> np.ndarray:
        return (random.standard_normal((rows, columns)) / np.sqrt(columns)).astype(np.float32)

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
