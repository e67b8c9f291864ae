"""What a guard says about a piece of an answer."""

from dataclasses import dataclass
from enum import StrEnum


class GuardKind(StrEnum):
    """What is wrong with a piece of text; the names are those of the flags of an answer."""

    NUMBER = "number"
    """A number, range or comparison that the evidence does not hold."""
    UNIT = "unit"
    """A number that stands in the evidence with another unit, or with none."""
    NEGATION = "negation"
    """Said here and denied there, or the other way round."""
    DRUG = "drug"
    """A drug that the evidence does not name."""
    UNSUPPORTED = "unsupported"
    """A finding such as normal or raised that the evidence does not attach to this word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A piece of a sentence that must not be passed as good: ``text == sentence[start:end]``."""

    kind: GuardKind
    start: int
    end: int
    text: str
