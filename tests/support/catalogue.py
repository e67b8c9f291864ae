"""A small catalogue of tiny models that a hub on loopback serves."""

from typing import Any

from llm.catalogue import CatalogueFile, CatalogueModel, HubSource

REPO = "tests/tiny-models"
TOO_MUCH = 10**15
"""Bytes of memory that no machine has."""


def make_file(name: str, **changes: object) -> CatalogueFile:
    """Make a file that the hub has as ``{name}.gguf``."""
    values: dict[str, Any] = {
        "name": name,
        "quantisation": "Q4_K_M",
        "size": 1_200_000,
        "sha256": None,
        "sources": (HubSource(repo=REPO, file=f"{name}.gguf"),),
        "memory_needed": 2_000_000,
    }
    return CatalogueFile(**(values | changes))


def make_model(title: str, *files: CatalogueFile, **changes: object) -> CatalogueModel:
    """Make a model that anybody may use."""
    values: dict[str, Any] = {
        "title": title,
        "n_params": 300_000,
        "n_ctx": 4096,
        "licence": "MIT",
        "languages": ("English",),
        "for_whom": "For tests.",
        "files": files,
    }
    return CatalogueModel(**(values | changes))


def make_catalogue() -> tuple[CatalogueModel, ...]:
    """Return one small model in two files, and one that fits no machine."""
    return (
        make_model(
            "Tiny Instruct",
            make_file("tiny-q4"),
            make_file("tiny-q8", quantisation="Q8_0", size=2_400_000),
            languages=("English", "Chinese"),
        ),
        make_model("Giant Instruct", make_file("giant", memory_needed=TOO_MUCH), licence="Apache-2.0"),
    )
