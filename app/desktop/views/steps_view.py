"""The steps of a running answer: a line for each that has come to something, and one for what is done now."""

from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from app.desktop.icons import set_icon
from app.desktop.theme import Theme
from app.desktop.views.labels import ElidedLabel, make_label

BAR_WIDTH = 160


class StepsView(QWidget):
    """Grows downwards; nothing in it moves but its last line."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Nothing is done yet."""
        super().__init__(parent)
        self._theme = theme
        self.outcomes: list[str] = []
        """The lines of what is done."""
        self.current = make_label(self.tr("Starting…"), "muted", wraps=False)
        self.current.setAccessibleName(self.tr("Progress of the answer"))
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(BAR_WIDTH)
        self._bar.setRange(0, 0)
        self._done = QVBoxLayout()
        self._done.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(self._done)
        layout.addWidget(self.current)
        layout.addWidget(self._bar)

    def show_current(self, text: str, done: int = 0, total: int = 0) -> None:
        """Show what is done now; without a total nobody knows how long it takes."""
        self.current.setText(text)
        self._bar.setRange(0, total)
        self._bar.setValue(done)

    def add_outcome(self, text: str) -> None:
        """Add a line about what is done."""
        self.outcomes.append(text)
        mark = QLabel()
        set_icon(mark, "check", self._theme, color="accent", size=14)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(mark)
        row.addWidget(ElidedLabel(text, "small"), 1)
        self._done.addLayout(row)
