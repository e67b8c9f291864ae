"""The chat: a conversation, and the composer under it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from agents.answer import Answer, Arm, Method
from agents.events import AnswerFinished, ModelLoading, PromptReading
from agents.turns import ConversationId, Turn, TurnId
from app.desktop import conversing, examining, models_operations, operations
from app.desktop.operations import Desk
from app.desktop.reasons import Passage
from app.desktop.tasks import Callbacks, Task
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.composer import Composer
from app.desktop.views.empty_state import EmptyState
from app.desktop.views.first_run import FirstRunPage
from app.desktop.views.labels import make_label
from app.desktop.views.model_note import ModelNote
from app.desktop.views.turn_view import TurnView
from app.desktop.views.turns_view import COLUMN_WIDTH, Then, TurnsView
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
        self._asked_in: ConversationId | None = None
        self._instead_of: Turn | None = None
        """The turn that is asked again, while that is so."""
        self._readings = 0
        self._then: Then | None = None
        self.turns = TurnsView(theme)
        self.turns.place_opened.connect(self.place_opened)
        self.turns.passage_opened.connect(self._open_passage)
        self.turns.unread_wanted.connect(
            lambda view: examining.find_unread(self._desk, view, view.passages_left_out, view.show_unread)
        )
        self.turns.copied_wanted.connect(
            lambda view: examining.find_copied(self._desk, view, view.answer, view.show_copied)
        )
        self.turns.closed_wanted.connect(lambda question: self.ask(question, Arm.CLOSED))
        self.turns.retry_wanted.connect(lambda question: self.composer.write(question))
        self.turns.asked_again.connect(self.ask_again)
        self.turns.sibling_wanted.connect(self._show_sibling)
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
        self._show_running(True)
        callbacks = Callbacks(on_event=self._show_event, on_error=self._fail, on_end=self._end)
        self._task = operations.ask(
            self._desk,
            self,
            question,
            arm=arm,
            method=Method.BASE if arm is Arm.CLOSED else self.composer.method,
            collection=self.composer.collection,
            branch=self._instead_of and self._instead_of.branch,
            callbacks=callbacks,
        )
        self._choose_page()

    def ask_again(self, turn: Turn, question: str) -> None:
        """Ask a question that is shown in other words; it and what follows stay, on a branch of their own."""
        if not self.is_running:
            self.turns.cut(turn.id)
            self._instead_of = turn
            self.composer.send_question(question)

    def edit_last(self) -> None:
        """Let the user write the last question that is shown in other words."""
        for view in reversed(self.turns.turns):
            if view.turn is not None:
                self.turns.scroll_to(view)
                view.head.begin_edit()
                return

    def end_edit(self) -> bool:
        """Give up what is being edited; tell whether anything was."""
        for view in self.turns.turns:
            if view.head.editor is not None:
                view.head.end_edit()
                return True
        return False

    def open_turn(self, conversation: ConversationId, turn: TurnId) -> None:
        """Show a conversation at a turn, whichever branch it is on."""

        def show(_: object = None) -> None:
            then = Then(turn)
            if self._desk.state.conversation == conversation:
                self._read_again(then)
            else:
                self._then = then
                self._desk.state.show_conversation(conversation)

        if self.is_running and self._asked_in == conversation:
            show()  # the answer that is being made belongs to the branch that is shown
        else:
            conversing.show_branch(self._desk, self, conversation, turn, show)

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

    def _open_passage(self, passage: Passage) -> None:
        examining.find_passage(self._desk, self, passage, self.place_opened.emit)

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
            case AnswerFinished(answer=answer, turn=turn):
                self._show_saved(answer, turn)

    def _show_saved(self, answer: Answer, turn: TurnId | None) -> None:
        if self._turn is not None and answer.conversation is not None and turn is not None:
            conversation = ConversationId(answer.conversation)
            conversing.read_turn(self._desk, self._turn, conversation, turn, self._turn.show_turn)
        if self._desk.state.conversation == self._asked_in and self._turn in self.turns.turns:
            self._desk.state.begin_conversation(answer.conversation)
        operations.refresh_conversations(self._desk)
        if self._desk.state.loaded is None:
            models_operations.read_loaded(self._desk)

    def _fail(self, sentence: str) -> None:
        if self._instead_of is not None:
            self._desk.tasks.failed.emit(sentence)  # the turn gives way to the version that there was
        elif self._turn is not None:
            self._turn.fail(sentence)

    def _end(self) -> None:
        turn, before = self._turn, self._instead_of
        self._task = self._turn = self._instead_of = None
        self._show_running(False)
        if turn is None:
            return
        is_here = turn in self.turns.turns
        if before is not None and turn.answer_view is None:
            self._give_back(before, turn, is_here=is_here)
        else:
            turn.end()
            if not is_here:
                turn.deleteLater()
        if not is_here and self._asked_in is not None and self._asked_in == self._desk.state.conversation:
            self._read_again()  # it is being read, perhaps from before the answer was saved

    def _give_back(self, before: Turn, turn: TurnView, *, is_here: bool) -> None:
        """There is no answer to a question that was asked again: show what there was, and go on editing."""
        turn.end()
        turn.deleteLater()
        if is_here:
            self._read_again(Then(before.id, lambda view: view.head.begin_edit(turn.question)))

    def _show_running(self, is_running: bool) -> None:
        self.composer.show_running(is_running)
        self.turns.show_busy(is_running)

    def _show_sibling(self, turn: TurnId) -> None:
        conversation = self._desk.state.conversation
        if conversation is not None:
            then = Then(turn, lambda view: view.head.switch and view.head.switch.take_focus())
            conversing.show_branch(self._desk, self, conversation, turn, lambda _: self._read_again(then))

    def _show_conversation(self) -> None:
        then, self._then = self._then, None
        self._read_again(then)
        self._choose_page()

    def _read_again(self, then: Then | None = None) -> None:
        self._readings += 1
        conversation = self._desk.state.conversation
        if conversation is None:
            self.turns.clear()
            if self._turn is not None and self._asked_in is None:
                self.turns.add(self._turn)
            return
        number, before = self._readings, self._instead_of
        is_here = before is not None and self._asked_in == conversation
        conversing.read_turns(
            self._desk,
            self,
            conversation,
            lambda turns: self._show_turns(turns, then) if number == self._readings else None,
            branch=before.branch if is_here else None,
        )

    def _show_turns(self, turns: list[Turn], then: Then | None) -> None:
        is_here = self._turn is not None and self._asked_in == self._desk.state.conversation
        self.turns.show_turns(turns, self._turn if is_here else None, then)
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
