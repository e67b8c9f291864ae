"""How a model is run: what is left open is chosen for the model and the machine."""

from dataclasses import replace
from typing import Any

import pytest

from llm.gguf_file import GgufHeader, memory_needed, read_header
from llm.runtime_options import GPU_SPARE_BYTES, Machine, choose_options
from llm.types import FlashAttention, KvCacheType, RuntimeOptions
from tests.support.tiny_gguf import write_tiny_gguf

LARGE = Machine(available=2**40, n_cores=4)


@pytest.fixture(scope="module")
def header(tmp_path_factory: pytest.TempPathFactory) -> GgufHeader:
    """Of a model with the shapes of a 1.5B; its heads are whole blocks."""
    path = write_tiny_gguf(tmp_path_factory.mktemp("gguf") / "m.gguf", n_ctx_train=32_768)
    return replace(
        read_header(path),
        n_layer=28,
        n_head=12,
        n_head_kv=(2,) * 28,
        n_embd_head_k=128,
        n_embd_head_v=128,
        tensor_bytes=10**9,
    )


def choose(header: GgufHeader, machine: Machine = LARGE, **options: Any) -> RuntimeOptions:
    return choose_options(header, machine, RuntimeOptions(**options))


def short_of(header: GgufHeader, n_ctx: int) -> Machine:
    """A machine that has a little less than 16-bit keys and values of this context need."""
    return Machine(available=memory_needed(header, n_ctx) - 1, n_cores=2)


def test_with_room_for_all_nothing_is_given_up(header: GgufHeader) -> None:
    assert choose(header) == RuntimeOptions(
        n_ctx=8192, n_gpu_layers=0, n_threads=4, kv_cache=KvCacheType.F16, flash_attention=FlashAttention.OFF
    )


def test_flash_attention_is_left_where_the_scores_have_no_room_or_a_graphics_processor_helps(
    header: GgufHeader,
) -> None:
    needed = memory_needed(header, 8192, flash_attention=FlashAttention.OFF)
    assert needed > memory_needed(header, 8192)
    for available, attention in ((needed, FlashAttention.OFF), (needed - 1, FlashAttention.AUTO)):
        assert choose(header, Machine(available=available, n_cores=2)).flash_attention is attention
    helped = Machine(available=2**40, n_cores=4, gpu_available=2**40)
    assert choose(header, helped).flash_attention is FlashAttention.AUTO
    assert choose(header, flash_attention=FlashAttention.ON).flash_attention is FlashAttention.ON


def test_where_memory_is_short_keys_and_values_shrink_before_the_context(header: GgufHeader) -> None:
    tight = choose(header, short_of(header, 8192))
    assert (tight.n_ctx, tight.kv_cache) == (8192, KvCacheType.Q8_0)
    tighter = choose(header, short_of(header, 4096))
    assert (tighter.n_ctx, tighter.kv_cache) == (4096, KvCacheType.Q8_0)
    for options in (tight, tighter):
        assert (
            memory_needed(header, options.n_ctx or 0, KvCacheType.Q8_0) < memory_needed(header, 4096) + 10**9
        )


def test_what_the_user_chose_stays(header: GgufHeader) -> None:
    chosen = choose(header, short_of(header, 2048), n_ctx=20_000, n_threads=7, kv_cache=KvCacheType.F16)
    assert (chosen.n_ctx, chosen.n_threads, chosen.kv_cache) == (20_000, 7, KvCacheType.F16)
    four = choose(header, kv_cache=KvCacheType.Q4_0)
    assert (four.kv_cache, four.flash_attention) == (KvCacheType.Q4_0, FlashAttention.ON)


def test_no_context_is_longer_than_the_model_was_trained_for(header: GgufHeader) -> None:
    assert choose(header, n_ctx=100_000).n_ctx == 32_768


@pytest.mark.parametrize(
    ("changes", "flash_attention"),
    [({"n_embd_head_k": 80}, FlashAttention.AUTO), ({}, FlashAttention.OFF)],
)
def test_a_cache_that_cannot_be_quantised_is_not(
    header: GgufHeader, changes: dict[str, Any], flash_attention: FlashAttention
) -> None:
    changed = replace(header, **changes)
    for kv_cache in (None, KvCacheType.Q8_0):
        chosen = choose(changed, short_of(changed, 8192), kv_cache=kv_cache, flash_attention=flash_attention)
        assert chosen.kv_cache is KvCacheType.F16


def test_layers_go_to_a_graphics_processor_as_far_as_they_fit(header: GgufHeader) -> None:
    def layers(free: int, wanted: int | None = None) -> int | None:
        machine = replace(LARGE, gpu_available=free)
        return choose(header, machine, n_gpu_layers=wanted).n_gpu_layers

    assert layers(0) == layers(0, 5) == 0
    assert layers(GPU_SPARE_BYTES) == 0
    assert 10 <= (layers(GPU_SPARE_BYTES + 5 * 10**8) or 0) <= 14
    assert layers(2**40) == header.n_layer + 1
    assert layers(2**40, 5) == 5
    assert layers(2**40, 500) == header.n_layer + 1


def test_the_estimate_knows_how_keys_and_values_are_kept(header: GgufHeader) -> None:
    full, eight, four = (memory_needed(header, 4096, kind) for kind in KvCacheType)
    numbers = 4096 * 28 * 2 * 256
    assert full - eight == numbers * (2 - 34 / 32)
    assert full - four == numbers * (2 - 18 / 32)
    assert memory_needed(header, 32_768, flash_attention=FlashAttention.OFF) > memory_needed(header, 32_768)
