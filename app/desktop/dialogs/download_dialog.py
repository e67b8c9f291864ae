"""Fetches a search model from the hub: the one thing in the window that goes to the network."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.desktop import embeddings
from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks, Task
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.card import Card
from app.desktop.views.labels import make_label
from app.desktop.views.progress_row import ProgressRow

if TYPE_CHECKING:
    from rag.embedding.model_store import EmbeddingModelRow

WIDTH = 480
"""Pixels of the dialog, at least."""


class DownloadDialog(QDialog):
    """Nothing is sent before the user presses the button; closing it stops the download."""

    downloaded = Signal(str)
    """A model is there: its name."""

    def __init__(self, parent: QWidget, desk: Desk, theme: Theme) -> None:
        """Wait for the name of a repository."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Download a search model"))
        self.setMinimumWidth(WIDTH)
        self.finished.connect(self.deleteLater)
        self._desk = desk
        self._task: Task | None = None
        self.repo = QLineEdit(placeholderText=self.tr("owner/name"))
        self.repo.setAccessibleName(self.tr("Name of the repository on the hub"))
        self.repo.textChanged.connect(self._refresh)
        self.problem = Card("", theme=theme, tone="danger", icon="error")
        self.problem.hide()
        self.progress = ProgressRow(self.tr("Progress of the download"), self.stop)
        self.cancel = make_button(self.tr("Close"), self.reject)
        self.confirm = make_button(self.tr("Download"), self.start, "primary")
        self.confirm.setDefault(True)
        self._lay_out(theme)
        self._refresh()

    def start(self) -> None:
        """Go to the network."""
        repo = self.repo.text().strip()
        if not repo or self._task is not None:
            return
        self.problem.hide()
        self.progress.begin(self.tr("Downloading…"))
        self._task = embeddings.download_model(
            self._desk,
            self,
            repo,
            Callbacks(
                on_event=self.progress.show_fraction,
                on_done=self._finish,
                on_error=self._show_problem,
                on_end=self._end,
            ),
        )
        self._refresh()

    def stop(self) -> None:
        """Stop the download; nothing of it stays."""
        if self._task is not None:
            self._task.stop()

    def reject(self) -> None:
        """Close; a download that runs is stopped first, and its end closes the dialog."""
        if self._task is None:
            super().reject()
        else:
            self.stop()
            self.hide()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop a download that runs."""
        self.stop()
        super().closeEvent(event)

    def _lay_out(self, theme: Theme) -> None:
        warning = Card(
            self.tr(
                "This goes to the network: the hub, Hugging Face, sees the model's name and your address. "
                "It is the one thing in Bedside that does; nothing of your library is sent."
            ),
            theme=theme,
            tone="warning",
            icon="warning",
        )
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch()
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.confirm)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(10)
        layout.addWidget(make_label(self.windowTitle(), "heading"))
        layout.addWidget(make_label(self.repo.accessibleName(), "muted"))
        layout.addWidget(self.repo)
        layout.addWidget(warning)
        layout.addWidget(self.problem)
        layout.addWidget(self.progress)
        layout.addSpacing(12)
        layout.addStretch(1)
        layout.addLayout(buttons)

    def _refresh(self) -> None:
        is_idle = self._task is None
        self.repo.setEnabled(is_idle)
        self.confirm.setEnabled(is_idle and bool(self.repo.text().strip()))

    def _finish(self, row: "EmbeddingModelRow") -> None:
        self.downloaded.emit(row.name)
        self.hide()

    def _show_problem(self, sentence: str) -> None:
        self.problem.sentence.setText(sentence)
        self.problem.show()

    def _end(self) -> None:
        self._task = None
        self.progress.hide()
        self._refresh()
        if self.isHidden():
            super().reject()
