"""One sentence over the page when something failed; stays until it is dismissed or replaced."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from app.desktop.icons import set_icon
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_icon_button
from app.desktop.views.labels import make_label


class NoticeBar(QFrame):
    """Hidden until there is something to say."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Say nothing."""
        super().__init__(parent)
        self.setObjectName("notice")
        icon = QLabel()
        set_icon(icon, "error", theme, color="danger")
        self.sentence = make_label()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 8, 8)
        layout.setSpacing(12)
        layout.addWidget(icon)
        layout.addWidget(self.sentence, 1)
        layout.addWidget(make_icon_button("close", self.tr("Dismiss"), theme, self.hide))
        self.hide()

    def show_sentence(self, sentence: str) -> None:
        """Show a sentence."""
        self.sentence.setText(sentence)
        self.show()
