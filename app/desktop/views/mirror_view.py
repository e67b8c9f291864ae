"""Where downloads come from: a mirror of the hub, for networks that have one."""

from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.desktop import operations
from app.desktop.operations import Desk
from app.desktop.views.buttons import make_button
from app.desktop.views.labels import make_label


class MirrorView(QWidget):
    """An address and a button that keeps it."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Show the address that is set."""
        super().__init__(parent)
        self._desk = desk
        self.address = QLineEdit()
        self.address.setPlaceholderText(self.tr("https://…  (empty: the usual address)"))
        self.address.setAccessibleName(self.tr("Address for downloads"))
        self.address.textChanged.connect(lambda _: self._refresh())
        self.address.returnPressed.connect(self.keep)
        self.save = make_button(self.tr("Keep"), self.keep)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.address, 1)
        row.addWidget(self.save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 0, 0, 8)
        layout.setSpacing(6)
        layout.addWidget(
            make_label(
                self.tr("If your network has a copy of the model hub of its own, write its address here."),
                "muted",
            )
        )
        layout.addLayout(row)
        desk.state.settings_changed.connect(self._show)
        self._show()

    def keep(self) -> None:
        """Use this address from now on."""
        if not self.save.isEnabled():
            return
        operations.change_settings(self._desk, mirror=self.address.text().strip() or None)

    def _show(self) -> None:
        self.address.setText(self._desk.bedside.settings.mirror or "")
        self._refresh()

    def _refresh(self) -> None:
        text, url = self.address.text().strip(), QUrl(self.address.text().strip())
        is_address = not text or (url.scheme() in ("http", "https") and bool(url.host()))
        self.save.setEnabled(is_address and text != (self._desk.bedside.settings.mirror or ""))
