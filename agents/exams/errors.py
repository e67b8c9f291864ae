"""What can go wrong with an exam.

ExamError                   an AnswerError: its text is one sentence for the user
├── ExamFileError           a file of items, cases or marks cannot be read
├── MappingNeeded           a table whose columns have to be named first
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


class ArmUnavailable(ExamError):
    """An arm that this library or these items do not allow."""


class ComparisonError(ExamError):
    """Runs that cannot be compared."""
