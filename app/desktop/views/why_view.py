"""Why an answer has these sources: what was searched for, what that found, and what became of it."""

from collections.abc import Iterator, Mapping, Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from agents.answer import Answer
from agents.citations import flatten
from app.desktop.flag_wording import name_flag
from app.desktop.reasons import Passage, Reasons, Search, Verdict
from app.desktop.theme import Theme
from app.desktop.views.answer_details import AnswerDetails
from app.desktop.views.disclosure import Disclosure
from app.desktop.views.labels import make_label
from app.desktop.views.passage_row import PassageRow
from app.desktop.wording import describe_place, plural


class WhyView(QFrame):
    """Tells it in the order in which it happened; the numbers are at the end, closed."""

    passage_opened = Signal(object)
    """The :class:`~app.desktop.reasons.Passage`."""
    unread_wanted = Signal(object)
    """This view wants to know which sentences were not read."""

    def __init__(self, answer: Answer, reasons: Reasons, theme: Theme, parent: QWidget | None = None) -> None:
        """Build it in parts, so that a long search does not hold the window."""
        super().__init__(parent)
        self.setObjectName("details")
        self._answer = answer
        self._reasons = reasons
        self.rows: list[PassageRow] = []
        self.numbers = Disclosure(self.tr("Numbers"), lambda: AnswerDetails(answer), theme)
        self.unread = Disclosure(self.tr("Which sentences were left out"), self._make_unread, theme, self)
        self.unread.hide()
        self._unread_texts = QVBoxLayout()
        self._unread_texts.setSpacing(8)
        self._told = QVBoxLayout()
        self._told.setSpacing(2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(12)
        layout.addLayout(self._told)
        layout.addWidget(self.numbers)
        self._parts = self._tell()
        self.is_complete = False
        self._add_next()

    def _add_next(self) -> None:
        if next(self._parts, "end") == "end":
            self.is_complete = True
        else:
            QTimer.singleShot(0, self, self._add_next)

    def _tell(self) -> Iterator[None]:
        """Add one part after the other."""
        reasons = self._reasons
        if reasons.standalone and not reasons.searches:
            self._add_heading(self.tr("Understood as"))
            self._told.addWidget(make_label(reasons.standalone))
        if reasons.surveyed:
            self._add_heading(self.tr("The whole document"))
            self._add_sentence(
                self.tr("All {n} passages of it were looked at, not only the best ones.").format(
                    n=reasons.surveyed
                )
            )
        for number, search in enumerate(reasons.searches, 1):
            yield from self._tell_search(number, search)
        if self._answer.open_parts:
            self._add_heading(self.tr("Without evidence"))
            for part in self._answer.open_parts:
                self._told.addWidget(make_label(part))
        yield
        if reasons.left_out:
            self._add_heading(
                self.tr("Found, but not read: no room for it, or far less likely than the rest")
            )
            yield from self._add_rows(reasons.left_out)
        if reasons.read_in_part:
            self._add_heading(self.tr("Read in part: its best sentences"))
            yield from self._add_rows(reasons.read_in_part)
        if self.passages_left_out:
            self._told.addWidget(self.unread)
            self.unread.show()
        self._tell_dropped()

    @property
    def passages_left_out(self) -> tuple[Passage, ...]:
        """Those of which not all was read, as far as the trace tells their sentences."""
        found = (*self._reasons.left_out, *self._reasons.read_in_part)
        return tuple(passage for passage in found if passage.unread)

    def show_unread(self, texts: Mapping[str, Sequence[str]]) -> None:
        """Show the sentences that were left out, by chunk."""
        for passage in self.passages_left_out:
            place = describe_place(passage.title, passage.page, passage.year)
            said = " … ".join(map(flatten, texts.get(passage.chunk, ())))
            self._unread_texts.addWidget(make_label(place, "small"))
            self._unread_texts.addWidget(
                make_label(said or self.tr("It does not stand in the library any more."), "muted")
            )

    def _make_unread(self) -> QWidget:
        place = QWidget()
        place.setLayout(self._unread_texts)
        self._unread_texts.setContentsMargins(24, 0, 0, 8)
        self.unread_wanted.emit(self)
        return place

    def _tell_search(self, number: int, search: Search) -> Iterator[None]:
        if number == 1 and self._reasons.standalone:  # it is the first query
            self._add_heading(self.tr("Understood as, and searched for"))
        elif number == 1:
            self._add_heading(self.tr("Searched for"))
        else:
            self._add_heading(self.tr("Searched again, from other angles"))
        for query in search.queries:
            self._told.addWidget(make_label(query.text))
            yield from self._add_rows(query.passages)
            if query.repeated:
                self._add_sentence(
                    plural(
                        query.repeated,
                        self.tr("{n} more says what was found already."),
                        self.tr("{n} more say what was found already."),
                    )
                )
            if not query.passages and not query.repeated and not search.removed:
                self._add_sentence(self.tr("Nothing was found."))
        if search.removed:
            self._add_sentence(
                plural(
                    search.removed,
                    self.tr("{n} passage was of a document that is no more in the library."),
                    self.tr("{n} passages were of documents that are no more in the library."),
                )
            )
        if search.verdict is not None:
            self._add_sentence(self._describe_verdict(search.verdict))

    def _describe_verdict(self, verdict: Verdict) -> str:
        sentence = (
            self.tr("Enough evidence: {n} % sure that it holds an answer, and {least} % are asked for.")
            if verdict.is_sufficient
            else self.tr("Not enough: {n} % sure that it holds an answer, and {least} % are asked for.")
        )
        return sentence.format(n=f"{100 * verdict.sufficiency:.0f}", least=f"{100 * verdict.threshold:.0f}")

    def _tell_dropped(self) -> None:
        reasons = self._reasons
        if not reasons.unverified and not reasons.dropped:
            return
        self._add_heading(self.tr("Dropped"))
        if reasons.unverified:
            self._add_sentence(
                plural(
                    reasons.unverified,
                    self.tr("{n} sentence, because it does not stand on its page word for word."),
                    self.tr("{n} sentences, because they do not stand on their pages word for word."),
                )
            )
        for kind in dict.fromkeys(reasons.dropped):
            self._add_sentence(
                self.tr("A sentence, because of its flag “{kind}”.").format(kind=name_flag(kind))
                if reasons.dropped.count(kind) == 1
                else self.tr("Sentences with {n} flags “{kind}”.").format(
                    n=reasons.dropped.count(kind), kind=name_flag(kind)
                )
            )

    def _add_rows(self, passages: Sequence[Passage]) -> Iterator[None]:
        for passage in passages:
            row = PassageRow(passage)
            row.opened.connect(self.passage_opened)
            self.rows.append(row)
            self._told.addWidget(row)
            if len(self.rows) % ROWS_A_TURN == 0:
                yield

    def _add_heading(self, text: str) -> None:
        if self._told.count():
            self._told.addSpacing(10)
        self._told.addWidget(make_label(text, "section"))

    def _add_sentence(self, text: str) -> None:
        self._told.addWidget(make_label(text, "muted"))


ROWS_A_TURN = 4
"""Rows that are built before other events get their turn."""
