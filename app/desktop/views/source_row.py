"""One source under an answer: number, title, page and the beginning of the quote; a click opens it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.desktop.places import Place
from app.desktop.views.buttons import RowButton
from app.desktop.views.labels import ElidedLabel, make_label
from app.desktop.wording import describe_place, plain_tooltip


class SourceRow(RowButton):
    """A link to a place."""

    opened = Signal(object)
    """The :class:`~app.desktop.places.Place`."""

    def __init__(self, number: int, place: Place, preview: str, parent: QWidget | None = None) -> None:
        """``preview`` is the second line: the quote, or how near the source is."""
        title = describe_place(place.title, place.page, place.year)
        texts = QVBoxLayout()
        texts.setSpacing(1)
        texts.addWidget(ElidedLabel(title))
        texts.addWidget(ElidedLabel(preview, "small"))
        layout = QHBoxLayout()
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(12)
        layout.addWidget(make_label(str(number), "number", wraps=False))
        layout.addLayout(texts, 1)
        super().__init__(layout, parent)
        self.place = place
        self.setAccessibleName(self.tr("Source {n}: {title}").format(n=number, title=title))
        self.setAccessibleDescription(preview)
        self.setToolTip(plain_tooltip(self.tr("Open {title}").format(title=title)))
        self.clicked.connect(lambda: self.opened.emit(place))
