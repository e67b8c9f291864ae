"""What can go wrong with an exam.

ExamError                   an AnswerError: its text is one sentence for the user
├── ExamFileError           a file of items, cases or marks cannot be read
├── MappingNeeded           a table whose columns have to be named first
├── RunError                a run's folder cannot be used
│   └── RunDiffers          it was made with something else; going on would mix two runs
├── ArmUnavailable          an arm that this library or these items do not allow
└── ComparisonError         runs that cannot be compared
"""

from agents.errors import AnswerError


class ExamError(AnswerError):
    """Base; ``str(error)`` is one sentence that says what to do."""


class ExamFileError(ExamError):
    """A file of items, cases or marks cannot be read."""


class MappingNeeded(ExamError):
    """A table whose columns have to be named first."""


class RunError(ExamError):
    """A run's folder cannot be used."""


class RunDiffers(RunError):
    """A run's folder was made with something else; going on would mix two runs."""


class ArmUnavailable(ExamError):
    """An arm that this library or these items do not allow."""


class ComparisonError(ExamError):
    """Runs that cannot be compared."""
