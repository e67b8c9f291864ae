"""The user's settings: a small file in the data folder, checked when it is read."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.errors import SettingsError

if TYPE_CHECKING:
    from agents.context import AddRepSettings
    from llm.types import RuntimeOptions


class Theme(StrEnum):
    """Colours of the window."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Settings(BaseModel):
    """All settings with their defaults; docs/settings.md explains each (tested)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = "smollm2-135m"
    """Name of the chat model in the models folder."""
    embedding_model: str = "all-MiniLM-L6-v2"
    """Name of the embedding model in the models folder with which the library is searched."""
    next_embedding_model: str | None = None
    """The one with which it is being embedded anew; none by default."""
    theme: Theme = Theme.SYSTEM
    """Colours of the window: ``system``, ``light`` or ``dark``."""
    arm: Literal["addrep", "rag"] = "addrep"
    """How the window looks for evidence: until it suffices, or once; "model only" is not kept."""
    method: Literal["cp-order", "cp-link", "cp-refine", "quote", "attributed", "citations"] = "cp-order"
    """How an answer that the window asks for is made of what was found."""
    agents_off: tuple[Literal["refinement", "judgement", "loop"], ...] = ()
    """Agents of arm ``addrep`` that are left out, to see what they bring."""
    sub_questions: Literal["never", "when-needed", "always"] = "when-needed"
    """When arm ``addrep`` asks the same thing from other angles."""
    n_ctx: int = Field(default=4096, ge=512, le=131072)
    """Context of the model in tokens, at most what it was trained for."""
    n_gpu_layers: int | None = Field(default=None, ge=0, le=1024)
    """Layers of the model on a graphics processor; by default as many as fit."""
    n_threads: int | None = Field(default=None, ge=1, le=256)
    """Threads of the model; by default one for each physical core."""
    kv_cache: Literal["f16", "q8_0", "q4_0"] | None = None
    """How what was read is kept in memory; by default ``f16``, and ``q8_0`` where memory is short."""
    flash_attention: Literal["auto", "on", "off"] = "auto"
    """Attention in one pass with less memory; by default where the model and the machine can."""
    filter_with_model: bool = False
    """Whether the chat model is asked, while documents are added, where filtering is in doubt."""
    exam_folder: str | None = None
    """Where the window keeps exam runs; by default a folder "Bedside exams" among your documents."""
    reranker: str | None = None
    """Folder of a cross-encoder in the models folder that orders hits anew; none by default."""
    mirror: str | None = Field(default=None, pattern="^https?://")
    """Address from which models are downloaded instead of the Hugging Face hub; none by default."""
    is_first_run: bool = True
    """Whether the first-run page is shown when the window opens."""

    def addrep_settings(self) -> "AddRepSettings":
        """Return how arm ``addrep`` looks for evidence."""
        from agents.context import AddRepSettings, Agent, Divergence

        settings = AddRepSettings(divergence=Divergence(self.sub_questions))
        return settings.without([Agent(name) for name in self.agents_off])

    def runtime_options(self) -> "RuntimeOptions":
        """Return how the model is to be run."""
        from llm.types import FlashAttention, KvCacheType, RuntimeOptions

        return RuntimeOptions(
            n_ctx=self.n_ctx,
            n_gpu_layers=self.n_gpu_layers,
            n_threads=self.n_threads,
            kv_cache=KvCacheType(self.kv_cache) if self.kv_cache else None,
            flash_attention=FlashAttention(self.flash_attention),
        )


def read_settings(path: Path) -> Settings:
    """Read the settings; a missing file means the defaults.

    Raises:
        SettingsError: the file is not what Bedside writes.
    """
    try:
        return Settings.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Settings()
    except (OSError, ValidationError) as e:
        raise SettingsError(
            f"The settings file {path.name} cannot be used; please correct it, or delete it for the defaults."
        ) from e


def write_settings(settings: Settings, path: Path) -> None:
    """Write the settings whole or not at all.

    Raises:
        SettingsError: the disk refuses.
    """
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(settings.model_dump_json(indent=2) + "\n", encoding="utf-8")
        part.replace(path)
    except OSError as e:
        raise SettingsError(
            "The settings cannot be saved; please check the free space and the rights of the data folder."
        ) from e
