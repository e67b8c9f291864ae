"""One sentence over the page when something failed or was done; stays until dismissed or replaced."""

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.desktop.icons import set_icon
from app.desktop.shortcuts import tooltip
from app.desktop.state import Notice
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button, make_icon_button
from app.desktop.views.labels import make_label
from app.desktop.views.surface import RADIUS, Surface


class NoticeBar(Surface):
    """Hidden until there is something to say."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        """Say nothing."""
        super().__init__(theme, "danger", parent)
        self._theme = theme
        self._notice: Notice | None = None
        self._icon = QLabel()
        self.sentence = make_label()
        self.undo_button = make_button(self.tr("Undo"), self.undo, "link")
        self.undo_button.setToolTip(tooltip("undo"))
        self.link_button = make_button(self.tr("Open"), self._follow, "link")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 8, 8)
        layout.setSpacing(12)
        layout.addWidget(self._icon)
        layout.addWidget(self.sentence, 1)
        layout.addWidget(self.undo_button)
        layout.addWidget(self.link_button)
        layout.addWidget(make_icon_button("close", self.tr("Dismiss"), theme, self.hide))
        self.hide()

    def outline(self) -> QRectF:
        """Only the lower border is in sight: the bar goes from edge to edge."""
        return super().outline().adjusted(-RADIUS, -RADIUS, RADIUS, 0)

    def show_sentence(self, sentence: str) -> None:
        """Say what failed."""
        self._show("danger", "error", sentence, None)

    def show_notice(self, notice: Notice) -> None:
        """Say what was done."""
        self._show("quiet", "check", notice.sentence, notice)

    def undo(self) -> None:
        """Take back what was done, once."""
        notice = self._notice
        if notice is not None and notice.undo is not None and self.isVisible():
            self._notice = None
            self.hide()
            notice.undo()

    def _follow(self) -> None:
        if self._notice is not None and self._notice.follow is not None:
            self._notice.follow()

    def _show(self, tone: str, icon: str, sentence: str, notice: Notice | None) -> None:
        self._notice = notice
        self.choose_tone(tone)
        set_icon(self._icon, icon, self._theme, color="danger" if tone == "danger" else "success")
        self.sentence.setText(sentence)
        self.undo_button.setVisible(notice is not None and notice.undo is not None)
        self.link_button.setVisible(notice is not None and bool(notice.link))
        if notice is not None and notice.link:
            self.link_button.setText(notice.link)
        self.show()
