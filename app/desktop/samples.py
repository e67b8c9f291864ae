"""What comes with Bedside to try it: a small library and questions on it."""

from contextlib import AbstractContextManager
from pathlib import Path

from resources.reader import open_path

SAMPLE_QUESTIONS = (
    "In whom should albuminuria be measured?",
    "When is dialysis urgently needed?",
    "How fast may serum sodium rise when I correct hyponatraemia?",
)
"""In the words of the sample library, so not translated."""


def open_sample_library() -> AbstractContextManager[Path]:
    """Give the folder of the sample library a path for as long as the context lasts."""
    return open_path("samples/library")
