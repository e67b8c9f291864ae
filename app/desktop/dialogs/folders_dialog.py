"""The watched folders: add, stop watching, synchronise."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.desktop import operations
from app.desktop.dialogs.choose import choose_folder
from app.desktop.icons import set_icon
from app.desktop.models.folders import FoldersModel
from app.desktop.operations import Desk
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.labels import make_label
from app.desktop.views.table import make_table
from rag.types import WatchedFolder

MINIMUM_WIDTH, MINIMUM_HEIGHT = 680, 400


class FoldersDialog(QDialog):
    """Changes nothing in the folders themselves."""

    synchronise_wanted = Signal(object)
    """Path of a folder, or ``None`` for all of them."""

    def __init__(self, parent: QWidget, desk: Desk, theme: Theme, *, collection: str | None = None) -> None:
        """New documents from a folder that is added here join ``collection``."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Watched folders"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(MINIMUM_WIDTH, MINIMUM_HEIGHT)
        self._desk = desk
        self._collection = collection
        self._rows = FoldersModel(self)
        self.table = self._make_table()
        self.nothing = make_label(
            self.tr("No folder is watched yet. Add one, and synchronise it whenever it has changed."), "muted"
        )
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.add = make_button(self.tr("Add folder…"), self.choose_folder)
        set_icon(self.add, "plus", theme, color="muted", size=16)
        self.unwatch = make_button(self.tr("Stop watching"), self._unwatch, "quiet")
        self.synchronise = make_button(self.tr("Synchronise now"), self._synchronise, "primary")
        self._lay_out()
        self._show([])
        self._read()

    def choose_folder(self) -> None:
        """Let the user choose a folder to watch."""
        choose_folder(self, self.tr("Watch a folder"), self.watch)

    def watch(self, folder: Path) -> None:
        """Follow a folder from now on."""
        operations.watch_folder(self._desk, self, folder, self._collection, lambda _: self._read())

    def _lay_out(self) -> None:
        text = self.tr(
            "“Synchronise now” adds new files and new versions from these folders, and tells you which files "
            "have gone. Your files are never changed."
        )
        if self._collection is not None:
            text += " " + self.tr("New documents of a folder that you add here join “{name}”.").format(
                name=self._collection
            )
        tools = QHBoxLayout()
        tools.setSpacing(8)
        tools.addWidget(self.add)
        tools.addWidget(self.unwatch)
        tools.addStretch()
        tools.addWidget(make_button(self.tr("Close"), self.reject))
        tools.addWidget(self.synchronise)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(10)
        layout.addWidget(make_label(self.windowTitle(), "heading"))
        layout.addWidget(make_label(text, "muted"))
        layout.addWidget(self.table, 1)
        layout.addWidget(self.nothing, 1)
        layout.addLayout(tools)

    def _make_table(self) -> QTableView:
        table = make_table(self._rows, self.windowTitle(), on_selection=self._refresh)
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        return table

    def _read(self) -> None:
        operations.read_folders(self._desk, self, self._show)

    def _show(self, folders: list[WatchedFolder]) -> None:
        self._rows.show(folders)
        self.table.setVisible(bool(folders))
        self.nothing.setVisible(not folders)
        self._refresh()

    def _refresh(self) -> None:
        folder = self._chosen()
        self.unwatch.setEnabled(folder is not None)
        self.synchronise.setEnabled(self._rows.rowCount() > 0)
        self.synchronise.setText(
            self.tr("Synchronise all now") if folder is None else self.tr("Synchronise now")
        )

    def _chosen(self) -> WatchedFolder | None:
        rows = self.table.selectionModel().selectedRows()
        return self._rows.row(rows[0]) if rows else None

    def _unwatch(self) -> None:
        folder = self._chosen()
        if folder is not None:
            operations.unwatch_folder(self._desk, self, folder.path, lambda _: self._read())

    def _synchronise(self) -> None:
        folder = self._chosen()
        self.synchronise_wanted.emit(None if folder is None else folder.path)
        self.accept()
