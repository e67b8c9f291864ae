"""Asks for one name: of a collection, or a tag."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCompleter, QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.desktop.views.buttons import make_button
from app.desktop.views.labels import make_label
from rag.organisation import NAME_LENGTH


class NameDialog(QDialog):
    """A line to write in, with what is there already as suggestions."""

    named = Signal(str)

    def __init__(
        self, parent: QWidget, *, title: str, label: str, action: str, known: Sequence[str] = ()
    ) -> None:
        """``action`` is the word on the button that agrees."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.name = QLineEdit(maxLength=NAME_LENGTH)
        self.name.setMinimumWidth(320)
        self.name.setAccessibleName(label)
        if known:
            completer = QCompleter(list(known), self.name)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            self.name.setCompleter(completer)
        self.name.textChanged.connect(self._refresh)
        self.cancel = make_button(self.tr("Cancel"), self.reject)
        self.confirm = make_button(action, self.accept, "primary")
        self.confirm.setDefault(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch()
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.confirm)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(10)
        layout.addWidget(make_label(title, "heading"))
        layout.addWidget(make_label(label, "muted"))
        layout.addWidget(self.name)
        layout.addSpacing(12)
        layout.addLayout(buttons)
        self.accepted.connect(lambda: self.named.emit(self.name.text().strip()))
        self._refresh()

    def _refresh(self) -> None:
        self.confirm.setEnabled(bool(self.name.text().strip()))
