"""What can go wrong in the set-up."""


class SetUpError(Exception):
    """``str(error)`` is one sentence for the user that says what happened and what to do."""
