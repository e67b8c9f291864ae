"""What the commands print."""

import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.types import IngestProgress


def print_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object on one line, at once."""
    print(json.dumps(value, ensure_ascii=False, allow_nan=False), flush=True)


def print_progress(text: str) -> None:
    """Show a passing state on a terminal's standard error; nothing where nobody looks."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def clear_progress() -> None:
    """Take the passing state away."""
    print_progress("")


def print_table(rows: list[tuple[str, ...]]) -> None:
    """Print rows with their columns aligned; the first row is the header."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def format_bytes(size: int) -> str:
    """Write a size in MB or GB (powers of ten)."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


def show_ingest(progress: "IngestProgress") -> None:
    """Show how far the files that are indexed are."""
    print_progress(
        f"[{progress.file_number}/{progress.file_count}] {progress.file.name}: "
        f"{progress.stage} {progress.fraction:.0%}"
    )
