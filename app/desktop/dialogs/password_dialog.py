"""Asks for the password that opens a file."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.desktop.views.buttons import make_button
from app.desktop.views.labels import ElidedLabel, make_label
from rag.types import AddResult


class PasswordDialog(QDialog):
    """Says which file it is and why it asks."""

    entered = Signal(str)

    def __init__(self, parent: QWidget, result: AddResult) -> None:
        """``result`` is of a file that needs a password."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Password"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.password = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        self.password.setMinimumWidth(320)
        self.password.setAccessibleName(self.windowTitle())
        self.password.textChanged.connect(self._refresh)
        self.show_button = make_button(self.tr("Show"), self._show)
        self.show_button.setCheckable(True)
        field = QHBoxLayout()
        field.setSpacing(8)
        field.addWidget(self.password, 1)
        field.addWidget(self.show_button)
        self.confirm = make_button(self.tr("Add file"), self.accept, "primary")
        self.confirm.setDefault(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch()
        buttons.addWidget(make_button(self.tr("Cancel"), self.reject))
        buttons.addWidget(self.confirm)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(10)
        layout.addWidget(make_label(self.tr("This file needs a password"), "heading"))
        layout.addWidget(ElidedLabel(result.file.name))
        layout.addWidget(
            make_label(
                self.tr(
                    "Bedside keeps it with the document in your library, to open its pages later. "
                    "It stays on this computer."
                ),
                "muted",
            )
        )
        layout.addLayout(field)
        layout.addSpacing(12)
        layout.addLayout(buttons)
        self.accepted.connect(lambda: self.entered.emit(self.password.text()))
        self._refresh()

    def _refresh(self) -> None:
        self.confirm.setEnabled(bool(self.password.text()))

    def _show(self) -> None:
        mode = QLineEdit.EchoMode.Normal if self.show_button.isChecked() else QLineEdit.EchoMode.Password
        self.password.setEchoMode(mode)
