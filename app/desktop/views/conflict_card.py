"""Two sources that do not agree, side by side; neither is blended into the other."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from agents.answer import Answer, AnswerSentence, Conflict
from agents.citations import flatten
from app.desktop.places import Place
from app.desktop.theme import Theme
from app.desktop.views.buttons import make_button
from app.desktop.views.card import Card
from app.desktop.views.labels import make_label
from app.desktop.wording import describe_title


class ConflictCard(Card):
    """The newer source stands on the left."""

    place_opened = Signal(object)

    def __init__(
        self, answer: Answer, conflict: Conflict, theme: Theme, parent: QWidget | None = None
    ) -> None:
        """Show both sentences with title, year and page."""
        super().__init__("", theme=theme, tone="warning", icon="warning", parent=parent)
        self.sentence.setText(self.tr("Your sources do not agree: {reason}").format(reason=conflict.reason))
        columns = QHBoxLayout()
        columns.setSpacing(20)
        for index in (conflict.first, conflict.second):
            columns.addLayout(self._make_column(answer.sentences[index]), 1)
        self.body.addSpacing(6)
        self.body.addLayout(columns)

    def _make_column(self, sentence: AnswerSentence) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(4)
        source = sentence.citations[0] if sentence.citations else None
        if source is not None:
            column.addWidget(make_label(describe_title(source.title, source.year), "strong"))
        words = make_label(flatten(sentence.text))
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(words)
        if source is not None:
            place = Place.of_source(source)
            text = (
                self.tr("Open")
                if source.page is None
                else self.tr("Open page {page}").format(page=source.page)
            )
            button = make_button(text, lambda: self.place_opened.emit(place), "link")
            button.setAccessibleName(
                self.tr("{action} of {title}").format(
                    action=text, title=describe_title(source.title, source.year)
                )
            )
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch()
        return column
