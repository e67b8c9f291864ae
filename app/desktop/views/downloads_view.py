"""The downloads that run or are paused, one row each."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.desktop.operations import Desk
from app.desktop.theme import Theme
from app.desktop.views.download_row import DownloadRow


class DownloadsView(QWidget):
    """Hidden while there is none."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Follow the state."""
        super().__init__(parent)
        self._desk = desk
        self._theme = theme
        self.rows: dict[str, DownloadRow] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        desk.state.downloads_changed.connect(self._refresh)
        desk.state.models_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        state = self._desk.state
        shown = {
            offer.file.name: offer
            for offer in state.offers
            if offer.file.name in state.downloads or (offer.is_paused and not offer.is_installed)
        }
        for name in self.rows.keys() - shown.keys():
            row = self.rows.pop(name)
            row.hide()
            row.deleteLater()
        for name, offer in shown.items():
            if name in self.rows:
                self.rows[name].show_offer(offer)
            else:
                self.rows[name] = DownloadRow(self._desk, self._theme, offer)
                self._layout.addWidget(self.rows[name])
        self.setVisible(bool(self.rows))
