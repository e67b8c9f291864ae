"""Why the chosen part is left out of the search, and buttons to take it back."""

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from app.desktop import parts
from app.desktop.operations import Desk
from app.desktop.shortcuts import tooltip
from app.desktop.tasks import Callbacks, Task
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.card import Card
from app.desktop.views.labels import make_label
from app.desktop.wording import describe_count, describe_reason, explain_reason
from rag.types import Chunk, ChunkId, DocumentId, FilterReason


class TakeBackView(QWidget):
    """Hidden while the chosen part is one that is searched anyway."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """No part is chosen."""
        super().__init__(parent)
        self._desk = desk
        self._chunk: Chunk | None = None
        self._task: Task | None = None
        self.card = Card("", theme=theme)
        self.one = make_button(self.tr("Search this part after all"), self.toggle)
        self.one.setToolTip(tooltip("take_back"))
        self.all = make_button(self.tr("Search all of this kind"), self._take_all)
        self.working = self._make_progress()
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.one)
        row.addWidget(self.all)
        row.addStretch()
        self.card.body.addWidget(self._buttons)
        self.card.body.addWidget(self.working)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 12)
        layout.addWidget(self.card)
        self.hide()

    @property
    def is_working(self) -> bool:
        """Whether parts are being taken back."""
        return self._task is not None

    def show_chunk(self, chunk: Chunk | None, alike: int) -> None:
        """Show the chosen part; ``alike`` is how many are left out for the same reason."""
        self._chunk = chunk
        reason = chunk.filtered if chunk else None
        self.setVisible(reason is not None or self.is_working)
        if chunk is None or reason is None:
            return
        kind = describe_reason(reason)
        if chunk.is_restored:
            text = self.tr("You took this part back, so it is searched although it was left out: {kind}.")
            self.one.setText(self.tr("Leave this part out again"))
        else:
            text = self.tr("This part is not searched: {kind}.") + " " + explain_reason(reason)
            self.one.setText(self.tr("Search this part after all"))
        self.card.sentence.setText(text.format(kind=kind))
        self.all.setText(self.tr("Search all {n} of this kind").format(n=describe_count(alike)))
        self.all.setVisible(not chunk.is_restored and alike > 1)

    def toggle(self) -> None:
        """Take the chosen part back, or leave it out again."""
        chunk = self._chunk
        if chunk is None or chunk.filtered is None or self.is_working:
            return
        if chunk.is_restored:
            parts.leave_out(self._desk, chunk.document, [chunk.id])
        else:
            self._take_back(chunk.document, [chunk.id])

    def stop(self) -> None:
        """Stop taking back; nothing has changed then."""
        if self._task is not None:
            self._task.stop()

    def _take_all(self) -> None:
        if self._chunk is not None and not self.is_working:
            self._take_back(self._chunk.document, None, self._chunk.filtered)

    def _take_back(
        self, document: DocumentId, chunks: list[ChunkId] | None, reason: FilterReason | None = None
    ) -> None:
        self._status.setText(
            self.tr("Waits until the documents are added…")
            if self._desk.state.is_adding
            else self.tr("Taking it into the search…")
        )
        self._bar.setValue(0)
        self._show_working(True)
        callbacks = Callbacks(
            on_event=lambda fraction: self._bar.setValue(round(fraction * 1000)), on_end=self._end
        )
        self._task = parts.take_back(self._desk, self, document, chunks, reason=reason, callbacks=callbacks)

    def _end(self) -> None:
        self._task = None
        self._show_working(False)

    def _show_working(self, is_working: bool) -> None:
        self._buttons.setVisible(not is_working)
        self.working.setVisible(is_working)

    def _make_progress(self) -> QWidget:
        self._status = make_label("", "muted", wraps=False)
        self._bar = QProgressBar(maximum=1000, textVisible=False)
        self._bar.setAccessibleName(self.tr("Progress of taking back"))
        self.cancel = make_button(self.tr("Cancel"), self.stop)
        working = QWidget()
        row = QHBoxLayout(working)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._status)
        row.addWidget(self._bar, 1)
        row.addWidget(self.cancel)
        working.hide()
        return working
