"""What a GGUF file says about its model: checked, and enough to know the memory that it needs."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from llm.errors import ModelFileError
from llm.gguf_format import ArrayLength, GgufContents, read_contents
from llm.types import FlashAttention, KvCacheType

DEFAULT_CONTEXT = 8192
MIN_CONTEXT = 2048
MAX_OUTPUTS = 32
"""Positions of one batch whose logits are kept."""
BATCH_TOKENS = 128
"""Tokens evaluated at a time."""

MAX_FORKS = 16
"""Paths that are looked ahead side by side; sequence 0 is the main one."""
MAX_STATE_FORKS = 4
"""The same where each path has a state of its own in every layer, which can be hundreds of megabytes."""

MAX_LAYERS = 1024

_RUNTIME_BYTES = 48 * 2**20
_CACHE_BYTES = {KvCacheType.F16: 2.0, KvCacheType.Q8_0: 34 / 32, KvCacheType.Q4_0: 18 / 32}
"""Of one number; a block of 32 has a scale of two bytes."""
_ENCODERS = {
    "bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3", "modern-bert", "neo-bert",
    "eurobert", "gemma-embedding", "t5encoder", "clip", "wavtokenizer-dec", "dream", "llada", "llada-moe",
    "rnd1",
}  # fmt: skip
_REPACKED_TYPES = {"Q4_0", "Q4_K", "IQ4_NL"}
_UNKNOWN_FILE_TYPE = 1024
_FILE_TYPES = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S",
    12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K",
    19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL",
    26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16", 36: "TQ1_0",
    37: "TQ2_0", 38: "MXFP4", 39: "NVFP4", 40: "Q1_0", 41: "Q2_0",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class GgufHeader:
    """A model that can chat, as its file describes it."""

    architecture: str
    name: str
    """Name given by its makers; may be empty."""
    quantisation: str
    n_ctx_train: int
    n_layer: int
    n_embd: int
    n_head: int
    n_head_kv: tuple[int, ...]
    """Key-value heads of each layer; 0 where a layer has no attention."""
    n_embd_head_k: int
    n_embd_head_v: int
    n_state: int = 0
    """Numbers of the state that each sequence has in all layers together; 0 for attention alone."""
    n_vocab: int
    n_params: int
    chat_template: str | None
    file_size: int
    """Bytes."""
    tensor_bytes: int
    """Bytes of the weights."""
    repacked_bytes: int
    """Of these, bytes that the runtime keeps a second time in an order that suits the processor."""


def read_header(path: Path) -> GgufHeader:
    """Read and check the header of a model's file.

    Raises:
        ModelFileError: the file is no GGUF, is truncated or damaged, or is not a model that can chat.
    """
    contents = read_contents(path)
    fields = _Fields(contents, path.name)
    architecture = fields.text("general.architecture")
    _check_kind(fields, architecture, path.name)
    n_layer = fields.number(f"{architecture}.block_count", at_least=1, at_most=MAX_LAYERS)
    n_embd = fields.number(f"{architecture}.embedding_length", at_least=1)
    heads = fields.numbers(f"{architecture}.attention.head_count", n_layer, (0,))
    n_head = max(heads)
    head_size = n_embd // n_head if n_head else 0
    return GgufHeader(
        architecture=architecture,
        name=fields.text("general.name", ""),
        quantisation=_name_quantisation(contents, fields.number("general.file_type", _UNKNOWN_FILE_TYPE)),
        n_ctx_train=fields.number(f"{architecture}.context_length", at_least=1),
        n_layer=n_layer,
        n_embd=n_embd,
        n_head=n_head,
        n_head_kv=fields.numbers(f"{architecture}.attention.head_count_kv", n_layer, heads),
        n_embd_head_k=fields.number(f"{architecture}.attention.key_length", head_size),
        n_embd_head_v=fields.number(f"{architecture}.attention.value_length", head_size),
        n_state=_count_state(fields, architecture, n_layer, n_embd),
        n_vocab=fields.length("tokenizer.ggml.tokens"),
        n_params=sum(tensor.elements for tensor in contents.tensors),
        chat_template=fields.text("tokenizer.chat_template", "") or None,
        file_size=contents.file_size,
        tensor_bytes=sum(tensor.size for tensor in contents.tensors),
        repacked_bytes=sum(
            tensor.size
            for tensor in contents.tensors
            if tensor.type_name in _REPACKED_TYPES and tensor.name.startswith("blk.")
        ),
    )


def memory_needed(
    header: GgufHeader,
    n_ctx: int,
    kv_cache: KvCacheType = KvCacheType.F16,
    flash_attention: FlashAttention = FlashAttention.AUTO,
) -> int:
    """Estimate the bytes that a model takes while it answers with a context of ``n_ctx`` tokens.

    Weights, plus those kept twice, plus keys and values or states, plus the logits of one batch for the
    caller, plus the graph: the logits once more or, without flash attention, the scores of one layer,
    whichever is more; plus what a batch needs in a layer (taken as eight rows), plus the process itself.
    """
    logits = 4 * MAX_OUTPUTS * header.n_vocab
    scores = 4 * BATCH_TOKENS * n_ctx * header.n_head if flash_attention is FlashAttention.OFF else 0
    layer = 8 * 4 * BATCH_TOKENS * header.n_embd
    weights = header.tensor_bytes + header.repacked_bytes
    cache = cache_bytes(header, n_ctx, kv_cache) + 4 * header.n_state * (MAX_STATE_FORKS + 1)
    return weights + cache + logits + max(logits, scores) + layer + _RUNTIME_BYTES


def cache_bytes(header: GgufHeader, n_ctx: int, kv_cache: KvCacheType) -> int:
    """Return the bytes of the keys and values of ``n_ctx`` tokens."""
    numbers = n_ctx * sum(header.n_head_kv) * (header.n_embd_head_k + header.n_embd_head_v)
    return int(numbers * _CACHE_BYTES[kv_cache])


def choose_context(header: GgufHeader, available: int, kv_cache: KvCacheType = KvCacheType.F16) -> int:
    """Choose the context that Bedside uses, in tokens, given the bytes of memory that are free.

    What the model was trained for, at most :data:`DEFAULT_CONTEXT`; halved while it does not fit, down to
    :data:`MIN_CONTEXT` (a model that needs more memory than that is tried all the same).
    """
    n_ctx = min(header.n_ctx_train, DEFAULT_CONTEXT)
    while n_ctx // 2 >= MIN_CONTEXT and memory_needed(header, n_ctx, kv_cache) > available:
        n_ctx //= 2
    return n_ctx


def _check_kind(fields: "_Fields", architecture: str, name: str) -> None:
    parts = fields.number("split.count", 1)
    if parts > 1:
        raise ModelFileError(
            f"{name} is one of {parts} parts of a model; please join them first (llama-gguf-split --merge)."
        )
    kind = fields.text("general.type", "model")
    if kind != "model" or architecture in _ENCODERS:
        raise ModelFileError(
            f"{name} holds {kind if kind != 'model' else architecture!r}, not a model that can answer; "
            "please choose an instruct or chat model."
        )


def _count_state(fields: "_Fields", architecture: str, n_layer: int, n_embd: int) -> int:
    """Count the numbers that a sequence's state has; layers of a hybrid that have none are counted too.

    As ``n_embd_r`` and ``n_embd_s`` of llama.cpp's ``llama_hparams`` do for state spaces, RWKV and short
    convolutions.
    """
    ssm = f"{architecture}.ssm"
    inner, size = fields.number(f"{ssm}.inner_size", 0), fields.number(f"{ssm}.state_size", 0)
    kernel, groups = fields.number(f"{ssm}.conv_kernel", 0), fields.number(f"{ssm}.group_count", 0)
    per_layer = inner * size + max(kernel - 1, 0) * (inner + 2 * groups * size)
    head = fields.number(f"{architecture}.wkv.head_size", 0)
    per_layer += n_embd * (head + 2) if head else 0
    per_layer += n_embd * max(fields.number(f"{architecture}.shortconv.l_cache", 0) - 1, 0)
    return n_layer * per_layer


def _name_quantisation(contents: GgufContents, file_type: int) -> str:
    if file_type in _FILE_TYPES:
        return _FILE_TYPES[file_type]
    sizes: Counter[str] = Counter()
    for tensor in contents.tensors:
        sizes[tensor.type_name] += tensor.size
    return sizes.most_common(1)[0][0] if sizes else "unknown"


class _Fields:
    """Typed access to the fields, with the limits that keep the estimates and the native side sane."""

    def __init__(self, contents: GgufContents, name: str) -> None:
        self._metadata = contents.metadata
        self._name = name

    def text(self, key: str, default: str | None = None) -> str:
        value = self._metadata.get(key, default)
        if not isinstance(value, str):
            self._fail(key)
        return value

    def number(self, key: str, default: int | None = None, *, at_least: int = 0, at_most: int = 2**24) -> int:
        value = self._metadata.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not at_least <= value <= at_most:
            self._fail(key)
        return value

    def numbers(self, key: str, count: int, default: tuple[int, ...]) -> tuple[int, ...]:
        """One number for each layer; files give one for all where they are the same."""
        value = self._metadata.get(key, default)
        numbers = list(value) if isinstance(value, tuple) else [value]
        if len(numbers) == 1:
            numbers *= count
        counts = tuple(number for number in numbers if isinstance(number, int) and 0 <= number <= 2**16)
        if not len(counts) == len(numbers) == count:
            self._fail(key)
        return counts

    def length(self, key: str) -> int:
        value = self._metadata.get(key)
        if not isinstance(value, ArrayLength):
            self._fail(key)
        return value.items

    def _fail(self, key: str) -> NoReturn:
        raise ModelFileError(
            f"{self._name} is not a usable model: its field {key[:60]!r} is missing or wrong; "
            "please choose another file."
        )
