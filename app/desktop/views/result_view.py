"""A calculator's result: the evidence line, how it came about, and its sources."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.desktop.views.buttons import make_button
from app.desktop.views.labels import make_label

if TYPE_CHECKING:
    from rag.clinical.calculators.calculator import Result


class ResultView(QFrame):
    """Follows what is given; says what is missing while there is no result."""

    conversation_wanted = Signal(str)
    """The evidence line is to be put into the conversation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Empty."""
        super().__init__(parent)
        self.setObjectName("details")
        self._evidence = ""
        self.value = self._make("heading")
        self.meaning = self._make("strong")
        self.sentence = self._make("muted")
        self.steps = self._make("")
        self.warnings = self._make("problem")
        self.sources = self._make("small")
        self.use = make_button(self.tr("Put into the conversation"), self._use, "primary")
        self.copy = make_button(self.tr("Copy"), self._copy)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.use)
        row.addWidget(self.copy)
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(8)
        for label in (self.value, self.meaning, self.sentence, self.warnings, self.steps, self.sources):
            layout.addWidget(label)
        layout.addLayout(row)

    @property
    def evidence(self) -> str:
        """The evidence line; empty while there is no result."""
        return self._evidence

    def show_sentence(self, sentence: str) -> None:
        """Show why there is no result."""
        self._evidence = ""
        for label in (self.value, self.meaning, self.steps, self.warnings, self.sources):
            self._say(label, "")
        self._say(self.sentence, sentence)
        self._refresh()

    def show_result(self, result: "Result") -> None:
        """Show a result."""
        self._evidence = result.evidence
        self._say(self.value, result.text)
        self._say(self.meaning, result.interpretation.text if result.interpretation else "")
        self._say(self.sentence, result.evidence)
        self._say(self.warnings, "\n".join(result.warnings))
        self._say(self.steps, "\n".join((result.formula, *result.steps)))
        valid = self.tr("Valid for: {text}").format(text=result.valid_for)
        self._say(self.sources, "\n".join((valid, *(f"[{s.short}] {s.full}" for s in result.sources))))
        self._refresh()

    def _make(self, role: str) -> QLabel:
        label = make_label("", role)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setMinimumWidth(1)
        return label

    def _say(self, label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))

    def _refresh(self) -> None:
        self.use.setEnabled(bool(self._evidence))
        self.copy.setEnabled(bool(self._evidence))

    def _use(self) -> None:
        self.conversation_wanted.emit(self._evidence)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._evidence)
