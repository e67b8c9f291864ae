"""Everything that can go wrong between a question and its answer.

AnswerError                  base: its text is one sentence for the user
├── EmptyQuestion            nothing was asked
├── EmptyLibrary             there is nothing to answer from
├── ConversationNotFound     no conversation has this id
├── TurnNotFound             no question of the conversation has this number
├── ExportError              the file cannot be written
└── CalibrationError         the questions do not suffice to calibrate a model
"""


class AnswerError(Exception):
    """Base; ``str(error)`` is one sentence that says what to do."""


class EmptyQuestion(AnswerError):
    """Nothing was asked."""


class EmptyLibrary(AnswerError):
    """There is nothing to answer from."""


class CalibrationError(AnswerError):
    """The questions do not suffice to calibrate a model."""


class ConversationNotFound(AnswerError):
    """No conversation has this id."""


class TurnNotFound(AnswerError):
    """No question of the conversation has this number."""


class ExportError(AnswerError):
    """The file cannot be written."""
