"""Lists all keyboard shortcuts."""

from itertools import groupby

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.desktop.shortcuts import SHORTCUTS, describe, translate
from app.desktop.views.buttons import make_button
from app.desktop.views.labels import make_label


class ShortcutsDialog(QDialog):
    """Made from the table of shortcuts."""

    def __init__(self, parent: QWidget) -> None:
        """Build the list in two columns."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        columns = QHBoxLayout()
        columns.setSpacing(48)
        groups = [(name, list(rows)) for name, rows in groupby(SHORTCUTS, key=lambda row: row.group)]
        for half in (groups[:2], groups[2:]):
            column = QVBoxLayout()
            column.setSpacing(20)
            for name, rows in half:
                column.addLayout(self._make_group(translate(name), [describe(row.name) for row in rows]))
            column.addStretch()
            columns.addLayout(column)
        close = make_button(self.tr("Close"), self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(28, 24, 28, 20)
        layout.setSpacing(20)
        layout.addWidget(make_label(self.windowTitle(), "heading"))
        layout.addLayout(columns)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)

    def _make_group(self, name: str, rows: list[tuple[str, str]]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        grid.addWidget(make_label(name, "section", wraps=False), 0, 0)
        for number, (text, key) in enumerate(rows, 1):
            grid.addWidget(make_label(text, wraps=False), number, 0)
            grid.addWidget(make_label(key, "chip", wraps=False), number, 1, Qt.AlignmentFlag.AlignRight)
        return grid
