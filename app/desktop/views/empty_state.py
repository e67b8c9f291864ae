"""What a page shows while it has nothing to show: a title, a sentence, and what to do next."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.desktop.icons import set_icon
from app.desktop.theme import Theme
from app.desktop.views.labels import make_label

WIDTH, LEAST_WIDTH = 440, 260
"""Pixels of the sentence, and of a page that is narrower."""


class EmptyState(QWidget):
    """Centred in its page."""

    def __init__(
        self,
        *,
        icon: str,
        title: str,
        sentence: str,
        theme: Theme,
        buttons: Sequence[QPushButton] = (),
        parent: QWidget | None = None,
    ) -> None:
        """Show icon, title, sentence and buttons under each other."""
        super().__init__(parent)
        picture = QLabel()
        set_icon(picture, icon, theme, color="muted", size=40)
        self.title = make_label(title, "heading", wraps=False)
        self.sentence = make_label("", "muted")
        self._room = WIDTH
        self.setMinimumWidth(LEAST_WIDTH)
        self.say(sentence)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch()
        for button in buttons:
            row.addWidget(button)
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addStretch(2)
        for label in (picture, self.title, self.sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(8)
        layout.addLayout(row)
        layout.addStretch(3)

    def say(self, sentence: str) -> None:
        """Say another sentence."""
        self.sentence.setText(sentence)
        self._fit_sentence()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the sentence inside a narrow page."""
        super().resizeEvent(event)
        self._room = self.contentsRect().marginsRemoved(self.layout().contentsMargins()).width()
        self._fit_sentence()

    def _fit_sentence(self) -> None:
        """A layout does not ask a wrapped label how high it is at its width."""
        width = min(WIDTH, self._room)
        self.sentence.setFixedSize(width, max(self.sentence.heightForWidth(width), 0))
