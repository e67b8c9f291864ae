"""The settings of how a model is run, as they are put before the user."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil
from PySide6.QtCore import QCoreApplication

from app.desktop.wording import describe_count
from app.settings import Settings
from llm.types import FlashAttention, KvCacheType

if TYPE_CHECKING:
    from llm.types import LoadedModel

CONTEXTS = (2048, 4096, 8192, 16384, 32768, 65536, 131072)
GPU_LAYERS = (8, 16, 24, 32, 48, 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A setting, and what it is to the user."""

    setting: str
    title: str
    sentence: str
    choices: dict[object, str]
    """The words for each value that is offered."""
    read: "Callable[[LoadedModel], object]"
    """What was chosen for the model in memory."""

    @property
    def automatic(self) -> object:
        """The value that leaves the choice to Bedside."""
        return Settings.model_fields[self.setting].default

    def describe(self, value: object) -> str:
        """Say a value in words; nothing where there are none."""
        return self.choices.get(value, describe_count(value) if isinstance(value, int) else "")


def list_options() -> tuple[Option, ...]:
    """Return all options in the order in which they are shown, in the window's language."""
    return (_context(), _gpu_layers(), _threads(), _kv_cache(), _flash_attention())


def _context() -> Option:
    return Option(
        setting="n_ctx",
        title=_tr("Context"),
        sentence=_tr(
            "How much text the model sees at once, in tokens of about three quarters of a word. "
            "More takes more memory."
        ),
        choices={n: _tr("{n} tokens").format(n=describe_count(n)) for n in CONTEXTS},
        read=lambda loaded: loaded.n_ctx,
    )


def _gpu_layers() -> Option:
    return Option(
        setting="n_gpu_layers",
        title=_tr("Graphics processor"),
        sentence=_tr(
            "How many of the model's layers a graphics processor computes. More is faster, as long as they "
            "fit its memory."
        ),
        choices={0: _tr("Not used")} | {n: _tr("{n} layers").format(n=n) for n in GPU_LAYERS},
        read=lambda loaded: loaded.n_gpu_layers,
    )


def _threads() -> Option:
    return Option(
        setting="n_threads",
        title=_tr("Processor cores"),
        sentence=_tr("How many cores compute at once. Fewer leave more to other programs."),
        choices={n: describe_count(n) for n in range(1, (psutil.cpu_count() or 1) + 1)},
        read=lambda loaded: loaded.n_threads,
    )


def _kv_cache() -> Option:
    return Option(
        setting="kv_cache",
        title=_tr("Memory of what was read"),
        sentence=_tr(
            "Keys and values of the passages (KV cache). Fewer bits take less memory and make the model a "
            "little less exact."
        ),
        choices={
            KvCacheType.F16.value: _tr("16 bits"),
            KvCacheType.Q8_0.value: _tr("8 bits"),
            KvCacheType.Q4_0.value: _tr("4 bits"),
        },
        read=lambda loaded: loaded.kv_cache,
    )


def _flash_attention() -> Option:
    return Option(
        setting="flash_attention",
        title=_tr("Flash attention"),
        sentence=_tr(
            "Another order of the same computation, which takes less memory but is slower on a processor. It "
            "is needed where what was read is kept in fewer bits."
        ),
        choices={FlashAttention.ON.value: _tr("On"), FlashAttention.OFF.value: _tr("Off")},
        read=lambda loaded: loaded.flash_attention,
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("RuntimeOptions", text)
