"""One question with its answer: first as it is made, step by step, then as it is."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from agents.answer import Answer, AnswerSentence
from agents.events import (
    AnswerEvent,
    AnswerFinished,
    DocumentRead,
    ModelLoading,
    PromptReading,
    SentenceAdded,
    StepFinished,
    StepStarted,
    TextAdded,
)
from agents.turns import Turn
from app.desktop.answer_text import render_sentences, render_text
from app.desktop.step_wording import describe_outcome
from app.desktop.theme import Theme
from app.desktop.views.answer_sentences import make_sentences_label
from app.desktop.views.answer_view import AnswerView
from app.desktop.views.buttons import make_button
from app.desktop.views.card import Card
from app.desktop.views.labels import make_label
from app.desktop.views.question_view import QuestionView
from app.desktop.views.steps_view import StepsView
from app.desktop.wording import describe_count, describe_step

TEXT_MILLISECONDS = 40
"""How often freely written text is shown; tokens may come faster."""


class TurnView(QWidget):
    """Question, then steps and sentences, then the finished answer or an error."""

    place_opened = Signal(object)
    passage_opened = Signal(object)
    unread_wanted = Signal(object)
    copied_wanted = Signal(object)
    closed_wanted = Signal(str)
    retry_wanted = Signal(str)
    asked_again = Signal(object, str)
    """The saved :class:`agents.turns.Turn`, and the question in other words."""
    sibling_wanted = Signal(int)
    """Another version of the question, by its turn."""

    def __init__(self, question: str, theme: Theme, parent: QWidget | None = None) -> None:
        """Show the question."""
        super().__init__(parent)
        self.question = question
        self.turn: Turn | None = None
        """As it is saved."""
        self._theme = theme
        self.answer_view: AnswerView | None = None
        self._sentences: list[AnswerSentence] = []
        self._text = ""
        self._timer = QTimer(self, singleShot=True, interval=TEXT_MILLISECONDS)
        self._timer.timeout.connect(self._show_text)
        self.head = QuestionView(question, theme)
        self.head.sibling_wanted.connect(self.sibling_wanted)
        self.head.asked_again.connect(lambda words: self.asked_again.emit(self.turn, words))
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(12)
        self._layout.addWidget(self.head)
        self._running: QWidget | None = None

    @property
    def is_running(self) -> bool:
        """Whether an answer is being made."""
        return self._running is not None

    @property
    def step(self) -> QLabel:
        """What is done now."""
        return self.steps.current

    def begin(self) -> None:
        """Show that an answer is being made."""
        self._running = QWidget()
        self.steps = StepsView(self._theme)
        self._body = make_sentences_label()
        self._body.hide()
        layout = QVBoxLayout(self._running)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self._body)
        layout.addWidget(self.steps)
        self._layout.addWidget(self._running)
        self._theme.follow(self._body, self._show_sentences)

    def show_event(self, event: AnswerEvent) -> None:
        """Show what the running answer tells."""
        match event:
            case StepStarted(step=step):
                self._show_step(describe_step(step))
            case StepFinished(step=step, details=details):
                self._show_outcome(describe_outcome(step, details))
            case ModelLoading(fraction=fraction):
                self._show_step(self.tr("Loading the model…"), round(fraction * 100), 100)
            case PromptReading(done=done, total=total):
                text = self.tr("Reading passages: {done} of {total} tokens").format(
                    done=describe_count(done), total=describe_count(total)
                )
                self._show_step(text, done, total)
            case DocumentRead(done=done, total=total):
                text = self.tr("Going through the document: part {done} of {total}").format(
                    done=describe_count(done + 1), total=describe_count(total)
                )
                self._show_step(text, done, total)
            case SentenceAdded(sentence=sentence):
                self._sentences.append(sentence)
                self._show_sentences()
            case TextAdded(text=text):
                self._text += text
                if not self._timer.isActive():
                    self._timer.start()
            case AnswerFinished(answer=answer):
                self.finish(answer)

    def show_turn(self, turn: Turn) -> None:
        """Show what can be done with it now that it is saved."""
        self.turn = turn
        self.head.show_turn(turn)

    def finish(self, answer: Answer) -> None:
        """Show the whole answer."""
        self._end_running()
        self.answer_view = AnswerView(answer, self._theme)
        self.answer_view.place_opened.connect(self.place_opened)
        self.answer_view.passage_opened.connect(self.passage_opened)
        self.answer_view.unread_wanted.connect(self.unread_wanted)
        self.answer_view.copied_wanted.connect(self.copied_wanted)
        self.answer_view.closed_wanted.connect(lambda: self.closed_wanted.emit(self.question))
        self._layout.addWidget(self.answer_view)

    def fail(self, sentence: str) -> None:
        """Show why there is no answer."""
        self._end_running()
        card = Card(sentence, theme=self._theme, tone="danger", icon="error")
        self.retry = make_button(
            self.tr("Put the question back"), lambda: self.retry_wanted.emit(self.question), "link"
        )
        card.body.addWidget(self.retry, 0, Qt.AlignmentFlag.AlignLeft)
        self._layout.addWidget(card)

    def end(self) -> None:
        """Show that it was stopped before anything was there, unless an answer or an error is shown."""
        if self._running is not None:
            self._end_running()
            self._layout.addWidget(
                make_label(self.tr("Stopped."), "chip", wraps=False), 0, Qt.AlignmentFlag.AlignLeft
            )

    def _end_running(self) -> None:
        self._timer.stop()
        if self._running is not None:
            self._running.hide()
            self._running.deleteLater()
            self._running = None

    def _show_step(self, text: str, done: int = 0, total: int = 0) -> None:
        if self._running is not None:
            self.steps.show_current(text, done, total)

    def _show_outcome(self, text: str) -> None:
        if self._running is not None and text:
            self.steps.add_outcome(text)

    def _show_sentences(self) -> None:
        if self._sentences:
            self._show_body(render_sentences(self._sentences, self._theme.tokens))

    def _show_text(self) -> None:
        self._show_body(render_text(self._text))

    def _show_body(self, rich_text: str) -> None:
        if self._running is not None:
            self._body.setText(rich_text)
            self._body.show()


def make_turn(turn: Turn, theme: Theme) -> TurnView:
    """Make the view of a turn that was read from a conversation."""
    view = TurnView(turn.answer.question, theme)
    view.finish(turn.answer)
    view.show_turn(turn)
    return view
