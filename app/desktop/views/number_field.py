"""A field for a whole number."""

from PySide6.QtWidgets import QSpinBox

MARGIN = 5
"""Pixels between the frame and the number; a style sheet's padding does not reach the field inside."""


class NumberField(QSpinBox):
    """Typed or turned, between two ends."""

    def __init__(self, least: int, most: int, value: int, name: str) -> None:
        """``name`` is what a screen reader calls it."""
        super().__init__(minimum=least, maximum=most, value=value)
        self.setAccessibleName(name)
        self.lineEdit().setTextMargins(MARGIN, 0, MARGIN, 0)
