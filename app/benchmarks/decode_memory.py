"""What a model's process takes at its highest, with a full context, beside what llama.cpp itself reports."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from app.benchmarks.decode_writing import ask, show_passages, write
from llm.worker import ModelProcess

WRITTEN = 64
ROOM = 128
"""Tokens of the context that the chat template and what is written have; the rest is filled."""


def measure_memory(ours: ModelProcess, passages: Sequence[str]) -> dict[str, Any]:
    """Fill the context with passages, write with drafts, and look at the highest memory of the process.

    ``memory_logits_of_all_tokens`` is what rows of logits for all tokens of the context would take; a process
    that held them would be as much above what is reported.
    """
    loaded = ours.load()
    shown = _fill(ours, passages, loaded.n_ctx - WRITTEN - ROOM)
    answer = write(ours, ask(f"{shown}\n\nWrite out passage 1 word for word."), WRITTEN)
    peak = peak_memory(ours.pid or 0)
    return {
        "memory_peak": peak,
        "memory_reported": loaded.buffers,
        "memory_ratio": peak / loaded.buffers,
        "memory_tokens_read": answer.prompt_tokens + answer.tokens,
        "memory_logits_of_all_tokens": 4 * loaded.n_vocab * loaded.n_ctx,
    }


def peak_memory(pid: int) -> int:
    """Return the bytes of memory that a process has had at its highest; where that is not told, has now."""
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text(encoding="utf-8").split("\n") if status.exists() else []
    found = next((line for line in lines if line.startswith("VmHWM:")), None)
    if found is not None:
        return int(found.split()[1]) * 1024
    memory = psutil.Process(pid).memory_info()
    return int(getattr(memory, "peak_wset", memory.rss))


def _fill(ours: ModelProcess, passages: Sequence[str], room: int) -> str:
    """Show as many passages as ``room`` tokens hold, from the first one on again where there are too few."""
    shown: list[str] = []
    while True:
        more = show_passages([*shown, passages[len(shown) % len(passages)]])
        if ours.count_tokens([more])[0] > room:
            return show_passages(shown)
        shown.append(passages[len(shown) % len(passages)])
