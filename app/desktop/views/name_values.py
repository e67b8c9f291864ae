"""A table of names and values, as in the details of an answer or a model."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from app.desktop.views.labels import make_label


class NameValues(QFrame):
    """Names on the left, values that can be selected on the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Empty."""
        super().__init__(parent)
        self.setObjectName("details")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(14, 12, 14, 12)
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)

    def add_heading(self, text: str) -> None:
        """Add a heading over both columns."""
        self._grid.addWidget(make_label(text, "section"), self._grid.rowCount(), 0, 1, 2)

    def add(self, name: str, value: str) -> None:
        """Add a row."""
        row = self._grid.rowCount()
        label = make_label(value)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setMinimumWidth(1)  # a long word, as of a path, must not make the page wider
        label.setAccessibleName(f"{name}: {value}")
        self._grid.addWidget(make_label(name, "muted", wraps=False), row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(label, row, 1)
