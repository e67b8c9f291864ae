"""The embedding models on this machine, which find passages: add, download, change, remove."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from app.desktop import embeddings
from app.desktop.dialogs.choose import choose_folder
from app.desktop.dialogs.confirm import confirm
from app.desktop.dialogs.download_dialog import DownloadDialog
from app.desktop.icons import set_icon
from app.desktop.models.embedding_models import EmbeddingModelsModel
from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks, Task
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.card import Card
from app.desktop.views.embedding_change_view import EmbeddingChangeView, count_passages
from app.desktop.views.labels import make_label
from app.desktop.views.models_table import make_models_table
from app.desktop.views.progress_row import ProgressRow
from app.desktop.views.table import fit_height
from app.desktop.wording import describe_bytes, describe_count, plural

if TYPE_CHECKING:
    from rag.embedding.model_store import EmbeddingModelRow

MAX_ROWS = 5
"""Rows that are shown without scrolling."""


class EmbeddingModelsView(QWidget):
    """The lower part of the models page; the models folder is read whenever it comes into sight."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Nothing is read yet."""
        super().__init__(parent)
        self._desk = desk
        self._theme = theme
        self._adding: Task | None = None
        self._removing: Task | None = None
        self.rows = EmbeddingModelsModel(theme, self)
        self.table = make_models_table(
            self.rows,
            self.tr("Search models"),
            on_selection=self._refresh,
            on_use=self.use_current,
            on_remove=self.remove_current,
        )
        self.nothing = Card(
            self.tr(
                "No search model is here, so only words are searched for as they are written. Run the set-up "
                "again to get the default one, add a folder that holds one, or download one."
            ),
            theme=theme,
        )
        self.about = Card("", theme=theme)
        self.change = EmbeddingChangeView(desk, theme)
        self.change.changed.connect(self.read)
        self.progress = ProgressRow(self.tr("Progress of adding"), self._stop_adding)
        self.use = make_button(self.tr("Use this one"), self.use_current)
        self.remove = make_button(self.tr("Remove…"), self.remove_current, "quiet")
        set_icon(self.remove, "trash", theme, color="muted", size=16)
        self.add_folder = make_button(self.tr("Add a folder…"), self.choose_folder)
        set_icon(self.add_folder, "plus", theme, color="muted", size=16)
        self.download = make_button(self.tr("Download…"), self.open_download)
        self._lay_out()
        self._show(())
        self.nothing.hide()

    @property
    def is_empty(self) -> bool:
        """Whether the view says that no model is there."""
        return not self.nothing.isHidden()

    def read(self) -> None:
        """Read the models folder."""
        embeddings.read_models(self._desk, self, self._show)

    def current(self) -> "EmbeddingModelRow | None":
        """Return the selected model."""
        rows = self.table.selectionModel().selectedRows()
        return self.rows.row(rows[0]) if rows else None

    def add(self, folder: Path) -> None:
        """Copy a model's folder into the models folder."""
        if self._adding is not None:
            return
        self.progress.begin(self.tr("Adding {name}…").format(name=folder.name))
        callbacks = Callbacks(
            on_event=self.progress.show_fraction,
            on_done=lambda row: self._select(row.name),
            on_end=self._end_adding,
        )
        self._adding = embeddings.add_model(self._desk, self, folder, callbacks)
        self.add_folder.setEnabled(False)

    def choose_folder(self) -> None:
        """Let the user choose a model's folder to add."""
        choose_folder(self, self.tr("Add a search model"), self.add)

    def open_download(self) -> None:
        """Ask which model to fetch from the hub."""
        dialog = DownloadDialog(self.window(), self._desk, self._theme)
        dialog.downloaded.connect(self._select)
        dialog.open()

    def use_current(self) -> None:
        """Change to the selected model, after saying what that means where there is something to read."""
        row = self.current()
        if row is None or not self.use.isEnabled():
            return
        passages = count_passages(self._desk)
        if not passages:
            self.change.start(row.name)
            return
        text = plural(
            passages,
            self.tr("The one passage of your library is read anew in the background."),
            self.tr(
                "All {n} passages of your library are read anew in the background; that can take a while."
            ),
        )
        confirm(
            self.window(),
            title=self.tr("Let “{name}” find the passages?").format(name=row.name),
            text=text
            + " "
            + self.tr(
                "Meanwhile you can search and ask as before: “{used}” goes on finding the passages until all "
                "are read. You can cancel it and continue later."
            ).format(used=self._used),
            action=self.tr("Use this one"),
            kind="primary",
            on_confirmed=lambda: self.change.start(row.name),
        )

    def remove_current(self) -> None:
        """Remove the selected model after asking."""
        row = self.current()
        if row is None or not self.remove.isEnabled():
            return
        confirm(
            self.window(),
            title=self.tr("Remove this search model?"),
            text=self.tr("The folder of “{name}” ({size}) in the models folder is deleted.").format(
                name=row.name, size=describe_bytes(row.size)
            ),
            action=self.tr("Remove"),
            on_confirmed=lambda: self._remove(row.name),
        )

    def showEvent(self, event: QShowEvent) -> None:
        """Read the models folder, which other programs may have changed."""
        super().showEvent(event)
        self.read()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(make_label(self.tr("What finds passages"), "heading", wraps=False), 1)
        head.addWidget(self.download)
        head.addWidget(self.add_folder)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.use)
        buttons.addWidget(self.remove)
        buttons.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(head)
        for part in (self.change, self.progress, self.table, self.nothing, self.about):
            layout.addWidget(part)
        layout.addLayout(buttons)

    @property
    def _used(self) -> str:
        return self._desk.bedside.settings.embedding_model

    def _show(self, found: "tuple[EmbeddingModelRow, ...]") -> None:
        selected = self.current()
        self.rows.show(found, self._used, self.change.following)
        if found:
            self.table.selectRow(max(self.rows.row_of(selected.name if selected else self._used), 0))
            fit_height(self.table, min(len(found), MAX_ROWS))
        for part in (self.table, self.use, self.remove):
            part.setVisible(bool(found))
        self.nothing.setVisible(not found)
        self.change.refresh()
        self._refresh()

    def _select(self, name: str) -> None:
        """Read the models folder once more and select a model in it."""

        def show(found: "tuple[EmbeddingModelRow, ...]") -> None:
            self._show(found)
            self.table.selectRow(self.rows.row_of(name))

        embeddings.read_models(self._desk, self, show)

    def _refresh(self) -> None:
        row = self.current()
        following = self.change.following
        is_free = row is not None and row.name not in (self._used, following)
        is_usable = row is not None and row.problem is None
        self.use.setEnabled(is_free and is_usable and following is None)
        self.remove.setEnabled(is_free and self._removing is None)
        text = self._describe(row) if row is not None else ""
        self.about.sentence.setText(text)
        self.about.setVisible(bool(text))

    def _describe(self, row: "EmbeddingModelRow") -> str:
        if row.problem is not None or row.dimension is None or row.max_length is None:
            return row.problem or ""
        text = self.tr(
            "{name} turns a passage into {dimension} numbers and reads its first {tokens} tokens; passages "
            "whose numbers are like those of a question are found."
        ).format(
            name=row.name,
            dimension=describe_count(row.dimension),
            tokens=describe_count(row.max_length),
        )
        if row.name == self._used:
            text += " " + self.tr("It is used for all searches and answers from the library.")
        return f"{text} {row.note}" if row.note else text

    def _stop_adding(self) -> None:
        if self._adding is not None:
            self._adding.stop()

    def _end_adding(self) -> None:
        self._adding = None
        self.progress.hide()
        self.add_folder.setEnabled(True)

    def _remove(self, name: str) -> None:
        self._removing = embeddings.remove_model(self._desk, self, name, Callbacks(on_end=self._end_removing))
        self._refresh()

    def _end_removing(self) -> None:
        self._removing = None
        self.read()
