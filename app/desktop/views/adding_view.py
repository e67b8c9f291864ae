"""Files on their way into the library, or indexed again: progress, cancel, and how each of them ended."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QModelIndex, QSize, Qt, QTimer, Signal
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
from app.desktop.dialogs.password_dialog import PasswordDialog
from app.desktop.models.add_results import AddResultsModel
from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks, Task
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button, make_icon_button
from app.desktop.views.labels import ElidedLabel
from app.desktop.wording import describe_stage, plural
from rag.types import AddResult, AddStatus, DocumentId, FolderChanges, IngestProgress, ReindexResult

LIST_ROWS = 5
"""Rows of results that are shown without scrolling."""
ROW_GAP = 2
REFRESH_MILLISECONDS = 2000
"""Between two readings of the documents while they are added; a large library takes a while to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be done, after what is being done now."""

    headline: str
    start: Callable[[], Task]
    summarise: Callable[[], str]


class AddingView(QFrame):
    """Hidden until files are added; stays with the results until it is dismissed."""

    finished = Signal()
    synchronised = Signal(list)
    """What changed in folders: a list of :class:`rag.types.FolderChanges`."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Nothing is being added."""
        super().__init__(parent)
        self.setObjectName("adding")
        self._desk = desk
        self._waiting: list[Job] = []
        self._job: Job | None = None
        self._task: Task | None = None
        self._collection: str | None = None
        self._refresh = QTimer(self, singleShot=True, interval=REFRESH_MILLISECONDS)
        self._refresh.timeout.connect(lambda: operations.refresh_documents(desk))
        self.results = AddResultsModel(theme, self)
        self.headline = ElidedLabel()
        self.detail = ElidedLabel("", "small")
        self._bar = QProgressBar(maximum=1000, textVisible=False)
        self._bar.setAccessibleName(self.tr("Progress of the file"))
        self.cancel = make_button(self.tr("Cancel"), self.stop)
        self.unlock = make_button(self.tr("Enter password…"), self.ask_password)
        self.dismiss = make_icon_button("close", self.tr("Dismiss"), theme, self.hide)
        self._list = QListView()
        self._list.setModel(self.results)
        self._list.setIconSize(QSize(16, 16))
        self._list.setSpacing(ROW_GAP)
        self._list.setAccessibleName(self.tr("Results"))
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._list.activated.connect(self._ask_password_of)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self.headline)
        texts.addWidget(self.detail)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addLayout(texts, 1)
        row.addWidget(self.unlock)
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

    def add(
        self, paths: Sequence[Path], *, collection: str | None = None, password: str | None = None
    ) -> None:
        """Add files and folders, new documents to a collection."""

        def start() -> Task:
            self._collection = collection
            return operations.add_documents(
                self._desk, self, paths, self._callbacks(), collection=collection, password=password
            )

        self._take(Job(headline=self.tr("Adding…"), start=start, summarise=self._summarise_added))

    def resume(self) -> None:
        """Go on with what was interrupted."""
        self._take(
            Job(
                headline=self.tr("Going on with documents that were not finished…"),
                start=lambda: operations.resume_unfinished(self._desk, self, self._callbacks()),
                summarise=self._summarise_added,
            )
        )

    def reindex(self, documents: Sequence[DocumentId]) -> None:
        """Index documents again."""
        self._take(
            Job(
                headline=self.tr("Indexing again…"),
                start=lambda: operations.reindex_documents(self._desk, self, documents, self._callbacks()),
                summarise=self._summarise_reindexed,
            )
        )

    def synchronise(self, folder: Path | None = None) -> None:
        """Bring the library up to date with a folder, by default with all that are watched."""
        self._take(
            Job(
                headline=self.tr("Looking for changes…"),
                start=lambda: operations.synchronise_folders(
                    self._desk, self, folder, self._callbacks(self.synchronised.emit)
                ),
                summarise=self._summarise_added,
            )
        )

    def ask_password(self) -> None:
        """Ask for the password of the first file that needs one."""
        locked = self.results.locked_at(self._list.currentIndex()) or self.results.locked()[0]
        dialog = PasswordDialog(self.window(), locked)
        dialog.entered.connect(
            lambda password: self.add([locked.file], collection=self._collection, password=password)
        )
        dialog.open()

    def stop(self) -> None:
        """Stop adding, also what waits."""
        self._waiting.clear()
        if self._task is not None:
            self._task.stop()
            self.headline.setText(self.tr("Stopping…"))
            self.cancel.setEnabled(False)

    def _callbacks(self, on_done: Callable[[list[FolderChanges]], None] | None = None) -> Callbacks:
        return Callbacks(on_event=self._show_event, on_end=self._end, on_done=on_done)

    def _take(self, job: Job) -> None:
        if self.is_running:
            self._waiting.append(job)
        else:
            self._begin(job.headline)
            self._job = job
            self._task = job.start()

    def _begin(self, headline: str) -> None:
        self.results.clear()
        self.headline.setText(headline)
        self.detail.setText("")
        self._bar.setValue(0)
        self._set_running(True)
        self._fit_list()
        self.show()
        self._desk.state.show_adding(True)

    def _show_event(self, event: IngestProgress | AddResult | ReindexResult) -> None:
        if not isinstance(event, IngestProgress):
            self.results.append(event)
            self._fit_list()
            if not self._refresh.isActive():
                self._refresh.start()
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
        job, self._job, self._task = self._job, None, None
        self._refresh.stop()
        operations.refresh_documents(self._desk)
        if self._waiting:
            self._take(self._waiting.pop(0))
            return
        summary = job.summarise() if job else ""
        self.headline.setText(
            self.tr("Stopped: {summary}").format(summary=summary) if was_stopped else summary
        )
        self._set_running(False)
        self._show_first_failure()
        self._desk.state.show_adding(False)
        self.finished.emit()

    def _summarise_added(self) -> str:
        indexed, duplicate, failed = (self.results.count(status) for status in AddStatus)
        parts = [plural(indexed, self.tr("{n} document added"), self.tr("{n} documents added"))]
        if duplicate:
            parts.append(self.tr("{n} already there").format(n=duplicate))
        if failed:
            parts.append(self.tr("{n} failed").format(n=failed))
        return ", ".join(parts)

    def _summarise_reindexed(self) -> str:
        done, failed = self.results.count("reindexed"), self.results.count("failed")
        parts = [plural(done, self.tr("{n} document indexed again"), self.tr("{n} documents indexed again"))]
        parts.append(self.tr("{n} changed").format(n=self.results.count_changed()))
        if failed:
            parts.append(self.tr("{n} failed").format(n=failed))
        return ", ".join(parts)

    def _ask_password_of(self, index: QModelIndex) -> None:
        if self.results.locked_at(index) is not None and not self.is_running:
            self.ask_password()

    def _set_running(self, is_running: bool) -> None:
        self._bar.setVisible(is_running)
        self.detail.setVisible(is_running)
        self.cancel.setVisible(is_running)
        self.cancel.setEnabled(True)
        self.unlock.setVisible(not is_running and bool(self.results.locked()))
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
