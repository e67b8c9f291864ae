"""A finished answer: its sentences with citation marks, its sources, and what can be done with it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from agents.answer import Answer, AnswerStatus, Arm
from app.desktop.answer_text import flatten, number_sources, render_plain
from app.desktop.icons import set_icon
from app.desktop.places import Place
from app.desktop.reasons import find_reasons
from app.desktop.step_wording import describe_search
from app.desktop.theme import Theme
from app.desktop.views.answer_details import AnswerDetails
from app.desktop.views.answer_sentences import AnswerSentences
from app.desktop.views.buttons import make_button
from app.desktop.views.card import Card
from app.desktop.views.conflict_card import ConflictCard
from app.desktop.views.labels import ElidedLabel, make_label
from app.desktop.views.source_row import SourceRow
from app.desktop.views.why_view import WhyView

QUIET_PADDING = 9
"""Pixels between a quiet button's border box and what is seen of it."""


class AnswerView(QWidget):
    """Shows an :class:`agents.answer.Answer`, new or read from a conversation."""

    place_opened = Signal(object)
    passage_opened = Signal(object)
    """A passage that was found is wanted: :class:`~app.desktop.reasons.Passage`."""
    unread_wanted = Signal(object)
    """A :class:`WhyView` wants to know which sentences were not read."""
    copied_wanted = Signal(object)
    """An :class:`AnswerSentences` wants to know what is copied."""
    closed_wanted = Signal()
    """The user wants the model's own answer after an abstention."""

    def __init__(self, answer: Answer, theme: Theme, parent: QWidget | None = None) -> None:
        """Build all parts that this answer has."""
        super().__init__(parent)
        self.answer = answer
        self.source_rows: list[SourceRow] = []
        self.details: AnswerDetails | WhyView | None = None
        self._reasons = find_reasons(answer)
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
            self._add_incomplete()
        self._add_conflicts()
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
        words = AnswerSentences(self.answer, self._theme)
        words.place_opened.connect(self.place_opened)
        words.copied_wanted.connect(self.copied_wanted)
        self.words = words
        self.sentences = words.label
        self._layout.addWidget(words)

    def _add_incomplete(self) -> None:
        if self.answer.is_cut or not self.answer.open_parts:
            sentence = (
                self.tr("Cut at the longest that an answer may be: there would have been more.")
                if self.answer.is_cut
                else self.tr("Stopped: this answer may be incomplete.")
            )
            label = make_label(sentence, "chip", wraps=False)
            self._layout.addWidget(label, 0, Qt.AlignmentFlag.AlignLeft)
        if not self.answer.open_parts:
            return
        card = Card(
            self.tr("The library holds no evidence for this part of the question:")
            if len(self.answer.open_parts) == 1
            else self.tr("The library holds no evidence for these parts of the question:"),
            theme=self._theme,
        )
        for part in self.answer.open_parts:
            card.body.addWidget(make_label(part, "strong"))
        self._layout.addWidget(card)

    def _add_conflicts(self) -> None:
        for conflict in self.answer.conflicts:
            card = ConflictCard(self.answer, conflict, self._theme)
            card.place_opened.connect(self.place_opened)
            self._layout.addWidget(card)

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
        if self._sources and self.answer.status is not AnswerStatus.ABSTAINED:
            row.addWidget(self._make_copied_button())
        if self.answer.status is AnswerStatus.ABSTAINED:
            row.addWidget(
                make_button(self.tr("Ask the model without the library"), self.closed_wanted.emit, "quiet")
            )
        self.summary = ElidedLabel(describe_search(self.answer, self._reasons), "small")
        self.summary.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.summary, 1)
        self._layout.addLayout(row)

    def _make_copied_button(self) -> QPushButton:
        self.copied_button = make_button(self.tr("What is copied"), self._toggle_copied, "quiet")
        self.copied_button.setCheckable(True)
        return self.copied_button

    def _toggle_copied(self) -> None:
        self.words.show_copies(is_on=self.copied_button.isChecked())

    def _toggle_details(self) -> None:
        if self.details is None:
            self.details = self._make_details()
            self.details.hide()
            self._layout.addWidget(self.details)
        self.details.setVisible(self.details.isHidden())
        icon = "chevron-right" if self.details.isHidden() else "chevron-down"
        set_icon(self.details_button, icon, self._theme, color="muted", size=16)

    def _make_details(self) -> AnswerDetails | WhyView:
        if self.answer.arm is Arm.CLOSED:
            return AnswerDetails(self.answer)
        why = WhyView(self.answer, self._reasons, self._theme)
        why.passage_opened.connect(self.passage_opened)
        why.unread_wanted.connect(self.unread_wanted)
        return why
