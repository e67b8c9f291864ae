"""Says why Bedside cannot start."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from app.desktop.views.buttons import make_button
from app.desktop.views.labels import make_label


class FailureDialog(QDialog):
    """One sentence and one button."""

    def __init__(self, parent: QWidget, sentence: str) -> None:
        """Show the sentence."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Bedside cannot start"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.sentence = make_label(sentence, "muted")
        self.sentence.setMinimumWidth(380)
        self.close_button = make_button(self.tr("Close"), self.accept, "primary")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(10)
        layout.addWidget(make_label(self.windowTitle(), "heading"))
        layout.addWidget(self.sentence)
        layout.addSpacing(12)
        layout.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignRight)
