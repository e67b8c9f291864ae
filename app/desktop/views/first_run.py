"""The first page a new user sees: what this is, and the three steps to a first answer."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from app.desktop.operations import Desk
from app.desktop.samples import SAMPLE_QUESTIONS
from app.desktop.views.buttons import make_button
from app.desktop.views.labels import make_label
from app.desktop.wording import plural


class FirstRunPage(QScrollArea):
    """Shown until the first question is asked."""

    add_files_wanted = Signal()
    add_samples_wanted = Signal()
    question_chosen = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        """Show the three steps."""
        super().__init__(parent)
        self._state = desk.state
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QWidget()
        column.setMaximumWidth(600)
        layout = QVBoxLayout(column)
        layout.setSpacing(28)
        layout.addStretch(2)
        layout.addLayout(self._make_welcome())
        layout.addLayout(self._make_privacy())
        layout.addLayout(self._make_adding())
        layout.addLayout(self._make_asking())
        layout.addStretch(3)
        page = QWidget()
        page.setObjectName("column")
        centred = QHBoxLayout(page)
        centred.addStretch(1)
        centred.addWidget(column, 1000)
        centred.addStretch(1)
        self.setWidget(page)
        self._state.documents_changed.connect(self._refresh)
        self._state.adding_changed.connect(self._refresh)
        self._refresh()

    def _make_welcome(self) -> QVBoxLayout:
        layout = QVBoxLayout()
        layout.setSpacing(6)
        layout.addWidget(make_label(self.tr("Welcome to Bedside"), "title"))
        sentence = self.tr("Answers to clinical questions from your own library, in the library's own words.")
        layout.addWidget(make_label(sentence, "muted"))
        return layout

    def _make_privacy(self) -> QLayout:
        sentence = self.tr(
            "The language model runs here, on this computer. Your documents, questions and answers stay in "
            "your own data folder; nothing is sent anywhere."
        )
        return self._step(1, self.tr("Nothing leaves this machine"), sentence)[0]

    def _make_adding(self) -> QLayout:
        layout, body = self._step(2, self.tr("Fill your library"), "")
        self._documents = make_label("", "muted")
        body.addWidget(self._documents)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        self._add = make_button(self.tr("Add documents…"), self.add_files_wanted.emit, "primary")
        self._samples = make_button(self.tr("Add the sample library"), self.add_samples_wanted.emit)
        buttons.addWidget(self._add)
        buttons.addWidget(self._samples)
        buttons.addStretch()
        body.addSpacing(4)
        body.addLayout(buttons)
        return layout

    def _make_asking(self) -> QLayout:
        sentence = self.tr(
            "Type it below. You get sentences of your documents; click a number to see them on their page."
        )
        layout, body = self._step(3, self.tr("Ask a question"), sentence)
        self._questions = QWidget()
        rows = QVBoxLayout(self._questions)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        for question in SAMPLE_QUESTIONS:
            button = make_button(
                question, lambda question=question: self.question_chosen.emit(question), "link"
            )
            rows.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        body.addWidget(self._questions)
        return layout

    def _step(self, number: int, title: str, sentence: str) -> tuple[QHBoxLayout, QVBoxLayout]:
        badge = make_label(str(number), "step", wraps=False)
        badge.setFixedSize(28, 28)
        badge.setAlignment(Qt.AlignmentFlag.AlignCenter)
        body = QVBoxLayout()
        body.setSpacing(4)
        body.addWidget(make_label(title, "heading"))
        if sentence:
            body.addWidget(make_label(sentence, "muted"))
        layout = QHBoxLayout()
        layout.setSpacing(16)
        layout.addWidget(badge, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(body, 1)
        return layout, body

    def _refresh(self) -> None:
        count = len(self._state.documents)
        if self._state.is_adding:
            text = self.tr("Reading your documents; you can ask as soon as the first one is there.")
        elif count:
            text = plural(
                count,
                self.tr("Your library holds {n} document. You can drop more anywhere on this window."),
                self.tr("Your library holds {n} documents. You can drop more anywhere on this window."),
            )
        else:
            text = self.tr("Drop PDF, Word, Markdown or text files anywhere on this window, or choose them.")
        self._documents.setText(text)
        self._samples.setVisible(not count)
        self._samples.setEnabled(not self._state.is_adding)
