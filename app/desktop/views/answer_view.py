"""A finished answer: its sentences with citation marks, its sources, and what can be done with it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from agents.answer import Answer, AnswerStatus, Arm
from app.desktop.answer_text import CITATION_LINK, flatten, number_sources, render_plain, render_sentences
from app.desktop.icons import set_icon
from app.desktop.places import Place
from app.desktop.theme import Theme
from app.desktop.views.answer_details import AnswerDetails
from app.desktop.views.buttons import make_button
from app.desktop.views.card import Card
from app.desktop.views.labels import make_label, set_role
from app.desktop.views.source_row import SourceRow
from app.desktop.wording import describe_place, plain_tooltip

QUIET_PADDING = 9
"""Pixels between a quiet button's border box and what is seen of it."""


def make_sentences_label(parent: QWidget | None = None) -> QLabel:
    """Make the label in which an answer is read; its links work with mouse and keyboard."""
    label = QLabel(parent)
    set_role(label, "reading")
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
    label.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    label.setOpenExternalLinks(False)
    return label


class AnswerView(QWidget):
    """Shows an :class:`agents.answer.Answer`, new or read from a conversation."""

    place_opened = Signal(object)
    closed_wanted = Signal()
    """The user wants the model's own answer after an abstention."""

    def __init__(self, answer: Answer, theme: Theme, parent: QWidget | None = None) -> None:
        """Build all parts that this answer has."""
        super().__init__(parent)
        self.answer = answer
        self.source_rows: list[SourceRow] = []
        self.details: AnswerDetails | None = None
        self._theme = theme
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(12)
        if answer.arm is Arm.CLOSED:
            self._add_warning()
        if answer.status is AnswerStatus.ABSTAINED:
            self._add_abstention()
        else:
            self._add_sentences()
        if answer.status is AnswerStatus.PARTIAL:
            self._layout.addWidget(
                make_label(self.tr("Stopped: this answer may be incomplete."), "chip", wraps=False),
                0,
                Qt.AlignmentFlag.AlignLeft,
            )
        self._add_sources()
        self._add_actions()

    def copy(self) -> None:
        """Put the answer with its sources on the clipboard."""
        QGuiApplication.clipboard().setText(render_plain(self.answer))
        self._copy.setText(self.tr("Copied"))
        set_icon(self._copy, "check", self._theme, color="success", size=16)

    def _add_warning(self) -> None:
        sentence = self.tr(
            "Not from your library. The model wrote this from memory; it has no source and may be wrong. "
            "Do not rely on it for the care of a patient."
        )
        self._layout.addWidget(Card(sentence, theme=self._theme, tone="warning", icon="warning"))

    def _add_abstention(self) -> None:
        card = Card(self.answer.answer, theme=self._theme)
        hint = self.tr("You could ask in other words, or add a document that treats it.")
        card.body.addWidget(make_label(hint, "muted"))
        if self.answer.nearest:
            card.body.addSpacing(8)
            card.body.addWidget(make_label(self.tr("What comes nearest"), "section"))
        for number, source in enumerate(self.answer.nearest, 1):
            preview = self.tr("Similarity {value}").format(value=f"{source.similarity:.2f}")
            card.body.addWidget(self._row(number, Place.of_source(source), preview))
        self._layout.addWidget(card)

    def _add_sentences(self) -> None:
        self.sentences = make_sentences_label()
        self.sentences.linkActivated.connect(self._open_link)
        self.sentences.linkHovered.connect(self._show_link)
        self._theme.follow(self.sentences, self._render)
        self._layout.addWidget(self.sentences)

    def _render(self) -> None:
        self.sentences.setText(render_sentences(self.answer.sentences, self._theme.tokens))

    def _add_sources(self) -> None:
        self._sources = [Place.of_source(citation) for citation in number_sources(self.answer.sentences)]
        if not self._sources:
            return
        self._layout.addWidget(make_label(self.tr("Sources"), "section"))
        rows = QVBoxLayout()
        rows.setSpacing(0)
        for citation, number in number_sources(self.answer.sentences).items():
            preview = (
                f"“{flatten(citation.quote)}”" if citation.quote else self.tr("Removed from the library")
            )
            rows.addWidget(self._row(number, self._sources[number - 1], preview))
        self._layout.addLayout(rows)

    def _row(self, number: int, place: Place, preview: str) -> SourceRow:
        row = SourceRow(number, place, preview)
        self.source_rows.append(row)
        row.opened.connect(self.place_opened)
        return row

    def _add_actions(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(4)
        row.setContentsMargins(-QUIET_PADDING, 0, 0, 0)
        self._copy = make_button(self.tr("Copy"), self.copy, "quiet")
        set_icon(self._copy, "copy", self._theme, color="muted", size=16)
        row.addWidget(self._copy)
        is_from_library = self.answer.arm is not Arm.CLOSED
        text = self.tr("Why these sources?") if is_from_library else self.tr("Details")
        self.details_button = make_button(text, self._toggle_details, "quiet")
        set_icon(self.details_button, "chevron-right", self._theme, color="muted", size=16)
        row.addWidget(self.details_button)
        if self.answer.status is AnswerStatus.ABSTAINED:
            row.addWidget(
                make_button(self.tr("Ask the model without the library"), self.closed_wanted.emit, "quiet")
            )
        row.addStretch()
        self._layout.addLayout(row)

    def _toggle_details(self) -> None:
        if self.details is None:
            self.details = AnswerDetails(self.answer)
            self.details.hide()
            self._layout.addWidget(self.details)
        self.details.setVisible(self.details.isHidden())
        icon = "chevron-right" if self.details.isHidden() else "chevron-down"
        set_icon(self.details_button, icon, self._theme, color="muted", size=16)

    def _open_link(self, link: str) -> None:
        number = link.removeprefix(CITATION_LINK)
        if number.isdigit() and 1 <= int(number) <= len(self._sources):
            self.place_opened.emit(self._sources[int(number) - 1])

    def _show_link(self, link: str) -> None:
        number = link.removeprefix(CITATION_LINK)
        place = self._sources[int(number) - 1] if number.isdigit() else None
        self.sentences.setToolTip(plain_tooltip(describe_place(place.title, place.page)) if place else "")
