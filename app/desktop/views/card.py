"""A bordered box with an icon and a sentence: abstentions, warnings, errors."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.desktop.icons import set_icon
from app.desktop.theme import Theme
from app.desktop.views.labels import make_label
from app.desktop.views.surface import Surface


class Card(Surface):
    """``body`` takes what comes under the sentence."""

    def __init__(
        self,
        sentence: str,
        *,
        theme: Theme,
        tone: str = "quiet",
        icon: str = "info",
        parent: QWidget | None = None,
    ) -> None:
        """``tone`` is ``quiet``, ``warning`` or ``danger``."""
        super().__init__(theme, tone, parent)
        picture = QLabel()
        set_icon(picture, icon, theme, color="muted" if tone == "quiet" else tone)
        self.sentence = make_label(sentence)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.body = QVBoxLayout()
        self.body.setSpacing(4)
        self.body.addWidget(self.sentence)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(15, 13, 15, 13)
        layout.setSpacing(12)
        layout.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(self.body, 1)
