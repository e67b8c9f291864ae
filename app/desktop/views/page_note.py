"""What a reader of a page must know of its document: a newer version is there, or it is not searched."""

from PySide6.QtCore import QRectF, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.desktop.icons import set_icon
from app.desktop.operations import Desk
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.labels import make_label
from app.desktop.views.surface import RADIUS, Surface
from rag.types import Document


class PageNote(Surface):
    """Hidden while there is nothing to say."""

    document_opened = Signal(str)
    """The newest version is wanted."""

    def __init__(self, desk: Desk, theme: Theme, parent: QWidget | None = None) -> None:
        """Say nothing."""
        super().__init__(theme, "warning", parent)
        self._desk = desk
        self._newest: Document | None = None
        icon = QLabel()
        set_icon(icon, "info", theme, color="warning", size=16)
        self.sentence = make_label()
        self.link = make_button(self.tr("Open the newer version"), self._open, "link")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 6, 12, 6)
        layout.setSpacing(10)
        layout.addWidget(icon)
        layout.addWidget(self.sentence, 1)
        layout.addWidget(self.link)
        self.hide()

    def outline(self) -> QRectF:
        """Only the lower border is in sight: the note goes from edge to edge."""
        return super().outline().adjusted(-RADIUS, -RADIUS, RADIUS, 0)

    def show_document(self, document: Document | None) -> None:
        """Say what there is to say of a document."""
        self._newest = self._find_newest(document)
        sentence = ""
        if self._newest is not None:
            sentence = self.tr(
                "A newer version of this document is in the library; this one is not searched."
            )
        elif document is not None and not document.is_enabled:
            sentence = self.tr("This document is disabled: searches and answers do not find it.")
        self.sentence.setText(sentence)
        self.link.setVisible(self._newest is not None)
        if self._newest is not None:
            self.link.setToolTip(self._newest.file)
        self.setVisible(bool(sentence))

    def _find_newest(self, document: Document | None) -> Document | None:
        newest = None
        while document is not None and document.replaced_by is not None:
            document = newest = self._desk.state.document(document.replaced_by)
        return newest

    def _open(self) -> None:
        if self._newest is not None:
            self.document_opened.emit(self._newest.id)
