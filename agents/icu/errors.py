"""What can go wrong with an evaluation; all else is an error of tables, of runs or of models."""

from agents.errors import AnswerError


class EvaluationError(AnswerError):
    """What was asked for cannot be evaluated; ``str(error)`` is one sentence that says what to do."""
