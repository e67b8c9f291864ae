"""Why a calculator gives no value.

CalculatorError            base: its text is one sentence for the user
├── CalculatorNotFound     no calculator has this name
├── UnknownInput           the calculator has no such input
├── MissingInputs          something that it cannot do without was not given
└── InvalidInput           a value that cannot be read, in a unit that is not taken, or impossible
"""


class CalculatorError(Exception):
    """Base; ``str(error)`` is one sentence that says what to do."""


class CalculatorNotFound(CalculatorError):
    """No calculator has this name."""


class UnknownInput(CalculatorError):
    """The calculator has no such input."""


class MissingInputs(CalculatorError):
    """The calculator cannot do without inputs that were not given; ``keys`` names them."""

    def __init__(self, sentence: str, keys: tuple[str, ...] = ()) -> None:
        """``keys`` are those of the inputs."""
        super().__init__(sentence)
        self.keys = keys


class InvalidInput(CalculatorError):
    """A value that cannot be read, in a unit that is not taken, or impossible."""
