"""How much a recording may cost, and how it is to be read where the file does not say."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rag.clinical.ecg.types import Sex


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingOptions:
    """What the user knows about a file; the file's own statements go before."""

    sampling_rate: float | None = None
    """Hz, for text files."""
    unit: str | None = None
    """``mV``, ``uV`` or ``V``, for text files."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Lead name → column (its name, or its number from 1), for text files."""
    sex: Sex | None = None
    age: int | None = None
    start: float = 0.0
    """Seconds into the recording at which the measured part begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingLimits:
    """Over any of these a file is refused, or cut where that is said."""

    max_bytes: int = 500_000_000
    max_leads: int = 64
    measured_seconds: float = 30.0
    """Of a longer recording only this much is measured."""
    seconds: float = 60.0
    """For reading and measuring one file, of the clock."""
    memory_bytes: int = 2_000_000_000
