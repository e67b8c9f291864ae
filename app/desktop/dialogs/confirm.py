"""Asks before something is deleted for good, given up, or takes long."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.desktop.views.buttons import make_button
from app.desktop.views.labels import make_label


class ConfirmDialog(QDialog):
    """A question with two buttons; the safe one has the focus."""

    def __init__(
        self, parent: QWidget, *, title: str, text: str, action: str, cancel: str = "", kind: str = "danger"
    ) -> None:
        """``action`` and ``cancel`` are the words on the button that does it and on the safe one."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.cancel = make_button(
            cancel or QCoreApplication.translate("ConfirmDialog", "Cancel"), self.reject
        )
        self.confirm = make_button(action, self.accept, kind)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch()
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.confirm)
        self.text = make_label(text, "muted")
        self.text.setMinimumWidth(380)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(10)
        layout.addWidget(make_label(title, "heading"))
        layout.addWidget(self.text)
        layout.addSpacing(12)
        layout.addLayout(buttons)
        self.cancel.setFocus()


def confirm(
    parent: QWidget,
    *,
    title: str,
    text: str,
    action: str,
    cancel: str = "",
    kind: str = "danger",
    on_confirmed: Callable[[], object],
) -> ConfirmDialog:
    """Ask, without stopping anything else; ``on_confirmed`` is called when the user agrees."""
    dialog = ConfirmDialog(parent, title=title, text=text, action=action, cancel=cancel, kind=kind)
    dialog.accepted.connect(lambda: on_confirmed())
    dialog.open()
    return dialog
