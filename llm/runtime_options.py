"""Chooses how a model is run on this machine. Pure: what the machine has is given."""

from dataclasses import dataclass, replace

from llm.gguf_file import DEFAULT_CONTEXT, GgufHeader, cache_bytes, choose_context, memory_needed
from llm.types import FlashAttention, KvCacheType, RuntimeOptions

GPU_SPARE_BYTES = 512 * 2**20
"""Left on a graphics processor for what is computed there and for the screen."""
_CACHE_BLOCK = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What there is to run a model on."""

    available: int
    """Bytes of memory that are free."""
    n_cores: int
    """Physical ones: one thread fills a core."""
    gpu_available: int = 0
    """Bytes that are free on graphics processors; 0 without one, or in a build that cannot use it."""

    @property
    def gpu_room(self) -> int:
        """Bytes that a model may take there."""
        return max(0, self.gpu_available - GPU_SPARE_BYTES)


def choose_options(header: GgufHeader, machine: Machine, options: RuntimeOptions) -> RuntimeOptions:
    """Fill in what is left open, and correct what the model or the build cannot do.

    Where memory is short, keys and values are kept in 8 bits before the context is halved; in 4 bits only
    where that is asked for; either needs flash attention. What is returned may still not fit.
    """
    room = machine.available + machine.gpu_room
    longest = min(options.n_ctx or DEFAULT_CONTEXT, header.n_ctx_train)
    kv_cache = options.kv_cache or KvCacheType.F16
    if not can_quantise_cache(header, options.flash_attention):
        kv_cache = KvCacheType.F16
    elif options.kv_cache is None and memory_needed(header, longest) > room:
        kv_cache = KvCacheType.Q8_0
    n_ctx = longest if options.n_ctx else choose_context(header, room, kv_cache)
    chosen = replace(
        options,
        n_ctx=n_ctx,
        n_gpu_layers=_choose_gpu_layers(header, machine, options.n_gpu_layers, n_ctx, kv_cache),
        n_threads=options.n_threads or machine.n_cores,
        kv_cache=kv_cache,
    )
    return replace(chosen, flash_attention=_choose_flash_attention(header, machine, chosen))


def can_quantise_cache(header: GgufHeader, flash_attention: FlashAttention) -> bool:
    """Say whether keys and values can be kept in fewer bits: heads of whole blocks, and flash attention."""
    has_blocks = header.n_embd_head_k % _CACHE_BLOCK == header.n_embd_head_v % _CACHE_BLOCK == 0
    return has_blocks and flash_attention is not FlashAttention.OFF


def _choose_flash_attention(header: GgufHeader, machine: Machine, chosen: RuntimeOptions) -> FlashAttention:
    """Do without it on a processor where the scores have room.

    llama.cpp's way of it there goes position by position for batches of fewer than 64 tokens, which is what
    drafts, forks and single tokens are; a product of matrices does the same in half the time.
    """
    if chosen.kv_cache is not KvCacheType.F16:
        return FlashAttention.ON
    if chosen.flash_attention is not FlashAttention.AUTO or chosen.n_gpu_layers:
        return chosen.flash_attention
    needed = memory_needed(header, chosen.n_ctx or 0, KvCacheType.F16, FlashAttention.OFF)
    return FlashAttention.OFF if needed <= machine.available else FlashAttention.AUTO


def _choose_gpu_layers(
    header: GgufHeader, machine: Machine, wanted: int | None, n_ctx: int, kv_cache: KvCacheType
) -> int:
    """As many as fit, the output counted as one more; what the user wants goes before that."""
    if not machine.gpu_available:
        return 0
    layers = header.n_layer + 1
    if wanted is not None:
        return min(wanted, layers)
    layer_bytes = (header.tensor_bytes + cache_bytes(header, n_ctx, kv_cache)) // layers + 1
    return min(machine.gpu_room // layer_bytes, layers)
