"""Files on their way into the library: progress, cancel, and how each of them ended."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from app.desktop import operations
from app.desktop.models.add_results import AddResultsModel
from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks, Task
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button, make_icon_button
from app.desktop.views.labels import ElidedLabel
from app.desktop.wording import describe_stage, plural
from rag.types import AddResult, AddStatus, IngestProgress

LIST_ROWS = 5
"""Rows of results that are shown without scrolling."""
ROW_GAP = 2


class AddingView(QFrame):
    """Hidden until files are added; stays with the results until it is dismissed."""

    finished = Signal()

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Nothing is being added."""
        super().__init__(parent)
        self.setObjectName("adding")
        self._desk = desk
        self._waiting: list[Sequence[Path]] = []
        self._task: Task | None = None
        self.results = AddResultsModel(theme, self)
        self.headline = ElidedLabel()
        self.detail = ElidedLabel("", "small")
        self._bar = QProgressBar(maximum=1000, textVisible=False)
        self._bar.setAccessibleName(self.tr("Progress of the file"))
        self.cancel = make_button(self.tr("Cancel"), self.stop)
        self.dismiss = make_icon_button("close", self.tr("Dismiss"), theme, self.hide)
        self._list = QListView()
        self._list.setModel(self.results)
        self._list.setIconSize(QSize(16, 16))
        self._list.setSpacing(ROW_GAP)
        self._list.setAccessibleName(self.tr("Results"))
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self.headline)
        texts.addWidget(self.detail)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addLayout(texts, 1)
        row.addWidget(self.cancel)
        row.addWidget(self.dismiss, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(row)
        layout.addWidget(self._bar)
        layout.addWidget(self._list)
        self.hide()

    @property
    def is_running(self) -> bool:
        """Whether files are being added."""
        return self._task is not None

    def add(self, paths: Sequence[Path]) -> None:
        """Add files and folders, after those that are being added now."""
        if self.is_running:
            self._waiting.append(paths)
            return
        self._begin(self.tr("Adding…"))
        self._task = operations.add_documents(self._desk, self, paths, self._callbacks())

    def resume(self) -> None:
        """Go on with what was interrupted."""
        self._begin(self.tr("Going on with documents that were not finished…"))
        self._task = operations.resume_unfinished(self._desk, self, self._callbacks())

    def stop(self) -> None:
        """Stop adding, also what waits."""
        self._waiting.clear()
        if self._task is not None:
            self._task.stop()
            self.headline.setText(self.tr("Stopping…"))
            self.cancel.setEnabled(False)

    def _callbacks(self) -> Callbacks:
        return Callbacks(on_event=self._show_event, on_end=self._end)

    def _begin(self, headline: str) -> None:
        self.results.clear()
        self.headline.setText(headline)
        self.detail.setText("")
        self._bar.setValue(0)
        self._set_running(True)
        self._fit_list()
        self.show()
        self._desk.state.show_adding(True)

    def _show_event(self, event: IngestProgress | AddResult) -> None:
        if isinstance(event, AddResult):
            self.results.append(event)
            self._fit_list()
            if event.status is not AddStatus.FAILED:
                operations.refresh_documents(self._desk)
            return
        if self._task is not None and not self._task.cancel.is_set():
            self.headline.setText(
                self.tr("File {number} of {count}: {name}").format(
                    number=event.file_number, count=event.file_count, name=event.file.name
                )
            )
        self.detail.setText(f"{describe_stage(event.stage)}, {event.fraction:.0%}")
        self._bar.setValue(round(event.fraction * 1000))

    def _end(self) -> None:
        was_stopped = self._task is not None and self._task.cancel.is_set()
        self._task = None
        operations.refresh_documents(self._desk)
        if self._waiting:
            self.add(self._waiting.pop(0))
            return
        self.headline.setText(self._summarise(was_stopped))
        self._set_running(False)
        self._show_first_failure()
        self._desk.state.show_adding(False)
        self.finished.emit()

    def _summarise(self, was_stopped: bool) -> str:
        indexed, duplicate, failed = (self.results.count(status) for status in AddStatus)
        parts = [plural(indexed, self.tr("{n} document added"), self.tr("{n} documents added"))]
        if duplicate:
            parts.append(self.tr("{n} already there").format(n=duplicate))
        if failed:
            parts.append(self.tr("{n} failed").format(n=failed))
        summary = ", ".join(parts)
        return self.tr("Stopped: {summary}").format(summary=summary) if was_stopped else summary

    def _set_running(self, is_running: bool) -> None:
        self._bar.setVisible(is_running)
        self.detail.setVisible(is_running)
        self.cancel.setVisible(is_running)
        self.cancel.setEnabled(True)
        self.dismiss.setVisible(not is_running)

    def _fit_list(self) -> None:
        rows = min(self.results.rowCount(), LIST_ROWS)
        self._list.setVisible(rows > 0)
        self._list.setFixedHeight(rows * (self._list.sizeHintForRow(0) + 2 * ROW_GAP) + 2 * ROW_GAP)
        self._list.scrollToBottom()

    def _show_first_failure(self) -> None:
        row = self.results.first("failed")
        if row >= 0:
            self._list.scrollTo(self.results.index(row), QListView.ScrollHint.PositionAtTop)
