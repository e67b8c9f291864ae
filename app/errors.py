"""Errors of the program around the library and the models.

AppError               base: its text is one sentence for the user
├── HomeInUse          another Bedside uses this data folder
├── HomeUnusable       the data folder cannot be made or written
├── PictureUnreadable  a page of a picture file cannot be shown
└── SettingsError      the settings file cannot be read or written
"""


class AppError(Exception):
    """Base; ``str(error)`` is one sentence that says what to do."""


class HomeInUse(AppError):
    """Another Bedside uses this data folder."""


class HomeUnusable(AppError):
    """The data folder cannot be made or written."""


class PictureUnreadable(AppError):
    """A page of a picture file cannot be shown."""


class SettingsError(AppError):
    """The settings file cannot be read or written."""


def known_errors() -> tuple[type[Exception], ...]:
    """Return the errors whose text is a sentence for the user; anything else is a bug."""
    from agents.errors import AnswerError
    from llm.errors import ModelError
    from rag.clinical.calculators.errors import CalculatorError
    from rag.errors import LibraryError

    return (AppError, AnswerError, CalculatorError, LibraryError, ModelError)
