"""The sentences of a finished answer with their citation marks and flags, or with what is copied in them."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QToolTip, QVBoxLayout, QWidget

from agents.answer import Answer
from agents.citations import number_sources
from app.desktop.answer_text import CITATION_LINK, FLAG_LINK, render_sentences
from app.desktop.copied import Copied
from app.desktop.copied_legend import describe_copied, render_legend
from app.desktop.flag_wording import describe_flag, explain_flag
from app.desktop.places import Place
from app.desktop.theme import Theme
from app.desktop.views.labels import make_label, set_role
from app.desktop.wording import describe_place, plain_tooltip


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


class AnswerSentences(QWidget):
    """One label with links, and the legend of what is copied under it."""

    place_opened = Signal(object)
    copied_wanted = Signal(object)
    """This widget wants to know what is copied; :meth:`show_copied` is told."""

    def __init__(self, answer: Answer, theme: Theme, parent: QWidget | None = None) -> None:
        """Show the sentences with their flags."""
        super().__init__(parent)
        self.answer = answer
        self._theme = theme
        self._places = [Place.of_source(citation) for citation in number_sources(answer.sentences)]
        self._copied: Copied | None = None
        self._shows_copies = False
        self.label = make_sentences_label()
        self.label.linkActivated.connect(self._open_link)
        self.label.linkHovered.connect(self._show_link)
        self.label.setAccessibleDescription(" ".join(describe_flag(flag) for flag in answer.flags))
        self.legend = make_label("", "small")
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.legend.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self.label)
        layout.addWidget(self.legend)
        theme.follow(self.label, self._render)

    def show_copies(self, *, is_on: bool) -> None:
        """Show what is copied, as soon as that is known, or the flags again."""
        self._shows_copies = is_on
        if is_on and self._copied is None:
            self.copied_wanted.emit(self)
        self._render()

    def show_copied(self, copied: Copied) -> None:
        """Take over what is copied."""
        self._copied = copied
        self._render()

    def _render(self) -> None:
        tokens = self._theme.tokens
        copied = self._copied if self._shows_copies else None
        runs = copied.runs if copied else None
        self.label.setText(render_sentences(self.answer.sentences, tokens, runs))
        self.legend.setVisible(copied is not None)
        if copied:
            self.legend.setText(render_legend(copied.pages, tokens))
            self.legend.setAccessibleDescription(describe_copied(copied))

    def _open_link(self, link: str) -> None:
        place = self._find_place(link)
        if place is not None:
            self.place_opened.emit(place)
        else:
            below = self.label.mapToGlobal(self.label.rect().bottomLeft())
            QToolTip.showText(below, self._explain(link), self.label)

    def _show_link(self, link: str) -> None:
        self.label.setToolTip(self._explain(link))

    def _explain(self, link: str) -> str:
        if link.startswith(FLAG_LINK):
            return plain_tooltip(explain_flag(link.removeprefix(FLAG_LINK)))
        place = self._find_place(link)
        return plain_tooltip(describe_place(place.title, place.page, place.year)) if place else ""

    def _find_place(self, link: str) -> Place | None:
        number = link.removeprefix(CITATION_LINK)
        return self._places[int(number) - 1] if number.isdigit() else None
