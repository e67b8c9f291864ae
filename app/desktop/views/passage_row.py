"""A passage that was found: where it stands and what became of it, in one line; a click opens it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.desktop.reasons import Passage
from app.desktop.views.buttons import RowButton
from app.desktop.views.labels import ElidedLabel, make_label
from app.desktop.wording import describe_place, plain_tooltip


class PassageRow(RowButton):
    """A link to a passage."""

    opened = Signal(object)
    """The :class:`~app.desktop.reasons.Passage`."""

    def __init__(self, passage: Passage, parent: QWidget | None = None) -> None:
        """Show title, year and page, and how well the passage fits."""
        place = describe_place(passage.title, passage.page, passage.year)
        fit = self._describe_fit(passage)
        layout = QHBoxLayout()
        layout.setContentsMargins(8, 3, 8, 3)
        layout.setSpacing(12)
        layout.addWidget(ElidedLabel(place), 1)
        layout.addWidget(make_label(fit, "small", wraps=False))
        super().__init__(layout, parent)
        self.passage = passage
        self.setAccessibleName(self.tr("Passage: {place}").format(place=place))
        self.setAccessibleDescription(fit)
        self.setToolTip(plain_tooltip(self.tr("Open {title}").format(title=place)))
        self.clicked.connect(lambda: self.opened.emit(passage))

    def _describe_fit(self, passage: Passage) -> str:
        parts = []
        if passage.grade is not None:
            parts.append(self.tr("grade {grade} of 3").format(grade=f"{passage.grade:.1f}"))
        if passage.relevance is not None:
            parts.append(self.tr("relevance {n} %").format(n=f"{100 * passage.relevance:.0f}"))
        elif passage.similarity is not None:
            parts.append(self.tr("similarity {value}").format(value=f"{passage.similarity:.2f}"))
        if passage.is_read_in_part:
            read = passage.sentences - len(passage.unread)
            parts.append(self.tr("{read} of {n} sentences read").format(read=read, n=passage.sentences))
        if not passage.is_kept:
            parts.append(self.tr("not used"))
        return " · ".join(parts)
