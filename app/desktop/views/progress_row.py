"""What is being done, how far it is, and a button that stops it."""

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from app.desktop.views.buttons import make_button
from app.desktop.views.labels import make_label

STEPS = 1000


class ProgressRow(QWidget):
    """Hidden until it begins."""

    def __init__(self, name: str, stop: Callable[[], object], parent: QWidget | None = None) -> None:
        """``name`` is what a screen reader says of the bar."""
        super().__init__(parent)
        self.sentence = make_label("", "muted", wraps=False)
        self.bar = QProgressBar(maximum=STEPS, textVisible=False)
        self.bar.setAccessibleName(name)
        self.cancel = make_button(self.tr("Cancel"), stop)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.sentence)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        self.hide()

    def begin(self, sentence: str) -> None:
        """Show that nothing is done yet."""
        self.sentence.setText(sentence)
        self.show_fraction(0.0)
        self.show()

    def show_fraction(self, fraction: float) -> None:
        """Show the share that is done, from 0 to 1."""
        self.bar.setValue(round(fraction * STEPS))
