"""The chat: a conversation, and the composer under it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from agents.answer import Answer, Arm, Method
from agents.events import AnswerFinished, ModelLoading, PromptReading
from app.desktop import models_operations, operations
from app.desktop.operations import Desk
from app.desktop.tasks import Callbacks, Task
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.composer import Composer
from app.desktop.views.empty_state import EmptyState
from app.desktop.views.first_run import FirstRunPage
from app.desktop.views.labels import make_label
from app.desktop.views.model_note import ModelNote
from app.desktop.views.turn_view import TurnView
from app.desktop.views.turns_view import COLUMN_WIDTH, TurnsView
from llm.types import ModelState


class ChatPage(QWidget):
    """One answer is made at a time; it goes on while another conversation is looked at."""

    place_opened = Signal(object)
    add_files_wanted = Signal()
    add_samples_wanted = Signal()
    models_wanted = Signal()

    def __init__(self, desk: Desk, theme: Theme, composer: Composer, parent: QWidget | None = None) -> None:
        """Show a new conversation."""
        super().__init__(parent)
        self.setObjectName("page")
        self._desk = desk
        self._theme = theme
        self._task: Task | None = None
        self._turn: TurnView | None = None
        self._asked_in: str | None = None
        self.turns = TurnsView(theme)
        self.turns.place_opened.connect(self.place_opened)
        self.turns.closed_wanted.connect(lambda question: self.ask(question, Arm.CLOSED))
        self.turns.retry_wanted.connect(lambda question: self.composer.write(question))
        self.composer = composer
        self.composer.submitted.connect(self.ask)
        self.composer.stopped.connect(self.stop)
        self.composer.choose_arm(Arm(desk.bedside.settings.arm))
        self.composer.choose_method(Method(desk.bedside.settings.method))
        self.composer.options_chosen.connect(self._keep_options)
        self.model_note = ModelNote(desk, theme)
        self.model_note.models_wanted.connect(self.models_wanted)
        self._first_run = FirstRunPage(desk)
        self._first_run.add_files_wanted.connect(self.add_files_wanted)
        self._first_run.add_samples_wanted.connect(self.add_samples_wanted)
        self._first_run.question_chosen.connect(self.composer.write)
        self._no_documents = self._make_no_documents()
        self._new = EmptyState(
            icon="bedside",
            title=self.tr("What would you like to look up?"),
            sentence=self.tr(
                "Answers are made of your documents' own sentences; each one opens at its page."
            ),
            theme=theme,
        )
        self._stack = QStackedWidget()
        self._stack.setObjectName("stack")
        for page in (self._first_run, self._no_documents, self._new, self.turns):
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._stack, 1)
        layout.addLayout(self._make_foot())
        desk.state.conversation_changed.connect(self._show_conversation)
        desk.state.documents_changed.connect(self._choose_page)
        desk.state.documents_changed.connect(self._show_collections)
        desk.state.settings_changed.connect(self._choose_page)
        desk.state.document_removed.connect(lambda _: self._read_again())
        self._choose_page()

    @property
    def is_running(self) -> bool:
        """Whether an answer is being made."""
        return self._task is not None

    def ask(self, question: str, arm: Arm) -> None:
        """Ask in the conversation that is shown."""
        if self.is_running:
            return
        if self._desk.bedside.settings.is_first_run:
            operations.change_settings(self._desk, is_first_run=False)
        self._turn = TurnView(question, self._theme)
        self._turn.begin()
        self._asked_in = self._desk.state.conversation
        self.turns.add(self._turn)
        self.composer.show_running(True)
        callbacks = Callbacks(on_event=self._show_event, on_error=self._fail, on_end=self._end)
        self._task = operations.ask(
            self._desk,
            self,
            question,
            arm=arm,
            method=Method.BASE if arm is Arm.CLOSED else self.composer.method,
            collection=self.composer.collection,
            callbacks=callbacks,
        )
        self._choose_page()

    def stop(self) -> None:
        """Stop the answer that is being made."""
        if self._task is not None:
            self._task.stop()

    def start_new(self) -> None:
        """Show a new conversation."""
        self._desk.state.show_conversation(None)
        self.turns.clear()
        self._choose_page()
        self.composer.edit.setFocus()

    def copy_last(self) -> None:
        """Copy the last answer that is shown."""
        for turn in reversed(self.turns.turns):
            if turn.answer_view is not None:
                turn.answer_view.copy()
                return

    def _keep_options(self, arm: str, method: str) -> None:
        """Keep what was chosen, but for "model only": nobody shall find it chosen another day."""
        kept = {} if arm == Arm.CLOSED else {"arm": arm}
        operations.change_settings(self._desk, method=method, **kept)

    def _show_event(self, event: object) -> None:
        if self._turn is None:
            return
        self._turn.show_event(event)
        match event:
            case ModelLoading(fraction=fraction):
                is_loaded = fraction >= 1
                self._desk.state.show_model_state(
                    ModelState.READY if is_loaded else ModelState.LOADING, fraction
                )
            case PromptReading():
                self._desk.state.show_model_state(ModelState.READY, 1.0)
            case AnswerFinished(answer=answer):
                self._show_saved(answer)

    def _show_saved(self, answer: Answer) -> None:
        if self._desk.state.conversation == self._asked_in and self._turn in self.turns.turns:
            self._desk.state.begin_conversation(answer.conversation)
        operations.refresh_conversations(self._desk)
        if self._desk.state.loaded is None:
            models_operations.read_loaded(self._desk)

    def _fail(self, sentence: str) -> None:
        if self._turn is not None:
            self._turn.fail(sentence)

    def _end(self) -> None:
        self._task = None
        if self._turn is not None:
            self._turn.end()
            if self._turn not in self.turns.turns:
                self._turn.deleteLater()
        self._turn = None
        self.composer.show_running(False)

    def _show_conversation(self) -> None:
        self._read_again()
        self._choose_page()

    def _read_again(self) -> None:
        conversation = self._desk.state.conversation
        if conversation is None:
            self.turns.clear()
            if self._turn is not None and self._asked_in is None:
                self.turns.add(self._turn)
        else:
            operations.read_answers(self._desk, self, conversation, self._show_answers)

    def _show_answers(self, answers: list[Answer]) -> None:
        shown = self._desk.state.conversation
        if answers and answers[0].conversation not in (None, shown):
            return
        is_here = self._turn is not None and self._asked_in == shown
        self.turns.show_answers(answers, self._turn if is_here else None)
        self._choose_page()

    def _choose_page(self) -> None:
        state = self._desk.state
        if state.conversation is not None or self.turns.turns:
            self._stack.setCurrentWidget(self.turns)
        elif self._desk.bedside.settings.is_first_run:
            self._stack.setCurrentWidget(self._first_run)
        elif state.is_library_empty:
            self._stack.setCurrentWidget(self._no_documents)
        else:
            self._stack.setCurrentWidget(self._new)

    def _show_collections(self) -> None:
        overview = self._desk.state.overview
        if overview is not None:
            self.composer.show_collections([group.name for group in overview.collections])

    def _make_no_documents(self) -> EmptyState:
        return EmptyState(
            icon="library",
            title=self.tr("Your library is empty"),
            sentence=self.tr("Add guidelines, articles or your own notes; Bedside answers from them only."),
            theme=self._theme,
            buttons=(
                make_button(self.tr("Add your first document…"), self.add_files_wanted.emit, "primary"),
                make_button(self.tr("Add the sample library"), self.add_samples_wanted.emit),
            ),
        )

    def _make_foot(self) -> QHBoxLayout:
        note = make_label(
            self.tr(
                "Quotes are checked word for word against their page. Read the source before you act on it."
            ),
            "small",
        )
        column = QWidget()
        column.setMaximumWidth(COLUMN_WIDTH)
        inner = QVBoxLayout(column)
        inner.setContentsMargins(0, 8, 0, 12)
        inner.setSpacing(6)
        inner.addWidget(self.model_note)
        inner.addWidget(self.composer)
        inner.addWidget(note)
        foot = QHBoxLayout()
        bar = self.turns.verticalScrollBar()
        bar.rangeChanged.connect(
            lambda _low, high: foot.setContentsMargins(24, 0, 24 + (bar.width() if high else 0), 0)
        )
        foot.setContentsMargins(24, 0, 24, 0)
        foot.addStretch(1)
        foot.addWidget(column, 1000)
        foot.addStretch(1)
        return foot
