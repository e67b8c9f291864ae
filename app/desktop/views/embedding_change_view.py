"""The change to another search model: how far it is, or that it is not finished."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.desktop import embeddings
from app.desktop.dialogs.confirm import confirm
from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks, Task
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.card import Card
from app.desktop.views.progress_row import ProgressRow
from app.desktop.wording import describe_count


class EmbeddingChangeView(QWidget):
    """Hidden while no change is under way."""

    changed = Signal()
    """A change began, ended, was stopped or given up."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Show a change that an earlier run of the program left unfinished."""
        super().__init__(parent)
        self._desk = desk
        self._task: Task | None = None
        self._started: str | None = None
        self.card = Card("", theme=theme)
        self.progress = ProgressRow(self.tr("Progress of the change"), self.stop)
        self.go_on = make_button(self.tr("Continue"), self.continue_change, "primary")
        self.give_up = make_button(self.tr("Give up…"), self._ask_giving_up)
        self._choice = QWidget()
        row = QHBoxLayout(self._choice)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.go_on)
        row.addWidget(self.give_up)
        row.addStretch()
        self.card.body.addWidget(self.progress)
        self.card.body.addWidget(self._choice)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.card)
        self.refresh()

    @property
    def is_working(self) -> bool:
        """Whether passages are being read anew, or a change is being given up."""
        return self._task is not None

    @property
    def following(self) -> str | None:
        """Name of the model that is being changed to, also while nothing is read."""
        return self._started or self._desk.bedside.settings.next_embedding_model

    def start(self, name: str) -> None:
        """Change to a model; one change at a time."""
        if self.is_working:
            return
        self._started = name
        self._say(self.tr("Changing to “{name}”. Until it is done, searches use “{used}”."), name)
        self.progress.begin(self._describe_waiting())
        self._work(
            lambda callbacks: embeddings.change_model(self._desk, self, name, callbacks),
            on_event=self._show_fraction,
        )
        self._choice.hide()
        self.show()

    def continue_change(self) -> None:
        """Go on with the change that is not finished."""
        name = self._desk.bedside.settings.next_embedding_model
        if name is not None:
            self.start(name)

    def stop(self) -> None:
        """Stop reading; what was read is kept for going on."""
        if self._task is not None:
            self._task.stop()

    def refresh(self) -> None:
        """Offer to go on with a change that is not finished, or to give it up."""
        if self.is_working:
            return
        name = self._desk.bedside.settings.next_embedding_model
        self.progress.hide()
        self._choice.show()
        self.setVisible(name is not None)
        if name is not None:
            self._say(self.tr("Changing to “{name}” is not finished. Searches use “{used}” for now."), name)

    def _ask_giving_up(self) -> None:
        settings = self._desk.bedside.settings
        confirm(
            self.window(),
            title=self.tr("Give this change up?"),
            text=self.tr(
                "Searches stay with “{used}”. What “{name}” has read so far is deleted; "
                "the model itself stays."
            ).format(used=settings.embedding_model, name=settings.next_embedding_model),
            action=self.tr("Give up"),
            on_confirmed=self._give_up,
        )

    def _give_up(self) -> None:
        if not self.is_working:
            self._choice.hide()
            self._work(lambda callbacks: embeddings.drop_change(self._desk, self, callbacks))

    def _work(
        self, start: Callable[[Callbacks], Task], on_event: Callable[[float], None] | None = None
    ) -> None:
        self._task = start(Callbacks(on_event=on_event, on_end=self._end))
        self.changed.emit()

    def _end(self) -> None:
        self._task = self._started = None
        self.refresh()
        self.changed.emit()

    def _say(self, sentence: str, name: str) -> None:
        used = self._desk.bedside.settings.embedding_model
        self.card.sentence.setText(sentence.format(name=name, used=used))

    def _describe_waiting(self) -> str:
        if self._desk.state.is_adding:
            return self.tr("Waits until the documents are added…")
        return self.tr("Begins…")

    def _show_fraction(self, fraction: float) -> None:
        total = count_passages(self._desk)
        done = describe_count(round(fraction * total))
        sentence = self.tr("{done} of {total} passages")
        self.progress.sentence.setText(sentence.format(done=done, total=describe_count(total)))
        self.progress.show_fraction(fraction)


def count_passages(desk: Desk) -> int:
    """Count the passages of the library that a search may find."""
    return sum(document.chunks - document.filtered for document in desk.state.documents)
