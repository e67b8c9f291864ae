"""Everything that can go wrong between a question and its answer.

AnswerError                  base: its text is one sentence for the user
├── EmptyQuestion            nothing was asked
├── EmptyLibrary             there is nothing to answer from
├── EmptyScope               nothing that was chosen to be asked can be searched
├── UnfitMethod              the method cannot make an answer of what the arm finds
├── ConversationNotFound     no conversation has this id
├── TurnNotFound             no question of the conversation has this number
├── ExportError              the file cannot be written
├── CalibrationError         the questions do not suffice to calibrate a model
└── RunError                 the folder of a run (an exam, an evaluation) cannot be used
    └── RunDiffers           it was made with something else; going on would mix two runs
"""


class AnswerError(Exception):
    """Base; ``str(error)`` is one sentence that says what to do."""


class EmptyQuestion(AnswerError):
    """Nothing was asked."""


class EmptyLibrary(AnswerError):
    """There is nothing to answer from."""


class EmptyScope(AnswerError):
    """Nothing that was chosen to be asked can be searched."""


class UnfitMethod(AnswerError):
    """The method cannot make an answer of what the arm finds."""


class CalibrationError(AnswerError):
    """The questions do not suffice to calibrate a model."""


class ConversationNotFound(AnswerError):
    """No conversation has this id."""


class TurnNotFound(AnswerError):
    """No question of the conversation has this number."""


class ExportError(AnswerError):
    """The file cannot be written."""


class RunError(AnswerError):
    """The folder of a run cannot be used."""


class RunDiffers(RunError):
    """A run's folder was made with something else; going on would mix two runs."""
